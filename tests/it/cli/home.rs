//! A home for each test, the binary in it, and a record of known drops.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A home of its own for each test.
pub(crate) struct Home {
    pub(crate) dir: TempDir,
}

#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Home {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        fs::write(&path, text).unwrap();
        path
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_linkmon"));
        command
            .env_clear()
            .env("HOME", self.dir.path())
            .env("TZ", "UTC")
            .env("COLUMNS", "100")
            .current_dir(self.dir.path())
            .stdin(Stdio::null())
            .args(arguments);
        command
    }

    pub(crate) fn linkmon(&self, arguments: &[&str]) -> Said {
        let output = self.command(arguments).output().unwrap();
        Said {
            code: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs it and takes what it printed; it must have succeeded and said nothing else.
    #[track_caller]
    pub(crate) fn data(&self, arguments: &[&str]) -> String {
        let said = self.linkmon(arguments);
        assert_eq!((said.code, said.stderr.as_str()), (0, ""), "{arguments:?}");
        said.stdout
    }

    #[track_caller]
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_str(&self.data(arguments)).unwrap()
    }

    /// Runs it; it must have failed with this code and printed no data.
    #[track_caller]
    pub(crate) fn complaint(&self, code: i32, arguments: &[&str]) -> String {
        let said = self.linkmon(arguments);
        assert_eq!((said.code, said.stdout.as_str()), (code, ""), "{arguments:?} {}", said.stderr);
        said.stderr.replace(self.dir.path().to_str().unwrap(), "HOME")
    }

    /// A database made of the record of known drops.
    pub(crate) fn recorded() -> Self {
        let home = Self::new();
        home.write("record.csv", &record());
        let said = home.data(&[
            "--db",
            "a.db",
            "import",
            "record.csv",
            "--role",
            "router=gateway",
            "--role",
            "hop=isp",
        ]);
        assert_eq!(
            said,
            "imported 9,000 measurements of 5 targets, Tue 2023-02-07 16:00 to Tue 2023-02-07 \
             16:29: 1 outage, 1 drop, 1 blip\n"
        );
        home
    }
}

/// 2023-02-07T16:00:00Z
pub(crate) const START_MS: i64 = 1_675_785_600_000;
pub(crate) const SECONDS: i64 = 1_800;
/// Seconds from START in which nothing beyond the router answers: a drop, a blip, an outage.
pub(crate) const DOWN: [(i64, i64); 3] = [(300, 330), (600, 603), (900, 1_300)];
pub(crate) const PERIOD: [&str; 4] = ["--since", "2023-02-07T15:30", "--until", "2023-02-07T17:00"];

/// Half an hour of three anchors, the ISP's hop and the router at one a second.
pub(crate) fn record() -> String {
    let mut text = "time_unix_ms,target,rtt_us\n".to_owned();
    let targets = [("one", 0), ("two", 333), ("three", 667), ("hop", 0), ("router", 333)];
    for second in 0..SECONDS {
        for (name, phase) in targets {
            let at = second * 1_000 + phase;
            let down = DOWN.iter().any(|(from, to)| (from * 1_000..to * 1_000).contains(&at));
            let rtt = if down && name != "router" {
                String::new()
            } else {
                (9_000 + (second * 7_919 + phase) % 997).to_string()
            };
            writeln!(text, "{},{name},{rtt}", START_MS + at).unwrap();
        }
    }
    text
}
