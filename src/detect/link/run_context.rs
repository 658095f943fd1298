//! Which run the record is in, and what happened since the last anchor probe: the reasons of gaps.

use crate::detect::monotonic::RunCrossing;
use crate::vocabulary::{GapReason, NotSent, Run, RunEnd};

/// The run that is being read, and what came before it.
#[derive(Debug, Clone, Default)]
pub(super) struct RunContext {
    /// Since the last anchor probe.
    between: BetweenProbes,
    imported: bool,
    /// False between runs, when nothing is known about the link.
    pub(super) watching: bool,
}

/// What happened since the last anchor probe.
#[derive(Debug, Clone, Copy, Default)]
struct BetweenProbes {
    /// Why a gap here is one, when a run ended.
    crossing: Option<GapReason>,
    slept: bool,
    /// One did not leave this host, or not this home.
    refused: Option<GapReason>,
    /// How the last run ended, until the next begins.
    ended: Option<RunEnd>,
}

impl RunContext {
    /// Continues with `run`.
    pub(super) fn begin(&mut self, run: &Run, crossing: RunCrossing) {
        let ended = self.between.ended.take();
        self.imported = run.ended == Some(RunEnd::Import) || run.boot_id.is_none();
        self.between.crossing = match (crossing, ended) {
            (RunCrossing::First, _) => None,
            (_, Some(RunEnd::Import | RunEnd::Merged)) | (RunCrossing::Unknown, _) => {
                Some(GapReason::NoRecord)
            }
            (RunCrossing::OtherBoot, _) => Some(GapReason::Rebooted),
            (_, Some(RunEnd::Clean)) => Some(GapReason::Stopped),
            (_, Some(RunEnd::ClockStep)) => None,
            (_, Some(RunEnd::Crash) | None) => Some(GapReason::Crashed),
        };
        self.watching &= ended == Some(RunEnd::ClockStep);
    }

    /// The run ended.
    pub(super) fn end(&mut self, how: RunEnd) {
        self.between.ended = Some(how);
        self.watching &= how == RunEnd::ClockStep;
    }

    /// The machine slept.
    pub(super) fn on_sleep(&mut self) {
        self.between.slept = true;
    }

    /// A probe of an anchor did not leave this host, or not this home.
    pub(super) fn on_refusal(&mut self, refusal: NotSent) {
        self.between.refused = Some(match refusal {
            NotSent::DeadEntry => GapReason::DeadEntry,
            NotSent::OtherWay => GapReason::OtherWay,
            // It did leave.
            NotSent::Overflowed => GapReason::Stalled,
            _ => GapReason::NotSent,
        });
    }

    /// Why nothing was observed since the last anchor probe, if that is so.
    pub(super) fn gap_reason(&self) -> GapReason {
        match self.between.crossing {
            Some(reason) => reason,
            None if self.between.slept => GapReason::Asleep,
            None => match self.between.refused {
                Some(reason) => reason,
                None if self.imported => GapReason::NoRecord,
                None => GapReason::Stalled,
            },
        }
    }

    /// An anchor probe has been judged: what happened before it explains no later gap.
    pub(super) fn on_probe(&mut self) {
        self.between = BetweenProbes::default();
    }
}
