//! The output of `ping -t` of Windows, with a time before each line, in any language and code page.
//!
//! Its probes have no numbers, so each line is a probe. A reply has an address, `=` and numbers:
//! the one before `TTL=` or, for IPv6, the last one is the delay. A line that ends in a colon is a
//! heading. Whatever other sentence comes where a reply should be says that there was none, after
//! the four seconds for which Windows waits, unless less time went by.

use std::time::Duration;

use super::address::{literal, literal_in};
use super::error::Error;
use super::importer::{Importer, ProbeResult};
use super::lines::{RecordLines, millionths, shown, target_name};
use super::stamp::{Stamp, StampError, Stamps};
use crate::time::Timestamp;
use crate::vocabulary::Unreachable;

pub(super) fn read(
    lines: &mut RecordLines<'_>,
    stamps: &mut Stamps<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let mut record = WindowsRecord::default();
    let mut has_stamps = false;
    while let Some(text) = lines.next()? {
        let (stamp, rest) = match stamps.split(&text, lines) {
            Ok(split) => split,
            Err(StampError::File(error)) => return Err(error),
            Err(StampError::Line(message)) => {
                lines.damaged(message);
                continue;
            }
        };
        has_stamps |= stamp.is_some();
        let said = understand(rest);
        let Some(stamp) = stamp else {
            match said {
                WindowsLine::Reply { .. } | WindowsLine::NoReply { .. } if !has_stamps => {
                    return Err(without_stamps(lines.file));
                }
                WindowsLine::Heading { .. } => record.take(said, None, importer),
                WindowsLine::Nothing => Ok(()),
                _ => {
                    lines.damaged(format!("{} has no time", shown(rest)));
                    Ok(())
                }
            }
            .map_err(|message| lines.wrong(message))?;
            continue;
        };
        if matches!(said, WindowsLine::CutReply) {
            lines.damaged(format!("{} is not a whole line of ping", shown(rest)));
            continue;
        }
        record.take(said, Some(stamp), importer).map_err(|message| lines.wrong(message))?;
    }
    record.finish(importer).map_err(|message| lines.wrong(message))
}

fn without_stamps(file: &str) -> Error {
    Error::Refused {
        file: file.to_owned(),
        what: "is the output of ping of Windows without the times of its lines".to_owned(),
        hint: "record with times, in PowerShell: `ping -t HOST | ForEach-Object \
               { \"$(Get-Date -Format o) $_\" } > ping.log`"
            .to_owned(),
    }
}

/// The content of one line.
#[derive(Debug, Clone, PartialEq)]
enum WindowsLine {
    /// `Pinging dns.google [8.8.8.8] with 32 bytes of data:`
    Heading {
        name: String,
        address: String,
    },
    Reply {
        from: String,
        rtt: Duration,
    },
    /// Nobody answered; or somebody said why, and is named.
    NoReply {
        by: Option<String>,
    },
    /// The start of a reply.
    CutReply,
    Nothing,
}

/// Whether a line, after its time, is a reply or a heading of ping of Windows.
pub(super) fn is_windows(text: &str) -> bool {
    let is_heading = || {
        let words = text.trim_end();
        let has_size = words.split(|c: char| !c.is_ascii_digit()).any(|number| number == "32");
        words.ends_with(':') && has_size && literal_in(words).is_some()
    };
    text.contains("TTL=") && literal_in(text).is_some()
        || ["Reply from ", "Pinging ", "Request timed out"].iter().any(|s| text.starts_with(s))
        || is_heading()
}

fn understand(text: &str) -> WindowsLine {
    let text = text.trim();
    let address = literal_in(text.split('=').next().unwrap_or_default());
    let has_fields = text.contains('=') || text.contains('<');
    if text.ends_with(':') || text.ends_with('：') {
        // "Ping statistics for 8.8.8.8:" names the same host.
        return address.map_or(WindowsLine::Nothing, |address| heading(text, address));
    }
    match address {
        Some(address) if has_fields => match delay(text) {
            Some(rtt) => WindowsLine::Reply { from: address.to_owned(), rtt },
            None => WindowsLine::CutReply,
        },
        // "Reply from 192.168.1.1: Destination host unreachable."
        Some(address) if text.contains(": ") || text.contains(':') => {
            let is_cut = text.rsplit(':').next().is_none_or(|what| what.trim().len() < 10);
            let by = Some(address.to_owned());
            if is_cut { WindowsLine::CutReply } else { WindowsLine::NoReply { by } }
        }
        Some(_) => WindowsLine::CutReply,
        // Statistics have several numbers in a line.
        None if text.contains('=') || text.is_empty() || text.contains('%') => WindowsLine::Nothing,
        None if text.starts_with("Control-") || text.starts_with('^') => WindowsLine::Nothing,
        None => WindowsLine::NoReply { by: None },
    }
}

fn heading(text: &str, address: &str) -> WindowsLine {
    let before = text.split(['[', ']']).next().unwrap_or_default();
    let name = before.trim_end().rsplit(' ').next().filter(|_| text.contains('['));
    let name = name.and_then(|name| target_name(name).ok()).unwrap_or(address);
    WindowsLine::Heading { name: name.to_owned(), address: address.to_owned() }
}

/// The delay of a reply: the number before `TTL=`, or the last one; less than one is one.
fn delay(text: &str) -> Option<Duration> {
    let (fields, is_whole) = match text.find("TTL=") {
        Some(at) => (&text[..at], true),
        None => (text, false),
    };
    let at = fields.rfind(['=', '<'])?;
    let value = fields[at + 1..].trim_start();
    let end = value.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(value.len());
    let unit = value[end..].trim();
    // What was cut after its number has no unit, and what was cut before has the size for a delay.
    if unit.is_empty() || (!is_whole && !literal_in(text).is_some_and(|a| a.contains(':'))) {
        return None;
    }
    let ms = millionths(&value[..end])?;
    let rtt = Duration::from_micros((ms / 1_000).unsigned_abs().max(1_000));
    (rtt <= Duration::from_secs(3_600)).then_some(rtt)
}

/// The lines of one file. Those without an address are of the host that was named last.
#[derive(Debug, Default)]
struct WindowsRecord {
    /// Name and address of the host.
    host: Option<(String, String)>,
    /// The line before: its time, and whether it was a reply.
    before: Option<Timestamp>,
    /// Losses from before any line that names the host.
    unnamed: Vec<Timestamp>,
    has_replies: bool,
}

impl WindowsRecord {
    fn take(
        &mut self,
        said: WindowsLine,
        stamp: Option<Stamp>,
        importer: &mut Importer,
    ) -> Result<(), String> {
        match (said, stamp) {
            (WindowsLine::Heading { name, address }, _) => {
                let same = self.host.as_ref().is_some_and(|(_, known)| *known == address);
                if !same {
                    self.host = Some((name, address));
                    self.before = None;
                }
            }
            (WindowsLine::Reply { from, rtt }, Some(stamp)) => {
                if self.host.as_ref().is_none_or(|(_, address)| literal(address) != literal(&from))
                {
                    self.host = Some((from.clone(), from));
                }
                self.has_replies = true;
                self.push(stamp.before(rtt), ProbeResult::Answered(rtt), importer)?;
                self.before = Some(stamp.at);
            }
            (WindowsLine::NoReply { by }, Some(stamp)) => {
                let is_error = by.is_some();
                let by = by.as_deref().and_then(literal);
                let unreachable = Unreachable { by, icmp_type: 3, code: 1 };
                let found = if is_error {
                    ProbeResult::Unreachable(unreachable)
                } else {
                    ProbeResult::Lost
                };
                let sent = if is_error { stamp.at } else { self.sent_before_timeout(stamp.at) };
                self.push(sent, found, importer)?;
                self.before = Some(stamp.at);
            }
            _ => {}
        }
        Ok(())
    }

    /// Windows waits four seconds for an answer, if it is not told otherwise; the probe was not
    /// sent before the line of the one before it. Where lines are as near to each other as
    /// probes, the waiting is not visible.
    fn sent_before_timeout(&self, at: Timestamp) -> Timestamp {
        const WAITED: Duration = Duration::from_secs(4);
        const UNSEEN_US: i64 = 1_500_000;
        match self.before {
            Some(before) if at.micros_since(before) > UNSEEN_US => (at - WAITED).max(before),
            _ => at,
        }
    }

    fn push(
        &mut self,
        at: Timestamp,
        found: ProbeResult,
        importer: &mut Importer,
    ) -> Result<(), String> {
        const MOST_UNNAMED: usize = 1_000_000;
        let Some((name, address)) = &self.host else {
            if self.unnamed.len() >= MOST_UNNAMED {
                return Err("no line names the host".to_owned());
            }
            self.unnamed.push(at);
            return Ok(());
        };
        for at in std::mem::take(&mut self.unnamed) {
            importer.push(name, at, ProbeResult::Lost)?;
        }
        importer.push(name, at, found)?;
        importer.set_address(name, address);
        Ok(())
    }

    fn finish(mut self, importer: &mut Importer) -> Result<(), String> {
        let Some((name, _)) = &self.host else {
            if self.unnamed.is_empty() {
                return Ok(());
            }
            return Err("no line names the host".to_owned());
        };
        for at in std::mem::take(&mut self.unnamed) {
            importer.push(name, at, ProbeResult::Lost)?;
        }
        Ok(())
    }
}
