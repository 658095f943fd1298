//! Where the queue is: before the first hop that is slow, beyond the last that is not.

use crate::detect::place::hop::HopPosition;
use crate::vocabulary::Place;

/// What a hop did in a slow period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SlowHop {
    pub(super) position: HopPosition,
    /// Blocks in which it was slow itself.
    pub(super) slow: u32,
    pub(super) blocks: u32,
}

/// The places it may lie in, as one range; empty when no hop says anything. A slow hop before one
/// that is not is slow to answer, and not a queue.
pub(super) fn places(hops: &[SlowHop], anchors: usize) -> Vec<Place> {
    let is_slow = |hop: &SlowHop| 2 * hop.slow > hop.blocks;
    if hops.is_empty() {
        return Vec::new();
    }
    let fine = hops.iter().filter(|hop| !is_slow(hop)).map(|hop| hop.position.clears()).max();
    let slow = hops.iter().filter(|hop| is_slow(hop)).map(|hop| hop.position.silenced_by());
    let slow = slow.filter(|place| Some(*place) > fine).min();
    // Several independent anchors are not all slow at once because of a queue beyond the provider.
    let far = if anchors > 1 { Place::IspCore } else { Place::Beyond };
    let range = |place: &&Place| Some(**place) > fine && **place <= slow.unwrap_or(far);
    let mut range: Vec<_> = Place::ALL.iter().filter(range).copied().collect();
    // The queue of the line is in the modem or in the router; either way it is the line's.
    if range == [Place::Modem, Place::Access] {
        range.remove(0);
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(hops: &[(HopPosition, u32)], expected: &str) {
        let hops: Vec<_> =
            hops.iter().map(|&(position, slow)| SlowHop { position, slow, blocks: 10 }).collect();
        let found: Vec<_> = places(&hops, 3).iter().map(|place| place.as_str()).collect();
        assert_eq!(found.join("|"), expected);
    }

    #[test]
    fn the_first_slow_hop_tells_the_place_of_the_queue() {
        use HopPosition::{FirstOfIsp as Isp, Gateway, InsideIsp, Modem};
        check(&[(Gateway, 10), (Modem, 10), (Isp, 10)], "lan");
        check(&[(Gateway, 0), (Modem, 9), (Isp, 9)], "modem");
        check(&[(Gateway, 1), (Modem, 0), (Isp, 9)], "access");
        check(&[(Gateway, 0), (Isp, 10)], "access");
        check(&[(Gateway, 0), (Modem, 0), (Isp, 0)], "isp-core");
        check(&[(Gateway, 0)], "modem|access|isp-core");
        check(&[(Isp, 10)], "lan|modem|access");
        check(&[(Gateway, 0), (Isp, 0), (InsideIsp, 10)], "isp-core");
        check(&[(Gateway, 0), (InsideIsp, 10)], "modem|access|isp-core");
        check(&[], "");
    }

    #[test]
    fn a_slow_hop_before_one_that_is_not_is_no_queue() {
        check(&[(HopPosition::Gateway, 10), (HopPosition::FirstOfIsp, 0)], "isp-core");
        check(
            &[(HopPosition::Gateway, 10), (HopPosition::Modem, 0), (HopPosition::FirstOfIsp, 10)],
            "access",
        );
    }
}
