//! What the page draws of the past: a period column by column, the days of a calendar, one drop.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Bytes;
use jiff::tz::TimeZone;

use super::document_error::DocumentError;
use super::documents::{DocumentSource, ReportAudience};
use super::typed_period::TypedPeriod;
use crate::chart::{self, Theme};
use crate::render;
use crate::report::history::{self, COLUMN_COUNTS, History, HistoryView, HistoryWanted, LONGEST};
use crate::report::{self, Detail, Method, Report};
use crate::store::Reader;
use crate::time::{TimeRange, Timestamp};

const DAY: Duration = Duration::from_secs(86_400);

/// Columns unless another number is asked for.
const COLUMNS: usize = 800;

/// Something of the past.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PastWanted {
    /// A period, column by column.
    History(HistoryWanted),
    /// The days that a period touches.
    Days(TimeRange),
    /// A drop with the probes about it, by its number.
    Drop(i64),
    /// Its picture.
    Picture(i64, Theme),
}

impl PastWanted {
    /// A history: `from`, `to` and `columns` of a query.
    pub(super) fn history(query: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, String> {
        let mut columns = COLUMNS;
        let range = range(query, DAY, now, zone, &mut |name, value| {
            let counts = COLUMN_COUNTS;
            match (name, value.parse()) {
                ("columns", Ok(n)) if counts.contains(&n) => columns = n,
                ("columns", _) => {
                    return Err(format!("columns: it is {} to {}", counts.start(), counts.end()));
                }
                _ => return Err("known are from, to and columns".to_owned()),
            }
            Ok(())
        });
        Ok(Self::History(HistoryWanted { range: range?, columns }))
    }

    /// Days: `from` and `to` of a query.
    pub(super) fn days(query: &str, now: Timestamp, zone: &TimeZone) -> Result<Self, String> {
        let other = &mut |_: &str, _: &str| Err("known are from and to".to_owned());
        range(query, 365 * DAY, now, zone, other).map(Self::Days)
    }

    /// A drop by the last part of its path: `12`, `12.png`, `12-dark.png`.
    pub(super) fn drop(file: &str) -> Option<Self> {
        let number = |text: &str| {
            let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
            text.parse::<i64>().ok().filter(|_| is_plain)
        };
        match file.strip_suffix(".png") {
            None => number(file).map(Self::Drop),
            Some(name) => match name.strip_suffix("-dark") {
                Some(name) => Some(Self::Picture(number(name)?, Theme::Dark)),
                None => Some(Self::Picture(number(name)?, Theme::Light)),
            },
        }
    }

    pub(super) fn content_type(self) -> &'static str {
        if self.is_drawn() { "image/png" } else { "application/json" }
    }

    /// Whether it takes as long as a report.
    pub(super) fn is_drawn(self) -> bool {
        matches!(self, Self::Picture(..))
    }

    /// What is answered; `None` where there is no such drop.
    pub(super) fn make(
        self,
        source: &DocumentSource,
        audience: ReportAudience,
        now: Timestamp,
    ) -> Result<Option<Bytes>, DocumentError> {
        let (site, zone) = (&source.config.site, &source.zone);
        let reader = Reader::open(&source.database)?.with_kept(Arc::clone(&source.hours));
        let gap_after = source.config.detect.gap_after;
        let view = HistoryView { line: site.line.as_deref(), gap_after, now };
        let is_anyone = audience == ReportAudience::Anyone;
        let numbers = || report::KnownNumbers::read(&reader, &source.config);
        let json = match self {
            Self::History(wanted) => {
                let history = History::gather(&reader, wanted, view)?;
                let shown = if is_anyone { history.without_numbers(&numbers()?) } else { history };
                Some(render::history_json(&shown))
            }
            Self::Days(range) => {
                let days = history::days(&reader, range, zone, view)?;
                Some(render::days_json(&days, zone, reader.simulated()?))
            }
            Self::Drop(id) => match history::DropRecord::read(&reader, id, view)? {
                Some(drop) => {
                    let shown = if is_anyone { drop.without_numbers(&numbers()?) } else { drop };
                    Some(render::drop_record_json(&shown, zone))
                }
                None => None,
            },
            Self::Picture(id, theme) => {
                return reader.at_once(|reader| picture(reader, source, id, theme, now));
            }
        };
        Ok(json.map(Bytes::from))
    }
}

fn picture(
    reader: &Reader,
    source: &DocumentSource,
    id: i64,
    theme: Theme,
    now: Timestamp,
) -> Result<Option<Bytes>, DocumentError> {
    let config = &source.config;
    let Some(windows) = report::windows_of_drop(reader, id, now)? else { return Ok(None) };
    let (Some(first), Some(last)) = (windows.first(), windows.last()) else { return Ok(None) };
    let period = TimeRange { from: first.from, to: last.to };
    let rows = report::gather(reader, period, config.site.line.as_deref())?;
    let method = Method::new(config, None);
    let report = Report::build(rows, source.zone.clone(), &config.site, now, method);
    let language = config.report.language;
    let report = report.without_numbers(&report::KnownNumbers::read(reader, config)?);
    let report = Report { language, focus: Some(id), ..report };
    let Some(detail) = Detail::read(reader, report, id, windows)? else { return Ok(None) };
    Ok(Some(Bytes::from(chart::drop_sheet(&detail, theme)?.png()?)))
}

/// The period of a query, by itself up to now and of the length `unless_said`. `other` is given what else is in
/// the query.
fn range(
    query: &str,
    unless_said: Duration,
    now: Timestamp,
    zone: &TimeZone,
    other: &mut dyn FnMut(&str, &str) -> Result<(), String>,
) -> Result<TimeRange, String> {
    let unless_said = TimeRange { from: now - unless_said, to: now };
    let range = TypedPeriod::of(query, other)?.range(unless_said, now, zone)?;
    if range.length() > LONGEST {
        return Err("the period is too long: five years are given at once".to_owned());
    }
    Ok(range)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn history(query: &str) -> Result<PastWanted, String> {
        PastWanted::history(query, NOW, &TimeZone::UTC)
    }

    #[test]
    fn a_period_is_given_in_milliseconds_or_as_on_the_command_line() {
        let wanted = |from_s: i64, to_s: i64, columns| {
            let back = |s: i64| NOW.plus_micros(-s * 1_000_000);
            let range = TimeRange { from: back(from_s), to: back(to_s) };
            Ok(PastWanted::History(HistoryWanted { range, columns }))
        };
        assert_eq!(history(""), wanted(86_400, 0, 800));
        assert_eq!(history("from=2h&to=1h"), wanted(7_200, 3_600, 800));
        assert_eq!(history("since=2h&until=1h"), wanted(7_200, 3_600, 800));
        assert_eq!(history("from=1770038399000&to=1770038400000&columns=16"), wanted(1, 0, 16));
        assert!(history("from=1825d&columns=4096").is_ok());
    }

    #[test]
    fn what_cannot_be_given_is_refused_in_one_sentence() {
        for query in
            ["to=0", "from=0", "columns=15", "columns=4097", "columns=many", "x=1", "from=2000d"]
        {
            let why = history(query).unwrap_err();
            assert!(!why.contains('\n') && why.len() < 200, "{query}: {why}");
        }
    }

    #[test]
    fn a_drop_is_known_by_the_end_of_its_path() {
        assert_eq!(PastWanted::drop("12"), Some(PastWanted::Drop(12)));
        assert_eq!(PastWanted::drop("12.png"), Some(PastWanted::Picture(12, Theme::Light)));
        assert_eq!(PastWanted::drop("7-dark.png"), Some(PastWanted::Picture(7, Theme::Dark)));
        for file in ["", ".png", "-1", "+1", "x", "1.json", "-dark.png", "99999999999999999999"] {
            assert_eq!(PastWanted::drop(file), None, "{file}");
        }
    }
}
