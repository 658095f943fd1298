//! The ways of a record: which of them is the line that is measured, and when packets went by another.
//!
//! The line is the way named in the configuration, else the one seen most in the last month. A tunnel is
//! the line only where it is named: what fails in it may be the tunnel. Mobile networks rank behind
//! other ways, and the way with which that month began keeps its place until another has been seen half a
//! day more: an afternoon at a phone's hotspot makes it no line.

use std::time::Duration;

use crate::text::order::InOrder;
use crate::time::spans::{length_within, total, union};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Medium, Run, Way, WayChange};

/// What counts of the past when the line is chosen.
const MONTH: Duration = Duration::from_secs(30 * 86_400);
/// What the first way has ahead of all others.
const FIRST: Duration = Duration::from_secs(12 * 3_600);

/// A stretch of the record with its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaySpan {
    /// The stretch.
    pub range: TimeRange,
    /// The way of IPv4, else that of IPv6; `None`: there was none.
    pub way: Option<Way>,
}

/// The stretches of which the way is known, in order. A way holds until the next change of its run,
/// or until the run ended.
pub fn way_spans(changes: &[WayChange], runs: &[Run]) -> Vec<WaySpan> {
    let mut spans: Vec<WaySpan> = Vec::new();
    for run in runs {
        let mut ways: [Option<&Way>; 2] = [None, None];
        let mut open: Option<(Timestamp, Option<Way>)> = None;
        let of_run: Vec<_> = changes.iter().filter(|change| change.run == run.id).collect();
        for of_instant in of_run.chunk_by(|a, b| a.from == b.from) {
            for change in of_instant {
                ways[change.version.index()] = change.way.as_ref();
            }
            let [v4, v6] = ways;
            let way = v4.or(v6).cloned();
            let at = of_instant[0].from;
            if open.as_ref().is_some_and(|(_, before)| *before == way) {
                continue;
            }
            if let Some((from, way)) = open.replace((at, way)) {
                push(&mut spans, TimeRange { from, to: at }, way);
            }
        }
        if let Some((from, way)) = open {
            push(&mut spans, TimeRange { from, to: run.last_seen.max(from) }, way);
        }
    }
    spans.order_by_key(|span| span.range.from);
    spans
}

fn push(spans: &mut Vec<WaySpan>, range: TimeRange, way: Option<Way>) {
    if range.from < range.to {
        spans.push(WaySpan { range, way });
    }
}

/// The line of a site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LineWay {
    /// Named in the configuration, by words that describe it.
    Named(String),
    /// The way seen most.
    Seen(Box<Way>),
    /// The record does not say by which ways packets went.
    Unknown,
}

impl LineWay {
    /// The line as it is `named`, else as the stretches before `until` show it.
    pub fn of(named: Option<&str>, spans: &[WaySpan], until: Timestamp) -> Self {
        match named {
            Some(name) => Self::Named(name.to_owned()),
            None => most_seen(spans, until).map_or(Self::Unknown, |way| Self::Seen(way.into())),
        }
    }

    /// Whether a way leads into the line. Where the line is not known, every way does but a tunnel.
    pub fn is_by(&self, way: &Way) -> bool {
        match self {
            Self::Named(name) => way.is_named(name),
            Self::Seen(line) => way.is_same_line(line),
            Self::Unknown => way.medium != Medium::Tunnel,
        }
    }
}

fn most_seen(spans: &[WaySpan], until: Timestamp) -> Option<Way> {
    let month = TimeRange { from: until - MONTH, to: until };
    let mut seen: Vec<(&Way, f64)> = Vec::new();
    for span in spans {
        let (Some(way), Some(range)) = (&span.way, span.range.intersect(&month)) else { continue };
        if way.medium == Medium::Tunnel {
            continue;
        }
        let is_first = seen.is_empty() && !way.is_mobile();
        let bonus = if is_first { FIRST } else { Duration::ZERO };
        let score = (range.length() + bonus).as_secs_f64() * rank(way);
        match seen.iter_mut().find(|(known, _)| known.is_same_line(way)) {
            Some((known, sum)) => {
                *sum += score;
                // The newest shows best how it is now.
                *known = way;
            }
            None => seen.push((way, score)),
        }
    }
    let best = seen.iter().max_by(|(_, a), (_, b)| a.total_cmp(b));
    best.map(|(way, _)| (*way).clone())
}

fn rank(way: &Way) -> f64 {
    if way.is_mobile() { 0.02 } else { 1.0 }
}

/// A way that is not the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherWay {
    /// The way.
    pub way: Way,
    /// When it was taken, as ordered and disjoint spans.
    pub spans: Vec<TimeRange>,
}

impl OtherWay {
    /// How long it was taken.
    pub fn length(&self) -> Duration {
        total(&self.spans)
    }
}

/// The ways of a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteWays {
    /// The line.
    pub line: LineWay,
    /// The ways that led into the line, with the time of each, longest first: cable and Wi-Fi to one
    /// router, for example.
    pub by_line: Vec<(Way, Duration)>,
    /// The other ways, by their first time.
    pub others: Vec<OtherWay>,
    /// All time that is not the line's: that of other ways, and that between one way and another in
    /// which there was none. Ordered and disjoint.
    pub apart: Vec<TimeRange>,
}

impl SiteWays {
    /// Sorts the stretches of a period.
    pub fn compute(line: LineWay, spans: &[WaySpan], period: TimeRange) -> Self {
        let mut ways = Self { line, by_line: Vec::new(), others: Vec::new(), apart: Vec::new() };
        let is_line =
            |span: &WaySpan, line: &LineWay| span.way.as_ref().is_none_or(|way| line.is_by(way));
        for (n, span) in spans.iter().enumerate() {
            let Some(range) = span.range.intersect(&period) else { continue };
            let Some(way) = &span.way else {
                let touches = |other: Option<&WaySpan>, is_near: &dyn Fn(&WaySpan) -> bool| {
                    other.is_some_and(|other| is_near(other) && !is_line(other, &ways.line))
                };
                let before = n.checked_sub(1).and_then(|before| spans.get(before));
                if touches(before, &|other| other.range.to == span.range.from)
                    || touches(spans.get(n + 1), &|other| other.range.from == span.range.to)
                {
                    ways.apart.push(range);
                }
                continue;
            };
            if ways.line.is_by(way) {
                let is_it = |(known, _): &&mut (Way, Duration)| {
                    (&known.interface, known.medium, &known.avoids)
                        == (&way.interface, way.medium, &way.avoids)
                };
                match ways.by_line.iter_mut().find(is_it) {
                    Some((known, sum)) => {
                        *sum += range.length();
                        known.clone_from(way);
                    }
                    None => ways.by_line.push((way.clone(), range.length())),
                }
                continue;
            }
            ways.apart.push(range);
            match ways.others.iter_mut().find(|other| other.way.is_same_line(way)) {
                Some(other) => other.spans.push(range),
                None => ways.others.push(OtherWay { way: way.clone(), spans: vec![range] }),
            }
        }
        ways.by_line.order_by_key(|(_, length)| std::cmp::Reverse(*length));
        for other in &mut ways.others {
            other.spans = union(std::mem::take(&mut other.spans));
        }
        ways.apart = union(ways.apart);
        ways
    }

    /// How much of some time is not the line's.
    pub fn apart_within(&self, range: TimeRange) -> Duration {
        length_within(&self.apart, range)
    }

    /// The other way that was taken at an instant.
    pub fn other_at(&self, at: Timestamp) -> Option<&OtherWay> {
        self.others.iter().find(|other| other.spans.iter().any(|span| span.contains(at)))
    }

    /// The way into the line that was taken most.
    pub fn main(&self) -> Option<&Way> {
        self.by_line.first().map(|(way, _)| way)
    }
}

#[cfg(test)]
mod tests;
