//! Lengths of time in whole microseconds, the resolution of the stored record.

use std::fmt;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub, SubAssign};
use std::time::Duration;

/// Whole microseconds of a duration, at most `i64::MAX`.
pub fn micros(d: Duration) -> i64 {
    i64::try_from(d.as_micros()).unwrap_or(i64::MAX)
}

/// A length of time in microseconds that may be negative, unlike [`Duration`]. Its arithmetic
/// stops at the ends of its range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Micros(i64);

impl Micros {
    /// No time at all.
    pub const ZERO: Self = Self(0);
    /// One second.
    pub const SECOND: Self = Self(1_000_000);
    /// One minute.
    pub const MINUTE: Self = Self::from_seconds(60);
    /// One hour.
    pub const HOUR: Self = Self::from_seconds(3_600);
    /// One day of 24 hours.
    pub const DAY: Self = Self::from_seconds(86_400);

    /// So many microseconds.
    pub const fn new(us: i64) -> Self {
        Self(us)
    }
    /// From milliseconds.
    pub const fn from_millis(ms: i64) -> Self {
        Self(ms.saturating_mul(1_000))
    }
    /// From whole seconds.
    pub const fn from_seconds(s: i64) -> Self {
        Self(s.saturating_mul(1_000_000))
    }
    /// The number of microseconds.
    pub const fn as_i64(self) -> i64 {
        self.0
    }
    /// As a duration; a negative length becomes zero.
    pub fn to_duration(self) -> Duration {
        Duration::from_micros(u64::try_from(self.0).unwrap_or(0))
    }
}

/// Whole microseconds, at most `i64::MAX`.
impl From<Duration> for Micros {
    fn from(d: Duration) -> Self {
        Self(micros(d))
    }
}

/// In the largest unit that divides it: `1500 ms`, `-2 s`, `7 µs`.
impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            us if us % 1_000_000 == 0 => write!(f, "{} s", us / 1_000_000),
            us if us % 1_000 == 0 => write!(f, "{} ms", us / 1_000),
            us => write!(f, "{us} µs"),
        }
    }
}

impl Add for Micros {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Micros {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl SubAssign for Micros {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}

impl Neg for Micros {
    type Output = Self;
    fn neg(self) -> Self {
        Self(self.0.saturating_neg())
    }
}

impl Mul<i64> for Micros {
    type Output = Self;
    fn mul(self, times: i64) -> Self {
        Self(self.0.saturating_mul(times))
    }
}

impl Mul<Micros> for i64 {
    type Output = Micros;
    fn mul(self, length: Micros) -> Micros {
        length * self
    }
}

/// A part of it, rounded toward zero. The divisor must not be zero.
impl Div<i64> for Micros {
    type Output = Self;
    fn div(self, by: i64) -> Self {
        Self(self.0 / by)
    }
}

/// How many times the other length fits into it, rounded toward zero. The other must not be zero.
impl Div for Micros {
    type Output = i64;
    fn div(self, by: Self) -> i64 {
        self.0 / by.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_stop_at_the_ends_of_their_range() {
        let (most, least) = (Micros::new(i64::MAX), Micros::new(i64::MIN));
        assert_eq!(most + Micros::SECOND, most);
        assert_eq!(least - Micros::SECOND, least);
        assert_eq!((-least, most * 2), (most, most));
        assert_eq!(Micros::from(Duration::MAX), most);
        assert_eq!(least.to_duration(), Duration::ZERO);
    }

    #[test]
    fn a_length_prints_in_the_largest_unit_that_divides_it() {
        for (us, text) in [(0, "0 s"), (-2_000_000, "-2 s"), (1_500_000, "1500 ms"), (7, "7 µs")] {
            assert_eq!(Micros::new(us).to_string(), text);
        }
        assert_eq!(Micros::HOUR / Micros::MINUTE, 60);
        assert_eq!(Micros::from(Micros::DAY.to_duration()), Micros::DAY);
    }
}
