//! The verifier: proves, before anything runs, that bytecode keeps what an interpreter takes for granted.
//!
//! It decodes a code object ([`program`]), checks every argument ([`argument`]) and the exception table, and
//! then follows every path ([`flow`]) with what is known of each stack slot and local variable ([`state`]). The rules,
//! and what would happen without each, are in `docs/verifier.md`.
//!
//! Invariants: nothing here panics or recurses on any code object; time and memory are linear in its size
//! ([`Rule::Effort`]); what CPython's compiler writes is accepted.

mod argument;
mod callee;
mod error;
mod facts;
mod fault;
mod flow;
mod header;
mod kinds;
mod leaders;
mod opcode;
mod program;
pub(crate) mod properties;
mod rule;
mod state;
mod step;
#[cfg(test)]
mod tests;
mod verified;
mod walk;

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

use crate::code_object::CodeObject;
use crate::constant::Constant;

pub use error::VerifyError;
pub use facts::{Checks, Facts};
pub use rule::Rule;
pub use verified::Verified;

use fault::Fault;
use flow::Flow;
use kinds::{Kinds, Slot};
use leaders::Leaders;
use program::{Program, Refusal};
use state::State;

/// How deep code objects may be nested.
const MAX_NESTING: usize = 500;

/// Up to how many parts a constant is as well looked at as looked up.
const SMALL: usize = 16;

/// Verifies a code object of 3.11 to 3.15, and every code object below it.
///
/// ```
/// use pyco_code::{CodeObject, Rule, Version, verify};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let mut marshalled = include_bytes!("../../tests/data/closure.3.13.marshal").to_vec();
/// let code = CodeObject::from_marshal(Version::V3_13, &marshalled, 0)?;
/// let verified = verify(&code)?;
/// assert!(!verified.facts().needs_bound_check(0));
///
/// // RESUME 0 becomes POP_TOP.
/// let at = marshalled.windows(2).position(|unit| unit == [149, 0]).expect("there is a RESUME");
/// marshalled[at] = 32;
/// let code = CodeObject::from_marshal(Version::V3_13, &marshalled, 0)?;
/// let error = verify(&code).unwrap_err();
/// assert_eq!(error.rule(), Rule::StackUnderflow);
/// assert_eq!(
///     error.to_string(),
///     "refused: function '<module>', offset 0x0, POP_TOP: found 0, expected at least 1 \
///      (no instruction takes more from the stack than is there)",
/// );
/// # Ok(())
/// # }
/// ```
///
/// # Errors
/// The first rule found broken, in the code object itself or in one below it.
pub fn verify(code: &CodeObject) -> Result<Verified<CodeObject>, VerifyError> {
    let mut verifier = Verifier::default();
    let mut above = Vec::new();
    let mut open = verifier.enter(code.clone(), 0)?;
    loop {
        if let Some(child) = open.next_child(&verifier.done) {
            above.push(open);
            open = verifier.enter(child, above.len())?;
            continue;
        }
        let id = open.code.id();
        let verified = Verified::new(open.code, open.facts, open.children.into());
        let Some(parent) = above.pop() else {
            return Ok(verified);
        };
        verifier.done.insert(id, verified);
        open = parent;
    }
}

/// A code object whose own bytecode is verified, and whose children are being.
struct Open {
    code: CodeObject,
    facts: Facts,
    children: Vec<(u32, Verified<CodeObject>)>,
    /// The next constant to look at.
    next: usize,
}

impl Open {
    /// Collects children that are verified, up to the next that is not.
    fn next_child(&mut self, done: &BTreeMap<usize, Verified<CodeObject>>) -> Option<CodeObject> {
        while let Some(constant) = self.code.consts().get(self.next) {
            if let Constant::Code(child) = constant {
                match done.get(&child.id()) {
                    Some(verified) => self.children.push((self.next as u32, verified.clone())),
                    None => return Some(child.clone()),
                }
            }
            self.next += 1;
        }
        None
    }
}

/// What is kept from one code object to the next.
#[derive(Default)]
struct Verifier {
    program: Program,
    state: State,
    leaders: Leaders,
    consts: Vec<Slot>,
    /// The code objects verified with all below them, by identity.
    done: BTreeMap<usize, Verified<CodeObject>>,
    /// The containers known to hold no code object, by address.
    plain: BTreeSet<usize>,
    /// What large constants are, by address.
    large: BTreeMap<usize, Slot>,
}

impl Verifier {
    /// Verifies a code object's own bytecode.
    fn enter(&mut self, code: CodeObject, depth: usize) -> Result<Open, VerifyError> {
        match self.check(&code, depth) {
            Ok(facts) => Ok(Open {
                code,
                facts,
                children: Vec::with_capacity(
                    self.consts
                        .iter()
                        .filter(|slot| slot.kinds == Kinds::CODE)
                        .count(),
                ),
                next: 0,
            }),
            Err(refusal) => Err(VerifyError::new(&code, refusal)),
        }
    }

    fn check(&mut self, code: &CodeObject, depth: usize) -> Result<Facts, Refusal> {
        if depth >= MAX_NESTING {
            return Err(Fault::plain(Rule::NestedDepth, "found one within 500 others").into());
        }
        header::check(code)?;
        self.consts.clear();
        for constant in code.consts() {
            let slot = self.look_at(code, constant)?;
            self.consts.push(slot);
        }
        self.program.decode(code)?;
        let Verifier {
            program,
            state,
            leaders,
            consts,
            ..
        } = self;
        Flow::new(code, program, consts, state, leaders).run()
    }

    /// What a constant is, as a stack slot.
    fn look_at(&mut self, code: &CodeObject, constant: &Constant) -> Result<Slot, Fault> {
        // What is large and shared is looked at once.
        let large = match constant {
            Constant::Tuple(items) if items.len() > SMALL => Some(items.as_ptr() as usize),
            Constant::Code(child) if child.localspluskinds().len() > SMALL => Some(child.id()),
            _ => None,
        };
        if let Some(slot) = large.and_then(|address| self.large.get(&address)) {
            return Ok(*slot);
        }
        let slot = self.classify(code, constant)?;
        if let Some(address) = large {
            self.large.insert(address, slot);
        }
        Ok(slot)
    }

    fn classify(&mut self, code: &CodeObject, constant: &Constant) -> Result<Slot, Fault> {
        match constant {
            Constant::Bool(_) => Ok(Slot::new(Kinds::BOOL)),
            Constant::Code(child) => {
                if child.version() != code.version() {
                    let what = "found one of another version";
                    return Err(Fault::plain(Rule::NestedVersion, what));
                }
                Ok(Slot::with(Kinds::CODE, child.freevars().count() as u32))
            }
            Constant::Tuple(items) => {
                let are_names = items.iter().all(|item| matches!(item, Constant::Str(_)));
                if !are_names && !items.iter().all(is_leaf) {
                    self.refuse_code_within(constant)?;
                }
                let kinds = if are_names {
                    Kinds::NAMES
                } else {
                    Kinds::TUPLE
                };
                Ok(Slot::with(kinds, items.len() as u32))
            }
            _ => {
                if !is_leaf(constant) {
                    self.refuse_code_within(constant)?;
                }
                Ok(Slot::new(Kinds::ANY))
            }
        }
    }

    /// Refuses a container with a code object in it, however deep.
    fn refuse_code_within(&mut self, constant: &Constant) -> Result<(), Fault> {
        let mut pending = Vec::new();
        self.open(constant, &mut pending);
        while let Some(constant) = pending.pop() {
            if matches!(constant, Constant::Code(_)) {
                return Err(Fault::plain(Rule::NestedPlace, "found one in a container"));
            }
            self.open(constant, &mut pending);
        }
        Ok(())
    }

    /// Adds the parts of a container that was not looked at before.
    fn open<'a>(&mut self, constant: &'a Constant, pending: &mut Vec<&'a Constant>) {
        let items = match constant {
            Constant::Tuple(items)
            | Constant::FrozenSet(items)
            | Constant::List(items)
            | Constant::Set(items) => &items[..],
            Constant::Slice(parts) => &parts[..],
            Constant::Dict(pairs) | Constant::FrozenDict(pairs) => {
                if self.is_new(pairs) {
                    pending.extend(pairs.iter().flat_map(|(key, value)| [key, value]));
                }
                return;
            }
            _ => return,
        };
        if self.is_new(items) {
            pending.extend(items);
        }
    }

    /// Whether a container, of these parts, was not looked at before. Empty ones may lie in one place.
    fn is_new<T>(&mut self, parts: &[T]) -> bool {
        !parts.is_empty() && self.plain.insert(parts.as_ptr() as usize)
    }
}

/// Whether a constant has no parts that could be code objects, and is none.
fn is_leaf(constant: &Constant) -> bool {
    matches!(
        constant,
        Constant::None
            | Constant::Ellipsis
            | Constant::Bool(_)
            | Constant::Int(_)
            | Constant::Float(_)
            | Constant::Str(_)
            | Constant::Bytes(_)
    )
}
