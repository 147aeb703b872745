//! CALL.

use pyco_code::quicken::{Instr, Unit};

use super::{cache, give_up, specialize_to};
use crate::object::function::{Function, Method};
use crate::object::header::{Kind, Ref};
use crate::object::list::List;
use crate::object::native::{MethodDescriptor, NativeCall, NativeDef, NativeFunction};
use crate::object::slots::{InitFn, NewFn};
use crate::object::type_::{Type, flags};
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// The callable and the self slot of a call with `count` arguments.
///
/// # Safety
/// The stack ends at `sp` and holds a call's operands; so for all that follow.
#[inline(always)]
unsafe fn operands<'a>(sp: *mut Slot, count: usize) -> (&'a Value, &'a Slot) {
    // SAFETY: forwarded; the callable is never NULL.
    unsafe {
        (
            (*sp.sub(count + 2)).as_ref().unwrap_unchecked(),
            &*sp.sub(count + 1),
        )
    }
}

/// Specialises CALL by the callable.
///
/// # Safety
/// As above.
pub(crate) unsafe fn call(vm: &mut Vm, unit: &Unit, sp: *mut Slot, count: usize) {
    // SAFETY: forwarded.
    let (callable, this) = unsafe { operands(sp, count) };
    // SAFETY: CALL has at least three cache units in every version.
    let learn = |n: usize, content: u64| unsafe { cache(unit, n).store(content) };
    let given = count + this.is_some() as usize;
    let instr = if let Some(function) = callable.downcast::<Function>() {
        if function.code().takes_exactly(given) {
            Instr::CallPyExactArgs
        } else {
            Instr::CallPyGeneral
        }
    } else if callable.downcast::<Method>().is_some() && this.is_none() {
        Instr::CallBoundMethodExactArgs
    } else if let Some(class) = callable.downcast::<Type>() {
        return plan_class(vm, unit, class, this, count);
    } else if let Some(function) = callable
        .downcast::<NativeFunction>()
        .filter(|_| this.is_none())
    {
        match (function.def.name, count) {
            ("len", 1) if is_builtin(vm, callable, "len") => {
                learn(1, address(function.def));
                // SAFETY: there is an argument.
                match unsafe { (*sp.sub(1)).as_ref() }
                    .and_then(|value| super::len_method(vm, value))
                {
                    Some(_) => Instr::CallLenMethod,
                    None => Instr::CallLen,
                }
            }
            ("isinstance", 2) if is_builtin(vm, callable, "isinstance") => {
                learn(1, address(function.def));
                Instr::CallIsinstance
            }
            _ => match function.def.call {
                NativeCall::One(_) => Instr::CallBuiltinO,
                _ => Instr::CallBuiltinFast,
            },
        }
    } else if let Some(descriptor) = callable
        .downcast::<MethodDescriptor>()
        .filter(|d| d.ty().is(&vm.types.method_descriptor))
    {
        let is_list_append = count == 1
            && descriptor.def.name == "append"
            && descriptor.owner.is(&vm.types.list)
            && this
                .as_ref()
                .is_some_and(|t| t.downcast::<List>().is_some());
        match descriptor.def.call {
            _ if is_list_append => {
                learn(1, address(descriptor.def));
                Instr::CallListAppend
            }
            NativeCall::NoArgs(_) => Instr::CallMethodDescriptorNoargs,
            NativeCall::One(_) => Instr::CallMethodDescriptorO,
            _ => Instr::CallMethodDescriptorFast,
        }
    } else {
        Instr::CallNonPyGeneral
    };
    specialize_to(vm, unit, instr);
}

/// What tells native functions apart; they live as long as the process.
#[inline(always)]
fn address(def: &'static NativeDef) -> u64 {
    std::ptr::from_ref(def) as u64
}

fn is_builtin(vm: &mut Vm, callable: &Value, name: &str) -> bool {
    let name = vm.intern(name);
    vm.builtins
        .clone()
        .get_str(vm, &name)
        .is_some_and(|b| b.is(callable))
}

fn plan_class(vm: &mut Vm, unit: &Unit, class: &Ref<Type>, this: &Slot, count: usize) {
    if this.is_some() || !class.ty().is(&vm.types.type_) {
        return give_up(vm, unit, &[class.as_value()]);
    }
    if class.is_built_in() {
        let instr = match count {
            1 if class.is(&vm.types.type_) => Instr::CallType1,
            1 if class.is(&vm.types.str) => Instr::CallStr1,
            1 if class.is(&vm.types.tuple) => Instr::CallTuple1,
            _ => Instr::CallBuiltinClass,
        };
        return specialize_to(vm, unit, instr);
    }
    let object_new = vm.types.object.slots.new.get();
    let plain = class
        .slots
        .new
        .get()
        .zip(object_new)
        .is_some_and(|(a, b): (NewFn, NewFn)| std::ptr::fn_addr_eq(a, b));
    let generic = class.slots.init.get().is_some_and(|f: InitFn| {
        crate::object::slot_functions::generic(crate::object::slots::Slot::Init)
            .is_some_and(|g| g.same(crate::object::slots::SlotFn::Init(f)))
    });
    let name = vm.names.__init__.clone();
    let init = class.lookup(vm, &name);
    let function = init.as_ref().and_then(|i| i.downcast::<Function>());
    match function {
        Some(function)
            if plain
                && generic
                && class.layout().kind == Kind::Instance
                && !class.has(flags::ABSTRACT)
                && class.version() != 0
                && function.code().takes_exactly(count + 1) =>
        {
            // SAFETY: CALL has at least three cache units in every version.
            unsafe {
                cache(unit, 1).store(class.version() as u64);
                cache(unit, 2).store(function.as_value().bits());
            }
            specialize_to(vm, unit, Instr::CallAllocAndEnterInit);
        }
        _ => give_up(vm, unit, &[class.as_value()]),
    }
}

/// CALL_PY_EXACT_ARGS: the function, moved out of its slot. Any will do that takes just so many arguments: the next closure of the same
/// code, or a method of another class.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn py_exact_args(sp: *mut Slot, count: usize) -> Option<Ref<Function>> {
    // SAFETY: forwarded.
    unsafe {
        let (callable, this) = operands(sp, count);
        let function = callable.downcast::<Function>()?;
        if !function
            .code()
            .takes_exactly(count + usize::from(this.is_some()))
        {
            return None;
        }
        // The slot is empty from now on: the function has been moved.
        let function = std::ptr::read(function);
        sp.sub(count + 2).write(None);
        Some(function)
    }
}

/// CALL_ALLOC_AND_ENTER_INIT: the class and its `__init__`.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn alloc_and_init(
    pc: *const Unit,
    sp: *mut Slot,
    count: usize,
) -> Option<(Ref<Type>, Ref<Function>)> {
    // SAFETY: forwarded; the class has the cached version, so it still holds the function.
    unsafe {
        let (callable, this) = operands(sp, count);
        let class = callable.downcast::<Type>().filter(|_| this.is_none())?;
        if class.version() as u64 != cache(pc, 1).load() {
            return None;
        }
        let function = &*(cache(pc, 2) as *const Unit).cast::<Value>();
        let function = function.downcast::<Function>()?;
        if !function.code().takes_exactly(count + 1) {
            return None;
        }
        Some((class.clone(), function.clone()))
    }
}

/// CALL_BUILTIN_O and CALL_BUILTIN_FAST: the function.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn native_function<'a>(
    sp: *mut Slot,
    count: usize,
) -> Option<&'a Ref<NativeFunction>> {
    // SAFETY: forwarded.
    let (callable, this) = unsafe { operands(sp, count) };
    callable
        .downcast::<NativeFunction>()
        .filter(|_| this.is_none())
}

/// CALL_METHOD_DESCRIPTOR_*: the method and its instance.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn method_descriptor<'a>(
    vm: &Vm,
    sp: *mut Slot,
    count: usize,
) -> Option<(&'static NativeDef, &'a Value)> {
    // SAFETY: forwarded.
    let (callable, this) = unsafe { operands(sp, count) };
    let this = this.as_ref()?;
    let descriptor = callable.downcast::<MethodDescriptor>()?;
    if !descriptor.ty().is(&vm.types.method_descriptor)
        || !vm.type_of(this).is_subtype(vm, &descriptor.owner)
    {
        return None;
    }
    Some((descriptor.def, this))
}

/// CALL_LIST_APPEND: appends, if the callable is `list.append` with a list.
///
/// # Safety
/// As above; on success the item's slot is empty.
#[inline(always)]
pub(crate) unsafe fn list_append(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> bool {
    // SAFETY: forwarded.
    unsafe {
        let (callable, this) = operands(sp, 1);
        let Some(descriptor) = callable.downcast::<MethodDescriptor>() else {
            return false;
        };
        let Some(list) = this.as_ref().and_then(|t| t.downcast::<List>()) else {
            return false;
        };
        if address(descriptor.def) != cache(pc, 1).load() {
            return false;
        }
        let Some(item) = (*sp.sub(1)).take() else {
            return false;
        };
        list.items_mut(vm).push(item);
        true
    }
}

/// CALL_LEN.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn len(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Option<Value> {
    // SAFETY: forwarded.
    let value = unsafe { len_argument(pc, sp) }?;
    if let Some(list) = value.downcast::<List>() {
        // A subclass may have a `__len__` of its own.
        if list.is_exact() {
            return Some(Value::small_int_wrapping(list.items(vm).len() as i64));
        }
    }
    len_of_other(vm, value)
}

/// What a call of the built-in `len` asks for.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn len_argument<'a>(pc: *const Unit, sp: *mut Slot) -> Option<&'a Value> {
    // SAFETY: forwarded.
    let ((callable, this), def) = unsafe { (operands(sp, 1), cache(pc, 1).load()) };
    let function = callable
        .downcast::<NativeFunction>()
        .filter(|_| this.is_none())?;
    if address(function.def) != def {
        return None;
    }
    // SAFETY: forwarded.
    unsafe { (*sp.sub(1)).as_ref() }
}

/// The length of what is no list; only if that runs no Python code.
#[inline(never)]
fn len_of_other(vm: &mut Vm, value: &Value) -> Option<Value> {
    let ty = vm.type_of(value);
    if !ty.is_built_in() {
        return None;
    }
    let len = ty.slots.len.get()?;
    len(vm, value).ok().map(|n| vm.int(n as i64))
}

/// CALL_ISINSTANCE.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn isinstance(vm: &mut Vm, pc: *const Unit, sp: *mut Slot) -> Option<bool> {
    // SAFETY: forwarded.
    let ((callable, this), def) = unsafe { (operands(sp, 2), cache(pc, 1).load()) };
    let function = callable
        .downcast::<NativeFunction>()
        .filter(|_| this.is_none())?;
    if address(function.def) != def {
        return None;
    }
    // SAFETY: forwarded.
    let (value, class) = unsafe { ((*sp.sub(2)).as_ref()?, (*sp.sub(1)).as_ref()?) };
    let class = class
        .downcast::<Type>()
        .filter(|c| c.ty().is(&vm.types.type_))?;
    vm.type_of(value).is_subtype(vm, class).then_some(true)
}

/// CALL_TYPE_1.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn type_1(vm: &Vm, sp: *mut Slot) -> Option<Value> {
    // SAFETY: forwarded.
    let (callable, this) = unsafe { operands(sp, 1) };
    if this.is_some() || !callable.is(vm.types.type_.as_value()) {
        return None;
    }
    // SAFETY: forwarded.
    unsafe { (*sp.sub(1)).as_ref() }.map(|value| Value::from(vm.type_of(value)))
}

/// CALL_BUILTIN_CLASS: the class.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn built_in_class<'a>(
    vm: &Vm,
    sp: *mut Slot,
    count: usize,
) -> Option<&'a Ref<Type>> {
    // SAFETY: forwarded.
    let (callable, this) = unsafe { operands(sp, count) };
    let class = callable.downcast::<Type>().filter(|_| this.is_none())?;
    (class.is_built_in() && class.ty().is(&vm.types.type_) && !class.is(&vm.types.type_))
        .then_some(class)
}

/// Whether the callable is `expected`, without a self.
///
/// # Safety
/// As above.
#[inline(always)]
pub(crate) unsafe fn is_callable(sp: *mut Slot, count: usize, expected: &Value) -> bool {
    // SAFETY: forwarded.
    let (callable, this) = unsafe { operands(sp, count) };
    this.is_none() && callable.is(expected)
}
