//! The data of a period as tables: a row for each minute and target, or for each probe.
//!
//! Written as it is read, a day at a time, so that a year takes no more memory than a day. Apart
//! from [`crate::report::gather()`], this alone touches the store for a report.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use jiff::tz::TimeZone;

use super::csv::{Cell, CsvTable, Form, SIMULATED};
use crate::store::rows::{MinuteRow, MinuteSamples};
use crate::store::{self, Reader};
use crate::text::csv::push_thousandths;
use crate::time::{MinuteText, TimeRange, Timestamp, micros};
use crate::vocabulary::{Measurement, Outcome, SimulatedShare, Target, TargetId};

/// Why data could not be written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The record cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// It cannot be written.
    #[error("write the data")]
    Write(#[from] io::Error),
}

const MINUTE_COLUMNS: [&str; 16] = [
    "time",
    "local",
    "target",
    "role",
    "sent",
    "received",
    "lost",
    "late",
    "not_sent",
    "loss_ratio",
    "rtt_min_ms",
    "rtt_p50_ms",
    "rtt_p95_ms",
    "rtt_max_ms",
    "rtt_mean_ms",
    "jitter_ms",
];

/// The minutes that overlap `period`, whole, in order of minute and target.
///
/// # Errors
/// When the record cannot be read or `out` not be written.
pub fn write_minutes(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    form: Form,
    out: &mut dyn Write,
) -> Result<(), Error> {
    write_minutes_of(reader, period, zone, form, &|delay| Cell::Millis(delay), out)
}

/// As [`write_minutes`], with delays to a hundredth of a millisecond, which takes less room.
///
/// # Errors
/// As there.
pub(super) fn write_short_minutes(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    out: &mut dyn Write,
) -> Result<(), Error> {
    write_minutes_of(reader, period, zone, Form::Csv, &|delay| Cell::Hundredths(delay), out)
}

/// A delay as a cell.
type DelayCell<'a> = &'a dyn Fn(Duration) -> Cell<'static>;

fn write_minutes_of(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    form: Form,
    delay: DelayCell<'_>,
    out: &mut dyn Write,
) -> Result<(), Error> {
    reader.at_once(|reader| {
        let names = Names::new(reader)?;
        let mut table = CsvTable::new(out, form, zone, &MINUTE_COLUMNS, reader.simulated()?)?;
        for day in days(recorded(reader, period)?) {
            for minute in reader.minutes(day)? {
                minute_row(&minute, &names, delay, &mut table)?;
            }
        }
        Ok(table.finish()?)
    })
}

fn minute_row(
    minute: &MinuteRow,
    names: &Names,
    delay: DelayCell<'_>,
    table: &mut CsvTable<'_>,
) -> io::Result<()> {
    let at = Timestamp::from_seconds(minute.minute.saturating_mul(60));
    let [name, role] = names.of(minute.target);
    let (sent, lost) = (f64::from(minute.sent), f64::from(minute.lost));
    let rtt = minute.rtt;
    table.row(&[
        Cell::Utc(at),
        Cell::Local(at),
        name,
        role,
        Cell::Count(minute.sent.into()),
        Cell::Count(minute.received.into()),
        Cell::Count(minute.lost.into()),
        Cell::Count(minute.late.into()),
        Cell::Count(minute.not_sent.into()),
        if minute.sent == 0 { Cell::None } else { Cell::Ratio(lost / sent) },
        Cell::or_none(rtt, |rtt| delay(rtt.min)),
        Cell::or_none(rtt, |rtt| delay(rtt.p50)),
        Cell::or_none(rtt, |rtt| delay(rtt.p95)),
        Cell::or_none(rtt, |rtt| delay(rtt.max)),
        Cell::or_none(rtt, |rtt| delay(rtt.mean)),
        Cell::or_none(rtt.and_then(|rtt| rtt.jitter), delay),
    ])
}

/// Whether a sample of a minute is wanted.
pub type Wanted<'a> = &'a dyn Fn(&MinuteSamples, &Measurement) -> bool;

const PROBE_COLUMNS: [&str; 8] =
    ["time", "local", "target", "role", "result", "rtt_ms", "own_queue_ms", "reason"];

/// Every probe sent or due in `period`, a day (UTC) at a time, each in order of run, minute, target
/// and time. Gives how many rows of samples were damaged and left out.
///
/// # Errors
/// When the record cannot be read or `out` not be written.
pub fn write_probes(
    reader: &Reader,
    period: TimeRange,
    zone: &TimeZone,
    form: Form,
    out: &mut dyn Write,
) -> Result<u64, Error> {
    if form == Form::Csv {
        return write_probes_of(reader, &[period], zone, &|_, _| true, out);
    }
    reader.at_once(|reader| {
        let names = Names::new(reader)?;
        let period = recorded(reader, period)?;
        let simulated = reader.simulated()?;
        let mut table = CsvTable::new(out, form, zone, &PROBE_COLUMNS, simulated)?;
        let damaged = each_minute(reader, period, |minute| {
            minute.samples.iter().try_for_each(|sample| probe_row(sample, &names, &mut table))
        })?;
        table.finish()?;
        Ok(damaged)
    })
}

/// The same as CSV of several spans, which are ordered and disjoint; of a minute only what `is_wanted`.
///
/// # Errors
/// When the record cannot be read or `out` not be written.
pub fn write_probes_of(
    reader: &Reader,
    spans: &[TimeRange],
    zone: &TimeZone,
    is_wanted: Wanted<'_>,
    out: &mut dyn Write,
) -> Result<u64, Error> {
    reader.at_once(|reader| {
        let names = Names::new(reader)?;
        let mut lines = ProbeLines::new(&names, zone, reader.simulated()?, out)?;
        let mut damaged = 0;
        let extent = reader.extent()?;
        for span in spans.iter().filter_map(|span| extent?.intersect(span)) {
            damaged += each_minute(reader, span, |minute| lines.minute(minute, is_wanted))?;
        }
        lines.out.flush()?;
        Ok(damaged)
    })
}

/// Gives all samples of `period` to `write`, a day at a time; how many rows are damaged.
fn each_minute(
    reader: &Reader,
    period: TimeRange,
    mut write: impl FnMut(&MinuteSamples) -> io::Result<()>,
) -> Result<u64, Error> {
    let mut damaged = 0;
    for day in days(period) {
        let mut written = Ok(());
        let damage = reader.for_each_minute(day, &mut |minute: &MinuteSamples| {
            if written.is_ok() {
                written = write(minute);
            }
        })?;
        written?;
        damaged += damage.rows;
    }
    Ok(damaged)
}

/// Probes as lines of CSV, the same that [`CsvTable`] writes. There are tens of millions of them in a
/// quarter: nothing is allocated for one that was answered or lost.
struct ProbeLines<'a> {
    names: &'a Names,
    zone: &'a TimeZone,
    /// The cells of each target, with commas around and between them.
    targets: BTreeMap<TargetId, Vec<u8>>,
    utc: MinuteText,
    local: MinuteText,
    simulated: SimulatedShare,
    out: &'a mut dyn Write,
    lines: Vec<u8>,
}

impl<'a> ProbeLines<'a> {
    fn new(
        names: &'a Names,
        zone: &'a TimeZone,
        simulated: SimulatedShare,
        out: &'a mut dyn Write,
    ) -> io::Result<Self> {
        let (utc, local) = (MinuteText::utc(), MinuteText::local(zone));
        let mark = if simulated.is_any() { format!(",{SIMULATED}") } else { String::new() };
        writeln!(out, "{}{mark}", PROBE_COLUMNS.join(","))?;
        let (targets, lines) = (BTreeMap::new(), Vec::new());
        Ok(Self { names, zone, targets, utc, local, simulated, out, lines })
    }

    fn target(&mut self, id: TargetId) -> io::Result<Vec<u8>> {
        if let Some(cells) = self.targets.get(&id) {
            return Ok(cells.clone());
        }
        let mut line = Vec::new();
        let columns = &["target", "role"];
        let mut table =
            CsvTable::new(&mut line, Form::Csv, self.zone, columns, SimulatedShare::Nothing)?;
        table.row(&self.names.of(id))?;
        table.finish()?;
        let cells = line.strip_prefix(b"target,role\n").unwrap_or_default();
        let cells = cells.strip_suffix(b"\n").unwrap_or_default();
        let cells = [b",", cells, b","].concat();
        self.targets.insert(id, cells.clone());
        Ok(cells)
    }

    fn minute(&mut self, minute: &MinuteSamples, is_wanted: Wanted<'_>) -> io::Result<()> {
        let target = self.target(minute.target)?;
        self.lines.clear();
        for sample in minute.samples.iter().filter(|sample| is_wanted(minute, sample)) {
            let result: &[u8] = match &sample.outcome {
                Outcome::Reply(_) => b"answered,",
                Outcome::Late { .. } => b"late,",
                Outcome::Lost => b"lost,",
                _ => {
                    self.with_reason(sample)?;
                    continue;
                }
            };
            let out = &mut self.lines;
            self.utc.push(sample.sent_at, out);
            out.push(b',');
            self.local.push(sample.sent_at, out);
            out.extend_from_slice(&target);
            out.extend_from_slice(result);
            let (rtt, queue) = match &sample.outcome {
                Outcome::Reply(reply) => (Some(reply.rtt), reply.local_queue),
                Outcome::Late { rtt } => (Some(*rtt), None),
                _ => (None, None),
            };
            if let Some(rtt) = rtt {
                push_thousandths(micros(rtt).unsigned_abs(), out);
            }
            out.push(b',');
            if let Some(queue) = queue {
                push_thousandths(micros(queue).unsigned_abs(), out);
            }
            out.push(b',');
            if self.simulated.is_any() {
                out.push(b',');
                out.extend_from_slice(self.simulated.as_str().as_bytes());
            }
            out.push(b'\n');
        }
        self.out.write_all(&self.lines)
    }

    /// A probe that has a reason.
    fn with_reason(&mut self, sample: &Measurement) -> io::Result<()> {
        let mut line = Vec::new();
        let (zone, simulated) = (self.zone, self.simulated);
        let mut table = CsvTable::new(&mut line, Form::Csv, zone, &PROBE_COLUMNS, simulated)?;
        probe_row(sample, self.names, &mut table)?;
        table.finish()?;
        let head = line.iter().position(|byte| *byte == b'\n').map_or(0, |at| at + 1);
        self.lines.extend_from_slice(line.get(head..).unwrap_or_default());
        Ok(())
    }
}

fn probe_row(sample: &Measurement, names: &Names, table: &mut CsvTable<'_>) -> io::Result<()> {
    let [name, role] = names.of(sample.target);
    let (mut rtt, mut queue, mut reason) = (None, None, String::new());
    let result = match &sample.outcome {
        Outcome::Reply(reply) => {
            (rtt, queue) = (Some(reply.rtt), reply.local_queue);
            "answered"
        }
        Outcome::Late { rtt: late } => {
            rtt = Some(*late);
            "late"
        }
        Outcome::Lost => "lost",
        Outcome::Unreachable(said) => {
            let by = said.by.map_or_else(|| "this computer".to_owned(), |by| by.to_string());
            reason = format!("ICMP type {} code {} from {by}", said.icmp_type, said.code);
            "unreachable"
        }
        Outcome::Failed(failed) => {
            reason = format!("{} in {}", word(&failed.reason), word(&failed.phase));
            "failed"
        }
        Outcome::NotSent(why) => {
            reason = word(why);
            "not-sent"
        }
    };
    table.row(&[
        Cell::Utc(sample.sent_at),
        Cell::Local(sample.sent_at),
        name,
        role,
        Cell::Word(result),
        Cell::or_none(rtt, Cell::Millis),
        Cell::or_none(queue, Cell::Millis),
        if reason.is_empty() { Cell::None } else { Cell::Word(&reason) },
    ])
}

/// The word of a value in JSON.
fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Targets by their numbers.
struct Names(Vec<Target>);

impl Names {
    fn new(reader: &Reader) -> Result<Self, store::Error> {
        Ok(Self(reader.targets()?))
    }

    /// Name and role; samples of a target that the record does not name have neither.
    fn of(&self, id: TargetId) -> [Cell<'_>; 2] {
        match self.0.iter().find(|target| target.id == id) {
            Some(target) => [Cell::Text(&target.name), Cell::Word(target.role.as_str())],
            None => [Cell::None; 2],
        }
    }
}

/// The part of `period` that the record reaches over.
fn recorded(reader: &Reader, period: TimeRange) -> Result<TimeRange, store::Error> {
    let empty = TimeRange { from: period.from, to: period.from };
    let extent = reader.extent()?;
    Ok(extent.and_then(|extent| extent.intersect(&period)).unwrap_or(empty))
}

/// `range` cut at the days of UTC.
fn days(range: TimeRange) -> impl Iterator<Item = TimeRange> {
    let day = |at: Timestamp| at.minute().div_euclid(24 * 60);
    let start = |day: i64| Timestamp::from_seconds(day.saturating_mul(86_400));
    (day(range.from)..=day(range.to))
        .filter_map(move |n| TimeRange { from: start(n), to: start(n + 1) }.intersect(&range))
}

#[cfg(test)]
mod tests;
