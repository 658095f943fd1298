//! What a report has to say, chosen before any language: the facts of the headline and which drops
//! speak clearest. Languages (`language`) make sentences of them.

use std::time::Duration;

use super::{DropEntry, Report, TargetEntry, Witness, WitnessCount};
use crate::stats::pattern::RecurrenceTest;
use crate::text::order::InOrder;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{DropKind, Place, Role};

/// The facts of the headline.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Headline<'a> {
    /// Share of the period that was watched.
    pub(crate) coverage: Option<f64>,
    /// The time that the classes are of: the period, or what was watched of it before the line died.
    pub(crate) within: Duration,
    /// Drops, then outages, as far as there are any; the last outage is not among them where the
    /// line died of it.
    pub(crate) classes: Vec<Class>,
    /// Time from one onset to the next, where they were found to be regular.
    pub(crate) every: Option<RegularInterval>,
    /// The line died in the end.
    pub(crate) dead: Option<Dead>,
    /// Onset of an open drop, and does not end the service for good.
    pub(crate) open_since: Option<Timestamp>,
    /// All drops and outages.
    pub(crate) counted: usize,
    /// Who answered in every one of them.
    pub(crate) answered: Vec<Role>,
    /// Who was silent in every one of them.
    pub(crate) silent: Vec<Role>,
    /// Places with their counts, the most frequent first.
    pub(crate) places: Vec<(&'a [Place], usize)>,
    /// Blips.
    pub(crate) blips: usize,
    /// Single targets that failed while the link was up, by name.
    pub(crate) failed: Vec<&'a str>,
    /// Of these, such as failed for long, and for how long; they are not among the others.
    pub(crate) failed_long: Vec<(&'a str, Duration)>,
    /// Single targets of which there was no answer at all.
    pub(crate) mute: Vec<&'a str>,
}

/// The time from one drop to the next where they come regularly: the same on every line of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct RegularInterval {
    /// The median from onset to onset, time not watched cut out.
    pub(crate) length: Duration,
    /// With the time that was not watched it is another.
    pub(crate) of_watched: bool,
}

/// Drops of one class.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Class {
    /// Which.
    pub(crate) kind: DropKind,
    /// How many.
    pub(crate) count: usize,
    /// The shortest.
    pub(crate) shortest: Duration,
    /// The longest.
    pub(crate) longest: Duration,
    /// One of them is open.
    pub(crate) goes_on: bool,
    /// One of them reaches over an end of the period: lengths are those of the parts inside.
    pub(crate) clipped: bool,
}

/// A last outage after which there was not much.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Dead {
    /// Its onset.
    pub(crate) since: Timestamp,
    /// Its length so far.
    pub(crate) length: Duration,
    /// When service came back; `None` while it is open.
    pub(crate) until: Option<Timestamp>,
    /// It is open.
    pub(crate) goes_on: bool,
}

impl<'a> Headline<'a> {
    /// `None` where nothing was observed, or nothing that shows whether the link was up.
    pub(crate) fn of(report: &'a Report) -> Option<Self> {
        report.availability?;
        let counted: Vec<_> = report.counted_drops().collect();
        let coverage = report.coverage.ratio();
        // Of a period that was hardly watched the end is no better known than the rest.
        let dead = dead(report, &counted).filter(|_| coverage.is_some_and(|ratio| ratio >= 0.5));
        let before_dead = &counted[..counted.len() - usize::from(dead.is_some())];
        let within = dead.map(|d| whole_days(watched_until(d.since, report)));
        let open = counted.iter().find(|d| d.end.is_none() && dead.is_none());
        let who = |of: fn(&WitnessCount) -> usize| {
            let all = |w: &&WitnessCount| of(w) == counted.len() && !counted.is_empty();
            report.summary.witnesses.iter().filter(all).map(|w| w.role).collect()
        };
        let place = |(place, n): &'a (String, usize)| {
            let named = counted.iter().find(|d| d.place == *place);
            (named.map_or(&[][..], |d| d.places.as_slice()), *n)
        };
        let mut failed: Vec<_> = report.troubles.iter().map(|t| t.target.name.as_str()).collect();
        failed.sort_unstable();
        failed.dedup();
        let answered = |name: &&str| {
            let total = |t: &TargetEntry| t.total.probes.answered() + t.total.probes.late;
            report.targets.iter().any(|t| t.target.name == *name && total(t) > 0)
        };
        let (failed, mute): (Vec<_>, Vec<_>) = failed.into_iter().partition(answered);
        let failed_long: Vec<_> = failed
            .iter()
            .map(|name| (*name, failed_for(report, name)))
            .filter(|(_, length)| {
                *length >= LONG && *length * LONG_PART >= report.coverage.observed
            })
            .take(NAMED_LONG)
            .collect();
        let failed = failed.into_iter().filter(|name| failed_long.iter().all(|(n, _)| n != name));
        Some(Self {
            coverage,
            within: within.unwrap_or(report.coverage.elapsed),
            classes: [DropKind::Drop, DropKind::Outage]
                .into_iter()
                .filter_map(|kind| Class::of(before_dead, kind))
                .collect(),
            every: every(report),
            dead,
            open_since: open.map(|d| d.onset.midpoint()),
            counted: counted.len(),
            answered: who(|w| w.answered),
            silent: who(|w| w.silent),
            places: report.summary.by_place.iter().map(place).collect(),
            blips: report.summary.blips,
            failed: failed.collect(),
            failed_long,
            mute,
        })
    }

    /// All drops have one place and the same witnesses, and the headline names them.
    pub(crate) fn are_all_alike(&self, report: &Report) -> bool {
        let named = self.answered.len() + self.silent.len();
        matches!(self.places.as_slice(), [(place, _)] if !place.is_empty())
            && named == report.summary.witnesses.len()
    }
}

/// A single target that fails for this long, and this part of the time watched, is told with its time.
const LONG: Duration = Duration::from_secs(1_800);
const LONG_PART: u32 = 20;
/// So many of them at most.
const NAMED_LONG: usize = 3;

/// For how long in all, within the period.
fn failed_for(report: &Report, name: &str) -> Duration {
    let own = report.troubles.iter().filter(|trouble| trouble.target.name == name);
    let span = |from, to: Option<Timestamp>| TimeRange { from, to: to.unwrap_or(report.period.to) };
    let parts = own.filter_map(|t| span(t.from, t.to).intersect(&report.period));
    parts.map(|part| part.length()).sum()
}

/// Time watched in the period before `at`.
fn watched_until(at: Timestamp, report: &Report) -> Duration {
    let before = TimeRange { from: report.period.from, to: at.max(report.period.from) };
    let gaps = Spans::union(report.gaps.iter().map(|gap| gap.range));
    before.length().saturating_sub(gaps.length_within(before))
}

/// Whole days, where they are as good as that.
fn whole_days(d: Duration) -> Duration {
    const DAY: u64 = 86_400;
    let days = Duration::from_secs((d.as_secs() + DAY / 2) / DAY * DAY);
    if days.abs_diff(d) * 100 <= d * 3 { days } else { d }
}

impl Class {
    fn of(drops: &[&DropEntry], kind: DropKind) -> Option<Self> {
        let of_kind: Vec<_> = drops.iter().filter(|d| d.kind == kind).collect();
        let lengths = of_kind.iter().map(|d| single_length(d));
        let mut shortest = lengths.clone().min()?;
        let mut longest = lengths.max()?;
        // Of many the parts that were seen say how long they are; of a single one nothing else does.
        if let [only] = of_kind[..]
            && only.is_vague()
        {
            (shortest, longest) = (only.down.min, only.down.max);
        }
        Some(Self {
            kind,
            count: of_kind.len(),
            shortest,
            longest,
            goes_on: of_kind.iter().any(|d| d.end.is_none()),
            clipped: of_kind.iter().any(|d| d.starts_before || d.ends_after),
        })
    }
}

/// The length within the period, as one figure: of one that runs into unwatched time the part that
/// was seen.
fn single_length(drop: &DropEntry) -> Duration {
    if drop.is_vague() { drop.judged.likely } else { drop.down.midpoint() }
}

/// The death of a line that flapped before: a single long outage is reported as such.
fn dead(report: &Report, counted: &[&DropEntry]) -> Option<Dead> {
    let last = counted.last().filter(|_| counted.len() > 1)?;
    report.analyses.pattern.trend.dead_since?;
    (last.kind == DropKind::Outage && !last.starts_before).then(|| Dead {
        since: last.onset.midpoint(),
        length: single_length(last),
        until: last.end.map(|end| end.midpoint()).filter(|end| *end < report.period.to),
        goes_on: last.end.is_none(),
    })
}

/// How far apart the drops are that were found to be regular, if that is about one time.
pub(crate) fn every(report: &Report) -> Option<RegularInterval> {
    let recurrence = &report.analyses.pattern.recurrence;
    let by_clock = recurrence.found().any(|(test, _)| test == RecurrenceTest::Clock);
    let regular = recurrence.found().any(|(test, _)| test == RecurrenceTest::Regular);
    if let Some(clock) = recurrence.clock.filter(|_| by_clock && !regular) {
        // Drops at some beats of a clock come at no interval of their own.
        let elapsed = report.summary.median_interval?;
        let is_each_beat = 10 * elapsed.abs_diff(clock.period) <= clock.period;
        return is_each_beat.then_some(RegularInterval { length: clock.period, of_watched: false });
    }
    let intervals = recurrence.intervals.filter(|i| regular && i.are_alike())?;
    let length = intervals.median;
    let differs = |whole: Duration| 10 * whole.abs_diff(length) > length;
    Some(RegularInterval {
        length,
        of_watched: report.summary.median_interval.is_some_and(differs),
    })
}

/// The `most` drops that speak clearest, in this order: the one that was asked for, one that is open, then
/// those in which something at home answered and whose place is one, then the longest.
pub(crate) fn clearest(report: &Report, most: usize) -> Vec<&DropEntry> {
    let at_home = |d: &DropEntry| {
        [Role::Gateway, Role::Modem].iter().any(|role| d.witness(*role) == Witness::Answered)
    };
    let mut drops: Vec<_> = report.counted_drops().collect();
    drops.order_by_key(|d| {
        let clear = at_home(d) && d.places.len() == 1 && !d.starts_before;
        std::cmp::Reverse((report.focus == Some(d.id), d.end.is_none(), clear, single_length(d)))
    });
    drops.truncate(most);
    drops
}
