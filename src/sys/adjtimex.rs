//! `adjtimex`, for reading only: whether NTP disciplines the clock.

/// Whether the kernel holds the clock synchronized; `None` where it may not be asked.
pub(crate) fn clock_synchronized() -> Option<bool> {
    // SAFETY: `timex` is made of integers, for which zero is a value.
    let mut timex: libc::timex = unsafe { std::mem::zeroed() };
    // SAFETY: `modes` is 0, so that nothing is set; the kernel fills the structure it is given.
    let state = unsafe { libc::adjtimex(&raw mut timex) };
    match state {
        -1 => None,
        libc::TIME_ERROR => Some(false),
        _ => Some(timex.status & libc::STA_UNSYNC == 0),
    }
}
