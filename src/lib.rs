//! linkmon: the record of an uplink, and the evidence made from it.
//!
//! # Invariants
//!
//! 1. One slot, one measurement. Every due slot gives exactly one [`vocabulary::Measurement`] per
//!    target, also when it could not be sent. Not sent is neither loss nor uptime.
//! 2. Measurements are the record; drops are derived. `linkmon replay` over the stored
//!    measurements gives the drops that the daemon saw, with these thresholds or others.
//! 3. Absence is `None`, NULL, an empty cell, a hatched gap. Never 0, -1, NaN or 100 %.
//! 4. Store first, report second. An open drop is on disk before anyone is notified of it.
//! 5. The schedule depends on nothing: slot n is at start + n x interval, whatever replies, disk
//!    or notifications do.
//! 6. Only [`time`] reads a clock. Only [`net`], [`probe`] and [`serve`] open sockets. Only
//!    [`store`] contains SQL. Only [`cli`] prints or chooses an exit code. Lints and a test
//!    enforce it.
//! 7. Every ratio travels with its two counts and its coverage (observed time / elapsed time).
//! 8. Reading never writes: reports open the file read-only.
//! 9. The network is never trusted: what comes from it is bounded in size and time, parsed without
//!    panics, and shown escaped.

pub mod chart;
pub mod cli;
pub mod config;
pub mod courier;
pub mod daemon;
pub mod detect;
#[cfg(test)]
#[path = "../tests/fuzz/mod.rs"]
mod fuzz;
pub mod import;
pub mod language;
pub mod live;
pub mod modem;
pub mod net;
pub mod probe;
pub mod prose;
pub mod render;
pub mod report;
pub mod scenario;
pub mod serve;
pub mod stats;
pub mod store;
mod sys;
pub mod text;
pub mod time;
pub mod vocabulary;
