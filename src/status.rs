//! Words about the room for the record.

pub mod room;
