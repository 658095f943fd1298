//! How a target is probed.

use crate::text::words::word_enum;

word_enum! {
    /// How a target is probed.
    pub enum Kind: "kind of probe" {
        /// ICMP or `ICMPv6` echo.
        Icmp = "icmp",
        /// HTTP or HTTPS GET over a fresh connection.
        Http = "http",
        /// A DNS query over UDP to a chosen server.
        Dns = "dns",
        /// TCP connect.
        Tcp = "tcp",
    }
}
