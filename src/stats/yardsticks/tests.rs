use super::*;
use crate::detect::Bounds;
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
    LinkDrop {
        key: onset,
        kind: DropKind::Drop,
        onset: exact(onset),
        end: seconds.map(|_| exact(onset + length)),
        min: length,
        max: length,
        unobserved: Duration::ZERO,
        places: Vec::new(),
        answered: Vec::new(),
        silent: Vec::new(),
        flaps: 1,
    }
}

fn laid(
    period: TimeRange,
    watched: &[TimeRange],
    drops: &[LinkDrop],
    zone: &str,
) -> Vec<Yardstick> {
    let seconds = SecondTally::default();
    let zone = TimeZone::get(zone).unwrap();
    let availability = Availability::of(&period, watched, drops);
    let seen_from = Duration::from_secs(5);
    Ground { period, watched, drops, availability, seen_from, seconds: &seconds, zone: &zone }
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
    assert_eq!(sticks.len(), 12);
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
fn four_dropouts_on_a_calendar_day_are_an_incident_for_nbn_and_three_are_none() {
    let period = range("2026-11-16T00:00:00Z", "2026-11-18T00:00:00Z");
    let at = |n: i64| {
        drop(utc("2026-11-16T22:00:00Z") + Duration::from_secs(n.unsigned_abs() * 1_800), Some(9))
    };
    // Four around midnight are on no day four.
    let around: Vec<_> = (2..6).map(at).collect();
    let stick = of(&laid(period, &[period], &around, "UTC"), "nbn-dropouts");
    assert_eq!(stick.verdict, Some(Verdict::NotReached));
    let before: Vec<_> = (0..4).map(at).collect();
    let stick = of(&laid(period, &[period], &before, "UTC"), "nbn-dropouts");
    assert_eq!(stick.verdict, Some(Verdict::Reached));
    assert_eq!(
        stick.figure.map(|f| (f.part.to_bits(), f.whole.to_bits())),
        Some((1_f64.to_bits(), 2_f64.to_bits()))
    );
}

#[test]
fn an_open_outage_over_a_weekend_reaches_calendar_days_before_working_days() {
    // From Friday noon; reported then, the second calendar day ends with Sunday, the second
    // working day with Tuesday.
    let friday = utc("2026-11-13T12:00:00Z");
    for (to, tkg, ofcom) in [
        ("2026-11-16T00:00:00Z", Verdict::NotReached, Verdict::NotReached),
        ("2026-11-16T00:00:01Z", Verdict::Reached, Verdict::NotReached),
        ("2026-11-18T00:00:01Z", Verdict::Reached, Verdict::Reached),
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
            .map(|(number, lost)| Quarter {
                number,
                loss: LossRatio { lost: *lost, sent: 500 },
                ..Quarter::default()
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
        let ground = Ground {
            period, watched: &[period], drops: &[], availability: None, seen_from: Duration::from_secs(5), seconds: &seconds, zone: &zone,
        };
        let stick = of(&ground.yardsticks(), "crtc-loss-peak");
        prop_assert_eq!(stick.figure.map(|f| f.part.to_bits()), naive.ratio().map(|_| float(naive.lost).to_bits()));
        prop_assert_eq!(stick.figure.map(|f| f.value), naive.ratio());
        let met = naive.ratio().map(|r| if r <= 0.0025 { Verdict::Met } else { Verdict::Missed });
        prop_assert_eq!(stick.verdict, met);
    }
}
