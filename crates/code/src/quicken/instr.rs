//! [`Instr`]: the instructions that an interpreter executes, one numbering for the code of every version.
//!
//! Where one opcode name means different things in different versions, the meanings are different instructions
//! here, or the argument is brought into one form (see each instruction). Names follow CPython's opcodes and specialised
//! opcodes where they do the same.

use crate::{Op, Version};

macro_rules! instructions {
    ($($(#[$doc:meta])* $name:ident = $text:literal,)*) => {
        /// An executable instruction.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
        #[repr(u16)]
        pub enum Instr {
            $($(#[$doc])* #[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Instr {
            /// All instructions, by number.
            pub const ALL: &'static [Instr] = &[$(Instr::$name,)*];

            /// The name in capitals, as CPython spells opcodes.
            pub const fn name(self) -> &'static str {
                const NAMES: &[&str] = &[$($text,)*];
                NAMES[self as usize]
            }
        }
    };
}

instructions! {
    Nop = "NOP",
    /// Nothing, behind a conditional jump that was not taken.
    NotTaken = "NOT_TAKEN",
    /// Nothing: CALL does what PRECALL begins.
    Precall = "PRECALL",
    /// Nothing: [`Instr::CallKwNames`] knows the names.
    KwNames = "KW_NAMES",
    /// Nothing: its value is folded into the instruction after it.
    ExtendedArg = "EXTENDED_ARG",
    PopTop = "POP_TOP",
    PushNull = "PUSH_NULL",
    /// Pushes the argth item from the top, 1 being the top.
    Copy = "COPY",
    /// Exchanges the top with the argth item.
    Swap = "SWAP",

    LoadFast = "LOAD_FAST",
    /// Raises UnboundLocalError for an unbound local.
    LoadFastCheck = "LOAD_FAST_CHECK",
    /// The same in place of a LOAD_FAST whose local the verifier could not prove bound.
    LoadFastUnproved = "LOAD_FAST_UNPROVED",
    /// What the local keeps alive until it is used. The same as LOAD_FAST.
    LoadFastBorrow = "LOAD_FAST_BORROW",
    /// The same, checked.
    LoadFastBorrowUnproved = "LOAD_FAST_BORROW_UNPROVED",
    /// Pushes a cell, of which the verifier may not have proved that it is there.
    LoadClosure = "LOAD_CLOSURE",
    /// Pushes NULL for an unbound local, and unbinds it.
    LoadFastAndClear = "LOAD_FAST_AND_CLEAR",
    /// Two locals: the low and the high half of the argument.
    LoadFastLoadFast = "LOAD_FAST_LOAD_FAST",
    /// The same, checked.
    LoadFastLoadFastCheck = "LOAD_FAST_LOAD_FAST_CHECK",
    LoadFastBorrowLoadFastBorrow = "LOAD_FAST_BORROW_LOAD_FAST_BORROW",
    LoadFastBorrowLoadFastBorrowCheck = "LOAD_FAST_BORROW_LOAD_FAST_BORROW_CHECK",
    StoreFast = "STORE_FAST",
    /// Stores to the low half, loads the high half.
    StoreFastLoadFast = "STORE_FAST_LOAD_FAST",
    /// The same, the load checked.
    StoreFastLoadFastCheck = "STORE_FAST_LOAD_FAST_CHECK",
    /// Stores the top to the low half, the next to the high half.
    StoreFastStoreFast = "STORE_FAST_STORE_FAST",
    DeleteFast = "DELETE_FAST",
    LoadConst = "LOAD_CONST",
    LoadSmallInt = "LOAD_SMALL_INT",
    /// The argument is the place in [`COMMON_CONSTANTS`](super::COMMON_CONSTANTS).
    LoadCommonConstant = "LOAD_COMMON_CONSTANT",
    ReturnConst = "RETURN_CONST",
    ReturnValue = "RETURN_VALUE",

    LoadName = "LOAD_NAME",
    StoreName = "STORE_NAME",
    DeleteName = "DELETE_NAME",
    LoadGlobal = "LOAD_GLOBAL",
    /// LOAD_GLOBAL, then PUSH_NULL. Whatever the version, the callable of a call comes first and NULL or `self` second.
    LoadGlobalNull = "LOAD_GLOBAL_NULL",
    /// NULL first, not for a call of what is loaded.
    LoadNullGlobal = "LOAD_NULL_GLOBAL",
    StoreGlobal = "STORE_GLOBAL",
    DeleteGlobal = "DELETE_GLOBAL",
    LoadLocals = "LOAD_LOCALS",
    LoadFromDictOrGlobals = "LOAD_FROM_DICT_OR_GLOBALS",
    LoadFromDictOrDeref = "LOAD_FROM_DICT_OR_DEREF",
    /// The same with the frame's namespace.
    LoadClassderef = "LOAD_CLASSDEREF",
    LoadBuildClass = "LOAD_BUILD_CLASS",
    LoadAssertionError = "LOAD_ASSERTION_ERROR",
    SetupAnnotations = "SETUP_ANNOTATIONS",

    MakeCell = "MAKE_CELL",
    CopyFreeVars = "COPY_FREE_VARS",
    LoadDeref = "LOAD_DEREF",
    StoreDeref = "STORE_DEREF",
    DeleteDeref = "DELETE_DEREF",

    LoadAttr = "LOAD_ATTR",
    /// Pushes a method and its instance, or the attribute and NULL.
    LoadMethod = "LOAD_METHOD",
    StoreAttr = "STORE_ATTR",
    DeleteAttr = "DELETE_ATTR",
    /// The argument is the name's index times two, plus one for the two-argument form of `super`.
    LoadSuperAttr = "LOAD_SUPER_ATTR",
    /// The same as a method load.
    LoadSuperMethod = "LOAD_SUPER_METHOD",

    UnaryNegative = "UNARY_NEGATIVE",
    UnaryInvert = "UNARY_INVERT",
    UnaryNot = "UNARY_NOT",
    ToBool = "TO_BOOL",
    /// The argument is the operator, 0 to 12.
    BinaryOp = "BINARY_OP",
    /// The same for the augmented assignment.
    InPlaceOp = "INPLACE_OP",
    BinarySubscr = "BINARY_SUBSCR",
    StoreSubscr = "STORE_SUBSCR",
    DeleteSubscr = "DELETE_SUBSCR",
    BinarySlice = "BINARY_SLICE",
    StoreSlice = "STORE_SLICE",
    /// The argument is the comparison, 0 to 5, and [`COMPARE_TO_BOOL`](super::COMPARE_TO_BOOL).
    CompareOp = "COMPARE_OP",
    /// 1: not in.
    ContainsOp = "CONTAINS_OP",
    /// 1: is not.
    IsOp = "IS_OP",

    BuildTuple = "BUILD_TUPLE",
    BuildList = "BUILD_LIST",
    BuildSet = "BUILD_SET",
    BuildMap = "BUILD_MAP",
    BuildConstKeyMap = "BUILD_CONST_KEY_MAP",
    BuildString = "BUILD_STRING",
    BuildSlice = "BUILD_SLICE",
    ListAppend = "LIST_APPEND",
    SetAdd = "SET_ADD",
    MapAdd = "MAP_ADD",
    ListExtend = "LIST_EXTEND",
    SetUpdate = "SET_UPDATE",
    DictUpdate = "DICT_UPDATE",
    DictMerge = "DICT_MERGE",
    UnpackSequence = "UNPACK_SEQUENCE",
    /// The low byte counts the items before, the rest those after.
    UnpackEx = "UNPACK_EX",
    FormatSimple = "FORMAT_SIMPLE",
    FormatWithSpec = "FORMAT_WITH_SPEC",
    /// 1 str, 2 repr, 3 ascii.
    ConvertValue = "CONVERT_VALUE",
    /// The low two bits are those of CONVERT_VALUE, 4 says that there is a format specification.
    FormatValue = "FORMAT_VALUE",
    /// 1: with a format specification; the conversion from bit 2 on.
    BuildInterpolation = "BUILD_INTERPOLATION",
    BuildTemplate = "BUILD_TEMPLATE",

    /// A jump's argument is the signed distance in units from the instruction's own first unit.
    Jump = "JUMP",
    /// A jump back, where the interpreter looks for signals and limits.
    JumpBackward = "JUMP_BACKWARD",
    /// The same where it does not.
    JumpBackwardNoInterrupt = "JUMP_BACKWARD_NO_INTERRUPT",
    /// On a bool; of another type if the verifier could not prove one.
    PopJumpIfFalse = "POP_JUMP_IF_FALSE",
    PopJumpIfTrue = "POP_JUMP_IF_TRUE",
    PopJumpIfNone = "POP_JUMP_IF_NONE",
    PopJumpIfNotNone = "POP_JUMP_IF_NOT_NONE",
    /// As JUMP_BACKWARD: limits are looked at.
    PopJumpBackwardIfFalse = "POP_JUMP_BACKWARD_IF_FALSE",
    PopJumpBackwardIfTrue = "POP_JUMP_BACKWARD_IF_TRUE",
    PopJumpBackwardIfNone = "POP_JUMP_BACKWARD_IF_NONE",
    PopJumpBackwardIfNotNone = "POP_JUMP_BACKWARD_IF_NOT_NONE",
    JumpIfFalseOrPop = "JUMP_IF_FALSE_OR_POP",
    JumpIfTrueOrPop = "JUMP_IF_TRUE_OR_POP",
    GetIter = "GET_ITER",
    /// Leaves NULL above the iterator, as the next two.
    GetIterPair = "GET_ITER_PAIR",
    GetYieldFromIterPair = "GET_YIELD_FROM_ITER_PAIR",
    /// At the end of the iteration goes on one unit behind the distance in the argument, which has flags below: see
    /// [`END_POPS`](super::END_POPS), [`TWO_SLOTS`](super::TWO_SLOTS), [`LOOP_SHIFT`](super::LOOP_SHIFT).
    ForIter = "FOR_ITER",
    EndFor = "END_FOR",
    /// Takes two from the stack.
    EndForPair = "END_FOR_PAIR",
    PopIter = "POP_ITER",
    /// Takes the iterator and the NULL above it.
    PopIterPair = "POP_ITER_PAIR",

    GetLen = "GET_LEN",
    MatchMapping = "MATCH_MAPPING",
    MatchSequence = "MATCH_SEQUENCE",
    MatchKeys = "MATCH_KEYS",
    MatchClass = "MATCH_CLASS",

    Call = "CALL",
    CallKw = "CALL_KW",
    /// The callable may be second, with NULL below it.
    CallNullFirst = "CALL_NULL_FIRST",
    /// The names are the constant whose index is in the first cache unit. As to the callable, the same as CALL_NULL_FIRST.
    CallKwNames = "CALL_KW_NAMES",
    /// 1: with a slot for keyword arguments, which may be NULL.
    CallFunctionEx = "CALL_FUNCTION_EX",
    CallIntrinsic1 = "CALL_INTRINSIC_1",
    CallIntrinsic2 = "CALL_INTRINSIC_2",
    MakeFunction = "MAKE_FUNCTION",
    /// The argument says which attributes lie below the code object: 1 defaults, 2 keyword defaults, 4 annotations, 8 closure.
    MakeFunctionWith = "MAKE_FUNCTION_WITH",
    SetFunctionAttribute = "SET_FUNCTION_ATTRIBUTE",
    ImportName = "IMPORT_NAME",
    /// Lazy by the program's own wish.
    ImportNameLazy = "IMPORT_NAME_LAZY",
    /// Never lazy, where 3.15's plain one may be.
    ImportNameEager = "IMPORT_NAME_EAGER",
    ImportFrom = "IMPORT_FROM",
    /// As the intrinsic function, but leaves nothing.
    ImportStar = "IMPORT_STAR",
    PrintExpr = "PRINT_EXPR",

    RaiseVarargs = "RAISE_VARARGS",
    Reraise = "RERAISE",
    PushExcInfo = "PUSH_EXC_INFO",
    PopExcept = "POP_EXCEPT",
    CheckExcMatch = "CHECK_EXC_MATCH",
    CheckEgMatch = "CHECK_EG_MATCH",
    BeforeWith = "BEFORE_WITH",
    BeforeAsyncWith = "BEFORE_ASYNC_WITH",
    /// The exit function is the fourth item from the top.
    WithExceptStart = "WITH_EXCEPT_START",
    /// The exit function is the fifth, its `self` or NULL the fourth.
    WithExceptStartSelf = "WITH_EXCEPT_START_SELF",
    /// Pushes a method of the type and its instance, or what a descriptor gave and NULL. The argument is the method:
    /// 0 `__enter__`, 1 `__exit__`, 2 `__aenter__`, 3 `__aexit__`.
    LoadSpecial = "LOAD_SPECIAL",

    ReturnGenerator = "RETURN_GENERATOR",
    YieldValue = "YIELD_VALUE",
    /// See [`RESUME_PLACE`](super::RESUME_PLACE) and [`RESUME_TWO_SLOTS`](super::RESUME_TWO_SLOTS).
    Resume = "RESUME",
    /// The argument is as FOR_ITER's; at the end it goes on right at the distance.
    Send = "SEND",
    EndSend = "END_SEND",
    /// The same with a NULL above the receiver, as the next one.
    EndSendPair = "END_SEND_PAIR",
    CleanupThrow = "CLEANUP_THROW",
    CleanupThrowPair = "CLEANUP_THROW_PAIR",
    GetYieldFromIter = "GET_YIELD_FROM_ITER",
    GetAwaitable = "GET_AWAITABLE",
    GetAiter = "GET_AITER",
    GetAnext = "GET_ANEXT",
    EndAsyncFor = "END_ASYNC_FOR",

    // What quickening or specialisation puts in place of the above.
    LoadAttrInstanceValue = "LOAD_ATTR_INSTANCE_VALUE",
    LoadAttrSlot = "LOAD_ATTR_SLOT",
    LoadAttrModule = "LOAD_ATTR_MODULE",
    LoadAttrClass = "LOAD_ATTR_CLASS",
    LoadAttrProperty = "LOAD_ATTR_PROPERTY",
    LoadAttrNondescriptor = "LOAD_ATTR_NONDESCRIPTOR",
    LoadMethodWithValues = "LOAD_ATTR_METHOD_WITH_VALUES",
    LoadMethodNoDict = "LOAD_ATTR_METHOD_NO_DICT",
    LoadMethodModule = "LOAD_METHOD_MODULE",
    LoadMethodClass = "LOAD_METHOD_CLASS",
    StoreAttrInstanceValue = "STORE_ATTR_INSTANCE_VALUE",
    StoreAttrNewValue = "STORE_ATTR_NEW_VALUE",
    StoreAttrSlot = "STORE_ATTR_SLOT",
    LoadGlobalModule = "LOAD_GLOBAL_MODULE",
    LoadGlobalBuiltin = "LOAD_GLOBAL_BUILTIN",
    LoadGlobalNullModule = "LOAD_GLOBAL_NULL_MODULE",
    LoadGlobalNullBuiltin = "LOAD_GLOBAL_NULL_BUILTIN",
    BinaryOpAddInt = "BINARY_OP_ADD_INT",
    BinaryOpSubtractInt = "BINARY_OP_SUBTRACT_INT",
    BinaryOpMultiplyInt = "BINARY_OP_MULTIPLY_INT",
    BinaryOpAddFloat = "BINARY_OP_ADD_FLOAT",
    BinaryOpSubtractFloat = "BINARY_OP_SUBTRACT_FLOAT",
    BinaryOpMultiplyFloat = "BINARY_OP_MULTIPLY_FLOAT",
    BinaryOpAddUnicode = "BINARY_OP_ADD_UNICODE",
    BinarySubscrListInt = "BINARY_SUBSCR_LIST_INT",
    BinarySubscrTupleInt = "BINARY_SUBSCR_TUPLE_INT",
    BinarySubscrDict = "BINARY_SUBSCR_DICT",
    BinarySubscrStrInt = "BINARY_SUBSCR_STR_INT",
    BinarySubscrListSlice = "BINARY_SUBSCR_LIST_SLICE",
    /// By a method in Python, which runs as a frame of the same loop; so the next ones.
    BinaryOpMethod = "BINARY_OP_METHOD",
    BinarySubscrGetitem = "BINARY_SUBSCR_GETITEM",
    StoreSubscrSetitem = "STORE_SUBSCR_SETITEM",
    CompareOpMethod = "COMPARE_OP_METHOD",
    ContainsOpMethod = "CONTAINS_OP_METHOD",
    /// In a list, a tuple or a set.
    ContainsOpItems = "CONTAINS_OP_ITEMS",
    StoreSubscrListInt = "STORE_SUBSCR_LIST_INT",
    StoreSubscrDict = "STORE_SUBSCR_DICT",
    CompareOpInt = "COMPARE_OP_INT",
    CompareOpFloat = "COMPARE_OP_FLOAT",
    CompareOpStr = "COMPARE_OP_STR",
    ContainsOpDict = "CONTAINS_OP_DICT",
    ContainsOpStr = "CONTAINS_OP_STR",
    ToBoolBool = "TO_BOOL_BOOL",
    ToBoolInt = "TO_BOOL_INT",
    ToBoolNone = "TO_BOOL_NONE",
    ToBoolList = "TO_BOOL_LIST",
    ToBoolStr = "TO_BOOL_STR",
    ToBoolAlwaysTrue = "TO_BOOL_ALWAYS_TRUE",
    /// By a `__bool__` or `__len__` in Python.
    ToBoolMethod = "TO_BOOL_METHOD",
    ForIterList = "FOR_ITER_LIST",
    ForIterTuple = "FOR_ITER_TUPLE",
    ForIterRange = "FOR_ITER_RANGE",
    ForIterGen = "FOR_ITER_GEN",
    SendGen = "SEND_GEN",
    UnpackSequenceTwoTuple = "UNPACK_SEQUENCE_TWO_TUPLE",
    UnpackSequenceTuple = "UNPACK_SEQUENCE_TUPLE",
    UnpackSequenceList = "UNPACK_SEQUENCE_LIST",
    CallPyExactArgs = "CALL_PY_EXACT_ARGS",
    CallPyGeneral = "CALL_PY_GENERAL",
    CallBoundMethodExactArgs = "CALL_BOUND_METHOD_EXACT_ARGS",
    CallAllocAndEnterInit = "CALL_ALLOC_AND_ENTER_INIT",
    CallBuiltinO = "CALL_BUILTIN_O",
    CallBuiltinFast = "CALL_BUILTIN_FAST",
    CallMethodDescriptorO = "CALL_METHOD_DESCRIPTOR_O",
    CallMethodDescriptorNoargs = "CALL_METHOD_DESCRIPTOR_NOARGS",
    CallMethodDescriptorFast = "CALL_METHOD_DESCRIPTOR_FAST",
    CallListAppend = "CALL_LIST_APPEND",
    CallLen = "CALL_LEN",
    /// Of an instance with a `__len__` in Python.
    CallLenMethod = "CALL_LEN_METHOD",
    CallIsinstance = "CALL_ISINSTANCE",
    CallType1 = "CALL_TYPE_1",
    CallStr1 = "CALL_STR_1",
    CallTuple1 = "CALL_TUPLE_1",
    CallBuiltinClass = "CALL_BUILTIN_CLASS",
    CallNonPyGeneral = "CALL_NON_PY_GENERAL",
    /// An attribute of plain instances of several classes.
    LoadAttrPolymorphic = "LOAD_ATTR_POLYMORPHIC",
    LoadMethodPolymorphic = "LOAD_ATTR_METHOD_POLYMORPHIC",
    StoreAttrPolymorphic = "STORE_ATTR_POLYMORPHIC",
    /// The left operand grows where it is, as the variable that it came from is stored to next.
    BinaryOpInplaceAddUnicode = "BINARY_OP_INPLACE_ADD_UNICODE",
    /// Two inline ints, by any other operator.
    BinaryOpInt = "BINARY_OP_INT",
    BinaryOpFloat = "BINARY_OP_FLOAT",
    CompareOpIntJump = "COMPARE_OP_INT_JUMP",
    CompareOpFloatJump = "COMPARE_OP_FLOAT_JUMP",
    CompareOpStrJump = "COMPARE_OP_STR_JUMP",
    ToBoolJump = "TO_BOOL_JUMP",
    ForIterListFast = "FOR_ITER_LIST__STORE_FAST",
    ForIterRangeFast = "FOR_ITER_RANGE__STORE_FAST",
    ForIterTupleFast = "FOR_ITER_TUPLE__STORE_FAST",
    ForIterListFastFast = "FOR_ITER_LIST__STORE_FAST_LOAD_FAST",
    ForIterRangeFastFast = "FOR_ITER_RANGE__STORE_FAST_LOAD_FAST",
    ForIterTupleFastFast = "FOR_ITER_TUPLE__STORE_FAST_LOAD_FAST",

    /// Of what gives tuples of two, which are not made: the UNPACK_SEQUENCE behind it is done, too.
    ForIterPair = "FOR_ITER__UNPACK_SEQUENCE_TWO",

    // Fused: each does the work of the instructions in its name, operands borrowed from where they are.
    FastFastAddInt = "LOAD_FAST_LOAD_FAST__BINARY_OP_ADD_INT",
    FastFastSubtractInt = "LOAD_FAST_LOAD_FAST__BINARY_OP_SUBTRACT_INT",
    FastFastMultiplyInt = "LOAD_FAST_LOAD_FAST__BINARY_OP_MULTIPLY_INT",
    FastFastOpInt = "LOAD_FAST_LOAD_FAST__BINARY_OP_INT",
    FastFastAddFloat = "LOAD_FAST_LOAD_FAST__BINARY_OP_ADD_FLOAT",
    FastFastSubtractFloat = "LOAD_FAST_LOAD_FAST__BINARY_OP_SUBTRACT_FLOAT",
    FastFastMultiplyFloat = "LOAD_FAST_LOAD_FAST__BINARY_OP_MULTIPLY_FLOAT",
    FastFastOpFloat = "LOAD_FAST_LOAD_FAST__BINARY_OP_FLOAT",
    FastFastJumpInt = "LOAD_FAST_LOAD_FAST__COMPARE_OP_INT_JUMP",
    FastFastJumpFloat = "LOAD_FAST_LOAD_FAST__COMPARE_OP_FLOAT_JUMP",
    FastFastListInt = "LOAD_FAST_LOAD_FAST__BINARY_SUBSCR_LIST_INT",
    FastFastTupleInt = "LOAD_FAST_LOAD_FAST__BINARY_SUBSCR_TUPLE_INT",
    FastConstAddInt = "LOAD_FAST__LOAD_CONST__BINARY_OP_ADD_INT",
    FastConstSubtractInt = "LOAD_FAST__LOAD_CONST__BINARY_OP_SUBTRACT_INT",
    FastConstMultiplyInt = "LOAD_FAST__LOAD_CONST__BINARY_OP_MULTIPLY_INT",
    FastConstOpInt = "LOAD_FAST__LOAD_CONST__BINARY_OP_INT",
    FastConstAddFloat = "LOAD_FAST__LOAD_CONST__BINARY_OP_ADD_FLOAT",
    FastConstSubtractFloat = "LOAD_FAST__LOAD_CONST__BINARY_OP_SUBTRACT_FLOAT",
    FastConstMultiplyFloat = "LOAD_FAST__LOAD_CONST__BINARY_OP_MULTIPLY_FLOAT",
    FastConstOpFloat = "LOAD_FAST__LOAD_CONST__BINARY_OP_FLOAT",
    FastConstJumpInt = "LOAD_FAST__LOAD_CONST__COMPARE_OP_INT_JUMP",
    FastConstJumpFloat = "LOAD_FAST__LOAD_CONST__COMPARE_OP_FLOAT_JUMP",
    FastConstListInt = "LOAD_FAST__LOAD_CONST__BINARY_SUBSCR_LIST_INT",
    FastConstTupleInt = "LOAD_FAST__LOAD_CONST__BINARY_SUBSCR_TUPLE_INT",
    StackFastAddInt = "LOAD_FAST__BINARY_OP_ADD_INT",
    StackFastSubtractInt = "LOAD_FAST__BINARY_OP_SUBTRACT_INT",
    StackFastMultiplyInt = "LOAD_FAST__BINARY_OP_MULTIPLY_INT",
    StackFastOpInt = "LOAD_FAST__BINARY_OP_INT",
    StackFastAddFloat = "LOAD_FAST__BINARY_OP_ADD_FLOAT",
    StackFastSubtractFloat = "LOAD_FAST__BINARY_OP_SUBTRACT_FLOAT",
    StackFastMultiplyFloat = "LOAD_FAST__BINARY_OP_MULTIPLY_FLOAT",
    StackFastOpFloat = "LOAD_FAST__BINARY_OP_FLOAT",
    StackFastJumpInt = "LOAD_FAST__COMPARE_OP_INT_JUMP",
    StackFastJumpFloat = "LOAD_FAST__COMPARE_OP_FLOAT_JUMP",
    StackFastListInt = "LOAD_FAST__BINARY_SUBSCR_LIST_INT",
    StackFastTupleInt = "LOAD_FAST__BINARY_SUBSCR_TUPLE_INT",
    StackConstAddInt = "LOAD_CONST__BINARY_OP_ADD_INT",
    StackConstSubtractInt = "LOAD_CONST__BINARY_OP_SUBTRACT_INT",
    StackConstMultiplyInt = "LOAD_CONST__BINARY_OP_MULTIPLY_INT",
    StackConstOpInt = "LOAD_CONST__BINARY_OP_INT",
    StackConstAddFloat = "LOAD_CONST__BINARY_OP_ADD_FLOAT",
    StackConstSubtractFloat = "LOAD_CONST__BINARY_OP_SUBTRACT_FLOAT",
    StackConstMultiplyFloat = "LOAD_CONST__BINARY_OP_MULTIPLY_FLOAT",
    StackConstOpFloat = "LOAD_CONST__BINARY_OP_FLOAT",
    StackConstJumpInt = "LOAD_CONST__COMPARE_OP_INT_JUMP",
    StackConstJumpFloat = "LOAD_CONST__COMPARE_OP_FLOAT_JUMP",
    StackConstListInt = "LOAD_CONST__BINARY_SUBSCR_LIST_INT",
    StackConstTupleInt = "LOAD_CONST__BINARY_SUBSCR_TUPLE_INT",
    LoadFastAttrInstanceValue = "LOAD_FAST__LOAD_ATTR_INSTANCE_VALUE",
    LoadFastAttrPolymorphic = "LOAD_FAST__LOAD_ATTR_POLYMORPHIC",
    LoadFastMethodPolymorphic = "LOAD_FAST__LOAD_ATTR_METHOD_POLYMORPHIC",
    LoadFastAttrSlot = "LOAD_FAST__LOAD_ATTR_SLOT",
    LoadFastMethod = "LOAD_FAST__LOAD_ATTR_METHOD",
    LoadFastStoreAttrInstanceValue = "LOAD_FAST__STORE_ATTR_INSTANCE_VALUE",
    LoadFastStoreAttrSlot = "LOAD_FAST__STORE_ATTR_SLOT",
    LoadFastStoreAttrNewValue = "LOAD_FAST__STORE_ATTR_NEW_VALUE",
    FastFastStoreAttrInstanceValue = "LOAD_FAST_LOAD_FAST__STORE_ATTR_INSTANCE_VALUE",
    FastFastStoreAttrSlot = "LOAD_FAST_LOAD_FAST__STORE_ATTR_SLOT",
    FastFastStoreAttrNewValue = "LOAD_FAST_LOAD_FAST__STORE_ATTR_NEW_VALUE",
    LoadFastPopJumpIfNone = "LOAD_FAST__POP_JUMP_IF_NONE",
    LoadFastPopJumpIfNotNone = "LOAD_FAST__POP_JUMP_IF_NOT_NONE",
    LoadFastReturnValue = "LOAD_FAST__RETURN_VALUE",
    LoadFastToBoolJump = "LOAD_FAST__TO_BOOL_JUMP",
    CopyToBoolJump = "COPY__TO_BOOL_JUMP",

    /// In no code: an interpreter that is led to a unit with it goes on in another loop.
    LeaveLoop = "LEAVE_LOOP",
}

impl Instr {
    /// The instruction that quickening makes of an opcode of a version with an argument, where the verifier has proved all that
    /// there is to prove; `None` for what the compiler never writes.
    #[must_use]
    pub fn for_opcode(version: Version, op: Op, oparg: u32) -> Option<Instr> {
        super::translate::instr_for(version, op, oparg)
    }

    /// The instruction that this one is a specialised form of; itself if it is none.
    #[must_use]
    pub const fn base(self) -> Instr {
        use Instr::*;
        match self {
            CopyToBoolJump => Copy,
            LoadAttrInstanceValue
            | LoadAttrSlot
            | LoadAttrModule
            | LoadAttrClass
            | LoadAttrProperty
            | LoadAttrNondescriptor
            | LoadAttrPolymorphic => LoadAttr,
            LoadMethodWithValues
            | LoadMethodNoDict
            | LoadMethodModule
            | LoadMethodClass
            | LoadMethodPolymorphic => LoadMethod,
            StoreAttrInstanceValue | StoreAttrNewValue | StoreAttrSlot | StoreAttrPolymorphic => {
                StoreAttr
            }
            LoadGlobalModule | LoadGlobalBuiltin => LoadGlobal,
            LoadGlobalNullModule | LoadGlobalNullBuiltin => LoadGlobalNull,
            BinaryOpAddInt
            | BinaryOpSubtractInt
            | BinaryOpMultiplyInt
            | BinaryOpAddFloat
            | BinaryOpSubtractFloat
            | BinaryOpMultiplyFloat
            | BinaryOpAddUnicode
            | BinaryOpInplaceAddUnicode
            | BinaryOpInt
            | BinaryOpFloat
            | BinaryOpMethod => BinaryOp,
            FastFastAddInt
            | FastFastSubtractInt
            | FastFastMultiplyInt
            | FastFastOpInt
            | FastFastAddFloat
            | FastFastSubtractFloat
            | FastFastMultiplyFloat
            | FastFastOpFloat
            | FastFastJumpInt
            | FastFastJumpFloat
            | FastFastListInt
            | FastFastTupleInt
            | FastFastStoreAttrInstanceValue
            | FastFastStoreAttrSlot
            | FastFastStoreAttrNewValue => LoadFastLoadFast,
            FastConstAddInt
            | FastConstSubtractInt
            | FastConstMultiplyInt
            | FastConstOpInt
            | FastConstAddFloat
            | FastConstSubtractFloat
            | FastConstMultiplyFloat
            | FastConstOpFloat
            | FastConstJumpInt
            | FastConstJumpFloat
            | FastConstListInt
            | FastConstTupleInt
            | StackFastAddInt
            | StackFastSubtractInt
            | StackFastMultiplyInt
            | StackFastOpInt
            | StackFastAddFloat
            | StackFastSubtractFloat
            | StackFastMultiplyFloat
            | StackFastOpFloat
            | StackFastJumpInt
            | StackFastJumpFloat
            | StackFastListInt
            | StackFastTupleInt
            | LoadFastAttrInstanceValue
            | LoadFastAttrSlot
            | LoadFastAttrPolymorphic
            | LoadFastMethodPolymorphic
            | LoadFastMethod
            | LoadFastStoreAttrInstanceValue
            | LoadFastStoreAttrSlot
            | LoadFastStoreAttrNewValue
            | LoadFastPopJumpIfNone
            | LoadFastPopJumpIfNotNone
            | LoadFastReturnValue
            | LoadFastToBoolJump => LoadFast,
            StackConstAddInt
            | StackConstSubtractInt
            | StackConstMultiplyInt
            | StackConstOpInt
            | StackConstAddFloat
            | StackConstSubtractFloat
            | StackConstMultiplyFloat
            | StackConstOpFloat
            | StackConstJumpInt
            | StackConstJumpFloat
            | StackConstListInt
            | StackConstTupleInt => LoadConst,
            BinarySubscrListInt
            | BinarySubscrTupleInt
            | BinarySubscrDict
            | BinarySubscrStrInt
            | BinarySubscrListSlice
            | BinarySubscrGetitem => BinarySubscr,
            StoreSubscrListInt | StoreSubscrDict | StoreSubscrSetitem => StoreSubscr,
            CompareOpInt | CompareOpFloat | CompareOpStr | CompareOpIntJump
            | CompareOpFloatJump | CompareOpStrJump | CompareOpMethod => CompareOp,
            ContainsOpDict | ContainsOpMethod | ContainsOpItems | ContainsOpStr => ContainsOp,
            ToBoolBool | ToBoolInt | ToBoolNone | ToBoolList | ToBoolStr | ToBoolAlwaysTrue
            | ToBoolMethod | ToBoolJump => ToBool,
            ForIterList | ForIterTuple | ForIterRange | ForIterGen | ForIterPair
            | ForIterListFast | ForIterRangeFast | ForIterTupleFast | ForIterListFastFast
            | ForIterRangeFastFast | ForIterTupleFastFast => ForIter,
            SendGen => Send,
            UnpackSequenceTwoTuple | UnpackSequenceTuple | UnpackSequenceList => UnpackSequence,
            CallPyExactArgs
            | CallPyGeneral
            | CallBoundMethodExactArgs
            | CallAllocAndEnterInit
            | CallBuiltinO
            | CallBuiltinFast
            | CallMethodDescriptorO
            | CallMethodDescriptorNoargs
            | CallMethodDescriptorFast
            | CallListAppend
            | CallLen
            | CallLenMethod
            | CallIsinstance
            | CallType1
            | CallStr1
            | CallTuple1
            | CallBuiltinClass
            | CallNonPyGeneral => Call,
            other => other,
        }
    }

    /// Whether this is a specialised form.
    #[must_use]
    pub fn is_specialized(self) -> bool {
        self.base() != self
    }
}
