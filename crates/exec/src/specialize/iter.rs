//! FOR_ITER.

use pyco_code::quicken::{Instr, Unit};

use super::{after, give_up, specialize_to};
use crate::error::PyResult;
use crate::object::dict_iter::DictIterator;
use crate::object::enumerate::Enumerate;
use crate::object::generator::{Generator, State};
use crate::object::header::Obj;
use crate::object::list_iter::ListIterator;
use crate::object::range_iter::RangeIterator;
use crate::object::tuple_iter::TupleIterator;
use crate::object::zip::Zip;
use crate::value::Value;
use crate::vm::Vm;

/// What a specialised FOR_ITER found.
pub(crate) enum Next {
    Item(Value),
    End,
    /// The iterator is of another type.
    Other,
}

/// Specialises FOR_ITER.
pub(crate) fn for_iter(vm: &mut Vm, unit: &Unit, iterator: &Value) {
    // Whether the loop variable is stored right away, and whether a local is loaded then.
    let (stores, loads) = match after(unit).instr() {
        Instr::StoreFast => (true, false),
        Instr::StoreFastLoadFast => (true, true),
        _ => (false, false),
    };
    let choose = |plain, fast, fast_fast| match (stores, loads) {
        (true, true) => fast_fast,
        (true, false) => fast,
        _ => plain,
    };
    let instr = if unpacks_two(after(unit)) && gives_pairs(vm, iterator) {
        Instr::ForIterPair
    } else if iterator.downcast::<ListIterator>().is_some() {
        choose(
            Instr::ForIterList,
            Instr::ForIterListFast,
            Instr::ForIterListFastFast,
        )
    } else if iterator.downcast::<TupleIterator>().is_some() {
        choose(
            Instr::ForIterTuple,
            Instr::ForIterTupleFast,
            Instr::ForIterTupleFastFast,
        )
    } else if iterator.downcast::<RangeIterator>().is_some() {
        choose(
            Instr::ForIterRange,
            Instr::ForIterRangeFast,
            Instr::ForIterRangeFastFast,
        )
    } else if iterator
        .downcast::<Generator>()
        .is_some_and(|g| g.ty().is(&vm.types.generator) && g.state.get() != State::Running)
    {
        Instr::ForIterGen
    } else {
        return give_up(vm, unit, &[iterator]);
    };
    specialize_to(vm, unit, instr);
}

/// Whether an instruction takes a sequence of two apart.
fn unpacks_two(unit: &Unit) -> bool {
    unit.base() == Instr::UnpackSequence && unit.arg() == 2
}

/// Whether FOR_ITER_PAIR knows the iterator.
fn gives_pairs(vm: &Vm, iterator: &Value) -> bool {
    let ty = vm.type_of(iterator);
    if ty.is(&vm.types.zip) {
        let zip = iterator.downcast::<Zip>();
        return zip.is_some_and(|zip| zip.two().is_some());
    }
    ty.is(&vm.types.enumerate) || ty.is(&vm.types.dict_item_iterator)
}

/// The next pair of an iterator that [`gives_pairs`]; `None` if it is another.
#[inline(always)]
pub(crate) fn next_pair(vm: &mut Vm, iterator: &Value) -> Option<PyResult<Option<(Value, Value)>>> {
    let ty = iterator.header()?.ty();
    // SAFETY: the payloads of these classes' instances are known.
    unsafe {
        if ty.is(&vm.types.dict_item_iterator) {
            let iterator = iterator.downcast_unchecked::<DictIterator>();
            return Some(iterator.next_pair(vm));
        }
        if ty.is(&vm.types.enumerate) {
            return Some(iterator.downcast_unchecked::<Enumerate>().next_pair(vm));
        }
        if ty.is(&vm.types.zip) {
            let two = iterator.downcast_unchecked::<Zip>().two()?;
            return Some(Zip::next_pair(vm, two));
        }
    }
    None
}

/// A generator that can be resumed.
#[inline(always)]
pub(crate) fn resumable(iterator: &Value) -> Option<*mut Obj<Generator>> {
    let generator = iterator.downcast::<Generator>()?;
    matches!(generator.state.get(), State::Created | State::Suspended).then(|| generator.as_ptr())
}

/// The next item of a list iterator.
#[inline(always)]
pub(crate) fn list_next(vm: &mut Vm, iterator: &Value) -> Next {
    Next::of(iterator.downcast::<ListIterator>().map(|i| i.next_item(vm)))
}

/// The next item of a tuple iterator.
#[inline(always)]
pub(crate) fn tuple_next(_: &mut Vm, iterator: &Value) -> Next {
    Next::of(iterator.downcast::<TupleIterator>().map(|i| i.next_item()))
}

/// The next item of a range iterator.
#[inline(always)]
pub(crate) fn range_next(_: &mut Vm, iterator: &Value) -> Next {
    Next::of(iterator.downcast::<RangeIterator>().map(|i| i.next_item()))
}

impl Next {
    #[inline(always)]
    fn of(item: Option<Option<Value>>) -> Next {
        match item {
            Some(Some(value)) => Next::Item(value),
            Some(None) => Next::End,
            None => Next::Other,
        }
    }
}
