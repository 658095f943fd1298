//! Records made by other tools to series of outcomes, one per target.
//!
//! Reads the output of ping (iputils in every language, macOS, BusyBox, Windows) and fping, with
//! times before the lines, and tables. What a file is, its first lines show; nothing is guessed in
//! silence and nothing is written here. Delays are sorted into replies, late replies and losses by
//! linkmon's own thresholds.

use std::io::BufRead;

use crate::text::words::word_enum;

mod address;
mod csv;
mod decode;
mod error;
mod fping;
#[cfg(test)]
#[path = "../../tests/fuzz/import.rs"]
mod fuzz;
mod importer;
mod lines;
mod options;
mod ping;
mod ping_line;
mod pingplotter;
mod prefix;
mod recognize;
mod run;
mod sequence;
mod series;
mod silent_runs;
mod stamp;
#[cfg(test)]
mod tests;
mod windows;

pub use error::Error;
pub use importer::Importer;
pub use options::{DelayUnit, ImportOptions, LocalZone, NamedColumns};
pub use series::{Series, Tidied, in_order};

use lines::RecordLines;
use recognize::{Recognized, recognize};
use stamp::Stamps;

word_enum! {
    /// What kind of text a file holds.
    pub enum Format: "format" {
        /// Recognized by its first lines.
        Auto = "auto",
        /// A table: `time_unix_ms,target,rtt_us`, or other columns that are named.
        Csv = "csv",
        /// The output of ping, with times.
        Ping = "ping",
        /// The output of fping -l -D, one line for each probe.
        Fping = "fping",
    }
}

impl Importer {
    /// Takes in one file; `file` is its name in errors.
    ///
    /// # Errors
    /// When it cannot be read, is nothing that can be, or has no measurement, or if more of its lines
    /// are wrong than can be passed over.
    pub fn add(&mut self, file: &str, text: &mut dyn BufRead, format: Format) -> Result<(), Error> {
        let before = self.count;
        let options = self.options.clone();
        let mut lines = RecordLines::new(file, text)?;
        let mut stamps = Stamps::new(&options);
        let kind = match format {
            Format::Auto => recognize(&mut lines, &options)?,
            Format::Csv => Recognized::Table,
            Format::Fping => Recognized::Fping,
            // Of which system, its lines show.
            Format::Ping => match recognize(&mut lines, &options) {
                Ok(Recognized::Windows) => Recognized::Windows,
                Err(error @ (Error::Read { .. } | Error::Empty { .. })) => return Err(error),
                _ => Recognized::Ping,
            },
        };
        match kind {
            Recognized::Ping => ping::read(&mut lines, &mut stamps, self)?,
            Recognized::Windows => windows::read(&mut lines, &mut stamps, self)?,
            Recognized::Fping => fping::read(&mut lines, &mut stamps, self)?,
            Recognized::PingPlotter => pingplotter::read(&mut lines, &mut stamps, self)?,
            Recognized::Table => csv::read(&mut lines, &mut stamps, self)?,
        }
        let notice = lines.verdict()?;
        if self.count == before {
            return Err(Error::Empty { file: file.to_owned() });
        }
        self.notices.extend(stamps.assumed);
        self.notices.extend(notice);
        Ok(())
    }
}
