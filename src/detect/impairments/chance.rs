//! Two small pieces of arithmetic on losses: how likely a number of them is by chance, and where in
//! a stream of them the rate changed.

/// Chance of `least` or more hits in `tries`, each of probability `p`.
pub(crate) fn binomial_tail(least: u32, tries: u32, p: f64) -> f64 {
    if least == 0 {
        return 1.0;
    }
    if least > tries || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    let (n, k) = (f64::from(tries), f64::from(least));
    let choose: f64 = (1..=least).map(f64::from).map(|i| ((n - k + i) / i).ln()).sum();
    let mut term = (choose + k * p.ln() + (n - k) * (-p).ln_1p()).exp();
    let mut sum = term;
    for hits in least..tries {
        let hits = f64::from(hits);
        term *= (n - hits) / (hits + 1.0) * p / (1.0 - p);
        sum += term;
        // Past the mode the terms shrink ever faster.
        if hits > n * p && term < sum * 1e-12 {
            break;
        }
    }
    sum.min(1.0)
}

/// What one probe says for a rate of `lossy` against one of `calm`, as a logarithm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weights {
    lost: f64,
    answered: f64,
}

impl Weights {
    /// The rates must be no certainties, and differ.
    pub(crate) fn new(calm: f64, lossy: f64) -> Self {
        let calm = calm.clamp(1e-6, 0.98);
        let lossy = lossy.clamp(calm * 1.01, 0.995);
        Self { lost: (lossy / calm).ln(), answered: ((1.0 - lossy) / (1.0 - calm)).ln() }
    }
}

/// A change between two neighbours of a stream, as the number of the first one after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LikelyEdge {
    /// The most likely.
    pub(crate) best: usize,
    /// The first and the last that are hardly less likely.
    pub(crate) earliest: usize,
    pub(crate) latest: usize,
}

/// An edge this much less likely, as a logarithm, is still possible.
const POSSIBLE: f64 = 2.0;

/// Where a stream of probes (lost or not; `None` says nothing) turns from the calm rate to the
/// lossy one, by maximum likelihood; of equals the last. Its end when it never does.
pub(crate) fn turn_lossy(probes: &[Option<bool>], weights: Weights) -> LikelyEdge {
    let mut sum = 0.0;
    let mut sums = vec![0.0; probes.len() + 1];
    for (at, probe) in probes.iter().enumerate().rev() {
        sum += weigh(*probe, weights);
        sums[at] = sum;
    }
    // Of equals the last: a stretch begins with a loss.
    let best = (0..sums.len())
        .rev()
        .fold(probes.len(), |best, at| if sums[at] > sums[best] + 1e-9 { at } else { best });
    around(&sums, best)
}

/// Where a stream turns from the lossy rate to the calm one; of equals the first.
pub(crate) fn turn_calm(probes: &[Option<bool>], weights: Weights) -> LikelyEdge {
    let mut sum = 0.0;
    let mut sums = vec![0.0];
    for probe in probes {
        sum += weigh(*probe, weights);
        sums.push(sum);
    }
    let best =
        (0..sums.len()).fold(0, |best, at| if sums[at] > sums[best] + 1e-9 { at } else { best });
    around(&sums, best)
}

fn weigh(probe: Option<bool>, weights: Weights) -> f64 {
    match probe {
        Some(true) => weights.lost,
        Some(false) => weights.answered,
        None => 0.0,
    }
}

fn around(sums: &[f64], best: usize) -> LikelyEdge {
    let possible = |at: &usize| sums[*at] >= sums[best] - POSSIBLE;
    let earliest = (0..=best).rev().take_while(possible).last().unwrap_or(best);
    let latest = (best..sums.len()).take_while(possible).last().unwrap_or(best);
    LikelyEdge { best, earliest, latest }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// By the definition, term by term.
    fn naive_tail(least: u32, tries: u32, p: f64) -> f64 {
        let term = |hits: u32| {
            let choose: f64 =
                (0..hits).map(|i| f64::from(tries - i) / f64::from(hits - i)).product();
            choose
                * p.powi(i32::try_from(hits).unwrap())
                * (1.0 - p).powi(i32::try_from(tries - hits).unwrap())
        };
        (least..=tries).map(term).sum()
    }

    /// The change that makes the whole stream most likely.
    fn naive_turn(probes: &[Option<bool>], before: f64, behind: f64) -> Vec<f64> {
        let log = |probe: &Option<bool>, rate: f64| match probe {
            Some(true) => rate.ln(),
            Some(false) => (1.0 - rate).ln(),
            None => 0.0,
        };
        (0..=probes.len())
            .map(|at| {
                probes[..at].iter().map(|p| log(p, before)).sum::<f64>()
                    + probes[at..].iter().map(|p| log(p, behind)).sum::<f64>()
            })
            .collect()
    }

    proptest! {
        #[test]
        fn a_tail_is_the_sum_of_its_terms(least in 0_u32..60, tries in 0_u32..60, p in 0.001..0.999) {
            let (fast, naive) = (binomial_tail(least, tries, p), naive_tail(least, tries, p));
            prop_assert!((fast - naive).abs() <= 1e-9 * naive.max(1e-9), "{fast} {naive}");
        }

        #[test]
        fn an_edge_is_where_the_whole_stream_is_most_likely(
            probes in prop::collection::vec(prop::option::weighted(0.95, any::<bool>()), 0..80),
            calm in 0.001..0.1,
            more in 0.1..0.8,
        ) {
            let lossy: f64 = calm + more;
            let weights = Weights::new(calm, lossy);
            for (edge, all) in [
                (turn_lossy(&probes, weights), naive_turn(&probes, calm, lossy)),
                (turn_calm(&probes, weights), naive_turn(&probes, lossy, calm)),
            ] {
                let most = all.iter().copied().fold(f64::NEG_INFINITY, f64::max);
                prop_assert!(all[edge.best] >= most - 1e-6, "{edge:?} {all:?}");
                prop_assert!(edge.earliest <= edge.best && edge.best <= edge.latest);
                for at in [edge.earliest, edge.latest] {
                    prop_assert!(all[at] >= most - POSSIBLE - 1e-6, "{edge:?} {all:?}");
                }
            }
        }
    }

    #[test]
    fn nine_of_180_are_no_chance_at_two_in_a_thousand() {
        assert!(binomial_tail(9, 180, 0.002) < 1e-6);
        assert!(binomial_tail(7, 180, 0.002) < 1e-6 && binomial_tail(6, 180, 0.002) > 1e-6);
        assert!(binomial_tail(12, 180, 0.01) < 1e-6 && binomial_tail(11, 180, 0.01) > 1e-6);
        assert!(binomial_tail(1, 0, 0.5) < 1e-12 && binomial_tail(0, 0, 0.5) > 1.0 - 1e-12);
    }
}
