//! When drops come, in French; see `report::patterns` for the English.

use std::fmt::Write as _;
use std::time::Duration;

use super::fig;
use crate::report::language::{Language, Noun};
use crate::report::{Report, words};
use crate::stats::pattern::recurrence::LEAST;
use crate::stats::pattern::{Change, Clock, Intervals, Test};

fn chance(p: f64) -> String {
    let p = if p < 0.001 { "< 0.1 %".to_owned() } else { format!("{:.1} %", p * 100.0) };
    format!("probabilité parmi des coupures au hasard {}", fig(&p))
}

pub(super) fn statement(language: &dyn Language, report: &Report) -> String {
    let pattern = &report.pattern;
    let r = &pattern.recurrence;
    let n = language.count(r.drops, Noun::Drop);
    let n = if r.drops < pattern.drops { format!("{n} les plus récentes") } else { n };
    if r.drops < LEAST {
        return format!("trop peu pour conclure ({n}; il en faut {LEAST})");
    }
    let mut said: Vec<String> = r
        .found()
        .filter_map(|(test, p)| {
            let what = match test {
                Test::Regular => regular(&r.intervals?),
                Test::Clustered => "par grappes".to_owned(),
                Test::Clock => clock(&r.clock?, language, report),
                Test::TimeOfDay => {
                    let h = r.hours?;
                    format!(
                        "surtout de {} à {}\u{a0}h ({} des coupures, sur {} jours avec coupures)",
                        h.from, h.to, h.drops, h.days
                    )
                }
            };
            Some(format!("{what}; {n}; {}", chance(p)))
        })
        .collect();
    if said.is_empty() {
        said.push(format!("aucune régularité trouvée dans {n}"));
    }
    let mut text = said.join(". Aussi ");
    if let Some(most) = pattern.episodes.iter().max_by_key(|e| e.drops) {
        let which = match pattern.episodes.len() {
            1 => "Un épisode de coupures répétées".to_owned(),
            k => format!("{k} épisodes de coupures répétées, le plus grand"),
        };
        let _ = write!(
            text,
            ". {which} à partir de {}\u{a0}: {}, en panne {}",
            language.minute(most.from, &report.zone),
            language.count(most.drops, Noun::Drop),
            fig(&words::about(most.down))
        );
    }
    text
}

/// In minutes where that is what people count in.
fn about(d: Duration) -> String {
    match d.as_secs() {
        600..10_800 => fig(&format!("{:.0} min", d.as_secs_f64() / 60.0)),
        _ => fig(&words::about(d)),
    }
}

fn regular(i: &Intervals) -> String {
    let [median, low, high] = [i.median, i.half.0, i.half.1].map(about);
    format!("environ toutes les {median} (la moitié des intervalles sont de {low} à {high})")
}

fn clock(clock: &Clock, language: &dyn Language, report: &Report) -> String {
    let every = Duration::from_secs((clock.period.as_secs() + 30) / 60 * 60);
    let beat = language.minute(clock.beat, &report.zone);
    format!(
        "au rythme d’une horloge\u{a0}: toutes les {}, la dernière fois vers {beat}",
        about(every)
    )
}

fn change(change: &Change, language: &dyn Language, report: &Report) -> String {
    let better = if change.is_worse() { "aggravation" } else { "amélioration" };
    let rate = |(n, up_s): (usize, f64)| {
        let up = Duration::try_from_secs_f64(up_s).unwrap_or_default();
        format!("{} en {} de service", language.count(n, Noun::Drop), fig(&words::about(up)))
    };
    format!(
        "{better} depuis {}\u{a0}: {} avant, {} depuis; {}",
        language.minute(change.at, &report.zone),
        rate(change.before),
        rate(change.after),
        chance(change.p)
    )
}

/// What changed and the death of the line, in order of time.
pub(super) fn trend(language: &dyn Language, report: &Report) -> String {
    let trend = &report.pattern.trend;
    let change = trend.change.iter().map(|c| (c.at, change(c, language, report)));
    let mut parts: Vec<_> = change.collect();
    if let Some(since) = trend.dead_since {
        let last = report.counted_drops().last();
        let at = language.minute(since, &report.zone);
        let dead = match last.filter(|d| d.end.is_some()) {
            Some(last) => format!(
                "muette pendant {} à partir de {at}",
                fig(&words::about(last.length.midpoint()))
            ),
            None => format!("muette depuis {at}"),
        };
        parts.push((since, dead));
    }
    parts.sort_by_key(|(at, _)| *at);
    let parts: Vec<_> = parts.into_iter().map(|(_, text)| text).collect();
    parts.join(", puis ")
}
