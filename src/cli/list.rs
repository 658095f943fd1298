//! A list of drops as text, JSON or CSV: the output of `linkmon drops` and `linkmon replay`.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::args::{ListArgs, ListFormat};
use super::failure;
use super::output;
use super::paint::{Paint, Shade};
use crate::detect::Parameters;
use crate::language::{Language, Noun, fill, plain, words};
use crate::render::{self, DropsContext, csv::no_formula};
use crate::report::record;
use crate::store::{self, Reader};
use crate::text::csv::writer;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{SimulatedShare, StoredDrop, Target, TargetId};

/// The contents of a list.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) drops: Vec<StoredDrop>,
    pub(super) targets: &'a [Target],
    pub(super) period: TimeRange,
    pub(super) zone: &'a TimeZone,
    pub(super) parameters: &'a Parameters,
    pub(super) was_observed: bool,
    /// Stretches whose times are about right at best.
    pub(super) about: Vec<TimeRange>,
    /// The keys of drops that are not over, and when the record ends.
    pub(super) ended: Vec<(Timestamp, Timestamp)>,
    /// What the list leaves out, as a sentence without a full stop.
    pub(super) missing: Option<String>,
    /// Numbers of the drops of other ways than the line.
    pub(super) others: Vec<i64>,
    /// Whether the text is coloured.
    pub(super) paint: Paint,
    /// The language of the text.
    pub(super) language: &'static Language,
    /// The record as a whole.
    pub(super) record: ListedRecord,
}

/// The record that a list is of.
#[derive(Debug, Clone, Copy)]
pub(super) struct ListedRecord {
    /// From when to when it reaches.
    holds: Option<TimeRange>,
    /// How much of it was simulated.
    simulated: SimulatedShare,
}

impl ListedRecord {
    pub(super) fn of(reader: &Reader) -> Result<Self, store::Error> {
        Ok(Self { holds: reader.watched_from_to()?, simulated: reader.simulated()? })
    }

    /// When it begins, where that is in the period.
    fn begins_in(self, period: TimeRange) -> Option<Timestamp> {
        record::begins_in(self.holds, period)
    }

    /// What it holds, as a sentence after a blank, where the period has none of it.
    fn outside(self, period: TimeRange, zone: &TimeZone, language: &Language) -> String {
        language.holds(record::outside(self.holds, period), zone)
    }
}

impl List<'_> {
    /// Prints the list as asked.
    pub(super) fn print(mut self, args: &ListArgs) -> anyhow::Result<()> {
        if let Some(min) = args.min {
            self.drops.retain(|stored| stored.drop.max >= min);
        }
        if let Some(missing) = self.missing.as_ref().filter(|_| args.format != ListFormat::Text) {
            failure::say(missing);
        }
        let text = match args.format {
            ListFormat::Text => {
                let (ongoing, paint) = (self.language.phrases().drop_list.ongoing, self.paint);
                let is_table = !self.drops.is_empty();
                paint.lines(&self.text(args), |n, line| match n {
                    0 if is_table => Some(Shade::Title),
                    _ => line.contains(ongoing).then_some(Shade::Bad),
                })
            }
            ListFormat::Json => {
                let Self { targets, zone, others, ended, .. } = &self;
                let simulated = self.record.simulated;
                let context = DropsContext { targets, zone, simulated, others, ended };
                render::drops_json(&self.drops, context)
            }
            ListFormat::Csv => csv(&self.drops, self.targets, self.record.simulated)?,
        };
        Ok(output::write(text.as_bytes())?)
    }

    fn nothing_observed(&self) -> String {
        let p = &self.language.phrases().drop_list;
        let period = self.language.period(self.period, self.zone);
        let outside = self.record.outside(self.period, self.zone, self.language);
        plain(&(fill(p.unobserved, &[("period", period)]) + &outside))
    }

    fn text(self, args: &ListArgs) -> String {
        let said = self.language.simulated(self.record.simulated);
        let mut text = said.map_or_else(String::new, |said| format!("{said}\n"));
        if !self.was_observed {
            text += &self.nothing_observed();
            text.push('\n');
            return text;
        }
        let Self {
            mut drops,
            targets,
            period,
            zone,
            parameters,
            was_observed: _,
            about,
            others,
            ended,
            missing,
            language,
            paint: _,
            record,
        } = self;
        let p = &language.phrases().drop_list;
        let before = drops.len();
        if !args.blips {
            drops.retain(|stored| stored.drop.kind.is_down());
        }
        let blips = before - drops.len();
        let keys: Vec<_> = ended.iter().map(|(key, _)| *key).collect();
        text += &render::drops_text(&drops, targets, zone, &about, &others, &keys, language);
        for (key, at) in &ended {
            if let Some(stored) = drops.iter().find(|stored| stored.drop.key == *key) {
                let values =
                    [("id", stored.id.to_string()), ("at", words::local_second(*at, zone))];
                let _ = writeln!(text, "{}", fill(p.record_ends, &values));
            }
        }
        if drops.iter().any(|stored| others.contains(&stored.id)) {
            let _ = writeln!(text, "{}", p.what_other_way);
        }
        if blips > 0 {
            let values = [
                ("blips", language.count(blips, Noun::Blip)),
                ("from", language.length(parameters.blip_after)),
                ("to", language.length(parameters.drop_after)),
            ];
            let _ = writeln!(text, "{}", fill(p.blips_left_out, &values));
        }
        if let Some(missing) = missing {
            let _ = writeln!(text, "{missing}.");
        }
        let begins = record.begins_in(period);
        let period_words = language.period_with_begin(period, begins, zone);
        let _ = writeln!(text, "{}", fill(p.period, &[("period", period_words)]));
        plain(&text)
    }
}

/// The keys of the drops that are not over when the record ends, and when that is.
pub(super) fn ended(
    reader: &Reader,
    drops: &[StoredDrop],
) -> Result<Vec<(Timestamp, Timestamp)>, store::Error> {
    let mut ended = Vec::new();
    for StoredDrop { drop, .. } in drops {
        ended.extend(reader.ends_within(drop)?.map(|at| (drop.key, at)));
    }
    Ok(ended)
}

/// Whether anything was observed in the period, however briefly.
pub(super) fn was_observed(reader: &Reader, period: TimeRange) -> Result<bool, store::Error> {
    let gaps = Spans::union(reader.gaps(period)?.into_iter().map(|gap| gap.range));
    Ok(reader.runs(period)?.into_iter().any(|run| {
        let watched = TimeRange { from: run.started, to: run.last_seen.plus_micros(1) };
        watched.intersect(&period).is_some_and(|part| !gaps.missing_from(part).length().is_zero())
    }))
}

/// The fields of JSON as columns; a list there is words separated by blanks here.
fn csv(
    drops: &[StoredDrop],
    targets: &[Target],
    simulated: SimulatedShare,
) -> anyhow::Result<String> {
    let mark = simulated.is_any().then(|| simulated.as_str());
    let columns = "id,kind,place,onset_earliest,onset_latest,end_earliest,end_latest,min_s,max_s,\
                   unobserved_s,answered,silent";
    let mut lines = writer(Vec::new());
    lines.write_record(columns.split(',').chain(mark.map(|_| "simulated")))?;
    for StoredDrop { id, drop, .. } in drops {
        let names = |ids: &[TargetId]| {
            let names = targets.iter().filter(|t| ids.contains(&t.id)).map(|t| t.name.as_str());
            no_formula(&names.collect::<Vec<_>>().join(" ")).into_owned()
        };
        let end = |bound: Option<Timestamp>| bound.map(|at| at.to_string()).unwrap_or_default();
        let length = |d: Duration| format!("{:.3}", d.as_secs_f64());
        let cells = [
            id.to_string(),
            drop.kind.to_string(),
            drop.place_text(),
            drop.onset.earliest.to_string(),
            drop.onset.latest.to_string(),
            end(drop.end.map(|e| e.earliest)),
            end(drop.end.map(|e| e.latest)),
            length(drop.min),
            length(drop.max),
            length(drop.unobserved),
            names(&drop.answered),
            names(&drop.silent),
        ];
        lines.write_record(cells.iter().map(String::as_str).chain(mark))?;
    }
    Ok(String::from_utf8(lines.into_inner()?)?)
}
