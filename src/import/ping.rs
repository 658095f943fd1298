//! The output of ping, of iputils in any language, macOS and BusyBox: replies with a time each, and
//! what is missing.
//!
//! The time of a reply is that of its arrival; it was sent one round trip earlier. Sequence numbers
//! that are missing were sent and not answered: their times lie between those of their neighbours.
//! With `-O` ("no answer yet") the time is that of the next probe, which makes the times of losses
//! exact. Duplicates and damaged replies are passed over. Of a run that nobody answered, a line
//! says how many probes it had; its time is between the runs before and after it, or not known.

use std::collections::BTreeMap;

use super::error::Error;
use super::importer::Importer;
use super::lines::RecordLines;
use super::ping_line::{PingHeader, PingLine, understand};
use super::run::{Finished, PingRun};
use super::sequence::{PingDialect, SequenceKey};
use super::silent_runs::SilentRuns;
use super::stamp::{Stamp, StampError, Stamps};

pub(super) fn read(
    lines: &mut RecordLines<'_>,
    stamps: &mut Stamps<'_>,
    importer: &mut Importer,
) -> Result<(), Error> {
    let mut runs = PingRuns::default();
    let mut has_stamps = false;
    let mut key = SequenceKey::of_file(lines)?;
    while let Some(text) = lines.next()? {
        let (stamp, rest) = match stamps.split(&text, lines) {
            Ok(split) => split,
            Err(StampError::File(error)) => return Err(error),
            Err(StampError::Line(message)) => {
                lines.damaged(message);
                runs.on_damage(None);
                continue;
            }
        };
        let mut understood = understand(rest, stamp, &key);
        match &understood {
            Ok(
                PingLine::Reply { sequence, .. }
                | PingLine::NoAnswerYet { sequence, .. }
                | PingLine::Error { sequence, .. },
            ) => key.saw(*sequence),
            Err(_) if key.learns(rest) => understood = understand(rest, stamp, &key),
            _ => {}
        }
        match understood {
            Ok(PingLine::Unstamped(dialect)) if !has_stamps => {
                return Err(without_stamps(lines.file, dialect));
            }
            Ok(PingLine::Unstamped(_)) => {
                lines.damaged("the line has no time".to_owned());
                runs.on_damage(None);
            }
            Ok(said) => {
                has_stamps |= matches!(
                    said,
                    PingLine::Reply { .. } | PingLine::NoAnswerYet { .. } | PingLine::Error { .. }
                );
                runs.take(said, importer).map_err(|message| lines.wrong(message))?;
            }
            // A line with nothing but a time is that of `date`.
            Err(_) if stamp.is_some() && rest.trim().is_empty() => {}
            Err(message) => {
                lines.damaged(message);
                runs.on_damage(stamp.map(|stamp: Stamp| stamp.at));
            }
        }
    }
    runs.finish(importer).map_err(|message| lines.wrong(message))
}

fn without_stamps(file: &str, dialect: PingDialect) -> Error {
    let (what, hint) = match dialect {
        PingDialect::Iputils => (
            "is the output of ping without the times of its lines",
            "record with times: `ping -D -O HOST | tee ping.log`",
        ),
        PingDialect::Apple => (
            "is the output of ping of macOS or BSD without the times of its lines",
            "record with times: `ping HOST | while read -r line; do echo \"$(date +%s) $line\"; done \
             | tee ping.log`",
        ),
        PingDialect::BusyBox => (
            "is the output of ping of BusyBox, which has no times",
            "record with times: `ping HOST | while read -r line; do echo \"$(date +%s) $line\"; done \
             | tee ping.log`",
        ),
    };
    Error::Refused { file: file.to_owned(), what: what.to_owned(), hint: hint.to_owned() }
}

/// No more runs of ping than this write into one file at once.
const MOST_AT_ONCE: usize = 64;

/// The runs of ping whose lines are in one file: one after another, or several at once, each of
/// another address. The address from which a reply came says which of them it is of.
#[derive(Debug, Default)]
struct PingRuns {
    /// Those of which there may be more.
    open: Vec<PingRun>,
    /// The one that lines without an address are of, unless another fits better.
    present: usize,
    /// What is known of those that are over, by the name of the host.
    over: BTreeMap<String, SilentRuns>,
}

impl PingRuns {
    fn take(&mut self, said: PingLine, importer: &mut Importer) -> Result<(), String> {
        match &said {
            PingLine::Header(header) => return self.on_header(header.clone(), importer),
            PingLine::Reply { from, .. } if super::address::literal(from).is_some() => {
                match self.open.iter().position(|run| run.is_of(from)) {
                    Some(at) => self.present = at,
                    // Of a host whose address was not said.
                    None if self.open.get(self.present).is_some_and(|run| !run.has_address()) => {}
                    None => self.begin(importer)?,
                }
            }
            PingLine::NoAnswerYet { sequence, .. } | PingLine::Error { sequence, .. } => {
                let waits = self.open.iter().position(|run| run.waits_for(*sequence));
                let is_waiting =
                    |run: Option<&PingRun>| run.is_some_and(|run| run.waits_for(*sequence));
                if let Some(at) = waits.filter(|_| !is_waiting(self.open.get(self.present))) {
                    self.present = at;
                }
            }
            PingLine::Statistics { text } => {
                let is_named = |run: &PingRun| {
                    let name = run.name.as_deref().unwrap_or_default();
                    !name.is_empty() && text.split(' ').any(|word| word.starts_with(name))
                };
                self.present = self.open.iter().position(is_named).unwrap_or(self.present);
            }
            _ => {}
        }
        if self.open.is_empty() {
            self.begin(importer)?;
        }
        self.settle_header(&said, importer)?;
        let present = &mut self.open[self.present];
        present.take(said);
        present.settle(importer)
    }

    /// The same host once more: the run before is over, or goes on after its log was written to
    /// by something else. Of one that was not ended, the next probe shows which.
    fn on_header(&mut self, header: PingHeader, importer: &mut Importer) -> Result<(), String> {
        let same = self.open.iter().position(|run| run.is_of(&header.address));
        let Some(at) = same else { return self.begin_with(header, importer) };
        if self.open[at].is_over() {
            self.close(at, importer)?;
            return self.begin_with(header, importer);
        }
        self.present = at;
        if let Some(before) = self.open[at].waiting.replace(header) {
            // The run of that header had not a single line.
            let mut silent = PingRun::default();
            silent.take(PingLine::Header(before));
            self.finish_one(silent, importer)?;
        }
        Ok(())
    }

    /// Decides whether a header that was kept waiting is that of another run.
    fn settle_header(&mut self, said: &PingLine, importer: &mut Importer) -> Result<(), String> {
        let run = &mut self.open[self.present];
        if run.waiting.is_none() {
            return Ok(());
        }
        let goes_on = match said {
            PingLine::Reply { stamp, sequence, .. }
            | PingLine::NoAnswerYet { stamp, sequence }
            | PingLine::Error { stamp, sequence, .. } => run.goes_on_with(*sequence, *stamp),
            PingLine::Statistics { .. } | PingLine::Summary { .. } => false,
            _ => return Ok(()),
        };
        let Some(header) = run.waiting.take().filter(|_| !goes_on) else { return Ok(()) };
        let at = self.present;
        self.close(at, importer)?;
        self.begin_with(header, importer)
    }

    fn begin_with(&mut self, header: PingHeader, importer: &mut Importer) -> Result<(), String> {
        self.begin(importer)?;
        self.open[self.present].take(PingLine::Header(header));
        Ok(())
    }

    fn begin(&mut self, importer: &mut Importer) -> Result<(), String> {
        if self.open.len() >= MOST_AT_ONCE {
            self.close(0, importer)?;
        }
        self.open.push(PingRun::default());
        self.present = self.open.len() - 1;
        Ok(())
    }

    fn close(&mut self, at: usize, importer: &mut Importer) -> Result<(), String> {
        let run = self.open.remove(at);
        self.present = 0;
        self.finish_one(run, importer)
    }

    fn finish_one(&mut self, run: PingRun, importer: &mut Importer) -> Result<(), String> {
        let name = run.name.clone().unwrap_or_default();
        let before = self.over.get(&name).and_then(SilentRuns::last);
        let waiting = run.waiting.clone();
        match run.finish(before, importer)? {
            Finished::Given(span) => self.over.entry(name.clone()).or_default().on_run(span),
            Finished::Dead(dead) => self.over.entry(name.clone()).or_default().on_silent(dead),
            Finished::Nothing => {}
        }
        if let Some(header) = waiting {
            let mut silent = PingRun::default();
            silent.take(PingLine::Header(header));
            return self.finish_one(silent, importer);
        }
        Ok(())
    }

    fn on_damage(&mut self, at: Option<crate::time::Timestamp>) {
        if let Some(run) = self.open.get_mut(self.present) {
            run.on_damage(at);
        }
    }

    fn finish(mut self, importer: &mut Importer) -> Result<(), String> {
        for run in std::mem::take(&mut self.open) {
            self.finish_one(run, importer)?;
        }
        for (name, over) in self.over {
            over.place(&name, importer)?;
        }
        Ok(())
    }
}
