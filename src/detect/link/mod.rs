//! The link: silences of its anchors, and the drops, blips and gaps that result.

pub(crate) mod ability;
pub(crate) mod drop_book;
pub(crate) mod group;
pub(crate) mod run_context;
pub(crate) mod silence;
pub(crate) mod usual_delay;
pub(crate) mod verdicts;
mod window;
