//! The samples of a record, counted anew for each of them.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::vocabulary::{Measurement, Outcome, Target};

const STALE_BITS: u64 = 0x7ff0_0000_0000_0002;

/// All slots of a target, in order.
fn slots(reader: &Reader, target: &Target) -> Vec<Measurement> {
    let mut all = Vec::new();
    reader
        .for_each_minute(TimeRange::EVER, &mut |m| {
            all.extend(m.samples.iter().filter(|m| m.target == target.id).cloned());
        })
        .unwrap();
    all.sort_by_key(|m| m.sent_at);
    all
}

/// When each sample of a target is, and whether all of its series have one then.
fn times(slots: &[i64], gap: i64, ends: &[i64], fine: &dyn Fn(i64) -> bool) -> BTreeMap<i64, bool> {
    let mut times = BTreeMap::new();
    let end = |ms: i64| (ms.div_euclid(1_000) + 1) * 1_000;
    for (n, ms) in slots.iter().enumerate() {
        if n == 0 || ms - slots[n - 1] > gap {
            times.insert(ms.div_euclid(1_000) * 1_000, true);
        }
        let next = slots.get(n + 1);
        let is_last_of_minute =
            next.is_none_or(|next| next.div_euclid(60_000) != ms.div_euclid(60_000));
        let is_last = next.is_none_or(|next| next - ms > gap);
        if is_last_of_minute || is_last {
            times.insert(end(*ms), true);
        } else if fine(end(*ms)) {
            times.entry(end(*ms)).or_insert(false);
        }
        // A marker: where it goes on later, or when others have gone on without it.
        let goes_on = next.is_some_and(|next| next - ms > gap);
        let is_silent = next.is_none() && ends.iter().any(|end| end - ms > gap.max(60_000));
        if goes_on || is_silent {
            times.insert(end(*ms) + 1, true);
        }
    }
    times
}

/// What each series of `name` has to have; `value` of the slots before its time.
fn expected(
    database: &Path,
    name: &str,
    is_brief: bool,
    value: &dyn Fn(&[Measurement]) -> f64,
) -> Received {
    let reader = Reader::open(database).unwrap();
    let drops = reader.drops(TimeRange::EVER).unwrap();
    let edges: Vec<_> = drops
        .iter()
        .filter(|stored| stored.drop.kind.is_down())
        .flat_map(|stored| [Some(stored.drop.onset), stored.drop.end])
        .flatten()
        .collect();
    let fine = |ms: i64| {
        let at = Timestamp::from_millis(ms);
        let minute = Duration::from_secs(60);
        edges.iter().any(|edge| edge.earliest - minute <= at && at < edge.latest + minute)
    };
    let targets = reader.targets().unwrap();
    let all: Vec<_> = targets.iter().map(|target| (target, slots(&reader, target))).collect();
    let minutes: BTreeSet<i64> =
        all.iter().flat_map(|(_, slots)| slots.iter().map(|m| m.sent_at.minute())).collect();
    let ends: Vec<i64> = minutes.iter().map(|minute| (minute + 1) * 60_000).collect();
    let mut received = Received::new();
    for (target, slots) in &all {
        let ms: Vec<i64> = slots.iter().map(|m| m.sent_at.as_millis()).collect();
        let gap = (i64::try_from(target.interval.as_millis()).unwrap() * 5 / 2).max(2_500);
        let labels = format!(
            "__name__={name:?},family={:?},instance=\"box\",isp={:?},job=\"linkmon\",kind={:?},role={:?},\
             simulated=\"true\",site=\"Maple Street 12\",target={:?}",
            crate::live::family_of(target),
            "Example \"Câble\"",
            target.kind.as_str(),
            target.role.as_str(),
            target.name,
        );
        let series = received.entry(labels).or_default();
        for (at, is_whole) in times(&ms, gap, &ends, &fine) {
            if at % 1_000 == 1 {
                series.insert(at, STALE_BITS);
            } else if is_whole || is_brief {
                let before = slots.partition_point(|m| m.sent_at.as_millis() < at);
                series.insert(at, value(&slots[..before]).to_bits());
            }
        }
    }
    received
}

#[allow(clippy::cast_precision_loss, reason = "few")]
fn count(of: &[Measurement], which: impl Fn(&Outcome) -> bool) -> f64 {
    of.iter().filter(|m| which(&m.outcome)).count() as f64
}

#[test]
fn each_sample_of_a_target_counts_what_was_sent_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let database = recorded(folder.path(), STORY, Durability::Simulated);
    let received = sent_of(&settings(&database));
    let of_name = |name: &str| -> Received {
        let start = format!("__name__={name:?},");
        received
            .iter()
            .filter(|(key, _)| key.starts_with(&start))
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()
    };
    let sum_us = |of: &[Measurement]| -> f64 {
        let us: u64 = of
            .iter()
            .filter_map(|m| m.outcome.rtt())
            .map(|d| u64::try_from(d.as_micros()).unwrap())
            .sum();
        #[allow(clippy::cast_precision_loss, reason = "few")]
        let us = us as f64;
        us / 1e6
    };
    let check = |name: &str, is_brief, value: &dyn Fn(&[Measurement]) -> f64| {
        let (found, wanted) = (of_name(name), expected(&database, name, is_brief, value));
        assert_eq!(found.keys().collect::<Vec<_>>(), wanted.keys().collect::<Vec<_>>());
        for (key, series) in &wanted {
            let wrong: Vec<_> = series
                .iter()
                .filter(|(at, bits)| found[key].get(at) != Some(bits))
                .take(3)
                .collect();
            let more: Vec<_> =
                found[key].iter().filter(|(at, _)| !series.contains_key(at)).take(3).collect();
            assert!(wrong.is_empty() && more.is_empty(), "{key}: lacks {wrong:?}, has {more:?}");
        }
        wanted.values().map(BTreeMap::len).sum::<usize>()
    };
    let brief = check("linkmon_probes_total", true, &|of| count(of, Outcome::was_sent));
    check("linkmon_probes_lost_total", true, &|of| count(of, Outcome::is_lost));
    check("linkmon_rtt_seconds_sum", true, &sum_us);
    check("linkmon_rtt_seconds_count", true, &|of| count(of, |outcome| outcome.rtt().is_some()));
    let whole = check("linkmon_probes_late_total", false, &|of| count(of, Outcome::is_late));
    check("linkmon_probes_not_sent_total", false, &|of| count(of, |outcome| !outcome.was_sent()));
    assert!(whole > 400 && brief > 2 * whole, "{whole} {brief}");
    for (key, series) in &received {
        let values =
            series.values().filter(|bits| **bits != STALE_BITS).map(|bits| f64::from_bits(*bits));
        let values: Vec<f64> = values.collect();
        let is_state = key.starts_with("__name__=\"linkmon_state\"");
        assert!(is_state || values.windows(2).all(|pair| pair[0] <= pair[1]), "{key} falls");
        assert!(values.iter().all(|value| value.is_finite() && *value >= 0.0), "{key}");
    }
}

#[test]
fn a_histogram_has_the_delays_of_its_count_and_its_edges_are_those_of_the_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let database = recorded(folder.path(), STORY, Durability::Simulated);
    let received = sent_of(&settings(&database));
    let reader = Reader::open(&database).unwrap();
    let target = reader.targets().unwrap().into_iter().find(|t| t.name == "gateway").unwrap();
    let slots = slots(&reader, &target);
    for ms in [1_u32, 30, 500, 3_000] {
        let edge = match ms {
            1 => "0.001",
            30 => "0.03",
            500 => "0.5",
            _ => "3.0",
        };
        let is_it = |key: &&String| {
            key.contains("_bucket\"")
                && key.contains("target=\"gateway\"")
                && key.contains(&format!("le={edge:?},"))
        };
        let key = received.keys().find(is_it).unwrap_or_else(|| panic!("{edge}"));
        for (at, bits) in received[key].iter().filter(|(_, bits)| **bits != STALE_BITS) {
            let before = slots.partition_point(|m| m.sent_at.as_millis() < *at);
            let edge = Duration::from_millis(ms.into());
            let within = count(&slots[..before], |o| o.rtt().is_some_and(|rtt| rtt <= edge));
            assert_eq!(f64::from_bits(*bits).to_bits(), within.to_bits(), "{key} {at}");
        }
    }
    let mean = SenderSettings {
        view: RecordView { delays: DelaySeries::Mean, ..settings(&database).view },
        ..settings(&database)
    };
    // Its cursor is another one.
    let mean = SenderSettings { name: "mean".to_owned(), ..mean };
    let without: Received =
        received.clone().into_iter().filter(|(key, _)| !key.contains("_bucket\"")).collect();
    assert_eq!(sent_of(&mean), without);
}

#[test]
fn the_state_is_down_between_the_edges_of_drops_and_nothing_where_nobody_watched() {
    let folder = tempfile::tempdir().unwrap();
    let database = recorded(folder.path(), STORY, Durability::Simulated);
    let received = sent_of(&settings(&database));
    let reader = Reader::open(&database).unwrap();
    let find = |name: &str, part: &str| {
        let (start, part) = (format!("__name__={name:?},"), part.to_owned());
        received
            .iter()
            .find(|(key, _)| key.starts_with(&start) && key.contains(&part))
            .unwrap()
            .1
            .clone()
    };
    let (up, down) =
        (find("linkmon_state", "state=\"up\""), find("linkmon_state", "state=\"down\""));
    assert_eq!(up.keys().collect::<Vec<_>>(), down.keys().collect::<Vec<_>>());
    let drops = reader.drops(TimeRange::EVER).unwrap();
    let runs = reader.runs(TimeRange::EVER).unwrap();
    let mut counted = [0; 2];
    for (at, bits) in &down {
        if *bits == STALE_BITS {
            assert_eq!(up[at], STALE_BITS);
            continue;
        }
        let t = Timestamp::from_millis(*at);
        let is_down = drops.iter().filter(|stored| stored.drop.kind.is_down()).any(|stored| {
            let end = stored.drop.end.unwrap();
            stored.drop.onset.midpoint() <= t && t < end.midpoint()
        });
        assert_eq!(
            [*bits, up[at]],
            if is_down { [1.0, 0.0] } else { [0.0, 1.0] }.map(f64::to_bits)
        );
        counted[usize::from(is_down)] += 1;
        let second = Duration::from_secs(1);
        assert!(
            runs.iter().any(|run| run.started - second <= t && t <= run.last_seen + second),
            "{t}"
        );
    }
    assert!(counted[0] > 250 && counted[1] > 60, "{counted:?}");
    assert_eq!(down.values().filter(|bits| **bits == STALE_BITS).count(), 2, "a gap, and the end");

    let last = |series: &BTreeMap<i64, u64>| {
        series
            .values()
            .rev()
            .find(|bits| **bits != STALE_BITS)
            .map(|bits| f64::from_bits(*bits))
            .unwrap()
    };
    let first = |series: &BTreeMap<i64, u64>| f64::from_bits(*series.first_key_value().unwrap().1);
    for stored in drops.iter().filter(|stored| stored.drop.kind.is_down()) {
        let place = format!("place={:?}", stored.drop.place_text());
        let of_place = drops.iter().filter(|other| {
            other.drop.kind.is_down() && other.drop.place_text() == stored.drop.place_text()
        });
        #[allow(clippy::cast_precision_loss, reason = "few")]
        let wanted = of_place.count() as f64;
        let found = find("linkmon_drops_total", &place);
        assert_eq!(
            [first(&found), last(&found)].map(f64::to_bits),
            [0.0, wanted].map(f64::to_bits)
        );
        assert!(last(&find("linkmon_drop_seconds_total", &place)) > 8.0);
    }
    let observed = last(&find("linkmon_observed_seconds_total", ""));
    assert!((71.0 * 60.0 - observed).abs() < 15.0, "{observed}");
}
