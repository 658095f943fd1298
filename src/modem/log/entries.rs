//! From the rows of a log to its entries: oldest first, equal ones joined.

use jiff::civil::DateTime;

use super::classes::classify;
use super::masks::masked_addresses;
use super::stamps::{DateOrder, stamp};
use crate::modem::cells::squeezed;
use crate::text::order::InOrder;
use crate::vocabulary::{LogEntry, LogStamp};

/// A row as the page has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::modem) struct LogRow {
    /// Its time, or its first.
    pub(in crate::modem) first: String,
    /// Its last time, where the page shows both.
    pub(in crate::modem) last: Option<String>,
    /// How often it happened, where the page counts.
    pub(in crate::modem) count: Option<u32>,
    /// Its level: `Critical (3)`.
    pub(in crate::modem) level: String,
    /// The event's number, where shown.
    pub(in crate::modem) number: Option<u32>,
    /// Its text.
    pub(in crate::modem) text: String,
}

/// Entries beyond this many are left out, the oldest first: no modem holds so many.
const MOST: usize = 5_000;

/// The entries of a log, oldest first, equal ones joined, addresses masked; and sentences on rows that
/// could not be read. `order` is that of the model, unless a date of the log shows another, or the
/// modem's clock shows that events would lie in the future.
pub(in crate::modem) fn entries(
    rows: &[LogRow],
    order: DateOrder,
    now: Option<DateTime>,
) -> (Vec<LogEntry>, Vec<String>) {
    let order = order_of(rows, order, now);
    let mut notes = Vec::new();
    let mut unread = 0_usize;
    let mut entries = Vec::with_capacity(rows.len().min(MOST));
    let newest = rows.len().saturating_sub(MOST);
    let is_newest_first = is_newest_first(rows, order);
    let in_order: Box<dyn Iterator<Item = &LogRow>> =
        if is_newest_first { Box::new(rows.iter().rev()) } else { Box::new(rows.iter()) };
    for row in in_order.skip(newest) {
        let text = squeezed(&row.text);
        if text.is_empty() {
            continue;
        }
        let stamp_of = |text: &str| stamp(&squeezed(text), order);
        let Some(first) = stamp_of(&row.first) else {
            unread += 1;
            continue;
        };
        entries.push(LogEntry {
            stamp: first,
            last: row.last.as_deref().and_then(stamp_of).filter(|last| *last != first),
            count: row.count.unwrap_or(1).max(1),
            level: level(&row.level),
            number: row.number,
            class: classify(&text),
            text: masked_addresses(&text),
        });
    }
    if unread > 0 {
        notes.push(format!(
            "rows of the log with a time that is not understood, not read: {unread}"
        ));
    }
    if newest > 0 {
        notes.push(format!("only the newest {MOST} rows of the log were read"));
    }
    (joined(sorted(entries)), notes)
}

/// Equal entries that follow one another at the same time are one with the sum of their counts.
fn joined(entries: Vec<LogEntry>) -> Vec<LogEntry> {
    let mut joined: Vec<LogEntry> = Vec::with_capacity(entries.len());
    // Entries of this time begin here.
    let mut begin = 0;
    for entry in entries {
        if joined.get(begin).is_some_and(|first| first.stamp != entry.stamp) {
            begin = joined.len();
        }
        let same = |other: &&mut LogEntry| {
            (&other.text, other.level, other.number) == (&entry.text, entry.level, entry.number)
        };
        match joined[begin..].iter_mut().find(same) {
            Some(other) => {
                other.count = other.count.saturating_add(entry.count);
                other.last = other.last.max(entry.last);
            }
            None => joined.push(entry),
        }
    }
    joined
}

/// Oldest first. Entries that were written before the clock was set stay before the next that is
/// stamped.
fn sorted(entries: Vec<LogEntry>) -> Vec<LogEntry> {
    let mut groups: Vec<(Option<LogStamp>, Vec<LogEntry>)> = Vec::new();
    let mut waiting = Vec::new();
    for entry in entries {
        match entry.stamp {
            LogStamp::Unset | LogStamp::AfterBoot(_) => waiting.push(entry),
            stamp => {
                waiting.push(entry);
                groups.push((Some(stamp), std::mem::take(&mut waiting)));
            }
        }
    }
    // A modem shows its times with an offset or without, not both: those without come first.
    let key = |stamp: &Option<LogStamp>| match stamp {
        Some(LogStamp::Absolute(at)) => (1, at.as_micros()),
        Some(LogStamp::Second(at) | LogStamp::Minute(at)) => (0, seconds(*at)),
        _ => (2, 0),
    };
    groups.order_by_key(|(stamp, _)| key(stamp));
    groups.into_iter().flat_map(|(_, entries)| entries).chain(waiting).collect()
}

fn seconds(at: DateTime) -> i64 {
    at.duration_since(DateTime::constant(1970, 1, 1, 0, 0, 0, 0)).as_secs()
}

fn civil(row: &LogRow, order: DateOrder) -> Option<DateTime> {
    match stamp(&squeezed(&row.first), order)? {
        LogStamp::Second(at) | LogStamp::Minute(at) => Some(at),
        LogStamp::Absolute(at) => jiff::Timestamp::from_microsecond(at.as_micros())
            .ok()
            .map(|at| jiff::tz::Offset::UTC.to_datetime(at)),
        LogStamp::AfterBoot(_) | LogStamp::Unset => None,
    }
}

/// Whether most neighbours stand newest first.
fn is_newest_first(rows: &[LogRow], order: DateOrder) -> bool {
    let times: Vec<_> = rows.iter().filter_map(|row| civil(row, order)).collect();
    let rising = times.windows(2).filter(|pair| pair[0] < pair[1]).count();
    let falling = times.windows(2).filter(|pair| pair[0] > pair[1]).count();
    falling > rising
}

/// The order of day and month in this log: that of the model, unless dates show the other one.
fn order_of(rows: &[LogRow], order: DateOrder, now: Option<DateTime>) -> DateOrder {
    let other = match order {
        DateOrder::MonthFirst => DateOrder::DayFirst,
        DateOrder::DayFirst => DateOrder::MonthFirst,
    };
    let dated = |row: &&LogRow| row.first.contains(['/', '-']);
    let mut shows_other = false;
    for row in rows.iter().filter(dated) {
        let mut numbers =
            row.first.split(|c: char| !c.is_ascii_digit()).filter(|word| !word.is_empty());
        let (Some(first), Some(second)) = (numbers.next(), numbers.next()) else { continue };
        if first.len() > 2 || second.len() > 2 {
            continue;
        }
        let (first, second): (u8, u8) = (first.parse().unwrap_or(0), second.parse().unwrap_or(0));
        match (order, first > 12, second > 12) {
            (DateOrder::MonthFirst, true, false) | (DateOrder::DayFirst, false, true) => {
                shows_other = true;
            }
            (DateOrder::MonthFirst, false, true) | (DateOrder::DayFirst, true, false) => {
                return order;
            }
            _ => {}
        }
    }
    let in_future = |order: DateOrder| {
        let Some(now) = now else { return 0 };
        let ahead = |at: &DateTime| at.date() > now.date().tomorrow().unwrap_or(now.date());
        rows.iter().filter_map(|row| civil(row, order)).filter(ahead).count()
    };
    if shows_other || in_future(order) > in_future(other) { other } else { order }
}

/// The level of RFC 4639, 1 to 8, by its number or its name. `None` where it is none.
pub(in crate::modem) fn level(text: &str) -> Option<u8> {
    const NAMES: [&str; 8] =
        ["emerg", "alert", "critical", "error", "warning", "notice", "info", "debug"];
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    if let Ok(level) = digits.parse::<u8>() {
        return (1..=8).contains(&level).then_some(level);
    }
    let text = text.trim().to_ascii_lowercase();
    let name = NAMES.iter().position(|name| text.starts_with(name));
    name.and_then(|at| u8::try_from(at + 1).ok())
}
