//! The real binary: help, exit codes, what goes to which stream, bad input, and a record of known
//! drops from import to report.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;

mod demo;
mod evidence;
pub(crate) mod home;
mod imports;
mod machine;
mod notes;
mod report;
use home::{DOWN, Home, PERIOD, START_MS, record};

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
        "drops",
        "report",
        "replay",
        "import",
        "config",
        "note",
        "check",
        "doctor",
        "notify",
        "man",
        "completions",
        "backup",
        "restore",
        "merge",
        "sql",
        "export",
        "demo",
        "verify",
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
        &[],
        &["drops", "--min", "5"],
        &["drops", "--format", "yaml"],
        &["import"],
        &["import", "record.csv", "--role", "router"],
        &["import", "record.csv", "--role", "router=king"],
        &["note"],
        &["note", "text", "--list"],
        &["--db", "a.db", "report", "-o", "report.doc"],
        &["--db", "a.db", "report", "--lang", "de"],
        &["--db", "a.db", "report", "--format", "html", "--max-chars", "500"],
        &["--db", "a.db", "note", "two\nlines"],
        &["--db", "a.db", "note", "when", "--at", "sometime"],
        &["--db", "a.db", "drops", "--since", "drop:999"],
        &["--db", "a.db", "report", "--drop", "999", "-o", "a.png"],
        &["--db", "a.db", "report", "--drop", "1", "--since", "1d"],
        &["--db", "a.db", "replay", "--drop-after", "1s"],
    ] {
        let said = home.complaint(2, arguments);
        assert!(said.starts_with("linkmon: "), "{said}");
    }
}

#[test]
fn a_time_that_is_none_is_told_with_what_would_be_one() {
    let home = Home::recorded();
    assert_eq!(
        home.complaint(2, &["--db", "a.db", "drops", "--since", "soon"]),
        "linkmon: --since: \"soon\" is no time (a duration back from now such as \"7d\", a date \
         such as \"2026-02-02\", an RFC 3339 time, \"today\", \"yesterday\", \"now\")\n"
    );
    assert_eq!(
        home.complaint(
            2,
            &["--db", "a.db", "report", "--since", "2023-02-08", "--until", "2023-02-07"]
        ),
        "linkmon: the period is empty: its begin 2023-02-08T00:00:00.000Z is not before its end \
         2023-02-07T00:00:00.000Z\n"
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
         linkmon.toml:2:12: interval: \"1 s\" is no duration (a number with ms, s, m, h, d or w: \
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
fn a_database_that_is_none_is_told_and_left_as_it_is() {
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
fn a_period_in_which_nothing_was_observed_is_told_as_such() {
    let home = Home::recorded();
    let empty = ["--since", "2020-01-01", "--until", "2020-01-02"];
    for command in ["drops", "replay"] {
        assert_eq!(
            home.data(&with(&["--db", "a.db", command], &empty)),
            "Nothing was observed from Wed 2020-01-01 00:00 to Thu 2020-01-02 00:00, UTC.\n"
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
fn a_full_disk_behind_standard_output_is_a_failure() {
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
        "linkmon: bad.csv:3: rtt_us \"fast\" is no delay in microseconds (for a lost probe it is \
         empty)\n"
    );
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "import", "good.csv", "ping.txt"]),
        "linkmon: ping.txt:2: \"hello\" is no line of ping's\n"
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
        "linkmon: there is no target \"six\" to be isp (the files have \"four\")\n"
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

fn micros(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

#[test]
fn the_drops_of_a_record_are_found_within_their_bounds_and_everywhere_the_same() {
    let home = Home::recorded();
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    let drops = list.as_array().unwrap();
    assert_eq!(drops.len(), 3, "{list:#}");
    for ((drop, (from, to)), kind) in drops.iter().zip(DOWN).zip(["drop", "blip", "outage"]) {
        let truth = |second: i64| START_MS * 1_000 + second * 1_000_000;
        assert_eq!(drop["kind"], kind);
        // A probe answered before the drop proves the link up at its sending, so the bounds are
        // those of probes a third of a second apart.
        let (earliest, latest) = (micros(&drop["onset_earliest"]), micros(&drop["onset_latest"]));
        assert!(earliest <= truth(from) && truth(from) <= latest, "{drop:#}");
        assert!(latest - earliest <= 400_000, "{drop:#}");
        let (earliest, latest) = (micros(&drop["end_earliest"]), micros(&drop["end_latest"]));
        assert!(earliest <= truth(to) && truth(to) <= latest, "{drop:#}");
        assert!(latest - earliest <= 400_000, "{drop:#}");
        if kind == "blip" {
            assert_eq!(drop["place"], "unknown", "a blip is too short to tell: {drop:#}");
            continue;
        }
        assert_eq!(drop["place"], "modem|access");
        assert_eq!(drop["places"], serde_json::json!(["modem", "access"]));
        assert_eq!(drop["answered"], serde_json::json!(["router"]));
        assert_eq!(drop["silent"].as_array().unwrap().len(), 4, "{drop:#}");
    }

    let replay = home.json(&with(&["--db", "a.db", "replay", "--format", "json"], &PERIOD));
    assert_eq!(replay, list);

    let report = home.json(&with(&["--db", "a.db", "report", "--format", "json"], &PERIOD));
    for (told, listed) in report["drops"].as_array().unwrap().iter().zip(drops) {
        for (field, value) in listed.as_object().unwrap() {
            assert_eq!(told[field], *value, "{field}");
        }
    }
    assert_eq!(report["drops"].as_array().unwrap().len(), drops.len());
    let one = report["targets"].as_array().unwrap().iter().find(|t| t["name"] == "one").unwrap();
    assert_eq!((&one["sent"], &one["lost"]), (&Value::from(1_800), &Value::from(433)));

    let csv = home.data(&with(&["--db", "a.db", "drops", "--format", "csv"], &PERIOD));
    let ids: Vec<&str> = csv.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
    let expected: Vec<String> = drops.iter().map(|d| d["id"].to_string()).collect();
    assert_eq!(ids, expected);
}

#[test]
fn a_list_leaves_out_what_was_not_asked_for_and_says_so() {
    let home = Home::recorded();
    let text = home.data(&with(&["--db", "a.db", "drops"], &PERIOD));
    assert!(text.contains("1 blip (2 s to 5 s) not listed; --blips lists them."), "{text}");
    let all = home.data(&with(&["--db", "a.db", "drops", "--blips"], &PERIOD));
    assert_eq!(all.lines().count(), text.lines().count(), "{all}");
    let long =
        home.json(&with(&["--db", "a.db", "drops", "--format", "json", "--min", "2m"], &PERIOD));
    assert_eq!(long.as_array().unwrap().len(), 1);
}

#[test]
fn other_thresholds_find_other_drops_and_change_nothing() {
    let home = Home::recorded();
    let listed = with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD);
    let before = home.data(&listed);
    let kinds_with = |threshold: [&'static str; 2]| {
        let replay = with(&["--db", "a.db", "replay", "--format", "json"], &threshold);
        let found = home.json(&with(&replay, &PERIOD));
        let kinds =
            found.as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(kinds_with(["--drop-after", "2500ms"]), ["drop", "drop", "outage"]);
    assert_eq!(kinds_with(["--blip-after", "4s"]), ["drop", "outage"]);
    assert_eq!(kinds_with(["--outage-after", "20s"]), ["outage", "blip", "outage"]);
    assert_eq!(home.data(&listed), before);
}

#[test]
fn a_report_is_a_text_on_standard_output_and_one_drawing_told_on_standard_error() {
    let home = Home::recorded();
    let said = home.linkmon(&with(&["--db", "a.db", "report"], &PERIOD));
    assert_eq!(said.code, 0, "{}", said.stderr);
    let name = "linkmon-report-2023-02-07T1530-2023-02-07T1700.png";
    assert!(said.stderr.starts_with(&format!("linkmon: the drawing is in {name}\n")));
    assert!(said.stderr.contains("linkmon: This report discloses "), "{}", said.stderr);
    assert_eq!(fs::read(home.path(name)).unwrap()[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(
        said.stdout,
        home.linkmon(&with(&["--db", "a.db", "report", "--format", "text"], &PERIOD)).stdout
    );
    assert_eq!(home.data(&with(&["--db", "a.db", "report", "-o", "a.json"], &PERIOD)), "");
    let _: Value = serde_json::from_slice(&fs::read(home.path("a.json")).unwrap()).unwrap();
}

#[test]
fn a_drawing_comes_as_png_svg_or_pdf_of_a_period_or_of_one_drop() {
    let home = Home::recorded();
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    let id = list[0]["id"].to_string();
    let one = ["--drop", id.as_str()];
    for (kind, begin) in [("png", b"\x89PNG".as_slice()), ("svg", b"<svg"), ("pdf", b"%PDF")] {
        let file = format!("a.{kind}");
        for what in [&PERIOD[..], &one[..]] {
            let arguments = [&["--db", "a.db", "report", "-o", &file, "--theme", "dark"], what];
            assert_eq!(home.data(&arguments.concat()), "");
            assert!(fs::read(home.path(&file)).unwrap().starts_with(begin), "{kind} {what:?}");
        }
    }
    let said = home.linkmon(&[&["--db", "a.db", "report"], &one[..]].concat());
    let told = format!("linkmon: the drawing is in linkmon-drop-{id}.png\n");
    assert!(said.stderr.starts_with(&told), "{}", said.stderr);
    assert_eq!(
        home.complaint(2, &["--db", "a.db", "report", "--drop", "999", "-o", "b.png"]),
        "linkmon: --drop: there is no drop 999 in a.db\n\nhint: `linkmon drops` lists their numbers\n"
    );
}

#[test]
fn a_period_around_a_drop_holds_it() {
    let home = Home::recorded();
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    let since = format!("drop:{}", list[2]["id"]);
    let around = home.json(&["--db", "a.db", "drops", "--format", "json", "--since", &since]);
    assert_eq!(around.as_array().unwrap().len(), 3, "all begin within 15 minutes: {around:#}");
    assert_eq!(around[2], list[2]);
}

#[test]
fn a_record_of_ping_is_imported_from_standard_input() {
    let home = Home::new();
    let mut text = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n".to_owned();
    for second in (0..120).filter(|s| !(50..65).contains(s)) {
        writeln!(
            text,
            "[{}.012000] 64 bytes from 192.0.2.7: icmp_seq={} ttl=57 time=12.0 ms",
            START_MS / 1_000 + second,
            second + 1
        )
        .unwrap();
    }
    let file = fs::File::open(home.write("ping.txt", &text)).unwrap();
    let output = home.command(&["--db", "p.db", "import", "-"]).stdin(file).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "imported 120 measurements of 1 target, Tue 2023-02-07 16:00 to Tue 2023-02-07 16:01: 0 \
         outages, 1 drop, 0 blips\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn what_was_put_right_in_a_record_is_told_on_standard_error() {
    let home = Home::new();
    let row = |second: i64, rtt: &str| format!("{},one,{rtt}\n", START_MS + second * 1_000);
    let text =
        [row(1, "9"), row(0, "9"), row(2, "9"), row(2, "9"), row(3, ""), row(3, "9")].concat();
    let file = home.write("mixed.csv", &format!("time_unix_ms,target,rtt_us\n{text}"));
    let output = home.command(&["--db", "m.db", "import"]).arg(file).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("imported 4 measurements of 1"));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "linkmon: of the measurements 1 put in order, 1 dropped as exact duplicates, 1 dropped for \
         another outcome at the same time (an answer wins)\n"
    );
}

#[test]
fn a_drop_at_the_end_of_a_record_does_not_last_for_ever() {
    let home = Home::new();
    let mut text = "time_unix_ms,target,rtt_us\n".to_owned();
    for second in 0..100 {
        for (name, phase) in [("one", 0), ("two", 500)] {
            let rtt = if second < 80 { "9000" } else { "" };
            writeln!(text, "{},{name},{rtt}", START_MS + second * 1_000 + phase).unwrap();
        }
    }
    home.write("cut.csv", &text);
    home.data(&["--db", "a.db", "import", "cut.csv"]);
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    assert_eq!(list.as_array().unwrap().len(), 1, "{list:#}");
    assert_eq!(list[0]["end_latest"], "2023-02-07T16:01:39.500Z");
    let replay = home.json(&with(&["--db", "a.db", "replay", "--format", "json"], &PERIOD));
    assert_eq!(replay, list);
    let later = home.json(&["--db", "a.db", "drops", "--format", "json", "--since", "2023-02-08"]);
    assert_eq!(later, Value::Array(vec![]));
}

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
    let text = include_str!("../../docs/schema.md");
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
    assert!(asked.ends_with("nothing was changed; --yes does it\n"), "{asked}");
    assert!(home.data(&["--db", "a.db", "note", "--list"]).contains("after the copy"));
    let done = home.data(&["--db", "a.db", "restore", "copy.db", "--yes"]);
    assert!(done.contains("the old one is kept as a.db.before-restore-"), "{done}");
    assert_eq!(home.data(&["--db", "a.db", "note", "--list"]), "no notes\n");
    let kept = done.trim().rsplit_once("kept as ").unwrap().1;
    assert!(home.data(&["--db", kept, "note", "--list"]).contains("after the copy"));
    home.write("copy.db", "no database");
    assert!(
        home.complaint(1, &["--db", "a.db", "restore", "copy.db", "--yes"]).contains("copy.db")
    );
}
