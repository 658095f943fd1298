//! What is shown: the present as the daemon wrote it, the probes of the last minutes, the drops. Pure.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::strip::MarkStore;
use crate::cli::status::{LATE_AFTER, STALE_AFTER};
use crate::language::words;
use crate::live::{Status, TargetStatus};
use crate::time::{TimeRange, Timestamp, day_of};
use crate::vocabulary::{DropKind, LinkDrop, SimulatedShare, StoredDrop, Target, TargetId};

/// How fresh the present is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It is of this moment.
    Fresh,
    /// The daemon is late; by so much.
    Late(Duration),
    /// No daemon is measuring; for so long.
    Stopped(Duration),
}

impl Freshness {
    /// Of a status, at `now`.
    pub(super) fn of(status: &Status, now: Timestamp) -> Self {
        let age = now.duration_since(status.at).unwrap_or_default();
        if age > STALE_AFTER {
            Self::Stopped(age)
        } else if age > LATE_AFTER {
            Self::Late(age)
        } else {
            Self::Fresh
        }
    }
}

/// The drops that are shown.
#[derive(Debug, Clone, Default)]
pub(super) struct ListedDrops {
    /// The newest first; no blips.
    pub(super) rows: Vec<StoredDrop>,
    /// Numbers of those that happened by another way than the line.
    pub(super) others: Vec<i64>,
    /// Of today.
    pub(super) today: DropSums,
    /// Of this week.
    pub(super) week: DropSums,
}

impl ListedDrops {
    /// The drop with this number.
    pub(super) fn find(&self, id: i64) -> Option<&StoredDrop> {
        self.rows.iter().find(|stored| stored.id == id)
    }
}

/// How many drops, and how long the link was down in them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct DropSums {
    /// Drops and outages.
    pub(super) drops: usize,
    /// The sum of the middles of their lengths; without the current one.
    pub(super) down: Duration,
    /// The onset of the current one.
    pub(super) open: Option<Timestamp>,
}

impl DropSums {
    /// Of those of the line that began in `range`.
    pub(super) fn of(
        drops: &[StoredDrop],
        others: &[i64],
        range: TimeRange,
        status: &Status,
    ) -> Self {
        let is_meant = |stored: &&StoredDrop| {
            let onset = stored.drop.onset.midpoint();
            stored.drop.kind.is_down() && range.contains(onset) && !others.contains(&stored.id)
        };
        let mut sums = Self::default();
        for stored in drops.iter().filter(is_meant) {
            sums.drops += 1;
            if is_current(stored, status) {
                sums.open = Some(stored.drop.onset.midpoint());
            } else {
                sums.down += length_of(stored, status);
            }
        }
        sums
    }

    /// How long the link was down until `now`.
    pub(super) fn down_until(&self, now: Timestamp) -> Duration {
        self.down + self.open.and_then(|onset| now.duration_since(onset)).unwrap_or_default()
    }
}

/// Whether it is the drop that lasts; one that a daemon did not see the end of does not.
pub(super) fn is_current(stored: &StoredDrop, status: &Status) -> bool {
    let open = status.open_drop.as_ref().map(|drop| drop.id);
    stored.drop.end.is_none() && open == Some(stored.id)
}

/// The middle of the bounds of its length; so far, where it lasts.
pub(super) fn length_of(stored: &StoredDrop, status: &Status) -> Duration {
    let drop = &stored.drop;
    if is_current(stored, status) {
        status.at.duration_since(drop.onset.midpoint()).unwrap_or_default()
    } else {
        (drop.min + drop.max) / 2
    }
}

/// Whether it has a row: blips have none.
pub(super) fn is_listed(drop: &LinkDrop) -> bool {
    drop.kind != DropKind::Blip
}

/// The local day of `now` so far, and its week from Monday on.
pub(super) fn today_and_week(now: Timestamp, zone: &TimeZone) -> Option<[TimeRange; 2]> {
    let today = day_of(now, zone)?;
    let weekday: usize = words::local(now, zone, "%u").parse().ok()?;
    let mut monday = today;
    for _ in 1..weekday {
        monday = day_of(monday.from.plus_micros(-1), zone)?;
    }
    Some([today, TimeRange { from: monday.from, to: today.to }])
}

/// All that is shown.
#[derive(Debug, Clone)]
pub(super) struct WatchFacts {
    /// The present.
    pub(super) status: Status,
    /// How fresh it is.
    pub(super) freshness: Freshness,
    /// The targets that the record knows, with their numbers and intervals.
    pub(super) targets: Vec<Target>,
    /// The probes of the last minutes.
    pub(super) marks: MarkStore,
    /// The drops.
    pub(super) drops: ListedDrops,
    /// The probes around the drop that is shown.
    pub(super) around: MarkStore,
    /// How much of the record was simulated.
    pub(super) simulated: SimulatedShare,
    /// That measurements are not in the record yet, and why nothing can be read.
    pub(super) troubles: Vec<String>,
}

impl WatchFacts {
    /// Those of a present of which nothing else has been read yet.
    pub(super) fn new(freshness: Freshness, status: Status) -> Self {
        Self {
            status,
            freshness,
            targets: Vec::new(),
            marks: MarkStore::default(),
            drops: ListedDrops::default(),
            around: MarkStore::default(),
            simulated: SimulatedShare::Nothing,
            troubles: Vec::new(),
        }
    }

    /// The target of the record that a status means.
    pub(super) fn target_of(&self, shown: &TargetStatus) -> Option<&Target> {
        self.targets.iter().rev().find(|target| {
            target.name == shown.name
                && target.kind == shown.kind
                && target.endpoint.to_string() == shown.address
        })
    }

    /// How often a target is asked.
    pub(super) fn interval_of(&self, shown: &TargetStatus) -> Duration {
        self.target_of(shown).map_or(Duration::from_secs(1), |target| target.interval)
    }

    /// The name of a target.
    pub(super) fn name_of(&self, id: TargetId) -> Option<&str> {
        self.targets.iter().find(|target| target.id == id).map(|target| target.name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::DropStatus;
    use crate::vocabulary::Bounds;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_week_begins_on_monday_of_the_zone_also_where_clocks_change() {
        let zone = TimeZone::get("America/Toronto").unwrap();
        // Sunday 2026-11-01 has 25 hours; Monday the 2nd begins at 05:00 UTC.
        for (now, monday) in [
            ("2026-11-02T04:30:00Z", "2026-10-26T04:00:00Z"),
            ("2026-11-02T05:00:00Z", "2026-11-02T05:00:00Z"),
            ("2026-11-08T20:00:00Z", "2026-11-02T05:00:00Z"),
        ] {
            let [today, week] = today_and_week(at(now), &zone).unwrap();
            assert_eq!(week.from, at(monday), "{now}");
            assert!(today.contains(at(now)) && today.to == week.to);
        }
    }

    #[test]
    fn sums_leave_out_blips_other_ways_and_what_began_before() {
        let drop = |id: i64, second: i64, kind: DropKind| {
            let edge = |s: i64| Bounds {
                earliest: Timestamp::from_seconds(s),
                latest: Timestamp::from_seconds(s),
            };
            let lengths = [Duration::from_secs(9), Duration::from_secs(11)];
            let bare = LinkDrop::bare(edge(second), Some(edge(second + 10)), lengths);
            StoredDrop { id, first_key: None, drop: LinkDrop { kind, ..bare } }
        };
        let drops = [
            drop(1, 50, DropKind::Drop),
            drop(2, 150, DropKind::Drop),
            drop(3, 160, DropKind::Blip),
            drop(4, 170, DropKind::Outage),
            drop(5, 180, DropKind::Drop),
        ];
        let day =
            TimeRange { from: Timestamp::from_seconds(100), to: Timestamp::from_seconds(200) };
        let mut status = Status::of_start(Timestamp::from_seconds(190));
        let sums = DropSums::of(&drops, &[5], day, &status);
        let expected = DropSums { drops: 2, down: Duration::from_secs(20), open: None };
        assert_eq!(sums, expected);
        // The current one grows; one that nobody saw the end of does not.
        let mut unfinished = drops.to_vec();
        (unfinished[1].drop.end, unfinished[3].drop.end) = (None, None);
        status.open_drop = Some(DropStatus::new(4, &unfinished[3].drop));
        let sums = DropSums::of(&unfinished, &[5], day, &status);
        let open = Some(Timestamp::from_seconds(170));
        assert_eq!(sums, DropSums { drops: 2, down: Duration::from_secs(10), open });
        assert_eq!(sums.down_until(Timestamp::from_seconds(195)), Duration::from_secs(35));
    }

    #[test]
    fn a_daemon_is_late_and_then_stopped() {
        let status = Status::of_start(Timestamp::from_seconds(100));
        let freshness = |s: i64| Freshness::of(&status, Timestamp::from_seconds(s));
        assert_eq!(freshness(99), Freshness::Fresh, "a clock that was set back");
        assert_eq!(freshness(103), Freshness::Fresh);
        assert_eq!(freshness(104), Freshness::Late(Duration::from_secs(4)));
        assert_eq!(freshness(116), Freshness::Stopped(Duration::from_secs(16)));
    }
}
