//! The page of a real daemon. Who scrapes its metrics is in `scrape.rs`.

use std::time::Duration;

use serde_json::Value;

use super::bed::TestBed;
use super::daemon::Home;
use super::wait::until;

pub(super) const PAGE: &str = "http://127.0.0.1:8420";

/// Prints status, content type and length, then the body, of a URL asked in home; further
/// arguments are headers: `Host=NAME`.
const FETCH: &str = r#"
import sys, urllib.error, urllib.request
url, headers = sys.argv[1], dict(argument.split("=", 1) for argument in sys.argv[2:])
try:
    answer = urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60)
except urllib.error.HTTPError as error:
    answer = error
body = answer.read()
print(answer.status, answer.headers["content-type"], len(body))
sys.stdout.flush()
sys.stdout.buffer.write(body)
"#;

/// Prints the data of the first event of a stream.
const FIRST_EVENT: &str = r#"
import sys, urllib.request
for line in urllib.request.urlopen(sys.argv[1], timeout=10):
    if line.startswith(b"data: "):
        sys.stdout.buffer.write(line[6:])
        break
"#;

/// An answer as it came.
pub(super) struct Fetched {
    /// `200 text/html; charset=utf-8 1234`.
    pub(super) head: String,
    body: Vec<u8>,
}

impl Fetched {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }
}

/// Asks in home.
pub(super) fn fetch(bed: &TestBed, arguments: &[&str]) -> Result<Fetched, String> {
    let output = bed
        .command_in_home(&[])
        .args(["python3", "-c", FETCH])
        .args(arguments)
        .output()
        .expect("python3 runs");
    let end_of_head = output.stdout.iter().position(|byte| *byte == b'\n');
    let Some(at) = end_of_head.filter(|_| output.status.success()) else {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    };
    let head = String::from_utf8_lossy(&output.stdout[..at]).into_owned();
    Ok(Fetched { head, body: output.stdout[at + 1..].to_vec() })
}

#[test]
fn the_page_and_its_documents_are_served_while_the_link_is_dead() {
    let Some(bed) = TestBed::up() else { return };
    let home = Home::new(&bed, "daemon");
    let daemon = home.start_and_know_the_hops();
    bed.set("line", "blackhole=on");
    until(Duration::from_secs(20), "the drop is reported", || {
        if daemon.log().contains("DOWN: drop 1") { Ok(()) } else { Err(daemon.log()) }
    });
    let get = |path: &str| fetch(&bed, &[&format!("{PAGE}{path}")]).expect("it answers");
    let page = get("/");
    assert!(page.head.starts_with("200 text/html; charset=utf-8 "), "{}", page.head);
    // It is of the last second, which may be the one before the drop was reported.
    until(Duration::from_secs(5), "the status has it", || {
        let status = get("/api/status").json();
        let said = (&status["state"], &status["open_drop"]["place"]);
        if said == (&"down".into(), &"access".into()) { Ok(()) } else { Err(format!("{said:?}")) }
    });
    let drops = get("/api/drops?since=1h").json();
    assert_eq!(drops[0]["places"], serde_json::json!(["access"]));
    let sheet = get("/sheet/24h.png");
    assert!(sheet.head.starts_with("200 image/png ") && sheet.body.starts_with(b"\x89PNG"));
    assert!(get("/report/7d.txt").text().contains("1 drop"), "{}", get("/report/7d.txt").text());
    assert_eq!(get("/report/30d.json").json()["counts"]["drops"], 1);
    let url = format!("{PAGE}/api/status");
    let stranger = fetch(&bed, &[&url, "Host=rebind.example"]).expect("it answers");
    assert!(stranger.head.starts_with("421 "), "{}", stranger.head);

    // A second daemon finds the port taken, says so, and measures all the same.
    let other = Home::new(&bed, "other");
    let mut second = other.start();
    second.wait_for_report(Duration::from_secs(30), "it measures", |report| {
        report.answers(&[("gateway", "192.168.1.1")])
    });
    assert!(second.log().contains("no live page: cannot listen on 127.0.0.1:8420"));
    second.stop();

    // The strips of a daemon that was restarted go on where they ended.
    daemon.stop();
    let daemon = home.start();
    let marks = until(Duration::from_secs(20), "the page is there again", || {
        let output = bed
            .command_in_home(&[])
            .args(["python3", "-c", FIRST_EVENT, &format!("{PAGE}/api/events")])
            .output()
            .expect("python3 runs");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let event: Value = serde_json::from_str(&text).map_err(|problem| problem.to_string())?;
        let targets = event["targets"].as_array().ok_or("no targets")?;
        let gateway = targets.iter().find(|target| target["role"] == "gateway").ok_or("none")?;
        Ok(gateway["marks"].as_array().map_or(0, Vec::len))
    });
    assert!(marks > 10, "{marks}");
    daemon.stop();
}
