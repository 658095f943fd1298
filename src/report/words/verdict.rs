//! What a whole report says, in words: the headline, and the lines that all renderings share.
//! Nothing here claims more than the rows prove.

use super::{count, fault, join, length, local, number, percent, period_length, role};
use crate::report::{DropEntry, Report, Witness, WitnessCount};

/// The first sentence of every rendering: what happened, how long, and where, in words.
pub fn headline(report: &Report) -> String {
    let s = &report.summary;
    let watched = period_length(report.coverage.elapsed);
    if report.coverage.observed.is_zero() {
        return "Nothing was observed in this period.".to_owned();
    }
    if s.counted() == 0 {
        let least = length(report.method.parameters.drop_after);
        let mut text = format!("No drop of {least} or more in {watched}");
        match report.coverage.ratio() {
            Some(ratio) if ratio < 0.99 => {
                text +=
                    &format!(", as far as the line was watched ({} of that time).", percent(ratio));
            }
            _ => text.push('.'),
        }
        return text;
    }
    let counted: Vec<_> = report.counted_drops().collect();
    let mut parts = Vec::new();
    let drops: Vec<_> =
        counted.iter().filter(|d| d.kind == crate::detect::DropKind::Drop).collect();
    if !drops.is_empty() {
        parts.push(format!("{}{}", count(drops.len(), "drop", "drops"), of_lengths(&drops)));
    }
    let outages: Vec<_> =
        counted.iter().filter(|d| d.kind == crate::detect::DropKind::Outage).collect();
    if !outages.is_empty() {
        parts.push(format!(
            "{}{}",
            count(outages.len(), "outage", "outages"),
            of_lengths(&outages)
        ));
    }
    let parts: Vec<_> = parts.iter().map(String::as_str).collect();
    let mut text = format!("{} in {watched}", join(&parts, "and"));
    if let Some(open) = counted.iter().find(|d| d.end.is_none()) {
        let since = local(open.onset.midpoint(), &report.zone, "%a %-d %b %H:%M");
        text += &match counted.len() {
            1 => format!(", still going on since {since}"),
            _ => format!(", the last still going on since {since}"),
        };
    }
    text + &evidence(report, &counted)
}

fn of_lengths(drops: &[&&DropEntry]) -> String {
    let mids = drops.iter().map(|d| d.down.midpoint());
    let (Some(min), Some(max)) = (mids.clone().min(), mids.max()) else { return String::new() };
    let so_far = if drops.iter().any(|d| d.end.is_none()) { " so far" } else { "" };
    match (length(min), length(max)) {
        (min, max) if min == max => format!(" of {min}{so_far}"),
        (min, max) => format!(" of {min} to {max}{so_far}"),
    }
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
    let verdict = match report.summary.by_place.as_slice() {
        [_] => fault(&counted[0].places),
        [(most, k), ..] if *k * 5 >= n * 4 => {
            let places = counted.iter().find(|d| d.place == *most).map_or(&[][..], |d| &d.places);
            format!("{} in {} of {}", fault(places), number(*k as u64), number(n as u64))
        }
        _ => "the place of the fault varies (see the list)".to_owned(),
    };
    if !clauses.is_empty() {
        clauses += ": ";
    }
    let sentence = clauses + &verdict + ".";
    let mut letters = sentence.chars();
    let first = letters.next().map(|c| c.to_ascii_uppercase().to_string()).unwrap_or_default();
    format!(". {first}{}", letters.as_str())
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
    format!("{} +-{}", length(down.midpoint()), length((down.max - down.min) / 2))
}

/// Drops, outages and blips, each class with its rule.
pub fn counts(report: &Report) -> String {
    let (s, p) = (&report.summary, &report.method.parameters);
    let [blip, drop, outage] = [p.blip_after, p.drop_after, p.outage_after].map(length);
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
    let every = report
        .targets
        .iter()
        .filter(|t| t.decides)
        .map(|t| t.target.interval)
        .min()
        .map_or_else(String::new, |d| format!(" every {}", length(d)));
    let mut out = Vec::new();
    if !deciders.is_empty() {
        let (each, them) =
            if deciders.len() == 1 { ("", "it") } else { ("each of ", "any of them") };
        out.push(format!(
            "linkmon {} sent an ICMP echo{every} to {each}{}; a drop is {} or more without an answer from {them}.",
            m.version,
            join(&deciders, "and"),
            length(p.drop_after),
        ));
    }
    out.push(format!(
        "Lost: no answer within {} (an answer within {} is noted as late). Lengths are the least and the most that the probes prove; percentiles are within 0.8 %.",
        length(m.waiting.loss_threshold),
        length(m.waiting.late_window),
    ));
    out
}
