use jiff::civil::date;

use super::*;
use crate::vocabulary::{LogClass, LogStamp, Modulation};

fn page(path: &str, body: &str) -> ModemPage {
    ModemPage { path: path.to_owned(), body: body.as_bytes().to_vec() }
}

const DOWN: &str = r#"{"downstream": {"channels": [
    {"channelType": "sc_qam", "channelId": 3, "frequency": 155000000, "power": 8.1,
     "modulation": "qam_256", "snr": 41, "rxMer": 41.5, "correctedErrors": 80,
     "uncorrectedErrors": 2, "lockStatus": true},
    {"channelType": "sc_qam", "channelId": 4, "frequency": 0, "power": -60, "modulation": "unknown",
     "snr": 0, "rxMer": 0, "correctedErrors": 0, "uncorrectedErrors": 0, "lockStatus": false},
    {"channelType": "ofdm", "channelId": 159, "channelWidth": 94000000, "fftType": "4K",
     "modulation": "qam_4096", "firstActiveSubcarrier": 1108, "lockStatus": true, "rxMer": MER,
     "power": POWER, "correctedErrors": 3121853777, "uncorrectedErrors": 0}]}}"#;
const UP: &str = r#"{"upstream": {"channels": [
    {"channelId": 9, "frequency": 49600000, "lockStatus": true, "power": 43.8, "symbolRate": 5120,
     "modulation": "qam_64", "t1Timeout": 0, "t2Timeout": 30, "t3Timeout": 1, "t4Timeout": 2,
     "channelType": "atdma"},
    {"channelType": "ofdma", "channelId": 14, "channelWidth": 10000000, "lockStatus": true,
     "power": POWER, "modulation": "qam_256", "t3Timeout": 5, "t4Timeout": 0}]}}"#;

#[test]
fn each_value_of_a_hub_5_is_read_in_whole_units_and_in_tenths() {
    for (mer, power, sent) in [("38.5", "-11.8", "37.2"), ("385", "-118", "372")] {
        let down = DOWN.replace("MER", mer).replace("POWER", power);
        let up = UP.replace("POWER", sent);
        let read = super::read(&[page("downstream", &down), page("upstream", &up)]).unwrap();
        assert_eq!(
            read.downstream,
            [
                Downstream {
                    id: Some(3),
                    kind: Some(ChannelKind::ScQam),
                    locked: Some(true),
                    frequency_hz: Some(155_000_000),
                    power_dbmv: Some(8.1),
                    mer_db: Some(41.5),
                    modulation: Some(Modulation::Qam(256)),
                    corrected: Some(80),
                    uncorrectable: Some(2),
                    ..Downstream::default()
                },
                Downstream {
                    id: Some(4),
                    kind: Some(ChannelKind::ScQam),
                    locked: Some(false),
                    ..Downstream::default()
                },
                Downstream {
                    id: Some(159),
                    kind: Some(ChannelKind::Ofdm),
                    locked: Some(true),
                    width_hz: Some(94_000_000),
                    power_dbmv: Some(-11.8),
                    mer_db: Some(38.5),
                    modulation: Some(Modulation::Qam(4096)),
                    corrected: Some(3_121_853_777),
                    uncorrectable: Some(0),
                    ..Downstream::default()
                },
            ]
        );
        assert_eq!(
            read.upstream,
            [
                Upstream {
                    id: Some(9),
                    kind: Some(ChannelKind::ScQam),
                    locked: Some(true),
                    frequency_hz: Some(49_600_000),
                    power_dbmv: Some(43.8),
                    modulation: Some(Modulation::Qam(64)),
                    t3_timeouts: Some(1),
                    t4_timeouts: Some(2),
                    ..Upstream::default()
                },
                Upstream {
                    id: Some(14),
                    kind: Some(ChannelKind::Ofdma),
                    locked: Some(true),
                    width_hz: Some(10_000_000),
                    power_dbmv: Some(37.2),
                    modulation: Some(Modulation::Qam(256)),
                    t3_timeouts: Some(5),
                    t4_timeouts: Some(0),
                    ..Upstream::default()
                },
            ]
        );
    }
}

#[test]
fn state_and_log_are_read_with_or_without_channels() {
    let state = r#"{"cablemodem": {"docsisVersion": "3.1", "upTime": 1471890,
        "macAddress": "00:00:5e:00:53:01", "status": "operational"}}"#;
    let log = r#"{"eventlog": [
        {"priority": "critical", "time": "2017-03-27 19:02:50.00",
         "message": "No Ranging Response received - T3 time-out;CM-MAC=00:00:5e:00:53:01;"},
        {"priority": "notice", "time": "2023-05-03T17:07:50.000Z",
         "message": "US profile assignment change. US Chan ID: 14"}]}"#;
    let read = super::read(&[page("state_", state), page("eventlog", log)]).unwrap();
    assert_eq!(read.uptime, Some(Duration::from_secs(1_471_890)));
    assert_eq!(read.connection.as_deref(), Some("operational"));
    let entries = read.log.unwrap();
    assert_eq!(entries.len(), 2);
    assert_eq!((entries[0].class, entries[0].level), (LogClass::T3, Some(3)));
    assert_eq!(entries[0].stamp, LogStamp::Second(date(2017, 3, 27).at(19, 2, 50, 0)));
    assert!(matches!(entries[1].stamp, LogStamp::Absolute(_)), "{entries:?}");
    assert_eq!(entries[1].class, LogClass::ProfileChange);
}

#[test]
fn what_is_no_channel_is_an_error() {
    let none = r#"{"downstream": {"channels": [{"a": 1}, 2]}}"#;
    assert!(matches!(super::read(&[page("d", none)]), Err(Error::NoChannel { rows: 2, .. })));
    for odd in ["", "{}", "[]", "<html>", r#"{"downstream": 5}"#] {
        assert!(matches!(super::read(&[page("d", odd)]), Err(Error::Unknown { .. })), "{odd}");
    }
    let empty = r#"{"downstream": {"channels": []}}"#;
    assert_eq!(super::read(&[page("d", empty)]).unwrap().downstream, []);
}
