//! Which ICMP types a raw socket hands out. The option has no wrapper in nix, rustix or socket2.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

const ICMP_FILTER: libc::c_int = 1;
const ICMP6_FILTER: libc::c_int = 1;
const SOL_RAW: libc::c_int = 255;

/// Lets a raw ICMP socket receive echo replies (type 0) only.
pub(crate) fn only_echo_replies(fd: BorrowedFd<'_>) -> io::Result<()> {
    // A set bit blocks its type.
    block(fd, SOL_RAW, ICMP_FILTER, &[!1])
}

/// Lets a raw `ICMPv6` socket receive echo replies (type 129) only.
pub(crate) fn only_echo_replies_v6(fd: BorrowedFd<'_>) -> io::Result<()> {
    let mut blocked = [u32::MAX; 8];
    blocked[129 / 32] = !(1 << (129 % 32));
    block(fd, libc::IPPROTO_ICMPV6, ICMP6_FILTER, &blocked)
}

fn block<const WORDS: usize>(
    fd: BorrowedFd<'_>,
    level: libc::c_int,
    option: libc::c_int,
    blocked: &[u32; WORDS],
) -> io::Result<()> {
    let length = libc::socklen_t::try_from(size_of_val(blocked)).expect("32 octets at most");
    // SAFETY: `blocked` lives through the call and is `length` octets long; the kernel only reads
    // from it.
    let done =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, blocked.as_ptr().cast(), length) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
