//! When the link was watched and when it was down, the same as in a report of that time.

use std::time::Duration;

use super::grid::ColumnGrid;
use crate::report::gather::ways_of;
use crate::report::ways::is_apart;
use crate::stats::{DropTime, LedgerInputs, SiteWays, TimeLedger, WaySpan};
use crate::store::{Error, Reader};
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp, micros};
use crate::vocabulary::{DropKind, Gap, Run, StoredDrop};

/// The kinds of time of a period, and its drops.
#[derive(Debug)]
pub(super) struct TimeOutline {
    /// The period, up to now.
    pub(super) elapsed: TimeRange,
    pub(super) runs: Vec<Run>,
    pub(super) gaps: Vec<Gap>,
    pub(super) ways: SiteWays,
    pub(super) way_spans: Vec<WaySpan>,
    pub(super) ledger: TimeLedger,
    /// The drops of the line, by onset, each with its part in judged time in `ledger.drops`.
    pub(super) drops: Vec<StoredDrop>,
    /// By how much each microsecond of the drops' spans counts, for their sum to be the likely time down.
    share: f64,
}

impl TimeOutline {
    /// Reads it out of the record.
    pub(super) fn read(
        reader: &Reader,
        period: TimeRange,
        line: Option<&str>,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let elapsed = TimeRange { from: period.from, to: period.to.min(now).max(period.from) };
        let (runs, gaps) = (reader.runs(period)?, reader.gaps(period)?);
        let (ways, way_spans) = ways_of(reader, period, line)?;
        let mut drops = reader.drops(period)?;
        drops.retain(|stored| !is_apart(&stored.drop, &ways.apart, elapsed.to));
        drops.order_by_key(|stored| (stored.drop.onset.earliest, stored.id));
        let impairments = reader.impairments(period)?;
        let all: Vec<_> = drops.iter().map(|stored| &stored.drop).collect();
        let ledger = TimeLedger::compute(LedgerInputs {
            period: elapsed,
            runs: &runs,
            gaps: &gaps,
            drops: &all,
            impairments: &impairments,
            apart: &ways.apart,
        });
        let down = drops.iter().zip(&ledger.drops).filter(|(stored, _)| stored.drop.kind.is_down());
        let sum: Duration = down.map(|(_, time)| time.likely).sum();
        let share = if sum.is_zero() { 1.0 } else { ratio(ledger.likely_down, sum) };
        Ok(Self { elapsed, runs, gaps, ways, way_spans, ledger, drops, share })
    }

    /// Drops and outages, each with its part in judged time.
    pub(super) fn down(&self) -> impl Iterator<Item = (&StoredDrop, &DropTime)> {
        self.drops.iter().zip(&self.ledger.drops).filter(|(stored, _)| stored.drop.kind.is_down())
    }

    /// Gives `each` the likely time down of a drop, span by span, with how much each microsecond counts; an
    /// instant counts as many microseconds in all. Over all drops that adds up to the time down of a report.
    pub(super) fn each_down(
        &self,
        stored: &StoredDrop,
        time: &DropTime,
        mut each: impl FnMut(TimeRange, f64),
    ) {
        let spans: Duration = time.spans.iter().map(TimeRange::length).sum();
        if spans.is_zero() {
            // Hardly any time of it is judged; it is still where it is.
            let (from, to) = edges(stored, self.elapsed);
            each(TimeRange { from, to: from }, micros_as_f64(time.likely) * self.share);
            if from.plus_micros(1) < to {
                each(TimeRange { from: from.plus_micros(1), to }, 0.0);
            }
            return;
        }
        let share = ratio(time.likely, spans) * self.share;
        for span in &time.spans {
            each(*span, share);
        }
    }
}

/// The middles of the bounds of a drop, within the period.
pub(super) fn edges(stored: &StoredDrop, elapsed: TimeRange) -> (Timestamp, Timestamp) {
    let within =
        |at: Timestamp| at.clamp(elapsed.from, elapsed.to.plus_micros(-1).max(elapsed.from));
    let from = within(stored.drop.onset.midpoint());
    let to = within(stored.drop.end.map_or(elapsed.to, |end| end.midpoint()));
    (from, to.max(from))
}

fn micros_as_f64(d: Duration) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "less than 2^53: 285 years")]
    let us = micros(d) as f64;
    us
}

fn ratio(a: Duration, b: Duration) -> f64 {
    if a == b { 1.0 } else { micros_as_f64(a) / micros_as_f64(b) }
}

/// What is known of the link in a column.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkColumn {
    /// Judged of its time up to now; `None` outside of the record, and where it is to come.
    pub watched: Option<f64>,
    /// Likely seconds down, of judged time; `None` where nothing was judged.
    pub down_s: Option<f64>,
    /// Drops and outages that begin or last in it.
    pub drops: u32,
    /// Blips and what was perhaps a drop, likewise.
    pub blips: u32,
    /// The place of the drop or outage that is longest in it.
    pub place: Option<String>,
}

/// What is known of the link, column by column.
pub(super) fn link_columns(
    outline: &TimeOutline,
    grid: ColumnGrid,
    holds: Option<TimeRange>,
) -> Vec<LinkColumn> {
    let mut columns = vec![LinkColumn::default(); grid.count()];
    let mut judged = vec![0_i64; grid.count()];
    for span in &outline.ledger.judged {
        grid.each_part(*span, |column, us| judged[column] += us);
    }
    let mut down = vec![0.0_f64; grid.count()];
    // Of the drops in a column, how long the longest one lies in it, and which it is.
    let mut longest: Vec<Option<(f64, usize)>> = vec![None; grid.count()];
    for (n, (stored, time)) in outline.drops.iter().zip(&outline.ledger.drops).enumerate() {
        let mut touched: Vec<(usize, f64)> = Vec::new();
        let mut touch = |column: usize, us: f64| match touched.last_mut() {
            Some((last, sum)) if *last == column => *sum += us,
            _ => touched.push((column, us)),
        };
        outline.each_down(stored, time, |span, share| {
            grid.each_part(span, |column, us| {
                #[expect(clippy::cast_precision_loss, reason = "microseconds of a column")]
                let us = if span.from == span.to { share } else { us as f64 * share };
                touch(column, us);
            });
        });
        let is_down = stored.drop.kind.is_down();
        for (column, us) in touched {
            if is_down {
                columns[column].drops += 1;
                down[column] += us;
                if longest[column].is_none_or(|(most, _)| us > most) {
                    longest[column] = Some((us, n));
                }
            } else if matches!(stored.drop.kind, DropKind::Blip | DropKind::Possible) {
                columns[column].blips += 1;
            }
        }
    }
    for (n, column) in columns.iter_mut().enumerate() {
        let span = grid.span_of(n);
        let known = holds.and_then(|holds| holds.intersect(&span)).is_some();
        let elapsed = span.intersect(&outline.elapsed).filter(|_| known || judged[n] > 0);
        #[expect(clippy::cast_precision_loss, reason = "microseconds of a column")]
        let share = |part: i64, of: TimeRange| part as f64 / micros(of.length()).max(1) as f64;
        column.watched = elapsed.map(|elapsed| share(judged[n], elapsed).min(1.0));
        column.down_s = (judged[n] > 0).then_some(down[n] / 1e6);
        let place = longest[n].map(|(_, drop)| outline.drops[drop].drop.place_text());
        column.place = place;
    }
    columns
}
