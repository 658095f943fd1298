//! The network for rooms that fetch or send something now and then: one bounded HTTP client, what
//! hands over mail, and a publisher for MQTT brokers.
//!
//! Probes do not use it: they time each phase of a request on their own ([`crate::probe`]).

pub mod client;
pub mod mqtt;
pub mod smtp;
