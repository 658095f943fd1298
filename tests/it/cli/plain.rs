//! Plain access to the record: SQL, exports, copies.

use std::fs;

use serde_json::Value;

use super::home::{Home, PERIOD, START_MS};
use super::with;

#[test]
fn every_probe_can_be_asked_for_in_sql_and_exported() {
    let home = Home::recorded();
    let sql = |statement| home.data(&["--db", "a.db", "sql", statement, "--format", "csv"]);
    assert_eq!(
        sql("SELECT outcome, count(*) AS n FROM samples GROUP BY outcome ORDER BY outcome"),
        "outcome,n\nlost,1732\nreply,7268\n"
    );
    // From 300 to 329 s nothing beyond the router answers.
    let from = START_MS + 290_000;
    let bounded = format!(
        "SELECT count(*), sum(outcome = 'lost') FROM samples
         WHERE target = 'hop' AND time_ms >= {from} AND time_ms < {from} + 20000"
    );
    assert_eq!(sql(&bounded).lines().nth(1).unwrap(), "20,10");
    let table = home.data(&["--db", "a.db", "sql", "SELECT 1 AS one, NULL AS none, 'x' AS text"]);
    assert_eq!(table, "one  none  text\n1          x\n");
    let line =
        home.data(&["--db", "a.db", "sql", "SELECT 1.5 AS x, NULL AS n", "--format", "jsonl"]);
    assert_eq!(line, "{\"n\":null,\"x\":1.5}\n");

    let export = |what, format| {
        home.data(&with(&["--db", "a.db", "export", what, "--format", format], &PERIOD))
    };
    let probes = export("probes", "csv");
    assert_eq!(probes.lines().count(), 9_001);
    assert!(probes.starts_with("utc,time_ms,target,run,outcome,rtt_ms\n2023-02-07T16:00:00."));
    let drops: Vec<Value> =
        export("drops", "jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let kinds: Vec<_> = drops.iter().map(|drop| drop["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["drop", "blip", "outage"]);
    assert_eq!(export("minutes", "csv").lines().count(), 1 + 30 * 5);
    let hours = export("hours", "jsonl");
    let sent: i64 = hours
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["sent"].as_i64().unwrap())
        .sum();
    assert_eq!((hours.lines().count(), sent), (5, 9_000));
}

#[test]
fn sql_that_would_write_or_is_wrong_is_refused() {
    let home = Home::recorded();
    let before = fs::read(home.path("a.db")).unwrap();
    for statement in [
        "DELETE FROM raw",
        "DROP TABLE minute",
        "PRAGMA user_version = 9",
        "SELECT nothing FROM nowhere",
        "SELECT 1; DELETE FROM raw",
        "",
    ] {
        let said = home.complaint(1, &["--db", "a.db", "sql", statement]);
        assert!(said.starts_with("linkmon: query a.db: "), "{statement}: {said}");
    }
    assert_eq!(fs::read(home.path("a.db")).unwrap(), before);
}

#[test]
fn the_questions_in_the_documentation_have_answers() {
    let home = Home::recorded();
    let text = include_str!("../../../docs/schema.md");
    let questions: Vec<&str> =
        text.split("```sql\n").skip(1).map(|rest| rest.split_once("```").unwrap().0).collect();
    assert!(questions.len() >= 6);
    for question in questions {
        let answer = home.data(&["--db", "a.db", "sql", question]);
        assert!(answer.lines().count() >= 1, "{question}");
    }
}

#[test]
fn a_backup_is_restored_when_asked_twice_and_what_it_replaces_is_kept() {
    let home = Home::recorded();
    let said = home.data(&["--db", "a.db", "backup", "copy.db"]);
    assert!(said.starts_with("copy.db ("), "{said}");
    assert!(home.complaint(1, &["--db", "a.db", "backup", "copy.db"]).contains("there is such"));
    home.data(&["--db", "a.db", "note", "after the copy"]);
    let asked = home.data(&["--db", "a.db", "restore", "copy.db"]);
    assert!(asked.contains("replaces a.db") && asked.contains("3 drops"), "{asked}");
    assert!(asked.ends_with("nothing was changed; add --yes to do it\n"), "{asked}");
    assert!(home.data(&["--db", "a.db", "note", "--list"]).contains("after the copy"));
    let done = home.data(&["--db", "a.db", "restore", "copy.db", "--yes"]);
    assert!(done.contains("the old database is kept as a.db.before-restore-"), "{done}");
    assert_eq!(home.data(&["--db", "a.db", "note", "--list"]), "no notes\n");
    let kept = done.trim().rsplit_once("kept as ").unwrap().1;
    assert!(home.data(&["--db", kept, "note", "--list"]).contains("after the copy"));
    home.write("copy.db", "no database");
    assert!(
        home.complaint(1, &["--db", "a.db", "restore", "copy.db", "--yes"]).contains("copy.db")
    );
}
