//! The rows that systems are made of: whatever the record has of the last months but samples.

use std::collections::BTreeMap;

use super::{INCIDENTS_OF, WINDOWS};
use crate::config::Config;
use crate::report::KnownNumbers;
use crate::report::gather::ways_of;
use crate::stats::WaySpan;
use crate::store::{Error, Reader};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{
    Gap, Impairment, Note, NoteChange, RosterHistory, Run, SimulatedShare, StationSeen, StoredDrop,
    Target, TargetId, TargetTrouble,
};

/// What the record has of them.
#[derive(Debug, Clone)]
pub(super) struct SystemRows {
    pub(super) identity: i64,
    /// All runs of the record.
    pub(super) runs: Vec<Run>,
    pub(super) gaps: Vec<Gap>,
    pub(super) drops: Vec<StoredDrop>,
    /// When the record ends while a drop lasts that nobody watches any more, by its number.
    pub(super) record_ends: BTreeMap<i64, Timestamp>,
    pub(super) troubles: Vec<TargetTrouble>,
    pub(super) impairments: Vec<Impairment>,
    pub(super) notes: Vec<Note>,
    pub(super) note_changes: Vec<NoteChange>,
    /// Of account and tickets, in whatever note.
    pub(super) numbers: Vec<String>,
    /// Time by another way than the line, ordered and disjoint.
    pub(super) apart: Vec<TimeRange>,
    /// Names of interfaces and networks are not for everybody.
    pub(super) ways: Vec<WaySpan>,
    pub(super) stations: Vec<StationSeen>,
    pub(super) rosters: RosterHistory,
    pub(super) targets: Vec<Target>,
    /// When each target last answered, as far as it did in the last 90 days.
    pub(super) answered: BTreeMap<TargetId, Timestamp>,
    /// The hours of the last 30 days in which each target was probed, where the record does not say which
    /// were in use; ordered and disjoint.
    pub(super) probed: BTreeMap<TargetId, Vec<TimeRange>>,
    pub(super) simulated: SimulatedShare,
}

/// The last 90 days up to `now`, of one instant.
///
/// # Errors
/// When the record cannot be read.
pub(super) fn gather(
    reader: &Reader,
    now: Timestamp,
    config: &Config,
) -> Result<SystemRows, Error> {
    reader.at_once(|reader| {
        let period = TimeRange { from: now - INCIDENTS_OF, to: now };
        let window = TimeRange { from: now - WINDOWS[WINDOWS.len() - 1], to: now };
        let (ways, way_spans) = ways_of(reader, period, config.site.line.as_deref())?;
        let drops: Vec<_> =
            reader.drops(period)?.into_iter().filter(|d| d.drop.kind.is_down()).collect();
        let mut record_ends = BTreeMap::new();
        for stored in &drops {
            record_ends.extend(reader.ends_within(&stored.drop)?.map(|at| (stored.id, at)));
        }
        let targets = reader.targets_at(now)?;
        let answered = reader.last_answered(targets.iter().map(|target| target.id), period)?;
        let (all_runs, rosters) = (reader.runs(TimeRange::EVER)?, reader.rosters()?);
        let says_nothing = |run: &Run| {
            let watched = TimeRange { from: run.started, to: run.last_seen };
            watched.intersect(&window).is_some_and(|range| {
                let changes = rosters.of_run(run.id, range);
                changes.is_empty() || changes.iter().any(|c| c.roster.entries().is_none())
            })
        };
        let hours = if all_runs.iter().any(says_nothing) {
            reader.hours_probed(window)?
        } else {
            BTreeMap::new()
        };
        Ok(SystemRows {
            identity: reader.identity(),
            runs: all_runs,
            gaps: reader.gaps(period)?,
            drops,
            record_ends,
            troubles: reader.troubles(period)?,
            impairments: reader.impairments(window)?,
            notes: reader.notes(period)?,
            note_changes: reader.note_changes(period)?,
            numbers: KnownNumbers::read(reader, config)?.into_numbers(),
            apart: ways.apart,
            ways: way_spans,
            stations: reader.stations(period)?,
            rosters,
            targets,
            answered,
            probed: hours,
            simulated: reader.simulated()?,
        })
    })
}
