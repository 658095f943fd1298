use super::*;
use crate::config::Lang;
use crate::language;
use crate::vocabulary::{Bounds, Place, SlowFigures};

const START_S: i64 = 1_770_038_400;

fn at(minute: i64) -> Timestamp {
    Timestamp::from_seconds(START_S + minute * 60)
}

fn slow(from: i64, to: Option<i64>, own_queue_us: Option<u32>) -> Impairment {
    let edge = |m| Bounds { earliest: at(m), latest: at(m) };
    Impairment {
        key: at(from),
        target: None,
        onset: edge(from),
        end: to.map(edge),
        unobserved: Duration::ZERO,
        places: vec![Place::Access],
        figures: Figures::Slow(SlowFigures {
            usual_us: 22_000,
            median_us: 140_000,
            worst_us: 200_000,
            own_queue_us,
        }),
    }
}

/// Minutes with bytes sent and received.
fn traffic(minutes: std::ops::Range<i64>, sent: u64, received: u64) -> Vec<Traffic> {
    let minute = |m| Traffic {
        minute: at(m).minute(),
        interface: "eth0".to_owned(),
        length: Duration::from_secs(60),
        received,
        sent,
    };
    minutes.map(minute).collect()
}

fn day(to: i64) -> TimeRange {
    TimeRange { from: at(0), to: at(to) }
}

#[test]
fn a_slow_stretch_that_this_machine_made_says_so_with_both_rates() {
    // 36,000,000 bytes a minute are 4.8 Mbit/s; 750,000 are 0.1.
    let mut all = traffic(0..100, 750_000, 750_000);
    all.extend(traffic(100..110, 36_000_000, 1_500_000));
    all.extend(traffic(110..120, 750_000, 750_000));
    let found = entries(&[slow(100, Some(110), None)], &all, &[], day(200));
    assert_eq!(
        language::of(Lang::En).impairment(&found[0]),
        "slow: 140 ms instead of 22 ms, access: the queue is in the access line; this machine was \
         sending 4.8 and receiving 0.2 Mbit/s (0.1 / 0.1 in the hour before), and its own traffic \
         filled the line"
    );
}

#[test]
fn traffic_as_usual_or_far_from_the_greatest_of_the_day_is_not_blamed() {
    let one = |during: u64, greatest: u64| {
        let mut all = traffic(0..1, greatest, 0);
        all.extend(traffic(1..100, 750_000, 0));
        all.extend(traffic(100..110, during, 0));
        let found = entries(&[slow(100, Some(110), None)], &all, &[], day(200));
        found[0].meanwhile.unwrap().own_traffic_is_evident
    };
    assert!(one(3_750_000, 4_600_000));
    assert!(!one(3_740_000, 3_740_000), "less than five times the usual");
    assert!(!one(3_750_000, 4_700_000), "far from the greatest");
    // No hour before: nothing to compare with.
    let found =
        entries(&[slow(100, Some(110), None)], &traffic(100..110, 9_999_999, 0), &[], day(200));
    assert!(!found[0].meanwhile.unwrap().own_traffic_is_evident);
    let text = language::of(Lang::En).impairment(&found[0]);
    assert!(text.ends_with("Mbit/s; the traffic of other machines is not seen"), "{text}");
}

#[test]
fn the_reading_in_which_the_stretch_began_is_not_of_the_hour_before() {
    // What is put down at minute 99 may have begun in its last second, and reach past minute 100.
    let mut all = traffic(90..98, 7_500, 0);
    all.extend(traffic(99..110, 30_000_000, 0));
    let found = entries(&[slow(100, Some(110), None)], &all, &[], day(200));
    let meanwhile = found[0].meanwhile.unwrap();
    assert!(meanwhile.hour_before.unwrap().sent < 1_001.0, "{meanwhile:?}");
    assert!(meanwhile.own_traffic_is_evident);
}

#[test]
fn a_queue_of_ones_own_is_evidence_whatever_the_rates() {
    let all = traffic(0..120, 750_000, 0);
    let found = entries(&[slow(100, Some(110), Some(100_000))], &all, &[], day(200));
    assert!(found[0].meanwhile.unwrap().own_traffic_is_evident);
}

#[test]
fn rates_agree_with_a_naive_count_second_by_second() {
    let mut random = fastrand::Rng::with_seed(5);
    for _ in 0..100 {
        let mut all = traffic(0..40, 0, 0);
        for t in &mut all {
            (t.sent, t.received) = (random.u64(0..1 << 30), random.u64(0..1 << 30));
            t.length = Duration::from_secs(random.u64(55..65));
        }
        all.retain(|_| random.u8(0..4) > 0);
        let (from, to) = (random.i64(0..40), random.i64(0..60));
        let got = rates(&all, TimeRange { from: at(from), to: at(to) });
        let (mut seconds, mut sent) = (0_u64, 0_u128);
        for t in &all {
            if (at(from).minute()..at(to).minute()).contains(&t.minute) {
                seconds += t.length.as_secs();
                sent += u128::from(t.sent);
            }
        }
        let want = (seconds > 0).then(|| (sent * 8 / u128::from(seconds)).to_string());
        assert_eq!(got.map(|r| format!("{}", r.sent.floor())), want);
    }
}

#[test]
fn entries_are_clipped_and_an_open_one_says_so() {
    let all = [slow(-10, Some(5), None), slow(8, None, None), slow(-20, Some(-15), None)];
    let found = entries(&all, &[], &[], day(10));
    assert_eq!(found.len(), 2);
    assert_eq!(found[0].length, Duration::from_secs(300));
    assert_eq!((found[0].starts_before, found[0].ends_after), (true, false));
    assert_eq!(found[1].length, Duration::from_secs(120));
    assert_eq!((found[1].starts_before, found[1].ends_after), (false, true));
    assert_eq!(found[1].meanwhile, None, "no counters, no figure");
    assert_eq!(language::of(Lang::En).wrongs_counted(&found), "2 slow stretches");
}
