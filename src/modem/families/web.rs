//! Pages in HTML, of whatever family: tables with a row or a column for each channel, lists in
//! scripts, logs, and what else a page says. Firmwares mix them, so that each page is read in all ways.

use super::reading::WebReading;
use super::{facts, logs, tables, tagvalues, transposed};
use crate::modem::html::HtmlPage;
use crate::modem::{Error, ModemPage};
use crate::vocabulary::{ModemKind, ModemSnapshot};

/// What the pages say.
///
/// # Errors
/// Where all ask for a login, where a table of channels holds rows and no channel, and where nothing
/// on them is known.
pub(in crate::modem) fn read(kind: ModemKind, pages: &[ModemPage]) -> Result<ModemSnapshot, Error> {
    let mut reading = WebReading::default();
    let mut login = None;
    let mut ignored = Vec::new();
    for page in pages {
        let html = HtmlPage::read(&page.body);
        let before = reading.pieces;
        read_page(&mut reading, &page.path, &html)?;
        if reading.pieces > before {
            continue;
        }
        if asks_for_login(&html) {
            login = login.or(Some(page.path.clone()));
        } else {
            ignored.push(page.path.clone());
        }
    }
    if reading.pieces == 0 {
        return Err(match login {
            Some(page) => Error::Login { page },
            None => Error::Unknown {
                page: pages.first().map_or_else(|| "no page".to_owned(), |page| page.path.clone()),
                why: "neither channels nor a log nor anything else of a modem is on it".to_owned(),
            },
        });
    }
    let mut notes = Vec::new();
    if let Some(page) = login {
        notes.push(format!("{page}: the modem asks for a login; the other pages were read"));
    }
    notes.extend(
        ignored.into_iter().map(|page| format!("{page}: nothing on it is known; not read")),
    );
    Ok(reading.finish(kind, notes))
}

/// Whether the page asks for a login: a field for a password, or a script that leads to one.
pub(in crate::modem) fn asks_for_login(page: &HtmlPage) -> bool {
    let leads_there = |script: &String| {
        let script = script.to_ascii_lowercase();
        script.contains("location") && script.contains("login")
    };
    let shown: usize = page.lines.iter().map(String::len).sum();
    page.has_password_field
        || page.title.to_ascii_lowercase().contains("login")
        || (shown < 400 && page.scripts.iter().any(leads_there))
        || page.lines.iter().any(|line| line.to_ascii_lowercase().contains("please login"))
}

/// Takes all that a page says, in whatever way it says it.
fn read_page(reading: &mut WebReading, path: &str, page: &HtmlPage) -> Result<(), Error> {
    let first = reading.channels();
    let has_lists = tagvalues::read(path, page, reading)?;
    for table in &page.tables {
        if !transposed::read(path, table, reading)? && !tables::read(path, table, reading)? {
            logs::table(table, reading);
        }
    }
    reading.without_repeats(path, first);
    logs::scripts(page, reading);
    logs::untitled(page, reading);
    facts::read(page, has_lists, reading);
    Ok(())
}
