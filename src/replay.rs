//! The stored record, read again in the order in which it was sent: what the daemon judged live is
//! judged once more, with the same or with other thresholds.

use std::collections::VecDeque;

use crate::detect::{Run, RunEnd};
use crate::measurement::Measurement;
use crate::probe::HostEvent;
use crate::store::rows::{Damage, MinuteSamples, StoredEvent};
use crate::store::{Error, Reader};
use crate::time::{BootTime, Reading, TimeRange, Timestamp};

/// One step of a replay.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step<'a> {
    /// A run begins.
    Begin(&'a Run),
    /// A measurement of the present run, in the order of send times.
    Measured(&'a Measurement),
    /// Something happened to the host in the present run.
    Host(&'a HostEvent),
    /// The present run ended, and how.
    End(&'a Run, RunEnd),
}

/// Gives `take` the runs, measurements and host events of `range`: runs by number, within a run by
/// time. Imported runs are among them ([`is_import`]): they are stories of their own.
///
/// # Errors
/// When the record cannot be read.
pub fn each_step(
    reader: &Reader,
    range: TimeRange,
    take: &mut dyn FnMut(Step<'_>),
) -> Result<Damage, Error> {
    let runs = reader.runs(range)?;
    let mut order = Order {
        runs: &runs,
        next: 0,
        open: None,
        minute: None,
        samples: Vec::new(),
        events: reader.events(range)?.into(),
    };
    let damage = reader.for_each_minute(range, &mut |minute| order.take(minute, take))?;
    order.flush(take);
    order.begin_up_to(None, take);
    order.end_open(take);
    Ok(damage)
}

/// Whether a run was made by another tool and imported.
pub fn is_import(run: &Run) -> bool {
    run.ended == Some(RunEnd::Import)
}

/// Merges the rows of all targets of one minute, and puts the runs between them.
struct Order<'a> {
    runs: &'a [Run],
    next: usize,
    open: Option<&'a Run>,
    minute: Option<(i64, i64)>,
    samples: Vec<Measurement>,
    /// Not told yet, by time.
    events: VecDeque<StoredEvent>,
}

impl Order<'_> {
    fn take(&mut self, row: &MinuteSamples, take: &mut dyn FnMut(Step<'_>)) {
        let key = (row.run, row.minute);
        if self.minute != Some(key) {
            self.flush(take);
            self.minute = Some(key);
            self.begin_up_to(Some(row.run), take);
        }
        self.samples.extend_from_slice(&row.samples);
    }

    fn flush(&mut self, take: &mut dyn FnMut(Step<'_>)) {
        self.samples.sort_by_key(|m| (m.sent_at, m.target));
        for m in std::mem::take(&mut self.samples) {
            self.tell_events_until(m.sent_at, take);
            take(Step::Measured(&m));
        }
    }

    /// Begins all runs up to the one with this number, or all that are left; a run without samples
    /// is told as well, since its end says why nobody watched.
    fn begin_up_to(&mut self, last: Option<i64>, take: &mut dyn FnMut(Step<'_>)) {
        while let Some(run) = self.runs.get(self.next)
            && last.is_none_or(|last| run.id <= last)
        {
            self.end_open(take);
            take(Step::Begin(run));
            self.open = Some(run);
            self.next += 1;
        }
    }

    fn end_open(&mut self, take: &mut dyn FnMut(Step<'_>)) {
        if let Some(run) = self.open.take()
            && let Some(how) = run.ended
        {
            take(Step::End(run, how));
        }
    }

    fn tell_events_until(&mut self, at: Timestamp, take: &mut dyn FnMut(Step<'_>)) {
        let Some(run) = self.open.filter(|run| !is_import(run)) else { return };
        while let Some(event) = self.events.pop_front_if(|event| event.at <= at) {
            let boot = run.boot.map_or(0, |boot| boot.0 + event.at.micros_since(run.started));
            let at = Reading { utc: event.at, boot: BootTime(boot), monotonic_us: boot };
            take(Step::Host(&HostEvent { at, what: event.what }));
        }
    }
}
