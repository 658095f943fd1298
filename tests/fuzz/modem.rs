//! Pages of modems.

use super::*;
use crate::fuzz::Fuzz;
use crate::vocabulary::{ModemKind, ModemSnapshot};

const TABLES: &str = "<table><tr><th colspan=13>Downstream Channel Status</th></tr><tr><td>Channel Index</td>\
    <td>Channel ID</td><td>Lock Status</td><td>Channel Type</td><td>Center Frequency</td><td>Channel Width</td>\
    <td>SNR/MER Threshold Value</td><td>Received Level</td><td>Modulation/Profile ID</td>\
    <td>Unerrored Codewords</td><td>Corrected Codewords</td><td>Uncorrectable Codewords</td></tr>\
    <tr><td>1</td><td>12</td><td>Locked</td><td>SC-QAM</td><td>578000000 Hz</td><td>8000000 Hz</td>\
    <td>40.1 dB</td><td>-3.0 dBmV</td><td>QAM256</td><td>2893294930</td><td>201</td><td>449</td></tr></table>\
    <p><b>Current System Time:</b> Fri Oct 24 22:23:46 2025</p>System Up Time: 17 days 00h:38m:36s";
const SIDE_BY_SIDE: &str = "<table><tr><td>Downstream</td><td colspan=2>Channel Bonding Value</td></tr>\
    <tr><th>Channel ID</td><td>10</td><td>1</td></tr><tr><th>Lock Status</td><td>Locked</td><td>Not Locked</td></tr>\
    <tr><th>Frequency</td><td>609 MHz</td><td>350000000</td></tr><tr><th>SNR</td><td>38.4 dB</td><td>37 dB</td></tr>\
    <tr><th>Power Level</td><td>4.3 dBmV</td><td>-5 dBmV</td></tr></table><table><tr><td>CM Error Codewords</td></tr>\
    <tr><th>Channel ID</td><td>1</td><td>10</td></tr><tr><th>Unerrored Codewords</td><td>1</td><td>2</td></tr>\
    <tr><th>Correctable Codewords</td><td>3</td><td>4</td></tr></table>";
const LISTS: &str = "<script>function InitTagValue() { var tagValueList = '765000000|Locked|Sun Dec 14 11:56:29 2025|\
    39 days 15:47:33|'; }\nfunction InitDsTableTagValue() { /* x */ var tagValueList = '1|1|Locked|QAM256|32|\
    765000000 Hz|10.5|44|8180|3392|'; }\nfunction InitUsOfdmaTableTagValue() { var tagValueList = '1' + \
    '|1|Locked|3 ,4|1|19725000 Hz|44.5 dBmV'; }\nvar xmlFormat = \"<docsDevEventTable><tr><docsDevEvTime>\
    Thu Nov 27 00:37:48 2025<\\/docsDevEvTime><docsDevEvText>T3 time-out<\\/docsDevEvText><\\/tr>\";</script>";
const LOG: &str = "<table><tr><td>Date Time</td><td>Event ID</td><td>Event Level</td><td>Description</td></tr>\
    <td>12/19/2025 0:45</td><td>82000200</td><td>3</td><td>No Ranging Response received - T3 time-out;\
    CM-MAC=00:00:5e:00:53:01;</td></tr><td>Time Not Established</td><td>1</td><td>Notice (6)</td><td>b</td></tr>\
    <td>2026-08-18T08:22:07+02:00</td><td>1</td><td>6</td><td>c</td></tr>";

fn check(snapshot: &ModemSnapshot) {
    for channel in &snapshot.downstream {
        assert!(
            channel.power_dbmv.is_none_or(|level| (-90.0..=90.0).contains(&level)),
            "{channel:?}"
        );
        assert!(channel.mer_db.is_none_or(|level| level > 0.0 && level < 70.0), "{channel:?}");
        let is_dark = channel.locked == Some(false);
        let counts = [channel.unerrored, channel.corrected, channel.uncorrectable];
        assert!(!is_dark || (channel.power_dbmv.is_none() && counts == [None; 3]), "{channel:?}");
        let shows = [channel.id.is_some(), channel.row.is_some(), channel.locked.is_some()];
        assert!(shows.contains(&true) || channel.frequency_hz.is_some(), "{channel:?}");
    }
    for channel in &snapshot.upstream {
        assert!(
            channel.power_dbmv.is_none_or(|level| (-90.0..=90.0).contains(&level)),
            "{channel:?}"
        );
        assert!(channel.frequency_hz.is_none_or(|hz| (10_000..100_000_000_000).contains(&hz)));
    }
    let log = snapshot.log.as_deref().unwrap_or_default();
    for entry in log {
        assert!(entry.count > 0 && !entry.text.is_empty());
        assert!(entry.level.is_none_or(|level| (1..=8).contains(&level)));
    }
    let seconds: Vec<_> =
        log.iter()
            .filter_map(|entry| match entry.stamp {
                crate::vocabulary::LogStamp::Second(at)
                | crate::vocabulary::LogStamp::Minute(at) => Some(at),
                _ => None,
            })
            .collect();
    assert!(seconds.is_sorted(), "{seconds:?}");
}

#[test]
fn damaged_pages_give_no_value_that_cannot_be() {
    let words = [
        "<td>",
        "</td>",
        "<tr>",
        "</tr>",
        "<table>",
        "</table>",
        "colspan=99",
        "rowspan=99",
        "<script>",
        "</script>",
        "dBmV",
        " dB",
        "-inf",
        "----",
        "|",
        "&nbsp;",
        "<!--",
        "Not Locked",
        "'",
        "\\",
        "tagValueList",
        "Channel ID",
    ];
    let valid = [TABLES, SIDE_BY_SIDE, LISTS, LOG].map(|page| page.as_bytes().to_vec());
    Fuzz::new("modem", valid).words(&words).costing(20).bytes(|body| {
        let pages = [ModemPage { path: "page".to_owned(), body: body.to_vec() }];
        let _ = recognise(&pages);
        match parse(ModemKind::Tc4400, &pages) {
            Ok(snapshot) => {
                check(&snapshot);
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                false
            }
        }
    });
}

#[test]
fn an_address_is_masked_whatever_the_page_holds() {
    let page = "<td>Serial Number:</td><td>AB12</td> 00:00:5e:00:53:01 203.0.113.7 2a02:8109::1 \
        <input name=\"token\" value=\"ab\"> {\"password\": 'x'} MAC=00005e005301";
    let words =
        ["serial", ":", "\"", "'", "<td>", "</td>", "=", "00:00:5e:00:53:01", "203.0.113.7", "::"];
    Fuzz::new("mask", [page.as_bytes().to_vec()]).words(&words).costing(20).bytes(|body| {
        let address = b" 00:00:5e:00:53:01 ";
        let masked = masked_page(&[body, address].concat()).body;
        assert!(std::str::from_utf8(&masked).is_ok());
        assert!(!masked.windows(address.len()).any(|w| w == address), "{}", masked.escape_ascii());
        true
    });
}

#[test]
fn damaged_answers_of_interfaces_give_no_value_that_cannot_be() {
    let hnap = r#"{"GetMultipleHNAPsResponse":{"CustomerConnSystemUpTime":"1 days 02h:03m:04s",
        "CustomerConnDownstreamChannel":"1^Locked^256QAM^17^483000000^ 7.3^39.0^34^5^|+|2^Not Locked^Unknown^0^0^-60.0^ 7.3^0^0^",
        "CustomerConnUpstreamChannel":"1^Locked^SC-QAM^3^6400000^22800000^37.8^",
        "CustomerStatusLogList":"0^23:59:58^26/11/2025^3^T3 time-out}-{1^00:01:11^1/1/1970^3^SYNC"}}"#;
    let hub5 = r#"{"downstream":{"channels":[{"channelType":"ofdm","channelId":159,"channelWidth":94000000,
        "lockStatus":true,"rxMer":385,"power":-118,"correctedErrors":5}]},"upstream":{"channels":[{"channelId":9,
        "frequency":49600000,"power":43.8,"channelType":"atdma"}]},"cablemodem":{"upTime":5},
        "eventlog":[{"priority":"critical","time":"2017-03-27 19:02:50","message":"x"}]}"#;
    let cable = r#"{"data":{"channelDs":{"docsis30":[{"channelID":4,"frequency":"146","type":"256QAM","powerLevel":"-1.0",
        "mse":"-38.6","corrErrors":1}],"docsis31":[{"channelID":33,"frequency":"134.975 - 324.975","mer":"39"}]},
        "channelUs":{"docsis30":[{"channelID":3,"frequency":"37","powerLevel":"35.7"}]},
        "log":[["15.03.20","00:45:17","T4 time out"]]}}"#;
    let dsl = "<a:NewModelName>x</a:NewModelName><NewUpTime>5</NewUpTime><NewStatus>Up</NewStatus>\
        <NewDownstreamCurrRate>5</NewDownstreamCurrRate><NewCRCErrors>1</NewCRCErrors>\
        <NewDeviceLog>28.11.25 01:02:03 DSL &amp; more</NewDeviceLog>";
    let kinds = [ModemKind::S33, ModemKind::Hub5, ModemKind::FritzCable, ModemKind::FritzDsl];
    let words = [
        "\"",
        "{",
        "}",
        "[",
        "]",
        "^",
        "|+|",
        "}-{",
        "1e999",
        "-1",
        "null",
        "&#0;",
        "</",
        "<![CDATA[",
    ];
    let valid = [hnap, hub5, cable, dsl].map(|page| page.as_bytes().to_vec());
    Fuzz::new("modem-data", valid).words(&words).costing(10).bytes(|body| {
        let pages = [ModemPage { path: "page".to_owned(), body: body.to_vec() }];
        kinds.into_iter().fold(false, |any, kind| match parse(kind, &pages) {
            Ok(snapshot) => {
                check(&snapshot);
                true
            }
            Err(error) => {
                assert!(!error.to_string().is_empty());
                any
            }
        })
    });
}
