//! The rules and the dashboards of `dashboards/`, held against each other and against what linkmon
//! exposes. What real servers find is tried in `filled`, with a week that is made up, and in
//! `testbed/scrape.rs`, with a daemon.
//!
//! `promtool` is in Debian's package `prometheus`. Without it the tests that need it say
//! `skipped: REASON` and pass; with `LINKMON_REQUIRE_NETWORK=1` they fail.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;

mod filled;
mod servers;

pub(crate) use servers::{Answer, answer};

/// Where they are.
pub(crate) fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("dashboards")
}

/// Whether a program of the package `prometheus` is there; said on standard error when not.
pub(crate) fn is_there(program: &str) -> bool {
    is_installed(program, "prometheus")
}

/// Whether a program of a Debian package is there; said on standard error when not.
pub(crate) fn is_installed(program: &str, package: &str) -> bool {
    let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
    if found.is_ok_and(|output| output.status.success()) {
        return true;
    }
    let reason = format!("{program} is not installed (Debian package {package})");
    assert!(std::env::var_os("LINKMON_REQUIRE_NETWORK").is_none(), "{reason}");
    writeln!(stderr(), "skipped: {reason}").expect("standard error takes a line");
    false
}

/// A query of a Grafana dashboard.
#[derive(Debug, Clone)]
pub(crate) struct PanelQuery {
    pub(crate) board: &'static str,
    pub(crate) panel: String,
    pub(crate) query: String,
}

impl PanelQuery {
    /// As Grafana asks it, with steps of so many seconds, of a server that scrapes at this interval.
    #[track_caller]
    pub(crate) fn of(&self, instance: &str, step: i64, scrape: i64, range: i64) -> String {
        let rate = (step + scrape).max(4 * scrape);
        let asked = self
            .query
            .replace("$__rate_interval", &format!("{rate}s"))
            .replace("$__interval", &format!("{step}s"))
            .replace("$__range", &format!("{range}s"))
            .replace("$instance", instance)
            .replace("$isp", ".*")
            .replace("$site", ".*");
        assert!(!asked.contains('$'), "a variable is left: {self:?}");
        asked
    }
}

/// Every query of the Grafana dashboards.
pub(crate) fn queries() -> Vec<PanelQuery> {
    let of_board = |board: &'static str| {
        let text = fs::read_to_string(directory().join(board)).expect("it is there");
        let json: Value = serde_json::from_str(&text).expect("it is JSON");
        let panels = json["panels"].as_array().expect("it has panels").clone();
        panels.into_iter().filter(|panel| panel["type"] != "row").flat_map(move |panel| {
            let title = panel["title"].as_str().expect("a panel has a title").to_owned();
            let targets = panel["targets"].as_array().expect("a panel has targets").clone();
            targets.into_iter().map(move |target| PanelQuery {
                board,
                panel: title.clone(),
                query: target["expr"].as_str().expect("a target has a query").to_owned(),
            })
        })
    };
    ["grafana.json", "grafana-lines.json"].into_iter().flat_map(of_board).collect()
}

/// What promtool says of `arguments`, run next to the rules; it must be satisfied.
#[track_caller]
fn promtool(arguments: &[&str], stdin: &str) {
    let mut child = Command::new("promtool")
        .args(arguments)
        .current_dir(directory().join("prometheus"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("promtool starts");
    let mut input = child.stdin.take().expect("it has a standard input");
    input.write_all(stdin.as_bytes()).expect("promtool reads");
    drop(input);
    let output = child.wait_with_output().expect("promtool ends");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && !said.contains("FAILED"), "{arguments:?}: {said}");
    if arguments == ["check", "metrics"] {
        assert_eq!(said, "", "promtool has something to say");
    }
}

/// The metrics of the snapshot, as Prometheus text.
fn metrics() -> String {
    snapshot("the_text_has_every_count_with_its_labels_escaped")
}

/// The text of a snapshot of the metrics.
fn snapshot(claim: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join(format!("src/serve/metrics/snapshots/linkmon__serve__metrics__tests__{claim}.snap"));
    let text = fs::read_to_string(path).expect("the snapshot is there");
    text.splitn(3, "---\n").nth(2).expect("after its head").to_owned()
}

/// Reads OpenMetrics by the parser of Prometheus' own library for Python, which is strict, and prints
/// every sample: name, labels in order, value.
const PARSE: &str = r"
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families
for family in text_string_to_metric_families(sys.stdin.read()):
    for sample in family.samples:
        print(sample.name, sorted(sample.labels.items()), sample.value)
";

/// A Python that has `prometheus_client`; said on standard error where there is none. One can be named
/// by `LINKMON_PYTHON`, as in a virtual environment with the newest.
fn python() -> Option<String> {
    let named = std::env::var("LINKMON_PYTHON").ok();
    let known = ["python3".to_owned(), "/usr/bin/python3".to_owned()];
    let has_it = |python: &String| {
        let arguments = ["-c", "import prometheus_client.openmetrics.parser"];
        Command::new(python).args(arguments).output().is_ok_and(|o| o.status.success())
    };
    let found = named.into_iter().chain(known).find(has_it);
    if found.is_none() {
        let reason = "no Python has prometheus_client (Debian package python3-prometheus-client)";
        assert!(std::env::var_os("LINKMON_REQUIRE_NETWORK").is_none(), "{reason}");
        writeln!(stderr(), "skipped: {reason}").expect("standard error takes a line");
    }
    found
}

/// The samples of a text of OpenMetrics by the strict parser, one a line; `None` where it is not
/// installed.
#[track_caller]
pub(crate) fn parsed(openmetrics: &str) -> Option<Result<String, String>> {
    let mut child = Command::new(python()?)
        .args(["-c", PARSE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python starts");
    let mut input = child.stdin.take().expect("it has a standard input");
    // It ends early where the text is wrong.
    let _ = input.write_all(openmetrics.as_bytes());
    drop(input);
    let output = child.wait_with_output().expect("python ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let is_read = output.status.success();
    Some(if is_read { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
}

/// Lints the metrics as they are exposed.
#[track_caller]
pub(crate) fn assert_clean(metrics: &str) {
    promtool(&["check", "metrics"], metrics);
}

#[test]
fn the_metrics_are_clean_by_the_rules_of_the_field() {
    if is_there("promtool") {
        assert_clean(&metrics());
    }
}

#[test]
fn openmetrics_is_read_by_the_parser_of_prometheus_own_library() {
    let text = snapshot("openmetrics_has_the_same_with_units_and_times_of_creation");
    let Some(samples) = parsed(&text) else { return };
    let samples = samples.unwrap_or_else(|why| panic!("{why}\n{text}"));
    let exposed = text.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(samples.lines().count(), exposed.count());
    // It is strict: it refuses what is nearly right.
    for (from, to) in [
        ("# EOF", "# END"),
        ("linkmon_drops_total{", "linkmon_drops{"),
        ("# UNIT linkmon_rtt_seconds seconds", "# UNIT linkmon_rtt_seconds bytes"),
        ("linkmon_drops_total{place=\"access\"} 1", "linkmon_drops_total{place=\"access\"} -1"),
    ] {
        let wrong = text.replacen(from, to, 1);
        assert!(wrong != text && parsed(&wrong).is_some_and(|read| read.is_err()), "{to}");
    }
}

#[test]
fn the_rules_do_what_their_tests_say() {
    if is_there("promtool") {
        promtool(&["check", "rules", "recording.yml", "alerts.yml"], "");
        promtool(&["test", "rules", "tests.yml"], "");
    }
}

#[test]
fn every_alert_has_a_test() {
    let read = |name: &str| fs::read_to_string(directory().join("prometheus").join(name)).unwrap();
    let (alerts, tests) = (read("alerts.yml"), read("tests.yml"));
    let names: Vec<&str> =
        alerts.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(names.len() > 5, "{names:?}");
    for name in names {
        assert!(tests.contains(&format!("alertname: {name}\n")), "{name}");
    }
}

#[test]
fn rules_and_dashboard_ask_only_for_what_is_exposed() {
    let metrics = metrics();
    let exposed: BTreeSet<&str> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .collect();
    let mut asked = BTreeSet::new();
    for query in queries() {
        names_in(&query.query, &mut asked);
    }
    for name in ["recording.yml", "alerts.yml"] {
        let text = fs::read_to_string(directory().join("prometheus").join(name)).unwrap();
        names_in(&text, &mut asked);
    }
    assert!(asked.len() > 10, "{asked:?}");
    for name in asked {
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|end| name.strip_suffix(end))
            .unwrap_or(&name);
        assert!(exposed.contains(family), "{name} is not among {exposed:?}");
    }
}

/// Names of metrics in a text; names of recorded series have a colon before them.
fn names_in(text: &str, names: &mut BTreeSet<String>) {
    for (at, _) in text.match_indices("linkmon_") {
        let joined = text[..at].ends_with(|c: char| c == ':' || c == '_' || c.is_alphanumeric());
        let name: String =
            text[at..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
        if !joined {
            names.insert(name);
        }
    }
}

#[test]
fn the_page_writes_lengths_as_the_log_and_the_reports_do() {
    if !is_installed("node", "nodejs") {
        return;
    }
    let page = fs::read_to_string(directory().join("page.words.js")).expect("it is there");
    let from = page.find("function lengthOf").expect("the page has its formatter");
    let to = from + page[from..].find("\n}\n").expect("the formatter ends") + 2;
    let tenths: Vec<u64> = [0, 8, 10, 42, 99, 100, 594, 595, 600, 920, 35_989, 35_995, 36_000]
        .into_iter()
        .chain([
            36_300, 863_690, 863_700, 970_800, 1_727_400, 1_727_995, 1_728_000, 1_746_000,
            9_999_999,
        ])
        .collect();
    let script =
        format!("{}for (const t of {tenths:?}) console.log(lengthOf(t / 10));", &page[from..to]);
    let output = Command::new("node").args(["-e", &script]).output().expect("node runs");
    let shown = String::from_utf8(output.stdout).expect("it is text");
    let length = |t: &u64| linkmon::language::words::length(Duration::from_millis(t * 100));
    let expected: Vec<_> = tenths.iter().map(length).collect();
    assert_eq!(shown.lines().collect::<Vec<_>>(), expected);
}
