//! What reference counts alone do not do: finalizers and callbacks in time, and the collection of cycles.
//!
//! A collection follows CPython's way: from each object's count, subtract the references that come from other objects; what
//! has some left is referred to from outside (a frame, Rust code, the VM), and so is all that it refers to. The rest loses its weak
//! references, is finalised, looked at once more, as a finalizer may have brought it back, and cleared. References that a payload
//! does not tell of count as from outside, which errs on the safe side.
//!
//! The subtraction is done in the objects' own counts, raised by [`BIAS`] meanwhile, so that a collection takes one list of
//! pointers and time linear in the objects and their references.

use std::ptr::NonNull;

use crate::collector::Phase;
use crate::heap::{self, Due};
use crate::object::async_generator::AsyncStep;
use crate::object::generator::{Generator, State};
use crate::object::header::{Header, Kind, flags};
use crate::object::weak_ref;
use crate::traceback::Ignored;
use crate::value::Value;
use crate::vm::Vm;

/// Added to the counts of the objects that a collection looks at: no object is freed while references are counted away.
const BIAS: u32 = 1 << 31;

/// The youngest generation.
const YOUNGEST: usize = 0;

/// The oldest generation.
pub(crate) const OLDEST: usize = 2;

/// Runs what waits and what that sets free, then collects if that is due.
#[cold]
#[inline(never)]
pub(crate) fn attend(vm: &mut Vm) {
    run_due(vm);
    if heap::wants_collection() {
        if vm.collector.is_enabled && !vm.collector.is_running {
            let generation = if heap::wants_full_collection() {
                OLDEST
            } else {
                YOUNGEST
            };
            collect_generation(vm, generation);
        } else {
            heap::collected(vm.collector.growth(), false);
        }
    }
}

/// Runs finalizers and callbacks, each followed by those that it caused.
pub(crate) fn run_due(vm: &mut Vm) {
    let mut waiting: Vec<Due> = Vec::new();
    loop {
        let added = heap::take_pending();
        waiting.extend(added.into_iter().rev());
        match waiting.pop() {
            // The queue owns one reference to the object, which the value takes over.
            Some(Due::Finalizer(header)) => finalize(vm, &Value::from_header(header)),
            Some(Due::Callback(reference, callback)) => {
                if let Err(raised) = vm.call(&callback, &[reference]) {
                    vm.unraisable(raised, Ignored::WeakrefCallback, &callback);
                }
            }
            None => return,
        }
    }
}

/// Runs an object's finalizer, once.
pub(crate) fn finalize(vm: &mut Vm, object: &Value) {
    if let Some(header) = object.header() {
        header.set(flags::NEEDS_FINALIZER, false);
        header.set(flags::FINALIZED, true);
    }
    if let Some(generator) = object.downcast::<Generator>().cloned() {
        if generator.state.get() == State::Created && generator.ty().is(&vm.types.coroutine) {
            vm.warn_unawaited(&generator);
        }
        if generator.ty().is(&vm.types.async_generator)
            && generator.state.get() != State::Finished
            && !generator.is_closed.get()
            && let Some(finalizer) = generator.origin_or_finalizer.get()
        {
            if let Err(raised) = vm.call(&finalizer, std::slice::from_ref(object)) {
                vm.unraisable(raised, Ignored::FinalizingGenerator, object);
            }
            return;
        }
        if generator.state.get() == State::Suspended
            && let Err(raised) = crate::object::generator_methods::close(vm, &generator)
        {
            vm.unraisable(raised, Ignored::Closing, object);
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
        let function = vm.type_of(object).clone().lookup(vm, &name);
        vm.unraisable(
            raised,
            Ignored::Deallocator,
            function.as_ref().unwrap_or(object),
        );
    }
}

/// Collects a generation and those younger; gives the number of objects found.
pub(crate) fn collect_generation(vm: &mut Vm, generation: usize) -> usize {
    if vm.collector.is_running {
        return 0;
    }
    vm.collector.is_running = true;
    vm.tell_gc_callbacks(Phase::Start, generation, 0, 0);
    vm.collector.count(generation);
    let (found, candidates) = collect_cycles(vm, generation);
    vm.collector.note(generation, found, candidates);
    vm.tell_gc_callbacks(Phase::Stop, generation, found, candidates);
    vm.collector.is_running = false;
    heap::collected(vm.collector.growth(), generation == OLDEST);
    found
}

fn collect_cycles(vm: &mut Vm, generation: usize) -> (usize, usize) {
    let (mut garbage, candidates) = unreachable(&[], generation);
    if garbage.is_empty() {
        return (0, candidates);
    }
    // Since 3.15 a finalizer still finds its object through weak references without callback.
    let keeps_plain = vm.version_number() >= 15;
    clear_weak_references(vm, &garbage, keeps_plain);
    let mut has_finalized = false;
    for object in &garbage {
        let needs_finalizer = |h: &Header| h.has(flags::NEEDS_FINALIZER);
        if object.header().is_some_and(needs_finalizer) {
            finalize(vm, object);
            has_finalized = true;
        }
    }
    if has_finalized {
        // What the finalizers have cut off goes by its count.
        garbage.retain(|object| object.reference_count() > 1);
        run_due(vm);
        garbage = unreachable(&garbage, generation).0;
    }
    if keeps_plain {
        clear_weak_references(vm, &garbage, false);
    }
    let found = vm.count_collected(&garbage);
    if vm.keep_garbage(&garbage) {
        return (found, candidates);
    }
    for object in &garbage {
        if let Some(header) = object.header() {
            header.clear();
        }
    }
    drop(garbage);
    run_due(vm);
    (found, candidates)
}

/// Makes the weak references to unreachable objects dead ones and calls back those who are reachable themselves.
fn clear_weak_references(vm: &mut Vm, garbage: &[Value], with_callback_only: bool) {
    let mut due = Vec::new();
    let has_any = |header: &&Header| header.has(flags::HAS_WEAK_REFERENCES);
    if !garbage
        .iter()
        .any(|v| v.header().as_ref().is_some_and(has_any))
    {
        return;
    }
    for object in garbage {
        if let Some(header) = object.header() {
            header.set(flags::CANDIDATE, true);
        }
    }
    for object in garbage {
        if let Some(header) = object.header().filter(has_any) {
            due.extend(weak_ref::clear_some(
                NonNull::from(header),
                with_callback_only,
            ));
        }
    }
    due.retain(|(reference, _)| reference.header().is_some_and(|h| !h.has(flags::CANDIDATE)));
    for object in garbage {
        if let Some(header) = object.header() {
            header.set(flags::CANDIDATE, false);
        }
    }
    for (reference, callback) in due {
        if let Err(raised) = vm.call(&callback, &[reference]) {
            vm.unraisable(raised, Ignored::WeakrefCallback, &callback);
        }
    }
}

/// Whether an object can refer to others at all: an instance of a program's subclass of `str` does, to its class.
pub(crate) fn is_container(header: &Header) -> bool {
    let is_leaf = matches!(
        header.kind(),
        Kind::Str | Kind::Int | Kind::Float | Kind::Bytes | Kind::Range
    );
    !is_leaf || header.has(flags::OWNS_TYPE | flags::HAS_ATTRIBUTES)
}

/// The objects of a generation and those younger that nothing outside refers to, where one reference to each of `held` does not
/// count; and how many were looked at. What is reachable grows older.
pub(crate) fn unreachable(held: &[Value], generation: usize) -> (Vec<Value>, usize) {
    let mut candidates: Vec<NonNull<Header>> = Vec::new();
    heap::for_each(|header| {
        // SAFETY: the heap gives live objects; nothing is released while it is walked.
        let object = unsafe { header.as_ref() };
        if is_container(object)
            && !object.has(flags::FROZEN)
            && object.generation() <= generation
            && object.refcount() < BIAS
        {
            object.set(flags::CANDIDATE, true);
            object.set_refcount(object.refcount() + BIAS);
            candidates.push(header);
        }
    });
    let change = |value: &Value, by: u32| {
        if let Some(header) = value.header().filter(|h| h.has(flags::CANDIDATE)) {
            header.set_refcount(header.refcount().wrapping_add(by));
        }
    };
    const LESS: u32 = u32::MAX;
    for value in held {
        change(value, LESS);
    }
    for header in &candidates {
        // SAFETY: as above; a count cannot reach zero, since it was raised by more than all references together.
        unsafe { header.as_ref() }.traverse(&mut |value| change(value, LESS));
    }
    // What is referred to from outside gives back what it refers to its counts.
    let mut reached: Vec<NonNull<Header>> = Vec::new();
    for header in &candidates {
        // SAFETY: as above.
        let object = unsafe { header.as_ref() };
        if object.refcount() > BIAS && !object.has(flags::REACHED) {
            object.set(flags::REACHED, true);
            reached.push(*header);
        }
        while let Some(header) = reached.pop() {
            // SAFETY: as above.
            unsafe { header.as_ref() }.traverse(&mut |value| {
                let Some(header) = value.header().filter(|h| h.has(flags::CANDIDATE)) else {
                    return;
                };
                header.set_refcount(header.refcount() + 1);
                if !header.has(flags::REACHED) {
                    header.set(flags::REACHED, true);
                    reached.push(NonNull::from(header));
                }
            });
        }
    }
    let mut garbage: Vec<NonNull<Header>> = Vec::new();
    for header in &candidates {
        // SAFETY: as above.
        let object = unsafe { header.as_ref() };
        if !object.has(flags::REACHED) {
            garbage.push(*header);
            object.traverse(&mut |value| change(value, 1));
        }
    }
    for value in held {
        change(value, 1);
    }
    for header in &candidates {
        // SAFETY: as above.
        let object = unsafe { header.as_ref() };
        object.set_refcount(object.refcount() - BIAS);
        if object.has(flags::REACHED) && held.is_empty() {
            object.grow_older(generation);
        }
        object.set(flags::CANDIDATE | flags::REACHED, false);
    }
    // Finalizers run in the order in which their objects were made.
    if garbage.len() > 1 {
        garbage.sort_by_cached_key(|header| (heap::birth(*header), *header));
    }
    let garbage = garbage.into_iter().map(|header| {
        // SAFETY: the object is live, and a count is added for the new reference.
        unsafe {
            header.as_ref().incref();
            Value::from_header(header)
        }
    });
    (garbage.collect(), candidates.len())
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
            self.collect_garbage();
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
        collect_generation(self, OLDEST)
    }
}
