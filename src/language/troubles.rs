//! Why a probe failed, for all languages, and by what probes are sent.

use super::{Language, fill, plain};
use crate::live::ProbeTrouble;
use crate::vocabulary::StrayKind;

impl Language {
    /// Why a probe has no right answer in time, in a few words.
    pub(crate) fn trouble(&self, trouble: &ProbeTrouble) -> String {
        let p = &self.phrases().troubles;
        let text = match trouble {
            ProbeTrouble::Late(rtt) => {
                fill(p.late, &[("s", self.figures(&format!("{:.1}", rtt.as_secs_f64())))])
            }
            ProbeTrouble::NoAnswer => self.phrases().present.states.suspect.to_owned(),
            ProbeTrouble::Unreachable { by, icmp_type, code } => {
                let values = [
                    ("by", by.to_string()),
                    ("type", icmp_type.to_string()),
                    ("code", code.to_string()),
                ];
                fill(p.unreachable, &values)
            }
            ProbeTrouble::NoHost => p.no_host.to_owned(),
            ProbeTrouble::Failed(reason, phase) => {
                let values = [("reason", p.reasons.of(*reason)), ("phase", p.phases.of(*phase))];
                fill(p.failed, &values)
            }
            ProbeTrouble::NotSent(why) => fill(p.not_sent, &[("why", p.whys.of(*why))]),
            ProbeTrouble::Other(text) => text.clone(),
        };
        plain(&text)
    }

    /// What a reply is that answers no probe, after a number of them.
    pub(crate) fn stray(&self, kind: StrayKind) -> &'static str {
        self.phrases().troubles.strays.of(kind)
    }

    /// By what probes are sent, as a status has it.
    pub(crate) fn engine(&self, english: &str) -> String {
        let known = |piece: &str| self.phrases().page.iter().find(|(word, _)| *word == piece);
        let pieces = english.split(", ").map(|piece| known(piece).map_or(piece, |(_, word)| word));
        pieces.collect::<Vec<_>>().join(", ")
    }
}
