//! The page in a real browser in home, while the line drops and the daemon is killed:
//! `tests/browser/line.mjs`. What it needs is in the README there; without that this test says
//! `skipped: REASON` and passes.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::bed::{TestBed, end};
use super::daemon::Home;
use super::wait::{let_pass, unix_now, until};
use crate::browser;

/// How late a page may show a drop, from its confirmation on.
const SHOWN_WITHIN: f64 = 2.0;

/// From writing a line of the log to reading it here: how often it is looked at, and a bit.
const LOG_IS_READ_WITHIN: f64 = 0.3;

/// What `line.mjs` prints: something that a person sees has changed, or the end.
#[derive(Debug, Clone, Deserialize)]
#[serde(untagged)]
enum Said {
    Seen {
        /// Unix time, milliseconds.
        at: f64,
        state: String,
        stale: bool,
        headline: String,
    },
    Opened {
        opened: bool,
    },
    End {
        troubles: Vec<String>,
        foreign: Vec<String>,
        rows: Vec<Vec<String>>,
    },
}

/// A browser that has the page open.
struct OpenPage {
    child: Child,
    output: PathBuf,
}

impl OpenPage {
    fn open(bed: &TestBed, scripts: &Path) -> Self {
        let output = bed.directory().join("page.jsonl");
        let child = bed
            .command_in_home(&[])
            .args(["node", "line.mjs", "http://127.0.0.1:8420"])
            .current_dir(scripts)
            .env("HOME", bed.directory())
            .stdin(Stdio::piped())
            .stdout(File::create(&output).expect("a file for what the page shows"))
            .spawn()
            .expect("node starts");
        let mut page = Self { child, output };
        page.wait(Duration::from_secs(30), "the page is open and says up", |said| {
            let is_open = said.iter().any(|s| matches!(s, Said::Opened { opened: true }));
            is_open.then(|| page_state(said)).flatten().filter(|(_, state)| state == "up")
        });
        page
    }

    fn said(&self) -> Vec<Said> {
        let text = fs::read_to_string(&self.output).expect("what the page shows is readable");
        // The last line may be half written.
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        let read = |line| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        complete.lines().map(read).collect()
    }

    #[track_caller]
    fn wait<T>(&mut self, limit: Duration, what: &str, accept: impl Fn(&[Said]) -> Option<T>) -> T {
        until(limit, what, || {
            let said = self.said();
            let over = self.child.try_wait().expect("node can be asked after");
            assert!(over.is_none(), "node ended with {over:?}: {said:#?}");
            accept(&said).ok_or_else(|| format!("{said:#?}"))
        })
    }

    /// Closes it; all that it said.
    fn close(mut self) -> Vec<Said> {
        drop(self.child.stdin.take());
        until(Duration::from_secs(10), "the browser ends", || {
            let over = self.child.try_wait().expect("node can be asked after");
            over.ok_or_else(|| "it goes on".to_owned())
        });
        self.said()
    }
}

impl Drop for OpenPage {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

/// When the page came to what it shows now, Unix seconds, and what that is.
fn page_state(said: &[Said]) -> Option<(f64, String)> {
    said.iter().rev().find_map(|said| match said {
        Said::Seen { at, state, stale, .. } => {
            let state = if *stale { "stale" } else { state };
            Some((at / 1e3, state.to_owned()))
        }
        Said::Opened { .. } | Said::End { .. } => None,
    })
}

fn first_after(said: &[Said], after: f64, wanted: &str) -> Option<f64> {
    said.iter().find_map(|said| match said {
        Said::Seen { at, state, stale, .. } if at / 1e3 >= after => {
            (!stale && state == wanted).then_some(at / 1e3)
        }
        _ => None,
    })
}

#[test]
fn an_open_page_shows_a_drop_at_once_and_outlives_its_daemon() {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if browser::is_skipped(&scripts) {
        return;
    }
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    let mut page = OpenPage::open(&bed, &scripts);

    bed.set("line", "blackhole=on");
    let dark = unix_now();
    let confirmed = until(Duration::from_secs(20), "the drop is confirmed", || {
        if daemon.log().contains("DOWN: drop 1") { Ok(unix_now()) } else { Err(daemon.log()) }
    }) - LOG_IS_READ_WITHIN;
    let shown = page.wait(Duration::from_secs(10), "the page says down", |said| {
        first_after(said, dark, "down")
    });
    println!("shown {:.2} s after its confirmation", shown - confirmed);
    assert!(shown - confirmed <= SHOWN_WITHIN, "confirmed {confirmed}, shown {shown}");

    // Without a daemon the page does not go on as if it knew; with a new one it does by itself.
    daemon.kill();
    let gone = unix_now();
    page.wait(Duration::from_secs(12), "the page says that it knows nothing", |said| {
        page_state(said).filter(|(at, state)| *at > gone && state == "stale")
    });
    let daemon = home.start();
    page.wait(Duration::from_secs(20), "it knows again", |said| {
        page_state(said).filter(|(at, state)| *at > gone && state != "stale")
    });
    let_pass(Duration::from_secs(2));
    let lit = unix_now();
    bed.set("line", "blackhole=off");
    page.wait(Duration::from_secs(20), "the page says up", |said| first_after(said, lit, "up"));
    // The list of drops is asked for when the state changes.
    let_pass(Duration::from_secs(2));

    let said = page.close();
    for one in &said {
        if let Said::Seen { at, state, stale, headline } = one
            && (shown..lit).contains(&(at / 1e3))
        {
            assert!(state != "up" || *stale, "up while the line was dark, {headline}: {said:#?}");
        }
    }
    let Some(Said::End { troubles, foreign, rows }) = said.last() else { panic!("{said:#?}") };
    assert!(troubles.is_empty(), "{troubles:#?}");
    assert!(foreign.is_empty(), "{foreign:#?}");
    assert!(!rows.is_empty(), "the drop is in the list");
    daemon.stop();
}
