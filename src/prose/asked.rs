//! What is asked of the provider, and of which line.

use crate::language::phrases::fill;
use crate::language::{Language, words};
use crate::report::Report;
use crate::vocabulary::{Place, Role};

impl Language {
    /// By what the computer was connected, and the first hop of the ISP; `None` where neither is known.
    pub(crate) fn line(&self, report: &Report) -> Option<String> {
        let first = report.targets.iter().map(|entry| &entry.target);
        // In an imported record it may be known by name alone.
        let mut first = first.filter(|target| {
            let is_first = target.role == Role::Isp && !target.is_inner_hop();
            is_first && target.endpoint.literal().is_some()
        });
        let hop = first.next().map(|target| {
            fill(self.phrases().letter.first_hop, &[("address", words::address(target))])
        });
        let parts: Vec<_> = self.connection(report).into_iter().chain(hop).collect();
        (!parts.is_empty()).then(|| crate::language::capital(&parts.join("; ")))
    }

    /// What the provider is asked to check, by where the drops lie; `None` where none is theirs.
    pub(crate) fn asked(&self, report: &Report) -> Option<&'static str> {
        let lies = |at: &[Place]| {
            report.counted_drops().any(|drop| drop.places.iter().any(|place| at.contains(place)))
        };
        let [line, network, both] = self.phrases().letter.check;
        match (lies(&[Place::Modem, Place::Access]), lies(&[Place::IspCore])) {
            (true, true) => Some(both),
            (true, false) => Some(line),
            (false, true) => Some(network),
            (false, false) => None,
        }
    }
}
