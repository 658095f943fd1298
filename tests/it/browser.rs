//! The live page in a real browser: `tests/browser/page.mjs`. What it needs is in the README there;
//! without that this test says `skipped: REASON` and passes.

use std::io::{Write as _, stderr};
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use linkmon::config::Config;
use linkmon::daemon::Audience;
use linkmon::live::{Event, Present, RecentProbes, SharedPresent, Status};
use linkmon::scenario::{Recording, Scenario, record};
use linkmon::serve::{PageOptions, Watchers, start};
use linkmon::store::Durability;
use linkmon::time::Reading;
use linkmon::vocabulary::Secret;

/// An hour with a drop hardly longer than 5 s, one of a minute, and an outage.
const STORY: &str = r#"
name = "T04"
story = "an hour for the page"
start = "2026-02-02T13:00:00Z"
length = "1h"
home = "services"

[[fault]]
where = "access"
how = "silence"
when = { at = "5m", lasts = "6500ms" }

[[fault]]
where = "isp-core"
how = "silence"
when = { at = "12m", lasts = "1m" }

[[fault]]
where = "access"
how = "silence"
when = { at = "30m", lasts = "400s" }
"#;

/// The last present of the story.
#[derive(Default)]
struct Last(Option<Status>);

impl Audience for Last {
    fn on_event(&mut self, _: &Event) {}

    fn on_second(&mut self, status: &Status) {
        self.0 = Some(status.clone());
    }
}

/// Why the page cannot be tried here; `None`: it can.
fn missing(directory: &Path) -> Option<String> {
    let node = Command::new("node").arg("--version").output();
    if !node.is_ok_and(|output| output.status.success()) {
        return Some("there is no node".to_owned());
    }
    let known = ["chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"];
    let there = known.iter().any(|name| Path::new("/usr/bin").join(name).exists());
    if !there && std::env::var_os("CHROMIUM").is_none() {
        return Some("there is no Chromium".to_owned());
    }
    (!directory.join("node_modules/puppeteer-core").exists())
        .then(|| "tests/browser has no node_modules: npm ci".to_owned())
}

/// Says so where something is missing that a test in a browser needs.
pub(crate) fn is_skipped(directory: &Path) -> bool {
    let reason = missing(directory);
    if let Some(reason) = &reason {
        writeln!(stderr(), "skipped: {reason}").expect("standard error takes a line");
    }
    reason.is_some()
}

/// Each second goes on, as in a daemon.
fn go_on(present: &SharedPresent, status: &Status, watchers: &Watchers, ended: &Receiver<()>) {
    loop {
        let now = Reading::now();
        let status = Status { at: now.utc, ..status.clone() };
        present.lock().on_second(Arc::new(status), now.boot);
        watchers.second();
        if ended.recv_timeout(Duration::from_secs(1)) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
}

#[test]
fn the_page_works_in_a_browser() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    if is_skipped(&directory) {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let database = home.path().join("a.db");
    let recording =
        Recording { database: &database, runtime_dir: None, durability: Durability::Full };
    let mut last = Last::default();
    record(&Scenario::parse(STORY, "a.db").unwrap().plan(1), &recording, &mut last).unwrap();

    let present = SharedPresent::new(Present::new(Duration::from_secs(1), RecentProbes::default()));
    let mut config = Config::default();
    config.web.listen = "127.0.0.1:0".parse().unwrap();
    config.site.zone = Some("Europe/Berlin".to_owned());
    let mut locked = config.clone();
    locked.web.token = Some(Secret::new("open sesame 4711".to_owned()));
    let options =
        |config| PageOptions { config, database: database.clone(), present: present.clone() };
    let [page, locked] = [config, locked].map(|config| start(options(config)).unwrap());
    let (address, watchers) = (page.listen(), page.watchers());
    let (end, ended) = channel();
    let status = last.0.unwrap();
    let output = std::thread::scope(|scope| {
        let (present, status, watchers) = (&present, &status, &watchers);
        scope.spawn(move || go_on(present, status, watchers, &ended));
        let mut node = Command::new("node");
        node.current_dir(&directory).arg("page.mjs").arg(format!("http://{address}"));
        node.env("LINKMON_LOGIN", format!("http://{}", locked.listen()));
        let output = node.args(std::env::var_os("LINKMON_PICTURES")).output();
        drop(end);
        output.unwrap()
    });
    page.stop();
    locked.stop();
    let said = String::from_utf8_lossy(&output.stdout);
    let troubles = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}{troubles}");
    print!("{said}");
}
