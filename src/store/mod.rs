//! The record, in `SQLite`. The only module with SQL in it.

mod error;
mod place;
mod reader;
pub mod rows;

pub use error::Error;
pub use place::{default_path, runtime_dir};
pub use reader::Reader;
