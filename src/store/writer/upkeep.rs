//! The state of what is done now and then: keeping the file within its limits, watching the disk.

use std::fmt;
use std::path::Path;

use crate::store::growth::SpaceHistory;
use crate::store::space::{DiskSpace, SpaceLimits, disk_of};
use crate::vocabulary::Forecast;

/// What keeps the file within its limits.
#[derive(Debug, Default)]
pub(super) struct RetentionState {
    pub(super) limits: Option<SpaceLimits>,
    /// The minute of boot time of the last look.
    pub(super) looked: Option<i64>,
    /// More is to be done at once.
    pub(super) continues: bool,
}

/// What is known of the space.
#[derive(Debug, Default)]
pub(super) struct SpaceWatch {
    /// As it is in the database; `None` before it was read.
    pub(super) stored: Option<SpaceHistory>,
    pub(super) forecast: Option<Forecast>,
    /// The hour of boot time of the last look.
    pub(super) looked: Option<i64>,
    pub(super) disk: DiskProbe,
}

impl SpaceWatch {
    /// Another file took the place of the one that was watched.
    pub(super) fn forget_file(&mut self) {
        (self.stored, self.forecast, self.looked) = (None, None, None);
    }
}

/// Asks for the space of the file system that a path is on; `None` where it cannot be asked.
pub(super) type AskDiskSpace = Box<dyn Fn(&Path) -> Option<DiskSpace> + Send>;

/// How the space of the file system is asked for.
pub(super) struct DiskProbe(pub(super) AskDiskSpace);

impl Default for DiskProbe {
    fn default() -> Self {
        Self(Box::new(disk_of))
    }
}

impl fmt::Debug for DiskProbe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DiskProbe")
    }
}
