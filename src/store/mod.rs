//! The record, in `SQLite`. The only module with SQL in it.
//!
//! [`Writer`] is the daemon's end, [`Reader`] everybody else's. `schema.sql` says what is in the
//! file, `codec` what is in its BLOBs, `tail` what is not in the file yet.

mod backup;
mod chain;
mod check;
mod codec;
mod error;
mod growth;
mod harvest;
mod hour;
mod impairment;
mod merge;
mod note;
mod place;
mod plain;
mod reader;
pub mod rows;
mod salvage;
mod schema;
mod space;
mod story;
mod summary;
mod table;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

pub use backup::{Copied, backup, newest_backup, restore};
pub use chain::{Break, Broken, Digest, Head, Verification, verify_chain};
pub use check::{Soundness, check_all};
pub use error::Error;
pub use merge::{Other, OtherNetwork, Plan, Taken, Trial, check_is_free};
pub use note::{add_note, edit_note, remove_note};
pub use place::{default_path, runtime_dir};
pub use plain::{Cell, Exported, Holds, Take, export, query};
pub use reader::{Piece, Reader, Whole};
pub use schema::is_of_earlier_schema;
pub use space::{Disk, Limits, disk_of};
pub use story::{Part, story};
pub use writer::{Durability, News, Opening, Recovery, Writer};
