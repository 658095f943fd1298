//! What web requests say while all anchors are silent: nothing works (a drop), they are answered
//! rightly (ICMP is filtered, the link is up), or somebody else answers (a captive portal).
//!
//! Only connectivity checks count, for which the right answer is known. The first result inside a
//! silence decides what it is; three in a row that say otherwise split it, so that a real outage
//! behind an hour of filtered ICMP is told as one. Where this host has no way to the anchors, or some
//! of their answers come in, ICMP is not filtered whatever the web says. An answer counts when it came while the anchors
//! were still silent: a connection that is tried again may succeed just after a drop.

use std::collections::VecDeque;

use super::silence::Stretch;
use super::steady::Moment;
use crate::vocabulary::Counts;

/// Results in a row that change what a silence is.
const TURN: u32 = 3;
/// Results kept while no silence lasts, in microseconds: longer than a silence takes to be a drop.
const KEEP: i64 = 120_000_000;

/// What a silence of the anchors is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Nature {
    /// Nothing got through: a drop.
    #[default]
    Down,
    /// Web requests were answered rightly.
    Filtered,
    /// Somebody else answered web requests.
    Portal,
}

/// What one web request shows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shown {
    pub(super) sent: Moment,
    /// When it was known: for an answer its receipt.
    pub(super) known: Moment,
    pub(super) nature: Nature,
}

/// What a look at the web results changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The whole silence is no drop.
    Whole,
    /// Until `last` it was what it was, from `at` on it is something else.
    Split {
        /// The last result that bore out what it was.
        last: Moment,
        /// The first of those that say otherwise: sent if it failed, known if it was answered.
        at: Moment,
    },
}

/// The web results, and what they say of the silence that lasts.
#[derive(Debug, Clone, Default)]
pub(super) struct Web {
    recent: VecDeque<Shown>,
    nature: Nature,
    /// Last result that bore the nature out; `None` while there was no result at all.
    borne: Option<Moment>,
    counts: Counts,
    against: Option<Against>,
    /// The last anchor probe did not leave this host.
    held_back: bool,
    /// When the last anchor probe was sent that was answered, on the steady axis.
    answered: i64,
}

/// Results that say otherwise, in a row.
#[derive(Debug, Clone, Copy)]
struct Against {
    nature: Nature,
    first: Moment,
    count: u32,
    last: Moment,
}

impl Web {
    /// An anchor probe was answered or not, or this host could not send it.
    pub(super) fn on_anchor(&mut self, at: Moment, answered: bool, held_back: bool) {
        self.held_back = held_back;
        if answered {
            self.answered = at.steady;
        }
    }

    /// Takes a result; whether it shows that somebody is there.
    pub(super) fn on_shown(&mut self, shown: Shown) -> bool {
        // What is answered where the anchors have no way took another, over IPv6.
        if self.held_back && shown.nature != Nature::Down {
            return false;
        }
        let old = shown.sent.steady - KEEP;
        while self.recent.front().is_some_and(|known| known.sent.steady < old) {
            self.recent.pop_front();
        }
        self.recent.push_back(shown);
        shown.nature != Nature::Down
    }

    /// What the silence that lasts, or the one closed last, is.
    pub(super) fn nature(&self) -> Nature {
        self.nature
    }

    /// Results that bear it out, of all in it.
    pub(super) fn counts(&self) -> Counts {
        self.counts
    }

    /// A silence begins.
    pub(super) fn open(&mut self) {
        (self.nature, self.borne, self.against) = (Nature::Down, None, None);
        self.counts = Counts::default();
    }

    /// Looks at what came in since.
    pub(super) fn look(&mut self, stretch: &Stretch) -> Option<Turn> {
        let last = stretch.last.steady;
        while let Some(shown) = self
            .recent
            .pop_front_if(|s| s.known.steady <= last || s.sent.steady < stretch.first.steady)
        {
            if shown.sent.steady < stretch.first.steady {
                continue;
            }
            // Where stray replies come in ICMP is not filtered: TCP has tried again till it got
            // through.
            if shown.nature == Nature::Filtered && self.answered >= stretch.first.steady {
                continue;
            }
            if let Some(turn) = self.weigh(&shown) {
                return Some(turn);
            }
        }
        None
    }

    fn weigh(&mut self, shown: &Shown) -> Option<Turn> {
        self.counts.sent += 1;
        let Some(borne) = self.borne else {
            self.borne = Some(shown.known);
            self.nature = shown.nature;
            self.counts.bearing = 1;
            return (shown.nature != Nature::Down).then_some(Turn::Whole);
        };
        if shown.nature == self.nature {
            self.borne = Some(shown.known);
            self.counts.bearing += 1;
            self.against = None;
            return None;
        }
        // One that fails found nothing from its sending on; one that is answered may have been sent
        // before there was a way, and tried again till there was.
        let first = if shown.nature == Nature::Down { shown.sent } else { shown.known };
        let fresh = Against { nature: shown.nature, first, count: 0, last: shown.known };
        let against = self.against.get_or_insert(fresh);
        if against.nature != shown.nature {
            *against = fresh;
        }
        against.count += 1;
        against.last = shown.known;
        let against = *against;
        (against.count >= TURN).then_some(Turn::Split { last: borne, at: against.first })
    }

    /// Goes on as what those that said otherwise say.
    pub(super) fn turn(&mut self) {
        if let Some(against) = self.against.take() {
            self.nature = against.nature;
            self.borne = Some(against.last);
            self.counts = Counts { bearing: against.count, sent: against.count };
        }
    }
}
