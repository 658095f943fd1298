//! The present, and [`Event`], the one word for whatever happens. Pure: no clock, no I/O.
//!
//! The daemon's pipeline feeds one [`Present`] with what is measured and with the events that
//! follow. Whoever shows the present (live line, page, `/metrics`, service manager, tail file)
//! reads it there.

mod counters;
mod event;
mod flag;
mod modem;
mod outside;
mod present;
mod priority;
mod recent;
mod status;
mod system_state;
mod trouble;

pub use counters::{DropCounters, EDGES_MS, LiveCounters, PhaseSums, TargetCounters};
pub use event::{DropDetail, Event, Witnesses};
pub use flag::Flag;
pub use modem::{LiveModem, ModemStatus};
pub use present::{Present, SharedPresent};
pub use priority::LogPriority;
pub use recent::{ProbeFate, RecentMark, RecentProbes, TargetMarks};
pub use status::{ClockStatus, DropStatus, ImpairmentStatus, Status, TargetStatus, WayStatus};
pub use system_state::SystemState;
pub use trouble::ProbeTrouble;
