//! Interior mutability of objects, checked at compile time by who holds the VM.
//!
//! Python code can only run through a `&mut Vm`. So what a [`VmCell`] holds may be looked at while the VM is
//! borrowed, and changed while it is borrowed mutably, without any run-time flag: as long as such a borrow lives,
//! no Python code, hence nobody else, can reach the object. Sound because there is one VM a thread and objects do not
//! leave their thread, so that a `&mut Vm` is the only one that could reach them.

use std::cell::UnsafeCell;

use crate::value::Value;
use crate::vm::Vm;

/// A field of an object that changes, guarded by the VM.
pub struct VmCell<T>(UnsafeCell<T>);

impl<T> VmCell<T> {
    /// A cell that holds `value`.
    #[inline(always)]
    pub const fn new(value: T) -> VmCell<T> {
        VmCell(UnsafeCell::new(value))
    }

    /// What the cell holds.
    #[inline(always)]
    pub fn get<'a>(&'a self, _: &'a Vm) -> &'a T {
        // SAFETY: a mutable borrow of the contents would hold the VM mutably; see the top of the file.
        unsafe { &*self.0.get() }
    }

    /// What the cell holds, to be changed.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub fn get_mut<'a>(&'a self, _: &'a mut Vm) -> &'a mut T {
        // SAFETY: any other borrow of the contents would hold the VM; see the top of the file.
        unsafe { &mut *self.0.get() }
    }

    /// What the cell holds, for the only one who has the cell.
    #[inline(always)]
    pub fn exclusive(&mut self) -> &mut T {
        self.0.get_mut()
    }

    /// Shows the contents to [`Payload::traverse`](crate::object::header::Payload::traverse), which has no VM at hand, as `look`
    /// does nothing but visit values.
    ///
    /// # Safety
    /// Only within `traverse`, which the collector calls while it holds the VM: nobody has a borrow of the contents, and `look` runs no
    /// Python code.
    pub unsafe fn traverse_with(&self, look: impl FnOnce(&T)) {
        // SAFETY: forwarded.
        look(unsafe { self.peek() })
    }

    /// Takes the contents for [`Payload::clear`](crate::object::header::Payload::clear), to be dropped after the cell is whole
    /// again.
    ///
    /// # Safety
    /// Only within `clear`, which the collector calls while it holds the VM: nobody has a borrow of the contents.
    pub unsafe fn take_in_clear(&self) -> T
    where
        T: Default,
    {
        // SAFETY: forwarded.
        std::mem::take(unsafe { self.peek_mut() })
    }

    /// What the cell holds, without the VM.
    ///
    /// # Safety
    /// No Python code runs and no `get_mut` is made while the result is used.
    #[inline(always)]
    pub(crate) unsafe fn peek(&self) -> &T {
        // SAFETY: forwarded.
        unsafe { &*self.0.get() }
    }

    /// What the cell holds, to be changed, without the VM.
    ///
    /// # Safety
    /// No other borrow of the contents is used while the result is.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub(crate) unsafe fn peek_mut(&self) -> &mut T {
        // SAFETY: forwarded.
        unsafe { &mut *self.0.get() }
    }
}

/// A field of an object that holds a value or nothing; read by cloning, so it needs no VM.
pub struct ValueCell(UnsafeCell<Option<Value>>);

impl ValueCell {
    /// A cell that holds `value`.
    #[inline(always)]
    pub const fn new(value: Option<Value>) -> ValueCell {
        ValueCell(UnsafeCell::new(value))
    }

    /// A new reference to what the cell holds.
    #[inline(always)]
    pub fn get(&self) -> Option<Value> {
        // SAFETY: the borrow ends before anything else can touch the cell, as cloning a value runs no code.
        unsafe { (*self.0.get()).clone() }
    }

    /// Whether the cell holds nothing.
    #[inline(always)]
    pub fn is_empty(&self) -> bool {
        // SAFETY: as in `get`.
        unsafe { (*self.0.get()).is_none() }
    }

    /// Puts `value` in and drops what was there.
    #[inline(always)]
    pub fn set(&self, value: Option<Value>) {
        drop(self.replace(value));
    }

    /// Puts `value` in and gives what was there.
    #[inline(always)]
    pub fn replace(&self, value: Option<Value>) -> Option<Value> {
        // SAFETY: as in `get`; moving runs no code.
        unsafe { std::mem::replace(&mut *self.0.get(), value) }
    }

    /// Leaves the cell empty and gives what was there.
    #[inline(always)]
    pub fn take(&self) -> Option<Value> {
        self.replace(None)
    }

    /// Calls `visit` if the cell holds a value.
    pub fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        // SAFETY: visitors count references and look at headers; none changes the cell.
        if let Some(value) = unsafe { &*self.0.get() } {
            visit(value);
        }
    }

    #[inline(always)]
    pub(crate) fn as_ptr(&self) -> *mut Option<Value> {
        self.0.get()
    }
}
