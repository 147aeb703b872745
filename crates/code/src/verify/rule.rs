//! [`Rule`]: what verified code obeys.
//!
//! Invariant: each rule has one line here, its harm in `docs/verifier.md`, and a test that shows it refusing.

use core::fmt;

/// A rule that a code object broke.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
#[allow(missing_docs)] // The text of each is in `Rule::text`.
pub enum Rule {
    Version,
    CodeLength,
    Arguments,
    LocalKinds,
    GeneratorFlags,
    Opcode,
    Truncated,
    CacheContent,
    ExtendedArg,
    JumpTarget,
    FallsOffEnd,
    ConstIndex,
    NameIndex,
    LocalIndex,
    CellIndex,
    FreeVariables,
    Argument,
    CallShape,
    LoopShape,
    YieldShape,
    StackUnderflow,
    StackOverflow,
    StackMismatch,
    StackKind,
    ReturnDepth,
    ExceptionEntry,
    ExceptionRange,
    ExceptionTarget,
    ExceptionDepth,
    GeneratorState,
    FunctionCode,
    Closure,
    NestedPlace,
    NestedVersion,
    NestedDepth,
    Effort,
}

impl Rule {
    /// Every rule, in the order of `docs/verifier.md`.
    pub const ALL: [Rule; 36] = [
        Rule::Version,
        Rule::CodeLength,
        Rule::Arguments,
        Rule::LocalKinds,
        Rule::GeneratorFlags,
        Rule::Opcode,
        Rule::Truncated,
        Rule::CacheContent,
        Rule::ExtendedArg,
        Rule::JumpTarget,
        Rule::FallsOffEnd,
        Rule::ConstIndex,
        Rule::NameIndex,
        Rule::LocalIndex,
        Rule::CellIndex,
        Rule::FreeVariables,
        Rule::Argument,
        Rule::CallShape,
        Rule::LoopShape,
        Rule::YieldShape,
        Rule::StackUnderflow,
        Rule::StackOverflow,
        Rule::StackMismatch,
        Rule::StackKind,
        Rule::ReturnDepth,
        Rule::ExceptionEntry,
        Rule::ExceptionRange,
        Rule::ExceptionTarget,
        Rule::ExceptionDepth,
        Rule::GeneratorState,
        Rule::FunctionCode,
        Rule::Closure,
        Rule::NestedPlace,
        Rule::NestedVersion,
        Rule::NestedDepth,
        Rule::Effort,
    ];

    /// The rule in one line.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Rule::Version => "code can be verified from CPython 3.11 on",
            Rule::CodeLength => "bytecode is a whole number of code units, at least one",
            Rule::Arguments => {
                "arguments are counted consistently and are the first local variables"
            }
            Rule::LocalKinds => {
                "each localsplus slot is a local, a cell, both or free, free ones last"
            }
            Rule::GeneratorFlags => {
                "a generator's code has exactly one of the three generator flags"
            }
            Rule::Opcode => "every opcode is one that CPython's compiler can write",
            Rule::Truncated => "no instruction or inline cache is cut off",
            Rule::CacheContent => "inline caches are zero",
            Rule::ExtendedArg => {
                "at most three EXTENDED_ARG precede an instruction, for an argument below 2^31"
            }
            Rule::JumpTarget => "every jump leads to the start of an instruction",
            Rule::FallsOffEnd => "no path runs beyond the last instruction",
            Rule::ConstIndex => "constant indexes are in range",
            Rule::NameIndex => "name indexes are in range",
            Rule::LocalIndex => "local variable indexes are in range",
            Rule::CellIndex => "cell instructions name slots that are cells or free variables",
            Rule::FreeVariables => "COPY_FREE_VARS copies all free variables",
            Rule::Argument => "arguments have a value that the instruction knows",
            Rule::CallShape => {
                "KW_NAMES and PRECALL stand right before the call that they belong to"
            }
            Rule::LoopShape => "FOR_ITER leads to an END_FOR",
            Rule::YieldShape => "YIELD_VALUE is followed by its RESUME",
            Rule::StackUnderflow => "no instruction takes more from the stack than is there",
            Rule::StackOverflow => "the stack never grows beyond co_stacksize",
            Rule::StackMismatch => "all paths to an instruction bring the same stack depth",
            Rule::StackKind => {
                "no instruction takes NULL or an internal value for an object, or the reverse"
            }
            Rule::ReturnDepth => "a return leaves the stack empty",
            Rule::ExceptionEntry => "the exception table is well formed",
            Rule::ExceptionRange => {
                "exception ranges are sorted, apart, and begin and end at instructions"
            }
            Rule::ExceptionTarget => "exception handlers start at an instruction",
            Rule::ExceptionDepth => {
                "what a handler keeps of the stack is there whenever it is entered"
            }
            Rule::GeneratorState => "a frame becomes a generator once, and yields only after that",
            Rule::FunctionCode => "MAKE_FUNCTION takes a code object of the constants",
            Rule::Closure => {
                "a function gets a closure with as many cells as its code has free variables"
            }
            Rule::NestedPlace => "code objects among the constants stand there directly",
            Rule::NestedVersion => "nested code objects are of the same version",
            Rule::NestedDepth => "code objects are nested at most 500 deep",
            Rule::Effort => "verifying takes no more work than the code's size justifies",
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}
