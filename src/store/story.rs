//! The chronological order of the runs of a record.
//!
//! Runs of the daemon follow each other by number: their UTC may run backwards where the clock was
//! set back. Runs that were taken over from another file have later numbers, whenever they were
//! measured; their UTC places them in time that was not observed here, between two runs or inside one.

use crate::text::order::InOrder;
use crate::time::{Micros, TimeRange, Timestamp};
use crate::vocabulary::{Run, RunEnd};

/// A run, or the part of one on one side of what was taken over from another file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPart {
    /// The run as it is presented to a detector: where another machine continued to observe, its boot
    /// is that of the previous run, as far as UTC shows, so that nothing is cut where nothing is missing.
    pub run: Run,
    /// The samples of the run that are of this part.
    pub range: TimeRange,
    /// How the run ended; `None` where it did not, or goes on in a later part.
    pub end: Option<RunEnd>,
}

impl RunPart {
    /// All of a run.
    pub fn whole(run: Run) -> Self {
        Self { range: TimeRange::EVER, end: run.ended, run }
    }

    /// Ends it where `inside` lies in it; returns the part that follows.
    fn split_off(&mut self, inside: &Run) -> Self {
        // Nothing was sent here between its ends; at its very ends something may have been.
        let middle = middle(inside);
        let mut behind = self.clone();
        behind.range.from = middle;
        // A detector's time never runs back: the run goes on from there.
        let later = inside.last_seen.since(self.run.started);
        behind.run.boot = self.run.boot.map(|boot| boot + later);
        behind.run.started = inside.last_seen;
        self.range.to = middle;
        self.end = None;
        behind
    }

    /// When it was watched: the part's share of the life of the run.
    pub fn span(&self) -> TimeRange {
        let from = self.run.started.max(self.range.from);
        TimeRange { from, to: self.run.last_seen.min(self.range.to).max(from) }
    }
}

/// Whether a run was measured by another linkmon and taken over from its file.
fn is_merged(run: &Run) -> bool {
    run.ended == Some(RunEnd::Merged)
}

fn middle(run: &Run) -> Timestamp {
    run.started.plus_micros(run.last_seen.micros_since(run.started) / 2)
}

/// Puts runs, which come by number, in the order of their story.
pub fn story(runs: Vec<Run>) -> Vec<RunPart> {
    let (mut merged, ours): (Vec<Run>, Vec<Run>) = runs.into_iter().partition(is_merged);
    merged.order_by_key(|run| (run.started, run.id));
    // After the last run that began before it, by number.
    let place = |run: &Run| ours.iter().rposition(|o| o.started <= run.started);
    let mut between: Vec<(Option<usize>, Run)> =
        merged.into_iter().map(|run| (place(&run), run)).collect();
    between.order_by_key(|(place, _)| *place);
    let mut between = between.into_iter().peekable();
    let mut parts = Vec::new();
    while let Some((_, run)) = between.next_if(|(place, _)| place.is_none()) {
        parts.push(RunPart::whole(run));
    }
    for (n, run) in ours.iter().enumerate() {
        let mut rest = RunPart::whole(run.clone());
        while let Some((_, inside)) = between.next_if(|(place, _)| *place == Some(n)) {
            if middle(&inside) < run.last_seen {
                let behind = rest.split_off(&inside);
                parts.push(std::mem::replace(&mut rest, behind));
            } else if rest.range.from < rest.range.to {
                parts.push(rest.clone());
                rest.range.from = rest.range.to;
            }
            parts.push(RunPart::whole(inside));
        }
        if rest.range.from < rest.range.to {
            parts.push(rest);
        }
    }
    BootClocks::default().agree(&mut parts);
    parts
}

/// The boot of the previous run as it was presented, and how boots of other machines are presented.
#[derive(Default)]
struct BootClocks {
    before: Option<Run>,
    /// This boot is presented as another one, this many microseconds later.
    alias: Option<(String, String, Micros)>,
}

impl BootClocks {
    fn agree(&mut self, parts: &mut [RunPart]) {
        for part in parts {
            self.tell(&mut part.run);
            self.before = Some(part.run.clone());
        }
    }

    fn tell(&mut self, run: &mut Run) {
        let (Some(id), Some(boot)) = (run.boot_id.clone(), run.boot) else { return };
        let Some(before) = &self.before else { return };
        let (Some(told), Some(then)) = (&before.boot_id, before.boot) else { return };
        if let Some((_, other, later)) = self.alias.as_ref().filter(|(known, ..)| *known == id) {
            (run.boot_id, run.boot) = (Some(other.clone()), Some(boot + *later));
        } else if *told != id && (is_merged(run) || is_merged(before)) {
            let now = then + run.started.since(before.started);
            self.alias = Some((id, told.clone(), now.since(boot)));
            (run.boot_id, run.boot) = (Some(told.clone()), Some(now));
        } else {
            self.alias = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::BootTime;

    fn run(id: i64, boot: &str, from: i64, to: i64, ended: RunEnd) -> Run {
        Run {
            id,
            started: Timestamp::from_seconds(from),
            boot: Some(BootTime::from_micros((from - 7) * 1_000_000)),
            boot_id: Some(boot.to_owned()),
            last_seen: Timestamp::from_seconds(to),
            ended: Some(ended),
        }
    }

    /// `1`, `2+` where a run goes on later, with the span in seconds.
    fn told(parts: &[RunPart]) -> Vec<String> {
        let s = |at: Timestamp| at.as_micros() / 1_000_000;
        let one = |part: &RunPart| {
            let more = if part.end.is_none() { "+" } else { "" };
            format!("{}{more} {}-{}", part.run.id, s(part.span().from), s(part.span().to))
        };
        parts.iter().map(one).collect()
    }

    #[test]
    fn what_was_taken_over_stands_where_nobody_watched() {
        let parts = story(vec![
            run(1, "a", 100, 200, RunEnd::Clean),
            run(2, "a", 300, 900, RunEnd::Crash),
            run(3, "b", 500, 600, RunEnd::Merged),
            run(4, "b", 220, 280, RunEnd::Merged),
            run(5, "b", 10, 90, RunEnd::Merged),
            run(6, "b", 700, 720, RunEnd::Merged),
            run(7, "b", 950, 990, RunEnd::Merged),
        ]);
        assert_eq!(
            told(&parts),
            [
                "5 10-90",
                "1 100-200",
                "4 220-280",
                "2+ 300-550",
                "3 500-600",
                "2+ 600-710",
                "6 700-720",
                "2 720-900",
                "7 950-990"
            ]
        );
        assert!(parts.iter().all(|part| part.run.boot_id.as_deref() == Some("b")));
        let axis =
            |part: &RunPart| part.run.boot.unwrap().as_micros() - part.run.started.as_micros();
        assert!(parts.iter().all(|part| axis(part) == axis(&parts[0])), "one boot, one clock");
    }

    #[test]
    fn runs_of_one_machine_keep_their_order_and_their_boots() {
        // The second after a restart, the third after the clock was put back.
        let runs = vec![
            run(1, "a", 1_000, 2_000, RunEnd::Crash),
            run(2, "b", 2_100, 2_200, RunEnd::ClockStep),
            run(3, "b", 500, 700, RunEnd::Clean),
        ];
        let parts = story(runs.clone());
        assert_eq!(parts.iter().map(|part| part.run.clone()).collect::<Vec<_>>(), runs);
        assert!(parts.iter().all(|part| part.range == TimeRange::EVER && part.end.is_some()));
    }
}
