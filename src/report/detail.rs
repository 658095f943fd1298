//! One drop, probe by probe: who was asked when, in the minutes before, within and after it, and
//! what came of it.

use std::time::Duration;

use super::{DropEntry, Report, others};
use crate::store::{Error, Reader};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Measurement, Outcome, Target, TargetId};

/// Shown before the onset and after the end.
const AROUND: Duration = Duration::from_secs(120);
/// A drop up to this long is shown whole; of a longer one, this much less [`AROUND`] at each end.
const WHOLE: Duration = Duration::from_secs(600);
const WITHIN: Duration = Duration::from_secs(240);

/// What came of a probe, as it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// Answered in time, after this many microseconds.
    Answered(u32),
    /// Answered too late to count.
    Late,
    /// Not answered.
    Lost,
    /// Answered by an error, or wrongly.
    Wrong,
    /// Never left this computer.
    NotSent,
}

impl Mark {
    fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Reply(reply) => {
                Self::Answered(u32::try_from(reply.rtt.as_micros()).unwrap_or(u32::MAX))
            }
            Outcome::Late { .. } => Self::Late,
            Outcome::Lost => Self::Lost,
            Outcome::Unreachable(_) | Outcome::Failed(_) => Self::Wrong,
            Outcome::NotSent(_) => Self::NotSent,
        }
    }
}

/// One probe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probe {
    /// When it was sent, or due.
    pub at: Timestamp,
    /// What came of it.
    pub mark: Mark,
}

/// A target and its probes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probed {
    /// The target.
    pub target: Target,
    /// Whether it decides, with others, if the link is up.
    pub decides: bool,
    /// Its probes in the windows, by time.
    pub probes: Vec<Probe>,
    /// Probes sent while the link surely was down: the same as the text counts. Without those whose
    /// answer came when that was over.
    pub sent: u64,
    /// Of these answered meanwhile.
    pub answered: u64,
}

/// One drop with everything about it.
#[derive(Debug, Clone)]
pub struct Detail {
    /// The report of the time from the start of the first window to the end of the last.
    pub report: Report,
    /// The drop.
    pub drop: DropEntry,
    /// What is shown: one stretch of time, or the start and the end of a long drop.
    pub windows: Vec<TimeRange>,
    /// The targets from the home outwards.
    pub rows: Vec<Probed>,
}

/// The stretches that show a drop from `from` to `to`, as of `now`. An open drop lasts till now.
pub fn windows(from: Timestamp, to: Option<Timestamp>, now: Timestamp) -> Vec<TimeRange> {
    let end = to.unwrap_or(now);
    let last = (end + AROUND).min(now.max(end));
    let begin = from - AROUND;
    if end.duration_since(from).unwrap_or_default() <= WHOLE {
        return vec![TimeRange { from: begin, to: last }];
    }
    vec![TimeRange { from: begin, to: from + WITHIN }, TimeRange { from: end - WITHIN, to: last }]
}

/// The stretches that show the drop with number `id`, as of `now`; `None` where there is none. Nobody watched
/// what came after the record's end.
///
/// # Errors
/// When the record cannot be read.
pub fn windows_of_drop(
    reader: &Reader,
    id: i64,
    now: Timestamp,
) -> Result<Option<Vec<TimeRange>>, Error> {
    let Some(found) = reader.drop_by_id(id)? else { return Ok(None) };
    let now = reader.ends_within(&found.drop)?.unwrap_or(now);
    let end = found.drop.end.map(|end| end.latest);
    Ok(Some(windows(found.drop.onset.earliest, end, now)))
}

impl Detail {
    /// Of the drop with number `id`; `None` when the report has none. `samples` gives to what it
    /// is handed those of the report's period, in any order.
    ///
    /// # Errors
    /// Those of `samples`.
    pub fn build(
        report: Report,
        id: i64,
        windows: Vec<TimeRange>,
        samples: impl FnOnce(&mut dyn FnMut(&Measurement)) -> Result<(), Error>,
    ) -> Result<Option<Self>, Error> {
        let Some(drop) = report.drops.iter().find(|d| d.id == id).cloned() else {
            return Ok(None);
        };
        let cores = cores(&drop, report.period);
        let mut rows: Vec<_> = report
            .targets
            .iter()
            .map(|t| Probed {
                target: t.target.clone(),
                decides: t.decides,
                probes: Vec::new(),
                sent: 0,
                answered: 0,
            })
            .collect();
        let place = |id: TargetId| report.targets.iter().position(|t| t.target.id == id);
        samples(&mut |sample| {
            let Some(row) = place(sample.target).and_then(|i| rows.get_mut(i)) else { return };
            let (at, mark) = (sample.sent_at, Mark::of(&sample.outcome));
            let core = cores.iter().find(|core| core.contains(at));
            if let Some(answered) = core.and_then(|core| others::answered_within(sample, *core)) {
                row.sent += 1;
                row.answered += u64::from(answered);
            }
            if windows.iter().any(|w| w.contains(at)) {
                row.probes.push(Probe { at, mark });
            }
        })?;
        for row in &mut rows {
            row.probes.order_by_key(|p| p.at);
        }
        Ok(Some(Self { report, drop, windows, rows }))
    }

    /// Reads the samples of the report's period out of the record.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(
        reader: &Reader,
        report: Report,
        id: i64,
        windows: Vec<TimeRange>,
    ) -> Result<Option<Self>, Error> {
        let period = report.period;
        Self::build(report, id, windows, |take| {
            reader
                .for_each_minute(period, &mut |minute| minute.samples.iter().for_each(&mut *take))
                .map(|_| ())
        })
    }
}

/// The times in which the link surely was down.
fn cores(drop: &DropEntry, period: TimeRange) -> Vec<TimeRange> {
    let mut cores: Vec<_> = drop.stretches.iter().filter_map(others::core).collect();
    let last = drop.stretches.last();
    if last.is_none_or(|stretch| stretch.end.is_none()) {
        let from = last.map_or(drop.onset, |stretch| stretch.onset).latest;
        let to = drop.end.map_or(period.to, |end| end.earliest);
        cores.push(TimeRange { from, to });
    }
    cores
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::gather;
    use crate::report::synthetic::{Scene, at};
    use crate::vocabulary::Place;

    fn detail(length: f64) -> Detail {
        let mut scene = Scene::new("2026-11-16T13:00:00Z", 7_200);
        scene.drops = vec![(1_000.0, Some(length), vec![Place::Access])];
        let stored = scene.rows().drops[0].drop.clone();
        let end = stored.end.unwrap().latest;
        let windows = windows(stored.onset.earliest, Some(end), scene.period.to);
        scene.period = TimeRange { from: windows[0].from, to: windows[windows.len() - 1].to };
        scene.drops[0].0 = 120.0 + 1.0 / 6.0;
        let report = scene.report();
        let id = report.drops[0].id;
        Detail::build(report, id, windows, |take| {
            scene.samples(take);
            Ok(())
        })
        .unwrap()
        .unwrap()
    }

    #[test]
    fn every_probe_around_a_drop_is_there_once_with_what_came_of_it() {
        let detail = detail(64.0);
        assert_eq!(detail.windows.len(), 1);
        for row in &detail.rows {
            let seconds = detail.windows[0].length().as_secs();
            assert!(row.probes.len().abs_diff(usize::try_from(seconds).unwrap()) <= 1);
            assert!(row.probes.windows(2).all(|w| w[0].at < w[1].at));
            let lost = row.probes.iter().filter(|p| p.mark == Mark::Lost).count();
            let silent = detail.drop.silent.contains(&row.target);
            assert_eq!((60..70).contains(&lost), silent, "{}: {lost}", row.target.name);
            assert!((62..=65).contains(&row.sent), "{}", row.sent);
            assert_eq!(row.answered == 0, silent);
        }
    }

    #[test]
    fn a_long_drop_is_shown_at_both_ends_and_counted_whole() {
        let detail = detail(3_600.0);
        assert_eq!(detail.windows.len(), 2);
        let [first, second] = [detail.windows[0], detail.windows[1]];
        assert!(first.contains(detail.drop.onset.latest) && first.to < second.from);
        assert!(second.contains(detail.drop.end.unwrap().latest));
        for row in &detail.rows {
            assert!(row.sent > 3_590, "{}", row.sent);
            assert!(row.probes.len() < 800);
            assert!(row.probes.iter().all(|p| first.contains(p.at) || second.contains(p.at)));
        }
    }

    #[test]
    fn an_open_drop_is_shown_up_to_now() {
        let (from, now) = (at("2026-11-16T13:00:00Z"), at("2026-11-16T13:05:00Z"));
        let shown = windows(from, None, now);
        assert_eq!(shown, [TimeRange { from: from - AROUND, to: now }]);
    }

    #[test]
    fn a_drop_out_of_the_record_is_that_of_the_samples() {
        let folder = tempfile::tempdir().unwrap();
        let mut scene = Scene::new("2026-11-16T13:00:00Z", 600);
        scene.drops = vec![(200.0, Some(64.0), vec![Place::Access])];
        let path = scene.import_into(folder.path());
        let reader = Reader::open(&path).unwrap();
        let id = reader.drops(scene.period).unwrap()[0].id;
        let mut report = scene.report();
        report.drops[0].id = id;
        assert_eq!(gather(&reader, scene.period, None).unwrap().drops.len(), 1);
        let shown = vec![scene.period];
        let read = Detail::read(&reader, report.clone(), id, shown.clone()).unwrap().unwrap();
        let want = Detail::build(report.clone(), id, shown.clone(), |take| {
            // Send times are stored in milliseconds.
            scene
                .samples(|m| take(&Measurement { sent_at: m.sent_at.floor_millis(), ..m.clone() }));
            Ok(())
        });
        assert_eq!(read.rows, want.unwrap().unwrap().rows);
        assert!(Detail::read(&reader, report, 4_711, shown).unwrap().is_none());
    }
}
