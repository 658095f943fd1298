//! What another linkmon recorded, taken over without counting anything twice.
//!
//! Time that was watched here stays as it is. Of the other file only what it saw while no one watched
//! here is taken: samples to the millisecond where both files may still hold them, else hours that
//! are missing here completely, by their sums. The other file is copied first, at one instant, and
//! the copy brought to the present schema: the file itself is only read.
//!
//! When a file is taken again its time is already watched, so nothing is taken twice, and a merge
//! that was cut short continues where it stopped.

mod network;
mod notes;
mod other;
mod plan;
mod rest;
mod runs;
mod samples;

pub use network::OtherNetwork;
pub(super) use notes::take_notes;
pub(super) use other::watched_in;
pub use other::{Other, Trial, check_is_free};
pub(super) use plan::{ExistingRecord, HourSource};
pub use plan::{MergePlan, MergeTotals};
pub(super) use rest::{take_gaps, take_rest};
pub(super) use runs::TakenRuns;
pub(super) use samples::take_hour;
