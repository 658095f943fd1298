//! What every output says of the record as a whole: that it was simulated, from when to when it reaches,
//! that nothing has answered yet.

use std::fs;

use linkmon::scenario::{NoAudience, Recording, Scenario, record as play};
use linkmon::store::Durability;

use super::home::{Home, PERIOD};
use super::with;

/// Plays a scenario into a database of the home.
pub(super) fn played(home: &Home, name: &str, story: &str, durability: Durability) {
    let scenario = Scenario::parse(story, name).unwrap();
    let plan = scenario.plan(1);
    let database = home.path(name);
    let recording = Recording { database: &database, runtime_dir: None, durability };
    play(&plan, &recording, &mut NoAudience).unwrap();
}

/// Twelve minutes with a drop of 40 s.
const SHORT: &str = r#"
name = "T01"
story = "a drop of 40 s"
start = "2026-02-02T13:00:00Z"
length = "12m"
home = "services"

[[fault]]
where = "access"
how = "silence"
when = { at = "5m", lasts = "40s" }
"#;

/// The line never works.
const DEAD: &str = r#"
name = "T02"
story = "a first start on a dead line"
start = "2026-02-02T13:00:00Z"
length = "3m"


[[fault]]
where = "access"
how = "silence"
"#;

const WHOLE: [&str; 4] = ["--since", "2026-02-02T13:00", "--until", "2026-02-02T13:12"];

pub(super) fn unpacked(home: &Home, zip: &str, name: &str) -> String {
    let bytes = fs::read(home.path(zip)).unwrap();
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    std::io::read_to_string(zip.by_name(name).unwrap()).unwrap()
}

#[test]
fn everything_made_of_a_simulated_record_says_so() {
    let home = Home::new();
    played(&home, "s.db", SHORT, Durability::Simulated);
    let of = |database: &'static str, arguments: &[&'static str]| {
        let said = home.linkmon(&[&["--db", database], arguments, &WHOLE].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.stdout
    };
    let check = |database: &'static str| {
        for format in ["text", "full", "md", "html", "json"] {
            let text = of(database, &["report", "--format", format]).replace('\u{a0}', " ");
            assert!(text.contains("Simulated, not measured. 1 drop of 40 s"), "{format}: {text}");
            let text = of(database, &["report", "--format", format, "--lang", "fr", "--redact"]);
            let text = text.replace('’', "'").replace('\u{a0}', " ");
            assert!(
                text.contains("Simulation, rien n'a été mesuré. 1 coupure"),
                "{format}: {text}"
            );
        }
        for arguments in [&["report", "--format", "csv"][..], &["drops", "--format", "csv"]] {
            let text = of(database, arguments);
            let lines: Vec<_> = text.lines().collect();
            assert!(lines[0].ends_with(",simulated") && lines[1].ends_with(",all"), "{text}");
        }
        for what in ["probes", "minutes"] {
            let text = of(database, &["report", "--format", "csv", "--what", what]);
            assert!(text.lines().next().unwrap().ends_with(",simulated"), "{what}");
            assert!(text.lines().skip(1).all(|line| line.ends_with(",all")), "{what}");
            let text = of(database, &["report", "--format", "json", "--what", what]);
            assert!(text.contains(",\"simulated\":\"all\"}"), "{what}");
        }
        for what in ["probes", "minutes", "hours", "drops"] {
            let text = of(database, &["export", what]);
            assert!(text.lines().next().unwrap().ends_with(",simulated"), "{what}: {text}");
            let text = of(database, &["export", what, "--format", "jsonl"]);
            assert!(text.lines().all(|l| l.contains("\"simulated\":\"all\"")), "{what}: {text}");
        }
        assert!(of(database, &["drops"]).starts_with("Simulated, not measured.\n"));
        let list = of(database, &["drops", "--format", "json"]);
        assert!(list.contains("\"simulated\": \"all\""), "{list}");
        assert!(of(database, &["replay"]).starts_with("Simulated, not measured.\n"));
        let doctor = home.linkmon(&["--db", database, "doctor", "--quick"]).stdout;
        assert!(doctor.contains("record      simulated, not measured\n"), "{doctor}");
        let rows = home.linkmon(&["--db", database, "sql", "SELECT count(*) AS n FROM link_drop"]);
        assert_eq!((rows.code, &*rows.stderr), (0, "linkmon: Simulated, not measured.\n"));
    };
    check("s.db");
    let drop = home.linkmon(&["--db", "s.db", "report", "--drop", "1", "--format", "svg"]).stdout;
    assert!(drop.contains("Simulated, not measured."), "the drawing of a drop");
    assert!(of("s.db", &["report", "--format", "svg"]).contains("Simulated, not measured."));
    of("s.db", &["report", "-o", "s.zip"]);
    for name in ["ticket.txt", "report.txt", "report.html", "report.json", "method.txt"] {
        assert!(unpacked(&home, "s.zip", name).contains("Simulated, not measured."), "{name}");
    }
    for name in ["drops.csv", "minutes.csv", "probes.csv"] {
        let text = unpacked(&home, "s.zip", name);
        assert!(text.lines().next().unwrap().ends_with(",simulated"), "{name}");
    }
    assert!(unpacked(&home, "s.zip", "manifest.json").contains("(simulated)"));
    assert!(home.data(&["verify", "s.zip"]).contains("(simulated)"));

    // Copies and the databases that they are merged into.
    home.data(&["--db", "s.db", "backup", "copy.db"]);
    check("copy.db");
    let said = home.data(&["--db", "restored.db", "restore", "copy.db", "--yes"]);
    assert!(said.contains("simulated"), "{said}");
    check("restored.db");
    home.data(&["--db", "new.db", "merge", "s.db"]);
    check("new.db");
    home.data(&[
        "--db",
        "real.db",
        "import",
        home.write("r.csv", &super::record()).to_str().unwrap(),
    ]);
    let said = home.complaint(1, &["--db", "real.db", "merge", "s.db"]);
    assert!(said.starts_with("linkmon: s.db is simulated (`linkmon demo`)"), "{said}");
    assert!(home.linkmon(&["--db", "real.db", "merge", "s.db", "--anyway"]).code == 0);
    let said = of("real.db", &["report", "--format", "text"]);
    assert!(said.starts_with("Partly simulated, not measured. "), "{said}");
    let said = home.complaint(1, &["--db", "s.db", "run"]);
    assert!(said.starts_with("linkmon: s.db holds a simulated record"), "{said}");
}

#[test]
fn a_period_begins_where_the_record_begins() {
    let home = Home::recorded();
    let of = |arguments: &[&'static str]| {
        home.linkmon(&with(&with(&["--db", "a.db"], arguments), &PERIOD)).stdout
    };
    let begins = "Tue 2023-02-07 16:00 (start of the record) to ";
    for format in ["full", "md"] {
        let text = of(&["report", "--format", format]);
        assert!(text.replace("\n           ", " ").contains(begins), "{format}: {text}");
    }
    let drops = of(&["drops"]);
    assert!(drops.contains(begins) && drops.ends_with("2023-02-07 17:00, UTC.\n"), "{drops}");
    let json = home.json(&with(&["--db", "a.db", "report", "--format", "json"], &PERIOD));
    assert_eq!(json["period"]["from"], "2023-02-07T16:00:00.000Z");
    assert_eq!(json["record"]["from"], "2023-02-07T16:00:00.000Z");
    assert_eq!(json["coverage"]["elapsed_s"], 3_600.0);
    // What is compared begins with it, too.
    let compared = of(&["report", "--format", "text", "--compare", "2023-02-07T16:20"]);
    assert!(
        compared.contains("16:20; availability: 72.49 % (down 5 min 30 s of 20 min"),
        "{compared}"
    );
}

#[test]
fn a_period_outside_of_the_record_says_what_it_holds() {
    let home = Home::recorded();
    let holds = "The record holds Tue 2023-02-07 16:00 to Tue 2023-02-07 16:29.";
    for period in [["2023-02-01", "2023-02-02"], ["2023-02-10", "2023-02-11"]] {
        let of = |arguments: &[&'static str]| {
            let period = ["--since", period[0], "--until", period[1]];
            home.linkmon(&[&["--db", "a.db"], arguments, &period].concat())
        };
        for format in ["text", "full", "md", "html", "json"] {
            let said = of(&["report", "--format", format]).stdout;
            let said = said.replace("<span class=\"nb\">", "").replace("</span>", "");
            assert!(said.replace(['\n', '\u{a0}'], " ").contains(holds), "{format}: {said}");
        }
        assert!(of(&["drops"]).stdout.contains(holds));
    }
}

#[test]
fn a_first_start_on_a_dead_line_says_what_answers_and_judges_nothing() {
    let home = Home::new();
    played(&home, "d.db", DEAD, Durability::Full);
    let period = ["--since", "2026-02-02T12:03", "--until", "2026-02-02T13:03"];
    let of = |format: &'static str, language: &'static str| {
        let report = ["--db", "d.db", "report", "--format", format, "--lang", language];
        home.linkmon(&with(&report, &period)).stdout.replace('’', "'")
    };
    let text = of("text", "en");
    assert!(
        text.starts_with(
            "No internet since linkmon started; the home router and the modem answer.\n"
        ),
        "{text}"
    );
    assert!(!text.contains("Watched") && !text.contains('%'), "{text}");
    let french = of("text", "fr");
    assert!(french.starts_with("Pas d'Internet depuis le démarrage de linkmon; "), "{french}");
    for format in ["full", "md", "html"] {
        let text = of(format, "en");
        println!("{text}");
        assert!(!text.contains("of the time"), "{text}");
    }
}
