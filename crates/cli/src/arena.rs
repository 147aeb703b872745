//! Where the C library's allocator takes memory from.
//!
//! glibc gives each thread an arena of its own, which grows page by page, with a system call each time: 75 of them before an empty
//! program begins. The main thread's grows in large steps. As the others only wait while a program runs, it can have that one.

/// Lets all threads that are started from now on share the main thread's arena.
pub(crate) fn share() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: sets a parameter of the allocator, which takes a lock for it; any value is allowed.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
