//! How well this host's clock is known: whether it was set, and how far it is from others.

use serde::{Deserialize, Serialize};

use super::target::TargetId;
use crate::text::words::word_enum;
use crate::time::{Micros, Timestamp};

word_enum! {
    /// Whether the UTC of a run can be relied on.
    pub enum ClockState: "state of the clock" {
        /// The clock had not been set: its times are about right at best.
        Provisional = "provisional",
        /// It was synchronized, was set during this boot, or agreed with two independent servers.
        Set = "set",
    }
}

/// What is known of the clock in one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunClock {
    /// Number of the run.
    pub run: i64,
    /// Whether its UTC can be relied on.
    pub state: ClockState,
    /// What this host's clock showed when the run began. Where that is not the start of the run,
    /// its times are those of the boot clock.
    pub host: Timestamp,
    /// When the run was dated anew, because the clock had been set; `None`: never.
    pub dated: Option<Timestamp>,
}

/// The bounds of what another clock is ahead of this host's; negative where it is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockOffset {
    /// The least, microseconds.
    least_us: i64,
    /// The most, microseconds.
    most_us: i64,
}

/// A clock that differs by more is wrong.
const WRONG: Micros = Micros::from_seconds(2);

impl ClockOffset {
    /// From bounds in microseconds.
    pub const fn new(least: Micros, most: Micros) -> Self {
        Self { least_us: least.as_i64(), most_us: most.as_i64() }
    }

    /// Of a server that wrote `date`, whose fraction of a second is cut off, into an answer: some time
    /// between the request, at `asked` by the clock of this host, and the answer, at `answered`.
    pub const fn of_answer(date: Timestamp, asked: Timestamp, answered: Timestamp) -> Self {
        let latest = date.plus_micros(Micros::SECOND.as_i64());
        Self { least_us: date.micros_since(answered), most_us: latest.micros_since(asked) }
    }

    /// The least.
    pub const fn least(self) -> Micros {
        Micros::new(self.least_us)
    }

    /// The most.
    pub const fn most(self) -> Micros {
        Micros::new(self.most_us)
    }

    /// What both allow; `None` where they contradict each other.
    pub fn intersect(self, other: Self) -> Option<Self> {
        let least_us = self.least_us.max(other.least_us);
        let most_us = self.most_us.min(other.most_us);
        (least_us <= most_us).then_some(Self { least_us, most_us })
    }

    /// What one or the other allows, and all between.
    #[must_use]
    pub fn hull(self, other: Self) -> Self {
        let least_us = self.least_us.min(other.least_us);
        Self { least_us, most_us: self.most_us.max(other.most_us) }
    }

    /// Wider by `by` on both sides.
    #[must_use]
    pub const fn widened(self, by: Micros) -> Self {
        let by = by.as_i64();
        let least_us = self.least_us.saturating_sub(by);
        Self { least_us, most_us: self.most_us.saturating_add(by) }
    }

    /// The same after this host's clock was put forward by `by`.
    #[must_use]
    pub const fn after_step(self, by: Micros) -> Self {
        let by = by.as_i64();
        let least_us = self.least_us.saturating_sub(by);
        Self { least_us, most_us: self.most_us.saturating_sub(by) }
    }

    /// The most by which this host's clock can be off.
    pub const fn within(self) -> Micros {
        let (least, most) = (self.least_us.saturating_abs(), self.most_us.saturating_abs());
        Micros::new(if least > most { least } else { most })
    }

    /// What the other clock is ahead at least, negative where it is behind; `None` where it may be
    /// neither by more than 2 s.
    pub fn difference(self) -> Option<Micros> {
        if self.least() > WRONG {
            Some(self.least())
        } else if self.most() < -WRONG {
            Some(self.most())
        } else {
            None
        }
    }

    /// Whether this host's clock is within 2 s of the other for sure.
    pub fn agrees(self) -> bool {
        self.within() <= WRONG
    }
}

/// What the answers of one web server showed in one run and day (UTC).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerClock {
    /// Number of the run.
    pub run: i64,
    /// Which target's.
    pub target: TargetId,
    /// When the first of them came.
    pub from: Timestamp,
    /// When the last of them came.
    pub to: Timestamp,
    /// How far the server was ahead of the times in the record.
    pub offset: ClockOffset,
    /// How many there were.
    pub answers: u32,
}

/// What independent servers together say of a clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockCheck {
    /// How many servers.
    pub servers: usize,
    /// What any of them allows.
    pub offset: ClockOffset,
    /// What the nearest of them is ahead at least, negative where they are behind, if all are more
    /// than 2 s off to the same side.
    pub difference: Option<Micros>,
}

impl ClockCheck {
    /// Of the offsets of servers of different owners; `None` for fewer than two: one alone may be
    /// wrong itself.
    pub fn of(offsets: &[ClockOffset]) -> Option<Self> {
        let (first, rest) = offsets.split_first().filter(|(_, rest)| !rest.is_empty())?;
        let offset = rest.iter().fold(*first, |hull, offset| hull.hull(*offset));
        let ahead = offsets.iter().map(|o| o.difference().filter(|d| *d > Micros::ZERO));
        let behind = offsets.iter().map(|o| o.difference().filter(|d| *d < Micros::ZERO));
        let all_ahead = ahead.collect::<Option<Vec<_>>>().and_then(|d| d.into_iter().min());
        let all_behind = behind.collect::<Option<Vec<_>>>().and_then(|d| d.into_iter().max());
        Some(Self { servers: offsets.len(), offset, difference: all_ahead.or(all_behind) })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(least: i64, most: i64) -> ClockOffset {
        ClockOffset::new(Micros::from_millis(least), Micros::from_millis(most))
    }

    #[test]
    fn two_servers_that_differ_to_the_same_side_are_a_finding_and_one_alone_is_none() {
        let wrong = ms(1_199_200, 1_200_300);
        assert_eq!(ClockCheck::of(&[wrong]), None);
        let check = ClockCheck::of(&[wrong, ms(1_199_500, 1_200_600)]).unwrap();
        assert_eq!(check.difference, Some(Micros::from_millis(1_199_200)));
        assert_eq!(ClockCheck::of(&[wrong, ms(-400, 700)]).unwrap().difference, None);
        assert_eq!(ClockCheck::of(&[wrong, ms(-4_000, -3_000)]).unwrap().difference, None);
        let behind = ClockCheck::of(&[ms(-4_000, -3_000), ms(-4_500, -3_500)]).unwrap();
        assert_eq!(behind.difference, Some(Micros::from_millis(-3_000)));
        let right = ClockCheck::of(&[ms(-300, 800), ms(-500, 600)]).unwrap();
        assert_eq!((right.difference, right.offset.within()), (None, Micros::from_millis(800)));
        assert!(right.offset.agrees());
    }

    proptest! {
        /// Whatever the delays and the phase of the second, the true offset lies within.
        #[test]
        fn the_bounds_of_answers_hold_the_offset_and_so_does_their_intersection(
            ahead_us in -5_000_000_000_i64..5_000_000_000,
            answers in proptest::collection::vec((0_i64..3_600_000_000, 0_i64..900_000, 0_i64..900_000), 1..40),
        ) {
            let mut known: Option<ClockOffset> = None;
            let mut width = i64::MAX;
            for (at, there, back) in answers {
                let asked = Timestamp::from_micros(1_700_000_000_000_000 + at);
                let written = asked.plus_micros(there + ahead_us);
                let date = Timestamp::from_seconds(written.as_micros().div_euclid(1_000_000));
                let offset = ClockOffset::of_answer(date, asked, asked.plus_micros(there + back));
                let both = known.map_or(Some(offset), |known| known.intersect(offset));
                prop_assert!(both.is_some(), "answers of one clock never contradict each other");
                known = both;
                let now = both.unwrap();
                prop_assert!(now.least().as_i64() <= ahead_us && ahead_us <= now.most().as_i64());
                let narrower = now.most().as_i64() - now.least().as_i64();
                prop_assert!(narrower <= width, "more answers never say less");
                width = narrower;
                prop_assert!(width <= 1_000_000 + 1_800_000);
            }
        }

        #[test]
        fn intersection_and_hull_are_what_sets_of_numbers_have(
            a in -100_i64..100, b in 0_i64..100, c in -100_i64..100, d in 0_i64..100, x in -300_i64..300,
        ) {
            let (one, two) = (ms(a, a + b), ms(c, c + d));
            let has = |o: ClockOffset| o.least() <= Micros::from_millis(x) && Micros::from_millis(x) <= o.most();
            prop_assert_eq!(one.intersect(two).is_some_and(has), has(one) && has(two));
            if has(one) || has(two) {
                prop_assert!(has(one.hull(two)));
            }
            prop_assert_eq!(one.intersect(two), two.intersect(one));
            prop_assert_eq!(one.widened(Micros::from_millis(5)).after_step(Micros::from_millis(3)),
                            ms(a - 8, a + b + 2));
        }
    }
}
