//! What the modem's words mean next to what was measured: pure, without clock, file or socket.
//!
//! - `place_log`: when each entry of the log was written, in UTC, with bounds; start-up lines apart.
//! - `boots`: when the modem started, and whether it did so between two readings.
//! - `codewords`: codewords from one reading to the next, and how long a channel was without lock.
//! - `limits`: which levels are in order, by profiles with their sources.
//! - `usual`: levels against the channel's own median of a week.
//! - `chance`: events near drops against those expected by chance; whether drops follow readings.
//! - `readings`: the readings about one drop, and what they show together.
//! - `verdict`: what all this says of one drop.

mod boots;
mod chance;
mod clock;
mod codewords;
mod limits;
mod measured;
mod place_log;
mod readings;
mod restarts;
mod usual;
mod verdict;

pub use boots::{Boot, boot_by, boot_of};
pub use chance::{HarmTest, NearDrops, drops_after_readings, near_drops};
pub use clock::{ClockOffsetBounds, ClockZone, learn_offset};
pub use codewords::{
    ChannelKey, CodewordInterval, CounterCourse, LostLock, codeword_rate, codewords, lost_lock,
};
pub use limits::{LevelProfile, LevelWord, carries_at_most, judge_downstream, judge_upstream};
pub use measured::MeasuredDrop;
pub use place_log::{PlacedEntry, log_known, place_log};
pub use readings::LackingCodewords;
pub use restarts::{Restart, RestartReason, restarts, restarts_between};
pub use usual::{LevelChange, LevelOf, UsualLevels, usual_levels};
pub use verdict::{DropAccount, ModemFinding, account_of_drop};

#[cfg(test)]
mod tests;
