//! The start and the end of a period in a query, as all paths take them: `from` or `since`, `to` or `until`,
//! in milliseconds since 1970 or as on the command line.

use jiff::tz::TimeZone;

use super::query;
use crate::time::{Since, TimeRange, Timestamp};

/// The longest text of a time, characters.
const LONGEST: usize = 64;

/// What lies beyond is no time of a record: year 2248, milliseconds.
const MOST_MS: i64 = 1 << 43;

/// Both ends of a period as somebody typed them; `None`: not in the query.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct TypedPeriod {
    pub(super) since: Option<String>,
    pub(super) until: Option<String>,
}

impl TypedPeriod {
    /// Takes it out of a query; `other` is given what else is there.
    ///
    /// # Errors
    /// A sentence: the query is none, an end is given twice, or what `other` says.
    pub(super) fn of(
        query: &str,
        other: &mut dyn FnMut(&str, &str) -> Result<(), String>,
    ) -> Result<Self, String> {
        let mut period = Self::default();
        for (name, value) in query::pairs(query)? {
            let end = match name.as_str() {
                "from" | "since" => &mut period.since,
                "to" | "until" => &mut period.until,
                name => {
                    other(name, &value)?;
                    continue;
                }
            };
            if value.chars().count() > LONGEST {
                return Err(format!("{name}: it is no time"));
            }
            if end.replace(value).is_some() {
                return Err(format!("{name}: this end of the period is given twice"));
            }
        }
        Ok(period)
    }

    /// The period, with its ends in `unless_said` where they are not in the query.
    ///
    /// # Errors
    /// A sentence: an end is no time, or the period is empty.
    pub(super) fn range(
        &self,
        unless_said: TimeRange,
        now: Timestamp,
        zone: &TimeZone,
    ) -> Result<TimeRange, String> {
        let end = |name: &str, typed: &Option<String>, unless_said| match typed {
            None => Ok(unless_said),
            Some(text) => match time(name, text, now, zone)? {
                Since::At(at) => Ok(at),
                Since::Drop(_) => Err(format!("{name}: a drop is at /api/v1/drops/12")),
            },
        };
        let from = end("since", &self.since, unless_said.from)?;
        not_empty(TimeRange { from, to: end("until", &self.until, unless_said.to)? })
    }
}

/// A time, or the time around a drop.
///
/// # Errors
/// A sentence that begins with `name`.
pub(super) fn time(
    name: &str,
    text: &str,
    now: Timestamp,
    zone: &TimeZone,
) -> Result<Since, String> {
    match text.parse::<i64>() {
        Ok(ms) if (-MOST_MS..=MOST_MS).contains(&ms) => Ok(Since::At(Timestamp::from_millis(ms))),
        Ok(_) => Err(format!("{name}: that is no time of a record")),
        Err(_) => Since::parse(text, now, zone).map_err(|problem| format!("{name}: {problem}")),
    }
}

/// A period that has a length.
///
/// # Errors
/// A sentence: it has none.
pub(super) fn not_empty(range: TimeRange) -> Result<TimeRange, String> {
    let TimeRange { from, to } = range;
    if from < to {
        return Ok(range);
    }
    Err(format!("the period is empty: its start {from} is not before its end {to}"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_seconds(1_770_038_400);

    fn seconds_back(query: &str) -> Result<(i64, i64), String> {
        let typed = TypedPeriod::of(query, &mut |name, _| Err(format!("{name}: not known")))?;
        let unless_said = TimeRange { from: NOW.plus_micros(-60_000_000), to: NOW };
        let range = typed.range(unless_said, NOW, &TimeZone::UTC)?;
        let back = |at: Timestamp| NOW.micros_since(at) / 1_000_000;
        Ok((back(range.from), back(range.to)))
    }

    #[test]
    fn both_names_of_an_end_take_milliseconds_and_what_the_command_line_takes() {
        assert_eq!(seconds_back(""), Ok((60, 0)));
        for (from, to) in [("from", "to"), ("since", "until")] {
            assert_eq!(seconds_back(&format!("{from}=2h&{to}=1h")), Ok((7_200, 3_600)));
            let ms = format!("{from}=1770038390000&{to}=1770038399000");
            assert_eq!(seconds_back(&ms), Ok((10, 1)));
            let dated = format!("{from}=2026-02-02T13%3A19%3A50%2B00:00");
            assert_eq!(seconds_back(&dated), Ok((10, 0)));
        }
    }

    #[test]
    fn what_is_no_period_is_refused_in_one_sentence() {
        let long = format!("since={}", "1".repeat(65));
        for query in [
            "since=soon",
            "since=drop:1",
            "until=2020-01-01",
            "from=2h&since=1h",
            "to=0",
            "from=-9223372036854775808",
            "to=9223372036854775807",
            "x=1",
            "since=%ff",
            "since=%4",
            &long,
        ] {
            let why = seconds_back(query).unwrap_err();
            assert!(!why.contains('\n') && why.len() < 300, "{query}: {why}");
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(
            query in r"(since|until|from|to|=|&|%[0-9a-f]{0,2}|[0-9]{1,5}|[dhm+-]|\PC){0,20}",
        ) {
            let _ = seconds_back(&query);
        }
    }
}
