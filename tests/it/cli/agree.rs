//! One figure for one thing: all outputs of one record, compared field by field.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use jiff::tz::TimeZone;
use serde_json::Value;

use super::home::Home;
use super::record::unpacked;
use linkmon::config::{Config, Lang};
use linkmon::courier::Follower;
use linkmon::daemon::Audience;
use linkmon::language;
use linkmon::live::{DropStatus, Event, Present, RecentProbes, SharedPresent, Status};
use linkmon::scenario::{Recording, Scenario, record};
use linkmon::serve::{PageOptions, start};
use linkmon::store::Durability;
use linkmon::time::BootTime;

/// What a person was shown while the story was recorded.
#[derive(Default)]
struct Watched {
    follower: Follower,
    /// Drops as notifications were made of them.
    notified: Vec<DropStatus>,
    log: Vec<String>,
    /// Of each drop, the last present in which it lasts.
    in_drops: Vec<Status>,
    last: Option<Status>,
}

impl Audience for Watched {
    fn on_event(&mut self, event: &Event) {
        self.log.extend(language::log::log_line(event, &TimeZone::UTC, Lang::En));
    }

    fn on_second(&mut self, status: &Status) {
        if let Some(Event::DropBegan { drop, .. } | Event::DropEnded { drop, .. }) =
            self.follower.on_status(status)
        {
            self.notified.push(drop);
        }
        if status.open_drop.is_some() {
            let same = |seen: &Status| {
                let id = |status: &Status| status.open_drop.as_ref().map(|drop| drop.id);
                id(seen) == id(status)
            };
            self.in_drops.retain(|seen| !same(seen));
            self.in_drops.push(status.clone());
        }
        self.last = Some(status.clone());
    }
}

/// The body of an answer over loopback.
fn get(address: std::net::SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 "), "{path}: {head}");
    if !head.to_ascii_lowercase().contains("transfer-encoding: chunked") {
        return body.to_owned();
    }
    let (mut rest, mut whole) = (body, String::new());
    while let Some((length, after)) = rest.split_once("\r\n") {
        let length = usize::from_str_radix(length, 16).unwrap();
        whole += &after[..length];
        rest = after.get(length + 2..).unwrap_or_default();
    }
    whole
}

/// Two drops of which one comes in three silences, an outage, and a blip.
const STORY: &str = r#"
name = "T03"
story = "drops of all kinds"
start = "2026-02-02T13:00:00Z"
length = "1h"
home = "services"

[[fault]]
where = "access"
how = "silence"
when = { at = "5m", lasts = "40s" }

[[fault]]
where = "access"
how = "silence"
when = { at = "12m", lasts = "9s" }

[[fault]]
where = "access"
how = "silence"
when = { at = "734s", lasts = "11s" }

[[fault]]
where = "isp-core"
how = "silence"
when = { at = "20m", lasts = "690s" }

[[fault]]
where = "access"
how = "silence"
when = { at = "45m", lasts = "3s" }
"#;

const PERIOD: [&str; 4] = ["--since", "2026-02-02T12:30", "--until", "2026-02-02T14:00"];

/// Fields of a drop that every table has.
const FIELDS: [&str; 10] = [
    "id",
    "kind",
    "place",
    "onset_earliest",
    "onset_latest",
    "end_earliest",
    "end_latest",
    "min_s",
    "max_s",
    "unobserved_s",
];

fn rows(csv: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row = |record: csv::StringRecord| {
        names.iter().cloned().zip(record.iter().map(str::to_owned)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// A value of JSON as a table has it.
fn cell(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(n) if n.is_f64() => format!("{:.3}", n.as_f64().unwrap()),
        other => other.to_string(),
    }
}

/// Without what differs by the writer: broken lines, no-break spaces, signs.
fn flat(text: &str) -> String {
    let text = text.replace(['\u{a0}', '\u{202f}'], " ").replace('±', "+-").replace("<wbr>", "");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The digits behind the point.
fn decimals(n: &serde_json::Number) -> usize {
    let text = n.to_string();
    text.split_once('.').map_or(0, |(_, digits)| digits.trim_end_matches('0').len())
}

/// `docs/json.md`: seconds and milliseconds with three decimals, ratios with eight.
fn check_digits(path: &str, value: &Value) {
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| check_digits(&format!("{path}.{name}"), value));
        }
        Value::Array(items) => items.iter().for_each(|value| check_digits(path, value)),
        Value::Number(n) => {
            let is_length = ["_s", "_ms", "seconds"].iter().any(|end| path.ends_with(end))
                || path.contains("rtt_ms");
            let most = if is_length { 3 } else { 8 };
            assert!(decimals(n) <= most, "{path} is {n}");
        }
        _ => {}
    }
}

#[test]
fn all_outputs_of_one_record_agree() {
    let home = Home::new();
    let mut watched = Watched::default();
    let plan = Scenario::parse(STORY, "a.db").unwrap().plan(1);
    let database = home.path("a.db");
    let recording =
        Recording { database: &database, runtime_dir: None, durability: Durability::Full };
    record(&plan, &recording, &mut watched).unwrap();
    let of = |arguments: &[&'static str]| {
        let said = home.linkmon(&[&["--db", "a.db"], arguments, &PERIOD].concat());
        assert_eq!(said.code, 0, "{}", said.stderr);
        said.stdout
    };
    let report: Value = serde_json::from_str(&of(&["report", "--format", "json"])).unwrap();
    check_digits("report", &report);
    let drops = report["drops"].as_array().unwrap();
    let of_kind = |kind| drops.iter().filter(|drop| drop["kind"] == kind).count();
    assert_eq!([of_kind("drop"), of_kind("outage"), of_kind("blip")], [2, 1, 1]);

    // Tables for programs.
    let list = of(&["drops", "--format", "json", "--blips"]);
    let list: Value = serde_json::from_str(&list).unwrap();
    check_digits("drops", &list);
    let list = list.as_array().unwrap();
    let listed = rows(&of(&["drops", "--format", "csv", "--blips"]));
    let reported = rows(&of(&["report", "--format", "csv"]));
    let exported = rows(&of(&["export", "drops"]));
    home.linkmon(&[&["--db", "a.db", "report", "-o", "a.zip"], &PERIOD[..]].concat());
    assert_eq!(rows(&unpacked(&home, "a.zip", "drops.csv")), reported);
    for (n, drop) in drops.iter().enumerate() {
        for field in FIELDS {
            assert_eq!(list[n][field], drop[field], "{field} of drop {n}");
            for (name, table) in [("listed", &listed), ("reported", &reported)] {
                let of_table = table[n].iter().find(|(name, _)| name == field).unwrap();
                assert_eq!(of_table.1, cell(&drop[field]), "{field} of drop {n}, {name}");
            }
        }
        for field in ["id", "kind", "min_s", "max_s"] {
            let row = exported[n].iter().find(|(name, _)| name == field).unwrap();
            let rounded = |text: &str| text.parse::<f64>().map(|v| format!("{v:.3}"));
            let (left, right) = (rounded(&row.1), rounded(&cell(&drop[field])));
            assert_eq!(left.unwrap_or(row.1.clone()), right.unwrap_or(cell(&drop[field])));
        }
    }

    check_page(&database, &watched, list);
    check_shown(&watched, drops);

    // Texts for people.
    let formats = ["text", "full", "md", "html", "letter"];
    let texts = formats.map(|format| flat(&of(&["report", "--format", format])));
    let in_terminal = flat(&of(&["drops", "--blips"]));
    let counts = &report["counts"];
    assert_eq!(
        (&counts["drops"], &counts["outages"], &counts["blips"]),
        (&2.into(), &1.into(), &1.into())
    );
    for drop in drops.iter().filter(|drop| drop["kind"] != "blip") {
        let [min, max] = ["min_s", "max_s"].map(|name| drop[name].as_f64().unwrap());
        let bounds = linkmon::language::words::bounds(
            linkmon::vocabulary::Lengths {
                min: std::time::Duration::from_secs_f64(min),
                max: std::time::Duration::from_secs_f64(max),
            },
            "to",
        );
        let began = drop["onset"].as_str().unwrap();
        let began = &began["2026-02-02T".len().."2026-02-02T13:05:00".len()];
        let near = [began.to_owned(), began.to_string()];
        for (format, text) in formats.iter().zip(&texts).chain([(&"drops", &in_terminal)]) {
            assert!(text.contains(&bounds), "{format} has not {bounds}: {text}");
            let minute = &near[0][..5];
            assert!(text.contains(minute), "{format} has not {minute}: {text}");
        }
    }
    // The line on availability and time down, with the same figures in each of them.
    let line = |text: &str| {
        let from = text.find(" of the time watched").unwrap();
        let start = text[..from].rfind(['%']).map_or(0, |at| at);
        let start = text[..start].trim_end().rfind([' ', '>']).map_or(0, |at| at + 1);
        let end = from + text[from..].find(" at most)").unwrap();
        text[start..end].to_owned()
    };
    let first = line(&texts[0]);
    for (format, text) in formats.iter().zip(&texts) {
        assert_eq!(line(text), first, "{format}");
        assert!(text.contains("2 drops"), "{format}: {text}");
        assert!(text.contains("1 outage"), "{format}: {text}");
    }
    let down = report["time"]["down_s"].as_f64().unwrap();
    let sum: f64 = drops
        .iter()
        .filter(|drop| drop["kind"] != "blip")
        .map(|drop| f64::midpoint(drop["min_s"].as_f64().unwrap(), drop["max_s"].as_f64().unwrap()))
        .sum();
    assert!((down - sum).abs() < 0.5, "{down} s down, {sum} s in drops");
    let watched = report["coverage"]["observed_s"].as_f64().unwrap();
    let available = report["availability"]["ratio"].as_f64().unwrap();
    assert!((available - (1.0 - down / watched)).abs() < 1e-6, "{available}");
}

/// The page's list of drops is that of the terminal, its status the one that was shown.
fn check_page(database: &std::path::Path, watched: &Watched, listed: &[Value]) {
    let status = watched.last.clone().unwrap();
    let present = SharedPresent::new(Present::new(Duration::from_secs(1), RecentProbes::default()));
    present.lock().on_second(Arc::new(status.clone()), BootTime::from_micros(1_000_000));
    let mut config = Config::default();
    config.web.listen = "127.0.0.1:0".parse().unwrap();
    config.site.zone = Some("UTC".to_owned());
    let page = start(PageOptions { config, database: database.to_owned(), present }).unwrap();
    let path = "/api/drops?since=2026-02-02T12:30&until=2026-02-02T14:00";
    let drops: Value = serde_json::from_str(&get(page.listen(), path)).unwrap();
    assert_eq!(drops.as_array().unwrap(), listed);
    let shown: Value = serde_json::from_str(&get(page.listen(), "/api/status")).unwrap();
    check_digits("status", &shown);
    page.stop();
    let last = listed.iter().rev().find(|drop| drop["kind"] != "blip").unwrap();
    for (field, of_list) in
        [("min_s", "min_s"), ("max_s", "max_s"), ("place", "place"), ("id", "id")]
    {
        assert_eq!(shown["last_drop"][field], last[of_list], "{field}");
    }
}

/// Notifications, the log and the live line have the onset, the end and the length of the report.
fn check_shown(watched: &Watched, reported: &[Value]) {
    let zone = TimeZone::UTC;
    let second = |time: &Value| {
        let at: jiff::Timestamp = time.as_str().unwrap().parse().unwrap();
        // Of what is shown to a tenth, the second.
        let tenth = (at + Duration::from_millis(50)).to_zoned_datetime(zone.clone());
        tenth.strftime("%H:%M:%S").to_string()
    };
    for drop in reported.iter().filter(|drop| drop["kind"] != "blip") {
        let (onset, end) = (second(&drop["onset"]), second(&drop["end"]));
        let [min, max] = ["min_s", "max_s"].map(|name| drop[name].as_f64().unwrap());
        let length = language::words::length(Duration::from_secs_f64(f64::midpoint(min, max)));
        let of_id = |id: i64| drop["id"] == id;
        let mut notices = watched.notified.iter().filter(|notified| of_id(notified.id));
        let notice = |notified| {
            let notice = language::notices::notice(notified, None, &zone, Lang::En);
            [notice.title, notice.text]
        };
        let [began, _] = notice(notices.next().unwrap());
        assert_eq!(began, format!("Link down since {onset}"));
        let [over, text] = notice(notices.next_back().unwrap());
        assert_eq!(over, format!("Link back: it was down for {length}"));
        assert!(text.starts_with(&format!("{onset} to {end}, ")), "{text}");
        let status = watched.in_drops.iter().find(|s| of_id(s.open_drop.as_ref().unwrap().id));
        let line = language::present::live_line(status.unwrap(), &zone, 1_000, Lang::En);
        assert!(line.contains(&format!("since {onset} ")), "{onset}: {line}");
        let id = &drop["id"];
        let logged = |start: &str, text: &str| {
            let line = watched.log.iter().rev().find(|line| line.starts_with(start));
            let line = line.unwrap_or_else(|| panic!("{start}: {:?}", watched.log));
            assert!(line.contains(text), "{text}: {line}");
        };
        logged(&format!("DOWN: drop {id} began"), &format!(" {onset} +-"));
        logged(&format!("drop {id} is over"), &format!(" {onset} to 2026-02-02 {end}, {length} ("));
        assert!(
            watched.log.iter().any(|line| *line == format!("link up since 2026-02-02 {end}")),
            "{end}: {:?}",
            watched.log
        );
    }
}
