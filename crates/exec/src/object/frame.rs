//! Frame and traceback objects: what Python code and tracebacks see of frames.
//!
//! A frame object is made when someone asks for it. While its frame lives it points to it; when the frame ends, it takes the
//! local variables over.

use std::cell::Cell;

use pyco_code::LocalKind;

use crate::cell::{ValueCell, VmCell};
use crate::eval::frame::Frame;
use crate::object::code::Code;
use crate::object::dict::Dict;
use crate::object::function::Cell as Cell_;
use crate::object::header::{Payload, Ref};
use crate::value::{Slot, Value};
use crate::vm::Vm;

/// A frame object's payload.
pub struct FrameObject {
    pub(crate) code: Ref<Code>,
    pub(crate) globals: Ref<Dict>,
    pub(crate) builtins: Ref<Dict>,
    pub(crate) namespace: ValueCell,
    /// The frame, null once it has ended.
    frame: Cell<*mut Frame>,
    /// The current instruction, in units, once the frame has ended.
    unit: Cell<u32>,
    /// The local variables, once the frame has ended.
    pub(crate) locals: VmCell<Vec<Slot>>,
    pub(crate) back: ValueCell,
    /// What `f_locals` was given under names that are no variables, a dict.
    pub(crate) extra_locals: ValueCell,
    /// Up to 3.12: the dict that `f_locals` has been since it was asked for.
    pub(crate) shown_locals: ValueCell,
    /// `f_trace`.
    pub(crate) trace: ValueCell,
    pub(crate) traces_lines: Cell<bool>,
    pub(crate) traces_opcodes: Cell<bool>,
}

impl Payload for FrameObject {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        visit(self.code.as_value());
        visit(self.globals.as_value());
        self.namespace.traverse(visit);
        self.back.traverse(visit);
        self.extra_locals.traverse(visit);
        self.shown_locals.traverse(visit);
        self.trace.traverse(visit);
        // SAFETY: the collector holds the VM, and visiting changes nothing.
        unsafe { self.locals.peek() }
            .iter()
            .flatten()
            .for_each(visit);
    }

    fn clear(&self) {
        // SAFETY: the collector holds the VM; the locals are dropped after the borrow has ended.
        drop(unsafe { std::mem::take(self.locals.peek_mut()) });
        self.back.set(None);
        self.trace.set(None);
    }
}

impl FrameObject {
    /// The object of a live frame.
    ///
    /// # Safety
    /// `frame` is a live frame of this VM.
    pub(crate) unsafe fn of(vm: &Vm, frame: *mut Frame) -> Ref<FrameObject> {
        // SAFETY: forwarded.
        let live = unsafe { &*frame };
        if let Some(object) = live.object.get().and_then(|o| o.into_ref().ok()) {
            return object;
        }
        let object = FrameObject {
            code: live.code().clone(),
            globals: live.globals().clone(),
            builtins: live.builtins().clone(),
            namespace: ValueCell::new(live.names()),
            frame: Cell::new(frame),
            unit: Cell::new(0),
            locals: VmCell::new(Vec::new()),
            back: ValueCell::new(None),
            extra_locals: ValueCell::new(None),
            shown_locals: ValueCell::new(None),
            trace: ValueCell::new(None),
            traces_lines: Cell::new(true),
            traces_opcodes: Cell::new(false),
        };
        let object = Ref::new(&vm.types.frame, object);
        live.object.set(Some(Value::from(&object)));
        object
    }

    /// Takes the locals of a frame that ends.
    ///
    /// # Safety
    /// `frame` is the live frame of this object; its locals are not used afterwards.
    pub(crate) unsafe fn detach(&self, frame: *mut Frame) {
        // SAFETY: forwarded; each local is moved out once, leaving an empty slot.
        unsafe {
            let locals = (*frame).locals();
            let moved = (0..(*frame).quick().locals_len())
                .map(|i| locals.add(i).replace(None))
                .collect();
            *self.locals.peek_mut() = moved;
            self.unit.set((*frame).unit_offset());
        }
        self.frame.set(std::ptr::null_mut());
    }

    /// The live frame.
    pub(crate) fn live(&self) -> Option<*mut Frame> {
        Some(self.frame.get()).filter(|f| !f.is_null())
    }

    /// Follows a frame that moves into a generator.
    pub(crate) fn moved(&self, frame: *mut Frame) {
        self.frame.set(frame);
    }

    /// The current instruction, in units.
    pub(crate) fn unit_offset(&self) -> u32 {
        match self.live() {
            // SAFETY: a frame clears this pointer when it ends.
            Some(frame) => unsafe { (*frame).unit_offset() },
            None => self.unit.get(),
        }
    }

    /// The values of all locals, cells opened.
    pub(crate) fn local_values(&self, vm: &Vm) -> Vec<Slot> {
        let slots: &[Slot] = match self.live() {
            // SAFETY: a frame clears this pointer when it ends; nothing runs while the slots are cloned.
            Some(frame) => unsafe { (*frame).locals_slice() },
            None => self.locals.get(vm),
        };
        slots
            .iter()
            .enumerate()
            .map(|(index, slot)| {
                let value = slot.as_ref()?;
                let kind = self.code.code().local_kind(index);
                match value.downcast::<Cell_>() {
                    Some(cell) if kind.intersects(LocalKind::CELL | LocalKind::FREE) => {
                        cell.value.get()
                    }
                    _ => Some(value.clone()),
                }
            })
            .collect()
    }

    /// From 3.12 on: whether a module's or class's frame is in a comprehension that has been built into it, whose variables are
    /// not the module's or class's.
    pub(crate) fn has_hidden_locals(&self, vm: &Vm) -> bool {
        let code = self.code.code();
        let is_hidden = |index: usize| code.local_kind(index).contains(LocalKind::HIDDEN);
        vm.version_number() >= 12
            && (0..self.code.local_names().len()).any(is_hidden)
            && self
                .local_values(vm)
                .iter()
                .enumerate()
                .any(|(index, value)| value.is_some() && is_hidden(index))
    }

    /// Sets a variable; what a cell holds, if it stands in one.
    pub(crate) fn set_local(&self, vm: &mut Vm, index: usize, value: Value) {
        let kind = self.code.code().local_kind(index);
        let slot: Option<&mut Slot> = match self.live() {
            // SAFETY: a frame clears this pointer when it ends; the loop owns its slots, but runs no instruction meanwhile.
            Some(frame) => unsafe { (*frame).locals().add(index).as_mut() },
            None => self.locals.get_mut(vm).get_mut(index),
        };
        let Some(slot) = slot else {
            return;
        };
        let cell = slot.as_ref().and_then(|held| held.downcast::<Cell_>());
        match cell.filter(|_| kind.intersects(LocalKind::CELL | LocalKind::FREE)) {
            Some(cell) => cell.value.set(Some(value)),
            None => drop(slot.replace(value)),
        }
    }

    /// Up to 3.12: gives the variables of the function the values that the dict shown as `f_locals` has by now.
    pub(crate) fn take_back_locals(&self, vm: &mut Vm) {
        let shown = self.shown_locals.take();
        let Some(shown) = shown.and_then(|d| d.into_ref::<Dict>().ok()) else {
            return;
        };
        let code = self.code.clone();
        for (index, name) in code.local_names().iter().enumerate() {
            if let Some(value) = shown.get_str(vm, name) {
                self.set_local(vm, index, value);
            }
        }
        self.shown_locals.set(Some(Value::from(shown)));
    }

    /// The line being executed, 1-based.
    pub(crate) fn line(&self) -> Option<u32> {
        line_of(&self.code, self.unit_offset())
    }
}

/// The line of an instruction, 1-based.
pub(crate) fn line_of(code: &Code, unit: u32) -> Option<u32> {
    code.code()
        .location(pyco_code::UnitOffset(unit))
        .ok()?
        .line()
}

/// A traceback's payload: one frame, and the next one towards where the exception was raised.
pub struct Traceback {
    pub(crate) next: ValueCell,
    pub(crate) frame: Ref<FrameObject>,
    /// The instruction that raised or called, in units.
    pub(crate) unit: Cell<u32>,
    /// `tb_lasti` and `tb_lineno` of one that a program has made, which may say anything.
    pub(crate) given: Option<[i32; 2]>,
}

impl Payload for Traceback {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.next.traverse(visit);
        visit(self.frame.as_value());
    }

    fn clear(&self) {
        self.next.set(None);
    }
}
