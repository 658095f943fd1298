//! Channels in simulated time, over a real database.

use std::collections::VecDeque;
use std::sync::Mutex;

use super::*;
use crate::config::{AlertKind, Lang};
use crate::store::{Opening, Writer};
use crate::time::BootTime;

/// 2026-02-02T13:20:00Z.
const START_S: i64 = 1_770_038_400;

fn reading(s: i64) -> Reading {
    let boot_us = (5_000 + s) * 1_000_000;
    Reading {
        utc: Timestamp::from_seconds(START_S + s),
        boot: BootTime::from_micros(boot_us),
        monotonic_us: boot_us,
    }
}

/// What a receiver has seen: when, the name of the parcel, its event, its messages.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Arrived {
    pub(crate) s: i64,
    pub(crate) key: String,
    pub(crate) event: &'static str,
    pub(crate) messages: Vec<String>,
    pub(crate) title: String,
    pub(crate) text: String,
}

/// A receiver, and how it answers next; without more, it takes all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Receiver {
    pub(crate) arrived: Arc<Mutex<Vec<Arrived>>>,
    pub(crate) answers: Arc<Mutex<VecDeque<Result<(), DeliveryError>>>>,
    /// Parcels with this text in a key are refused.
    pub(crate) poison: Option<&'static str>,
}

impl Channel for Receiver {
    fn deliver(&mut self, parcel: &Parcel<'_>) -> Result<(), DeliveryError> {
        let keys: Vec<String> = parcel.messages.iter().map(|m| m.key.clone()).collect();
        let is_poison = |word: &str| keys.iter().any(|key| key.contains(word));
        let poisoned = self.poison.is_some_and(is_poison);
        self.arrived.lock().unwrap().push(Arrived {
            s: parcel.now.micros_since(Timestamp::from_seconds(START_S)).div_euclid(1_000_000),
            key: parcel.key.to_owned(),
            event: parcel.event(),
            messages: keys,
            title: parcel.title.clone(),
            text: parcel.text.clone(),
        });
        if poisoned {
            return Err(DeliveryError::refused("400 Bad Request"));
        }
        self.answers.lock().unwrap().pop_front().unwrap_or(Ok(()))
    }
}

impl Receiver {
    pub(crate) fn keys(&self) -> Vec<(i64, String)> {
        self.arrived.lock().unwrap().iter().map(|a| (a.s, a.key.clone())).collect()
    }
}

pub(crate) fn setup() -> ChannelSetup {
    let language = crate::language::of(Lang::En);
    ChannelSetup { language, zone: jiff::tz::TimeZone::UTC, picture: None, document: None }
}

pub(crate) fn worker_for(alert: &AlertConfig, database: &std::path::Path, to: &Receiver) -> Worker {
    let to = to.clone();
    let make = Box::new(move || Ok(Box::new(to.clone()) as Box<dyn Channel>));
    let origin = Arc::new(MessageOrigin::default());
    let mut worker = Worker::new(alert.clone(), setup(), origin, Outbox::new(database), make);
    worker.random = fastrand::Rng::with_seed(7);
    worker
}

/// A channel, its record and its receiver.
struct Post {
    directory: tempfile::TempDir,
    writer: Writer,
    worker: Worker,
    alert: AlertConfig,
    receiver: Receiver,
    line: LineView,
    s: i64,
    next: Option<BootTime>,
}

fn up_since(s: i64) -> LineView {
    LineView { up_since: Some(reading(s).boot) }
}

const DOWN: LineView = LineView { up_since: None };

impl Post {
    fn new(alert: AlertConfig) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("linkmon.db");
        let opening =
            Opening { path: &path, runtime_dir: Some(directory.path()), version: "0.0.0-test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        writer.begin_run(reading(0), None).unwrap();
        Outbox::new(&path).begin(alert.name()).unwrap();
        let receiver = Receiver::default();
        let worker = worker_for(&alert, &path, &receiver);
        let line = up_since(-100);
        Self { directory, writer, worker, alert, receiver, line, s: 0, next: None }
    }

    fn webhook() -> Self {
        Self::new(AlertConfig::of(AlertKind::Webhook))
    }

    /// The daemon is killed and started again.
    fn restart(&mut self) {
        let path = self.directory.path().join("linkmon.db");
        self.worker = worker_for(&self.alert, &path, &self.receiver);
        self.next = None;
    }

    fn put(&mut self, message: Message) {
        self.writer.put_message(&StoredMessage { id: 0, of_us: None, message });
        self.writer.flush(reading(self.s)).unwrap();
        self.next = Some(reading(self.s).boot);
    }

    /// A message about the drop of second `onset`; over at `end`.
    fn drop(&mut self, event: MessageEvent, onset: i64, end: Option<i64>) {
        let seconds = end.map(|end| f64::from(u32::try_from(end - onset).unwrap()));
        let thread = format!("drop-{onset}");
        self.put(Message {
            onset: Some(reading(onset).utc),
            end: end.map(|end| reading(end).utc),
            min_s: seconds,
            max_s: seconds,
            place: Some("modem|access".to_owned()),
            thread: thread.clone(),
            ..Message::new(format!("{thread}-{event}"), event, reading(self.s).utc)
        });
    }

    fn line(&mut self, line: LineView) {
        self.line = line;
        self.next = Some(reading(self.s).boot);
    }

    /// Until second `s`, as its thread would: only when it asked to, or was woken.
    fn until(&mut self, s: i64) {
        while self.s <= s {
            let now = reading(self.s);
            let mut turns = 0;
            while self.next.is_some_and(|at| at <= now.boot) {
                self.next = self.worker.step(self.line, &|| now);
                turns += 1;
                assert!(turns < 100, "it goes round and round");
            }
            self.s += 1;
        }
        self.s = s;
    }

    fn progress(&self) -> ChannelProgress {
        let path = self.directory.path().join("linkmon.db");
        Outbox::new(&path).begin(self.alert.name()).unwrap()
    }
}

#[test]
fn a_drop_is_told_when_it_has_lasted_long_enough_and_when_the_link_is_back_to_stay() {
    let mut post = Post::new(AlertConfig::of(AlertKind::Command));
    post.s = 6;
    post.line(DOWN);
    post.drop(MessageEvent::Down, 0, None);
    post.until(100);
    post.line(up_since(100));
    post.drop(MessageEvent::Back, 0, Some(98));
    post.until(200);
    assert_eq!(
        post.receiver.keys(),
        [(15, "drop-0-down".to_owned()), (130, "drop-0-back".to_owned())]
    );
    let arrived = post.receiver.arrived.lock().unwrap().clone();
    assert_eq!(arrived[1].title, "Link back: it was down for 1 min 38 s");
    assert!(arrived[1].text.starts_with("2026-02-02 13:20:00 +00:00 to"), "{}", arrived[1].text);
    assert!(arrived.iter().all(|a| !a.text.contains("waited")), "{arrived:?}");
}

#[test]
fn while_the_line_is_down_nothing_is_tried_and_then_one_message_tells_it_all() {
    let mut post = Post::webhook();
    post.line(DOWN);
    for n in 0..7 {
        post.until(6 + n * 100);
        post.drop(MessageEvent::Down, n * 100, None);
        post.until(60 + n * 100);
        post.drop(MessageEvent::Back, n * 100, Some(50 + n * 100));
    }
    post.until(900);
    assert_eq!(post.receiver.keys(), []);
    post.line(up_since(900));
    post.until(1_000);
    let arrived = post.receiver.arrived.lock().unwrap().clone();
    assert_eq!(arrived.len(), 1);
    assert_eq!(
        (arrived[0].key.as_str(), arrived[0].event),
        ("meanwhile-drop-600-back", "meanwhile")
    );
    assert_eq!(arrived[0].messages.len(), 7);
    assert!((930..=934).contains(&arrived[0].s), "{}", arrived[0].s);
    assert_eq!(arrived[0].title, "While you were offline: 7 drops");
    assert!(arrived[0].text.ends_with("This message waited 14 min 30 s."), "{}", arrived[0].text);
}

#[test]
fn a_short_drop_is_not_told() {
    let mut post = Post::webhook();
    post.until(6);
    post.drop(MessageEvent::Down, 0, None);
    post.until(12);
    post.drop(MessageEvent::Back, 0, Some(10));
    post.until(100);
    assert_eq!(post.receiver.keys(), []);
    assert_eq!(post.progress().settled, 2);
}

#[test]
fn a_kill_between_delivery_and_its_note_sends_the_same_again_under_the_same_name() {
    let mut post = Post::webhook();
    post.line(DOWN);
    for n in [0, 100] {
        post.drop(MessageEvent::Back, n, Some(n + 60));
    }
    post.until(300);
    let later = || Err(DeliveryError::later("cut after the last byte"));
    post.receiver.answers.lock().unwrap().push_back(later());
    post.line(up_since(300));
    post.until(334);
    assert_eq!(post.receiver.keys().len(), 1);
    post.restart();
    // What comes now is not put into a parcel that has its name already.
    post.drop(MessageEvent::Back, 310, Some(330));
    post.line(up_since(300));
    post.until(600);
    let arrived = post.receiver.arrived.lock().unwrap().clone();
    let [first, again, next] = &arrived[..] else { panic!("{arrived:?}") };
    assert_eq!((&first.key, &first.messages), (&again.key, &again.messages));
    assert_eq!((next.key.as_str(), next.event), ("drop-310-back", "back"));
}

#[test]
fn failures_are_tried_again_ever_more_seldom_and_the_receiver_may_say_when() {
    let mut post = Post::webhook();
    let fails = |after: Option<u64>| {
        let after = after.map(Duration::from_secs);
        Err(DeliveryError::Later { why: "503".to_owned(), after })
    };
    let answers = [fails(None), fails(None), fails(None), fails(Some(500))];
    post.receiver.answers.lock().unwrap().extend(answers);
    post.put(Message::new("disk-1", MessageEvent::Disk, reading(0).utc));
    post.until(1_000);
    let times: Vec<i64> = post.receiver.keys().iter().map(|(s, _)| *s).collect();
    let gaps: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    for (gap, usual) in gaps.iter().zip([5, 10, 20, 500]) {
        assert!((usual * 8 / 10..=usual * 12 / 10 + 1).contains(gap), "{gaps:?}");
    }
    assert_eq!(times.len(), 5);
    let progress = post.progress();
    assert_eq!((progress.counts.delivered, progress.counts.failed), (1, 4));
    assert_eq!(progress.trouble, None);
}

#[test]
fn a_message_that_is_refused_is_set_aside_and_keeps_no_other() {
    let mut post = Post::webhook();
    post.receiver.poison = Some("disk");
    post.restart();
    post.line(DOWN);
    post.drop(MessageEvent::Back, 0, Some(60));
    post.put(Message::new("disk-1", MessageEvent::Disk, reading(0).utc));
    post.drop(MessageEvent::Back, 100, Some(160));
    post.until(300);
    post.line(up_since(300));
    post.until(700);
    let keys: Vec<String> = post.receiver.keys().into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, ["meanwhile-disk-1", "drop-0-back", "disk-1", "drop-100-back"]);
    let progress = post.progress();
    assert_eq!((progress.counts.delivered, progress.counts.set_aside), (2, 1));
    assert_eq!(progress.aside[0].key, "disk-1");
    let status = post.worker.news().unwrap();
    assert_eq!((status.waiting, status.refused.as_deref()), (0, Some("400 Bad Request")));
}

#[test]
fn what_waited_too_long_is_not_sent() {
    let mut post = Post::new(AlertConfig {
        expire: Duration::from_secs(600),
        ..AlertConfig::of(AlertKind::Webhook)
    });
    post.line(DOWN);
    post.drop(MessageEvent::Back, 0, Some(60));
    post.until(500);
    post.drop(MessageEvent::Back, 400, Some(450));
    post.until(700);
    post.line(up_since(700));
    post.until(800);
    let keys: Vec<String> = post.receiver.keys().into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, ["drop-400-back"]);
    assert_eq!(post.progress().counts.expired, 1);
}

#[test]
fn a_new_drop_while_back_is_held_back_goes_out_with_it() {
    let mut post = Post::new(AlertConfig::of(AlertKind::Command));
    post.until(10);
    post.drop(MessageEvent::Down, 0, None);
    post.until(60);
    post.drop(MessageEvent::Back, 0, Some(58));
    post.line(up_since(60));
    post.until(75);
    post.line(DOWN);
    post.drop(MessageEvent::Down, 70, None);
    post.until(200);
    let arrived = post.receiver.arrived.lock().unwrap().clone();
    let keys: Vec<(i64, &str)> = arrived.iter().map(|a| (a.s, a.key.as_str())).collect();
    assert_eq!(keys, [(15, "drop-0-down"), (85, "meanwhile-drop-70-down")]);
    assert_eq!(arrived[1].messages, ["drop-0-back", "drop-70-down"]);
}

#[test]
fn a_correction_of_what_was_not_told_is_told_as_the_end() {
    let mut post = Post::webhook();
    post.line(up_since(60));
    post.until(65);
    post.drop(MessageEvent::Back, 0, Some(60));
    post.until(70);
    post.drop(MessageEvent::Corrected, 0, Some(40));
    post.until(200);
    post.drop(MessageEvent::Withdrawn, 0, None);
    post.until(300);
    let arrived = post.receiver.arrived.lock().unwrap().clone();
    let told: Vec<(&str, &str)> = arrived.iter().map(|a| (a.key.as_str(), a.event)).collect();
    assert_eq!(told, [("drop-0-back", "back"), ("drop-0-withdrawn", "withdrawn")]);
    assert_eq!(arrived[0].title, "Link back: it was down for 40 s");
}

#[test]
fn filters_are_by_place_and_what_was_told_is_told_to_its_end() {
    let mut post = Post::new(AlertConfig {
        places: vec![crate::vocabulary::Place::Access],
        least: Duration::ZERO,
        hold_back: Duration::ZERO,
        ..AlertConfig::of(AlertKind::Command)
    });
    post.drop(MessageEvent::Down, 0, None);
    post.until(20);
    let elsewhere = |key: &str, event| Message {
        place: Some("lan".to_owned()),
        thread: "drop-0".to_owned(),
        min_s: Some(20.0),
        max_s: Some(20.0),
        onset: Some(reading(0).utc),
        end: Some(reading(20).utc),
        ..Message::new(key, event, reading(20).utc)
    };
    post.put(elsewhere("drop-0-back", MessageEvent::Back));
    post.put(Message {
        thread: "drop-30".to_owned(),
        ..elsewhere("drop-30-back", MessageEvent::Back)
    });
    post.until(100);
    let keys: Vec<String> = post.receiver.keys().into_iter().map(|(_, key)| key).collect();
    assert_eq!(keys, ["drop-0-down", "drop-0-back"]);
}

#[test]
fn deliveries_keep_their_distance() {
    let mut post = Post::new(AlertConfig {
        distance: Duration::from_secs(600),
        ..AlertConfig::of(AlertKind::Command)
    });
    for n in 0..12 {
        post.until(n * 100);
        post.put(Message::new(format!("disk-{n}"), MessageEvent::Disk, reading(post.s).utc));
    }
    post.until(2_000);
    let times: Vec<i64> = post.receiver.keys().iter().map(|(s, _)| *s).collect();
    assert_eq!(times, [0, 600, 1_200]);
}

#[test]
fn a_step_of_the_clock_neither_delays_nor_hurries_a_message() {
    for by in [-7_200, 7_200] {
        let mut post = Post::new(AlertConfig::of(AlertKind::Command));
        post.until(6);
        post.drop(MessageEvent::Down, 0, None);
        let mut told = None;
        for s in 6..40 {
            let mut now = reading(s);
            now.utc = now.utc.plus_micros(by * 1_000_000);
            post.worker.step(DOWN, &|| now);
            if told.is_none() && !post.receiver.keys().is_empty() {
                told = Some(s);
            }
        }
        assert_eq!(told, Some(15), "{by}");
    }
}

/// A channel beside a simulated daemon.
pub(crate) struct FakePost {
    worker: Worker,
    pub(crate) receiver: Receiver,
    line: LineView,
}

impl FakePost {
    pub(crate) fn new(alert: &AlertConfig, database: &std::path::Path, to: &Receiver) -> Self {
        Outbox::new(database).begin(alert.name()).unwrap();
        let worker = worker_for(alert, database, to);
        Self { worker, receiver: to.clone(), line: LineView::default() }
    }

    /// A second has passed: it does all that is due.
    pub(crate) fn second(&mut self, status: &crate::live::Status, now: Reading) {
        self.line = self.line.next(status, &now);
        while self.worker.step(self.line, &|| now).is_some_and(|at| at <= now.boot) {}
    }
}
