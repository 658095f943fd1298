//! The modem's own account: readers of what modems show, pure, one file a family and one table of
//! models; what an entry of a log means; what levels, codewords and restarts say.
//!
//! [`parse`] takes pages and gives a snapshot. It never reads a clock, a file or a socket, and
//! never panics, whatever a page holds: pages are not trusted. [`session`] fetches pages.
//!
//! # Adding a modem
//! A modem of a known family is one row in `models`; a new family is one file in `families` and one
//! test with a page of its own.

mod cells;
mod families;
mod html;
mod log;
mod masks;
mod models;
mod page;
mod recognise;
pub mod session;
mod tokens;
pub mod understand;
mod xml;

pub use masks::{MaskedPage, masked_page};
pub use models::ModemFamily;
pub use page::{Error, ModemPage};
pub use recognise::recognise;

use crate::vocabulary::{ModemKind, ModemSnapshot};

/// What the pages of a modem of this kind say. Pages that the kind does not know are ignored.
///
/// # Errors
/// Where the modem asks for a login, where a table of channels holds rows and no channel, and where
/// no page is of this kind.
pub fn parse(kind: ModemKind, pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    // A page that a browser saved after scripts had filled it is a page like others.
    if kind.family() == ModemFamily::Hnap && !pages.iter().any(recognise::is_data) {
        return families::read_web(kind, pages);
    }
    match kind.family() {
        ModemFamily::Tables | ModemFamily::Transposed | ModemFamily::TagValues => {
            families::read_web(kind, pages)
        }
        ModemFamily::Hnap => families::hnap::read(kind, pages),
        ModemFamily::Hub5 => families::hub5::read(pages),
        ModemFamily::FritzCable => families::fritz_cable::read(pages),
        ModemFamily::Tr064 => families::tr064::read(pages),
        ModemFamily::Starlink => families::starlink::read(pages),
    }
}

#[cfg(test)]
#[path = "../../tests/fuzz/modem.rs"]
mod fuzz;
