use jiff::civil::date;

use super::*;
use crate::vocabulary::LogStamp;

fn page(fields: &str) -> ModemPage {
    let body = format!(
        "<?xml version=\"1.0\"?><s:Envelope xmlns:s=\"a\"><s:Body><u:GetInfoResponse xmlns:u=\"b\">\
         {fields}</u:GetInfoResponse></s:Body></s:Envelope>"
    );
    ModemPage { path: "tr064".to_owned(), body: body.into_bytes() }
}

#[test]
fn a_line_is_read_value_by_value() {
    let device = "<NewModelName>FRITZ!Box 7590</NewModelName><NewSoftwareVersion>154.08.03\
                  </NewSoftwareVersion><NewUpTime>86400</NewUpTime><NewDeviceLog>\
                  28.11.25 01:02:03 DSL is available &amp; ready\n27.11.25 23:00:00 No answer\
                  </NewDeviceLog>";
    let line = "<NewEnable>1</NewEnable><NewStatus>Up</NewStatus>\
                <NewUpstreamCurrRate>40000</NewUpstreamCurrRate>\
                <NewDownstreamCurrRate>200000</NewDownstreamCurrRate>\
                <NewUpstreamMaxRate>45000</NewUpstreamMaxRate>\
                <NewDownstreamMaxRate>220000</NewDownstreamMaxRate>\
                <NewUpstreamNoiseMargin>95</NewUpstreamNoiseMargin>\
                <NewDownstreamNoiseMargin>-12</NewDownstreamNoiseMargin>\
                <NewUpstreamAttenuation>125</NewUpstreamAttenuation>\
                <NewDownstreamAttenuation>180</NewDownstreamAttenuation>";
    let errors = "<NewLinkRetrain>3</NewLinkRetrain><NewErroredSecs>100</NewErroredSecs>\
                  <NewFECErrors>10</NewFECErrors><NewATUCFECErrors>20</NewATUCFECErrors>\
                  <NewCRCErrors>30</NewCRCErrors><NewATUCCRCErrors>40</NewATUCCRCErrors>";
    let ppp = "<NewConnectionStatus>Connected</NewConnectionStatus><NewUptime>3600</NewUptime>\
               <NewExternalIPAddress>203.0.113.10</NewExternalIPAddress>";
    let read = super::read(&[page(device), page(line), page(errors), page(ppp)]).unwrap();
    assert_eq!(read.model.as_deref(), Some("FRITZ!Box 7590"));
    assert_eq!(read.firmware.as_deref(), Some("154.08.03"));
    assert_eq!(read.uptime, Some(Duration::from_secs(86_400)));
    assert_eq!(read.connection.as_deref(), Some("Connected"));
    assert_eq!(read.addresses, ["203.0.113.10".parse::<IpAddr>().unwrap()]);
    assert_eq!(
        read.dsl,
        Some(DslLine {
            in_sync: Some(true),
            rate_kbps: (Some(200_000), Some(40_000)),
            attainable_kbps: (Some(220_000), Some(45_000)),
            margin_db: (Some(-1.2), Some(9.5)),
            attenuation_db: (Some(18.0), Some(12.5)),
            crc_errors: (Some(30), Some(40)),
            fec_errors: (Some(10), Some(20)),
            errored_seconds: Some(100),
            retrains: Some(3),
            ..DslLine::default()
        })
    );
    let log = read.log.unwrap();
    let seen: Vec<_> = log.iter().map(|entry| (entry.stamp, entry.text.as_str())).collect();
    assert_eq!(
        seen,
        [
            (LogStamp::Second(date(2025, 11, 27).at(23, 0, 0, 0)), "No answer"),
            (LogStamp::Second(date(2025, 11, 28).at(1, 2, 3, 0)), "DSL is available & ready"),
        ]
    );
}

#[test]
fn a_line_out_of_sync_has_no_levels() {
    let line = "<NewStatus>NoSignal</NewStatus><NewDownstreamCurrRate>0</NewDownstreamCurrRate>\
                <NewDownstreamNoiseMargin>0</NewDownstreamNoiseMargin>";
    let dsl = super::read(&[page(line)]).unwrap().dsl.unwrap();
    assert_eq!(dsl, DslLine { in_sync: Some(false), ..DslLine::default() });
}

#[test]
fn what_is_no_answer_is_an_error() {
    for odd in ["", "<a>", "<NewModelName>"] {
        let page = ModemPage { path: "x".to_owned(), body: odd.as_bytes().to_vec() };
        assert!(matches!(super::read(&[page]), Err(Error::Unknown { .. })), "{odd}");
    }
}
