//! `time_unix_ms,target,rtt_us`: milliseconds since 1970, a name, microseconds or nothing.
//!
//! RFC 4180, more leniently: a byte order mark, blanks around fields, blank lines, and any line
//! ends. With a header the columns are found by their names; without, they are the first three.

use std::time::Duration;

use super::error::Error;
use super::importer::{Importer, ProbeResult};
use super::lines::{NumberedLines, millionths, plausible, shown, target_name};
use crate::time::Timestamp;

const COLUMNS: [&str; 3] = ["time_unix_ms", "target", "rtt_us"];

pub(super) fn read(
    first: String,
    lines: &mut NumberedLines<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let mut columns = [0, 1, 2];
    let mut line = Some(first);
    if let Some(header) = line.as_deref().filter(|l| is_header(l)) {
        columns = columns_of(header).map_err(|message| lines.wrong(message))?;
        line = lines.next()?;
    }
    while let Some(text) = line {
        if !text.trim().is_empty() {
            take(&text, columns, importer).map_err(|message| lines.wrong(message))?;
        }
        line = lines.next()?;
    }
    Ok(())
}

/// A first line whose first field is a word.
fn is_header(line: &str) -> bool {
    line.trim_start_matches(['"', ' ', '\t'])
        .starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
}

fn columns_of(header: &str) -> Result<[usize; 3], String> {
    let names = fields(header)?;
    let mut columns = [0; 3];
    for (column, wanted) in columns.iter_mut().zip(COLUMNS) {
        *column = names
            .iter()
            .position(|name| name.eq_ignore_ascii_case(wanted))
            .ok_or_else(|| format!("the header {} has no column {wanted}", shown(header.trim())))?;
    }
    Ok(columns)
}

fn take(line: &str, columns: [usize; 3], importer: &mut Importer) -> Result<(), String> {
    let fields = fields(line)?;
    let [time, name, rtt] = columns.map(|i| fields.get(i).map(String::as_str));
    let (Some(time), Some(name), Some(rtt)) = (time, name, rtt) else {
        return Err(format!("expected {}, found {}", COLUMNS.join(","), shown(line.trim())));
    };
    importer.push(target_name(name)?, self::time(time)?, self::rtt(rtt)?)
}

fn time(text: &str) -> Result<Timestamp, String> {
    let at = millionths(text)
        .map(|nanos| Timestamp::from_micros(nanos / 1_000))
        .ok_or_else(|| format!("time_unix_ms {} is not a number of milliseconds", shown(text)))?;
    if plausible(at) {
        Ok(at)
    } else {
        Err(format!(
            "time_unix_ms {} is not between the years 2000 and 2100 (milliseconds since 1970)",
            shown(text)
        ))
    }
}

fn rtt(text: &str) -> Result<ProbeResult, String> {
    const AN_HOUR_US: i64 = 3_600_000_000;
    if text.is_empty() {
        return Ok(ProbeResult::Lost);
    }
    let us = millionths(text)
        .map(|n| n.saturating_add(500_000) / 1_000_000)
        .filter(|us| (1..=AN_HOUR_US).contains(us))
        .ok_or_else(|| {
            let text = shown(text);
            format!(
                "rtt_us {text} is not a delay in microseconds (leave it empty for a lost probe)"
            )
        })?;
    Ok(ProbeResult::Answered(Duration::from_micros(us.unsigned_abs())))
}

/// The fields of a line, without quotes and the blanks around them.
fn fields(line: &str) -> Result<Vec<String>, String> {
    let mut fields = Vec::with_capacity(4);
    let mut rest = line;
    loop {
        let (field, after) = if let Some(quoted) = rest.trim_start().strip_prefix('"') {
            unquoted(quoted)
                .ok_or_else(|| format!("a quote is not closed in {}", shown(line.trim())))?
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            (rest[..end].trim().to_owned(), &rest[end..])
        };
        fields.push(field);
        match after.trim_start().strip_prefix(',') {
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
