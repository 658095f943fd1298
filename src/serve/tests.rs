//! The page over real connections on loopback.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::LocalSet;

mod access;
mod answers;
mod notes;
mod past;
mod systems;

use super::*;
use crate::live::{Present, RecentProbes, Status};
use crate::serve::metrics::tests::{AT, down};
use crate::time::BootTime;
use crate::vocabulary::{
    Endpoint, Kind, Measurement, Observation, Outcome, Role, Secret, Target, TargetId,
};

/// The page, and the present it shows.
struct Scene {
    address: SocketAddr,
    present: SharedPresent,
    watchers: Watchers,
    _directory: tempfile::TempDir,
}

/// Runs `play` while the page is served.
fn play<F: Future<Output = ()>>(play: impl FnOnce(Scene) -> F) {
    play_in(tokio::runtime::Builder::new_current_thread().enable_all(), play);
}

/// The same in tokio's own time, which leaps to the next limit whenever all wait.
fn play_leaping<F: Future<Output = ()>>(play: impl FnOnce(Scene) -> F) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    play_in(runtime.enable_all().start_paused(true), play);
}

fn play_in<F: Future<Output = ()>>(
    runtime: &mut tokio::runtime::Builder,
    play: impl FnOnce(Scene) -> F,
) {
    play_of(runtime, Config::default(), None, play);
}

/// Runs `play` while the page of this record is served.
fn play_with<F: Future<Output = ()>>(
    config: Config,
    database: PathBuf,
    play: impl FnOnce(Scene) -> F,
) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    play_of(runtime.enable_all(), config, Some(database), play);
}

/// Runs `play` while the page is served as configured, in tokio's own time.
fn play_configured<F: Future<Output = ()>>(
    web: crate::config::WebConfig,
    play: impl FnOnce(Scene) -> F,
) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let config = Config { web, ..Config::default() };
    play_of(runtime.enable_all().start_paused(true), config, None, play);
}

fn play_of<F: Future<Output = ()>>(
    runtime: &mut tokio::runtime::Builder,
    config: Config,
    database: Option<PathBuf>,
    play: impl FnOnce(Scene) -> F,
) {
    let directory = tempfile::tempdir().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let present = SharedPresent::new(Present::new(Duration::from_secs(1), RecentProbes::default()));
    let watchers = Watchers::default();
    let database = database.unwrap_or_else(|| directory.path().join("none.db"));
    let address = listener.local_addr().unwrap();
    let served = watchers.clone();
    let options = PageOptions { config, database, present: present.clone() };
    let scene = Scene { address, present, watchers, _directory: directory };
    LocalSet::new().block_on(&runtime.build().unwrap(), async {
        tokio::select! {
            () = listener::serve(listener, options, served) => panic!("it ended"),
            () = play(scene) => {}
        }
    });
}

impl Scene {
    fn second(&self, number: i64) {
        let mut status = down();
        status.at = AT + Duration::from_secs(u64::try_from(number).unwrap());
        self.present.lock().on_second(Arc::new(status), BootTime::from_micros(number * 1_000_000));
        self.watchers.second();
    }

    fn measured(&self, number: i64) {
        let sent_at = AT + Duration::from_secs(u64::try_from(number).unwrap());
        let outcome = Outcome::reply(Duration::from_millis(12));
        let m = Measurement { target: TargetId(1), sent_at, outcome };
        self.present.lock().on_batch(&[Observation::Measured(m)]);
    }

    fn target(&self, name: &str) {
        self.present.lock().set_targets(&[Target {
            id: TargetId(1),
            name: name.to_owned(),
            kind: Kind::Icmp,
            role: Role::Anchor,
            endpoint: Endpoint::new(Kind::Icmp, "192.0.2.1"),
            interval: Duration::from_secs(1),
        }]);
    }

    async fn send(&self, request: &str) -> TcpStream {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4_096).unwrap();
        let mut stream = socket.connect(self.address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        stream
    }

    /// The whole answer to a request; the connection is closed after it.
    async fn ask(&self, line: &str, host: &str) -> String {
        let request = format!("{line} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n");
        let mut answer = String::new();
        self.send(&request).await.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn get(&self, path: &str) -> String {
        self.ask(&format!("GET {path}"), "localhost:8420").await
    }

    /// The head and the body of the answer to a request with more headers, or another method.
    async fn talk(&self, line: &str, headers: &str, body: &str) -> (String, Vec<u8>) {
        let length = match body.len() {
            0 => String::new(),
            length => format!("content-length: {length}\r\n"),
        };
        let request = format!(
            "{line} HTTP/1.1\r\nhost: localhost:8420\r\nconnection: close\r\n{headers}{length}\r\n{body}"
        );
        let mut answer = Vec::new();
        // The connection may be reset, where not all of the request is read.
        let _ = self.send(&request).await.read_to_end(&mut answer).await;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        let body = answer.split_off(end + 4);
        (String::from_utf8(answer).unwrap(), body)
    }

    async fn events(&self) -> BufReader<TcpStream> {
        let request = "GET /api/events HTTP/1.1\r\nhost: localhost\r\n\r\n";
        BufReader::new(self.send(request).await)
    }
}

async fn event(stream: &mut BufReader<TcpStream>) -> serde_json::Value {
    loop {
        let mut line = String::new();
        assert!(stream.read_line(&mut line).await.unwrap() > 0, "the stream continues");
        if let Some(data) = line.strip_prefix("data: ") {
            return serde_json::from_str(data).unwrap();
        }
    }
}

#[track_caller]
fn assert_status(answer: &str, status: u16) {
    assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{answer}");
}

#[test]
fn there_is_nothing_to_answer_before_the_first_second() {
    play(|scene| async move {
        for path in ["/metrics", "/api/status"] {
            assert_status(&scene.get(path).await, 503);
        }
        scene.second(1);
        let metrics = scene.get("/metrics").await;
        assert_status(&metrics, 200);
        assert!(metrics.contains("content-type: text/plain; version=0.0.4"), "{metrics}");
        assert!(metrics.contains("\nlinkmon_state{state=\"down\"} 1\n"), "{metrics}");
        let status = scene.get("/api/status").await;
        let body = status.split_once("\r\n\r\n").unwrap().1;
        let status: Status = serde_json::from_str(body).unwrap();
        assert_eq!(status.at, AT + Duration::from_secs(1));
    });
}

#[test]
fn every_answer_forbids_what_it_need_not_allow() {
    play(|scene| async move {
        scene.second(1);
        let may_be_kept = ["/", "/icon.svg", "/page/page.css"];
        let never = [
            "/metrics",
            "/api/status",
            "/api/v1/status",
            "/nothing",
            "/api/drops?since=x",
            "/api/v1/nothing",
            "/report/1y.txt",
        ];
        for path in may_be_kept.into_iter().chain(never) {
            let answer = scene.get(path).await;
            let head = answer.split_once("\r\n\r\n").unwrap().0;
            for line in [
                "x-content-type-options: nosniff",
                if never.contains(&path) {
                    "cache-control: no-store"
                } else {
                    "cache-control: private, no-cache"
                },
                "referrer-policy: no-referrer",
                "cross-origin-resource-policy: same-origin",
                "content-security-policy: default-src 'none';",
            ] {
                assert!(head.contains(line), "{path}: no {line} in {head}");
            }
            assert!(!head.contains("access-control"), "{path}: {head}");
            assert!(!head.contains("unsafe"), "{path}: {head}");
        }
        assert_status(&scene.get("/").await, 200);
        assert_status(&scene.get("/nothing").await, 404);
        assert_status(&scene.get("/api/drops?since=x").await, 400);
        assert_status(&scene.get("/../etc/passwd").await, 404);
    });
}

#[test]
fn strangers_and_writers_are_refused() {
    play(|scene| async move {
        scene.second(1);
        assert_status(&scene.ask("GET /api/status", "rebind.example").await, 421);
        assert_status(&scene.ask("POST /", "localhost").await, 405);
        let head = scene.ask("HEAD /api/status", "localhost").await;
        assert_status(&head, 200);
        assert!(head.ends_with("\r\n\r\n"), "no body: {head}");
        let large =
            format!("GET / HTTP/1.1\r\nhost: localhost\r\nx: {}\r\n\r\n", "x".repeat(99_000));
        let mut answer = Vec::new();
        // The connection may be reset, for not all of it is read.
        let _ = scene.send(&large[..20_000]).await.read_to_end(&mut answer).await;
        assert_status(&String::from_utf8_lossy(&answer), 431);
    });
}

#[test]
fn a_record_that_cannot_be_read_is_reported_and_harms_nothing() {
    play(|scene| async move {
        scene.second(1);
        for path in ["/api/drops", "/sheet/24h.png", "/report/7d.txt"] {
            let answer = scene.get(path).await;
            assert_status(&answer, 500);
            assert!(answer.contains("none.db"), "{answer}");
        }
        assert_status(&scene.get("/metrics").await, 200);
    });
}

#[test]
fn a_browser_sees_everything_first_and_then_each_second() {
    play(|scene| async move {
        scene.target("<b>&amp;");
        scene.measured(1);
        scene.measured(2);
        scene.second(2);
        let mut stream = scene.events().await;
        let first = event(&mut stream).await;
        assert!(scene.watchers.any());
        let target = &first["targets"][0];
        assert_eq!(target["name"], "<b>&amp;");
        assert_eq!(target["marks"].as_array().unwrap().len(), 2);
        assert_eq!(first["status"]["state"], "down");
        let said = first["impairments"][0].as_str().unwrap();
        assert!(said.starts_with("a login page stands in the way since "), "{said}");
        scene.measured(3);
        scene.second(3);
        let second = event(&mut stream).await;
        assert_eq!(second["targets"][0]["marks"].as_array().unwrap().len(), 1);
        drop(stream);
        // The end of the connection is seen at the next event or the one after it.
        for number in 4..1_000 {
            scene.second(number);
            tokio::time::sleep(Duration::from_millis(5)).await;
            if !scene.watchers.any() {
                return;
            }
        }
        panic!("a watcher stays for ever");
    });
}

#[test]
fn a_browser_that_sleeps_misses_no_mark() {
    play(|scene| async move {
        scene.target("one");
        scene.second(0);
        let mut sleeper = scene.events().await;
        assert_eq!(event(&mut sleeper).await["targets"][0]["marks"], serde_json::json!([]));
        for number in 1..=2_000 {
            scene.measured(number);
            scene.second(number);
            tokio::task::yield_now().await;
        }
        let last = (AT + Duration::from_secs(2_000)).to_string();
        let mut times = Vec::new();
        let mut events = 0;
        loop {
            let second = event(&mut sleeper).await;
            events += 1;
            let marks = second["targets"][0]["marks"].as_array().unwrap();
            times.extend(marks.iter().map(|mark| mark[0].as_i64().unwrap()));
            if second["status"]["at"] == last {
                break;
            }
        }
        assert!(events < 1_000, "{events}: it was asleep");
        let newest = &times[times.len() - 600..];
        assert!(newest.is_sorted_by(|a, b| a + 1_000 == *b), "the last ten minutes: {newest:?}");
    });
}

#[test]
fn a_browser_that_hangs_is_given_up() {
    play_leaping(|scene| async move {
        scene.target("one");
        scene.second(0);
        let hanging = scene.events().await;
        for number in 1..10_000 {
            scene.second(number);
            tokio::time::sleep(Duration::from_secs(1)).await;
            if number > 3 && !scene.watchers.any() {
                return;
            }
        }
        drop(hanging);
        panic!("it holds on for hours");
    });
}

#[test]
fn a_slow_client_is_cut_off_while_others_are_served() {
    play_leaping(|scene| async move {
        scene.second(1);
        let mut slow_clients = Vec::new();
        for _ in 0..40 {
            slow_clients.push(scene.send("GET / HTTP/1.1\r\nhost: loc").await);
        }
        assert_status(&scene.get("/metrics").await, 200);
        for mut client in slow_clients {
            let mut answer = Vec::new();
            // Time passes on its own while all wait: this ends or the test hangs.
            let _ = client.read_to_end(&mut answer).await;
        }
    });
}

#[test]
fn connections_that_ask_nothing_do_not_keep_the_page_away() {
    play(|scene| async move {
        scene.second(1);
        let mut idle = Vec::new();
        for _ in 0..200 {
            idle.push(scene.send("").await);
        }
        assert_status(&scene.get("/metrics").await, 200);
        for _ in 0..200 {
            idle.push(scene.send("GET / HTTP/1.1\r\n").await);
        }
        assert_status(&scene.get("/").await, 200);
    });
}

#[test]
fn one_peer_gets_its_share() {
    play(|scene| async move {
        scene.second(1);
        let mut streams = Vec::new();
        for _ in 0..listener::OF_THIS_COMPUTER {
            let request = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n";
            let mut stream = scene.send(request).await;
            stream.read_u8().await.unwrap();
            streams.push(stream);
        }
        let mut refused = String::new();
        let request = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n";
        // It is closed at once, or reset.
        let mut stream = TcpStream::connect(scene.address).await.unwrap();
        let _ = stream.write_all(request).await;
        let _ = stream.read_to_string(&mut refused).await;
        assert_eq!(refused, "");
    });
}

#[test]
fn drops_come_a_page_at_a_time_and_numbers_only_with_the_token() {
    let folder = tempfile::tempdir().unwrap();
    let synthetic = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let (from, to) = (synthetic.period.from, synthetic.period.to);
    let database = synthetic.import_into(folder.path());
    let config = Config {
        site: crate::config::Site { account: Some("ACC-4711".to_owned()), ..Default::default() },
        web: crate::config::WebConfig {
            token: Some(Secret::new("sesame".to_owned())),
            ..Default::default()
        },
        ..Config::default()
    };
    play_with(config, database, |scene| async move {
        let mut next = Some(format!("/api/drops?since={from}&until={to}&limit=7"));
        let (mut onsets, mut pages) = (Vec::new(), 0);
        while let Some(path) = next {
            let answer = scene.get(&path).await;
            assert_status(&answer, 200);
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            let drops: Vec<serde_json::Value> = serde_json::from_str(body).unwrap();
            assert!(drops.len() <= 7);
            let page = drops.iter().map(|drop| drop["onset"].as_str().unwrap().to_owned());
            onsets.splice(0..0, page);
            pages += 1;
            let link = head.lines().find_map(|line| line.strip_prefix("link: <"));
            next = link.map(|link| link.split_once('>').unwrap().0.to_owned());
        }
        let whole = scene.get(&format!("/api/drops?since={from}&until={to}")).await;
        let whole: Vec<serde_json::Value> =
            serde_json::from_str(whole.split_once("\r\n\r\n").unwrap().1).unwrap();
        assert_eq!(onsets.len(), whole.len());
        assert!(onsets.is_sorted() && pages == onsets.len().div_ceil(7), "{pages} {onsets:?}");

        let report = scene.get("/report/30d.json").await;
        assert_status(&report, 200);
        assert!(!report.contains("ACC-4711"));
        for (token, is_shown) in [("sesame", true), ("Sesame", false)] {
            let request = format!(
                "GET /report/30d.json HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n\
                 connection: close\r\n\r\n"
            );
            let mut answer = String::new();
            scene.send(&request).await.read_to_string(&mut answer).await.unwrap();
            assert_eq!(answer.contains("ACC-4711"), is_shown);
        }
    });
}

#[test]
fn a_connection_that_asks_nothing_more_is_closed() {
    play_leaping(|scene| async move {
        scene.second(1);
        let mut idle = scene.send("GET /icon.svg HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
        let mut answer = String::new();
        // It ends, or the test hangs: time leaps while all wait.
        let _ = idle.read_to_string(&mut answer).await;
        assert_status(&answer, 200);
        assert_eq!(answer.matches("HTTP/1.1").count(), 1, "{answer}");
    });
}

fn options(config: Config) -> PageOptions {
    let present = SharedPresent::new(Present::new(Duration::from_secs(1), RecentProbes::default()));
    PageOptions { config, database: "none.db".into(), present }
}

#[test]
fn a_port_in_use_is_reported_with_what_to_do() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = taken.local_addr().unwrap();
    let config = Config {
        web: crate::config::WebConfig { listen, ..Default::default() },
        ..Config::default()
    };
    let problem = start(options(config)).unwrap_err().to_string();
    assert!(problem.contains(&listen.to_string()) && problem.contains("[web]"), "{problem}");
}

#[test]
fn it_starts_and_stops_with_the_daemon() {
    let config = Config {
        web: crate::config::WebConfig {
            listen: "127.0.0.1:0".parse().unwrap(),
            ..Default::default()
        },
        ..Config::default()
    };
    let web = start(options(config)).unwrap();
    let listen = web.listen();
    assert!(std::net::TcpStream::connect(listen).is_ok());
    web.stop();
    assert!(std::net::TcpStream::connect(listen).is_err());
}
