//! Making functions, and returning from them.

use crate::op::Op;
use crate::version::Version;

use crate::verify::facts::Checks;
use crate::verify::fault::{Expected, Fault};
use crate::verify::flow::{Flow, Next};
use crate::verify::kinds::{Kinds, Slot};
use crate::verify::rule::Rule;

/// The attributes of a new function, as bits.
const DEFAULTS: u32 = 1;
const KWDEFAULTS: u32 = 2;
const ANNOTATIONS: u32 = 4;
const CLOSURE: u32 = 8;

impl Flow<'_> {
    /// Makes a function of a code object, which is incomplete while it lacks a closure that it needs.
    pub(super) fn make_function(&mut self, oparg: u32) -> Result<(), Fault> {
        let code = self.state.take(Kinds::OBJECT)?;
        if code.kinds != Kinds::CODE || code.detail == Slot::UNKNOWN {
            return Err(Fault::plain(
                Rule::FunctionCode,
                "found something that may be another object",
            ));
        }
        let function = if code.detail == 0 {
            Slot::new(Kinds::FUNCTION)
        } else {
            Slot::with(Kinds::OPEN, code.detail)
        };
        // Up to 3.12 the attributes lie below the code, the closure on top.
        let mut function = function;
        if self.version <= Version::V3_12 {
            for attribute in [CLOSURE, ANNOTATIONS, KWDEFAULTS, DEFAULTS] {
                if oparg & attribute != 0 {
                    function = self.set_attribute(attribute, function)?;
                }
            }
        }
        self.state.push(function)
    }

    /// 3.13 on: takes the function on top and the attribute below it, and leaves the function.
    pub(super) fn set_function_attribute(&mut self, attribute: u32) -> Result<(), Fault> {
        let function = self.state.take(Kinds::OBJECT.or(Kinds::OPEN))?;
        if !function.kinds.within(Kinds::FUNCTION.or(Kinds::OPEN)) {
            self.checks |= Checks::TYPE;
        }
        let function = self.set_attribute(attribute, function)?;
        self.state.push(function)
    }

    /// Takes an attribute for the function, and returns what that is with it.
    fn set_attribute(&mut self, attribute: u32, function: Slot) -> Result<Slot, Fault> {
        match attribute {
            CLOSURE => return self.set_closure(function),
            DEFAULTS => {
                self.expect_type(1, Kinds::ANY_TUPLE)?;
            }
            KWDEFAULTS => {
                self.expect_type(1, Kinds::DICT)?;
            }
            ANNOTATIONS => {
                self.expect_type(1, Kinds::ANY_TUPLE.or(Kinds::DICT))?;
            }
            _ => {}
        }
        self.state.take_objects(1)?;
        Ok(function)
    }

    /// Completes a function with its cells; that it is given as many as it needs is left to a check at run time where
    /// nothing is known of them.
    fn set_closure(&mut self, function: Slot) -> Result<Slot, Fault> {
        let closure = self.expect_type(1, Kinds::CELLS)?;
        self.state.take_objects(1)?;
        if function.kinds != Kinds::OPEN || function.detail == Slot::UNKNOWN {
            let what = "found a closure for a function that needs none, or may not need one";
            return Err(Fault::plain(Rule::Closure, what));
        }
        let is_tuple = closure.kinds.within(Kinds::ANY_TUPLE) && closure.detail != Slot::UNKNOWN;
        if is_tuple && closure.detail != function.detail {
            let expected = Expected::Exactly(function.detail);
            return Err(Fault::count(
                Rule::Closure,
                i64::from(closure.detail),
                expected,
            ));
        }
        if closure.kinds.within(Kinds::CELLS) && closure.detail != function.detail {
            self.checks |= Checks::TYPE;
        }
        Ok(Slot::new(Kinds::FUNCTION))
    }

    pub(super) fn return_value(&mut self, op: Op) -> Result<Next, Fault> {
        if op == Op::ReturnValue {
            self.state.take_objects(1)?;
        }
        if self.state.depth() != 0 {
            let found = self.state.depth() as i64;
            return Err(Fault::count(Rule::ReturnDepth, found, Expected::Exactly(0)));
        }
        Ok(Next::Ends)
    }
}
