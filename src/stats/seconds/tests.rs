use proptest::prelude::*;

use super::*;
use crate::time::Timestamp;

const ID: TargetId = TargetId(4);

fn span(from: i64, to: i64) -> TimeRange {
    TimeRange { from: Timestamp::from_seconds(from), to: Timestamp::from_seconds(to) }
}

fn counter(seconds: i64, down: Vec<TimeRange>) -> SecondCounter {
    {
        let anchor =
            CountedAnchor { target: ID, interval: Duration::from_secs(1), troubles: Vec::new() };
        SecondCounter::new(span(0, seconds), vec![anchor], down)
    }
}

fn sample(ms: i64, outcome: Outcome) -> Measurement {
    Measurement { target: ID, sent_at: Timestamp::from_millis(ms), outcome }
}

fn reply(ms: u64) -> Outcome {
    Outcome::reply(Duration::from_millis(ms))
}

/// A drop of `drop_s` in each hour at the phase given, three probes a second, 100 hours.
fn hourly(drop_s: i64, phases: impl Fn(i64) -> i64) -> SecondTally {
    let mut counter = counter(360_000, Vec::new());
    for slot in 0..1_080_000_i64 {
        let (hour, at) = (slot / 10_800, slot % 10_800);
        let from = phases(hour) * 3;
        let lost = (from..from + drop_s * 3).contains(&at);
        counter.add(1, &sample(slot * 1_000 / 3, if lost { Outcome::Lost } else { reply(10) }));
    }
    counter.finish()
}

fn percent_available(n: LossIntervals) -> f64 {
    100.0
        - 100.0 * f64::from(u32::try_from(n.unavailable).unwrap())
            / f64::from(u32::try_from(n.judged).unwrap())
}

/// Drop in seconds, then the percentages available that `peers.md` §4.2 has for one an hour: by
/// time, and by loss above 75 % and 20 % over one minute, and above 75 % and 20 % over five.
const PUBLISHED: [(i64, [f64; 5]); 3] = [
    (60, [98.33, 99.17, 97.33, 100.0, 100.0]),
    (90, [97.50, 98.33, 96.50, 100.0, 92.49]),
    (120, [96.67, 97.49, 95.66, 100.0, 91.67]),
];

/// The published table is a simulation with random phases; here each third of a second of five
/// minutes is the phase of one hour, so the figures are the expected ones.
#[test]
fn one_drop_an_hour_gives_the_published_table_of_rulers() {
    for (drop_s, published) in PUBLISHED {
        let mut rulers =
            [(60, 75), (60, 20), (300, 75), (300, 20)].map(|(t, c1)| IntervalCounter::new(t, c1));
        let mut lost_probes = 0;
        for hour in 0..900 {
            // In thirds of a second, the distance of the probes.
            let down = 1_200 * 3 + hour..1_200 * 3 + hour + drop_s * 3;
            for second in 0..3_600 {
                let lost =
                    (second * 3..second * 3 + 3).filter(|probe| down.contains(probe)).count();
                let lost = u64::try_from(lost).unwrap();
                lost_probes += lost;
                for ruler in &mut rulers {
                    ruler.on_second(hour * 3_600 + second, LossRatio { lost, sent: 3 });
                }
            }
        }
        let by_time = 100.0 * (1.0 - f64::from(u32::try_from(lost_probes).unwrap()) / 9_720_000.0);
        let of_rulers = rulers.map(|mut ruler| {
            ruler.close();
            percent_available(ruler.counts)
        });
        let got: Vec<_> = std::iter::once(by_time).chain(of_rulers).collect();
        for (got, published) in got.iter().zip(published) {
            assert!((got - published).abs() < 0.021, "{drop_s} s: {got} for {published}");
        }
    }
}

/// The stream of samples gives what its seconds give.
#[test]
fn one_drop_an_hour_is_unavailable_seconds_of_its_length() {
    for (drop_s, [_, _, one_20, five_75, _]) in PUBLISHED {
        let tally = hourly(drop_s, |hour| (hour * 2_239) % 3_400);
        assert_eq!((tally.new_intervals.judged, tally.old_intervals.judged), (6_000, 1_200));
        assert!((percent_available(tally.new_intervals) - one_20).abs() < 0.15, "{tally:?}");
        assert!((percent_available(tally.old_intervals) - five_75).abs() < 1e-9);
        let errored = tally.errored.unwrap();
        let drop_seconds = u64::try_from(drop_s).unwrap() * 100;
        assert_eq!((errored.unavailable, errored.severely_errored), (drop_seconds, 0));
    }
}

/// As the recommendation puts it: a second is unavailable when it lies in a run of ten SES, or
/// after one with no run of ten others between. Stretches apart by three empty seconds or more
/// are judged alone.
fn naive(seconds: &[Option<bool>]) -> Option<(u64, u64, u64)> {
    let mut stretches: Vec<Vec<bool>> = vec![Vec::new()];
    let mut empty = 0;
    for second in seconds {
        match second {
            None => empty += 1,
            Some(bad) => {
                if empty >= 3 {
                    stretches.push(Vec::new());
                }
                empty = 0;
                stretches.last_mut().unwrap().push(*bad);
            }
        }
    }
    let (mut ses, mut uas) = (0, 0);
    for s in &stretches {
        let all = |from: usize, bad: bool| {
            s.get(from..from + 10).is_some_and(|ten| ten.iter().all(|b| *b == bad))
        };
        let mut down = false;
        for (i, bad) in s.iter().enumerate() {
            down = if down { !all(i, false) } else { all(i, true) };
            uas += u64::from(down);
            ses += u64::from(!down && *bad);
        }
    }
    let watched = stretches.iter().map(Vec::len).sum::<usize>() as u64;
    stretches.iter().any(|s| s.len() >= 10).then_some((ses, uas, watched))
}

#[test]
fn time_without_a_probe_is_no_figure() {
    let tally = counter(3_600, Vec::new()).finish();
    assert_eq!(tally, SecondTally::default());
    let mut one = counter(3_600, Vec::new());
    one.add(1, &sample(5_000, Outcome::Lost));
    let tally = one.finish();
    assert_eq!((tally.errored, tally.new_intervals.judged), (None, 0));
    assert_eq!(tally.quarters[0].loss, LossRatio { lost: 1, sent: 1 });
}

#[test]
fn a_clock_put_back_gives_its_hour_twice() {
    let mut counter = counter(7_200, Vec::new());
    for run in [1, 2] {
        (0..3_600).for_each(|s| counter.add(run, &sample(s * 1_000, Outcome::Lost)));
    }
    let tally = counter.finish();
    let errored = tally.errored.unwrap();
    assert_eq!((errored.unavailable, errored.watched), (7_200, 7_200));
    assert_eq!((tally.new_intervals.unavailable, tally.old_intervals.judged), (120, 24));
    assert_eq!(tally.quarters.len(), 8);
}

#[test]
fn a_reply_between_2_and_3_s_is_lost_for_samknows_alone() {
    let mut counter = counter(60, Vec::new());
    let late = Outcome::Late { rtt: Duration::from_secs(4) };
    for (s, outcome) in (0..).zip([reply(50), reply(2_000), reply(2_001), late, reply(51)]) {
        counter.add(1, &sample(s * 1_000, outcome));
    }
    let quarter = counter.finish().quarters[0];
    assert_eq!(quarter.loss, LossRatio { lost: 1, sent: 5 });
    assert_eq!(quarter.loss_2s, LossRatio { lost: 2, sent: 5 });
    assert_eq!((quarter.within_50ms, quarter.answered), (1, 4));
}

#[test]
fn an_anchor_in_trouble_of_its_own_is_no_loss_of_the_link() {
    let anchor = |id, troubles| CountedAnchor {
        target: TargetId(id),
        interval: Duration::from_secs(1),
        troubles,
    };
    let anchors = vec![anchor(4, vec![span(60, 120)]), anchor(5, Vec::new())];
    let mut counter = SecondCounter::new(span(0, 180), anchors, Vec::new());
    for s in 0..180 {
        let lost = (60..130).contains(&s);
        counter.add(1, &sample(s * 1_000, if lost { Outcome::Lost } else { reply(9) }));
        counter.add(1, &Measurement { target: TargetId(5), ..sample(s * 1_000, reply(9)) });
    }
    let tally = counter.finish();
    assert_eq!(tally.quarters[0].loss, LossRatio { lost: 10, sent: 300 });
    assert_eq!(tally.errored.map(|e| (e.unavailable, e.watched)), Some((10, 180)));
}

proptest! {
    #[test]
    fn unavailable_seconds_are_those_of_the_definition(
        runs in prop::collection::vec((prop::option::weighted(0.8, any::<bool>()), 1_usize..15), 1..40),
    ) {
        let seconds: Vec<_> = runs.iter().flat_map(|(s, n)| std::iter::repeat_n(*s, *n)).collect();
        let mut counter = counter(3_600, Vec::new());
        for (s, second) in (0..).zip(&seconds) {
            if let Some(bad) = second {
                counter.add(1, &sample(s * 1_000, if *bad { Outcome::Lost } else { reply(9) }));
            }
        }
        let got = counter.finish().errored;
        let got = got.map(|e| (e.severely_errored, e.unavailable, e.watched));
        prop_assert_eq!(got, naive(&seconds));
    }

    #[test]
    fn calm_counts_are_those_outside_of_drops(
        outcomes in prop::collection::vec(prop::option::of(1_u64..3_000), 1..300),
        drops in prop::collection::vec((0_i64..300, 1_i64..40), 0..5),
    ) {
        let spans = drops.iter().map(|(at, n)| span(*at, at + n)).collect();
        let mut counter = counter(600, crate::time::spans::union(spans));
        let (mut calm, mut before) = (CalmProbes::default(), None);
        for (s, rtt) in (0_i64..).zip(&outcomes) {
            let outcome = rtt.map_or(Outcome::Lost, reply);
            counter.add(1, &sample(s * 1_000, outcome));
            let down = drops.iter().any(|(at, n)| (*at..at + n).contains(&s));
            let rtt = rtt.filter(|_| !down);
            if !down {
                calm.loss += LossRatio { lost: u64::from(rtt.is_none()), sent: 1 };
            }
            if let Some(ms) = rtt {
                calm.answered += 1;
                calm.rtt_us += ms * 1_000;
                if let Some(d0) = before {
                    calm.pairs += 1;
                    calm.ipdv_us += ms.abs_diff(d0) * 1_000;
                }
            }
            before = rtt;
        }
        prop_assert_eq!(counter.finish().quarters[0].calm, calm);
    }

    /// A naive count of all probes of each interval: 20 at least, the first and the last second
    /// half an interval apart.
    #[test]
    fn unavailable_intervals_are_those_of_a_count_of_each(
        probes in prop::collection::vec((0_i64..1_500, any::<bool>()), 1..400),
        lossy in prop::collection::vec((0_i64..1_500, 1_i64..300), 0..4),
    ) {
        let mut probes = probes;
        probes.extend((0..900).map(|s| (s, false)));
        probes.sort_unstable();
        probes.dedup_by_key(|(s, _)| *s);
        let lost = |s: i64, lost: bool| lost || lossy.iter().any(|(at, n)| (*at..at + n).contains(&s));
        let mut counter = counter(1_500, Vec::new());
        for (s, own) in &probes {
            let outcome = if lost(*s, *own) { Outcome::Lost } else { reply(9) };
            counter.add(1, &sample(s * 1_000, outcome));
        }
        let naive = |length: i64, c1: f64| {
            let (mut judged, mut unavailable) = (0, 0);
            for from in (0..1_500).step_by(usize::try_from(length).unwrap()) {
                let inside: Vec<_> = probes.iter().filter(|(s, _)| (from..from + length).contains(s)).collect();
                let (Some((first, _)), Some((last, _))) = (inside.first(), inside.last()) else { continue };
                if inside.len() < 20 || last - first < length / 2 {
                    continue;
                }
                judged += 1;
                let gone = inside.iter().filter(|(s, own)| lost(*s, *own)).count();
                let [gone, all] = [gone, inside.len()].map(|n| f64::from(u32::try_from(n).unwrap()));
                unavailable += u64::from(gone / all > c1 + 1e-12);
            }
            LossIntervals { unavailable, judged }
        };
        let tally = counter.finish();
        prop_assert_eq!(tally.new_intervals, naive(60, 0.2));
        prop_assert_eq!(tally.old_intervals, naive(300, 0.75));
    }
}

/// Hours counted when they were over, in the place of their probes, say the same of seconds and
/// intervals; delays and edges of drops differ by what [`SecondCounter::add_hour`] documents.
#[test]
fn hours_give_what_their_probes_give() {
    let down = vec![span(1_000, 1_090), span(7_195, 7_260), span(9_000, 9_700)];
    let trouble = span(5_400, 5_460);
    let make = || {
        let one =
            |target, troubles| CountedAnchor { target, interval: Duration::from_secs(1), troubles };
        let anchors = vec![one(ID, vec![trouble]), one(TargetId(5), Vec::new())];
        SecondCounter::new(span(0, 14_400), anchors, down.clone())
    };
    let mut samples = Vec::new();
    for n in 0..14_400_i64 {
        // Nobody watched for a while.
        if (11_000..11_500).contains(&n) {
            continue;
        }
        for (id, phase) in [(ID, 100), (TargetId(5), 600)] {
            let at = n * 1_000 + phase;
            let is_down = down.iter().any(|d| d.contains(Timestamp::from_millis(at)));
            let troubled = id == ID && trouble.contains(Timestamp::from_millis(at));
            let outcome = match n * 7_919 % 1_009 {
                0 => Outcome::Lost,
                _ if is_down || troubled => Outcome::Lost,
                m => reply(20 + m.unsigned_abs() % 40),
            };
            samples.push(Measurement { target: id, ..sample(at, outcome) });
        }
    }
    let mut exact = make();
    for minute in 0..240 {
        for id in [ID, TargetId(5)] {
            let of = samples.iter().filter(|s| s.target == id && s.sent_at.minute() == minute);
            of.for_each(|s| exact.add(1, s));
        }
    }
    let mut summed_up = make();
    for hour in 0..4 {
        let counted = |id| {
            let of = samples.iter().filter(|s| s.target == id && s.sent_at.minute() / 60 == hour);
            crate::stats::AnchorHour::count(Duration::from_secs(1), of.map(|s| (1, s)))
        };
        let (a, b) = (counted(ID), counted(TargetId(5)));
        summed_up.add_hour(hour, &[(ID, &a), (TargetId(5), &b)]);
    }
    let (exact, found) = (exact.finish(), summed_up.finish());
    assert_eq!(found.errored, exact.errored);
    assert!(exact.errored.unwrap().unavailable > 700);
    assert_eq!(found.old_intervals, exact.old_intervals);
    assert_eq!(found.new_intervals, exact.new_intervals);
    assert_eq!(found.quarters.len(), exact.quarters.len());
    for (found, exact) in found.quarters.iter().zip(&exact.quarters) {
        assert_eq!((found.number, found.loss), (exact.number, exact.loss));
        assert_eq!(found.calm.loss, exact.calm.loss, "quarter {}", found.number);
        if found.number == 6 {
            // The trouble is in it: its delays are those of the other anchor.
            assert_eq!(found.answered, 900 - found.loss_2s.lost);
            continue;
        }
        assert_eq!(found.loss_2s, exact.loss_2s);
        assert_eq!((found.answered, found.within_50ms), (exact.answered, exact.within_50ms));
        assert_eq!(
            (found.calm.answered, found.calm.rtt_us),
            (exact.calm.answered, exact.calm.rtt_us)
        );
        assert!(exact.calm.pairs - found.calm.pairs <= 2, "the first of an hour of each anchor");
    }
}
