//! The real binary in the test-bed of `tests/testbed`: a small internet in network namespaces, at
//! real speed, with faults on demand.
//!
//! These tests need root, namespaces and a few Debian packages. Without them each says
//! `skipped: REASON` on standard error and passes; with `LINKMON_REQUIRE_NETWORK=1` it fails.

mod bed;
mod browser;
mod daemon;
mod drops;
mod hops;
mod host;
mod identifiers;
mod impairments;
mod kinds_of_time;
mod life;
mod modem;
mod notify;
mod paths;
mod privileges;
mod record;
mod scrape;
mod start;
mod votes;
mod wait;
mod watch;
mod ways;
mod web;
