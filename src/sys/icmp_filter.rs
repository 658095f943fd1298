//! Which ICMP types a raw socket hands out. The option has no wrapper in nix, rustix or socket2.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd};

use crate::vocabulary::IpVersion;

const ICMP_FILTER: libc::c_int = 1;
const ICMP6_FILTER: libc::c_int = 1;
const SOL_RAW: libc::c_int = 255;

/// Lets a raw ICMP socket receive echo replies alone.
pub(crate) fn only_echo_replies(fd: BorrowedFd<'_>, family: IpVersion) -> io::Result<()> {
    // A set bit blocks its type: all but 0 (ICMP) or 129 (ICMPv6, eighth word of 32 bits).
    let mut blocked = [u32::MAX; 8];
    let (level, option, length) = match family {
        IpVersion::V4 => {
            blocked[0] = !1;
            (SOL_RAW, ICMP_FILTER, 4)
        }
        IpVersion::V6 => {
            blocked[129 / 32] = !(1 << (129 % 32));
            (libc::IPPROTO_ICMPV6, ICMP6_FILTER, 32)
        }
    };
    // SAFETY: `blocked` lives through the call and is at least `length` octets long; the kernel
    // only reads from it.
    let done =
        unsafe { libc::setsockopt(fd.as_raw_fd(), level, option, blocked.as_ptr().cast(), length) };
    if done == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
