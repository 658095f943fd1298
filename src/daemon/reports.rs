//! Reports by the calendar, as messages: of each day, week or month that is over, and the short account of
//! a week. Made on a thread of its own.
//!
//! What was sent is known from the messages in the record: a daemon that was off at the turn sends what
//! was missed, one at a look, and none twice. What was not watched at all is no report.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::chore::Chore;
use crate::config::{Config, shown_zone};
use crate::language::{self, Language};
use crate::live::{Event, Status};
use crate::render;
use crate::report::{self, Method, Report};
use crate::store::{self, Outbox, Reader};
use crate::text::describe;
use crate::time::{Micros, Reading, Timestamp};
use crate::vocabulary::{
    CalendarPeriod, CalendarUnit, ClockState, Message, MessageEvent, StoredMessage,
};

/// After the end of a period: its last hour is closed by then, and late answers have come.
const AFTER_END: Micros = Micros::from_seconds(900);
/// Messages are kept for 90 days.
const REMEMBERED: Micros = Micros::from_seconds(90 * 86_400);
/// Characters of the account of a week.
const DIGEST_CHARS: usize = 400;

/// A kind of account that is sent by the calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Periodical {
    /// Ticket text, with the sheet attached where a channel can.
    Report(CalendarUnit),
    /// A week in a few lines.
    Digest,
}

impl Periodical {
    const fn unit(self) -> CalendarUnit {
        match self {
            Self::Report(unit) => unit,
            Self::Digest => CalendarUnit::Week,
        }
    }

    const fn event(self) -> MessageEvent {
        match self {
            Self::Report(_) => MessageEvent::Report,
            Self::Digest => MessageEvent::Digest,
        }
    }

    /// What the names of its messages begin with: `report-month`.
    fn stem(self) -> String {
        let what = match self {
            Self::Report(_) => "report",
            Self::Digest => "digest",
        };
        format!("{what}-{}", self.unit())
    }

    /// As many that were missed are made up for.
    const fn most_missed(self) -> usize {
        match self.unit() {
            CalendarUnit::Day => 7,
            CalendarUnit::Week => 4,
            CalendarUnit::Month => 3,
        }
    }

    /// Those that are due, oldest first: after the one that was sent last, which is in `messages`; with
    /// none, the last that is over.
    fn due(
        self,
        messages: &[StoredMessage],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Vec<CalendarPeriod> {
        let settled = now.plus_micros(-AFTER_END.as_i64());
        let over = CalendarPeriod::of(self.unit(), settled, zone);
        let Some(last_over) = over.and_then(CalendarPeriod::before) else { return Vec::new() };
        let begins = format!("{}-", self.stem());
        let sent = messages.iter().filter_map(|stored| {
            CalendarPeriod::named(self.unit(), stored.message.key.strip_prefix(&begins)?)
        });
        let Some(sent) = sent.max() else { return vec![last_over] };
        let mut due = Vec::new();
        let mut period = Some(last_over);
        while let Some(missed) = period.filter(|p| *p > sent && due.len() < self.most_missed()) {
            due.push(missed);
            period = missed.before();
        }
        due.reverse();
        due
    }
}

/// Makes reports when they are due.
#[derive(Debug)]
pub(super) struct PeriodicReports {
    maker: ReportMaker,
    chore: Chore<Result<Option<StoredMessage>, store::Error>>,
}

/// What they are made of.
#[derive(Debug, Clone)]
struct ReportMaker {
    wanted: Vec<Periodical>,
    config: Config,
    database: PathBuf,
    zone: TimeZone,
}

impl PeriodicReports {
    pub(super) fn new(config: &Config, database: &Path) -> Self {
        let is_told = |event| config.alerts.iter().any(|alert| alert.tells(event));
        let mut wanted = Vec::new();
        if is_told(MessageEvent::Report) {
            wanted.extend(config.report.every.iter().map(|unit| Periodical::Report(*unit)));
        }
        if is_told(MessageEvent::Digest) {
            wanted.push(Periodical::Digest);
        }
        let zone = shown_zone(config.site.zone.as_deref());
        let (config, database) = (config.clone(), database.to_owned());
        let maker = ReportMaker { wanted, config, database, zone };
        Self { maker, chore: Chore::new("report") }
    }

    /// To be called once a second; gives the message to store, or the event to announce.
    pub(super) fn second(
        &mut self,
        now: Reading,
        status: Option<&Status>,
    ) -> Option<Result<StoredMessage, Event>> {
        let made = self.chore.finished().and_then(|result| match result {
            Ok(message) => {
                self.chore.was_done();
                message.map(Ok)
            }
            Err(error) if self.chore.failed() => Some(Err(Event::ReportFails(describe(&error)))),
            Err(_) => None,
        });
        // By a clock that is about right at best, a month may seem over that is not.
        let is_dated = status.is_some_and(|status| status.clock.state == ClockState::Set);
        if made.is_none()
            && !self.maker.wanted.is_empty()
            && is_dated
            && self.chore.is_due(now.boot)
        {
            let maker = self.maker.clone();
            self.chore.start(move || maker.next(now.utc));
        }
        made
    }
}

impl ReportMaker {
    /// The next account that is due; `None`: none is.
    fn next(&self, now: Timestamp) -> Result<Option<StoredMessage>, store::Error> {
        let since = now.plus_micros(-REMEMBERED.as_i64());
        let messages = Outbox::new(&self.database).since(since)?;
        let reader = Reader::open(&self.database)?;
        for kind in &self.wanted {
            for period in kind.due(&messages, now, &self.zone) {
                if let Some(message) = self.message(&reader, *kind, period, now)? {
                    return Ok(Some(StoredMessage { id: 0, of_us: None, message }));
                }
            }
        }
        Ok(None)
    }

    /// The account of a period; `None` where nothing of it was watched.
    fn message(
        &self,
        reader: &Reader,
        kind: Periodical,
        period: CalendarPeriod,
        now: Timestamp,
    ) -> Result<Option<Message>, store::Error> {
        let Some(range) = period.range(&self.zone) else { return Ok(None) };
        let report = reader.at_once(|reader| self.report(reader, range, now))?;
        if report.availability.is_none() {
            return Ok(None);
        }
        let words = language::of(self.config.report.language);
        let key = format!("{}-{period}", kind.stem());
        // A thread of its own: of an incident, what comes last says it all.
        let mut message = Message::new(key, kind.event(), now);
        (message.onset, message.end) = (Some(range.from), Some(range.to));
        (message.title, message.text) = words_of(words, kind, period, report);
        Ok(Some(message))
    }

    fn report(
        &self,
        reader: &Reader,
        range: crate::time::TimeRange,
        now: Timestamp,
    ) -> Result<Report, store::Error> {
        report_of(&self.config, &self.zone, reader, range, now)
    }
}

/// The report of a period, as it is sent.
pub(super) fn report_of(
    config: &Config,
    zone: &TimeZone,
    reader: &Reader,
    range: crate::time::TimeRange,
    now: Timestamp,
) -> Result<Report, store::Error> {
    let rows = report::gather(reader, range, config.site.line.as_deref())?;
    let method = Method::new(config, None);
    let report = Report::build(rows, zone.clone(), &config.site, now, method);
    let mut report = Report { language: config.report.language, ..report };
    report.record.chain = reader.chain_head()?.map(Into::into);
    Ok(report)
}

/// Title and text.
fn words_of(
    words: &'static Language,
    kind: Periodical,
    period: CalendarPeriod,
    mut report: Report,
) -> (String, String) {
    let drops = report.summary.counted();
    match kind {
        Periodical::Report(_) => {
            let text = render::ticket(&report, render::TICKET_CHARS).unwrap_or_default();
            let chain = words.chain_to_keep(&report).map(|chain| format!("\n{chain}\n"));
            (words.periodic_title(period, None), text + &chain.unwrap_or_default())
        }
        Periodical::Digest => {
            // It may go to a chat of many.
            (report.site.account, report.site.ticket) = (None, None);
            let text = render::ticket(&report, DIGEST_CHARS).unwrap_or_default();
            (words.periodic_title(period, Some(drops)), text)
        }
    }
}

#[cfg(test)]
mod tests;
