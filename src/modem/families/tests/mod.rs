#![expect(clippy::format_collect, reason = "short pages of tests")]

mod other_pages;

use std::time::Duration;

use jiff::civil::datetime;

use crate::modem::{Error, ModemKind, ModemPage, parse};
use crate::vocabulary::{
    Bonding, ChannelKind, Downstream, ModemClock, ModemSnapshot, Modulation, Upstream,
};

fn page(path: &str, body: &str) -> ModemPage {
    ModemPage { path: path.to_owned(), body: body.as_bytes().to_vec() }
}

fn read(kind: ModemKind, bodies: &[&str]) -> ModemSnapshot {
    let pages: Vec<_> = bodies.iter().map(|body| page("page.html", body)).collect();
    parse(kind, &pages).unwrap()
}

/// A row of a table, in the way of TC4400 and SB8200.
fn row(cells: &[&str]) -> String {
    let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>\n")).collect();
    format!("<tr align='center'>{cells}</tr>\n")
}

fn table(title: &str, heads: &[&str], rows: &[&[&str]]) -> String {
    let heads: String = heads.iter().map(|head| format!("<td class='hd'>{head}</td>")).collect();
    let rows: String = rows.iter().map(|cells| row(cells)).collect();
    format!(
        "<table border='1'><tr><th colspan=13><b>{title}</b></th></tr><tr align='center'>{heads}</tr>{rows}</table>"
    )
}

const DOWN: &str = "Downstream Channel Status";
const UP: &str = "Upstream Channel Status";
const DOWN_13: [&str; 13] = [
    "Channel Index",
    "Channel ID",
    "Lock Status",
    "Channel Type",
    "Bonding Status",
    "Center Frequency",
    "Channel Width",
    "SNR/MER Threshold Value",
    "Received Level",
    "Modulation/Profile ID",
    "Unerrored Codewords",
    "Corrected Codewords",
    "Uncorrectable Codewords",
];
const UP_9: [&str; 9] = [
    "Channel Index",
    "Channel ID",
    "Lock Status",
    "Channel Type",
    "Bonding Status",
    "Center Frequency",
    "Channel Width",
    "Transmit Level",
    "Modulation/Profile ID",
];

/// The channels that the pages of these tests show.
fn single() -> Downstream {
    Downstream {
        id: Some(12),
        row: Some(1),
        kind: Some(ChannelKind::ScQam),
        locked: Some(true),
        bonding: Some(Bonding::Bonded),
        frequency_hz: Some(578_000_000),
        width_hz: Some(8_000_000),
        power_dbmv: Some(-3.1),
        mer_db: Some(40.1),
        modulation: Some(Modulation::Qam(256)),
        unerrored: Some(2_893_294_930),
        corrected: Some(201),
        uncorrectable: Some(449),
    }
}

const SINGLE: [&str; 13] = [
    "1",
    "12",
    "Locked",
    "SC-QAM",
    "Bonded",
    "578000000 Hz",
    "8000000 Hz",
    "40.1 dB",
    "-3.1 dBmV",
    "QAM256",
    "2893294930",
    "201",
    "449",
];
const MANY: [&str; 13] = [
    "2",
    "193",
    "Locked",
    "OFDM",
    "Partial Service",
    "823000000 Hz",
    "110000 kHz",
    "29.5 dB",
    "-0.1 dBmV",
    "0,1,2,3",
    "947575889",
    "98307383",
    "379",
];
const DARK: [&str; 13] = [
    "3",
    "0",
    "Not Locked",
    "SC-QAM",
    "Not Bonded",
    "0 Hz",
    "0 Hz",
    "0.0 dB",
    "0.0 dBmV",
    "Unknown",
    "77",
    "8",
    "9",
];

#[test]
#[expect(clippy::too_many_lines, reason = "each value of a page")]
fn a_tc4400_is_read_value_by_value() {
    let channels = table(DOWN, &DOWN_13, &[&SINGLE, &MANY, &DARK])
        + &table(
            UP,
            &UP_9,
            &[
                &[
                    "1",
                    "3",
                    "Locked",
                    "SC-QAM",
                    "Bonded",
                    "30800000 Hz",
                    "6400000 Hz",
                    "47.5 dBmV",
                    "ATDMA",
                ],
                &[
                    "5",
                    "41",
                    "Locked",
                    "OFDMA",
                    "Bonded",
                    "26100000 Hz",
                    "35000 kHz",
                    "40.0 dBmV",
                    "3, 4, 5",
                ],
            ],
        )
        + "<table><tr><td class='hd'>CM IP Address</td><td>Duration</td><td>Expires</td></tr>\
           <tr><td>IPv4=198.51.100.7</td><td>D: 07 H: 00 M: 00 S: 00</td><td>Tue Oct 28 21:43:49 2025\n</td></tr></table>\
           <p><b>Current System Time:</b> Fri Oct 24 22:23:46 2025\n</p>";
    let software = "<table><tr><th colspan=2>Information</th></tr>\
        <tr><td class='hd'><b>Hardware Version</b></td><td>TC4400 Rev:3.6.0</td></tr>\
        <tr><td class='hd'><b>Software Version</b></td><td>70.12.42-190604</td></tr></table>\
        <table><tr><td classs='hd'><b>System Up Time</b></td><td>17 days 00h:38m:36s</td></tr></table>";
    let startup = table(
        "Startup Procedure",
        &["Procedure", "Status", "Comment"],
        &[
            &["Acquire Downstream Channel", "578000000 Hz", "Locked"],
            &["Connectivity State", "OK", "Operational"],
        ],
    );
    let read = read(ModemKind::Tc4400, &[&(startup + &channels), software]);
    let expected = ModemSnapshot {
        model: Some("TC4400".to_owned()),
        firmware: Some("70.12.42-190604".to_owned()),
        uptime: Some(Duration::from_secs(17 * 86_400 + 38 * 60 + 36)),
        clock: Some(ModemClock::Local(datetime(2025, 10, 24, 22, 23, 46, 0))),
        addresses: vec!["198.51.100.7".parse().unwrap()],
        connection: Some("Operational".to_owned()),
        downstream: vec![
            single(),
            Downstream {
                id: Some(193),
                row: Some(2),
                kind: Some(ChannelKind::Ofdm),
                bonding: Some(Bonding::Partial),
                frequency_hz: Some(823_000_000),
                width_hz: Some(110_000_000),
                power_dbmv: Some(-0.1),
                mer_db: Some(29.5),
                modulation: Some(Modulation::Other("0,1,2,3".to_owned())),
                unerrored: Some(947_575_889),
                corrected: Some(98_307_383),
                uncorrectable: Some(379),
                ..single()
            },
            Downstream {
                row: Some(3),
                kind: Some(ChannelKind::ScQam),
                locked: Some(false),
                bonding: Some(Bonding::NotBonded),
                ..Downstream::default()
            },
        ],
        upstream: vec![
            Upstream {
                id: Some(3),
                row: Some(1),
                kind: Some(ChannelKind::ScQam),
                locked: Some(true),
                bonding: Some(Bonding::Bonded),
                frequency_hz: Some(30_800_000),
                width_hz: Some(6_400_000),
                power_dbmv: Some(47.5),
                modulation: Some(Modulation::Other("ATDMA".to_owned())),
                ..Upstream::default()
            },
            Upstream {
                id: Some(41),
                row: Some(5),
                kind: Some(ChannelKind::Ofdma),
                locked: Some(true),
                bonding: Some(Bonding::Bonded),
                frequency_hz: Some(26_100_000),
                width_hz: Some(35_000_000),
                power_dbmv: Some(40.0),
                modulation: Some(Modulation::Other("3, 4, 5".to_owned())),
                ..Upstream::default()
            },
        ],
        ..ModemSnapshot::default()
    };
    assert_eq!(read, expected);
}

#[test]
fn columns_are_found_by_name_in_every_layout() {
    // Without the type, the other way round, with the older name of the level.
    let order: Vec<usize> = (0..13).filter(|at| *at != 3).rev().collect();
    let pick = |cells: &[&'static str]| order.iter().map(|at| cells[*at]).collect::<Vec<_>>();
    let heads: Vec<_> = pick(&DOWN_13)
        .into_iter()
        .map(|head| if head == "Received Level" { "Receive Level" } else { head })
        .collect();
    let read_again =
        read(ModemKind::Tc4400, &[&table(DOWN, &heads, &[&pick(&SINGLE), &pick(&MANY)])]);
    assert_eq!(read_again.downstream[0], single());
    assert_eq!(read_again.downstream[1].kind, Some(ChannelKind::Ofdm));
    assert_eq!(read_again.downstream[1].mer_db, Some(29.5));
    // A user who is not shown the counters.
    let read_again =
        read(ModemKind::Tc4400, &[&table(DOWN, &DOWN_13[..10], &[&SINGLE[..10], &SINGLE[..10]])]);
    assert_eq!(
        read_again.downstream[1],
        Downstream { unerrored: None, corrected: None, uncorrectable: None, ..single() }
    );
    assert_eq!(
        read_again.notes,
        ["the pages show no codeword counters: log in as admin, who is shown them"]
    );
}

#[test]
fn a_level_and_an_error_ratio_under_each_other_s_head_are_not_taken() {
    let mut swapped = SINGLE;
    swapped.swap(7, 8);
    let read = read(ModemKind::Tc4400, &[&table(DOWN, &DOWN_13, &[&swapped])]);
    assert_eq!((read.downstream[0].power_dbmv, read.downstream[0].mer_db), (None, None));
    assert_eq!(
        read.notes,
        [
            "channels whose level could not be read: 1 (40.1 dB)",
            "channels whose MER could not be read: 1 (-3.1 dBmV)",
        ]
    );
}

#[test]
fn a_table_whose_rows_are_no_channels_is_an_error() {
    let of = |body: String| parse(ModemKind::Tc4400, &[page("a.html", &body)]);
    let dashes = ["-"; 12];
    for body in [
        table(
            DOWN,
            &DOWN_13,
            &[&["a"; 13], &["b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n"]],
        ),
        table(DOWN, &DOWN_13, &[&[&["x"][..], &dashes[..11]].concat()]),
        table(DOWN, &["Kanal", "Pegel", "Frequenz"], &[&["1", "2", "3"], &["4", "5", "6"]]),
    ] {
        let result = of(body.clone());
        assert!(matches!(result, Err(Error::NoChannel { .. })), "{body}: {result:?}");
    }
    // None yet is no error.
    assert_eq!(of(table(DOWN, &DOWN_13, &[])).unwrap().downstream, []);
    assert!(matches!(of("<p>It works!</p>".to_owned()), Err(Error::Unknown { .. })));
    assert!(matches!(of(String::new()), Err(Error::Unknown { .. })));
    for login in [
        "<title>Touchstone Login</title><form><input type='PASSWORD' name=p></form>",
        "<script>function redirect(){top.location.href=\"/Login.htm\";}</script>",
    ] {
        assert!(matches!(of(login.to_owned()), Err(Error::Login { .. })), "{login}");
    }
}

#[test]
fn values_of_scripts_are_read() {
    let read = read(
        ModemKind::Tc4400,
        &["<script>var userName = 'support'\n\tvar SysTimeUp =  '15 days 01h:15m:07s.00';\
        \n\tvar IPAddrValue = 'Ipv4 and Ipv6 are Hidden'; document.writeln(\"<td>2</td>\");</script>\
        <table><tr><td>Software Version</td><td>CHR_SR70.14.04R1</td></tr></table>"],
    );
    assert_eq!(read.uptime, Some(Duration::from_secs(15 * 86_400 + 3_600 + 15 * 60 + 7)));
    assert_eq!(read.firmware.as_deref(), Some("CHR_SR70.14.04R1"));
    assert_eq!(read.addresses, Vec::<std::net::IpAddr>::new());
}
