//! From the rows of a period to a [`Report`]: one value, computed once, of which text, JSON and
//! the drawn sheet are renderings, so that they cannot disagree.
//!
//! [`gather()`] is the only part that touches the store; [`Report::build`] and all renderings are
//! pure. A drop that reaches over an end of the period is clipped to it, and says so. Shares of
//! time are shares of the time that was watched, and come with their coverage.

use std::time::Duration;

use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Serialize;

use crate::config::{Config, Lang, Site};
use crate::detect::Parameters;
use crate::language::words::{self, ShownEnd};
use crate::stats::calls::CallOutcomes;
use crate::stats::pattern::Pattern;
use crate::stats::yardsticks::Yardstick;
use crate::stats::{Availability, DropTime, LossRatio, TimeLedger};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Bounds, DropKind, DropStretch, GapReason, Lengths, Note, Role, Run, RunEnd, Standing,
    StoredEvent, Target, Waiting,
};

pub(crate) mod answers;
mod build;
mod calls;
mod chain;
mod clock;
pub mod compare;
pub(crate) mod deciders;
mod detail;
pub(crate) mod events;
pub(crate) mod facts;
mod gather;
pub mod history;
pub(crate) mod impairments;
mod modem;
mod others;
mod paths;
pub(crate) mod patterns;
pub(crate) mod record;
mod redact;
pub mod rows;
pub(crate) mod sight;
pub(crate) mod strain;
pub mod systems;
mod ways;
pub(crate) mod yardsticks;

#[cfg(test)]
pub(crate) mod scenes;
#[cfg(test)]
pub(crate) mod synthetic;

pub use chain::Chain;
pub use clock::{ClockFacts, DatedStretch, provisional_stretches};
pub use detail::{Detail, Mark, Probe, Probed, windows as drop_windows, windows_of_drop};
pub use gather::{drops_of_other_ways, gather};
pub use impairments::{ImpairmentEntry, Meanwhile, Rates};
pub use modem::{ChangedFact, ModemChange, ModemFacts};
pub use paths::{CameBack, DropPath, NamedHop, PathFinding};
pub use record::{RecordFacts, within_record};
pub use redact::KnownNumbers;
pub use rows::{Bucket, COLUMNS, Collector, Rows, Spread, Tally, Uncounted};
pub use sight::narrowed;
pub use ways::{OtherWayEntry, WayFacts};

/// Everything a report says about one period.
#[derive(Debug, Clone)]
pub struct Report {
    /// The period.
    pub period: TimeRange,
    /// The zone in which times are shown.
    pub zone: TimeZone,
    /// Who and where.
    pub site: Site,
    /// When it was made.
    pub made: Timestamp,
    /// How much of the period was judged: up or down.
    pub coverage: Coverage,
    /// The four kinds of its time.
    pub time: KindsOfTime,
    /// Share of the judged time in which the link was up; `None` when nothing was judged.
    pub availability: Option<Availability>,
    /// Drops that touch the period, blips and outages among them, by onset.
    pub drops: Vec<DropEntry>,
    /// By which ways packets left this computer, with the drops of those that are not the line.
    pub ways: WayFacts,
    /// What the modem said; `None` where it was not read.
    pub modem: Option<ModemFacts>,
    /// Figures over the drops.
    pub summary: Summary,
    /// What follows from the drops and probes.
    pub analyses: Analyses,
    /// Stretches that were not watched.
    pub gaps: Vec<GapEntry>,
    /// Targets that were probed in the period.
    pub targets: Vec<TargetEntry>,
    /// Stretches in which one target was in trouble while the link was up.
    pub troubles: Vec<TroubleEntry>,
    /// What was wrong apart from drops, by onset.
    pub impairments: Vec<ImpairmentEntry>,
    /// What happened to the host.
    pub events: Vec<StoredEvent>,
    /// Notes of people.
    pub notes: Vec<Note>,
    /// How it was measured.
    pub method: Method,
    /// Per column, loss of all deciding anchors together in the worst minute that touches it.
    pub worst_minute: Vec<Option<LossRatio>>,
    /// The record that it was made from.
    pub record: RecordFacts,
    /// The language of texts, pages and drawings.
    pub language: Lang,
    /// What it discloses about its owner.
    pub disclosure: Disclosure,
    /// The drop that it was asked for; it comes first where there is room for some only.
    pub focus: Option<i64>,
}

/// What follows from the drops and probes of a period.
#[derive(Debug, Clone)]
pub struct Analyses {
    /// When drops and outages come.
    pub pattern: Pattern,
    /// When blips come.
    pub blips: Pattern,
    /// The yardsticks of standards and regulators, side by side.
    pub yardsticks: Vec<Yardstick>,
    /// What the drops mean for calls.
    pub calls: CallOutcomes,
    /// Before and after, where a border was asked for; [`Report::build`] leaves it out.
    pub compare: Option<compare::Comparison>,
}

/// What a report discloses about its owner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Disclosure {
    /// All that was measured and configured.
    #[default]
    Open,
    /// Nothing that identifies the owner, as far as [`Report::redacted`] can see.
    Redacted,
}

/// The lengths of the four kinds of time, which add up to the elapsed time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KindsOfTime {
    /// Between answers.
    pub up: Duration,
    /// Silent stretches of drops and outages, likely.
    pub down: Duration,
    /// The anchors were silent, and something else answered.
    pub disputed: Duration,
    /// Not watched, or proving nothing.
    pub unknown: Duration,
    /// Of the unknown, by reason, those that occurred in the order of their first time; what was not
    /// watched for moments too short to be listed is left out.
    pub reasons: Vec<(GapReason, Duration)>,
    /// When the record ends, where that is well before the period does.
    pub record_ends: Option<Timestamp>,
}

impl KindsOfTime {
    fn of(ledger: &TimeLedger, gaps: &[GapEntry], elapsed: TimeRange) -> Self {
        const UNWRITTEN: Duration = Duration::from_secs(90);
        let record_ends = gaps
            .last()
            .filter(|gap| gap.range.to == elapsed.to && gap.reason == GapReason::NoRecord)
            .filter(|gap| gap.range.length() > UNWRITTEN)
            .map(|gap| gap.range.from);
        let mut reasons: Vec<(GapReason, Duration)> = Vec::new();
        for gap in gaps {
            match reasons.iter_mut().find(|(reason, _)| *reason == gap.reason) {
                Some((_, sum)) => *sum += gap.range.length(),
                None => reasons.push((gap.reason, gap.range.length())),
            }
        }
        Self {
            up: ledger.up(),
            down: ledger.likely_down,
            disputed: crate::time::spans::total(&ledger.disputed),
            unknown: ledger.unknown(),
            reasons,
            record_ends,
        }
    }
}

/// Judged of elapsed time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Coverage {
    /// Time of which it is known whether the link was up or down.
    pub observed: Duration,
    /// Length of the period, up to now.
    pub elapsed: Duration,
}

impl Coverage {
    /// Observed of elapsed, 0 to 1; `None` for a period of no length.
    pub fn ratio(&self) -> Option<f64> {
        (!self.elapsed.is_zero()).then(|| self.observed.as_secs_f64() / self.elapsed.as_secs_f64())
    }
}

/// A drop as a report has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropEntry {
    /// Its number: `drop:12`.
    pub id: i64,
    /// Its class.
    pub kind: DropKind,
    /// Its places as in JSON: `access`, `access|isp-core`, `unknown`.
    pub place: String,
    /// Its places, from the host outwards.
    pub places: Vec<crate::vocabulary::Place>,
    /// When it began.
    pub onset: Bounds,
    /// When it ended; `None` while it lasts.
    pub end: Option<Bounds>,
    /// When the record ends while it lasts; `None` where it is over or still watched.
    pub record_ends: Option<Timestamp>,
    /// The time it was down in all: the sum of its stretches.
    pub length: Lengths,
    /// The same within the period.
    pub down: Lengths,
    /// Its part in judged time, from which all sums are made.
    pub judged: DropTime,
    /// The silences that it is made of.
    pub stretches: Vec<DropStretch>,
    /// Time inside it that was not watched.
    pub unobserved: Duration,
    /// Whether it began before the period.
    pub starts_before: bool,
    /// Whether it went on after the period.
    pub ends_after: bool,
    /// Targets that answered during it.
    pub answered: Vec<Target>,
    /// Targets that did not.
    pub silent: Vec<Target>,
    /// Web, DNS and TCP probes beyond the home that were sent in it, and those that no answer came
    /// to while it lasted; `None`: none was sent, or it is not known.
    pub others: Option<LossRatio>,
    /// How many drops less than 10 s apart it is made of.
    pub flaps: u32,
    /// The path at its moments; `None` where it was not asked.
    pub path: Option<DropPath>,
}

impl DropEntry {
    /// Whether it counts as down time: drops and outages.
    pub fn counts(&self) -> bool {
        self.kind.is_down()
    }

    /// Its end as it is shown; `None` while it lasts.
    pub fn shown_end(&self) -> Option<ShownEnd> {
        self.end.map(|end| words::shown_end(end, self.length))
    }

    /// Whether its bounds are so far apart that no single figure stands for its length.
    pub fn is_vague(&self) -> bool {
        self.length.is_vague()
    }

    /// Its length as a single figure: what of it lies in judged time where its bounds are vague.
    pub fn likely_length(&self) -> Duration {
        if self.is_vague() { self.judged.likely } else { self.length.midpoint() }
    }

    /// Likely down time in `range`, of judged time.
    pub fn down_within(&self, range: TimeRange) -> Duration {
        let parts = self.judged.spans.iter().filter_map(|span| span.intersect(&range));
        parts.map(|part| part.length()).sum()
    }

    /// What the targets of a role did during the drop.
    pub fn witness(&self, role: Role) -> Witness {
        // Of the ISP, its first hop is spoken of: one that never answers is not silent with the next.
        let is_of = |target: &Target| target.role == role && !target.is_inner_hop();
        if self.answered.iter().any(is_of) {
            Witness::Answered
        } else if self.silent.iter().any(is_of) {
            Witness::Silent
        } else {
            Witness::Absent
        }
    }

    /// The widest span it can have taken, clipped to `period`; an open drop lasts to its end.
    pub fn span(&self, period: TimeRange) -> TimeRange {
        let to = self.end.map_or(period.to, |end| end.latest);
        TimeRange { from: self.onset.earliest.max(period.from), to: to.min(period.to) }
    }
}

/// What the targets of a role did during a drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Witness {
    /// At least one answered.
    Answered,
    /// None answered.
    Silent,
    /// None was probed, or none is known to answer at all.
    Absent,
}

/// How a role behaved in all drops together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WitnessCount {
    /// Which role.
    pub role: Role,
    /// Drops in which it answered.
    pub answered: usize,
    /// Drops in which it was silent.
    pub silent: usize,
}

/// Plain figures over the drops of a period.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Summary {
    /// Blips: counted, never down time.
    pub blips: usize,
    /// Silences of 2 s or more that were perhaps drops: in the bounds of the down time alone.
    pub possible: usize,
    /// Drops that are no outages.
    pub drops: usize,
    /// Outages.
    pub outages: usize,
    /// Drops and outages by place, most frequent first.
    pub by_place: Vec<(String, usize)>,
    /// Down time at least and at most, of judged time.
    pub down: Lengths,
    /// Down time, likely.
    pub likely_down: Duration,
    /// The longest of them, as an index into the drops.
    pub longest: Option<usize>,
    /// Local days of the period and the drops and outages that began on each.
    pub per_day: Vec<DayCount>,
    /// Median time from one onset to the next, of drops and outages; `None` with fewer than two.
    pub median_interval: Option<Duration>,
    /// Gateway, modem and ISP hop in drops and outages.
    pub witnesses: Vec<WitnessCount>,
}

impl Summary {
    /// The most by which the likely down time can be wrong.
    pub fn down_error(&self) -> Duration {
        let Lengths { min, max } = self.down;
        max.saturating_sub(self.likely_down).max(self.likely_down.saturating_sub(min))
    }

    /// Drops and outages.
    pub fn counted(&self) -> usize {
        self.drops + self.outages
    }
}

/// A local day, or the part of it that lies in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// The date in the report's zone.
    pub date: Date,
    /// The day clipped to the period.
    pub range: TimeRange,
    /// Drops and outages that began in it.
    pub drops: usize,
    /// Judged time in it.
    pub observed: Duration,
    /// Likely down time in it.
    pub down: Duration,
}

/// A stretch that was not watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GapEntry {
    /// The stretch, clipped to the period.
    pub range: TimeRange,
    /// Why.
    pub reason: GapReason,
}

/// A target and its samples.
#[derive(Debug, Clone, PartialEq)]
pub struct TargetEntry {
    /// The target.
    pub target: Target,
    /// Whether it decided at some time of the period, with others, if the link was up.
    pub decides: bool,
    /// Of an anchor, what its answers proved: where that changed, why they did not. `None` where
    /// the record does not say.
    pub standing: Option<Standing>,
    /// All of the period.
    pub total: Bucket,
    /// Per column of a drawing.
    pub columns: Vec<Bucket>,
    /// Probes that are in no count.
    pub uncounted: Option<Uncounted>,
}

/// A stretch in which one target was in trouble.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TroubleEntry {
    /// Whose trouble.
    pub target: Target,
    /// Send time of its first lost probe.
    pub from: Timestamp,
    /// First answered probe after it; `None` while it lasts.
    pub to: Option<Timestamp>,
    /// Lost of sent.
    pub loss: LossRatio,
}

/// Where the measurements of a period come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Origin {
    /// linkmon probed.
    #[default]
    Probed,
    /// All are from records of other programs.
    Imported,
    /// Some are.
    Both,
}

impl Origin {
    /// As the runs of a period show it.
    fn of(runs: &[Run]) -> Self {
        let imported = runs.iter().filter(|run| run.ended == Some(RunEnd::Import)).count();
        match imported {
            0 => Self::Probed,
            n if n == runs.len() => Self::Imported,
            _ => Self::Both,
        }
    }
}

/// How it was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Method {
    /// Version of linkmon that made the report.
    pub version: String,
    /// ICMP engine that sent the probes, as far as known.
    pub engine: Option<String>,
    /// Loss threshold and window for late replies.
    pub waiting: Waiting,
    /// Thresholds of detection.
    pub parameters: Parameters,
}

impl Method {
    /// As configured, for this version.
    pub fn new(config: &Config, engine: Option<String>) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            engine,
            waiting: config.probe.waiting,
            parameters: config.detect.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::Scene;
    use crate::vocabulary::Place;

    #[test]
    fn a_first_hop_that_never_answers_is_not_called_silent_for_the_one_behind_it() {
        let mut scene = Scene::new("2026-11-16T13:00:00Z", 3_600);
        scene.drops = vec![(600.0, Some(30.0), vec![Place::Access, Place::IspCore])];
        let mut drop = scene.report().drops[0].clone();
        let mut hop = drop.silent.iter().find(|t| t.role == Role::Isp).unwrap().clone();
        assert_eq!(drop.witness(Role::Isp), Witness::Silent);
        "isp-2".clone_into(&mut hop.name);
        drop.silent = vec![hop];
        assert_eq!(drop.witness(Role::Isp), Witness::Absent);
    }
}
