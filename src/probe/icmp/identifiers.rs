//! Which ICMP identifier is in use, and when another one asks too.
//!
//! A home's router keeps an entry for each identifier and address. One that outlives the address of
//! the line swallows all requests of an identifier, while a fresh one gets through. So when all
//! anchors of a family fall silent together for [`ASK_AFTER`], each of their slots is asked a second
//! time, with an identifier that was never used before. The first identifier to be answered is the one
//! used from then on. If it is a fresh one, the one before is asked a little longer, to learn whether
//! the line was dead or only its entry. The identifier also changes once a day at a random moment, for
//! then no entry grows old, and when this host's addresses change. Pure: time is an argument.

use std::collections::VecDeque;

use crate::probe::inflight::{Asked, MatchedAnswer};
use crate::time::{BootTime, Micros};
use crate::vocabulary::TargetId;

/// All anchors are silent for this long: a fresh identifier asks, too.
const ASK_AFTER: Micros = Micros::from_seconds(3);
/// So long after the first fresh request, nothing is taken for lost: it may be the entry.
pub(crate) const HOLD: Micros = Micros::from_millis(1_200);
/// Slots within [`HOLD`] that the fresh identifier alone gets answered show that the silence before
/// was the entry's.
const ENOUGH_AT_ONCE: usize = 2;
/// Slots that the new identifier alone gets answered show that the entry of the old one is dead.
const ENOUGH: usize = 8;
/// An answer is expected within this.
const PATIENCE: Micros = Micros::from_seconds(3);
/// A comparison that has shown nothing by then never will.
const GIVE_UP: Micros = Micros::MINUTE;
const DAY: Micros = Micros::from_seconds(86_400);
/// Requests without an answer that are remembered.
const REMEMBERED: usize = 64;

/// With which other identifier a slot is asked, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OtherIdentifier {
    /// One that was never used before.
    Fresh,
    /// The one used before.
    Former,
}

/// What a look shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Finding {
    /// All anchors have been silent for a second.
    Silent,
    /// All anchors are silent: from now on fresh identifiers ask, too.
    Asking,
    /// The line was not dead: what was sent since then only met a dead entry of the router.
    OnlyTheEntry(BootTime),
    /// The silence is no matter of one entry, as far as is known.
    NotTheEntry,
    /// Fresh identifiers are not answered either.
    FreshUnanswered,
    /// The router has kept a dead entry for the identifier used before.
    DeadEntry,
    /// The identifier has been in use for long enough.
    Change,
}

/// A slot that was asked with two identifiers.
#[derive(Debug)]
struct Pair {
    number: u64,
    sent: BootTime,
    /// Which of its requests was sent with the fresh identifier.
    fresh: Asked,
    /// Whether the identifier in use before the fresh one was answered, and whether that one was.
    old: bool,
    new: bool,
}

#[derive(Debug)]
enum IdentifierPhase {
    /// One identifier asks.
    Sole,
    /// Each slot of an anchor is asked with a fresh one, too.
    Asking { silent_since: BootTime, first: Option<BootTime>, reported: bool, held: bool },
    /// A fresh one was answered and is in use; the former is asked, too.
    Comparing { since: BootTime, silent_since: BootTime, held_until: Option<BootTime> },
}

/// The identifiers of one family.
#[derive(Debug)]
pub(crate) struct IdentifierWatch {
    anchors: Vec<TargetId>,
    /// When the last answer of an anchor was received.
    heard: Option<BootTime>,
    /// What was sent to anchors since the last one that was answered.
    unanswered: VecDeque<(BootTime, TargetId)>,
    pairs: VecDeque<Pair>,
    phase: IdentifierPhase,
    day: BootTime,
    change_at: BootTime,
    change_asked: bool,
    is_silence_reported: bool,
}

impl IdentifierWatch {
    /// Begins with an identifier of `now`.
    pub(crate) fn new(now: BootTime) -> Self {
        Self {
            anchors: Vec::new(),
            heard: None,
            unanswered: VecDeque::new(),
            pairs: VecDeque::new(),
            phase: IdentifierPhase::Sole,
            day: now,
            change_at: within_day(now),
            change_asked: false,
            is_silence_reported: false,
        }
    }

    /// Watches these anchors from now on.
    pub(crate) fn set_anchors(&mut self, anchors: Vec<TargetId>) {
        self.unanswered.retain(|(_, target)| anchors.contains(target));
        self.anchors = anchors;
    }

    /// The identifier is to change at the next opportunity.
    pub(crate) fn ask_for_change(&mut self) {
        self.change_asked = true;
    }

    /// The machine slept: what was silent then says nothing.
    pub(crate) fn forget(&mut self) {
        self.heard = None;
        self.unanswered.clear();
        self.pairs.clear();
        self.phase = IdentifierPhase::Sole;
    }

    /// The slot of a target was sent.
    pub(crate) fn on_sent(&mut self, target: TargetId, at: BootTime) {
        if self.anchors.contains(&target) && self.unanswered.len() < REMEMBERED {
            self.unanswered.push_back((at, target));
        }
    }

    /// With which other identifier a slot of this target is to be asked, too.
    pub(crate) fn other(&self, target: TargetId) -> Option<OtherIdentifier> {
        match self.phase {
            _ if !self.anchors.contains(&target) => None,
            IdentifierPhase::Sole => None,
            IdentifierPhase::Asking { .. } => Some(OtherIdentifier::Fresh),
            IdentifierPhase::Comparing { .. } => Some(OtherIdentifier::Former),
        }
    }

    /// A slot was asked with two identifiers. Until when no loss is to be reported, where that is new.
    pub(crate) fn on_sent_again(&mut self, number: u64, at: BootTime) -> Option<BootTime> {
        let fresh = match self.phase {
            IdentifierPhase::Comparing { .. } => Asked::First,
            _ => Asked::Second,
        };
        self.pairs.push_back(Pair { number, sent: at, fresh, old: false, new: false });
        if self.pairs.len() > REMEMBERED {
            self.pairs.pop_front();
        }
        match &mut self.phase {
            IdentifierPhase::Asking { first: first @ None, held, .. } => {
                (*first, *held) = (Some(at), true);
                Some(at + HOLD)
            }
            _ => None,
        }
    }

    /// An answer came in. Whether the identifier that it was sent to is the one in use from now on.
    pub(crate) fn on_answer(&mut self, answer: &MatchedAnswer, now: BootTime) -> bool {
        if !self.anchors.contains(&answer.target) {
            return false;
        }
        self.heard = self.heard.max(Some(answer.received));
        self.unanswered.retain(|(sent, _)| *sent > answer.sent);
        if !answer.is_in_time {
            return false;
        }
        let pair = self.pairs.iter_mut().rev().find(|pair| pair.number == answer.number);
        if let Some(pair) = pair {
            if answer.asked == pair.fresh {
                pair.new = true;
            } else {
                pair.old = true;
            }
        }
        match self.phase {
            IdentifierPhase::Asking { silent_since, first, held, .. }
                if answer.asked == Asked::Second =>
            {
                let held_until = first.filter(|_| held).map(|first| first + HOLD);
                self.phase = IdentifierPhase::Comparing { since: now, silent_since, held_until };
                true
            }
            // An answer to what had been sent long before the silence was noticed shows that as well.
            IdentifierPhase::Asking { .. } => {
                self.end();
                false
            }
            IdentifierPhase::Sole | IdentifierPhase::Comparing { .. } => false,
        }
    }

    /// Looks at what has come by `now`; `read` is when everything that had arrived was read.
    pub(crate) fn look(&mut self, now: BootTime, read: BootTime) -> Option<Finding> {
        let silence = self.silence(read);
        let is_silent = silence >= Micros::SECOND && self.all_are_silent();
        if std::mem::replace(&mut self.is_silence_reported, is_silent) != is_silent && is_silent {
            return Some(Finding::Silent);
        }
        match &mut self.phase {
            IdentifierPhase::Sole => {
                if silence >= ASK_AFTER && self.all_are_silent() {
                    let silent_since = self.unanswered.front().map_or(now, |(sent, _)| *sent);
                    self.pairs.clear();
                    self.phase = IdentifierPhase::Asking {
                        silent_since,
                        first: None,
                        reported: false,
                        held: false,
                    };
                    return Some(Finding::Asking);
                }
                self.changes(now, silence)
            }
            IdentifierPhase::Asking { first: Some(first), reported, held, .. } => {
                if *held && now >= *first + HOLD {
                    *held = false;
                    return Some(Finding::NotTheEntry);
                }
                if !*reported && read.since(*first) > PATIENCE {
                    *reported = true;
                    return Some(Finding::FreshUnanswered);
                }
                None
            }
            IdentifierPhase::Asking { first: None, .. } => None,
            IdentifierPhase::Comparing { .. } => self.compare(now, read, silence),
        }
    }

    fn compare(&mut self, now: BootTime, read: BootTime, silence: Micros) -> Option<Finding> {
        let IdentifierPhase::Comparing { since, silent_since, held_until } = &mut self.phase else {
            return None;
        };
        let is_alive = self.pairs.iter().any(|pair| pair.old);
        let alone = |old_enough: Micros| {
            let counts = |pair: &&Pair| pair.new && read.since(pair.sent) >= old_enough;
            self.pairs.iter().filter(counts).count()
        };
        if let Some(until) = *held_until
            && (is_alive || now >= until)
        {
            *held_until = None;
            if !is_alive && alone(Micros::ZERO) >= ENOUGH_AT_ONCE {
                return Some(Finding::OnlyTheEntry(*silent_since));
            }
            return Some(Finding::NotTheEntry);
        }
        if is_alive || now.since(*since) >= GIVE_UP {
            self.end();
            return None;
        }
        if alone(PATIENCE) >= ENOUGH {
            self.end();
            return Some(Finding::DeadEntry);
        }
        if silence >= ASK_AFTER {
            // Silent again: whatever it was, it is not that entry.
            self.end();
        }
        None
    }

    fn end(&mut self) {
        self.pairs.clear();
        self.phase = IdentifierPhase::Sole;
    }

    /// Never during a silence: what is being found out is about this identifier.
    fn changes(&mut self, now: BootTime, silence: Micros) -> Option<Finding> {
        let is_due = self.change_asked || now >= self.change_at;
        if !is_due || silence >= Micros::SECOND {
            return None;
        }
        self.change_asked = false;
        if now >= self.change_at {
            self.day = self.day + DAY;
            if now >= self.day + DAY {
                self.day = now;
            }
            self.change_at = within_day(self.day).max(now);
        }
        Some(Finding::Change)
    }

    /// How long no anchor has been heard, although they were asked.
    pub(crate) fn silence(&self, read: BootTime) -> Micros {
        let Some((first, _)) = self.unanswered.front() else { return Micros::ZERO };
        let since = match self.heard {
            // Not asked for a while is not silent.
            Some(heard) if *first <= heard + Micros::SECOND => heard.min(*first),
            _ => *first,
        };
        read.since(since)
    }

    fn all_are_silent(&self) -> bool {
        let is_silent = |anchor| self.unanswered.iter().any(|(_, target)| target == anchor);
        !self.anchors.is_empty() && self.anchors.iter().all(is_silent)
    }

    /// Whether what has arrived is to be read at `now`, because it decides whether this is a silence.
    pub(crate) fn wants_reading(&self, now: BootTime) -> bool {
        /// Longer than answers wait to be read while they come.
        const NOTICED: Micros = Micros::from_millis(1_300);
        let silence = self.silence(now);
        !matches!(self.phase, IdentifierPhase::Sole)
            || silence >= ASK_AFTER
            || (silence >= NOTICED && !self.is_silence_reported)
    }
}

/// A random moment of the day that begins then.
fn within_day(day: BootTime) -> BootTime {
    day + Micros::new(fastrand::i64(0..DAY.as_i64()))
}

#[cfg(test)]
mod tests;
