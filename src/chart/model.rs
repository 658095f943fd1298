//! What is in which pixel column, without any drawing: states per role, drops, gaps, delays, loss.
//!
//! Never hides: every drop has at least [`MIN_WIDTH`] columns. Never inflates: a drop has at most
//! [`MIN_WIDTH`] columns more than its time takes. Lines have no point in a column that a drop or
//! a gap touches.

use crate::measurement::{Kind, Role, TargetId};
use crate::report::rows::{Bucket, COLUMNS, column_of};
use crate::report::{DropEntry, Report, TargetEntry, Witness};
use crate::stats::LossRatio;
use crate::time::{TimeRange, micros};

/// Columns that a drop or a gap has at least.
pub(super) const MIN_WIDTH: usize = 2;

/// Columns from `from` to before `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Strip {
    pub(super) from: usize,
    pub(super) to: usize,
}

/// What the targets of a role did in a column; the worst of it, in rising order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum State {
    /// Not probed.
    Nothing,
    /// At least one answer.
    Answered,
    /// Nobody watched.
    Unwatched,
    /// No answer, without the link being down; or a blip.
    Trouble,
    /// Silent during a drop.
    Silent,
}

/// The states of a role.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Lane {
    pub(super) role: Role,
    pub(super) states: Vec<(Strip, State)>,
}

/// Delays in one stretch of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Point {
    pub(super) strip: Strip,
    pub(super) min: u32,
    pub(super) p5: u32,
    pub(super) p50: u32,
    pub(super) p95: u32,
    pub(super) max: u32,
}

/// Delays of one target, in lines without a break.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve<'a> {
    pub(super) target: &'a TargetEntry,
    pub(super) lines: Vec<Vec<Point>>,
}

/// Everything that is drawn over time.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) lanes: Vec<Lane>,
    /// Drops and outages, in order.
    pub(super) drops: Vec<Strip>,
    pub(super) gaps: Vec<Strip>,
    /// The anchor with the least median delay.
    pub(super) anchor: Option<Curve<'a>>,
    pub(super) gateway: Option<Curve<'a>>,
    /// Loss of the deciding anchors together, per column its worst minute.
    pub(super) loss: Vec<(usize, LossRatio)>,
}

/// The columns that a span takes.
pub(super) fn strip(period: TimeRange, span: TimeRange) -> Option<Strip> {
    let span = TimeRange { from: span.from.max(period.from), to: span.to.min(period.to) };
    if span.from >= period.to || span.to < span.from || period.from >= period.to {
        return None;
    }
    let from = column_of(period, COLUMNS, span.from)?;
    let last = column_of(period, COLUMNS, span.to.plus_micros(-1).max(span.from))?;
    let to = (last + 1).max(from + MIN_WIDTH);
    let over = to.saturating_sub(COLUMNS);
    Some(Strip { from: from.saturating_sub(over), to: to - over })
}

impl<'a> Model<'a> {
    pub(super) fn new(report: &'a Report) -> Self {
        let period = report.period;
        let of = |drop: &DropEntry| strip(period, drop.span(period));
        let drops: Vec<_> = report.counted_drops().filter_map(of).collect();
        let gaps: Vec<_> = report.gaps.iter().filter_map(|g| strip(period, g.range)).collect();
        let lanes = [Role::Gateway, Role::Modem, Role::Isp, Role::Anchor]
            .into_iter()
            .filter_map(|role| lane(report, role, &gaps))
            .collect();
        let icmp = |role: Role| {
            report
                .targets
                .iter()
                .filter(move |t| t.target.role == role && t.target.kind == Kind::Icmp)
        };
        let median = |t: &&TargetEntry| t.total.rtt.map_or(u32::MAX, |r| r.p50);
        let anchor =
            icmp(Role::Anchor).filter(|t| t.decides && t.total.rtt.is_some()).min_by_key(median);
        let gateway = icmp(Role::Gateway).find(|t| t.total.rtt.is_some());
        let curve = |target: &'a TargetEntry| Curve { target, lines: lines(report, target, &gaps) };
        let (anchor, gateway) = (anchor.map(curve), gateway.map(curve));
        Self { lanes, drops, gaps, anchor, gateway, loss: loss(report) }
    }
}

/// The worst minute of each column; of sparse probes, which say little of a minute, all that are
/// in the column.
fn loss(report: &Report) -> Vec<(usize, LossRatio)> {
    const ENOUGH: u64 = 10;
    let all = |column: usize| {
        let deciders = report.targets.iter().filter(|t| t.decides);
        deciders.map(|t| t.columns[column].loss()).sum::<LossRatio>()
    };
    report
        .worst_minute
        .iter()
        .enumerate()
        .filter_map(|(column, loss)| {
            let worst = (*loss)?;
            Some((column, if worst.sent < ENOUGH { all(column) } else { worst }))
        })
        .filter(|(_, loss)| loss.sent > 0)
        .collect()
}

fn paint(states: &mut [State], strip: Strip, state: State) {
    for column in &mut states[strip.from..strip.to] {
        *column = (*column).max(state);
    }
}

fn lane(report: &Report, role: Role, gaps: &[Strip]) -> Option<Lane> {
    let period = report.period;
    let members: Vec<_> = report
        .targets
        .iter()
        .filter(|t| t.target.role == role && (role != Role::Anchor || t.decides))
        .collect();
    // Without any target there is still a row to say so.
    if members.is_empty() && role != Role::Anchor {
        return None;
    }
    let mut states: Vec<State> = (0..COLUMNS)
        .map(|column| {
            let of = |count: fn(&Bucket) -> u64| -> u64 {
                members.iter().map(|t| count(&t.columns[column])).sum()
            };
            match (of(|b| b.sent), of(|b| b.lost)) {
                (0, _) => State::Nothing,
                (sent, lost) if sent == lost => State::Trouble,
                _ => State::Answered,
            }
        })
        .collect();
    if let Some(first) = members.first() {
        bridge(&mut states, group(report, &first.target));
    }
    for strip in gaps {
        paint(&mut states, *strip, State::Unwatched);
    }
    // One anchor of three in trouble is a matter of that anchor: the others still answer.
    if role != Role::Anchor {
        for trouble in report.troubles.iter().filter(|t| t.target.role == role) {
            let to = trouble.to.unwrap_or(period.to);
            if let Some(strip) = strip(period, TimeRange { from: trouble.from, to }) {
                paint(&mut states, strip, State::Trouble);
            }
        }
    }
    for drop in &report.drops {
        let state = match (role, drop.counts()) {
            (Role::Anchor, true) => State::Silent,
            (Role::Anchor, false) => State::Trouble,
            (_, counts) if drop.witness(role) == Witness::Silent => {
                if counts {
                    State::Silent
                } else {
                    State::Trouble
                }
            }
            _ => continue,
        };
        if let Some(strip) = strip(period, drop.span(period)) {
            paint(&mut states, strip, state);
        }
    }
    Some(Lane { role, states: runs(&states) })
}

/// Where columns are shorter than the distance of probes, the columns between two probes take the
/// state of the probe before them.
fn bridge(states: &mut [State], group: usize) {
    let mut last: Option<(usize, State)> = None;
    for (column, state) in states.iter_mut().enumerate() {
        match last {
            Some((at, before)) if *state == State::Nothing => {
                if column - at < group {
                    *state = before;
                }
            }
            _ if *state == State::Nothing => {}
            _ => last = Some((column, *state)),
        }
    }
}

/// Neighbouring columns of the same state together.
fn runs(states: &[State]) -> Vec<(Strip, State)> {
    let mut out: Vec<(Strip, State)> = Vec::new();
    for (column, state) in states.iter().enumerate() {
        match out.last_mut() {
            Some((strip, last)) if last == state => strip.to = column + 1,
            _ => out.push((Strip { from: column, to: column + 1 }, *state)),
        }
    }
    out
}

/// How many columns two probes of a target take, at least one.
fn group(report: &Report, target: &crate::measurement::Target) -> usize {
    let column = micros(report.period.length()) / i64::try_from(COLUMNS).unwrap_or(1);
    let probes = micros(target.interval).saturating_mul(2);
    usize::try_from((probes + column.max(1) - 1) / column.max(1)).unwrap_or(1).clamp(1, COLUMNS)
}

fn lines(report: &Report, target: &TargetEntry, gaps: &[Strip]) -> Vec<Vec<Point>> {
    let mut barred = vec![false; COLUMNS];
    let silent = |drop: &&DropEntry| -> bool {
        let id: TargetId = target.target.id;
        target.decides || drop.silent.iter().any(|t| t.id == id)
    };
    let drops = report
        .drops
        .iter()
        .filter(silent)
        .filter_map(|d| strip(report.period, d.span(report.period)));
    for strip in drops.chain(gaps.iter().copied()) {
        barred[strip.from..strip.to].fill(true);
    }
    let width = group(report, &target.target);
    let mut out: Vec<Vec<Point>> = Vec::new();
    let mut open: Vec<Point> = Vec::new();
    for from in (0..COLUMNS).step_by(width) {
        let to = (from + width).min(COLUMNS);
        let free = Strip { from, to };
        match point(&target.columns[from..to], free) {
            Some(point) if !barred[from..to].contains(&true) => open.push(point),
            _ if !open.is_empty() => out.push(std::mem::take(&mut open)),
            _ => {}
        }
    }
    if !open.is_empty() {
        out.push(open);
    }
    out
}

/// The delays of neighbouring columns together. Where it is more than one column, each holds one
/// probe or two, so that the middle of their medians is the median.
fn point(columns: &[Bucket], strip: Strip) -> Option<Point> {
    let spreads: Vec<_> = columns.iter().filter_map(|b| b.rtt).collect();
    let mut medians: Vec<_> = spreads.iter().map(|s| s.p50).collect();
    medians.sort_unstable();
    Some(Point {
        strip,
        min: spreads.iter().map(|s| s.min).min()?,
        p5: spreads.iter().map(|s| s.p5).min()?,
        p50: *medians.get(medians.len() / 2)?,
        p95: spreads.iter().map(|s| s.p95).max()?,
        max: spreads.iter().map(|s| s.max).max()?,
    })
}
