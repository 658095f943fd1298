//! Table `stamp`: what time-stamping authorities said of heads of the chain.

use std::path::Path;

use rusqlite::types::Value;
use rusqlite::{Connection, Row};

use super::note;
use super::table::{StoredTable, Writing};
use super::value::{time, time_or_null, values};
use crate::store::chain::Digest;
use crate::store::error::Error;
use crate::time::Timestamp;

/// A time stamp of a head of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadStamp {
    /// The entry whose head it is.
    pub seq: i64,
    /// That head.
    pub head: Digest,
    /// When it was asked for, by this computer's clock.
    pub asked: Timestamp,
    /// The authority.
    pub url: String,
    /// When the authority says that it was; `None`: its answer could not be understood that far.
    pub at: Option<Timestamp>,
    /// The answer as it was received: a `TimeStampResp` (RFC 3161), DER.
    pub token: Vec<u8>,
}

impl StoredTable for HeadStamp {
    const NAME: &'static str = "stamp";
    const COLUMNS: &'static [&'static str] = &["seq", "head", "asked_us", "url", "at_us", "token"];
    const KEY: &'static str = "seq, asked_us";
    const SINCE: i64 = 6;
    const WRITING: Writing = Writing::Keeps;
    const CREATE: &'static str = "
-- What a time-stamping authority (RFC 3161) said of a head of the chain: that it existed by then.
CREATE TABLE stamp(
  seq      INTEGER NOT NULL,            -- chain.seq
  head     BLOB NOT NULL,               -- chain.head at the time
  asked_us INTEGER NOT NULL,            -- by this computer's clock
  url      TEXT NOT NULL,
  at_us    INTEGER,                     -- genTime of the token
  token    BLOB NOT NULL,               -- the whole answer, a TimeStampResp in DER: openssl ts -verify takes it
  PRIMARY KEY(seq, asked_us)) STRICT;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            seq: row.get(0)?,
            head: Digest(row.get(1)?),
            asked: time(row, 2)?,
            url: row.get(3)?,
            at: time_or_null(row, 4)?,
            token: row.get(5)?,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        values![
            self.seq,
            self.head.0.to_vec(),
            self.asked.as_micros(),
            self.url.clone(),
            self.at.map(Timestamp::as_micros),
            self.token.clone(),
        ]
    }
}

/// Stores a time stamp, whether a daemon writes the database or not.
///
/// # Errors
/// If there is no database of the present schema, or it cannot be written.
pub fn add_stamp(path: &Path, stamp: &HeadStamp) -> Result<(), Error> {
    const DOING: &str = "add a time stamp to database";
    let put = |db: &Connection| stamp.put(db).map(|_| ());
    put(&note::open(path, DOING, HeadStamp::SINCE)?).map_err(|e| Error::sqlite(DOING, path, e))
}
