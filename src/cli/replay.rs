//! `linkmon replay`: the detector over the stored measurements. Nothing is written.

use std::collections::VecDeque;
use std::time::Duration;

use anyhow::Context as _;

use super::args::ReplayArgs;
use super::context::Context;
use super::failure::Usage;
use super::list::{List, was_observed};
use crate::detect::{Detector, LinkDrop, Parameters, Run};
use crate::measurement::Measurement;
use crate::probe::HostEvent;
use crate::store::rows::{StoredDrop, StoredEvent};
use crate::store::{self, Reader};
use crate::time::{BootTime, Reading, TimeRange, Timestamp};

pub(super) fn replay(args: &ReplayArgs, context: &Context) -> anyhow::Result<()> {
    let parameters = args.thresholds.over(&context.config().detect);
    check(&parameters)?;
    let reader = context.reader()?;
    let period = context.period(&args.period, &reader)?;
    let stored = reader.drops(period)?;
    let found = found_anew(&reader, period, &parameters).context("replay the measurements")?;
    let numbered = found.into_iter().map(|drop| {
        let known = stored.iter().find(|s| s.drop.key == drop.key);
        StoredDrop { id: known.map_or(0, |s| s.id), drop }
    });
    let list = List {
        drops: numbered.collect(),
        targets: &reader.targets()?,
        period,
        zone: &context.zone,
        parameters: &parameters,
        was_observed: was_observed(&reader, period)?,
    };
    list.print(&args.list)
}

fn check(p: &Parameters) -> Result<(), Usage> {
    if p.blip_after >= p.drop_after || p.drop_after >= p.outage_after {
        return Err(Usage::new(
            "the thresholds must rise: --blip-after, --drop-after, --outage-after",
        ));
    }
    Ok(())
}

/// Before the period, so that the detector knows the link's usual delays when it begins.
const WARM_UP: Duration = Duration::from_secs(3_600);

/// The drops that overlap the period by their widest bounds.
fn found_anew(
    reader: &Reader,
    period: TimeRange,
    parameters: &Parameters,
) -> Result<Vec<LinkDrop>, store::Error> {
    // A drop that reaches into the period is seen from its begin.
    let first = reader.drops(period)?.iter().map(|s| s.drop.onset.earliest).min();
    let from = first.unwrap_or(period.from).min(period.from) - WARM_UP;
    let read = TimeRange { from, to: period.to };
    let mut replay = Replay {
        detector: Detector::new(parameters.clone()),
        runs: reader.runs(read)?.into(),
        current: None,
        events: reader.events(read)?.into(),
    };
    replay.detector.set_targets(&reader.targets()?);
    let mut minute: Vec<Measurement> = Vec::new();
    let mut key = None;
    reader.for_each_minute(read, &mut |rows| {
        if key != Some((rows.run, rows.minute)) {
            if let Some((run, _)) = key {
                replay.feed(run, &mut minute);
            }
            key = Some((rows.run, rows.minute));
        }
        minute.extend(rows.samples.iter().filter(|s| read.contains(s.sent_at)).cloned());
    })?;
    if let Some((run, _)) = key {
        replay.feed(run, &mut minute);
    }
    replay.detector.finish();
    let overlaps = |drop: &&LinkDrop| {
        drop.onset.earliest < period.to && drop.end.is_none_or(|end| end.latest > period.from)
    };
    Ok(replay.detector.drops().iter().filter(overlaps).cloned().collect())
}

struct Replay {
    detector: Detector,
    /// Not begun yet, by number.
    runs: VecDeque<Run>,
    current: Option<Run>,
    /// Not told yet, by time.
    events: VecDeque<StoredEvent>,
}

impl Replay {
    /// Gives the detector the measurements of one minute of this run, in the order they were sent.
    fn feed(&mut self, run: i64, minute: &mut Vec<Measurement>) {
        while self.runs.front().is_some_and(|next| next.id <= run) {
            self.end_run();
            self.current = self.runs.pop_front();
            if let Some(begun) = &self.current {
                self.detector.begin_run(begun);
            }
        }
        minute.sort_by_key(|m| (m.sent_at, m.target));
        for measurement in minute.drain(..) {
            self.tell_events_until(measurement.sent_at);
            self.detector.on_measurement(&measurement);
        }
    }

    fn end_run(&mut self) {
        if let Some(run) = self.current.take()
            && let Some(how) = run.ended
        {
            self.detector.end_run(run.last_seen, how);
        }
    }

    fn tell_events_until(&mut self, at: Timestamp) {
        while self.events.front().is_some_and(|event| event.at <= at) {
            let Some(StoredEvent { at, what }) = self.events.pop_front() else { return };
            let boot = self.current.as_ref().and_then(|run| {
                run.boot.map(|boot| BootTime(boot.0 + at.micros_since(run.started)))
            });
            let boot = boot.unwrap_or(BootTime(at.as_micros()));
            let at = Reading { utc: at, boot, monotonic_us: boot.0 };
            self.detector.on_host(&HostEvent { at, what });
        }
    }
}
