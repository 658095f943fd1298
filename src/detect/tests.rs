//! The rules on streams written as text; scenarios and properties are in the modules below.

mod calm;
mod failover;
mod families;
mod kinds_of_time;
mod live;
mod loss;
mod place;
mod scenarios;
mod slow;
mod votes;
mod web;
mod world;

use super::*;
use crate::time::Timestamp;
use crate::vocabulary::{
    DropKind, GapReason, LinkDrop, LinkState, Measurement, NotSent, Outcome, Place, Role, Run,
    RunEnd, TargetId,
};
use std::fmt::Write as _;
use std::time::Duration;
use world::{START_MS, at, run, target};

/// Feeds a pooled stream of three anchors, a probe each third of a second, after five minutes of
/// answers. `"30. 15x"` is 30 answers and 15 losses; `l` late, `k` kept for 1.5 s in this host's
/// own queue, `u` unreachable by a router, `n` no route, `m` not sent for another reason, `-`
/// nothing at all.
fn feed(stream: &str) -> Detector {
    feed_with(Parameters::default(), stream)
}

fn feed_with(parameters: Parameters, stream: &str) -> Detector {
    let mut detector = Detector::new(parameters);
    let targets: Vec<_> = (1..=3).map(|id| target(id, Role::Anchor)).collect();
    detector.set_targets(&targets);
    detector.begin_run(&run(1, START_MS));
    for (slot, c) in (-900..).zip(".".repeat(900).chars().chain(spell(stream).chars())) {
        let target = targets[usize::try_from(i64::from(slot).rem_euclid(3)).unwrap()].id;
        let Some(outcome) = outcome(c) else { continue };
        let sent_at = at(START_MS + slot_ms(slot));
        detector.on_measurement(&Measurement { target, sent_at, outcome });
    }
    detector.finish();
    detector
}

fn slot_ms(slot: i32) -> i64 {
    (i64::from(slot) * 1_000).div_euclid(3)
}

fn spell(stream: &str) -> String {
    let words = stream.split_whitespace();
    words
        .map(|word| {
            let (count, c) = word.split_at(word.len() - 1);
            c.repeat(count.parse().unwrap())
        })
        .collect()
}

fn outcome(c: char) -> Option<Outcome> {
    Some(match c {
        '.' => Outcome::reply(Duration::from_millis(20)),
        'x' => Outcome::Lost,
        'l' => Outcome::Late { rtt: Duration::from_secs(4) },
        'k' => Outcome::Reply(crate::vocabulary::Reply {
            rtt: Duration::from_millis(20),
            local_queue: Some(Duration::from_millis(1_500)),
            ttl: None,
            phases: None,
        }),
        'u' => Outcome::Unreachable(crate::vocabulary::Unreachable {
            by: Some("192.0.2.99".parse().unwrap()),
            icmp_type: 3,
            code: 0,
        }),
        'n' => Outcome::NotSent(NotSent::NoRoute),
        'm' => Outcome::NotSent(NotSent::QueueFull),
        _ => return None,
    })
}

/// Each drop as its kind, the slots of its first and last silent probe, and what is odd about it.
fn told(drops: &[LinkDrop]) -> Vec<String> {
    let slot = |t: Timestamp| {
        let ms = t.as_millis() - START_MS;
        (ms * 3 + 2).div_euclid(1_000)
    };
    drops
        .iter()
        .map(|drop| {
            let mut text = format!("{} {}-", drop.kind.as_str(), slot(drop.key));
            if let Some(end) = drop.end {
                text += &slot(end.earliest).to_string();
            }
            if drop.flaps > 1 {
                write!(text, " flaps {}", drop.flaps).unwrap();
            }
            if !drop.unobserved.is_zero() {
                write!(text, " unobserved {:.1}", drop.unobserved.as_secs_f64()).unwrap();
            }
            text
        })
        .collect()
}

#[track_caller]
fn check(stream: &str, expected: &[&str]) {
    assert_eq!(told(feed(stream).drops()), expected, "{stream}");
}

#[test]
fn five_seconds_without_an_answer_are_a_drop_and_two_are_a_blip() {
    check("30. 17x 60.", &["drop 30-46"]);
    check("30. 13x 60.", &["blip 30-42"]);
    check("30. 6x 60.", &["blip 30-35"]);
    check("30. 5x 60.", &[]);
}

#[test]
fn more_than_five_minutes_are_an_outage() {
    check("30. 903x 60.", &["outage 30-932"]);
    check("30. 900x 60.", &["drop 30-929"]);
}

#[test]
fn an_icmp_error_ends_no_silence() {
    check("30. 9x 1u 9x 60.", &["drop 30-48"]);
    check("300l", &["blip 0-11"]);
}

#[test]
fn a_drop_ends_no_later_than_the_first_receipt_and_no_earlier_is_claimed() {
    let end_ms = |stream: &str| {
        let detector = feed(stream);
        let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
        drop.end.unwrap().latest.as_millis() - START_MS - slot_ms(50)
    };
    assert_eq!(end_ms("30. 20x 60."), 20);
    // What waited in this host for the link was answered when it could be sent at last.
    assert_eq!(end_ms("30. 20x 6k 60."), 1_520);
    assert_eq!(end_ms("30. 20x 3k 60."), 1_020, "the probe of a second later came back first");
    assert_eq!(end_ms("30. 20x 9l 60."), 3_020, "held packets prove nothing before they come");
    assert_eq!(end_ms("30. 20x 3l 60."), 1_020);
}

#[test]
fn stray_replies_do_not_end_a_drop() {
    check("30. 20x 5. 3x 3. 20x 60.", &["drop 30-80"]);
}

#[test]
fn short_losses_after_the_first_reply_do_not_hold_a_drop_open() {
    check("30. 20x 3. 2x 3. 2x 60.", &["drop 30-49"]);
}

#[test]
fn drops_less_than_ten_seconds_apart_are_one_with_two_flaps() {
    check("30. 20x 29. 20x 60.", &["drop 30-98 flaps 2"]);
    check("30. 20x 31. 20x 60.", &["drop 30-49", "drop 81-100"]);
}

#[test]
fn a_blip_between_merged_drops_is_part_of_them() {
    check("30. 20x 10. 7x 10. 20x 60.", &["drop 30-96 flaps 2"]);
}

#[test]
fn ten_seconds_of_which_four_fifths_are_silent_are_a_drop() {
    check("60. 10x 1. 10x 1. 10x 60.", &["drop 60-91"]);
    check("60. 4x 2. 4x 2. 4x 2. 4x 2. 4x 2. 4x 60.", &[]);
}

#[test]
fn no_silence_shorter_than_drop_after_is_a_drop() {
    let minute = || Parameters { drop_after: Duration::from_secs(60), ..Parameters::default() };
    let told = |stream: &str| told(feed_with(minute(), stream).drops());
    assert_eq!(told("60. 90x 60."), ["blip 60-149"]);
    assert_eq!(told("60. 45x 1. 45x 60."), ["blip 60-104", "blip 106-150"]);
    assert_eq!(told("60. 183x 60."), ["drop 60-242"]);
    // Four fifths of the last minute, and no minute long.
    assert_eq!(told("300. 174x 60."), ["blip 300-473"]);
    // A minute of which four fifths are silent is one.
    assert_eq!(told("60. 60x 1. 60x 1. 60x 1. 60x 60."), ["drop 60-302"]);
}

#[test]
fn the_drop_that_lasts_comes_last_and_has_no_end() {
    check("30. 20x", &["drop 30-"]);
    check("30. 20x 9.", &["drop 30-"]);
    check("30. 20x 10.", &["drop 30-49"]);
}

#[test]
fn probes_not_sent_are_a_gap_unless_there_was_no_route() {
    check("30. 60n 60.", &["drop 30-89"]);
    check("30. 60m 60.", &[]);
    assert_eq!(feed("30. 60m 60.").gaps().len(), 1);
    assert_eq!(feed("30. 60n 60.").gaps(), []);
    assert_eq!(feed("30. 60n 60.").drops()[0].places, [Place::Lan]);
}

#[test]
fn a_stall_of_2_5_seconds_is_a_gap_from_probe_to_probe() {
    assert_eq!(feed("30. 6- 30.").gaps(), []);
    let gaps = feed("30. 8- 30.").gaps().to_vec();
    assert_eq!(gaps[0].range.from, at(START_MS + slot_ms(29)));
    assert_eq!(gaps[0].range.to, at(START_MS + slot_ms(38)));
    assert_eq!(gaps[0].reason, GapReason::Stalled);
}

#[test]
fn silence_on_both_sides_of_a_short_gap_is_one_drop_less_the_gap() {
    check("30. 60x 299- 60x 60.", &["drop 30-448 unobserved 100.0"]);
    check("30. 60x 1800- 60x 60.", &["drop 30-89", "drop 1890-1949"]);
    // The silence before need not be 5 s, but more than a lost probe.
    check("30. 5x 299- 60x 60.", &["drop 30-393 unobserved 100.0"]);
    check("30. 1x 299- 60x 60.", &["drop 330-389"]);
    check("30. 60x 299- 5x 60.", &["drop 30-393 unobserved 100.0"]);
}

#[test]
fn silence_does_not_add_up_to_a_drop_across_a_gap() {
    check("30. 9x 29- 9x 60.", &["possible 30-76 unobserved 10.0"]);
}

#[test]
fn an_edge_inside_a_gap_is_bounded_by_the_gap() {
    let drops = feed("30. 299- 60x 60.").drops().to_vec();
    assert_eq!(drops[0].onset.earliest, at(START_MS + slot_ms(29)));
    assert_eq!(drops[0].onset.latest, at(START_MS + slot_ms(329) + 20));
    let drops = feed("30. 60x 299- 60.").drops().to_vec();
    let end = drops[0].end.unwrap();
    assert_eq!(end.earliest, at(START_MS + slot_ms(89)));
    assert_eq!(end.latest, at(START_MS + slot_ms(389) + 20));
    assert_eq!(drops[0].unobserved, Duration::ZERO);
}

#[test]
fn two_drops_around_a_long_gap_do_not_overlap() {
    let drops = feed("30. 60x 2000- 60x 60.").drops().to_vec();
    assert_eq!(drops[0].end.unwrap().latest, drops[1].key);
    assert_eq!(drops[1].onset.earliest, at(START_MS + slot_ms(89)));
}

#[test]
fn bounds_are_the_answered_probes_around_and_the_silent_ones_inside() {
    let drop = feed("30. 15x 60.").drops()[0].clone();
    assert_eq!(drop.key, at(START_MS + slot_ms(30)));
    assert_eq!(drop.onset.earliest, at(START_MS + slot_ms(29)));
    assert_eq!(drop.onset.latest, at(START_MS + slot_ms(30) + 20));
    let end = drop.end.unwrap();
    assert_eq!(end.earliest, at(START_MS + slot_ms(44)));
    assert_eq!(end.latest, at(START_MS + slot_ms(45) + 20));
    assert_eq!(drop.min, Duration::from_millis(4_666 - 20));
    assert_eq!(drop.max, Duration::from_millis(15_000 + 20 - 9_666));
}

#[test]
fn the_link_is_up_since_it_was_seen_again_when_nobody_watched_for_a_while() {
    let after = at(START_MS + slot_ms(60));
    assert_eq!(feed("30. 30- 30.").state(), (LinkState::Up, Some(after)));
}

#[test]
fn states_are_up_suspect_down_and_unknown() {
    assert_eq!(Detector::new(Parameters::default()).state(), (LinkState::Unknown, None));
    assert_eq!(feed("30.").state(), (LinkState::Up, Some(at(START_MS - 300_000))));
    assert_eq!(feed("30. 2x").state().0, LinkState::Up);
    let down = feed("30. 15x");
    let onset = down.open_drop().unwrap().onset.midpoint();
    assert_eq!(down.state(), (LinkState::Down, Some(onset)));
    assert_eq!(feed("30. 3x").state(), (LinkState::Suspect, Some(onset)));
    assert_eq!(feed("30. 15x 9.").state().0, LinkState::Down);
}

/// A probe that waited in a router for the end of the drop was sent before it.
#[test]
fn after_a_drop_the_link_is_up_since_the_drop_ended() {
    let home = feed("30. 15x 10.");
    let end = home.drops()[0].end.unwrap();
    assert_eq!(end.latest, at(START_MS + slot_ms(45) + 20));
    assert_eq!(home.state(), (LinkState::Up, Some(end.midpoint())));
}

/// One target probed each `spacing_s`, as `x` and `.`.
fn import(spacing_s: i64, stream: &str) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    let mut only = target(1, Role::Anchor);
    only.interval = Duration::from_secs(spacing_s.unsigned_abs());
    detector.set_targets(&[only]);
    detector.begin_run(&Run {
        boot: None,
        boot_id: None,
        ended: Some(RunEnd::Import),
        ..run(1, START_MS)
    });
    for (n, c) in (0..).zip(spell(stream).chars()) {
        if let Some(outcome) = outcome(c) {
            let sent_at = at(START_MS + n * spacing_s * 1_000);
            detector.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
        }
    }
    detector.finish();
    detector
}

#[test]
fn one_anchor_suffices_where_only_one_is_probed() {
    let length = |d: &Detector| d.drops().iter().map(|d| (d.kind, d.max)).collect::<Vec<_>>();
    let drop = import(1, "60. 7x 60.");
    assert_eq!(length(&drop), [(DropKind::Drop, Duration::from_millis(8_020))]);
    assert_eq!(import(1, "60. 3x 60.").drops()[0].kind, DropKind::Blip);
    assert_eq!(import(1, "60. 2x 60.").drops(), []);
}

#[test]
fn a_sparse_record_has_gaps_by_its_own_spacing_and_needs_three_losses() {
    let minutes = import(60, "60. 3x 60.");
    assert_eq!(minutes.drops().len(), 1);
    assert_eq!(minutes.gaps(), []);
    assert_eq!(import(60, "60. 2x 60.").drops(), []);
    let gaps = import(60, "60. 2- 60.").gaps().to_vec();
    assert_eq!(gaps.iter().map(|gap| gap.reason).collect::<Vec<_>>(), [GapReason::NoRecord]);
}

/// Three anchors probed in the same moment each `spacing_s`, a round a word: `...`, `x.x`.
fn rounds(spacing_s: i64, words: &[(usize, &str)]) -> Detector {
    let mut detector = Detector::new(Parameters::default());
    let mut targets: Vec<_> = (1..=3).map(|id| target(id, Role::Anchor)).collect();
    for target in &mut targets {
        target.interval = Duration::from_secs(spacing_s.unsigned_abs());
    }
    detector.set_targets(&targets);
    detector.begin_run(&run(1, START_MS));
    let all = words.iter().flat_map(|(count, word)| std::iter::repeat_n(*word, *count));
    for (round, word) in (0..).zip(all) {
        for (place, c) in (0..).zip(word.chars()) {
            let sent_at = at(START_MS + round * spacing_s * 1_000 + i64::from(place));
            let target = TargetId(place + 1);
            let Some(outcome) = outcome(c) else { continue };
            detector.on_measurement(&Measurement { target, sent_at, outcome });
        }
    }
    detector.finish();
    detector
}

#[test]
fn a_record_that_probes_all_anchors_at_once_has_no_gap_between_its_rounds() {
    for spacing_s in [1, 5, 10, 60] {
        let record = rounds(spacing_s, &[(60, "..."), (10, "xxx"), (60, "...")]);
        assert_eq!(record.gaps(), [], "{spacing_s} s");
        let [drop] = record.drops() else { panic!("{:?}", record.drops()) };
        assert_eq!(drop.unobserved, Duration::ZERO);
        assert!(drop.min.as_secs() <= 9 * spacing_s.unsigned_abs());
        assert!(drop.max.as_secs() >= 11 * spacing_s.unsigned_abs());
    }
    assert_eq!(rounds(60, &[(60, "..."), (1, "---"), (60, "...")]).gaps().len(), 1);
}

#[test]
fn probes_lost_at_one_moment_are_one_loss() {
    assert_eq!(rounds(60, &[(60, "..."), (1, "xxx"), (60, "...")]).drops(), []);
    assert_eq!(rounds(60, &[(60, "..."), (2, "xxx"), (60, "...")]).drops(), []);
    assert_eq!(rounds(60, &[(60, "..."), (3, "xxx"), (60, "...")]).drops().len(), 1);
}

#[test]
fn a_dead_anchor_alone_does_not_hold_a_drop_open() {
    let mut detector = Detector::new(Parameters::default());
    let targets: Vec<_> = (1..=3).map(|id| target(id, Role::Anchor)).collect();
    detector.set_targets(&targets);
    detector.begin_run(&run(1, START_MS));
    let mut feed = |ms: i64, id: u8, dead: bool| {
        let outcome = outcome(if dead { 'x' } else { '.' }).unwrap();
        let sent_at = at(START_MS + ms);
        detector.on_measurement(&Measurement { target: TargetId(id), sent_at, outcome });
    };
    for second in 1..120 {
        let (ms, out) = (second * 1_000, (80..90).contains(&second));
        // Last of a round and first of the next: two losses in a row, nearly a second apart.
        if second % 2 == 1 {
            feed(ms - 5, 3, second > 60);
        }
        feed(ms, 1, out);
        feed(ms + 1, 2, out);
        if second % 2 == 0 {
            feed(ms + 5, 3, second > 60);
        }
    }
    detector.finish();
    let [drop] = detector.drops() else { panic!("{:?}", detector.drops()) };
    assert_eq!(drop.end.unwrap().latest, at(START_MS + 90_000 + 20));
}

#[test]
fn sparse_losses_are_a_drop_when_every_anchor_lost_one() {
    let five = |stream: &str| {
        let mut detector = Detector::new(Parameters::default());
        let mut targets: Vec<_> = (1..=5).map(|id| target(id, Role::Anchor)).collect();
        for target in &mut targets {
            target.interval = Duration::from_secs(60);
        }
        detector.set_targets(&targets);
        detector.begin_run(&run(1, START_MS));
        for (slot, c) in (0..).zip(spell(stream).chars()) {
            let target = targets[usize::try_from(slot % 5).unwrap()].id;
            let sent_at = at(START_MS + slot * 12_000);
            let outcome = outcome(c).unwrap();
            detector.on_measurement(&Measurement { target, sent_at, outcome });
        }
        detector.finish();
        detector.drops().len()
    };
    assert_eq!(five("60. 3x 60."), 0);
    assert_eq!(five("60. 5x 60."), 1);
}

#[test]
fn silence_is_no_verdict_before_two_anchors_have_answered() {
    let mut detector = Detector::new(Parameters::default());
    let targets: Vec<_> = (1..=3).map(|id| target(id, Role::Anchor)).collect();
    detector.set_targets(&targets);
    detector.begin_run(&run(1, START_MS));
    let feed = |detector: &mut Detector, slots: std::ops::Range<i32>, alive: u8| {
        for slot in slots {
            let id = targets[usize::try_from(slot % 3).unwrap()].id;
            let outcome = outcome(if id.0 <= alive { '.' } else { 'x' }).unwrap();
            let sent_at = at(START_MS + slot_ms(slot));
            detector.on_measurement(&Measurement { target: id, sent_at, outcome });
        }
    };
    feed(&mut detector, 0..90, 0);
    assert_eq!(detector.state().0, LinkState::Unknown);
    assert_eq!(detector.open_gap().unwrap().reason, GapReason::Unanswered);
    feed(&mut detector, 90..180, 1);
    feed(&mut detector, 180..270, 0);
    assert_eq!(detector.state().0, LinkState::Unknown);
    assert_eq!(detector.open_gap().unwrap().reason, GapReason::Unconfirmed);
    feed(&mut detector, 270..360, 2);
    feed(&mut detector, 360..450, 0);
    assert_eq!(detector.state().0, LinkState::Down);
    detector.finish();
    assert_eq!(told(detector.drops()), ["drop 360-"]);
}

#[test]
fn a_finished_record_may_begin_with_a_drop() {
    let mut detector = Detector::new(Parameters::default());
    detector.set_targets(&[target(1, Role::Anchor)]);
    detector.vouch_for(TargetId(1));
    detector.begin_run(&Run {
        boot: None,
        boot_id: None,
        ended: Some(RunEnd::Import),
        ..run(1, START_MS)
    });
    for second in 0..60 {
        let outcome = outcome(if second < 20 { 'x' } else { '.' }).unwrap();
        let sent_at = at(START_MS + second * 1_000);
        detector.on_measurement(&Measurement { target: TargetId(1), sent_at, outcome });
    }
    detector.finish();
    assert_eq!(detector.drops()[0].min, Duration::from_secs(19));
    assert_eq!(detector.drops()[0].onset.earliest, at(START_MS));
}
