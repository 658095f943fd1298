//! Remote write against a naive count of the record, and against receivers that lose, refuse and repeat.

mod oracle;
mod receiver;
mod sending;
mod wire;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::message::WrittenMessage;
use super::record::RecordView;
use super::sampler::DelaySeries;
use super::sender::{RecordSender, SendTurn, SenderSettings};
use super::series::SeriesLabels;
use super::*;
use crate::config::{OnTooOld, SendDetail, Site};
use crate::scenario::{self, NoAudience, Recording, Scenario};
use crate::store::{Durability, Reader};
use crate::time::{TimeRange, Timestamp};

/// What a receiver has: by labels as text, value bits by time in milliseconds.
type Received = BTreeMap<String, BTreeMap<i64, u64>>;

/// Drops, a blip, loss, a target that never answers, the daemon off for four minutes.
const STORY: &str = r#"
name = "remote-write"
story = "two drops, a blip, loss, and nobody watching for four minutes"
start = "2026-02-02T13:00:30Z"
zone = "UTC"
length = "75m"

[[fault]]
where = "access"
how = "silence"
when = { at = "12m", lasts = "70s" }

[[fault]]
where = "lan"
how = "silence"
when = { at = "25m", lasts = "3s" }

[[fault]]
where = "isp-core"
how = "silence"
when = { at = "47m", lasts = "9s" }

[[host]]
what = "off"
when = { at = "30m", lasts = "4m" }
"#;

/// A record of the story in a folder.
fn recorded(folder: &Path, story: &str, durability: Durability) -> PathBuf {
    let database = folder.join("linkmon.db");
    let plan = Scenario::parse(story, "story.toml").unwrap().plan(7);
    let recording = Recording { database: &database, runtime_dir: None, durability };
    scenario::record(&plan, &recording, &mut NoAudience).unwrap();
    database
}

fn settings(database: &Path) -> SenderSettings {
    let site = Site {
        name: Some("Maple Street 12".to_owned()),
        isp: Some("Example \"Câble\"".to_owned()),
        ..Site::default()
    };
    SenderSettings {
        name: "test".to_owned(),
        database: database.to_owned(),
        labels: SeriesLabels::new("box", &site),
        view: RecordView {
            line: None,
            settled_after: RecordView::settled_after(
                Duration::from_secs(60),
                Duration::from_secs(5),
            ),
            boot_id: None,
            detail: SendDetail::Drops,
            delays: DelaySeries::Histogram,
        },
        from: String::new(),
        first: None,
        on_too_old: OnTooOld::Hold,
        phase: Micros::ZERO,
    }
}

/// From the first sample to just after the last.
fn extent(database: &Path) -> TimeRange {
    Reader::open(database).unwrap().extent().unwrap().unwrap()
}

/// `s` seconds into the test, all of which is at `utc`.
fn at(utc: Timestamp, s: i64) -> Reading {
    let us = s * 1_000_000;
    Reading { utc, boot: BootTime::from_micros(us), monotonic_us: us }
}

/// A day after the whole record.
fn later(database: &Path) -> Timestamp {
    extent(database).to + Duration::from_secs(86_400)
}

/// All that is sent of a record, without any failure.
fn sent_of(settings: &SenderSettings) -> Received {
    let now = at(later(&settings.database), 0);
    let mut sender = RecordSender::new(settings.clone());
    let mut received = Received::new();
    let mut post = |message: &WrittenMessage| {
        wire::take_in(&mut received, &wire::samples(message));
        WriteAnswer::Status { status: 204, body: String::new(), retry_after: None }
    };
    while sender.turn(now, &mut post) == SendTurn::GoesOn {}
    assert_eq!(sender.status().failed_requests, 0);
    received
}
