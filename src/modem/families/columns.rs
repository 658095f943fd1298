//! Names of columns, and of rows where channels stand side by side: one dictionary for all modems with
//! web pages. Columns are found by their names alone; their order and number change with the firmware.

use crate::modem::cells::{
    Direction, bonding, counter, frequency_hz, is_absent, is_locked, kind, mer_db, modulation,
    ordinal, power_dbmv, squeezed, width_hz,
};
use crate::vocabulary::{ChannelKind, Downstream, Upstream};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ChannelColumn {
    /// The row's number.
    Row,
    /// The channel's number with the operator.
    Id,
    /// Whether the modem is locked.
    Lock,
    /// The kind of channel.
    Kind,
    /// Whether it takes part in the bundle.
    Bonding,
    /// Its frequency.
    Frequency,
    /// The frequency at which it begins: of its first subcarrier.
    FirstFrequency,
    /// The frequency at which it ends: of its last subcarrier.
    LastFrequency,
    /// Its width.
    Width,
    /// Its level.
    Power,
    /// Its modulation error ratio.
    Mer,
    /// Its modulation or profiles.
    Modulation,
    /// Codewords without errors.
    Unerrored,
    /// Codewords that were corrected.
    Corrected,
    /// Codewords that could not be corrected.
    Uncorrectable,
    /// Symbols a second, which only tells the direction.
    SymbolRate,
}

/// A column of a table: what it holds and the unit in its name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NamedColumn {
    pub(super) column: ChannelColumn,
    /// `MHz` of `Freq. (MHz)`.
    pub(super) unit: String,
}

/// What a column of this name holds. `None` for a name that is not known, and for columns that are of
/// no use here.
pub(super) fn named(name: &str) -> Option<NamedColumn> {
    use ChannelColumn as C;
    let (name, unit) = match name.rsplit_once('(') {
        Some((before, rest)) => {
            let (unit, after) = rest.split_once(')').unwrap_or((rest, ""));
            (format!("{before} {after}"), unit.trim().to_owned())
        }
        None => (name.to_owned(), String::new()),
    };
    let key: String =
        name.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    let column = match key.as_str() {
        "channel" | "channelindex" | "index" | "chan" => C::Row,
        "channelid" | "chanid" | "dcid" | "ucid" | "id" | "chid" => C::Id,
        "lockstatus" | "lock" | "locked" | "lockstate" | "rangingstatus" => C::Lock,
        "channeltype" | "uschanneltype" | "dschanneltype" | "upstreamchanneltype" | "type" => {
            C::Kind
        }
        "bondingstatus" | "bonding" => C::Bonding,
        "frequency" | "freq" | "centerfrequency" | "centrefrequency" | "centerfreq"
        | "channelfrequency" => C::Frequency,
        "firstactivesubcarrier" => C::FirstFrequency,
        "lastactivesubcarrier" => C::LastFrequency,
        "channelwidth" | "width" | "bandwidth" => C::Width,
        "power" | "pwr" | "powerlevel" | "receivelevel" | "receivedlevel" | "receivepower"
        | "receivedpower" | "rxpower" | "transmitlevel" | "transmitpower" | "txpower"
        | "txlevel" | "rxlevel" | "downstreampower" | "upstreampower" | "signallevel" => C::Power,
        "snr"
        | "mer"
        | "snrmer"
        | "rxmer"
        | "snrmerthresholdvalue"
        | "signaltonoiseratio"
        | "snrlevel"
        | "averagerxmerdata"
        | "rxmerdata"
        | "avgmer"
        | "averagemer" => C::Mer,
        "modulation"
        | "modulationprofileid"
        | "profileid"
        | "profile"
        | "downstreammodulation"
        | "upstreammodulation"
        | "modulationprofile"
        | "modulationtype"
        | "activeprofileid" => C::Modulation,
        "unerrored" | "unerroreds" | "unerroredcodewords" | "totalunerroredcodewords" => {
            C::Unerrored
        }
        "corrected"
        | "correcteds"
        | "correctedcodewords"
        | "correctable"
        | "correctables"
        | "correctablecodewords"
        | "totalcorrectablecodewords"
        | "totalcorrectedcodewords"
        | "correctederrors" => C::Corrected,
        "uncorrectable"
        | "uncorrectables"
        | "uncorrectablecodewords"
        | "totaluncorrectablecodewords"
        | "uncorrected"
        | "uncorrectedcodewords"
        | "uncorrectederrors"
        | "uncorrecteds"
        | "uncorrectableerrors" => C::Uncorrectable,
        "symbolrate" | "symbrate" | "ussymbolrate" => C::SymbolRate,
        _ => return None,
    };
    Some(NamedColumn { column, unit })
}

/// The direction that the names of columns tell. `None` where they would fit both.
pub(super) fn direction_of(columns: &[Option<NamedColumn>]) -> Option<Direction> {
    use ChannelColumn as C;
    let has =
        |of: &[ChannelColumn]| columns.iter().flatten().any(|named| of.contains(&named.column));
    if has(&[C::Mer, C::Unerrored, C::Corrected, C::Uncorrectable]) {
        Some(Direction::Down)
    } else if has(&[C::SymbolRate]) {
        Some(Direction::Up)
    } else {
        None
    }
}

/// The direction that a title, a heading or an identifier names.
pub(super) fn direction_named(text: &str) -> Option<Direction> {
    let text = text.to_ascii_lowercase();
    let down = ["downstream", "dstable", "dsofdm", "d31ds", "downchannel"]
        .iter()
        .any(|w| text.contains(w));
    let up =
        ["upstream", "ustable", "usofdm", "d31us", "upchannel"].iter().any(|w| text.contains(w));
    match (down, up) {
        (true, false) => Some(Direction::Down),
        (false, true) => Some(Direction::Up),
        _ => None,
    }
}

/// The kind of all channels of a table with this title.
pub(super) fn many(title: &str, direction: Direction) -> Option<ChannelKind> {
    let title = title.to_ascii_lowercase();
    let is_many = title.contains("ofdm") || title.contains("d31");
    is_many.then_some(match direction {
        Direction::Down => ChannelKind::Ofdm,
        Direction::Up => ChannelKind::Ofdma,
    })
}

/// The cells of a channel with the columns that they are in.
pub(super) type Cells<'a> = Vec<(&'a NamedColumn, &'a str)>;

/// A channel of either direction.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum ModemChannel {
    /// From the operator.
    Down(Downstream),
    /// To the operator.
    Up(Upstream),
}

/// What the cells say of a channel. `None` where they name none: neither a number nor a frequency nor a
/// lock. `of` is the kind of all channels of the table, where its title names it.
pub(super) fn channel(
    cells: &Cells<'_>,
    direction: Direction,
    of: Option<ChannelKind>,
) -> Option<ModemChannel> {
    use ChannelColumn as C;
    let cell = |column: ChannelColumn| {
        cells
            .iter()
            .find(|(named, _)| named.column == column)
            .map(|(named, text)| (*text, named.unit.as_str()))
    };
    let text = |column: ChannelColumn| cell(column).map_or("", |(text, _)| text);
    let with_unit = |column: ChannelColumn, read: fn(&str, &str) -> Option<u64>| {
        cell(column).and_then(|(text, unit)| read(text, unit))
    };
    let locked = is_locked(text(C::Lock));
    let frequency = with_unit(C::Frequency, frequency_hz).or_else(|| {
        let first = with_unit(C::FirstFrequency, frequency_hz)?;
        let last = with_unit(C::LastFrequency, frequency_hz).filter(|last| *last >= first)?;
        Some(u64::midpoint(first, last))
    });
    // A slot without a channel has number 0.
    let id =
        ordinal(text(C::Id)).filter(|id| *id > 0 || (locked == Some(true) && frequency.is_some()));
    let row = ordinal(text(C::Row));
    // A slot that says whether it is locked is one, even where nothing else is shown.
    if id.is_none() && frequency.is_none() && locked.is_none() {
        let has_level = cell(C::Power).is_some_and(|(text, unit)| power_dbmv(text, unit).is_some())
            || cell(C::Mer).is_some_and(|(text, unit)| mer_db(text, unit).is_some());
        if row.is_none() || !has_level {
            return None;
        }
    }
    let is_lit = locked != Some(false);
    let level = |column: ChannelColumn, read: fn(&str, &str) -> Option<f64>| {
        cell(column).filter(|_| is_lit).and_then(|(text, unit)| read(text, unit))
    };
    let count = |column: ChannelColumn| Some(text(column)).filter(|_| is_lit).and_then(counter);
    let words = text(C::Modulation);
    let modulation = modulation(words);
    // The word OFDM in any place outweighs what else is said: an OFDMA channel is of the type TDMA on
    // some gateways.
    let many = [text(C::Kind), words].into_iter().filter_map(|text| kind(text, direction));
    let many: Vec<_> = many.collect();
    let kind = many
        .iter()
        .copied()
        .find(|kind| *kind != ChannelKind::ScQam)
        .or(of)
        .or(many.first().copied());
    let width = with_unit(C::Width, width_hz);
    let bonding = bonding(text(C::Bonding));
    Some(match direction {
        Direction::Down => ModemChannel::Down(Downstream {
            id,
            row,
            kind,
            locked,
            bonding,
            frequency_hz: frequency,
            width_hz: width,
            power_dbmv: level(C::Power, power_dbmv),
            mer_db: level(C::Mer, mer_db),
            modulation,
            unerrored: count(C::Unerrored),
            corrected: count(C::Corrected),
            uncorrectable: count(C::Uncorrectable),
        }),
        Direction::Up => ModemChannel::Up(Upstream {
            id,
            row,
            kind,
            locked,
            bonding,
            frequency_hz: frequency,
            width_hz: width,
            power_dbmv: level(C::Power, power_dbmv),
            modulation,
            t3_timeouts: None,
            t4_timeouts: None,
        }),
    })
}

/// Cells that hold a value which could not be read, by column, counted into `unread`.
pub(super) fn count_unread(
    cells: &Cells<'_>,
    channel: &ModemChannel,
    unread: &mut Vec<(ChannelColumn, usize, String)>,
) {
    use ChannelColumn as C;
    let (locked, power, mer, counters) = match channel {
        ModemChannel::Down(down) => (
            down.locked,
            down.power_dbmv,
            down.mer_db,
            [down.unerrored, down.corrected, down.uncorrectable],
        ),
        // Of an upstream channel only the level is looked at.
        ModemChannel::Up(up) => (up.locked, up.power_dbmv, Some(0.0), [Some(0); 3]),
    };
    if locked == Some(false) {
        return;
    }
    let checks = [
        (C::Power, power.is_none()),
        (C::Mer, mer.is_none()),
        (C::Unerrored, counters[0].is_none()),
        (C::Corrected, counters[1].is_none()),
        (C::Uncorrectable, counters[2].is_none()),
    ];
    for (column, is_unread) in checks {
        let Some((_, text)) = cells.iter().find(|(named, _)| named.column == column) else {
            continue;
        };
        if !is_unread {
            continue;
        }
        match unread.iter_mut().find(|(other, ..)| *other == column) {
            Some((_, count, _)) => *count += 1,
            None => unread.push((column, 1, shown(text))),
        }
    }
}

/// What stood in a cell, for a note.
fn shown(text: &str) -> String {
    let text = squeezed(text);
    if text.is_empty() || is_absent(&text) {
        "no value".to_owned()
    } else {
        text.chars().take(24).collect()
    }
}

/// The word for a column in notes.
pub(super) fn word(column: ChannelColumn) -> &'static str {
    match column {
        ChannelColumn::Row => "row",
        ChannelColumn::Id => "channel id",
        ChannelColumn::Lock => "lock",
        ChannelColumn::Kind => "type",
        ChannelColumn::Bonding => "bonding",
        ChannelColumn::Frequency | ChannelColumn::FirstFrequency | ChannelColumn::LastFrequency => {
            "frequency"
        }
        ChannelColumn::Width => "width",
        ChannelColumn::Power => "level",
        ChannelColumn::Mer => "MER",
        ChannelColumn::Modulation => "modulation",
        ChannelColumn::Unerrored => "codewords without errors",
        ChannelColumn::Corrected => "corrected codewords",
        ChannelColumn::Uncorrectable => "uncorrectable codewords",
        ChannelColumn::SymbolRate => "symbol rate",
    }
}
