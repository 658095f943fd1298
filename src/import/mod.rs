//! Records made by other tools to series of outcomes, one per target.
//!
//! Reads `time_unix_ms,target,rtt_us` and the output of `ping -D` (iputils) and `fping -D`. A line
//! that is none of these is an error with its file, number and value; nothing is guessed and nothing is written
//! here. Delays are sorted into replies, late replies and losses by linkmon's own thresholds.

use std::io::BufRead;

use crate::text::words::word_enum;

mod csv;
mod error;
mod fping;
#[cfg(test)]
#[path = "../../tests/fuzz/import.rs"]
mod fuzz;
mod importer;
mod lines;
mod ping;
mod series;
#[cfg(test)]
mod tests;

pub use error::Error;
pub use importer::Importer;
pub use series::{Series, Tidied, in_order};

use lines::NumberedLines;

word_enum! {
    /// What kind of text a file holds.
    pub enum Format: "format" {
        /// Recognized by the first line that is not blank.
        Auto = "auto",
        /// Lines of `time_unix_ms,target,rtt_us`; an empty `rtt_us` means lost.
        Csv = "csv",
        /// The output of "ping -D" (iputils).
        Ping = "ping",
        /// The output of "fping -l -D", one line for each probe.
        Fping = "fping",
    }
}

impl Importer {
    /// Takes in one file; `file` is its name in errors.
    ///
    /// # Errors
    /// When it cannot be read, a line is wrong, or it has no measurement.
    pub fn add(&mut self, file: &str, text: &mut dyn BufRead, format: Format) -> Result<(), Error> {
        let before = self.count;
        let mut lines = NumberedLines { file, text, number: 0 };
        let mut first = lines.next()?;
        while first.as_ref().is_some_and(|line| line.trim().is_empty()) {
            first = lines.next()?;
        }
        let Some(first) = first else { return Err(Error::Empty { file: file.to_owned() }) };
        match format {
            Format::Auto if fping::is_fping(&first) => fping::read(first, &mut lines, self)?,
            Format::Auto if ping::is_ping(&first) => ping::read(first, &mut lines, self)?,
            Format::Auto | Format::Csv => csv::read(first, &mut lines, self)?,
            Format::Ping => ping::read(first, &mut lines, self)?,
            Format::Fping => fping::read(first, &mut lines, self)?,
        }
        if self.count == before { Err(Error::Empty { file: file.to_owned() }) } else { Ok(()) }
    }
}
