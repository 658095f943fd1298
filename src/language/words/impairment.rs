//! What was wrong while the link was up, in words: one sentence a kind, the same in reports, in
//! the log and in a status.

use super::percent;
use crate::config::Lang;
use crate::language;
use crate::vocabulary::{Figures, Place, SlowFigures};

/// What it is and how bad, without its times: `loss 28 % (access)`. `target` is the name of the
/// one target that it is about. English, as the log and a status are.
pub fn what(figures: &Figures, places: &[Place], target: Option<&str>) -> String {
    language::of(Lang::En).wrong(figures, places, target)
}

/// Milliseconds, whole ones from 10 ms on.
pub(crate) fn delay(us: u32) -> String {
    let ms = f64::from(us) / 1_000.0;
    if us < 9_950 { format!("{ms:.1}") } else { format!("{ms:.0}") }
}

/// Whether more than half of the increase was spent in this host's own send queues.
pub fn own_queue_is_most(f: &SlowFigures) -> bool {
    f.own_queue_us.is_some_and(|own| {
        let increase = f.median_us.saturating_sub(f.usual_us);
        increase > 0 && own > increase / 2
    })
}

/// Percent without decimals from 10 % on: an event has some hundred probes.
pub(crate) fn share(part: u32, of: u32) -> String {
    if of == 0 {
        return "-".to_owned();
    }
    let ratio = f64::from(part) / f64::from(of);
    if (0.1..0.995).contains(&ratio) {
        return format!("{:.0} %", ratio * 100.0);
    }
    percent(ratio)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocabulary::{BearingCounts, LossFigures, TargetId};

    fn say(figures: &Figures, places: &[Place]) -> String {
        what(figures, places, Some("google"))
    }

    #[test]
    fn each_kind_is_described_in_words_a_stranger_understands() {
        let loss = LossFigures { lost: 51, late: 45, sent: 180, usual_lost: 1, usual_sent: 9_000 };
        let counts = BearingCounts { bearing: 29, sent: 30 };
        let slow = |own_queue_us| {
            Figures::Slow(SlowFigures {
                usual_us: 22_000,
                median_us: 140_000,
                worst_us: 300_000,
                own_queue_us,
            })
        };
        let partial = Figures::Partial {
            silent: vec![TargetId(4), TargetId(5)],
            answering: vec![TargetId(6)],
        };
        let access = [Place::Access];
        assert_eq!(say(&Figures::Loss(loss), &access), "loss 28 % (access)");
        assert_eq!(say(&Figures::Loss(loss), &[]), "loss 28 %");
        assert_eq!(
            say(&Figures::Late(loss), &access),
            "25 % answered too late to count, of 28 % not answered in time (access)"
        );
        let text = "slow: 140 ms instead of 22 ms, access: the queue is in the access line";
        assert_eq!(say(&slow(Some(59_000)), &access), text);
        assert_eq!(
            say(&slow(Some(59_001)), &access),
            format!("{text}; most of it in this computer's own send queue")
        );
        assert_eq!(
            say(&slow(None), &[Place::Access, Place::IspCore]),
            "slow: 140 ms instead of 22 ms, access|isp-core: the queue is on the access line or \
             in the ISP's network"
        );
        assert_eq!(
            say(&Figures::RouteStep { before_us: 12_000, after_us: 30_000 }, &[]),
            "route to google became 18 ms longer"
        );
        assert_eq!(
            say(&Figures::RouteStep { before_us: 30_000, after_us: 12_000 }, &[]),
            "route to google became 18 ms shorter"
        );
        assert_eq!(say(&Figures::Ipv6(counts), &[]), "no IPv6; IPv4 works");
        assert_eq!(
            say(&Figures::Dns(counts.into()), &[]),
            "no answer from any name server asked, so names of web sites are not found; the link is up"
        );
        assert_eq!(say(&Figures::CaptivePortal(counts), &[]), "a login page stands in the way");
        assert_eq!(say(&Figures::IcmpFiltered(counts), &[]), "ICMP filtered; the web works");
        assert_eq!(say(&partial, &[]), "PARTIAL: 2 of 3 anchors out of reach, the uplink works");
    }
}
