//! Sending probes and receiving answers.
//!
//! Targets go in; an [`Observation`](crate::vocabulary::Observation) comes out for each slot and for
//! whatever happens to this host. The schedule is absolute (slot n is at start + n x interval) and
//! waits for nothing.

pub mod clockwatch;
pub mod discover;
pub mod dns;
pub mod follow;
pub mod host;
pub mod http;
pub mod icmp;
pub mod inflight;
pub mod path;
pub mod reach;
pub mod resolve;
pub mod schedule;
pub mod services;
pub mod tcp;
