use jiff::civil::date;

use super::*;
use crate::vocabulary::{ChannelKind, LogClass, LogStamp};

fn page(body: &str) -> ModemPage {
    ModemPage { path: "HNAP1".to_owned(), body: body.as_bytes().to_vec() }
}

#[test]
fn an_s34_is_read_value_by_value() {
    let body = r#"{"GetMultipleHNAPsResponse": {
        "GetCustomerStatusConnectionInfoResponse": {
            "CustomerCurSystemTime": "Thu Nov 27 01:02:03 2025",
            "CustomerConnSystemUpTime": "12 day(s) 19h:53m:41s", "StatusSoftwareModelName": "S34"},
        "GetArrisDeviceStatusResponse": {
            "FirmwareVersion": "AT01.01.010", "InternetConnection": "Connected"},
        "GetCustomerStatusDownstreamChannelInfoResponse": {"CustomerConnDownstreamChannel":
            "1^Locked^256QAM^17^483000000^ 7.3^39.0^34^5^|+|2^Not Locked^Unknown^0^0^-60.0^ 7.3^0^0^|+|34^Locked^OFDM PLC^25^690000000^-4.7^40.0^1224629527^717^"},
        "GetCustomerStatusUpstreamChannelInfoResponse": {"CustomerConnUpstreamChannel":
            "1^Locked^SC-QAM^3^6400000^22800000^37.8^|+|6^Not Locked^Unknown^0^0^0^-inf^|+|7^Locked^OFDMA^9^44000000^36200000^35.0^"},
        "GetCustomerStatusLogResponse": {"CustomerStatusLogList":
            "0^23:59:58^26/11/2025^3^No Ranging Response received - T3 time-out;CM-MAC=00:00:5e:00:53:01;}-{1^00:01:11^1/1/1970^3^SYNC Timing Synchronization failure - Failed to acquire QAM/QPSK symbol timing;"},
        "GetMultipleHNAPsResult": "OK"}}"#;
    let read = super::read(ModemKind::S33, &[page(body)]).unwrap();
    assert_eq!(read.model.as_deref(), Some("S34"));
    assert_eq!(read.firmware.as_deref(), Some("AT01.01.010"));
    assert_eq!(read.connection.as_deref(), Some("Connected"));
    assert_eq!(read.uptime.unwrap().as_secs(), 12 * 86_400 + 19 * 3_600 + 53 * 60 + 41);
    assert_eq!(read.clock, Some(ModemClock::Local(date(2025, 11, 27).at(1, 2, 3, 0))));
    assert_eq!(
        read.downstream,
        [
            Downstream {
                id: Some(17),
                row: Some(1),
                kind: Some(ChannelKind::ScQam),
                locked: Some(true),
                frequency_hz: Some(483_000_000),
                power_dbmv: Some(7.3),
                mer_db: Some(39.0),
                modulation: Some(Modulation::Qam(256)),
                corrected: Some(34),
                uncorrectable: Some(5),
                ..Downstream::default()
            },
            Downstream { row: Some(2), locked: Some(false), ..Downstream::default() },
            Downstream {
                id: Some(25),
                row: Some(34),
                kind: Some(ChannelKind::Ofdm),
                locked: Some(true),
                frequency_hz: Some(690_000_000),
                power_dbmv: Some(-4.7),
                mer_db: Some(40.0),
                corrected: Some(1_224_629_527),
                uncorrectable: Some(717),
                ..Downstream::default()
            },
        ]
    );
    assert_eq!(
        read.upstream,
        [
            Upstream {
                id: Some(3),
                row: Some(1),
                kind: Some(ChannelKind::ScQam),
                locked: Some(true),
                frequency_hz: Some(22_800_000),
                width_hz: Some(6_400_000),
                power_dbmv: Some(37.8),
                ..Upstream::default()
            },
            Upstream { row: Some(6), locked: Some(false), ..Upstream::default() },
            Upstream {
                id: Some(9),
                row: Some(7),
                kind: Some(ChannelKind::Ofdma),
                locked: Some(true),
                frequency_hz: Some(36_200_000),
                width_hz: Some(44_000_000),
                power_dbmv: Some(35.0),
                ..Upstream::default()
            },
        ]
    );
    let log = read.log.unwrap();
    assert_eq!(
        log.iter().map(|entry| (entry.class, entry.stamp)).collect::<Vec<_>>(),
        [
            (LogClass::T3, LogStamp::Second(date(2025, 11, 26).at(23, 59, 58, 0))),
            (LogClass::QamLockFailed, LogStamp::AfterBoot(std::time::Duration::from_secs(71))),
        ]
    );
    assert!(log.iter().all(|entry| !entry.text.contains("53:01")), "{log:?}");
}

#[test]
fn an_mb8611_has_megahertz_and_counters_that_show_as_negative() {
    let body = r#"{"GetMultipleHNAPsResponse": {
        "GetMotoStatusConnectionInfoResponse": {"MotoConnSystemUpTime": "4 days 08h:57m:40s",
            "MotoConnNetworkAccess": "Allowed"},
        "GetMotoStatusSoftwareResponse": {"StatusSoftwareSfVer": "8611-19.2.18"},
        "GetMotoStatusStartupSequenceResponse": {"MotoConnConnectivityStatus": "OK",
            "MotoConnConnectivityComment": "Operational"},
        "GetMotoStatusDownstreamChannelInfoResponse": {"MotoConnDownstreamChannel":
            "1^Locked^QAM256^33^663.0^-9.3^38.8^-1^10482^|+|8^Locked^Unknown^11^525.0^-9.9^ 0.0^0^0^|+|33^Locked^OFDM PLC^193^957.0^ 1.0^41.2^7^0^"},
        "GetMotoStatusUpstreamChannelInfoResponse": {"MotoConnUpstreamChannel":
            "1^Locked^SC-QAM^4^5120^35.6^45.3^"},
        "GetMotoStatusLogResponse": {"MotoStatusLogList":
            "08:08:43^Sat Oct 29 2022^Critical (3)^Received Response to Broadcast Maintenance Request, But no Unicast Maintenance opportunities received - T4 time out;CM-MAC=00:00:5e:00:53:01;"}}}"#;
    let read = super::read(ModemKind::Mb8611, &[page(body)]).unwrap();
    assert_eq!(read.firmware.as_deref(), Some("8611-19.2.18"));
    assert_eq!(read.connection.as_deref(), Some("Operational"));
    assert_eq!(read.uptime.unwrap().as_secs(), 4 * 86_400 + 8 * 3_600 + 57 * 60 + 40);
    let [first, unsure, many] = read.downstream.as_slice() else { panic!("{read:?}") };
    assert_eq!((first.frequency_hz, first.power_dbmv), (Some(663_000_000), Some(-9.3)));
    assert_eq!((first.mer_db, first.corrected), (Some(38.8), Some(4_294_967_295)));
    assert_eq!(first.uncorrectable, Some(10_482));
    assert_eq!(
        (unsure.mer_db, unsure.power_dbmv, unsure.modulation.clone()),
        (None, Some(-9.9), None)
    );
    assert_eq!((many.kind, many.mer_db), (Some(ChannelKind::Ofdm), Some(41.2)));
    let [up] = read.upstream.as_slice() else { panic!("{read:?}") };
    assert_eq!((up.frequency_hz, up.width_hz), (Some(35_600_000), None));
    assert_eq!((up.id, up.power_dbmv), (Some(4), Some(45.3)));
    let [entry] = read.log.as_deref().unwrap() else { panic!("{read:?}") };
    assert_eq!((entry.class, entry.level), (LogClass::T4, Some(3)));
    assert_eq!(entry.stamp, LogStamp::Second(date(2022, 10, 29).at(8, 8, 43, 0)));
}

#[test]
fn single_answers_in_several_files_are_one_reading() {
    let down = r#"{"GetCustomerStatusDownstreamChannelInfoResponse":
        {"CustomerConnDownstreamChannel": "1^Locked^QAM256^17^483000000^7.3^39.0^34^5^"}}"#;
    let status = r#"{"GetArrisDeviceStatusResponse": {"FirmwareVersion": "X1"}}"#;
    let read = super::read(ModemKind::S33, &[page(down), page(status), page("not JSON")]).unwrap();
    assert_eq!((read.downstream.len(), read.firmware.as_deref()), (1, Some("X1")));
    assert!(read.upstream.is_empty() && read.log.is_none());
    // A log that is there and empty is not a log that was not read.
    let empty = r#"{"GetCustomerStatusLogResponse": {"CustomerStatusLogList": ""}}"#;
    assert_eq!(super::read(ModemKind::S33, &[page(empty)]).unwrap().log, Some(vec![]));
}

#[test]
fn what_holds_no_channel_is_an_error_that_says_why() {
    let login = r#"{"GetMultipleHNAPsResponse": {"GetMultipleHNAPsResult": "UN-AUTH"}}"#;
    let failed = |body: &str| super::read(ModemKind::S33, &[page(body)]).unwrap_err();
    assert_eq!(failed(login), Error::Login { page: "HNAP1".to_owned() });
    let garbled = r#"{"CustomerConnDownstreamChannel": "a^b|+|c^d"}"#;
    assert!(matches!(failed(garbled), Error::NoChannel { rows: 2, .. }));
    assert!(failed("<html><script src=hnap.js></script></html>").to_string().contains("over HNAP"));
    for odd in ["", "{}", "[]", "null", "{\"a\":1e999}", "\u{feff}{"] {
        assert!(matches!(failed(odd), Error::Unknown { .. }), "{odd}");
    }
}
