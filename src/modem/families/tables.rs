//! Tables with a row for each channel. Their columns are found by name.

use super::columns::{ChannelColumn, NamedColumn, direction_named, direction_of, many, named};
use super::reading::WebReading;
use crate::modem::Error;
use crate::modem::cells::is_absent;
use crate::modem::html::{HtmlCell, HtmlTable};

/// As many columns must be known by name for a row to be the heads of a table of channels.
const KNOWN_COLUMNS: usize = 4;

/// Takes the channels of the table; whether it is a table of channels.
///
/// # Errors
/// Where it has rows, none of which is a channel.
pub(super) fn read(path: &str, table: &HtmlTable, reading: &mut WebReading) -> Result<bool, Error> {
    let title = title(table);
    let Some((columns, first)) = heads(table) else {
        let names_channels = title.to_ascii_lowercase().contains("channel");
        if names_channels && direction_named(&title).is_some() && table.rows.len() > 2 {
            return Err(no_channel(path, title, table.rows.len() - 1));
        }
        return Ok(false);
    };
    let mut directions = [&title, &table.id].into_iter().filter_map(|text| direction_named(text));
    let direction = directions
        .next()
        .or_else(|| direction_of(&columns))
        .or_else(|| direction_named(&table.before));
    let Some(direction) = direction else {
        reading.note(format!(
            "{path}: a table of channels does not say in which direction they go; not read"
        ));
        return Ok(false);
    };
    let mut named = [&title, &table.id, &table.before].into_iter();
    let of = named
        .find(|text| direction_named(text) == Some(direction))
        .and_then(|text| many(text, direction));
    let (mut channels, mut rows, mut odd) = (0, 0, 0);
    for row in &table.rows[first..] {
        if is_blank(row) || is_heads(row) {
            continue;
        }
        rows += 1;
        let Some(columns) = fitting(&columns, row) else {
            odd += 1;
            continue;
        };
        let cells = columns.iter().zip(row);
        let cells = cells
            .filter_map(|(column, cell)| Some((column.as_ref()?, cell.text.as_str())))
            .collect();
        channels += usize::from(reading.take(&cells, direction, of));
    }
    let title = [title.clone(), table.before.clone(), table.id.clone()]
        .into_iter()
        .find(|title| !title.is_empty());
    let title = title.unwrap_or_else(|| "a table of channels".to_owned());
    if rows > 0 && channels == 0 {
        return Err(no_channel(path, title, rows));
    }
    if odd > 0 {
        reading.note(format!(
            "{path}: rows of \"{title}\" that do not fit its heads, not read: {odd}"
        ));
    }
    if rows > channels + odd {
        reading.note(format!(
            "{path}: rows of \"{title}\" that name no channel: {}",
            rows - channels - odd
        ));
    }
    reading.understood();
    Ok(true)
}

fn no_channel(page: &str, table: String, rows: usize) -> Error {
    Error::NoChannel { page: page.to_owned(), table, rows }
}

/// The text of a first row that is one cell.
fn title(table: &HtmlTable) -> String {
    let first = table.rows.first().filter(|row| row.iter().all(|cell| cell.text == row[0].text));
    first.map_or_else(String::new, |row| row[0].text.clone())
}

/// The columns, and the first row below them. Heads may take two rows.
fn heads(table: &HtmlTable) -> Option<(Vec<Option<NamedColumn>>, usize)> {
    let at = table.rows.iter().take(8).position(|row| is_heads(row) || is_upper_heads(row))?;
    let mut names: Vec<String> = table.rows[at].iter().map(|cell| cell.text.clone()).collect();
    let mut first = at + 1;
    if let Some(below) =
        table.rows.get(first).filter(|row| row.iter().any(|cell| cell.is_continued))
    {
        for (name, cell) in names.iter_mut().zip(below).filter(|(_, cell)| !cell.is_continued) {
            *name = format!("{name} {}", cell.text);
        }
        first += 1;
    }
    let mut columns: Vec<_> = names.iter().map(|name| named(name)).collect();
    // The row's name stands in a column without one.
    if names.first().is_some_and(String::is_empty) {
        columns[0] = named("channel");
    }
    (known(&columns) >= KNOWN_COLUMNS).then_some((columns, first))
}

fn is_heads(row: &[HtmlCell]) -> bool {
    known(&row.iter().map(|cell| named(&cell.text)).collect::<Vec<_>>()) >= KNOWN_COLUMNS
}

/// The upper of two rows of heads: cells go on into the next.
fn is_upper_heads(row: &[HtmlCell]) -> bool {
    known(&row.iter().map(|cell| named(&cell.text)).collect::<Vec<_>>()) >= 3
        && row.iter().any(HtmlCell::goes_on)
}

/// How many different columns are known.
fn known(columns: &[Option<NamedColumn>]) -> usize {
    let mut known: Vec<ChannelColumn> =
        columns.iter().flatten().map(|named| named.column).collect();
    known.sort_unstable();
    known.dedup();
    known.len()
}

fn is_blank(row: &[HtmlCell]) -> bool {
    row.len() < 2
        || row.iter().all(|cell| is_absent(&cell.text))
        || row.iter().all(|cell| cell.text == row[0].text)
}

/// The columns of a row: those of the heads where there are as many. Some firmwares show the first and
/// last subcarrier by number and by frequency under one head each.
fn fitting(columns: &[Option<NamedColumn>], row: &[HtmlCell]) -> Option<Vec<Option<NamedColumn>>> {
    if row.len() == columns.len() {
        return Some(columns.to_vec());
    }
    let place = |of: ChannelColumn| {
        columns.iter().position(|named| named.as_ref().is_some_and(|n| n.column == of))
    };
    let (first, last) =
        (place(ChannelColumn::FirstFrequency)?, place(ChannelColumn::LastFrequency)?);
    if row.len() != columns.len() + 2 || last != first + 1 {
        return None;
    }
    let mut fitting = columns[..first].to_vec();
    fitting.extend([None, None]);
    fitting.extend_from_slice(&columns[first..]);
    Some(fitting)
}
