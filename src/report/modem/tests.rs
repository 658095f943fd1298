//! A line that flaps each hour, with its modem: what the record holds, and what the report makes of it.

use super::*;
use crate::store::{Opening, Writer};
use crate::time::{BootTime, Reading};
use crate::vocabulary::{
    Bounds, ChannelKind, Downstream, DropKind, LogClass, LogEntry, LogStamp, ModemClock,
    ModemSilence, ModemSnapshot, Modulation, RunEnd,
};

const START_S: i64 = 1_770_038_400;
const HOURS: i64 = 24;

fn at(s: i64) -> Timestamp {
    Timestamp::from_seconds(START_S + s)
}

fn now(s: i64) -> Reading {
    let boot = BootTime::from_micros(5_000_000_000 + s * 1_000_000);
    Reading { utc: at(s), boot, monotonic_us: s * 1_000_000 }
}

/// A drop each hour but for the first, 77 s long, at uneven minutes.
fn onset(hour: i64) -> i64 {
    hour * 3_600 + 300 + (hour * 1_237) % 2_400
}

fn drop(hour: i64) -> LinkDrop {
    let edge = |s: i64| Bounds { earliest: at(s), latest: at(s + 1) };
    let (from, to) = (onset(hour), onset(hour) + 77);
    let bare = LinkDrop::bare(edge(from), Some(edge(to)), [Duration::from_secs(77); 2]);
    LinkDrop { key: at(from), kind: DropKind::Drop, ..bare }
}

/// The modem's own time: an hour ahead.
fn civil(s: i64) -> jiff::civil::DateTime {
    let utc = jiff::Timestamp::from_second(START_S + s + 3_600).unwrap();
    jiff::tz::TimeZone::UTC.to_datetime(utc)
}

/// The log up to a second: T3 and T4 at each drop but two.
fn log(s: i64) -> Vec<LogEntry> {
    let entry = |when: i64, class: LogClass, text: &str| LogEntry {
        stamp: LogStamp::Second(civil(when)),
        last: None,
        count: 1,
        level: Some(3),
        number: None,
        class,
        text: text.to_owned(),
    };
    let of_hour = |hour: i64| {
        let t3 =
            entry(onset(hour) - 20, LogClass::T3, "No Ranging Response received - T3 time-out");
        let t4 =
            entry(onset(hour) + 15, LogClass::T4, "no Maintenance opportunities received - T4");
        [(onset(hour) - 20, t3), (onset(hour) + 15, t4)]
    };
    let hours = (1..HOURS).filter(|hour| hour % 11 != 0).flat_map(of_hour);
    hours.filter(|(when, _)| *when <= s).map(|(_, entry)| entry).collect()
}

fn reading(s: i64, cause: crate::vocabulary::ModemReadCause, since: i64) -> ModemAccount {
    let channel = |id: u32| Downstream {
        id: Some(id),
        kind: Some(ChannelKind::ScQam),
        locked: Some(true),
        frequency_hz: Some(602_000_000 + u64::from(id) * 8_000_000),
        width_hz: Some(8_000_000),
        modulation: Some(Modulation::Qam(256)),
        unerrored: Some((u64::try_from(s + 500_000).unwrap() * 34_078) % (1 << 32)),
        corrected: Some(0),
        uncorrectable: Some(0),
        ..Downstream::default()
    };
    // The record holds what is new.
    let new = log(s).into_iter().skip(log(since).len()).collect();
    let said = ModemSnapshot {
        model: Some("TC4400".to_owned()),
        firmware: Some(if s < 40_000 { "70.12.42" } else { "70.13.41" }.to_owned()),
        uptime: Some(Duration::from_secs(u64::try_from(s + 500_000).unwrap())),
        clock: Some(ModemClock::Local(civil(s))),
        downstream: (1..=3).map(channel).collect(),
        log: Some(new),
        ..ModemSnapshot::default()
    };
    ModemAccount {
        at: at(s),
        took: Duration::from_secs(1),
        cause,
        kind: Some(ModemKind::Tc4400),
        clock_fetched: None,
        uptime_fetched: None,
        words: ModemWords::Said(Box::new(said)),
    }
}

fn record(folder: &std::path::Path, extra: &[ModemAccount]) -> Reader {
    use crate::vocabulary::ModemReadCause::{After, Drop, Scheduled};
    let path = folder.join("linkmon.db");
    let opening = Opening { path: &path, runtime_dir: Some(folder), version: "0.0.0-test" };
    let mut writer = Writer::open(opening).unwrap().0;
    writer.begin_run(now(0), None).unwrap();
    let mut times: Vec<_> = (0..HOURS * 4).map(|n| (n * 900 + 5, Scheduled)).collect();
    for hour in 1..HOURS {
        writer.put_drop(&drop(hour)).unwrap();
        times.extend([(onset(hour) + 6, Drop), (onset(hour) + 77 + 75, After)]);
    }
    times.sort_by_key(|(s, _)| *s);
    let mut since = -1_000_000;
    for (s, cause) in times {
        writer.put_modem(&reading(s, cause, since));
        since = s;
    }
    for account in extra {
        writer.put_modem(account);
    }
    writer.close(now(HOURS * 3_600), RunEnd::Clean).unwrap();
    Reader::open(&path).unwrap()
}

fn facts(reader: &Reader, days: u64) -> Option<ModemFacts> {
    let period = TimeRange { from: at(0), to: at(0) + Duration::from_secs(days * 86_400) };
    let drops = reader.drops(period).unwrap();
    let drops: Vec<_> = drops.iter().map(|d| (d.id, &d.drop)).collect();
    ModemFacts::gather(reader, period, &drops).unwrap()
}

#[test]
fn over_all_drops_the_log_is_near_most_of_them_and_the_modem_did_not_restart() {
    let folder = tempfile::tempdir().unwrap();
    let reader = record(folder.path(), &[]);
    let facts = facts(&reader, 1).unwrap();
    let near = facts.near.unwrap();
    assert_eq!((near.drops, near.with_event), (23, 21));
    assert!(near.by_chance > 0.5 && near.by_chance < 2.5, "{near:?}");
    assert_eq!(facts.restarts.as_deref(), Some(&[][..]));
    assert_eq!(facts.findings()[0], (ModemFinding::UpstreamUnheard, 21));
    assert_eq!((facts.model.as_deref(), facts.failed), (Some("TC4400"), 0));
    let [change] = &facts.changes[..] else { panic!("{:?}", facts.changes) };
    assert_eq!((change.from.as_str(), change.to.as_str()), ("70.12.42", "70.13.41"));
    assert_eq!(facts.offset.unwrap().zone().unwrap().to_string(), "UTC+01:00");
    assert!(!facts.harm.is_harmful());
    // A drop without entries, read while it lasted, with all its codewords: beyond the modem.
    let quiet = facts.drops.iter().find(|(_, account)| account.log.is_empty()).unwrap();
    assert_eq!(quiet.1.finding, ModemFinding::BeyondModem);
    // A long period is read in pieces, with the same result.
    let long = super::super::ModemFacts::gather;
    let period = TimeRange { from: at(0) - 60 * PIECE / 7, to: at(86_400) };
    let drops = reader.drops(period).unwrap();
    let drops: Vec<_> = drops.iter().map(|d| (d.id, &d.drop)).collect();
    let other = long(&reader, period, &drops).unwrap().unwrap();
    assert_eq!(other.findings(), facts.findings());
    assert_eq!(other.near.unwrap().with_event, 21);
    let hidden = facts.redacted();
    assert!(hidden.drops.iter().flat_map(|(_, a)| &a.log).all(|p| p.entry.text.len() < 20));
}

#[test]
fn where_the_modem_was_not_read_there_is_nothing_and_a_stop_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("linkmon.db");
    let opening = Opening { path: &path, runtime_dir: Some(folder.path()), version: "0.0.0-test" };
    Writer::open(opening).unwrap().0.begin_run(now(0), None).unwrap();
    assert_eq!(facts(&Reader::open(&path).unwrap(), 1), None);
    let silence = ModemSilence { kind: ModemSilenceKind::Stopped, text: String::new() };
    let stop = |seconds| ModemAccount {
        words: ModemWords::Silent(silence.clone()),
        ..reading(seconds, crate::vocabulary::ModemReadCause::Drop, 0)
    };
    let stopped = |seconds| {
        let other = tempfile::tempdir().unwrap();
        let facts = facts(&record(other.path(), &[stop(seconds)]), 1).unwrap();
        (facts.stopped, facts.failed)
    };
    assert_eq!(stopped(86_390), (Some(at(86_390)), 0));
    // It was read on schedule afterwards: the stop is over.
    assert_eq!(stopped(80_000), (None, 0));
}
