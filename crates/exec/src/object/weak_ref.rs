//! Weak references: the payload of `weakref.ref` and of both proxies, and the lists that tie them to what they refer to.
//!
//! An object has no room for a list of its weak references, as most never have any: the first one of an object puts an entry in
//! the thread's table and sets a flag of its header, the last one to go removes both. So objects without pay nothing.
//!
//! Invariants:
//! - A target that is set is a live object with `HAS_WEAK_REFERENCES`, whose list the reference is in.
//! - A list has the reference without callback first, if there is one of the exact class, then such a proxy, then the others, latest first;
//!   that is the order of `weakref.getweakrefs()` and of the callbacks.

use std::cell::{Cell, RefCell};
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};

use hashbrown::HashMap;

use crate::cell::ValueCell;
use crate::object::header::{Header, Kind, Obj, Payload, Ref, flags};
use crate::object::type_::{self, Type};
use crate::value::Value;
use crate::vm::Vm;

type Link = *mut Obj<WeakRef>;

/// A weak reference or a proxy.
pub struct WeakRef {
    target: Cell<*mut Header>,
    previous: Cell<Link>,
    next: Cell<Link>,
    pub(crate) callback: ValueCell,
    /// The target's hash, once asked for.
    pub(crate) hash: Cell<Option<i64>>,
}

impl Payload for WeakRef {
    fn traverse(&self, visit: &mut dyn FnMut(&Value)) {
        self.callback.traverse(visit);
    }

    fn clear(&self) {
        self.unlink();
        self.callback.set(None);
    }
}

impl Drop for WeakRef {
    fn drop(&mut self) {
        self.unlink();
    }
}

/// The first weak reference of each object that has any.
type Heads = RefCell<Option<HashMap<NonNull<Header>, Link>>>;

thread_local! {
    /// Without a destructor, so that it outlasts every object.
    static HEADS: ManuallyDrop<Heads> =
        const { ManuallyDrop::new(RefCell::new(None)) };
}

fn head(target: NonNull<Header>) -> Link {
    HEADS.with(|heads| {
        let heads = heads.borrow();
        let head = heads.as_ref().and_then(|heads| heads.get(&target));
        head.copied().unwrap_or(ptr::null_mut())
    })
}

fn set_head(target: NonNull<Header>, head: Link) {
    HEADS.with(|heads| {
        let mut heads = heads.borrow_mut();
        let heads = heads.get_or_insert_with(HashMap::new);
        if head.is_null() {
            heads.remove(&target);
        } else {
            heads.insert(target, head);
        }
    });
}

/// The payload of a linked reference.
fn payload<'a>(link: Link) -> Option<&'a WeakRef> {
    // SAFETY: links are null or live references: each takes itself out of its list before it goes. The borrow is used at once,
    // while nothing is dropped.
    unsafe { link.as_ref() }.map(Obj::payload)
}

/// The object of a linked reference, unless it is about to go.
fn strong(link: Link) -> Option<Ref<WeakRef>> {
    let header = NonNull::new(link)?.cast::<Header>();
    // SAFETY: as in `payload`; a count of zero says that the reference waits to be dropped.
    unsafe {
        if header.as_ref().refcount() == 0 {
            return None;
        }
        header.as_ref().incref();
        Some(Ref::from_header(header))
    }
}

impl WeakRef {
    fn unlink(&self) {
        let Some(target) = NonNull::new(self.target.replace(ptr::null_mut())) else {
            return;
        };
        let (previous, next) = (
            self.previous.replace(ptr::null_mut()),
            self.next.replace(ptr::null_mut()),
        );
        if let Some(next) = payload(next) {
            next.previous.set(previous);
        }
        match payload(previous) {
            Some(previous) => previous.next.set(next),
            None => set_head(target, next),
        }
        if previous.is_null() && next.is_null() {
            // SAFETY: a target that is set is live.
            unsafe { target.as_ref() }.set(flags::HAS_WEAK_REFERENCES, false);
        }
    }

    /// What it refers to, if that is still there.
    pub fn target(&self) -> Option<Value> {
        let target = NonNull::new(self.target.get())?;
        // SAFETY: a target that is set is live; the count is taken here.
        unsafe { target.as_ref() }.incref();
        Some(Value::from_header(target))
    }

    /// Whether what it referred to is gone.
    pub fn is_dead(&self) -> bool {
        self.target.get().is_null()
    }
}

/// The weak references to an object, in the order of its list.
pub fn all(target: &Value) -> Vec<Ref<WeakRef>> {
    let Some(header) = target
        .header()
        .filter(|h| h.has(flags::HAS_WEAK_REFERENCES))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut link = head(NonNull::from(header));
    while let Some(reference) = payload(link) {
        found.extend(strong(link));
        link = reference.next.get();
    }
    found
}

/// Makes the weak references to an object dead ones, all or only those with a callback; gives the latter, and the callbacks.
pub(crate) fn clear_some(target: NonNull<Header>, with_callback_only: bool) -> Vec<(Value, Value)> {
    if !with_callback_only {
        return clear_all(target);
    }
    let mut due = Vec::new();
    let mut link = head(target);
    while let Some(reference) = payload(link) {
        let next = reference.next.get();
        if !reference.callback.is_empty() {
            reference.unlink();
            if let (Some(object), Some(callback)) = (strong(link), reference.callback.take()) {
                due.push((Value::from(object), callback));
            }
        }
        link = next;
    }
    due
}

/// Makes every weak reference to an object that is about to go a dead one; gives those with a callback, and the callbacks.
pub(crate) fn clear_all(target: NonNull<Header>) -> Vec<(Value, Value)> {
    let mut link = head(target);
    set_head(target, ptr::null_mut());
    // SAFETY: the object is still whole.
    unsafe { target.as_ref() }.set(flags::HAS_WEAK_REFERENCES, false);
    let mut due = Vec::new();
    while let Some(reference) = payload(link) {
        reference.target.set(ptr::null_mut());
        reference.previous.set(ptr::null_mut());
        let next = reference.next.replace(ptr::null_mut());
        // What a reference that goes itself would have called is not called; its callback goes with it.
        if !reference.callback.is_empty()
            && let Some(object) = strong(link)
            && let Some(callback) = reference.callback.take()
        {
            due.push((Value::from(object), callback));
        }
        link = next;
    }
    due
}

/// Whether the instances of a class can be weakly referenced.
pub(crate) fn allows(ty: &Type) -> bool {
    ty.has(type_::flags::WEAKLY_REFERENCED)
}

impl Vm {
    /// A weak reference of class `ty` to `target`, which calls `callback`: the one that there is, if it is of the exact built-in class and has no
    /// callback, else a new one.
    ///
    /// # Errors
    /// TypeError if the target's class does not allow weak references.
    pub fn weak_reference(
        &mut self,
        ty: &Ref<Type>,
        target: &Value,
        callback: Option<Value>,
    ) -> crate::PyResult<Ref<WeakRef>> {
        let header = target.header().filter(|header| allows(header.ty()));
        let Some(header) = header.map(NonNull::from) else {
            let found = self.type_name(target);
            let message = format!("cannot create weak reference to '{found}' object");
            return Err(self.type_error(message));
        };
        let is_shared = callback.is_none() && ty.is_built_in();
        let (reference, proxy) = self.shared(header);
        let is_proxy = !ty.is(&self.types.weak_ref) && ty.is_built_in();
        if is_shared {
            let known = if is_proxy { proxy } else { reference };
            if let Some(known) = strong(known) {
                return Ok(known);
            }
        }
        let after = match (is_shared, is_proxy) {
            (true, false) => ptr::null_mut(),
            (true, true) => reference,
            _ if proxy.is_null() => reference,
            _ => proxy,
        };
        let payload = WeakRef {
            target: Cell::new(ptr::null_mut()),
            previous: Cell::new(ptr::null_mut()),
            next: Cell::new(ptr::null_mut()),
            callback: ValueCell::new(callback),
            hash: Cell::new(None),
        };
        // A subclass's instance is allocated whole before it is linked.
        let made = Ref::new(ty, payload);
        link(&made, header, after);
        Ok(made)
    }

    /// The reference and the proxy without callback in an object's list, null where there is none.
    fn shared(&self, target: NonNull<Header>) -> (Link, Link) {
        let first = head(target);
        let is = |link: Link, proxy: bool| {
            // SAFETY: links are null or live references.
            let Some(header) = (unsafe { link.cast::<Header>().as_ref() }) else {
                return false;
            };
            let has_class = match proxy {
                false => header.ty().is(&self.types.weak_ref),
                true => {
                    header.ty().is(&self.types.weak_proxy)
                        || header.ty().is(&self.types.weak_callable_proxy)
                }
            };
            has_class && payload(link).is_some_and(|r| r.callback.is_empty())
        };
        let reference = if is(first, false) {
            first
        } else {
            ptr::null_mut()
        };
        let second = match payload(reference) {
            Some(reference) => reference.next.get(),
            None => first,
        };
        let proxy = if is(second, true) {
            second
        } else {
            ptr::null_mut()
        };
        (reference, proxy)
    }
}

/// Puts a reference into the list of `target`, behind `after` or at the front.
fn link(made: &Ref<WeakRef>, target: NonNull<Header>, after: Link) {
    made.target.set(target.as_ptr());
    made.previous.set(after);
    let next = match payload(after) {
        Some(after) => after.next.replace(made.as_ptr()),
        None => {
            let next = head(target);
            set_head(target, made.as_ptr());
            next
        }
    };
    made.next.set(next);
    if let Some(next) = payload(next) {
        next.previous.set(made.as_ptr());
    }
    // SAFETY: the caller holds the target.
    let object = unsafe { target.as_ref() };
    if !object.has(flags::HAS_WEAK_REFERENCES) && !object.ty().has_finalizer() {
        // The collector calls back in the order in which the objects were made, as near as can be known.
        crate::heap::note_birth(target);
    }
    object.set(flags::HAS_WEAK_REFERENCES, true);
}

/// Whether an object's weak references go before its finalizer runs: a generator's do.
pub(crate) fn go_first(object: &Header) -> bool {
    object.kind() == Kind::Generator
}
