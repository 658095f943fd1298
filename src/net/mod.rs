//! The network for rooms that fetch something now and then: one bounded HTTP client.
//!
//! Probes do not use it: they time each phase of a request on their own ([`crate::probe`]).

pub mod client;
