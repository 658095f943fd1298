//! The report as plain text to paste into a ticket: at most 100 columns, ASCII but for what
//! people put into names and notes, times local with their offset, every share with its counts.

use std::fmt::Write as _;

use super::drops::{Row, caption, table};
use super::{impairments, patterns};
use crate::config::Lang;
use crate::language::{self, Language, words};
use crate::prose;
use crate::report::answers::{Stand, answers as answers_of};
use crate::report::{DayCount, GapEntry, Report};
use crate::vocabulary::{DropKind, HostChange, Role, Target};

/// Columns of a line.
pub(super) const WIDTH: usize = 100;
/// Rows of each list; the rest is counted.
const DROPS: usize = 7;
const GAPS: usize = 3;
const TROUBLES: usize = 3;
const IMPAIRMENTS: usize = 4;
const NOTES: usize = 4;

/// The report as text.
pub fn text(report: &Report) -> String {
    if report.language != Lang::En {
        return super::full::full(report);
    }
    let mut out = wrap(&prose::headline(report), "", "");
    out.push('\n');
    field(&mut out, "Site", &prose::site(report));
    field(
        &mut out,
        "Period",
        &format!(
            "{}, {}",
            words::span(report.period, &report.zone),
            words::zone(report.period, &report.zone)
        ),
    );
    figures(&mut out, report);
    drops(&mut out, report);
    silences(&mut out, report);
    beside(&mut out, report);
    for (line, label) in english().calls(report).iter().zip(["Calls", "", ""]) {
        field(&mut out, label, line);
    }
    host(&mut out, report);
    notes(&mut out, report);
    for (line, label) in prose::lines(report).iter().zip(prose::LABELS) {
        field(&mut out, label, line);
    }
    targets(&mut out, report);
    for line in super::yardsticks::table(report) {
        out += &clip(&line);
        out.push('\n');
    }
    answers(&mut out, report);
    method(&mut out, report);
    out
}

fn english() -> &'static Language {
    language::of(Lang::En)
}

/// `text` in lines of at most [`WIDTH`] columns; the first begins with `first`, others with
/// `rest`. Control characters become spaces.
pub(super) fn wrap(text: &str, first: &str, rest: &str) -> String {
    let clean: String =
        text.chars().map(|c| if words::is_unprintable(c) { ' ' } else { c }).collect();
    let mut out = String::new();
    let mut line = first.to_owned();
    let mut empty = true;
    // A figure and its percent sign stay together.
    let clean = clean.replace(" %", "\u{a0}%");
    for word in clean.split(' ').filter(|word| !word.is_empty()) {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            out += line.trim_end();
            out.push('\n');
            rest.clone_into(&mut line);
            empty = true;
        }
        if !empty {
            line.push(' ');
        }
        line += word;
        empty = false;
    }
    out += line.trim_end();
    out.push('\n');
    out.replace("\u{a0}%", " %")
}

pub(super) fn field(out: &mut String, name: &str, value: &str) {
    if !value.is_empty() {
        *out += &wrap(value, &format!("{name:<11}"), &" ".repeat(11));
    }
}

fn figures(out: &mut String, report: &Report) {
    let s = &report.summary;
    let c = report.coverage;
    if let Some(ratio) = c.ratio() {
        let text = format!("{} of the time ({})", words::percent(ratio), prose::watched(report));
        field(out, "Watched", &text);
    }
    if let Some(a) = report.availability {
        let (lower, upper) = (words::percent(a.lower), words::percent(a.upper));
        let between =
            if lower == upper { String::new() } else { format!(", between {lower} and {upper}") };
        let ratio = words::percent(a.ratio);
        let text = format!("{ratio} of the time watched{between}; down {}", prose::down(report));
        field(out, "Available", &text);
        field(out, "Drops", &prose::counts(report));
    }
    if let Some(loss) = english().standing_loss(report) {
        field(out, "Loss", &loss);
    }
    if s.counted() > 0 {
        let places: Vec<_> = s
            .by_place
            .iter()
            .map(|(place, n)| {
                let words = report
                    .counted_drops()
                    .find(|d| d.place == *place)
                    .map_or_else(|| place.clone(), |d| english().place(&d.places));
                let [n, all] = [*n, s.counted()].map(|n| words::number(n as u64));
                format!("{words}: {n} of {all}")
            })
            .collect();
        field(out, "Place", &places.join("; "));
        let witnesses: Vec<_> = s
            .witnesses
            .iter()
            .filter(|w| w.answered > 0 && w.silent > 0)
            .map(|w| {
                let n = w.answered + w.silent;
                let is = english().subject(w.role);
                if w.answered >= w.silent {
                    format!("{is} answered in {} of {n}", w.answered)
                } else {
                    format!("{is} was silent in {} of {n}", w.silent)
                }
            })
            .collect();
        field(out, "Witnesses", &witnesses.join("; "));
    }
    if s.per_day.len() > 1 && s.per_day.len() <= 31 && s.counted() > 0 {
        let days: Vec<_> = s
            .per_day
            .iter()
            .map(|d| format!("{}: {}", d.date.strftime("%a %-d"), per_day(d)))
            .collect();
        field(out, "Per day", &format!("drops begun (time down): {}", days.join("; ")));
    }
    if let Some(interval) = s.median_interval.filter(|_| s.counted() > 2) {
        let text =
            format!("median {} from the begin of one drop to the next", words::length(interval));
        field(out, "Interval", &text);
    }
    for (name, value) in english().pattern(report) {
        field(out, name, &value);
    }
    *out += &patterns::strip(report);
}

fn drops(out: &mut String, report: &Report) {
    let total = report.summary.counted();
    if total == 0 {
        return;
    }
    let shown = prose::longest(report, DROPS);
    let title = if shown.len() < total {
        format!("The {} longest of {}", shown.len(), words::count(total, "drop", "drops"))
    } else {
        words::count(total, "drop", "drops")
    };
    let _ = writeln!(out, "\n{title}");
    let rows: Vec<_> = shown.iter().map(|d| Row::of_entry(d, &report.zone)).collect();
    let beside = shown.iter().map(|drop| english().beside(report, drop));
    for (line, beside) in table(&rows, "  ").lines().zip(std::iter::once(None).chain(beside)) {
        *out += &clip(line);
        out.push('\n');
        if let Some(beside) = beside {
            *out += &wrap(&beside, "      ", "      ");
        }
    }
    *out += &wrap(&caption(&rows), "  ", "  ");
    if shown.iter().any(|d| d.starts_before) {
        *out += "  < began before the period; only the part inside it is counted\n";
    }
    if report.drops.iter().any(|d| d.ends_after) {
        *out += "  > goes on behind the period; only the part inside it is counted\n";
    }
}

/// Drops begun, and the time down where it is more than nothing.
fn per_day(day: &DayCount) -> String {
    if day.observed.is_zero() {
        "unwatched".to_owned()
    } else if day.down.is_zero() {
        day.drops.to_string()
    } else {
        format!("{} ({})", day.drops, words::about(day.down))
    }
}

fn gap(gap: &GapEntry, report: &Report) -> String {
    format!(
        "{} for {} ({})",
        words::local_minute(gap.range.from, &report.zone),
        words::length(gap.range.length()),
        english().gap(gap.reason)
    )
}

fn silences(out: &mut String, report: &Report) {
    out.push('\n');
    if !report.gaps.is_empty() {
        let mut longest: Vec<_> = report.gaps.iter().collect();
        longest.sort_by_key(|g| std::cmp::Reverse(g.range.length()));
        longest.truncate(GAPS);
        longest.sort_by_key(|g| g.range.from);
        let all: std::time::Duration = report.gaps.iter().map(|g| g.range.length()).sum();
        let list: Vec<_> = longest.iter().map(|g| gap(g, report)).collect();
        let mut text = format!(
            "{}, {} in all: {}",
            words::count(report.gaps.len(), "gap", "gaps"),
            words::length(all),
            list.join("; ")
        );
        if report.gaps.len() > GAPS {
            let _ = write!(text, "; and {} shorter", report.gaps.len() - GAPS);
        }
        field(out, "Unwatched", &text);
    }
    if !report.troubles.is_empty() {
        let list: Vec<_> = report
            .troubles
            .iter()
            .take(TROUBLES)
            .map(|t| {
                let until = t.to.map_or_else(
                    || "still going on".to_owned(),
                    |to| {
                        format!(
                            "for {}",
                            words::length(to.duration_since(t.from).unwrap_or_default())
                        )
                    },
                );
                format!(
                    "{} from {} {until}, {} of {} lost",
                    t.target.name,
                    words::local_minute(t.from, &report.zone),
                    words::number(t.loss.lost),
                    words::number(t.loss.sent)
                )
            })
            .collect();
        let more = report.troubles.len().saturating_sub(TROUBLES);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let text =
            format!("while the link was up, single targets failed: {}{more}", list.join("; "));
        field(out, "Targets", &text);
    }
}

/// What was wrong while the link was up: how many of each kind, and the longest.
fn beside(out: &mut String, report: &Report) {
    let all = &report.impairments;
    if all.is_empty() {
        return;
    }
    field(out, "Beside", &format!("drops: {}", impairments::counted(all)));
    for text in impairments::longest(all, IMPAIRMENTS, report.made, &report.zone) {
        *out += &wrap(&text, &" ".repeat(11), &" ".repeat(13));
    }
    if all.len() > IMPAIRMENTS {
        field(out, "", &format!("and {} shorter", all.len() - IMPAIRMENTS));
    }
}

fn targets(out: &mut String, report: &Report) {
    if report.targets.is_empty() {
        return;
    }
    if !out.ends_with("\n\n") {
        out.push('\n');
    }
    let titles = ["Probed", "role", "lost/sent", "loss", "median/p95/max ms", "address"];
    let mut rows = vec![titles.map(str::to_owned)];
    rows.extend(report.targets.iter().map(|entry| {
        let total = &entry.total;
        let Target { name, role, .. } = &entry.target;
        let rtt = total.rtt.map_or_else(
            || "no reply".to_owned(),
            |r| format!("{}/{}/{}", words::ms(r.p50), words::ms(r.p95), words::ms(r.max)),
        );
        [
            name.clone(),
            role.to_string(),
            format!("{}/{}", words::number(total.probes.lost), words::number(total.probes.sent)),
            total.loss().ratio().map_or_else(|| "-".to_owned(), words::percent),
            rtt,
            words::address(&entry.target),
        ]
    }));
    // An address that would be cut stands on a line of its own.
    let without: Vec<_> = rows.iter().map(|[head @ .., _]| head.clone()).collect();
    let table = words::columns(&without, [false, false, true, true, true], "");
    let width = table.lines().map(|line| line.chars().count()).max().unwrap_or(0);
    for (line, [.., address]) in table.lines().zip(&rows) {
        let one_line = format!("{line:<width$}  {address}");
        if one_line.chars().count() <= WIDTH {
            *out += &clip(&one_line);
        } else {
            let _ = write!(out, "{}\n  {}", clip(line), clip(address));
        }
        out.push('\n');
    }
    let unsent: u64 = report.targets.iter().map(|t| t.total.probes.not_sent).sum();
    if unsent > 0 {
        let text = format!(
            "{} could not be sent by this computer; they count neither as lost nor as answered.",
            words::count(usize::try_from(unsent).unwrap_or(usize::MAX), "probe", "probes")
        );
        *out += &wrap(&text, "  ", "  ");
    }
}

/// What may be answered to what desks say: a plus where the record answers it, a minus where it
/// bears the desk out, a question mark where it does not tell.
fn answers(out: &mut String, report: &Report) {
    if report.summary.counted() == 0 {
        return;
    }
    let language = english();
    let _ = writeln!(out, "\n{}", language.phrases().answers);
    for answer in answers_of(report) {
        let [said, answered] = language.answer(&answer, report);
        let mark = match answer.stand() {
            Stand::Answered => '+',
            Stand::Open => '?',
            Stand::Conceded => '-',
        };
        let text = language::plain(&format!("{mark} \"{said}\" {answered}"));
        *out += &wrap(&text, "  ", "    ");
    }
}

/// Cut to [`WIDTH`] columns, control characters taken out.
pub(super) fn clip(line: &str) -> String {
    let clean = line.trim_end().chars().map(|c| if words::is_unprintable(c) { ' ' } else { c });
    let mut clean: Vec<char> = clean.collect();
    if clean.len() > WIDTH {
        clean.truncate(WIDTH - 3);
        clean.extend(['.', '.', '.']);
    }
    clean.into_iter().collect()
}

/// What happened to this computer, counted: what an opponent would ask first.
fn host(out: &mut String, report: &Report) {
    let of = |what: fn(&HostChange) -> bool| report.events.iter().filter(|e| what(&e.what)).count();
    let counted = [
        (of(|e| matches!(e, HostChange::Slept { .. })), "slept"),
        (of(|e| matches!(e, HostChange::ClockStep { .. })), "clock put forward or back"),
        (of(|e| matches!(e, HostChange::Carrier { up: false, .. })), "lost its cable or Wi-Fi"),
        (of(|e| matches!(e, HostChange::DefaultRoute { .. })), "got another default route"),
    ];
    let told: Vec<_> = counted
        .iter()
        .filter(|(n, _)| *n > 0)
        .map(|(n, what)| format!("{what} {}", words::count(*n, "time", "times")))
        .collect();
    field(out, "Computer", &told.join("; "));
}

fn notes(out: &mut String, report: &Report) {
    let shown = report.notes.iter().rev().take(NOTES).rev();
    for note in shown {
        let edited = if note.edited.is_some() { " (edited since)" } else { "" };
        let when = words::local_minute(note.at, &report.zone);
        let text = format!("{when} {}{edited}", prose::note(note));
        field(out, "Note", &text);
    }
    if report.notes.len() > NOTES {
        field(out, "Note", &format!("and {} older", report.notes.len() - NOTES));
    }
}

fn method(out: &mut String, report: &Report) {
    if report.coverage.observed.is_zero() && report.targets.is_empty() {
        return;
    }
    let mut text = prose::how(report).join(" ");
    let isp = report.targets.iter().any(|t| t.target.role == Role::Isp);
    if report.summary.counted() > 0 && !isp {
        text +=
            " No hop of the ISP was probed, so access line and ISP network cannot be told apart.";
    }
    if report.drops.iter().any(|d| d.kind == DropKind::Blip || !d.places.is_empty()) {
        text += " Places are inferred from who answered and who did not.";
    }
    text += " Measured from one computer at this site.";
    if report.unreadable_minutes > 0 {
        let _ = write!(
            text,
            " {} of samples in the record are damaged and were left out.",
            words::count(
                usize::try_from(report.unreadable_minutes).unwrap_or(usize::MAX),
                "row",
                "rows"
            )
        );
    }
    out.push('\n');
    field(out, "Method", &text);
    field(out, "Chain", &prose::chain(report).unwrap_or_default());
    field(out, "Discloses", &language::plain(&english().disclosure(report)));
}
