//! What a type can do: its slots, as CPython's `PyTypeObject` has them, and the table that ties each to its dunder names.
//!
//! A built-in type fills slots with Rust functions; a Python class gets, for each dunder method that it defines
//! or inherits, either the inherited Rust function (if the method found is that function's own wrapper) or one of the `slot_…`
//! functions of `object/slot_functions.rs`, which call the method.

use std::cell::Cell;

use crate::call::Args;
use crate::error::{PyResult, Raised};
use crate::object::header::Ref;
use crate::object::str_::Str;
use crate::object::type_::Type;
use crate::value::Value;
use crate::vm::Vm;

/// `f(self)`.
pub type UnaryFn = fn(&mut Vm, &Value) -> PyResult;
/// `f(a, b)`.
pub type BinaryFn = fn(&mut Vm, &Value, &Value) -> PyResult;
/// `pow(a, b, c)`.
pub type TernaryFn = fn(&mut Vm, &Value, &Value, &Value) -> PyResult;
/// `hash(self)`.
pub type HashFn = fn(&mut Vm, &Value) -> PyResult<i64>;
/// `len(self)`.
pub type LenFn = fn(&mut Vm, &Value) -> PyResult<usize>;
/// `bool(self)`.
pub type BoolFn = fn(&mut Vm, &Value) -> PyResult<bool>;
/// `item in self`.
pub type ContainsFn = fn(&mut Vm, &Value, &Value) -> PyResult<bool>;
/// `self[key] = value`, or `del self[key]`.
pub type SetItemFn = fn(&mut Vm, &Value, &Value, Option<Value>) -> PyResult<()>;
/// `self.name`.
pub type GetAttrFn = fn(&mut Vm, &Value, &Ref<Str>) -> PyResult;
/// `self.name = value`, or `del self.name`.
pub type SetAttrFn = fn(&mut Vm, &Value, &Ref<Str>, Option<Value>) -> PyResult<()>;
/// `self OP other`; `NotImplemented` where it does not know.
pub type CompareFn = fn(&mut Vm, &Value, &Value, CompareOp) -> PyResult;
/// The next item, or `None` at the end (a StopIteration that nobody needs to see).
pub type NextFn = fn(&mut Vm, &Value) -> PyResult<Option<Value>>;
/// `descriptor.__get__(instance, owner)`.
pub type DescrGetFn = fn(&mut Vm, &Value, Option<&Value>, Option<&Value>) -> PyResult;
/// `descriptor.__set__(instance, value)`, or `__delete__`.
pub type DescrSetFn = fn(&mut Vm, &Value, &Value, Option<Value>) -> PyResult<()>;
/// `self(…)`.
pub type CallFn = fn(&mut Vm, &Value, Args<'_>) -> PyResult;
/// `type.__new__(type, …)`.
pub type NewFn = fn(&mut Vm, &Ref<Type>, Args<'_>) -> PyResult;
/// `self.__init__(…)`.
pub type InitFn = fn(&mut Vm, &Value, Args<'_>) -> PyResult<()>;

/// A comparison, in the order of COMPARE_OP's argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum CompareOp {
    Lt,
    Le,
    Eq,
    Ne,
    Gt,
    Ge,
}

impl CompareOp {
    /// All, by number.
    pub const ALL: [CompareOp; 6] = [
        CompareOp::Lt,
        CompareOp::Le,
        CompareOp::Eq,
        CompareOp::Ne,
        CompareOp::Gt,
        CompareOp::Ge,
    ];

    /// The operator's text.
    pub fn symbol(self) -> &'static str {
        ["<", "<=", "==", "!=", ">", ">="][self as usize]
    }

    /// The method's name.
    pub fn dunder(self) -> &'static str {
        ["__lt__", "__le__", "__eq__", "__ne__", "__gt__", "__ge__"][self as usize]
    }

    /// The operator for exchanged operands.
    pub fn swapped(self) -> CompareOp {
        use CompareOp::*;
        [Gt, Ge, Eq, Ne, Lt, Le][self as usize]
    }

    /// What the operator says of an ordering.
    #[inline(always)]
    pub fn holds(self, ordering: std::cmp::Ordering) -> bool {
        match self {
            CompareOp::Lt => ordering.is_lt(),
            CompareOp::Le => ordering.is_le(),
            CompareOp::Eq => ordering.is_eq(),
            CompareOp::Ne => ordering.is_ne(),
            CompareOp::Gt => ordering.is_gt(),
            CompareOp::Ge => ordering.is_ge(),
        }
    }
}

/// A binary operator, in the order of BINARY_OP's argument.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Add,
    And,
    FloorDivide,
    LShift,
    MatrixMultiply,
    Multiply,
    Remainder,
    Or,
    Power,
    RShift,
    Subtract,
    TrueDivide,
    Xor,
    /// `divmod()`, which is no operator of the bytecode.
    Divmod,
}

impl BinaryOp {
    /// The operators of BINARY_OP, by number.
    pub const ALL: [BinaryOp; 13] = {
        use BinaryOp::*;
        [
            Add,
            And,
            FloorDivide,
            LShift,
            MatrixMultiply,
            Multiply,
            Remainder,
            Or,
            Power,
            RShift,
            Subtract,
            TrueDivide,
            Xor,
        ]
    };

    /// The operator's text, as error messages have it.
    pub fn symbol(self) -> &'static str {
        [
            "+",
            "&",
            "//",
            "<<",
            "@",
            "*",
            "%",
            "|",
            "** or pow()",
            ">>",
            "-",
            "/",
            "^",
            "divmod()",
        ][self as usize]
    }

    /// The name between the underscores.
    pub fn stem(self) -> &'static str {
        [
            "add", "and", "floordiv", "lshift", "matmul", "mul", "mod", "or", "pow", "rshift",
            "sub", "truediv", "xor", "divmod",
        ][self as usize]
    }
}

/// An operation on one operand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum UnaryOp {
    Repr,
    Str,
    Iter,
    Negative,
    Positive,
    Absolute,
    Invert,
    Int,
    Float,
    Index,
    Await,
    AIter,
    ANext,
}

/// The name of one slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Slot {
    Unary(UnaryOp),
    Binary(BinaryOp),
    InPlace(BinaryOp),
    Power3,
    Hash,
    Len,
    Bool,
    Contains,
    GetItem,
    SetItem,
    Concat,
    Repeat,
    InPlaceConcat,
    InPlaceRepeat,
    GetAttr,
    SetAttr,
    Compare,
    Next,
    DescrGet,
    DescrSet,
    Call,
    Init,
    New,
}

impl Slot {
    /// The number of the slot, in the order of the fields of [`Slots`].
    const fn index(self) -> u32 {
        match self {
            Slot::Unary(op) => op as u32,
            Slot::Binary(op) => 13 + op as u32,
            Slot::InPlace(op) => 27 + op as u32,
            Slot::Power3 => 40,
            Slot::Hash => 41,
            Slot::Len => 42,
            Slot::Bool => 43,
            Slot::Contains => 44,
            Slot::GetItem => 45,
            Slot::SetItem => 46,
            Slot::Concat => 47,
            Slot::Repeat => 48,
            Slot::InPlaceConcat => 49,
            Slot::InPlaceRepeat => 50,
            Slot::GetAttr => 51,
            Slot::SetAttr => 52,
            Slot::Compare => 53,
            Slot::Next => 54,
            Slot::DescrGet => 55,
            Slot::DescrSet => 56,
            Slot::Call => 57,
            Slot::Init => 58,
            Slot::New => 59,
        }
    }
}

/// A slot's function, whatever its signature.
#[derive(Clone, Copy)]
#[allow(missing_docs)]
pub enum SlotFn {
    Unary(UnaryFn),
    Binary(BinaryFn),
    Ternary(TernaryFn),
    Hash(HashFn),
    Len(LenFn),
    Bool(BoolFn),
    Contains(ContainsFn),
    SetItem(SetItemFn),
    GetAttr(GetAttrFn),
    SetAttr(SetAttrFn),
    Compare(CompareFn),
    Next(NextFn),
    DescrGet(DescrGetFn),
    DescrSet(DescrSetFn),
    Call(CallFn),
    Init(InitFn),
    New(NewFn),
}

impl SlotFn {
    /// Whether both are the same function.
    pub(crate) fn same(self, other: SlotFn) -> bool {
        self.address() == other.address()
    }

    fn address(self) -> usize {
        match self {
            SlotFn::Unary(f) => f as usize,
            SlotFn::Binary(f) => f as usize,
            SlotFn::Ternary(f) => f as usize,
            SlotFn::Hash(f) => f as usize,
            SlotFn::Len(f) => f as usize,
            SlotFn::Bool(f) => f as usize,
            SlotFn::Contains(f) => f as usize,
            SlotFn::SetItem(f) => f as usize,
            SlotFn::GetAttr(f) => f as usize,
            SlotFn::SetAttr(f) => f as usize,
            SlotFn::Compare(f) => f as usize,
            SlotFn::Next(f) => f as usize,
            SlotFn::DescrGet(f) => f as usize,
            SlotFn::DescrSet(f) => f as usize,
            SlotFn::Call(f) => f as usize,
            SlotFn::Init(f) => f as usize,
            SlotFn::New(f) => f as usize,
        }
    }
}

/// One slot's place.
pub type Cellfn<F> = Cell<Option<F>>;

/// The slots of a type.
#[derive(Clone)]
#[allow(missing_docs)]
pub struct Slots {
    pub unary: [Cellfn<UnaryFn>; 13],
    pub binary: [Cellfn<BinaryFn>; 14],
    pub in_place: [Cellfn<BinaryFn>; 13],
    pub power3: Cellfn<TernaryFn>,
    pub hash: Cellfn<HashFn>,
    pub len: Cellfn<LenFn>,
    pub bool: Cellfn<BoolFn>,
    pub contains: Cellfn<ContainsFn>,
    pub get_item: Cellfn<BinaryFn>,
    pub set_item: Cellfn<SetItemFn>,
    pub concat: Cellfn<BinaryFn>,
    pub repeat: Cellfn<BinaryFn>,
    pub in_place_concat: Cellfn<BinaryFn>,
    pub in_place_repeat: Cellfn<BinaryFn>,
    pub get_attr: Cellfn<GetAttrFn>,
    pub set_attr: Cellfn<SetAttrFn>,
    pub compare: Cellfn<CompareFn>,
    pub next: Cellfn<NextFn>,
    pub descr_get: Cellfn<DescrGetFn>,
    pub descr_set: Cellfn<DescrSetFn>,
    pub call: Cellfn<CallFn>,
    pub init: Cellfn<InitFn>,
    pub new: Cellfn<NewFn>,
}

/// Fills one slot from a base's, if it is empty; whether it was not.
pub(crate) fn inherit_one<F: Copy>(own: &Cellfn<F>, base: &Cellfn<F>) -> bool {
    let is_own = own.get().is_some();
    if !is_own {
        own.set(base.get());
    }
    is_own
}

/// The slots that a built-in class fills itself: a bit each, by [`Slot::index`].
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct OwnSlots(u64);

impl OwnSlots {
    /// Whether it fills this one.
    pub(crate) fn contains(self, slot: Slot) -> bool {
        self.0 >> slot.index() & 1 != 0
    }

    /// Whether it says what is equal but not how to hash that, so that instances have no hash.
    pub(crate) fn is_compared_without_hash(self) -> bool {
        self.contains(Slot::Compare) && !self.contains(Slot::Hash)
    }
}

impl Slots {
    /// No slot at all.
    #[must_use]
    pub const fn empty() -> Slots {
        Slots {
            unary: [const { Cell::new(None) }; 13],
            binary: [const { Cell::new(None) }; 14],
            in_place: [const { Cell::new(None) }; 13],
            power3: Cell::new(None),
            hash: Cell::new(None),
            len: Cell::new(None),
            bool: Cell::new(None),
            contains: Cell::new(None),
            get_item: Cell::new(None),
            set_item: Cell::new(None),
            concat: Cell::new(None),
            repeat: Cell::new(None),
            in_place_concat: Cell::new(None),
            in_place_repeat: Cell::new(None),
            get_attr: Cell::new(None),
            set_attr: Cell::new(None),
            compare: Cell::new(None),
            next: Cell::new(None),
            descr_get: Cell::new(None),
            descr_set: Cell::new(None),
            call: Cell::new(None),
            init: Cell::new(None),
            new: Cell::new(None),
        }
    }

    /// The function for an operation on one operand.
    #[inline(always)]
    pub fn unary(&self, op: UnaryOp) -> Option<UnaryFn> {
        self.unary[op as usize].get()
    }

    /// Fills the slot for an operation on one operand.
    pub fn set_unary(&self, op: UnaryOp, f: UnaryFn) {
        self.unary[op as usize].set(Some(f));
    }

    /// Fills the slot for a binary operator.
    pub fn set_binary(&self, op: BinaryOp, f: BinaryFn) {
        self.binary[op as usize].set(Some(f));
    }

    /// Fills the slot for an operator in place.
    pub fn set_in_place(&self, op: BinaryOp, f: BinaryFn) {
        if let Some(cell) = self.in_place.get(op as usize) {
            cell.set(Some(f));
        }
    }

    /// The function for a binary operator.
    #[inline(always)]
    pub fn binary(&self, op: BinaryOp) -> Option<BinaryFn> {
        self.binary[op as usize].get()
    }

    /// Fills what is empty from a base, but for hashing and comparing, which belong together, and the power of three operands,
    /// which is looked for in the bases. Gives what was not empty.
    pub(crate) fn inherit(&self, base: &Slots) -> OwnSlots {
        let mut filled = 0;
        let mut bit = 1;
        let mut note = |is_own: bool| {
            filled |= if is_own { bit } else { 0 };
            bit <<= 1;
        };
        for (own, base) in self.unary.iter().zip(&base.unary) {
            note(inherit_one(own, base));
        }
        for (own, base) in self.binary.iter().zip(&base.binary) {
            note(inherit_one(own, base));
        }
        for (own, base) in self.in_place.iter().zip(&base.in_place) {
            note(inherit_one(own, base));
        }
        note(self.power3.get().is_some());
        note(self.hash.get().is_some());
        note(inherit_one(&self.len, &base.len));
        note(inherit_one(&self.bool, &base.bool));
        note(inherit_one(&self.contains, &base.contains));
        note(inherit_one(&self.get_item, &base.get_item));
        note(inherit_one(&self.set_item, &base.set_item));
        note(inherit_one(&self.concat, &base.concat));
        note(inherit_one(&self.repeat, &base.repeat));
        note(inherit_one(&self.in_place_concat, &base.in_place_concat));
        note(inherit_one(&self.in_place_repeat, &base.in_place_repeat));
        note(inherit_one(&self.get_attr, &base.get_attr));
        note(inherit_one(&self.set_attr, &base.set_attr));
        note(self.compare.get().is_some());
        note(inherit_one(&self.next, &base.next));
        note(inherit_one(&self.descr_get, &base.descr_get));
        note(inherit_one(&self.descr_set, &base.descr_set));
        note(inherit_one(&self.call, &base.call));
        note(inherit_one(&self.init, &base.init));
        note(inherit_one(&self.new, &base.new));
        OwnSlots(filled)
    }

    /// The function in a slot, by name.
    pub(crate) fn get(&self, slot: Slot) -> Option<SlotFn> {
        match slot {
            Slot::Unary(op) => self.unary[op as usize].get().map(SlotFn::Unary),
            Slot::Binary(op) => self.binary[op as usize].get().map(SlotFn::Binary),
            Slot::InPlace(op) => self.in_place.get(op as usize)?.get().map(SlotFn::Binary),
            Slot::Power3 => self.power3.get().map(SlotFn::Ternary),
            Slot::Hash => self.hash.get().map(SlotFn::Hash),
            Slot::Len => self.len.get().map(SlotFn::Len),
            Slot::Bool => self.bool.get().map(SlotFn::Bool),
            Slot::Contains => self.contains.get().map(SlotFn::Contains),
            Slot::GetItem => self.get_item.get().map(SlotFn::Binary),
            Slot::SetItem => self.set_item.get().map(SlotFn::SetItem),
            Slot::Concat => self.concat.get().map(SlotFn::Binary),
            Slot::Repeat => self.repeat.get().map(SlotFn::Binary),
            Slot::InPlaceConcat => self.in_place_concat.get().map(SlotFn::Binary),
            Slot::InPlaceRepeat => self.in_place_repeat.get().map(SlotFn::Binary),
            Slot::GetAttr => self.get_attr.get().map(SlotFn::GetAttr),
            Slot::SetAttr => self.set_attr.get().map(SlotFn::SetAttr),
            Slot::Compare => self.compare.get().map(SlotFn::Compare),
            Slot::Next => self.next.get().map(SlotFn::Next),
            Slot::DescrGet => self.descr_get.get().map(SlotFn::DescrGet),
            Slot::DescrSet => self.descr_set.get().map(SlotFn::DescrSet),
            Slot::Call => self.call.get().map(SlotFn::Call),
            Slot::Init => self.init.get().map(SlotFn::Init),
            Slot::New => self.new.get().map(SlotFn::New),
        }
    }

    /// Fills or empties a slot, by name. A function of another signature than the slot's is left out.
    pub(crate) fn set(&self, slot: Slot, f: Option<SlotFn>) {
        macro_rules! put {
            ($cell:expr, $variant:ident) => {
                $cell.set(match f {
                    Some(SlotFn::$variant(f)) => Some(f),
                    _ => None,
                })
            };
        }
        match slot {
            Slot::Unary(op) => put!(self.unary[op as usize], Unary),
            Slot::Binary(op) => put!(self.binary[op as usize], Binary),
            Slot::InPlace(op) => {
                if let Some(cell) = self.in_place.get(op as usize) {
                    put!(cell, Binary);
                }
            }
            Slot::Power3 => put!(self.power3, Ternary),
            Slot::Hash => put!(self.hash, Hash),
            Slot::Len => put!(self.len, Len),
            Slot::Bool => put!(self.bool, Bool),
            Slot::Contains => put!(self.contains, Contains),
            Slot::GetItem => put!(self.get_item, Binary),
            Slot::SetItem => put!(self.set_item, SetItem),
            Slot::Concat => put!(self.concat, Binary),
            Slot::Repeat => put!(self.repeat, Binary),
            Slot::InPlaceConcat => put!(self.in_place_concat, Binary),
            Slot::InPlaceRepeat => put!(self.in_place_repeat, Binary),
            Slot::GetAttr => put!(self.get_attr, GetAttr),
            Slot::SetAttr => put!(self.set_attr, SetAttr),
            Slot::Compare => put!(self.compare, Compare),
            Slot::Next => put!(self.next, Next),
            Slot::DescrGet => put!(self.descr_get, DescrGet),
            Slot::DescrSet => put!(self.descr_set, DescrSet),
            Slot::Call => put!(self.call, Call),
            Slot::Init => put!(self.init, Init),
            Slot::New => put!(self.new, New),
        }
    }
}

/// A dunder method: its name, its slot, and how the slot's function is called under that name.
pub struct Dunder {
    /// For instance `__radd__`.
    pub name: &'static str,
    /// The slot that it fills.
    pub slot: Slot,
    /// How the wrapper of a built-in's slot calls the function.
    pub wrap: Wrap,
}

/// How a dunder's arguments become a slot function's.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum Wrap {
    Plain,
    /// Reflected: the operands are exchanged.
    Reflected,
    Compare(CompareOp),
    /// `__delitem__`, `__delattr__`, `__delete__`.
    Delete,
    /// `__getitem__` and the like of a sequence: an index, negative from the end, is the function's own business.
    Never,
}

const fn dunder(name: &'static str, slot: Slot) -> Dunder {
    Dunder {
        name,
        slot,
        wrap: Wrap::Plain,
    }
}

const fn with(name: &'static str, slot: Slot, wrap: Wrap) -> Dunder {
    Dunder { name, slot, wrap }
}

/// Every dunder method that has a slot, in CPython's order of precedence within a slot.
pub static DUNDERS: &[Dunder] = &{
    use BinaryOp::*;
    use Slot::*;
    [
        dunder("__getattribute__", GetAttr),
        with("__getattr__", GetAttr, Wrap::Never),
        dunder("__setattr__", SetAttr),
        with("__delattr__", SetAttr, Wrap::Delete),
        dunder("__repr__", Unary(UnaryOp::Repr)),
        dunder("__hash__", Hash),
        dunder("__call__", Call),
        dunder("__str__", Unary(UnaryOp::Str)),
        with("__lt__", Compare, Wrap::Compare(CompareOp::Lt)),
        with("__le__", Compare, Wrap::Compare(CompareOp::Le)),
        with("__eq__", Compare, Wrap::Compare(CompareOp::Eq)),
        with("__ne__", Compare, Wrap::Compare(CompareOp::Ne)),
        with("__gt__", Compare, Wrap::Compare(CompareOp::Gt)),
        with("__ge__", Compare, Wrap::Compare(CompareOp::Ge)),
        dunder("__iter__", Unary(UnaryOp::Iter)),
        dunder("__next__", Next),
        dunder("__get__", DescrGet),
        dunder("__set__", DescrSet),
        with("__delete__", DescrSet, Wrap::Delete),
        dunder("__init__", Init),
        with("__new__", New, Wrap::Never),
        dunder("__await__", Unary(UnaryOp::Await)),
        dunder("__aiter__", Unary(UnaryOp::AIter)),
        dunder("__anext__", Unary(UnaryOp::ANext)),
        dunder("__add__", Binary(Add)),
        with("__radd__", Binary(Add), Wrap::Reflected),
        dunder("__sub__", Binary(Subtract)),
        with("__rsub__", Binary(Subtract), Wrap::Reflected),
        dunder("__mul__", Binary(Multiply)),
        with("__rmul__", Binary(Multiply), Wrap::Reflected),
        dunder("__mod__", Binary(Remainder)),
        with("__rmod__", Binary(Remainder), Wrap::Reflected),
        dunder("__divmod__", Binary(Divmod)),
        with("__rdivmod__", Binary(Divmod), Wrap::Reflected),
        dunder("__pow__", Binary(Power)),
        with("__rpow__", Binary(Power), Wrap::Reflected),
        dunder("__neg__", Unary(UnaryOp::Negative)),
        dunder("__pos__", Unary(UnaryOp::Positive)),
        dunder("__abs__", Unary(UnaryOp::Absolute)),
        dunder("__bool__", Bool),
        dunder("__invert__", Unary(UnaryOp::Invert)),
        dunder("__lshift__", Binary(LShift)),
        with("__rlshift__", Binary(LShift), Wrap::Reflected),
        dunder("__rshift__", Binary(RShift)),
        with("__rrshift__", Binary(RShift), Wrap::Reflected),
        dunder("__and__", Binary(And)),
        with("__rand__", Binary(And), Wrap::Reflected),
        dunder("__xor__", Binary(Xor)),
        with("__rxor__", Binary(Xor), Wrap::Reflected),
        dunder("__or__", Binary(Or)),
        with("__ror__", Binary(Or), Wrap::Reflected),
        dunder("__int__", Unary(UnaryOp::Int)),
        dunder("__float__", Unary(UnaryOp::Float)),
        dunder("__iadd__", InPlace(Add)),
        dunder("__isub__", InPlace(Subtract)),
        dunder("__imul__", InPlace(Multiply)),
        dunder("__imod__", InPlace(Remainder)),
        dunder("__ipow__", InPlace(Power)),
        dunder("__ilshift__", InPlace(LShift)),
        dunder("__irshift__", InPlace(RShift)),
        dunder("__iand__", InPlace(And)),
        dunder("__ixor__", InPlace(Xor)),
        dunder("__ior__", InPlace(Or)),
        dunder("__floordiv__", Binary(FloorDivide)),
        with("__rfloordiv__", Binary(FloorDivide), Wrap::Reflected),
        dunder("__truediv__", Binary(TrueDivide)),
        with("__rtruediv__", Binary(TrueDivide), Wrap::Reflected),
        dunder("__ifloordiv__", InPlace(FloorDivide)),
        dunder("__itruediv__", InPlace(TrueDivide)),
        dunder("__index__", Unary(UnaryOp::Index)),
        dunder("__matmul__", Binary(MatrixMultiply)),
        with("__rmatmul__", Binary(MatrixMultiply), Wrap::Reflected),
        dunder("__imatmul__", InPlace(MatrixMultiply)),
        dunder("__len__", Len),
        dunder("__getitem__", GetItem),
        dunder("__setitem__", SetItem),
        with("__delitem__", SetItem, Wrap::Delete),
        dunder("__contains__", Contains),
        // The sequence forms: only built-ins fill them, under the names of the operators.
        with("__add__", Concat, Wrap::Plain),
        with("__mul__", Repeat, Wrap::Plain),
        with("__rmul__", Repeat, Wrap::Plain),
        with("__iadd__", InPlaceConcat, Wrap::Plain),
        with("__imul__", InPlaceRepeat, Wrap::Plain),
    ]
};

/// Calls the function of `dunder`'s slot in a built-in type with a method's arguments, as CPython's `wrap_…` functions do.
pub(crate) fn call_wrapped(
    vm: &mut Vm,
    dunder: &'static Dunder,
    f: SlotFn,
    this: &Value,
    args: Args<'_>,
) -> PyResult {
    if !matches!(f, SlotFn::Call(_) | SlotFn::Init(_) | SlotFn::New(_)) && args.has_keywords() {
        return Err(vm.type_error(format!(
            "wrapper {}() takes no keyword arguments",
            dunder.name
        )));
    }
    let (min, max) = match (f, dunder.wrap) {
        (SlotFn::Call(f), _) => return f(vm, this, args),
        (SlotFn::Init(f), _) => return f(vm, this, args).map(|()| Value::NONE),
        (SlotFn::New(_), _) => return Err(vm.type_error("__new__ has no wrapper")),
        (
            SlotFn::Unary(_) | SlotFn::Hash(_) | SlotFn::Len(_) | SlotFn::Bool(_) | SlotFn::Next(_),
            _,
        ) => (0, 0),
        (SlotFn::Binary(_), _) if matches!(dunder.slot, Slot::Binary(BinaryOp::Power)) => (1, 2),
        (SlotFn::DescrGet(_), _) => (1, 2),
        (SlotFn::SetItem(_) | SlotFn::SetAttr(_) | SlotFn::DescrSet(_), Wrap::Delete) => (1, 1),
        (SlotFn::SetItem(_) | SlotFn::SetAttr(_) | SlotFn::DescrSet(_), _) => (2, 2),
        (SlotFn::Ternary(_), _) => (2, 2),
        _ => (1, 1),
    };
    let pos = args.positional();
    if pos.len() < min || pos.len() > max {
        let is_count = matches!(dunder.slot, Slot::Repeat | Slot::InPlaceRepeat);
        if matches!(dunder.slot, Slot::Binary(BinaryOp::Power)) && vm.version_number() >= 14 {
            let given = pos.len();
            return Err(vm.type_error(format!("expected 1 or 2 arguments, got {given}")));
        }
        return Err(wrong_count(
            vm,
            dunder.name,
            (min, max),
            pos.len(),
            is_count,
        ));
    }
    match f {
        SlotFn::Unary(f) => f(vm, this),
        SlotFn::Hash(f) => f(vm, this).map(|h| vm.int(h)),
        SlotFn::Len(f) => f(vm, this).map(|n| vm.int(n as i64)),
        SlotFn::Bool(f) => f(vm, this).map(Value::bool),
        SlotFn::Next(f) => match f(vm, this)? {
            Some(value) => Ok(value),
            None => Err(vm.stop_iteration(None)),
        },
        SlotFn::Binary(f) => {
            if let Some(modulus) = pos.get(1).filter(|m| !m.is_none()) {
                return match this_power3(vm, this) {
                    Some(power) if dunder.wrap == Wrap::Reflected => {
                        power(vm, &pos[0], this, modulus)
                    }
                    Some(power) => power(vm, this, &pos[0], modulus),
                    None => Ok(Value::NOT_IMPLEMENTED),
                };
            }
            if dunder.wrap == Wrap::Reflected {
                f(vm, &pos[0], this)
            } else {
                f(vm, this, &pos[0])
            }
        }
        SlotFn::Ternary(f) => f(vm, this, &pos[0], &pos[1]),
        SlotFn::Contains(f) => f(vm, this, &pos[0]).map(Value::bool),
        SlotFn::SetItem(f) => f(vm, this, &pos[0], pos.get(1).cloned()).map(|()| Value::NONE),
        SlotFn::GetAttr(f) => {
            let name = vm.attribute_name(&pos[0])?;
            f(vm, this, &name)
        }
        SlotFn::SetAttr(f) => {
            check_not_skipped(vm, this, f, dunder.name)?;
            let name = vm.attribute_name(&pos[0])?;
            f(vm, this, &name, pos.get(1).cloned()).map(|()| Value::NONE)
        }
        SlotFn::Compare(f) => match dunder.wrap {
            Wrap::Compare(op) => f(vm, this, &pos[0], op),
            _ => Ok(Value::NOT_IMPLEMENTED),
        },
        SlotFn::DescrGet(f) => {
            let instance = Some(&pos[0]).filter(|v| !v.is_none());
            let owner = pos.get(1).filter(|v| !v.is_none());
            if instance.is_none() && owner.is_none() {
                return Err(vm.type_error("__get__(None, None) is invalid"));
            }
            f(vm, this, instance, owner)
        }
        SlotFn::DescrSet(f) => f(vm, this, &pos[0], pos.get(1).cloned()).map(|()| Value::NONE),
        SlotFn::Call(_) | SlotFn::Init(_) | SlotFn::New(_) => unreachable!("returned above"),
    }
}

/// Refuses to set an attribute past the way in which a built-in class between sets them: `object.__setattr__(int, …)`.
fn check_not_skipped(vm: &mut Vm, this: &Value, f: SetAttrFn, name: &str) -> PyResult<()> {
    let ty = vm.type_of(this).clone();
    let setter = |class: &Ref<Type>| class.slots.set_attr.get();
    let own = setter(&ty);
    let classes = ty.mro(vm);
    let same = |a: Option<SetAttrFn>| match (a, own) {
        (Some(a), Some(b)) => std::ptr::fn_addr_eq(a, b),
        _ => false,
    };
    let defining = classes
        .iter()
        .rev()
        .find(|class| class.is_built_in() && same(setter(class)));
    let mut class = Some(defining.unwrap_or(&ty).clone());
    while let Some(found) = class {
        match setter(&found) {
            Some(setter) if std::ptr::fn_addr_eq(setter, f) => break,
            Some(_) if found.is_built_in() => {
                let found = ty.name();
                let message = format!("can't apply this {name} to {found} object");
                return Err(vm.type_error(message));
            }
            _ => class = found.base(),
        }
    }
    Ok(())
}

fn this_power3(vm: &Vm, this: &Value) -> Option<TernaryFn> {
    let classes = vm.type_of(this).mro(vm);
    classes.iter().find_map(|class| class.slots.power3.get())
}

fn wrong_count(
    vm: &mut Vm,
    name: &str,
    (min, max): (usize, usize),
    given: usize,
    is_count: bool,
) -> Raised {
    // CPython counts several arguments with a function that puts a name first, which was empty before 3.14; then those of a repetition, too.
    let is_named = vm.version_number() >= 14;
    let name = match (min > 1 || min < max, is_count) {
        (true, _) if is_named => format!("{name} "),
        (true, _) => " ".to_owned(),
        (false, true) if !is_named => " ".to_owned(),
        (false, _) => String::new(),
    };
    if min == max {
        let plural = if min == 1 { "" } else { "s" };
        return vm.type_error(format!(
            "{name}expected {min} argument{plural}, got {given}"
        ));
    }
    let (bound, word) = if given < min {
        (min, "least")
    } else {
        (max, "most")
    };
    let plural = if bound == 1 { "" } else { "s" };
    vm.type_error(format!(
        "{name}expected at {word} {bound} argument{plural}, got {given}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_class_fills_itself_is_told_slot_by_slot() {
        let full = Slots::empty();
        for name in ["__len__", "__eq__", "__add__", "__new__"] {
            fill(&full, name);
        }
        for dunder in DUNDERS {
            let own = Slots::empty();
            fill(&own, dunder.name);
            let found = own.inherit(&full);
            for other in DUNDERS {
                let expected = DUNDERS
                    .iter()
                    .any(|d| d.name == dunder.name && d.slot == other.slot);
                assert_eq!(found.contains(other.slot), expected, "{}", other.name);
            }
        }
    }

    fn fill(slots: &Slots, name: &str) {
        for dunder in DUNDERS.iter().filter(|dunder| dunder.name == name) {
            slots.set(dunder.slot, Some(some_function(dunder.slot)));
        }
    }

    /// A function for a slot, never called.
    fn some_function(slot: Slot) -> SlotFn {
        match slot {
            Slot::Unary(_) => SlotFn::Unary(|_, v| Ok(v.clone())),
            Slot::Power3 => SlotFn::Ternary(|_, v, _, _| Ok(v.clone())),
            Slot::Hash => SlotFn::Hash(|_, _| Ok(0)),
            Slot::Len => SlotFn::Len(|_, _| Ok(0)),
            Slot::Bool => SlotFn::Bool(|_, _| Ok(true)),
            Slot::Contains => SlotFn::Contains(|_, _, _| Ok(true)),
            Slot::SetItem => SlotFn::SetItem(|_, _, _, _| Ok(())),
            Slot::GetAttr => SlotFn::GetAttr(|_, v, _| Ok(v.clone())),
            Slot::SetAttr => SlotFn::SetAttr(|_, _, _, _| Ok(())),
            Slot::Compare => SlotFn::Compare(|_, v, _, _| Ok(v.clone())),
            Slot::Next => SlotFn::Next(|_, _| Ok(None)),
            Slot::DescrGet => SlotFn::DescrGet(|_, v, _, _| Ok(v.clone())),
            Slot::DescrSet => SlotFn::DescrSet(|_, _, _, _| Ok(())),
            Slot::Call => SlotFn::Call(|_, v, _| Ok(v.clone())),
            Slot::Init => SlotFn::Init(|_, _, _| Ok(())),
            Slot::New => SlotFn::New(|_, ty, _| Ok(Value::from(ty))),
            _ => SlotFn::Binary(|_, v, _| Ok(v.clone())),
        }
    }
}
