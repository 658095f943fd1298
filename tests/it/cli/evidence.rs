//! The data of a report: tables.

use std::fs;

use serde_json::Value;

use super::home::{Home, PERIOD};
use super::with;

fn report(home: &Home, arguments: &[&'static str]) -> String {
    home.data(&[&["--db", "a.db", "report"], arguments, &PERIOD].concat())
}

#[test]
fn the_data_of_a_period_comes_as_tables_and_as_json_with_as_many_rows() {
    let home = Home::recorded();
    let drops = report(&home, &["--format", "csv"]);
    assert_eq!(drops.lines().count(), 1 + 3, "{drops}");
    assert!(drops.starts_with("id,kind,place,onset,onset_local,"), "{drops}");
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    for (row, drop) in drops.lines().skip(1).zip(list.as_array().unwrap()) {
        let cells: Vec<&str> = row.split(',').collect();
        assert_eq!(cells[0], drop["id"].to_string());
        assert_eq!(
            (cells[5], cells[9]),
            (drop["onset_earliest"].as_str().unwrap(), drop["end_earliest"].as_str().unwrap())
        );
    }
    for (what, rows) in [("minutes", 30 * 5), ("probes", 9_000)] {
        let csv = report(&home, &["--format", "csv", "--what", what]);
        assert_eq!(csv.lines().count(), 1 + rows, "{what}");
        let json: Value =
            serde_json::from_str(&report(&home, &["--format", "json", "--what", what])).unwrap();
        assert_eq!(json.as_array().unwrap().len(), rows, "{what}");
    }
    let probes = report(&home, &["--format", "csv", "--what", "probes"]);
    let first =
        "2023-02-07T16:00:00.000Z,2023-02-07T16:00:00.000+00:00,one,anchor,answered,9.000,,\n";
    assert!(probes.contains(first), "{probes:.300}");
    assert_eq!(probes.lines().filter(|l| l.contains(",one,anchor,lost,,,")).count(), 433);
}

#[test]
fn the_ending_of_a_file_says_what_is_written_to_it_and_nothing_else_is() {
    let home = Home::recorded();
    for name in ["a.txt", "a.json", "a.csv", "a.PNG"] {
        let before = fs::read_dir(home.dir.path()).unwrap().count();
        assert_eq!(report(&home, &["-o", name]), "", "{name}");
        assert_eq!(fs::read_dir(home.dir.path()).unwrap().count(), before + 1, "{name}");
    }
    let csv = fs::read_to_string(home.path("a.csv")).unwrap();
    assert_eq!(csv, report(&home, &["--format", "csv"]));
    report(&home, &["-o", "p.csv", "--what", "probes"]);
    assert_eq!(fs::read_to_string(home.path("p.csv")).unwrap().lines().count(), 9_001);
    let said = home.complaint(2, &["--db", "a.db", "report", "-o", "a.doc"]);
    assert!(said.contains("what to write to a.doc is not said\n\nhint: add `--format`"), "{said}");
    let said = home.complaint(2, &["--db", "a.db", "report", "--what", "probes"]);
    assert!(said.contains("--what is about csv and json"), "{said}");
}

#[test]
fn a_table_that_cannot_be_written_is_told_and_leaves_nothing_behind() {
    let home = Home::recorded();
    let rows = with(&["--db", "a.db", "report", "--format", "csv", "--what", "probes"], &PERIOD);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(&rows).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "linkmon: write to standard output: No space left on device (os error 28)\n"
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home.command(&rows).stdout(writer).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
    let before = fs::read_dir(home.dir.path()).unwrap().count();
    let said = home.complaint(1, &[&rows[..], &["-o", "nowhere/a.csv"]].concat());
    assert!(said.starts_with("linkmon: write nowhere/a.csv: No such file"), "{said}");
    assert_eq!(fs::read_dir(home.dir.path()).unwrap().count(), before);
}
