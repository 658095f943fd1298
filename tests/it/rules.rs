//! The rules that keep the rooms of `src` apart, checked on the text of the sources: which room may
//! read a clock, open a socket, contain SQL, print, be unsafe. Lints check some of this too, but a
//! lint can be silenced on the spot; this list cannot. Floors, rings and names are in [`floors`].

mod floors;
mod imports;

use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

const LONGEST_FILE: usize = 500;

/// Words that only some files may contain. Comments and unit tests are free.
struct Rule {
    claim: &'static str,
    /// Beginnings of paths under `src`.
    allowed: &'static [&'static str],
    words: &'static [&'static str],
}

const RULES: [Rule; 8] = [
    Rule {
        claim: "only time reads a clock",
        // tokio's timers take no other clock than tokio's own; no time of the record is read there.
        allowed: &["time.rs", "time/", "probe/services.rs"],
        words: &[
            "SystemTime::now",
            "Instant::now",
            "jiff::Timestamp::now",
            "Zoned::now",
            "ZonedDateTime::now",
            "clock_gettime",
            "gettimeofday",
        ],
    },
    Rule {
        claim: "only net, probe and serve open sockets",
        allowed: &["net/", "probe/", "serve/", "sys/"],
        words: &[
            "TcpStream",
            "TcpListener",
            "TcpSocket",
            "UdpSocket",
            "UnixStream",
            "UnixListener",
            "UnixDatagram",
            "socket2",
            "surge_ping",
            "sys::socket",
            "rustix::net",
        ],
    },
    Rule {
        claim: "only store speaks SQL",
        // A call of SQLite's that rusqlite lacks, and the traits of a table of rusqlite, are unsafe
        // and so belong to sys.
        allowed: &["store/", "sys/sqlite.rs", "sys/probes_table.rs"],
        words: &[
            "rusqlite",
            "\"SELECT ",
            "\"INSERT ",
            "\"UPDATE ",
            "\"DELETE FROM ",
            "\"CREATE ",
            "\"PRAGMA ",
        ],
    },
    Rule {
        claim: "only cli prints",
        allowed: &["cli/"],
        words: &["println!", "eprintln!", "print!", "eprint!", "stdout()", "stderr()"],
    },
    Rule {
        claim: "only cli chooses an exit code",
        allowed: &["cli/", "main.rs"],
        words: &["process::exit", "ExitCode"],
    },
    Rule { claim: "only cli uses anyhow", allowed: &["cli/", "main.rs"], words: &["anyhow"] },
    Rule { claim: "only sys is unsafe", allowed: &["sys/"], words: &["unsafe"] },
    Rule {
        claim: "nothing is left for later or for the debugger",
        allowed: &[],
        words: &["todo!", "unimplemented!", "dbg!"],
    },
];

/// Rooms that compute and do nothing else. Addresses of `std::net` are values; its sockets are in the
/// rule on sockets.
const PURE: [&str; 2] = ["detect/", "stats/"];
const IMPURE_WORDS: [&str; 7] = [
    "std::fs",
    "std::thread",
    "tokio",
    "Reading::now",
    "crate::store",
    "crate::cli",
    "crate::report",
];

#[derive(PartialEq, Eq)]
struct Breach {
    file: String,
    line: usize,
    what: String,
}

impl fmt::Debug for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "src/{}:{}: {}", self.file, self.line, self.what)
    }
}

#[test]
fn every_room_of_the_sources_keeps_to_its_task() {
    let breaches: Vec<_> =
        sources().iter().flat_map(|(file, text)| breaches_in(file, text)).collect();
    assert!(breaches.is_empty(), "{breaches:#?}");
}

/// Every source file: path below `src`, text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    list_sources(&root, &mut files);
    assert!(files.len() > 10, "the sources are found: {files:?}");
    let read = |path: PathBuf| {
        let file = path.strip_prefix(&root).expect("it is below").to_string_lossy().into_owned();
        (file, fs::read_to_string(&path).expect("sources are UTF-8"))
    };
    files.into_iter().map(read).collect()
}

fn list_sources(directory: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("the directory is readable").flatten() {
        let path = entry.path();
        if path.is_dir() {
            list_sources(&path, found);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push(path);
        }
    }
}

/// What a file breaks. `file` is its path under `src`.
fn breaches_in(file: &str, text: &str) -> Vec<Breach> {
    let breach = |line, what: String| Breach { file: file.to_owned(), line, what };
    let mut found = Vec::new();
    let length = text.lines().count();
    if length > LONGEST_FILE {
        found.push(breach(length, format!("no file has more than {LONGEST_FILE} lines")));
    }
    if is_test_file(file) {
        return found;
    }
    for (number, line) in code_lines(text) {
        for rule in &RULES {
            let free = rule.allowed.iter().any(|start| file.starts_with(start));
            if let Some(word) = rule.words.iter().find(|word| !free && has_word(line, word)) {
                found.push(breach(number, format!("{}: {word}", rule.claim)));
            }
        }
        if PURE.iter().any(|room| file.starts_with(room))
            && let Some(word) = IMPURE_WORDS.iter().find(|word| has_word(line, word))
        {
            found.push(breach(number, format!("detect and stats only compute: {word}")));
        }
    }
    found
}

fn is_test_file(file: &str) -> bool {
    file.split('/').any(|part| matches!(part, "tests.rs" | "tests"))
}

/// Numbered lines without comments and without the unit tests, which in this house are one module
/// at the end of a file.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut after_cfg_test = false;
    text.lines()
        .zip(1..)
        .take_while(move |(line, _)| {
            let tests_begin = after_cfg_test && line.starts_with("mod ") && line.ends_with('{');
            after_cfg_test = line.starts_with("#[cfg(test)]");
            !tests_begin
        })
        .map(|(line, number)| (number, without_comment(line)))
}

/// Up to `//`, unless that is in a URL.
fn without_comment(line: &str) -> &str {
    let mut from = 0;
    while let Some(at) = line[from..].find("//").map(|at| from + at) {
        if at == 0 || line.as_bytes()[at - 1] != b':' {
            return &line[..at];
        }
        from = at + 2;
    }
    line
}

/// Whether the word occurs with no letter, digit or underscore before or after it.
fn has_word(line: &str, word: &str) -> bool {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        let after = line[at + word.len()..].chars().next();
        let joined_before = word.starts_with(joins) && before.is_some_and(joins);
        let joined_after = word.ends_with(joins) && after.is_some_and(joins);
        !joined_before && !joined_after
    })
}

#[track_caller]
fn check(file: &str, text: &str, expected: &[&str]) {
    let found: Vec<String> = breaches_in(file, text).iter().map(|b| format!("{b:?}")).collect();
    assert_eq!(found, expected);
}

#[test]
fn a_breach_is_reported_with_file_and_line() {
    check(
        "report/text.rs",
        "use std::fmt;\nlet now = SystemTime::now();\n",
        &["src/report/text.rs:2: only time reads a clock: SystemTime::now"],
    );
    check(
        "daemon.rs",
        "std::process::exit(1);",
        &["src/daemon.rs:1: only cli chooses an exit code: process::exit"],
    );
    check(
        "detect/place.rs",
        "let text = std::fs::read(path);",
        &["src/detect/place.rs:1: detect and stats only compute: std::fs"],
    );
    check(
        "report/build.rs",
        "use anyhow::Context;",
        &["src/report/build.rs:1: only cli uses anyhow: anyhow"],
    );
    check("chart/mod.rs", "unsafe { x() }", &["src/chart/mod.rs:1: only sys is unsafe: unsafe"]);
    check(
        "status.rs",
        "let q = \"SELECT 1\";",
        &["src/status.rs:1: only store speaks SQL: \"SELECT "],
    );
}

#[test]
fn what_is_allowed_breaks_nothing() {
    check("time.rs", "let now = SystemTime::now();", &[]);
    check("cli/run.rs", "println!(\"{x}\"); std::process::exit(1);", &[]);
    check("report/text.rs", "// SystemTime::now() would tie the report to today\n", &[]);
    check("sys/mod.rs", "unsafe { x() }", &[]);
    check("chart/mod.rs", "unsafe_code_is_another_word();", &[]);
    check("probe/http.rs", "\"http://example.com\"; TcpStream::connect(x)", &[]);
    check(
        "report/text.rs",
        "fn f() {}\n#[cfg(test)]\nmod tests {\n    fn g() { println!() }\n}\n",
        &[],
    );
    check("detect/tests.rs", "println!();", &[]);
}

#[test]
fn a_file_may_not_grow_without_end() {
    check(
        "daemon.rs",
        &"\n".repeat(LONGEST_FILE + 1),
        &["src/daemon.rs:501: no file has more than 500 lines"],
    );
}
