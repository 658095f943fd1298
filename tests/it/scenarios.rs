//! The scenarios of the design by their numbers: what must be said of each, for several seeds, and
//! said exactly. `cargo bench --bench verdicts` plays them in their full length and prints how
//! right the verdicts are; here long ones are cut, so that a build for debugging plays them in
//! seconds.

#![allow(clippy::cast_precision_loss, reason = "offsets of days in microseconds are exact")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod drops;
mod files;
mod impairments;
mod packets;
mod patterns;
mod played;
mod routes;
