//! A page of a modem, and why pages gave no snapshot.

/// A page as the modem sent it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModemPage {
    /// Its path on the modem, or the name of the file that it was saved in: `cmconnectionstatus.html`.
    pub path: String,
    /// Its bytes; not always UTF-8.
    pub body: Vec<u8>,
}

/// Why pages gave no snapshot.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The modem asks for a login instead of showing the page.
    #[error("{page}: the modem asks for a login")]
    Login {
        /// The page.
        page: String,
    },
    /// A table that has rows, of which none could be read as a channel.
    #[error("{page}: \"{table}\" has {rows} rows, none of which could be read as a channel")]
    NoChannel {
        /// The page.
        page: String,
        /// The table's title.
        table: String,
        /// Its rows.
        rows: usize,
    },
    /// Nothing on the pages is known.
    #[error("{page}: {why}")]
    Unknown {
        /// The page.
        page: String,
        /// What was expected and what is there.
        why: String,
    },
}
