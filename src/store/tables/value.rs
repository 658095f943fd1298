//! Values of columns to values of the program, and back.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::text::words::Word;
use crate::time::Timestamp;
use crate::vocabulary::Bounds;

/// Times and lengths in microseconds are less than this: 285 years. What is beyond was not written by
/// linkmon, and nothing may be reckoned with it.
pub(super) const MOST_US: i64 = 1 << 53;

/// A whole number between these bounds; another one cannot be understood.
pub(super) fn within(
    row: &Row<'_>,
    column: usize,
    bounds: RangeInclusive<i64>,
) -> rusqlite::Result<i64> {
    plausible(column, row.get(column)?, bounds)
}

fn plausible(column: usize, number: i64, bounds: RangeInclusive<i64>) -> rusqlite::Result<i64> {
    if bounds.contains(&number) {
        Ok(number)
    } else {
        Err(rusqlite::Error::IntegralValueOutOfRange(column, number))
    }
}

/// A time in microseconds, as a number.
pub(super) fn us(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    within(row, column, -MOST_US..=MOST_US)
}

/// A time in microseconds, as a number, or NULL.
pub(super) fn us_or_null(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<i64>> {
    let number: Option<i64> = row.get(column)?;
    number.map(|number| plausible(column, number, -MOST_US..=MOST_US)).transpose()
}

/// A number of a run.
pub(super) fn run(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    within(row, column, 0..=MOST_NUMBERS)
}

/// A number that a row was given.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    within(row, column, 0..=MOST_NUMBERS)
}

/// No row has a greater number.
pub(in crate::store) const MOST_NUMBERS: i64 = 1 << 53;

/// A minute: Unix time / 60 s.
pub(super) fn minute(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    within(row, column, -MOST_US / 60_000_000..=MOST_US / 60_000_000)
}

/// An hour: Unix time / 3600 s.
pub(super) fn hour(row: &Row<'_>, column: usize) -> rusqlite::Result<i64> {
    within(row, column, -MOST_US / 3_600_000_000..=MOST_US / 3_600_000_000)
}

/// A time in microseconds.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    us(row, column).map(Timestamp::from_micros)
}

/// A time in microseconds, or NULL.
pub(super) fn time_or_null(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(us_or_null(row, column)?.map(Timestamp::from_micros))
}

/// The bounds in this column and the next.
pub(super) fn bounds(row: &Row<'_>, column: usize) -> rusqlite::Result<Bounds> {
    Ok(Bounds { earliest: time(row, column)?, latest: time(row, column + 1)? })
}

/// The bounds in this column and the next; `None` where one is NULL.
pub(super) fn bounds_or_null(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Bounds>> {
    let ends = time_or_null(row, column)?.zip(time_or_null(row, column + 1)?);
    Ok(ends.map(|(earliest, latest)| Bounds { earliest, latest }))
}

/// A delay in microseconds.
pub(super) fn delay(row: &Row<'_>, column: usize) -> rusqlite::Result<Duration> {
    count(row, column).map(Duration::from_micros)
}

/// A number that is never negative.
pub(super) fn count(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    within(row, column, 0..=MOST_US).map(i64::unsigned_abs)
}

/// A number of which only a file beyond all bounds could not hold the whole.
pub(super) fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// The value of a word: `isp-core`.
pub(super) fn word<T: Word + FromStr<Err = String>>(
    row: &Row<'_>,
    column: usize,
) -> rusqlite::Result<T> {
    row.get_ref(column)?.as_str()?.parse().map_err(|e: String| {
        rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into())
    })
}

/// A value as JSON.
pub(super) fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    serde_json::from_str(row.get_ref(column)?.as_str()?)
        .map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

/// A value as JSON text.
pub(super) fn text<T: Serialize>(value: &T) -> rusqlite::Result<String> {
    serde_json::to_string(value).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

/// What is written into the columns of a row.
macro_rules! values {
    ($($value:expr),+ $(,)?) => {
        Ok(vec![$(rusqlite::types::Value::from($value)),+])
    };
}
pub(super) use values;
