//! How much memory the process keeps: one heap, and giving back what was freed.

/// One heap for all threads started from now on, in place of one each: they rarely allocate at the
/// same time, and every heap keeps what was freed in it.
pub(crate) fn share_one_heap() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: it takes two numbers and locks what it touches; any thread may call it at any time.
    unsafe {
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}

/// Gives back what was freed, and lets go of the code and constants of the program and its libraries;
/// whatever is still in use is mapped again from the page cache when it is touched.
///
/// The allocator of glibc keeps freed memory otherwise: after one drawing, some 40 MB for the rest of
/// the daemon's life. And what only a start or a drawing runs would stay mapped, several megabytes.
pub(crate) fn give_back() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: it takes a number and locks what it touches; any thread may call it at any time.
        unsafe {
            libc::malloc_trim(0);
        }
        // SAFETY: `let_go` has the signature that is asked for and uses `info` only while it runs.
        unsafe {
            libc::dl_iterate_phdr(Some(let_go), std::ptr::null_mut());
        }
    }
}

/// Unmaps the pages of the read-only segments of an object: the program, or a library, of which drawing
/// runs more than all else does.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
extern "C" fn let_go(
    info: *mut libc::dl_phdr_info,
    _size: libc::size_t,
    _data: *mut libc::c_void,
) -> libc::c_int {
    /// Parts of pages at either end are left alone; no page of any Linux is larger.
    const PAGE: usize = 65_536;
    // SAFETY: the loader passes a valid structure whose headers live as long as the program.
    let (base, headers) = unsafe {
        let info = &*info;
        let count = usize::from(info.dlpi_phnum);
        (info.dlpi_addr, std::slice::from_raw_parts(info.dlpi_phdr, count))
    };
    for header in headers {
        // What can be written, now or while it was relocated, has pages of its own.
        if header.p_type != libc::PT_LOAD || header.p_flags & libc::PF_W != 0 {
            continue;
        }
        let start = usize::try_from(base.wrapping_add(header.p_vaddr)).unwrap_or(0);
        let end = start.saturating_add(usize::try_from(header.p_memsz).unwrap_or(0));
        let (first, last) = (start.next_multiple_of(PAGE), end / PAGE * PAGE);
        if first < last {
            // SAFETY: the range lies within a private mapping of the object's file that was never
            // written. Its pages are the file's: they are read again when they are next touched.
            unsafe {
                libc::madvise(first as *mut libc::c_void, last - first, libc::MADV_DONTNEED);
            }
        }
    }
    // Zero: the next object, too.
    0
}

/// Bytes that the program has allocated and not freed; `None` where the allocator cannot be asked.
#[cfg(test)]
pub(crate) fn allocated() -> Option<u64> {
    let asked = cfg!(all(target_os = "linux", target_env = "gnu"));
    asked.then(in_use)
}

#[cfg(all(test, target_os = "linux", target_env = "gnu"))]
fn in_use() -> u64 {
    // SAFETY: it takes nothing and locks what it reads; any thread may call it at any time.
    let info = unsafe { libc::mallinfo2() };
    (info.uordblks + info.hblkhd) as u64
}

#[cfg(all(test, not(all(target_os = "linux", target_env = "gnu"))))]
fn in_use() -> u64 {
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_continues_after_its_pages_were_given_back() {
        let before: Vec<u64> = (0..1_000).collect();
        give_back();
        assert_eq!(before.iter().sum::<u64>(), 499_500);
        assert!(format!("{:?}", std::time::Duration::from_millis(1_500)).contains("1.5s"));
    }
}
