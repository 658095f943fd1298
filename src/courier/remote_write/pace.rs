//! When a receiver is tried again. Pure: chance is an argument.

use std::time::Duration;

use crate::time::Micros;

/// After the first failure; each further one doubles it.
const FIRST: Duration = Duration::from_secs(5);
/// No pause is longer, unless the receiver asks for it.
const LONGEST: Duration = Duration::from_secs(300);
/// What was refused because of a setting is tried again this often.
pub(super) const HELD: Duration = Duration::from_secs(600);

/// Where in a span of time something happens: 0 is its beginning, 1 its end.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct WaitChance(f64);

impl WaitChance {
    /// Another one each time.
    pub(super) fn draw() -> Self {
        Self(fastrand::f64())
    }

    fn of(self, span: Duration) -> Duration {
        span.mul_f64(self.0.clamp(0.0, 1.0))
    }
}

/// The pause after so many failures in a row, and at least what the receiver asked for: from half of it
/// on, so that those who failed together do not come back together.
pub(super) fn pause(failures: u32, asked: Option<Duration>, chance: WaitChance) -> Micros {
    let doubled = FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST);
    let half = doubled / 2;
    let pause = half + chance.of(half);
    // Whoever was told the same moment spreads after it.
    let asked = asked.map_or(Duration::ZERO, |asked| asked + chance.of(asked / 2));
    pause.max(asked).into()
}

/// The pause of one that is held.
pub(super) fn held(chance: WaitChance) -> Micros {
    (HELD / 10 * 9 + chance.of(HELD / 5)).into()
}

/// How long one waits whose link is back after it was away for so long: all those that lost it together
/// come back within that time, or two minutes.
pub fn back_within(away: Duration) -> Micros {
    spread(away, WaitChance::draw())
}

fn spread(away: Duration, chance: WaitChance) -> Micros {
    const LEAST: Duration = Duration::from_secs(1);
    const MOST: Duration = Duration::from_secs(120);
    chance.of(away.clamp(LEAST, MOST)).into()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_pause_grows_is_bounded_and_never_less_than_what_was_asked_for(
            failures in 1_u32..2_000, asked in proptest::option::of(0_u64..3_600), chance in 0.0..1.0_f64,
        ) {
            let asked = asked.map(Duration::from_secs);
            let found = pause(failures, asked, WaitChance(chance));
            prop_assert!(found >= Micros::from(asked.unwrap_or_default()));
            prop_assert!(found >= Micros::from_millis(2_500));
            prop_assert!(found <= Micros::from_seconds(3_600 * 3 / 2));
            prop_assert!(pause(failures + 1, None, WaitChance(0.0)) >= pause(failures, None, WaitChance(0.0)));
        }
    }

    #[test]
    fn ten_thousand_that_lost_the_link_together_do_not_come_back_together() {
        let mut seconds = [0_u32; 120];
        for n in 0..10_000_u32 {
            let after = spread(Duration::from_secs(7_200), WaitChance(f64::from(n) / 10_000.0));
            seconds[usize::try_from(after.as_i64() / 1_000_000).unwrap()] += 1;
        }
        assert!(seconds.iter().all(|count| *count < 100));
        assert!(spread(Duration::ZERO, WaitChance(1.0)) <= Micros::from_seconds(1));
    }
}
