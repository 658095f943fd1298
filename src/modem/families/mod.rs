//! One file a family: pages in, a snapshot out.

mod columns;
mod facts;
mod fritz;
pub(in crate::modem) mod fritz_cable;
pub(in crate::modem) mod hnap;
pub(in crate::modem) mod hub5;
mod logs;
mod reading;
pub(in crate::modem) mod starlink;
mod tables;
mod tagvalues;
pub(in crate::modem) mod tr064;
mod transposed;
mod web;

pub(in crate::modem) use web::{asks_for_login, read as read_web};

#[cfg(test)]
mod tests;
