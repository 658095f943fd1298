//! The list of drops as a table for people.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::language::words;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{DropKind, Lengths, Place, Role, StoredDrop, Target, TargetId};

/// The columns of a table of drops.
struct Row {
    id: String,
    began: String,
    ended: String,
    lasted: String,
    place: String,
    answered: String,
    silent: String,
    offsets: [String; 2],
    half_width: Duration,
    /// Before the start and the end, where the clock had not been set: "about ".
    about: [&'static str; 2],
}

impl Row {
    fn new(
        stored: &StoredDrop,
        targets: &[Target],
        zone: &TimeZone,
        about: &[TimeRange],
        others: &[i64],
        ended: &[Timestamp],
    ) -> Self {
        let drop = &stored.drop;
        let roles = |ids: &[TargetId]| -> Vec<Role> {
            targets.iter().filter(|t| ids.contains(&t.id)).map(|t| t.role).collect()
        };
        let (answered, mut silent) = (roles(&drop.answered), roles(&drop.silent));
        silent.retain(|role| !answered.contains(role));
        let is_watched = !ended.contains(&drop.key);
        let began = drop.onset.midpoint();
        let length = Lengths { min: drop.min, max: drop.max };
        let shown = drop.end.map(|end| words::shown_end(end, length));
        let ended = shown.map(|shown| shown.at);
        let is_about = |at: Timestamp| about.iter().any(|range| range.from <= at && at <= range.to);
        let mark = match drop.kind {
            _ if others.contains(&stored.id) => " (another way)",
            DropKind::Blip => " (blip)",
            DropKind::Possible => " (perhaps a drop)",
            DropKind::Drop | DropKind::Outage => "",
        };
        Self {
            id: stored.id.to_string(),
            began: format!("{}{mark}", words::local_tenth(began, zone)),
            ended: shown.map_or_else(
                || if is_watched { "ongoing" } else { "not over" }.to_owned(),
                |end| end.mark.to_owned() + &words::local_end(began, end.at, zone, "%m-%d "),
            ),
            lasted: match drop.end {
                Some(_) => words::bounds(length, "to") + &times(drop.stretches.len()),
                None if is_watched => format!("{} so far", words::length(drop.min)),
                None => words::length(drop.min),
            },
            place: place(&drop.places),
            answered: witnesses(&answered, "-"),
            silent: if answered.is_empty() && silent.contains(&Role::Gateway) {
                "all".to_owned()
            } else {
                witnesses(&silent, if silent.is_empty() { "-" } else { "anchors only" })
            },
            offsets: [began, ended.unwrap_or(began)].map(|at| words::offset(at, zone)),
            half_width: words::half_width(drop.onset)
                .max(shown.map_or(Duration::ZERO, |end| end.half_width)),
            about: [Some(began), ended]
                .map(|at| if at.is_some_and(is_about) { "about " } else { "" }),
        }
    }
}

/// Places in the words of JSON; three and more as the first and the last.
fn place(places: &[Place]) -> String {
    match places {
        [] => "unknown".to_owned(),
        [one] => one.to_string(),
        [first, second] => format!("{first}|{second}"),
        [first, .., last] => format!("{first}..{last}"),
    }
}

/// How often the link was down in a drop of several silences.
fn times(silences: usize) -> String {
    if silences > 1 { format!(", {silences} times") } else { String::new() }
}

/// Roles in order, each once, as far as they are witnesses of where a fault lies. The anchors are
/// not among them: by definition, none of them answers during a drop.
fn witnesses(present: &[Role], none: &str) -> String {
    let witnesses = [Role::Gateway, Role::Modem, Role::Isp];
    let words: Vec<_> =
        witnesses.into_iter().filter(|role| present.contains(role)).map(Role::as_str).collect();
    if words.is_empty() { none.to_owned() } else { words.join(" ") }
}

/// A table with a line of titles; see [`words::columns`]. Where the offset from UTC changes, each
/// time has its own.
fn table(rows: &[Row], indent: &str) -> String {
    let first = rows.first().map(|row| row.offsets[0].as_str()).unwrap_or_default();
    let one = rows.iter().flat_map(|row| &row.offsets).all(|offset| offset == first);
    let year = |row: &Row| row.began.get(..4).map(str::to_owned);
    let one_year = rows.iter().all(|row| year(row) == year(&rows[0]));
    let began = if one { format!("began (UTC{first})") } else { "began (offset)".to_owned() };
    let titles = ["id", &began, "ended", "lasted", "place", "answered", "silent"];
    let mut cells = vec![titles.map(str::to_owned)];
    cells.extend(rows.iter().map(|row| {
        let [mut began, mut ended] = [row.began.clone(), row.ended.clone()];
        if !one {
            // Where all are of one year, it is in the period shown with it: the line is long enough.
            let from = if one_year { "2026-".len() } else { 0 };
            began = format!("{} {}", began.get(from..).unwrap_or(&began), row.offsets[0]);
            if row.offsets[0] != row.offsets[1] {
                ended = format!("{ended} {}", row.offsets[1]);
            }
        }
        let [began, ended] = [row.about[0].to_owned() + &began, row.about[1].to_owned() + &ended];
        let rest = [&row.lasted, &row.place, &row.answered, &row.silent].map(Clone::clone);
        let [lasted, place, answered, silent] = rest;
        [row.id.clone(), began, ended, lasted, place, answered, silent]
    }));
    words::columns(&cells, [true, false, false, false, false, false, false], indent)
}

/// What the columns mean, and how exact the times are: `+-0.2 s`.
fn caption(rows: &[Row]) -> String {
    let widest = rows.iter().map(|row| row.half_width).max().unwrap_or_default();
    let half = words::length(widest);
    format!(
        "Began and ended are within +-{half}, lasted is minimum to maximum. In its silences no anchor answers."
    )
}

/// The drops as a table, in the order given, with times in `zone`; those in the stretches of `about` are
/// marked, and so are those with the numbers in `others`, which are not the line's. Those with the keys in
/// `ended` are not over, and nobody watches any more. Says so when there are none.
pub fn drops_text(
    drops: &[StoredDrop],
    targets: &[Target],
    zone: &TimeZone,
    about: &[TimeRange],
    others: &[i64],
    ended: &[Timestamp],
) -> String {
    if drops.is_empty() {
        return "No drops.\n".to_owned();
    }
    let rows: Vec<_> =
        drops.iter().map(|d| Row::new(d, targets, zone, about, others, ended)).collect();
    let name = zone.iana_name().unwrap_or("this computer's zone");
    format!("{}\nTimes are local ({name}).\n{}\n", table(&rows, ""), caption(&rows))
}
