//! Counters next to the truth.

use proptest::prelude::*;

use super::*;

proptest! {
    #[test]
    fn lost_lock_is_as_long_as_it_was(
        from in 100.0..400.0_f64, length in 60.0..300.0_f64, booted in -300_000.0..-1_000.0_f64,
        took in 0.1..20.0_f64, shown in (0.0..1.0_f64, 0.0..1.0_f64),
    ) {
        let modem = Modem { booted, unlocked: vec![(from, from + length)], ..Modem::new() };
        let before = modem.read(0.0, took, shown.0, ModemReadCause::Scheduled);
        let after = modem.read(900.0, took, shown.1, ModemReadCause::After);
        let lost = |drops: &[MeasuredDrop]| {
            let [was, is] = [&before, &after].map(|a| a.snapshot().unwrap().downstream[0].clone());
            lost_lock((&before, &was), (&after, &is), drops, &[]).unwrap()
        };
        let LostLock::Paused { length: found, error } = lost(&[drop(from, from + length + 20.0)]) else {
            return Err(TestCaseError::fail("not paused"));
        };
        prop_assert!((found.as_secs_f64() - length).abs() <= error.as_secs_f64());
        // Without a drop that agrees there is no figure.
        prop_assert_eq!(lost(&[]), LostLock::Disturbed);
        prop_assert_eq!(lost(&[drop(from, from + 5.0)]), LostLock::Disturbed);
        // Nothing lost.
        let whole = Modem { unlocked: Vec::new(), ..modem };
        let now = whole.read(900.0, took, shown.1, ModemReadCause::After);
        let [was, is] = [&before, &now].map(|a| a.snapshot().unwrap().downstream[0].clone());
        prop_assert_eq!(lost_lock((&before, &was), (&now, &is), &[], &[]), Some(LostLock::No));
    }

    #[test]
    fn counters_of_an_interval_add_up(before in 0_u64..1 << 32, grown in 0_u64..30_000_000) {
        let channel = |unerrored: u64| Downstream {
            id: Some(1), kind: Some(ChannelKind::ScQam), unerrored: Some(unerrored % (1 << 32)),
            corrected: Some(5), uncorrectable: Some(7), ..Downstream::default()
        };
        let said = |n| ModemSnapshot { downstream: vec![channel(n)], ..ModemSnapshot::default() };
        let read = |from, n| account(from, 1.0, ModemReadCause::Scheduled, said(n));
        let found = codewords(&read(0.0, before), &read(900.0, before + grown), &[]);
        prop_assert_eq!(found[0].unerrored, Some(grown));
        prop_assert_eq!((found[0].corrected, found[0].uncorrectable), (Some(0), Some(0)));
        let wrapped = before + grown >= 1 << 32;
        prop_assert_eq!(found[0].course == CounterCourse::Wrapped, wrapped);
    }
}

#[test]
fn a_counter_that_is_full_within_a_drop_did_not_lock_anew_there() {
    // 4,294,967,296 codewords at 34,078.43 a second: full 303 s after the first reading.
    let full = 4_294_967_296.0 / 34_078.43;
    let modem = Modem { booted: 243.0 - full, unlocked: vec![(240.0, 300.0)], ..Modem::new() };
    let before = modem.read(0.0, 1.0, 0.5, ModemReadCause::Scheduled);
    let after = modem.read(900.0, 1.0, 0.5, ModemReadCause::After);
    let [was, is] = [&before, &after].map(|a| a.snapshot().unwrap().downstream[0].clone());
    let found = lost_lock((&before, &was), (&after, &is), &[drop(302.0, 306.0)], &[]);
    assert_eq!(found, Some(LostLock::Disturbed));
}

#[test]
fn a_counter_that_begins_anew_does_so_with_its_channel() {
    let channel = |n: [u64; 3]| Downstream {
        frequency_hz: Some(610_000_000),
        kind: Some(ChannelKind::ScQam),
        unerrored: Some(n[0]),
        corrected: Some(n[1]),
        uncorrectable: Some(n[2]),
        ..Downstream::default()
    };
    let read = |from, n| {
        let said = ModemSnapshot { downstream: vec![channel(n)], ..ModemSnapshot::default() };
        account(from, 1.0, ModemReadCause::Scheduled, said)
    };
    let before = read(0.0, [1_000_000_000, 50, 60]);
    let found = codewords(&before, &read(900.0, [2_000_000, 70, 2_500]), &[])[0];
    assert_eq!(found.course, CounterCourse::Restarted);
    assert_eq!(
        [found.unerrored, found.corrected, found.uncorrectable].map(Option::unwrap),
        [2_000_000, 70, 2_500]
    );
    assert!((found.uncorrectable_ratio().unwrap() - 2_500.0 / 2_002_570.0).abs() < 1e-12);
    // Two that cannot be told apart, and one that is new, are not compared.
    let mut two = before.clone();
    if let ModemWords::Said(said) = &mut two.words {
        said.downstream.push(channel([1, 2, 3]));
    }
    assert!(codewords(&two, &before, &[]).is_empty());
    let none = ModemSnapshot::default();
    assert!(
        codewords(&account(0.0, 1.0, ModemReadCause::Scheduled, none), &before, &[]).is_empty()
    );
}

#[test]
fn the_rate_of_captured_pages_agrees_with_their_uptime() {
    // Uptime and sum of the counters of a TC4400 in a network with channels of 8 MHz, and of another in
    // one of 6 MHz: the sums are those that the rates give, modulo 2^32.
    for (width, uptime, sum, within) in [
        (8_000_000, 1_471_116.0, 2_893_295_580_u64, 136.0),
        (6_000_000, 346_605.0, 2_865_773_680, 24.0),
    ] {
        let rate = codeword_rate(&Modulation::Qam(256), width).unwrap();
        let expected = (uptime * rate) % 4_294_967_296.0;
        let apart = (sum as f64 - expected).abs() / rate;
        assert!(apart < within, "{width}: {apart} s");
    }
    assert_eq!(codeword_rate(&Modulation::Other("0,1,2".into()), 8_000_000), None);
}

#[test]
fn counters_that_begin_anew_with_the_lock_say_when_it_came_back() {
    let modem = Modem::new();
    let before = modem.read(0.0, 2.0, 0.5, ModemReadCause::Scheduled);
    let anew = Modem { booted: 470.0, ..Modem::new() };
    // Its counters alone begin anew: the modem runs on.
    let read = |from| {
        let after = anew.read(from, 2.0, 0.5, ModemReadCause::After);
        let said = ModemSnapshot { uptime: None, ..after.snapshot().unwrap().clone() };
        ModemAccount { words: ModemWords::Said(Box::new(said)), ..after }
    };
    let after = read(900.0);
    let [was, is] = [&before, &after].map(|a| a.snapshot().unwrap().downstream[0].clone());
    let found = lost_lock((&before, &was), (&after, &is), &[drop(400.0, 490.0)], &[]);
    let Some(LostLock::Relocked { at: found }) = found else { panic!("{found:?}") };
    assert!(found.earliest <= at(470.0) && at(470.0) <= found.latest);
    // OFDM channels, others of modulation, and a day between readings: not to be said.
    let ofdm = Downstream { kind: Some(ChannelKind::Ofdm), ..is.clone() };
    assert_eq!(lost_lock((&before, &was), (&after, &ofdm), &[], &[]), None);
    let late = read(90_000.0);
    assert_eq!(lost_lock((&before, &was), (&late, &is), &[], &[]), None);
    // A modem whose uptime is not that of the time between the readings: a clock was set, or it started.
    let started = anew.read(900.0, 2.0, 0.5, ModemReadCause::After);
    assert_eq!(lost_lock((&before, &was), (&started, &is), &[drop(400.0, 490.0)], &[]), None);
}
