//! A FRITZ!Box's log, which `data.lua` and TR-064 give in several shapes.

use crate::modem::log::LogRow;

/// A row of the log. Its dates have the day first, and years of two digits.
pub(super) fn log_row(date: &str, time: &str, text: &str) -> LogRow {
    let date = date.trim();
    let first = match date.rsplit_once('.') {
        Some((day_and_month, year)) if year.len() == 2 => {
            format!("{day_and_month}.20{year} {}", time.trim())
        }
        _ => format!("{date} {}", time.trim()),
    };
    LogRow { first, text: text.trim().to_owned(), ..LogRow::default() }
}
