//! What requests other than pings say while all anchors are silent: nothing works (a drop), the
//! far side answers rightly (ICMP is filtered), or a page stands in for the web (a login page, or
//! one of the home's own router).
//!
//! That somebody answers does not mean that the link is up: routers answer all names and all of
//! port 80 themselves while their line is dead, and a cache in the ISP's network answers while its
//! core is. So a silence is no drop only where
//!
//! - two owners answer rightly: ICMP is filtered where one of the anchors' own addresses answers
//!   another protocol, too, and pings with a fresh identifier are not answered either; otherwise the
//!   web alone works, and why is not known;
//! - a page answers on a network in which no anchor answered in the ten minutes before, where no
//!   hop of the ISP that is known to answer is silent; or one while an anchor's own address answers
//!   another protocol: a login page;
//! - two anchors of the other family answer.
//!
//! Of the web only connectivity checks count, for which the right answer is known. The first result
//! inside a silence that says something decides what it is; three in a row that say otherwise
//! split it, so that a real outage after an hour of filtered ICMP is reported as one. Where this
//! host has no way to the anchors, or some of their answers come in, ICMP is not filtered, whatever
//! the web says. An answer counts when it came while the anchors were still silent: a connection
//! that is retried may succeed just after a drop.

use std::collections::VecDeque;

use crate::detect::link::stretch::SilentStretch;
use crate::detect::link::support::HopStance;
use crate::detect::monotonic::Moment;
use crate::detect::place::evidence::Sign;
use crate::time::Micros;
use crate::vocabulary::{BearingCounts, IpVersion};

/// Results in a row that change what a silence is.
const TURN: u32 = 3;
/// The other family still works when one of its anchors answered this lately.
const LATELY: Micros = Micros::from_millis(1_500);
/// The other family alone works when it has done so for as long as a drop lasts.
const SUSTAINED: Micros = Micros::from_seconds(5);
/// Results are kept this long while there is no silence: longer than a silence takes to be a drop.
const KEEP: Micros = Micros::from_seconds(120);
/// Where an anchor answered this short a time before a page, the page is a sign of the drop.
const SETTLED: Micros = Micros::from_seconds(600);

/// What an anchor's own address answers this early in a silence says nothing: the line may have died
/// just after.
const EARLY: Micros = Micros::from_seconds(5);

/// What a silence of the anchors is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum SilenceNature {
    /// Nothing got through: a drop.
    #[default]
    Down,
    /// Two owners answered rightly, and an anchor's own address another protocol, but no fresh ping.
    Filtered,
    /// Two owners answered rightly, and more is not known.
    WebAlone,
    /// A page stood in for the web, before the network was known to work.
    Login,
    /// Two anchors or more of the other family, IPv6, answered.
    OtherFamily,
}

impl SilenceNature {
    /// Whether both say that the far side answered: what is known of it may grow.
    fn agrees_with(self, other: Self) -> bool {
        let answered = |nature| matches!(nature, Self::Filtered | Self::WebAlone);
        self == other || (answered(self) && answered(other))
    }
}

/// What one request shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum WebSign {
    /// It failed.
    Nothing,
    /// The right answer came.
    Right,
    /// Another page came.
    Page,
    /// A page came from the home, or led into it.
    HomePage,
    /// Two anchors of the other family answered within seconds.
    OtherFamily,
}

/// Who was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct WebAsked {
    /// Its index.
    pub(crate) target: u8,
    /// Targets of one owner have the same number.
    pub(crate) owner: u8,
    /// Whether it has the address of an anchor.
    pub(crate) at_anchor: bool,
    /// Distance of its slots.
    pub(crate) interval: Micros,
}

/// What one request shows, of whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WebResult {
    pub(crate) sent: Moment,
    /// When it was known: for an answer its receipt.
    pub(crate) known: Moment,
    /// `None` for anchors of the other family.
    pub(crate) asked: Option<WebAsked>,
    pub(crate) sign: WebSign,
}

/// What else is known of the silence.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SilenceScene {
    /// What the ISP's hops do meanwhile.
    pub(crate) hops: HopStance,
    /// The gateway reports the far side as unreachable.
    pub(crate) is_reported: bool,
    /// An anchor's own address is asked by another protocol, too.
    pub(crate) asks_anchors: bool,
    /// The family of the anchors that decide.
    pub(crate) family: IpVersion,
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
    /// The last right answer of each, in the silence in progress.
    right: Vec<RightAnswer>,
    /// The last that is known of the anchors' own addresses in the silence in progress.
    at_anchors: AtAnchors,
    /// Since when answers were right and nothing else came in.
    right_since: Option<Moment>,
    /// The first page in the silence in progress.
    first_page: Option<Moment>,
    /// The last answer of each anchor of the other family.
    voices: Vec<OtherVoice>,
    /// The last anchor probe did not leave this host.
    held_back: bool,
    /// When the last anchor probe was sent that was answered, on the monotonic time line; `None`
    /// on a network in which none was.
    answered: Option<Micros>,
    /// Families of which a fresh ICMP identifier was not answered either, since an anchor was.
    fresh_unanswered: Vec<IpVersion>,
}

/// What the anchors' own addresses answer to another protocol than ping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum AtAnchors {
    /// They have not been asked.
    #[default]
    Unasked,
    /// One answers rightly.
    Answer,
    /// Nothing.
    Silent,
}

/// A right answer.
#[derive(Debug, Clone, Copy)]
struct RightAnswer {
    asked: WebAsked,
    sent: Moment,
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
        self.held_back = sign.is_local();
        if sign == Sign::Answered {
            self.answered = Some(at.mono);
            self.fresh_unanswered.clear();
        }
    }

    /// All anchors of a family are silent, and a fresh ICMP identifier is not answered either.
    pub(crate) fn on_fresh_identifier(&mut self, family: IpVersion) {
        self.fresh_unanswered.push(family);
    }

    /// This host is on another network than before: what answered there says nothing here.
    pub(crate) fn on_new_network(&mut self) {
        self.answered = None;
    }

    /// Takes a result.
    pub(crate) fn on_shown(&mut self, shown: WebResult) {
        // An answer that came while there was no way to the anchors took another one, over IPv6.
        if self.held_back && shown.sign != WebSign::Nothing {
            return;
        }
        // Where the other family answers, the web says nothing of this one.
        if self.nature != SilenceNature::OtherFamily {
            self.recent.push_back(shown);
        }
        self.forget(shown.sent);
    }

    /// Whether the results since `first` show more than that somebody answers: two owners rightly, or
    /// a page.
    pub(crate) fn is_reached(&self, first: Moment) -> bool {
        let since = || self.recent.iter().filter(|shown| shown.sent.mono >= first.mono);
        let right = |shown: &WebResult| shown.asked.filter(|_| shown.sign == WebSign::Right);
        let mut owners = since().filter_map(right).map(|asked| asked.owner);
        let one = owners.next();
        owners.any(|owner| Some(owner) != one)
            || since().any(|shown| matches!(shown.sign, WebSign::Page | WebSign::HomePage))
    }

    /// A probe of an anchor of the other family was answered at `known`, or lost. One voice alone is
    /// no witness: another has to answer within seconds.
    pub(crate) fn on_other_family(&mut self, target: u8, sent: Moment, known: Option<Moment>) {
        const TOGETHER: Micros = Micros::from_seconds(5);
        let result = |known, sign| WebResult { sent, known, asked: None, sign };
        let Some(known) = known else {
            if self.nature == SilenceNature::OtherFamily {
                self.recent.push_back(result(sent, WebSign::Nothing));
            } else if !self.voices.iter().any(|voice| sent.since(voice.sent) <= LATELY) {
                // It fell silent before the silence could be said to be of one family.
                self.recent.retain(|known| known.sign != WebSign::OtherFamily);
            }
            return;
        };
        self.voices.retain(|voice| voice.target != target && sent.since(voice.sent) <= TOGETHER);
        if !self.voices.is_empty() {
            self.recent.push_back(result(known, WebSign::OtherFamily));
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
        self.right.clear();
        (self.right_since, self.first_page) = (None, None);
        self.at_anchors = AtAnchors::Unasked;
    }

    /// Looks at what came in since.
    pub(crate) fn look(
        &mut self,
        stretch: &SilentStretch,
        scene: SilenceScene,
    ) -> Option<NatureTurn> {
        let last = stretch.last.mono;
        while let Some(shown) =
            self.recent.pop_front_if(|s| s.known.mono <= last || s.sent.mono < stretch.first.mono)
        {
            if shown.sent.mono < stretch.first.mono {
                continue;
            }
            // Where stray replies come in, neither ICMP nor IPv4 is blocked: TCP has retried until it
            // got through.
            let is_blocked = matches!(shown.sign, WebSign::Right | WebSign::OtherFamily);
            if is_blocked && self.answered.is_some_and(|at| at >= stretch.first.mono) {
                continue;
            }
            let Some(nature) = self.shown_nature(&shown, stretch.first, scene) else {
                self.counts.sent += 1;
                continue;
            };
            if let Some(turn) = self.weigh(&shown, nature) {
                return Some(turn);
            }
        }
        None
    }

    /// What the silence is by this result; `None` where it says nothing yet.
    fn shown_nature(
        &mut self,
        shown: &WebResult,
        first: Moment,
        scene: SilenceScene,
    ) -> Option<SilenceNature> {
        let is_early = shown.sent.since(first) < EARLY;
        if !is_early && shown.asked.is_some_and(|asked| asked.at_anchor) {
            let answers = shown.sign == WebSign::Right;
            self.at_anchors = if answers { AtAnchors::Answer } else { AtAnchors::Silent };
        }
        let target = shown.asked.map(|asked| asked.target);
        self.right.retain(|right| Some(right.asked.target) != target);
        match shown.sign {
            WebSign::OtherFamily => return Some(SilenceNature::OtherFamily),
            WebSign::Right => {
                let asked = shown.asked?;
                self.right_since.get_or_insert(shown.known);
                self.right.push(RightAnswer { asked, sent: shown.sent });
                return self.answered_nature(shown.sent, scene.family);
            }
            // A lost query alone is no sign of anything: names are asked for in single packets.
            _ if shown.asked.is_some_and(|asked| asked.at_anchor) => return None,
            WebSign::Nothing => {}
            WebSign::Page | WebSign::HomePage => {
                self.first_page.get_or_insert(shown.sent);
                if self.is_login(shown.sign, scene) {
                    return Some(SilenceNature::Login);
                }
                // A query tells within seconds whether the line is alive.
                if scene.asks_anchors && self.at_anchors == AtAnchors::Unasked {
                    return None;
                }
            }
        }
        self.right_since = None;
        Some(SilenceNature::Down)
    }

    /// What right answers say together: those of one owner nothing.
    fn answered_nature(&self, now: Moment, family: IpVersion) -> Option<SilenceNature> {
        let lately = |right: &&RightAnswer| {
            let enough = Micros::from_seconds(35).max(right.asked.interval * 7 / 2);
            now.since(right.sent) <= enough
        };
        let owners = |wanted: &dyn Fn(&WebAsked) -> bool| {
            let right = self.right.iter().filter(lately).filter(|right| wanted(&right.asked));
            right.fold(0_u128, |set, right| set | bit(right.asked.owner)).count_ones()
        };
        match (owners(&|asked| !asked.at_anchor), owners(&|asked| asked.at_anchor)) {
            // A dead entry of the router for one identifier is no filter.
            (2.., 1..) if self.fresh_unanswered.contains(&family) => Some(SilenceNature::Filtered),
            _ => (owners(&|_| true) >= 2).then_some(SilenceNature::WebAlone),
        }
    }

    /// Whether a page is one to log in at, and not a router's that has lost its line.
    fn is_login(&self, sign: WebSign, scene: SilenceScene) -> bool {
        // The line carries other things than pings and the web.
        if self.at_anchors == AtAnchors::Answer {
            return true;
        }
        let Some(answered) = self.answered else {
            // Nothing is known of this network: its hops are those of another.
            return !scene.is_reported && scene.hops != HopStance::FellSilent;
        };
        let settled = self.first_page.is_some_and(|page| page.mono - answered >= SETTLED);
        settled
            && sign == WebSign::Page
            && !scene.is_reported
            && scene.hops != HopStance::FellSilent
    }

    fn weigh(&mut self, shown: &WebResult, nature: SilenceNature) -> Option<NatureTurn> {
        self.counts.sent += 1;
        let Some(confirmed) = self.confirmed else {
            self.confirmed = Some(shown.known);
            self.nature = nature;
            self.counts.bearing = self.counts.sent;
            return (nature != SilenceNature::Down).then_some(NatureTurn::Whole);
        };
        if nature.agrees_with(self.nature) {
            self.confirmed = Some(shown.known);
            self.counts.bearing += 1;
            self.against = None;
            // More may become known of it, not less.
            if nature == SilenceNature::Filtered {
                self.nature = nature;
            }
            return None;
        }
        // One that failed found nothing from the moment it was sent; one that was answered may have
        // been sent before there was a way, and retried until there was.
        let first = match nature {
            SilenceNature::Down => shown.sent,
            SilenceNature::Filtered | SilenceNature::WebAlone => {
                let later = |since: &Moment| since.since(confirmed) > Micros::ZERO;
                self.right_since.filter(later).unwrap_or(shown.known)
            }
            SilenceNature::Login | SilenceNature::OtherFamily => shown.known,
        };
        let fresh = Contradiction { nature, first, count: 0, last: shown.known };
        let against = self.against.get_or_insert(fresh);
        if !against.nature.agrees_with(nature) {
            *against = fresh;
        } else if nature == SilenceNature::Filtered {
            against.nature = nature;
        }
        against.count += 1;
        against.last = shown.known;
        let against = *against;
        // Behind a drop, one family often works seconds before the other: that is its end.
        let lasts = against.nature != SilenceNature::OtherFamily
            || against.last.since(against.first) >= SUSTAINED;
        let turns = lasts && against.count >= TURN;
        turns.then_some(NatureTurn::Split { last: confirmed, at: against.first })
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

/// A small number as a bit in a set; those after the 128th share the last bit.
fn bit(number: u8) -> u128 {
    1 << number.min(127)
}
