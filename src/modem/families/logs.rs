//! Event logs in tables and in scripts.

use html5gum::Token;

use super::reading::WebReading;
use crate::modem::cells::squeezed;
use crate::modem::html::{HtmlCell, HtmlPage, HtmlTable};
use crate::modem::log::{DateOrder, LogRow, level, stamp};
use crate::modem::tokens::tokens;
use crate::vocabulary::LogStamp;

/// What a column of a log holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogColumn {
    First,
    Last,
    Count,
    Level,
    Number,
    Text,
}

fn named(name: &str) -> Option<LogColumn> {
    use LogColumn as C;
    let key: String =
        name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    Some(match key.as_str() {
        "time" | "datetime" | "date" | "dateandtime" | "timestamp" | "firsttime" | "eventtime" => {
            C::First
        }
        "lasttime" | "last" => C::Last,
        "count" | "counts" | "eventcount" | "eventcounts" => C::Count,
        "level" | "priority" | "eventlevel" | "severity" | "eventpriority" | "prioritylevel" => {
            C::Level
        }
        "eventid" | "id" | "eventnumber" => C::Number,
        "description" | "event" | "message" | "text" | "eventdescription" | "eventtext" | "msg" => {
            C::Text
        }
        _ => return None,
    })
}

/// Takes the log of a table that has heads for the time and the text; whether it is one.
pub(super) fn table(table: &HtmlTable, reading: &mut WebReading) -> bool {
    let columns_of =
        |row: &Vec<HtmlCell>| row.iter().map(|cell| named(&cell.text)).collect::<Vec<_>>();
    let is_heads = |row: &Vec<HtmlCell>| {
        let columns = columns_of(row);
        columns.contains(&Some(LogColumn::First)) && columns.contains(&Some(LogColumn::Text))
    };
    let Some(at) = table.rows.iter().take(4).position(is_heads) else { return false };
    let columns = columns_of(&table.rows[at]);
    let mut rows = Vec::new();
    for row in &table.rows[at + 1..] {
        // A row across the whole table says that there are no entries.
        if row.len() != columns.len()
            || row.iter().all(|cell| cell.text == row[0].text)
            || is_heads(row)
        {
            continue;
        }
        let mut entry = LogRow::default();
        for (column, cell) in columns.iter().zip(row) {
            put(&mut entry, *column, &cell.text);
        }
        rows.push(entry);
    }
    reading.log(rows);
    true
}

fn put(entry: &mut LogRow, column: Option<LogColumn>, text: &str) {
    match column {
        // A date and a time may have a column each.
        Some(LogColumn::First) if !entry.first.is_empty() => {
            entry.first = format!("{} {text}", entry.first);
        }
        Some(LogColumn::First) => text.clone_into(&mut entry.first),
        Some(LogColumn::Last) => entry.last = Some(text.to_owned()),
        Some(LogColumn::Count) => entry.count = text.trim().parse().ok(),
        Some(LogColumn::Level) => text.clone_into(&mut entry.level),
        Some(LogColumn::Number) => entry.number = text.trim().parse().ok(),
        Some(LogColumn::Text) => text.clone_into(&mut entry.text),
        None => {}
    }
}

/// Takes the log of a page that calls itself one and whose table has no heads that are known: of each
/// row the cell that is a time, the one that is a level, and the longest.
pub(super) fn untitled(page: &HtmlPage, reading: &mut WebReading) {
    let says_log = |text: &String| text.to_ascii_lowercase().contains("event log");
    if !(says_log(&page.title) || page.lines.iter().take(60).any(says_log)) {
        return;
    }
    for table in &page.tables {
        let columns_known =
            table.rows.iter().take(4).any(|row| row.iter().any(|cell| named(&cell.text).is_some()));
        if columns_known {
            continue;
        }
        let is_time = |cell: &&HtmlCell| {
            let stamp = stamp(&cell.text, DateOrder::MonthFirst);
            cell.text.contains("Time Not") || stamp.is_some_and(|stamp| stamp != LogStamp::Unset)
        };
        let rows: Vec<LogRow> = table
            .rows
            .iter()
            .filter(|row| row.len() >= 3)
            .filter_map(|row| {
                let time = row.iter().find(is_time)?;
                let text = row
                    .iter()
                    .filter(|cell| cell.text != time.text)
                    .max_by_key(|cell| cell.text.len())?;
                let is_level = |cell: &&HtmlCell| cell.text != text.text && cell.text != time.text;
                let level = row.iter().filter(is_level).find(|cell| level(&cell.text).is_some());
                Some(LogRow {
                    first: time.text.clone(),
                    level: level.map_or_else(String::new, |cell| cell.text.clone()),
                    text: text.text.clone(),
                    ..LogRow::default()
                })
            })
            .collect();
        if !rows.is_empty() {
            reading.log(rows);
        }
    }
}

/// Takes the logs that scripts hold as XML with the names of the DOCSIS device MIB (RFC 4639).
pub(super) fn scripts(page: &HtmlPage, reading: &mut WebReading) {
    for (_, value) in page.variables() {
        if value.contains("<docsDevEventTable") {
            reading.log(event_table(&value));
        }
    }
}

fn event_table(xml: &str) -> Vec<LogRow> {
    let mut rows = Vec::new();
    let mut row = LogRow::default();
    let mut field = Vec::new();
    let mut text = String::new();
    for token in tokens(xml) {
        match token {
            Token::StartTag(tag) => {
                field.clone_from(&tag.name.0);
                text.clear();
            }
            Token::String(part) => text.push_str(&String::from_utf8_lossy(&part)),
            Token::EndTag(tag) if *tag.name == b"tr" => {
                let row = std::mem::take(&mut row);
                if row != LogRow::default() {
                    rows.push(row);
                }
            }
            Token::EndTag(tag) if tag.name.0 == field => {
                let value = squeezed(&text);
                let column = match field.as_slice() {
                    b"docsdevevtime" | b"docsdevevfirsttime" => Some(LogColumn::First),
                    b"docsdevevlasttime" => Some(LogColumn::Last),
                    b"docsdevevcounts" => Some(LogColumn::Count),
                    b"docsdevevlevel" => Some(LogColumn::Level),
                    b"docsdevevid" => Some(LogColumn::Number),
                    b"docsdevevtext" => Some(LogColumn::Text),
                    _ => None,
                };
                put(&mut row, column, &value);
                field.clear();
            }
            _ => {}
        }
    }
    rows
}
