//! Where the picture comes from: the record. The daemon writes its journal every second, with the status
//! and the probes of the open minute in it; what is older is in the database. So nothing is asked of the
//! daemon, and it needs no page.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;

use super::facts::{DropSums, Freshness, ListedDrops, WatchFacts, is_listed, today_and_week};
use super::strip::{MarkStore, StripMark};
use crate::cli::context::Context;
use crate::cli::status::{FoundStatus, unstored};
use crate::live::{DropStatus, Status};
use crate::report::drops_of_other_ways;
use crate::store::{self, Reader};
use crate::time::{TimeRange, Timestamp};

/// Late answers change probes of this time.
const MAY_CHANGE: Duration = Duration::from_secs(125);

/// Probes are sent until the second is over.
const AHEAD: Duration = Duration::from_secs(30);

/// The list goes back as far as this; further, where it has few drops.
const LISTED_FOR: [Duration; 2] =
    [Duration::from_secs(31 * 86_400), Duration::from_secs(400 * 86_400)];

/// Fewer are few.
const ENOUGH_LISTED: usize = 30;

/// At most this many drops are listed.
const MOST_LISTED: usize = 300;

/// How often the drops are read when nothing says that they have changed.
const DROPS_EVERY: Duration = Duration::from_secs(30);

/// The same in a drop, whose places and witnesses are found meanwhile.
const DROPS_IN_DROP: Duration = Duration::from_secs(5);

/// The record that is shown.
#[derive(Debug)]
pub(super) struct RecordSource<'a> {
    context: &'a Context,
    database: PathBuf,
    reader: Option<ShownRecord>,
    /// The time of which all probes are known.
    known: Option<TimeRange>,
    /// The daemon whose record it is: its process, and when that started.
    daemon: Option<(u32, Timestamp)>,
    /// What the drops were read for, and when.
    drops_of: Option<(DropsKey, Timestamp)>,
    /// Of which time the probes around a drop were read, and when.
    around: Option<(TimeRange, Timestamp)>,
}

/// The record that is read, or the one that is written in its place.
#[derive(Debug)]
struct ShownRecord {
    path: PathBuf,
    reader: Reader,
}

impl ShownRecord {
    fn open(path: &Path) -> Result<Self, store::Error> {
        Ok(Self { path: path.to_owned(), reader: Reader::open(path)? })
    }
}

/// With what the list of drops changes.
#[derive(Debug, Clone, PartialEq)]
struct DropsKey {
    open: Option<i64>,
    last: Option<DropStatus>,
    is_running: bool,
}

impl<'a> RecordSource<'a> {
    /// The record of this call, and what its daemon wrote last.
    ///
    /// # Errors
    /// When there is none, or no daemon has written into it.
    pub(super) fn open(context: &'a Context) -> anyhow::Result<(Self, WatchFacts)> {
        let database = context.existing_db().to_owned();
        let own = ShownRecord::open(&database);
        let found = FoundStatus::of(&database, own.as_ref().ok().map(|own| &own.reader));
        let Some(written) = found.newest() else {
            if found.substitute.is_none() {
                own?;
            }
            return Err(found.not_measuring(&database).into());
        };
        let status: Status = serde_json::from_str(&written.status)
            .context("read the status that the daemon wrote; is it another version?")?;
        let facts = WatchFacts::new(Freshness::of(&status, context.now), status);
        let source = Self {
            context,
            database,
            reader: None,
            known: None,
            daemon: None,
            drops_of: None,
            around: None,
        };
        Ok((source, facts))
    }

    /// Brings the present forward to `now`. What cannot be read stays as it was.
    pub(super) fn refresh(&mut self, facts: &mut WatchFacts, now: Timestamp) {
        facts.troubles.clear();
        // A daemon that starts anew may use another file.
        let is_running = !matches!(facts.freshness, Freshness::Stopped(_));
        let own = match self.reader.take() {
            Some(open) if open.path == self.database && is_running => Some(open),
            _ => ShownRecord::open(&self.database).ok(),
        };
        let found = FoundStatus::of(&self.database, own.as_ref().map(|own| &own.reader));
        if let Some(substitute) = &found.substitute {
            facts.troubles.push(unstored(substitute, &self.database, self.context.language()));
        }
        self.reader = match found.meanwhile() {
            Some((_, path)) => ShownRecord::open(path).ok(),
            None => own,
        };
        let status = found.newest().and_then(|w| serde_json::from_str::<Status>(&w.status).ok());
        if let Some(status) = status {
            facts.freshness = Freshness::of(&status, now);
            facts.status = status;
        } else {
            // A daemon that ended in order took its journal along.
            let age = now.duration_since(facts.status.at).unwrap_or_default();
            facts.freshness = Freshness::Stopped(age);
        }
        if let Err(error) = self.read_lists(facts) {
            facts.troubles.push(format!("{error:#}"));
        }
    }

    /// The targets and the drops, where they may have changed.
    fn read_lists(&mut self, facts: &mut WatchFacts) -> anyhow::Result<()> {
        let Some(ShownRecord { reader, .. }) = &self.reader else { return Ok(()) };
        let at = facts.status.at;
        let daemon = (facts.status.pid, facts.status.started);
        let is_another = self.daemon != Some(daemon);
        if is_another {
            (self.daemon, self.known, self.drops_of) = (Some(daemon), None, None);
        }
        if is_another || facts.status.targets.iter().any(|t| facts.target_of(t).is_none()) {
            facts.targets = reader.targets_at(at)?;
            facts.simulated = reader.simulated()?;
        }
        let pause = if facts.status.open_drop.is_some() { DROPS_IN_DROP } else { DROPS_EVERY };
        let key = DropsKey {
            open: facts.status.open_drop.as_ref().map(|drop| drop.id),
            last: facts.status.last_drop.clone(),
            is_running: !matches!(facts.freshness, Freshness::Stopped(_)),
        };
        let is_due = |(known, read): &(DropsKey, Timestamp)| {
            *known != key || at.duration_since(*read).is_none_or(|ago| ago >= pause)
        };
        if self.drops_of.as_ref().is_none_or(is_due) {
            facts.drops = listed(reader, &facts.status, self.context)?;
            self.drops_of = Some((key, at));
        }
        Ok(())
    }

    /// Reads the probes of `strips` that are not known yet, and those of `around`, the time that is shown
    /// of a drop.
    pub(super) fn read_probes(
        &mut self,
        facts: &mut WatchFacts,
        strips: TimeRange,
        around: Option<TimeRange>,
    ) {
        let Some(ShownRecord { reader, .. }) = &self.reader else { return };
        let at = facts.status.at;
        if let Some(from) = first_unknown(self.known, strips, at) {
            match probes(reader, TimeRange { from, to: at + AHEAD }) {
                Ok(fresh) => {
                    let kept = TimeRange { from: strips.from, to: from };
                    facts.marks.replace_outside(kept, fresh);
                    self.known = Some(TimeRange { from: strips.from, to: at });
                }
                Err(error) => facts.troubles.push(error.to_string()),
            }
        }
        let Some(range) = around else { return };
        let is_known = self.around.is_some_and(|(known, read)| {
            known == range && (read == at || range.to + MAY_CHANGE < read)
        });
        if !is_known {
            match probes(reader, range) {
                Ok(fresh) => (facts.around, self.around) = (fresh, Some((range, at))),
                Err(error) => facts.troubles.push(error.to_string()),
            }
        }
    }
}

/// From when on the probes of `strips` must be read at `at`, where those of `known` are; `None` where
/// nothing is missing. What may have become late since is read again.
fn first_unknown(known: Option<TimeRange>, strips: TimeRange, at: Timestamp) -> Option<Timestamp> {
    match known {
        Some(known) if known.from <= strips.from && known.to <= at => {
            (known.to != at).then(|| (known.to - MAY_CHANGE).max(strips.from))
        }
        _ => Some(strips.from),
    }
}

/// The probes of a time.
fn probes(reader: &Reader, range: TimeRange) -> Result<MarkStore, store::Error> {
    let mut found = MarkStore::default();
    reader.for_each_minute(range, &mut |minute| {
        for sample in &minute.samples {
            let mark = StripMark { at: sample.sent_at, fate: (&sample.outcome).into() };
            found.add(minute.target, mark);
        }
    })?;
    found.sort();
    Ok(found)
}

/// The drops that are listed with a status.
fn listed(reader: &Reader, status: &Status, context: &Context) -> anyhow::Result<ListedDrops> {
    let at = status.at;
    let line = context.config().site.line.as_deref();
    reader.at_once(|reader| {
        let [mut range, longer] =
            LISTED_FOR.map(|back| TimeRange { from: at - back, to: at + AHEAD });
        let (mut drops, _) = reader.newest_drops(range, 0, MOST_LISTED)?;
        if drops.len() < ENOUGH_LISTED {
            range = longer;
            (drops, _) = reader.newest_drops(range, 0, MOST_LISTED)?;
        }
        let mut others = drops_of_other_ways(reader, range, &drops, line)?;
        let [today, week] = match today_and_week(at, &context.zone) {
            Some([today, week]) => {
                let of_week = reader.drops(week)?;
                others.extend(drops_of_other_ways(reader, week, &of_week, line)?);
                [today, week].map(|range| DropSums::of(&of_week, &others, range, status))
            }
            None => [DropSums::default(); 2],
        };
        drops.retain(|stored| is_listed(&stored.drop));
        drops.reverse();
        Ok(ListedDrops { rows: drops, others, today, week })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::flapping_week;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_seconds(second)
    }

    fn range(from: i64, to: i64) -> TimeRange {
        TimeRange { from: at(from), to: at(to) }
    }

    #[test]
    fn each_second_reads_what_is_new_and_what_may_have_changed() {
        let known = Some(range(1_000, 2_000));
        for (known, strips, now, expected) in [
            (None, range(1_500, 2_000), 2_000, Some(1_500)),
            (known, range(1_500, 2_001), 2_001, Some(1_875)),
            (known, range(1_990, 2_001), 2_001, Some(1_990)),
            // A key that shows less of the same second; then one that shows more.
            (known, range(1_500, 2_000), 2_000, None),
            (known, range(500, 2_000), 2_000, Some(500)),
            // After a pause, or a night of sleep.
            (known, range(4_000, 9_000), 9_000, Some(4_000)),
            // A clock that was set back.
            (known, range(1_200, 1_700), 1_700, Some(1_200)),
        ] {
            let found = first_unknown(known, strips, at(now));
            assert_eq!(found, expected.map(at), "{known:?} {strips:?} {now}");
        }
    }

    #[test]
    fn the_probes_of_a_record_are_read_in_order_of_time() {
        let folder = tempfile::tempdir().unwrap();
        let scene = flapping_week(Duration::from_secs(60));
        let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
        let from = scene.period.from;
        let hour = TimeRange { from, to: from + Duration::from_secs(3_600) };
        let store = probes(&reader, hour).unwrap();
        let targets: Vec<_> = store.targets().collect();
        assert!(!targets.is_empty());
        for target in targets {
            let marks = store.of(target);
            assert!(marks.is_sorted_by_key(|mark| mark.at) && marks.len() > 10);
            assert!(marks.iter().all(|mark| hour.contains(mark.at)));
        }
    }
}
