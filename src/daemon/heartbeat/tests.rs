use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use super::*;
use crate::live::{Present, RecentProbes, TargetStatus};
use crate::vocabulary::{Health, Kind, Role, Secret};

const START: Timestamp = Timestamp::from_seconds(1_800_000_000);

fn at(s: i64) -> Reading {
    let us = s * 1_000_000;
    Reading { utc: START.plus_micros(us), boot: BootTime::from_micros(us), monotonic_us: us }
}

/// A monitor on loopback that answers what it is told to, and counts.
struct Monitor {
    url: String,
    asked: Arc<AtomicUsize>,
    answer: Arc<Mutex<&'static str>>,
    head: Arc<Mutex<String>>,
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK";

fn monitor() -> Monitor {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/ping/3f0c8f4e", listener.local_addr().unwrap());
    let (asked, answer) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(TAKEN)));
    let head = Arc::new(Mutex::new(String::new()));
    let (count, say, seen) = (Arc::clone(&asked), Arc::clone(&answer), Arc::clone(&head));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut buffer = [0; 2_048];
            let n = stream.read(&mut buffer).unwrap_or(0);
            count.fetch_add(1, Ordering::SeqCst);
            *seen.lock().unwrap() = String::from_utf8_lossy(&buffer[..n]).into_owned();
            let _ = stream.write_all(say.lock().unwrap().as_bytes());
        }
    });
    Monitor { url, asked, answer, head }
}

struct Life {
    heartbeat: Heartbeat,
    present: SharedPresent,
    monitor: Monitor,
}

impl Life {
    fn new() -> Self {
        let monitor = monitor();
        let mut config = Config::default();
        config.heartbeat.url = Some(Secret::new(monitor.url.clone()));
        let present = Present::new(Duration::from_secs(3), RecentProbes::default());
        let present = SharedPresent::new(present);
        let heartbeat = Heartbeat::new(&config, present.clone());
        Self { heartbeat, present, monitor }
    }

    /// These seconds with this status, stored up to `stored`; what is announced, and how often the
    /// monitor was asked.
    fn live(
        &mut self,
        seconds: std::ops::Range<i64>,
        change: impl Fn(&mut Status),
    ) -> (Vec<Event>, usize) {
        let before = self.monitor.asked.load(Ordering::SeqCst);
        let mut events = Vec::new();
        for s in seconds {
            let mut status = Status { state: LinkState::Up, ..Status::of_start(at(s).utc) };
            status.targets = vec![target(60)];
            status.storage = Health { last_commit: Some(at(s - 30).utc), ..Health::default() };
            change(&mut status);
            self.present.lock().on_second(Arc::new(status), at(s).boot);
            events.extend(self.heartbeat.second(at(s)));
            self.heartbeat.chore.wait();
        }
        (events, self.monitor.asked.load(Ordering::SeqCst) - before)
    }

    fn status(&self) -> HeartbeatStatus {
        self.present.lock().heartbeat().cloned().unwrap()
    }
}

fn target(sent: u32) -> TargetStatus {
    TargetStatus {
        name: "anchor".to_owned(),
        role: Role::Anchor,
        kind: Kind::Icmp,
        address: "192.0.2.1".to_owned(),
        decides: true,
        standing: None,
        sent,
        lost: 0,
        not_sent: 0,
        rtt_ms: None,
        last_reply: None,
        trouble: None,
    }
}

#[test]
fn a_sign_of_life_is_sent_at_intervals_and_holds_nothing_of_the_place() {
    let mut life = Life::new();
    let (events, asked) = life.live(0..3_600, |_| {});
    assert_eq!(events, [Event::HeartbeatWorks], "once");
    assert!((12..=14).contains(&asked), "each 4.5 to 5 min: {asked}");
    let status = life.status();
    assert!(status.last.is_some_and(|last| last >= at(3_290).utc) && status.trouble.is_none());
    let head = life.monitor.head.lock().unwrap().clone();
    let version = concat!("user-agent: linkmon/", env!("CARGO_PKG_VERSION"));
    assert!(
        head.starts_with("GET /ping/3f0c8f4e HTTP/1.1\r\n") && head.contains(version),
        "{head}"
    );
    assert_eq!(head.lines().filter(|line| line.contains(':')).count(), 4, "{head}");
}

#[test]
fn none_is_sent_while_nothing_is_stored_or_nothing_goes_out() {
    type Change = fn(&mut Status);
    let mut life = Life::new();
    let hour = 0..3_600;
    let changes: [Change; 5] = [
        |status| status.storage_trouble = Some("the disk is full".to_owned()),
        |status| status.storage.last_commit = None,
        |status| status.storage.last_commit = Some(at(-3_000).utc),
        |status| status.targets = vec![target(0)],
        |status| status.targets.clear(),
    ];
    for change in changes {
        // As old as it is, whatever the second.
        let (events, asked) = life.live(hour.clone(), change);
        assert_eq!((events, asked), (Vec::new(), 0));
    }
    assert_eq!(life.live(3_600..3_602, |_| {}).1, 1, "at once when it works again");
}

#[test]
fn while_the_link_is_down_none_is_tried_and_the_first_comes_soon_after() {
    let mut life = Life::new();
    life.live(0..600, |_| {});
    let down = |status: &mut Status| status.state = LinkState::Down;
    assert_eq!(life.live(600..20_000, down), (Vec::new(), 0));
    assert_eq!(life.live(20_000..20_031, |_| {}), (Vec::new(), 1));
}

#[test]
fn a_monitor_that_fails_is_told_once_and_asked_ever_less_often() {
    let mut life = Life::new();
    life.live(0..600, |_| {});
    *life.monitor.answer.lock().unwrap() = "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n";
    let (events, asked) = life.live(600..7_800, |_| {});
    let [Event::HeartbeatFails(why)] = events.as_slice() else { panic!("{events:?}") };
    assert!(why.ends_with("answered with status 500") && !why.contains("3f0c8f4e"), "{why}");
    assert!((24..=30).contains(&asked), "two hours: {asked}");
    assert_eq!(life.status().trouble.as_deref(), Some(why.as_str()));
    *life.monitor.answer.lock().unwrap() = TAKEN;
    assert_eq!(life.live(7_800..8_200, |_| {}).0, [Event::HeartbeatWorks]);
    assert_eq!(life.status().trouble, None);
}

#[test]
fn a_single_failure_and_one_of_the_line_are_no_news() {
    let mut life = Life::new();
    *life.monitor.answer.lock().unwrap() = "";
    let (events, asked) = life.live(0..15, |_| {});
    assert_eq!((events, asked), (Vec::new(), 1));
    assert!(life.status().trouble.is_some());
    *life.monitor.answer.lock().unwrap() = TAKEN;
    assert_eq!(life.live(15..120, |_| {}).0, [Event::HeartbeatWorks]);
}

#[test]
fn a_monitor_that_does_not_know_the_url_has_not_taken_it() {
    let life = Life::new();
    *life.monitor.answer.lock().unwrap() =
        "HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\nOK (not found)";
    let error = send(&life.monitor.url.parse().unwrap()).unwrap_err();
    assert!(error.to_string().ends_with("answered \"OK (not found)\""), "{error}");
    let nobody = send(&"http://127.0.0.1:1/ping/3f0c8f4e".parse().unwrap()).unwrap_err();
    assert!(!nobody.to_string().contains("3f0c8f4e"), "{nobody}");
}
