//! The path at the moment of a drop names the right hop.

use std::time::Duration;

use serde_json::Value;

use super::bed::TestBed;
use super::daemon::Home;
use super::wait::let_pass;

/// Target, what fails it, what ends that, the last hop that answers, the first that is silent.
const FAULTS: [(&str, &str, &str, &str, &str); 4] = [
    ("modem", "state=off", "state=default", "192.168.1.1", "203.0.113.1"),
    ("isp", "state=silent", "state=default", "192.168.1.1", "203.0.113.1"),
    ("core", "state=silent", "state=default", "203.0.113.1", "198.51.100.2"),
    ("transit", "blackhole=on", "blackhole=default", "198.51.100.2", "1.1.1.1"),
];

#[test]
fn the_path_at_the_moment_names_the_last_hop_that_answered_and_the_first_that_did_not() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    // Until it is known who answers usually.
    let_pass(Duration::from_secs(10));
    let capture = bed.capture("icmp[icmptype] = icmp-echo and ip[8] < 10 and dst host 1.1.1.1");
    for (target, fails, works, ..) in FAULTS {
        bed.set(target, fails);
        let_pass(Duration::from_secs(15));
        bed.set(target, works);
        let_pass(Duration::from_secs(20));
    }
    let drops = home.wait_for_ended_drops(FAULTS.len());
    let packets = capture.times().len();
    daemon.stop();
    assert_eq!(drops.len(), FAULTS.len(), "{drops:#?}");
    assert!(packets <= 60 * FAULTS.len(), "{packets}");
    let report = home.ask(&["report", "--since", "1h", "--format", "json"]);
    let report: Value = serde_json::from_str(&report).expect("a report is JSON");
    let printed = report["drops"].as_array().expect("it has drops");
    for (drop, (fault, .., last, silent)) in printed.iter().zip(FAULTS) {
        let path = &drop["path"];
        assert_eq!(path["last_answered"]["address"], last, "{fault}: {path:#}");
        assert_eq!(path["first_silent"]["address"], silent, "{fault}: {path:#}");
        let moments: Vec<_> = path["rounds"].as_array().expect("it has rounds").iter().collect();
        for moment in ["first-second", "end", "back"] {
            let is_it = |round: &&&Value| round["moment"] == moment;
            assert!(moments.iter().any(|round| is_it(&round)), "{fault}: {moment}: {path:#}");
        }
        let id = drop["id"].to_string();
        let text = home.ask(&["report", "--drop", &id, "--format", "md"]);
        let words = text.replace("\u{a0}", " ");
        let said = format!("the last that answered: {last}");
        assert!(words.contains(&said), "{said}: {text}");
        let redacted = home.ask(&["report", "--drop", &id, "--format", "json", "--redact"]);
        for address in ["192.168.1.1", "203.0.113.", "198.51.100."] {
            assert!(!redacted.contains(address), "{address}: {redacted}");
        }
    }
}
