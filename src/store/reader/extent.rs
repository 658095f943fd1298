//! From when to when a record reaches, and whether it was measured at all.

use super::{Error, Reader};
use crate::store::tables::{RunRow, SIMULATED};
use crate::time::TimeRange;
use crate::vocabulary::SimulatedShare;

/// The version under which a simulated record is made: whoever reads a run sees it, and copies and
/// merges carry it along.
pub fn simulated_version(version: &str) -> String {
    format!("{version}{SIMULATED}")
}

impl Reader {
    /// From the start of the first run to the last moment that any watched; `None` where none did.
    ///
    /// # Errors
    /// If the runs cannot be read.
    pub fn watched_from_to(&self) -> Result<Option<TimeRange>, Error> {
        let runs = self.runs(TimeRange::EVER)?;
        let (from, to) =
            (runs.iter().map(|run| run.started).min(), runs.iter().map(|run| run.last_seen).max());
        Ok(from.zip(to).map(|(from, to)| TimeRange { from, to }))
    }

    /// How much of the record was simulated.
    ///
    /// # Errors
    /// If the runs cannot be read.
    pub fn simulated(&self) -> Result<SimulatedShare, Error> {
        self.read(|snapshot| {
            let runs = snapshot.runs()?;
            let simulated = runs.iter().filter(|run| RunRow::is_simulated(run)).count();
            Ok(match simulated {
                0 => SimulatedShare::Nothing,
                n if n == runs.len() => SimulatedShare::All,
                _ => SimulatedShare::Part,
            })
        })
    }
}
