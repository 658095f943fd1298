//! Reads the stored record again in the order in which it was sent: what the daemon judged live is
//! judged once more, with the same or with other thresholds.

use std::collections::VecDeque;

use super::error::Error;
use super::reader::Reader;
use super::rows::{Damage, MinuteSamples};
use super::story::{RunPart, story};
use crate::text::order::InOrder;
use crate::time::{BootTime, Reading, TimeRange, Timestamp};
use crate::vocabulary::{
    HostEvent, Measurement, RosterChange, RosterHistory, Run, RunEnd, StoredEvent,
};

/// One step of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ReplayStep<'a> {
    /// A run begins, or continues after what was taken over from another file.
    Begin(&'a Run),
    /// These targets are in use for what is sent from then on. Records of earlier schemas do not
    /// say.
    Roster(&'a RosterChange),
    /// A measurement of the present run, in the order of send times.
    Measured(&'a Measurement),
    /// Something happened to the host in the present run.
    Host(&'a HostEvent),
    /// The present run ended, and how.
    End(&'a Run, RunEnd),
}

/// Gives `take` the runs, measurements and host events of `range`: runs in the order of their
/// [`story`], within a run by time. Imported runs come last, by time ([`Run::is_import`]): they are
/// stories of their own.
///
/// # Errors
/// When the record cannot be read.
pub fn each_step(
    reader: &Reader,
    range: TimeRange,
    take: &mut dyn FnMut(ReplayStep<'_>),
) -> Result<Damage, Error> {
    reader.at_once(|reader| {
        let (mut imports, ours): (Vec<_>, Vec<_>) =
            reader.runs(range)?.into_iter().partition(Run::is_import);
        imports.order_by_key(|run| (run.started, run.id));
        let mut order = ReplayOrder::new(reader, range)?;
        for part in story(ours).into_iter().chain(imports.into_iter().map(RunPart::whole)) {
            order.replay(&part, range, take)?;
        }
        Ok(order.damage)
    })
}

/// The same of one part of a story, as far as it lies in `range`.
///
/// # Errors
/// When the record cannot be read.
pub fn each_step_of(
    reader: &Reader,
    part: &RunPart,
    range: TimeRange,
    take: &mut dyn FnMut(ReplayStep<'_>),
) -> Result<Damage, Error> {
    reader.at_once(|reader| {
        let mut order = ReplayOrder::new(reader, range)?;
        order.replay(part, range, take)?;
        Ok(order.damage)
    })
}

/// Merges the rows of all targets of one minute, and puts the host's events between them.
struct ReplayOrder<'a> {
    reader: &'a Reader,
    minute: Option<i64>,
    samples: Vec<Measurement>,
    /// Not yet given, by time.
    events: VecDeque<StoredEvent>,
    rosters: RosterHistory,
    /// Changes of the present part that are still to come.
    coming: VecDeque<RosterChange>,
    damage: Damage,
}

impl<'a> ReplayOrder<'a> {
    fn new(reader: &'a Reader, range: TimeRange) -> Result<Self, Error> {
        Ok(Self {
            reader,
            minute: None,
            samples: Vec::new(),
            events: reader.events(range)?.into(),
            rosters: reader.rosters()?,
            coming: VecDeque::new(),
            damage: Damage::default(),
        })
    }

    /// A part without samples is given, too, since its end says why nothing was observed.
    fn replay(
        &mut self,
        part: &RunPart,
        range: TimeRange,
        take: &mut dyn FnMut(ReplayStep<'_>),
    ) -> Result<(), Error> {
        take(ReplayStep::Begin(&part.run));
        let whole = TimeRange { from: part.range.from.max(range.from), to: part.range.to };
        self.coming = self.rosters.of_run(part.run.id, whole).into_iter().cloned().collect();
        if let Some(range) = range.intersect(&part.range) {
            let reader = self.reader;
            let mut each = |row: &MinuteSamples| self.take(row, &part.run, take);
            let damage = reader.for_each_minute_of(part.run.id, range, &mut each)?;
            self.damage.rows += damage.rows;
        }
        self.flush(&part.run, take);
        for change in std::mem::take(&mut self.coming) {
            take(ReplayStep::Roster(&change));
        }
        if let Some(how) = part.end {
            take(ReplayStep::End(&part.run, how));
        }
        Ok(())
    }

    fn take(&mut self, row: &MinuteSamples, run: &Run, take: &mut dyn FnMut(ReplayStep<'_>)) {
        if self.minute != Some(row.minute) {
            self.flush(run, take);
            self.minute = Some(row.minute);
        }
        self.samples.extend_from_slice(&row.samples);
    }

    fn flush(&mut self, run: &Run, take: &mut dyn FnMut(ReplayStep<'_>)) {
        self.samples.sort_by_key(|m| (m.sent_at, m.target));
        for m in std::mem::take(&mut self.samples) {
            self.give_events_until(m.sent_at, run, take);
            while let Some(change) = self.coming.pop_front_if(|change| change.from <= m.sent_at) {
                take(ReplayStep::Roster(&change));
            }
            take(ReplayStep::Measured(&m));
        }
    }

    fn give_events_until(
        &mut self,
        at: Timestamp,
        run: &Run,
        take: &mut dyn FnMut(ReplayStep<'_>),
    ) {
        if run.is_import() {
            return;
        }
        while let Some(event) = self.events.pop_front_if(|event| event.at <= at) {
            let unknown = BootTime::from_micros(0);
            let boot = run.boot.map_or(unknown, |boot| boot + event.at.since(run.started));
            let at = Reading { utc: event.at, boot, monotonic_us: boot.as_micros() };
            take(ReplayStep::Host(&HostEvent { at, what: event.what }));
        }
    }
}
