//! The thread's object heap: size-class free lists, reference counts that reach zero, what waits for a finalizer.
//!
//! Invariants:
//! - One heap a thread, one [`Vm`](crate::Vm) a thread; nothing here is shared.
//! - Releasing an object never runs Python code. An object whose type defines `__del__` or that is a suspended generator is queued
//!   instead ([`take_pending`]), as are the callbacks of weak references, and the VM runs them before the next instruction. So Rust
//!   code may hold borrows across any drop.
//! - Releasing never recurses more than [`MAX_DEPTH`] deep; beyond that, objects wait in a list.
//! - A cell that is not in use has a reference count of zero, so the chunks can be walked object by object.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error, realloc};
use std::cell::Cell;
use std::collections::HashMap;
use std::mem::ManuallyDrop;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::object::header::{Header, flags};
use crate::object::weak_ref;
use crate::value::{Slot, Value};

const GRAIN: usize = 16;
/// The largest object that lives in a chunk. A build for an address sanitizer gives each object a block of its own, so that the
/// sanitizer sees where it ends and when it is gone.
const MAX_SMALL: usize = if cfg!(pyco_sanitize) { 0 } else { 512 };
const CLASSES: usize = MAX_SMALL / GRAIN + 1;
const CHUNK: usize = 64 * 1024;
/// How much of a chunk is made ready at once: what nobody has used yet takes no memory of the machine's.
const PAGE: usize = 4096;
const MAX_DEPTH: u32 = 50;
/// The bytes of objects at which the first collection is made.
const FIRST_COLLECTION: usize = 1 << 18;
/// The bytes by which the heap grows at least between two collections that look at all objects.
const FULL_GROWTH: usize = 1 << 20;

/// A cell on a free list. The first word stays zero: it is where a live object has its reference count.
#[repr(C)]
struct FreeCell {
    zero: u64,
    next: *mut FreeCell,
}

/// The start of a chunk of equal cells.
#[repr(C, align(16))]
struct Chunk {
    next: *mut Chunk,
    /// The bytes of a cell.
    cell: u32,
    /// The cells that are in use or on the free list; those behind them have never been written.
    ready: u32,
}

/// The prefix of an object that is too large for a size class: a doubly linked list.
#[repr(C, align(16))]
struct Large {
    next: *mut Large,
    prev: *mut Large,
    size: usize,
}

/// What is to be done before the next instruction.
pub(crate) enum Due {
    /// An object's finalizer is to run. The queue owns one reference.
    Finalizer(NonNull<Header>),
    /// A weak reference's callback is to be called with it.
    Callback(Value, Value),
}

/// A list that needs no destructor, so that the thread-local heap has none: null, or a leaked vector.
struct Queue<T>(Cell<*mut Vec<T>>);

impl<T> Queue<T> {
    const fn new() -> Queue<T> {
        Queue(Cell::new(ptr::null_mut()))
    }

    #[inline(always)]
    fn is_empty(&self) -> bool {
        self.0.get().is_null()
    }

    #[cold]
    #[inline(never)]
    fn push(&self, item: T) {
        if self.is_empty() {
            self.0.set(Box::into_raw(Box::default()));
        }
        // SAFETY: the vector was leaked by us and lives until `take`; no other borrow of it exists.
        unsafe { (*self.0.get()).push(item) }
    }

    #[cold]
    fn take(&self) -> Vec<T> {
        let queue = self.0.replace(ptr::null_mut());
        if queue.is_null() {
            return Vec::new();
        }
        // SAFETY: a non-null pointer is the box that `push` leaked.
        *unsafe { Box::from_raw(queue) }
    }
}

/// When objects with a `__del__` were made. Entries of objects that are gone are overwritten when their place is used again.
#[derive(Default)]
struct Births {
    count: u64,
    by_place: HashMap<NonNull<Header>, u64>,
}

struct Heap {
    free: [Cell<*mut FreeCell>; CLASSES],
    /// The latest chunk of each class.
    latest: [Cell<*mut Chunk>; CLASSES],
    chunks: Cell<*mut Chunk>,
    large: Cell<*mut Large>,
    /// Objects whose count is zero and that were met too deep in another's release.
    deferred: Queue<NonNull<Header>>,
    /// What waits for the end of the instruction, in order.
    pending: Queue<Due>,
    births: Cell<*mut Births>,
    /// Something is to be done before the next instruction: finalizers, or a collection.
    attention: Cell<bool>,
    /// The VM's flag that stops the loop at the next backward jump or call; null if there is none.
    interrupt: Cell<*const AtomicBool>,
    depth: Cell<u32>,
    bytes: Cell<usize>,
    /// The bytes at which the next collection is due.
    threshold: Cell<usize>,
    /// The bytes at which the next one is to look at all objects, not at the young alone.
    full_threshold: Cell<usize>,
    vm_lives: Cell<bool>,
    /// The last version given to a class, a dict's keys or a function.
    version: Cell<u32>,
}

thread_local! {
    static HEAP: Heap = const {
        Heap {
            free: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            latest: [const { Cell::new(ptr::null_mut()) }; CLASSES],
            chunks: Cell::new(ptr::null_mut()),
            large: Cell::new(ptr::null_mut()),
            deferred: Queue::new(),
            pending: Queue::new(),
            births: Cell::new(ptr::null_mut()),
            attention: Cell::new(false),
            interrupt: Cell::new(ptr::null()),
            depth: Cell::new(0),
            bytes: Cell::new(0),
            threshold: Cell::new(FIRST_COLLECTION),
            full_threshold: Cell::new(2 * FULL_GROWTH),
            vm_lives: Cell::new(false),
            version: Cell::new(0),
        }
    };
}

/// Whether the heap has grown so far that a collection is due.
pub(crate) fn wants_collection() -> bool {
    HEAP.with(|heap| heap.bytes.get() >= heap.threshold.get())
}

/// Whether it has grown so far that the old objects are to be looked at, too.
pub(crate) fn wants_full_collection() -> bool {
    HEAP.with(|heap| heap.bytes.get() >= heap.full_threshold.get())
}

/// The bytes of all live objects of the thread.
pub(crate) fn bytes() -> usize {
    HEAP.with(|heap| heap.bytes.get())
}

/// Says that a collection has been made, or put off: the next is due when the heap has grown by a quarter, and by so many bytes
/// at least; the next that looks at all objects, when it has grown by half since the last such one. So all collections together look
/// at each object a few times at most, however large the heap becomes.
pub(crate) fn collected(least: usize, was_full: bool) {
    HEAP.with(|heap| {
        let bytes = heap.bytes.get();
        heap.threshold
            .set(bytes.saturating_add(least.max(bytes / 4)));
        if was_full {
            let growth = least.max(bytes / 2).max(FULL_GROWTH);
            heap.full_threshold.set(bytes.saturating_add(growth));
        }
    });
}

/// Notes that an object with a `__del__` is being made.
#[cold]
pub(crate) fn note_birth(header: NonNull<Header>) {
    HEAP.with(|heap| {
        if heap.births.get().is_null() {
            heap.births.set(Box::into_raw(Box::default()));
        }
        // SAFETY: the table was leaked by us, lives as long as the thread, and no other borrow of it exists.
        let births = unsafe { &mut *heap.births.get() };
        births.count += 1;
        births.by_place.insert(header, births.count);
    });
}

/// The number of a live object with a `__del__` among all that were made.
pub(crate) fn birth(header: NonNull<Header>) -> Option<u64> {
    HEAP.with(|heap| {
        // SAFETY: as in `note_birth`.
        let births = unsafe { heap.births.get().as_ref() }?;
        births.by_place.get(&header).copied()
    })
}

/// Claims the thread for one VM; false if it has one already.
pub(crate) fn claim() -> bool {
    HEAP.with(|heap| !heap.vm_lives.replace(true))
}

/// Gives the thread back.
pub(crate) fn release() {
    announce_nothing();
    HEAP.with(|heap| heap.vm_lives.set(false));
}

/// Has collections announced by a flag, which must live until [`announce_nothing`].
pub(crate) fn announce_by(interrupt: &AtomicBool) {
    HEAP.with(|heap| heap.interrupt.set(interrupt));
}

/// Ends what [`announce_by`] began.
pub(crate) fn announce_nothing() {
    HEAP.with(|heap| heap.interrupt.set(ptr::null()));
}

/// The bytes of all live objects.
#[cfg(test)]
pub(crate) fn live_bytes() -> usize {
    HEAP.with(|heap| heap.bytes.get())
}

/// A version that no class, dict or function of the thread has had, under this VM or an earlier one. Zero once the numbers have run
/// out: what has no version is not cached.
pub(crate) fn next_version() -> u32 {
    HEAP.with(|heap| {
        let version = heap.version.get().checked_add(1);
        if let Some(version) = version {
            heap.version.set(version);
        }
        version.unwrap_or(0)
    })
}

/// Uses up all versions but so many.
#[cfg(test)]
pub(crate) fn leave_versions(count: u32) {
    HEAP.with(|heap| heap.version.set(u32::MAX - count));
}

/// How many objects are alive.
pub(crate) fn object_count() -> usize {
    let mut count = 0;
    for_each(|_| count += 1);
    count
}

/// Memory for an object of `size` bytes, 16-byte aligned, with undefined contents.
#[inline(always)]
pub(crate) fn allocate(size: usize) -> NonNull<u8> {
    HEAP.with(|heap| {
        heap.bytes.set(heap.bytes.get() + size);
        if size <= MAX_SMALL {
            let class = size.div_ceil(GRAIN);
            let cell = heap.free[class].get();
            if let Some(cell) = NonNull::new(cell) {
                // SAFETY: a cell on the free list is unused memory of this class, and its link was written by us.
                heap.free[class].set(unsafe { (*cell.as_ptr()).next });
                return cell.cast();
            }
            return heap.refill(class);
        }
        heap.allocate_large(size)
    })
}

/// Gives back what [`allocate`] gave.
///
/// # Safety
/// `cell` came from `allocate(size)` on this thread, its object is dropped, and nothing points to it.
#[inline(always)]
pub(crate) unsafe fn free(cell: NonNull<u8>, size: usize) {
    HEAP.with(|heap| {
        heap.bytes.set(heap.bytes.get() - size);
        if size <= MAX_SMALL {
            let class = size.div_ceil(GRAIN);
            let cell = cell.cast::<FreeCell>().as_ptr();
            // SAFETY: the caller gives up the cell, which is at least 16 bytes long and aligned.
            unsafe {
                cell.write(FreeCell {
                    zero: 0,
                    next: heap.free[class].get(),
                })
            };
            heap.free[class].set(cell);
        } else {
            // SAFETY: a size beyond the classes went to `allocate_large`.
            unsafe { heap.free_large(cell) }
        }
    })
}

/// Makes a cell longer, moving it if need be.
///
/// # Safety
/// As for [`free`]; what is given takes the place of `cell`, its first `old` bytes unchanged.
pub(crate) unsafe fn grow(cell: NonNull<u8>, old: usize, new: usize) -> NonNull<u8> {
    if old <= MAX_SMALL && old.div_ceil(GRAIN) == new.div_ceil(GRAIN) {
        HEAP.with(|heap| heap.bytes.set(heap.bytes.get() + new - old));
        return cell;
    }
    // SAFETY: forwarded; both are long enough for the old bytes.
    unsafe {
        if old > MAX_SMALL {
            return HEAP.with(|heap| heap.grow_large(cell, old, new));
        }
        let moved = allocate(new);
        moved.copy_from_nonoverlapping(cell, old);
        free(cell, old);
        moved
    }
}

impl Heap {
    /// # Safety
    /// `cell` came from `allocate_large(old)`.
    unsafe fn grow_large(&self, cell: NonNull<u8>, old: usize, new: usize) -> NonNull<u8> {
        self.bytes.set(self.bytes.get() + new - old);
        self.look_at_size();
        // SAFETY: the prefix precedes the object; the system moves both together, and the neighbours are told.
        unsafe {
            let large = cell.cast::<Large>().sub(1);
            let size = new + size_of::<Large>();
            let layout = system_layout(old + size_of::<Large>());
            let Some(moved) = NonNull::new(realloc(large.cast().as_ptr(), layout, size)) else {
                handle_alloc_error(system_layout(size));
            };
            let moved = moved.cast::<Large>();
            (*moved.as_ptr()).size = new;
            let Large { next, prev, .. } = moved.read();
            if !next.is_null() {
                (*next).prev = moved.as_ptr();
            }
            if prev.is_null() {
                self.large.set(moved.as_ptr());
            } else {
                (*prev).next = moved.as_ptr();
            }
            moved.add(1).cast()
        }
    }

    /// Asks for a collection when the heap has grown enough; looked at only when it grows.
    fn look_at_size(&self) {
        if self.bytes.get() >= self.threshold.get() {
            self.attention.set(true);
            // SAFETY: the flag lives as long as the pointer is here; see `announce_by`.
            if let Some(interrupt) = unsafe { self.interrupt.get().as_ref() } {
                interrupt.store(true, Ordering::Relaxed);
            }
        }
    }

    #[cold]
    #[inline(never)]
    fn refill(&self, class: usize) -> NonNull<u8> {
        self.look_at_size();
        let cell = class * GRAIN;
        let capacity = (CHUNK - size_of::<Chunk>()) / cell;
        let latest = NonNull::new(self.latest[class].get());
        // SAFETY: chunks live as long as the thread.
        let latest = latest.filter(|chunk| (unsafe { chunk.as_ref() }.ready as usize) < capacity);
        let chunk = latest.unwrap_or_else(|| self.add_chunk(class));
        // SAFETY: the chunk is ours and has room for `capacity` cells behind its header; those from `ready` on are unused.
        unsafe {
            let ready = (*chunk.as_ptr()).ready as usize;
            let end = capacity.min(ready + (PAGE / cell).max(1));
            (*chunk.as_ptr()).ready = end as u32;
            let first = chunk.cast::<u8>().add(size_of::<Chunk>());
            let mut next = ptr::null_mut();
            for i in (ready + 1..end).rev() {
                let free = first.add(i * cell).cast::<FreeCell>();
                free.write(FreeCell { zero: 0, next });
                next = free.as_ptr();
            }
            self.free[class].set(next);
            first.add(ready * cell)
        }
    }

    /// A new chunk of a class, none of its cells ready.
    fn add_chunk(&self, class: usize) -> NonNull<Chunk> {
        let chunk = system_allocate(CHUNK).cast::<Chunk>();
        // SAFETY: the chunk is fresh, exclusively ours and long enough.
        unsafe {
            chunk.write(Chunk {
                next: self.chunks.get(),
                cell: (class * GRAIN) as u32,
                ready: 0,
            });
        }
        self.chunks.set(chunk.as_ptr());
        self.latest[class].set(chunk.as_ptr());
        chunk
    }

    #[cold]
    fn allocate_large(&self, size: usize) -> NonNull<u8> {
        self.look_at_size();
        let large = system_allocate(size + size_of::<Large>()).cast::<Large>();
        let next = self.large.get();
        // SAFETY: the block is fresh and long enough for its prefix; `next` is null or the live head of the list.
        unsafe {
            large.write(Large {
                next,
                prev: ptr::null_mut(),
                size,
            });
            if !next.is_null() {
                (*next).prev = large.as_ptr();
            }
            self.large.set(large.as_ptr());
            large.add(1).cast()
        }
    }

    /// # Safety
    /// `cell` came from `allocate_large`.
    #[cold]
    unsafe fn free_large(&self, cell: NonNull<u8>) {
        // SAFETY: the prefix precedes the object, and its neighbours are null or live members of the list.
        unsafe {
            let large = cell.cast::<Large>().sub(1);
            let Large { next, prev, size } = large.read();
            if !next.is_null() {
                (*next).prev = prev;
            }
            if prev.is_null() {
                self.large.set(next);
            } else {
                (*prev).next = next;
            }
            dealloc(
                large.cast().as_ptr(),
                system_layout(size + size_of::<Large>()),
            );
        }
    }
}

fn system_layout(size: usize) -> Layout {
    Layout::from_size_align(size, GRAIN)
        .expect("an object's size was bounded when it was asked for")
}

fn system_allocate(size: usize) -> NonNull<u8> {
    let layout = system_layout(size);
    // SAFETY: the size is not zero.
    match NonNull::new(unsafe { alloc(layout) }) {
        Some(block) => block,
        None => handle_alloc_error(layout),
    }
}

/// Gives up one reference.
///
/// # Safety
/// The caller owned one reference to the live object at `header` and does not use it again.
#[inline(always)]
pub(crate) unsafe fn decref(header: NonNull<Header>) {
    // SAFETY: the object is live until this reference is gone.
    if unsafe { header.as_ref() }.decref_is_last() {
        // SAFETY: that was the last reference.
        unsafe { destroy(header) }
    }
}

/// Gives up the reference that a slot holds; if it was the last one, gives the object, which is to be destroyed.
#[inline(always)]
pub(crate) fn take_last(slot: Slot) -> Option<NonNull<Header>> {
    let value = ManuallyDrop::new(slot?);
    let header = value.header()?;
    header.decref_is_last().then(|| NonNull::from(header))
}

/// Releases an object whose count has reached zero, or queues it.
///
/// # Safety
/// The object at `header` is live but for its count, which is zero.
#[cold]
#[inline(never)]
pub(crate) unsafe fn destroy(header: NonNull<Header>) {
    HEAP.with(|heap| {
        // SAFETY: the object is still whole.
        let object = unsafe { header.as_ref() };
        if object.has(flags::NEEDS_FINALIZER | flags::HAS_WEAK_REFERENCES) && heap.is_queued(header)
        {
            return;
        }
        if heap.depth.get() >= MAX_DEPTH {
            heap.deferred.push(header);
            return;
        }
        heap.depth.set(heap.depth.get() + 1);
        // SAFETY: nothing refers to the object any more.
        unsafe { Header::drop_object(header) };
        heap.depth.set(heap.depth.get() - 1);
        if !heap.deferred.is_empty() && heap.depth.get() == 0 {
            heap.drain();
        }
    })
}

impl Heap {
    /// Queues an object that has a finalizer to run; makes the weak references to any other dead ones, and queues their callbacks.
    #[cold]
    #[inline(never)]
    fn is_queued(&self, header: NonNull<Header>) -> bool {
        // SAFETY: the object is still whole.
        let object = unsafe { header.as_ref() };
        let waits = object.has(flags::NEEDS_FINALIZER);
        if object.has(flags::HAS_WEAK_REFERENCES) && (!waits || weak_ref::go_first(object)) {
            for (reference, callback) in weak_ref::clear_all(header) {
                if self.vm_lives.get() {
                    self.attention.set(true);
                    self.pending.push(Due::Callback(reference, callback));
                }
            }
        }
        if waits {
            object.incref();
            self.attention.set(true);
            self.pending.push(Due::Finalizer(header));
        }
        waits
    }

    #[cold]
    #[inline(never)]
    fn drain(&self) {
        while !self.deferred.is_empty() {
            for header in self.deferred.take() {
                self.depth.set(1);
                // SAFETY: the queue holds objects whose count is zero, put there by `destroy`.
                unsafe { Header::drop_object(header) };
                self.depth.set(0);
            }
        }
    }
}

/// Whether something is to be done before the next instruction.
#[inline(always)]
pub(crate) fn needs_attention() -> bool {
    HEAP.with(|heap| heap.attention.get())
}

/// Has the loop look, after the next call of a native function, what is to be done.
pub(crate) fn call_attention() {
    HEAP.with(|heap| heap.attention.set(true));
}

/// What waits to be done, oldest first.
pub(crate) fn take_pending() -> Vec<Due> {
    HEAP.with(|heap| {
        heap.attention.set(false);
        heap.pending.take()
    })
}

/// Calls `visit` for every live object of the thread.
pub(crate) fn for_each(mut visit: impl FnMut(NonNull<Header>)) {
    HEAP.with(|heap| {
        let mut chunk = heap.chunks.get();
        while let Some(at) = NonNull::new(chunk) {
            // SAFETY: chunks are never freed while the thread lives; the first word of each cell that is ready is a live
            // object's header or zero.
            unsafe {
                let Chunk { next, cell, ready } = *at.as_ptr();
                let first = at.cast::<u8>().add(size_of::<Chunk>());
                for i in 0..ready as usize {
                    let header = first.add(i * cell as usize).cast::<Header>();
                    if header.as_ref().refcount() != 0 {
                        visit(header);
                    }
                }
                chunk = next;
            }
        }
        let mut large = heap.large.get();
        while let Some(at) = NonNull::new(large) {
            // SAFETY: the list holds live large objects only.
            unsafe {
                large = (*at.as_ptr()).next;
                visit(at.add(1).cast());
            }
        }
    })
}
