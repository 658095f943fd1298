//! The texts of `linkmon report`: ticket, Markdown, HTML, in two languages, redacted.

use std::fs;

use super::home::{Home, PERIOD};
use super::with;

fn text_of(home: &Home, more: &[&'static str]) -> String {
    let said = home.linkmon(&with(&with(&["--db", "a.db", "report"], more), &PERIOD));
    assert_eq!(said.code, 0, "{}", said.stderr);
    said.stdout
}

#[test]
fn the_ticket_text_keeps_to_its_lines_and_characters() {
    let home = Home::recorded();
    let text = text_of(&home, &["--format", "text"]);
    assert!(text.lines().count() <= 20 && text.chars().count() <= 1_500, "{text}");
    assert!(
        text.contains("watched: 1 drop of 30 s and 1 outage of 6 min 40 s in that time. "),
        "{text}"
    );
    let short = text_of(&home, &["--format", "text", "--max-chars", "300"]);
    assert!(short.chars().count() <= 300 && short.contains("Period: "), "{short}");
    let few = ["--db", "a.db", "report", "--format", "text", "--max-chars", "299"];
    assert_eq!(
        home.complaint(2, &few),
        "linkmon: --max-chars: a ticket text takes at least 300 characters, 299 are too few\n"
    );
}

#[test]
fn french_is_spoken_where_it_is_asked_for_or_configured() {
    let home = Home::recorded();
    let asked = text_of(&home, &["--format", "text", "--lang", "fr"]);
    assert!(asked.contains("1 coupure de 30 s et 1 panne de 6 min 40 s en ce laps de temps. "));
    home.write("fr.toml", "[report]\nlanguage = \"fr\"\n");
    assert_eq!(text_of(&home, &["--config", "fr.toml", "--format", "text"]), asked);
    let english = ["--config", "fr.toml", "--format", "text", "--lang", "en"];
    assert!(text_of(&home, &english).contains("1 drop of 30 s"));
}

#[test]
fn endings_of_files_say_what_they_hold() {
    let home = Home::recorded();
    for (name, begins) in
        [("a.md", "**Only 49"), ("a.html", "<!DOCTYPE html>"), ("a.txt", "Only 49")]
    {
        let arguments = with(&["--db", "a.db", "report", "-o", name], &PERIOD);
        let said = home.linkmon(&arguments);
        assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{}", said.stderr);
        let text = fs::read_to_string(home.path(name)).unwrap();
        assert!(text.starts_with(begins), "{text}");
    }
}

#[test]
fn what_is_redacted_is_in_no_format() {
    let home = Home::recorded();
    home.write("site.toml", "[site]\nname = \"Elm Court\"\naccount = \"K-998877\"\n");
    for format in ["text", "full", "md", "html", "json"] {
        let open = text_of(&home, &["--config", "site.toml", "--format", format]);
        assert!(open.contains("K-998877"), "{open}");
        let arguments = ["--config", "site.toml", "--format", format, "--redact"];
        let redacted = text_of(&home, &arguments);
        assert!(!redacted.contains("K-998877") && !redacted.contains("Elm Court"), "{redacted}");
    }
    let shown = ["--db", "a.db", "--config", "site.toml", "report", "--format", "text"];
    let said = home.linkmon(&with(&shown, &PERIOD)).stderr;
    assert!(said.starts_with("linkmon: This report discloses the name of the site, the account"));
    let said = home.linkmon(&with(&with(&shown, &["--redact"]), &PERIOD)).stderr;
    assert_eq!(said, "");
}

#[test]
fn what_can_be_answered_is_in_nothing_that_is_sent() {
    let home = Home::recorded();
    let answers = text_of(&home, &["--format", "answers"]);
    assert!(answers.contains("\nWhat you can answer\n"), "{answers}");
    assert!(answers.contains("+ \"It is your Wi-Fi or your computer.\""), "{answers}");
    for format in ["text", "full", "md", "html", "json", "letter"] {
        let text = text_of(&home, &["--format", format]);
        for coaching in ["What you can answer", "It is your Wi-Fi"] {
            assert!(!text.contains(coaching), "{format}: {text}");
        }
    }
}

#[test]
fn a_letter_has_addressee_date_subject_request_drops_and_enclosures() {
    let home = Home::recorded();
    home.write(
        "site.toml",
        "[site]\nname = \"Elm Court 7\"\nisp = \"Example Cable\"\naccount = \"K-998877\"\n",
    );
    let letter = text_of(&home, &["--config", "site.toml", "--format", "letter"]);
    let parts = [
        "Elm Court 7\n\nExample Cable\n\n20",
        "Subject: drops of my Internet connection, customer number K-998877\n\nDear Sir or Madam,",
        "- 2023-02-07 16:14:59.8 +00:00 (2023-02-07 16:14:59.8 UTC) +-0.2 s, 399.7 to 400.3 s, ",
        "I ask you to do the following:\n1. please check the signal levels of the line, upstream too,",
        "Yours faithfully,",
        "Enclosures:\n- the period in one picture",
    ];
    let mut from = 0;
    for part in parts {
        let at = letter[from..].find(part);
        from += at.unwrap_or_else(|| panic!("no {part} after {from}: {letter}"));
    }
    // Without a customer number the reader is told, and not the addressee.
    let arguments = with(&["--db", "a.db", "report", "--format", "letter"], &PERIOD);
    let said = home.linkmon(&arguments);
    assert!(said.stderr.contains("no customer number is set"), "{}", said.stderr);
    assert!(said.stdout.contains("customer number [...]"), "{}", said.stdout);
}
