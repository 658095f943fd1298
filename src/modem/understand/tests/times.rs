//! Starts, clocks and entries of the log, next to the truth.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn a_start_lies_within_its_bounds(
        booted in -5_000_000.0..-1.0_f64, took in 0.01..60.0_f64, shown in 0.0..1.0_f64,
    ) {
        let modem = Modem { booted, ..Modem::new() };
        let boot = boot_of(&modem.read(0.0, took, shown, ModemReadCause::Scheduled)).unwrap();
        prop_assert!(boot.at.earliest <= at(booted) && at(booted) <= boot.at.latest.plus_micros(2));
        prop_assert!(boot.at.latest.micros_since(boot.at.earliest) as f64 <= (took + 1.1) * 1e6);
    }

    #[test]
    fn an_entry_was_written_within_its_bounds(
        ahead in -14 * 3_600..14 * 3_600_i64, written in prop::collection::vec(-80_000.0..3_600.0_f64, 1..20),
        took in 0.01..60.0_f64, shown in 0.0..1.0_f64, shows_clock in any::<bool>(),
    ) {
        let mut log: Vec<_> = written.iter().map(|when| (*when, LogClass::T3)).collect();
        log.sort_by(|a, b| a.0.total_cmp(&b.0));
        log.dedup();
        let modem = Modem { ahead_us: ahead * SECOND, log: log.clone(), shows_clock, ..Modem::new() };
        let readings: Vec<_> = (0..=4)
            .map(|n| modem.read(f64::from(n) * 900.0, took, shown, ModemReadCause::Scheduled))
            .collect();
        let placed = place_log(&readings);
        let truths: Vec<f64> = log.iter().map(|(when, _)| *when).filter(|w| *w <= 3_600.0 + took * shown).collect();
        prop_assert_eq!(placed.len(), truths.len());
        for placed in placed {
            let truth = truths.iter().find(|t| placed.entry.text == format!("t3 {t}")).unwrap();
            match placed.at {
                Some(found) => prop_assert!(
                    found.earliest <= at(*truth) && at(*truth) <= found.latest.plus_micros(2),
                    "{:?} {:?}", found, at(*truth)
                ),
                None => prop_assert!(!shows_clock),
            }
            prop_assert!(!shows_clock || placed.at.is_some());
        }
    }
}

#[test]
fn the_whole_log_again_is_the_same_log_and_a_higher_count_a_later_time() {
    let stamp = |s: f64| LogStamp::Second(civil(at(s), 0));
    let said = |count, last: Option<f64>, now: f64| ModemSnapshot {
        clock: Some(ModemClock::Local(civil(at(now), 0))),
        log: Some(vec![LogEntry {
            count,
            last: last.map(stamp),
            ..entry(stamp(-50.0), LogClass::T3, "x")
        }]),
        ..ModemSnapshot::default()
    };
    let read = |from, said| account(from, 2.0, ModemReadCause::Scheduled, said);
    let placed = place_log(&[
        read(0.0, said(1, None, 1.0)),
        read(900.0, said(1, None, 901.0)),
        read(1_800.0, said(3, Some(1_750.0), 1_801.0)),
    ]);
    // It happened again, twice: the first time stays what it is.
    assert_eq!(placed.len(), 2);
    assert_eq!((placed[0].entry.count, placed[0].seen), (1, at(0.0)));
    assert_eq!((placed[1].entry.count, placed[1].seen), (2, at(1_800.0)));
    let last = placed[1].at.unwrap();
    assert!(last.earliest <= at(1_750.0) && at(1_750.0) <= last.latest, "{last:?}");
}

#[test]
fn a_clock_that_stands_still_or_was_never_set_places_nothing() {
    let modem = Modem { log: vec![(-100.0, LogClass::T4)], ..Modem::new() };
    let mut readings = modem.read_each(0, 4);
    let still = "2012-04-01T00:00:00".parse().unwrap();
    for reading in &mut readings {
        if let ModemWords::Said(said) = &mut reading.words {
            said.clock = Some(ModemClock::Local(still));
        }
    }
    assert_eq!(learn_offset(&readings), None);
    assert_eq!(place_log(&readings)[0].at, None);
    // Years off, and it runs: its log runs alike.
    let modem = Modem { ahead_us: -400_000_000 * SECOND, ..modem };
    let readings = modem.read_each(0, 4);
    assert_eq!(learn_offset(&readings[..1]), None);
    let offset = learn_offset(&readings).unwrap();
    assert!((offset.middle_us() + 400_000_000 * SECOND).abs() <= 11 * SECOND);
    let zone = learn_offset(&Modem::new().read_each(0, 2)).unwrap().zone().unwrap();
    assert_eq!(zone.to_string(), "UTC+01:00");
    assert!((zone.ahead_us - 2 * SECOND).abs() < 11 * SECOND, "{zone:?}");
}

#[test]
fn a_zone_is_named_where_there_is_one_and_the_figures_determine_it() {
    let zone = |middle_min: i64, error_s: i64| {
        let [middle_us, error_us] = [middle_min * 60 * SECOND, error_s * SECOND];
        let (least_us, most_us) = (middle_us - error_us, middle_us + error_us);
        let zone = ClockOffsetBounds { least_us, most_us }.zone()?;
        Some((zone.to_string(), zone.ahead_us / SECOND / 60))
    };
    let named = |name: &str, ahead: i64| Some((name.to_owned(), ahead));
    assert_eq!(zone(60, 10), named("UTC+01:00", 0));
    assert_eq!(zone(66, 10), named("UTC+01:00", 6));
    assert_eq!(zone(-4, 10), named("UTC+00:00", -4));
    assert_eq!(zone(-209, 10), named("UTC-03:30", 1));
    assert_eq!(zone(345, 10), named("UTC+05:45", 0));
    // Eight minutes fast in UTC+01:00, and quarters of an hour in which nobody lives.
    assert_eq!([68, 75, 90, 15 * 60, -13 * 60].map(|min| zone(min, 1)), [const { None }; 5]);
    // By new entries alone, each quarter of an hour.
    assert_eq!(zone(60, 450), None);
    assert_eq!(zone(66, 90), None);
}

#[test]
fn starts_are_seen_and_wraps_and_skew_are_none() {
    let modem = |booted| Modem { booted, ..Modem::new() };
    let before = modem(-5_000.0).read(0.0, 20.0, 0.0, ModemReadCause::Scheduled);
    let read =
        |booted: f64, from: f64| modem(booted).read(from, 20.0, 1.0, ModemReadCause::Scheduled);
    let found = |now: ModemAccount| restarts(&[before.clone(), now], &[]).len();
    assert_eq!(found(read(-5_000.0, 900.0)), 0);
    assert_eq!(found(read(-5_030.0, 900.0)), 0);
    assert_eq!(found(read(400.0, 900.0)), 1);
    // Two weeks later, having started a week before.
    assert_eq!(found(read(604_800.0, 1_209_600.0)), 1);
    // 497.1 days of hundredths of a second are full: the uptime begins anew.
    let full = 42_949_672.96;
    let before = modem(-full + 100.0).read(0.0, 1.0, 0.0, ModemReadCause::Scheduled);
    let now = modem(100.0).read(900.0, 1.0, 0.0, ModemReadCause::Scheduled);
    assert_eq!(restarts(&[before, now], &[]).len(), 0);
}

#[test]
fn the_reason_of_a_start_is_in_the_log_and_lines_of_the_start_are_apart() {
    let unset = |class| entry(LogStamp::Unset, class, &format!("{class}"));
    let first = Modem::new().read(0.0, 2.0, 0.5, ModemReadCause::Scheduled);
    let reason = |class: LogClass, t4: bool| {
        let modem = Modem { booted: 500.0, ..Modem::new() };
        let mut log = if t4 { vec![(480.0, LogClass::T4)] } else { Vec::new() };
        log.push((560.0, LogClass::T3));
        log.push((580.0, LogClass::Connected));
        log.push((700.0, LogClass::T3));
        let modem = Modem { log, ..modem };
        let mut now = modem.read(900.0, 2.0, 0.5, ModemReadCause::Scheduled);
        if let ModemWords::Said(said) = &mut now.words {
            let at = usize::from(t4);
            said.log.as_mut().unwrap().splice(at..at, [unset(class), unset(LogClass::SyncLost)]);
        }
        let readings = [first.clone(), now];
        let log = place_log(&readings);
        let starts: Vec<_> = log.iter().filter(|p| p.of_start).map(|p| p.entry.class).collect();
        let of_start =
            [LogClass::T3, LogClass::Connected, LogClass::SyncLost, LogClass::Housekeeping];
        assert!(starts.iter().all(|class| of_start.contains(class)), "{starts:?}");
        assert_eq!(log.iter().filter(|p| !p.of_start && p.entry.class == LogClass::T3).count(), 1);
        restarts(&readings, &log)[0].reason
    };
    assert_eq!(reason(LogClass::RebootPower, false), RestartReason::Power);
    assert_eq!(reason(LogClass::RebootCommanded, true), RestartReason::Commanded);
    assert_eq!(reason(LogClass::Housekeeping, true), RestartReason::T4);
    assert_eq!(reason(LogClass::Housekeeping, false), RestartReason::NotSaid);
}

#[test]
fn entries_of_one_start_come_once_and_those_of_the_next_again() {
    // The page with the uptime comes at the beginning or at the end of a reading.
    let read = |booted: f64, from: f64, shown: f64| {
        let modem = Modem { booted, ..Modem::new() };
        let mut account = modem.read(from, 20.0, shown, ModemReadCause::Scheduled);
        if let ModemWords::Said(said) = &mut account.words {
            said.log = Some(vec![
                entry(LogStamp::Unset, LogClass::SyncLost, "lost"),
                entry(LogStamp::AfterBoot(Duration::from_secs(9)), LogClass::T3, "t3"),
            ]);
        }
        account
    };
    for booted in 0..60 {
        let booted = -1_200.0 + f64::from(booted) * 10.0;
        let first = [read(booted, 0.0, 1.0), read(booted, 900.0, 0.0), read(booted, 1_800.0, 0.5)];
        assert_eq!(place_log(&first).len(), 2, "started at {booted}");
        let again = read(2_000.0, 2_700.0, 0.5);
        assert_eq!(place_log(&[&first[..], &[again]].concat()).len(), 4);
    }
}

#[test]
fn a_reading_whose_clock_has_no_use_is_placed_by_the_one_before_it() {
    let modem = Modem { log: vec![(950.0, LogClass::T4)], ..Modem::new() };
    let mut readings = modem.read_each(0, 2);
    readings.push(modem.read(1_000.0, 2.0, 0.5, ModemReadCause::After));
    if let ModemWords::Said(said) = &mut readings[2].words {
        // With its offset: the zone of the log is not that of this clock.
        said.clock = Some(ModemClock::Absolute(at(1_001.0)));
    }
    let placed = place_log(&readings)[0].at.unwrap();
    assert!(placed.earliest <= at(950.0) && at(950.0) <= placed.latest, "{placed:?}");
    assert!(placed.latest.micros_since(placed.earliest) < 30 * SECOND, "{placed:?}");
}

#[test]
fn a_start_is_over_when_the_modem_is_seen_with_its_channels() {
    let log = vec![(-30.0, LogClass::T3), (20.0, LogClass::T3)];
    let modem = Modem { booted: -60.0, log, ..Modem::new() };
    let readings: Vec<_> =
        [0.0, 100.0].map(|s| modem.read(s, 2.0, 0.5, ModemReadCause::Scheduled)).into();
    let of_start: Vec<_> = place_log(&readings).iter().map(|placed| placed.of_start).collect();
    assert_eq!(of_start, [true, false]);
}
