//! Where a drop lies: from what each hop answered in its core to a range of places.
//!
//! A hop before the fault answers as it always does (its rate in the hour of link-up time before
//! the onset); a hop beyond it answers as rarely as the anchors do. Both are likelihoods of counts,
//! taken relative to the best that any rate could give. A place that is 100 times less likely than
//! the best one is excluded; the range of the others is the verdict.

use crate::vocabulary::{Place, Role};

/// Probes by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct AnswerCounts {
    /// Probes answered.
    pub(crate) answered: u32,
    /// Probes not answered.
    pub(crate) lost: u32,
}

impl AnswerCounts {
    /// All of them.
    pub(crate) fn probes(self) -> u32 {
        self.answered + self.lost
    }
}

/// What one hop did in the core of a drop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct HopEvidence {
    /// Gateway, modem or ISP: the others say nothing about the place.
    pub(crate) role: Role,
    /// Its probes in the core. ICMP errors that it sent count as answers: it lives.
    pub(crate) core: AnswerCounts,
    /// Its probes in the hour of link-up time before.
    pub(crate) before: AnswerCounts,
}

/// What the anchors did in the core of a drop.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct AnchorSilence {
    /// Probes answered: stray replies.
    pub(crate) answered: u32,
    /// Probes not answered.
    pub(crate) lost: u32,
    /// Of these, those that this host could not send for want of a route or carrier, or that its
    /// own kernel called unreachable (ARP went unanswered).
    pub(crate) local: u32,
}

impl AnchorSilence {
    /// The rate at which something beyond the fault answers: that of the anchors, and at least
    /// the rate of odd replies.
    pub(crate) fn answer_rate(&self) -> f64 {
        ratio(self.answered, self.answered + self.lost).unwrap_or(0.0).max(ODD_REPLIES)
    }
}

/// A hop beyond the fault answers this often all the same.
const ODD_REPLIES: f64 = 0.002;
/// A hop that answered no more than this in calm time is mute, and says nothing.
const MUTE: f64 = 0.2;
/// With fewer probes before the drop, silence of a hop says nothing: it may be mute.
const KNOWN: u32 = 10;
/// No hop is certain to answer.
const AT_BEST: f64 = 0.995;
/// How likely a hop is to change its behavior of its own accord at the very onset (rate limits,
/// say).
const CHANGED: f64 = 1e-3;
/// A place this much less likely than the best is excluded.
const EXCLUDED: f64 = 100.0;

/// The places that are not excluded, as one range from the host outwards; empty when no hop says
/// anything.
pub(crate) fn places(silence: &AnchorSilence, hops: &[HopEvidence]) -> Vec<Place> {
    if 2 * silence.local > silence.answered + silence.lost {
        return vec![Place::Lan];
    }
    let hops: Vec<&HopEvidence> = hops.iter().filter(|hop| hop.is_evidence()).collect();
    if hops.is_empty() {
        return Vec::new();
    }
    let rate_beyond = silence.answer_rate();
    let isp_hops = hops.iter().filter(|hop| hop.role == Role::Isp).count();
    let likelihood = |place: Place| {
        let mut log = 0.0;
        // Of several hops in the ISP, at least one lies before its core.
        let mut isp_dearest: f64 = f64::NEG_INFINITY;
        for hop in &hops {
            let (lives, dead) = (hop.log_alive(), hop.log_dead(rate_beyond));
            let up_to = match hop.role {
                Role::Gateway => Place::Lan,
                Role::Modem => Place::Modem,
                _ => Place::Access,
            };
            if place == Place::IspCore && hop.role == Role::Isp && isp_hops > 1 {
                log += lives.max(dead);
                isp_dearest = isp_dearest.max(lives - lives.max(dead));
            } else {
                log += if place > up_to { lives } else { dead };
            }
        }
        if place == Place::IspCore && isp_hops > 1 {
            log += isp_dearest;
        }
        log
    };
    let all = Place::ALL.map(likelihood);
    let best = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let left = |log: &f64| *log > best - EXCLUDED.ln();
    let first = all.iter().position(left).unwrap_or(0);
    let last = all.iter().rposition(left).unwrap_or(0);
    Place::ALL[first..=last].to_vec()
}

impl HopEvidence {
    fn is_evidence(&self) -> bool {
        self.core.probes() > 0
            && matches!(self.role, Role::Gateway | Role::Modem | Role::Isp)
            && (self.says_something() || (self.core.answered > 0 && self.before.probes() < KNOWN))
    }

    /// Whether its silence says something: it is known to answer.
    pub(crate) fn says_something(&self) -> bool {
        let AnswerCounts { answered, .. } = self.before;
        let probes = self.before.probes();
        probes >= KNOWN && f64::from(answered) > MUTE * f64::from(probes)
    }

    /// That it answers as often as it did before or more, or has changed its behavior.
    fn log_alive(&self) -> f64 {
        let usual =
            ratio(self.before.answered, self.before.probes()).unwrap_or(AT_BEST).min(AT_BEST);
        if self.rate() >= usual { 0.0 } else { self.log_at(usual).max(CHANGED.ln()) }
    }

    /// That it answers as rarely as `rate` or less, but for two standard errors of so few probes.
    fn log_dead(&self, rate: f64) -> f64 {
        let probes = f64::from(self.core.probes());
        let rate = rate + 2.0 * (rate * (1.0 - rate) / probes).sqrt();
        if self.rate() <= rate { 0.0 } else { self.log_at(rate) }
    }

    fn rate(&self) -> f64 {
        ratio(self.core.answered, self.core.probes()).unwrap_or(0.0)
    }

    /// That it answers at `rate`, relative to the rate that fits best.
    fn log_at(&self, rate: f64) -> f64 {
        let (a, l) = (f64::from(self.core.answered), f64::from(self.core.lost));
        let best = a / (a + l);
        times_log(a, rate) + times_log(l, 1.0 - rate)
            - times_log(a, best)
            - times_log(l, 1.0 - best)
    }
}

/// `n * ln(p)`, zero for no cases whatever their probability.
fn times_log(n: f64, p: f64) -> f64 {
    if n == 0.0 { 0.0 } else { n * p.max(1e-12).ln() }
}

fn ratio(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(answered: u32, sent: u32) -> AnswerCounts {
        AnswerCounts { answered, lost: sent - answered }
    }

    /// Hops as `role answered/sent`, all fine in the hour before.
    #[track_caller]
    fn check(hops: &[(Role, u32, u32)], expected: &str) {
        let hops: Vec<HopEvidence> = hops
            .iter()
            .map(|&(role, answered, sent)| HopEvidence {
                role,
                core: of(answered, sent),
                before: of(3_595, 3_600),
            })
            .collect();
        let silence = AnchorSilence { answered: 0, lost: 60, local: 0 };
        assert_eq!(words(&places(&silence, &hops)), expected);
    }

    fn words(places: &[Place]) -> String {
        places.iter().map(|p| p.as_str()).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn the_first_silent_hop_tells_the_place_as_far_as_hops_go() {
        use Role::{Gateway, Isp, Modem};
        check(&[(Gateway, 0, 20), (Modem, 0, 20), (Isp, 0, 20)], "lan");
        check(&[(Gateway, 20, 20), (Modem, 0, 20), (Isp, 0, 20)], "modem");
        check(&[(Gateway, 20, 20), (Modem, 20, 20), (Isp, 0, 20)], "access");
        check(&[(Gateway, 19, 20), (Modem, 20, 20), (Isp, 20, 20)], "isp-core|beyond");
    }

    #[test]
    fn a_hop_that_is_not_measured_leaves_a_range() {
        use Role::{Gateway, Isp, Modem};
        check(&[(Gateway, 20, 20), (Isp, 0, 20)], "modem|access");
        check(&[(Gateway, 20, 20), (Modem, 20, 20)], "access|isp-core|beyond");
        check(&[(Isp, 0, 20)], "lan|modem|access");
        check(&[], "");
    }

    #[test]
    fn a_silent_hop_before_one_that_answers_is_no_fault() {
        use Role::{Gateway, Isp, Modem};
        check(&[(Gateway, 0, 20), (Modem, 20, 20), (Isp, 0, 20)], "access");
        check(&[(Gateway, 20, 20), (Modem, 0, 20), (Isp, 20, 20)], "isp-core|beyond");
    }

    #[test]
    fn two_hops_in_the_isp_tell_its_core_from_beyond() {
        use Role::{Gateway, Isp};
        check(&[(Gateway, 20, 20), (Isp, 20, 20), (Isp, 0, 20)], "isp-core");
        check(&[(Gateway, 20, 20), (Isp, 20, 20), (Isp, 20, 20)], "isp-core|beyond");
        check(&[(Gateway, 20, 20), (Isp, 0, 20), (Isp, 0, 20)], "modem|access");
    }

    #[test]
    fn a_mute_hop_and_one_never_heard_say_nothing() {
        let silence = AnchorSilence { answered: 0, lost: 60, local: 0 };
        for before in [(0, 3_600), (700, 3_600), (0, 0)] {
            let (core, before) = (of(0, 20), of(before.0, before.1));
            let hop = HopEvidence { role: Role::Isp, core, before };
            assert_eq!(places(&silence, &[hop]), []);
        }
    }

    #[test]
    fn a_hop_behind_a_line_of_90_percent_loss_is_judged_by_the_anchors_own_rate() {
        let hop = |role, answered| HopEvidence {
            role,
            core: of(answered, 300),
            before: of(3_600, 3_600),
        };
        let silence = AnchorSilence { answered: 88, lost: 812, local: 0 };
        let hops = [hop(Role::Gateway, 300), hop(Role::Modem, 299), hop(Role::Isp, 33)];
        assert_eq!(words(&places(&silence, &hops)), "access");
    }

    #[test]
    fn what_this_host_could_not_send_is_the_homes_own_fault() {
        let silence = AnchorSilence { answered: 0, lost: 60, local: 50 };
        assert_eq!(places(&silence, &[]), [Place::Lan]);
    }
}
