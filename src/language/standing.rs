//! What is said of anchors that do not vote, and of private ones that do.

use super::Language;
use crate::vocabulary::Standing;

impl Language {
    /// A few words on an anchor whose vote is not a matter of course; `None` for others.
    pub(crate) fn vote_remark(&self, standing: Standing) -> Option<&'static str> {
        let [private, near, false_witness, trusted] = self.phrases().present.votes;
        match standing {
            Standing::Private => Some(private),
            Standing::Near => Some(near),
            Standing::FalseWitness => Some(false_witness),
            Standing::Trusted => Some(trusted),
            Standing::Far | Standing::Unproven | Standing::NoAnchor => None,
        }
    }
}

/// Why an anchor does not vote, in a sentence without a full stop; `None` where it does.
pub fn refusal(name: &str, address: &str, standing: Standing) -> Option<String> {
    let why = match standing {
        Standing::Private => "has a private address, which proves nothing about the internet",
        Standing::Near => "is answered within the home, before the ISP's first hop",
        Standing::FalseWitness => {
            "answered alone while every other host was silent, more than once: something nearer \
             answers in its name"
        }
        Standing::Far | Standing::Unproven | Standing::Trusted | Standing::NoAnchor => return None,
    };
    Some(format!("{name} ({address}) does not vote: it {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::language::of;

    #[test]
    fn each_anchor_that_does_not_vote_has_its_reason_and_no_other_has() {
        for standing in Standing::ALL {
            let refusal = refusal("one", "192.168.1.9", standing);
            assert_eq!(refusal.is_some(), standing.is_refused(), "{standing}");
            assert!(
                !standing.is_refused() || of(Lang::En).vote_remark(standing).is_some(),
                "{standing}"
            );
        }
    }
}
