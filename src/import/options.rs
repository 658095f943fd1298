//! What the user says about files that do not say it themselves.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// The unit of a column of delays.
    pub enum DelayUnit: "unit" {
        /// Microseconds.
        Us = "us",
        /// Milliseconds.
        Ms = "ms",
        /// Seconds.
        S = "s",
    }
}

impl DelayUnit {
    /// How many nanoseconds one has.
    pub(super) fn nanos(self) -> i64 {
        match self {
            Self::Us => 1_000,
            Self::Ms => 1_000_000,
            Self::S => 1_000_000_000,
        }
    }
}

/// Which zone local times are in, and who said so.
#[derive(Debug, Clone, PartialEq)]
pub enum LocalZone {
    /// Given for this import.
    Given(TimeZone),
    /// That of the configuration or of this computer.
    Usual(TimeZone),
}

impl LocalZone {
    pub(super) fn zone(&self) -> &TimeZone {
        match self {
            Self::Given(zone) | Self::Usual(zone) => zone,
        }
    }

    /// `Europe/Berlin`, `+02:00`.
    pub(super) fn name(&self) -> String {
        let zone = self.zone();
        let fixed =
            || zone.to_fixed_offset().map_or_else(|_| "local".to_owned(), |o| o.to_string());
        zone.iana_name().map_or_else(fixed, str::to_owned)
    }
}

/// How the columns of a table are named or numbered, from 1.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NamedColumns {
    /// The column of send times.
    pub time: Option<String>,
    /// The column of names or addresses.
    pub target: Option<String>,
    /// The column of delays.
    pub rtt: Option<String>,
}

/// What the user says about the files.
#[derive(Debug, Clone)]
pub struct ImportOptions {
    /// The zone of times that are local.
    pub zone: LocalZone,
    /// The day of the first line, for times without a date or a year.
    pub date: Option<Date>,
    /// How times are written: `unix`, `unix-ms`, `unix-us`, `unix-ns`, or a pattern of strptime.
    pub time_format: Option<String>,
    /// Where a table has what.
    pub columns: NamedColumns,
    /// The unit of the delays of a table.
    pub unit: Option<DelayUnit>,
    /// What separates the fields of a table.
    pub separator: Option<char>,
    /// The target of all rows of a table, or of a record that does not name it.
    pub target: Option<String>,
    /// What a table says in place of the delay of a lost probe, besides nothing.
    pub lost: Vec<String>,
    /// The present: nothing can have been measured much later.
    pub now: Timestamp,
}

impl Default for ImportOptions {
    /// UTC, and a present at the end of the years that a record can have.
    fn default() -> Self {
        Self {
            zone: LocalZone::Usual(TimeZone::UTC),
            date: None,
            time_format: None,
            columns: NamedColumns::default(),
            unit: None,
            separator: None,
            target: None,
            lost: Vec::new(),
            now: Timestamp::from_seconds(super::lines::YEAR_2100_S),
        }
    }
}
