//! `getsockopt(TCP_INFO)`: the kernel's own time from SYN to SYN-ACK.

use std::os::fd::{AsFd, AsRawFd};
use std::time::Duration;

/// Octets 68 to 71 of `struct tcp_info`, counted in 32-bit words: `tcpi_rtt` in microseconds.
const RTT: usize = 17;
/// `tcpi_total_retrans`.
const TOTAL_RETRANSMITS: usize = 25;

/// Time from SYN to SYN-ACK as the kernel measured it, when called right after the connection
/// came about. `None` when the SYN had to be sent again (the kernel then does not know which one
/// was answered), or where there is no such figure.
pub(crate) fn handshake_rtt(socket: impl AsFd) -> Option<Duration> {
    let mut words = [0_u32; TOTAL_RETRANSMITS + 1];
    let mut length = libc::socklen_t::try_from(size_of_val(&words)).ok()?;
    // SAFETY: the descriptor is open as long as `socket` is borrowed; the kernel writes at most
    // `length` octets to `words`, which has room for them and allows any bit pattern.
    let result = unsafe {
        libc::getsockopt(
            socket.as_fd().as_raw_fd(),
            libc::IPPROTO_TCP,
            libc::TCP_INFO,
            words.as_mut_ptr().cast(),
            &raw mut length,
        )
    };
    let complete = usize::try_from(length).is_ok_and(|l| l == size_of_val(&words));
    (result == 0 && complete && words[TOTAL_RETRANSMITS] == 0 && words[RTT] > 0)
        .then(|| Duration::from_micros(words[RTT].into()))
}
