//! The journal, which lies in a directory that others may write to.

use std::fs;

use super::*;
use crate::fuzz::Fuzz;

fn content() -> Vec<u8> {
    let run = RunRow {
        id: 3,
        started_us: 1_675_785_600_000_000,
        boot_us: Some(5),
        boot_id: Some("b".to_owned()),
        last_seen_us: 1_675_785_601_000_000,
        ended: None,
        version: "0.1.0".to_owned(),
        minutes: Some((1, 2)),
    };
    let head = JournalHead {
        database: 7,
        commits: 1,
        written_us: 1_675_785_601_000_000,
        runs: vec![run],
        pending: Vec::new(),
        added: Vec::new(),
        status: "{}".to_owned(),
    };
    let mut out = Vec::new();
    put_head(&mut out, &head).unwrap();
    put_minute(&mut out, RawKey { run: 3, minute: 1, target: TargetId(1) }, b"samples");
    put_minute(&mut out, RawKey { run: 3, minute: -1, target: TargetId(255) }, b"");
    out
}

#[test]
fn a_journal_that_is_understood_is_the_same_when_written_again() {
    let words = ["\"pending\":[", "null", "-9223372036854775808", "1e999", "{", "}"];
    Fuzz::new("journal", [content()]).words(&words).bytes(|content| {
        let Some(journal) = Journal::decode(content) else { return false };
        let mut again = Vec::new();
        put_head(&mut again, &journal.head).unwrap();
        for minute in &journal.minutes {
            put_minute(&mut again, minute.key, &minute.samples);
        }
        assert_eq!(Journal::decode(&again), Some(journal));
        true
    });
}

#[test]
fn a_file_in_its_place_is_read_only_where_a_slot_of_it_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal");
    // Smaller slots than the writer's, so that damage hits something.
    let file = |sequence: u64| {
        let content = content();
        let size = SLOT_HEADER + content.len() + 8;
        let mut octets = [MAGIC.as_slice(), &u32::try_from(size).unwrap().to_le_bytes()].concat();
        octets.resize(usize::try_from(FILE_HEADER).unwrap() + 2 * size, 0);
        fs::write(&path, &octets).unwrap();
        write_slot(&File::options().write(true).open(&path).unwrap(), size, sequence, &content)
            .unwrap();
        fs::read(&path).unwrap()
    };
    let valid = [file(1), file(2)];
    Fuzz::new("slots", valid).costing(10).bytes(|octets| {
        fs::write(&path, octets).unwrap();
        let found = newest_slot(&path);
        if let Some(content) = &found {
            assert!(content.is_empty() || octets.windows(content.len()).any(|w| w == content));
        }
        let journal = Journal::read(&path, 7);
        assert!(
            journal.is_none() || found.is_some_and(|content| Journal::decode(&content) == journal)
        );
        journal.is_some()
    });
}
