//! The list of drops as a table for people.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::language::phrases::DropListWords;
use crate::language::{Language, fill, plain, words};
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
        language: &Language,
    ) -> Self {
        let p = &language.phrases().drop_list;
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
            _ if others.contains(&stored.id) => p.other_way,
            DropKind::Blip => p.blip,
            DropKind::Possible => p.perhaps,
            DropKind::Drop | DropKind::Outage => "",
        };
        Self {
            id: stored.id.to_string(),
            began: format!("{}{mark}", language.figures_of_time(&words::local_tenth(began, zone))),
            ended: shown.map_or_else(
                || if is_watched { p.ongoing } else { p.not_over }.to_owned(),
                |end| end.mark.to_owned() + &language.end(began, end.at, zone),
            ),
            lasted: match drop.end {
                Some(_) => language.bounds(length) + &times(drop.stretches.len(), language),
                None if is_watched => fill(p.so_far, &[("length", language.length(drop.min))]),
                None => language.length(drop.min),
            },
            place: place(&drop.places, language),
            answered: witnesses(&answered, "-", language),
            silent: if answered.is_empty() && silent.contains(&Role::Gateway) {
                p.all.to_owned()
            } else {
                witnesses(&silent, if silent.is_empty() { "-" } else { p.anchors_only }, language)
            },
            offsets: [began, ended.unwrap_or(began)].map(|at| words::offset(at, zone)),
            half_width: words::half_width(drop.onset)
                .max(shown.map_or(Duration::ZERO, |end| end.half_width)),
            about: [Some(began), ended]
                .map(|at| if at.is_some_and(is_about) { p.about } else { "" }),
        }
    }
}

/// Places in a word or two; three and more as the first and the last.
fn place(places: &[Place], language: &Language) -> String {
    let p = language.phrases();
    let short = |place: &Place| p.sheet.short_places.of(*place);
    match places {
        [] => p.place_unknown.to_owned(),
        [one] => short(one).to_owned(),
        [first, second] => {
            fill(p.sheet.either, &[("first", short(first)), ("second", short(second))])
        }
        [first, .., last] => {
            fill(p.sheet.from_to, &[("first", short(first)), ("last", short(last))])
        }
    }
}

/// How often the link was down in a drop of several silences.
fn times(silences: usize, language: &Language) -> String {
    let times = language.phrases().drop_list.times;
    if silences > 1 { fill(times, &[("n", silences.to_string())]) } else { String::new() }
}

/// Roles in order, each once, as far as they are witnesses of where a fault lies. The anchors are
/// not among them: by definition, none of them answers during a drop.
fn witnesses(present: &[Role], none: &str, language: &Language) -> String {
    let witnesses = [Role::Gateway, Role::Modem, Role::Isp];
    let words: Vec<_> = witnesses
        .into_iter()
        .filter(|role| present.contains(role))
        .map(|role| language.phrases().sheet.who.of(role))
        .collect();
    if words.is_empty() { none.to_owned() } else { words.join(", ") }
}

/// A table with a line of titles; see [`words::columns`]. Where the offset from UTC changes, each
/// time has its own.
fn table(rows: &[Row], p: &DropListWords) -> String {
    let first = rows.first().map(|row| row.offsets[0].as_str()).unwrap_or_default();
    let one = rows.iter().flat_map(|row| &row.offsets).all(|offset| offset == first);
    let year = |row: &Row| row.began.get(..4).map(str::to_owned);
    let one_year = rows.iter().all(|row| year(row) == year(&rows[0]));
    let [id, began, with_offset, rest @ ..] = p.columns;
    let began = if one { fill(began, &[("offset", first)]) } else { with_offset.to_owned() };
    let [ended, lasted, place, answered, silent] = rest;
    let titles = [id, &began, ended, lasted, place, answered, silent];
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
    words::columns(&cells, [true, false, false, false, false, false, false], "")
}

/// What the columns mean, and how exact the times are: `+-0.2 s`.
fn caption(rows: &[Row], language: &Language) -> String {
    let widest = rows.iter().map(|row| row.half_width).max().unwrap_or_default();
    let half = language.figures(&format!("+-{}", words::length(widest)));
    fill(language.phrases().drop_list.caption, &[("half", half)])
}

/// The drops as a table, in the order given, with times in `zone`; those in the stretches of `about` are
/// marked, and so are those with the numbers in `others`, which are not the line's. Those with the keys in
/// `ended` are not over, and nobody watches any more. Says so when there are none.
pub(crate) fn drops_text(
    drops: &[StoredDrop],
    targets: &[Target],
    zone: &TimeZone,
    about: &[TimeRange],
    others: &[i64],
    ended: &[Timestamp],
    language: &Language,
) -> String {
    let p = &language.phrases().drop_list;
    if drops.is_empty() {
        return format!("{}\n", p.none);
    }
    let rows: Vec<_> =
        drops.iter().map(|d| Row::new(d, targets, zone, about, others, ended, language)).collect();
    let local = fill(p.local, &[("zone", zone.iana_name().unwrap_or(p.this_zone))]);
    // Before the columns are as wide as their cells: what is replaced changes their widths.
    plain(&format!("{}\n{local}\n{}\n", table(&rows, p), caption(&rows, language)))
}
