use super::*;
use crate::stats::LedgerInputs;
use crate::vocabulary::{Bounds, Run};
use jiff::civil::Date;
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
    let seen_from = Duration::from_secs(5);
    YardstickInputs {
        period,
        ledger: &ledger,
        drops: &all,
        availability,
        seen_from,
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
    assert_eq!(sticks.len(), 13);
    assert!(sticks.iter().all(|s| !s.source.is_empty() && !s.uncertain.is_empty()));
}

#[test]
fn outages_of_30_s_and_those_of_the_night_do_not_count_for_the_accc() {
    // 05:59 and 06:00 in Kolkata, half an hour off.
    let period = range("2026-11-15T18:30:00Z", "2026-11-16T18:30:00Z");
    let drops = [
        drop(utc("2026-11-16T00:29:00Z"), Some(90)),
        drop(utc("2026-11-16T00:30:00Z"), Some(90)),
        drop(utc("2026-11-16T09:00:00Z"), Some(30)),
        drop(utc("2026-11-16T10:00:00Z"), Some(31)),
    ];
    let figure =
        of(&laid(period, &[period], &drops, "Asia/Kolkata"), "accc-outages").figure.unwrap();
    assert_eq!((figure.part.to_bits(), figure.whole.to_bits()), (2_f64.to_bits(), 1_f64.to_bits()));
}

#[test]
fn four_dropouts_on_a_calendar_day_are_an_incident_for_nbn_and_three_are_not() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z");
    let at = |n: i64| {
        drop(utc("2026-11-16T22:00:00Z") + Duration::from_secs(n.unsigned_abs() * 1_800), Some(9))
    };
    // Four around midnight are on no day four.
    let around: Vec<_> = (2..6).map(at).collect();
    let stick = of(&laid(period, &[period], &around, "UTC"), "nbn-dropouts");
    assert_eq!(stick.verdict, Some(ThresholdVerdict::NotReached));
    let before: Vec<_> = (0..4).map(at).collect();
    let stick = of(&laid(period, &[period], &before, "UTC"), "nbn-dropouts");
    assert_eq!(stick.verdict, Some(ThresholdVerdict::Reached));
    assert_eq!(
        stick.figure.map(|f| (f.part.to_bits(), f.whole.to_bits())),
        Some((1_f64.to_bits(), 2_f64.to_bits()))
    );
}

#[test]
fn an_hour_says_nothing_of_a_day() {
    let zone = "America/Toronto";
    let period = range("2026-11-16T18:00:00Z", "2026-11-16T19:00:00Z");
    let at = |n: u64| period.from + Duration::from_secs(n * 900);
    let drops: Vec<_> = (0..3).map(|n| drop(at(n), Some(60))).collect();
    let sticks = laid(period, &[period], &drops, zone);
    for key in ["accc-outages", "nbn-dropouts"] {
        let stick = of(&sticks, key);
        assert_eq!((stick.figure, stick.between, stick.verdict), (None, None, None), "{key}");
        assert_eq!(stick.silent, Some(WhyNoFigure::TooShort), "{key}");
    }
    // Nothing is made of what was not watched either, however long the period.
    let week = range("2026-11-16T05:00:00Z", "2026-11-23T05:00:00Z");
    let sticks = laid(week, &[period], &drops, zone);
    assert_eq!(of(&sticks, "accc-outages").silent, Some(WhyNoFigure::TooShort));
    assert_eq!(of(&sticks, "nbn-dropouts").figure, None);
    // Four in an hour are four on that day.
    let fourth = drop(period.from + Duration::from_secs(3_000), Some(60));
    let four: Vec<_> = drops.into_iter().chain([fourth]).collect();
    let stick = of(&laid(period, &[period], &four, zone), "nbn-dropouts");
    assert_eq!((stick.verdict, stick.silent), (Some(ThresholdVerdict::Reached), None));
}

#[test]
fn a_day_less_some_minutes_is_counted_and_not_extrapolated() {
    let day = range("2026-11-16T05:00:00Z", "2026-11-17T05:00:00Z");
    let watched = [TimeRange { to: utc("2026-11-17T04:30:00Z"), ..day }];
    let drops = [drop(utc("2026-11-16T15:00:00Z"), Some(60))];
    let sticks = laid(day, &watched, &drops, "America/Toronto");
    let figure = of(&sticks, "accc-outages").figure.unwrap();
    assert_eq!(figure.value.to_bits(), 1_f64.to_bits());
    assert_eq!(of(&sticks, "nbn-dropouts").verdict, Some(ThresholdVerdict::NotReached));
}

#[test]
fn keys_are_in_the_order_of_the_table() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z");
    let keys: Vec<_> = laid(period, &[], &[], "UTC").iter().map(|stick| stick.key).collect();
    assert_eq!(keys, KEYS);
}

#[test]
fn an_open_outage_over_a_weekend_reaches_calendar_days_before_working_days() {
    // From Friday noon; reported then, the second calendar day ends with Sunday, the second
    // working day with Tuesday.
    let friday = utc("2026-11-13T12:00:00Z");
    for (to, tkg, ofcom) in [
        ("2026-11-16T00:00:00Z", ThresholdVerdict::NotReached, ThresholdVerdict::NotReached),
        ("2026-11-16T00:00:01Z", ThresholdVerdict::Reached, ThresholdVerdict::NotReached),
        ("2026-11-18T00:00:01Z", ThresholdVerdict::Reached, ThresholdVerdict::Reached),
    ] {
        let period = TimeRange { from: utc("2026-11-12T00:00:00Z"), to: utc(to) };
        let sticks = laid(period, &[period], &[drop(friday, None)], "UTC");
        assert_eq!(of(&sticks, "tkg-58").verdict, Some(tkg), "{to}");
        assert_eq!(of(&sticks, "ofcom-compensation").verdict, Some(ofcom), "{to}");
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
        let seconds = SecondTally { quarters, ..SecondTally::default() };
        let ground = YardstickInputs {
            period, ledger: &ledger(period, &[period], &[]), drops: &[], availability: None, seen_from: Duration::from_secs(5), seconds: &seconds, zone: &zone,
        };
        let stick = of(&ground.yardsticks(), "crtc-loss-peak");
        prop_assert_eq!(stick.figure.map(|f| f.part.to_bits()), naive.ratio().map(|_| float(naive.lost).to_bits()));
        prop_assert_eq!(stick.figure.map(|f| f.value), naive.ratio());
        let met = naive.ratio().map(|r| if r <= 0.0025 { ThresholdVerdict::Met } else { ThresholdVerdict::Missed });
        prop_assert_eq!(stick.verdict, met);
    }
}

proptest! {
    // Each case looks at all minutes of eight days.
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// ACCC, nbn, TKG and Ofcom against a count of every drop by its local clock.
    #[test]
    fn events_are_those_of_every_drop_looked_at(
        name in prop::sample::select(vec!["Asia/Kolkata", "America/St_Johns", "Europe/Berlin", "UTC"]),
        begin in 29_000_000_i64..29_500_000,
        drops in prop::collection::vec((0_i64..8 * 86_400, 1_u64..90), 0..40),
        long in prop::option::of((0_i64..86_400, 1_u64..120)),
        unwatched in prop::option::of((0_i64..8 * 86_400, 1_i64..86_400)),
    ) {
        let zone = TimeZone::get(name).unwrap();
        let s = |s: i64| Timestamp::from_seconds(begin * 60 + s);
        let period = TimeRange { from: s(0), to: s(8 * 86_400) };
        let watched: Vec<_> = match unwatched {
            None => vec![period],
            Some((from, n)) => [TimeRange { to: s(from), ..period }, TimeRange { from: s((from + n).min(8 * 86_400)), ..period }]
                .into_iter().filter(|r| r.from < r.to).collect(),
        };
        let mut list: Vec<_> = drops.iter().map(|(at, n)| drop(s(*at), Some(*n))).collect();
        list.extend(long.map(|(at, hours)| drop(s(at), Some(hours * 3_600))));
        // What is made of a drop that runs into unwatched time is the ledger's affair.
        list.retain(|d| watched.iter().any(|w| w.from <= d.onset.earliest && d.onset.earliest + d.min <= w.to));
        let local = |at: Timestamp| {
            jiff::Timestamp::from_microsecond(at.as_micros()).unwrap().to_zoned_datetime(zone.clone())
        };
        let counts = |d: &LinkDrop| local(d.onset.earliest).hour() >= 6;
        // A second at a time would be slow: minutes are whole in all of these zones.
        let is_watched = |m: i64| watched.iter().map(|w| {
            let minute = TimeRange { from: s(m * 60), to: s(m * 60 + 60) };
            w.intersect(&minute).map_or(0.0, |part| part.length().as_secs_f64())
        }).sum::<f64>();
        let mut counted_s = 0.0;
        let mut days = std::collections::BTreeMap::<Date, (f64, usize)>::new();
        for m in 0..8 * 1_440 {
            let at = local(s(m * 60));
            let seconds = is_watched(m);
            counted_s += if at.hour() >= 6 { seconds } else { 0.0 };
            days.entry(at.date()).or_default().0 += seconds;
        }
        for d in &list {
            days.entry(local(d.onset.earliest).date()).or_default().1 += 1;
        }
        let sticks = laid(period, &watched, &list, name);
        let accc = of(&sticks, "accc-outages").figure;
        prop_assert_eq!(accc.is_some(), counted_s >= 0.95 * 64_800.0);
        if let Some(figure) = accc {
            let over = list.iter().filter(|d| d.min > Duration::from_secs(30) && counts(d)).count();
            prop_assert!((figure.part - float(over)).abs() < 1e-9);
            let days = (counted_s / 64_800.0).max(1.0);
            prop_assert!((figure.whole - days).abs() < 1e-6, "{} {days}", figure.whole);
        }
        let long = |date: &Date| {
            let begin = |date: Date| zone.to_timestamp(date.at(0, 0, 0, 0)).unwrap().as_second();
            f64::from(i32::try_from(begin(date.tomorrow().unwrap()) - begin(*date)).unwrap())
        };
        let judged = days.iter().filter(|(date, (s, n))| *n >= 4 || *s >= 0.95 * long(date));
        let incidents = judged.clone().filter(|(_, (_, n))| *n >= 4).count();
        let nbn = of(&sticks, "nbn-dropouts");
        prop_assert_eq!(nbn.figure.map(|f| f.part.to_bits()), (judged.count() > 0).then(|| float(incidents).to_bits()));
        // Noon of the third day, or of the third weekday, is after the deadline; noon before it is not.
        let late = |d: &LinkDrop, weekdays: bool| {
            let mut day = local(d.onset.earliest).date();
            let mut left = 2;
            while left > 0 {
                day = day.tomorrow().unwrap();
                let weekend = [6, 7].contains(&day.weekday().to_monday_one_offset());
                left -= i32::from(!(weekdays && weekend));
            }
            local(d.onset.earliest + d.min).date() > day && local(d.onset.earliest + d.min).time() > jiff::civil::Time::midnight()
        };
        for (key, weekdays) in [("tkg-58", false), ("ofcom-compensation", true)] {
            let figure = of(&sticks, key).figure.unwrap();
            let beyond = list.iter().filter(|d| late(d, weekdays)).count();
            prop_assert!((figure.part - float(beyond)).abs() < 1e-9, "{key} {figure:?} {beyond}");
        }
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
        let seconds = SecondTally { quarters: list, ..SecondTally::default() };
        let zone = TimeZone::UTC;
        let ground = YardstickInputs {
            period, ledger: &ledger(period, &[period], &[]), drops: &[], availability: None,
            seen_from: Duration::from_secs(5), seconds: &seconds, zone: &zone,
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

#[test]
fn where_probes_are_far_apart_no_yardstick_says_that_there_were_few_drops() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z");
    let (seconds, zone) = (SecondTally::default(), TimeZone::UTC);
    let at = |n: u64| drop(period.from + Duration::from_secs(n * 3_600), Some(240));
    let sticks = |drops: &[LinkDrop]| {
        let all: Vec<_> = drops.iter().collect();
        let ledger = ledger(period, &[period], &all);
        let availability = Availability::of(&ledger);
        let seen_from = Duration::from_secs(180);
        YardstickInputs {
            period,
            ledger: &ledger,
            drops: &all,
            availability,
            seen_from,
            seconds: &seconds,
            zone: &zone,
        }
        .yardsticks()
    };
    let none = sticks(&[]);
    assert_eq!(of(&none, "accc-outages").figure, None);
    assert_eq!(of(&none, "nbn-dropouts").verdict, None);
    let four: Vec<_> = (7..11).map(at).collect();
    assert_eq!(of(&sticks(&four), "nbn-dropouts").verdict, Some(ThresholdVerdict::Reached));
}

#[test]
fn of_probes_too_far_apart_for_an_interval_it_is_not_said_that_there_are_none() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-16T01:00:00Z");
    // Three anchors every 10 s: 18 in a minute, of which 20 are asked for.
    let quarter = |n: i64| QuarterHour {
        number: period.from.as_micros() / 900_000_000 + n,
        loss: LossRatio { lost: 0, sent: 270 },
        ..QuarterHour::default()
    };
    let seconds = SecondTally { quarters: (0..4).map(quarter).collect(), ..SecondTally::default() };
    let ledger = ledger(period, &[period], &[]);
    let ground = YardstickInputs {
        period,
        ledger: &ledger,
        drops: &[],
        availability: Availability::of(&ledger),
        seen_from: Duration::from_secs(30),
        seconds: &seconds,
        zone: &TimeZone::UTC,
    };
    let sticks = ground.yardsticks();
    assert_eq!(of(&sticks, "y1540-1min-20").silent, Some(WhyNoFigure::TooSparse));
    assert_eq!(of(&sticks, "g826-unavailable").silent, Some(WhyNoFigure::TooSparse));
    // 90 in five minutes are enough; that none was judged has another reason.
    assert_eq!(of(&sticks, "y1540-5min-75").silent, None);
}
