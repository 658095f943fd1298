//! What the picture says in words: the lines above the strips, a target, a drop. Pure.

use std::time::Duration;

use super::facts::{DropSums, Freshness, ListedDrops, WatchFacts, is_current, length_of};
use super::ink::TextTone;
use super::look::Look;
use super::view::{PicturePace, ViewState};
use crate::cli::paint::Shade;
use crate::language::present::when;
use crate::language::watch::heavy_loss;
use crate::language::words::{date_time, local_end, local_tenth};
use crate::language::{capital, fill, plain};
use crate::live::{Status, TargetStatus};
use crate::time::Timestamp;
use crate::vocabulary::{DropKind, Kind, StoredDrop, TargetId};

/// A line, as long as it is; whoever draws it breaks it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SaidLine {
    /// The text.
    pub(super) text: String,
    /// How it is meant.
    pub(super) tone: TextTone,
}

fn line(tone: TextTone, text: String) -> SaidLine {
    SaidLine { text, tone }
}

/// The lines above the strips, the most important first.
pub(super) fn header(facts: &WatchFacts, view: &ViewState, look: &Look) -> Vec<SaidLine> {
    let (status, language, zone) = (&facts.status, look.language, &look.zone);
    let p = language.phrases();
    let mut lines = Vec::new();
    if view.pace == PicturePace::Paused {
        let at = when(status.at, status.at, zone);
        lines.push(line(TextTone::Alarm, plain(&fill(p.watch.paused, &[("when", at)]))));
    }
    match facts.freshness {
        Freshness::Fresh => {}
        Freshness::Late(age) => {
            let values = [("age", language.length(age))];
            lines.push(line(TextTone::Alarm, plain(&fill(p.status.late, &values))));
        }
        Freshness::Stopped(age) => {
            let values =
                [("when", when(status.at, status.at + age, zone)), ("age", language.length(age))];
            lines.push(line(TextTone::Alarm, plain(&fill(p.status.stopped, &values))));
        }
    }
    if let Some(what) = &status.storage_trouble {
        lines.push(line(TextTone::Alarm, plain(&fill(p.status.storing, &[("what", what)]))));
    }
    let warning = |what: &str| {
        line(TextTone::State(Shade::Odd), plain(&fill(p.status.warning, &[("what", what)])))
    };
    lines.extend(facts.troubles.iter().map(|what| warning(what)));
    lines.extend(language.simulated(facts.simulated).map(&warning));
    lines.push(line(TextTone::State(shade(status)), language.headline_now(status)));
    lines.extend(language.fault_now(status).map(|text| line(TextTone::State(Shade::Bad), text)));
    lines
        .extend(language.other_way_now(status).map(|text| line(TextTone::State(Shade::Odd), text)));
    lines.push(line(TextTone::Text, language.since_now(status, zone)));
    let answering = language.witnesses_answering(status, &|target| facts.interval_of(target));
    lines.push(line(TextTone::Text, answering));
    for i in &status.impairments {
        let what = language.wrong_now(i, status.at, zone);
        let text = format!("{}{}{what}", language.flag(i.flag), p.colon);
        lines.push(line(TextTone::State(Shade::Odd), plain(&text)));
    }
    lines.extend(language.clock_trouble(&status.clock).map(|what| warning(&what)));
    if let Some(forecast) = &status.storage.forecast {
        let alarms = forecast.alarms.iter();
        lines.extend(alarms.map(|alarm| warning(&language.room_warning(alarm.of, forecast, zone))));
    }
    if let Some(modem) = &status.modem {
        let text = capital(&language.modem_now(modem, status.at, zone));
        lines.push(line(TextTone::Soft, plain(&text)));
    }
    lines
}

/// How the state of the link is shown.
fn shade(status: &Status) -> Shade {
    let wrong = status.flags().len() + usize::from(heavy_loss(status).is_some());
    Shade::of_state(status.state, wrong)
}

/// The median delay of a target in the last minute: `12.3 ms`.
pub(super) fn delay(target: &TargetStatus, look: &Look) -> String {
    let Some(ms) = target.rtt_ms else { return "-".to_owned() };
    let text = if ms < 100.0 { format!("{ms:.1} ms") } else { format!("{ms:.0} ms") };
    plain(&look.language.figures(&text))
}

/// What share of its probes a target lost in the last minute.
pub(super) fn loss(target: &TargetStatus, look: &Look) -> SaidLine {
    let Some(ratio) = target.loss().ratio() else { return line(TextTone::Soft, "-".to_owned()) };
    let percent = 100.0 * ratio;
    // A single loss is never written as none.
    let text = if percent > 0.0 && percent < 9.95 {
        format!("{percent:.1} %")
    } else {
        format!("{percent:.0} %")
    };
    let tone = if target.lost > 0 { TextTone::State(Shade::Bad) } else { TextTone::Soft };
    line(tone, plain(&look.language.figures(&text)))
}

/// A target in a line: what is wrong with it, when it answered last, what it is, where.
pub(super) fn target(facts: &WatchFacts, target: &TargetStatus, look: &Look) -> String {
    let (language, p) = (look.language, &look.language.phrases().watch);
    let kind = match target.kind {
        Kind::Icmp => "ICMP",
        Kind::Http => "HTTP",
        Kind::Dns => "DNS",
        Kind::Tcp => "TCP",
    };
    // What is wrong comes first: the end of a long line is cut.
    let mut parts: Vec<_> =
        target.trouble.iter().map(|trouble| language.trouble(trouble)).collect();
    let vote = target.standing.and_then(|standing| language.vote_remark(standing));
    parts.extend(vote.map(str::to_owned));
    if target.not_sent > 0 {
        let n = target.not_sent.to_string();
        parts.push(fill(language.phrases().status.not_sent, &[("n", n)]));
    }
    parts.push(match target.last_reply {
        Some(at) => fill(p.last_answer, &[("when", when(at, facts.status.at, &look.zone))]),
        None => p.never_answered.to_owned(),
    });
    let role = language.role(target.role);
    let values = [("role", role), ("kind", kind), ("address", target.address.as_str())];
    parts.push(fill(p.target, &values));
    let colon = language.phrases().colon;
    plain(&format!("{}{colon}{}", target.name, parts.join("; ")))
}

/// How much time the strips show: `the last 7 min 40 s, 10 s a mark`.
pub(super) fn span(cell_s: u32, columns: usize, look: &Look) -> String {
    let columns = u64::try_from(columns).unwrap_or(u64::MAX);
    let all = Duration::from_secs(u64::from(cell_s).saturating_mul(columns));
    let values = [("span", look.language.length(all)), ("cell", cell(cell_s, look))];
    plain(&fill(look.language.phrases().watch.span, &values))
}

/// How much time a mark stands for: `10 s a mark`.
pub(super) fn cell(cell_s: u32, look: &Look) -> String {
    let length = look.language.length(Duration::from_secs(cell_s.into()));
    plain(&fill(look.language.phrases().watch.cell, &[("length", length)]))
}

/// Drops of today and of this week, each with the time that the link was down until `now`.
pub(super) fn sums(drops: &ListedDrops, now: Timestamp, look: &Look) -> String {
    let p = &look.language.phrases().watch;
    let of = |template: &str, sums: DropSums| {
        let down = if sums.drops == 0 {
            String::new()
        } else {
            fill(p.down, &[("length", look.language.length(sums.down_until(now)))])
        };
        fill(template, &[("n", sums.drops.to_string()), ("down", down)])
    };
    plain(&format!("{}, {}", of(p.today, drops.today), of(p.this_week, drops.week)))
}

/// A row of the list of drops: its number, when it began, how long it was, where.
pub(super) fn drop_row(facts: &WatchFacts, stored: &StoredDrop, look: &Look) -> [String; 4] {
    let (language, drop) = (look.language, &stored.drop);
    let words = &language.phrases().drop_list;
    let mut length = language.length(length_of(stored, &facts.status));
    if is_current(stored, &facts.status) {
        length = fill(words.so_far, &[("length", length)]);
    } else if drop.end.is_none() {
        length = format!("{length}, {}", words.not_over);
    }
    match drop.kind {
        DropKind::Possible => length += words.perhaps,
        DropKind::Blip => length += words.blip,
        DropKind::Drop | DropKind::Outage => {}
    }
    let mut place = language.place(&drop.places);
    if facts.drops.others.contains(&stored.id) {
        place += words.other_way;
    }
    let began = when(drop.onset.midpoint(), facts.status.at, &look.zone);
    [stored.id.to_string(), began, length, place].map(|cell| plain(&cell))
}

/// Who answered in a drop and who did not, by name.
pub(super) fn witnesses(facts: &WatchFacts, stored: &StoredDrop, look: &Look) -> String {
    let log = &look.language.phrases().log;
    let names = |ids: &[TargetId]| {
        let names: Vec<_> = ids.iter().filter_map(|id| facts.name_of(*id)).collect();
        if names.is_empty() { log.none.to_owned() } else { names.join(", ") }
    };
    let values =
        [("answered", names(&stored.drop.answered)), ("silent", names(&stored.drop.silent))];
    plain(&capital(&fill(log.witnesses, &values)))
}

/// The title of a drop that is shown probe by probe.
pub(super) fn drop_title(stored: &StoredDrop, status: &Status, look: &Look) -> String {
    let (language, p, drop) = (look.language, &look.language.phrases().watch, &stored.drop);
    let onset = drop.onset.midpoint();
    let length = language.length(length_of(stored, status));
    let to = drop.end.map(|end| local_end(onset, end.midpoint(), &look.zone, "%m-%d "));
    let template = if to.is_some() { p.drop_over } else { p.drop_open };
    let values = [
        ("id", stored.id.to_string()),
        ("from", local_tenth(onset, &look.zone)),
        ("to", to.unwrap_or_default()),
        ("length", length),
        ("place", language.place(&drop.places)),
    ];
    plain(&fill(template, &values))
}

/// The name of the program, and when this was true.
pub(super) fn bar(facts: &WatchFacts, look: &Look) -> [String; 2] {
    let at = date_time(facts.status.at, &look.zone);
    [format!("linkmon {}", facts.status.version), at]
}
