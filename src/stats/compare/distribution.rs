//! The distributions that intervals need: the beta and, through it, binomial and Student's t.

/// How finely a quantile is searched: far below what is printed.
const BISECTIONS: u32 = 80;

/// The logarithm of the gamma function for x > 0: the asymptotic series (Abramowitz and Stegun
/// 6.1.41), after a step up to where it is good to 15 figures.
fn ln_gamma(x: f64) -> f64 {
    let (mut x, mut shift) = (x, 0.0);
    while x < 16.0 {
        shift += x.ln();
        x += 1.0;
    }
    let z = 1.0 / (x * x);
    let series = (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1_260.0 - z / 1_680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * (2.0 * std::f64::consts::PI).ln() + series - shift
}

/// The distribution function of the beta distribution: the continued fraction of Abramowitz and
/// Stegun 26.5.8, evaluated forwards by Lentz's method, on the side on which it converges.
pub(super) fn beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - beta_below(1.0 - x, b, a);
    }
    beta_below(x, a, b)
}

#[allow(clippy::many_single_char_names, reason = "the names of the formula")]
fn beta_below(x: f64, a: f64, b: f64) -> f64 {
    const SMALLEST: f64 = 1e-300;
    let away = |v: f64| if v.abs() < SMALLEST { SMALLEST } else { v };
    let front =
        a * x.ln() + b * (-x).ln_1p() + ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) - a.ln();
    let (mut c, mut d) = (1.0, 1.0 / away(1.0 - (a + b) * x / (a + 1.0)));
    let mut fraction = d;
    for m in (1..100_000).map(f64::from) {
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let before = fraction;
        for term in [even, odd] {
            d = 1.0 / away(1.0 + term * d);
            c = away(1.0 + term / c);
            fraction *= c * d;
        }
        if (fraction - before).abs() <= 1e-14 * fraction.abs() {
            break;
        }
    }
    front.exp() * fraction
}

/// The x below which a share `p` of the beta distribution lies.
pub(super) fn beta_quantile(p: f64, a: f64, b: f64) -> f64 {
    search(0.0, 1.0, |x| beta(x, a, b) < p)
}

/// The t that a share `p` of Student's distribution with `df` degrees of freedom does not exceed.
pub(super) fn t_quantile(p: f64, df: f64) -> f64 {
    let tail = |t: f64| 0.5 * beta(df / (df + t * t), df / 2.0, 0.5);
    let upper = p.max(1.0 - p);
    let t = search(0.0, 1e6, |t| tail(t) > 1.0 - upper);
    if p < 0.5 { -t } else { t }
}

/// The share of the normal distribution below `z`: that of Student's with a great many degrees.
pub(super) fn normal(z: f64) -> f64 {
    const MANY: f64 = 1e6;
    let tail = 0.5 * beta(MANY / (MANY + z * z), MANY / 2.0, 0.5);
    if z < 0.0 { tail } else { 1.0 - tail }
}

/// Where a falling condition ends, between `from` and `to`.
fn search(from: f64, to: f64, below: impl Fn(f64) -> bool) -> f64 {
    let (mut from, mut to) = (from, to);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(from, to);
        if below(middle) { from = middle } else { to = middle }
    }
    f64::midpoint(from, to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn near(got: f64, want: f64) {
        assert!((got - want).abs() <= 1e-9 * want.abs().max(1.0), "{got} is not {want}");
    }

    #[test]
    fn the_gamma_function_is_that_of_factorials_and_of_one_half() {
        let mut factorial = 1.0_f64;
        for n in 1..30 {
            near(ln_gamma(f64::from(n)), factorial.ln());
            factorial *= f64::from(n);
        }
        near(ln_gamma(0.5), std::f64::consts::PI.sqrt().ln());
    }

    #[test]
    fn the_beta_distribution_is_the_tail_of_the_binomial() {
        for n in [1_u32, 2, 7, 40, 100] {
            for p in [0.01, 0.1, 0.5, 0.83, 0.99] {
                // P(X >= k) term by term.
                let mut term = (1.0_f64 - p).powi(i32::try_from(n).unwrap());
                let mut below = 0.0;
                for k in 1..=n {
                    below += term;
                    term *= f64::from(n - k + 1) / f64::from(k) * p / (1.0 - p);
                    let tail = beta(p, f64::from(k), f64::from(n - k + 1));
                    assert!((tail - (1.0 - below)).abs() < 1e-9, "{n} {p} {k}: {tail}");
                }
            }
        }
    }

    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (df, t) in [(1.0, 12.706_204_736), (2.0, 4.302_652_730), (10.0, 2.228_138_852)] {
            assert!((t_quantile(0.975, df) - t).abs() < 1e-6, "{df}");
            assert!((t_quantile(0.025, df) + t).abs() < 1e-6, "{df}");
        }
        assert!((t_quantile(0.975, 1e6) - 1.959_966).abs() < 1e-4);
        assert!((normal(-1.959_963_985) - 0.025).abs() < 1e-6);
        assert!((normal(1.644_853_627) - 0.95).abs() < 1e-6);
        near(beta_quantile(0.975, 1.0, 10.0), 1.0 - 0.025_f64.powf(0.1));
        for p in [0.01, 0.4, 0.99] {
            near(beta(beta_quantile(p, 3.5, 11.25), 3.5, 11.25), p);
        }
    }
}
