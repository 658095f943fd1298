//! What belongs to the process and the system: calls that have no safe wrapper elsewhere, and
//! what a panic may cost. The only module with `unsafe`; each block says why it is sound.
#![allow(unsafe_code, reason = "the one place for calls without a safe wrapper")]

mod adjtimex;
pub(crate) mod memory;
pub(crate) mod panics;
pub(crate) mod plain;
pub(crate) mod probes_table;
pub(crate) mod sqlite;
mod tcpinfo;
pub(crate) use adjtimex::clock_synchronized;
pub(crate) use tcpinfo::handshake_rtt;
pub(crate) mod icmp_filter;
