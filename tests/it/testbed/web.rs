//! The page and the metrics of a real daemon, and a real Prometheus that scrapes them.

use std::fs::{self, File};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde_json::Value;

use super::bed::{TestBed, end};
use super::daemon::Home;
use super::wait::{let_pass, until};
use crate::dashboards;

const PAGE: &str = "http://127.0.0.1:8420";
const PROMETHEUS: &str = "http://127.0.0.1:9090";

/// Queries that may find nothing when all is well again.
const MAY_BE_EMPTY: [&str; 3] =
    ["linkmon_probes_late_total", "linkmon_probes_not_sent_total", "linkmon_open_drop_seconds{"];

/// Prints status, content type and length, then the body, of a URL asked in home; further
/// arguments are a query for Prometheus, or `Host=NAME`.
const FETCH: &str = r#"
import sys, urllib.error, urllib.parse, urllib.request
url, headers = sys.argv[1], {}
for argument in sys.argv[2:]:
    name, value = argument.split("=", 1)
    if name == "Host":
        headers[name] = value
    else:
        url += "?" + urllib.parse.urlencode({name: value})
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)
except urllib.error.HTTPError as error:
    answer = error
body = answer.read()
print(answer.status, answer.headers["content-type"], len(body))
sys.stdout.flush()
sys.stdout.buffer.write(body)
"#;

/// Prints the data of the first event of a stream.
const FIRST_EVENT: &str = r#"
import sys, urllib.request
for line in urllib.request.urlopen(sys.argv[1], timeout=10):
    if line.startswith(b"data: "):
        sys.stdout.buffer.write(line[6:])
        break
"#;

/// An answer as it came.
struct Fetched {
    /// `200 text/html; charset=utf-8 1234`.
    head: String,
    body: Vec<u8>,
}

impl Fetched {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// Asks in home.
fn fetch(bed: &TestBed, arguments: &[&str]) -> Result<Fetched, String> {
    let output = bed
        .command_in_home(&[])
        .args(["python3", "-c", FETCH])
        .args(arguments)
        .output()
        .expect("python3 runs");
    let end_of_head = output.stdout.iter().position(|byte| *byte == b'\n');
    let Some(at) = end_of_head.filter(|_| output.status.success()) else {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    };
    let head = String::from_utf8_lossy(&output.stdout[..at]).into_owned();
    Ok(Fetched { head, body: output.stdout[at + 1..].to_vec() })
}

/// Prometheus at work in home, a scrape a second, with the rules of `dashboards/`.
struct Prometheus<'bed> {
    bed: &'bed TestBed,
    child: Child,
}

impl<'bed> Prometheus<'bed> {
    fn start(bed: &'bed TestBed) -> Self {
        let directory = bed.directory().join("prometheus");
        fs::create_dir(&directory).expect("a directory for Prometheus");
        let rules = dashboards::directory().join("prometheus");
        let configuration = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
             rule_files: ['{0}/recording.yml', '{0}/alerts.yml']\n\
             scrape_configs:\n\
             \x20 - job_name: linkmon\n\
             \x20   static_configs: [{{targets: ['127.0.0.1:8420']}}]\n",
            rules.display()
        );
        let file = directory.join("prometheus.yml");
        fs::write(&file, configuration).expect("a configuration");
        let log = File::create(directory.join("log")).expect("a file for its log");
        let child = bed
            .command_in_home(&[])
            .arg("prometheus")
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", directory.join("data").display()))
            .arg("--web.listen-address=127.0.0.1:9090")
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("prometheus starts");
        let prometheus = Self { bed, child };
        until(Duration::from_secs(30), "prometheus scrapes linkmon", || {
            match prometheus.try_ask("up{job=\"linkmon\"} == 1")?.as_array() {
                Some(found) if !found.is_empty() => Ok(()),
                _ => Err("not yet".to_owned()),
            }
        });
        prometheus
    }

    fn try_ask(&self, query: &str) -> Result<Value, String> {
        let url = format!("{PROMETHEUS}/api/v1/query");
        let answer = fetch(self.bed, &[&url, &format!("query={query}")])?;
        // Before it has read its files it says `Service Unavailable`.
        let json: Value = serde_json::from_slice(&answer.body).map_err(|_| answer.text())?;
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

    /// State of every rule: name and health.
    fn rules(&self) -> Vec<(String, String)> {
        let answer = fetch(self.bed, &[&format!("{PROMETHEUS}/api/v1/rules")]).expect("it answers");
        let groups = answer.json()["data"]["groups"].clone();
        let groups = groups.as_array().expect("groups").clone();
        let rules = groups.iter().filter_map(|group| group["rules"].as_array().cloned());
        let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        rules.flatten().map(|rule| (word(&rule["name"]), word(&rule["health"]))).collect()
    }
}

impl Drop for Prometheus<'_> {
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
    let prometheus = Prometheus::start(&bed);
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

    let instance = "127.0.0.1:8420";
    for (panel, query) in dashboards::queries() {
        let asked = query
            .replace("$__rate_interval", "2m")
            .replace("$__range", "5m")
            .replace("$instance", instance);
        assert!(!asked.contains('$'), "{panel}: a variable is left in {asked}");
        let found = prometheus.ask(&asked);
        let may_be_empty = MAY_BE_EMPTY.iter().any(|name| query.contains(name));
        assert!(may_be_empty || !found.is_empty(), "{panel}: {asked} finds nothing");
        for series in &found {
            assert_ne!(series["value"][1], "NaN", "{panel}: {asked}: {series}");
        }
    }
    let rules = prometheus.rules();
    assert!(rules.len() > 10, "{rules:?}");
    assert!(rules.iter().all(|(_, health)| health == "ok"), "{rules:?}");
    let observed = prometheus.value("linkmon_observed_seconds_total");
    let elapsed = prometheus.value("linkmon_elapsed_seconds_total");
    assert!(observed <= elapsed && observed > elapsed / 2.0, "{observed} of {elapsed}");
    drop(prometheus);
    daemon.stop();
}

#[test]
fn the_page_and_its_documents_are_served_while_the_link_is_dead() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    bed.set("line", "blackhole=on");
    until(Duration::from_secs(20), "the drop is reported", || {
        if daemon.log().contains("DOWN: drop 1") { Ok(()) } else { Err(daemon.log()) }
    });
    let get = |path: &str| fetch(&bed, &[&format!("{PAGE}{path}")]).expect("it answers");
    let page = get("/");
    assert!(page.head.starts_with("200 text/html; charset=utf-8 "), "{}", page.head);
    // It is of the last second, which may be the one before the drop was reported.
    until(Duration::from_secs(5), "the status has it", || {
        let status = get("/api/status").json();
        let said = (&status["state"], &status["open_drop"]["place"]);
        if said == (&"down".into(), &"access".into()) { Ok(()) } else { Err(format!("{said:?}")) }
    });
    let drops = get("/api/drops?since=1h").json();
    assert_eq!(drops[0]["places"], serde_json::json!(["access"]));
    let sheet = get("/sheet/24h.png");
    assert!(sheet.head.starts_with("200 image/png ") && sheet.body.starts_with(b"\x89PNG"));
    assert!(get("/report/7d.txt").text().contains("1 drop"), "{}", get("/report/7d.txt").text());
    assert_eq!(get("/report/30d.json").json()["counts"]["drops"], 1);
    let url = format!("{PAGE}/api/status");
    let stranger = fetch(&bed, &[&url, "Host=rebind.example"]).expect("it answers");
    assert!(stranger.head.starts_with("421 "), "{}", stranger.head);

    // A second daemon finds the port taken, says so, and measures all the same.
    let other = Home::new(&bed, "other");
    let mut second = other.start();
    second.wait_for_report(Duration::from_secs(30), "it measures", |report| {
        report.answers(&[("gateway", "192.168.1.1")])
    });
    assert!(second.log().contains("no live page: cannot listen on 127.0.0.1:8420"));
    second.stop();

    // The strips of a daemon that was restarted go on where they ended.
    daemon.stop();
    let daemon = home.start();
    let marks = until(Duration::from_secs(20), "the page is there again", || {
        let output = bed
            .command_in_home(&[])
            .args(["python3", "-c", FIRST_EVENT, &format!("{PAGE}/api/events")])
            .output()
            .expect("python3 runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let event: Value = serde_json::from_str(&text).map_err(|problem| problem.to_string())?;
        let targets = event["targets"].as_array().ok_or("no targets")?;
        let gateway = targets.iter().find(|target| target["role"] == "gateway").ok_or("none")?;
        Ok(gateway["marks"].as_array().map_or(0, Vec::len))
    });
    assert!(marks > 10, "{marks}");
    daemon.stop();
}
