//! Scenarios in simulated time: from a file that says what fails on a line, to the packets of
//! days, to what linkmon says of them, compared with the truth.
//!
//! [`Scenario`] is the file, [`ScenarioPlan`] one life of it (a seed), and two routes lead on:
//! [`record`] drives the daemon's own pipeline, observation by observation as the probers would,
//! into a database that every command can read; [`judge`] drives the detector alone, for
//! long stories. The same seed gives the same packets on both. [`Score`] compares what was
//! reported with the truth, which the plan knows.
//!
//! Nothing here reads a clock or opens a socket. Duplicates and answers in the wrong order do not
//! exist at this level: they are the concern of `probe::inflight`.

mod file;
mod home;
mod life;
mod line;
mod modem;
mod plan;
mod play;
mod score;
mod story;
mod truth;
mod verdict;
mod when;

pub use file::{
    Error, Fault, FaultKind, FaultLocation, HostFault, HostIncident, NoteLine, Scenario,
};
pub use home::{HomeKind, Neighbor, TargetLine};
#[cfg(test)]
pub(crate) use life::{Daemon, DaemonLife, HostClocks};
#[cfg(test)]
pub(crate) use line::SimulatedLine;
pub use plan::{ActiveFault, PacketEffect, PlannedHostEvent, ScenarioPlan};
pub use play::{NoAudience, Recording, judge, record};
pub use score::Score;
pub use story::founding_story;
pub use truth::TrueSilence;
pub use verdict::ScenarioVerdict;
pub use when::{DurationRange, PlanSpan, When};
