//! Table `delivery`: how far each channel has come with its messages.

use rusqlite::Row;
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};

use super::table::{StoredTable, Writing};
use super::value::{count, json, number, text, time_or_null, values, whole};
use crate::time::Timestamp;
use crate::vocabulary::{ChannelProgress, DeliveryCounts, SetAside, UnderWay};

/// What of a channel is in the column `state`.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct StoredState {
    under_way: Option<UnderWay>,
    told: Vec<(String, Timestamp)>,
    aside: Vec<SetAside>,
    apart_up_to: i64,
}

impl StoredTable for ChannelProgress {
    const NAME: &'static str = "delivery";
    const COLUMNS: &'static [&'static str] = &[
        "channel",
        "settled",
        "delivered",
        "failed",
        "expired",
        "set_aside",
        "delivered_us",
        "trouble",
        "state",
    ];
    const KEY: &'static str = "channel";
    const SINCE: i64 = 6;
    const WRITING: Writing = Writing::Replaces;
    const CREATE: &'static str = "
-- How far each channel of [[alert]] has come with the messages.
CREATE TABLE delivery(
  channel      TEXT PRIMARY KEY,        -- its name
  settled      INTEGER NOT NULL,        -- message.id: up to it all are delivered, or not for this channel
  delivered    INTEGER NOT NULL,        -- parcels
  failed       INTEGER NOT NULL,        -- attempts
  expired      INTEGER NOT NULL,        -- messages that waited too long
  set_aside    INTEGER NOT NULL,        -- messages that the receiver refused for good
  delivered_us INTEGER,                 -- the last time
  trouble      TEXT,                    -- why the last attempt failed; NULL: it did not
  state        TEXT NOT NULL            -- JSON: under_way (the parcel that was tried last and is not
                                        -- settled), told (incidents), aside (the last refused), apart_up_to
) STRICT;
";

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let StoredState { under_way, told, aside, apart_up_to } = json(row, 8)?;
        Ok(Self {
            channel: row.get(0)?,
            settled: number(row, 1)?,
            counts: DeliveryCounts {
                delivered: count(row, 2)?,
                failed: count(row, 3)?,
                expired: count(row, 4)?,
                set_aside: count(row, 5)?,
            },
            delivered_at: time_or_null(row, 6)?,
            trouble: row.get(7)?,
            under_way,
            told,
            aside,
            apart_up_to,
        })
    }

    fn values(&self) -> rusqlite::Result<Vec<Value>> {
        let state = StoredState {
            under_way: self.under_way.clone(),
            told: self.told.clone(),
            aside: self.aside.clone(),
            apart_up_to: self.apart_up_to,
        };
        let DeliveryCounts { delivered, failed, expired, set_aside } = self.counts;
        values![
            self.channel.clone(),
            self.settled,
            whole(delivered),
            whole(failed),
            whole(expired),
            whole(set_aside),
            self.delivered_at.map(Timestamp::as_micros),
            self.trouble.clone(),
            text(&state)?,
        ]
    }
}
