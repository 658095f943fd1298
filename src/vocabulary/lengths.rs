//! A length as exact as it is known.

use std::time::Duration;

/// The least and the most a length can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lengths {
    /// At least.
    pub min: Duration,
    /// At most.
    pub max: Duration,
}

impl Lengths {
    /// Whether they are so far apart that no single figure stands for the length: more than a minute,
    /// and a tenth of the most.
    pub fn is_vague(&self) -> bool {
        const VAGUE: Duration = Duration::from_secs(60);
        self.max.saturating_sub(self.min) > VAGUE.max(self.max / 10)
    }

    /// The middle, the best single figure.
    pub fn midpoint(&self) -> Duration {
        (self.min + self.max) / 2
    }
}
