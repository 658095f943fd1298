//! The event log of a modem: its rows, the same for all modems.
//!
//! Rows are classified by their text alone ([`classes`]), stamped by any of the ways in which modems
//! write a time ([`stamps`]), put in order, and equal ones joined (`entries`).

mod classes;
mod entries;
mod masks;
mod stamps;

pub(in crate::modem) use entries::{LogRow, entries, level};
pub(in crate::modem) use masks::hardware_addresses;
pub(in crate::modem) use stamps::{DateOrder, clock, stamp};

#[cfg(test)]
mod tests;
