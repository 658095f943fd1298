//! The feed of the status page as a reader of feeds understands it: Python's `feedparser`. Without that
//! (`pip install feedparser`, for the Python in `LINKMON_PYTHON` or `python3`) the test says
//! `skipped: REASON` and passes.

use std::io::{Write as _, stderr};
use std::process::Command;
use std::time::Duration;

use linkmon::config::Config;
use linkmon::daemon::Audience;
use linkmon::live::{Event, Present, RecentProbes, SharedPresent, Status};
use linkmon::scenario::{Recording, Scenario, record};
use linkmon::serve::{PageOptions, start};
use linkmon::store::Durability;
use linkmon::time::Reading;
use serde::Deserialize;

/// The last status of what is simulated.
#[derive(Default)]
struct Last(Option<Status>);

impl Audience for Last {
    fn on_event(&mut self, _: &Event) {}

    fn on_second(&mut self, status: &Status) {
        self.0 = Some(status.clone());
    }
}

/// Prints what a reader understands of a feed.
const READ: &str = r#"
import json, sys
import feedparser
feed = feedparser.parse(sys.argv[1])
print(json.dumps({
    "wrong": str(feed.get("bozo_exception", "")) if feed.bozo else None, "version": feed.version,
    "title": feed.feed.title, "id": feed.feed.id, "updated": bool(feed.feed.updated_parsed),
    "entries": [{"id": e.id, "title": e.title, "is_dated": bool(e.updated_parsed),
                 "text": e.content[0].value} for e in feed.entries]}))
"#;

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct ReadFeed {
    wrong: Option<String>,
    version: String,
    title: String,
    id: String,
    updated: bool,
    entries: Vec<ReadEntry>,
}

#[derive(Debug, PartialEq, Eq, Deserialize)]
struct ReadEntry {
    id: String,
    title: String,
    is_dated: bool,
    text: String,
}

#[test]
fn a_reader_of_feeds_finds_each_incident_under_one_id() {
    let python = std::env::var("LINKMON_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let is_there = Command::new(&python).args(["-c", "import feedparser"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        writeln!(stderr(), "skipped: there is no feedparser").expect("standard error takes a line");
        return;
    }
    // An hour that ended a while ago.
    let began = Reading::now().utc - Duration::from_secs(7_200);
    let story = format!(
        "name = \"T05\"\nstory = \"an hour for the feed\"\nstart = \"{began}\"\nlength = \"1h\"\n\
         [[fault]]\nwhere = \"access\"\nhow = \"silence\"\nwhen = {{ at = \"12m\", lasts = \"1m\" }}\n\
         [[fault]]\nwhere = \"access\"\nhow = \"silence\"\nwhen = {{ at = \"30m\", lasts = \"400s\" }}\n\
         [[note]]\nat = \"31m\"\nkind = \"call\"\ntext = \"a < b & \\\"c\\\"\"\n"
    );
    let home = tempfile::tempdir().unwrap();
    let database = home.path().join("a.db");
    let recording =
        Recording { database: &database, runtime_dir: None, durability: Durability::Full };
    let mut last = Last::default();
    record(&Scenario::parse(&story, "a").unwrap().plan(1), &recording, &mut last).unwrap();
    let present = SharedPresent::new(Present::new(Duration::from_secs(1), RecentProbes::default()));
    let mut config = Config::default();
    config.web.listen = "127.0.0.1:0".parse().unwrap();
    let page = start(PageOptions { config, database, present }).unwrap();
    let url = format!("http://{}/feed.atom", page.listen());
    let read = || -> ReadFeed {
        let output = Command::new(&python).args(["-c", READ, &url]).output().unwrap();
        let troubles = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{troubles}");
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let feed = read();
    assert_eq!((&feed.wrong, feed.version.as_str()), (&None, "atom10"), "{feed:#?}");
    assert!(feed.updated && !feed.title.is_empty() && !feed.id.is_empty(), "{feed:#?}");
    assert_eq!(feed.entries.len(), 2, "{feed:#?}");
    assert_ne!(feed.entries[0].id, feed.entries[1].id);
    assert!(feed.entries.iter().all(|entry| entry.is_dated && !entry.title.is_empty()));
    let noted = feed.entries.iter().filter(|entry| entry.text.contains("a < b & \"c\""));
    assert_eq!(noted.count(), 1, "the note of one of them, as text: {feed:#?}");
    assert_eq!(read().entries, feed.entries, "the same again");
    page.stop();
}
