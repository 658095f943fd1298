//! Where a drop lies: from what each hop answered in its core to a range of places.
//!
//! A hop before the fault answers as it always does (its rate in the hour of link-up time before
//! the onset); a hop beyond it answers as rarely as the anchors do. Both are likelihoods of counts,
//! taken relative to the best that any rate could give. A place that is 100 times less likely than
//! the best one is excluded; the range of the others is the verdict.

use super::hop::HopPosition;
use crate::vocabulary::Place;

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
    /// Where it is on the way.
    pub(crate) position: HopPosition,
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
    /// Of these, those that this host could not send, by what it lacked.
    pub(crate) local: LocalErrors,
}

/// Probes that this host could not send.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct LocalErrors {
    /// Its interface was down or gone.
    pub(crate) link: u32,
    /// It had no route, or its own kernel called the target unreachable: the next hop did not
    /// answer ARP.
    pub(crate) next_hop: u32,
}

impl AnchorSilence {
    /// The rate at which something beyond the fault answers: that of the anchors, and at least
    /// the rate of odd replies.
    pub(crate) fn answer_rate(&self) -> f64 {
        ratio(self.answered, self.answered + self.lost).unwrap_or(0.0).max(ODD_REPLIES)
    }

    /// Where the fault is if what this host lacked tells: at its own interface, or on the way to the
    /// `next` hop, which may be the ISP's. `None` where most of its probes could be sent.
    fn place_of_local_errors(&self, next: Place) -> Option<Place> {
        let LocalErrors { link, next_hop } = self.local;
        let most = 2 * (link + next_hop) > self.answered + self.lost;
        most.then_some(if link >= next_hop { Place::Lan } else { next })
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

/// How likely this host is to lose its interface, or its way to the next hop, in a fault elsewhere.
const COINCIDENCE: f64 = 1e-3;
/// Fewer answers than this are not yet "throughout".
const SEVERAL: u32 = 3;
/// Nor are those that something beyond the fault would give by luck as often as this.
const LUCK: f64 = 1e-3;

/// The places that are not excluded, as one range from the host outwards; empty when no hop says
/// anything, or when what this host lacked and what the hops answered contradict each other.
///
/// A place that the answers of a hop have cleared throughout is never among them.
pub(crate) fn places(silence: &AnchorSilence, hops: &[HopEvidence], next: Place) -> Vec<Place> {
    let here = silence.place_of_local_errors(next);
    let beyond = silence.answer_rate();
    let hops: Vec<&HopEvidence> = hops.iter().filter(|hop| hop.is_evidence(beyond)).collect();
    let answered = hops.iter().filter(|hop| hop.answered_throughout(beyond));
    let cleared = answered.map(|hop| hop.position.clears()).max();
    let Some(here) = here else {
        return if hops.is_empty() { Vec::new() } else { range(beyond, &hops, cleared, None) };
    };
    let silent =
        |hop: &&&HopEvidence| Some(hop.position.clears()) > cleared && hop.core.answered == 0;
    if cleared >= Some(here) && !hops.iter().any(|hop| silent(&hop)) {
        // The way to the next hop worked, and nothing that could be asked beyond it was silent.
        return Vec::new();
    }
    range(beyond, &hops, cleared, Some(here))
}

fn range(
    rate_beyond: f64,
    hops: &[&HopEvidence],
    cleared: Option<Place>,
    here: Option<Place>,
) -> Vec<Place> {
    let unordered = |hop: &HopEvidence| hop.position == HopPosition::SomewhereInIsp;
    let several = hops.iter().filter(|hop| unordered(hop)).count() > 1;
    let likelihood = |place: Place| {
        if Some(place) <= cleared {
            return f64::NEG_INFINITY;
        }
        let mut log = match here {
            Some(here) if here != place => COINCIDENCE.ln(),
            _ => 0.0,
        };
        // Of several hops in the ISP whose order is not known, at least one lies before its core.
        let mut dearest: f64 = f64::NEG_INFINITY;
        for hop in hops {
            let (lives, dead) = (hop.log_alive(), hop.log_dead(rate_beyond));
            log += if place <= hop.position.clears() {
                dead
            } else if place <= hop.position.silenced_by() {
                if unordered(hop) {
                    dearest = dearest.max(lives - lives.max(dead));
                }
                lives.max(dead)
            } else {
                lives
            };
        }
        if place == Place::IspCore && several { log + dearest } else { log }
    };
    let all = Place::ALL.map(likelihood);
    let best = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let left = |log: &f64| *log > best - EXCLUDED.ln();
    let first = all.iter().position(left).unwrap_or(0);
    let last = all.iter().rposition(left).unwrap_or(0);
    Place::ALL[first..=last].to_vec()
}

impl HopEvidence {
    fn is_evidence(&self, beyond: f64) -> bool {
        self.core.probes() > 0
            && (self.says_something()
                || self.answered_throughout(beyond)
                || (self.core.answered > 0 && self.before.probes() < KNOWN))
    }

    /// Whether it answered everything that it was asked in the core, as nothing does that answers as
    /// rarely as `beyond`.
    pub(crate) fn answered_throughout(&self, beyond: f64) -> bool {
        let AnswerCounts { answered, lost } = self.core;
        lost == 0 && answered >= SEVERAL && f64::from(answered) * beyond.ln() < LUCK.ln()
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
    use crate::vocabulary::Role;

    /// The position of a single hop of this role.
    fn position(role: Role) -> HopPosition {
        match role {
            Role::Gateway => HopPosition::Gateway,
            Role::Modem => HopPosition::Modem,
            _ => HopPosition::FirstOfIsp,
        }
    }

    fn of(answered: u32, sent: u32) -> AnswerCounts {
        AnswerCounts { answered, lost: sent - answered }
    }

    fn silent() -> AnchorSilence {
        AnchorSilence { lost: 60, ..AnchorSilence::default() }
    }

    /// Hops as `role answered/sent`, all fine in the hour before.
    #[track_caller]
    fn check(hops: &[(Role, u32, u32)], expected: &str) {
        let of_isp = hops.iter().filter(|(role, ..)| *role == Role::Isp).count();
        let hops: Vec<HopEvidence> = hops
            .iter()
            .map(|&(role, answered, sent)| HopEvidence {
                position: match role {
                    Role::Isp if of_isp > 1 => HopPosition::SomewhereInIsp,
                    _ => position(role),
                },
                core: of(answered, sent),
                before: of(3_595, 3_600),
            })
            .collect();
        let silence = silent();
        assert_eq!(words(&places(&silence, &hops, Place::Lan)), expected);
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
    fn behind_a_first_hop_of_the_isp_that_is_mute_silence_may_be_the_line_or_the_core() {
        let inner = |answered| HopEvidence {
            position: HopPosition::InsideIsp,
            ..hop(Role::Isp, answered, 20)
        };
        let known = |first: u32, second: u32| {
            let hops =
                [hop(Role::Gateway, 20, 20), hop(Role::Modem, 20, 20), inner(first), inner(second)];
            words(&places(&silent(), &hops, Place::Lan))
        };
        assert_eq!(known(0, 0), "access|isp-core");
        assert_eq!(known(20, 0), "isp-core");
        assert_eq!(known(20, 20), "isp-core|beyond");
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
        let silence = silent();
        for before in [(0, 3_600), (700, 3_600), (0, 0)] {
            let (core, before) = (of(0, 20), of(before.0, before.1));
            let hop = HopEvidence { position: HopPosition::FirstOfIsp, core, before };
            assert_eq!(places(&silence, &[hop], Place::Lan), []);
        }
    }

    #[test]
    fn a_hop_behind_a_line_of_90_percent_loss_is_judged_by_the_anchors_own_rate() {
        let hop = |role, answered| HopEvidence {
            position: position(role),
            core: of(answered, 300),
            before: of(3_600, 3_600),
        };
        let silence = AnchorSilence { answered: 88, lost: 812, ..AnchorSilence::default() };
        let hops = [hop(Role::Gateway, 300), hop(Role::Modem, 299), hop(Role::Isp, 33)];
        assert_eq!(words(&places(&silence, &hops, Place::Lan)), "access");
    }

    fn without(link: u32, next_hop: u32) -> AnchorSilence {
        AnchorSilence { lost: 60, local: LocalErrors { link, next_hop }, answered: 0 }
    }

    fn hop(role: Role, answered: u32, sent: u32) -> HopEvidence {
        let (core, before) = (of(answered, sent), of(3_595, 3_600));
        HopEvidence { position: position(role), core, before }
    }

    #[test]
    fn an_interface_that_is_down_is_the_homes_own_fault() {
        assert_eq!(places(&without(50, 0), &[], Place::Lan), [Place::Lan]);
        assert_eq!(places(&without(50, 0), &[], Place::Access), [Place::Lan]);
    }

    #[test]
    fn no_route_and_no_arp_answer_are_the_way_to_the_next_hop_whose_ever_it_is() {
        assert_eq!(places(&without(0, 50), &[], Place::Lan), [Place::Lan]);
        assert_eq!(places(&without(0, 50), &[], Place::Access), [Place::Access]);
        let dead = [hop(Role::Gateway, 0, 20)];
        assert_eq!(places(&without(0, 50), &dead, Place::Lan), [Place::Lan]);
    }

    #[test]
    fn a_route_that_goes_while_the_hops_answer_is_no_fault_of_the_home() {
        let hops = [Role::Gateway, Role::Modem, Role::Isp].map(|role| hop(role, 20, 20));
        for known in 1..=3 {
            assert_eq!(places(&without(0, 60), &hops[..known], Place::Lan), [], "{known} hops");
        }
        let hops = [hop(Role::Gateway, 20, 20), hop(Role::Isp, 0, 20)];
        assert_eq!(words(&places(&without(0, 60), &hops, Place::Lan)), "modem|access");
    }

    proptest::proptest! {
        #[test]
        fn no_place_nearer_than_a_hop_that_answered_throughout_is_ever_named(
            counts in proptest::collection::vec(
                (0..5_usize, 0..30_u32, 0..30_u32, 0..3_600_u32, 0..3_600_u32), 0..6),
            (answered, lost, link, next_hop) in (0..90_u32, 1..90_u32, 0..90_u32, 0..90_u32),
            next in 0..3_usize,
        ) {
            let roles = [
                HopPosition::Gateway,
                HopPosition::Modem,
                HopPosition::FirstOfIsp,
                HopPosition::InsideIsp,
                HopPosition::SomewhereInIsp,
            ];
            let hops: Vec<_> = counts
                .iter()
                .map(|&(role, a, l, before_a, before_l)| HopEvidence {
                    position: roles[role],
                    core: AnswerCounts { answered: a, lost: l },
                    before: AnswerCounts { answered: before_a, lost: before_l },
                })
                .collect();
            let local = LocalErrors { link: link.min(lost), next_hop: next_hop.min(lost - link.min(lost)) };
            let silence = AnchorSilence { answered, lost, local };
            let named = places(&silence, &hops, Place::ALL[next]);
            let rate = f64::from(answered) / f64::from(answered + lost);
            let throughout = |hop: &&HopEvidence| {
                let AnswerCounts { answered, lost } = hop.core;
                lost == 0 && answered >= 3 && rate.powf(f64::from(answered)) < 1e-3
            };
            for hop in hops.iter().filter(throughout) {
                proptest::prop_assert!(named.iter().all(|place| *place > hop.position.clears()));
            }
            proptest::prop_assert!(named.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
