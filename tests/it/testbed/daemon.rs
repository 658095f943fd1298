//! `linkmon run` in home, with a database, a configuration and an environment of its own.

use std::fs::{self, File};
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::Duration;

use super::bed::{TestBed, end, signal};
use super::record::{LinkDrop, Report};
use super::wait::{Steady, until};
use rustix::process::Signal;

/// The user and group of `testbed exec --nobody`.
const NOBODY: u32 = 65_534;

/// The longest time from the start until everything is found and measured.
const START_LIMIT: Duration = Duration::from_secs(40);

/// After the end of a drop, the last probes sent into it may still be answered within Tmax.
const SETTLED: Duration = Duration::from_secs(5);

/// With which rights the daemon runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Rights {
    Root,
    /// A user without privileges.
    Nobody,
    /// A user with `CAP_NET_RAW` and no other privilege.
    NobodyWithNetRaw,
}

/// Where a daemon keeps its things: outlives the daemon, so that another can go on with it.
pub(super) struct Home<'bed> {
    bed: &'bed TestBed,
    directory: PathBuf,
    binary: PathBuf,
    rights: Rights,
}

impl<'bed> Home<'bed> {
    /// A place for a daemon with nothing configured.
    pub(super) fn new(bed: &'bed TestBed, name: &str) -> Self {
        Self::with(bed, name, Rights::Root, "")
    }

    /// A place for a daemon with these rights and this configuration.
    pub(super) fn with(
        bed: &'bed TestBed,
        name: &str,
        rights: Rights,
        configuration: &str,
    ) -> Self {
        let directory = bed.directory().join(name);
        fs::create_dir(&directory).expect("a directory for the daemon");
        fs::write(directory.join("linkmon.toml"), configuration).expect("a configuration");
        let mut binary = PathBuf::from(env!("CARGO_BIN_EXE_linkmon"));
        if rights != Rights::Root {
            // The build may be where no other user can go.
            let copy = directory.join("linkmon");
            fs::copy(&binary, &copy).expect("the binary can be copied");
            binary = copy;
            chown(&directory, Some(NOBODY), Some(NOBODY)).expect("root can give it away");
            fs::set_permissions(bed.directory(), fs::Permissions::from_mode(0o755))
                .expect("the way there can be opened");
        }
        Self { bed, directory, binary, rights }
    }

    /// Starts the daemon and returns at once.
    pub(super) fn start(&self) -> Daemon<'_> {
        let serial = fs::read_dir(&self.directory).expect("the directory is there").count();
        let log = self.directory.join(format!("log-{serial}"));
        let stderr = File::create(&log).expect("a file for the log");
        let rights: &[&str] = match self.rights {
            Rights::Root => &[],
            Rights::Nobody => &["--nobody"],
            Rights::NobodyWithNetRaw => &["--net-raw"],
        };
        let mut command = self.bed.command_in_home(rights);
        command
            .arg(&self.binary)
            .args(self.files())
            .arg("run")
            .stdout(Stdio::null())
            .stderr(stderr);
        self.isolate(&mut command);
        Daemon { home: self, child: command.spawn().expect("the daemon starts"), log }
    }

    /// Starts the daemon and waits until gateway, modem, ISP and every anchor answer.
    #[track_caller]
    pub(super) fn start_and_measure(&self) -> Daemon<'_> {
        let before = self.try_report().ok();
        let mut daemon = self.start();
        daemon.wait_for_report(START_LIMIT, "all targets answer", |report| {
            report.all_answer_since(before.as_ref())
        });
        daemon
    }

    /// Starts the daemon and waits until every hop has answered so often that its silence tells
    /// where a fault lies.
    #[track_caller]
    pub(super) fn start_and_know_the_hops(&self) -> Daemon<'_> {
        let mut daemon = self.start_and_measure();
        daemon.wait_for_report(START_LIMIT, "the hops are known", Report::hops_are_known);
        daemon
    }

    /// What `linkmon ARGUMENTS` says of the record; it must end with exit code 0.
    #[track_caller]
    pub(super) fn ask(&self, arguments: &[&str]) -> String {
        let output = self.try_ask(arguments);
        assert!(
            output.status.success(),
            "linkmon {arguments:?}: {}: {}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).expect("linkmon writes UTF-8")
    }

    /// The record's drops of all kinds, as `linkmon drops` lists them.
    #[track_caller]
    pub(super) fn drops(&self) -> Vec<LinkDrop> {
        LinkDrop::list(&self.ask(&["drops", "--format", "json"]))
    }

    /// The drops that the stored measurements give.
    #[track_caller]
    pub(super) fn replayed(&self) -> Vec<LinkDrop> {
        LinkDrop::list(&self.ask(&["replay", "--format", "json"]))
    }

    /// The report of the last hour.
    #[track_caller]
    pub(super) fn report(&self) -> Report {
        Report::parse(&self.ask(&["report", "--since", "1h", "--format", "json"]))
    }

    /// The present as `linkmon status` prints it; an error before there is one.
    pub(super) fn try_status(&self) -> Result<serde_json::Value, String> {
        let output = self.try_ask(&["status", "--format", "json"]);
        serde_json::from_slice(&output.stdout)
            .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())
    }

    /// Waits until the record has so many drops, all of them over, and nothing changes any more.
    #[track_caller]
    pub(super) fn wait_for_ended_drops(&self, count: usize) -> Vec<LinkDrop> {
        let mut steady = Steady::default();
        until(Duration::from_secs(40), &format!("{count} drops that are over"), || {
            let drops = self.drops();
            if drops.len() < count || drops.iter().any(|drop| drop.end.is_none()) {
                return Err(format!("{drops:#?}"));
            }
            steady.accept(drops, SETTLED)
        })
    }

    /// The report of the last hour; until the database is made, there is nothing to report on.
    fn try_report(&self) -> Result<Report, String> {
        let output = self.try_ask(&["report", "--since", "1h", "--format", "json"]);
        if output.status.success() {
            Ok(Report::parse(&String::from_utf8_lossy(&output.stdout)))
        } else {
            Err(String::from_utf8_lossy(&output.stderr).into_owned())
        }
    }

    fn try_ask(&self, arguments: &[&str]) -> Output {
        let mut command = Command::new(&self.binary);
        command.args(self.files()).args(arguments).stdin(Stdio::null());
        self.isolate(&mut command);
        command.output().expect("linkmon runs")
    }

    pub(super) fn files(&self) -> [PathBuf; 4] {
        [
            "--db".into(),
            self.directory.join("linkmon.db"),
            "--config".into(),
            self.directory.join("linkmon.toml"),
        ]
    }

    /// Nothing of this machine's own linkmon is read or written.
    pub(super) fn isolate(&self, command: &mut Command) {
        for name in ["STATE_DIRECTORY", "RUNTIME_DIRECTORY", "XDG_RUNTIME_DIR", "XDG_STATE_HOME"] {
            command.env_remove(name);
        }
        command.env("HOME", &self.directory).env("XDG_CONFIG_HOME", &self.directory);
        command.current_dir(&self.directory);
    }
}

/// A daemon at work; ended with the test.
pub(super) struct Daemon<'home> {
    home: &'home Home<'home>,
    child: Child,
    log: PathBuf,
}

impl Daemon<'_> {
    /// Its process number.
    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it has written to standard error.
    pub(super) fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log is readable")
    }

    /// Waits until every role, and every anchor, has been asked and has answered.
    #[track_caller]
    pub(super) fn wait_until_all_answer(&mut self, limit: Duration) {
        self.wait_for_report(limit, "all targets answer", Report::all_answer);
    }

    /// Waits until the report of the last hour satisfies `accept`.
    #[track_caller]
    pub(super) fn wait_for_report(
        &mut self,
        limit: Duration,
        what: &str,
        accept: impl Fn(&Report) -> Result<(), String>,
    ) {
        until(limit, what, || {
            self.assert_alive();
            accept(&self.home.try_report()?)
        });
    }

    /// Panics with its log if it has ended.
    #[track_caller]
    pub(super) fn assert_alive(&mut self) {
        if let Some(status) = self.child.try_wait().expect("the daemon can be asked after") {
            panic!("the daemon ended with {status}; its log:\n{}", self.log());
        }
    }

    /// Tells it to stop, which it must do within ten seconds and with exit code 0.
    #[track_caller]
    pub(super) fn stop(mut self) {
        self.assert_alive();
        self.assert_is_linkmon();
        signal(&self.child, Signal::TERM);
        let status = self.wait(Duration::from_secs(10));
        assert!(status.success(), "stopped with {status}; its log:\n{}", self.log());
    }

    /// Ends it as a power cut would, but for the disk.
    #[track_caller]
    pub(super) fn kill(mut self) {
        self.assert_alive();
        self.assert_is_linkmon();
        signal(&self.child, Signal::KILL);
        self.wait(Duration::from_secs(10));
    }

    /// Waits until it has ended by itself.
    #[track_caller]
    pub(super) fn wait(&mut self, limit: Duration) -> ExitStatus {
        until(limit, "the daemon ends", || {
            let status = self.child.try_wait().expect("the daemon can be asked after");
            status.ok_or_else(|| self.log())
        })
    }

    /// The process that gets the signal is linkmon and no wrapper around it.
    #[track_caller]
    fn assert_is_linkmon(&self) {
        let name = fs::read_to_string(Path::new("/proc").join(self.pid().to_string()).join("comm"))
            .expect("the daemon has a name");
        assert_eq!(name.trim_end(), "linkmon");
    }
}

impl Drop for Daemon<'_> {
    fn drop(&mut self) {
        end(&mut self.child);
        if std::thread::panicking() {
            let log = self.log();
            let _ = writeln!(std::io::stderr(), "log of the daemon:\n{log}");
        }
    }
}
