//! The link: silences of its anchors, and the drops, blips and gaps that result.

pub(crate) mod ability;
mod disputes;
pub(crate) mod drop_book;
mod findings;
pub(crate) mod group;
mod present;
mod receipts;
mod run;
pub(crate) mod run_context;
pub(crate) mod silence;
pub(crate) mod stretch;
pub(crate) mod support;
mod unknown;
pub(crate) mod usual_delay;
pub(crate) mod verdicts;
mod window;
