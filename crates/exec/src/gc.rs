//! What reference counts alone do not do: finalizers in time, and the collection of cycles.
//!
//! A collection follows CPython's way: from each object's count, subtract the references that come from other objects; what
//! has some left is referred to from outside (a frame, Rust code, the VM), and so is all that it refers to. The rest is
//! finalised, looked at once more, as a finalizer may have brought it back, and cleared. References that a payload does not
//! tell of count as from outside, which errs on the safe side.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::ptr::NonNull;

use crate::heap;
use crate::object::async_generator::AsyncStep;
use crate::object::generator::{Generator, State};
use crate::object::header::{Header, Kind, flags};
use crate::value::Value;
use crate::vm::Vm;

/// Runs the finalizers of the objects that wait for theirs and those that these set free, then collects if that is due.
#[cold]
#[inline(never)]
pub(crate) fn attend(vm: &mut Vm) {
    finalize_pending(vm);
    if heap::wants_collection() {
        collect(vm);
    }
}

fn finalize_pending(vm: &mut Vm) {
    loop {
        let pending = heap::take_pending();
        if pending.is_empty() {
            return;
        }
        for header in pending {
            // The queue owns one reference to each of its objects, which this value takes over.
            let object = Value::from_header(header);
            finalize(vm, &object);
        }
    }
}

/// Runs an object's finalizer, once.
fn finalize(vm: &mut Vm, object: &Value) {
    if let Some(header) = object.header() {
        header.set(flags::NEEDS_FINALIZER, false);
    }
    if let Some(generator) = object.downcast::<Generator>().cloned() {
        if generator.state.get() == State::Created && generator.ty().is(&vm.types.coroutine) {
            vm.warn_unawaited(&generator);
        }
        if generator.state.get() == State::Suspended
            && let Err(raised) = crate::object::generator_methods::close(vm, &generator)
        {
            vm.unraisable(raised, Some(object));
        }
        return;
    }
    if let Some(step) = object.downcast::<AsyncStep>() {
        if let Some((generator, method)) = step.unawaited() {
            vm.warn_unawaited_step(&generator, method);
        }
        return;
    }
    let name = vm.names.__del__.clone();
    if let Err(raised) = vm.call_special_opt(object, &name, &[]) {
        vm.unraisable(raised, Some(object));
    }
}

/// Collects unreachable cycles; gives the number of objects found.
pub(crate) fn collect(vm: &mut Vm) -> usize {
    let garbage = unreachable(&[]);
    if garbage.is_empty() {
        heap::collected();
        return 0;
    }
    let mut finalized = false;
    for object in &garbage {
        if object
            .header()
            .is_some_and(|h| h.has(flags::NEEDS_FINALIZER))
        {
            finalized = true;
            finalize(vm, object);
        }
    }
    let garbage = if finalized {
        unreachable(&garbage)
    } else {
        garbage
    };
    let found = garbage.len();
    for object in &garbage {
        if let Some(header) = object.header() {
            header.clear();
        }
    }
    drop(garbage);
    finalize_pending(vm);
    heap::collected();
    found
}

/// Whether an object can refer to others at all: an instance of a program's subclass of `str` does, to its class.
fn is_container(header: &Header) -> bool {
    let is_leaf = matches!(
        header.kind(),
        Kind::Str | Kind::Int | Kind::Float | Kind::Bytes | Kind::Range
    );
    !is_leaf || header.has(flags::OWNS_TYPE | flags::HAS_ATTRIBUTES)
}

/// Hashes addresses, which are multiples of 16.
#[derive(Default)]
struct AddressHasher(u64);

impl Hasher for AddressHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 << 8 | u64::from(*byte)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
    }

    #[inline]
    fn write_usize(&mut self, address: usize) {
        let product = u128::from(address as u64) * 0x9E37_79B9_7F4A_7C15;
        self.0 = product as u64 ^ (product >> 64) as u64;
    }
}

/// What is known of an object: its references from outside, and whether it has been reached from there.
struct Found {
    outside: i64,
    reached: bool,
}

/// The objects that nothing outside refers to, where one reference to each of `held` does not count.
pub(crate) fn unreachable(held: &[Value]) -> Vec<Value> {
    let mut all: Vec<NonNull<Header>> = Vec::new();
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects; nothing is released while it is walked.
        if is_container(unsafe { header.as_ref() }) {
            all.push(header);
        }
    });
    let hasher = BuildHasherDefault::<AddressHasher>::default();
    let mut objects = HashMap::with_capacity_and_hasher(all.len(), hasher);
    for header in &all {
        // SAFETY: as above.
        let outside = i64::from(unsafe { header.as_ref() }.refcount());
        let reached = false;
        objects.insert(*header, Found { outside, reached });
    }
    let pointer = |value: &Value| value.header().map(NonNull::from);
    for value in held {
        if let Some(found) = pointer(value).and_then(|p| objects.get_mut(&p)) {
            found.outside -= 1;
        }
    }
    for header in &all {
        // SAFETY: as above.
        unsafe { header.as_ref() }.traverse(&mut |value| {
            if let Some(found) = pointer(value).and_then(|p| objects.get_mut(&p)) {
                found.outside -= 1;
            }
        });
    }
    let mut waiting: Vec<NonNull<Header>> = Vec::new();
    for (header, found) in &mut objects {
        if found.outside > 0 {
            found.reached = true;
            waiting.push(*header);
        }
    }
    while let Some(header) = waiting.pop() {
        // SAFETY: as above.
        unsafe { header.as_ref() }.traverse(&mut |value| {
            if let Some(p) = pointer(value)
                && let Some(found) = objects.get_mut(&p)
                && !found.reached
            {
                found.reached = true;
                waiting.push(p);
            }
        });
    }
    objects.retain(|_, found| !found.reached);
    let mut garbage: Vec<NonNull<Header>> = objects.into_keys().collect();
    // Finalizers run in the order in which their objects were made.
    garbage.sort_unstable_by_key(|header| (heap::birth(*header), *header));
    garbage
        .into_iter()
        .map(|header| {
            // SAFETY: the object is live, and a count is added for the new reference.
            unsafe {
                header.as_ref().incref();
                Value::from_header(header)
            }
        })
        .collect()
}

impl Vm {
    /// Collects what is left at a program's end, unless nothing could tell.
    pub(crate) fn collect_at_end(&mut self) {
        let mut would_show = false;
        heap::for_each(|header| {
            // SAFETY: the heap gives live objects; nothing is released while it is walked.
            let object = unsafe { header.as_ref() };
            would_show |= object.has(flags::NEEDS_FINALIZER | flags::HAS_WEAK_REFERENCES);
        });
        if would_show {
            collect(self);
        }
    }

    /// Collects unreachable cycles, as `gc.collect()` does; gives the number of objects found.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use pyco_exec::{Host, Vm};
    ///
    /// let mut vm = Vm::new(pyco_code::Version::V3_13, Host::new())?;
    /// let list = vm.new_list(Vec::new());
    /// let items = list.downcast::<pyco_exec::object::list::List>().ok_or("a list")?;
    /// items.items_mut(&mut vm).push(list.clone());
    /// drop(list);
    /// assert_eq!(vm.collect_garbage(), 1);
    /// assert_eq!(vm.collect_garbage(), 0);
    /// # Ok(())
    /// # }
    /// ```
    pub fn collect_garbage(&mut self) -> usize {
        collect(self)
    }
}
