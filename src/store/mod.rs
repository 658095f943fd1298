//! The record, in `SQLite`. The only module with SQL in it.
//!
//! [`Writer`] is the daemon's end, [`Reader`] everybody else's. `schema.sql` says what is in the
//! file, `codec` what is in its BLOBs, `journal` what is not in the file yet.

mod backup;
mod chain;
mod check;
mod codec;
mod error;
mod growth;
mod harvest;
mod hour;
mod impairment;
mod journal;
mod merge;
mod note;
mod paths;
mod plain;
mod reader;
pub mod rows;
mod salvage;
mod schema;
mod space;
mod story;
mod summary;
mod table;
#[cfg(test)]
mod tests;
mod writer;

pub use backup::{Copied, backup, newest_backup, restore};
pub use chain::{Broken, ChainBreak, ChainHead, Digest, Verification, verify_chain};
pub use check::{Soundness, check_all};
pub use error::Error;
pub use merge::{MergePlan, MergeTotals, Other, OtherNetwork, Trial, check_is_free};
pub use note::{add_note, edit_note, remove_note};
pub use paths::{default_path, runtime_dir};
pub use plain::{ColumnKind, Exported, SqlCell, Take, export, query};
pub use reader::{Reader, RecordPiece, SummedHours};
pub use schema::is_of_earlier_schema;
pub use space::{DiskSpace, SpaceLimits, disk_of};
pub use story::{RunPart, story};
pub use writer::{Durability, Opening, Recovery, StoreEvent, Writer};
