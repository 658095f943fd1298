//! What a daemon knows at its start: the stored record of the last hours, judged once more, so that
//! it goes on as if it had not stopped.

use std::path::Path;
use std::time::Duration;

use crate::detect::{LOOKBACK, LiveDetector, Parameters};
use crate::live::{Present, RecentProbes, SharedPresent};
use crate::stats::{WaySpan, way_spans};
use crate::store::replay::{self, ReplayStep};
use crate::store::{self, Reader, RunPart, Unread};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Figures, Impairment, Observation, Roster, Standing, StoredDrop, Target, TargetId, Waiting,
};

/// Drops that began longer ago than this are not counted in a status.
pub(super) const RECENT: Duration = Duration::from_secs(86_400);

/// As far back as a baseline looks, and two hours for gaps.
pub(super) const BACK: Duration = Duration::from_secs(26 * 3_600);

/// The marks of the last minutes are shown from the first second on.
const SHOWN: Duration = Duration::from_secs(600);

/// An impairment that began longer ago need not be read from its onset: the store has it.
const LASTING: Duration = Duration::from_secs(7 * 86_400);

/// What is known from before the daemon started.
pub(crate) struct Past {
    /// A judge that has seen the last hours.
    pub(crate) judge: LiveDetector,
    /// The present, in which the last minutes are drawn.
    pub(super) present: SharedPresent,
    /// The drops of the last day.
    pub(super) drops: Vec<StoredDrop>,
    /// The impairments of the last [`BACK`], and all that are open.
    pub(super) impairments: Vec<Impairment>,
    /// All targets there ever were.
    pub(super) targets: Vec<Target>,
    /// Those that the previous daemon had in use, and what they might prove.
    pub(super) roster: Roster,
    /// The ways that packets took.
    pub(super) ways: Vec<WaySpan>,
    /// By which it was judged.
    pub(super) rules: JudgeRules,
    /// What of the record could not be read.
    pub(super) unread: Vec<Unread>,
}

/// What a judge goes by.
#[derive(Debug, Clone)]
pub(super) struct JudgeRules {
    pub(super) parameters: Parameters,
    pub(super) waiting: Waiting,
}

impl Past {
    /// Nothing is known: there is no record, or none that can be read.
    pub(super) fn nothing(parameters: Parameters, waiting: Waiting) -> Self {
        let probes = RecentProbes::default();
        Self {
            present: SharedPresent::new(Present::new(parameters.gap_after, probes)),
            judge: LiveDetector::new(parameters.clone(), waiting),
            drops: Vec::new(),
            impairments: Vec::new(),
            targets: Vec::new(),
            roster: Roster::default(),
            ways: Vec::new(),
            rules: JudgeRules { parameters, waiting },
            unread: Vec::new(),
        }
    }

    /// What the answers of a target might prove, as far as the previous daemon knew.
    pub(super) fn standing(&self, target: TargetId) -> Standing {
        self.roster.standing(target).unwrap_or(Standing::Unproven)
    }
}

/// A judge that knows the last hours as if the daemon had not stopped, and the drops, impairments
/// and probes of that time.
pub(crate) fn remember(
    database: &Path,
    parameters: Parameters,
    waiting: Waiting,
) -> Result<Past, store::Error> {
    let gap_after = parameters.gap_after;
    let rules = JudgeRules { parameters: parameters.clone(), waiting };
    let mut judge = LiveDetector::new(parameters, waiting);
    let mut probes = RecentProbes::default();
    let reader = Reader::open(database)?;
    let targets = reader.targets()?;
    judge.set_targets(&targets);
    let mut runs = reader.runs(ALWAYS)?;
    let roster = reader.rosters()?.last();
    let ways = way_spans(&reader.ways()?, &runs);
    let imported: Vec<_> = runs.iter().filter(|run| run.is_import()).cloned().collect();
    // An imported record is a story of its own.
    runs.retain(|run| !run.is_import());
    // Runs taken over from another file count like those watched here: the judge goes on as if it
    // had seen them.
    let story = store::story(runs);
    let Some(last) = story.last().map(|part| part.span().to) else {
        let present = SharedPresent::new(Present::new(gap_after, probes));
        let (drops, impairments) = (Vec::new(), Vec::new());
        let unread = reader.unread();
        return Ok(Past {
            judge,
            present,
            drops,
            impairments,
            targets,
            roster,
            ways,
            rules,
            unread,
        });
    };

    let mut past = reader.drops(ALWAYS)?;
    // An imported record that ends in a drop leaves it open for ever.
    past.retain(|stored| {
        stored.drop.end.is_some() || !imported.iter().any(|run| run.contains(stored.drop.key))
    });
    let open = past.iter().filter(|d| d.drop.end.is_none()).max_by_key(|d| d.id);
    // By range, which includes all that are open: they end after every range.
    let back = TimeRange { from: last - BACK, to: ALWAYS.to };
    let impairments = reader.impairments(back)?;
    let oldest = last - LASTING;
    // Read from the middle, a stretch of loss or delay would pass for the usual.
    let is_compared = |i: &Impairment| {
        matches!(i.figures, Figures::Loss(_) | Figures::Late(_) | Figures::Slow(_))
    };
    let whole = |i: &&Impairment| i.key >= oldest && (i.end.is_none() || is_compared(i));
    let whole = impairments.iter().filter(whole).map(|i| i.key);
    let open = open.map(|d| d.drop.key).into_iter().chain(whole).min();
    let parts = recent(&story, open);
    let day = TimeRange { from: last - RECENT, to: last + A_MOMENT };
    // Where the clock was put back, the drops of the last hour lie in the future.
    past.retain(|StoredDrop { drop, .. }| {
        let end = drop.end.map_or(ALWAYS.to, |end| end.latest);
        let spans = parts.iter().map(|(_, range)| range).chain([&day]);
        spans.into_iter().any(|span| drop.onset.earliest < span.to && end >= span.from)
    });
    // Once alone in what is not read again is once all the same.
    if let Some(first) = parts.first().map(|(_, range)| range.from) {
        let before = TimeRange { from: ALWAYS.from, to: first };
        for alone in reader.impairments(before)? {
            if let (Figures::SuspectVoice(_), Some(target)) = (&alone.figures, alone.target) {
                judge.suspect(target);
            }
        }
    }
    for (part, range) in parts {
        replay::each_step_of(&reader, part, range, &mut |step| match step {
            ReplayStep::Begin(run) => judge.begin_run(run),
            ReplayStep::Roster(change) => judge.set_roster(change),
            ReplayStep::Measured(m) => {
                if m.sent_at >= last - SHOWN {
                    probes.remember(m);
                }
                judge.on(&Observation::Measured(m.clone()));
            }
            ReplayStep::Host(event) => judge.on(&Observation::Host(event.clone())),
            ReplayStep::End(run, how) => judge.end_run(run.last_seen, how),
        })?;
    }
    past.order_by_key(|stored| stored.id);
    let known: Vec<_> = past.iter().map(|stored| stored.drop.clone()).collect();
    judge.resume(&known, &impairments);
    let present = SharedPresent::new(Present::new(gap_after, probes));
    let unread = reader.unread();
    Ok(Past { judge, present, drops: past, impairments, targets, roster, ways, rules, unread })
}

/// All times there are.
pub(super) const ALWAYS: TimeRange =
    TimeRange { from: Timestamp::from_micros(i64::MIN), to: Timestamp::from_micros(i64::MAX) };

/// Send times are rounded down and ranges are half-open; the first and last probe must be inside.
const A_MOMENT: Duration = Duration::from_secs(1);

/// The last parts of the story, each with the range to be read: together [`LOOKBACK`] of watching, from
/// before the first silent probe of the drop that is `open`. By run and not by UTC: a clock that
/// was years off must neither hide the last hours nor make them years.
fn recent(story: &[RunPart], open: Option<Timestamp>) -> Vec<(&RunPart, TimeRange)> {
    let has = |part: &RunPart, at: Timestamp| part.span().from <= at && at <= part.span().to;
    let mut open = open.filter(|key| story.iter().any(|part| has(part, *key)));
    let mut wanted = LOOKBACK;
    let mut parts = Vec::new();
    for part in story.iter().rev() {
        let TimeRange { from: started, to: last_seen } = part.span();
        let length = last_seen.duration_since(started).unwrap_or_default();
        let silent = match open {
            Some(key) if has(part, key) => {
                open = None;
                last_seen.duration_since(key).unwrap_or_default()
            }
            Some(_) => length,
            None => Duration::ZERO,
        };
        let read = length.min(silent + wanted);
        let range = TimeRange { from: last_seen - read - A_MOMENT, to: last_seen + A_MOMENT };
        parts.push((part, range));
        if open.is_none() {
            wanted = wanted.saturating_sub(read.saturating_sub(silent));
            if wanted.is_zero() {
                break;
            }
        }
    }
    parts.reverse();
    parts
}
