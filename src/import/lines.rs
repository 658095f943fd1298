//! The lines of a file, and the values that lines of every format have.

use std::io::{BufRead, Read};

use super::error::Error;
use crate::time::Timestamp;

/// No line of either format comes near it.
const LONGEST_LINE: u64 = 4_096;

/// The lines of a file with their numbers.
pub(super) struct NumberedLines<'a> {
    pub(super) file: &'a str,
    pub(super) text: &'a mut dyn BufRead,
    pub(super) number: u64,
}

impl NumberedLines<'_> {
    /// The next line without its end; invalid UTF-8 is replaced.
    pub(super) fn next(&mut self) -> Result<Option<String>, Error> {
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

    pub(super) fn wrong(&self, message: String) -> Error {
        Error::Line { file: self.file.to_owned(), line: self.number, message }
    }
}

/// A value in an error: escaped, and cut where it is long.
pub(super) fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let cut: String = value.chars().take(MOST).collect();
    let dots = if cut.len() < value.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_debug())
}

/// Unix times that a record of this kind can have: from 2000 to 2100.
pub(super) fn plausible(at: Timestamp) -> bool {
    const YEAR_2000_S: i64 = 946_684_800;
    const YEAR_2100_S: i64 = 4_102_444_800;
    (Timestamp::from_seconds(YEAR_2000_S)..Timestamp::from_seconds(YEAR_2100_S)).contains(&at)
}

/// A decimal number in millionths, rounded down: `12.3` is 12,300,000. One that does not fit is
/// the greatest that does.
pub(super) fn millionths(text: &str) -> Option<i64> {
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

/// A name that a target can have.
pub(super) fn target_name(text: &str) -> Result<&str, String> {
    const MOST: usize = 100;
    if text.is_empty() || text.chars().count() > MOST || text.chars().any(char::is_control) {
        return Err(format!("target {} is not a valid name (1 to {MOST} characters)", shown(text)));
    }
    Ok(text)
}
