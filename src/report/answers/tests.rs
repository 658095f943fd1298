use std::time::Duration;

use super::*;
use crate::config::Lang;
use crate::language;
use crate::report::scenes::everything;
use crate::report::synthetic::Scene;
use crate::vocabulary::Place;

fn said(report: &Report) -> Vec<(Stand, String)> {
    let english = language::of(Lang::En);
    answers(report).iter().map(|a| (a.stand(), english.answer(a, report)[1].clone())).collect()
}

/// Two drops on the access line in an hour.
fn hour() -> Scene {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 3_600);
    scene.drops =
        vec![(600.0, Some(60.0), vec![Place::Access]), (2_400.0, Some(90.0), vec![Place::Access])];
    scene
}

#[test]
fn a_record_with_all_witnesses_answers_with_its_numbers() {
    let [low, target, wifi, modem, seen, works, hop, reboot]: [(Stand, String); 8] =
        said(&hour().report()).try_into().unwrap();
    assert_eq!(low.0, Stand::Answered);
    assert!(low.1.contains("does not answer this for other protocols"), "{}", low.1);
    assert!(low.1.contains("Outside drops, "), "{}", low.1);
    assert_eq!(target.0, Stand::Answered);
    assert!(target.1.contains("none of 3 public servers"), "{}", target.1);
    assert!(target.1.contains("first hop was silent as well in 2 of 2 drops"), "{}", target.1);
    assert_eq!(wifi.0, Stand::Answered);
    assert!(wifi.1.contains("in 2 of 2 drops, and was silent in 0 of 2 drops."), "{}", wifi.1);
    assert_eq!(modem.0, Stand::Open);
    assert!(
        modem.1.contains("in 2 of 2 drops, and the ISP's first hop was silent in 2 of 2 drops")
    );
    assert_eq!(seen.0, Stand::Answered);
    assert!(seen.1.contains("Half of the 2 drops lasted 1 min or less."), "{}", seen.1);
    assert!(seen.1.contains("a probability of 20.00 %"), "{}", seen.1);
    assert!(seen.1.contains("2026-11-16 05:10:00, 2026-11-16 05:40:00"), "{}", seen.1);
    assert_eq!(works.0, Stand::Answered);
    assert!(works.1.contains("with a probability of 95.83 %"), "{}", works.1);
    assert_eq!(hop.0, Stand::Answered);
    assert_eq!(reboot.0, Stand::Open);
}

#[test]
fn without_a_drop_there_is_nothing_to_answer() {
    let mut scene = hour();
    scene.drops.clear();
    let said = said(&scene.report());
    assert!(said[..7].iter().all(|(_, text)| text.starts_with("There was no drop")), "{said:?}");
    assert!(said.iter().all(|(stand, _)| *stand == Stand::Open), "{said:?}");
}

#[test]
fn web_requests_that_failed_too_answer_that_icmp_is_unimportant() {
    let said = said(&everything());
    assert_eq!(said[0].0, Stand::Answered);
    assert!(said[0].1.starts_with("In 4 of 5 drops, web or DNS requests failed too"), "{said:?}");
}

#[test]
fn web_requests_that_were_answered_bear_the_desk_out() {
    let mut report = everything();
    for drop in &mut report.drops {
        drop.others = drop.others.map(|others| LossRatio { lost: 3, ..others });
    }
    let (stand, text) = &said(&report)[0];
    assert_eq!(*stand, Stand::Conceded);
    assert!(text.starts_with("In 4 of 5 drops, a web or DNS request was answered"), "{text}");
}

#[test]
fn one_anchor_does_not_answer_that_it_is_the_wrong_one() {
    let mut report = hour().report();
    report.targets.iter_mut().skip(4).for_each(|t| t.decides = false);
    let (stand, text) = &said(&report)[1];
    assert_eq!(*stand, Stand::Open);
    assert_eq!(
        text,
        "Only one public server was decisive in this record, so it does not answer this."
    );
}

#[test]
fn without_gateway_and_modem_the_record_does_not_answer_for_them() {
    let mut report = hour().report();
    report.targets.retain(|t| !matches!(t.target.role, Role::Gateway | Role::Modem));
    for drop in &mut report.drops {
        drop.answered.clear();
    }
    let said = said(&report);
    for (i, who) in [(2, "The home router"), (3, "The modem")] {
        assert_eq!(said[i].0, Stand::Open);
        let want = format!("{who} was not probed: the record does not answer this.");
        assert_eq!(said[i].1, want);
    }
}

#[test]
fn a_silent_router_bears_the_desk_out() {
    let mut scene = hour();
    scene.drops.iter_mut().for_each(|drop| drop.2 = vec![Place::Lan]);
    let said = said(&scene.report());
    assert_eq!((said[2].0, said[3].0), (Stand::Conceded, Stand::Conceded));
    assert!(said[2].1.contains("The desk may be right."), "{said:?}");
}

#[test]
fn an_open_drop_answers_that_it_works_now() {
    let mut scene = hour();
    scene.drops[1].1 = None;
    let (stand, text) = &said(&scene.report())[5];
    assert_eq!(*stand, Stand::Answered);
    let want = "It does not, as of this report: down since Mon 2026-11-16 00:40.";
    assert_eq!(text, want);
}

#[test]
fn a_reboot_is_judged_by_the_drops_on_both_sides_of_its_note() {
    let mut scene = hour();
    scene.gaps = vec![(0.0, 300.0, crate::vocabulary::GapReason::Stopped)];
    scene.notes = vec![(1_200.0, "Modem redémarré")];
    let report = scene.report();
    let Rebooted { before, after, .. } = rebooted(&report).unwrap();
    assert_eq!(before, (1, Duration::from_secs(900)));
    assert_eq!(after, (1, Duration::from_secs(2_400)));
    assert_eq!(said(&report)[7].0, Stand::Answered);
    scene.notes = vec![(3_000.0, "reset the modem")];
    let (stand, text) = &said(&scene.report())[7];
    assert_eq!(*stand, Stand::Conceded);
    assert!(text.starts_with("It may have: no drop since then is a sign, not proof."), "{text}");
}

#[test]
fn a_modem_that_was_silent_in_one_drop_is_not_said_to_have_been_on_in_it() {
    let mut scene = hour();
    scene.drops[1].2 = vec![Place::Modem];
    let report = scene.report();
    let modem = &said(&report)[3].1;
    assert!(modem.contains("in 1 of 2 drops"), "{modem}");
    assert!(modem.contains("In 1 of 2 drops it was silent: it may have been off"), "{modem}");
}

#[test]
fn drops_once_a_day_are_told_as_a_scheduled_reconnect_to_the_desk_too() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 8 * 86_400);
    scene.interval = Duration::from_secs(600);
    let night = |day: u32| f64::from(day) * 86_400.0 + 3.0 * 3_600.0 + 300.0;
    scene.drops = (0..8).map(|day| (night(day), Some(32.0), vec![Place::Access])).collect();
    let report = scene.report();
    let english = language::of(Lang::En);
    let pattern = english.pattern_found(&report);
    assert!(pattern.starts_with("once a day, on 8 of the 8 days"), "{pattern}");
    assert!(pattern.ends_with("as a scheduled reconnect does"), "{pattern}");
    let said = said(&report);
    let (stand, text) = said.last().unwrap();
    assert_eq!((said.len(), *stand), (9, Stand::Conceded));
    assert!(text.contains("as a scheduled reconnect does"), "{text}");
}

#[test]
fn blips_every_ten_minutes_are_told_with_their_period() {
    let mut scene = Scene::new("2026-11-16T05:00:00Z", 86_400);
    let blip = |n: u32| (f64::from(n) * 600.0 + 137.0, Some(3.5), vec![Place::Access]);
    scene.drops = (0..144).map(blip).collect();
    let report = scene.report();
    let english = language::of(Lang::En);
    let text = english.blips_found(&report).unwrap();
    assert!(text.starts_with("about every 10 min; 144 blips; "), "{text}");
    assert!(text.ends_with("; no call survives one"), "{text}");
    assert_eq!(english.pattern(&report).len(), 1, "there is no drop");
}
