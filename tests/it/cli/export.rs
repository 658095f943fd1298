//! `linkmon export`: each format says the same, and a file is whole or not there.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::Field;

use super::home::{Home, PERIOD};

const KINDS: [&str; 4] = ["probes", "minutes", "hours", "drops"];

/// Of `a.db`, unless `more` names another.
fn export<'a>(what: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let usual: &[&str] = if more.contains(&"--db") { &[] } else { &["--db", "a.db"] };
    [usual, &["export", what], more, &PERIOD].concat()
}

/// Another program in this home, which runs linkmon.
fn other(home: &Home, program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap())
        .env("HOME", home.dir.path())
        .env("TZ", "UTC")
        .current_dir(home.dir.path())
        .stdin(Stdio::null())
        .args(arguments);
    command
}

/// Names and rows of a file.
fn parquet(path: &Path) -> (Vec<String>, Vec<Vec<Field>>) {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let names = schema.columns().iter().map(|column| column.name().to_owned()).collect();
    let row = |row: parquet::record::Row| row.into_columns().into_iter().map(|(_, f)| f).collect();
    let rows = reader.get_row_iter(None).unwrap().map(|found| row(found.unwrap())).collect();
    (names, rows)
}

/// The fields of a line of RFC 4180.
fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            // A quote within quotes is written twice, and was toggled twice.
            c => fields.last_mut().unwrap().push(c),
        }
    }
    fields
}

/// A value as CSV has it.
fn as_text(field: &Field, csv: &str) -> String {
    match field {
        Field::Null => String::new(),
        Field::Long(n) => n.to_string(),
        Field::Double(x) => x.to_string(),
        Field::Str(text) => text.replace('"', ""),
        Field::TimestampMicros(us) => {
            let at = jiff::Timestamp::from_microsecond(*us).unwrap();
            if csv.contains('.') { format!("{at:.3}") } else { at.to_string() }
        }
        other => panic!("{other:?} is of no type of ours"),
    }
}

#[test]
fn parquet_holds_each_value_of_the_csv_and_null_where_that_is_empty() {
    let home = Home::recorded();
    for what in KINDS {
        let csv = home.data(&export(what, &[]));
        let mut lines = csv.lines().map(fields);
        assert_eq!(home.data(&export(what, &["-o", "a.parquet"])), "", "{what}");
        let (names, rows) = parquet(&home.path("a.parquet"));
        assert_eq!(names, lines.next().unwrap(), "{what}");
        let lines: Vec<_> = lines.collect();
        assert!(!lines.is_empty() && lines.len() == rows.len(), "{what}: {}", rows.len());
        for (line, row) in lines.iter().zip(&rows) {
            let row: Vec<_> =
                row.iter().zip(line).map(|(field, csv)| as_text(field, csv)).collect();
            assert_eq!(&row, line, "{what}");
        }
        let nulls = rows.iter().flatten().filter(|field| **field == Field::Null).count();
        assert_eq!(nulls > 0, what == "probes" || what == "minutes", "{what}: {nulls}");
    }
}

#[test]
fn standard_output_and_a_file_get_the_same() {
    let home = Home::recorded();
    for format in ["csv", "jsonl", "parquet"] {
        let printed = home.command(&export("minutes", &["--format", format])).output().unwrap();
        assert_eq!((printed.status.code(), printed.stderr.len()), (Some(0), 0), "{format}");
        let file = format!("a.{format}");
        home.data(&export("minutes", &["-o", &file]));
        home.data(&export("minutes", &["-o", "named", "--format", format]));
        assert!(fs::read(home.path(&file)).unwrap() == printed.stdout, "{format}");
        assert!(fs::read(home.path("named")).unwrap() == printed.stdout, "{format}");
    }
    let said = home.complaint(2, &export("minutes", &["-o", "a.doc"]));
    assert_eq!(
        said,
        "linkmon: cannot determine the format from the name a.doc\n\nhint: add `--format`, or use one of \
         the extensions .csv, .jsonl, .parquet\n"
    );
}

#[test]
fn a_period_without_anything_is_a_file_of_the_same_columns_and_no_row() {
    let home = Home::recorded();
    for what in KINDS {
        let of = |since, until, file| {
            let period = ["--since", since, "--until", until, "-o", file];
            home.data(&[&["--db", "a.db", "export", what][..], &period].concat());
            parquet(&home.path(file))
        };
        let (names, rows) = of("2001-01-01", "2001-01-02", "none.parquet");
        assert!(rows.is_empty(), "{what}");
        assert_eq!(names, of("2023-02-07", "2023-02-08", "some.parquet").0, "{what}");
    }
}

#[test]
fn an_export_has_all_columns_of_its_view() {
    let home = Home::recorded();
    for (what, view) in [("minutes", "v_minute"), ("hours", "v_hour"), ("drops", "v_drop")] {
        let all = format!("SELECT * FROM {view} LIMIT 0");
        let names = home.data(&["--db", "a.db", "sql", &all, "--format", "csv"]);
        assert_eq!(home.data(&export(what, &[])).lines().next(), names.lines().next(), "{what}");
    }
}

#[test]
fn what_cannot_be_written_leaves_the_old_file_and_nothing_else() {
    let home = Home::recorded();
    home.write("a.parquet", "the old one");
    // One without a log, which would have a file next to it that is longer than the limit.
    home.data(&["--db", "a.db", "backup", "b.db"]);
    let before = fs::read_dir(home.dir.path()).unwrap().count();
    // A file may grow to 4 kB: as if the disk were full then.
    let arguments = export("probes", &["-o", "a.parquet", "--db", "b.db"]);
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$@\"";
    let binary = env!("CARGO_BIN_EXE_linkmon");
    let limited = ["-c", script, "sh", binary];
    let output = other(&home, "sh", &[&limited, &arguments[..]].concat()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("write a.parquet: File too large"), "{said}");
    assert_eq!(fs::read(home.path("a.parquet")).unwrap(), b"the old one");
    assert_eq!(fs::read_dir(home.dir.path()).unwrap().count(), before);

    let arguments = export("probes", &["--format", "parquet"]);
    let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command(&arguments).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "linkmon: write to standard output: No space left on device (os error 28)\n"
    );
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = home.command(&arguments).stdout(writer).stderr(Stdio::piped()).output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn parquet_is_not_written_to_a_terminal_unless_a_file_is_named() {
    let home = Home::recorded();
    let terminal = |arguments: &[&str]| {
        let linkmon = [&[env!("CARGO_BIN_EXE_linkmon")], arguments].concat().join(" ");
        other(&home, "script", &["-qec", &linkmon, "/dev/null"]).output().unwrap()
    };
    let output = terminal(&export("drops", &["--format", "parquet"]));
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(said.starts_with("linkmon: Parquet is not written to a terminal"), "{said}");
    assert!(terminal(&export("drops", &["-o", "a.parquet"])).status.success());
}

#[test]
fn no_output_replaces_the_record_what_lies_beside_it_or_the_configuration() {
    let home = Home::recorded();
    let config = home.write("linkmon.toml", "");
    std::fs::hard_link(home.path("a.db"), home.path("hard.json")).unwrap();
    std::os::unix::fs::symlink("a.db", home.path("soft.json")).unwrap();
    std::os::unix::fs::symlink("a.db.lock", home.path("lock.json")).unwrap();
    let before = fs::read(home.path("a.db")).unwrap();
    let config = config.to_str().unwrap();
    for output in
        ["a.db", "./a.db", "hard.json", "soft.json", "a.db-wal", "lock.json", "linkmon.toml"]
    {
        for command in
            [&["report", "--format", "json"] as &[&str], &["export", "drops", "--format", "csv"]]
        {
            let head = ["--db", "a.db", "--config", config];
            let arguments = [&head[..], command, &PERIOD, &["-o", output]].concat();
            let said = home.complaint(1, &arguments);
            assert!(said.contains("nothing was written"), "{output}: {said}");
        }
    }
    assert_eq!(fs::read(home.path("a.db")).unwrap(), before);
    assert_eq!(fs::read(home.path("linkmon.toml")).unwrap(), b"");
    home.data(&["--db", "a.db", "export", "drops", "-o", "a.db.csv"]);
    home.data(&["--db", "a.db", "export", "drops", "-o", "a.db.csv"]);
}

#[test]
fn what_is_no_longer_kept_is_said_and_no_empty_table() {
    let home = Home::recorded();
    let probes = home.data(&export("probes", &[])).lines().count();
    let db = rusqlite::Connection::open(home.path("a.db")).unwrap();
    let hour: i64 = db.query_row("SELECT min(minute) / 60 FROM raw", [], |row| row.get(0)).unwrap();
    db.execute("DELETE FROM raw WHERE target > 1 AND minute / 60 = ?1", [hour]).unwrap();
    db.execute("INSERT INTO removal VALUES ('raw', ?1, ?1 + 1, 1789387200000000)", [hour]).unwrap();
    let said = home.linkmon(&export("probes", &[]));
    assert_eq!(said.code, 0, "{said:?}");
    assert!((2..probes).contains(&said.stdout.lines().count()), "{}", said.stdout.len());
    assert!(
        said.stderr.starts_with("linkmon: single probes are no longer kept: from "),
        "{said:?}"
    );
    assert!(said.stderr.contains("(removed 2026-09-14)"), "{}", said.stderr);
    assert_eq!(home.linkmon(&export("minutes", &[])).stderr, "");

    db.execute("DELETE FROM raw", []).unwrap();
    for command in [export("probes", &[]), [&["--db", "a.db", "replay"][..], &PERIOD].concat()] {
        let said = home.complaint(1, &command);
        assert!(said.contains("no longer kept") && said.contains("hint: "), "{said}");
    }
    let rows = ["--db", "a.db", "report", "--what", "probes", "--format", "csv"];
    assert!(home.complaint(1, &[&rows[..], &PERIOD].concat()).contains("no longer kept"));
    let full = [&["--db", "a.db", "report", "--format", "full"][..], &PERIOD].concat();
    let said = home.data(&full);
    assert!(said.contains("no longer kept") && !said.contains("ever answered"), "{said}");
}
