//! Records made by other tools to series of outcomes, one per target.
//!
//! Reads `time_unix_ms,target,rtt_us` and the output of `ping -D` (iputils) and `fping -D`. A line
//! that is none of these is an error with its file, number and value; nothing is guessed and nothing is written
//! here. Delays are sorted into replies, late replies and losses by linkmon's own thresholds.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::time::Duration;

use crate::time::Timestamp;
use crate::vocabulary::{Outcome, Role, Unreachable, Waiting};

mod csv;
mod fping;
mod ping;
mod series;
#[cfg(test)]
mod tests;

pub use series::{Series, in_order};

use series::{Errors, Row, middle_spacing, tidy};

/// Why nothing can be imported.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read {file}")]
    Read {
        /// Which file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A line is wrong.
    #[error("{file}:{line}: {message}")]
    Line {
        /// Which file.
        file: String,
        /// Which line, from 1.
        line: u64,
        /// What is wrong, with the value.
        message: String,
    },
    /// A file without a single measurement.
    #[error("{file}: there are no measurements in it")]
    Empty {
        /// Which file.
        file: String,
    },
    /// A role was given to a target that is in no file.
    #[error("there is no target \"{name}\" to be {role} (the files have {known})")]
    NoSuchTarget {
        /// The name that was given.
        name: String,
        /// The role that was given.
        role: Role,
        /// The names that are in the files.
        known: String,
    },
}

/// What kind of text a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Told from the first line that is not blank.
    Auto,
    /// `time_unix_ms,target,rtt_us`.
    Csv,
    /// `ping -D` of iputils.
    Ping,
    /// `fping -D`, one line for each probe.
    Fping,
}

/// Takes in files, one after another, and gives the series of all of them.
#[derive(Debug)]
pub struct Importer {
    waiting: Waiting,
    raw: BTreeMap<String, RawSeries>,
    count: usize,
    tidied: Tidied,
}

/// What was not as it should be in the records, and was put right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tidied {
    /// Measurements that stood behind a later one of their target.
    pub reordered: u64,
    /// How often time goes back by more than a second from one measurement to the next: the clock
    /// was put back, or the lines are in no order.
    pub falls: u64,
    /// Measurements that were there already, with the same outcome.
    pub duplicates: u64,
    /// Measurements of a time for which another outcome was kept: an answer, where there is one.
    pub contradicted: u64,
}

#[derive(Debug, Default)]
struct RawSeries {
    address: Option<String>,
    rows: Vec<Row>,
    errors: Errors,
}

/// What a line says of one probe.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Found {
    Answered(Duration),
    Lost,
    Unreachable(Unreachable),
}

/// A year of three targets at one a second, in 16 bytes each: what fits in the memory of a common
/// machine.
const MOST_OUTCOMES: usize = 100_000_000;

/// No line of either format comes near it.
const LONGEST_LINE: u64 = 4_096;

impl Importer {
    /// Delays beyond `waiting.loss_threshold` are late, those beyond its `late_window` lost.
    pub fn new(waiting: Waiting) -> Self {
        Self { waiting, raw: BTreeMap::new(), count: 0, tidied: Tidied::default() }
    }

    /// Takes in one file; `file` is its name in errors.
    ///
    /// # Errors
    /// When it cannot be read, a line is wrong, or it has no measurement.
    pub fn add(&mut self, file: &str, text: &mut dyn BufRead, format: Format) -> Result<(), Error> {
        let before = self.count;
        let mut lines = Lines { file, text, number: 0 };
        let mut first = lines.next()?;
        while first.as_ref().is_some_and(|line| line.trim().is_empty()) {
            first = lines.next()?;
        }
        let Some(first) = first else { return Err(Error::Empty { file: file.to_owned() }) };
        match format {
            Format::Auto if fping::is_fping(&first) => fping::read(first, &mut lines, self)?,
            Format::Auto if ping::is_ping(&first) => ping::read(first, &mut lines, self)?,
            Format::Auto | Format::Csv => csv::read(first, &mut lines, self)?,
            Format::Ping => ping::read(first, &mut lines, self)?,
            Format::Fping => fping::read(first, &mut lines, self)?,
        }
        if self.count == before { Err(Error::Empty { file: file.to_owned() }) } else { Ok(()) }
    }

    /// The series of all files, by name. Measurements of one target at one time are one: a reply
    /// when any of them is. Beside them stands what had to be put right for that.
    ///
    /// # Errors
    /// When a role is given to a target that is in no file.
    pub fn finish(self, roles: &[(String, Role)]) -> Result<(Vec<Series>, Tidied), Error> {
        for (name, role) in roles {
            if !self.raw.contains_key(name) {
                let names: Vec<String> = self.raw.keys().map(|n| format!("\"{n}\"")).collect();
                let known = names.join(", ");
                return Err(Error::NoSuchTarget { name: name.clone(), role: *role, known });
            }
        }
        let role_of = |name: &str| {
            let given = roles.iter().rev().find(|(n, _)| n == name);
            given.map_or(Role::Anchor, |(_, role)| *role)
        };
        let mut tidied = self.tidied;
        let series = self
            .raw
            .into_iter()
            .map(|(name, RawSeries { address, mut rows, errors })| {
                tidy(&mut rows, &mut tidied);
                Series {
                    address: address.unwrap_or_else(|| name.clone()),
                    role: role_of(&name),
                    interval: middle_spacing(&rows),
                    rows,
                    errors,
                    name,
                }
            })
            .collect();
        Ok((series, tidied))
    }

    fn push(&mut self, name: &str, at: Timestamp, found: Found) -> Result<(), String> {
        self.count += 1;
        if self.count > MOST_OUTCOMES {
            return Err(format!("more than {MOST_OUTCOMES} measurements"));
        }
        let outcome = match found {
            Found::Answered(rtt) if rtt <= self.waiting.loss_threshold => Outcome::reply(rtt),
            Found::Answered(rtt) if rtt <= self.waiting.late_window => Outcome::Late { rtt },
            Found::Answered(_) | Found::Lost => Outcome::Lost,
            Found::Unreachable(u) => Outcome::Unreachable(u),
        };
        // Looked up first: the name is there for all but the first of a million lines.
        let at = at.floor_millis();
        if !self.raw.contains_key(name) {
            self.raw.insert(name.to_owned(), RawSeries::default());
        }
        let Some(series) = self.raw.get_mut(name) else { return Ok(()) };
        series.rows.push(series.errors.row(at, &outcome));
        Ok(())
    }

    fn set_address(&mut self, name: &str, address: &str) {
        if let Some(series) = self.raw.get_mut(name) {
            series.address.get_or_insert_with(|| address.to_owned());
        }
    }
}

/// The lines of a file with their numbers.
struct Lines<'a> {
    file: &'a str,
    text: &'a mut dyn BufRead,
    number: u64,
}

impl Lines<'_> {
    /// The next line without its end; bytes that are no UTF-8 are replaced.
    fn next(&mut self) -> Result<Option<String>, Error> {
        let mut bytes = Vec::new();
        let read = (&mut *self.text).take(LONGEST_LINE + 1).read_until(b'\n', &mut bytes);
        read.map_err(|source| Error::Read { file: self.file.to_owned(), source })?;
        if bytes.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        if bytes.len() as u64 > LONGEST_LINE {
            return Err(self.wrong(format!("the line is longer than {LONGEST_LINE} bytes")));
        }
        let text = String::from_utf8_lossy(&bytes);
        let text = if self.number == 1 { text.trim_start_matches('\u{feff}') } else { &text };
        Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
    }

    fn wrong(&self, message: String) -> Error {
        Error::Line { file: self.file.to_owned(), line: self.number, message }
    }
}

/// A value in an error: escaped, and cut where it is long.
fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let cut: String = value.chars().take(MOST).collect();
    let dots = if cut.len() < value.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_debug())
}

/// Unix times that a record of this kind can have: from 2000 to 2100.
fn plausible(at: Timestamp) -> bool {
    const YEAR_2000_S: i64 = 946_684_800;
    const YEAR_2100_S: i64 = 4_102_444_800;
    (Timestamp::from_seconds(YEAR_2000_S)..Timestamp::from_seconds(YEAR_2100_S)).contains(&at)
}

/// A decimal number in millionths, rounded down: `12.3` is 12,300,000. One that does not fit is
/// the greatest that does.
fn millionths(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !digits(whole) || !digits(fraction) || text.ends_with('.') {
        return None;
    }
    let mut value = whole.parse::<i64>().unwrap_or(i64::MAX).saturating_mul(1_000_000);
    let mut unit = 100_000;
    for digit in fraction.bytes().take(6) {
        value = value.saturating_add(i64::from(digit - b'0') * unit);
        unit /= 10;
    }
    Some(value)
}
