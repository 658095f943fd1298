//! The ticket text: what fits into the web form of a support desk. At most 20 lines and a
//! given number of characters, plain, each line useful on its own. When there is little room, the
//! least important lines are left out first; only texts that people wrote are cut in the middle.

use crate::config::Site;
use crate::language::{self, Edge, Language, plain, words};
use crate::report::facts::{self, Headline};
use crate::report::{DropEntry, Report};
use crate::text::order::InOrder;
use crate::vocabulary::{Note, NoteKind};

/// Lines of a ticket text.
pub const TICKET_LINES: usize = 20;
/// Characters of a ticket text, unless another number is asked for.
pub const TICKET_CHARS: usize = 1_500;
/// The fewest characters for which there is a ticket.
pub const LEAST_TICKET_CHARS: usize = 300;

/// Drops listed.
const DROPS: usize = 5;
/// Impairments and notes listed.
const OTHERS: usize = 2;
/// Characters of a text that someone wrote.
const WRITTEN: usize = 60;

/// Why there is no ticket text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a ticket text takes at least {LEAST_TICKET_CHARS} characters, {asked} are too few")]
pub struct TooFewChars {
    /// How many were asked for.
    pub asked: usize,
}

/// How important a line is: those of the greatest rank are left out first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    Headline,
    Period,
    Available,
    Site,
    FirstDrop,
    /// It was asked for.
    Compared,
    /// The part of the headline on answers and place.
    Evidence,
    Watched,
    Counts,
    Loss,
    Method,
    SomeDrops,
    /// What is asked for.
    Asked,
    /// By what it is connected.
    Line,
    /// What the modem says.
    Modem,
    Pattern,
    /// The headline has most of it.
    Place,
    Notes,
    /// Who answered last.
    Path,
    Unclaimed,
    /// What of the time was not the line's.
    Ways,
    Chain,
    MoreDrops,
    Others,
}

struct Line {
    rank: Rank,
    text: String,
    /// Replaces it before it is left out.
    shorter: Option<String>,
}

impl Line {
    /// What would be left out of it next; `None` when nothing can be.
    fn next_loss(&self) -> Option<Rank> {
        match (self.rank, &self.shorter) {
            (Rank::Headline, Some(_)) => Some(Rank::Evidence),
            (Rank::Headline | Rank::Period, None) => None,
            (Rank::FirstDrop | Rank::SomeDrops | Rank::MoreDrops, Some(_)) => Some(Rank::Path),
            (rank, _) => Some(rank),
        }
    }
}

/// The report as text for a ticket, of at most [`TICKET_LINES`] lines and `most` characters, line
/// feeds included.
///
/// # Errors
/// When `most` is less than [`LEAST_TICKET_CHARS`].
pub fn ticket(report: &Report, most: usize) -> Result<String, TooFewChars> {
    if most < LEAST_TICKET_CHARS {
        return Err(TooFewChars { asked: most });
    }
    let mut lines = lines(report);
    while lines.len() > TICKET_LINES || chars(&lines) > most {
        let losses = lines.iter().enumerate().filter_map(|(i, line)| Some((line.next_loss()?, i)));
        let Some((_, last)) = losses.max() else { break };
        let line = &mut lines[last];
        if let Some(shorter) = line.shorter.take() {
            line.text = shorter;
        } else if line.rank == Rank::FirstDrop {
            // With its title.
            lines.retain(|line| line.rank != Rank::FirstDrop);
        } else {
            lines.remove(last);
        }
    }
    let mut out = String::new();
    for line in &lines {
        out += &line.text;
        out.push('\n');
    }
    if out.chars().count() > most {
        // Only a headline with configured names can be this long.
        out = out.chars().take(most - 4).collect::<String>() + "...\n";
    }
    Ok(out)
}

fn chars(lines: &[Line]) -> usize {
    lines.iter().map(|line| line.text.chars().count() + 1).sum()
}

fn lines(report: &Report) -> Vec<Line> {
    let language = language::of(report.language);
    let p = language.phrases();
    let facts = Headline::of(report);
    let mut out = Vec::new();
    let mut add = |rank, text: String, shorter: Option<String>| {
        out.push(Line { rank, text: one_line(&text), shorter: shorter.map(|s| one_line(&s)) });
    };
    let field = |name: &str, value: &str| format!("{name}{}{value}", p.colon);
    let brief = language.brief(facts.as_ref(), report);
    add(Rank::Headline, language.headline(facts.as_ref(), report), Some(brief));
    let site = language.site(&clipped(&report.site));
    if !site.is_empty() {
        add(Rank::Site, field(p.site, &site), None);
    }
    add(Rank::Period, field(p.period, &language.period_of(report)), None);
    if report.availability.is_some() {
        add(Rank::Watched, field(p.watched, &language.watched(report.coverage)), None);
    }
    let removed = language.removed(report);
    if !removed.is_empty() {
        add(Rank::Watched, field(p.removed.name, &removed), None);
    }
    if let Some(available) = language.available(report) {
        add(Rank::Available, field(p.available, &available), None);
        let kinds = language.kinds_of_time(report);
        if !kinds.is_empty() {
            add(Rank::Available, field(p.kinds.name, &kinds), None);
        }
        add(Rank::Counts, field(p.counts, &language.counts(report)), None);
    }
    if let Some(loss) = language.standing_loss(report) {
        add(Rank::Loss, field(p.loss, &loss), None);
    }
    if report.summary.counted() > 0 {
        // Where the headline says it already, there is room for other things.
        if !facts.as_ref().is_some_and(|facts| facts.are_all_alike(report)) {
            let places = language.places(report);
            let witnesses: Vec<_> =
                report.summary.witnesses.iter().map(|w| language.witness(w)).collect();
            let both = format!("{places}; {}", witnesses.join("; "));
            add(
                Rank::Place,
                field(p.place, both.trim_end_matches("; ")),
                Some(field(p.place, &places)),
            );
        }
        let pattern = language.pattern(report).into_iter().next();
        // Without six drops there is no pattern to report.
        let of_drops = &report.analyses.pattern;
        let is_known = !of_drops.recurrence.tests.is_empty() || of_drops.daily.is_some();
        if let Some((name, pattern)) = pattern.filter(|_| is_known) {
            let first = pattern.split(". ").next().unwrap_or_default();
            add(Rank::Pattern, field(name, first), None);
        }
        drops(report, language, &mut add);
    }
    if let Some(asked) = language.asked(report) {
        add(Rank::Asked, field(p.letter.asked, asked), None);
    }
    if let Some(line) = language.line(report) {
        add(Rank::Line, field(p.letter.line, &line), None);
    }
    if let Some(modem) = &report.modem {
        let named = field(p.modem.name, &language.modem_named(modem));
        let said = language.modem_of_all(report).join("; ");
        let whole = if said.is_empty() { named.clone() } else { format!("{named}; {said}") };
        add(Rank::Modem, whole, Some(named));
    }
    if let Some(blips) = language.blips_found(report) {
        add(Rank::Pattern, field(p.patterns.blips, &blips), None);
    }
    if let Some(compared) = language.compared(report) {
        let border = language.minute(compared.at, &report.zone);
        let [available, drops, ..] =
            compared.rows.each_ref().map(|row| language.compared_line(row));
        let first = field(p.comparing.title, &format!("{border}; {available}"));
        add(Rank::Compared, format!("{first}; {drops}"), Some(first));
    }
    for way in language.other_ways(report).into_iter().take(OTHERS) {
        add(Rank::Ways, field(p.ways.name, &way), None);
    }
    for entry in report.impairments.iter().take(OTHERS) {
        let at = language.minute(entry.impairment.onset.midpoint(), &report.zone);
        let what = format!("{at} {}", language.impairment(entry));
        add(Rank::Others, field(p.other_problems, &what), None);
    }
    for note in clearest_notes(report) {
        let at = language.minute(note.at, &report.zone);
        let text = clip(&language.note(note), 2 * WRITTEN);
        add(Rank::Notes, field(p.notes, &format!("{at} {text}")), None);
    }
    if !report.coverage.observed.is_zero() {
        add(Rank::Method, field(p.method, &language.method_in_short(report)), None);
        add(Rank::Unclaimed, field(p.unclaimed, &language.unclaimed(report)), None);
    }
    if let Some(chain) = language.chain(report) {
        add(Rank::Chain, field(p.chain, &chain), None);
    }
    out
}

/// The notes that a desk can do most with, in order of time: calls to it, then visits, then the
/// rest, of each the newest.
fn clearest_notes(report: &Report) -> Vec<&Note> {
    let mut notes: Vec<_> = report.notes.iter().collect();
    notes.order_by_key(|note| {
        let kind = match note.kind {
            _ if note.ticket.is_some() => 0,
            NoteKind::Call => 0,
            NoteKind::Visit => 1,
            NoteKind::Reset | NoteKind::Hardware | NoteKind::Weather | NoteKind::Other => 2,
        };
        (kind, std::cmp::Reverse(note.at))
    });
    notes.truncate(OTHERS);
    notes.order_by_key(|note| note.at);
    notes
}

/// The clearest drops, a line each, under a title; the title goes with the first of them.
fn drops(report: &Report, language: &Language, add: &mut dyn FnMut(Rank, String, Option<String>)) {
    let shown = facts::clearest(report, DROPS);
    let all = language.path_of_all(report);
    let each_has_its_own = all.is_none();
    add(
        Rank::FirstDrop,
        format!(
            "{}{}",
            language.phrases().clearest,
            language.phrases().colon.trim_end_matches(' ')
        ),
        None,
    );
    for (n, drop) in shown.into_iter().enumerate() {
        let rank = match n {
            0 => Rank::FirstDrop,
            1 | 2 => Rank::SomeDrops,
            _ => Rank::MoreDrops,
        };
        let line = drop_line(report, language, drop);
        let path = drop.path.as_ref().and_then(|path| language.path(path));
        match path.filter(|_| each_has_its_own) {
            Some(path) => add(rank, format!("{line}; {path}"), Some(line)),
            None => add(rank, line, None),
        }
    }
    if let Some(path) = all {
        add(
            Rank::Path,
            format!("{}{}{path}", language.phrases().paths.name, language.phrases().colon),
            None,
        );
    }
}

/// `2026-11-16 08:21:06.0 -05:00 (13:21:06.0 UTC) +-1.7 s, 114.7 to 121.3 s, access line`
pub(super) fn drop_line(report: &Report, language: &Language, drop: &DropEntry) -> String {
    let began = drop.onset.midpoint();
    let lasted = if drop.end.is_some() {
        language.bounds(drop.down)
    } else {
        let lasted = language.lasted_so_far(drop, &language.length(drop.down.min));
        let not_over = language.not_over(drop, report);
        std::iter::once(lasted).chain(not_over).collect::<Vec<_>>().join(", ")
    };
    let place = match drop.places.as_slice() {
        [] => language.phrases().unknown_place.to_owned(),
        places => language.place(places),
    };
    let time = format!(
        "{} {} ({} UTC)",
        language.figures(&words::local_tenth(began, &report.zone)),
        words::offset(began, &report.zone),
        language.figures(&words::local_tenth(began, &jiff::tz::TimeZone::UTC)),
    );
    let time = if report.record.clock.is_about(began) {
        // The clock had not been set: its bounds are those of the boot clock.
        language::fill(language.phrases().clock.about_time, &[("time", &time)])
    } else {
        let half = format!("+-{}", words::length(words::half_width(drop.onset)));
        format!("{time} {}", language.figures(&half))
    };
    let mut text = format!("{time}, {lasted}, {place}");
    for (is, edge) in [(drop.starts_before, Edge::Before), (drop.ends_after, Edge::After)] {
        if is {
            text += "; ";
            text += language.phrases().clipped(edge);
        }
    }
    text
}

fn clipped(site: &Site) -> Site {
    let short = |text: &Option<String>| text.as_ref().map(|text| clip(text, WRITTEN));
    Site {
        name: short(&site.name),
        isp: short(&site.isp),
        account: short(&site.account),
        ticket: short(&site.ticket),
        line: None,
        country: None,
        zone: None,
    }
}

fn clip(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 3).collect::<String>() + "..."
}

/// Plain, without control characters.
pub(super) fn one_line(text: &str) -> String {
    plain(text).chars().map(|c| if words::is_unprintable(c) { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests;
