//! One drop of the record, with the probes about it.

use std::time::Duration;

use super::HistoryView;
use super::courses::ChartedProbe;
use crate::modem::understand::DropAccount;
use crate::report::drops_of_other_ways;
use crate::report::modem::ModemFacts;
use crate::report::redact::KnownNumbers;
use crate::store::{Error, Reader};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Note, SimulatedShare, StoredDrop, Target};

/// Given before the onset and after the end.
const AROUND: Duration = Duration::from_secs(60);
/// Probes that are given of a target, at most; of a long drop these are of its beginning and of its end.
const MOST_PROBES: usize = 4_000;

/// One drop.
#[derive(Debug)]
pub struct DropRecord {
    /// The drop; one that lasts is as long as the record by now shows.
    pub stored: StoredDrop,
    /// When the record ends while it lasts; `None` where it is over, or is still watched.
    pub record_ends: Option<Timestamp>,
    /// Whether it happened by another way than the line.
    pub is_by_other_way: bool,
    /// All targets of the record.
    pub targets: Vec<Target>,
    /// How much of the record was simulated.
    pub simulated: SimulatedShare,
    /// From when to when probes are given.
    pub shown: TimeRange,
    /// The probes of those that were probed, from the home outwards.
    pub probes: Vec<DropProbes>,
    /// What the modem said of it; `None` where it was not read.
    pub modem: Option<DropAccount>,
    /// Notes about times within it.
    pub notes: Vec<Note>,
}

/// The probes of a target about a drop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropProbes {
    /// The target.
    pub target: Target,
    /// Its probes, by time.
    pub probes: Vec<ChartedProbe>,
    /// Probes in the middle that are not given.
    pub left_out: usize,
}

impl DropRecord {
    /// The same without the numbers of account and tickets.
    #[must_use]
    pub fn without_numbers(mut self, known: &KnownNumbers) -> Self {
        known.leave_out(self.notes.iter_mut());
        self
    }

    /// Reads the drop with number `id`; `None` where there is none.
    ///
    /// # Errors
    /// When the record cannot be read.
    pub fn read(reader: &Reader, id: i64, view: HistoryView<'_>) -> Result<Option<Self>, Error> {
        reader.at_once(|reader| Self::read_now(reader, id, view))
    }

    fn read_now(reader: &Reader, id: i64, view: HistoryView<'_>) -> Result<Option<Self>, Error> {
        let Some(known) = reader.drop_by_id(id)? else { return Ok(None) };
        let onset = known.drop.onset;
        let about = TimeRange { from: onset.earliest, to: onset.latest.plus_micros(1) };
        // As far as the record shows by now.
        let lasting = reader.drops(about)?.into_iter().find(|stored| stored.id == id);
        let stored = lasting.unwrap_or(known);
        let ends = stored.drop.end.map(|end| end.latest);
        let record_ends = reader.ends_within(&stored.drop)?;
        let end = ends.or(record_ends).unwrap_or(view.now).max(onset.latest);
        let shown = TimeRange { from: onset.earliest - AROUND, to: end + AROUND };
        let targets = reader.targets_at(shown.to)?;
        let half = MOST_PROBES / 2;
        let mut probes: Vec<_> = targets
            .iter()
            .map(|target| DropProbes { target: target.clone(), probes: Vec::new(), left_out: 0 })
            .collect();
        let mut places = [None; 256];
        for (place, target) in targets.iter().enumerate() {
            places[usize::from(target.id.0)] = Some(place);
        }
        // Of a drop of days, its two ends: samples of the middle are not read.
        let whole = Duration::from_secs(2 * 3_600);
        let pieces = if shown.length() <= 2 * whole {
            vec![shown]
        } else {
            vec![
                TimeRange { to: shown.from + whole, ..shown },
                TimeRange { from: shown.to - whole, ..shown },
            ]
        };
        for piece in pieces {
            reader.for_each_minute(piece, &mut |minute| {
                let Some(place) = places[usize::from(minute.target.0)] else { return };
                let marks = minute.samples.iter().map(ChartedProbe::of);
                probes[place].probes.extend(marks);
            })?;
        }
        probes.retain(|of_target| !of_target.probes.is_empty());
        for DropProbes { probes, left_out, .. } in &mut probes {
            probes.sort_unstable_by_key(|probe| probe.at);
            if probes.len() > MOST_PROBES {
                *left_out = probes.len() - MOST_PROBES;
                probes.drain(half..half + *left_out);
            }
        }
        probes.sort_by_key(|of| (of.target.role, of.target.kind, of.target.id));
        let facts = ModemFacts::gather(reader, shown, &[(id, &stored.drop)])?;
        let modem = facts.and_then(|facts| facts.of_drop(id).cloned());
        let within = TimeRange { from: onset.earliest, to: end.plus_micros(1) };
        let others = drops_of_other_ways(reader, shown, std::slice::from_ref(&stored), view.line)?;
        Ok(Some(Self {
            record_ends,
            is_by_other_way: !others.is_empty(),
            notes: reader.notes(within)?,
            simulated: reader.simulated()?,
            stored,
            targets,
            shown,
            probes,
            modem,
        }))
    }
}
