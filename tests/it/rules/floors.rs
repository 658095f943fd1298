//! The floors of the house: which room may import which, no ring of files, one type a name.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::imports::Imports;
use super::{is_test_file, sources};

/// From the top. A room imports rooms of lower floors only, never one of its own floor.
const FLOORS: [&[&str]; 15] = [
    &["main", "cli"],
    &["scenario"],
    &["daemon"],
    &["serve"],
    &["render"],
    &["chart"],
    &["prose"],
    &["courier"],
    &["report"],
    &["language"],
    &["live"],
    &["store", "probe", "modem", "import"],
    &["stats", "config"],
    &["detect"],
    &["vocabulary"],
];
/// Below all others; of these only `net` may import those next to it.
const GROUND: [&str; 4] = ["time", "text", "net", "sys"];

/// Names that several rooms bear with the same meaning: what went wrong there.
const SHARED_NAMES: [&str; 1] = ["Error"];

/// The floor of a room, the top one being 0.
fn floor(room: &str) -> Option<usize> {
    let above = FLOORS.iter().position(|rooms| rooms.contains(&room));
    above.or_else(|| GROUND.contains(&room).then_some(FLOORS.len()))
}

fn room(file: &str) -> &str {
    let first = file.split('/').next().unwrap_or(file);
    first.strip_suffix(".rs").unwrap_or(first)
}

fn may_import(from: &str, to: &str) -> Result<(), String> {
    let (from, to) = (room(from), room(to));
    // The root declares the rooms; the program calls its command line.
    if from == to || from == "lib" || (from == "main" && to == "cli") {
        return Ok(());
    }
    if from == "net" && GROUND.contains(&to) {
        return Ok(());
    }
    match (floor(from), floor(to)) {
        (Some(above), Some(below)) if above < below => Ok(()),
        (Some(_), Some(_)) => Err(format!("{from} does not stand above {to}")),
        _ => Err(format!("no floor is known for {from} or {to}")),
    }
}

fn upward_imports(imports: &Imports) -> Vec<String> {
    let mut found = Vec::new();
    for ((from, to), name) in imports.arrows() {
        if let Err(why) = may_import(from, to) {
            found.push(format!("src/{from} takes {name} from src/{to}: {why}"));
        }
    }
    found
}

fn rings(imports: &Imports) -> Vec<String> {
    let arrows = imports.arrows();
    let mut found = Vec::new();
    for ring in imports.circles() {
        let inside = arrows.iter().filter(|((a, b), _)| ring.contains(a) && ring.contains(b));
        let ties: Vec<_> = inside.map(|((a, b), name)| format!("{a} -> {b}: {name}")).collect();
        found.push(format!("these import one another: {}", ties.join("; ")));
    }
    found
}

fn names_borne_twice(imports: &Imports) -> Vec<String> {
    let twice = imports.types().into_iter().filter(|(_, files)| files.len() > 1);
    twice
        .filter(|(name, _)| !SHARED_NAMES.contains(name))
        .map(|(name, files)| format!("{name}: {}", files.join(", ")))
        .collect()
}

/// The sources as they are, read once for all tests.
fn house() -> &'static Imports {
    static HOUSE: OnceLock<Imports> = OnceLock::new();
    HOUSE.get_or_init(|| {
        let sources = sources();
        let shown = sources.iter().filter(|(file, _)| !is_test_file(file));
        Imports::read(shown.map(|(file, text)| (file.as_str(), text.as_str())))
    })
}

#[test]
fn imports_run_down_the_floors_only() {
    assert_eq!(upward_imports(house()), [""; 0]);
}

#[test]
fn no_files_import_one_another_in_a_ring() {
    assert_eq!(rings(house()), [""; 0]);
}

#[test]
fn a_type_name_is_borne_by_one_type() {
    assert_eq!(names_borne_twice(house()), [""; 0]);
}

fn planted(files: &[(&'static str, &'static str)]) -> Imports {
    Imports::read(files.iter().copied())
}

const VOCABULARY: (&str, &str) =
    ("vocabulary/mod.rs", "mod gap;\npub use gap::Gap;\npub struct Place;");
const GAP: (&str, &str) = ("vocabulary/gap.rs", "pub struct Gap;");

#[test]
fn an_import_from_a_higher_floor_is_found_however_it_is_written() {
    for text in [
        "use crate::report::Report;",
        "use crate::{time::Timestamp, report::{Report, Other as Another}};",
        "fn f(_: crate::report::Report) {}",
        "fn f() { println!(\"{}\", crate::report::Report::build()) }",
        "#[derive(Serialize)] struct S { #[serde(with = \"crate::report::text\")] x: u8 }",
        "mod inner { use super::super::super::report::Report; }",
    ] {
        let files = [("detect/link.rs", text), ("report/mod.rs", "pub struct Report;")];
        let found = upward_imports(&planted(&files));
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].starts_with("src/detect/link.rs takes report::"), "{found:?}");
        assert!(found[0].ends_with("src/report/mod.rs: detect does not stand above report"));
    }
    let neighbors = [("store/a.rs", "use crate::probe::dns::Query;"), ("probe/dns.rs", "")];
    assert_eq!(
        upward_imports(&planted(&neighbors)).len(),
        1,
        "rooms of one floor do not import each other"
    );
    let unknown = [("attic/a.rs", "use crate::time::Timestamp;"), ("time/mod.rs", "")];
    assert_eq!(upward_imports(&planted(&unknown)).len(), 1, "every room has its floor");
}

#[test]
fn imports_that_run_down_and_those_of_unit_tests_are_no_offence() {
    let files = [
        VOCABULARY,
        GAP,
        ("report/mod.rs", "use crate::vocabulary::{Gap, Place};"),
        ("stats/loss.rs", "#[cfg(test)]\nmod tests { use crate::report::Report; }"),
        ("net/client.rs", "use crate::time::Timestamp;"),
        ("time/mod.rs", "pub struct Timestamp;"),
        ("main.rs", "fn main() { crate::cli::main() }"),
        ("cli/mod.rs", "pub fn main() {}"),
    ];
    assert_eq!(upward_imports(&planted(&files)), [""; 0]);
}

#[test]
fn a_ring_of_files_is_found_through_re_exports() {
    let ring = [
        VOCABULARY,
        ("vocabulary/gap.rs", "use super::Place;\npub struct Gap;"),
        ("stats/a.rs", "use super::b::B;\npub struct A;"),
        ("stats/b.rs", "use super::c::C;\npub struct B;"),
        ("stats/c.rs", "use crate::stats::A;\npub struct C;"),
        ("stats/mod.rs", "pub mod a;\npub use a::A;"),
    ];
    let found = rings(&planted(&ring));
    assert_eq!(found.len(), 1, "a parent that hands on its child does not import it: {found:?}");
    assert_eq!(
        found[0],
        "these import one another: stats/a.rs -> stats/b.rs: stats::b::B; \
         stats/b.rs -> stats/c.rs: stats::c::C; stats/c.rs -> stats/a.rs: stats::A"
    );
}

#[test]
fn a_name_borne_by_two_types_is_found_but_for_errors_and_unit_tests() {
    let files = [
        ("stats/a.rs", "pub struct Row; enum Error {}\n#[cfg(test)]\nmod tests { struct Line; }"),
        ("chart/b.rs", "mod inner { enum Row {} } enum Error {} struct Line;"),
    ];
    assert_eq!(names_borne_twice(&planted(&files)), ["Row: chart/b.rs, stats/a.rs"]);
}

#[test]
fn every_room_is_on_one_floor() {
    let mut seen = BTreeMap::new();
    for room in FLOORS.iter().copied().flatten().chain(&GROUND) {
        *seen.entry(room).or_insert(0) += 1;
    }
    assert!(seen.values().all(|count| *count == 1), "{seen:?}");
}
