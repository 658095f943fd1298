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
    /// The middle, the best single figure.
    pub fn midpoint(&self) -> Duration {
        (self.min + self.max) / 2
    }
}
