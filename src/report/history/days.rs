//! The days of a calendar, with their hours.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::HistoryView;
use super::outline::{TimeOutline, edges};
use crate::store::{Error, Reader};
use crate::time::spans::within;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::DropKind;

/// A local day.
#[derive(Debug, Clone, PartialEq)]
pub struct DayRecord {
    /// Its date.
    pub date: Date,
    /// From when to when it lasts: 23 or 25 hours where clocks change.
    pub range: TimeRange,
    /// All of it.
    pub total: HourOfDay,
    /// Of the drops that began in it, those that are outages.
    pub outages: u32,
    /// By the hour that the clock shows; one that it shows twice is the sum of both, and one that it skips
    /// has nothing.
    pub hours: [HourOfDay; 24],
}

/// What is known of an hour of a day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct HourOfDay {
    /// Its time up to now, seconds: of an hour 7,200 where the clock shows it twice, 0 where it skips it or it is to
    /// come.
    pub length_s: f64,
    /// Judged time, seconds.
    pub watched_s: f64,
    /// Likely time down of it, seconds.
    pub down_s: f64,
    /// Drops and outages that began in it.
    pub drops: u32,
}

/// The days of `zone` that `range` touches, whole.
///
/// # Errors
/// When the record cannot be read.
pub fn days(
    reader: &Reader,
    range: TimeRange,
    zone: &TimeZone,
    view: HistoryView<'_>,
) -> Result<Vec<DayRecord>, Error> {
    let (mut days, pieces) = calendar(range, zone);
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(days) };
    let period = TimeRange { from: first.range.from, to: last.range.to };
    let outline =
        reader.at_once(|reader| TimeOutline::read(reader, period, view.line, view.now))?;
    for piece in &pieces {
        if let Some(past) = piece.range.intersect(&outline.elapsed) {
            piece.in_both(&mut days, |sum| sum.length_s += past.length().as_secs_f64());
        }
        for span in within(&outline.ledger.judged, piece.range) {
            piece.in_both(&mut days, |sum| sum.watched_s += span.length().as_secs_f64());
        }
    }
    let piece_of = |at: Timestamp| {
        let first = pieces.partition_point(|piece| piece.range.to <= at);
        pieces.get(first..).unwrap_or_default()
    };
    for (stored, time) in outline.down() {
        let (onset, _) = edges(stored, outline.elapsed);
        if let Some(piece) = piece_of(onset).first()
            && piece.range.contains(stored.drop.onset.midpoint())
        {
            piece.in_both(&mut days, |sum| sum.drops += 1);
            days[piece.day].outages += u32::from(stored.drop.kind == DropKind::Outage);
        }
        outline.each_down(stored, time, |span, share| {
            for piece in piece_of(span.from).iter().take_while(|p| p.range.from <= span.to) {
                let part =
                    piece.range.intersect(&span).map_or(0.0, |part| part.length().as_secs_f64());
                let is_instant = span.from == span.to && piece.range.contains(span.from);
                let seconds = if is_instant { share / 1e6 } else { part * share };
                piece.in_both(&mut days, |sum| sum.down_s += seconds);
            }
        });
    }
    Ok(days)
}

/// A part of a day in which the clock shows one hour.
#[derive(Debug)]
struct HourPiece {
    range: TimeRange,
    day: usize,
    hour: usize,
}

impl HourPiece {
    fn in_both(&self, days: &mut [DayRecord], mut add: impl FnMut(&mut HourOfDay)) {
        let day = &mut days[self.day];
        add(&mut day.total);
        add(&mut day.hours[self.hour]);
    }
}

/// The days that a range touches, still empty, and their hours in order.
fn calendar(range: TimeRange, zone: &TimeZone) -> (Vec<DayRecord>, Vec<HourPiece>) {
    const HOUR_US: i64 = 3_600_000_000;
    let (mut days, mut pieces) = (Vec::new(), Vec::new());
    let local = |at: Timestamp| {
        jiff::Timestamp::from_microsecond(at.as_micros())
            .ok()
            .map(|at| at.to_zoned_datetime(zone.clone()))
    };
    let start = |date: Date| {
        let begins =
            date.to_zoned_datetime(zone.clone()).and_then(|zoned| zoned.start_of_day()).ok()?;
        Some(Timestamp::from_micros(begins.timestamp().as_microsecond()))
    };
    let Some(mut date) = local(range.from).map(|zoned| zoned.date()) else { return (days, pieces) };
    let Some(mut from) = start(date) else { return (days, pieces) };
    while from < range.to {
        let Some((next, to)) = date.tomorrow().ok().and_then(|next| Some((next, start(next)?)))
        else {
            break;
        };
        if to <= from {
            // A date that the zone left out.
            date = next;
            continue;
        }
        let is_plain = to.micros_since(from) == 24 * HOUR_US;
        let mut at = from;
        while at < to {
            let (hour, left_us) = if is_plain {
                (at.micros_since(from) / HOUR_US, HOUR_US)
            } else {
                let Some(shown) = local(at) else { break };
                let past_s = i64::from(shown.minute()) * 60 + i64::from(shown.second());
                (i64::from(shown.hour()), HOUR_US - past_s * 1_000_000)
            };
            let end = at.plus_micros(left_us.max(1_000_000)).min(to);
            let hour = usize::try_from(hour).unwrap_or(0).min(23);
            let range = TimeRange { from: at, to: end };
            pieces.push(HourPiece { range, day: days.len(), hour });
            at = end;
        }
        days.push(DayRecord {
            date,
            range: TimeRange { from, to },
            total: HourOfDay::default(),
            outages: 0,
            hours: [HourOfDay::default(); 24],
        });
        (date, from) = (next, to);
    }
    (days, pieces)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::at;

    type DatesAndHours = (Vec<(String, i64)>, Vec<(usize, i64)>);

    fn lengths(from: &str, to: &str, zone: &str) -> DatesAndHours {
        let range = TimeRange { from: at(from), to: at(to) };
        let (days, pieces) = calendar(range, &TimeZone::get(zone).unwrap());
        let hours = |range: TimeRange| range.to.micros_since(range.from) / 60_000_000;
        (
            days.iter().map(|day| (day.date.to_string(), hours(day.range) / 60)).collect(),
            pieces.iter().map(|piece| (piece.hour, hours(piece.range))).collect(),
        )
    }

    #[test]
    fn days_on_which_clocks_change_have_23_and_25_hours() {
        let (days, hours) =
            lengths("2026-11-01T12:00:00Z", "2026-11-01T12:00:01Z", "America/Toronto");
        assert_eq!(days, [("2026-11-01".to_owned(), 25)]);
        assert_eq!(hours.len(), 25);
        assert_eq!(hours[..4], [(0, 60), (1, 60), (1, 60), (2, 60)]);
        let (days, hours) =
            lengths("2026-03-08T12:00:00Z", "2026-03-08T12:00:01Z", "America/Toronto");
        assert_eq!(days, [("2026-03-08".to_owned(), 23)]);
        assert_eq!(hours[..3], [(0, 60), (1, 60), (3, 60)]);
        // Half an hour, and a zone whose hours are not those of UTC.
        let (days, hours) =
            lengths("2026-04-04T20:00:00Z", "2026-04-04T20:00:01Z", "Australia/Lord_Howe");
        assert_eq!(
            (days[0].0.as_str(), hours.iter().map(|h| h.1).sum::<i64>()),
            ("2026-04-05", 1_470)
        );
        let (days, hours) =
            lengths("2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "Asia/Kathmandu");
        assert_eq!(days.len(), 2);
        assert_eq!(hours, (0..48).map(|n| (n % 24, 60)).collect::<Vec<_>>());
    }

    #[test]
    fn a_date_that_a_zone_left_out_is_no_day() {
        let (days, _) = lengths("2011-12-29T12:00:00Z", "2011-12-31T12:00:00Z", "Pacific/Apia");
        let dates: Vec<_> = days.iter().map(|(date, hours)| (date.as_str(), *hours)).collect();
        assert_eq!(dates, [("2011-12-29", 24), ("2011-12-31", 24), ("2012-01-01", 24)]);
    }
}
