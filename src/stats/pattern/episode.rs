//! Flapping episodes: at least three drops, each beginning at most 3 h of up time after the last, and
//! at most a day of elapsed time: across weeks without a look nothing is known to have flapped.

use std::time::Duration;

use super::axis::{UpTimeAxis, seconds};
use super::strike::Strike;
use crate::time::Timestamp;

/// Drops of an episode, at least.
const DROPS: usize = 3;
/// Up time from one drop of an episode to the next, at most, in seconds.
const APART_S: f64 = 3.0 * 3_600.0;
/// The same with the time that was not watched.
const ELAPSED_S: f64 = 86_400.0;

/// A stretch in which the link flapped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Episode {
    /// Onset of its first drop.
    pub from: Timestamp,
    /// End of its last drop; `None` while that lasts.
    pub to: Option<Timestamp>,
    /// Its drops.
    pub drops: usize,
    /// Time down in it within the watched time.
    pub down: Duration,
}

/// The episodes of drops sorted by onset.
pub(super) fn find(strikes: &[Strike], axis: &UpTimeAxis) -> Vec<Episode> {
    let are_near = |a: &Strike, b: &Strike| {
        axis.position(b.onset) - axis.position(a.onset) <= APART_S
            && seconds(b.onset.micros_since(a.onset)) <= ELAPSED_S
    };
    strikes
        .chunk_by(are_near)
        .filter(|drops| drops.len() >= DROPS)
        .filter_map(|drops| {
            Some(Episode {
                from: drops.first()?.onset,
                to: drops.last()?.end,
                drops: drops.len(),
                down: drops.iter().map(|s| s.down).sum(),
            })
        })
        .collect()
}
