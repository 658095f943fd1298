//! Simulated hours of readings and drops.

use std::sync::Mutex;

use super::*;
use crate::modem::session::{FetchTime, ReadFailure};
use crate::vocabulary::{DropKind, LogClass, LogStamp, ModemSnapshot};

const START_S: i64 = 1_800_000_000;

fn at(s: i64) -> Reading {
    let us = s * 1_000_000;
    let utc = Timestamp::from_micros(START_S * 1_000_000 + us);
    Reading { utc, boot: BootTime::from_micros(us), monotonic_us: us }
}

fn drop(from: i64, to: Option<i64>) -> LinkDrop {
    let edge = |s: i64| Bounds { earliest: at(s).utc, latest: at(s + 1).utc };
    let onset = edge(from);
    let length = Duration::from_secs(to.map_or(5, |to| u64::try_from(to - from).unwrap()));
    let bare = LinkDrop::bare(onset, to.map(edge), [length; 2]);
    LinkDrop { key: onset.earliest, ..bare }
}

/// What a simulated modem does when it is read.
type Behaves = fn(i64) -> Result<(), ModemSilenceKind>;

/// Hours in which a modem is read that takes 20 s. A drop is known 5 s after its onset, and its end 3 s
/// after that.
struct Hours {
    schedule: ModemSchedule,
    drops: Vec<(i64, i64)>,
    /// Drops that a reading makes: this long after its beginning.
    harm_after: Option<i64>,
    behaves: Behaves,
    /// Begin and cause of readings.
    read: Vec<(i64, ModemReadCause)>,
    events: Vec<Event>,
}

impl Hours {
    fn new(drops: &[(i64, i64)], behaves: Behaves) -> Self {
        let schedule = ModemSchedule::new(Duration::from_secs(900), true);
        let (read, events) = (Vec::new(), Vec::new());
        Self { schedule, drops: drops.to_vec(), harm_after: None, behaves, read, events }
    }

    fn run(&mut self, seconds: i64) -> &mut Self {
        let mut until = None;
        for s in 0..seconds {
            let now = at(s);
            let mut stops = Vec::new();
            for (from, to) in self.drops.clone() {
                if s == from + 5 {
                    stops.extend(self.schedule.on_drop(&drop(from, None), &now));
                }
                if s == to + 3 {
                    stops.extend(self.schedule.on_drop(&drop(from, Some(to)), &now));
                }
            }
            let stopped = stops.into_iter().map(|stop| Event::ModemStopped(stop.test));
            self.events.extend(stopped);
            if until == Some(s) {
                until = None;
                let (began, cause) = *self.read.last().unwrap();
                let mut account = account(began, cause, (self.behaves)(began));
                self.events.extend(self.schedule.on_reading(&now, &mut account));
            }
            if let Some(question) = self.schedule.due(&now) {
                assert_eq!(until, None, "two readings at once");
                self.read.push((s, question.cause));
                until = Some(s + 20);
                if let Some(after) = self.harm_after {
                    self.drops.push((s + after, s + after + 60));
                }
            }
        }
        self
    }

    fn of(&self, cause: ModemReadCause) -> Vec<i64> {
        self.read.iter().filter(|(_, of)| *of == cause).map(|(s, _)| *s).collect()
    }
}

fn account(s: i64, cause: ModemReadCause, said: Result<(), ModemSilenceKind>) -> ModemAccount {
    let words = match said {
        Ok(()) => ModemWords::Said(Box::default()),
        Err(kind) => ModemWords::Silent(ModemSilence { kind, text: kind.to_string() }),
    };
    ModemAccount {
        at: at(s).utc,
        took: Duration::from_secs(20),
        cause,
        kind: None,
        clock_fetched: None,
        uptime_fetched: None,
        words,
    }
}

#[test]
fn it_is_read_each_quarter_of_an_hour() {
    let mut hours = Hours::new(&[], |_| Ok(()));
    hours.run(3 * 3_600);
    assert_eq!(hours.read[0], (30, ModemReadCause::Scheduled));
    assert!(hours.read.windows(2).all(|pair| pair[1].0 - pair[0].0 == 920), "{:?}", hours.read);
    assert_eq!(hours.read.len(), 12);
}

#[test]
fn a_drop_is_read_when_it_is_confirmed_and_60_to_90_s_after_its_end() {
    let mut hours = Hours::new(&[(5_000, 5_080), (9_000, 9_400)], |_| Ok(()));
    hours.run(4 * 3_600);
    assert_eq!(hours.of(ModemReadCause::Drop), [5_005, 9_005]);
    let after = hours.of(ModemReadCause::After);
    assert!((60..=90).contains(&(after[0] - 5_080)), "{after:?}");
    assert!((60..=90).contains(&(after[1] - 9_400)), "{after:?}");
    assert_eq!(after.len(), 2);
    // None that is scheduled falls into a drop, nor two into a minute.
    let scheduled = hours.of(ModemReadCause::Scheduled);
    assert!(!scheduled.iter().any(|s| (9_005..9_400).contains(s)), "{scheduled:?}");
    assert!(hours.read.windows(2).all(|pair| pair[1].0 - pair[0].0 >= 80), "{:?}", hours.read);
}

#[test]
fn a_page_that_is_dead_in_a_drop_is_looked_at_again_ever_more_rarely() {
    let behaves: Behaves = |s| {
        if (5_000..6_900).contains(&s) { Err(ModemSilenceKind::TimedOut) } else { Ok(()) }
    };
    let mut hours = Hours::new(&[(5_000, 7_000)], behaves);
    hours.run(3 * 3_600);
    let looks = hours.of(ModemReadCause::Drop);
    let pauses: Vec<i64> = looks.windows(2).map(|pair| pair[1] - pair[0] - 20).collect();
    assert_eq!(pauses, [60, 120, 240, 480, 960], "{looks:?}");
    assert_eq!(hours.of(ModemReadCause::After).len(), 1);
    assert_eq!(hours.events, [], "a dead page in a drop is no news");
}

#[test]
fn failures_double_the_pause_up_to_an_hour_and_are_announced_once() {
    let mut hours = Hours::new(&[(20_000, 20_060)], |s| {
        if s < 15_000 { Err(ModemSilenceKind::TimedOut) } else { Ok(()) }
    });
    hours.run(6 * 3_600);
    let pauses: Vec<i64> = hours.read.windows(2).map(|pair| pair[1].0 - pair[0].0 - 20).collect();
    assert_eq!(pauses[..4], [1_800, 3_600, 3_600, 3_600], "{:?}", hours.read);
    assert_eq!(pauses[5], 900);
    assert_eq!(hours.events, [Event::ModemFails("timed-out".into())]);
}

#[test]
fn a_modem_that_is_not_there_costs_a_look_an_hour_and_nothing_at_drops() {
    let mut hours = Hours::new(&[(5_000, 5_080)], |_| Err(ModemSilenceKind::NoAnswer));
    hours.schedule.is_configured = false;
    hours.run(12 * 3_600);
    assert_eq!(hours.read.len(), 12);
    assert!(hours.read.iter().all(|(_, cause)| *cause == ModemReadCause::Scheduled));
    assert_eq!(hours.events, []);
    // One that wants a password is not pestered either: it locks out who fails.
    let mut hours = Hours::new(&[(5_000, 5_080)], |_| Err(ModemSilenceKind::LoginRefused));
    hours.run(12 * 3_600);
    assert_eq!(hours.read.len(), 12);
    assert_eq!(hours.events.len(), 1);
    // Off.
    let mut hours = Hours::new(&[(5_000, 5_080)], |_| Ok(()));
    hours.schedule = ModemSchedule::default();
    assert!(hours.run(3_600 * 4).read.is_empty());
}

#[test]
fn a_modem_whose_reading_makes_the_line_drop_is_left_alone_for_a_week() {
    let mut hours = Hours::new(&[], |_| Ok(()));
    hours.harm_after = Some(30);
    hours.run(8 * 3_600);
    let Some(Event::ModemStopped(test)) = hours.events.first() else {
        panic!("{:?}", hours.events)
    };
    assert!(test.by_chance < f64::from(test.after_reading) / 3.0, "{test:?}");
    assert_eq!(hours.events.len(), 1);
    // Found out within some drops, and not one more after it.
    assert!(hours.drops.len() < 24, "{}", hours.drops.len());
    assert!(hours.read.last().unwrap().0 < 3 * 3_600, "{:?}", hours.read);
    let seconds = |days: i64| at(days * 86_400);
    assert_eq!(hours.schedule.due(&seconds(6)), None);
    assert!(hours.schedule.due(&seconds(8)).is_some());
    // A daemon that starts meanwhile knows it from the record.
    let mut stop = account(9_000, ModemReadCause::Drop, Err(ModemSilenceKind::Stopped));
    stop.took = Duration::ZERO;
    let mut next = ModemSchedule::of(&Config::default(), vec![stop], []);
    assert_eq!(next.due(&seconds(1)), None);
}

#[test]
fn a_line_that_flaps_by_itself_is_read_at_its_drops_and_acquits_the_modem() {
    // As in an evening of a bad line: clusters at odd times.
    let mut drops = Vec::new();
    for cluster in [1_000, 7_777, 13_131, 21_212, 30_001, 41_234, 55_555, 70_707] {
        drops.extend((0..4).map(|n| (cluster + n * 171, cluster + n * 171 + 74)));
    }
    let mut hours = Hours::new(&drops, |_| Ok(()));
    hours.run(86_400);
    assert_eq!(hours.events, []);
    assert!(hours.of(ModemReadCause::Drop).len() >= 16, "{:?}", hours.read);
    assert!(hours.of(ModemReadCause::After).len() >= 8);
}

#[test]
fn only_new_entries_of_the_log_are_kept_and_a_drop_that_was_none_is_forgotten() {
    let entry = |n: i64| LogEntry {
        stamp: LogStamp::Absolute(at(n).utc),
        last: None,
        count: 1,
        level: None,
        number: None,
        class: LogClass::T3,
        text: format!("{n}"),
    };
    let mut schedule = ModemSchedule::new(Duration::from_secs(900), true);
    let mut new = |entries: Vec<LogEntry>| {
        let said = ModemSnapshot { log: Some(entries), ..ModemSnapshot::default() };
        let mut account = account(10, ModemReadCause::Scheduled, Ok(()));
        account.words = ModemWords::Said(Box::new(said));
        schedule.on_reading(&at(30), &mut account);
        account.log().iter().map(|entry| entry.text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(new(vec![entry(1), entry(2)]), ["1", "2"]);
    assert_eq!(new(vec![entry(2), entry(3)]), ["3"]);
    let again = LogEntry { count: 2, ..entry(3) };
    assert_eq!(new(vec![again]), ["3"]);
    let blip = LinkDrop { kind: DropKind::Blip, ..drop(100, Some(103)) };
    schedule.on_drop(&drop(100, None), &at(105));
    schedule.on_drop(&blip, &at(106));
    assert_eq!(schedule.due(&at(110)), None);
}

#[test]
fn the_thread_asks_as_configured_and_says_what_came() {
    let asked: Arc<Mutex<Vec<ModemAccess>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let reads: ReadsModem = Arc::new(move |access, _| {
        seen.lock().unwrap().push(access.clone());
        ModemReading {
            began: at(7),
            took: Duration::from_secs(3),
            kind: access.kind,
            pages: Vec::new(),
            clock_fetched: Some(FetchTime { asked: at(8), took: Duration::from_secs(1) }),
            uptime_fetched: None,
            outcome: Err(ReadFailure::TimedOut(Duration::from_secs(60))),
        }
    });
    let mut config = Config::default();
    config.modem.user = Some("admin".to_owned());
    let mut reader = ModemChore::with(&config, Arc::clone(&reads));
    reader.ask(ModemQuestion { cause: ModemReadCause::After }, at(7));
    reader.wait();
    let (account, _) = reader.finished().unwrap();
    assert_eq!(account.silence().unwrap().kind, ModemSilenceKind::TimedOut);
    assert_eq!(account.clock_fetched.unwrap().latest, at(9).utc);
    let access = asked.lock().unwrap().pop().unwrap();
    assert_eq!((access.address.as_str(), access.user.as_deref()), ("192.168.100.1", Some("admin")));
    // Without the password that is configured nothing is asked.
    config.modem.password_file = Some("/nonexistent/password".into());
    let mut reader = ModemChore::with(&config, reads);
    reader.ask(ModemQuestion { cause: ModemReadCause::After }, at(7));
    reader.wait();
    let (account, _) = reader.finished().unwrap();
    assert_eq!(account.silence().unwrap().kind, ModemSilenceKind::LoginNeeded);
    assert!(asked.lock().unwrap().is_empty());
}
