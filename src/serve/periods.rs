//! The period of a document: one of a few that end now, or any other.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::document_error::DocumentError;
use super::typed_period::{self, TypedPeriod, not_empty};
use crate::report;
use crate::store::Reader;
use crate::time::{Since, TimeRange, Timestamp};

/// Those with names, in hours.
const NAMED: [(&str, u64); 3] = [("24h", 24), ("7d", 7 * 24), ("30d", 30 * 24)];

/// The name in the path where the query has the period.
const CUSTOM: &str = "custom";

/// The shortest period shown of a record that has just begun.
const SHORTEST: Duration = Duration::from_secs(60);

/// Around a drop, as on the command line.
const MARGIN: Duration = Duration::from_secs(900);

/// The longest period: a report of it is made within the daemon, all at once in memory.
const LONGEST_PERIOD: Duration = Duration::from_secs(400 * 86_400);

/// A period as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum AskedPeriod {
    /// Up to now.
    Last {
        /// How long it is.
        hours: u64,
    },
    /// As on the command line.
    Typed {
        since: String,
        /// `None`: now or, around a drop, some minutes after it.
        until: Option<String>,
    },
}

impl AskedPeriod {
    /// By its name in a path and the query after it.
    ///
    /// # Errors
    /// A sentence on the query; `None`: the name is none of a period.
    pub(super) fn of(name: &str, query: &str) -> Option<Result<Self, String>> {
        let named = NAMED.into_iter().find(|(known, _)| *known == name);
        if named.is_none() && name != CUSTOM {
            return None;
        }
        let other = &mut |name: &str, _: &str| match name {
            // It names the moment to the cache of a browser.
            "at" => Ok(()),
            _ => Err("known are since, until and at".to_owned()),
        };
        let TypedPeriod { since, until } = match TypedPeriod::of(query, other) {
            Ok(typed) => typed,
            Err(why) => return Some(Err(why)),
        };
        Some(match (since, until, named) {
            (Some(since), until, _) => Ok(Self::Typed { since, until }),
            (None, None, Some((_, hours))) => Ok(Self::Last { hours }),
            (None, ..) => Err("a period needs its start: `since`".to_owned()),
        })
    }

    /// From when to when it is, in a record.
    pub(super) fn in_record(
        &self,
        reader: &Reader,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<TimeRange, DocumentError> {
        let (asked, shortest) = match self {
            Self::Last { hours } => {
                let length = Duration::from_secs(hours * 3_600);
                (TimeRange { from: now - length, to: now }, SHORTEST)
            }
            Self::Typed { since, until } => {
                let span = |name, text| span(reader, name, text, now, zone);
                let since_span = span("since", since)?;
                let to = match until {
                    Some(until) => span("until", until)?.to,
                    None if since.starts_with("drop:") => since_span.to,
                    None => now,
                };
                (TimeRange { from: since_span.from, to }, Duration::ZERO)
            }
        };
        let TimeRange { from, .. } = not_empty(asked).map_err(DocumentError::Period)?;
        if from > now {
            let why = format!("the period is in the future: it starts {from}, and now it is {now}");
            return Err(DocumentError::Period(why));
        }
        let within = report::within_record(reader, asked, shortest)?;
        if within.length() > LONGEST_PERIOD {
            let why = "at most 400 days are made here; `linkmon report --since` makes any period";
            return Err(DocumentError::Period(why.to_owned()));
        }
        Ok(within)
    }
}

/// An instant as a span of no length, or the time around a drop.
fn span(
    reader: &Reader,
    name: &str,
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<TimeRange, DocumentError> {
    match typed_period::time(name, text, now, zone).map_err(DocumentError::Period)? {
        Since::At(at) => Ok(TimeRange { from: at, to: at }),
        Since::Drop(id) => {
            let found = reader.drop_by_id(id)?;
            let found = found
                .ok_or_else(|| DocumentError::Period(format!("{name}: there is no drop {id}")))?;
            let now = reader.ends_within(&found.drop)?.unwrap_or(now);
            let end = found.drop.end.map_or(now, |end| end.latest);
            let to = (end + MARGIN).min(now.max(end));
            Ok(TimeRange { from: found.drop.onset.earliest - MARGIN, to })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_starts_with_a_younger_record_but_covers_a_minute_at_least() {
        let folder = tempfile::tempdir().unwrap();
        let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
        let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
        let ever =
            TimeRange { from: Timestamp::from_seconds(0), to: Timestamp::from_seconds(1 << 33) };
        let began = reader.runs(ever).unwrap()[0].started;
        let minutes = |n: u64| Duration::from_secs(n * 60);
        let late = began + minutes(360);
        let second = Duration::from_secs(1);
        for (age, from) in [
            (minutes(1_800), late),
            (minutes(300), began),
            (minutes(9), began),
            (20 * second, began - 40 * second),
        ] {
            let to = began + age;
            let shown =
                AskedPeriod::Last { hours: 24 }.in_record(&reader, to, &TimeZone::UTC).unwrap();
            assert_eq!(shown, TimeRange { from, to }, "{age:?} old");
        }
    }
}
