//! The bundle: one zip with every rendering, the data of the period and a manifest of SHA-256 sums.
//!
//! The same record and the same report give the same bytes: entries have a fixed order, the time of
//! the report, and no trace of the machine. Tables are written as they are read. [`verify`] checks
//! a bundle, and [`manifest`] is the format that both share.

use std::fmt::Write as _;
use std::io::{self, Seek, Write};

use sha2::{Digest as _, Sha256};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use super::csv::{Cell, CsvTable, Form};
use super::{csv, data};
use crate::language::words;
use crate::prose;
use crate::report::Report;
use crate::store::Reader;
use crate::time::Timestamp;

mod kept;
pub mod manifest;
mod pages;
mod proof;
pub mod recompute;
pub mod verify;

use kept::KeptTime;
pub use kept::PackedProbes;
use manifest::{Listed, MANIFEST, Manifest, Record, SUMS};
use proof::{CHAIN, READER, SAMPLES};

/// Why a bundle could not be written.
pub type Error = data::Error;

/// Everything of a bundle but the tables, which come out of the record.
#[derive(Debug, Clone, Copy)]
pub struct Bundle<'a> {
    /// The report.
    pub report: &'a Report,
    /// Its renderings: name and bytes, in their order in the zip.
    pub renderings: &'a [(&'a str, Vec<u8>)],
    /// Which probes.
    pub probes: PackedProbes,
}

impl Bundle<'_> {
    /// Writes the zip. To be called within [`Reader::at_once`] together with what made the report,
    /// so that both describe one instant.
    ///
    /// # Errors
    /// When the record cannot be read or `out` not be written.
    pub fn write(&self, reader: &Reader, out: &mut (impl Write + Seek)) -> Result<(), Error> {
        let report = self.report;
        let mut zip = Zip::new(out, report.made);
        for (name, bytes) in self.renderings {
            zip.add(name, |out| Ok(out.write_all(bytes)?))?;
        }
        let pages = pages::pages(report, reader)?;
        zip.add("method.txt", |out| {
            Ok(out.write_all(method(report, self.probes, !pages.is_empty()).as_bytes())?)
        })?;
        zip.add("notes.csv", |out| Ok(write_notes(report, out)?))?;
        zip.add("drops.csv", |out| Ok(csv::write_drops(report, out)?))?;
        let (period, zone) = (report.period, &report.zone);
        zip.add("minutes.csv", |out| match self.probes {
            PackedProbes::All => data::write_minutes(reader, period, zone, Form::Csv, out),
            PackedProbes::OfDrops => data::write_short_minutes(reader, period, zone, out),
        })?;
        let kept = match self.probes {
            PackedProbes::All => {
                zip.add_with("probes.csv", zip.quickly(), |out| {
                    data::write_probes(reader, period, zone, Form::Csv, out).map(|_| ())
                })?;
                None
            }
            PackedProbes::OfDrops => {
                let (kept, deciding) = (KeptTime::of(report), kept::deciding(report));
                zip.add("probes.csv", |out| {
                    let is_wanted: data::Wanted<'_> =
                        &|minute, sample| kept.keeps(minute, sample, &deciding);
                    data::write_probes_of(reader, &kept.spans, zone, is_wanted, out).map(|_| ())
                })?;
                Some(kept)
            }
        };
        zip.add(CHAIN, |out| proof::write_chain(reader, period, out))?;
        match self.probes {
            PackedProbes::All => {
                zip.add_with(SAMPLES, zip.stored(), |out| {
                    proof::write_samples(reader, &[period], out)
                })?;
            }
            PackedProbes::OfDrops => {
                let hours = kept::hours(report, reader)?;
                zip.add(SAMPLES, |out| proof::write_samples(reader, &hours, out))?;
            }
        }
        for (name, body) in pages {
            zip.add(&name, |out| Ok(out.write_all(&body)?))?;
        }
        zip.add(READER, |out| Ok(out.write_all(proof::READER_TEXT.as_bytes())?))?;
        for (name, token) in proof::stamps(reader, period)? {
            zip.add(&name, |out| Ok(out.write_all(&token)?))?;
        }
        let sums: String = zip.listed.iter().map(Listed::line).collect();
        zip.add(SUMS, |out| Ok(out.write_all(sums.as_bytes())?))?;
        let about = reader.about()?;
        let manifest = Manifest {
            format: Manifest::FORMAT.to_owned(),
            version: Manifest::VERSION,
            made_by: format!("linkmon {}", report.method.version),
            made: report.made,
            period: report.period,
            zone: report.zone.iana_name().map(str::to_owned),
            record: Record { made_by: about.created_by, schema: about.schema },
            unreadable_minutes: report.record.unreadable_minutes,
            chain: report.record.chain.clone(),
            targets: proof::targets(reader)?,
            kept,
            files: zip.listed.clone(),
        };
        let text = super::json::pretty(&manifest);
        zip.add(MANIFEST, |out| Ok(out.write_all(text.as_bytes())?))?;
        zip.finish()
    }
}

/// A zip being written, with the sums of what is in it.
struct Zip<'a, W: Write + Seek> {
    writer: ZipWriter<&'a mut W>,
    options: SimpleFileOptions,
    listed: Vec<Listed>,
}

impl<'a, W: Write + Seek> Zip<'a, W> {
    fn new(out: &'a mut W, made: Timestamp) -> Self {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(9))
            .last_modified_time(dos_time(made))
            .unix_permissions(0o644)
            // A year of probes is more than 4 GiB.
            .large_file(true);
        Self { writer: ZipWriter::new(out), options, listed: Vec::new() }
    }

    fn add(
        &mut self,
        name: &str,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.add_with(name, self.options, write)
    }

    /// For a table of millions of lines that are much alike: more effort takes minutes and saves little.
    fn quickly(&self) -> SimpleFileOptions {
        self.options.compression_level(Some(1))
    }

    /// For a file that would hardly be shorter if it were compressed.
    fn stored(&self) -> SimpleFileOptions {
        self.options.compression_method(CompressionMethod::Stored).compression_level(None)
    }

    fn add_with(
        &mut self,
        name: &str,
        options: SimpleFileOptions,
        write: impl FnOnce(&mut dyn Write) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.writer.start_file(name, options).map_err(io::Error::from)?;
        let mut out = io::BufWriter::with_capacity(
            64 << 10,
            Summed { out: &mut self.writer, sum: Sha256::new(), bytes: 0 },
        );
        write(&mut out)?;
        let summed = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        let (sum, bytes) = (summed.sum.finalize(), summed.bytes);
        self.listed.push(Listed { name: name.to_owned(), bytes, sha256: manifest::hex(&sum) });
        Ok(())
    }

    fn finish(self) -> Result<(), Error> {
        self.writer.finish().map_err(io::Error::from)?;
        Ok(())
    }
}

/// Writes through and sums up.
struct Summed<W> {
    out: W,
    sum: Sha256,
    bytes: u64,
}

impl<W: Write> Write for Summed<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.sum.update(&bytes[..written]);
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// UTC as a zip has times, to two seconds; its first instant where a time is before that.
fn dos_time(at: Timestamp) -> DateTime {
    let part = |pattern: &str| words::local(at, &jiff::tz::TimeZone::UTC, pattern).parse().ok();
    let small = |pattern| part(pattern).and_then(|n: u16| u8::try_from(n).ok());
    let time = || {
        let (year, month, day) = (part("%Y")?, small("%m")?, small("%d")?);
        let (hour, minute, second) = (small("%H")?, small("%M")?, small("%S")?);
        DateTime::from_date_and_time(year, month, day, hour, minute, second).ok()
    };
    time().unwrap_or_default()
}

const NOTE_COLUMNS: [&str; 9] =
    ["id", "time", "local", "kind", "ticket", "text", "added", "added_local", "edited"];

/// The notes of a report as CSV, by the times they are about.
fn write_notes(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let mut table =
        CsvTable::new(out, Form::Csv, &report.zone, &NOTE_COLUMNS, report.record.simulated)?;
    for note in &report.notes {
        table.row(&[
            Cell::Id(note.id),
            Cell::Utc(note.at),
            Cell::Local(note.at),
            Cell::Word(note.kind.as_str()),
            Cell::or_none(note.ticket.as_deref(), Cell::Text),
            Cell::Text(&note.text),
            Cell::Utc(note.added),
            Cell::Local(note.added),
            Cell::or_none(note.edited, Cell::Utc),
        ])?;
    }
    table.finish()
}

/// What the files are, how it was measured, and how the sums are checked without linkmon.
fn method(report: &Report, probes: PackedProbes, has_pages: bool) -> String {
    let probes = match probes {
        PackedProbes::All => "probes.csv has every probe of the period.",
        PackedProbes::OfDrops => {
            "probes.csv has the probes that show the drops: every one from 5 s before to 5 s after a\n\
             silence and, within one of more than four minutes, of its first and last two; between\n\
             them the first of each target in each minute, and whatever a deciding anchor answered.\n\
             `linkmon report --format bundle --raw` packs all of the period."
        }
    };
    let pages = if has_pages {
        ";\n\
         modem/ has pages of the modem as it sent them at drops, without numbers that name it."
    } else {
        "."
    };
    let said = prose::simulated(report.record.simulated);
    let mut text = said.map_or_else(String::new, |said| format!("{said}\n\n"));
    let _ = write!(
        text,
        "What is in this bundle\n\n\
         report.txt, report.json, sheet.png and the like are renderings of one report; drops.csv,\n\
         minutes.csv and probes.csv are the data it was made of, notes.csv is what people noted{pages}\n\
         {probes}\n\
         docs/json.md of linkmon describes every column. Times end in Z where they are UTC; local ones\n\
         have the offset from UTC that held then. An empty cell means that there is no such value.\n\n\
         How to check it\n\n\
         `linkmon verify FILE.zip`, or without linkmon: unpack it and run `sha256sum -c SHA256SUMS`.\n\
         manifest.json lists the size and SHA-256 of every file. The sums show that the files are\n\
         those that were packed together; they do not show who packed them, nor when.\n\n\
         `python3 verify.py` in the unpacked folder needs no linkmon either. It checks the sums, the\n\
         chain of the record, the probes against the chain, and the silences of the anchors in\n\
         probes.csv against the drops; `python3 verify.py --head 3f5a...` whether a head that someone\n\
         noted is one that the record had. chain.jsonl is the chain, an entry a line, with what it\n\
         covers for the hours of the period. samples.bin has samples of hours (of all with --raw, else\n\
         of those in which the longest drops began and ended) as the record stores them: minute,\n\
         target, run and length of what follows (8 bytes each, big-endian), then the samples;\n\
         verify.py reads them in 20 lines. stamp-N.tsr is what a time-stamping authority\n\
         (RFC 3161) said of the head of entry N. What that proves, and what not: docs/evidence.md.\n\n\
         How it was measured\n\n"
    );
    for sentence in prose::how(report) {
        text += &sentence;
        text.push('\n');
    }
    text.push('\n');
    for (name, meaning) in super::json::definitions() {
        text.extend([name, ": ", meaning, "\n"]);
    }
    text
}

/// The sum and size of a file, whether [`Bundle::write`] wrote it or another program.
pub(super) fn sha256(mut read: impl io::Read) -> io::Result<(String, u64)> {
    let mut sum = Sha256::new();
    let (mut buffer, mut bytes) = (vec![0; 64 << 10], 0);
    loop {
        let n = match read.read(&mut buffer) {
            Ok(0) => return Ok((manifest::hex(&sum.finalize()), bytes)),
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        sum.update(&buffer[..n]);
        bytes += n as u64;
    }
}

#[cfg(test)]
mod tests;
