//! Sending probes and receiving answers. The only module (with `modem`, `serve`, `push`, `notify`
//! later) that opens sockets.
//!
//! What comes out is an [`Observation`](crate::vocabulary::Observation); what goes in are the targets. The schedule is absolute
//! (slot n is at start + n x interval) and waits for nothing.

pub mod clockwatch;
pub mod discover;
pub mod dns;
pub mod host;
pub mod http;
pub mod icmp;
pub mod inflight;
pub mod path;
pub mod resolve;
pub mod schedule;
pub mod services;
pub mod tcp;
