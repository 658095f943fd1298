use jiff::civil::date;

use super::*;
use crate::vocabulary::LogStamp;

fn page(path: &str, body: &str) -> ModemPage {
    ModemPage { path: path.to_owned(), body: body.as_bytes().to_vec() }
}

/// FRITZ!OS 7: the modulation is the `type`, whole MHz, no MER of OFDM.
const OLD: &str = r#"{"pid":"docInfo","sid":"0123456789abcdef","data":{"channelDs":{
    "docsis31":[{"powerLevel":"9.6","type":"4K","channel":1,"channelID":0,"frequency":"135 - 325"}],
    "docsis30":[{"type":"256QAM","corrErrors":4092,"mse":"-38.6","powerLevel":"-1.0","channel":2,
    "nonCorrErrors":924,"latency":0.32,"channelID":4,"frequency":"146"}]},"oem":"avm",
    "channelUs":{"docsis30":[{"powerLevel":"35.7","type":"16QAM","channel":1,"multiplex":"ATDMA",
    "channelID":3,"frequency":"37"}]}}}"#;

/// FRITZ!OS 8.
const NEW: &str = r#"{"pid":"docInfo","data":{"readyState":"ready","channelDs":{
    "docsis30":[{"channelID":4,"frequency":"146.000","powerLevel":"-1.0","modulation":"256QAM",
    "mse":"-38.6","latency":0.32,"corrErrors":"4092","nonCorrErrors":"924"}],
    "docsis31":[{"channelID":33,"frequency":"134.975 - 324.975","powerLevel":2.9,
    "modulation":"4096QAM","mer":"39","plc":"264","fft":"4K","nonCorrErrors":61}]},
    "channelUs":{"docsis30":[],"docsis31":[{"channelID":5,"frequency":"29.800 - 64.750",
    "powerLevel":"39.0","modulation":"OFDMA","fft":"2K"}]}}}"#;

#[test]
fn docinfo_of_fritz_os_7_and_8_is_read_value_by_value() {
    let old = super::read(&[page("docInfo", OLD)]).unwrap();
    let single = Downstream {
        id: Some(4),
        row: Some(2),
        kind: Some(ChannelKind::ScQam),
        frequency_hz: Some(146_000_000),
        power_dbmv: Some(-1.0),
        mer_db: Some(38.6),
        modulation: Some(Modulation::Qam(256)),
        corrected: Some(4092),
        uncorrectable: Some(924),
        ..Downstream::default()
    };
    let many = Downstream {
        id: Some(0),
        row: Some(1),
        kind: Some(ChannelKind::Ofdm),
        frequency_hz: Some(230_000_000),
        width_hz: Some(190_000_000),
        power_dbmv: Some(9.6),
        ..Downstream::default()
    };
    assert_eq!(old.downstream, [single.clone(), many]);
    assert_eq!(
        old.upstream,
        [Upstream {
            id: Some(3),
            row: Some(1),
            kind: Some(ChannelKind::ScQam),
            frequency_hz: Some(37_000_000),
            power_dbmv: Some(35.7),
            modulation: Some(Modulation::Qam(16)),
            ..Upstream::default()
        }]
    );
    assert_eq!(old.notes, [""; 0]);

    let new = super::read(&[page("docInfo", NEW)]).unwrap();
    let many = Downstream {
        id: Some(33),
        kind: Some(ChannelKind::Ofdm),
        frequency_hz: Some(229_975_000),
        width_hz: Some(190_000_000),
        power_dbmv: Some(2.9),
        mer_db: Some(39.0),
        modulation: Some(Modulation::Qam(4096)),
        uncorrectable: Some(61),
        ..Downstream::default()
    };
    assert_eq!(new.downstream, [Downstream { row: None, ..single }, many]);
    assert_eq!(
        new.upstream,
        [Upstream {
            id: Some(5),
            kind: Some(ChannelKind::Ofdma),
            frequency_hz: Some(47_275_000),
            width_hz: Some(34_950_000),
            power_dbmv: Some(39.0),
            ..Upstream::default()
        }]
    );
    assert!(new.notes.iter().any(|note| note.contains("6 dB")), "{:?}", new.notes);
}

#[test]
fn the_log_is_read_as_lists_and_as_objects() {
    let lists = r#"{"data":{"log":[["15.03.20","00:45:17","T4 time out","1","2"],
        ["14.03.20","23:00:01","older","1","2"]]}}"#;
    let objects = r#"{"data":{"log":[{"date":"15.03.20","time":"00:45:17","msg":"T4 time out","id":1},
        {"date":"14.03.20","time":"23:00:01","msg":"older","id":2}]}}"#;
    for text in [lists, objects] {
        let log = super::read(&[page("log", text)]).unwrap().log.unwrap();
        let seen: Vec<_> = log.iter().map(|entry| (entry.stamp, entry.text.as_str())).collect();
        let at = |at| LogStamp::Second(at);
        assert_eq!(
            seen,
            [
                (at(date(2020, 3, 14).at(23, 0, 1, 0)), "older"),
                (at(date(2020, 3, 15).at(0, 45, 17, 0)), "T4 time out"),
            ]
        );
    }
}

#[test]
fn model_and_firmware_come_from_the_description_or_the_overview() {
    let info = "<j:BoxInfo xmlns:j=\"x\"><j:Name>FRITZ!Box 6660 Cable</j:Name>\
                <j:Version>267.07.57</j:Version></j:BoxInfo>";
    let overview = r#"{"data":{"fritzos":{"Productname":"FRITZ!Box 6660 Cable","nspver":"8.03"}}}"#;
    let read = super::read(&[page("jason_boxinfo.xml", info)]).unwrap();
    assert_eq!(read.model.as_deref(), Some("FRITZ!Box 6660 Cable"));
    assert_eq!(read.firmware.as_deref(), Some("267.07.57"));
    let read = super::read(&[page("jason_boxinfo.xml", info), page("overview", overview)]).unwrap();
    assert_eq!(read.firmware.as_deref(), Some("8.03"));
}

#[test]
fn what_is_no_channel_or_a_login_is_an_error() {
    let login = "<!DOCTYPE html><html><title>FRITZ!Box</title></html>";
    assert_eq!(super::read(&[page("x", login)]), Err(Error::Login { page: "x".to_owned() }));
    let none = r#"{"channelDs":{"docsis30":[{"a":1}]},"channelUs":{}}"#;
    assert!(matches!(super::read(&[page("x", none)]), Err(Error::NoChannel { rows: 1, .. })));
    for odd in ["", "{}", "[1]", "null"] {
        assert!(matches!(super::read(&[page("x", odd)]), Err(Error::Unknown { .. })), "{odd}");
    }
}
