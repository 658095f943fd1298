use super::*;
use crate::stats::LedgerInputs;
use crate::vocabulary::{Bounds, Run};
use proptest::prelude::*;

fn utc(text: &str) -> Timestamp {
    Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn range(from: &str, to: &str) -> TimeRange {
    TimeRange { from: utc(from), to: utc(to) }
}

fn drop(onset: Timestamp, seconds: Option<u64>) -> LinkDrop {
    let exact = |at| Bounds { earliest: at, latest: at };
    let length = Duration::from_secs(seconds.unwrap_or_default());
    LinkDrop::bare(exact(onset), seconds.map(|_| exact(onset + length)), [length; 2])
}

/// The kinds of time where nothing but `watched` was watched.
fn ledger(period: TimeRange, watched: &[TimeRange], drops: &[&LinkDrop]) -> TimeLedger {
    let run = |span: &TimeRange| Run {
        id: 1,
        started: span.from,
        boot: None,
        boot_id: None,
        last_seen: span.to,
        ended: None,
    };
    let runs: Vec<_> = watched.iter().map(run).collect();
    let inputs =
        LedgerInputs { period, runs: &runs, gaps: &[], drops, impairments: &[], apart: &[] };
    TimeLedger::compute(inputs)
}

fn laid(
    period: TimeRange,
    watched: &[TimeRange],
    drops: &[LinkDrop],
    zone: &str,
) -> Vec<Yardstick> {
    let seconds = SecondTally::default();
    let zone = TimeZone::get(zone).unwrap();
    let all: Vec<_> = drops.iter().collect();
    let ledger = ledger(period, watched, &all);
    let availability = Availability::of(&ledger);
    YardstickInputs {
        period,
        ledger: &ledger,
        drops: &all,
        availability,
        seconds: &seconds,
        zone: &zone,
    }
    .yardsticks()
}

fn of(sticks: &[Yardstick], key: &str) -> Yardstick {
    sticks.iter().find(|stick| stick.key == key).unwrap().clone()
}

#[test]
fn without_a_record_no_yardstick_has_a_figure_or_a_verdict() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z");
    let sticks = laid(period, &[], &[], "UTC");
    assert!(
        sticks.iter().all(|s| s.figure.is_none() && s.verdict.is_none() && s.between.is_none())
    );
    assert_eq!(sticks.len(), KEYS.len());
    assert!(sticks.iter().all(|s| !s.source.is_empty() && !s.uncertain.is_empty()));
}

#[test]
fn keys_are_in_the_order_of_the_table() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z");
    let keys: Vec<_> = laid(period, &[], &[], "UTC").iter().map(|stick| stick.key).collect();
    assert_eq!(keys, KEYS);
}

#[test]
fn an_open_outage_over_a_weekend_reaches_calendar_days() {
    // From Friday noon; reported then, the second calendar day ends with Sunday.
    let friday = utc("2026-11-13T12:00:00Z");
    for (to, tkg) in [
        ("2026-11-16T00:00:00Z", ThresholdVerdict::NotReached),
        ("2026-11-16T00:00:01Z", ThresholdVerdict::Reached),
    ] {
        let period = TimeRange { from: utc("2026-11-12T00:00:00Z"), to: utc(to) };
        let sticks = laid(period, &[period], &[drop(friday, None)], "UTC");
        assert_eq!(of(&sticks, "tkg-58").verdict, Some(tkg), "{to}");
    }
}

#[test]
fn days_without_an_hour_and_with_one_twice_keep_their_hours() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let spring = range("2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z");
    let autumn = range("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
    let length = |day, from, to| total(&hours(day, &zone, Days::Every, from, to)).as_secs() / 3_600;
    assert_eq!((length(spring, 0, 24), length(spring, 0, 6), length(spring, 6, 24)), (23, 5, 18));
    assert_eq!((length(autumn, 0, 24), length(autumn, 0, 6), length(autumn, 6, 24)), (25, 7, 18));
    // Both are Sundays.
    assert_eq!(hours(spring, &zone, Days::Weekdays, 19, 23), []);
}

proptest! {
    #[test]
    fn peak_is_weekdays_19_to_23_by_the_local_clock(
        name in prop::sample::select(vec!["Asia/Kolkata", "Australia/Adelaide", "America/St_Johns", "UTC"]),
        quarter in 1_900_000_i64..2_000_000, days in 1_i64..4, losses in prop::collection::vec(0_u64..3, 300),
    ) {
        let zone = TimeZone::get(name).unwrap();
        let period = TimeRange {
            from: Timestamp::from_seconds(quarter * 900),
            to: Timestamp::from_seconds(quarter * 900 + days * 86_400),
        };
        let quarters: Vec<_> = (quarter..quarter + days * 96)
            .zip(&losses)
            .map(|(number, lost)| QuarterHour {
                number,
                loss: LossRatio { lost: *lost, sent: 500 },
                ..QuarterHour::default()
            })
            .collect();
        let mut naive = LossRatio::default();
        for q in &quarters {
            let at = jiff::Timestamp::from_second(q.number * 900).unwrap().to_zoned_datetime(zone.clone());
            let weekend = ["Sat", "Sun"].contains(&at.strftime("%a").to_string().as_str());
            if (19..23).contains(&at.hour()) && !weekend {
                naive += q.loss;
            }
        }
        let seconds = SecondTally { quarters };
        let ground = YardstickInputs {
            period, ledger: &ledger(period, &[period], &[]), drops: &[], availability: None, seconds: &seconds, zone: &zone,
        };
        let stick = of(&ground.yardsticks(), "crtc-loss-peak");
        prop_assert_eq!(stick.figure.map(|f| f.part.to_bits()), naive.ratio().map(|_| float(naive.lost).to_bits()));
        prop_assert_eq!(stick.figure.map(|f| f.value), naive.ratio());
        let met = naive.ratio().map(|r| if r <= 0.0025 { ThresholdVerdict::Met } else { ThresholdVerdict::Missed });
        prop_assert_eq!(stick.verdict, met);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// TKG against a look at every drop by its local clock.
    #[test]
    fn a_repair_is_late_after_midnight_of_the_second_day(
        name in prop::sample::select(vec!["Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "UTC"]),
        begin in 29_000_000_i64..29_500_000,
        drops in prop::collection::vec((0_i64..8 * 86_400, 1_u64..7_200), 0..40),
    ) {
        let zone = TimeZone::get(name).unwrap();
        let s = |s: i64| Timestamp::from_seconds(begin * 60 + s);
        let period = TimeRange { from: s(0), to: s(8 * 86_400) };
        let mut list: Vec<_> = drops.iter().map(|(at, n)| drop(s(*at), Some(*n * 60))).collect();
        list.retain(|d| d.onset.earliest + d.min <= period.to);
        let local = |at: Timestamp| {
            jiff::Timestamp::from_microsecond(at.as_micros()).unwrap().to_zoned_datetime(zone.clone())
        };
        let late = |d: &&LinkDrop| {
            let third = local(d.onset.earliest).date().checked_add(jiff::Span::new().days(3)).unwrap();
            let midnight = zone.to_timestamp(third.at(0, 0, 0, 0)).unwrap();
            local(d.onset.earliest + d.min).timestamp() > midnight
        };
        let figure = of(&laid(period, &[period], &list, name), "tkg-58").figure.unwrap();
        let beyond = list.iter().filter(late).count();
        prop_assert!((figure.part - float(beyond)).abs() < 1e-9, "{figure:?} {beyond}");
    }

    /// The classes of the FCC, the limit of the CRTC on RTT and its loss at all hours.
    #[test]
    fn probes_at_peak_are_judged_by_a_plain_sum(
        quarters in prop::collection::vec((0_u64..12, 0_u64..12, 0_u64..500), 672),
    ) {
        let period = range("2026-11-16T00:00:00Z", "2026-11-23T00:00:00Z");
        let first = period.from.as_millis() / 900_000;
        let list: Vec<_> = (first..).zip(&quarters).map(|(number, (lost, late, fast))| QuarterHour {
            number,
            loss: LossRatio { lost: *lost, sent: 1_000 },
            loss_2s: LossRatio { lost: lost + late, sent: 1_000 },
            answered: 1_000 - lost,
            within_50ms: *fast,
            ..QuarterHour::default()
        }).collect();
        // Monday to Friday, quarters 76 to 91 of a day in UTC.
        let at_peak = |i: usize| i / 96 < 5 && (76..92).contains(&(i % 96));
        let (mut lost, mut lost_2s, mut fast, mut answered, mut sent) = (0, 0, 0, 0, 0);
        for (_, (l, late, f)) in quarters.iter().enumerate().filter(|(i, _)| at_peak(*i)) {
            lost_2s += l + late;
            fast += f;
            answered += 1_000 - l;
            sent += 1_000;
            lost += l;
        }
        let all: u64 = quarters.iter().map(|(l, ..)| l).sum();
        let seconds = SecondTally { quarters: list };
        let zone = TimeZone::UTC;
        let ground = YardstickInputs {
            period, ledger: &ledger(period, &[period], &[]), drops: &[], availability: None,
            seconds: &seconds, zone: &zone,
        };
        let sticks = ground.yardsticks();
        let parts = |key: &str| of(&sticks, key).figure.map(|f| (f.part.to_bits(), f.whole.to_bits())).unwrap();
        let pair = |part: u64, whole: u64| (float(part).to_bits(), float(whole).to_bits());
        prop_assert_eq!(parts("crtc-loss-all"), pair(all, 672_000));
        prop_assert_eq!(parts("crtc-loss-peak"), pair(lost, sent));
        prop_assert_eq!(parts("crtc-rtt-peak"), pair(fast, answered));
        prop_assert_eq!(parts("fcc-loss-peak"), pair(lost_2s, sent));
        let percent = float(lost_2s) / float(sent) * 100.0;
        let class = if percent < 0.4 { ThresholdVerdict::Low } else if percent <= 1.0 { ThresholdVerdict::Middle } else { ThresholdVerdict::High };
        prop_assert_eq!(of(&sticks, "fcc-loss-peak").verdict, Some(class));
        let half = if float(fast) >= float(answered) / 2.0 { ThresholdVerdict::Met } else { ThresholdVerdict::Missed };
        prop_assert_eq!(of(&sticks, "crtc-rtt-peak").verdict, Some(half));
    }
}
