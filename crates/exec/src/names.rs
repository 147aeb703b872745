//! The interned names that the VM itself uses.

use crate::object::header::Ref;
use crate::object::slots::{BinaryOp, CompareOp, DUNDERS};
use crate::object::str_::Str;

/// The methods of operations with one operand, in the order of [`UnaryOp`](crate::object::slots::UnaryOp).
const UNARY: [&str; 13] = [
    "__repr__",
    "__str__",
    "__iter__",
    "__neg__",
    "__pos__",
    "__abs__",
    "__invert__",
    "__int__",
    "__float__",
    "__index__",
    "__await__",
    "__aiter__",
    "__anext__",
];

macro_rules! names {
    ($($name:ident)*) => {
        /// Interned names.
        #[allow(non_snake_case)]
        pub(crate) struct Names {
            /// The empty str.
            pub(crate) empty: Ref<Str>,
            /// `__add__` and so on, by operator.
            pub(crate) binary: Box<[Ref<Str>]>,
            /// `__radd__` and so on.
            pub(crate) reflected: Box<[Ref<Str>]>,
            /// `__iadd__` and so on.
            pub(crate) in_place: Box<[Ref<Str>]>,
            /// `__lt__` and so on.
            pub(crate) compare: Box<[Ref<Str>]>,
            /// The names of [`DUNDERS`].
            pub(crate) dunders: Box<[Ref<Str>]>,
            /// `__repr__` and so on, by operation.
            pub(crate) unary: Box<[Ref<Str>]>,
            $(pub(crate) $name: Ref<Str>,)*
        }

        impl Names {
            /// All names, interned by `name`.
            pub(crate) fn new(mut name: impl FnMut(&str) -> Ref<Str>) -> Names {
                let mut operators = |prefix: &str, ops: &[BinaryOp]| {
                    ops.iter().map(|op| name(&format!("__{prefix}{}__", op.stem()))).collect::<Box<[_]>>()
                };
                let mut with_divmod = BinaryOp::ALL.to_vec();
                with_divmod.push(BinaryOp::Divmod);
                let binary = operators("", &with_divmod);
                let reflected = operators("r", &with_divmod);
                let in_place = operators("i", &BinaryOp::ALL);
                let compare = CompareOp::ALL.iter().map(|op| name(op.dunder())).collect();
                let dunders = DUNDERS.iter().map(|dunder| name(dunder.name)).collect();
                let unary = UNARY.iter().map(|text| name(text)).collect();
                Names {
                    unary,
                    empty: name(""),
                    binary,
                    reflected,
                    in_place,
                    compare,
                    dunders,
                    $($name: name(stringify!($name)),)*
                }
            }
        }
    };
}

names! {
    __abstractmethods__ __aenter__ __aexit__ __all__ __annotate__ __annotate_func__ __annotations__
    __annotations_cache__ __bool__ __build_class__
    __builtins__ __bytes__ __call__ __class__ __class_getitem__ __classcell__ __classdictcell__ __complex__
    __contains__ __del__ __delattr__ __delete__ __delitem__ __dict__ __dir__ __doc__ __enter__
    __eq__ __exit__ __file__ __format__ __get__ __getattr__ __getattribute__ __getitem__ __hash__
    __import__ __init__ __init_subclass__ __len__ __match_args__ __missing__ __module__
    __mro_entries__ __name__ __new__ __next__ __orig_bases__ __package__ __path__ __prepare__
    __qualname__ __reversed__ __round__ __set__ __set_name__ __setattr__ __setitem__ __slots__
    __static_attributes__ __type_params__ close flush get keys send throw write
}
