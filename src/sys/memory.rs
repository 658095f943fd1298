//! Giving memory back to the system.

/// Gives back what was freed. The allocator of glibc keeps it otherwise: after one drawing, some
/// 40 MB for the rest of the daemon's life.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it takes a number and locks what it touches; any thread may call it at any time.
    unsafe {
        libc::malloc_trim(0);
    }
}
