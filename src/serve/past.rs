//! What the page draws of the past: a period column by column, the days of a calendar, one drop.

use hyper::body::Bytes;
use jiff::tz::TimeZone;

use super::document_error::DocumentError;
use super::documents::{DocumentSource, ReportAudience};
use crate::chart::{self, Theme};
use crate::render;
use crate::report::history::{self, COLUMN_COUNTS, History, HistoryView, HistoryWanted, LONGEST};
use crate::report::{self, Detail, Method, Report};
use crate::store::Reader;
use crate::time::{Since, TimeRange, Timestamp};

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
    pub(super) fn history(
        query: &[(String, String)],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, String> {
        let mut columns = COLUMNS;
        let range = range(query, "24h", now, zone, &mut |name, value| {
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
    pub(super) fn days(
        query: &[(String, String)],
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<Self, String> {
        let other = &mut |_: &str, _: &str| Err("known are from and to".to_owned());
        range(query, "365d", now, zone, other).map(Self::Days)
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
        let reader = Reader::open(&source.database)?;
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

/// `from` and `to` of a query: milliseconds since 1970, or as on the command line except `drop:12`. `other` is
/// given what else is in it.
fn range(
    query: &[(String, String)],
    since: &str,
    now: Timestamp,
    zone: &TimeZone,
    other: &mut dyn FnMut(&str, &str) -> Result<(), String>,
) -> Result<TimeRange, String> {
    /// What lies beyond is no time of a record, year 2248.
    const MOST_MS: i64 = 1 << 43;
    let (mut from, mut to) = (since, "now");
    for (name, value) in query {
        match name.as_str() {
            "from" => from = value,
            "to" => to = value,
            name => other(name, value)?,
        }
    }
    let instant = |name: &str, text: &str| match text.parse::<i64>() {
        Ok(ms) if (-MOST_MS..=MOST_MS).contains(&ms) => Ok(Timestamp::from_millis(ms)),
        Ok(_) => Err(format!("{name}: that is no time of a record")),
        Err(_) => match Since::parse(text, now, zone) {
            Ok(Since::At(at)) => Ok(at),
            Ok(Since::Drop(_)) => Err(format!("{name}: a drop is at /api/v1/drops/12")),
            Err(problem) => Err(format!("{name}: {problem}")),
        },
    };
    let (from, to) = (instant("from", from)?, instant("to", to)?);
    let range = TimeRange { from, to };
    if from >= to {
        Err(format!("the period is empty: its start {from} is not before its end {to}"))
    } else if range.length() > LONGEST {
        Err("the period is too long: five years are given at once".to_owned())
    } else {
        Ok(range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn history(query: &[(&str, &str)]) -> Result<PastWanted, String> {
        let query: Vec<_> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        PastWanted::history(&query, NOW, &TimeZone::UTC)
    }

    #[test]
    fn a_period_is_given_in_milliseconds_or_as_on_the_command_line() {
        let wanted = |from_s: i64, to_s: i64, columns| {
            let back = |s: i64| NOW.plus_micros(-s * 1_000_000);
            let range = TimeRange { from: back(from_s), to: back(to_s) };
            Ok(PastWanted::History(HistoryWanted { range, columns }))
        };
        assert_eq!(history(&[]), wanted(86_400, 0, 800));
        assert_eq!(history(&[("from", "2h"), ("to", "1h")]), wanted(7_200, 3_600, 800));
        let ms = [("from", "1770038399000"), ("to", "1770038400000"), ("columns", "16")];
        assert_eq!(history(&ms), wanted(1, 0, 16));
        assert!(history(&[("from", "1825d"), ("columns", "4096")]).is_ok());
    }

    #[test]
    fn what_cannot_be_given_is_refused_in_one_sentence() {
        for query in [
            [("from", "soon")],
            [("from", "drop:1")],
            [("to", "0")],
            [("from", "0")],
            [("from", "-9223372036854775808")],
            [("to", "9223372036854775807")],
            [("columns", "15")],
            [("columns", "4097")],
            [("columns", "many")],
            [("since", "7d")],
            [("from", "2000d")],
        ] {
            let why = history(&query).unwrap_err();
            assert!(!why.contains('\n') && why.len() < 200, "{query:?}: {why}");
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
