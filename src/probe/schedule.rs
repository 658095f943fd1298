//! When probes are due: an absolute grid on boot time, one slot after another.
//!
//! Slot n of a target is at start + phase + n x interval, whatever happened before (RFC 3432
//! periodic streams, with a random start phase). The anchors are spread over three slots of their
//! interval and the hops share them, so a default installation wakes three times a second. A slot
//! that is noticed more than half an interval late is missed, never caught up. Pure: no clock.

use std::net::IpAddr;
use std::time::Duration;

use crate::text::order::InOrder;
use crate::time::{BootTime, micros};
use crate::vocabulary::{Role, Standing, TargetId};

/// Missed slots reported per target and stall; a longer stall leaves a gap.
pub const MISSED_AT_MOST: usize = 10;
/// Shortest interval that the grid takes; shorter ones are lengthened to it.
pub const SHORTEST_INTERVAL: Duration = Duration::from_millis(100);
const SLOTS: i64 = 3;

/// What is to be probed over ICMP, and how often.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IcmpTarget {
    /// Its number in the database.
    pub id: TargetId,
    /// Where to send.
    pub ip: IpAddr,
    /// Its role, which decides its slot.
    pub role: Role,
    /// Distance of its slots, 0.1 s to 1 h, whole milliseconds.
    pub interval: Duration,
    /// What its answers may prove.
    pub standing: Standing,
    /// Number of the interface that its probes leave by; `None`: the kernel chooses.
    pub over: Option<u32>,
}

impl IcmpTarget {
    /// Whether it has the slots of another one.
    fn is_probed_like(&self, other: &Self) -> bool {
        *self == Self { standing: self.standing, over: self.over, ..other.clone() }
    }
}

/// One slot that has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Whose slot.
    pub target: TargetId,
    /// Where to send.
    pub ip: IpAddr,
    /// Number of the interface to leave by; `None`: the kernel chooses.
    pub over: Option<u32>,
    /// The slot's own time.
    pub at: BootTime,
    /// Whether there is still time to send.
    pub timing: Timing,
}

/// Whether a slot was noticed in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Timing {
    /// To be sent now.
    Now,
    /// More than half an interval ago: not to be sent any more.
    Missed,
}

#[derive(Debug)]
struct ScheduledTarget {
    target: IcmpTarget,
    phase_us: i64,
    interval_us: i64,
    next: i64,
}

impl ScheduledTarget {
    fn at(&self, start_us: i64) -> i64 {
        start_us + self.phase_us + self.next * self.interval_us
    }
    /// Goes to the first slot after `now_us`.
    fn skip_to(&mut self, start_us: i64, now_us: i64) {
        let passed = now_us - start_us - self.phase_us;
        self.next = self.next.max(passed.div_euclid(self.interval_us) + 1);
    }
}

/// The grid of all targets.
#[derive(Debug)]
pub struct Schedule {
    start_us: i64,
    entries: Vec<ScheduledTarget>,
}

impl Schedule {
    /// A grid that starts within a second of `now`. `random` decides where in that second, so
    /// that many installations do not send in step.
    pub fn new(now: BootTime, random: u64, targets: Vec<IcmpTarget>) -> Self {
        let offset_ms = i64::try_from(random % 1_000).unwrap_or(0);
        let start_us = (now.as_micros().div_euclid(1_000) + 1 + offset_ms) * 1_000;
        let mut schedule = Self { start_us, entries: Vec::new() };
        schedule.set_targets(now, targets);
        schedule
    }

    /// Other targets from `now` on. Those that stay as they were keep their slots.
    pub fn set_targets(&mut self, now: BootTime, targets: Vec<IcmpTarget>) {
        let mut kept = std::mem::take(&mut self.entries);
        let phases = phases(&targets);
        for (target, slot) in targets.into_iter().zip(phases) {
            if let Some(i) = kept.iter().position(|e| e.target.is_probed_like(&target)) {
                let mut entry = kept.swap_remove(i);
                entry.target = target;
                self.entries.push(entry);
                continue;
            }
            let interval_us = micros(target.interval.max(SHORTEST_INTERVAL)) / 1_000 * 1_000;
            // Thirds of the interval, also of a long one: three anchors asked within a second see
            // no more than one does. Those of whole seconds are thirds of a second, too, and share
            // the wake-ups of the default; rounded to whole milliseconds.
            let phase_us = (slot * (interval_us / 1_000) + SLOTS / 2) / SLOTS * 1_000;
            let mut entry = ScheduledTarget { target, phase_us, interval_us, next: 0 };
            // A first slot at this very instant is still good; one before it is not.
            entry.skip_to(self.start_us, now.as_micros() - 1);
            entry.next = entry.next.max(0);
            self.entries.push(entry);
        }
    }

    /// Skips all slots up to `now` without reporting them: the machine slept.
    pub fn resume(&mut self, now: BootTime) {
        for entry in &mut self.entries {
            entry.skip_to(self.start_us, now.as_micros());
        }
    }

    /// Appends the slots that have come by `now` to `due`, in the order of their times.
    pub fn due(&mut self, now: BootTime, due: &mut Vec<Due>) {
        let first_new = due.len();
        for entry in &mut self.entries {
            let mut missed = 0;
            loop {
                let at = entry.at(self.start_us);
                if at > now.as_micros() {
                    break;
                }
                let timing = if (now.as_micros() - at) * 2 > entry.interval_us {
                    missed += 1;
                    Timing::Missed
                } else {
                    Timing::Now
                };
                if timing == Timing::Missed && missed > MISSED_AT_MOST {
                    // The rest of the stall is a gap, but for a last slot that is still in time.
                    let last = (now.as_micros() - self.start_us - entry.phase_us)
                        .div_euclid(entry.interval_us);
                    let in_time = (now.as_micros()
                        - entry.at(self.start_us)
                        - (last - entry.next) * entry.interval_us)
                        * 2
                        <= entry.interval_us;
                    entry.next = if in_time { last } else { last + 1 };
                    continue;
                }
                due.push(Due {
                    target: entry.target.id,
                    ip: entry.target.ip,
                    over: entry.target.over,
                    at: BootTime::from_micros(at),
                    timing,
                });
                entry.next += 1;
            }
        }
        due[first_new..].order_by_key(|d| d.at);
    }

    /// The next slot of any target; `None` without targets.
    pub fn next_due(&self) -> Option<BootTime> {
        self.entries.iter().map(|e| BootTime::from_micros(e.at(self.start_us))).min()
    }

    /// The shortest interval of any target; `None` without targets.
    pub fn shortest_interval(&self) -> Option<Duration> {
        self.entries.iter().map(|e| e.target.interval).min()
    }
}

/// The slot, 0 to 2, of each target: anchors in turn (IPv6 ones in the turn of their IPv4
/// siblings), hops in the slots of the anchors.
fn phases(targets: &[IcmpTarget]) -> Vec<i64> {
    let (mut v4, mut v6, mut services) = (0, 0, 0);
    let turn = |counter: &mut i64| {
        let slot = *counter % SLOTS;
        *counter += 1;
        slot
    };
    targets
        .iter()
        .map(|target| match target.role {
            Role::Gateway => 0,
            Role::Modem => 1,
            Role::Isp => 2,
            Role::Anchor if target.ip.is_ipv4() => turn(&mut v4),
            Role::Anchor => turn(&mut v6),
            Role::Service => turn(&mut services),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn target(id: u8, role: Role, interval_ms: u64) -> IcmpTarget {
        IcmpTarget {
            id: TargetId(id),
            ip: IpAddr::from([127, 0, 0, id]),
            role,
            interval: Duration::from_millis(interval_ms),
            standing: Standing::Unproven,
            over: None,
        }
    }

    fn all_due(schedule: &mut Schedule, now: i64) -> Vec<Due> {
        let mut due = Vec::new();
        schedule.due(BootTime::from_micros(now), &mut due);
        due
    }

    #[test]
    fn default_targets_make_three_slots_a_second() {
        let mut targets = vec![
            target(1, Role::Gateway, 1_000),
            target(2, Role::Modem, 1_000),
            target(3, Role::Isp, 1_000),
            target(4, Role::Anchor, 1_000),
            target(5, Role::Anchor, 1_000),
            target(6, Role::Anchor, 1_000),
        ];
        let sibling = IcmpTarget { ip: "::1".parse().unwrap(), ..target(7, Role::Anchor, 1_000) };
        targets.push(sibling);
        let mut schedule = Schedule::new(BootTime::from_micros(0), 41, targets);
        let start = schedule.next_due().unwrap().as_micros();
        assert_eq!(start, 42_000);
        let mut seen = Vec::new();
        let mut wakes = 0;
        while let Some(at) = schedule.next_due().filter(|at| at.as_micros() < start + 1_000_000) {
            wakes += 1;
            seen.extend(
                all_due(&mut schedule, at.as_micros() + 90)
                    .iter()
                    .map(|d| (d.target.0, d.at.as_micros() - start)),
            );
        }
        assert_eq!(wakes, 3);
        seen.sort_unstable();
        assert_eq!(
            seen,
            [(1, 0), (2, 333_000), (3, 667_000), (4, 0), (5, 333_000), (6, 667_000), (7, 0)]
        );
    }

    #[test]
    fn anchors_of_a_long_interval_are_spread_over_all_of_it_and_share_the_wakes_of_a_second() {
        let mut targets: Vec<_> = (1..4).map(|i| target(i, Role::Anchor, 10_000)).collect();
        targets.extend((4..7).map(|i| target(i, Role::Anchor, 1_000)));
        let mut schedule = Schedule::new(BootTime::from_micros(0), 0, targets);
        let start = schedule.next_due().unwrap().as_micros();
        let due = all_due(&mut schedule, start + 9_999_999);
        let rare: Vec<_> =
            due.iter().filter(|d| d.target.0 < 4).map(|d| d.at.as_micros() - start).collect();
        assert_eq!(rare, [0, 3_333_000, 6_667_000]);
        let often =
            |at: &i64| due.iter().any(|d| d.target.0 >= 4 && d.at.as_micros() - start == *at);
        assert!(rare.iter().all(often));
    }

    #[test]
    fn a_slot_more_than_half_an_interval_late_is_missed_and_not_caught_up() {
        let mut schedule =
            Schedule::new(BootTime::from_micros(0), 0, vec![target(1, Role::Anchor, 1_000)]);
        let start = schedule.next_due().unwrap().as_micros();
        let due = all_due(&mut schedule, start + 1_500_001);
        let timings: Vec<_> = due.iter().map(|d| (d.at.as_micros() - start, d.timing)).collect();
        assert_eq!(timings, [(0, Timing::Missed), (1_000_000, Timing::Missed)]);
        assert_eq!(schedule.next_due(), Some(BootTime::from_micros(start + 2_000_000)));
    }

    #[test]
    fn a_long_stall_leaves_a_gap_and_one_probe_in_time() {
        let mut schedule =
            Schedule::new(BootTime::from_micros(0), 0, vec![target(1, Role::Anchor, 1_000)]);
        let start = schedule.next_due().unwrap().as_micros();
        let due = all_due(&mut schedule, start + 3_600_000_100);
        assert_eq!(due.len(), MISSED_AT_MOST + 1);
        assert_eq!(
            due.last().map(|d| (d.at.as_micros() - start, d.timing)),
            Some((3_600_000_000, Timing::Now))
        );
    }

    #[test]
    fn after_sleep_the_grid_goes_on_without_a_burst() {
        let mut schedule =
            Schedule::new(BootTime::from_micros(0), 0, vec![target(1, Role::Anchor, 1_000)]);
        let start = schedule.next_due().unwrap().as_micros();
        schedule.resume(BootTime::from_micros(start + 7_200_400_000));
        assert_eq!(all_due(&mut schedule, start + 7_200_400_000), []);
        assert_eq!(schedule.next_due(), Some(BootTime::from_micros(start + 7_201_000_000)));
    }

    #[test]
    fn unchanged_targets_keep_their_slots_when_others_come_and_go() {
        let anchors = || (4..7).map(|i| target(i, Role::Anchor, 1_000)).collect::<Vec<_>>();
        let mut schedule = Schedule::new(BootTime::from_micros(0), 7, anchors());
        let start = schedule.next_due().unwrap().as_micros();
        all_due(&mut schedule, start);
        let mut others = anchors();
        others.remove(0);
        others.push(target(9, Role::Service, 500));
        schedule.set_targets(BootTime::from_micros(start + 10), others);
        let due = all_due(&mut schedule, start + 900_000);
        let slots: Vec<_> = due
            .iter()
            .filter(|d| d.target.0 != 9)
            .map(|d| (d.target.0, d.at.as_micros() - start))
            .collect();
        assert_eq!(slots, [(5, 333_000), (6, 667_000)]);
        assert!(due.iter().any(|d| d.target.0 == 9 && d.at.as_micros() == start + 500_000));
    }

    proptest! {
        #[test]
        fn slots_never_drift_nor_come_twice(
            interval_ms in 100u64..3_600_000,
            random: u64,
            steps in prop::collection::vec(1i64..5_000_000, 1..200),
        ) {
            let mut schedule =
                Schedule::new(BootTime::from_micros(5), random, vec![target(1, Role::Anchor, interval_ms)]);
            let start = schedule.next_due().unwrap().as_micros();
            let interval = i64::try_from(interval_ms).unwrap() * 1_000;
            let mut now = 5;
            let mut last = i64::MIN;
            for step in steps {
                now += step;
                for due in all_due(&mut schedule, now) {
                    prop_assert_eq!((due.at.as_micros() - start) % interval, 0);
                    prop_assert!(due.at.as_micros() > last && due.at.as_micros() <= now);
                    prop_assert_eq!(due.timing == Timing::Missed, (now - due.at.as_micros()) * 2 > interval);
                    last = due.at.as_micros();
                }
                prop_assert!(schedule.next_due().unwrap().as_micros() > now);
            }
        }
    }
}
