//! What a bundle says about itself: `manifest.json`, the last of its files.

use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::kept::KeptTime;
use crate::report::Chain;
use crate::time::{TimeRange, Timestamp};

/// The name of the manifest.
pub const MANIFEST: &str = "manifest.json";
/// The same sums in the form of `sha256sum`, for people without linkmon.
pub const SUMS: &str = "SHA256SUMS";

/// What a bundle says about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// [`Manifest::FORMAT`].
    pub format: String,
    /// Of the format: fields are only added as long as this stays.
    pub version: u32,
    /// The program and version that made it: `linkmon 0.1.0`.
    pub made_by: String,
    /// When it was made.
    pub made: Timestamp,
    /// The period of the report.
    pub period: TimeRange,
    /// IANA name of the zone of its local times.
    pub zone: Option<String>,
    /// The record it was made of.
    pub record: Record,
    /// Damaged rows of samples that had to be left out.
    pub unreadable_minutes: u64,
    /// The head of the record's chain when it was made; `None`: the record had none.
    pub chain: Option<Chain>,
    /// What the numbers of targets in `samples.bin` mean.
    #[serde(default)]
    pub targets: Vec<Numbered>,
    /// The time of which `probes.csv` has probes; `None`: all of them, of all of the period.
    #[serde(default)]
    pub kept: Option<KeptTime>,
    /// All other files, in order.
    pub files: Vec<Listed>,
}

/// A target by its number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Numbered {
    /// Its number in the record.
    pub id: u8,
    /// Its name in the tables.
    pub name: String,
}

impl Manifest {
    /// What `format` says.
    pub const FORMAT: &str = "linkmon-bundle";
    /// What `version` says.
    pub const VERSION: u32 = 1;
}

/// The record of which a bundle was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The program and version that made the database.
    pub made_by: String,
    /// Its schema.
    pub schema: i64,
}

/// A file and its sum.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listed {
    /// Its name in the zip.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256, 64 hexadecimal digits.
    pub sha256: String,
}

impl Listed {
    /// A line of `sha256sum`.
    pub fn line(&self) -> String {
        format!("{}  {}\n", self.sha256, self.name)
    }
}

/// Hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
