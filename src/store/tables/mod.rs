//! The tables: one file for each, behind one trait.

mod apart;
mod bite;
mod chain_cover;
mod delivery;
mod drop_edges;
mod drop_path;
mod event;
mod export;
mod gap;
mod hour;
mod impairment;
pub(super) mod link_drop;
mod merged_run;
mod merging;
mod message;
mod minute;
mod modem_page;
pub(super) mod modem_reading;
pub(super) mod note;
mod packed;
pub(super) mod raw;
pub(super) mod removal;
mod roster;
mod run;
pub(super) mod run_clock;
mod server_clock;
pub(super) mod stamp;
mod station;
pub(super) mod stretch;
mod table;
mod target;
mod target_address;
pub(super) mod target_sum;
mod traffic;
mod trouble;
mod value;
mod waiting;
mod way;
pub(super) mod write_cursor;

pub(super) use bite::{Bite, Counted};
pub(super) use chain_cover::CoverRow;
pub(super) use drop_edges::fit;
pub(super) use drop_path::PathRow;
pub(super) use event::EventRow;
pub(super) use export::Export;
pub use export::ExportKind;
pub(super) use gap::GapRow;
pub(super) use impairment::ImpairmentRow;
pub(super) use merged_run::MergedRunRow;
pub(super) use modem_page::keep_pages;
pub(super) use modem_reading::ModemRow;
pub(super) use raw::{RawKey, RawRow};
pub(super) use removal::RemovalRow;
pub(super) use roster::RosterRow;
pub(super) use run::{RunRow, SIMULATED};
pub(super) use table::{Salvaged, StoredTable, TableEntry, Timed, marks, overlay};
pub(super) use target::{retire, retire_since_added, use_target};
pub(super) use target_address::{AddressRow, as_of, change_address};
pub(super) use trouble::TroubleRow;
pub(super) use value::MOST_NUMBERS;
pub(super) use waiting::{Journaled, WaitingRow};
pub(super) use way::WayRow;

use super::meta;
use super::rows::{HourRow, MinuteRow};
use crate::vocabulary::{
    ChannelProgress, ModemPageKept, RunClock, ServerClock, StationSeen, StoredDrop, StoredMessage,
    Target, Traffic,
};

/// All tables but `reason`, whose rows come with the schema. What goes through every table goes
/// through this list: the check at a start, salvage, merging, and from schema 6 on the making of
/// tables.
pub(super) const TABLES: [TableEntry; 33] = [
    TableEntry::apart("meta", "key", 1, Salvaged::Apart).checked(meta::check),
    TableEntry::of::<Target>(),
    TableEntry::of::<RunRow>(),
    TableEntry::of::<RawRow>(),
    TableEntry::of::<MinuteRow>(),
    TableEntry::of::<StoredDrop>(),
    TableEntry::of::<GapRow>(),
    TableEntry::of::<TroubleRow>(),
    TableEntry::of::<ImpairmentRow>(),
    TableEntry::of::<EventRow>(),
    TableEntry::of::<Traffic>(),
    TableEntry::apart("note", "id", 1, Salvaged::First).numbered().checked(note::check),
    TableEntry::apart("note_change", "id", 4, Salvaged::First)
        .numbered()
        .checked(note::check_changes),
    TableEntry::of::<HourRow>(),
    TableEntry::apart("hour_due", "hour", 3, Salvaged::Apart).checked(apart::hour_due),
    TableEntry::apart("chain", "seq", 3, Salvaged::First).checked(apart::chain),
    TableEntry::of::<MergedRunRow>(),
    TableEntry::of::<RosterRow>(),
    TableEntry::apart("seam", "at_us", 5, Salvaged::First).checked(apart::seam),
    TableEntry::of::<RunClock>(),
    TableEntry::of::<ServerClock>(),
    TableEntry::of::<WayRow>(),
    TableEntry::of::<PathRow>(),
    TableEntry::of::<StationSeen>(),
    TableEntry::of::<AddressRow>(),
    TableEntry::of::<CoverRow>(),
    TableEntry::of::<stamp::HeadStamp>(),
    TableEntry::of::<RemovalRow>(),
    TableEntry::of::<ModemRow>(),
    TableEntry::of::<ModemPageKept>(),
    TableEntry::of::<StoredMessage>(),
    TableEntry::of::<ChannelProgress>(),
    TableEntry::of::<write_cursor::WriteCursor>(),
];
