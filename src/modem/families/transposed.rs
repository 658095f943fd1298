//! Tables with a column for each channel: their rows are found by name.

use super::columns::{
    Cells, ChannelColumn, NamedColumn, direction_named, direction_of, many, named,
};
use super::reading::WebReading;
use crate::modem::Error;
use crate::modem::cells::{Direction, counter, is_absent, ordinal};
use crate::modem::html::HtmlTable;
use crate::vocabulary::Downstream;

const COUNTERS: [ChannelColumn; 3] =
    [ChannelColumn::Unerrored, ChannelColumn::Corrected, ChannelColumn::Uncorrectable];

/// Takes the channels, or their counters, of the table; whether it is one of these.
///
/// # Errors
/// Where it has values, of which none is of a channel.
pub(super) fn read(path: &str, table: &HtmlTable, reading: &mut WebReading) -> Result<bool, Error> {
    let mut title = String::new();
    let mut rows: Vec<(NamedColumn, Vec<&str>)> = Vec::new();
    let mut ignored = 0_usize;
    for row in &table.rows {
        let Some((name, values)) = row.split_first() else { continue };
        let values: Vec<_> = values.iter().map(|cell| cell.text.as_str()).collect();
        match named(&name.text) {
            Some(named) if !values.is_empty() && !are_heads(&values) => rows.push((named, values)),
            _ if rows.is_empty() => title = format!("{title} {}", name.text),
            _ => ignored += 1,
        }
    }
    let has = |of: ChannelColumn| rows.iter().any(|(named, _)| named.column == of);
    let has_any = |of: &[ChannelColumn]| of.iter().any(|column| has(*column));
    let is_one = has_any(&[ChannelColumn::Id, ChannelColumn::Frequency]) || has_any(&COUNTERS);
    if rows.len() < 3 || !is_one || ignored > 2 * rows.len() {
        return Ok(false);
    }
    // Its pages show no model, but these words.
    if reading.model.is_none()
        && table.rows.iter().flatten().any(|cell| cell.text == "Bonding Channel Value")
    {
        reading.model = Some("SB6141".to_owned());
    }
    let names: Vec<_> = rows.iter().map(|(named, _)| Some(named.clone())).collect();
    let direction = direction_named(&title)
        .or_else(|| direction_of(&names))
        .or_else(|| direction_named(&table.before))
        .unwrap_or(Direction::Down);
    // As many channels as have a number, else as most rows have.
    let by_id = rows
        .iter()
        .find(|(named, _)| named.column == ChannelColumn::Id)
        .map(|(_, values)| values.len());
    let width =
        by_id.unwrap_or_else(|| rows.iter().map(|(_, values)| values.len()).max().unwrap_or(0));
    for (named, values) in rows.iter().filter(|(_, values)| values.len() != width) {
        let what = super::columns::word(named.column);
        reading.note(format!(
            "the row of the {what} has {} values for {width} channels: not read",
            values.len()
        ));
    }
    rows.retain(|(_, values)| values.len() == width);
    if !rows.iter().any(|(named, _)| {
        matches!(named.column, ChannelColumn::Frequency | ChannelColumn::Power | ChannelColumn::Mer)
    }) {
        counters(&rows, width, reading);
        return Ok(true);
    }
    let of = many(&title, direction);
    let mut taken = 0;
    for at in 0..width {
        let cells: Cells<'_> = rows.iter().map(|(named, values)| (named, values[at])).collect();
        taken += usize::from(reading.take(&cells, direction, of));
    }
    let is_blank = rows.iter().all(|(_, values)| values.iter().all(|text| is_absent(text)));
    if taken == 0 && !is_blank {
        let table = title.trim().to_owned();
        return Err(Error::NoChannel { page: path.to_owned(), table, rows: rows.len() });
    }
    reading.understood();
    Ok(true)
}

/// Whether these are the names of columns rather than values.
fn are_heads(values: &[&str]) -> bool {
    let mut columns: Vec<ChannelColumn> =
        values.iter().filter_map(|text| named(text)).map(|named| named.column).collect();
    columns.sort_unstable();
    columns.dedup();
    columns.len() >= 3
}

/// Gives counters to the channels that were read before: to the one with the same number at the same
/// place, else to the only one with that number; where the counters have no numbers, by their places,
/// if there are as many.
fn counters(rows: &[(NamedColumn, Vec<&str>)], width: usize, reading: &mut WebReading) {
    let values = |of: ChannelColumn| {
        rows.iter().find(|(named, _)| named.column == of).map(|(_, values)| values)
    };
    let ids = values(ChannelColumn::Id);
    let indices = values(ChannelColumn::Row);
    let seen: Vec<_> = COUNTERS.into_iter().filter(|column| values(*column).is_some()).collect();
    let (mut given, mut lone) = (0, 0);
    for at in 0..width {
        let mut channels = reading.downstream();
        let place = match (ids, indices) {
            (Some(ids), _) => place(&channels, at, ordinal(ids[at]), |down| down.id),
            (None, Some(indices)) if channels.iter().any(|down| down.row.is_some()) => {
                place(&channels, at, ordinal(indices[at]), |down| down.row)
            }
            _ => Some(at).filter(|_| width == channels.len()),
        };
        let Some(channel) = place.and_then(|place| channels.get_mut(place)) else {
            lone += 1;
            continue;
        };
        given += 1;
        if channel.locked == Some(false) {
            continue;
        }
        let count = |of: ChannelColumn| values(of).and_then(|values| counter(values[at]));
        channel.unerrored = count(ChannelColumn::Unerrored);
        channel.corrected = count(ChannelColumn::Corrected);
        channel.uncorrectable = count(ChannelColumn::Uncorrectable);
    }
    if given > 0 {
        reading.saw_counters(&seen);
        reading.understood();
    }
    if lone > 0 {
        reading.note(format!("counters of channels that no other table shows: {lone}"));
    }
}

/// The place of the channel with this number: the same as here, or the only one.
fn place(
    channels: &[&mut Downstream],
    at: usize,
    number: Option<u32>,
    of: impl Fn(&Downstream) -> Option<u32>,
) -> Option<usize> {
    let same = |place: &usize| number.is_some() && of(channels[*place]) == number;
    if at < channels.len() && same(&at) {
        return Some(at);
    }
    let mut places = (0..channels.len()).filter(same);
    let only = places.next();
    only.filter(|_| places.next().is_none())
}
