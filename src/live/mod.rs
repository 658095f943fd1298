//! The present, and the one word for whatever happens. Pure: no clock, no I/O.

pub(crate) mod counters;
mod event;
pub(crate) mod recent;
mod status;

pub use counters::Ended;
pub use event::{Audience, Notice, Over, Witnesses};
pub use status::{Board, DropStatus, Flag, ImpairmentStatus, Status, TargetStatus, trouble};
