//! The data of a report: tables, comparisons, bundles.

use std::fs;
use std::io::{Write as _, stderr};
use std::path::Path;
use std::process::Command;

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
    let names = ["a.txt", "a.md", "a.html", "a.json", "a.csv", "a.PNG", "a.svg", "a.pdf", "a.zip"];
    for name in names {
        let before = fs::read_dir(home.dir.path()).unwrap().count();
        let said = home.linkmon(&with(&["--db", "a.db", "report", "-o", name], &PERIOD));
        assert_eq!((said.code, said.stdout.as_str()), (0, ""), "{name}: {}", said.stderr);
        assert_eq!(fs::read_dir(home.dir.path()).unwrap().count(), before + 1, "{name}");
    }
    let csv = fs::read_to_string(home.path("a.csv")).unwrap();
    assert_eq!(csv, report(&home, &["--format", "csv"]));
    report(&home, &["-o", "p.csv", "--what", "probes"]);
    assert_eq!(fs::read_to_string(home.path("p.csv")).unwrap().lines().count(), 9_001);
    let said = home.complaint(2, &["--db", "a.db", "report", "-o", "a.doc"]);
    assert!(
        said.contains("cannot determine the format from the name a.doc\n\nhint: add `--format`"),
        "{said}"
    );
    let said = home.complaint(2, &["--db", "a.db", "report", "--what", "probes"]);
    assert!(said.contains("--what only applies to csv and json"), "{said}");
}

#[test]
fn a_table_that_cannot_be_written_is_reported_and_leaves_no_file() {
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

#[test]
fn a_period_is_compared_at_a_time_or_at_a_note_within_it() {
    let home = Home::recorded();
    home.data(&[
        "--db",
        "a.db",
        "note",
        "new splitter",
        "--at",
        "2023-02-07T16:12",
        "--kind",
        "visit",
    ]);
    let by_note = report(&home, &["--format", "full", "--compare", "note:1"]);
    let text = by_note.split_whitespace().collect::<Vec<_>>().join(" ");
    let border = "Before and after Tue 2023-02-07 16:12 (technician's visit: new splitter);";
    assert!(text.contains(border), "{by_note}");
    assert!(text.contains("inconclusive so far, "), "{by_note}");
    let json = report(&home, &["--format", "json", "--compare", "2023-02-07T16:12"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["compare"]["border"], "2023-02-07T16:12:00.000Z");
    assert_eq!(
        (&json["compare"]["before"]["drops"], &json["compare"]["after"]["drops"]),
        (&1.into(), &1.into())
    );
    let wrong = |code, border: &'static str| {
        let arguments = ["--db", "a.db", "report", "--format", "full", "--compare", border];
        home.complaint(code, &[&arguments[..], &PERIOD].concat())
    };
    assert_eq!(
        wrong(2, "2023-02-09"),
        "linkmon: --compare: 2023-02-09 00:00:00 +00:00 is not within the period, Tue \
         2023-02-07 16:00 to Tue 2023-02-07 17:00\n\nhint: choose --since and --until so that \
         there is time before and after it\n"
    );
    assert!(wrong(1, "note:7").starts_with("linkmon: there is no note 7 in a.db\n"));
    assert!(wrong(2, "note:x").contains("\"note:x\" does not name a note"));
    assert!(wrong(2, "soon").contains("--compare: \"soon\" is not a time"));
}

#[test]
fn a_bundle_is_checked_and_its_errors_are_reported_line_by_line() {
    let home = Home::recorded();
    report(&home, &["--format", "bundle", "-o", "a.zip"]);
    let said = home.data(&["verify", "a.zip"]);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "a.zip: 16 files, all as they were packed", "{said}");
    assert!(
        lines[1].starts_with("made      ") && lines[1].ends_with(" by linkmon 0.1.0"),
        "{said}"
    );
    assert_eq!(lines[2], "period    2023-02-07 16:00:00 +00:00 to 2023-02-07 17:00:00 +00:00");
    assert!(lines[3].starts_with("manifest  SHA-256 ") && lines[3].len() == 18 + 64, "{said}");

    let mut bytes = fs::read(home.path("a.zip")).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(home.path("b.zip"), &bytes).unwrap();
    let said = home.linkmon(&["verify", "b.zip"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.stdout.starts_with("b.zip: ") && said.stdout.lines().count() == 1, "{said:?}");
    assert_eq!(said.stderr, "linkmon: b.zip does not hold: 1 finding\n");
    assert_eq!(fs::read(home.path("b.zip")).unwrap(), bytes, "nothing is written");

    let said = home.linkmon(&["verify", "record.csv"]);
    assert_eq!((said.code, said.stdout.contains("it is not a readable zip")), (1, true));
    assert!(
        home.complaint(1, &["verify", "missing.zip"]).contains("read missing.zip: No such file")
    );
    assert_eq!(home.complaint(1, &["verify", "."]), "linkmon: read .: it is a directory\n");
    assert!(
        home.complaint(2, &["--db", "a.db", "report", "--format", "bundle"])
            .contains("-o report.zip")
    );
}

#[test]
fn a_bundle_that_cannot_be_written_leaves_no_file() {
    let home = Home::recorded();
    let before = fs::read_dir(home.dir.path()).unwrap().count();
    let arguments = with(&["--db", "a.db", "report", "-o", "nowhere/a.zip"], &PERIOD);
    let said = home.complaint(1, &arguments);
    assert!(said.starts_with("linkmon: write nowhere/a.zip: No such file"), "{said}");
    assert_eq!(fs::read_dir(home.dir.path()).unwrap().count(), before);
}

#[test]
fn a_record_is_checked_against_its_chain_and_a_head_that_was_noted_is_found_in_it() {
    let home = Home::recorded();
    let said = home.data(&["--db", "a.db", "verify"]);
    assert_eq!(said, home.data(&["verify", "a.db"]), "a database is known by its content");
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[0], "a.db: 1 closed hour, unchanged", "{said}");
    let head = lines[1].strip_prefix("chain     SHA-256 ").unwrap().split(',').next().unwrap();
    assert!(lines[1].ends_with(", 1 entry up to the hour of 2023-02-07 16:00:00 +00:00"), "{said}");
    let json: Value = serde_json::from_str(&report(&home, &["--format", "json"])).unwrap();
    assert_eq!(json["chain"]["head"], head);
    assert!(report(&home, &["--format", "full"]).contains(head));
    report(&home, &["-o", "a.zip"]);
    assert!(home.data(&["verify", "a.zip"]).contains(head), "the bundle says it too");

    let known = home.data(&["verify", "a.db", "--head", head]);
    let said = " is entry 1, of the hour of 2023-02-07 16:00:00 +00:00\n          1 hour that it \
                covers, unchanged\n";
    assert!(known.ends_with(said), "{known}");
    let other = head.replace(|c: char| c.is_ascii_digit(), "a");
    let said = home.linkmon(&["verify", "a.db", "--head", &other]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.stderr, "linkmon: a.db is not the record of that head\n");
    assert!(home.complaint(2, &["verify", "--head", "3f5a"]).contains("is no SHA-256"));
    let said = home.linkmon(&["verify", "a.zip", "--head", &other]);
    assert_eq!(
        (said.code, &*said.stderr),
        (
            1,
            "linkmon: that head is not in the chain of a.zip: it is of a later time or of another record\n"
        )
    );

    let db = rusqlite::Connection::open(home.path("a.db")).unwrap();
    db.execute_batch(
        "INSERT INTO raw SELECT minute - 120, target, run, samples FROM raw;
         INSERT INTO hour_due SELECT DISTINCT minute / 60 FROM raw WHERE minute / 60 NOT IN
           (SELECT hour FROM chain)",
    )
    .unwrap();
    let said = home.linkmon(&["verify", "a.db", "--head", head]);
    assert_eq!(said.code, 1, "{said:?}");
    let late = "          1 hour with measurements that came later: it does not cover them; the \
                first is that of 2023-02-07 14:00:00 +00:00\n";
    assert!(said.stdout.ends_with(late), "{}", said.stdout);
    assert_eq!(
        said.stderr,
        "linkmon: a.db has measurements up to that head that came later: 1 hour\n"
    );
    db.execute_batch(
        "DELETE FROM raw WHERE minute / 60 NOT IN (SELECT hour FROM chain); DELETE FROM hour_due",
    )
    .unwrap();
    let one = "SELECT min(minute) FROM raw";
    db.execute(&format!("DELETE FROM raw WHERE target = 1 AND minute = ({one})"), []).unwrap();
    drop(db);
    let said = home.linkmon(&["verify", "a.db"]);
    assert_eq!(said.code, 1, "{said:?}");
    let first = said.stdout.lines().next().unwrap();
    assert_eq!(
        first,
        "a.db: 1 closed hour changed afterwards; the first is that of 2023-02-07 16:00:00 +00:00: its \
         measurements were changed"
    );
    assert_eq!(said.stderr, "linkmon: a.db was changed: 1 hour\n");
}

/// The reader in an unpacked bundle, with what it says; `None`: there is no Python.
pub(super) fn python(folder: &Path, arguments: &[&str]) -> Option<(bool, String)> {
    let said =
        Command::new("python3").arg("verify.py").args(arguments).current_dir(folder).output();
    let Ok(said) = said else {
        writeln!(stderr(), "skipped: there is no python3").expect("standard error takes a line");
        return None;
    };
    assert!(said.stderr.is_empty(), "{}", String::from_utf8_lossy(&said.stderr));
    Some((said.status.success(), String::from_utf8(said.stdout).unwrap()))
}

pub(super) fn unpack(bundle: &Path, folder: &Path) {
    let mut zip = zip::ZipArchive::new(fs::File::open(bundle).unwrap()).unwrap();
    fs::create_dir_all(folder).unwrap();
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        let path = folder.join(file.name().unwrap().as_ref());
        std::io::copy(&mut file, &mut fs::File::create(path).unwrap()).unwrap();
    }
}

fn pack(folder: &Path, bundle: &Path) {
    let mut zip = zip::ZipWriter::new(fs::File::create(bundle).unwrap());
    let mut names: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    for name in names {
        zip.start_file(name.to_str().unwrap(), zip::write::SimpleFileOptions::default()).unwrap();
        std::io::copy(&mut fs::File::open(folder.join(name)).unwrap(), &mut zip).unwrap();
    }
    zip.finish().unwrap();
}

/// Changes a file of a bundle, and its sum in the list: as who wants to deceive.
fn forge(folder: &Path, name: &str, change: impl FnOnce(&mut Vec<u8>)) {
    let path = folder.join(name);
    let mut bytes = fs::read(&path).unwrap();
    let sum = |bytes: &[u8]| {
        use sha2::Digest as _;
        let digest = sha2::Sha256::digest(bytes);
        digest.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
    };
    let before = sum(&bytes);
    change(&mut bytes);
    fs::write(&path, &bytes).unwrap();
    let manifest = fs::read_to_string(folder.join("manifest.json")).unwrap();
    fs::write(folder.join("manifest.json"), manifest.replace(&before, &sum(&bytes))).unwrap();
}

#[test]
fn a_bundle_is_checked_by_its_own_reader_without_linkmon() {
    checked_by_its_own_reader(&["-o", "a.zip"]);
}

#[test]
fn a_bundle_with_all_probes_is_checked_by_its_own_reader() {
    checked_by_its_own_reader(&["--raw", "-o", "a.zip"]);
    let home = Home::recorded();
    let probes = |name: &str| {
        unpack(&home.path(name), &home.path("of"));
        fs::read_to_string(home.path("of/probes.csv")).unwrap().lines().count() - 1
    };
    report(&home, &["--raw", "-o", "all.zip"]);
    report(&home, &["-o", "some.zip"]);
    assert_eq!(probes("all.zip"), 9_000);
    assert!((500..5_000).contains(&probes("some.zip")), "{}", probes("some.zip"));
    let said = home.complaint(2, &["--db", "a.db", "report", "--raw", "--format", "text"]);
    assert!(said.contains("--raw only applies to a bundle"), "{said}");
}

fn checked_by_its_own_reader(arguments: &[&'static str]) {
    let home = Home::recorded();
    report(&home, arguments);
    let json: Value = serde_json::from_str(&report(&home, &["--format", "json"])).unwrap();
    let head = json["chain"]["head"].as_str().unwrap();
    let folder = home.path("unpacked");
    unpack(&home.path("a.zip"), &folder);
    let Some((is_right, said)) = python(&folder, &["--head", head]) else { return };
    assert!(is_right && said.contains(&format!("head {head} is entry 1")), "{said}");
    assert!(said.ends_with("as it was packed, and as the chain says\n"), "{said}");
    let other = head.replace(|c: char| c.is_ascii_digit(), "a");
    assert!(!python(&folder, &["--head", &other]).unwrap().0);

    let text = |bytes: &mut Vec<u8>, change: &dyn Fn(&str) -> String| {
        *bytes = change(std::str::from_utf8(bytes).unwrap()).into_bytes();
    };
    #[allow(clippy::type_complexity, reason = "a file, what is done to it, what is said")]
    let forgeries: [(&str, &dyn Fn(&mut Vec<u8>), &str); 5] = [
        (
            "probes.csv",
            &|b| text(b, &|t| t.replacen(",lost,", ",answered,", 1)),
            "in probes.csv are not",
        ),
        (
            "probes.csv",
            &|b| {
                text(b, &|t| {
                    let (first, rest) = t.split_at(t.match_indices('\n').nth(40).unwrap().0);
                    first.to_owned() + &rest[rest[1..].find('\n').unwrap() + 1..]
                });
            },
            "in probes.csv are not",
        ),
        ("samples.bin", &|b| b[60] ^= 1, "are not those of its entry"),
        (
            "chain.jsonl",
            &|b| text(b, &|t| t.replacen(" import - ", " merged - ", 1)),
            "what it covers",
        ),
        (
            "chain.jsonl",
            &|b| text(b, &|t| t.replacen("\"hour\":4", "\"hour\":5", 1)),
            "does not lead to the head",
        ),
    ];
    for (n, (name, change, finding)) in forgeries.into_iter().enumerate() {
        let folder = home.path(&format!("forged{n}"));
        unpack(&home.path("a.zip"), &folder);
        forge(&folder, name, change);
        let (is_right, said) = python(&folder, &[]).unwrap();
        assert!(!is_right && said.contains(finding), "{name} {n}: {said}");
        assert!(!said.contains("was changed: its SHA-256"), "{said}");
        if name != "probes.csv" {
            // linkmon recomputes the chain as well.
            let forged = format!("forged{n}.zip");
            pack(&folder, &home.path(&forged));
            let said = home.linkmon(&["verify", &forged]);
            assert!(said.code != 0 && said.stdout.contains(finding), "{name} {n}: {said:?}");
        }
    }
    let said = home.data(&["verify", "a.zip", "--head", head]);
    assert!(said.contains("the samples of 1 hour are those of their entries"), "{said}");
    assert!(said.contains(&format!("noted     {head} is entry 1 of its chain")), "{said}");
    assert_ne!(home.linkmon(&["verify", "a.zip", "--head", &other]).code, 0);
    fs::write(folder.join("drops.csv"), "id\n").unwrap();
    assert!(python(&folder, &[]).unwrap().1.contains("NOT drops.csv was changed"));
}

#[test]
fn the_head_of_the_chain_is_in_every_text() {
    let home = Home::recorded();
    let json: Value = serde_json::from_str(&report(&home, &["--format", "json"])).unwrap();
    let head = json["chain"]["head"].as_str().unwrap();
    for format in ["full", "md", "html"] {
        for language in ["en", "fr", "de"] {
            let text = report(&home, &["--format", format, "--lang", language]);
            assert!(text.contains(head), "{format} {language}: {text}");
        }
    }
}

#[test]
fn the_comparison_and_the_kinds_of_notes_are_in_every_text_of_every_language() {
    let home = Home::recorded();
    let note = |arguments: &[&'static str]| {
        home.data(&[&["--db", "a.db", "note"], arguments].concat());
    };
    note(&["new splitter", "--at", "2023-02-07T16:12", "--kind", "visit"]);
    note(&["they see nothing", "--at", "2023-02-07T16:10", "--ticket", "4711"]);
    let said = [
        ("en", ["Before and after", "inconclusive so far", "technician's visit", "4711"]),
        ("fr", ["Avant et après", "trop tôt pour conclure", "visite d'un technicien", "4711"]),
        ("de", ["Vorher und nachher", "noch nicht zu entscheiden", "Technikerbesuch", "4711"]),
    ];
    for (language, words) in said {
        for format in ["text", "full", "md", "html"] {
            let arguments = with(
                &[
                    "--db",
                    "a.db",
                    "report",
                    "--compare",
                    "note:1",
                    "--lang",
                    language,
                    "--format",
                    format,
                ],
                &PERIOD,
            );
            let text = home.linkmon(&arguments).stdout.replace('’', "'").replace("&#39;", "'");
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            // A ticket has room for notes only when nothing greater needs it.
            let expected = if format == "text" { &words[..2] } else { &words[..] };
            for &word in expected {
                assert!(text.contains(word), "{format} {language} {word}: {text}");
            }
        }
    }
}
