//! What web requests say while all anchors are silent: nothing works (a drop), they are answered
//! correctly (ICMP is filtered, the link is up), or something else answers (a captive portal).
//!
//! Only connectivity checks count, for which the right answer is known. The first result inside a
//! silence decides what it is; three in a row that say otherwise split it, so that a real outage
//! after an hour of filtered ICMP is reported as one. Where this host has no way to the anchors, or
//! some of their answers come in, ICMP is not filtered, whatever the web says. An answer counts
//! when it came while the anchors were still silent: a connection that is retried may succeed just
//! after a drop.

use std::collections::VecDeque;

use crate::detect::link::stretch::SilentStretch;
use crate::detect::monotonic::Moment;
use crate::detect::place::evidence::Sign;
use crate::time::Micros;
use crate::vocabulary::{BearingCounts, IpVersion};

/// Results in a row that change what a silence is.
const TURN: u32 = 3;
/// Results are kept this long while there is no silence: longer than a silence takes to be a drop.
const KEEP: Micros = Micros::from_seconds(120);

/// What a silence of the anchors is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SilenceNature {
    /// Nothing got through: a drop.
    #[default]
    Down,
    /// Web requests were answered correctly.
    Filtered,
    /// Something else answered web requests.
    Portal,
    /// Two anchors or more of the other family, IPv6, answered.
    OtherFamily,
}

/// What one web request shows.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WebResult {
    pub(crate) sent: Moment,
    /// When it was known: for an answer its receipt.
    pub(crate) known: Moment,
    pub(crate) nature: SilenceNature,
}

/// An anchor of the other family that answered during the silence.
#[derive(Debug, Clone, Copy)]
struct OtherVoice {
    target: u8,
    sent: Moment,
}

/// What a look at the web results changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NatureTurn {
    /// None of the silence is a drop.
    Whole,
    /// Until `last` it was what it was; from `at` on it is something else.
    Split {
        /// The last result that confirmed what it was.
        last: Moment,
        /// The first of those that say otherwise: sent if it failed, known if it was answered.
        at: Moment,
    },
}

/// The web results, and what they say of the silence in progress.
#[derive(Debug, Clone, Default)]
pub(crate) struct WebWitness {
    recent: VecDeque<WebResult>,
    nature: SilenceNature,
    /// Last result that confirmed the nature; `None` before the first result.
    confirmed: Option<Moment>,
    counts: BearingCounts,
    against: Option<Contradiction>,
    /// The last answer of each anchor of the other family.
    voices: Vec<OtherVoice>,
    /// The last anchor probe did not leave this host.
    held_back: bool,
    /// When the last anchor probe was sent that was answered, on the monotonic time line.
    answered: Micros,
    /// Families of which a fresh ICMP identifier was not answered either, since an anchor was.
    fresh_unanswered: Vec<IpVersion>,
}

/// Results that say otherwise, in a row.
#[derive(Debug, Clone, Copy)]
struct Contradiction {
    nature: SilenceNature,
    first: Moment,
    count: u32,
    last: Moment,
}

impl WebWitness {
    /// An anchor probe was answered or not, or this host could not send it.
    pub(crate) fn on_anchor(&mut self, at: Moment, sign: Sign) {
        self.held_back = sign == Sign::LostHere;
        if sign == Sign::Answered {
            self.answered = at.mono;
            self.fresh_unanswered.clear();
        }
    }

    /// All anchors of a family are silent, and a fresh ICMP identifier is not answered either.
    pub(crate) fn on_fresh_identifier(&mut self, family: IpVersion) {
        self.fresh_unanswered.push(family);
    }

    /// Whether the anchors of a family are silent whatever the ICMP identifier: a dead entry of the
    /// router for one identifier is no filter. Not known of records made before this was asked.
    #[allow(dead_code, reason = "for the rule of filtered ICMP")]
    pub(crate) fn is_silent_to_any_identifier(&self, family: IpVersion) -> bool {
        self.fresh_unanswered.contains(&family)
    }

    /// Takes a result; returns whether it shows that the web is reachable.
    pub(crate) fn on_shown(&mut self, shown: WebResult) -> bool {
        // An answer that came while there was no way to the anchors took another one, over IPv6.
        if self.held_back && shown.nature != SilenceNature::Down {
            return false;
        }
        // Where the other family answers, the web says nothing of this one.
        if self.nature != SilenceNature::OtherFamily {
            self.recent.push_back(shown);
        }
        self.forget(shown.sent);
        shown.nature != SilenceNature::Down
    }

    /// A probe of an anchor of the other family was answered at `known`, or lost. One voice alone is
    /// no witness: another has to answer within seconds.
    pub(crate) fn on_other_family(&mut self, target: u8, sent: Moment, known: Option<Moment>) {
        const TOGETHER: Micros = Micros::from_seconds(5);
        let Some(known) = known else {
            if self.nature == SilenceNature::OtherFamily {
                self.recent.push_back(WebResult { sent, known: sent, nature: SilenceNature::Down });
            }
            return;
        };
        self.voices.retain(|voice| voice.target != target && sent.since(voice.sent) <= TOGETHER);
        if !self.voices.is_empty() {
            self.recent.push_back(WebResult { sent, known, nature: SilenceNature::OtherFamily });
        }
        self.voices.push(OtherVoice { target, sent });
        self.forget(sent);
    }

    /// What the silence in progress, or the one closed last, is.
    pub(crate) fn nature(&self) -> SilenceNature {
        self.nature
    }

    /// Results that confirm it, of all within it.
    pub(crate) fn counts(&self) -> BearingCounts {
        self.counts
    }

    fn forget(&mut self, now: Moment) {
        let old = now.mono - KEEP;
        while self.recent.front().is_some_and(|known| known.sent.mono < old) {
            self.recent.pop_front();
        }
    }

    /// A silence begins.
    pub(crate) fn open(&mut self) {
        (self.nature, self.confirmed, self.against) = (SilenceNature::Down, None, None);
        self.counts = BearingCounts::default();
    }

    /// Looks at what came in since.
    pub(crate) fn look(&mut self, stretch: &SilentStretch) -> Option<NatureTurn> {
        let last = stretch.last.mono;
        while let Some(shown) =
            self.recent.pop_front_if(|s| s.known.mono <= last || s.sent.mono < stretch.first.mono)
        {
            if shown.sent.mono < stretch.first.mono {
                continue;
            }
            // Where stray replies come in, neither ICMP nor IPv4 is blocked: TCP has retried until it
            // got through.
            let is_blocked =
                matches!(shown.nature, SilenceNature::Filtered | SilenceNature::OtherFamily);
            if is_blocked && self.answered >= stretch.first.mono {
                continue;
            }
            if let Some(turn) = self.weigh(&shown) {
                return Some(turn);
            }
        }
        None
    }

    fn weigh(&mut self, shown: &WebResult) -> Option<NatureTurn> {
        self.counts.sent += 1;
        let Some(confirmed) = self.confirmed else {
            self.confirmed = Some(shown.known);
            self.nature = shown.nature;
            self.counts.bearing = 1;
            return (shown.nature != SilenceNature::Down).then_some(NatureTurn::Whole);
        };
        if shown.nature == self.nature {
            self.confirmed = Some(shown.known);
            self.counts.bearing += 1;
            self.against = None;
            return None;
        }
        // One that failed found nothing from the moment it was sent; one that was answered may have
        // been sent before there was a way, and retried until there was.
        let first = if shown.nature == SilenceNature::Down { shown.sent } else { shown.known };
        let fresh = Contradiction { nature: shown.nature, first, count: 0, last: shown.known };
        let against = self.against.get_or_insert(fresh);
        if against.nature != shown.nature {
            *against = fresh;
        }
        against.count += 1;
        against.last = shown.known;
        let against = *against;
        (against.count >= TURN).then_some(NatureTurn::Split { last: confirmed, at: against.first })
    }

    /// Goes on with the nature that the contradicting results show.
    pub(crate) fn turn(&mut self) {
        if let Some(against) = self.against.take() {
            self.nature = against.nature;
            self.confirmed = Some(against.last);
            self.counts = BearingCounts { bearing: against.count, sent: against.count };
        }
    }
}
