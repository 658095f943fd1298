//! Per pixel column, whether the link and each place on the way worked; the worst state counts.
//!
//! An answer from a target beyond a place proves that the place works. Beyond a fault nothing can be
//! seen: the state there is unknown, neither up nor down.

use super::columns::{ColumnRange, MIN_WIDTH, probes_width, strip, whole_columns};
use crate::report::rows::COLUMNS;
use crate::report::{DropEntry, Report, TargetEntry, Witness};
use crate::time::TimeRange;
use crate::vocabulary::{Figures, Kind, Place, Role};

/// What is known of a place in a column, in rising order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum LaneState {
    /// No answer proves anything.
    Nothing,
    /// Something beyond it answered.
    Up,
    /// It lies beyond a fault.
    Hidden,
    /// Not observed.
    Unwatched,
    /// As [`Self::Maybe`], for a part of the column.
    PartMaybe,
    /// As [`Self::Down`], for a part of the column.
    PartDown,
    /// The fault is here or at a neighbour.
    Maybe,
    /// The fault is here; for the link as a whole: it was down.
    Down,
}

impl LaneState {
    /// What remains of it where it holds for only a part of the column. That a place works or is
    /// unknown for a part is not claimed for the whole column.
    fn in_part(self) -> Self {
        match self {
            Self::Down => Self::PartDown,
            Self::Maybe => Self::PartMaybe,
            _ => Self::Nothing,
        }
    }
}

/// The states of one place; without a place, of the link as a whole.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lane {
    pub(super) place: Option<Place>,
    pub(super) states: Vec<(ColumnRange, LaneState)>,
    /// What is known of the rest of columns that a drop takes only in part.
    pub(super) beneath: Vec<(ColumnRange, LaneState)>,
}

/// What was wrong while the link was up, in rising order of severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Disturbance {
    /// A part of the traffic, or a single target.
    Part,
    /// Delays, or a longer route.
    Slow,
    /// Silence too short to be a drop.
    Blip,
    /// Loss.
    Loss,
}

/// The lanes from the link as a whole outwards.
pub(super) fn lanes(report: &Report, gaps: &[ColumnRange]) -> Vec<Lane> {
    std::iter::once(None)
        .chain(Place::ALL.map(Some))
        .map(|place| lane(report, place, gaps))
        .collect()
}

/// The farthest place that an answer of the role proves.
fn reach(role: Role) -> Option<Place> {
    match role {
        Role::Gateway => Some(Place::Lan),
        Role::Modem => Some(Place::Modem),
        Role::Isp => Some(Place::Access),
        Role::Anchor => Some(Place::Beyond),
        // A service may be anywhere, even at home.
        Role::Service => None,
    }
}

fn proves(target: &TargetEntry, place: Option<Place>) -> bool {
    match place {
        None => target.decides,
        Some(place) => reach(target.target.role).is_some_and(|reach| reach >= place),
    }
}

fn lane(report: &Report, place: Option<Place>, gaps: &[ColumnRange]) -> Lane {
    let witnesses: Vec<_> = report.targets.iter().filter(|t| proves(t, place)).collect();
    let mut states = base(report, &witnesses);
    for strip in gaps {
        paint(&mut states, *strip, LaneState::Unwatched);
    }
    let calm = states.clone();
    for drop in report.drops.iter().filter(|d| d.counts()) {
        let state = state(drop, place);
        for silence in &drop.judged.spans {
            let Some(span) = strip(report.period, *silence) else { continue };
            let whole = whole_columns(report.period, *silence);
            for (column, known) in states.iter_mut().enumerate().take(span.to).skip(span.from) {
                let state = if whole.contains(&column) { state } else { state.in_part() };
                *known = (*known).max(state);
            }
        }
        // A gap inside a drop is seen, though both may have a part in its first and last column.
        let (Some(first), Some(last)) = (drop.judged.spans.first(), drop.judged.spans.last())
        else {
            continue;
        };
        let hull = TimeRange { from: first.from, to: last.to };
        let Some(hull) = strip(report.period, hull) else { continue };
        for gap in gaps {
            if hull.from + MIN_WIDTH <= gap.from && gap.to + MIN_WIDTH <= hull.to {
                states[gap.from..gap.to].fill(LaneState::Unwatched);
            }
        }
    }
    let is_part =
        |column: usize| matches!(states[column], LaneState::PartMaybe | LaneState::PartDown);
    let beneath = runs(&calm)
        .into_iter()
        .flat_map(|(strip, state)| {
            let parts = runs(&(strip.from..strip.to).map(is_part).collect::<Vec<_>>());
            parts.into_iter().filter(|(_, is_part)| *is_part).map(move |(part, _)| {
                let shifted = |column: usize| strip.from + column;
                (ColumnRange { from: shifted(part.from), to: shifted(part.to) }, state)
            })
        })
        .collect();
    Lane { place, states: runs(&states), beneath }
}

/// What a drop shows about a place.
fn state(drop: &DropEntry, place: Option<Place>) -> LaneState {
    let Some(place) = place else { return LaneState::Down };
    let beyond = |role| reach(role).is_some_and(|reach| reach >= place);
    match drop.places.as_slice() {
        places if places.contains(&place) => {
            if places.len() == 1 {
                LaneState::Down
            } else {
                LaneState::Maybe
            }
        }
        [first, ..] if place < *first => LaneState::Up,
        [_, ..] => LaneState::Hidden,
        [] => {
            let roles = [Role::Gateway, Role::Modem, Role::Isp];
            let up = |role| beyond(role) && drop.witness(role) == Witness::Answered;
            if roles.into_iter().any(up) { LaneState::Up } else { LaneState::Maybe }
        }
    }
}

/// What the answers alone show.
fn base(report: &Report, witnesses: &[&TargetEntry]) -> Vec<LaneState> {
    let probed = |column: usize| {
        let buckets = witnesses.iter().map(|t| t.columns[column]);
        let (mut sent, mut answered) = (0, 0);
        for bucket in buckets {
            sent += bucket.probes.sent;
            answered += bucket.probes.answered() + bucket.probes.late;
        }
        (sent > 0).then_some(if answered > 0 { LaneState::Up } else { LaneState::Nothing })
    };
    let mut states: Vec<Option<LaneState>> = (0..COLUMNS).map(probed).collect();
    let often = witnesses.iter().filter(|t| t.target.kind == Kind::Icmp).map(|t| &t.target);
    if let Some(often) = often.min_by_key(|t| t.interval) {
        bridge(&mut states, probes_width(report.period, often));
    }
    states.into_iter().map(|state| state.unwrap_or(LaneState::Nothing)).collect()
}

/// Where columns are shorter than the time between probes, the columns between two probes take the
/// state of the earlier probe.
fn bridge(states: &mut [Option<LaneState>], group: usize) {
    let mut last: Option<(usize, LaneState)> = None;
    for (column, state) in states.iter_mut().enumerate() {
        match (*state, last) {
            (Some(state), _) => last = Some((column, state)),
            (None, Some((at, before))) if column - at < group => *state = Some(before),
            (None, _) => {}
        }
    }
}

fn paint<S: Copy + Ord>(states: &mut [S], strip: ColumnRange, state: S) {
    for column in &mut states[strip.from..strip.to] {
        *column = (*column).max(state);
    }
}

/// Joins neighbouring columns of the same state.
fn runs<S: Copy + PartialEq>(states: &[S]) -> Vec<(ColumnRange, S)> {
    let mut out: Vec<(ColumnRange, S)> = Vec::new();
    for (column, state) in states.iter().enumerate() {
        match out.last_mut() {
            Some((strip, last)) if last == state => strip.to = column + 1,
            _ => out.push((ColumnRange { from: column, to: column + 1 }, *state)),
        }
    }
    out
}

/// What was wrong apart from drops; per column, the worst.
pub(super) fn disturbances(report: &Report) -> Vec<(ColumnRange, Disturbance)> {
    let mut columns: Vec<Option<Disturbance>> = vec![None; COLUMNS];
    let period = report.period;
    let mut put = |from, to, disturbance| {
        if let Some(strip) = strip(period, TimeRange { from, to }) {
            paint(&mut columns, strip, Some(disturbance));
        }
    };
    for trouble in &report.troubles {
        put(trouble.from, trouble.to.unwrap_or(period.to), Disturbance::Part);
    }
    for entry in &report.impairments {
        let i = &entry.impairment;
        let to = i.end.map_or(period.to, |end| end.latest);
        let disturbance = match i.figures {
            Figures::Loss(_) | Figures::Late(_) => Disturbance::Loss,
            Figures::Slow(_) | Figures::RouteStep { .. } => Disturbance::Slow,
            _ => Disturbance::Part,
        };
        put(i.onset.earliest, to, disturbance);
    }
    for blip in report.drops.iter().filter(|d| !d.counts()) {
        for silence in &blip.judged.spans {
            put(silence.from, silence.to, Disturbance::Blip);
        }
    }
    runs(&columns)
        .into_iter()
        .filter_map(|(strip, disturbance)| Some((strip, disturbance?)))
        .collect()
}
