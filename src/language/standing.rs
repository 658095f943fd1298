//! What is said of anchors that do not vote, and of private ones that do.

use crate::vocabulary::Standing;

/// A few words on an anchor whose vote is not a matter of course; `None` for others.
pub fn remark(standing: Standing) -> Option<&'static str> {
    match standing {
        Standing::Private => Some("no vote: private address"),
        Standing::Near => Some("no vote: answered at home"),
        Standing::FalseWitness => Some("no vote: false witness"),
        Standing::Trusted => Some("private, trusted"),
        Standing::Far | Standing::Unproven | Standing::NoAnchor => None,
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

    #[test]
    fn each_anchor_that_does_not_vote_has_its_reason_and_no_other_has() {
        for standing in Standing::ALL {
            let refusal = refusal("one", "192.168.1.9", standing);
            assert_eq!(refusal.is_some(), standing.is_refused(), "{standing}");
            assert!(!standing.is_refused() || remark(standing).is_some(), "{standing}");
        }
    }
}
