//! The record, in `SQLite`. The only module with SQL in it.

pub mod rows;
