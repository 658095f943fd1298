//! What linkmon prints of its record, read as its documentation promises it, and compared with
//! what really happened.

use std::time::Duration;

use linkmon::time::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use super::bed::{Interval, Silence};

/// What the printed bounds may be off: the time a change of the test-bed takes, and a busy
/// machine's delay between a packet and the stamp of the witness.
const TOLERANCE: f64 = 0.06;

/// After more than 10 s of silence, a router may need a second for ARP before it forwards again.
const ADDRESS_RESOLUTION: f64 = 1.2;

/// While it asks by ARP, three times in three seconds, it keeps the packets, so that the last
/// probes sent into the silence are answered after its end.
const KEPT_PACKETS: f64 = 3.0;

/// Successive anchors are asked a third of a second apart, so an edge cannot be known any better; and
/// hardly worse: a round trip and the slots' own jitter come on top.
const WIDEST_ONSET: f64 = 0.45;

/// The roles that are found in home with nothing configured, and an address of each.
const FOUND: [(&str, &str); 9] = [
    ("gateway", "192.168.1.1"),
    ("modem", "192.168.100.1"),
    ("isp", "203.0.113.1"),
    ("anchor", "1.1.1.1"),
    ("anchor", "8.8.8.8"),
    ("anchor", "9.9.9.9"),
    ("anchor", "2606:4700:4700::1111"),
    ("anchor", "2001:4860:4860::8888"),
    ("anchor", "2620:fe::fe"),
];

/// Earliest and latest instant of an edge, in Unix seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Edge {
    pub(super) earliest: f64,
    pub(super) latest: f64,
}

impl Edge {
    fn meets(self, other: Self, tolerance: f64) -> bool {
        self.earliest <= other.latest + tolerance && other.earliest <= self.latest + tolerance
    }
}

/// A drop as `linkmon drops --format json` prints it, without its number.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct LinkDrop {
    pub(super) kind: String,
    pub(super) place: String,
    pub(super) places: Vec<String>,
    pub(super) onset: Edge,
    pub(super) end: Option<Edge>,
    pub(super) min_s: f64,
    pub(super) max_s: f64,
    pub(super) unobserved_s: f64,
    pub(super) answered: Vec<String>,
    pub(super) silent: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(dead_code, reason = "some must be there and are not compared")]
struct PrintedDrop {
    id: Option<i64>,
    kind: String,
    place: String,
    places: Vec<String>,
    onset: Timestamp,
    onset_local: Timestamp,
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end: Option<Timestamp>,
    end_local: Option<Timestamp>,
    end_earliest: Option<Timestamp>,
    end_latest: Option<Timestamp>,
    #[serde(default)]
    record_ends: Option<Timestamp>,
    #[serde(default)]
    other_way: bool,
    min_s: f64,
    max_s: f64,
    unobserved_s: f64,
    answered: Vec<String>,
    silent: Vec<String>,
}

impl LinkDrop {
    /// Every drop of a printed list, in its order.
    #[track_caller]
    pub(super) fn list(json: &str) -> Vec<Self> {
        let printed: Vec<PrintedDrop> = serde_json::from_str(json)
            .unwrap_or_else(|problem| panic!("not a list of drops: {problem}: {json}"));
        printed.into_iter().map(Self::from).collect()
    }

    /// That this is the silence of `truth`, which `silence` saw too: the bounds of both edges
    /// hold what the packets of the witness tell, and that is where the fault began and ended.
    #[track_caller]
    pub(super) fn assert_is(&self, truth: &Interval, silence: &Silence) {
        let seen_onset = Edge { earliest: silence.last_answered, latest: silence.first_lost };
        let seen_end = Edge {
            earliest: silence.last_lost,
            latest: silence.first_reply.expect("the witness saw the end"),
        };
        let told_onset =
            Edge { earliest: truth.from_unix - truth.from_took_ms / 1e3, latest: truth.from_unix };
        let to = truth.to_unix.expect("the fault has ended");
        let told_end = Edge {
            earliest: to - truth.to_took_ms.expect("the fault has ended") / 1e3,
            latest: to + ADDRESS_RESOLUTION,
        };
        let end = self.end.unwrap_or_else(|| panic!("it has ended: {self:#?}"));
        for (what, printed, expected) in [
            ("the witness's onset", self.onset, seen_onset),
            ("the onset that was set", self.onset, told_onset),
            ("the witness's end", end, seen_end),
            ("the end that was set", end, told_end),
            ("what was set, of the witness's onset", seen_onset, told_onset),
            ("what was set, of the witness's end", seen_end, told_end),
        ] {
            assert!(
                printed.meets(expected, TOLERANCE),
                "{what}: {printed:?} does not meet {expected:?}\n{self:#?}\n{truth:?}\n{silence:?}"
            );
        }
        assert!(self.onset.latest - self.onset.earliest < WIDEST_ONSET, "{self:#?}");
        assert!(end.latest - end.earliest < KEPT_PACKETS + WIDEST_ONSET, "{self:#?}");
        let seconds = to - truth.from_unix;
        assert!(self.min_s <= seconds + ADDRESS_RESOLUTION + TOLERANCE, "{seconds} s: {self:#?}");
        assert!(self.max_s >= seconds - TOLERANCE, "{seconds} s: {self:#?}");
        assert!(self.min_s <= self.max_s, "{self:#?}");
        assert_eq!(self.kind, "drop", "{self:#?}");
    }

    /// That it lies at one place and that its evidence says so.
    #[track_caller]
    pub(super) fn assert_at(&self, place: &str) {
        assert_eq!(self.place, place, "{self:#?}");
        assert_eq!(self.places, [place], "{self:#?}");
    }
}

impl From<PrintedDrop> for LinkDrop {
    fn from(printed: PrintedDrop) -> Self {
        let edge = |earliest, latest| Edge { earliest: unix(earliest), latest: unix(latest) };
        Self {
            onset: edge(printed.onset_earliest, printed.onset_latest),
            end: match (printed.end_earliest, printed.end_latest) {
                (Some(earliest), Some(latest)) => Some(edge(earliest, latest)),
                (None, None) => None,
                halves => panic!("an end has both bounds or none: {halves:?}"),
            },
            kind: printed.kind,
            place: printed.place,
            places: printed.places,
            min_s: printed.min_s,
            max_s: printed.max_s,
            unobserved_s: printed.unobserved_s,
            answered: printed.answered,
            silent: printed.silent,
        }
    }
}

/// That these are the drops of the truth in its order, each with the witness's word, and no other.
#[track_caller]
pub(super) fn assert_same(drops: &[LinkDrop], truth: &[Interval], silences: &[Silence]) {
    assert_eq!(silences.len(), truth.len(), "the witness saw {silences:#?} of {truth:#?}");
    assert_eq!(drops.len(), truth.len(), "found {drops:#?} of {truth:#?}");
    for ((drop, interval), silence) in drops.iter().zip(truth).zip(silences) {
        drop.assert_is(interval, silence);
    }
}

/// A report as `linkmon report --format json` prints it.
pub(super) struct Report {
    json: Value,
    pub(super) targets: Vec<TargetRow>,
    pub(super) troubles: Vec<Trouble>,
}

/// An impairment in the report; each of them is over.
#[derive(Debug, Deserialize)]
struct Impairment {
    kind: String,
    onset_earliest: Timestamp,
    onset_latest: Timestamp,
    end_earliest: Timestamp,
    end_latest: Timestamp,
}

/// A target's trouble in the report.
#[derive(Debug, Deserialize)]
pub(super) struct Trouble {
    pub(super) target: String,
    pub(super) from: Timestamp,
    pub(super) lost: u64,
}

/// A target's line in the report.
#[derive(Debug, Deserialize)]
pub(super) struct TargetRow {
    pub(super) name: String,
    pub(super) role: String,
    pub(super) address: String,
    pub(super) sent: u64,
    pub(super) lost: u64,
    pub(super) not_sent: u64,
}

impl TargetRow {
    /// Probes that were answered in time.
    pub(super) fn answered(&self) -> u64 {
        self.sent - self.lost
    }

    /// Whether it is asked by HTTP.
    pub(super) fn is_http(&self) -> bool {
        self.address.starts_with("http")
    }

    /// Whether it is asked by DNS.
    pub(super) fn is_dns(&self) -> bool {
        self.address.contains('@')
    }
}

impl Report {
    #[track_caller]
    pub(super) fn parse(text: &str) -> Self {
        let json: Value = serde_json::from_str(text)
            .unwrap_or_else(|problem| panic!("not a report: {problem}: {text}"));
        let targets = serde_json::from_value(json["targets"].clone())
            .unwrap_or_else(|problem| panic!("no targets: {problem}: {text}"));
        let troubles = serde_json::from_value(json["troubles"].clone())
            .unwrap_or_else(|problem| panic!("no troubles: {problem}: {text}"));
        Self { json, targets, troubles }
    }

    /// The line of the target with this address.
    #[track_caller]
    pub(super) fn at(&self, address: &str) -> &TargetRow {
        let row = self.targets.iter().find(|row| row.address == address);
        row.unwrap_or_else(|| panic!("no target {address}: {:#?}", self.targets))
    }

    /// Probes that this address answered; none when it is no target yet.
    pub(super) fn answered_by(&self, address: &str) -> u64 {
        let row = self.targets.iter().find(|row| row.address == address);
        row.map_or(0, TargetRow::answered)
    }

    /// What was found apart from drops: kind, and length in seconds by the middles of its bounds.
    #[track_caller]
    pub(super) fn impairments(&self) -> Vec<(String, f64)> {
        let list = self.json["impairments"].as_array().expect("a list of impairments");
        let parse = |impairment: &Value| {
            let found: Impairment = serde_json::from_value(impairment.clone())
                .unwrap_or_else(|problem| panic!("no impairment: {problem}: {impairment}"));
            let middle = |a, b| f64::midpoint(unix(a), unix(b));
            let end = middle(found.end_earliest, found.end_latest);
            (found.kind, end - middle(found.onset_earliest, found.onset_latest))
        };
        list.iter().map(parse).collect()
    }

    /// That everything there is to find in home was found and has answered.
    pub(super) fn all_answer(&self) -> Result<(), String> {
        self.answers(&FOUND)
    }

    /// The same, and that all have answered again since `before`.
    pub(super) fn all_answer_since(&self, before: Option<&Self>) -> Result<(), String> {
        self.all_answer()?;
        for old in before.iter().flat_map(|report| &report.targets) {
            let is_found = FOUND.iter().any(|(_, address)| *address == old.address);
            if is_found && self.at(&old.address).answered() <= old.answered() {
                return Err(format!("{} has not answered again", old.name));
            }
        }
        Ok(())
    }

    /// That gateway, modem and ISP have shown how they usually answer: ten probes, and one more
    /// that may be too near to the fault.
    pub(super) fn hops_are_known(&self) -> Result<(), String> {
        let hop = |row: &&TargetRow| matches!(&*row.role, "gateway" | "modem" | "isp");
        match self.targets.iter().filter(hop).find(|row| row.answered() < 11) {
            None => Ok(()),
            Some(row) => Err(format!("{row:?}")),
        }
    }

    /// That all of these are targets and have answered.
    pub(super) fn answers(&self, expected: &[(&str, &str)]) -> Result<(), String> {
        for (role, address) in expected {
            let row = self.targets.iter().find(|row| row.address == *address && row.role == *role);
            match row {
                None => return Err(format!("no {role} {address} in {:?}", self.targets)),
                Some(row) if row.answered() == 0 => {
                    return Err(format!("{} has not answered: {row:?}", row.name));
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    /// Whether it says that this interface's carrier went or came.
    pub(super) fn reports_carrier(&self, interface: &str, up: bool) -> bool {
        self.reports_any(&|object| {
            object["kind"] == "carrier" && object["interface"] == interface && object["up"] == up
        })
    }

    /// Whether it holds an object that `accept` takes, at any depth.
    pub(super) fn reports_any(&self, accept: &dyn Fn(&Value) -> bool) -> bool {
        holds(&self.json, accept)
    }
}

fn holds(value: &Value, accept: &dyn Fn(&Value) -> bool) -> bool {
    match value {
        Value::Object(fields) => accept(value) || fields.values().any(|field| holds(field, accept)),
        Value::Array(items) => items.iter().any(|item| holds(item, accept)),
        _ => false,
    }
}

#[allow(clippy::cast_precision_loss, reason = "microseconds since 1970 fit in 53 bits until 2255")]
pub(super) fn unix(at: Timestamp) -> f64 {
    at.as_micros() as f64 / 1e6
}

/// The time a fault is let last that is to be a drop.
pub(super) const SHORT_FAULT: Duration = Duration::from_secs(8);
