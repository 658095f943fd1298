//! The lines of a file, what is damaged of them, and the values that lines of every format have.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::decode;
use super::error::Error;
use crate::time::Timestamp;

/// No line of any format comes near it.
const LONGEST_LINE: usize = 4_096;

/// A line, or the part of one before or after NUL bytes.
#[derive(Debug, Clone)]
struct NumberedLine {
    number: u64,
    text: String,
    is_too_long: bool,
}

/// The lines of a file with their numbers. NUL bytes, which a power cut or a truncated log leaves
/// behind, separate lines as well: what was written before and after them does not belong together.
pub(super) struct RecordLines<'a> {
    pub(super) file: &'a str,
    text: Box<dyn BufRead + 'a>,
    /// Of the line that was given last, from 1.
    pub(super) number: u64,
    /// Of the line that is being read.
    reading: u64,
    is_within_line: bool,
    ahead: VecDeque<NumberedLine>,
    /// Bytes of the lines that are ahead.
    ahead_bytes: usize,
    pub(super) damage: LineDamage,
}

/// As much is kept in memory of lines that are looked at before their turn.
const MOST_AHEAD_BYTES: usize = 32 << 20;

/// What of a file could not be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct LineDamage {
    /// Lines that are not blank.
    lines: u64,
    /// Lines that were not understood.
    wrong: u64,
    /// The first of them.
    first: Option<(u64, String)>,
    /// The first line with NUL bytes in it.
    first_nul: Option<u64>,
    /// Whether the file is packed and ends too early.
    is_cut_off: bool,
}

/// Damaged lines that are no reason to refuse a file, whatever their share, if it is not as much
/// as a tenth.
const FEW: u64 = 3;

impl LineDamage {
    /// Whether there is too much of it: more than 1 % of all lines.
    fn is_too_much(&self) -> bool {
        self.wrong > FEW.max(self.lines / 100) || self.wrong * 10 > self.lines
    }

    /// What to say of a file that was read all the same; `None` if nothing was wrong with it.
    fn notice(&self, file: &str) -> Option<String> {
        let mut said = Vec::new();
        if let Some((line, message)) = &self.first {
            said.push(format!(
                "{} of {} lines cannot be read and {} left out, the first is line {line}: {message}",
                self.wrong,
                self.lines,
                if self.wrong == 1 { "was" } else { "were" }
            ));
        }
        if let Some(line) = self.first_nul {
            said.push(format!(
                "NUL bytes were passed over, the first in line {line}: a power cut or a truncated log"
            ));
        }
        if self.is_cut_off {
            said.push("the packed file is cut off at its end".to_owned());
        }
        (!said.is_empty()).then(|| format!("{file}: {}", said.join("; ")))
    }
}

impl<'a> RecordLines<'a> {
    /// # Errors
    /// If the file cannot be read, or is no text.
    pub(super) fn new(file: &'a str, text: &'a mut dyn BufRead) -> Result<Self, Error> {
        let decoded = decode::decoded(Box::new(text));
        let decoded = decoded.map_err(|source| Error::Read { file: file.to_owned(), source })?;
        let text = decoded.map_err(|not| Error::Refused {
            file: file.to_owned(),
            what: not.what.to_owned(),
            hint: not.hint.to_owned(),
        })?;
        let (ahead, damage) = (VecDeque::new(), LineDamage::default());
        Ok(Self {
            file,
            text,
            number: 0,
            reading: 0,
            is_within_line: false,
            ahead,
            ahead_bytes: 0,
            damage,
        })
    }

    /// The next line that is not blank, without its end; invalid UTF-8 is replaced. Lines that are
    /// too long are counted as damaged.
    pub(super) fn next(&mut self) -> Result<Option<String>, Error> {
        /// After so many wrong lines no end is waited for, if they are most of all.
        const HOPELESS: u64 = 100_000;
        loop {
            if self.damage.wrong >= HOPELESS && self.damage.wrong * 2 > self.damage.lines {
                self.verdict()?;
            }
            let line = match self.ahead.pop_front() {
                Some(line) => {
                    self.ahead_bytes -= line.text.len();
                    line
                }
                None => match self.read()? {
                    Some(line) => line,
                    None => return Ok(None),
                },
            };
            self.number = line.number;
            if line.is_too_long {
                self.damage.lines += 1;
                self.damaged(format!("the line is longer than {LONGEST_LINE} bytes"));
            } else if !line.text.trim().is_empty() {
                self.damage.lines += 1;
                return Ok(Some(line.text));
            }
        }
    }

    /// The line that comes `n` lines after the next one, which is 0; blank ones count. `None` at the
    /// end, or where it is too far.
    pub(super) fn peek(&mut self, n: usize) -> Result<Option<&str>, Error> {
        while self.ahead.len() <= n {
            if self.ahead_bytes > MOST_AHEAD_BYTES {
                return Ok(None);
            }
            match self.read()? {
                Some(line) => {
                    self.ahead_bytes += line.text.len();
                    self.ahead.push_back(line);
                }
                None => return Ok(None),
            }
        }
        Ok(self.ahead.get(n).map(|line| line.text.as_str()))
    }

    /// Counts the line that was given last as one that cannot be read.
    pub(super) fn damaged(&mut self, message: String) {
        self.damage.wrong += 1;
        let number = self.number;
        self.damage.first.get_or_insert((number, message));
    }

    /// What is said of a file that was read to its end; `None`: nothing was wrong.
    ///
    /// # Errors
    /// If more of it is damaged than can be passed over.
    pub(super) fn verdict(&self) -> Result<Option<String>, Error> {
        let damage = &self.damage;
        match &damage.first {
            Some((line, message)) if damage.is_too_much() => {
                let more = if damage.wrong > 1 {
                    format!(" (and {} more of {} lines)", damage.wrong - 1, damage.lines)
                } else {
                    String::new()
                };
                let message = format!("{message}{more}");
                Err(Error::Line { file: self.file.to_owned(), line: *line, message })
            }
            _ => Ok(damage.notice(self.file)),
        }
    }

    pub(super) fn wrong(&self, message: String) -> Error {
        Error::Line { file: self.file.to_owned(), line: self.number.max(1), message }
    }

    fn read(&mut self) -> Result<Option<NumberedLine>, Error> {
        let read = self.read_bytes().map_err(|source| {
            let file = self.file.to_owned();
            Error::Read { file, source }
        })?;
        Ok(read.map(|(bytes, is_too_long)| {
            let text = String::from_utf8_lossy(&bytes);
            let text = text.trim_start_matches('\u{feff}').trim_end_matches('\r').to_owned();
            NumberedLine { number: self.reading, text, is_too_long }
        }))
    }

    /// The bytes up to the next line feed or NUL, and whether there were more than are kept.
    fn read_bytes(&mut self) -> io::Result<Option<(Vec<u8>, bool)>> {
        let (mut bytes, mut is_too_long) = (Vec::new(), false);
        loop {
            let chunk = match self.text.fill_buf() {
                Ok(chunk) => chunk,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
                // Of a packed file; what was unpacked is right.
                Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                    self.damage.is_cut_off = true;
                    &[]
                }
                Err(e) => return Err(e),
            };
            if chunk.is_empty() {
                let is_line = !bytes.is_empty();
                self.is_within_line = false;
                return Ok(is_line.then_some((bytes, is_too_long)));
            }
            if !self.is_within_line {
                self.reading += 1;
                self.is_within_line = true;
            }
            let end = chunk.iter().position(|&octet| octet == b'\n' || octet == 0);
            let part = &chunk[..end.unwrap_or(chunk.len())];
            let room = LONGEST_LINE - bytes.len();
            is_too_long |= part.len() > room;
            bytes.extend_from_slice(&part[..part.len().min(room)]);
            let ended = end.map(|end| chunk[end]);
            let used = end.map_or(chunk.len(), |end| end + 1);
            self.text.consume(used);
            if ended == Some(0) {
                self.damage.first_nul.get_or_insert(self.reading);
            }
            match ended {
                Some(b'\n') => {
                    self.is_within_line = false;
                    return Ok(Some((bytes, is_too_long)));
                }
                Some(_) if !bytes.is_empty() => return Ok(Some((bytes, is_too_long))),
                _ => {}
            }
        }
    }
}

/// A value in an error: escaped, and cut where it is long.
pub(super) fn shown(value: &str) -> String {
    const MOST: usize = 60;
    let cut: String = value.chars().take(MOST).collect();
    let dots = if cut.len() < value.len() { "…" } else { "" };
    format!("\"{}{dots}\"", cut.escape_debug())
}

const YEAR_2000_S: i64 = 946_684_800;
pub(super) const YEAR_2100_S: i64 = 4_102_444_800;

/// Unix times that a record of this kind can have: from 2000 to 2100.
pub(super) fn plausible(at: Timestamp) -> bool {
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
