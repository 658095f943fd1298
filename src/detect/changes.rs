//! What a live detector reports: each finding when it is new, changed or withdrawn.

use super::live_detector::{Change, LiveDetector};
use crate::vocabulary::{Figures, Impairment, LinkDrop};

impl LiveDetector {
    pub(super) fn found(&self) -> Vec<LinkDrop> {
        self.provisional.drops().iter().cloned().chain(self.provisional.open_drop()).collect()
    }

    pub(super) fn report_drops(&mut self, changes: &mut Vec<Change>) {
        let found = self.found();
        let mut gone = std::mem::take(&mut self.reported);
        for drop in found {
            let news = gone.remove(&drop.key).is_none_or(|reported| differs(&reported, &drop));
            self.reported.insert(drop.key, drop.clone());
            if news {
                changes.push(Change::DropPut(drop));
            }
        }
        changes.splice(0..0, gone.into_keys().map(Change::DropWithdrawn));
        let settled = self.settled.take_settled();
        self.provisional.discard(&settled);
        for drop in settled {
            self.reported.remove(&drop.key);
            if drop.is_past() {
                self.last = Some(drop);
            }
        }
    }

    pub(super) fn report_gaps(&mut self, changes: &mut Vec<Change>) {
        const GROWTH_US: i64 = 1_000_000;
        let mut gone = std::mem::take(&mut self.reported_gaps);
        for gap in self.provisional.gaps() {
            if gone.remove(&gap.range.from).is_none_or(|reported| reported != *gap) {
                changes.push(Change::GapFound(gap.clone()));
            }
            self.reported_gaps.insert(gap.range.from, gap.clone());
        }
        if let Some(open) = self.provisional.open_gap() {
            let from = open.range.from;
            let reported = gone.remove(&from);
            let is_news = reported.as_ref().is_none_or(|reported| {
                reported.reason != open.reason
                    || open.range.to.micros_since(reported.range.to) >= GROWTH_US
            });
            if is_news {
                changes.push(Change::GapGrew(open.clone()));
            }
            let shown = if is_news { open } else { reported.unwrap_or(open) };
            self.reported_gaps.insert(from, shown);
        }
        changes.splice(0..0, gone.into_keys().map(Change::GapWithdrawn));
        let settled = self.settled.take_gaps();
        self.provisional.discard_gaps(&settled);
        for gap in settled {
            self.reported_gaps.remove(&gap.range.from);
        }
    }

    /// An impairment that lasts is reported when it begins, when it turns out to be of another kind,
    /// and when it is over: until then its figures grow with every probe.
    pub(super) fn report_impairments(&mut self, changes: &mut Vec<Change>) {
        changes.extend(self.over.drain(..).map(Change::ImpairmentPut));
        let numbers = self.settled.impairment_numbers().iter().copied();
        for (number, found) in numbers.zip(self.settled.impairments()) {
            let news = match self.reported_impairments.get(&number) {
                None => true,
                Some(reported) => is_news(reported, found),
            };
            if news {
                self.reported_impairments.insert(number, found.clone());
                changes.push(Change::ImpairmentPut(found.clone()));
            }
        }
    }

    pub(super) fn report_troubles(&mut self, changes: &mut Vec<Change>) {
        let numbers = self.settled.trouble_numbers().iter().copied();
        for (number, trouble) in numbers.zip(self.settled.troubles()) {
            let over = trouble.to.is_some();
            if self.reported_troubles.insert(number, over) != Some(over) {
                changes.push(Change::TroublePut(trouble.clone()));
            }
        }
        self.settled.forget();
        self.provisional.forget();
        let numbers = self.settled.trouble_numbers();
        self.reported_troubles.retain(|number, _| numbers.binary_search(number).is_ok());
        let numbers = self.settled.impairment_numbers();
        self.reported_impairments.retain(|number, _| numbers.binary_search(number).is_ok());
    }
}

/// Whether more is known of an impairment than figures that grow.
fn is_news(reported: &Impairment, found: &Impairment) -> bool {
    let other_server = |impairment: &Impairment| match impairment.figures {
        Figures::Dns(figures) => figures.answering,
        _ => None,
    };
    let shown = |i: &Impairment| (i.end, i.onset, i.figures.kind(), other_server(i));
    shown(reported) != shown(found)
}

/// A drop that lasts differs when it is another drop or lies elsewhere: it grows every second, and
/// whoever shows it computes its length. One that is over differs in anything.
fn differs(reported: &LinkDrop, now: &LinkDrop) -> bool {
    if reported.end.is_some() || now.end.is_some() {
        return reported != now;
    }
    (reported.kind, &reported.places, reported.flaps, reported.onset)
        != (now.kind, &now.places, now.flaps, now.onset)
}
