//! The present, and [`Event`], the one word for whatever happens. Pure: no clock, no I/O.
//!
//! The daemon's pipeline feeds one [`Present`] with what is measured and with the events that
//! follow. Whoever shows the present (live line, page, `/metrics`, service manager, tail file)
//! reads it there.

mod alert;
mod counters;
mod event;
mod flag;
mod modem;
mod outside;
mod present;
mod priority;
mod recent;
mod remote_write;
mod spent;
mod status;
mod system_state;
mod trouble;

pub use alert::AlertStatus;
pub use counters::{DropCounters, EDGES_MS, LiveCounters, PhaseSums, TargetCounters, family_of};
pub use event::{DropDetail, Event, Witnesses};
pub use flag::Flag;
pub use modem::{LiveModem, ModemStatus};
pub use present::{Present, SharedPresent};
pub use priority::LogPriority;
pub use recent::{ProbeFate, RecentMark, RecentProbes, TargetMarks};
pub use remote_write::{HoldReason, WriteNews, WriteState, WriteStatus};
pub use spent::TimeSpent;
pub use status::{
    ClockStatus, DropStatus, HeartbeatStatus, ImpairmentStatus, Status, TargetStatus, WayStatus,
};
pub use system_state::SystemState;
pub use trouble::ProbeTrouble;
