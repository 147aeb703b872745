//! Entering and leaving frames: calls and returns. Generators are in `resume.rs`.
//!
//! Every function here takes its operands from the caller's stack, whose top is the caller's `sp`:
//!
//! ```text
//! [ callable, self or NULL, arg 1 … arg n ]
//! ```
//!
//! When a frame is entered, arguments have moved into its locals and the callable into the frame; the caller's `sp` then stands
//! behind the callable's slot, which is empty and takes the result. On an error, the caller's `sp` stands behind what is still there.

use std::mem;
use std::ptr;

use pyco_code::quicken::Unit;

use crate::call::Args;
use crate::cell::ValueCell;
use crate::error::PyResult;
use crate::eval::bind::{Given, Keywords};
use crate::eval::frame::{Frame, Return};
use crate::eval::{Outcome, run};
use crate::eval::{bind, resume};
use crate::object::code::Quick;
use crate::object::dict::Dict;
use crate::object::frame::FrameObject;
use crate::object::function::{Function, Method};
use crate::object::header::Ref;
use crate::object::instance::new_instance;
use crate::object::str_::Str;
use crate::object::tuple::Tuple;
use crate::object::type_::Type;
use crate::ops;
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// What a call has led to.
pub(crate) enum Entered {
    /// A Python function's frame, to be run.
    Frame(*mut Frame),
    /// The result of a native one; the caller's `sp` stands behind the slot for it.
    Done(Value),
}

/// A frame about to run, with what the loop keeps in registers.
#[derive(Clone, Copy)]
pub(crate) struct Ready {
    pub(crate) frame: *mut Frame,
    pub(crate) pc: *const Unit,
    pub(crate) sp: *mut Slot,
    pub(crate) locals: *mut Slot,
}

/// Makes `frame` the running one.
#[inline(always)]
pub(super) unsafe fn link(vm: &mut Vm, frame: *mut Frame) -> PyResult<()> {
    vm.depth += 1;
    vm.frame = frame;
    Ok(())
}

/// Empties the slots from `from` to `to`: as a rule one or two.
#[inline(always)]
unsafe fn clear_slots(from: *mut Slot, to: *mut Slot) {
    // SAFETY: the caller owns these slots, which hold nothing yet.
    unsafe {
        let len = to.offset_from(from);
        if len <= 0 {
            return;
        }
        from.write(None);
        to.sub(1).write(None);
        if len > 2 {
            clear_more(from.add(1), len as usize - 2);
        }
    }
}

#[inline(never)]
unsafe fn clear_more(from: *mut Slot, len: usize) {
    for index in 0..len {
        // SAFETY: forwarded.
        unsafe { from.add(index).write(None) };
    }
}

#[inline(always)]
pub(super) fn check_depth(vm: &mut Vm) -> PyResult<()> {
    if vm.depth >= vm.recursion_limit {
        return Err(vm.recursion_error(""));
    }
    Ok(())
}

/// Writes the fixed part of a frame whose locals stand at `base`, and takes its slots.
///
/// # Safety
/// The slots from `base` on are free but for the locals already written, and fit.
#[inline(always)]
unsafe fn finish_frame(
    vm: &mut Vm,
    base: *mut Slot,
    previous_top: *mut Slot,
    function: Ref<Function>,
    quick: *const Quick,
    back: *mut Frame,
    on_return: Return,
) -> Ready {
    // SAFETY: forwarded.
    unsafe {
        let frame = base.add((*quick).locals_len()).cast::<Frame>();
        let pc = match vm.interrupted() || vm.is_watched {
            true => (*quick).units().as_ptr(),
            false => (*quick).start_behind_resume(),
        };
        let sp = Frame::stack_behind(frame);
        frame.write(Frame {
            back,
            previous_top,
            function,
            quick,
            pc,
            sp,
            namespace: None,
            generator: ptr::null_mut(),
            object: ValueCell::new(None),
            on_return,
        });
        vm.depth += 1;
        vm.frame = frame;
        Ready {
            frame,
            pc,
            sp,
            locals: base,
        }
    }
}

/// Calls a Python function with the arguments on the stack, and behind them `rest` more, which `fill` writes. `function` has been taken from the
/// callable's slot.
///
/// # Safety
/// The caller's stack ends at `sp`, with `count` arguments and the self slot below; `function` wants them all, self included if it is there,
/// and `rest` more; `fill` initialises so many slots, if it is called at all.
#[inline(always)]
pub(crate) unsafe fn exact(
    vm: &mut Vm,
    caller: *mut Frame,
    function: Ref<Function>,
    sp: *mut Slot,
    count: usize,
    rest: usize,
    fill: impl FnOnce(*mut Slot),
) -> PyResult<Ready> {
    // SAFETY: forwarded; the arguments are the callee's first locals where they stand, or are moved bit by bit.
    unsafe {
        let args = sp.sub(count);
        // The caller goes on behind the callable's slot.
        let caller_sp = args.sub(1);
        let has_self = usize::from((*args.sub(1)).is_some());
        let args = args.sub(has_self);
        let count = count + has_self;
        let quick = function.code().quick(vm);
        let quick = match quick {
            Ok(quick) if vm.depth < vm.recursion_limit => quick,
            Ok(_) => return fail(vm, caller, sp, None),
            Err(raised) => return fail(vm, caller, sp, Some(raised)),
        };
        (*caller).sp = caller_sp;
        let previous_top = vm.stack.top();
        let len = (*quick).frame_len();
        // A generator's stack is no part of a chunk.
        let base = if vm.stack.is_current(args) && vm.stack.fits(args, len) {
            vm.stack.take_from(args, len);
            args
        } else {
            copy_args(vm, args, count, len)
        };
        fill(base.add(count));
        let bound = base.add(count + rest);
        clear_slots(bound, base.add((*quick).locals_len()));
        Ok(finish_frame(
            vm,
            base,
            previous_top,
            function,
            quick,
            caller,
            Return::Call,
        ))
    }
}

/// Moves arguments to a new frame's slots, where they cannot stay in place.
#[inline(never)]
unsafe fn copy_args(vm: &mut Vm, args: *mut Slot, count: usize, frame_len: usize) -> *mut Slot {
    let base = vm.stack.take(frame_len);
    // SAFETY: a frame has room for its arguments, and those on the caller's stack are not used again.
    unsafe { ptr::copy_nonoverlapping(args, base, count) };
    base
}

/// The end of a call that failed before its frame was there: everything is still on the caller's stack.
#[cold]
unsafe fn fail<T>(
    vm: &mut Vm,
    caller: *mut Frame,
    sp: *mut Slot,
    raised: Option<crate::error::Raised>,
) -> PyResult<T> {
    // SAFETY: the caller is live.
    unsafe { (*caller).sp = sp };
    match raised {
        Some(raised) => Err(raised),
        None => Err(vm.recursion_error("")),
    }
}

/// CALL: `count` arguments on the caller's stack, all positional.
///
/// # Safety
/// The caller's stack holds a call's operands.
pub(crate) unsafe fn call(vm: &mut Vm, caller: *mut Frame, count: usize) -> PyResult<Entered> {
    // SAFETY: forwarded; see the top of the file.
    unsafe {
        let sp = (*caller).sp;
        unpack_method(sp, count);
        let callable = (*sp.sub(count + 2)).as_ref().unwrap_unchecked();
        if let Some(function) = callable.downcast::<Function>() {
            let given = count + (*sp.sub(count + 1)).is_some() as usize;
            let wanted = function.code().exact_argcount();
            let missing = wanted.and_then(|wanted| (wanted as usize).checked_sub(given));
            let defaults = missing
                .filter(|n| *n > 0)
                .and_then(|_| function.default_values());
            let defaults = defaults.as_ref().map_or(&[][..], |d| d.items());
            if let Some(first) = missing.and_then(|n| defaults.len().checked_sub(n)) {
                let function = take_function(sp, count);
                let defaults = &defaults[first..];
                let fill = |to: *mut Slot| {
                    for (index, value) in defaults.iter().enumerate() {
                        to.add(index).write(Some(value.clone()));
                    }
                };
                return exact(vm, caller, function, sp, count, defaults.len(), fill)
                    .map(|ready| Entered::Frame(ready.frame));
            }
            return python_general(vm, caller, count, None).map(Entered::Frame);
        }
        native(vm, caller, count, None)
    }
}

/// CALL_KW: the names of the last arguments are on top of the stack.
///
/// # Safety
/// As for [`call`].
pub(crate) unsafe fn call_kw(vm: &mut Vm, caller: *mut Frame, count: usize) -> PyResult<Entered> {
    // SAFETY: forwarded.
    unsafe {
        (*caller).sp = (*caller).sp.sub(1);
        let names = (*caller).sp.read();
        call_named(vm, caller, count, names)
    }
}

/// A call whose last arguments have these names.
///
/// # Safety
/// As for [`call`].
pub(crate) unsafe fn call_named(
    vm: &mut Vm,
    caller: *mut Frame,
    count: usize,
    names: Slot,
) -> PyResult<Entered> {
    // SAFETY: forwarded.
    unsafe {
        let sp = (*caller).sp;
        let Some(names) = names.and_then(|n| n.into_ref::<Tuple>().ok()) else {
            return Err(vm.type_error("keyword names must be a tuple"));
        };
        if names.items().len() > count {
            return Err(vm.type_error("more keyword names than arguments"));
        }
        if !names.items().iter().all(|n| n.downcast::<Str>().is_some()) {
            return Err(vm.type_error("keywords must be strings"));
        }
        unpack_method(sp, count);
        let callable = (*sp.sub(count + 2)).as_ref().unwrap_unchecked();
        if let Some(function) = callable.downcast::<Function>() {
            let count = count - names.items().len();
            let values = sp.sub(names.items().len());
            let given = count + usize::from((*values.sub(count + 1)).is_some());
            if let Some((rest, len)) = bind::named(vm, function, given, names.items(), values) {
                let function = take_function(values, count);
                let fill = |to: *mut Slot| {
                    to.copy_from_nonoverlapping(rest.as_ptr(), len);
                    mem::forget(rest);
                };
                return exact(vm, caller, function, values, count, len, fill)
                    .map(|ready| Entered::Frame(ready.frame));
            }
            let count = count + names.items().len();
            return python_general(vm, caller, count, Some(names)).map(Entered::Frame);
        }
        native(vm, caller, count, Some(&names))
    }
}

/// CALL_FUNCTION_EX: `[callable, NULL, args tuple, kwargs dict or NULL]`; up to 3.12 the callable may be second.
///
/// # Safety
/// As for [`call`].
pub(crate) unsafe fn call_function_ex(
    vm: &mut Vm,
    caller: *mut Frame,
    has_keywords: bool,
) -> PyResult<Entered> {
    // SAFETY: forwarded.
    unsafe {
        let mut sp = (*caller).sp;
        let mut take = || {
            sp = sp.sub(1);
            sp.read()
        };
        let keywords = if has_keywords { take() } else { None };
        let positional = take().unwrap_or(Value::NONE);
        order_callable(sp, 0);
        sp = sp.sub(1);
        drop(sp.read());
        (*caller).sp = sp;
        let callable = (*sp.sub(1)).clone().unwrap_unchecked();
        let positional = ops::calls::star_args(vm, &callable, positional)?;
        let keywords = match &keywords {
            Some(keywords) => ops::calls::star_kwargs(vm, &callable, keywords)?,
            None => Vec::new(),
        };
        let method = callable.downcast::<Method>();
        let function = method.map_or(&callable, |method| &method.function);
        if let Some(function) = function.downcast::<Function>() {
            check_depth(vm)?;
            drop((*sp.sub(1)).take());
            let this = method.map(|method| &method.this);
            let given = Given::new(this, positional.items(), Keywords::Items(&keywords));
            return frame_for(vm, function, given, caller, Return::Call).map(Entered::Frame);
        }
        let mut values = positional.items();
        let (mut all, mut names) = (Vec::new(), None);
        if !keywords.is_empty() {
            all.extend_from_slice(values);
            let (keys, rest): (Vec<Value>, Vec<Value>) = keywords.into_iter().unzip();
            all.extend(rest);
            values = &all;
            names = Some(Tuple::of_type(&vm.types.tuple, keys));
        }
        let result = vm.call_args(&callable, Args::new(values, names.as_ref()))?;
        Ok(Entered::Done(result))
    }
}

/// Puts the callable below, where NULL lies there.
///
/// # Safety
/// The stack ends at `sp` and holds a call's operands, in either order.
#[inline(always)]
pub(crate) unsafe fn order_callable(sp: *mut Slot, count: usize) {
    // SAFETY: forwarded.
    unsafe {
        let callable = sp.sub(count + 2);
        if (*callable).is_none() {
            callable.swap(sp.sub(count + 1));
        }
    }
}

/// Puts a bound method's function and instance in place, if the callable is one.
#[inline]
unsafe fn unpack_method(sp: *mut Slot, count: usize) {
    // SAFETY: the slots hold a call's operands.
    unsafe {
        let (callable, this) = (sp.sub(count + 2), sp.sub(count + 1));
        if (*this).is_none()
            && let Some(method) = (*callable).as_ref().unwrap_unchecked().downcast::<Method>()
        {
            let method = method.clone();
            *this = Some(method.this.clone());
            *callable = Some(method.function.clone());
        }
    }
}

/// Moves the callable, a Python function, out of its slot.
#[inline(always)]
unsafe fn take_function(sp: *mut Slot, count: usize) -> Ref<Function> {
    // SAFETY: the caller has seen that a function is there.
    unsafe {
        (*sp.sub(count + 2))
            .take()
            .and_then(|f| f.into_ref().ok())
            .unwrap_unchecked()
    }
}

/// Calls a Python function with any parameters.
unsafe fn python_general(
    vm: &mut Vm,
    caller: *mut Frame,
    count: usize,
    names: Option<Ref<Tuple>>,
) -> PyResult<*mut Frame> {
    // SAFETY: forwarded; the operands are moved out of the caller's stack, once.
    unsafe {
        check_depth(vm)?;
        let sp = (*caller).sp;
        let function = take_function(sp, count);
        let has_self = (*sp.sub(count + 1)).is_some();
        let first = sp.sub(count + has_self as usize);
        let values = std::slice::from_raw_parts(first.cast::<Value>(), count + has_self as usize);
        let given = Given::named(None, values, names.as_ref());
        let result = frame_for(vm, &function, given, caller, Return::Call);
        for index in 0..count + 1 {
            drop(sp.sub(index + 1).replace(None));
        }
        (*caller).sp = sp.sub(count + 1);
        result
    }
}

/// Calls anything but a Python function.
unsafe fn native(
    vm: &mut Vm,
    caller: *mut Frame,
    count: usize,
    names: Option<&Ref<Tuple>>,
) -> PyResult<Entered> {
    // SAFETY: the operands stay on the caller's stack during the call and are dropped after it.
    unsafe {
        let sp = (*caller).sp;
        let callable = (*sp.sub(count + 2)).clone().unwrap_unchecked();
        let has_self = (*sp.sub(count + 1)).is_some();
        let first = sp.sub(count + has_self as usize);
        let values = std::slice::from_raw_parts(first.cast::<Value>(), count + has_self as usize);
        let result = vm.call_args(&callable, Args::new(values, names));
        for index in 0..count + 1 {
            drop(sp.sub(index + 1).replace(None));
        }
        (*caller).sp = sp.sub(count + 1);
        result.map(Entered::Done)
    }
}

/// A frame for `function` with bound arguments, linked behind `caller`.
unsafe fn frame_for(
    vm: &mut Vm,
    function: &Ref<Function>,
    given: Given<'_>,
    caller: *mut Frame,
    on_return: Return,
) -> PyResult<*mut Frame> {
    let quick = function.code().quick(vm)?;
    let previous_top = vm.stack.top();
    // SAFETY: the slots are fresh; all locals are initialised, or none on an error.
    unsafe {
        let base = vm.stack.take((*quick).frame_len());
        let count = given.only_positional();
        if count.is_some_and(|count| function.code().takes_exactly(count)) {
            let mut local = base;
            for value in given.unnamed() {
                local.write(Some(value.clone()));
                local = local.add(1);
            }
            clear_slots(local, base.add((*quick).locals_len()));
            let function = function.clone();
            let ready = finish_frame(vm, base, previous_top, function, quick, caller, on_return);
            return Ok(ready.frame);
        }
        let locals = std::slice::from_raw_parts_mut(base, (*quick).locals_len());
        for local in locals.iter_mut() {
            ptr::write(local, None);
        }
        if let Err(raised) = bind::bind(vm, function, given, locals) {
            for local in locals {
                drop(local.take());
            }
            vm.stack.give_back(previous_top);
            return Err(raised);
        }
        let function = function.clone();
        let ready = finish_frame(vm, base, previous_top, function, quick, caller, on_return);
        Ok(ready.frame)
    }
}

/// `Class(…)` with a Python `__init__`: the instance takes the callable's place, `__init__` runs as a frame.
///
/// # Safety
/// As for [`exact`]; `init` wants the instance and the `count` arguments exactly.
pub(crate) unsafe fn init(
    vm: &mut Vm,
    caller: *mut Frame,
    class: Ref<Type>,
    init: Ref<Function>,
    sp: *mut Slot,
    count: usize,
) -> PyResult<Ready> {
    // SAFETY: forwarded; the self slot is empty, as the callable is a class.
    unsafe {
        let instance = Value::from(new_instance(&class));
        let (callable, this) = (sp.sub(count + 2), sp.sub(count + 1));
        this.write(Some(instance.clone()));
        *callable = Some(instance);
        let ready = exact(vm, caller, init, sp, count, 0, |_| ())?;
        (*ready.frame).on_return = Return::Init;
        Ok(ready)
    }
}

/// Calls a property's getter, a Python function of one argument; the instance is on top of the caller's stack.
///
/// # Safety
/// `getter` takes exactly one argument.
pub(crate) unsafe fn property(
    vm: &mut Vm,
    caller: *mut Frame,
    getter: Ref<Function>,
) -> PyResult<Ready> {
    // SAFETY: the caller's stack may lack room for a whole call, so the argument moves to the callee's locals directly.
    unsafe {
        check_depth(vm)?;
        let quick = getter.code().quick(vm)?;
        let top = (*caller).sp.sub(1);
        let previous_top = vm.stack.top();
        let base = vm.stack.take((*quick).frame_len());
        base.write(top.read());
        top.write(None);
        clear_slots(base.add(1), base.add((*quick).locals_len()));
        Ok(finish_frame(
            vm,
            base,
            previous_top,
            getter,
            quick,
            caller,
            Return::Call,
        ))
    }
}

/// Calls a Python method for an instruction, whose operands stay where they are: copies of `args`, of which there are as many as it takes.
///
/// # Safety
/// `function` takes exactly so many arguments.
pub(crate) unsafe fn method<const COUNT: usize>(
    vm: &mut Vm,
    caller: *mut Frame,
    function: Ref<Function>,
    args: [&Value; COUNT],
) -> PyResult<Ready> {
    // SAFETY: forwarded; all locals are initialised.
    unsafe {
        check_depth(vm)?;
        let quick = function.code().quick(vm)?;
        let previous_top = vm.stack.top();
        let base = vm.stack.take((*quick).frame_len());
        for (index, value) in args.into_iter().enumerate() {
            base.add(index).write(Some(value.clone()));
        }
        clear_slots(base.add(COUNT), base.add((*quick).locals_len()));
        Ok(finish_frame(
            vm,
            base,
            previous_top,
            function,
            quick,
            caller,
            Return::Operator,
        ))
    }
}

/// Ends a frame on the value stack or a generator's; gives the frame below.
///
/// # Safety
/// `frame` is the running frame, its operand stack is empty or its `sp` says what is left.
#[inline(always)]
pub(crate) unsafe fn leave(vm: &mut Vm, frame: *mut Frame) -> *mut Frame {
    // SAFETY: forwarded; every slot is dropped once.
    unsafe {
        let back = (*frame).back;
        vm.depth -= 1;
        vm.frame = back;
        if !(*frame).is_plain() {
            if !(*frame).generator.is_null() {
                resume::finish_generator(vm, frame);
                return back;
            }
            let_go(vm, frame);
        }
        let previous_top = (*frame).previous_top;
        let mut local = (*frame).locals();
        while local != frame.cast() {
            drop(local.read());
            local = local.add(1);
        }
        let function = ptr::read(&(*frame).function);
        vm.stack.give_back(previous_top);
        drop(function);
        back
    }
}

/// Separates a frame that goes from its object and its namespace.
#[cold]
#[inline(never)]
unsafe fn let_go(vm: &mut Vm, frame: *mut Frame) {
    // SAFETY: forwarded; both are taken, once.
    unsafe {
        if let Some(object) = (*frame)
            .object
            .take()
            .and_then(|o| o.into_ref::<FrameObject>().ok())
        {
            object.detach(frame);
            // Whoever still has it may ask for its caller.
            let back = (*frame).back;
            if object.header().refcount() > 1 && !back.is_null() {
                object
                    .back
                    .set(Some(Value::from(FrameObject::of(vm, back))));
            }
        }
        drop((*frame).namespace.take());
    }
}

/// Calls from Rust.
impl Vm {
    /// Calls a Python function.
    pub(crate) fn call_function(&mut self, function: &Ref<Function>, args: Args<'_>) -> PyResult {
        self.call_function_with(function, None, args)
    }

    /// Calls a Python function, with `this` before the other arguments.
    pub(crate) fn call_function_with(
        &mut self,
        function: &Ref<Function>,
        this: Option<&Value>,
        args: Args<'_>,
    ) -> PyResult {
        check_depth(self)?;
        self.enter("")?;
        // SAFETY: the frame is made for this run, behind the current one.
        let outcome = unsafe {
            let given = Given::named(this, args.all_values(), args.names());
            match frame_for(self, function, given, self.frame, Return::Entry) {
                Ok(frame) => run(self, frame),
                Err(raised) => Err(raised),
            }
        };
        self.leave();
        match outcome? {
            Outcome::Returned(value) | Outcome::Yielded(value) => Ok(value),
        }
    }

    /// Runs a code object in a namespace, as `PyEval_EvalCode` does; `closure` holds the cells of its free variables.
    pub(crate) fn eval_code(
        &mut self,
        function: &Ref<Function>,
        namespace: Option<Value>,
    ) -> PyResult {
        check_depth(self)?;
        self.enter("")?;
        // SAFETY: as in `call_function`.
        let outcome = unsafe {
            let given = Given::named(None, &[], None);
            match frame_for(self, function, given, self.frame, Return::Entry) {
                Ok(frame) => {
                    (*frame).namespace = namespace;
                    run(self, frame)
                }
                Err(raised) => Err(raised),
            }
        };
        self.leave();
        match outcome? {
            Outcome::Returned(value) | Outcome::Yielded(value) => Ok(value),
        }
    }

    /// The globals of the running Python frame, for natives that need them.
    pub(crate) fn current_globals(&self) -> Option<Ref<Dict>> {
        // SAFETY: the VM's current frame is live.
        unsafe { self.frame.as_ref() }.map(|frame| frame.globals().clone())
    }

    /// The built-ins of the running Python frame, or the VM's own.
    pub(crate) fn current_builtins(&self) -> Ref<Dict> {
        // SAFETY: the VM's current frame is live.
        let frame = unsafe { self.frame.as_ref() };
        frame
            .map_or(&self.builtins, |frame| frame.builtins())
            .clone()
    }

    /// The object of the running Python frame, for natives that need its variables.
    pub(crate) fn current_frame_object(&self) -> Option<Ref<FrameObject>> {
        if self.frame.is_null() {
            return None;
        }
        // SAFETY: the VM's current frame is live.
        Some(unsafe { FrameObject::of(self, self.frame) })
    }

    /// The object of the Python frame `depth` calls below the running one, as `sys._getframe` gives it.
    #[must_use]
    pub fn frame_object(&self, depth: usize) -> Option<Value> {
        let mut frame = self.frame;
        for _ in 0..depth {
            // SAFETY: the VM's current frame is live, and so are its callers.
            frame = unsafe { frame.as_ref() }?.back;
        }
        // SAFETY: as above.
        (!frame.is_null()).then(|| Value::from(unsafe { FrameObject::of(self, frame) }))
    }
}
