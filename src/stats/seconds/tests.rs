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

#[test]
fn time_without_a_probe_is_no_figure() {
    let tally = counter(3_600, Vec::new()).finish();
    assert_eq!(tally, SecondTally::default());
    let mut one = counter(3_600, Vec::new());
    one.add(1, &sample(5_000, Outcome::Lost));
    let tally = one.finish();
    assert_eq!(tally.quarters[0].loss, LossRatio { lost: 1, sent: 1 });
}

#[test]
fn a_clock_put_back_gives_its_hour_twice() {
    let mut counter = counter(7_200, Vec::new());
    for run in [1, 2] {
        (0..3_600).for_each(|s| counter.add(run, &sample(s * 1_000, Outcome::Lost)));
    }
    let tally = counter.finish();
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
}

proptest! {
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
}

/// Hours counted when they were over, in the place of their probes, say the same of loss; delays and edges of drops differ by what [`SecondCounter::add_hour`] documents.
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
