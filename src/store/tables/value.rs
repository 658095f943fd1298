//! Values of columns to values of the program, and back.

use std::str::FromStr;
use std::time::Duration;

use rusqlite::Row;
use rusqlite::types::Type;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::text::words::Word;
use crate::time::Timestamp;
use crate::vocabulary::Bounds;

/// A time in microseconds.
pub(super) fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<Timestamp> {
    row.get(column).map(Timestamp::from_micros)
}

/// A time in microseconds, or NULL.
pub(super) fn time_or_null(row: &Row<'_>, column: usize) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
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
    row.get::<_, i64>(column).map(i64::unsigned_abs)
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
