//! `linkmon notify` with a real D-Bus and a real notification server.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;

use super::bed::TestBed;
use super::daemon::Home;
use super::wait::let_pass;
use crate::dashboards::is_installed;

#[test]
fn a_drop_has_one_notification_that_says_in_the_end_how_long_it_was() {
    let packages = [("dbus-run-session", "dbus-daemon"), ("dunst", "dunst"), ("Xvfb", "xvfb")];
    if !packages.iter().all(|(program, package)| is_installed(program, package)) {
        return;
    }
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();

    let desktop = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testbed/with-notifications");
    let mut command = bed.command_in_home(&[]);
    // It follows until it is asked to end, which the tool for that does.
    command.arg(desktop).args(["timeout", "--signal=TERM", "35"]);
    command.arg(env!("CARGO_BIN_EXE_linkmon")).args(home.files()).arg("notify");
    home.isolate(&mut command);
    let session = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    // An X server and a notification server have to come up.
    let_pass(Duration::from_secs(5));
    bed.set("line", "blackhole=on");
    let_pass(Duration::from_secs(12));
    bed.set("line", "blackhole=off");
    let output = session.wait_with_output().expect("it ends");
    daemon.stop();

    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let shown: Vec<Value> =
        said.lines().map(|line| serde_json::from_str(line).expect("a notification")).collect();
    let [only] = &shown[..] else { panic!("one notification: {said}\n{errors}") };
    let summary = only["summary"].as_str().expect("it has a title");
    let body = only["body"].as_str().expect("it has a text");
    assert!(summary.starts_with("Link back: it was down for 1"), "{summary}");
    assert!(body.contains("on the access line") && body.contains("first drop today"), "{body}");
}
