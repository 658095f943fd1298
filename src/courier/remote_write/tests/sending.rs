//! The cursor: whatever fails, the receiver ends with the same.

use std::sync::OnceLock;

use proptest::prelude::*;

use super::super::record::BatchLimits;
use super::receiver::{FakeReceiver, ReceiverKind, RequestFault};
use super::*;
use crate::live::{HoldReason, WriteNews, WriteState};

/// The record of the story, made once: a copy of it, and what is sent of it without failures.
fn story() -> &'static (tempfile::TempDir, PathBuf, Received) {
    static STORY_RECORD: OnceLock<(tempfile::TempDir, PathBuf, Received)> = OnceLock::new();
    STORY_RECORD.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let database = recorded(folder.path(), STORY, Durability::Simulated);
        let of = copy(&database, folder.path(), "whole.db");
        let sent = sent_of(&settings(&of));
        (folder, database, sent)
    })
}

fn copy(database: &Path, to: &Path, name: &str) -> PathBuf {
    let copy = to.join(name);
    std::fs::copy(database, &copy).unwrap();
    let log = |path: &Path| PathBuf::from(format!("{}-wal", path.display()));
    if log(database).exists() {
        std::fs::copy(log(database), log(&copy)).unwrap();
    }
    copy
}

fn fresh(to: &Path) -> SenderSettings {
    settings(&copy(&story().1, to, "linkmon.db"))
}

/// How a difference reads.
fn difference(found: &Received, wanted: &Received) -> Option<String> {
    for (key, series) in wanted {
        let Some(has) = found.get(key) else { return Some(format!("{key} is missing")) };
        if has != series {
            let lacks = series.keys().filter(|at| !has.contains_key(at)).count();
            let more = has.keys().filter(|at| !series.contains_key(at)).count();
            return Some(format!("{key}: lacks {lacks}, has {more} more, of {}", series.len()));
        }
    }
    found.keys().find(|key| !wanted.contains_key(*key)).map(|key| format!("{key} is one more"))
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Turn(RequestFault),
    /// This side is killed and starts again.
    Restart,
    Sleep(i64),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let fault = prop_oneof![
        8 => Just(RequestFault::None),
        1 => Just(RequestFault::NotReached),
        2 => Just(RequestFault::NoAnswer),
        1 => Just(RequestFault::Fails),
        2 => Just(RequestFault::Killed),
        1 => Just(RequestFault::TooMany),
    ];
    let step = prop_oneof![
        8 => fault.prop_map(Step::Turn),
        1 => Just(Step::Restart),
        1 => (0_i64..30).prop_map(Step::Sleep),
    ];
    prop::collection::vec(step, 0..60)
}

/// Plays the steps, then lets it end in peace.
fn play(
    settings: &SenderSettings,
    limits: BatchLimits,
    kind: ReceiverKind,
    steps: &[Step],
) -> FakeReceiver {
    let utc = later(&settings.database);
    let mut receiver = FakeReceiver::new(kind);
    let new = || RecordSender::new(settings.clone()).limited_to(limits);
    let mut sender = new();
    let mut now_s = 0;
    for step in steps {
        match step {
            Step::Turn(fault) => {
                // Whatever pause there is, it is over.
                now_s += 1;
                sender.end_pause();
                sender.turn(at(utc, now_s), &mut |m| receiver.post(m, *fault, now_s));
            }
            Step::Restart => sender = new(),
            Step::Sleep(seconds) => now_s += seconds,
        }
    }
    for _ in 0..10_000 {
        now_s += 1;
        sender.end_pause();
        let turn =
            sender.turn(at(utc, now_s), &mut |m| receiver.post(m, RequestFault::None, now_s));
        if turn == SendTurn::Rests && sender.status().state == WriteState::Sending {
            return receiver;
        }
        assert_ne!(sender.status().state, WriteState::Held, "{:?}", sender.status());
    }
    panic!("it never ends: {:?}", sender.status());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(5))]

    #[test]
    fn whatever_batches_and_kills_the_receiver_ends_with_the_same(
        (minutes, samples) in prop_oneof![
            (1_i64..=4, 1_usize..500),
            (4_i64..=60, 1_000_usize..6_000),
        ],
        kind in prop_oneof![
            Just(ReceiverKind::Ordered),
            Just(ReceiverKind::Windowed(86_400_000)),
            Just(ReceiverKind::Piecewise),
            Just(ReceiverKind::Lazy),
        ],
        mut steps in steps(),
    ) {
        // Only one that is lazy loses what it has taken.
        if kind != ReceiverKind::Lazy {
            for step in &mut steps {
                if let Step::Turn(fault @ RequestFault::Killed) = step {
                    *fault = RequestFault::NoAnswer;
                }
            }
        }
        // Of a receiver and this side that are killed both before they have spoken again, nobody knows
        // what was lost.
        let folder = tempfile::tempdir().unwrap();
        let settings = fresh(folder.path());
        let receiver = play(&settings, BatchLimits { minutes, samples }, kind, &steps);
        let found = difference(&receiver.end(), &story().2);
        prop_assert!(found.is_none(), "{}", found.unwrap_or_default());
    }
}

#[test]
fn a_receiver_whose_head_is_far_ahead_is_held_and_nothing_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fresh(folder.path());
    let utc = later(&settings.database);
    let mut receiver = FakeReceiver::new(ReceiverKind::Ordered);
    receiver.head = at(utc, 0).utc.as_millis();
    let mut sender = RecordSender::new(settings.clone());
    let mut news = Vec::new();
    for s in 0..86_400 {
        sender.turn(at(utc, s), &mut |m| receiver.post(m, RequestFault::None, s));
        news.extend(sender.take_news());
    }
    assert!(
        matches!(news.as_slice(), [WriteNews::Held(HoldReason::TooOld, said)] if said == "400: out of bounds"),
        "{news:?}"
    );
    let status = sender.status().clone();
    assert_eq!(
        (status.state, status.held, status.sent, status.skipped),
        (WriteState::Held, Some(HoldReason::TooOld), 0, 0)
    );
    assert!(
        (120..180).contains(&receiver.requests),
        "about every ten minutes: {}",
        receiver.requests
    );
    assert!(receiver.has.is_empty());

    // The window is set.
    receiver.kind = ReceiverKind::Windowed(7 * 86_400_000);
    sender.end_pause();
    while sender.turn(at(utc, 86_400), &mut |m| receiver.post(m, RequestFault::None, 86_400))
        == SendTurn::GoesOn
    {}
    assert_eq!(sender.take_news(), [WriteNews::Works]);
    assert_eq!(difference(&receiver.end(), &story().2), None);
}

#[test]
fn a_window_that_is_too_short_is_told_from_a_failure_of_the_server() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fresh(folder.path());
    let utc = later(&settings.database);
    let mut sender = RecordSender::new(settings.clone());
    // Prometheus 2.42 says it with status 500.
    sender.turn(at(utc, 0), &mut |_| WriteAnswer::Status {
        status: 500,
        body: "too old sample".to_owned(),
        retry_after: None,
    });
    assert_eq!(sender.status().held, Some(HoldReason::TooOld));
}

#[test]
fn what_is_skipped_is_counted_said_once_and_not_more_than_what_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let settings = SenderSettings { on_too_old: OnTooOld::Skip, ..fresh(folder.path()) };
    let utc = later(&settings.database);
    let extent = extent(&settings.database);
    let mut receiver = FakeReceiver::new(ReceiverKind::Ordered);
    // All before the middle of the record is too old.
    let middle = extent.from.as_millis().midpoint(extent.to.as_millis());
    receiver.head = middle + 3_600_000;
    let mut sender = RecordSender::new(settings.clone());
    for s in 0..400 {
        sender.end_pause();
        sender.turn(at(utc, s), &mut |m| receiver.post(m, RequestFault::None, s));
    }
    let news = sender.take_news();
    assert!(matches!(news.as_slice(), [WriteNews::Skips(_), WriteNews::Works]), "{news:?}");
    let whole: usize = story().2.values().map(BTreeMap::len).sum();
    let status = sender.status().clone();
    let found: usize = receiver.has.values().map(BTreeMap::len).sum();
    assert_eq!(usize::try_from(status.skipped + status.sent).unwrap(), whole);
    assert_eq!(usize::try_from(status.sent).unwrap(), found);
    let first =
        receiver.has.values().filter_map(BTreeMap::first_key_value).map(|(at, _)| *at).min();
    assert!((middle..middle + 660_000).contains(&first.unwrap()), "{first:?} {middle}");
    // Counters have what was skipped, too; the record remembers how much it was.
    let mut again = RecordSender::new(settings.clone());
    for s in 400..500 {
        again.turn(at(utc, s), &mut |m| receiver.post(m, RequestFault::None, s));
    }
    assert_eq!(again.status().skipped, status.skipped);
}

#[test]
fn one_that_refuses_is_told_once_and_asked_less_and_less_often() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fresh(folder.path());
    let utc = later(&settings.database);
    for status in [301, 400, 401, 404, 413] {
        let mut sender = RecordSender::new(settings.clone());
        let (mut news, mut requests) = (Vec::new(), 0);
        for s in 0..3_600 {
            sender.turn(at(utc, s), &mut |_| {
                requests += 1;
                WriteAnswer::Status { status, body: String::new(), retry_after: None }
            });
            news.extend(sender.take_news());
        }
        assert!(matches!(news.as_slice(), [WriteNews::Held(HoldReason::Refused, _)]), "{news:?}");
        assert!((12..45).contains(&requests), "{status}: {requests}");
    }
    // Nothing was taken: another start begins where the record does.
    assert_eq!(difference(&sent_of(&settings), &story().2), None);
}

#[test]
fn one_that_cannot_take_much_at_once_gets_less() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fresh(folder.path());
    let utc = later(&settings.database);
    let mut receiver = FakeReceiver::new(ReceiverKind::Ordered);
    let mut sender = RecordSender::new(settings.clone());
    let mut largest = 0;
    for s in 0..2_000 {
        sender.turn(at(utc, s), &mut |m| {
            if m.body.len() > 20_000 {
                return WriteAnswer::Status { status: 413, body: String::new(), retry_after: None };
            }
            largest = largest.max(m.body.len());
            receiver.post(m, RequestFault::None, s)
        });
    }
    assert!(largest > 5_000, "{largest}");
    assert_eq!(difference(&receiver.end(), &story().2), None);
}

#[test]
fn what_may_still_change_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fresh(folder.path());
    let extent = extent(&settings.database);
    let mut receiver = FakeReceiver::new(ReceiverKind::Ordered);
    let mut sender = RecordSender::new(settings.clone());
    let mut times = Vec::new();
    for s in (0..5_400).step_by(10) {
        let now = extent.from + Duration::from_secs(s);
        let us = i64::try_from(s).unwrap() * 1_000_000;
        let now = Reading { utc: now, boot: BootTime::from_micros(us), monotonic_us: us };
        while sender.turn(now, &mut |m| receiver.post(m, RequestFault::None, 0)) == SendTurn::GoesOn
        {
        }
        let newest = receiver.head;
        if newest > i64::MIN {
            times.push(now.utc.as_millis() - newest);
        }
    }
    let least = times.iter().min().unwrap();
    assert!((150_000..170_000).contains(least), "two and a half minutes: {least}");
    assert_eq!(difference(&receiver.end(), &story().2), None);
}

#[test]
fn another_beginning_sends_anew_from_there_and_another_name_is_another_receiver() {
    let folder = tempfile::tempdir().unwrap();
    let settings = fresh(folder.path());
    assert_eq!(difference(&sent_of(&settings), &story().2), None);
    // What was taken within ten seconds is sent again, the same.
    assert_eq!(difference(&sent_of(&settings), &story().2), None);
    let extent = extent(&settings.database);
    let first = extent.from + Duration::from_secs(1_800);
    let from = "later".to_owned();
    let from_there = SenderSettings { from, first: Some(first), ..settings.clone() };
    let received = sent_of(&from_there);
    let earliest = received.values().filter_map(BTreeMap::first_key_value).map(|(at, _)| *at).min();
    assert!((0..60_000 + 1_000).contains(&(first.as_millis() - earliest.unwrap())));
    let other = SenderSettings { name: "other".to_owned(), ..settings };
    assert_eq!(difference(&sent_of(&other), &story().2), None);
}
