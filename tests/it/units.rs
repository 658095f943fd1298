//! The units of `contrib/systemd`, as systemd itself reads them.
//!
//! `systemd-analyze` is in Debian's package `systemd`. Without it these tests say `skipped: REASON`
//! and pass; with `LINKMON_REQUIRE_NETWORK=1` they fail.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::dashboards::is_installed;

/// The unit with a program that is there in the place of linkmon.
fn unit(name: &str, directory: &Path) -> std::path::PathBuf {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/systemd");
    let text = fs::read_to_string(units.join(name)).expect("it is there");
    let path = directory.join(name);
    fs::write(&path, text.replace("/usr/bin/linkmon", "/bin/true")).expect("it can be written");
    path
}

/// Runs systemd-analyze; gives what it said.
#[track_caller]
fn analyze(arguments: &[&str], path: &Path) -> String {
    let output =
        Command::new("systemd-analyze").args(arguments).arg(path).output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{arguments:?} {}: {said}", path.display());
    said
}

#[test]
fn the_service_is_understood_whole_and_exposed_little() {
    if !is_installed("systemd-analyze", "systemd") {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let path = unit("linkmon.service", directory.path());
    let said = analyze(&["verify", "--man=no"], &path);
    assert!(!said.contains("linkmon.service"), "{said}");
    // In tenths: 2.1 of 10 when this was written.
    analyze(&["security", "--offline=true", "--threshold=25"], &path);
}

#[test]
fn the_units_say_what_the_documents_promise() {
    let units = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/systemd");
    let service = fs::read_to_string(units.join("linkmon.service")).expect("it is there");
    for line in [
        "Type=notify",
        "WatchdogSec=60",
        "StateDirectory=linkmon",
        "RuntimeDirectoryPreserve=restart",
        "AmbientCapabilities=CAP_NET_RAW",
        "CapabilityBoundingSet=CAP_NET_RAW",
        "RestartPreventExitStatus=2 78",
    ] {
        assert!(service.lines().any(|l| l == line), "{line}");
    }
    let notify = fs::read_to_string(units.join("linkmon-notify.service")).expect("it is there");
    assert!(notify.contains("ExecStart=/usr/bin/linkmon notify\n"), "{notify}");
}
