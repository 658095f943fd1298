//! The rows of a period out of the record: the only part of a report that touches the store.

use super::impairments::DAY;
use super::rows::{Collector, Rows};
use super::yardsticks;
use crate::store::{Error, Reader};
use crate::time::TimeRange;

/// Reads everything a report on `period` is made of, all of one instant. Samples are read minute by minute and kept
/// as counts, so memory does not grow with the period.
///
/// # Errors
/// When the record cannot be read.
pub fn gather(reader: &Reader, period: TimeRange) -> Result<Rows, Error> {
    reader.at_once(|reader| gather_now(reader, period))
}

fn gather_now(reader: &Reader, period: TimeRange) -> Result<Rows, Error> {
    let targets = reader.targets()?;
    let mut collector = Collector::new(period, &targets);
    let drops = reader.drops(period)?;
    let troubles = reader.troubles(period)?;
    let mut seconds = yardsticks::counter(period, &targets, &drops, &troubles);
    let damage = reader.for_each_minute(period, &mut |minute| {
        for sample in &minute.samples {
            collector.add(sample);
            seconds.add(minute.run, sample);
        }
    })?;
    let (tallies, worst_minute) = collector.finish();
    Ok(Rows {
        period,
        runs: reader.runs(period)?,
        drops,
        gaps: reader.gaps(period)?,
        troubles,
        impairments: reader.impairments(period)?,
        traffic: reader.traffic(TimeRange { from: period.from - DAY, to: period.to })?,
        events: reader.events(period)?,
        notes: reader.notes(period)?,
        targets,
        tallies,
        worst_minute,
        seconds: seconds.finish(),
        unreadable_minutes: damage.rows,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::flapping_week;

    #[test]
    fn what_was_stored_is_what_is_reported() {
        let folder = tempfile::tempdir().unwrap();
        let scene = flapping_week(std::time::Duration::from_secs(60));
        let mut want = scene.rows();
        let path = scene.import_into(folder.path());
        let mut got = gather(&Reader::open(&path).unwrap(), scene.period).unwrap();
        assert_eq!(got.tallies, want.tallies);
        assert_eq!(got.worst_minute, want.worst_minute);
        // Numbers of drops are those of the database.
        (0..).zip(&mut got.drops).for_each(|(id, drop)| drop.id = id);
        (0..).zip(&mut want.drops).for_each(|(id, drop)| drop.id = id);
        assert_eq!(got.drops, want.drops);
        assert_eq!((got.gaps.len(), got.notes.len()), (want.gaps.len(), want.notes.len()));
    }
}
