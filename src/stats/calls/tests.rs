use proptest::prelude::*;

use super::super::LossRatio;
use super::*;

fn s(seconds: i64) -> Timestamp {
    Timestamp::from_seconds(seconds)
}

fn span(from: i64, to: i64) -> TimeRange {
    TimeRange { from: s(from), to: s(to) }
}

fn utc(text: &str) -> Timestamp {
    Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn calls(period: TimeRange, watched: &[TimeRange], down: &[TimeRange]) -> CallOutcomes {
    CallOutcomes::compute(period, watched, down, &[], &[], &TimeZone::UTC)
}

#[test]
fn of_an_unwatched_period_nothing_is_said() {
    let none = calls(span(0, 86_400), &[], &[]);
    assert_eq!((none.clear, none.undisturbed, none.quality), (None, None, None));
    assert!(none.any_hour.iter().chain(&none.waking).all(|chance| chance.ratio().is_none()));
    assert_eq!((none.per_day[0].judged, none.per_day[0].cut), (0, 0));
}

#[test]
fn a_call_that_runs_into_an_open_outage_is_cut_and_into_a_gap_unknown() {
    let day = span(0, 86_400);
    let [ten, ..] = calls(day, &[span(0, 3_600)], &[span(3_000, 86_400)]).any_hour;
    assert_eq!((ten.survived.as_secs(), ten.cut.as_secs()), (2_400, 1_200));
    let [ten, ..] = calls(day, &[span(0, 3_600)], &[]).any_hour;
    assert_eq!((ten.survived.as_secs(), ten.cut.as_secs()), (3_000, 0));
    assert_eq!((ten.watched.as_secs(), ten.elapsed.as_secs()), (3_600, 86_400));
}

#[test]
fn disturbances_cut_stretches_but_no_calls() {
    let period = span(0, 7_200);
    let bad = [span(1_000, 1_100)];
    let calls = CallOutcomes::compute(period, &[period], &[], &bad, &[], &TimeZone::UTC);
    assert_eq!(calls.clear.unwrap().longest.as_secs(), 7_200);
    let stretches = calls.undisturbed.unwrap();
    assert_eq!((stretches.count, stretches.longest.as_secs()), (2, 6_100));
    assert_eq!(calls.any_hour[0].ratio(), Some(1.0));
}

#[test]
fn a_stretch_of_a_day_is_cut_at_7_and_23_h_and_at_each_disturbance() {
    // Half an hour off UTC: 7 h local is 1:30 UTC.
    let zone = TimeZone::get("Asia/Kolkata").unwrap();
    let day = TimeRange { from: utc("2026-11-15T18:30:00Z"), to: utc("2026-11-16T18:30:00Z") };
    let drop = TimeRange { from: utc("2026-11-16T07:30:00Z"), to: utc("2026-11-16T07:31:00Z") };
    let loss = TimeRange { from: utc("2026-11-16T08:30:00Z"), to: utc("2026-11-16T08:40:00Z") };
    let calls = CallOutcomes::compute(day, &[day], &[drop], &[loss], &[], &zone);
    let got = calls.per_day[0].undisturbed.unwrap();
    // 7:00 to 13:00, 13:01 to 14:00, 14:10 to 23:00.
    let (longest, median) = (Duration::from_secs(530 * 60), Duration::from_secs(360 * 60));
    assert_eq!(got, ClearTimes { count: 3, longest, median });
    let asleep = CallOutcomes::compute(
        day,
        &[TimeRange { to: day.from + Duration::from_secs(3_600), ..day }],
        &[],
        &[],
        &[],
        &zone,
    );
    assert_eq!(asleep.per_day[0].undisturbed, None);
}

#[test]
fn days_of_23_and_25_hours_have_46_and_50_half_hours() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    for (from, to, want) in [
        ("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 46),
        ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 50),
    ] {
        let day = TimeRange { from: utc(from), to: utc(to) };
        let calls = CallOutcomes::compute(day, &[day], &[], &[], &[], &zone);
        assert_eq!(calls.per_day.len(), 1);
        assert_eq!(calls.per_day[0].judged, want);
        assert_eq!(calls.waking[0].elapsed.as_secs(), 16 * 3_600);
    }
}

/// Worked by hand: 20 ms and jitter 5 ms are 40 ms; R = 93.2 - 1 - 2.5 = 89.7 at 1 % loss.
#[test]
fn the_mos_is_that_of_the_formula_by_hand() {
    assert!((mos(20.0, 5.0, 0.01) - 4.332_0).abs() < 0.001, "{}", mos(20.0, 5.0, 0.01));
    // 300 + 10 = 310: R = 93.2 - 19 = 74.2.
    assert!((mos(300.0, 0.0, 0.0) - 3.787_3).abs() < 0.001, "{}", mos(300.0, 0.0, 0.0));
    assert!((mos(20.0, 5.0, 1.0) - 1.0).abs() < 1e-12);
    let calm = CalmProbes { loss: LossRatio { lost: 9, sent: 9 }, ..CalmProbes::default() };
    assert_eq!(Quality::estimate(&calm), None);
}

proptest! {
    #[test]
    fn calls_are_those_of_every_second_tried(
        lives in prop::collection::vec((0_i64..400, 1_i64..300), 0..4),
        drops in prop::collection::vec((0_i64..600, 1_i64..30), 0..6),
    ) {
        // In tens of seconds, so that calls of 10 min are 60 steps.
        let period = span(0, 7_000);
        let watched = union(lives.iter().map(|(a, n)| span(a * 10, (a + n) * 10)).collect());
        let down: Vec<_> = drops.iter().map(|(a, n)| span(a * 10, (a + n) * 10)).collect();
        let at = |spans: &[TimeRange], step: i64| spans.iter().any(|r| r.contains(s(step * 10)));
        let calls = CallOutcomes::compute(period, &watched, &down, &[], &[], &TimeZone::UTC);
        for (minutes, chance) in MINUTES.iter().zip(calls.any_hour) {
            let steps = i64::try_from(minutes * 6).unwrap();
            let (mut survived, mut cut) = (0, 0);
            for begin in (0..700).filter(|step| at(&watched, *step)) {
                // A call begun within this step reaches into the last.
                let end = (begin..=begin + steps).find(|i| !at(&watched, *i) || at(&down, *i));
                match end {
                    None => survived += 1,
                    Some(i) if at(&watched, i) => cut += 1,
                    // A drop that begins with the gap was not seen.
                    Some(_) => {}
                }
            }
            prop_assert_eq!((chance.survived.as_secs(), chance.cut.as_secs()), (survived * 10, cut * 10));
        }
    }

    #[test]
    fn stretches_of_a_day_are_those_of_every_minute_counted(
        lives in prop::collection::vec((0_i64..2_800, 1_i64..900), 0..5),
        drops in prop::collection::vec((0_i64..2_880, 1_i64..60), 0..8),
        losses in prop::collection::vec((0_i64..2_880, 1_i64..60), 0..4),
    ) {
        let spans = |list: &[(i64, i64)]| -> Vec<_> {
            list.iter().map(|(a, n)| span(a * 60, (a + n) * 60)).collect()
        };
        let (down, bad) = (spans(&drops), spans(&losses));
        let watched: Vec<_> = union(spans(&lives)).iter().filter_map(|w| w.intersect(&span(0, 172_800))).collect();
        let calls = CallOutcomes::compute(span(0, 172_800), &watched, &down, &bad, &[], &TimeZone::UTC);
        let at = |spans: &[TimeRange], minute: i64| spans.iter().any(|r| r.contains(s(minute * 60)));
        for (first, day) in [0, 1_440].into_iter().zip(&calls.per_day) {
            let mut lengths = vec![0_u64];
            for minute in first + 420..first + 1_380 {
                if at(&watched, minute) && !at(&down, minute) && !at(&bad, minute) {
                    *lengths.last_mut().unwrap() += 1;
                } else {
                    lengths.push(0);
                }
            }
            lengths.retain(|n| *n > 0);
            lengths.sort_unstable();
            let want = lengths.last().map(|longest| {
                let middles = lengths[(lengths.len() - 1) / 2] + lengths[lengths.len() / 2];
                (lengths.len(), longest * 60, middles * 30)
            });
            let got = day.undisturbed.map(|s| (s.count, s.longest.as_secs(), s.median.as_secs()));
            prop_assert_eq!(got, want);
        }
    }
}
