//! One case for each row of the table of blame.

use super::*;
use crate::vocabulary::Place;

/// Readings about a drop from 4,000 s to 4,090 s: scheduled ones before, one in it, one after it.
fn readings(modem: &Modem) -> Vec<ModemAccount> {
    let mut all = modem.read_each(-8, 5);
    all.push(modem.read(4_010.0, 10.0, 0.5, ModemReadCause::Drop));
    all.push(modem.read(4_165.0, 10.0, 0.5, ModemReadCause::After));
    all
}

fn judged(readings: &[ModemAccount]) -> DropAccount {
    let log = place_log(readings);
    let restarts = restarts(readings, &log);
    let measured = drop(4_000.0, 4_090.0);
    account_of_drop(&measured, &[measured], readings, &log, &restarts).unwrap()
}

#[test]
fn a_downstream_that_is_lost_is_between_street_and_modem() {
    let modem = Modem {
        unlocked: vec![(3_999.0, 4_070.0)],
        log: vec![(4_000.0, LogClass::SyncLost), (4_033.0, LogClass::T4)],
        ..Modem::new()
    };
    let account = judged(&readings(&modem));
    assert_eq!(account.finding, ModemFinding::DownstreamLost);
    assert_eq!(account.unlocked.len(), 4);
    assert_eq!(account.restarted, Some(false));
    let lacking = account.lacking.unwrap();
    assert_eq!((lacking.channels, lacking.of), (4, 4));
    assert!((lacking.length.unwrap().as_secs_f64() - 71.0).abs() <= lacking.error.as_secs_f64());
    assert_eq!(account.finding.place(), Some(Place::Access));
    // One line alone does not suffice.
    let one = Modem { log: vec![(4_000.0, LogClass::FecFailed)], ..Modem::new() };
    assert_eq!(judged(&readings(&one)).finding, ModemFinding::NotKnown);
}

#[test]
fn an_upstream_that_is_not_heard_is_noise_or_level() {
    let log = vec![
        (3_990.0, LogClass::T3),
        (3_996.0, LogClass::T3),
        (4_002.0, LogClass::RangingExhausted),
        (4_030.0, LogClass::T4),
    ];
    let account = judged(&readings(&Modem { log, ..Modem::new() }));
    assert_eq!(account.finding, ModemFinding::UpstreamUnheard);
    assert_eq!((account.complete, account.log.len()), (Some(true), 4));
    // A T3 alone is not called anything.
    let one = Modem { log: vec![(4_001.0, LogClass::T3)], ..Modem::new() };
    assert_eq!(judged(&readings(&one)).finding, ModemFinding::NotKnown);
}

#[test]
fn a_modem_that_was_connected_all_the_time_points_beyond() {
    let account = judged(&readings(&Modem::new()));
    assert_eq!((account.finding, account.restarted), (ModemFinding::BeyondModem, Some(false)));
    assert_eq!(account.finding.place(), None);
    // Not read in it, and no counters: not known.
    let mut few = readings(&Modem::new());
    few.retain(|reading| reading.cause != ModemReadCause::Drop);
    for reading in &mut few {
        if let ModemWords::Said(said) = &mut reading.words {
            said.downstream.clear();
        }
    }
    assert_eq!(judged(&few).finding, ModemFinding::NotKnown);
}

#[test]
fn a_restart_is_no_evidence_against_the_line_unless_the_line_was_lost_before() {
    let with = |log: Vec<(f64, LogClass)>| {
        let mut all = Modem::new().read_each(-8, 5);
        let anew = Modem { booted: 4_020.0, log, ..Modem::new() };
        all.push(dead(4_012.0, 60.0));
        all.push(anew.read(4_165.0, 10.0, 0.5, ModemReadCause::After));
        judged(&all)
    };
    let account = with(vec![]);
    assert_eq!((account.finding, account.restarted), (ModemFinding::Restarted, Some(true)));
    assert_eq!(account.page_dead, Some(bounds(4_012.0, 4_072.0)));
    assert_eq!(account.finding.place(), Some(Place::Modem));
    assert_eq!(with(vec![(4_001.0, LogClass::RebootPower)]).finding, ModemFinding::Restarted);
    assert_eq!(with(vec![(4_005.0, LogClass::T4)]).finding, ModemFinding::RestartedAfterLoss);
    let commanded = with(vec![(4_001.0, LogClass::RebootCommanded), (4_002.0, LogClass::T4)]);
    assert_eq!(commanded.finding, ModemFinding::RestartedOnCommand);
}

#[test]
fn a_dead_page_and_a_silent_log_point_to_the_modem_itself() {
    let mut all = Modem::new().read_each(-8, 5);
    all.push(dead(4_012.0, 60.0));
    let mut after = Modem::new().read(4_165.0, 10.0, 0.5, ModemReadCause::After);
    if let ModemWords::Said(said) = &mut after.words {
        said.downstream.clear();
    }
    // It ran on: what was silent may be the way to it, or its page alone.
    all.push(after.clone());
    assert_eq!(judged(&all).finding, ModemFinding::NotKnown);
    all.pop();
    if let ModemWords::Said(said) = &mut after.words {
        said.uptime = None;
    }
    all.push(after);
    assert_eq!(judged(&all).finding, ModemFinding::PageDead);
    // At home, the router's fault.
    let log = place_log(&all);
    let at_home = MeasuredDrop { is_at_home: true, ..drop(4_000.0, 4_090.0) };
    let account = account_of_drop(&at_home, &[at_home], &all, &log, &[]).unwrap();
    assert_eq!(account.finding, ModemFinding::NotKnown);
    // A log that was not read is none that has nothing to say.
    let mut unread = all.clone();
    if let Some(ModemWords::Said(said)) = unread.last_mut().map(|account| &mut account.words) {
        said.log = None;
    }
    assert_eq!(judged(&unread).finding, ModemFinding::NotKnown);
    unread.pop();
    assert_eq!(judged(&unread).finding, ModemFinding::NotKnown, "read no more after it");
    // Not read near it at all.
    let far = Modem::new().read_each(-8, 3);
    let measured = drop(40_000.0, 40_090.0);
    assert_eq!(account_of_drop(&measured, &[measured], &far, &[], &[]), None);
}

#[test]
fn a_restart_that_ends_a_drop_is_not_its_cause() {
    // Dead for twenty minutes; then somebody pulls the plug of the modem, and it comes back.
    let modem = Modem {
        unlocked: vec![(3_999.0, 5_300.0)],
        log: vec![(4_000.0, LogClass::SyncLost)],
        ..Modem::new()
    };
    let judged = |modem: &Modem, log: Vec<(f64, LogClass)>| {
        let mut all = modem.read_each(-8, 5);
        all.push(modem.read(4_010.0, 10.0, 0.5, ModemReadCause::Drop));
        let anew = Modem { booted: 5_210.0, log, ..Modem::new() };
        all.push(anew.read(5_475.0, 10.0, 0.5, ModemReadCause::After));
        let (log, measured) = (place_log(&all), drop(4_000.0, 5_400.0));
        let restarts = restarts(&all, &log);
        assert_eq!(restarts.len(), 1);
        account_of_drop(&measured, &[measured], &all, &log, &restarts).unwrap()
    };
    let power = vec![(5_211.0, LogClass::RebootPower)];
    assert_eq!(judged(&modem, power.clone()).finding, ModemFinding::RestartedAfterLoss);
    // Nothing is known of what was before: neither is the modem to blame.
    let account = judged(&Modem::new(), power);
    assert_eq!((account.finding, account.restarted), (ModemFinding::NotKnown, Some(true)));
}

#[test]
fn a_modem_of_which_no_lock_is_seen_was_not_connected() {
    let finding = |change: fn(&mut ModemSnapshot)| {
        let mut all = readings(&Modem::new());
        for reading in &mut all {
            if let ModemWords::Said(said) = &mut reading.words
                && reading.cause == ModemReadCause::Drop
            {
                change(said);
            }
        }
        // Counters are not shown.
        for reading in &mut all {
            if let ModemWords::Said(said) = &mut reading.words {
                said.downstream.iter_mut().for_each(|channel| channel.unerrored = None);
            }
        }
        judged(&all).finding
    };
    assert_eq!(finding(|_| ()), ModemFinding::BeyondModem);
    assert_eq!(finding(|said| said.upstream[0].locked = Some(false)), ModemFinding::NotKnown);
    assert_eq!(finding(|said| said.downstream.clear()), ModemFinding::NotKnown);
    assert_eq!(
        finding(|said| {
            said.dsl = Some(crate::vocabulary::DslLine {
                in_sync: Some(false),
                ..crate::vocabulary::DslLine::default()
            });
        }),
        ModemFinding::NotKnown
    );
    // A message of trouble in its log.
    let modem = Modem { log: vec![(4_001.0, LogClass::RegistrationFailed)], ..Modem::new() };
    assert_eq!(judged(&readings(&modem)).finding, ModemFinding::NotKnown);
}

#[test]
fn a_log_that_no_longer_reaches_back_to_a_drop_has_nothing_to_say_of_it() {
    let mut all = readings(&Modem::new());
    let flood = (0..20).map(|n| (4_100.0 + f64::from(n), LogClass::Housekeeping)).collect();
    let after = Modem { log: flood, ..Modem::new() };
    all.pop();
    all.push(after.read(4_165.0, 10.0, 0.5, ModemReadCause::After));
    assert_eq!(judged(&all).finding, ModemFinding::BeyondModem, "it continues the one before");
    if let Some(ModemWords::Said(said)) = all.last_mut().map(|account| &mut account.words) {
        said.log_is_whole = true;
    }
    assert_eq!(judged(&all).finding, ModemFinding::NotKnown);
}

#[test]
fn one_dark_channel_of_many_is_no_lost_downstream() {
    let mut all = readings(&Modem::new());
    let dark = all.len() - 2;
    if let ModemWords::Said(said) = &mut all[dark].words {
        said.downstream[3].locked = Some(false);
    }
    let account = judged(&all);
    assert_eq!(account.unlocked.len(), 1);
    assert_ne!(account.finding, ModemFinding::DownstreamLost);
}

#[test]
fn an_entry_of_before_the_clock_was_set_back_lies_between_the_readings_that_show_it() {
    // Daylight saving ends between the entry and the reading that shows it first.
    let summer = Modem { log: vec![(1_000.0, LogClass::T4)], ..Modem::new() };
    let mut all = summer.read_each(0, 2);
    all.push(summer.read(1_800.0, 20.0, 0.5, ModemReadCause::Scheduled));
    if let ModemWords::Said(said) = &mut all[2].words {
        said.clock = Some(ModemClock::Local(civil(at(1_810.0), summer.ahead_us - 3_600 * SECOND)));
    }
    let placed = place_log(&all);
    let when = placed[0].at.unwrap();
    assert!(when.earliest <= at(1_000.0) && at(1_000.0) <= when.latest, "{when:?}");
}
