//! Which anchors are able: of those that may vote, the ones that have answered lately. They decide
//! which family decides.

use crate::detect::target_index::TargetIndex;
use crate::time::Micros;
use crate::vocabulary::{AbleAnchors, DecidingFamily};

/// An anchor is able while its last answer is at most this much link-up time ago.
const ABLE: Micros = Micros::HOUR;

/// The last answer of every anchor that may vote, of both families.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ability {
    /// By index: time for which the link had been up at the last answer.
    answered: Vec<Option<Micros>>,
    /// When the first answer was sent.
    first: Option<Micros>,
}

impl Ability {
    /// An anchor that may vote answered a probe sent at `at`, when the link had been up for
    /// `uptime`.
    pub(crate) fn on_answer(&mut self, index: u8, at: Micros, uptime: Micros) {
        let index = usize::from(index);
        if self.answered.len() <= index {
            self.answered.resize(index + 1, None);
        }
        self.answered[index] = Some(uptime);
        self.first.get_or_insert(at);
    }

    /// Whether an anchor is able.
    pub(crate) fn is_able(&self, index: u8, uptime: Micros) -> bool {
        let answered = self.answered.get(usize::from(index)).copied().flatten();
        answered.is_some_and(|then| uptime - then <= ABLE)
    }

    /// The family that is to decide now. For the first `settled` after the first answer it stays
    /// what it is: the anchors have yet to answer.
    pub(crate) fn family(
        &self,
        targets: &TargetIndex,
        at: Micros,
        uptime: Micros,
        settled: Micros,
    ) -> DecidingFamily {
        if self.first.is_none_or(|first| at - first < settled) {
            return targets.family();
        }
        let mut able = AbleAnchors::default();
        for (_, target) in targets.voters().filter(|(index, _)| self.is_able(*index, uptime)) {
            let family = if target.is_v6() { &mut able.v6 } else { &mut able.v4 };
            *family += 1;
        }
        targets.family().among(able)
    }
}
