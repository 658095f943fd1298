use super::*;
use crate::vocabulary::{Bonding, ChannelKind, Modulation};

#[test]
fn levels_are_dbmv_whatever_the_unit() {
    for (text, unit, expected) in [
        ("3.0 dBmV", "", Some(3.0)),
        (" -0.1 dBmV\n", "", Some(-0.1)),
        ("\u{2212}13.80 dBmV", "", Some(-13.8)),
        ("-4.6", "dBmV", Some(-4.6)),
        ("10", "", Some(10.0)),
        ("45,3 dBmV", "", Some(45.3)),
        ("63.4 dB\u{b5}V", "", Some(3.4)),
        ("63.4", "dBuV", Some(3.4)),
        ("5 dBmV\n\u{a0}", "", Some(5.0)),
        ("40.1 dB", "", None),
        ("40.1", "dB", None),
        ("578000000 Hz", "", None),
        ("-99.0 dBmV", "", None),
        ("-inf", "", None),
        ("-inf dBmV", "", None),
        ("----", "", None),
        ("N/A", "", None),
        ("", "", None),
        ("4.5/64.5", "", None),
        ("1.2.3 dBmV", "", None),
        ("--3.0", "", None),
    ] {
        assert_eq!(power_dbmv(text, unit), expected, "{text} {unit}");
    }
}

#[test]
fn an_error_ratio_is_above_nothing_and_no_level() {
    for (text, expected) in [
        ("40.1 dB", Some(40.1)),
        ("44", Some(44.0)),
        ("0.0 dB", None),
        ("3.0 dBmV", None),
        ("Unknown", None),
        ("-inf", None),
    ] {
        assert_eq!(mer_db(text, ""), expected, "{text}");
    }
}

#[test]
fn frequencies_are_hertz_whatever_the_unit() {
    for (text, unit, expected) in [
        ("578000000 Hz", "", Some(578_000_000)),
        ("570.00 MHz", "", Some(570_000_000)),
        ("639.0", "MHz", Some(639_000_000)),
        ("6025000", "", Some(6_025_000)),
        ("350000000", "", Some(350_000_000)),
        ("435000 kHz", "", Some(435_000_000)),
        ("435000", "", Some(435_000_000)),
        ("609", "", Some(609_000_000)),
        ("1,026,000,000 Hz", "", Some(1_026_000_000)),
        ("0 Hz", "", None),
        ("0", "", None),
        ("5120 Ksym/sec", "", None),
    ] {
        assert_eq!(frequency_hz(text, unit), expected, "{text} {unit}");
    }
    assert_eq!(width_hz("110000 kHz", ""), Some(110_000_000));
    assert_eq!(width_hz("8000000 Hz", ""), Some(8_000_000));
    assert_eq!(width_hz("190", "MHz"), Some(190_000_000));
    assert_eq!(width_hz("32.000000", "MHz"), Some(32_000_000));
}

#[test]
fn counters_are_whole_numbers_with_or_without_marks() {
    for (text, expected) in [
        ("2893294930", Some(2_893_294_930)),
        (" 0 ", Some(0)),
        ("1,000,000", Some(1_000_000)),
        ("1.234", Some(1_234)),
        ("96295586575", Some(96_295_586_575)),
        ("-1", None),
        ("12.5", None),
        ("1,2", None),
        ("----", None),
        ("", None),
        ("18446744073709551616", None),
    ] {
        assert_eq!(counter(text), expected, "{text}");
    }
    assert_eq!(ordinal("31"), Some(31));
    assert_eq!(ordinal("Downstream 16"), Some(16));
    assert_eq!(ordinal("\u{a0}\u{a0}\u{a0}7"), Some(7));
    assert_eq!(ordinal("0.5"), None);
    assert_eq!(ordinal("-3"), None);
    assert_eq!(ordinal(""), None);
}

#[test]
fn modulations_have_one_name_in_all_spellings() {
    for text in ["QAM256", "256QAM", "256 QAM", "256-QAM", "QAM_256", "qam-256"] {
        assert_eq!(modulation(text), Some(Modulation::Qam(256)), "{text}");
    }
    assert_eq!(modulation("QPSK"), Some(Modulation::Qam(4)));
    assert_eq!(modulation("QAM"), Some(Modulation::Other("QAM".to_owned())));
    assert_eq!(modulation("QAM300"), Some(Modulation::Other("QAM300".to_owned())));
    assert_eq!(modulation(" 0,1,2,3 "), Some(Modulation::Other("0,1,2,3".to_owned())));
    assert_eq!(modulation("Unknown"), None);
    assert_eq!(modulation("0"), None);
}

#[test]
fn a_lock_is_yes_no_or_not_said() {
    assert_eq!(is_locked(" Locked\n"), Some(true));
    assert_eq!(is_locked("Not Locked"), Some(false));
    assert_eq!(is_locked("UNLOCKED"), Some(false));
    assert_eq!(is_locked(""), None);
    assert_eq!(is_locked("QAM256"), None);
    assert_eq!(bonding("Partial Service"), Some(Bonding::Partial));
    assert_eq!(bonding("Not Bonded"), Some(Bonding::NotBonded));
}

#[test]
fn single_carriers_and_many_are_never_mixed() {
    use ChannelKind::{Ofdm, Ofdma, ScQam};
    for (text, direction, expected) in [
        ("SC-QAM", Direction::Down, Some(ScQam)),
        ("SC-QAM Downstream", Direction::Down, Some(ScQam)),
        ("OFDM Downstream", Direction::Down, Some(Ofdm)),
        ("OFDM PLC", Direction::Down, Some(Ofdm)),
        ("Other", Direction::Down, Some(Ofdm)),
        ("0, 1, 2", Direction::Down, Some(Ofdm)),
        ("0 ,1 ,2", Direction::Down, Some(Ofdm)),
        ("QAM256", Direction::Down, Some(ScQam)),
        ("OFDM Upstream", Direction::Up, Some(Ofdma)),
        ("OFDMA", Direction::Up, Some(Ofdma)),
        ("3, 4, 5, 6, 9", Direction::Up, Some(Ofdma)),
        ("ATDMA/ 2", Direction::Up, Some(ScQam)),
        ("DOCSIS2.0 (ATDMA)", Direction::Up, Some(ScQam)),
        ("TDMA_AND_ATDMA", Direction::Up, Some(ScQam)),
        ("Unknown", Direction::Up, None),
        ("", Direction::Down, None),
        ("0", Direction::Down, None),
    ] {
        assert_eq!(kind(text, direction), expected, "{text}");
    }
}

#[test]
fn time_since_the_start_is_read_in_all_its_forms() {
    let day = 86_400;
    for (text, seconds) in [
        ("17 days 00h:38m:36s", 17 * day + 38 * 60 + 36),
        ("15D 0H 32M 57S", 15 * day + 32 * 60 + 57),
        ("39 days 15:47:33", 39 * day + 15 * 3_600 + 47 * 60 + 33),
        ("0 d:  7 h: 40 m", 7 * 3_600 + 40 * 60),
        ("21 days 15h: 20m: 33s", 21 * day + 15 * 3_600 + 20 * 60 + 33),
        ("8 days 01h:16m:13s.00", 8 * day + 3_600 + 16 * 60 + 13),
        ("D: 07 H: 00 M: 00 S: 00", 7 * day),
        ("1 day 2:03:04", day + 2 * 3_600 + 3 * 60 + 4),
        ("00:27:18", 27 * 60 + 18),
        ("2 Tage, 3 Stunden und 4 Minuten", 2 * day + 3 * 3_600 + 4 * 60),
        ("2 jours 3 heures 4 min", 2 * day + 3 * 3_600 + 4 * 60),
        ("346605", 346_605),
    ] {
        assert_eq!(uptime(text), Some(std::time::Duration::from_secs(seconds)), "{text}");
    }
    for text in ["", "--:--:--", "unknown", "5", "99999999999999", "1 parsec", "1-2", "5 days 3"] {
        let read = uptime(text);
        assert!(text == "5" && read.is_some() || text != "5" && read.is_none(), "{text}: {read:?}");
    }
}
