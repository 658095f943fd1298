//! What a modem shows, from saved pages.

use serde_json::json;

use super::home::Home;

const CHANNELS: &str = "<title>Residential Getway Configuration: Status - Connection</title>\
    <table><tr><th colspan=13><b>Downstream Channel Status</b></th></tr><tr><td>Channel Index</td><td>Channel ID</td>\
    <td>Lock Status</td><td>Channel Type</td><td>Bonding Status</td><td>Center Frequency</td><td>Channel Width</td>\
    <td>SNR/MER Threshold Value</td><td>Received Level</td><td>Modulation/Profile ID</td><td>Unerrored Codewords</td>\
    <td>Corrected Codewords</td><td>Uncorrectable Codewords</td></tr>\
    <tr><td>1</td><td>12</td><td>Locked</td><td>SC-QAM</td><td>Bonded</td><td>578000000 Hz</td><td>8000000 Hz</td>\
    <td>31.1 dB</td><td>-13.0 dBmV</td><td>QAM256</td><td>2893294930</td><td>201</td><td>449</td></tr>\
    <tr><td>2</td><td>0</td><td>Not Locked</td><td>SC-QAM</td><td>Not Bonded</td><td>0 Hz</td><td>0 Hz</td>\
    <td>0.0 dB</td><td>0.0 dBmV</td><td>Unknown</td><td>0</td><td>0</td><td>0</td></tr></table>\
    <table><tr><th colspan=9>Upstream Channel Status</th></tr><tr><td>Channel Index</td><td>Channel ID</td>\
    <td>Lock Status</td><td>Channel Type</td><td>Center Frequency</td><td>Transmit Level</td><td>Modulation/Profile ID</td></tr>\
    <tr><td>1</td><td>3</td><td>Locked</td><td>SC-QAM</td><td>30800000 Hz</td><td>52.0 dBmV</td><td>ATDMA</td></tr></table>\
    <p><b>Current System Time:</b> Fri Oct 24 22:23:46 2025</p>";
const LOG: &str = "<h1>SNMP Event Log</h1><table><tr><td>Time</td><td>Level</td><td>Description</td></tr>\
    <td>Thu Nov 27 00:37:48 2025</td><td>Critical (3)</td>\
    <td>No Ranging Response received - T3 time-out;CM-MAC=00:00:5e:00:53:01;</td></tr>\
    <td>Time Not Established</td><td>Notice (6)</td><td>Honoring MDD; IP provisioning mode = IPv4</td></tr>";

fn home() -> Home {
    let home = Home::new();
    home.write("cmconnectionstatus.html", CHANNELS);
    home.write("cmeventlog.html", LOG);
    home.write("router.html", "<title>Welcome</title><p>Hello</p>");
    home
}

#[test]
fn saved_pages_are_shown_as_the_contract_says() {
    let read = home().json(&[
        "modem",
        "--format",
        "json",
        "--from",
        "cmconnectionstatus.html",
        "cmeventlog.html",
    ]);
    assert_eq!(read["model"], "TC4400");
    for field in ["firmware", "boot", "clock_offset_s"] {
        assert_eq!(read[field], json!(null), "{field}");
    }
    let pick = |row: &serde_json::Value, fields: &[&str]| {
        fields.iter().map(|field| row[*field].clone()).collect::<Vec<_>>()
    };
    let fields = [
        "channel",
        "frequency_hz",
        "power_dbmv",
        "mer_db",
        "modulation",
        "locked",
        "unerrored",
        "corrected",
        "uncorrectable",
        "power",
        "mer",
    ];
    let down = read["downstream"].as_array().unwrap();
    let expected = json!([
        12,
        578_000_000,
        -13.0,
        31.1,
        "256-QAM",
        true,
        2_893_294_930_u64,
        201,
        449,
        "poor",
        "poor"
    ]);
    assert_eq!(json!(pick(&down[0], &fields)), expected);
    assert_eq!(
        json!(pick(&down[1], &fields)),
        json!([2, null, null, null, null, false, null, null, null, null, null])
    );
    let up = pick(
        &read["upstream"][0],
        &["channel", "frequency_hz", "power_dbmv", "modulation", "locked", "power"],
    );
    assert_eq!(json!(up), json!([3, 30_800_000, 52.0, "ATDMA", true, "good"]));
    let events = read["events"].as_array().unwrap();
    let fields = ["at", "class", "text", "count"];
    let t3 = "No Ranging Response received - T3 time-out;CM-MAC=00:00:5e:..;";
    assert_eq!(json!(pick(&events[0], &fields)), json!(["2025-11-27T00:37:48", "t3", t3, 1]));
    assert_eq!(events[1]["at"], json!(null));
    assert_eq!(events[1]["class"], "housekeeping");
    assert!(read["notes"][0].as_str().unwrap().contains("zone"), "{}", read["notes"]);
}

#[test]
fn the_tables_fit_a_terminal_and_judge_each_level() {
    let text = home().data(&["modem", "--from", "cmconnectionstatus.html", "cmeventlog.html"]);
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    for line in [
        "Downstream: 1 of 2 channels locked",
        "  12   578.00   -13.0 poor  31.1 poor  256-QAM             201           449",
        "   2        -  not locked",
        "Levels received: 1 poor. MER: 1 poor. Levels sent: 1 good.",
        "Event log: 2 entries",
        "  2025-11-27 00:37:48 No Ranging Response received - T3 time-out",
    ] {
        assert!(text.lines().any(|other| other == line), "{line}\n{text}");
    }
}

#[test]
fn pages_that_are_not_known_are_named_and_a_kind_can_be_given() {
    let home = home();
    let said = home.complaint(1, &["modem", "--from", "router.html"]);
    assert!(said.contains("no modem that is known has these pages: router.html"), "{said}");
    let said = home.complaint(1, &["modem", "--kind", "sb8200", "--from", "router.html"]);
    assert!(said.contains("router.html: neither channels nor a log"), "{said}");
    let said = home.complaint(1, &["modem", "--from", "none.html"]);
    assert!(said.contains("none.html"), "{said}");
}

#[test]
fn saved_pages_have_nothing_that_names_their_owner() {
    let home = home();
    let said = home.linkmon(&["modem", "--save", "out", "--from", "cmeventlog.html"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    assert!(
        said.stderr.contains("saved cmeventlog.html: masked hardware addresses (1)"),
        "{}",
        said.stderr
    );
    let saved = std::fs::read_to_string(home.path("out/cmeventlog.html")).unwrap();
    assert_eq!(saved, LOG.replace("00:00:5e:00:53:01", "00:00:5e:XX:XX:XX"));
}
