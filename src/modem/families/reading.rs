//! What has been read of web pages, and the snapshot made of it.

use std::net::IpAddr;
use std::time::Duration;

use jiff::civil::DateTime;

use super::columns::{self, Cells, ChannelColumn, ModemChannel};
use crate::modem::cells::Direction;
use crate::modem::log::{DateOrder, LogRow, entries};
use crate::vocabulary::{ChannelKind, Downstream, LogEntry, ModemClock, ModemKind, ModemSnapshot};

/// What has been read of the pages so far.
#[derive(Default)]
pub(super) struct WebReading {
    pub(super) model: Option<String>,
    pub(super) firmware: Option<String>,
    pub(super) uptime: Option<Duration>,
    pub(super) clock: Option<ModemClock>,
    pub(super) addresses: Vec<IpAddr>,
    pub(super) connection: Option<String>,
    channels: Vec<ModemChannel>,
    /// The rows of each log.
    logs: Vec<Vec<LogRow>>,
    notes: Vec<String>,
    /// Columns that the tables of downstream channels have.
    seen: Vec<(ChannelKind, ChannelColumn)>,
    unread: Vec<(ChannelColumn, usize, String)>,
    /// How much was understood.
    pub(super) pieces: usize,
}

impl WebReading {
    /// Something of the modem was understood.
    pub(super) const fn understood(&mut self) {
        self.pieces += 1;
    }

    /// Takes a channel from its cells; whether they name one.
    pub(super) fn take(
        &mut self,
        cells: &Cells<'_>,
        direction: Direction,
        of: Option<ChannelKind>,
    ) -> bool {
        let Some(channel) = columns::channel(cells, direction, of) else { return false };
        columns::count_unread(cells, &channel, &mut self.unread);
        if let ModemChannel::Down(down) = &channel {
            let kind = down.kind.unwrap_or(ChannelKind::ScQam);
            for (named, _) in cells {
                if !self.seen.contains(&(kind, named.column)) {
                    self.seen.push((kind, named.column));
                }
            }
        }
        self.channels.push(channel);
        self.understood();
        true
    }

    /// How many channels there are so far.
    pub(super) const fn channels(&self) -> usize {
        self.channels.len()
    }

    /// Leaves out what the page shows that earlier pages have shown: one page, saved twice.
    pub(super) fn without_repeats(&mut self, path: &str, first: usize) {
        let key = |channel: &ModemChannel| match channel {
            ModemChannel::Down(down) => (0, down.id, down.row, down.kind, down.frequency_hz),
            ModemChannel::Up(up) => (1, up.id, up.row, up.kind, up.frequency_hz),
        };
        let known: Vec<_> = self.channels[..first].iter().map(key).collect();
        let mut repeated = 0;
        for at in (first..self.channels.len()).rev() {
            if known.contains(&key(&self.channels[at])) {
                self.channels.remove(at);
                repeated += 1;
            }
        }
        if repeated > 0 {
            self.note(format!(
                "{path}: channels that an earlier page shows, not read again: {repeated}"
            ));
        }
    }

    /// The downstream channels so far.
    pub(super) fn downstream(&mut self) -> Vec<&mut Downstream> {
        self.channels
            .iter_mut()
            .filter_map(|channel| match channel {
                ModemChannel::Down(down) => Some(down),
                ModemChannel::Up(_) => None,
            })
            .collect()
    }

    /// Counters of downstream channels stand in a table of their own.
    pub(super) fn saw_counters(&mut self, counters: &[ChannelColumn]) {
        for column in counters {
            self.seen.extend([(ChannelKind::ScQam, *column), (ChannelKind::Ofdm, *column)]);
        }
    }

    pub(super) fn log(&mut self, rows: Vec<LogRow>) {
        self.logs.push(rows);
        self.understood();
    }

    pub(super) fn note(&mut self, note: String) {
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    /// The snapshot, with notes on what is missing.
    pub(super) fn finish(self, kind: ModemKind, mut notes: Vec<String>) -> ModemSnapshot {
        let mut snapshot = ModemSnapshot {
            model: self.model.or_else(|| Some(kind.model().to_owned())),
            firmware: self.firmware,
            uptime: self.uptime,
            clock: self.clock,
            addresses: self.addresses,
            connection: self.connection,
            ..ModemSnapshot::default()
        };
        for channel in self.channels {
            match channel {
                ModemChannel::Down(down) => snapshot.downstream.push(down),
                ModemChannel::Up(up) => snapshot.upstream.push(up),
            }
        }
        notes.extend(self.notes);
        for (column, count, example) in self.unread {
            let what = columns::word(column);
            notes.push(format!("channels whose {what} could not be read: {count} ({example})"));
        }
        notes.extend(missing(&snapshot.downstream, &self.seen, kind));
        notes.extend(twins(&snapshot.downstream));
        let now = match snapshot.clock {
            Some(ModemClock::Local(now)) => Some(now),
            _ => None,
        };
        if !self.logs.is_empty() {
            let (log, unread) = read_logs(&self.logs, now);
            snapshot.log = Some(log);
            notes.extend(unread);
        }
        snapshot.notes = notes;
        snapshot
    }
}

/// The entries of all logs; of one that is on two pages, once.
fn read_logs(logs: &[Vec<LogRow>], now: Option<DateTime>) -> (Vec<LogEntry>, Vec<String>) {
    let mut distinct: Vec<&Vec<LogRow>> = Vec::new();
    for log in logs {
        if !distinct.contains(&log) {
            distinct.push(log);
        }
    }
    if let [one] = distinct.as_slice() {
        return entries(one, DateOrder::MonthFirst, now);
    }
    // Rows of two readings of one log may overlap; a row is taken as often as one of them has it.
    let mut rows: Vec<LogRow> = Vec::new();
    for log in distinct {
        let mut spare = rows.clone();
        for row in log {
            match spare.iter().position(|other| other == row) {
                Some(at) => drop(spare.swap_remove(at)),
                None => rows.push(row.clone()),
            }
        }
    }
    entries(&rows, DateOrder::MonthFirst, now)
}

/// A note for each column that the tables of single-carrier channels do not have.
fn missing(
    downstream: &[Downstream],
    seen: &[(ChannelKind, ChannelColumn)],
    kind: ModemKind,
) -> Vec<String> {
    let is_single =
        |down: &&Downstream| down.kind.unwrap_or(ChannelKind::ScQam) == ChannelKind::ScQam;
    let mut notes = Vec::new();
    let lacks = |column: ChannelColumn| !seen.contains(&(ChannelKind::ScQam, column));
    if downstream.iter().any(|down| is_single(&down)) {
        let errors = [ChannelColumn::Corrected, ChannelColumn::Uncorrectable].map(lacks);
        if errors == [true, true] {
            let hint =
                if kind == ModemKind::Tc4400 { ": log in as admin, who is shown them" } else { "" };
            notes.push(format!("the pages show no codeword counters{hint}"));
        } else if lacks(ChannelColumn::Unerrored) {
            notes.push(
                "the pages do not count codewords without errors: neither a share of errors nor how long a \
                 channel was locked can be computed"
                    .to_owned(),
            );
        }
        for column in [ChannelColumn::Power, ChannelColumn::Mer, ChannelColumn::Frequency] {
            if lacks(column) {
                notes.push(format!("the tables have no column for the {}", columns::word(column)));
            }
        }
    }
    let many: Vec<_> =
        downstream.iter().filter(|down| down.kind == Some(ChannelKind::Ofdm)).collect();
    if !many.is_empty() {
        for column in [ChannelColumn::Power, ChannelColumn::Uncorrectable] {
            if !seen.contains(&(ChannelKind::Ofdm, column))
                && (column == ChannelColumn::Power || !lacks(column))
            {
                let what = columns::word(column);
                notes.push(format!("the pages do not show the {what} of OFDM channels"));
            }
        }
    }
    notes
}

/// Channels that show the very same large counters: the modem writes those of one into the row of
/// another.
fn twins(downstream: &[Downstream]) -> Vec<String> {
    let large = |down: &Downstream| down.corrected.filter(|corrected| *corrected > 100_000);
    let name = |down: &Downstream| {
        down.id.or(down.row).map_or_else(|| "?".to_owned(), |id| id.to_string())
    };
    let mut notes = Vec::new();
    for (at, one) in downstream.iter().enumerate().filter(|(_, down)| large(down).is_some()) {
        for other in &downstream[at + 1..] {
            let same = (one.unerrored, one.corrected, one.uncorrectable)
                == (other.unerrored, other.corrected, other.uncorrectable);
            if same {
                notes.push(format!(
                    "channels {} and {} show the same counters: one of them shows those of the other",
                    name(one),
                    name(other)
                ));
            }
        }
    }
    notes
}
