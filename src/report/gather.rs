//! The rows of a period out of the record: the only part of a report that touches the store.

use super::rows::{Collector, Rows};
use crate::store::{Error, Reader};
use crate::time::TimeRange;

/// Reads everything a report on `period` is made of. Samples are read minute by minute and kept
/// as counts, so memory does not grow with the period.
///
/// # Errors
/// When the record cannot be read.
pub fn gather(reader: &Reader, period: TimeRange) -> Result<Rows, Error> {
    let targets = reader.targets()?;
    let mut collector = Collector::new(period, &targets);
    let damage = reader.for_each_minute(period, &mut |minute| {
        for sample in &minute.samples {
            collector.add(sample);
        }
    })?;
    let (tallies, worst_minute) = collector.finish();
    Ok(Rows {
        period,
        runs: reader.runs(period)?,
        drops: reader.drops(period)?,
        gaps: reader.gaps(period)?,
        troubles: reader.troubles(period)?,
        events: reader.events(period)?,
        notes: reader.notes(period)?,
        targets,
        tallies,
        worst_minute,
        unreadable_minutes: damage.rows,
    })
}
