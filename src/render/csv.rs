//! Tables of the record for programs: one definition of a row gives a line of CSV and an object of
//! JSON, as `docs/json.md` lays them down.
//!
//! Nothing is gathered: a row is written as it comes. Every time is given in UTC and in local
//! time with the offset that holds then, so that times are unique in the night in which clocks
//! change. Text that others choose never becomes a formula in a spreadsheet.

use std::borrow::Cow;
use std::io::{self, Write};
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::language::words;
use crate::report::{DropEntry, Report};
use crate::text::csv::{io_error, push_number, push_thousandths, writer};
use crate::time::{MinuteText, Timestamp, micros};
use crate::vocabulary::{SimulatedShare, Target};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// RFC 4180 with a line of names; a missing value is an empty cell.
    Csv,
    /// An array with an object a line; a missing value is null.
    Json,
}

/// One cell.
#[derive(Debug, Clone, Copy)]
pub(super) enum Cell<'a> {
    /// No value.
    None,
    /// Text from people or from outside.
    Text(&'a str),
    /// A word of a fixed list.
    Word(&'a str),
    /// A count.
    Count(u64),
    /// A number of a row.
    Id(i64),
    /// Yes or no.
    Is(bool),
    /// A share with eight decimals.
    Ratio(f64),
    /// A length in seconds, with milliseconds.
    Seconds(Duration),
    /// A delay in milliseconds, with microseconds.
    Millis(Duration),
    /// The same to a hundredth of a millisecond, rounded.
    Hundredths(Duration),
    /// RFC 3339 in UTC.
    Utc(Timestamp),
    /// RFC 3339 in the zone of the table, with its offset.
    Local(Timestamp),
}

impl<'a> Cell<'a> {
    pub(super) fn or_none<T>(value: Option<T>, cell: impl FnOnce(T) -> Cell<'a>) -> Self {
        value.map_or(Self::None, cell)
    }

    /// The value without quotes.
    fn bare(self, zone: &TimeZone) -> Cow<'a, str> {
        let thousandths = |n: i128| format!("{}.{:03}", n / 1_000, n % 1_000).into();
        match self {
            Self::None => "".into(),
            Self::Text(text) | Self::Word(text) => text.into(),
            Self::Count(n) => n.to_string().into(),
            Self::Id(n) => n.to_string().into(),
            Self::Is(yes) => yes.to_string().into(),
            Self::Ratio(ratio) => format!("{ratio:.8}").into(),
            Self::Seconds(d) => thousandths((i128::from(micros(d)) + 500) / 1_000),
            Self::Millis(d) => thousandths(micros(d).into()),
            Self::Hundredths(d) => {
                let n = (micros(d) + 5) / 10;
                format!("{}.{:02}", n / 100, n % 100).into()
            }
            Self::Utc(at) => at.to_string().into(),
            Self::Local(at) => local(at, zone).into(),
        }
    }

    /// Appends the value to `field`, as CSV has it before quotes.
    fn push_csv(self, field: &mut Vec<u8>, times: &mut [MinuteText; 2]) {
        let [utc, local] = times;
        match self {
            Self::None => {}
            Self::Text(text) => field.extend_from_slice(no_formula(text).as_bytes()),
            Self::Word(text) => field.extend_from_slice(text.as_bytes()),
            Self::Count(n) => push_number(n, field),
            Self::Millis(d) => push_thousandths(micros(d).unsigned_abs(), field),
            Self::Utc(at) => utc.push(at, field),
            Self::Local(at) => local.push(at, field),
            other => field.extend_from_slice(other.bare(&TimeZone::UTC).as_bytes()),
        }
    }

    fn json(self, zone: &TimeZone) -> Cow<'a, str> {
        match self {
            Self::None => "null".into(),
            Self::Text(text) => serde_json::Value::from(text).to_string().into(),
            Self::Word(_) | Self::Utc(_) | Self::Local(_) => {
                format!("\"{}\"", self.bare(zone)).into()
            }
            number => number.bare(zone),
        }
    }
}

/// A table being written.
pub(super) struct CsvTable<'a> {
    out: Lines<'a>,
    zone: &'a TimeZone,
    /// In UTC, in the zone.
    times: [MinuteText; 2],
    field: Vec<u8>,
    columns: &'static [&'static str],
    /// What the last column says of a record that was not measured.
    simulated: Option<SimulatedShare>,
    rows: u64,
}

/// The last column of the tables of a record that was not measured.
pub const SIMULATED: &str = "simulated";

enum Lines<'a> {
    Csv(Box<csv::Writer<&'a mut dyn Write>>),
    Json(&'a mut dyn Write),
}

impl<'a> CsvTable<'a> {
    /// Starts a table; CSV has the names first.
    pub(super) fn new(
        out: &'a mut dyn Write,
        form: Form,
        zone: &'a TimeZone,
        columns: &'static [&'static str],
        simulated: SimulatedShare,
    ) -> io::Result<Self> {
        let simulated = Some(simulated).filter(|share| share.is_any());
        let out = match form {
            Form::Csv => {
                let mut lines = writer(out);
                let names = columns.iter().copied().chain(simulated.map(|_| SIMULATED));
                lines.write_record(names).map_err(io_error)?;
                Lines::Csv(Box::new(lines))
            }
            Form::Json => {
                out.write_all(b"[")?;
                Lines::Json(out)
            }
        };
        let times = [MinuteText::utc(), MinuteText::local(zone)];
        Ok(Self { out, zone, times, field: Vec::new(), columns, simulated, rows: 0 })
    }

    /// Writes a row, a cell for each column.
    pub(super) fn row(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        debug_assert_eq!(cells.len(), self.columns.len(), "a cell for each column");
        match &mut self.out {
            Lines::Csv(lines) => {
                for cell in cells {
                    self.field.clear();
                    cell.push_csv(&mut self.field, &mut self.times);
                    lines.write_field(&self.field).map_err(io_error)?;
                }
                if let Some(share) = self.simulated {
                    lines.write_field(share.as_str()).map_err(io_error)?;
                }
                lines.write_record(None::<&[u8]>).map_err(io_error)?;
            }
            Lines::Json(out) => {
                out.write_all(if self.rows == 0 { b"\n{" } else { b",\n{" })?;
                for (i, (cell, name)) in cells.iter().zip(self.columns).enumerate() {
                    let comma = if i > 0 { "," } else { "" };
                    write!(out, "{comma}\"{name}\":{}", cell.json(self.zone))?;
                }
                if let Some(share) = self.simulated {
                    write!(out, ",\"{SIMULATED}\":\"{}\"", share.as_str())?;
                }
                out.write_all(b"}")?;
            }
        }
        self.rows += 1;
        Ok(())
    }

    /// Ends the table.
    pub(super) fn finish(self) -> io::Result<()> {
        match self.out {
            Lines::Csv(mut lines) => lines.flush(),
            Lines::Json(out) => out.write_all(if self.rows == 0 { b"]\n" } else { b"\n]\n" }),
        }
    }
}

/// RFC 3339 in `zone` with milliseconds and its offset: `2026-11-01T01:30:00.166-04:00`.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    words::local(at.floor_millis(), zone, "%Y-%m-%dT%H:%M:%S%.3f%:z")
}

/// Text that a spreadsheet would take for a formula gets an apostrophe before it.
pub fn no_formula(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if is_formula { format!("'{text}").into() } else { text.into() }
}

const DROP_COLUMNS: [&str; 21] = [
    "id",
    "kind",
    "place",
    "onset",
    "onset_local",
    "onset_earliest",
    "onset_latest",
    "end",
    "end_local",
    "end_earliest",
    "end_latest",
    "min_s",
    "max_s",
    "unobserved_s",
    "starts_before_period",
    "ends_after_period",
    "period_min_s",
    "period_max_s",
    "flaps",
    "answered",
    "silent",
];

/// The drops of a report, blips among them, as CSV.
///
/// # Errors
/// Those of `out`.
pub fn write_drops(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table =
        CsvTable::new(out, Form::Csv, &report.zone, &DROP_COLUMNS, report.record.simulated)?;
    for drop in &report.drops {
        drop_row(drop, &mut table)?;
    }
    table.finish()
}

fn drop_row(drop: &DropEntry, table: &mut CsvTable<'_>) -> io::Result<()> {
    let names =
        |targets: &[Target]| targets.iter().map(|t| t.name.as_str()).collect::<Vec<_>>().join(" ");
    let (answered, silent) = (names(&drop.answered), names(&drop.silent));
    let (onset, end) = (drop.onset.midpoint(), drop.end.map(|end| end.midpoint()));
    table.row(&[
        Cell::Id(drop.id),
        Cell::Word(drop.kind.as_str()),
        Cell::Word(&drop.place),
        Cell::Utc(onset),
        Cell::Local(onset),
        Cell::Utc(drop.onset.earliest),
        Cell::Utc(drop.onset.latest),
        Cell::or_none(end, Cell::Utc),
        Cell::or_none(end, Cell::Local),
        Cell::or_none(drop.end, |end| Cell::Utc(end.earliest)),
        Cell::or_none(drop.end, |end| Cell::Utc(end.latest)),
        Cell::Seconds(drop.length.min),
        Cell::Seconds(drop.length.max),
        Cell::Seconds(drop.unobserved),
        Cell::Is(drop.starts_before),
        Cell::Is(drop.ends_after),
        Cell::Seconds(drop.down.min),
        Cell::Seconds(drop.down.max),
        Cell::Count(drop.flaps.into()),
        Cell::Text(&answered),
        Cell::Text(&silent),
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::report::scenes::everything;
    use crate::report::synthetic::{Scene, at};
    use crate::vocabulary::Place;

    fn as_text(report: &Report) -> String {
        let mut out = Vec::new();
        write_drops(report, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn a_day_with_everything_in_it_as_csv() {
        insta::assert_snapshot!("csv", as_text(&everything()));
    }

    #[test]
    fn a_table_is_the_same_in_every_language() {
        let french = Report { language: Lang::Fr, ..everything() };
        assert_eq!(as_text(&french), as_text(&everything()));
    }

    #[test]
    fn a_cell_keeps_its_separators_and_is_no_formula() {
        for (text, expected) in [
            ("cloudflare google", "cloudflare google"),
            ("a,\"b\"", "\"a,\"\"b\"\"\""),
            ("=1+1", "'=1+1"),
            ("@SUM(A1,A2)", "\"'@SUM(A1,A2)\""),
            ("-2", "'-2"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
        ] {
            let mut out = Vec::new();
            let zone = TimeZone::UTC;
            let mut table =
                CsvTable::new(&mut out, Form::Csv, &zone, &["n", "text"], SimulatedShare::Nothing)
                    .unwrap();
            table.row(&[Cell::Count(1), Cell::Text(text)]).unwrap();
            table.finish().unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), format!("n,text\n1,{expected}\n"));
        }
    }

    #[test]
    fn two_drops_at_the_same_local_time_differ_when_clocks_go_back() {
        // 2026-11-01: 01:30 comes twice in Toronto.
        let mut scene = Scene::new("2026-11-01T04:00:00Z", 12_600);
        scene.drops = vec![
            (5_400.0, Some(60.0), vec![Place::Access]),
            (9_000.0, Some(60.0), vec![Place::Access]),
        ];
        let text = as_text(&scene.report());
        let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split(',').collect()).collect();
        assert_eq!(lines.len(), 3, "{text}");
        let column = |name: &str| lines[0].iter().position(|n| *n == name).unwrap();
        let (utc, local) = (column("onset"), column("onset_local"));
        assert_eq!(lines[1][utc], "2026-11-01T05:30:00.000Z");
        assert_eq!(lines[1][local], "2026-11-01T01:30:00.000-04:00");
        assert_eq!(lines[2][utc], "2026-11-01T06:30:00.000Z");
        assert_eq!(lines[2][local], "2026-11-01T01:30:00.000-05:00");
        for line in &lines[1..] {
            let instant = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
            assert_eq!(instant(line[utc]), instant(line[local]));
            let (end, end_local) = (column("end"), column("end_local"));
            assert_eq!(instant(line[end]), instant(line[end_local]));
        }
    }

    #[test]
    fn an_end_that_has_not_come_is_an_empty_cell() {
        let mut scene = Scene::new("2026-11-16T05:00:00Z", 3_600);
        scene.drops = vec![(1_800.0, None, vec![])];
        let text = as_text(&scene.report());
        let row = text.lines().nth(1).unwrap();
        assert!(row.contains(",unknown,2026-11-16T05:30:00.000Z,2026-11-16T00:30:00.000-05:00,"));
        assert!(row.contains(",2026-11-16T05:30:00.166Z,,,,,1799.833,"), "{row}");
    }

    #[test]
    fn local_times_have_the_offset_of_half_an_hour_too() {
        let zone = TimeZone::get("Asia/Kolkata").unwrap();
        assert_eq!(local(at("2026-02-02T18:30:00.25Z"), &zone), "2026-02-03T00:00:00.250+05:30");
        assert_eq!(
            local(at("2026-02-02T18:30:00Z"), &TimeZone::UTC),
            "2026-02-02T18:30:00.000+00:00"
        );
    }
}
