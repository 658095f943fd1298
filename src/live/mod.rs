//! The present, and [`Event`], the one word for whatever happens. Pure: no clock, no I/O.
//!
//! The daemon's pipeline feeds one [`Present`] with what is measured and with the events that
//! follow. Whoever shows the present (live line, page, `/metrics`, service manager, tail file)
//! reads it there.

mod counters;
mod event;
mod flag;
mod present;
mod recent;
mod status;

pub use counters::{DropCounters, EDGES_MS, LiveCounters, TargetCounters};
pub use event::{DropDetail, Event, Witnesses};
pub use flag::Flag;
pub use present::{Present, SharedPresent};
pub use recent::{ProbeFate, RecentMark, RecentProbes, TargetMarks};
pub use status::{ClockStatus, DropStatus, ImpairmentStatus, Status, TargetStatus, WayStatus};
