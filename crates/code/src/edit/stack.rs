//! How deep the value stack gets: a walk over everything that can be executed, by `dis.stack_effect`.

use alloc::vec;
use alloc::vec::Vec;

use super::assemble::Labels;
use super::{Argument, Assembly, Element, Statement, fail};
use crate::error::{Error, ErrorKind};
use crate::op::Op;
use crate::version::Version;

/// The stack depth before each statement of an assembly, and the greatest of all.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StackDepth {
    before: Vec<Option<u32>>,
    greatest: u32,
}

impl StackDepth {
    /// Computes the depths.
    ///
    /// # Errors
    /// [`ErrorKind::StackDepth`] where an instruction takes more than there is, or execution comes to one place
    /// with different depths; [`ErrorKind::LabelPlaces`] where a label is nowhere.
    pub fn of(assembly: &Assembly) -> Result<Self, Error> {
        Walk::new(assembly)?.run()
    }

    /// The depth before the statement of that number; `None` if it is never executed.
    #[must_use]
    pub fn before(&self, statement: usize) -> Option<u32> {
        self.before.get(statement).copied().flatten()
    }

    /// The greatest depth: the least `co_stacksize` that is enough by `dis.stack_effect`; from 3.13 on at least 1.
    #[must_use]
    pub fn needed(&self) -> u32 {
        self.greatest
    }
}

struct Walk<'a> {
    assembly: &'a Assembly,
    labels: Labels,
    /// The statements, each with its place among the elements.
    statements: Vec<(usize, &'a Statement)>,
    /// The exception region of each statement.
    handlers: Vec<Option<usize>>,
    before: Vec<Option<u32>>,
    pending: Vec<usize>,
    greatest: u32,
}

impl<'a> Walk<'a> {
    fn new(assembly: &'a Assembly) -> Result<Self, Error> {
        let labels = Labels::of(assembly)?;
        let elements = assembly.elements.iter().enumerate();
        let statements = elements
            .filter_map(|(index, element)| match element {
                Element::Statement(statement) => Some((index, statement)),
                Element::Label(_) => None,
            })
            .collect::<Vec<_>>();
        let mut handlers = vec![None; statements.len()];
        for (index, region) in assembly.regions.iter().enumerate().rev() {
            let (start, end) = (labels.place(region.start), labels.place(region.end));
            if let Some(covered) = handlers.get_mut(start.unwrap_or(0)..end.unwrap_or(0)) {
                covered.fill(Some(index));
            }
        }
        let before = vec![None; statements.len()];
        Ok(Walk {
            assembly,
            labels,
            statements,
            handlers,
            before,
            pending: vec![],
            greatest: 0,
        })
    }

    fn run(mut self) -> Result<StackDepth, Error> {
        self.reach(0, 0, 0)?;
        while let Some(at) = self.pending.pop() {
            self.step(at)?;
        }
        let least = u32::from(self.assembly.version() >= Version::V3_13);
        Ok(StackDepth {
            before: self.before,
            greatest: self.greatest.max(least),
        })
    }

    /// Notes that execution comes to a statement with that depth, from the one numbered `from`.
    fn reach(&mut self, at: usize, depth: u32, from: usize) -> Result<(), Error> {
        self.greatest = self.greatest.max(depth);
        match self.before.get_mut(at) {
            None => Ok(()),
            Some(known @ None) => {
                *known = Some(depth);
                self.pending.push(at);
                Ok(())
            }
            Some(Some(known)) if *known == depth => Ok(()),
            Some(Some(_)) => Err(self.wrong(from)),
        }
    }

    fn wrong(&self, at: usize) -> Error {
        let (element, statement) = self.statements[at];
        fail(ErrorKind::StackDepth(statement.op), element)
    }

    fn step(&mut self, at: usize) -> Result<(), Error> {
        let (element, statement) = self.statements[at];
        let info = self.assembly.info(statement.op, element)?;
        let depth = i64::from(self.before[at].unwrap_or(0));
        let oparg = match statement.argument {
            Argument::Number(oparg) => oparg,
            // No effect depends on how far a jump leads.
            Argument::Target(_) => 0,
        };
        let after = |jump| {
            let mut effect = info.stack_effect(oparg, jump).unwrap_or(0);
            // Up to 3.12 the value with which a generator is first resumed is not in CPython's tables.
            if statement.op == Op::ReturnGenerator && self.assembly.version() < Version::V3_13 {
                effect = 1;
            }
            u32::try_from(depth + effect).ok()
        };
        if let Some(popped) = info.popped
            && popped.count(oparg) > depth
            && self.handlers[at].is_none()
        {
            return Err(self.wrong(at));
        }
        if let Argument::Target(label) = statement.argument
            && statement.op != Op::EndAsyncFor
        {
            let missing = || fail(ErrorKind::LabelPlaces(label.0, 0), element);
            let place = self.labels.place(label).ok_or_else(missing)?;
            let after = after(true).ok_or_else(|| self.wrong(at))?;
            self.reach(place, after, at)?;
        }
        if let Some(region) = self.handlers[at].map(|handler| self.assembly.regions[handler]) {
            let missing = || fail(ErrorKind::LabelPlaces(region.target.0, 0), element);
            let place = self.labels.place(region.target).ok_or_else(missing)?;
            self.reach(place, region.depth + u32::from(region.lasti) + 1, at)?;
        }
        if !ends(statement.op) {
            let after = after(false).ok_or_else(|| self.wrong(at))?;
            self.reach(at + 1, after, at)?;
        }
        Ok(())
    }
}

/// Whether the statement after one is not executed after it.
pub(crate) fn ends(op: Op) -> bool {
    matches!(
        op,
        Op::ReturnValue
            | Op::ReturnConst
            | Op::RaiseVarargs
            | Op::Reraise
            | Op::JumpForward
            | Op::JumpBackward
            | Op::JumpBackwardNoInterrupt
            | Op::InterpreterExit
    )
}
