//! Monte-Carlo p-values, p = (1+k)/(1+M) with k of M random draws at least as extreme: never 0,
//! and never lower than M can show (Davison and Hinkley, Bootstrap Methods, 1997, §4.2).

use super::strike::Strike;
use fastrand::Rng;

/// Draws of a cheap test: enough for `< 0.1 %` after the correction for six one-sided tests.
pub(super) const DRAWS: u32 = 6_999;
/// As many draws at least as extreme end a test early, with p = k/m (Besag and Clifford 1991): a
/// large p needs no three decimals.
const ENOUGH: u32 = 20;

/// The p-value of a statistic of which `extreme` draws one and compares it with what was seen.
pub(super) fn p_value(draws: u32, mut extreme: impl FnMut() -> bool) -> f64 {
    let mut k = 0;
    for m in 1..=draws {
        k += u32::from(extreme());
        if k == ENOUGH {
            return f64::from(k) / f64::from(m);
        }
    }
    f64::from(k + 1) / f64::from(draws + 1)
}

/// Random numbers with a seed made of the drops: the same report twice says the same.
pub(super) fn generator(strikes: &[Strike]) -> Rng {
    // FNV-1a over the microseconds of all onsets.
    let seed = strikes
        .iter()
        .flat_map(|s| s.onset.as_micros().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |h: u64, byte| {
            (h ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
    Rng::with_seed(seed)
}

/// A draw from the exponential distribution of mean 1.
pub(super) fn exponential(rng: &mut Rng) -> f64 {
    -(1.0 - rng.f64()).ln()
}

/// Fills `out` with sorted uniform draws in (0, 1): partial sums of exponentials over their total.
pub(super) fn sorted_uniform(rng: &mut Rng, out: &mut [f64]) {
    let mut sum = 0.0;
    for x in out.iter_mut() {
        sum += exponential(rng);
        *x = sum;
    }
    sum += exponential(rng);
    for x in out {
        *x /= sum;
    }
}
