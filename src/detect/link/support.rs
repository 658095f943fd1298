//! What supports the silence of a single anchor: a hop of the ISP that is silent with it, or, where
//! no such hop answers at all, the gateway that reports the far side as unreachable.

use crate::time::Micros;
use crate::vocabulary::Role;

/// A target that answered within this much link-up time is able to witness.
pub(super) const ABLE: Micros = Micros::MINUTE;
/// Losses in a row after which a hop is silent.
const SILENT_AFTER: u32 = 2;

/// The hops of the ISP and the gateway, as second witnesses.
#[derive(Debug, Clone, Default)]
pub(crate) struct HopSupport {
    hops: Vec<HopWitness>,
    /// When the gateway last reported an anchor as unreachable.
    reported: Option<Micros>,
    /// The least delay of any hop.
    fastest: Option<Micros>,
}

/// What the hops of the ISP that are known to answer do in a silence of the anchors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HopStance {
    /// There is no such hop.
    Unknown,
    /// One of them answers.
    Answers,
    /// They are silent, too.
    FellSilent,
}

#[derive(Debug, Clone, Copy)]
struct HopWitness {
    index: u8,
    /// Link-up time at its last answer, and when that was sent.
    answered: Option<(Micros, Micros)>,
    /// Lost since.
    lost: u32,
}

impl HopSupport {
    /// A probe of a hop of the ISP was answered after `delay` or lost, at a link-up time of
    /// `uptime`.
    pub(crate) fn on_hop(&mut self, index: u8, at: Micros, delay: Option<Micros>, uptime: Micros) {
        let known = self.hops.iter().position(|hop| hop.index == index);
        let place = known.unwrap_or_else(|| {
            self.hops.push(HopWitness { index, answered: None, lost: 0 });
            self.hops.len() - 1
        });
        let hop = &mut self.hops[place];
        if let Some(delay) = delay {
            (hop.answered, hop.lost) = (Some((uptime, at)), 0);
            self.fastest = Some(self.fastest.map_or(delay, |known| known.min(delay)));
        } else {
            hop.lost = hop.lost.saturating_add(1);
        }
    }

    /// Whether an answer came clearly faster than any hop of the ISP ever answered: from nearer.
    pub(crate) fn is_nearer(&self, delay: Micros) -> bool {
        self.fastest.is_some_and(|fastest| delay * 3 < fastest * 2)
    }

    /// What the hops do in the silence since `first`.
    pub(crate) fn stance(&self, first: Micros, uptime: Micros) -> HopStance {
        let is_able = |(then, _): (Micros, Micros)| uptime - then <= ABLE;
        let mut able = self.hops.iter().filter(|hop| hop.answered.is_some_and(is_able)).peekable();
        let answers = |hop: &HopWitness| {
            hop.lost < SILENT_AFTER && hop.answered.is_some_and(|(_, sent)| sent >= first)
        };
        if able.peek().is_none() {
            HopStance::Unknown
        } else if able.any(answers) {
            HopStance::Answers
        } else {
            HopStance::FellSilent
        }
    }

    /// Whether the gateway has reported an anchor as unreachable since `first`.
    pub(crate) fn is_reported_since(&self, first: Micros) -> bool {
        self.reported.is_some_and(|at| at >= first)
    }

    /// A router reported an anchor as unreachable.
    pub(crate) fn on_report(&mut self, by: Role, at: Micros) {
        if by == Role::Gateway {
            self.reported = Some(at);
        }
    }

    /// Whether a hop has been silent since `first`, or the gateway reports the far side as
    /// unreachable where no hop is known to answer.
    pub(crate) fn confirms(&self, first: Micros, uptime: Micros) -> bool {
        let is_able = |(then, _): (Micros, Micros)| uptime - then <= ABLE;
        let mut able = self.hops.iter().filter(|hop| hop.answered.is_some_and(is_able)).peekable();
        if able.peek().is_none() {
            return self.is_reported_since(first);
        }
        able.all(|hop| {
            hop.lost >= SILENT_AFTER && hop.answered.is_some_and(|(_, sent)| sent < first)
        })
    }
}
