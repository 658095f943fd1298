//! A real daemon, and a Prometheus and a `VictoriaMetrics` that scrape it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::bed::{TestBed, end};
use super::daemon::Home;
use super::wait::{let_pass, unix_now, until};
use super::web::{PAGE, fetch};
use crate::dashboards::{self, Answer};

const INSTANCE: &str = "127.0.0.1:8420";

/// Queries that may find nothing where nothing is late, no modem is read and no alert is configured.
/// With all of these `dashboards/filled.rs` puts the same queries to the same servers.
const MAY_BE_EMPTY: [&str; 6] = [
    "linkmon_alert_",
    "linkmon_probes_late_total",
    "linkmon_probes_not_sent_total",
    "linkmon_modem_",
    "linkmon_stray_replies_total",
    "linkmon_storage_",
];

/// Answers each line of a list of paths and queries, `PATH\tNAME=VALUE\t...`, with a line of JSON.
const ASK: &str = r#"
import json, sys, urllib.error, urllib.parse, urllib.request
for line in sys.stdin:
    path, *pairs = line.rstrip("\n").split("\t")
    data = urllib.parse.urlencode([tuple(pair.split("=", 1)) for pair in pairs]).encode()
    try:
        body = urllib.request.urlopen(path, data=data or None, timeout=60).read()
    except urllib.error.HTTPError as error:
        body = error.read()
    except OSError as error:
        body = b""
    try:
        print(json.dumps(json.loads(body)))
    except ValueError:
        print(json.dumps({"status": body.decode(errors="replace")}))
"#;

/// A server at work in home that scrapes linkmon once a second.
struct Scraper<'bed> {
    bed: &'bed TestBed,
    name: &'static str,
    url: &'static str,
    child: Child,
}

impl<'bed> Scraper<'bed> {
    /// With the rules of `dashboards/`.
    fn prometheus(bed: &'bed TestBed) -> Self {
        let rules = dashboards::directory().join("prometheus");
        let rules =
            format!("rule_files: ['{0}/recording.yml', '{0}/alerts.yml']\n", rules.display());
        Self::start(bed, "prometheus", "http://127.0.0.1:9090", &rules, |file, data| {
            vec![
                format!("--config.file={file}"),
                format!("--storage.tsdb.path={data}"),
                "--web.listen-address=127.0.0.1:9090".to_owned(),
            ]
        })
    }

    fn victoria(bed: &'bed TestBed) -> Self {
        Self::start(bed, "victoria-metrics", "http://127.0.0.1:8428", "", |file, data| {
            vec![
                format!("-promscrape.config={file}"),
                format!("-storageDataPath={data}"),
                "-httpListenAddr=127.0.0.1:8428".to_owned(),
                // By default it keeps to itself what is younger than 30 s.
                "-search.latencyOffset=1s".to_owned(),
            ]
        })
    }

    fn start(
        bed: &'bed TestBed,
        name: &'static str,
        url: &'static str,
        rules: &str,
        arguments: impl FnOnce(&str, &str) -> Vec<String>,
    ) -> Self {
        let directory = bed.directory().join(name);
        fs::create_dir(&directory).expect("a directory for the server");
        let evaluation = if rules.is_empty() { "" } else { ", evaluation_interval: 1s" };
        let configuration = format!(
            "global: {{scrape_interval: 1s{evaluation}}}\n{rules}\
             scrape_configs:\n\
             \x20 - job_name: linkmon\n\
             \x20   static_configs: [{{targets: ['{INSTANCE}']}}]\n"
        );
        let file = directory.join("scrape.yml");
        fs::write(&file, configuration).expect("a configuration");
        let log = File::create(directory.join("log")).expect("a file for its log");
        let path = |path: &std::path::Path| path.display().to_string();
        let child = bed
            .command_in_home(&[])
            .arg(name)
            .args(arguments(&path(&file), &path(&directory.join("data"))))
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("the server starts");
        let scraper = Self { bed, name, url, child };
        until(Duration::from_secs(30), "it scrapes linkmon", || {
            match scraper.try_ask("up{job=\"linkmon\"} == 1")?.as_array() {
                Some(found) if !found.is_empty() => Ok(()),
                _ => Err("not yet".to_owned()),
            }
        });
        scraper
    }

    /// The answers of the server to these paths and queries.
    fn answers(&self, asked: &[String]) -> Vec<Value> {
        let mut child = self
            .bed
            .command_in_home(&[])
            .args(["python3", "-c", ASK])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 runs");
        let mut input = child.stdin.take().expect("it has a standard input");
        let lines: Vec<_> =
            asked.iter().map(|line| format!("{}/api/v1/{line}\n", self.url)).collect();
        input.write_all(lines.concat().as_bytes()).expect("it reads");
        drop(input);
        let output = child.wait_with_output().expect("it ends");
        let text = String::from_utf8(output.stdout).expect("JSON");
        text.lines().map(|line| serde_json::from_str(line).expect("a line of JSON")).collect()
    }

    fn try_ask(&self, query: &str) -> Result<Value, String> {
        let answers = self.answers(&[format!("query\tquery={query}")]);
        let [json] = &answers[..] else { return Err(format!("{answers:?}")) };
        // Before it has read its files it says `Service Unavailable`.
        if json["status"] == "success" {
            Ok(json["data"]["result"].clone())
        } else {
            Err(format!("{query}: {json}"))
        }
    }

    /// The series that a query finds.
    #[track_caller]
    fn ask(&self, query: &str) -> Vec<Value> {
        let found = self.try_ask(query).unwrap_or_else(|why| panic!("{why}"));
        found.as_array().expect("a vector").clone()
    }

    /// The one value that a query finds.
    #[track_caller]
    fn value(&self, query: &str) -> f64 {
        let found = self.ask(query);
        let [one] = &found[..] else { panic!("{query} finds {found:?}") };
        one["value"][1].as_str().and_then(|v| v.parse().ok()).expect("a number")
    }

    /// Every panel, over the minutes before now.
    #[track_caller]
    fn assert_every_panel_finds_something(&self) {
        #[allow(clippy::cast_possible_truncation, reason = "seconds since 1970")]
        let now = unix_now() as i64;
        let queries = dashboards::queries();
        let asked: Vec<_> = queries
            .iter()
            .map(|query| {
                let (start, query) = (now - 150, query.of(INSTANCE, 10, 1, 300));
                format!("query_range\tquery={query}\tstart={start}\tend={now}\tstep=10\tnocache=1")
            })
            .collect();
        for (query, json) in queries.iter().zip(self.answers(&asked)) {
            let found: Answer = dashboards::answer(&json)
                .unwrap_or_else(|why| panic!("{}: {query:?}: {why}", self.name));
            let values = || found.iter().flat_map(|(_, values)| values.values());
            let may_be_empty = MAY_BE_EMPTY.iter().any(|name| query.query.contains(name));
            let is_empty = values().next().is_none();
            assert!(may_be_empty || !is_empty, "{}: {query:?} finds nothing", self.name);
            assert!(!values().any(|value| value.is_nan()), "{}: {query:?}: NaN", self.name);
        }
    }

    /// State of every rule: name and health.
    fn rules(&self) -> Vec<(String, String)> {
        let [answer] = &self.answers(&["rules".to_owned()])[..] else { panic!("no answer") };
        let groups = answer["data"]["groups"].as_array().expect("groups").clone();
        let rules = groups.iter().filter_map(|group| group["rules"].as_array().cloned());
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        rules.flatten().map(|rule| (word(&rule["name"]), word(&rule["health"]))).collect()
    }
}

impl Drop for Scraper<'_> {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

#[test]
fn a_real_prometheus_finds_what_every_panel_and_rule_asks_for() {
    let Some(bed) = TestBed::up() else { return };
    if !dashboards::is_there("prometheus") || !dashboards::is_there("promtool") {
        return;
    }
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    let prometheus = Scraper::prometheus(&bed);
    let victoria = dashboards::is_installed("victoria-metrics", "victoria-metrics")
        .then(|| Scraper::victoria(&bed));
    let metrics = || fetch(&bed, &[&format!("{PAGE}/metrics")]).expect("it answers").text();
    dashboards::assert_clean(&metrics());
    let_pass(Duration::from_secs(5));
    bed.set("line", "blackhole=on");
    until(Duration::from_secs(20), "the drop is reported while it lasts", || {
        match &prometheus.ask("linkmon_open_drop_seconds")[..] {
            [one] if one["metric"]["place"] == "access" => Ok(()),
            other => Err(format!("{other:?}")),
        }
    });
    dashboards::assert_clean(&metrics());
    assert!(prometheus.value("linkmon_state{state=\"down\"}") > 0.5);
    let_pass(Duration::from_secs(3));
    bed.set("line", "blackhole=off");
    let drops = home.wait_for_ended_drops(1);
    let seconds = prometheus.value("linkmon_drop_seconds_total{place=\"access\"}");
    assert!(drops[0].min_s <= seconds && seconds <= drops[0].max_s, "{seconds}: {drops:#?}");
    assert!((prometheus.value("sum(linkmon_drops_total)") - 1.0).abs() < 0.1);
    assert_eq!(prometheus.ask("linkmon_open_drop_seconds").len(), 0, "it is over");
    let down = prometheus.value("linkmon_state_seconds_total{state=\"down\"}");
    assert!(down > 1.0 && down < drops[0].max_s, "it was judged after its onset: {down}");
    let ended = prometheus.value("linkmon_last_drop_end_timestamp_seconds");
    assert!(unix_now() - ended < 60.0, "{ended}");

    // The last of two steps of the grid has to be past it.
    let_pass(Duration::from_secs(11));
    prometheus.assert_every_panel_finds_something();
    if let Some(victoria) = &victoria {
        victoria.assert_every_panel_finds_something();
    }
    let rules = prometheus.rules();
    assert!(rules.len() > 10, "{rules:?}");
    assert!(rules.iter().all(|(_, health)| health == "ok"), "{rules:?}");
    let observed = prometheus.value("linkmon_observed_seconds_total");
    let elapsed = prometheus.value("linkmon_elapsed_seconds_total");
    assert!(observed <= elapsed && observed > elapsed / 2.0, "{observed} of {elapsed}");
    let spent = prometheus.value("sum(linkmon_state_seconds_total)");
    assert!((spent - elapsed).abs() < 5.0, "{spent} of {elapsed}, each of another scrape");
    drop((prometheus, victoria));
    daemon.stop();
}

#[test]
fn a_daemon_speaks_openmetrics_to_those_who_ask_for_it() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    let url = format!("{PAGE}/metrics");
    let ask = |accept: &str| fetch(&bed, &[&url, &format!("Accept={accept}")]).expect("it answers");
    let classic = ask("*/*");
    assert!(classic.head.starts_with("200 text/plain; version=0.0.4; charset=utf-8 "));
    let open = ask("application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5");
    let kind = "200 application/openmetrics-text; version=1.0.0; charset=utf-8 ";
    assert!(open.head.starts_with(kind), "{}", open.head);
    let (classic, open) = (classic.text(), open.text());
    // The same series, whichever form is asked for.
    let series = |text: &str| -> BTreeSet<String> {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        let names = samples.filter_map(|line| Some(line.rsplit_once(' ')?.0.to_owned()));
        names.filter(|series| !series.contains("_created")).collect()
    };
    assert_eq!(series(&classic), series(&open));
    let Some(samples) = dashboards::parsed(&open) else { return };
    let samples = samples.unwrap_or_else(|why| panic!("{why}\n{open}"));
    assert!(samples.contains("linkmon_way_info [('interface', "), "{samples}");
    assert!(samples.contains("linkmon_drops_created [('place', 'access')] "), "{samples}");
    daemon.stop();
}
