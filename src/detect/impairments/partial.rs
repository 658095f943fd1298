//! Some of the anchors out of reach while one at least answers: a fault of peering or transit.
//! The uplink works, for any reply proves it.

use std::time::Duration;

use super::ledger::Ledger;
use super::trouble::Troubles;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, Figures, Impairment, TargetId};

/// When this many anchors are in trouble at once, it is no longer the trouble of single targets.
const SEVERAL: usize = 2;

/// The partial outage in progress, and how much of the troubles it has seen.
#[derive(Debug, Clone, Default)]
pub(crate) struct PartialOutage {
    seen: u32,
    declared: Option<u64>,
}

impl PartialOutage {
    /// To be called when troubles may have changed.
    pub(crate) fn look(&mut self, troubles: &Troubles, ledger: &mut Ledger) {
        if troubles.changes() == self.seen {
            return;
        }
        self.seen = troubles.changes();
        let (silent, answering) = troubles.anchors();
        let several = silent.len() >= SEVERAL && !answering.is_empty();
        let known = self.declared.and_then(|number| ledger.get_mut(number));
        match known {
            Some(known) if several => {
                let ids = silent.iter().map(|(id, _)| *id).collect();
                known.figures = Figures::Partial { silent: ids, answering };
            }
            Some(known) => {
                let over = troubles.last_end().unwrap_or(known.onset.latest);
                known.end = Some(Bounds { earliest: over, latest: over });
                self.declared = None;
            }
            None if several => {
                self.declared = Some(ledger.declare(impairment(silent, answering)));
            }
            None => {}
        }
    }
}

/// It began when the second of the anchors was lost.
fn impairment(silent: Vec<(TargetId, Timestamp)>, answering: Vec<TargetId>) -> Impairment {
    let mut froms: Vec<_> = silent.iter().map(|(_, from)| *from).collect();
    froms.sort_unstable();
    let from = froms[SEVERAL - 1];
    Impairment {
        key: from,
        target: None,
        onset: Bounds { earliest: from, latest: from },
        end: None,
        unobserved: Duration::ZERO,
        places: Vec::new(),
        figures: Figures::Partial { silent: silent.into_iter().map(|s| s.0).collect(), answering },
    }
}
