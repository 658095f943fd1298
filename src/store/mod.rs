//! The record, in `SQLite`. The only module with SQL in it.
//!
//! [`Writer`] is the daemon's end, [`Reader`] everybody else's. `schema.sql` says what is in the
//! file, `codec` what is in its BLOBs, `tail` what is not in the file yet.

mod codec;
mod error;
mod impairment;
mod note;
mod place;
mod reader;
pub mod rows;
mod schema;
mod summary;
mod table;
mod tail;
#[cfg(test)]
mod tests;
mod writer;

pub use error::Error;
pub use note::add_note;
pub use place::{default_path, runtime_dir};
pub use reader::Reader;
pub use writer::{Health, Opening, Recovery, Writer};
