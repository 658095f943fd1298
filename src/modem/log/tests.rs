use jiff::civil::datetime;

use super::classes::classify;
use super::masks::masked_addresses;
use super::*;
use crate::time::Timestamp;
use crate::vocabulary::{LogClass, LogStamp, ModemClock};

#[test]
fn entries_are_classified_by_their_text_also_where_it_was_cut() {
    use LogClass::*;
    for (text, class) in [
        ("No Ranging Response received - T3 time-out;CM-MAC=00:00:5e:00:53:01;", T3),
        (
            "Started Unicast Maintenance Ranging - No Response received - T3 time-out;CM-MAC=00:00:5e:00:53...",
            T3,
        ),
        ("Started Unicast Maintenance Ranging - No Resp...", T3),
        ("Ranging Request Retries exhausted", RangingExhausted),
        (
            "Unicast Maintenance Ranging attempted - No response - Retries exhausted",
            RangingExhausted,
        ),
        (
            "16 consecutive T3 timeouts while trying to range on upstream channel 3",
            RangingExhausted,
        ),
        (
            "Received Response to Broadcast Maintenance Request, But no Unicast Maintenance opportunities \
             received - T4 time out",
            T4,
        ),
        ("Received Response to Broadcast Maintenance Request, But no Unicast Maint...", T4),
        ("Unicast Ranging Received Abort Response - initializing MAC", RangingAborted),
        (
            "SYNC Timing Synchronization failure - Failed to acquire QAM/QPSK symbol timing;;CM-MAC=..",
            QamLockFailed,
        ),
        ("SYNC Timing Synchronization failure - Failed to acquire FEC framing", FecFailed),
        ("SYNC Timing Synchronization failure - Loss of Sync", SyncLost),
        (
            "SYNC Timing Synchronization failure - Failed to receive MAC SYNC frame within time-out period",
            SyncLost,
        ),
        ("Lost MDD Timeout", MddLost),
        ("MDD message timeout", MddTimeout),
        ("RCS Partial Service", PartialService),
        ("TCS Partial Service;CM-MAC=00:00:5e:00:53:01", PartialService),
        ("No UCDs Received - Timeout;;CM-MAC=00:00:5e:00:53:01", T1),
        ("No Maintenance Broadcasts for Ranging opportunities received - T2 time-out", T2),
        ("CM-STATUS message sent. Event Type Code: 6; Chan ID: 3; DSID: N/A", CmStatus),
        (
            "RNG-RSP CCAP Commanded Power in Excess of 6 dB Below the Value Corresponding to the Top of the...",
            PowerRange,
        ),
        ("Dynamic Range Window violation", PowerRange),
        (
            "US profile assignment change. US Chan ID: 8; Previous Profile: 11 13; New Profile: 10 13.",
            ProfileChange,
        ),
        ("DS profile config update. DS Chan ID: 194.", ProfileChange),
        ("Upstream Modulation Change on 3: 64QAM to 16QAM", ModulationChange),
        ("Cable Modem Reboot due to T4 timeout ;CM-MAC=..", RebootT4),
        ("Cable Modem Reboot due to power reset ;CM-MAC=..", RebootPower),
        ("Resetting the cable modem due to docsDevResetNow", RebootCommanded),
        ("Cable Modem Reboot from SNMP", RebootCommanded),
        ("Cable Modem Reboot from shell", RebootCommanded),
        ("Reboot UI", RebootCommanded),
        ("Cable Modem Reboot", Reboot),
        ("SW Download INIT - Via NMS", SoftwareDownload),
        ("DHCP FAILED - Discover sent, no offer received", DhcpFailed),
        ("DHCP RENEW WARNING - Field invalid in response v4 option", Housekeeping),
        ("DHCP WARNING - Non-critical field invalid in response ", Housekeeping),
        ("Honoring MDD; IP provisioning mode = IPv4", Housekeeping),
        ("TLV-11 - unrecognized OID", Housekeeping),
        ("MIMO Event MIMO: Stored MIMO=-1 post cfg file MIMO=-1", Housekeeping),
        ("TEK Invalid - Invalid Key Sequence Number", Housekeeping),
        ("LAN login Success", Housekeeping),
        ("ToD request sent - No Response received", Housekeeping),
        ("TFTP failed - Request sent - No Response", RegistrationFailed),
        ("DSL antwortet nicht (Keine DSL-Synchronisierung).", LineLost),
        (
            "DSL ist verf\u{fc}gbar (DSL-Synchronisierung besteht mit 109344/40000 kbit/s).",
            Connected,
        ),
        ("Internetverbindung wurde getrennt.", Outage),
        ("Internetverbindung wurde erfolgreich hergestellt.", Connected),
        ("A text that no one has seen", Unknown),
        ("", Unknown),
    ] {
        assert_eq!(classify(text), class, "{text}");
    }
}

#[test]
fn times_are_read_in_all_forms_that_modems_write() {
    let second = |y, mo, d, h, mi, s| Some(LogStamp::Second(datetime(y, mo, d, h, mi, s, 0)));
    for (text, expected) in [
        ("Thu Nov 27 00:37:48 2025", second(2025, 11, 27, 0, 37, 48)),
        ("Thu Nov  7 00:37:48 2025", second(2025, 11, 7, 0, 37, 48)),
        ("??? Nov 27 00:37:48 2025", second(2025, 11, 27, 0, 37, 48)),
        ("Nov 27 00:37:48 2025", second(2025, 11, 27, 0, 37, 48)),
        ("Jun 15 2020 08:20:25", second(2020, 6, 15, 8, 20, 25)),
        ("2026-08-18, 08:22:07", second(2026, 8, 18, 8, 22, 7)),
        ("2026-08-18, 08:22:07.0", second(2026, 8, 18, 8, 22, 7)),
        ("2021/2/24 19:6:56.0", second(2021, 2, 24, 19, 6, 56)),
        ("2017-03-27 19:02:50.00", second(2017, 3, 27, 19, 2, 50)),
        ("2026:09:26 21:11:15", second(2026, 9, 26, 21, 11, 15)),
        ("15.03.2020 00:45:17", second(2020, 3, 15, 0, 45, 17)),
        ("15.03.20 00:45:17", second(2020, 3, 15, 0, 45, 17)),
        ("03-08-2026 15:21:11", second(2026, 3, 8, 15, 21, 11)),
        ("02/07/2020 10:03:10", second(2020, 2, 7, 10, 3, 10)),
        ("25/04/2020 20:40:5", second(2020, 4, 25, 20, 40, 5)),
        ("1-2-2026, 15:4:5", second(2026, 1, 2, 15, 4, 5)),
        ("Fri 2025-12-19 02:01:25", second(2025, 12, 19, 2, 1, 25)),
        ("08:22:07 Tue Aug 18 2026", second(2026, 8, 18, 8, 22, 7)),
        ("12/19/2025 1:45:00 PM", second(2025, 12, 19, 13, 45, 0)),
        ("12/19/2025 0:45", Some(LogStamp::Minute(datetime(2025, 12, 19, 0, 45, 0, 0)))),
        ("18/3/2024", Some(LogStamp::Minute(datetime(2024, 3, 18, 0, 0, 0, 0)))),
        (
            "2022-02-05T11:38:21-05:00",
            Some(LogStamp::Absolute(Timestamp::from_seconds(1_644_079_101))),
        ),
        ("2022-02-05T16:38:21Z", Some(LogStamp::Absolute(Timestamp::from_seconds(1_644_079_101)))),
        ("Time Not Established", Some(LogStamp::Unset)),
        ("", Some(LogStamp::Unset)),
        ("--- --- -- --:--:-- ----", Some(LogStamp::Unset)),
        ("Sat Mar 03 10:00:00 2012", Some(LogStamp::Unset)),
        ("Jan 01 1970 00:00:17", Some(LogStamp::AfterBoot(std::time::Duration::from_secs(17)))),
        ("01/01/1970 00:01:00", Some(LogStamp::AfterBoot(std::time::Duration::from_secs(60)))),
        ("Critical (3)", None),
        ("31/31/2025 10:00:00", None),
        ("Nov 31 2025 08:20:25", None),
        ("12:00:00", None),
        ("2025-11-27 25:00:00", None),
    ] {
        assert_eq!(stamp(text, DateOrder::MonthFirst), expected, "{text}");
    }
    assert_eq!(stamp("02/07/2020 10:03:10", DateOrder::DayFirst), second(2020, 7, 2, 10, 3, 10));
    assert_eq!(
        clock("Fri Oct 24 22:23:46 2025\n", DateOrder::MonthFirst),
        Some(ModemClock::Local(datetime(2025, 10, 24, 22, 23, 46, 0)))
    );
    assert_eq!(clock("Thu Jan 01 00:03:00 1970", DateOrder::MonthFirst), None);
}

fn row(first: &str, level: &str, text: &str) -> LogRow {
    LogRow {
        first: first.to_owned(),
        level: level.to_owned(),
        text: text.to_owned(),
        ..LogRow::default()
    }
}

fn shown(rows: &[LogRow]) -> Vec<String> {
    let (entries, notes) = entries(rows, DateOrder::MonthFirst, None);
    assert_eq!(notes, Vec::<String>::new());
    entries.iter().map(|e| format!("{:?} {} {}", e.stamp, e.count, e.text)).collect()
}

#[test]
fn rows_are_put_in_order_and_start_up_lines_stay_before_the_first_stamped_one() {
    let newest_first = [
        row("Wed Nov 26 11:36:00 2025", "Notice (6)", "c"),
        row("Wed Nov 26 11:34:02 2025", "Critical (3)", "b"),
        row("Time Not Established", "Critical (3)", "sync"),
        row("Time Not Established", "Critical (3)", "t3"),
        row("Time Not Established", "Critical (3)", "sync"),
        row("Mon Nov 24 10:00:00 2025", "Critical (3)", "a"),
    ];
    let expected = [
        "Second(2025-11-24T10:00:00) 1 a",
        "Unset 2 sync",
        "Unset 1 t3",
        "Second(2025-11-26T11:34:02) 1 b",
        "Second(2025-11-26T11:36:00) 1 c",
    ];
    assert_eq!(shown(&newest_first), expected);
    let mut oldest_first = newest_first.to_vec();
    oldest_first.reverse();
    assert_eq!(shown(&oldest_first), expected);
    // Rows that repeat keep their place while their time moves on.
    let mixed = [
        row("Wed Nov 26 19:05:31 2025", "3", "b"),
        row("Wed Nov 26 18:51:37 2025", "5", "a"),
        row("Wed Nov 26 19:37:09 2025", "3", "c"),
        row("Wed Nov 26 19:56:17 2025", "3", "d"),
    ];
    assert_eq!(shown(&mixed).iter().map(|e| &e[e.len() - 1..]).collect::<String>(), "abcd");
}

#[test]
fn equal_entries_are_one_with_the_sum_of_their_counts() {
    let counted = LogRow {
        last: Some("2025-11-04, 09:10:00.0".to_owned()),
        count: Some(3),
        ..row("2025-11-04, 08:58:51.0", "3", "T3 time-out")
    };
    let (entries, _) = entries(&[counted.clone(), counted], DateOrder::MonthFirst, None);
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].count, 6);
    assert_eq!(entries[0].level, Some(3));
    assert_eq!(entries[0].last, Some(LogStamp::Second(datetime(2025, 11, 4, 9, 10, 0, 0))));
    assert_eq!(
        shown(&[row("2025-11-04 08:00:00", "3", "x"), row("2025-11-04 08:00:01", "3", "x")]).len(),
        2
    );
}

#[test]
fn day_and_month_are_told_apart_by_the_log_itself_or_the_modem_s_clock() {
    let rows = [row("03/08/2026 10:00:00", "3", "a"), row("25/07/2026 10:00:00", "3", "b")];
    let (read, _) = entries(&rows, DateOrder::MonthFirst, None);
    let days: Vec<_> = read.iter().map(|entry| entry.stamp).collect();
    let second = |mo, d| LogStamp::Second(datetime(2026, mo, d, 10, 0, 0, 0));
    assert_eq!(days, [second(7, 25), second(8, 3)]);
    let rows = [row("03/08/2026 10:00:00", "3", "a"), row("04/08/2026 10:00:00", "3", "b")];
    let of = |now| entries(&rows, DateOrder::DayFirst, now).0[0].stamp;
    assert_eq!(of(Some(datetime(2026, 4, 9, 0, 0, 0, 0))), second(3, 8));
    assert_eq!(of(Some(datetime(2026, 8, 9, 0, 0, 0, 0))), second(8, 3));
    assert_eq!(of(None), second(8, 3));
}

#[test]
fn a_row_whose_time_is_no_time_is_left_out_with_a_note() {
    let rows =
        [row("yesterday", "3", "a"), row("2025-11-04 08:00:00", "3", "b"), row("x", "", " ")];
    let (entries, notes) = entries(&rows, DateOrder::MonthFirst, None);
    assert_eq!(entries.len(), 1);
    assert_eq!(notes, ["rows of the log with a time that is not understood, not read: 1"]);
}

#[test]
fn levels_are_read_by_number_or_name() {
    for (text, expected) in [
        ("Critical (3)", Some(3)),
        ("6", Some(6)),
        (" notice ", Some(6)),
        ("Information (7)", Some(7)),
        ("", None),
        ("9", None),
    ] {
        assert_eq!(level(text), expected, "{text}");
    }
}

#[test]
fn addresses_are_masked_whole_or_cut_and_times_are_not() {
    for (text, expected) in [
        ("x;CM-MAC=00:00:5e:00:53:01;y", "x;CM-MAC=00:00:5e:..;y"),
        ("CM-MAC=00:00:5e:00:53...", "CM-MAC=00:00:5e:....."),
        ("CM-MAC=00:00:5e:0...", "CM-MAC=00:00:5e:....."),
        ("mac 00-00-5E-00-53-01", "mac 00-00-5E-.."),
        ("MAC=00005e005301 and 123456789012", "MAC=00:00:5e:.. and 123456789012"),
        ("0000.5e00.5301", "00:00:5e:.."),
        ("at 21:11:15, 2001:db8:12:34:56:78:9a:bc", "at 21:11:15, 2001:db8:12:34:56:78:9a:bc"),
        ("XX:XX:XX:XX:XX:XX", "XX:XX:XX:XX:XX:XX"),
        ("\u{e9}\u{e9}00:00:5e:00:53:01\u{e9}", "\u{e9}\u{e9}00:00:5e:..\u{e9}"),
    ] {
        assert_eq!(masked_addresses(text), expected);
        assert_eq!(masked_addresses(expected), expected, "once is enough");
    }
}
