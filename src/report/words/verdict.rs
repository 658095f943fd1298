//! What a whole report says, in words: the headline, and the lines that all renderings share.
//! Nothing here claims more than the rows prove.

use super::{at, count, fault, join, length, local, percent, period_length, role};
use crate::detect::DropKind;
use crate::report::{DropEntry, Origin, Report, Witness, WitnessCount, sight};

/// The first sentence of every rendering: what happened, how long, and where, in words.
pub fn headline(report: &Report) -> String {
    if report.coverage.observed.is_zero() {
        return "Nothing was observed in this period.".to_owned();
    }
    let period = period_length(report.coverage.elapsed);
    // What was not watched comes before what was seen where it is the greater part.
    let (before, period) = match report.coverage.ratio() {
        Some(ratio) if ratio < 0.5 => {
            (format!("Only {} of {period} was watched: ", percent(ratio)), "that time".to_owned())
        }
        Some(ratio) if ratio < 0.95 => {
            (String::new(), format!("{period} ({} of it watched)", percent(ratio)))
        }
        _ => (String::new(), period),
    };
    let counted: Vec<_> = report.counted_drops().collect();
    if counted.is_empty() {
        let least = length(sight::least(report));
        let no = if before.is_empty() { "No" } else { "no" };
        let (lesser, unseen) = (lesser(report), sight::unseen(report));
        return format!("{before}{no} drop of {least} or more in {period}{lesser}.{unseen}");
    }
    let class = |kind: DropKind, one: &str, many: &str| {
        let of_kind: Vec<_> = counted.iter().filter(|d| d.kind == kind).copied().collect();
        let lengths = of_lengths(&of_kind)?;
        Some(format!("{}{lengths}", count(of_kind.len(), one, many)))
    };
    let classes =
        [class(DropKind::Drop, "drop", "drops"), class(DropKind::Outage, "outage", "outages")];
    let classes: Vec<_> = classes.iter().flatten().map(String::as_str).collect();
    let open = counted.iter().find(|d| d.end.is_none()).map_or_else(String::new, |open| {
        let since = local(open.onset.midpoint(), &report.zone, "%a %-d %b %H:%M");
        let last = if counted.len() == 1 { "" } else { "the last " };
        format!(", {last}still going on since {since}")
    });
    let evidence = evidence(report, &counted);
    format!("{before}{} in {period}{open}{evidence}", join(&classes, "and"))
}

/// What there was where there was no drop: blips, and targets that failed by themselves.
fn lesser(report: &Report) -> String {
    let p = &report.method.parameters;
    let blips = match report.summary.blips {
        0 => String::new(),
        n => {
            let blips = count(n, "blip", "blips");
            format!(", {blips} of {} to {}", length(p.blip_after), length(p.drop_after))
        }
    };
    let mut names: Vec<&str> = report.troubles.iter().map(|t| t.target.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let single = match names.as_slice() {
        [] => String::new(),
        names if names.len() <= 3 => {
            format!("; at times {} failed, the link did not", join(names, "and"))
        }
        names => format!("; at times {} single targets failed, the link did not", names.len()),
    };
    blips + &single
}

/// ` of 1 min to 2 min`; `None` of no drops.
fn of_lengths(drops: &[&DropEntry]) -> Option<String> {
    let mids = drops.iter().map(|d| d.down.midpoint());
    let (min, max) = (length(mids.clone().min()?), length(mids.max()?));
    let so_far = if drops.iter().any(|d| d.end.is_none()) { " so far" } else { "" };
    Some(if min == max {
        format!(" of {min}{so_far}")
    } else {
        format!(" of {min} to {max}{so_far}")
    })
}

/// Who answered, who did not, and what follows; as much of it as is true of every drop.
fn evidence(report: &Report, counted: &[&DropEntry]) -> String {
    let n = counted.len();
    let who = |all: Witness| -> Vec<&str> {
        let of = |w: &WitnessCount| if all == Witness::Answered { w.answered } else { w.silent };
        report.summary.witnesses.iter().filter(|w| of(w) == n).map(|w| role(w.role)).collect()
    };
    let (answered, silent) = (who(Witness::Answered), who(Witness::Silent));
    let (meanwhile, ever) = if n == 1 {
        ("meanwhile", "meanwhile")
    } else {
        ("during all of them", "during any of them")
    };
    let mut clauses = match (answered.as_slice(), silent.as_slice()) {
        ([], []) => String::new(),
        (yes, []) => format!("{} answered {meanwhile}", join(yes, "and")),
        ([], no) => format!("{} did not answer {ever}", join(no, "and")),
        (yes, no) => {
            format!("{} answered {meanwhile}, {} did not", join(yes, "and"), join(no, "and"))
        }
    };
    let verdict = verdict(report, counted);
    if !clauses.is_empty() {
        clauses += ": ";
    }
    let sentence = clauses + &verdict + ".";
    let mut letters = sentence.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase().to_string()).unwrap_or_default();
    format!(". {first}{}", letters.as_str())
}

/// Where the faults lie, with counts where they differ: the two most frequent places.
fn verdict(report: &Report, counted: &[&DropEntry]) -> String {
    let n = counted.len();
    let places_of = |place: &str| {
        counted.iter().find(|d| d.place == place).map_or(&[][..], |d| d.places.as_slice())
    };
    let [(first, k), (second, m), others @ ..] = report.summary.by_place.as_slice() else {
        return fault(&counted[0].places);
    };
    let second = places_of(second);
    let second = if second.is_empty() { "could not be placed".to_owned() } else { at(second) };
    let rest: usize = others.iter().map(|(_, n)| n).sum();
    let rest = if rest > 0 { format!(", elsewhere in {rest}") } else { String::new() };
    format!("{} in {k} of {n}, {second} in {m}{rest}", fault(places_of(first)))
}

/// Who and where, as far as configured.
pub fn site(report: &Report) -> String {
    let s = &report.site;
    let named = |name: &str, value: &Option<String>| value.as_ref().map(|v| format!("{name} {v}"));
    [s.name.clone(), named("ISP", &s.isp), named("account", &s.account), named("ticket", &s.ticket)]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", ")
}

/// Watched of elapsed time, or what is missing where that is little.
pub fn watched(report: &Report) -> String {
    let c = report.coverage;
    let elapsed = length(c.elapsed);
    let missed = c.elapsed.saturating_sub(c.observed);
    if missed.is_zero() {
        format!("all of {elapsed}")
    } else if missed * 20 < c.elapsed {
        format!("all but {} of {elapsed}", length(missed))
    } else {
        format!("{} of {elapsed}", length(c.observed))
    }
}

/// Down time with its bounds.
pub fn down(report: &Report) -> String {
    let down = report.summary.down;
    if down.max.is_zero() {
        return "0 s".to_owned();
    }
    format!("{} +-{}", length(down.midpoint()), length((down.max.saturating_sub(down.min)) / 2))
}

/// Drops, outages and blips, each class with its rule.
pub fn counts(report: &Report) -> String {
    let (s, p) = (&report.summary, &report.method.parameters);
    let [blip, drop, outage] = [p.blip_after, p.drop_after, p.outage_after].map(length);
    if let Some(counts) = sight::counts(report) {
        return counts;
    }
    format!(
        "{} ({drop} to {outage}), {} (longer); {} ({blip} to {drop}, no down time)",
        count(s.drops, "drop", "drops"),
        count(s.outages, "outage", "outages"),
        count(s.blips, "blip", "blips"),
    )
}

/// The drops for a short list: the longest `n`, in order of time, an open one always among them.
pub fn longest(report: &Report, n: usize) -> Vec<&DropEntry> {
    let mut drops: Vec<_> = report.counted_drops().collect();
    drops.sort_by_key(|d| std::cmp::Reverse((d.end.is_none(), d.down.midpoint())));
    drops.truncate(n);
    drops.sort_by_key(|d| (d.onset.earliest, d.id));
    drops
}

/// What was measured and how, in sentences; the same words stand under the drawing.
pub fn how(report: &Report) -> Vec<String> {
    let m = &report.method;
    let p = &m.parameters;
    let deciders: Vec<_> =
        report.targets.iter().filter(|t| t.decides).map(|t| t.target.name.as_str()).collect();
    let every =
        report.targets.iter().filter(|t| t.decides).map(|t| t.target.interval).min().map_or_else(
            String::new,
            |d| match d.as_millis() {
                1_000 => " every second".to_owned(),
                _ => format!(" every {}", length(d)),
            },
        );
    let mut out = Vec::new();
    if !deciders.is_empty() {
        let (each, them) =
            if deciders.len() == 1 { ("", "it") } else { ("each of ", "any of them") };
        let names = join(&deciders, "and");
        let sent = match report.origin {
            Origin::Probed => {
                format!("linkmon {} sent an ICMP echo{every} to {each}{names}", m.version)
            }
            Origin::Imported => format!(
                "The measurements were imported from the record of another program, which probed {each}{names}{every}; linkmon {} sent nothing and found the drops in that record",
                m.version
            ),
            Origin::Both => format!(
                "Part of the record was imported from another program, the rest is of linkmon {}; an ICMP echo was sent{every} to {each}{names}",
                m.version
            ),
        };
        out.push(format!(
            "{sent}; a drop is {} or more without an answer from {them}.",
            length(p.drop_after),
        ));
    }
    out.extend(sight::how(report));
    out.push(format!(
        "Lost: no answer within {} (an answer within {} is noted as late). Lengths are the least and the most that the probes prove; percentiles are within 0.8 %.",
        length(m.waiting.loss_threshold),
        length(m.waiting.late_window),
    ));
    out
}
