//! With which rights the daemon measures, and what it says where it cannot.

use std::time::Duration;

use super::bed::TestBed;
use super::daemon::{Home, Rights};

#[test]
fn an_ordinary_user_measures_by_unprivileged_icmp() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::with(&bed, "daemon", Rights::Nobody, "");
    home.start_and_measure().stop();
}

#[test]
fn a_user_with_net_raw_measures_where_unprivileged_icmp_is_forbidden() {
    let Some(bed) = TestBed::up() else { return };
    bed.set("home", "ping_sockets=off");
    let home = Home::with(&bed, "daemon", Rights::NobodyWithNetRaw, "");
    home.start_and_measure().stop();
}

#[test]
fn without_either_one_sentence_names_both_remedies() {
    let Some(bed) = TestBed::up() else { return };
    bed.set("home", "ping_sockets=off");
    let home = Home::with(&bed, "daemon", Rights::Nobody, "");
    let mut daemon = home.start();
    let status = daemon.wait(Duration::from_secs(20));
    let log = daemon.log();
    assert_eq!(status.code(), Some(1), "{log}");
    for remedy in ["net.ipv4.ping_group_range", "CAP_NET_RAW"] {
        assert!(log.to_lowercase().contains(&remedy.to_lowercase()), "no {remedy} in: {log}");
    }
}
