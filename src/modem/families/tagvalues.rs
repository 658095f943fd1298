//! Lists in scripts that fill the tables of a page: `var tagValueList = '2|1|Locked|QAM256|..'`. The
//! first value is the number of rows; the function's name says of which table.

use super::columns::{Cells, NamedColumn, named};
use super::reading::WebReading;
use crate::modem::Error;
use crate::modem::cells::{Direction, is_absent, squeezed, uptime};
use crate::modem::html::{HtmlPage, literal};
use crate::modem::log::{DateOrder, clock};
use crate::vocabulary::ChannelKind;

/// A list of channels.
struct TagList {
    /// What the function's name contains, the most particular first.
    function: &'static str,
    /// The table that it fills.
    table: &'static str,
    direction: Direction,
    of: Option<ChannelKind>,
    /// The columns where neither the table's heads nor a remark in the script name them, for each
    /// number of columns.
    columns: &'static [&'static [&'static str]],
}

const LISTS: [TagList; 4] = [
    TagList {
        function: "InitDsOfdm",
        table: "dsOfdmTable",
        direction: Direction::Down,
        of: Some(ChannelKind::Ofdm),
        columns: &[&[
            "Channel",
            "Lock Status",
            "Modulation / Profile ID",
            "Channel ID",
            "Frequency",
            "Power",
            "SNR / MER",
            "Active Subcarrier Number Range",
            "Unerrored Codewords",
            "Correctable Codewords",
            "Uncorrectable Codewords",
        ]],
    },
    TagList {
        function: "InitUsOfdm",
        table: "usOfdmaTable",
        direction: Direction::Up,
        of: Some(ChannelKind::Ofdma),
        columns: &[&[
            "Channel",
            "Lock Status",
            "Modulation / Profile ID",
            "Channel ID",
            "Frequency",
            "Power",
        ]],
    },
    TagList {
        function: "InitDsTable",
        table: "dsTable",
        direction: Direction::Down,
        of: None,
        columns: &[
            &["Channel", "Lock Status", "Modulation", "Channel ID", "Frequency", "Power", "SNR"],
            &[
                "Channel",
                "Lock Status",
                "Modulation",
                "Channel ID",
                "Frequency",
                "Power",
                "SNR",
                "Correctables",
                "Uncorrectables",
            ],
            &[
                "Channel",
                "Lock Status",
                "Modulation",
                "Channel ID",
                "Frequency",
                "Power",
                "SNR",
                "Unerrored Codewords",
                "Correctables",
                "Uncorrectables",
            ],
        ],
    },
    TagList {
        function: "InitUsTable",
        table: "usTable",
        direction: Direction::Up,
        of: None,
        columns: &[
            &[
                "Channel",
                "Lock Status",
                "US Channel Type",
                "Channel ID",
                "Symbol Rate",
                "Frequency",
                "Power",
            ],
            &["Channel", "Lock Status", "US Channel Type", "Channel ID", "Frequency", "Power"],
        ],
    },
];

/// No page has as many functions; what is beyond is not read.
const MOST: usize = 300;

/// Takes what the lists of the page say; whether it has any.
///
/// # Errors
/// Where a list of channels has rows, none of which is a channel.
pub(super) fn read(path: &str, page: &HtmlPage, reading: &mut WebReading) -> Result<bool, Error> {
    let mut has_lists = false;
    let mut states = 0;
    for (name, body) in page.scripts.iter().flat_map(|script| functions(script)).take(MOST) {
        let Some(values) = tag_values(body) else { continue };
        has_lists = true;
        match LISTS.iter().find(|list| name.starts_with(list.function)) {
            Some(list) => channels(path, page, list, body, &values, reading)?,
            None if name == "InitTagValue" && states < 3 => {
                states += 1;
                status(page, &values, reading);
            }
            None => {}
        }
    }
    Ok(has_lists)
}

/// The functions of a script: name and body, up to the next.
fn functions(script: &str) -> impl Iterator<Item = (&str, &str)> {
    script.split("function ").skip(1).filter_map(|function| {
        let (name, body) = function.split_once('(')?;
        Some((name.trim(), body))
    })
}

/// The values of the list, of the last assignment that is not a remark; pieces joined by `+` count as one.
fn tag_values(body: &str) -> Option<Vec<String>> {
    let body = without_remarks(body);
    let mut list = None;
    for (at, name) in body.match_indices("tagValueList") {
        let Some(mut rest) = body[at + name.len()..].trim_start().strip_prefix('=') else {
            continue;
        };
        let mut text = String::new();
        while let Some((piece, after)) = literal(rest) {
            text.push_str(&piece);
            match after.trim_start().strip_prefix('+') {
                Some(after) => rest = after,
                None => break,
            }
        }
        if !text.is_empty() {
            list = Some(text);
        }
    }
    let mut values: Vec<String> = list?.split('|').map(squeezed).collect();
    if values.last().is_some_and(String::is_empty) {
        values.pop();
    }
    Some(values)
}

/// The script without `/* .. */` and `// ..`, which may stand in a string only in the first form.
fn without_remarks(script: &str) -> String {
    let mut kept = String::with_capacity(script.len());
    let mut rest = script;
    while let Some(at) = rest.find("/*") {
        kept.push_str(&rest[..at]);
        rest = rest[at + 2..].split_once("*/").map_or("", |(_, after)| after);
    }
    kept.push_str(rest);
    let is_remark = |line: &&str| line.trim_start().starts_with("//");
    kept.lines().filter(|line| !is_remark(line)).collect::<Vec<_>>().join("\n")
}

fn channels(
    path: &str,
    page: &HtmlPage,
    list: &TagList,
    body: &str,
    values: &[String],
    reading: &mut WebReading,
) -> Result<(), Error> {
    let Some((rows, cells)) = values.split_first() else { return Ok(()) };
    let table = || list.table.to_owned();
    let rows: usize = rows.parse().unwrap_or(0);
    if rows == 0 {
        reading.understood();
        return Ok(());
    }
    let width = cells.len() / rows;
    let no_channel = || Error::NoChannel { page: path.to_owned(), table: table(), rows };
    let columns = columns(page, list, body, width)
        .filter(|_| cells.len().is_multiple_of(rows))
        .ok_or_else(no_channel)?;
    let mut taken = 0;
    for row in cells.chunks_exact(width) {
        let cells: Cells<'_> = columns
            .iter()
            .zip(row)
            .filter_map(|(column, cell)| Some((column.as_ref()?, cell.as_str())))
            .collect();
        taken += usize::from(reading.take(&cells, list.direction, list.of));
    }
    if taken == 0 { Err(no_channel()) } else { Ok(()) }
}

/// The columns by the heads of the table that the list fills, else by the remark in the script, else
/// by what modems of this make have.
fn columns(
    page: &HtmlPage,
    list: &TagList,
    body: &str,
    width: usize,
) -> Option<Vec<Option<NamedColumn>>> {
    let by_names = |names: Vec<String>| {
        let columns: Vec<_> = names.iter().map(|name| named(name)).collect();
        (columns.len() == width && columns.iter().flatten().count() >= 4).then_some(columns)
    };
    let table = page.tables.iter().find(|table| table.id == list.table);
    let heads = table.and_then(|table| table.rows.first());
    let heads = heads.and_then(|row| by_names(row.iter().map(|cell| cell.text.clone()).collect()));
    let remark = || {
        let remark = body.split("/*").skip(1).filter_map(|text| text.split_once("*/"));
        let mut remark = remark.map(|(text, _)| text).filter(|text| text.contains("(text)"));
        by_names(
            remark.next()?.split('|').map(|name| squeezed(&name.replace("(text)", ""))).collect(),
        )
    };
    let default = || {
        let names = list.columns.iter().find(|names| names.len() == width)?;
        by_names(names.iter().map(|name| (*name).to_owned()).collect())
    };
    heads.or_else(remark).or_else(default)
}

/// The state, the clock and the uptime: where the script puts each is said beside it; else each is known
/// by its form.
fn status(page: &HtmlPage, values: &[String], reading: &mut WebReading) {
    let placed = |element: &str| {
        let scripts = page.scripts.iter().map(|script| without_remarks(script));
        let mut places = scripts.filter_map(|script| {
            let at = script.find(&format!("getElementById(\"{element}\").innerHTML"))?;
            let statement = script[at..].split(';').next()?;
            let number = statement.rsplit_once("tagValues[")?.1.split(']').next()?;
            values.get(number.parse::<usize>().ok()?)
        });
        places.next().filter(|value| !is_absent(value))
    };
    let clock_of = |value: &String| clock(value, DateOrder::MonthFirst);
    reading.clock = reading
        .clock
        .or(placed("CurrentSystemTime").and_then(clock_of))
        .or_else(|| values.iter().find_map(clock_of));
    let is_length = |value: &&String| value.contains(':') && !value.contains('/');
    // A bare number may be anything.
    let uptime_of = |value: &String| uptime(value).filter(|_| value.contains(':'));
    reading.uptime = reading
        .uptime
        .or(placed("SystemUpTime").and_then(uptime_of))
        .or_else(|| values.iter().filter(is_length).find_map(uptime_of));
    if reading.connection.is_none() {
        let state =
            placed("ConnectivityStateComment").or_else(|| placed("ConnectivityStateStatus"));
        reading.connection = state.cloned();
    }
    if reading.firmware.is_none() {
        reading.firmware =
            placed("FirmwareVersion").or_else(|| placed("CableFirmwareVersion")).cloned();
    }
    if reading.clock.is_some() || reading.uptime.is_some() || reading.firmware.is_some() {
        reading.understood();
    }
}
