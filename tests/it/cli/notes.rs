//! `linkmon note`.

use super::home::{Home, PERIOD};
use super::with;

fn note(home: &Home, arguments: &[&str]) -> String {
    home.data(&[&["--db", "a.db", "note"], arguments].concat())
}

#[test]
fn notes_are_listed_and_reach_the_report() {
    let home = Home::recorded();
    let said = note(&home, &["technician on site", "--at", "2023-02-07T16:20"]);
    assert_eq!(said, "note 1 for 2023-02-07 16:20:00 +00:00\n");
    let said =
        note(&home, &["add", "they see nothing", "--at", "2023-02-07T16:10", "--ticket", "4711"]);
    assert_eq!(said, "note 2 for 2023-02-07 16:10:00 +00:00\n");
    let list = "   2  2023-02-07 16:10:00 +00:00  call to the ISP, ticket 4711: they see nothing\n   \
                1  2023-02-07 16:20:00 +00:00  technician on site\n";
    assert_eq!(note(&home, &["list"]), list);
    assert_eq!(note(&home, &["--list"]), list);
    let text = home.data(&with(&["--db", "a.db", "report", "--format", "full"], &PERIOD));
    assert!(text.contains("16:10  call to the ISP  4711    they see nothing\n"), "{text}");
    let json = home.json(&with(&["--db", "a.db", "report", "--format", "json"], &PERIOD));
    let (kind, ticket) = (&json["notes"][0]["kind"], &json["notes"][0]["ticket"]);
    assert_eq!((kind.as_str(), ticket.as_str()), (Some("call"), Some("4711")));
    assert!(json["notes"][1]["ticket"].is_null() && json["notes"][1]["edited"].is_null());
}

#[test]
fn a_note_is_for_a_time_as_people_write_it() {
    let home = Home::recorded();
    for at in ["14:30", "9:05", "today 0:00", "yesterday 9:00", "2023-02-07 16:10"] {
        let said = note(&home, &["technician on site", "--at", at]);
        let time = at.rsplit(' ').next().unwrap();
        assert!(said.contains(&format!("{time}:00 +00:00")), "{at}: {said}");
    }
    let said = home.complaint(2, &["--db", "a.db", "note", "when", "--at", "half past two"]);
    assert!(said.contains("is not a time; write 14:30, \"yesterday 9:00\""), "{said}");
}

#[test]
fn an_edited_note_says_so_and_a_removed_one_is_only_in_the_history() {
    let home = Home::recorded();
    note(&home, &["technician on sight", "--at", "2023-02-07T16:20"]);
    let said = note(&home, &["edit", "1", "technician on site", "--kind", "visit"]);
    assert_eq!(
        said,
        "   1  2023-02-07 16:20:00 +00:00  technician's visit: technician on site (edited)\n"
    );
    note(&home, &["edit", "1", "--at", "2023-02-07T16:21", "--ticket", "7"]);
    note(&home, &["edit", "1", "--no-ticket"]);
    let text = home.data(&with(&["--db", "a.db", "report", "--format", "full"], &PERIOD));
    assert!(text.contains("16:21  technician's visit  technician on site"), "{text}");
    assert!(note(&home, &["remove", "1"]).starts_with("removed:    1  2023-02-07 16:21:00"));
    assert_eq!(note(&home, &["list"]), "no notes\n");
    let history = note(&home, &["list", "--history"]);
    let lines: Vec<&str> = history.lines().collect();
    assert_eq!(lines.len(), 5, "{history}");
    assert!(lines[1].starts_with("edited ") && lines[1].ends_with("  technician on sight"));
    assert!(lines[4].starts_with("removed ") && lines[4].ends_with("visit: technician on site"));
    let text = home.data(&with(&["--db", "a.db", "report", "--format", "full"], &PERIOD));
    assert!(!text.contains("technician"), "{text}");
}

#[test]
fn an_invalid_note_is_refused_in_one_sentence() {
    let home = Home::recorded();
    note(&home, &["modem reset"]);
    let said = |code, arguments: &[&str]| {
        home.complaint(code, &[&["--db", "a.db", "note"], arguments].concat())
    };
    let none = "linkmon: there is no note 9 in a.db\n\nhint: `linkmon note list` lists their \
                numbers\n";
    assert_eq!(said(1, &["remove", "9"]), none);
    assert_eq!(said(1, &["edit", "9", "x"]), none);
    assert_eq!(said(2, &["  "]), "linkmon: a note is one line of text\n");
    assert_eq!(said(2, &["edit", "1", ""]), "linkmon: a note is one line of text\n");
    assert_eq!(
        said(2, &["x", "--ticket", "a\tb"]),
        "linkmon: a ticket number is one line of text\n"
    );
    assert_eq!(
        said(2, &["edit", "1"]),
        "linkmon: nothing to change in note 1\n\nhint: give a new text, --at, --kind, --ticket \
         or --no-ticket\n"
    );
    let kind = said(2, &["x", "--kind", "party"]);
    assert!(kind.contains("'party'") && kind.contains("call, visit, reset, hardware"), "{kind}");
    for wrong in [
        &["remove"] as &[&str],
        &["remove", "one"],
        &["edit"],
        &["edit", "1", "--ticket", "2", "--no-ticket"],
        &["list", "1"],
        &["--list", "--kind", "call"],
        &["text", "--at", "sometime"],
    ] {
        said(2, wrong);
    }
    assert!(note(&home, &["list"]).ends_with("  modem reset\n"));
}

#[test]
fn a_file_of_an_earlier_linkmon_is_brought_up_to_date_before_a_note_is_written() {
    let home = Home::new();
    let old = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/schema/1.db");
    std::fs::copy(old, home.path("a.db")).unwrap();
    assert!(note(&home, &["list"]).ends_with("  modem replaced\n"));
    assert_eq!(std::fs::read(home.path("a.db")).unwrap(), std::fs::read(old).unwrap());
    note(&home, &["edit", "1", "--kind", "hardware"]);
    assert!(note(&home, &["list"]).ends_with("  new hardware: modem replaced (edited)\n"));
}
