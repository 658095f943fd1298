//! The record, in `SQLite`. The only module with SQL in it.
//!
//! [`Writer`] is the daemon's end, [`Reader`] everyone else's. `schema.sql` and `tables` say what is
//! in the file, `codec` what is in its BLOBs, `journal` what is not in the file yet.

mod backup;
mod chain;
mod check;
mod close;
mod codec;
mod ended_sessions;
mod error;
mod file;
mod growth;
mod harvest;
mod heal;
mod hour;
mod journal;
mod kept_hours;
mod merge;
mod meta;
mod outbox;
mod paths;
mod query;
mod reader;
pub mod replay;
pub mod rows;
mod salvage;
mod schema;
mod space;
mod story;
mod summary;
mod survey;
mod tables;
#[cfg(test)]
pub(crate) mod tests;
mod unread;
mod unused;
mod writer;

pub use backup::{Copied, backup, newest_backup, restore};
pub use chain::{
    Broken, ChainApart, ChainBreak, ChainEntry, ChainHead, Digest, HeadCheck, HourApart, ROW_HEAD,
    Verification,
};
pub use check::{Soundness, check_all, verify_chain};
pub use ended_sessions::keep_ended_sessions;
pub use error::Error;
pub use kept_hours::KeptHours;
pub use merge::{MergePlan, MergeTotals, Other, OtherNetwork, Trial, check_is_free};
pub use outbox::Outbox;
pub use paths::{default_path, runtime_dir};
pub(crate) use query::each_probe;
pub use query::{Exported, SqlCell, Take, export, query};
pub use reader::Reader;
pub use reader::extent::simulated_version;
pub use reader::file::is_of_earlier_schema;
pub use reader::hours::{RecordPiece, SummedHours};
pub use reader::removed::SummedPart;
pub use reader::sums::{HeldRows, SumsOf};
pub use space::{DiskSpace, SpaceLimits, disk_of};
pub use story::{RunPart, story};
pub use tables::ExportKind;
pub use tables::modem_reading::LevelsRead;
pub use tables::note::{add_note, edit_note, remove_note};
pub use tables::stamp::{HeadStamp, add_stamp};
pub use tables::target_sum::{SumDelays, TargetSum};
pub use tables::write_cursor::{WriteCursor, put_write_cursor};
pub use unread::Unread;
pub use unused::remove_unused;
pub use writer::open::{Durability, Opening, Recovery};
pub use writer::repair::StoreEvent;
pub use writer::{DatedRun, JudgedImport, Writer};
