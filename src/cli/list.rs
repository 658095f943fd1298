//! A list of drops as text, JSON or CSV: the output of `linkmon drops` and `linkmon replay`.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::tz::TimeZone;

use super::args::{ListArgs, ListFormat};
use super::failure;
use super::output;
use crate::detect::Parameters;
use crate::language::words;
use crate::render::{self, csv::no_formula};
use crate::store::{self, Reader};
use crate::text::csv::writer;
use crate::time::spans::Spans;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{StoredDrop, Target, TargetId};

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
            ListFormat::Text => self.text(args),
            ListFormat::Json => render::drops_json(&self.drops, self.targets, self.zone),
            ListFormat::Csv => csv(&self.drops, self.targets)?,
        };
        Ok(output::write(text.as_bytes())?)
    }

    fn text(self, args: &ListArgs) -> String {
        let Self {
            mut drops,
            targets,
            period,
            zone,
            parameters,
            was_observed,
            about,
            others,
            ended,
            missing,
        } = self;
        if !was_observed {
            return format!(
                "Nothing was observed from {}, {}.\n",
                words::span(period, zone),
                words::zone(period, zone)
            );
        }
        let before = drops.len();
        if !args.blips {
            drops.retain(|stored| stored.drop.kind.is_down());
        }
        let blips = before - drops.len();
        let keys: Vec<_> = ended.iter().map(|(key, _)| *key).collect();
        let mut text = render::drops_text(&drops, targets, zone, &about, &others, &keys);
        for (key, at) in &ended {
            if let Some(stored) = drops.iter().find(|stored| stored.drop.key == *key) {
                let at = words::local_second(*at, zone);
                let _ =
                    writeln!(text, "Drop {} is not over when the record ends at {at}.", stored.id);
            }
        }
        if drops.iter().any(|stored| others.contains(&stored.id)) {
            text += "Another way: this computer did not reach the internet by the line.\n";
        }
        if blips > 0 {
            let noun = words::count(blips, "blip", "blips");
            let from = words::length(parameters.blip_after);
            let to = words::length(parameters.drop_after);
            let _ = writeln!(text, "{noun} ({from} to {to}) not listed; --blips lists them.");
        }
        if let Some(missing) = missing {
            let _ = writeln!(text, "{missing}.");
        }
        let _ =
            writeln!(text, "Period: {}, {}.", words::span(period, zone), words::zone(period, zone));
        text
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
fn csv(drops: &[StoredDrop], targets: &[Target]) -> anyhow::Result<String> {
    let columns = "id,kind,place,onset_earliest,onset_latest,end_earliest,end_latest,min_s,max_s,\
                   unobserved_s,answered,silent";
    let mut lines = writer(Vec::new());
    lines.write_record(columns.split(','))?;
    for StoredDrop { id, drop } in drops {
        let names = |ids: &[TargetId]| {
            let names = targets.iter().filter(|t| ids.contains(&t.id)).map(|t| t.name.as_str());
            no_formula(&names.collect::<Vec<_>>().join(" ")).into_owned()
        };
        let end = |bound: Option<Timestamp>| bound.map(|at| at.to_string()).unwrap_or_default();
        let length = |d: Duration| format!("{:.3}", d.as_secs_f64());
        lines.write_record([
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
        ])?;
    }
    Ok(String::from_utf8(lines.into_inner()?)?)
}
