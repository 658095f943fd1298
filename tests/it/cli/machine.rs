//! The commands about this machine: a plugin's verdict, the doctor, manual pages, completions.

use std::fs;
use std::process::Command;

use super::home::{Home, PERIOD};
use crate::dashboards::is_installed;

#[test]
fn a_plugin_that_cannot_look_is_unknown_and_says_so_on_standard_output() {
    let home = Home::recorded();
    home.write("bad.toml", "[probe]\ninterval = 1\n");
    for (arguments, words) in [
        (&["--db", "a.db", "check"] as &[&str], "no daemon is measuring into a.db"),
        (&["--db", "none.db", "check"], "none.db"),
        (&["--config", "bad.toml", "check"], "bad.toml"),
        (&["check", "--warning-loss", "many"], "many"),
        (&["check", "--frobnicate"], "frobnicate"),
    ] {
        let said = home.linkmon(arguments);
        assert_eq!((said.code, said.stderr.as_str()), (3, ""), "{arguments:?}: {}", said.stdout);
        assert!(said.stdout.starts_with("LINKMON UNKNOWN - "), "{}", said.stdout);
        assert_eq!(said.stdout.lines().count(), 1, "{}", said.stdout);
        assert!(said.stdout.contains(words), "{}", said.stdout);
    }
}

#[test]
fn the_doctor_finds_that_no_daemon_measures_and_says_what_to_do() {
    let home = Home::recorded();
    let said = home.linkmon(&["--db", "a.db", "doctor"]);
    assert_eq!((said.code, said.stderr.as_str()), (1, ""), "{}", said.stdout);
    assert!(said.stdout.contains("PROBLEM  daemon      no daemon is measuring"), "{}", said.stdout);
    assert!(said.stdout.contains("ok       database    a.db ("), "{}", said.stdout);

    let json = home.linkmon(&["--db", "none.db", "doctor", "--format", "json"]);
    let value: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    let findings = value["findings"].as_array().unwrap();
    let database = findings.iter().find(|f| f["subject"] == "database").unwrap();
    assert_eq!(database["level"], "problem");
    assert!(database["advice"].as_str().unwrap().contains("linkmon run"), "{database}");
}

/// The level and the words of a finding.
fn found(home: &Home, arguments: &[&str], subject: &str) -> Option<(String, String)> {
    let said = home.linkmon(&[&["--db", "a.db", "doctor", "--format", "json"], arguments].concat());
    let value: serde_json::Value = serde_json::from_str(&said.stdout).unwrap();
    let findings = value["findings"].as_array().unwrap();
    let found = findings.iter().find(|f| f["subject"] == subject)?;
    let word = |field: &str| found[field].as_str().unwrap().to_owned();
    Some((word("level"), word("what")))
}

#[test]
fn the_doctor_checks_the_whole_record_unless_asked_not_to() {
    let home = Home::recorded();
    let (level, what) = found(&home, &[], "record").unwrap();
    assert_eq!(level, "ok", "{what}");
    assert!(
        what.starts_with("intact: 150 rows of samples with correct checksums, 1 closed hour as"),
        "{what}"
    );
    assert_eq!(found(&home, &["--quick"], "record"), None);
    let (level, what) = found(&home, &["--quick"], "room").unwrap();
    assert_eq!(level, "ok", "{what}");
    assert!(what.contains("too early to predict when its limit will be reached"), "{what}");

    let whole = fs::read(home.path("a.db")).unwrap();
    fs::remove_file(home.path("a.db-wal")).ok();
    // A page of samples, as a dying card leaves it.
    let mut worn = whole.clone();
    let samples = (0..whole.len() / 4_096).map(|n| n * 4_096);
    let page = samples.rev().find(|at| whole[*at] == 0x0A && whole[at + 4] > 5).unwrap();
    worn[page..page + 4_096].fill(0xA5);
    fs::write(home.path("a.db"), &worn).unwrap();
    let (level, what) = found(&home, &[], "record").unwrap();
    assert_eq!(level, "problem", "{what}");
    assert!(what.starts_with("the file is damaged: "), "{what}");

    fs::write(home.path("a.db"), &whole[..whole.len() / 2 / 4_096 * 4_096]).unwrap();
    let (level, what) = found(&home, &[], "database").unwrap();
    assert_eq!(level, "problem", "{what}");
    assert!(what.contains("damaged"), "{what}");
}

#[test]
fn every_command_has_a_manual_page_and_completions() {
    let home = Home::new();
    home.data(&["man", "--out", "pages/deep"]);
    let text = |name: &str| fs::read_to_string(home.path("pages/deep").join(name)).unwrap();
    for command in ["run", "report", "check", "doctor", "config-show"] {
        let page = text(&format!("linkmon-{command}.1"));
        assert!(page.contains(".SH NAME"), "{page}");
    }
    assert!(text("linkmon.1").contains("linkmon\\-report(1)"), "{}", text("linkmon.1"));
    for shell in ["bash", "zsh", "fish"] {
        let script = home.data(&["completions", shell]);
        assert!(script.contains("report") && script.contains("since"), "{shell}");
    }
    for page in [text("linkmon.1"), text("linkmon-note.1"), text("linkmon-report.1")] {
        for section in ["EXAMPLES", "FILES", "EXIT STATUS", "SEE ALSO"] {
            assert!(page.contains(&format!(".SH \"{section}\"")), "{section}: {page}");
        }
    }
    let said = home.complaint(1, &["man", "--out", "/proc/none"]);
    assert!(said.starts_with("linkmon: make /proc/none: "), "{said}");
}

#[test]
fn every_shell_reads_its_completions_without_a_complaint() {
    let home = Home::new();
    for (shell, arguments, script) in [
        ("bash", "--norc -c", "source ./completions && complete -p linkmon"),
        ("zsh", "-f -c", "autoload -U compinit && compinit -u -D && source ./completions"),
        (
            "fish",
            "--no-config -c",
            "source ./completions; and complete -C 'linkmon report --format '",
        ),
    ] {
        if !is_installed(shell, shell) {
            continue;
        }
        home.write("completions", &home.data(&["completions", shell]));
        let output = Command::new(shell)
            .args(arguments.split(' '))
            .arg(script)
            .current_dir(home.path("."))
            .env("HOME", home.path("."))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && said.is_empty(), "{shell}: {said}");
        let printed = String::from_utf8_lossy(&output.stdout);
        assert!(shell != "fish" || printed.contains("bundle"), "{printed}");
    }
}

#[test]
fn colour_is_there_when_it_is_asked_for_and_says_nothing_of_its_own() {
    let home = Home::recorded();
    let drops = |more: &[&'static str]| {
        let asked = ["--db", "a.db", "drops"];
        home.data(&[&asked[..], &PERIOD, more].concat())
    };
    let plain = drops(&[]);
    assert!(!plain.contains('\u{1b}'), "a pipe has no colour: {plain:?}");
    let coloured = drops(&["--color", "always"]);
    assert!(coloured.contains("\u{1b}["), "{coloured:?}");
    let bare: String = coloured
        .split('\u{1b}')
        .enumerate()
        .map(|(n, part)| if n == 0 { part } else { part.split_once('m').unwrap().1 })
        .collect();
    assert_eq!(bare, plain);
    let said = home.complaint(2, &["--color", "sometimes", "drops"]);
    assert!(said.contains("sometimes"), "{said}");
}

#[test]
fn what_people_read_follows_the_language() {
    let home = Home::recorded();
    for (language, words) in [("fr", ["durée", "Période"]), ("de", ["Dauer", "Zeitraum"])] {
        home.write("linkmon.toml", &format!("[report]\nlanguage = \"{language}\"\n"));
        let asked = ["--config", "linkmon.toml", "--db", "a.db", "drops"];
        let text = home.data(&[&asked[..], &PERIOD].concat());
        for word in words {
            assert!(text.contains(word), "{text}");
        }
        for english in ["began", "lasted", "silent", "Times are", "Period:", "answered"] {
            assert!(!text.contains(english), "{english}: {text}");
        }
    }
}
