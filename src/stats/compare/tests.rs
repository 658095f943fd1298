//! Intervals against naive oracles, and how often they hold the truth.

#![allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "small made-up counts"
)]

use super::*;

const DAY: Duration = Duration::from_secs(86_400);

fn side(blocks: Vec<TimeBlock>) -> ComparedSide {
    let hours = u32::try_from(blocks.len()).unwrap();
    let elapsed = Duration::from_secs(3_600) * hours;
    ComparedSide { elapsed, watched: elapsed, blocks }
}

fn up(drops: u64, up_s: f64) -> TimeBlock {
    TimeBlock { up_s, drops, ..TimeBlock::default() }
}

fn counted(drops: u64, days: f64) -> SideFigures {
    SideFigures { drops, up_s: days * 86_400.0, ..SideFigures::default() }
}

fn gaussian(rng: &mut Rng) -> f64 {
    (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
}

fn poisson(rng: &mut Rng, mean: f64) -> u64 {
    let (mut n, mut product) = (0, rng.f64());
    while product > (-mean).exp() {
        n += 1;
        product *= rng.f64();
    }
    n
}

/// Share of trials whose interval holds the truth.
fn coverage(trials: u32, mut holds: impl FnMut() -> bool) -> f64 {
    f64::from((0..trials).map(|_| u32::from(holds())).sum::<u32>()) / f64::from(trials)
}

fn holds(change: MeasuredChange, truth: f64) -> bool {
    change.lower <= truth && change.upper.is_none_or(|upper| truth <= upper)
}

/// P(X >= k) of a binomial, term by term.
fn tail(n: u32, k: u32, p: f64) -> f64 {
    let mut term = (1.0 - p).powi(i32::try_from(n).unwrap());
    let mut sum = 0.0;
    for i in 0..=n {
        if i >= k {
            sum += term;
        }
        term *= f64::from(n - i) / f64::from(i + 1) * p / (1.0 - p);
    }
    sum
}

#[test]
fn the_ends_of_the_interval_of_a_rate_are_where_chance_reaches_one_in_forty() {
    for (n1, n2, d1, d2) in
        [(20, 3, 5.0, 5.0), (20, 0, 5.0, 2.0), (3, 9, 1.0, 7.5), (60, 41, 3.0, 2.0)]
    {
        let change = rate_ratio(&[counted(n1, d1), counted(n2, d2)], 1.0).unwrap();
        let share = |ratio: f64| ratio * d2 / (d1 + ratio * d2);
        let (n, k) = (u32::try_from(n1 + n2).unwrap(), u32::try_from(n2).unwrap());
        if n2 > 0 {
            assert!((tail(n, k, share(change.lower)) - 0.025).abs() < 1e-8);
        } else {
            assert_eq!(change.lower, 0.0);
        }
        let upper = change.upper.unwrap();
        assert!((1.0 - tail(n, k + 1, share(upper)) - 0.025).abs() < 1e-8);
        let value = change.value.unwrap();
        assert!((value - (n2 as f64 / d2) / (n1 as f64 / d1)).abs() < 1e-12);
        assert!(change.lower <= value && value <= upper);
    }
}

#[test]
fn without_a_drop_before_the_ratio_has_no_upper_end_and_without_any_there_is_none() {
    let change = rate_ratio(&[counted(0, 5.0), counted(7, 5.0)], 1.0).unwrap();
    assert_eq!((change.value, change.upper), (None, None));
    assert!(change.lower > 1.0 && change.judged(1.0, 1.0) == ChangeVerdict::More);
    assert_eq!(rate_ratio(&[counted(0, 5.0), counted(0, 5.0)], 1.0), None);
    assert_eq!(rate_ratio(&[counted(3, 5.0), counted(0, 0.0)], 1.0), None, "never up");
}

#[test]
fn intervals_of_the_rate_of_random_drops_hold_the_truth_nineteen_times_in_twenty() {
    let mut rng = Rng::with_seed(1);
    for (before, after) in [(2.0, 2.0), (10.0, 3.0), (50.0, 25.0)] {
        let held = coverage(2_000, || {
            let n = [poisson(&mut rng, before), poisson(&mut rng, after)];
            rate_ratio(&n.map(|n| counted(n, 1.0)), 1.0)
                .is_none_or(|change| holds(change, after / before))
        });
        assert!(held >= 0.95, "{before} {after}: {held}");
    }
}

/// Days of which each has a bad spell with several drops or none.
fn spells(rng: &mut Rng, days: usize, spells_a_day: f64) -> ComparedSide {
    let blocks = (0..days)
        .map(|_| {
            let drops = (0..poisson(rng, spells_a_day)).map(|_| 1 + poisson(rng, 3.0)).sum();
            up(drops, 86_400.0)
        })
        .collect();
    ComparedSide { elapsed: DAY, watched: DAY * 2, blocks }
}

#[test]
fn drops_that_come_in_spells_widen_the_interval_of_their_rate() {
    let mut rng = Rng::with_seed(2);
    let mut naive = 0.0;
    let held = coverage(1_000, || {
        let sides = [spells(&mut rng, 20, 1.5), spells(&mut rng, 14, 0.75)];
        let figures = [figures(&sides[0]), figures(&sides[1])];
        let plain = rate_ratio(&figures, 1.0).unwrap();
        naive += f64::from(u8::from(holds(plain, 0.5))) / 1_000.0;
        let compared = Compared::compute(&sides[0], &sides[1]);
        holds(compared.drops.unwrap(), 0.5)
    });
    assert!(held >= 0.92, "{held}");
    assert!(naive < 0.85, "as random ones they would be missed more often: {naive}");
}

#[test]
fn regular_drops_are_no_reason_to_narrow_the_interval() {
    let blocks: Vec<_> = (0..48).map(|_| up(1, 3_600.0)).collect();
    let compared = Compared::compute(&side(blocks.clone()), &side(blocks));
    assert!((compared.overdispersion - 1.0).abs() < 1e-12);
    let (a, b) = (compared.drops.unwrap(), rate_ratio(&[compared.before, compared.after], 1.0));
    assert_eq!((a.lower, a.upper), b.map(|b| (b.lower, b.upper)).unwrap());
    assert_eq!(a.verdict, ChangeVerdict::TooEarly);
}

fn probed(loss: LossRatio) -> TimeBlock {
    TimeBlock { loss, up_s: 3_600.0, ..TimeBlock::default() }
}

/// Hours of 600 probes, each with a loss of its own.
fn lossy(rng: &mut Rng, hours: usize, mean: f64) -> ComparedSide {
    let block = |rng: &mut Rng| {
        // A log-normal of mean 1.
        let share = (mean * (gaussian(rng) - 0.5).exp()).min(1.0);
        let lost = (0..600).filter(|_| rng.f64() < share).count() as u64;
        probed(LossRatio { lost, sent: 600 })
    };
    side((0..hours).map(|_| block(rng)).collect())
}

#[test]
fn intervals_of_loss_that_comes_in_spells_hold_the_truth() {
    let mut rng = Rng::with_seed(3);
    let mut naive = 0.0;
    let held = coverage(600, || {
        let sides = [lossy(&mut rng, 72, 0.02), lossy(&mut rng, 48, 0.01)];
        let change = loss_difference([&sides[0].blocks, &sides[1].blocks]).unwrap();
        let [a, b] = [0, 1].map(|i| figures(&sides[i]).loss);
        let variance = |loss: LossRatio| {
            let p = loss.ratio().unwrap();
            p * (1.0 - p) / real(loss.sent)
        };
        let half = 1.96 * (variance(a) + variance(b)).sqrt();
        let value = b.ratio().unwrap() - a.ratio().unwrap();
        naive += f64::from(u8::from((value + 0.01).abs() <= half)) / 600.0;
        holds(change, -0.01)
    });
    assert!((0.90..=0.99).contains(&held), "{held}");
    assert!(naive < 0.7, "probes are not independent: {naive}");
}

#[test]
fn no_loss_at_all_still_leaves_an_interval() {
    let clean = |hours| side(vec![probed(LossRatio { lost: 0, sent: 3_600 }); hours]);
    let compared = Compared::compute(&clean(48), &clean(48));
    let loss = compared.loss.unwrap();
    assert_eq!((loss.value, loss.verdict), (Some(0.0), ChangeVerdict::TooEarly));
    assert!(loss.upper.unwrap() > 1e-6 && loss.lower < -1e-6, "{loss:?}");
    assert_eq!(compared.median, None, "without an answer there is no delay");
    assert_eq!(compared.drops, None);
}

#[test]
fn the_variance_of_loss_is_that_of_a_jackknife_of_blocks() {
    let mut rng = Rng::with_seed(4);
    let blocks = lossy(&mut rng, 40, 0.05).blocks;
    let LossEstimate { variance, blocks: k, .. } = loss_estimate(&blocks).unwrap();
    let all: LossRatio = blocks.iter().map(|b| b.loss).sum();
    let without: Vec<f64> = blocks
        .iter()
        .map(|b| (all.lost - b.loss.lost) as f64 / (all.sent - b.loss.sent) as f64)
        .collect();
    let mean = without.iter().sum::<f64>() / k;
    let naive = without.iter().map(|r| (r - mean).powi(2)).sum::<f64>() * (k - 1.0) / k;
    assert!((variance / naive - 1.0).abs() < 1e-9, "{variance} {naive}");
}

/// Hours of delays around a level of their own.
fn delayed(rng: &mut Rng, hours: usize, median_us: f64) -> ComparedSide {
    let block = |rng: &mut Rng| {
        let level = median_us * (0.1 * gaussian(rng)).exp();
        let mut delays = Histogram::default();
        for _ in 0..60 {
            delays.add((level * (0.05 * gaussian(rng)).exp()) as u32);
        }
        TimeBlock { delays, ..TimeBlock::default() }
    };
    side((0..hours).map(|_| block(rng)).collect())
}

#[test]
fn intervals_of_the_median_delay_hold_the_truth() {
    let mut rng = Rng::with_seed(5);
    for hours in [12, 30] {
        let held = coverage(80, || {
            let sides = [delayed(&mut rng, hours, 20_000.0), delayed(&mut rng, hours, 17_000.0)];
            let [median, _] = delay_differences([&sides[0].blocks, &sides[1].blocks]);
            holds(median.unwrap(), -3_000.0)
        });
        assert!(held >= 0.9, "{hours} blocks: {held}");
    }
}

#[test]
fn a_change_of_delay_below_the_resolution_of_the_histogram_is_none() {
    let constant = |us| {
        let mut delays = Histogram::default();
        (0..60).for_each(|_| delays.add(us));
        side(vec![TimeBlock { delays, ..TimeBlock::default() }; 48])
    };
    let compared = Compared::compute(&constant(20_000), &constant(20_100));
    assert_eq!(compared.median.unwrap().verdict, ChangeVerdict::Same);
    let compared = Compared::compute(&constant(20_000), &constant(16_000));
    assert_eq!(compared.median.unwrap().verdict, ChangeVerdict::Less);
    assert_eq!(compared.p95.unwrap().verdict, ChangeVerdict::Less);
    assert_eq!(compared.after.median, Some(nearest(Duration::from_micros(16_000))));
}

/// As the histogram has it.
fn nearest(d: Duration) -> Duration {
    let mut one = Histogram::default();
    one.add(u32::try_from(d.as_micros()).unwrap());
    one.quantile(0.5).unwrap()
}

#[test]
fn a_side_watched_for_less_than_a_day_gives_no_verdict() {
    let bad = side((0..96).map(|_| up(3, 3_600.0)).collect());
    let short = side((0..23).map(|_| up(0, 3_600.0)).collect());
    let long = side((0..25).map(|_| up(0, 3_600.0)).collect());
    let verdict =
        |a: &ComparedSide, b: &ComparedSide| Compared::compute(a, b).drops.unwrap().verdict;
    assert_eq!(verdict(&bad, &short), ChangeVerdict::TooEarly);
    assert_eq!(verdict(&short, &bad), ChangeVerdict::TooEarly);
    assert_eq!(verdict(&bad, &long), ChangeVerdict::Less);
    assert_eq!(verdict(&long, &bad), ChangeVerdict::More);
}

#[test]
fn what_hardly_changed_is_the_same_only_where_the_interval_leaves_no_more_open() {
    let verdict = |lower, upper, same, before| {
        MeasuredChange::new(Some(same), lower, Some(upper)).judged(same, before)
    };
    assert_eq!(verdict(0.95, 1.08, 1.0, 1.0), ChangeVerdict::Same);
    assert_eq!(verdict(0.85, 1.08, 1.0, 1.0), ChangeVerdict::TooEarly);
    assert_eq!(verdict(0.95, 1.2, 1.0, 1.0), ChangeVerdict::TooEarly);
    assert_eq!(verdict(0.92, 0.97, 1.0, 1.0), ChangeVerdict::Less, "a small change is one");
    assert_eq!(verdict(-300.0, 400.0, 0.0, 15_000.0), ChangeVerdict::Same);
    assert_eq!(verdict(-300.0, 1_600.0, 0.0, 15_000.0), ChangeVerdict::TooEarly);
    assert_eq!(
        verdict(-1e-5, 1e-5, 0.0, 0.0),
        ChangeVerdict::TooEarly,
        "a tenth of nothing is nothing"
    );
}

#[test]
fn the_same_twice_gives_the_same_figures() {
    let mut rng = Rng::with_seed(6);
    let sides = [delayed(&mut rng, 30, 9_000.0), delayed(&mut rng, 30, 9_500.0)];
    assert_eq!(Compared::compute(&sides[0], &sides[1]), Compared::compute(&sides[0], &sides[1]));
}

#[test]
fn an_empty_side_is_no_change_and_no_panic() {
    let full = side((0..48).map(|_| up(1, 3_600.0)).collect());
    for (a, b) in [
        (ComparedSide::default(), ComparedSide::default()),
        (full.clone(), ComparedSide::default()),
        (ComparedSide::default(), full),
    ] {
        let compared = Compared::compute(&a, &b);
        assert_eq!((compared.loss, compared.median, compared.p95), (None, None, None));
        assert_eq!(compared.drops, None);
        assert_ne!(compared.before.drops_per_day().is_some(), a.blocks.is_empty());
    }
}

#[test]
fn blocks_are_as_long_as_a_side_has_enough_of() {
    let hours = |days: u32| block_length(DAY * days).as_secs() / 3_600;
    assert_eq!(
        (hours(1), hours(2), hours(3), hours(11), hours(12), hours(365)),
        (1, 1, 6, 6, 24, 24)
    );
}
