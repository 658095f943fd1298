use std::time::Duration;

use super::*;
use crate::store::{Opening, Reader};
use crate::time::{BootTime, TimeRange};
use crate::vocabulary::Outcome;

fn at(s: i64) -> Reading {
    let us = s * 1_000_000;
    Reading { utc: Timestamp::from_micros(us), boot: BootTime::from_micros(us), monotonic_us: us }
}

#[test]
fn a_commit_that_fails_is_told_once_and_loses_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("linkmon.db");
    let opening = Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
    let (mut writer, _) = Writer::open(opening).unwrap();
    let second = Duration::from_secs(1);
    let target =
        writer.target("a", Kind::Icmp, Role::Anchor, "192.0.2.1", second, at(0)).unwrap().id;
    writer.begin_run(at(0), None).unwrap();
    // As on a file system without a free byte: SQLite answers with the same code.
    writer.file.db.execute_batch("PRAGMA max_page_count = 1").unwrap();
    let mut told = Vec::new();
    let mut expected = Vec::new();
    for n in 0..6_000_i64 {
        if n == 4_900 {
            // Half an hour after its minute, when that is kept encoded only.
            let sent_at = Timestamp::from_millis(3_000_500);
            let m = Measurement { target, sent_at, outcome: Outcome::Lost };
            writer.record(&m).unwrap();
            expected.insert(3_001, m);
            let samples: usize =
                writer.waiting.minutes.values().map(|held| held.samples.len()).sum();
            assert!(samples < 400, "{samples}");
        }
        if n == 5_000 {
            writer.file.db.execute_batch("PRAGMA max_page_count = 1000000").unwrap();
        }
        let rtt = Duration::from_micros(10_000 + n.unsigned_abs() * 7_919 % 10_007);
        let sent_at = Timestamp::from_seconds(n);
        let m = Measurement { target, sent_at, outcome: Outcome::reply(rtt) };
        writer.record(&m).unwrap();
        expected.push(m);
        if let Err(error) = writer.second(at(n + 1), "{}") {
            told.push((n, error.to_string()));
        }
    }
    let word = format!("write to database {}: the file system is full", writer.path().display());
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(told[0].1 == word, "{told:?}");
    let mut found = Vec::new();
    let all = TimeRange { from: Timestamp::from_seconds(0), to: Timestamp::from_seconds(9_999) };
    let reader = Reader::open(&path).unwrap();
    reader.for_each_minute(all, &mut |m| found.extend_from_slice(&m.samples)).unwrap();
    // What was in the file already made room for what came later; its summaries stayed.
    let oldest = found[0].sent_at;
    assert!(oldest < Timestamp::from_seconds(3_600), "{oldest}");
    expected.retain(|m| m.sent_at >= oldest);
    assert_eq!(found, expected);
    assert_eq!(reader.minutes(all).unwrap().len(), 100);
    assert!(writer.waiting.minutes.len() < 8, "what is stored is not kept in memory");
}
