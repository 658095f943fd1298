//! Kernel send stamps and the probes they belong to.
//!
//! The kernel numbers the packets of a socket (`SOF_TIMESTAMPING_OPT_ID`), and a send that fails
//! on its way down may or may not use up a number. After a failed send the number of a packet
//! is therefore learned from its stamps. Pure.

use std::collections::VecDeque;
use std::time::Duration;

use super::delay;
use super::driver::ClockSteps;
use crate::time::micros;

/// Time in the queueing discipline below this is the stack's, not a queue's.
const QUEUE_NS: i64 = 100_000;
/// Time from this program to the driver below this may be that of a process that had to wait for
/// the processor.
const KEPT_NS: i64 = 50_000_000;

/// Where the kernel stamped a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Station {
    /// Before the queueing discipline.
    Queue,
    /// When the driver took it.
    Driver,
}

/// What is known of the sending of one probe; kernel times are UTC in nanoseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Departure {
    key: u32,
    /// Number of the probe.
    pub(crate) number: u64,
    /// This program's own clock before the system call, UTC in nanoseconds.
    pub(crate) user_ns: i64,
    /// How many steps of the clock there had been.
    pub(crate) steps: u32,
    /// Before the queueing discipline.
    pub(crate) queue_ns: Option<i64>,
    /// When the driver took it.
    pub(crate) driver_ns: Option<i64>,
}

impl Departure {
    /// Time in this host's own queues, where it was more than the stack's own: in the queueing
    /// discipline, or before that, kept until the next hop's link-layer address is found.
    pub(crate) fn waited_ns(&self) -> Option<i64> {
        let driver = self.driver_ns?;
        let kept = driver - self.user_ns;
        if kept >= KEPT_NS {
            return Some(kept);
        }
        self.queue_ns.map(|queue| driver - queue).filter(|ns| *ns >= QUEUE_NS)
    }

    /// Delay on the network and time in this host's own queues, of an answer that the kernel stamped
    /// at `received_ns` and that took no longer than `bound`. When the clock was stepped since the
    /// probe left, the answer came before the step or after it; `None` where both can be.
    pub(crate) fn delays(
        &self,
        received_ns: i64,
        steps: ClockSteps,
        bound: Duration,
    ) -> Option<(Duration, Option<Duration>)> {
        let left = self.driver_ns.or(self.queue_ns).unwrap_or(self.user_ns);
        let local_queue = self.waited_ns().and_then(delay);
        let with = |step_ns: i64| {
            let rtt = delay(received_ns - step_ns - left)?;
            let total = micros(rtt + local_queue.unwrap_or_default());
            // A small step that went unnoticed, and the few microseconds between two clocks.
            (total <= micros(bound) + 1_000).then_some((rtt, local_queue))
        };
        match steps.count.wrapping_sub(self.steps) {
            0 => with(0),
            1 => match (with(0), with(steps.last_ns)) {
                (Some(_), Some(_)) => None,
                (before, after) => before.or(after),
            },
            _ => None,
        }
    }
}

/// The departures of one socket, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Departures {
    next_key: u32,
    doubtful: bool,
    last_failed: bool,
    all: VecDeque<Departure>,
}

impl Departures {
    /// Probe `number` was handed to the kernel.
    pub(crate) fn sent(&mut self, number: u64, user_ns: i64, steps: u32) {
        let key = self.next_key;
        self.next_key = key.wrapping_add(1);
        self.last_failed = false;
        self.all.push_back(Departure {
            key,
            number,
            user_ns,
            steps,
            queue_ns: None,
            driver_ns: None,
        });
    }

    /// A send failed: the next number is in doubt.
    pub(crate) fn failed(&mut self) {
        self.doubtful = true;
        self.last_failed = true;
    }

    /// Whether the stamps must be read before the next send, to learn the number.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.doubtful
    }

    /// The kernel stamped packet `key` at `ns`.
    pub(crate) fn stamped(&mut self, key: u32, station: Station, ns: i64) {
        let ahead = key.wrapping_sub(self.next_key) < u32::MAX / 2;
        if ahead {
            // Failed sends used up numbers. The stamp is of the packet sent last, or of the
            // one that failed.
            self.next_key = key.wrapping_add(1);
            if let Some(last) = self.all.back_mut().filter(|_| !self.last_failed) {
                last.key = key;
            }
        }
        let found = self.all.iter_mut().rev().find(|d| d.key == key);
        let Some(departure) = found else { return };
        if departure.user_ns > ns + 1_000_000 {
            return; // of an earlier packet: nothing is stamped before it is sent
        }
        match station {
            Station::Queue => departure.queue_ns = Some(ns),
            Station::Driver => departure.driver_ns = Some(ns),
        }
        if !self.last_failed {
            self.doubtful = false;
        }
    }

    /// Whether no probe is known.
    pub(crate) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// What is known of probe `number`.
    pub(crate) fn get(&self, number: u64) -> Option<&Departure> {
        self.all.binary_search_by_key(&number, |d| d.number).ok().map(|i| &self.all[i])
    }

    /// Forgets everything before probe `number`.
    pub(crate) fn forget_before(&mut self, number: u64) {
        while self.all.front().is_some_and(|d| d.number < number) {
            self.all.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stamps_find_their_probes_in_any_order() {
        let mut departures = Departures::default();
        departures.sent(10, 5, 0);
        departures.sent(12, 6, 0);
        departures.stamped(1, Station::Queue, 7);
        departures.stamped(0, Station::Driver, 9);
        assert_eq!(departures.get(12).unwrap().queue_ns, Some(7));
        assert_eq!(departures.get(10).unwrap().driver_ns, Some(9));
        assert_eq!(departures.get(11), None);
        departures.forget_before(12);
        assert_eq!(departures.get(10), None);
    }

    #[test]
    fn an_answer_across_a_step_of_the_clock_has_its_delay_where_it_can_only_be_one() {
        let mut departures = Departures::default();
        departures.sent(1, 1_000_000_000, 0);
        let departure = departures.get(1).unwrap();
        let bound = Duration::from_millis(900);
        let rtt = |received_ms: i64, count, step_ms: i64| {
            let steps = ClockSteps { count, last_ns: step_ms * 1_000_000 };
            let known = departure.delays(received_ms * 1_000_000, steps, bound);
            known.map(|(rtt, _)| rtt.as_millis())
        };
        assert_eq!(rtt(1_020, 0, 0), Some(20));
        assert_eq!(rtt(1_020, 1, 1_200_000), Some(20), "before the step");
        assert_eq!(rtt(1_201_020, 1, 1_200_000), Some(20), "after it");
        assert_eq!(rtt(-1_198_980, 1, -1_200_000), Some(20), "put back");
        assert_eq!(rtt(1_320, 1, 300), None, "20 ms or 320 ms");
        assert_eq!(rtt(1_020, 2, 1_200_000), None);
        assert_eq!(rtt(2_020, 0, 0), None, "longer than it can have taken");
    }

    #[test]
    fn a_failed_send_that_used_up_a_number_does_not_shift_the_stamps() {
        let mut departures = Departures::default();
        departures.sent(1, 0, 0);
        departures.stamped(0, Station::Queue, 1);
        departures.failed();
        departures.sent(3, 2, 0);
        assert!(departures.is_doubtful());
        departures.stamped(2, Station::Queue, 3);
        assert!(!departures.is_doubtful());
        departures.stamped(2, Station::Driver, 4);
        departures.sent(4, 5, 0);
        departures.stamped(3, Station::Driver, 6);
        let known = departures.get(3).unwrap();
        assert_eq!((known.queue_ns, known.driver_ns), (Some(3), Some(4)));
        assert_eq!(departures.get(4).unwrap().driver_ns, Some(6));
    }

    #[test]
    fn a_packet_kept_until_the_next_hop_is_found_waited_from_the_send_on() {
        let waited = |queue_ns, driver_ns| {
            let mut departures = Departures::default();
            departures.sent(1, 0, 0);
            departures.stamped(0, Station::Queue, queue_ns);
            departures.stamped(0, Station::Driver, driver_ns);
            departures.get(1).unwrap().waited_ns()
        };
        assert_eq!(waited(2_100_000_000, 2_100_020_000), Some(2_100_020_000));
        assert_eq!(waited(30_000, 7_030_000), Some(7_000_000), "in the queueing discipline");
        assert_eq!(waited(9_000_000, 9_020_000), None, "the processor was busy elsewhere");
    }

    #[test]
    fn the_stamp_of_a_packet_that_the_queue_dropped_goes_to_no_probe() {
        let mut departures = Departures::default();
        departures.sent(1, 0, 0);
        departures.failed();
        departures.stamped(1, Station::Queue, 3);
        assert_eq!(departures.get(1).unwrap().queue_ns, None);
        departures.sent(3, 4, 0);
        departures.stamped(2, Station::Queue, 5);
        assert_eq!(departures.get(3).unwrap().queue_ns, Some(5));
    }

    #[test]
    fn a_failed_send_that_used_up_no_number_changes_nothing() {
        let mut departures = Departures::default();
        departures.sent(1, 0, 0);
        departures.failed();
        departures.sent(3, 2, 0);
        departures.stamped(1, Station::Driver, 3);
        assert_eq!(departures.get(3).unwrap().driver_ns, Some(3));
        assert!(!departures.is_doubtful());
    }
}
