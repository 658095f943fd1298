//! Reading a modem live: log in where it asks for it, fetch few pages one after another, log out
//! where it allows one session only, and leave the pages to [`parse`](super::parse).
//!
//! Modems are easily harmed by those who read them: there is one connection at a time, one login a
//! reading, no second attempt after a refusal, and an end after [`LONGEST_READING`].

mod address;
mod auto;
mod conversation;
mod failure;
mod form;
mod fritz;
mod hashes;
mod hnap;
mod reader;
mod reading;
mod soap;
mod starlink;
mod web;

pub use failure::ReadFailure;
pub use reader::{ModemReader, read_modem};
pub use reading::{FetchTime, LONGEST_READING, ModemAccess, ModemReading, ModemWant};

#[cfg(test)]
mod tests;
