//! The real binary: help, exit codes, what goes to which stream, bad input.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

mod agree;
mod demo;
mod drops;
mod evidence;
mod export;
pub(crate) mod home;
mod imports;
mod machine;
mod modem;
mod notes;
mod plain;
mod record;
mod records;
mod report;
mod stamp;
mod surroundings;
use home::{Home, PERIOD, START_MS, record};

fn with(fixed: &[&'static str], more: &[&'static str]) -> Vec<&'static str> {
    [fixed, more].concat()
}

#[test]
fn help_is_documentation() {
    let home = Home::new();
    let mut all = home.data(&["--help"]);
    for command in [
        "run",
        "status",
        "watch",
        "drops",
        "report",
        "replay",
        "import",
        "config",
        "note",
        "check",
        "doctor",
        "modem",
        "notify",
        "alert",
        "man",
        "completions",
        "backup",
        "restore",
        "merge",
        "sql",
        "export",
        "demo",
        "verify",
        "stamp",
    ] {
        write!(all, "\n-------- linkmon {command} --help\n{}", home.data(&[command, "--help"]))
            .unwrap();
    }
    let trimmed: Vec<&str> = all.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(trimmed.join("\n"));
    assert_eq!(home.data(&["--version"]), concat!("linkmon ", env!("CARGO_PKG_VERSION"), "\n"));
}

#[test]
fn wrong_usage_is_exit_code_2_and_leaves_standard_output_alone() {
    let home = Home::recorded();
    for arguments in [
        &["frobnicate"] as &[&str],
        &["help", "frobnicate"],
        &["drops", "--min", "5"],
        &["drops", "--format", "yaml"],
        &["import"],
        &["import", "record.csv", "--role", "router"],
        &["import", "record.csv", "--role", "router=king"],
        &["note"],
        &["note", "text", "--list"],
        &["--db", "a.db", "report", "-o", "report.doc"],
        &["--db", "a.db", "report", "--lang", "eo"],
        &["--db", "a.db", "report", "--format", "html", "--max-chars", "500"],
        &["--db", "a.db", "report", "--format", "text", "--theme", "dark"],
        &["--db", "a.db", "report", "--format", "png", "--paper", "letter"],
        &["--db", "a.db", "report", "--since", "2999-01-01", "--until", "2999-01-02"],
        &["--db", "a.db", "note", "two\nlines"],
        &["--db", "a.db", "note", "when", "--at", "sometime"],
        &["--db", "a.db", "drops", "--since", "drop:999"],
        &["--db", "a.db", "report", "--drop", "999", "-o", "a.png"],
        &["--db", "a.db", "report", "--drop", "1", "--since", "1d"],
        &["--db", "a.db", "replay", "--drop-after", "1s"],
        &["--db", "a.db", "watch"],
    ] {
        let said = home.complaint(2, arguments);
        assert!(said.starts_with("linkmon: "), "{said}");
    }
}

#[test]
fn an_empty_period_is_told_in_the_zone_in_which_it_was_typed() {
    let home = Home::recorded();
    home.write("linkmon.toml", "[site]\nzone = \"America/Toronto\"\n");
    let drops = ["--config", "linkmon.toml", "--db", "a.db", "drops"];
    let typed = ["--since", "2023-02-08", "--until", "2023-02-07 9:00"];
    let said = home.complaint(2, &[&drops[..], &typed].concat());
    assert!(said.contains("its start 2023-02-08 00:00:00 -05:00"), "{said}");
    assert!(said.contains("its end 2023-02-07 09:00:00 -05:00"), "{said}");
}

#[test]
fn nothing_asked_is_answered_with_help() {
    let home = Home::new();
    let help = home.data(&["--help"]);
    assert_eq!(home.data(&["help"]), help);
    // The short one: what can be asked, and how to read more.
    let short = home.data(&[]);
    assert!(short.contains("Usage: linkmon") && short.contains("  report "), "{short}");
    assert_eq!(home.data(&["help", "report"]), home.data(&["report", "--help"]));
}

#[test]
fn an_invalid_time_is_refused_with_an_example_of_a_valid_one() {
    let home = Home::recorded();
    assert_eq!(
        home.complaint(2, &["--db", "a.db", "drops", "--since", "soon"]),
        "linkmon: --since: \"soon\" is not a time; write 14:30, \"yesterday 9:00\", \
         2026-02-02, \"2026-02-02 13:20\", 2026-02-02T12:20:00Z, today, yesterday, now, or 7d, 90m for so \
         long ago\n"
    );
    // Nor is it a matter of the database, which is not there.
    for command in ["drops", "report", "replay"] {
        let said = home.complaint(2, &["--db", "none.db", command, "--since", "foo"]);
        assert!(said.starts_with("linkmon: --since: \"foo\" is not a time; write 14:30"), "{said}");
    }
    let said = home.complaint(2, &["--db", "none.db", "drops", "--until", "14h30"]);
    assert!(said.starts_with("linkmon: --until: \"14h30\" is not a time"), "{said}");
    assert_eq!(
        home.complaint(
            2,
            &["--db", "a.db", "report", "--since", "2023-02-08", "--until", "2023-02-07"]
        ),
        "linkmon: the period is empty: its start 2023-02-08 00:00:00 +00:00 is not before its \
         end 2023-02-07 00:00:00 +00:00\n"
    );
    assert_eq!(
        home.complaint(2, &["--db", "a.db", "drops", "--since", "drop:999"]),
        "linkmon: --since: there is no drop 999 in a.db\n\nhint: `linkmon drops` lists their numbers\n"
    );
}

#[test]
fn wrong_configuration_is_exit_code_78_with_line_and_value() {
    let home = Home::new();
    let data = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/config");
    for entry in fs::read_dir(&data).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let arguments = ["--config", path.to_str().unwrap(), "config", "check"];
        if name.starts_with("good") {
            assert_eq!(home.data(&arguments), format!("{}: ok\n", path.display()));
        } else {
            let said = home.complaint(78, &arguments);
            assert!(said.contains(&format!("{name}:")), "{said}");
        }
    }
    home.write("linkmon.toml", "[probe]\ninterval = \"1 s\"\n");
    assert_eq!(
        home.complaint(78, &["--config", "linkmon.toml", "drops"]),
        "linkmon: the configuration has an error\n\n\
         linkmon.toml:2:12: interval: \"1 s\" is not a duration (a number with ms, s, m, h, d or w: \
         \"90m\", \"7d\")\n  |\n2 | interval = \"1 s\"\n  |            ^^^^^\n"
    );
    assert_eq!(
        home.complaint(78, &["--config", "missing.toml", "drops"]),
        "linkmon: read the configuration missing.toml: No such file or directory (os error 2)\n"
    );
}

#[test]
fn what_config_show_prints_is_a_configuration() {
    let home = Home::new();
    let good = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/config/good.toml");
    let shown = home.data(&["--config", good, "config", "show"]);
    assert!(shown.contains(good) && shown.contains("# database: /srv/linkmon/linkmon.db\n"));
    let body = |text: &str| text.split_once("\n\n").unwrap().1.to_owned();
    let copy = home.write("copy.toml", &shown);
    let again = home.data(&["--config", copy.to_str().unwrap(), "config", "show"]);
    assert_eq!(body(&again), body(&shown));
    let defaults = home.data(&["config", "show"]);
    assert!(defaults.contains("built-in defaults"), "{defaults}");
}

#[test]
fn a_file_that_is_no_database_is_refused_and_left_as_it_is() {
    let home = Home::new();
    home.write("text.db", &"this is no database, whatever its name says\n".repeat(50));
    fs::create_dir(home.path("directory.db")).unwrap();
    for command in ["drops", "report", "replay"] {
        assert_eq!(
            home.complaint(1, &["--db", "missing.db", command]),
            "linkmon: open database missing.db: no such file\n\nhint: `linkmon run` makes it and \
             starts recording; `--db FILE` names another\n"
        );
        assert_eq!(
            home.complaint(1, &["--db", "directory.db", command]),
            "linkmon: open database directory.db: it is a directory\n\nhint: name the file in \
             it: `--db DIRECTORY/linkmon.db`\n"
        );
        assert_eq!(
            home.complaint(1, &["--db", "text.db", command]),
            "linkmon: open database text.db: it is not a SQLite database\n\nhint: it was left as \
             it is; name another file with `--db FILE`\n"
        );
    }
    home.write("record.csv", &record());
    let before = fs::read(home.path("text.db")).unwrap();
    let said = home.complaint(1, &["--db", "text.db", "import", "record.csv"]);
    assert!(said.contains("not a SQLite database"), "{said}");
    assert_eq!(fs::read(home.path("text.db")).unwrap(), before);
    assert!(!home.path("missing.db").exists());
}

#[test]
fn a_database_of_a_later_linkmon_is_refused_and_left_as_it_is() {
    let home = Home::recorded();
    {
        let db = rusqlite::Connection::open(home.path("a.db")).unwrap();
        db.execute_batch(
            "UPDATE meta SET value = 99 WHERE key = 'min_reader';
             PRAGMA user_version = 99;
             PRAGMA wal_checkpoint(TRUNCATE);",
        )
        .unwrap();
    }
    let before = fs::read(home.path("a.db")).unwrap();
    for arguments in [&["drops"] as &[&str], &["report"], &["import", "record.csv"], &["note", "x"]]
    {
        let said = home.complaint(1, &[&["--db", "a.db"], arguments].concat());
        assert!(said.contains("schema 99") && said.contains("update linkmon"), "{said}");
    }
    assert_eq!(fs::read(home.path("a.db")).unwrap(), before);
}

#[test]
fn while_another_linkmon_writes_imports_are_refused_and_notes_and_reading_are_not() {
    let home = Home::recorded();
    let path = home.path("a.db");
    let opening = linkmon::store::Opening { path: &path, runtime_dir: None, version: "test" };
    let (writer, _) = linkmon::store::Writer::open(opening).unwrap();
    let said = home.complaint(1, &["--db", "a.db", "import", "record.csv"]);
    let pid = std::process::id();
    assert!(said.contains(&format!("in use by another linkmon (pid {pid})")), "{said}");
    assert!(said.contains("\n\nhint: "), "{said}");
    home.data(&["--db", "a.db", "note", "meanwhile"]);
    home.data(&with(&["--db", "a.db", "drops"], &PERIOD));
    drop(writer);
}

#[test]
fn a_read_only_database_can_be_reported_on() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = Home::recorded();
    let path = home.path("a.db");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    let before = fs::read(&path).unwrap();
    let text = home.data(&with(&["--db", "a.db", "drops"], &PERIOD));
    assert!(text.contains("began"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn a_period_in_which_nothing_was_observed_is_reported_as_such() {
    let home = Home::recorded();
    let empty = ["--since", "2020-01-01", "--until", "2020-01-02"];
    for command in ["drops", "replay"] {
        assert_eq!(
            home.data(&with(&["--db", "a.db", command], &empty)),
            "Nothing was observed from Wed 2020-01-01 00:00 to Thu 2020-01-02 00:00, UTC. The record \
             holds Tue 2023-02-07 16:00 to Tue 2023-02-07 16:29.\n"
        );
        let list = home.json(&with(&["--db", "a.db", command, "--format", "json"], &empty));
        assert_eq!(list, Value::Array(vec![]));
    }
    let text = home.data(&with(&["--db", "a.db", "report", "--format", "full"], &empty));
    assert!(text.to_lowercase().contains("nothing was observed"), "{text}");
    let json = home.json(&with(&["--db", "a.db", "report", "--format", "json"], &empty));
    assert_eq!(json["coverage"]["observed_s"], 0.0);
    assert_eq!(json["availability"], Value::Null);
}

#[test]
fn a_closed_pipe_is_a_quiet_end() {
    let home = Home::recorded();
    for arguments in [
        with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD),
        with(&["--db", "a.db", "report", "--format", "json"], &PERIOD),
        vec!["--help"],
    ] {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = home.command(&arguments).stdout(writer).stderr(Stdio::piped()).spawn();
        let output = output.unwrap().wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
    }
}

#[test]
fn a_full_disk_under_standard_output_is_a_failure() {
    let home = Home::recorded();
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let arguments = with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD);
    let output = home.command(&arguments).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "linkmon: write to standard output: No space left on device (os error 28)\n"
    );
}

#[test]
fn a_damaged_import_leaves_the_database_byte_for_byte() {
    let home = Home::recorded();
    home.write("good.csv", "time_unix_ms,target,rtt_us\n1675795600000,four,1\n");
    home.write(
        "bad.csv",
        "time_unix_ms,target,rtt_us\n1675795600000,four,1\n1675795601000,four,fast\n",
    );
    home.write("empty.csv", "");
    home.write("ping.txt", "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\nhello\n");
    let before = fs::read(home.path("a.db")).unwrap();
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "bad.csv"]),
        "linkmon: bad.csv:3: rtt_us \"fast\" is not a delay in microseconds (leave it empty for a \
         lost probe, or say that it means one: --lost=fast)\n"
    );
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "ping.txt"]),
        "linkmon: ping.txt:2: \"hello\" is not a line of ping output\n"
    );
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "empty.csv"]),
        "linkmon: empty.csv: there are no measurements in it\n"
    );
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "missing.csv"]),
        "linkmon: read missing.csv: No such file or directory (os error 2)\n"
    );
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "."]),
        "linkmon: read .: it is a directory\n"
    );
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "--role", "six=isp"]),
        "linkmon: there is no target \"six\" to use as isp (the files have \"four\")\n"
    );
    assert_eq!(fs::read(home.path("a.db")).unwrap(), before);
    home.complaint(1, &["--db", "new.db", "import", "bad.csv"]);
    assert!(!home.path("new.db").exists());
}

#[test]
fn the_same_record_is_not_imported_twice() {
    let home = Home::recorded();
    let arguments = with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD);
    let before = home.data(&arguments);
    let roles = ["--role", "router=gateway", "--role", "hop=isp"];
    let said = home.complaint(1, &with(&["--db", "a.db", "import", "record.csv"], &roles));
    assert!(said.contains("already"), "{said}");
    assert_eq!(home.data(&arguments), before);
}
