//! `linkmon merge` with the real binary: what it says, what it refuses, and that a kill at any moment
//! costs nothing.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use crate::cli::home::{Home, START_MS};

/// Samples of 2023 are to be kept.
const KEPT: &str = "[storage]\nkeep-samples = \"9999d\"\nkeep-minutes = \"9999d\"\n";
const PERIOD: [&str; 4] = ["--since", "2023-02-07", "--until", "2023-02-20"];

/// Three anchors each `step` seconds, from and to seconds from the start; silent in `down`.
fn record(from: i64, to: i64, step: usize, down: &[(i64, i64)]) -> String {
    let mut text = "time_unix_ms,target,rtt_us\n".to_owned();
    for second in (from..to).step_by(step) {
        let is_down = down.iter().any(|(from, to)| (*from..*to).contains(&second));
        for (name, phase) in [("one", 0), ("two", 300), ("three", 600)] {
            let rtt = if is_down { String::new() } else { (9_000 + second % 997).to_string() };
            writeln!(text, "{},{name},{rtt}", START_MS + second * 1_000 + phase).unwrap();
        }
    }
    text
}

/// A home with databases made of these records.
fn home(records: &[(&str, &str)]) -> Home {
    let home = Home::new();
    home.write("kept.toml", KEPT);
    for (name, text) in records {
        home.write("record.csv", text);
        home.data(&["--db", name, "import", "record.csv"]);
    }
    home
}

fn merged(home: &Home, into: &str, arguments: &[&str]) -> String {
    let first = ["--db", into, "--config", "kept.toml", "merge"];
    home.data(&[&first, arguments].concat())
}

fn sql(home: &Home, database: &str, statement: &str) -> String {
    home.data(&["--db", database, "sql", "--format", "csv", statement])
}

/// Everything measured and found, without what shows by which run.
fn rows(home: &Home, database: &str) -> Vec<String> {
    let tables = ["raw", "minute", "hour", "link_drop", "gap", "note", "run", "merged_run"];
    let columns = |table: &str| match table {
        "raw" => "minute, target, run, hex(samples)",
        "merged_run" => "run, source, their_run",
        _ => "*",
    };
    let statement = |table: &&str| format!("SELECT {} FROM {table}", columns(table));
    tables.iter().map(|table| sql(home, database, &statement(table))).collect()
}

#[test]
fn a_merge_says_what_it_took_and_a_second_one_that_nothing_is_new() {
    let laptop = record(0, 7_200, 1, &[(600, 660), (5_000, 5_100)]);
    let desk = record(3_600, 5_400, 1, &[(5_000, 5_100)]);
    let home = home(&[("laptop.db", &laptop), ("desk.db", &desk)]);
    home.data(&["--db", "laptop.db", "note", "new modem", "--at", "2023-02-07T16:30"]);
    let before = fs::read(home.path("desk.db")).unwrap();
    let laptop = fs::read(home.path("laptop.db")).unwrap();
    let said = "\
laptop.db: Tue 2023-02-07 16:00 to Tue 2023-02-07 17:59, observed 2 h
  taken     1 h 30 min: 16,200 probes, 1 drop, blip or outage, 1 note
  30 min    was observed here too and stays as it is here
  chain     2 hours added at its end (docs/evidence.md explains what that means)
";
    let dry = merged(&home, "desk.db", &["laptop.db", "--dry-run"]);
    assert_eq!(dry, format!("{said}nothing was changed: this was a dry run\n"));
    assert!(fs::read(home.path("desk.db")).unwrap() == before, "a dry run changes nothing");
    assert_eq!(merged(&home, "desk.db", &["laptop.db"]), said);
    assert!(fs::read(home.path("laptop.db")).unwrap() == laptop, "the other file is only read");
    let count = sql(&home, "desk.db", "SELECT count(*), count(DISTINCT time_ms) FROM samples");
    assert_eq!(count, "count(*),count(DISTINCT time_ms)\n21600,21600\n");
    let drops =
        home.json(&[&["--db", "desk.db", "drops", "--format", "json"], &PERIOD[..]].concat());
    assert_eq!(drops.as_array().unwrap().len(), 2);
    let once = rows(&home, "desk.db");
    assert_eq!(
        merged(&home, "desk.db", &["laptop.db"]),
        "laptop.db: Tue 2023-02-07 16:00 to Tue 2023-02-07 17:59, observed 2 h\n  nothing new\n  \
         2 h       was observed here too and stays as it is here\n"
    );
    assert_eq!(rows(&home, "desk.db"), once);
    let verified = home.data(&["verify", "desk.db"]);
    assert!(verified.starts_with("desk.db: 2 closed hours, unchanged\n"), "{verified}");
    assert!(verified.contains("1 hour added again later"), "{verified}");
    let report =
        home.data(&[&["--db", "desk.db", "report", "--format", "full"], &PERIOD[..]].concat());
    assert!(report.contains("new modem"), "{report}");
    let left: Vec<_> = fs::read_dir(home.dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.contains("merging") || name.contains("dry-run"))
        .collect();
    assert_eq!(left, <[String; 0]>::default());
}

#[test]
fn two_files_make_a_new_one_that_has_all_of_both() {
    let (first, second) = (record(0, 3_600, 1, &[]), record(3_600, 7_200, 1, &[(4_000, 4_030)]));
    let home = home(&[("a.db", &first), ("b.db", &second)]);
    merged(&home, "all/linkmon.db", &["b.db", "a.db"]);
    let both = sql(&home, "all/linkmon.db", "SELECT count(*) FROM samples");
    assert_eq!(both, "count(*)\n21600\n");
    merged(&home, "turned.db", &["a.db", "b.db"]);
    let drops = |database: &str| {
        let list: [&str; 5] = ["--db", database, "drops", "--format", "json"];
        let mut drops = home.json(&[&list[..], &PERIOD].concat());
        for drop in drops.as_array_mut().unwrap() {
            drop["id"].take();
        }
        drops
    };
    assert_eq!(drops("turned.db"), drops("all/linkmon.db"));
    assert_eq!(drops("turned.db").as_array().unwrap().len(), 1);
}

#[test]
fn a_file_that_cannot_be_merged_is_named_in_one_sentence_and_nothing_is_changed() {
    let home = home(&[("desk.db", &record(0, 600, 1, &[])), ("old.db", &record(0, 7_200, 1, &[]))]);
    home.write("notes.txt", "no database");
    let whole = fs::read(home.path("old.db")).unwrap();
    fs::write(home.path("cut.db"), &whole[..whole.len() / 2]).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40_000].fill(0x5A);
    fs::write(home.path("damaged.db"), damaged).unwrap();
    // user_version and application_id of the header.
    let mut later = whole.clone();
    later[60..64].copy_from_slice(&99_u32.to_be_bytes());
    fs::write(home.path("later.db"), later).unwrap();
    let mut foreign = whole;
    foreign[68..72].copy_from_slice(&7_u32.to_be_bytes());
    fs::write(home.path("foreign.db"), foreign).unwrap();
    fs::hard_link(home.path("desk.db"), home.path("link.db")).unwrap();
    let before = fs::read(home.path("desk.db")).unwrap();
    let refused = |file: &str| {
        let said = home.complaint(1, &["--db", "desk.db", "merge", file]);
        assert!(fs::read(home.path("desk.db")).unwrap() == before, "{said}");
        said
    };
    for (file, sentence) in [
        ("gone.db", "open database gone.db: no such file\n"),
        (".", "open database .: it is a directory\n"),
        ("notes.txt", "open database notes.txt: it is not a SQLite database\n"),
        ("foreign.db", "open database foreign.db: it is a database of another program\n"),
        ("cut.db", "open database cut.db: the file is damaged\n"),
        ("desk.db", "merge desk.db: it is the database itself\n"),
        ("link.db", "merge link.db: it is the database itself\n"),
    ] {
        assert_eq!(refused(file), format!("linkmon: {sentence}"));
    }
    let said = refused("later.db");
    let sentence = "linkmon: open database later.db: it has schema 99, this linkmon knows schema 6";
    assert!(said.starts_with(sentence), "{said}");
    let said = refused("damaged.db");
    assert!(said.contains(" database damaged.db: "), "{said}");
    assert_eq!(said.lines().count(), 1, "{said}");
    assert!(home.complaint(2, &["--db", "desk.db", "merge"]).contains("FILE"));
}

#[test]
fn a_file_of_another_network_is_taken_only_when_asked_for_anyway() {
    let home = Home::new();
    home.write("kept.toml", KEPT);
    for (name, from, hop) in [("home.db", 0, "10.9.0.1"), ("office.db", 3_600, "100.64.0.1")] {
        let text = record(from, from + 600, 1, &[]).replace("three", hop);
        home.write("record.csv", &text);
        let role = format!("{hop}=isp");
        home.data(&["--db", name, "import", "record.csv", "--role", &role]);
    }
    assert_eq!(
        home.complaint(1, &["--db", "home.db", "merge", "office.db"]),
        "linkmon: office.db was recorded on another network: the ISP's first hop is \
         100.64.0.1 there and 10.9.0.1 here\n\n\
         hint: --anyway merges it all the same: reports then treat both lines as one\n"
    );
    let said = merged(&home, "home.db", &["office.db", "--anyway"]);
    assert!(said.contains("  taken     10 min: 1,800 probes\n"), "{said}");
}

#[test]
fn while_a_daemon_writes_only_a_dry_run_is_done() {
    let home = home(&[("a.db", &record(0, 600, 1, &[])), ("b.db", &record(600, 900, 1, &[]))]);
    let lock = fs::File::options().write(true).open(home.path("a.db.lock")).unwrap();
    lock.lock().unwrap();
    let said = home.complaint(1, &["--db", "a.db", "merge", "b.db"]);
    assert!(said.starts_with("linkmon: database a.db is in use by another linkmon"), "{said}");
    assert!(merged(&home, "a.db", &["b.db", "--dry-run"]).contains("900 probes"));
    // The other may be written as much as it likes.
    let theirs = fs::File::options().write(true).open(home.path("b.db.lock")).unwrap();
    theirs.lock().unwrap();
    drop(lock);
    assert!(merged(&home, "a.db", &["b.db"]).contains("900 probes"));
}

#[test]
fn a_merge_that_is_killed_at_any_moment_is_completed_by_the_next_and_counts_nothing_twice() {
    const DAY: i64 = 86_400;
    let other = record(0, 5 * DAY, 10, &[(DAY - 300, DAY + 300), (3 * DAY + 60, 3 * DAY + 900)]);
    let own = record(2 * DAY, 2 * DAY + 7_200, 10, &[]);
    let home = home(&[("other.db", &other), ("own.db", &own)]);
    let copy = |to: &str| home.data(&["--db", "own.db", "backup", to]);
    copy("whole.db");
    copy("killed.db");
    merged(&home, "whole.db", &["other.db"]);
    let arguments = ["--db", "killed.db", "--config", "kept.toml", "merge", "other.db"];
    let mut random = fastrand::Rng::with_seed(31);
    let mut kills = 0;
    for _ in 0..40 {
        let mut child =
            home.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_micros(random.u64(0..120_000)));
        child.kill().unwrap();
        kills += i32::from(!child.wait().unwrap().success());
    }
    assert!(kills > 5, "{kills}");
    merged(&home, "killed.db", &["other.db"]);
    assert_eq!(rows(&home, "killed.db"), rows(&home, "whole.db"));
    let verified = home.data(&["verify", "killed.db"]);
    assert!(verified.contains("closed hours, unchanged\n"), "{verified}");
    let damaged = home.data(&["--db", "killed.db", "sql", "PRAGMA integrity_check"]);
    assert!(damaged.contains("ok"), "{damaged}");
    assert!(!Path::new(&home.path("killed.db.merging")).exists());
}

#[test]
fn a_gap_of_an_imported_record_that_begins_and_ends_in_drops_is_filled_and_its_drops_do_not_overlap()
 {
    let down = [(1_500, 1_590), (3_590, 3_650), (5_000, 5_090), (7_150, 7_300)];
    let after = record(7_200, 10_800, 1, &down);
    let lines = after.lines().skip(1).fold(String::new(), |text, line| text + line + "\n");
    let gapped = record(0, 3_600, 1, &down) + &lines;
    let between = record(1_800, 7_260, 1, &down);
    let whole = record(0, 10_800, 1, &down);
    let home = home(&[("ours.db", &gapped), ("theirs.db", &between), ("whole.db", &whole)]);
    merged(&home, "ours.db", &["theirs.db"]);
    let drops = |database: &str| {
        let list =
            home.json(&[&["--db", database, "drops", "--format", "json"], &PERIOD[..]].concat());
        list.as_array().unwrap().clone()
    };
    let ms = |value: &serde_json::Value| {
        let at: jiff::Timestamp = value.as_str().unwrap().parse().unwrap();
        at.as_millisecond()
    };
    let found = drops("ours.db");
    for pair in found.windows(2) {
        assert!(ms(&pair[0]["end_latest"]) <= ms(&pair[1]["onset_earliest"]) + 1, "{pair:#?}");
    }
    let length = |drops: &[serde_json::Value]| -> i64 {
        drops.iter().map(|d| ms(&d["end_latest"]) - ms(&d["onset_earliest"])).sum()
    };
    let (pieces, all) = (length(&found), length(&drops("whole.db")));
    assert_eq!((found.len(), drops("whole.db").len()), (4, 4), "{found:#?}");
    assert!((pieces - all).abs() < 1_500, "{pieces} ms for {all} ms");
}
