//! One test-bed under a name of its own, taken down when the test ends, however it ends.

use std::fs::{self, File, TryLockError};
use std::io::{Write as _, stderr};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Once;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, geteuid, kill_process};
use serde::Deserialize;

use super::wait::{self, until};

/// Test-beds at once on this machine: each has two processes of its own that must keep time.
const SLOTS: u32 = 5;

/// What `testbed` and the tests call; the words after it are the Debian packages.
const NEEDED: [(&str, &str); 6] = [
    ("ip", "iproute2"),
    ("nft", "nftables"),
    ("openssl", "openssl"),
    ("python3", "python3"),
    ("setpriv", "util-linux"),
    ("tcpdump", "tcpdump"),
];

/// A small internet, up as long as this value lives.
pub(super) struct TestBed {
    name: String,
    directory: tempfile::TempDir,
    _slot: File,
}

impl TestBed {
    /// Makes a test-bed once there is room for it. `None`, said on standard error, where this
    /// machine cannot have one; that fails the test where `LINKMON_REQUIRE_NETWORK` is set.
    pub(super) fn up() -> Option<Self> {
        Self::up_with(&[])
    }

    /// The same with options of `testbed up`.
    pub(super) fn up_with(options: &[&str]) -> Option<Self> {
        static TIDIED: Once = Once::new();
        static SERIAL: AtomicU32 = AtomicU32::new(1);
        if let Some(reason) = obstacle() {
            let required = std::env::var_os("LINKMON_REQUIRE_NETWORK").is_some();
            assert!(
                !required,
                "LINKMON_REQUIRE_NETWORK is set, and there is no test-bed: {reason}"
            );
            // Past the harness, which would keep what a passing test prints to itself.
            writeln!(stderr(), "skipped: {reason}").expect("standard error takes a line");
            return None;
        }
        TIDIED.call_once(take_down_orphans);
        let slot = wait_for_slot();
        let bed = Self {
            name: format!(
                "{}{}-{}",
                prefix(),
                std::process::id(),
                SERIAL.fetch_add(1, Ordering::Relaxed)
            ),
            directory: tempfile::tempdir().expect("a temporary directory"),
            _slot: slot,
        };
        bed.obey(&[&["up"], options].concat());
        Some(bed)
    }

    /// Where this test may keep files.
    pub(super) fn directory(&self) -> &Path {
        self.directory.path()
    }

    /// Impairs something, or ends that: `set("line", "blackhole=on")`.
    pub(super) fn set(&self, target: &str, assignment: &str) {
        self.obey(&["set", target, assignment]);
    }

    /// Ends all impairments.
    pub(super) fn reset(&self) {
        self.obey(&["reset"]);
    }

    /// Plays a scenario at real speed, to its end.
    pub(super) fn play(&self, scenario: &str) {
        self.obey(&["play", scenario]);
    }

    /// Runs a command in `home` that must succeed.
    pub(super) fn in_home(&self, argv: &[&str]) {
        self.in_host("home", argv);
    }

    /// The same in another host.
    pub(super) fn in_host(&self, host: &str, argv: &[&str]) {
        self.obey(&[&["exec", host, "--"], argv].concat());
    }

    /// What was impaired when; all that has ended.
    pub(super) fn intervals(&self) -> Vec<Interval> {
        let output = self.obey(&["truth", "--intervals"]);
        let text = String::from_utf8(output.stdout).expect("the truth is UTF-8");
        text.lines()
            .map(|line| serde_json::from_str::<Interval>(line).expect("an interval a line"))
            .filter(|interval| interval.key != "event")
            .collect()
    }

    /// A command that will run in a host of the test-bed, with the rights that `rights` name.
    pub(super) fn command_in_home(&self, rights: &[&str]) -> Command {
        let mut command = self.testbed();
        command.arg("exec").args(rights).args(["home", "--"]).stdin(Stdio::null());
        command
    }

    /// The name by which its namespaces begin.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// One end of a tunnel in a host, up when this returns; see `tunnel.py`.
    pub(super) fn tunnel(&self, host: &str, arguments: &[&str]) -> Tunnel {
        let path = self.directory().join(format!("tunnel-{host}.txt"));
        let child = self
            .testbed()
            .args(["exec", host, "--"])
            .arg(testbed_directory().join("tunnel.py"))
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(File::create(&path).expect("a file for the tunnel"))
            .spawn()
            .expect("the tunnel starts");
        let tunnel = Tunnel(child);
        until(Duration::from_secs(10), "the tunnel is up", || {
            let text = fs::read_to_string(&path).expect("the tunnel's output is readable");
            if text.contains("up") { Ok(()) } else { Err(text) }
        });
        tunnel
    }

    /// Starts a second opinion on drops: 50 requests a second to an address that linkmon does not
    /// know.
    pub(super) fn witness(&self) -> Witness {
        let path = self.directory().join("witness.jsonl");
        let log = File::create(&path).expect("a file for the witness");
        let child = self
            .command_in_home(&[])
            .arg(testbed_directory().join("witness.py"))
            .arg("198.51.100.80")
            .stdout(log)
            .spawn()
            .expect("the witness starts");
        let witness = Witness { child, path };
        until(Duration::from_secs(10), "the witness watches", || {
            let text = witness.text();
            if text.contains("ready") { Ok(()) } else { Err(text) }
        });
        witness
    }

    /// Starts `tcpdump` on home's interface; it is listening when this returns.
    pub(super) fn capture(&self, filter: &str) -> Capture {
        let path = self.directory().join("capture.txt");
        let messages = self.directory().join("capture.err");
        let child = self
            .command_in_home(&[])
            .args(["tcpdump", "-n", "-l", "-tt", "-i", "lan0", filter])
            .stdout(File::create(&path).expect("a file for the capture"))
            .stderr(File::create(&messages).expect("a file for tcpdump's messages"))
            .spawn()
            .expect("tcpdump starts");
        let capture = Capture { child, path };
        until(Duration::from_secs(10), "tcpdump listens", || {
            let text = fs::read_to_string(&messages).expect("tcpdump's messages are readable");
            if text.contains("listening on") { Ok(()) } else { Err(text) }
        });
        capture
    }

    fn testbed(&self) -> Command {
        testbed(&self.name)
    }

    #[track_caller]
    fn obey(&self, arguments: &[&str]) -> Output {
        let output = self
            .testbed()
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("the testbed command runs");
        assert!(
            output.status.success(),
            "testbed {arguments:?}: {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        output
    }
}

impl Drop for TestBed {
    fn drop(&mut self) {
        let taken_down = self.testbed().arg("down").status();
        if !taken_down.is_ok_and(|status| status.success()) {
            // Not a panic: the test may be in the middle of one.
            let _ = writeln!(stderr(), "test-bed {} could not be taken down", self.name);
        }
    }
}

/// A stretch in which something was impaired. A change was complete at `from_unix` or `to_unix`;
/// it had begun so many milliseconds before.
#[derive(Debug, Deserialize)]
pub(super) struct Interval {
    pub(super) key: String,
    pub(super) from_unix: f64,
    pub(super) from_took_ms: f64,
    pub(super) to_unix: Option<f64>,
    pub(super) to_took_ms: Option<f64>,
}

/// A silence as the witness saw it, in Unix seconds.
#[derive(Debug, Deserialize)]
pub(super) struct Silence {
    pub(super) last_answered: f64,
    pub(super) first_lost: f64,
    pub(super) last_lost: f64,
    pub(super) first_reply: Option<f64>,
}

/// `witness.py` at work.
pub(super) struct Witness {
    child: Child,
    path: PathBuf,
}

impl Witness {
    /// Ends it; the silences it saw.
    pub(super) fn silences(mut self) -> Vec<Silence> {
        end(&mut self.child);
        self.text()
            .lines()
            .filter(|line| !line.contains("ready"))
            .map(|line| serde_json::from_str(line).expect("a silence a line"))
            .collect()
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).expect("the witness's record is readable")
    }
}

impl Drop for Witness {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// `tcpdump` at work.
pub(super) struct Capture {
    child: Child,
    path: PathBuf,
}

impl Capture {
    /// Send times of the packets so far, in Unix seconds.
    pub(super) fn times(&self) -> Vec<f64> {
        let text = fs::read_to_string(&self.path).expect("the capture is readable");
        // The last line may be half written.
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        complete.lines().filter_map(|line| line.split(' ').next()?.parse().ok()).collect()
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// Ends a process with SIGTERM, or with SIGKILL when that is not enough, and waits for it.
/// `testbed exec` replaces itself by the command it is given: its child is the program itself.
pub(super) fn end(child: &mut Child) {
    for number in [Signal::TERM, Signal::KILL] {
        if !matches!(child.try_wait(), Ok(None)) {
            return;
        }
        signal(child, number);
        wait::for_at_most(Duration::from_secs(10), || !matches!(child.try_wait(), Ok(None)));
    }
}

/// Sends a signal to a child that has not been waited for.
pub(super) fn signal(child: &Child, number: Signal) {
    let pid = i32::try_from(child.id()).expect("process numbers are small");
    let pid = Pid::from_raw(pid).expect("a child's number is not 0");
    kill_process(pid, number).expect("the child is there");
}

/// Why there can be no test-bed here.
fn obstacle() -> Option<String> {
    if !geteuid().is_root() {
        return Some("the test-bed needs root".to_owned());
    }
    for (program, package) in NEEDED {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
        if !found.is_ok_and(|output| output.status.success()) {
            return Some(format!("the test-bed needs {program} (Debian package {package})"));
        }
    }
    let trial = Command::new("unshare").args(["--net", "true"]).output();
    if !trial.is_ok_and(|output| output.status.success()) {
        return Some("the test-bed needs the right to make network namespaces".to_owned());
    }
    None
}

/// One of a few files that is locked as long as a test-bed is up: it bounds them also between
/// processes, and a lock ends with its process.
fn wait_for_slot() -> File {
    until(Duration::from_secs(3_600), "room for a test-bed", || {
        for number in 0..SLOTS {
            let path = format!("/run/linkmon-testbed-slot-{number}");
            let file = File::create(&path).map_err(|problem| format!("{path}: {problem}"))?;
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(problem)) => panic!("lock {path}: {problem}"),
            }
        }
        Err("all are in use".to_owned())
    })
}

/// Takes down the test-beds of test runs that were killed.
fn take_down_orphans() {
    for entry in fs::read_dir("/run").expect("/run is readable").flatten() {
        let file_name = entry.file_name().to_string_lossy().into_owned();
        let Some(name) = file_name.strip_prefix("testbed-") else { continue };
        let Some(owner) = name.strip_prefix(&prefix()).and_then(|rest| rest.split('-').next())
        else {
            continue;
        };
        if owner.parse::<u32>().is_ok() && !Path::new("/proc").join(owner).exists() {
            let _ = testbed(name).arg("down").status();
        }
    }
}

/// Beginning of the names of all test-beds; `.ci/run` has one of its own, to clear up after it.
fn prefix() -> String {
    std::env::var("LINKMON_TESTBED_PREFIX").unwrap_or_else(|_| "it".to_owned())
}

fn testbed(name: &str) -> Command {
    let mut command = Command::new(testbed_directory().join("testbed"));
    command.env("TESTBED_NAME", name);
    command
}

fn testbed_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/testbed")
}

#[test]
fn the_witness_sees_a_silence_where_the_truth_says_it_was() {
    let Some(bed) = TestBed::up() else { return };
    let witness = bed.witness();
    wait::let_pass(Duration::from_secs(1));
    bed.set("transit", "blackhole=on");
    wait::let_pass(Duration::from_secs(2));
    bed.set("transit", "blackhole=off");
    wait::let_pass(Duration::from_secs(1));
    let silences = witness.silences();
    let [truth] = &bed.intervals()[..] else { panic!("one interval: {:?}", bed.intervals()) };
    let [silence] = &silences[..] else { panic!("one silence: {silences:?}") };
    let reply = silence.first_reply.expect("it ended");
    let end = truth.to_unix.expect("it ended");
    assert!(
        silence.last_answered < truth.from_unix && truth.from_unix < silence.first_lost + 0.1,
        "{truth:?} {silence:?}"
    );
    assert!(silence.last_lost < end && end < reply + 0.1, "{truth:?} {silence:?}");
}

/// One end of a tunnel, which goes when this value does.
pub(super) struct Tunnel(Child);

impl Drop for Tunnel {
    fn drop(&mut self) {
        end(&mut self.0);
    }
}
