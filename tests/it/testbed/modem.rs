//! The modem of the test-bed, asked by the program itself, and by the daemon next to its probes.

use std::fs;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};

use super::bed::TestBed;
use super::daemon::{Daemon, Home, Rights};
use super::wait::{let_pass, unix_now, until};

/// `linkmon modem` in home.
fn modem(bed: &TestBed, arguments: &[&str]) -> Output {
    let mut command = bed.command_in_home(&[]);
    command.arg(env!("CARGO_BIN_EXE_linkmon"));
    command.env("XDG_CONFIG_HOME", bed.directory()).env("XDG_DATA_HOME", bed.directory());
    command.arg("modem").args(arguments).output().expect("linkmon runs")
}

fn read(bed: &TestBed, arguments: &[&str]) -> Value {
    let output = modem(bed, &[&["--format", "json"], arguments].concat());
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn refusal(bed: &TestBed, arguments: &[&str]) -> String {
    let output = modem(bed, arguments);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).expect("UTF-8")
}

#[test]
fn the_modem_is_read_with_its_levels_log_clock_and_start() {
    let Some(bed) = TestBed::up() else { return };
    for setting in ["power=-3.5", "snr=33.1", "transmit=51", "clock=3600", "uptime=100000s"] {
        bed.set("modem", setting);
    }
    bed.set("modem", "event=T4 time out");
    let began = unix_now();
    let read = read(&bed, &[]);
    assert_eq!((&read["model"], &read["kind"]), (&json!("TC4400"), &json!("tc4400")));
    let down = &read["downstream"][0];
    let fields = ["channel", "frequency_hz", "power_dbmv", "mer_db", "modulation", "locked"];
    let expected = json!([5, 570_000_000, -3.5, 33.1, "256-QAM", true]);
    assert_eq!(json!(fields.map(|field| down[field].clone())), expected);
    assert_eq!(read["upstream"][0]["power_dbmv"], json!(51.0));
    // Its clock shows the time of a zone an hour ahead; what it wrote then was written now.
    let offset = read["clock_offset_s"].as_f64().expect("an offset");
    assert!((offset - 3600.0).abs() < 3.0, "{offset}");
    let at: jiff::Timestamp = read["events"][0]["at"].as_str().expect("a time").parse().unwrap();
    let seconds = |at: jiff::Timestamp| at.as_duration().as_secs_f64();
    assert!((seconds(at) - began).abs() < 20.0, "{at} {began}");
    assert_eq!(read["events"][0]["class"], json!("t4"));
    let boot: jiff::Timestamp = read["boot"].as_str().expect("a start").parse().unwrap();
    let up = began - seconds(boot);
    assert!((99_990.0..100_010.0).contains(&up), "{up}");
}

#[test]
fn each_fault_of_a_modem_is_named_and_bounded() {
    let Some(bed) = TestBed::up() else { return };
    let kind = ["--kind", "tc4400"];
    for (mode, words) in [
        ("garbage", "not HTTP"),
        ("large", "larger than 2 MB"),
        ("503", "HTTP status 503"),
        ("refuse", "did not answer"),
    ] {
        bed.set("modem", &format!("http={mode}"));
        let said = refusal(&bed, &kind);
        assert!(said.contains(words), "{mode}: {said}");
    }
    bed.set("modem", "http=ok");
    bed.set("modem", "login=admin:pa55");
    let said = refusal(&bed, &[]);
    assert!(said.contains("password") && said.contains("--password-file"), "{said}");
    let password = bed.directory().join("password");
    let path = password.to_str().expect("a path");
    fs::write(&password, "wr0ng\n").expect("a file");
    let said = refusal(&bed, &["--password-file", path]);
    assert!(said.contains("refused the login") && !said.contains("wr0ng"), "{said}");
    fs::write(&password, "pa55\n").expect("a file");
    bed.set("modem", "http_delay=500ms");
    assert_eq!(read(&bed, &["--password-file", path])["downstream"][7]["channel"], json!(12));
}

/// The longest time from a daemon's start until its first reading of the modem has ended.
const FIRST_READING: Duration = Duration::from_secs(180);
/// The longest time from the end of a drop until the reading after it has ended.
const READING_AFTER: Duration = Duration::from_secs(150);

/// What the report of the last hour says of the modem.
fn account(home: &Home<'_>) -> Value {
    let report = home.ask(&["report", "--since", "1h", "--format", "json"]);
    serde_json::from_str::<Value>(&report).expect("JSON")["modem"].clone()
}

/// Waits until the report has so many readings of the modem.
#[track_caller]
fn wait_for_readings(
    home: &Home<'_>,
    daemon: &mut Daemon<'_>,
    least: u64,
    limit: Duration,
) -> Value {
    until(limit, &format!("{least} readings of the modem"), || {
        daemon.assert_alive();
        let modem = account(home);
        if modem["readings"].as_u64() >= Some(least) { Ok(modem) } else { Err(modem.to_string()) }
    })
}

/// A modem that started long ago, a daemon that has read it and knows the hops.
fn read_and_measured<'home>(bed: &TestBed, home: &'home Home<'home>) -> Daemon<'home> {
    for setting in ["uptime=100000s", "clock=3600"] {
        bed.set("modem", setting);
    }
    let mut daemon = home.start_and_know_the_hops();
    wait_for_readings(home, &mut daemon, 1, FIRST_READING);
    daemon
}

#[test]
fn a_drop_of_the_line_is_next_to_what_the_modem_lost_in_it() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let mut daemon = read_and_measured(&bed, &home);
    bed.set("line", "blackhole=on");
    bed.set("modem", "locked=off");
    bed.set("modem", "event=SYNC Timing Synchronization failure - Loss of Sync");
    let_pass(Duration::from_secs(25));
    bed.set("modem", "event=No Ranging Response received - T3 time-out");
    bed.set("modem", "unlocked=25s");
    bed.set("modem", "locked=on");
    bed.set("line", "blackhole=default");
    let [drop] = &home.wait_for_ended_drops(1)[..] else { panic!("one drop") };
    assert_eq!((drop.kind.as_str(), drop.place.as_str()), ("drop", "access"));
    let modem = wait_for_readings(&home, &mut daemon, 3, READING_AFTER);
    daemon.stop();

    let [said] = &modem["drops"].as_array().expect("drops")[..] else { panic!("{modem}") };
    assert_eq!((&said["finding"], &said["restarted"]), (&json!("downstream-lost"), &json!(false)));
    assert_eq!(said["place"], json!("access"));
    assert_eq!(said["unlocked"], json!(8), "{said}");
    // All channels lack the codewords of 25 s.
    let lacking = &said["lacking"];
    assert_eq!((&lacking["channels"], &lacking["of"]), (&json!(8), &json!(8)), "{said}");
    let seconds = lacking["seconds"].as_f64().expect("a length");
    assert!((20.0..=30.0).contains(&seconds), "{said}");
    let events: Vec<_> = said["events"].as_array().expect("events").iter().collect();
    let classes: Vec<_> = events.iter().map(|event| event["class"].as_str().unwrap()).collect();
    assert_eq!(classes, ["sync-lost", "t3"], "{said}");
    assert_eq!(modem["near"]["with_event"], json!(1), "{modem}");
    // Its clock is an hour ahead; the entries are at the drop all the same.
    let at: jiff::Timestamp = events[1]["earliest"].as_str().unwrap().parse().unwrap();
    let onset = drop.onset.earliest;
    let apart = at.as_duration().as_secs_f64() - onset;
    assert!((15.0..40.0).contains(&apart), "{apart}");
    let ticket = home.ask(&["report", "--since", "1h"]);
    assert!(ticket.contains("T3"), "{ticket}");
}

#[test]
fn a_modem_that_restarts_is_said_to_have_done_so_and_the_line_is_not_blamed() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let mut daemon = read_and_measured(&bed, &home);
    bed.set("modem", "state=off");
    let_pass(Duration::from_secs(20));
    bed.set("modem", "uptime=5s");
    bed.set("modem", "event=@6:Cable Modem Reboot due to power reset");
    bed.set("modem", "state=default");
    home.wait_for_ended_drops(1);
    let modem = wait_for_readings(&home, &mut daemon, 2, READING_AFTER);
    let modem = if modem["drops"][0]["restarted"] == json!(true) {
        modem
    } else {
        wait_for_readings(&home, &mut daemon, 3, READING_AFTER)
    };
    daemon.stop();
    let said = &modem["drops"][0];
    assert_eq!(
        (&said["finding"], &said["restarted"]),
        (&json!("restarted"), &json!(true)),
        "{modem}"
    );
    assert_eq!(said["place"], json!("modem"), "{modem}");
    assert_eq!(modem["restarts"].as_array().map(Vec::len), Some(1), "{modem}");
}

/// The daemon's reading in this trouble gives a failure with this word, or none, and a sentence with
/// these words; no probe is lost or left out meanwhile.
#[track_caller]
fn check_trouble(bed: &TestBed, name: &str, setting: &str, failure: Option<&str>, words: &str) {
    bed.set("modem", setting);
    let home = Home::with(bed, name, Rights::Root, "[modem]\naddress = \"192.168.100.1\"\n");
    let mut daemon = home.start();
    let modem = until(FIRST_READING, "a reading of the modem", || {
        daemon.assert_alive();
        let status = home.try_status()?;
        let modem = &status["modem"];
        if modem.is_null() { Err(status.to_string()) } else { Ok(modem.clone()) }
    });
    let report = home.report();
    daemon.stop();
    assert_eq!(modem["failure"].as_str(), failure, "{setting}: {modem}");
    assert!(modem.to_string().contains(words), "{setting}: {modem}");
    assert!(home.drops().is_empty(), "{setting}");
    for row in report.targets.iter().filter(|row| row.role == "anchor" && !row.is_http()) {
        assert_eq!((row.lost, row.not_sent), (0, 0), "{setting}: {row:?}");
    }
    bed.set("modem", &format!("{}=default", setting.split_once('=').expect("KEY=VALUE").0));
}

#[test]
fn a_modem_that_wants_a_password_or_sends_garbage_disturbs_no_probe() {
    let Some(bed) = TestBed::up() else { return };
    check_trouble(&bed, "login", "login=admin:pa55", Some("login-needed"), "password");
    check_trouble(&bed, "garbage", "http=garbage", Some("not-http"), "not HTTP");
    check_trouble(&bed, "large", "http=large", Some("too-large"), "2 MB");
}

#[test]
#[ignore = "takes four minutes, most of them waiting; `cargo test -- --ignored a_modem_that_hangs`"]
fn a_modem_that_hangs_or_takes_20_s_for_a_page_disturbs_no_probe() {
    let Some(bed) = TestBed::up() else { return };
    check_trouble(&bed, "hang", "http=hang", Some("timed-out"), "within");
    check_trouble(&bed, "slow", "http_delay=20s", None, "TC4400");
}
