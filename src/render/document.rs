//! A report as headings, paragraphs and tables in the words of its language, before any markup:
//! Markdown, HTML and plain text are writings of it. All cells are bare text; the writers escape
//! them.

use crate::language::{self, Edge, Language, sentence, words};
use crate::prose;
use crate::report::facts::Headline;
use crate::report::{DropEntry, Report, events, facts};
use crate::store::Unread;
use crate::time::Timestamp;
use crate::vocabulary::{DropKind, Role, Target};

mod hours;
mod kept;
mod lists;
mod table;
mod yardsticks;

pub(super) use table::{ColumnKind, Table};

use ColumnKind::{Long, Number, Time, Words};

/// How much a document says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything.
    Whole,
    /// For a forum post: lists are cut short.
    Forum,
    /// What fits on a few pages of plain text: shorter lists, and figures in their place.
    Text,
}

impl Extent {
    /// Rows of a list at most.
    fn rows(self) -> usize {
        match self {
            Self::Whole => usize::MAX,
            Self::Forum => 25,
            Self::Text => 7,
        }
    }
}

/// A report without markup.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Document {
    /// The language's code.
    pub(super) code: &'static str,
    /// What separates a name from its value.
    pub(super) colon: &'static str,
    /// What kind of text this is.
    pub(super) kind: &'static str,
    /// The headline: what happened.
    pub(super) headline: String,
    /// The rest of it: who answered, and where the fault is. Often empty.
    pub(super) lead: String,
    /// Name and value of the key figures.
    pub(super) fields: Vec<(String, String)>,
    /// The rest.
    pub(super) sections: Vec<Section>,
    /// Who made it, and when.
    pub(super) made: String,
}

/// A heading and its blocks.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Section {
    /// To link to it.
    pub(super) id: &'static str,
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// Something under a heading.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Block {
    Text(String),
    Table(Table),
}

impl Document {
    pub(super) fn build(report: &Report, extent: Extent) -> Self {
        let language = language::of(report.language);
        let p = language.phrases();
        let writer = DocumentWriter { report, language, extent };
        let sections = [
            writer.drops(),
            writer.modem(),
            writer.hours(),
            writer.other_problems(),
            writer.unwatched(),
            writer.notes(),
            writer.compared(),
            writer.yardsticks(),
            writer.targets(),
            Some(writer.method()),
        ];
        let version = &report.method.version;
        let facts = Headline::of(report);
        let brief = language.brief(facts.as_ref(), report);
        let whole = language.headline(facts.as_ref(), report);
        // The one is the beginning of the other.
        let lead = whole.strip_prefix(&brief).unwrap_or_default().trim_start().to_owned();
        Self {
            code: p.code,
            colon: p.colon,
            kind: p.report,
            headline: brief,
            lead,
            fields: writer.fields(),
            sections: sections.into_iter().flatten().collect(),
            made: format!(
                "linkmon {version}, {} {} {}",
                p.made,
                language.minute(report.made, &report.zone),
                words::offset(report.made, &report.zone)
            ),
        }
    }
}

struct DocumentWriter<'a> {
    report: &'a Report,
    language: &'static Language,
    extent: Extent,
}

impl DocumentWriter<'_> {
    fn fields(&self) -> Vec<(String, String)> {
        let (report, language) = (self.report, self.language);
        let p = language.phrases();
        let mut out = Vec::new();
        let mut add = |name: &str, value: String| {
            if !value.is_empty() {
                out.push((name.to_owned(), value));
            }
        };
        add(p.site, language.site(&report.site));
        add(p.period, language.period_of(report));
        if report.availability.is_some() {
            add(p.watched, language.watched(report.coverage));
        }
        add(p.removed.name, language.removed(report));
        if let Some(available) = language.available(report) {
            add(p.available, available);
            add(p.kinds.name, language.kinds_of_time(report));
            add(p.counts, language.counts(report));
        }
        add(p.loss, language.standing_loss(report).unwrap_or_default());
        if report.summary.counted() > 0 {
            add(p.place, language.places(report));
            let witnesses: Vec<_> =
                report.summary.witnesses.iter().map(|w| language.witness(w)).collect();
            add(p.witnesses, witnesses.join("; "));
        }
        if self.extent == Extent::Text {
            add(p.by_day.name, language.drops_by_day(report));
            add(p.by_day.interval_name, language.interval(report));
        }
        for (name, value) in language.pattern(report) {
            add(name, value);
        }
        if self.extent == Extent::Text {
            add(p.host.name, language.host(report));
            add(p.host.router, language.router(report));
        }
        add(p.ways.name, language.other_ways(report).join(". "));
        add(p.clock.name, language.dating(report));
        add(p.calls, language.calls(report).join("; "));
        out
    }

    /// A time to a tenth of a second with the offset that held.
    fn exact(&self, at: Timestamp) -> String {
        let zone = &self.report.zone;
        let local = self.language.figures(&words::local_tenth(at, zone));
        let exact = format!("{local} {}", words::offset(at, zone));
        if !self.report.record.clock.is_about(at) {
            return exact;
        }
        // The clock had not been set.
        language::fill(self.language.phrases().clock.about_time, &[("time", &exact)])
    }

    fn drops(&self) -> Option<Section> {
        let p = self.language.phrases();
        if self.report.coverage.observed.is_zero() {
            return None;
        }
        if self.report.drops.is_empty() {
            // Without any answer at all, it is unknown whether there was a drop.
            self.report.availability?;
            return Some(section("drops", p.drops, vec![Block::Text(p.no_drops.to_owned())]));
        }
        let most = self.extent.rows();
        let whole = self.report.drops.len() <= most;
        let shown = match self.extent {
            _ if whole => self.report.drops.iter().collect(),
            Extent::Text => prose::longest(self.report, most),
            Extent::Whole | Extent::Forum => facts::clearest(self.report, most),
        };
        let utc = format!("{} (UTC)", p.began);
        let mut table = Table::new(&[
            (p.number, Number),
            (p.began, Time),
            (&utc, Time),
            (p.within, Time),
            (p.ended, Time),
            (p.lasted, Number),
            (p.place, Words),
            (p.answered, Words),
            (p.silent, Words),
            (p.remarks, Long),
        ]);
        let shared = self.shared_path(&shown);
        table.rows = shown.iter().map(|drop| self.drop(drop, shared.as_deref())).collect();
        let mut blocks = vec![Block::Table(table.without_empty_columns())];
        blocks.extend(shared.map(|path| {
            let path = language::fill(p.paths.of_listed, &[("path", path)]);
            Block::Text(format!("{}{}{path}.", p.paths.name, p.colon))
        }));
        let left_out = self.report.drops.len() - shown.len();
        if left_out > 0 {
            let left_out = self.language.number(left_out as u64);
            blocks.push(Block::Text(format!("{left_out} {}", p.more)));
        }
        blocks.push(Block::Text(p.drops_caption.to_owned()));
        Some(section("drops", if whole { p.drops } else { p.longest }, blocks))
    }

    /// The path that several drops have in common, all of those shown: said once, not in each row.
    fn shared_path(&self, shown: &[&DropEntry]) -> Option<String> {
        const SEVERAL: usize = 3;
        let mut paths = shown
            .iter()
            .filter(|drop| drop.counts())
            .map(|drop| drop.path.as_ref().and_then(|path| self.language.path(path)));
        let first = paths.next()??;
        let counted = shown.iter().filter(|drop| drop.counts()).count();
        (counted >= SEVERAL && paths.all(|path| path.as_ref() == Some(&first))).then_some(first)
    }

    /// What the modem said.
    fn modem(&self) -> Option<Section> {
        let said = self.language.modem_section(self.report);
        let blocks: Vec<_> = said.into_iter().map(|said| Block::Text(sentence(&said))).collect();
        let title = self.language.phrases().modem.name;
        (!blocks.is_empty()).then(|| section("modem", title, blocks))
    }

    fn drop(&self, drop: &DropEntry, shared: Option<&str>) -> Vec<String> {
        let language = self.language;
        let p = language.phrases();
        let began = drop.onset.midpoint();
        let half = drop.shown_end().map(|end| end.half_width);
        let half = half.max(Some(words::half_width(drop.onset)));
        let half = words::length(half.unwrap_or_default());
        let lasted = match drop.end {
            Some(_) => language.bounds(drop.down),
            None => language.lasted_so_far(drop, &language.length(drop.down.min)),
        };
        let mut remarks: Vec<String> = Vec::new();
        if drop.kind == DropKind::Blip {
            remarks.push(p.blip.to_owned());
        }
        remarks.extend(language.not_over(drop, self.report));
        remarks.extend(language.made_of(drop, self.report));
        for (is, edge) in [(drop.starts_before, Edge::Before), (drop.ends_after, Edge::After)] {
            if is {
                remarks.push(p.clipped(edge).to_owned());
            }
        }
        let path = drop.path.as_ref().and_then(|path| language.path(path));
        remarks.extend(path.filter(|path| shared.is_none_or(|shared| shared != path)));
        remarks.extend(language.wifi_at(drop, self.report));
        remarks.extend(language.modem_at(drop.id, self.report));
        remarks.extend(self.computer(drop));
        let silent = roles(&drop.silent);
        let silent = if drop.answered.is_empty() && silent.contains(&Role::Gateway) {
            p.all_silent.to_owned()
        } else if silent.is_empty() && !drop.silent.is_empty() {
            p.anchors_only.to_owned()
        } else {
            self.names(&silent)
        };
        vec![
            drop.id.to_string(),
            self.exact(began),
            language.figures(&words::utc_tenth(began, &self.report.zone)),
            language.figures(&format!("+-{half}")),
            drop.shown_end().map_or_else(
                || language.no_end(drop).to_owned(),
                |end| end.mark.to_owned() + &self.end(began, end.at),
            ),
            lasted,
            language.place(&drop.places),
            self.names(&roles(&drop.answered)),
            silent,
            remarks.join("; "),
        ]
    }

    /// An end next to its start, without the parts that both share.
    fn end(&self, began: Timestamp, end: Timestamp) -> String {
        let zone = &self.report.zone;
        let local = self.language.figures(&words::local_end(began, end, zone, "%m-%d "));
        let [before, after] = [began, end].map(|at| words::offset(at, zone));
        if before == after { local } else { format!("{local} {after}") }
    }

    fn names(&self, roles: &[Role]) -> String {
        let names: Vec<_> = roles.iter().map(|role| self.language.role(*role)).collect();
        names.join(", ")
    }

    /// What happened to this computer around a drop.
    fn computer(&self, drop: &DropEntry) -> Option<String> {
        let happened: Vec<_> = events::around(self.report, drop)
            .filter_map(|event| {
                let what = self.language.event(&event.what)?;
                let at = words::local(event.at, &self.report.zone, "%H:%M:%S");
                Some(format!("{what} {at}"))
            })
            .collect();
        let p = self.language.phrases();
        (!happened.is_empty()).then(|| format!("{}{}{}", p.computer, p.colon, happened.join("; ")))
    }

    fn targets(&self) -> Option<Section> {
        let (language, p) = (self.language, self.language.phrases());
        let mut table = Table::new(&[
            (p.target, Words),
            (p.role, Words),
            (p.sent, Number),
            (p.lost, Number),
            (p.loss, Number),
            (p.delay, Number),
            (p.address, Words),
        ]);
        table.rows = self
            .report
            .targets
            .iter()
            .map(|entry| {
                let total = &entry.total;
                let loss = total.loss().ratio();
                let rtt = total.rtt.map_or_else(String::new, |r| {
                    [r.p50, r.p95, r.max].map(|us| language.figures(&words::ms(us))).join(" / ")
                });
                let is_gone = entry.uncounted.is_some() && total.probes.slots() == 0;
                let sent = language.number(total.probes.sent);
                let sent = if is_gone { p.removed.gone.to_owned() } else { sent };
                vec![
                    entry.target.name.clone(),
                    language.role(entry.target.role).to_owned(),
                    sent,
                    if is_gone { String::new() } else { language.number(total.probes.lost) },
                    loss.map_or_else(String::new, |ratio| language.percent(ratio)),
                    rtt,
                    words::address(&entry.target),
                ]
            })
            .collect();
        let unsent = self.language.unsent(self.report).filter(|_| self.extent == Extent::Text);
        let blocks = std::iter::once(Block::Table(table)).chain(unsent.map(Block::Text)).collect();
        (!self.report.targets.is_empty()).then(|| section("targets", p.targets, blocks))
    }

    fn method(&self) -> Section {
        let (language, p) = (self.language, self.language.phrases());
        let mut blocks = Vec::new();
        if !self.report.targets.is_empty() {
            blocks.extend(language.method(self.report).into_iter().map(Block::Text));
            let unclaimed = language.unclaimed(self.report);
            blocks.push(Block::Text(format!("{}{}{unclaimed}.", p.unclaimed, p.colon)));
        }
        if self.report.record.unreadable_minutes > 0 {
            let rows = language.number(self.report.record.unreadable_minutes);
            blocks.push(Block::Text(language::fill(p.damaged, &[("rows", &rows)])));
        }
        if !self.report.record.unread.is_empty() {
            let unread = &self.report.record.unread;
            let sum = |count: fn(&Unread) -> u64| language.number(unread.iter().map(count).sum());
            let tables: Vec<&str> = unread.iter().map(|unread| unread.table).collect();
            let (rows, places) = (sum(|unread| unread.rows), sum(|unread| unread.places));
            let parts = [("rows", &*rows), ("places", &*places), ("tables", &*tables.join(", "))];
            blocks.push(Block::Text(language::fill(p.unread, &parts)));
        }
        if let Some(within) = language.clock_within(self.report) {
            blocks.push(Block::Text(format!("{}.", crate::language::capital(&within))));
        }
        if let Some(chain) = language.chain(self.report) {
            blocks.push(Block::Text(format!("{}{}{chain}.", p.chain, p.colon)));
        }
        blocks.push(Block::Text(language.disclosure(self.report)));
        section("method", p.method, blocks)
    }
}

/// Roles that are witnesses of where a fault lies, each once.
fn roles(targets: &[Target]) -> Vec<Role> {
    [Role::Gateway, Role::Modem, Role::Isp]
        .into_iter()
        .filter(|role| targets.iter().any(|t| t.role == *role))
        .collect()
}

fn section(id: &'static str, title: &str, blocks: Vec<Block>) -> Section {
    Section { id, title: title.to_owned(), blocks }
}

#[cfg(test)]
pub(super) mod tests;
