//! Stops, kills and starts.

use std::time::Duration;

use super::bed::TestBed;
use super::daemon::{Home, Rights};
use super::record::Report;
use super::wait::{let_pass, unix_now, until};

const TO_THE_GATEWAY: &str = "icmp[icmptype] == icmp-echo and dst host 192.168.1.1";

#[test]
fn a_drop_outlives_the_daemon_that_saw_it_begin() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    bed.set("line", "blackhole=on");
    until(Duration::from_secs(20), "the drop is reported while it lasts", || {
        let drops = home.drops();
        if drops.iter().any(|drop| drop.end.is_none() && drop.kind == "drop") {
            Ok(())
        } else {
            Err(format!("{drops:#?}"))
        }
    });
    let killed = unix_now();
    daemon.kill();
    assert_eq!(home.drops().len(), 1, "it is on disk");
    // More than the pause between two probes that counts as a gap.
    let_pass(Duration::from_secs(5));
    let before = home.report().at("192.168.1.1").answered();
    let mut daemon = home.start();
    daemon.wait_for_report(Duration::from_secs(20), "it measures again", |report| {
        let now = report.at("192.168.1.1").answered();
        if now > before + 5 { Ok(()) } else { Err(format!("{now} after {before}")) }
    });
    let stopped_s = unix_now() - killed;
    bed.set("line", "blackhole=off");
    let live = home.wait_for_ended_drops(1);
    let [drop] = &live[..] else { panic!("one drop: {live:#?}") };
    let [truth] = &bed.intervals()[..] else { panic!("{:?}", bed.intervals()) };
    drop.assert_at("access");
    assert!(drop.unobserved_s > 4.0 && drop.unobserved_s < stopped_s, "{stopped_s} s: {drop:#?}");
    let onset = truth.from_unix;
    assert!(
        drop.onset.earliest <= onset && onset <= drop.onset.latest + 0.06,
        "{drop:#?} {truth:?}"
    );
    let end = drop.end.expect("it has ended");
    let ended = truth.to_unix.expect("the fault has ended");
    assert!(end.earliest <= ended + 1.2 && ended <= end.latest + 0.06, "{drop:#?} {truth:?}");
    daemon.stop();
    assert_eq!(home.replayed(), live, "replay finds what the daemon found");
}

#[test]
fn a_kill_loses_at_most_the_last_second() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let capture = bed.capture(TO_THE_GATEWAY);
    let daemon = home.start_and_measure();
    let_pass(Duration::from_secs(5));
    let killed = unix_now();
    daemon.kill();
    let sent = until(Duration::from_secs(5), "tcpdump has written all", || {
        let times = capture.times();
        let last = times.last().copied().unwrap_or_default();
        if killed - last < 1.2 { Ok(times.len()) } else { Err(format!("last {last} of {killed}")) }
    });
    let report = home.report();
    let stored = usize::try_from(report.at("192.168.1.1").sent).expect("a small number");
    // One in the last second, and perhaps one whose answer had not been read.
    assert!(stored <= sent && sent <= stored + 2, "{stored} of {sent}");
    home.start_and_measure().stop();
    let again = home.report();
    assert!(again.at("192.168.1.1").sent > report.at("192.168.1.1").sent, "it goes on");
    assert_eq!(home.drops(), [], "a kill is no drop");
}

#[test]
fn a_second_daemon_on_the_same_file_names_the_first_and_ends() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let first = home.start_and_measure();
    let mut second = home.start();
    let status = second.wait(Duration::from_secs(10));
    assert_eq!(status.code(), Some(1), "{}", second.log());
    let pid = first.pid().to_string();
    assert!(second.log().contains(&pid), "no {pid} in: {}", second.log());
    first.stop();
}

#[test]
fn a_daemon_with_nothing_to_find_probes_on_after_a_restart() {
    const CONFIGURED: &str = "[discover]\ngateway = false\nmodem = false\nisp-hop = false\n\
        http = false\ndns = false\nanchors = [\"1.1.1.1\", \"8.8.8.8\"]\n";
    let Some(bed) = TestBed::up() else { return };
    let home = Home::with(&bed, "daemon", Rights::Root, CONFIGURED);
    let answered = |report: &Report| report.answered_by("1.1.1.1");
    let limit = Duration::from_secs(20);
    let enough = |before: u64| {
        move |report: &Report| {
            let now = answered(report);
            if now > before + 3 { Ok(()) } else { Err(format!("{now} after {before}")) }
        }
    };
    let mut daemon = home.start();
    daemon.wait_for_report(limit, "it measures", enough(0));
    daemon.stop();
    let before = answered(&home.report());
    let mut daemon = home.start();
    daemon.wait_for_report(limit, "it measures again", enough(before));
    daemon.stop();
}
