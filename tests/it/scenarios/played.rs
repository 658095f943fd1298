//! A scenario played, and what can be asked of it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use linkmon::scenario::{Scenario, ScenarioPlan, ScenarioVerdict, Score, TrueSilence, judge};
use linkmon::stats::pattern::{Pattern, Strike};
use linkmon::time::{TimeRange, Timestamp};
use linkmon::vocabulary::{Bounds, DropKind, Impairment, LinkDrop, Place};

pub(super) const HOUR: Duration = Duration::from_secs(3_600);

/// Edges of drops next to the truth.
#[derive(Debug, Default)]
struct Edges {
    all: usize,
    within: usize,
    beside_a_loss: usize,
}

/// The time between two probes of anchors.
const SPACING_MS: i64 = 334;

pub(super) struct Played {
    pub(super) plan: ScenarioPlan,
    pub(super) verdict: ScenarioVerdict,
    pub(super) score: Score,
    /// Name and seed, for what goes wrong.
    pub(super) which: String,
    pub(super) name: String,
    pub(super) seed: u64,
}

pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenarios")
}

pub(super) fn scenario(name: &str) -> Scenario {
    Scenario::read(&folder().join(format!("{name}.toml"))).unwrap()
}

/// Plays a scenario once for each of its seeds.
pub(super) fn each(name: &str, check: impl Fn(&Played)) {
    each_of(&scenario(name), check);
}

/// The same, no longer than this where whole lengths would take minutes.
pub(super) fn each_cut(name: &str, length: Duration, check: impl Fn(&Played)) {
    let mut scenario = scenario(name);
    if !crate::whole_lengths() {
        scenario.length = scenario.length.min(length);
    }
    each_of(&scenario, check);
}

/// What is to be said of when drops come in the whole scenario, by the truth: for where it is too
/// long to be played.
pub(super) fn true_pattern(name: &str, seed: u64) -> Pattern {
    let plan = scenario(name).plan(seed);
    let strike = |silence: &TrueSilence| Strike {
        onset: silence.from,
        end: Some(silence.to),
        down: silence.watched,
    };
    let strikes: Vec<_> = plan.true_drops().iter().map(strike).collect();
    let period = TimeRange { from: plan.start, to: plan.label(plan.length) };
    Pattern::find(&strikes, &[period], period, &plan.zone)
}

pub(super) fn each_of(scenario: &Scenario, check: impl Fn(&Played)) {
    assert!(!scenario.seeds.is_empty());
    for seed in &scenario.seeds {
        let plan = scenario.plan(*seed);
        let verdict = judge(&plan);
        let score = Score::compute(&plan, &verdict);
        let (name, which) = (scenario.name.clone(), format!("{} {seed}", scenario.name));
        check(&Played { plan, verdict, score, which, name, seed: *seed });
    }
}

impl Played {
    /// Every true drop was said, nothing else, each at the right place and within its bounds: all
    /// edges but those next to which a probe was lost by chance, of which there are few.
    #[track_caller]
    pub(super) fn exact(&self) {
        let Score { drops, found, short, invented, place_right, .. } = self.score.clone();
        let said = (found, short, invented, place_right, self.drops().len());
        assert_eq!(said, (drops, 0, 0, drops, drops), "{}: {:#?}", self.which, self.drops());
        let Edges { all, within, beside_a_loss } = self.edges();
        assert_eq!(within + beside_a_loss, all, "{}: {:#?}", self.which, self.drops());
        assert!(100 * beside_a_loss <= all, "{}: {beside_a_loss} of {all}", self.which);
    }

    /// Edges of the true drops. A probe lost by chance next to a silence makes it seem longer, so the
    /// truth lies outside of the bounds that were said, but by less than two probes.
    fn edges(&self) -> Edges {
        let mut edges = Edges::default();
        let near = SPACING_MS * 2_000;
        for (truth, drop) in self.plan.true_drops().iter().zip(self.drops()) {
            for (at, bounds) in [(truth.from, Some(drop.onset)), (truth.to, drop.end)] {
                let Some(Bounds { earliest, latest }) = bounds else { continue };
                edges.all += 1;
                if earliest <= at && at <= latest {
                    edges.within += 1;
                } else if at.micros_since(latest) < near && earliest.micros_since(at) < near {
                    edges.beside_a_loss += 1;
                }
            }
        }
        edges
    }

    /// No drop, no blip, no trouble, no impairment.
    #[track_caller]
    pub(super) fn nothing(&self) {
        let ScenarioVerdict { drops, troubles, impairments, .. } = &self.verdict;
        assert_eq!((drops.as_slice(), troubles.as_slice()), (&[][..], &[][..]), "{}", self.which);
        assert_eq!(impairments.as_slice(), &[], "{}", self.which);
    }

    pub(super) fn drops(&self) -> Vec<&LinkDrop> {
        self.verdict.counted().collect()
    }

    /// True silences of at least this many milliseconds.
    pub(super) fn silences(&self, ms: i64) -> Vec<TrueSilence> {
        let long = |s: &TrueSilence| s.span.to - s.span.from >= ms;
        self.plan.silences().into_iter().filter(long).collect()
    }

    /// The one impairment there is, of this kind, at these places.
    #[track_caller]
    pub(super) fn only(&self, kind: &str, places: &[Place]) -> &Impairment {
        let kinds = self.kinds();
        assert_eq!(kinds, [kind], "{}: {:#?}", self.which, self.verdict.impairments);
        let only = &self.verdict.impairments[0];
        assert_eq!(only.places, places, "{}: {only:#?}", self.which);
        only
    }

    pub(super) fn kinds(&self) -> Vec<&'static str> {
        self.verdict.impairments.iter().map(|i| i.figures.kind()).collect()
    }

    /// Whether start and end of an impairment lie this near to the truth, in seconds of the plan.
    #[track_caller]
    pub(super) fn lasted(&self, what: &Impairment, from_s: i64, to_s: i64, within_s: f64) {
        let end = what.end.unwrap();
        for (bounds, s) in [(what.onset, from_s), (end, to_s)] {
            let truth = self.plan.label(s * 1_000);
            let off = |t: Timestamp| t.micros_since(truth) as f64 / 1e6;
            let (early, late) = (off(bounds.earliest), off(bounds.latest));
            let near = early <= within_s && late >= -within_s && (late - early) <= 2.0 * within_s;
            assert!(near, "{}: {early} to {late} from {s} s: {what:?}", self.which);
        }
    }

    /// Time in gaps, each less the spacing of the probes and in whole seconds.
    pub(super) fn unwatched(&self) -> Duration {
        let gaps = &self.verdict.gaps;
        let ms: i64 = gaps
            .iter()
            .map(|gap| gap.range.to.micros_since(gap.range.from) / 1_000)
            .map(|ms| (ms - SPACING_MS + 500) / 1_000 * 1_000)
            .sum();
        Duration::from_millis(u64::try_from(ms).unwrap())
    }

    /// Troubles by the name of the target, in whole seconds of the plan.
    pub(super) fn troubles(&self) -> Vec<(&str, i64, i64)> {
        let second = |at: Timestamp| at.micros_since(self.plan.start).div_euclid(1_000_000);
        let trouble = |t: &linkmon::vocabulary::TargetTrouble| {
            (self.verdict.name(t.target), second(t.from), t.to.map_or(-1, second))
        };
        self.verdict.troubles.iter().map(trouble).collect()
    }

    /// Whether it was played to its end.
    pub(super) fn is_whole(&self) -> bool {
        self.plan.length == scenario(&self.name).plan(self.seed).length
    }

    /// What is said of when drops come: of what was said, or of the truth where it was cut.
    pub(super) fn pattern(&self) -> Pattern {
        if !self.is_whole() {
            return true_pattern(&self.name, self.seed);
        }
        let strike = |drop: &LinkDrop| Strike {
            onset: drop.onset.midpoint(),
            end: drop.end.as_ref().map(Bounds::midpoint),
            down: (drop.min + drop.max) / 2,
        };
        let strikes: Vec<_> = self.verdict.counted().map(strike).collect();
        let period = TimeRange { from: self.plan.start, to: self.plan.label(self.plan.length) };
        let mut watched = vec![period];
        for gap in &self.verdict.gaps {
            let last = watched.pop().unwrap();
            watched.push(TimeRange { from: last.from, to: gap.range.from });
            watched.push(TimeRange { from: gap.range.to, to: last.to });
        }
        Pattern::find(&strikes, &watched, period, &self.plan.zone)
    }
}

/// Whether the bounds of a length hold this many milliseconds.
pub(super) fn is_long(drop: &LinkDrop, ms: u64) -> bool {
    let length = Duration::from_millis(ms);
    drop.min <= length && length <= drop.max && drop.max < drop.min + Duration::from_millis(1_100)
}

pub(super) fn kinds(drops: &[&LinkDrop]) -> Vec<DropKind> {
    drops.iter().map(|drop| drop.kind).collect()
}
