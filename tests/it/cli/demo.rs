//! `linkmon demo`.

use std::fs;

use super::home::Home;

#[test]
fn a_demo_makes_a_new_file_and_touches_none_that_is_there() {
    let home = Home::new();
    home.write("a.db", "mine");
    let said = home.complaint(1, &["--db", "a.db", "demo"]);
    let expected = "linkmon: a.db already exists, and the demo only makes a new one\n\n\
                    hint: name another file with `--db`\n";
    assert_eq!(said, expected);
    assert_eq!(fs::read(home.path("a.db")).unwrap(), b"mine");
    home.write("b.png", "mine");
    let said = home.complaint(1, &["--db", "b.db", "demo"]);
    assert!(said.starts_with("linkmon: b.png already exists"), "{said}");
    assert!(!home.path("b.db").exists());
}

#[test]
fn the_demo_reports_its_days_and_every_command_runs_on_it() {
    if !crate::whole_lengths() {
        println!("skipped: six simulated days take a minute without optimization");
        return;
    }
    let home = Home::new();
    let said = home.linkmon(&["--db", "story.db", "demo"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    insta::assert_snapshot!(said.stdout);
    assert!(said.stderr.contains("TZ=America/Toronto linkmon --db story.db drops"));
    assert!(fs::read(home.path("story.png")).unwrap().starts_with(b"\x89PNG"));
    let period = ["--since", "2023-02-02", "--until", "2023-02-10"];
    let all = |more: &[&'static str]| home.json(&[more, &period[..]].concat());
    let drops = all(&["--db", "story.db", "drops", "--format", "json"]);
    let outages = drops.as_array().unwrap().iter().filter(|d| d["kind"] == "outage").count();
    assert_eq!(outages, 1);
    let again = all(&["--db", "story.db", "replay", "--format", "json"]);
    assert_eq!(again, drops);
}
