//! Tables: `time_unix_ms,target,rtt_us` (milliseconds since 1970, a name, microseconds or nothing), or
//! columns, unit, separator and format of times as they are named. Nothing is guessed.
//!
//! RFC 4180, more leniently: a byte order mark, blanks around fields, blank lines, and any line
//! ends. With a header the columns are found by their names; without, they are the first three.

use std::time::Duration;

use super::error::Error;
use super::importer::{Importer, ProbeResult};
use super::lines::{RecordLines, millionths, plausible, shown, target_name};
use super::options::{DelayUnit, ImportOptions};
use super::stamp::{StampError, Stamps};
use crate::time::Timestamp;

const COLUMNS: [&str; 3] = ["time_unix_ms", "target", "rtt_us"];

/// Where a table has what, and in which units.
struct Layout {
    separator: char,
    time: usize,
    time_name: String,
    target: TargetColumn,
    rtt: usize,
    rtt_name: String,
    unit: DelayUnit,
    form: TimeForm,
}

/// Which target a row is of.
enum TargetColumn {
    At(usize),
    /// All rows are of this one.
    Named(String),
}

/// How times are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum TimeForm {
    /// A number since 1970; in a second there are so many of its unit.
    Unix { per_second: i64 },
    /// As before the lines of logs.
    Clock,
}

/// Whether a table begins with this line: one with a header, or with three columns of ours.
pub(super) fn is_table(first: &str, options: &ImportOptions) -> bool {
    let columns = &options.columns;
    let is_named = columns.time.is_some() || columns.rtt.is_some() || options.separator.is_some();
    let separator = options.separator.unwrap_or_else(|| separator_of(first));
    let Ok(fields) = fields(first, separator) else { return first.contains('"') && is_named };
    let is_ours = || {
        fields.len() >= 2
            && fields[0].len() > 6
            && fields[0].bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let is_word = |field: &String| {
        !field.is_empty() && field.len() < 40 && !field.contains(' ') && !field.contains('=')
    };
    is_named
        || is_ours()
        || (fields.len() >= 3 && is_header(first) && fields.iter().take(3).all(is_word))
}

/// The separator of a table that begins like this.
fn separator_of(first: &str) -> char {
    let known = [',', ';', '\t', '|'];
    known.into_iter().find(|separator| first.contains(*separator)).unwrap_or(',')
}

pub(super) fn read(
    lines: &mut RecordLines<'_>,
    stamps: &mut Stamps<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let Some(first) = lines.next()? else { return Ok(()) };
    let separator = importer.options.separator.unwrap_or_else(|| separator_of(&first));
    let header = is_header(&first).then_some(first.as_str());
    let layout = layout(header, separator, &importer.options);
    let layout = layout.map_err(|problem| match problem {
        LayoutProblem::Line(message) => lines.wrong(message),
        LayoutProblem::Unnamed { what, hint } => {
            Error::Refused { file: lines.file.to_owned(), what, hint }
        }
    })?;
    if separator != ',' && importer.options.separator.is_none() {
        importer
            .notices
            .insert(format!("{}: its fields are separated by {separator:?}", lines.file));
    }
    let mut doubt = UnitDoubt::default();
    let mut line = if header.is_some() { lines.next()? } else { Some(first) };
    while let Some(text) = line {
        match row(&text, &layout, &importer.options, stamps, lines) {
            Ok((name, at, found)) => {
                if let ProbeResult::Answered(rtt) = found {
                    doubt.on_delay(rtt);
                }
                importer.push(&name, at, found).map_err(|message| lines.wrong(message))?;
            }
            Err(StampError::File(error)) => return Err(error),
            Err(StampError::Line(message)) => lines.damaged(message),
        }
        line = lines.next()?;
    }
    let is_given = importer.options.unit.is_some() || layout.unit != DelayUnit::Us;
    if !is_given && let Some(middle) = doubt.middle() {
        importer.notices.insert(format!(
            "{}: half of the delays are below {middle} µs, which is too fast for the internet: if \
             {} has milliseconds, import it with --unit ms (into another database: what is \
             imported stays)",
            lines.file, layout.rtt_name
        ));
    }
    Ok(())
}

/// Whether delays are rather milliseconds than microseconds.
#[derive(Debug, Default)]
struct UnitDoubt {
    /// How many delays are below 1, 2, 3, ... ms / 10.
    below: [u64; 10],
    all: u64,
}

impl UnitDoubt {
    fn on_delay(&mut self, rtt: Duration) {
        self.all += 1;
        let step = usize::try_from(rtt.as_micros() / 50).unwrap_or(usize::MAX);
        if let Some(count) = self.below.get_mut(step) {
            *count += 1;
        }
    }

    /// A round number of microseconds below which half of the delays are, if it is small.
    fn middle(&self) -> Option<usize> {
        const FEWEST: u64 = 10;
        let mut sum = 0;
        let step = self.below.iter().position(|count| {
            sum += count;
            sum * 2 >= self.all && self.all >= FEWEST
        })?;
        Some((step + 1) * 50)
    }
}

/// A first line whose first field is a word.
fn is_header(line: &str) -> bool {
    line.trim_start_matches(['"', ' ', '\t']).starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// Why it is not known where a table has what.
enum LayoutProblem {
    Line(String),
    Unnamed { what: String, hint: String },
}

fn layout(
    header: Option<&str>,
    separator: char,
    options: &ImportOptions,
) -> Result<Layout, LayoutProblem> {
    let names = match header {
        Some(header) => fields(header, separator).map_err(LayoutProblem::Line)?,
        None => COLUMNS.map(str::to_owned).to_vec(),
    };
    let columns = &options.columns;
    let place = |given: Option<&String>, usual: &str| {
        let wanted = given.map_or(usual, String::as_str);
        let number = wanted.parse::<usize>().ok().filter(|n| *n > 0 && given.is_some());
        let found = number.map(|n| n - 1);
        let found = found.or_else(|| names.iter().position(|n| n.eq_ignore_ascii_case(wanted)));
        let shown_header = shown(header.unwrap_or_default().trim());
        let sentence = format!("the header {shown_header} has no column {wanted}");
        found.ok_or(sentence)
    };
    let is_named = columns.time.is_some() || columns.rtt.is_some();
    let missing = |sentence: String| {
        if is_named || header.is_none() {
            return LayoutProblem::Line(sentence);
        }
        LayoutProblem::Unnamed {
            what: format!("is a table, and {sentence}"),
            hint:
                "name its columns, as in `--columns time=Time,rtt=Latency,target=Host --unit ms` \
                   (--target NAME where there is no column for it)"
                    .to_owned(),
        }
    };
    let time = place(columns.time.as_ref(), COLUMNS[0]).map_err(missing)?;
    let rtt = place(columns.rtt.as_ref(), COLUMNS[2]).map_err(missing)?;
    let target = match (&options.target, &columns.target) {
        (Some(name), None) => TargetColumn::Named(name.clone()),
        (_, given) => TargetColumn::At(place(given.as_ref(), COLUMNS[1]).map_err(|sentence| {
            if is_named && given.is_none() {
                return LayoutProblem::Unnamed {
                    what: "is a table, and nothing says which target its rows are of".to_owned(),
                    hint: "name the column, as in `--columns target=Host`, or the target itself: \
                           `--target 8.8.8.8`"
                        .to_owned(),
                };
            }
            missing(sentence)
        })?),
    };
    let name_of =
        |place: usize| names.get(place).cloned().unwrap_or_else(|| format!("column {}", place + 1));
    let (time_name, rtt_name) = (name_of(time), name_of(rtt));
    let unit = options.unit.or_else(|| unit_in(&rtt_name));
    let unit = unit.ok_or_else(|| LayoutProblem::Unnamed {
        what: format!("is a table, and nothing says which unit {} has", shown(&rtt_name)),
        hint: "add `--unit ms`, `--unit us` or `--unit s`".to_owned(),
    })?;
    let form = match options.time_format.as_deref() {
        Some("unix") => TimeForm::Unix { per_second: 1 },
        Some("unix-ms") => TimeForm::Unix { per_second: 1_000 },
        Some("unix-us") => TimeForm::Unix { per_second: 1_000_000 },
        Some("unix-ns") => TimeForm::Unix { per_second: 1_000_000_000 },
        None if time_name.eq_ignore_ascii_case(COLUMNS[0]) => TimeForm::Unix { per_second: 1_000 },
        _ => TimeForm::Clock,
    };
    Ok(Layout { separator, time, time_name, target, rtt, rtt_name, unit, form })
}

/// The unit that the name of a column says: `rtt_us`, `LatencyMs`, `delay (ms)`.
fn unit_in(name: &str) -> Option<DelayUnit> {
    let name = name.trim_end_matches([')', ']']);
    let ends = |unit: &str, named: &str| {
        name.strip_suffix(unit).is_some_and(|rest| rest.ends_with(['_', ' ', '(', '[', '-']))
            || name.ends_with(named)
    };
    if ends("us", "Us") || ends("µs", "µs") {
        Some(DelayUnit::Us)
    } else if ends("ms", "Ms") {
        Some(DelayUnit::Ms)
    } else if ends("s", "_sec") || ends("sec", "Seconds") {
        Some(DelayUnit::S)
    } else {
        None
    }
}

fn row(
    line: &str,
    layout: &Layout,
    options: &ImportOptions,
    stamps: &mut Stamps<'_>,
    lines: &mut RecordLines<'_>,
) -> Result<(String, Timestamp, ProbeResult), StampError> {
    let fields = fields(line, layout.separator).map_err(StampError::Line)?;
    let field = |place: usize| fields.get(place).map(String::as_str);
    let (named, at) = match &layout.target {
        TargetColumn::At(place) => (None, *place),
        TargetColumn::Named(name) => (Some(name.as_str()), 0),
    };
    let found = (field(layout.time), named.or_else(|| field(at)), field(layout.rtt));
    let (Some(time), Some(name), Some(rtt)) = found else {
        let expected = format!("{},{},{}", layout.time_name, "target", layout.rtt_name);
        return Err(StampError::Line(format!("expected {expected}, found {}", shown(line.trim()))));
    };
    let name = target_name(name).map_err(StampError::Line)?.to_owned();
    let at = match layout.form {
        TimeForm::Unix { per_second } => {
            unix(time, per_second, &layout.time_name).map_err(StampError::Line)?
        }
        TimeForm::Clock => stamps.field(time, lines)?.at,
    };
    Ok((name, at, delay(rtt, layout, options).map_err(StampError::Line)?))
}

fn unix(text: &str, per_second: i64, name: &str) -> Result<Timestamp, String> {
    let unit = match per_second {
        1 => "seconds",
        1_000 => "milliseconds",
        1_000_000 => "microseconds",
        _ => "nanoseconds",
    };
    let number = millionths(text)
        .ok_or_else(|| format!("{name} {} is not a number of {unit}", shown(text)))?;
    let at = match per_second {
        // Whole nanoseconds are more than fits when taken in millionths.
        1_000_000_000 => Timestamp::from_micros(text.parse::<i64>().unwrap_or(i64::MAX) / 1_000),
        1_000_000 => Timestamp::from_micros(text.parse::<i64>().unwrap_or(i64::MAX)),
        1 => Timestamp::from_micros(number),
        per_second => Timestamp::from_micros(number / per_second),
    };
    if plausible(at) {
        return Ok(at);
    }
    let text = shown(text);
    Err(format!("{name} {text} is not between the years 2000 and 2100 ({unit} since 1970)"))
}

fn delay(text: &str, layout: &Layout, options: &ImportOptions) -> Result<ProbeResult, String> {
    const AN_HOUR_US: i64 = 3_600_000_000;
    if text.is_empty() || options.lost.iter().any(|lost| lost.eq_ignore_ascii_case(text)) {
        return Ok(ProbeResult::Lost);
    }
    let decimal = if layout.separator == ',' { text.to_owned() } else { text.replace(',', ".") };
    let us = millionths(&decimal)
        .map(|millionths| {
            // Millionths of a unit of so many nanoseconds.
            let nanos = i128::from(millionths) * i128::from(layout.unit.nanos()) / 1_000_000;
            i64::try_from((nanos + 500) / 1_000).unwrap_or(i64::MAX)
        })
        .filter(|us| (1..=AN_HOUR_US).contains(us))
        .ok_or_else(|| {
            let unit = match layout.unit {
                DelayUnit::Us => "microseconds",
                DelayUnit::Ms => "milliseconds",
                DelayUnit::S => "seconds",
            };
            format!(
                "{} {} is not a delay in {unit} (leave it empty for a lost probe, or say that it \
                 means one: --lost={text})",
                layout.rtt_name,
                shown(text)
            )
        })?;
    Ok(ProbeResult::Answered(Duration::from_micros(us.unsigned_abs())))
}

/// The fields of a line, without quotes and the blanks around them.
pub(super) fn fields(line: &str, separator: char) -> Result<Vec<String>, String> {
    let mut fields = Vec::with_capacity(4);
    let mut rest = line;
    loop {
        let (field, after) = if let Some(quoted) = rest.trim_start().strip_prefix('"') {
            unquoted(quoted)
                .ok_or_else(|| format!("a quote is not closed in {}", shown(line.trim())))?
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            (rest[..end].trim().to_owned(), &rest[end..])
        };
        fields.push(field);
        match after.trim_start_matches(' ').strip_prefix(separator) {
            Some(next) => rest = next,
            None if after.trim().is_empty() => return Ok(fields),
            None => return Err(format!("text after a closing quote in {}", shown(line.trim()))),
        }
    }
}

/// The text before the closing quote, with two quotes read as one, and what comes after it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut field = String::new();
    let mut rest = text;
    loop {
        let quote = rest.find('"')?;
        field.push_str(&rest[..quote]);
        rest = &rest[quote + 1..];
        match rest.strip_prefix('"') {
            Some(more) => {
                field.push('"');
                rest = more;
            }
            None => return Some((field.trim().to_owned(), rest)),
        }
    }
}
