//! Remote write to real receivers on loopback, as Debian has them: Prometheus and `VictoriaMetrics`. Without
//! them the tests say `skipped: REASON` and pass; with `LINKMON_REQUIRE_NETWORK=1` they fail.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use linkmon::config::Config;
use linkmon::courier::remote_write::{RemoteWriter, SendTurn};
use linkmon::live::{HoldReason, WriteNews, WriteState};
use linkmon::net::client::{HttpClient, HttpRequest, HttpServer, Trust};
use linkmon::scenario::{NoAudience, Recording, Scenario, record};
use linkmon::store::Durability;
use linkmon::time::{Micros, Reading};
use serde_json::Value;

use crate::dashboards::is_installed;

/// Five hours of last winter: a drop an hour, loss, a stretch without anybody watching.
const STORY: &str = r#"
name = "remote-write"
story = "five hours, a drop an hour"
start = "2026-02-02T13:00:30Z"
zone = "UTC"
length = "5h"

[[fault]]
where = "access"
how = "silence"
when = { every = "1h", from = "20m", lasts = ["20s", "90s"] }

[[host]]
what = "off"
when = { at = "150m", lasts = "7m" }
"#;

/// In each second that has a sample, by target: the last of each minute, those near the edges of drops, the
/// beginning and the end of each stretch of slots.
const SAMPLES_OF_RECORD: &str = "
WITH s AS (SELECT DISTINCT time_ms / 1000 + 1 AS t, target FROM samples),
 edge AS (SELECT onset_earliest_us AS a, onset_latest_us AS b FROM link_drop WHERE kind IN ('drop', 'outage')
          UNION ALL SELECT end_earliest_us, end_latest_us FROM link_drop WHERE kind IN ('drop', 'outage')),
 step AS (SELECT target, t, t - lag(t) OVER (PARTITION BY target ORDER BY t) AS gap FROM s),
 sampled AS (
  SELECT max(t) AS t, target FROM s GROUP BY (t - 1) / 60, target
  UNION SELECT s.t, s.target FROM s JOIN edge ON s.t * 1000000 BETWEEN a - 60000000 AND b + 59999999
  UNION SELECT t - 1, target FROM step WHERE gap IS NULL OR gap > 60
  UNION SELECT t - gap, target FROM step WHERE gap > 60)
SELECT target, count(*) AS n FROM sampled GROUP BY target ORDER BY target";

/// A receiver with a directory of its own.
struct Server {
    program: &'static str,
    arguments: Vec<String>,
    port: u16,
    child: Child,
}

impl Server {
    fn prometheus(directory: &Path, window: &str) -> Self {
        let file = directory.join("prometheus.yml");
        let storage = match window {
            "" => String::new(),
            window => format!("storage: {{tsdb: {{out_of_order_time_window: {window}}}}}\n"),
        };
        fs::write(&file, format!("global: {{scrape_interval: 1m}}\n{storage}")).unwrap();
        let port = free_port();
        let arguments = vec![
            format!("--config.file={}", file.display()),
            format!("--storage.tsdb.path={}", directory.join("tsdb").display()),
            "--storage.tsdb.retention.time=20y".to_owned(),
            format!("--web.listen-address=127.0.0.1:{port}"),
            "--web.enable-remote-write-receiver".to_owned(),
        ];
        Self::start("prometheus", arguments, port, directory)
    }

    fn victoria_metrics(directory: &Path) -> Self {
        let port = free_port();
        let arguments = vec![
            format!("-storageDataPath={}", directory.join("vm").display()),
            format!("-httpListenAddr=127.0.0.1:{port}"),
            "-retentionPeriod=20y".to_owned(),
            "-dedup.minScrapeInterval=1ms".to_owned(),
            "-search.disableCache".to_owned(),
        ];
        Self::start("victoria-metrics", arguments, port, directory)
    }

    fn start(program: &'static str, arguments: Vec<String>, port: u16, directory: &Path) -> Self {
        let log = File::create(directory.join("log")).unwrap();
        let child = Command::new(program)
            .args(&arguments)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let server = Self { program, arguments, port, child };
        server.wait();
        server
    }

    fn wait(&self) {
        for _ in 0..400 {
            let path = if self.program == "prometheus" { "/-/ready" } else { "/health" };
            if self.fetch(&HttpRequest::get(path)).is_some_and(|(status, _)| status == 200) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("{} does not start", self.program);
    }

    /// As by `kill -9`, and started again.
    fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        self.child = Command::new(self.program)
            .args(&self.arguments)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.wait();
    }

    fn fetch(&self, request: &HttpRequest) -> Option<(u16, String)> {
        let server = HttpServer { https: false, host: "127.0.0.1".to_owned(), port: self.port };
        let client = HttpClient::new(Trust::KnownAuthorities, 1 << 24);
        let answer = client.ask(&server, request, Duration::from_secs(20)).ok()?;
        Some((answer.status, answer.text().into_owned()))
    }

    /// What a query finds at the end of the story: label `target` and value.
    fn ask(&self, query: &str) -> Vec<(String, f64)> {
        let query: String = query
            .bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(b).to_string(),
                other => format!("%{other:02x}"),
            })
            .collect();
        let path = format!("/api/v1/query?time=2026-02-02T19:00:00Z&query={query}");
        let (_, body) = self.fetch(&HttpRequest::get(path)).expect("it answers");
        let json: Value = serde_json::from_str(&body).unwrap_or_else(|_| panic!("{body}"));
        let found = json["data"]["result"].as_array().unwrap_or_else(|| panic!("{body}"));
        let one = |series: &Value| {
            let target = series["metric"]["target"].as_str().unwrap_or_default().to_owned();
            let value = series["value"][1].as_str().unwrap().parse().unwrap();
            (target, value)
        };
        let mut found: Vec<(String, f64)> = found.iter().map(one).collect();
        found.sort_by(|a, b| a.0.cmp(&b.0));
        found
    }

    /// A sample of another sender, now: the head of the receiver.
    fn move_head(&self) {
        let text = |tag: u8, text: &str| {
            let mut bytes = vec![tag, u8::try_from(text.len()).unwrap()];
            bytes.extend_from_slice(text.as_bytes());
            bytes
        };
        let nested = |tag: u8, bytes: Vec<u8>| {
            [vec![tag, u8::try_from(bytes.len()).unwrap()], bytes].concat()
        };
        let label = |name, value| nested(0x0a, [text(0x0a, name), text(0x12, value)].concat());
        let mut sample = vec![0x09];
        sample.extend_from_slice(&1.0_f64.to_le_bytes());
        sample.push(0x10);
        let mut ms = Reading::now().utc.as_millis().unsigned_abs();
        while ms > 0x7f {
            sample.push(u8::try_from(ms & 0x7f).unwrap() | 0x80);
            ms >>= 7;
        }
        sample.push(u8::try_from(ms).unwrap());
        let series = [label("__name__", "other"), label("job", "other"), nested(0x12, sample)];
        let message = nested(0x0a, series.concat());
        // Snappy: one literal.
        let length = u8::try_from(message.len()).unwrap();
        let body = [vec![length, 60 << 2, length - 1], message].concat();
        let request = HttpRequest::post("/api/v1/write", "application/x-protobuf", body)
            .with("content-encoding", "snappy")
            .with("x-prometheus-remote-write-version", "0.1.0");
        let (status, said) = self.fetch(&request).unwrap();
        assert!((200..300).contains(&status), "{status} {said}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn config_of(port: u16) -> Config {
    let url = format!("http://127.0.0.1:{port}/api/v1/write");
    let text = format!("[[remote-write]]\nname = \"it\"\nurl = \"{url}\"\n");
    Config::from_toml(&text, "a.toml").unwrap()
}

/// A record of the story, and a receiver of it.
struct Sending {
    folder: tempfile::TempDir,
    database: PathBuf,
    config: Config,
}

impl Sending {
    fn to(port: u16) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("a.db");
        let recording =
            Recording { database: &database, runtime_dir: None, durability: Durability::Full };
        let plan = Scenario::parse(STORY, "a.db").unwrap().plan(3);
        record(&plan, &recording, &mut NoAudience).unwrap();
        Self { folder, database, config: config_of(port) }
    }

    /// The same to another receiver of the same name.
    fn instead_to(self, port: u16) -> Self {
        Self { config: config_of(port), ..self }
    }

    fn writer(&self) -> RemoteWriter {
        RemoteWriter::new(&self.config, &self.config.remote_writes[0], &self.database, Micros::ZERO)
    }

    /// What the database itself says of each target.
    fn of_record(&self, statement: &str) -> Vec<(String, f64)> {
        let output = Command::new(env!("CARGO_BIN_EXE_linkmon"))
            .args(["--db", self.database.to_str().unwrap(), "sql", "--format", "csv", statement])
            .env("HOME", self.folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        let row = |line: &str| {
            let (target, value) = line.rsplit_once(',').unwrap();
            (target.to_owned(), value.parse().unwrap())
        };
        text.lines().skip(1).map(row).collect()
    }

    #[track_caller]
    fn check(&self, server: &Server) {
        let wanted = self.of_record(SAMPLES_OF_RECORD);
        assert!(wanted.len() > 3 && wanted.iter().all(|(_, n)| *n > 300.0), "{wanted:?}");
        for name in
            ["linkmon_probes_total", "linkmon_probes_lost_total", "linkmon_rtt_seconds_count"]
        {
            let found = server.ask(&format!("count_over_time({name}[6h])"));
            assert_eq!(found, wanted, "{name} of {}", server.program);
        }
        let sent = "SELECT target, count(*) FROM samples WHERE outcome <> 'not-sent' GROUP BY target ORDER BY target";
        let found = server.ask("max_over_time(linkmon_probes_total[6h])");
        assert_eq!(found, self.of_record(sent));
        let drops = "SELECT '', count(*) FROM link_drop WHERE kind IN ('drop', 'outage')";
        let found = server.ask("sum(max_over_time(linkmon_drops_total[6h]))");
        assert_eq!(found, self.of_record(drops));
        // A gap is a gap: two minutes into it there is nothing.
        let there = server.ask("count(linkmon_probes_total @ 1770046200)");
        let gone = server.ask("count(linkmon_probes_total @ 1770046380)");
        assert_eq!((there.len(), gone.len()), (1, 0), "{there:?} {gone:?}");
    }
}

/// Sends until there is nothing more; kills this side and the receiver by turns so many times.
fn send(sending: &Sending, server: &mut Server, kills: usize) -> usize {
    let mut writer = sending.writer();
    let (mut turns, mut killed) = (0, 0);
    loop {
        let turn = writer.turn(Reading::now());
        turns += 1;
        if turn == SendTurn::Rests {
            if writer.status().state == WriteState::Sending {
                return killed;
            }
            assert_eq!(writer.status().state, WriteState::Failing, "{:?}", writer.status());
            assert!(turns < 500, "{:?}", writer.status());
            std::thread::sleep(Duration::from_millis(100));
        }
        if killed < kills && turns % 2 == 0 {
            killed += 1;
            if killed % 2 == 0 {
                server.kill();
            }
            // What was in memory of it is gone.
            writer = sending.writer();
        }
    }
}

#[test]
fn a_prometheus_whose_head_is_now_holds_the_cursor_and_takes_all_with_a_window() {
    if !is_installed("prometheus", "prometheus") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let server = Server::prometheus(folder.path(), "");
    let sending = Sending::to(server.port);
    server.move_head();
    let mut writer = sending.writer();
    assert_eq!(writer.turn(Reading::now()), SendTurn::Rests);
    let status = writer.status().clone();
    assert_eq!(
        (status.state, status.held),
        (WriteState::Held, Some(HoldReason::TooOld)),
        "{status:?}"
    );
    assert_eq!((status.sent, status.skipped), (0, 0));
    let news = writer.take_news();
    assert!(
        matches!(&news[..], [WriteNews::Held(HoldReason::TooOld, said)] if said == "400: out of bounds"),
        "{news:?}"
    );
    drop(server);

    // Too short a window is said with another status.
    let folder = tempfile::tempdir().unwrap();
    let server = Server::prometheus(folder.path(), "1h");
    server.move_head();
    let sending = sending.instead_to(server.port);
    let mut writer = sending.writer();
    writer.turn(Reading::now());
    assert_eq!(writer.status().held, Some(HoldReason::TooOld), "{:?}", writer.status());
    drop(server);

    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::prometheus(folder.path(), "10000d");
    server.move_head();
    let sending = sending.instead_to(server.port);
    assert_eq!(send(&sending, &mut server, 4), 4);
    sending.check(&server);
}

#[test]
fn a_prometheus_without_a_window_and_other_senders_has_the_same_after_kills() {
    if !is_installed("prometheus", "prometheus") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::prometheus(folder.path(), "");
    let sending = Sending::to(server.port);
    assert_eq!(send(&sending, &mut server, 4), 4);
    sending.check(&server);
}

#[test]
fn a_victoria_metrics_has_the_same_after_kills() {
    if !is_installed("victoria-metrics", "victoria-metrics") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::victoria_metrics(folder.path());
    let sending = Sending::to(server.port);
    assert_eq!(send(&sending, &mut server, 4), 4);
    // It shows what is a second old.
    std::thread::sleep(Duration::from_secs(2));
    sending.check(&server);
}
