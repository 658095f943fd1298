//! How often each test of recurrence is met where there is nothing (size) and where there is
//! something (power), at a nominal 5 %, 200 runs a row, next to the figures of the prototype.
//! `CARGO_PROFILE_DEV_OPT_LEVEL=2 cargo test --lib size_and_power -- --ignored --nocapture` prints
//! the table in two minutes.

use super::*;

const RUNS: u32 = 200;

/// One row of the table: a claim, what was seen, and the least and the most that was published.
struct Row {
    claim: &'static str,
    n: usize,
    share: f64,
    published: (f64, f64),
}

/// A seeded world; 200 of them make a row.
struct Worlds {
    rng: Rng,
    rows: Vec<Row>,
}

impl Worlds {
    fn row(
        &mut self,
        claim: &'static str,
        n: usize,
        published: (f64, f64),
        met: impl Fn(&mut Rng) -> bool,
    ) {
        let hits = count(RUNS, || met(&mut self.rng));
        let share = f64::from(hits) / f64::from(RUNS);
        println!(
            "{claim:42} n={n:2}  {share:.3}  published {:.3} to {:.3}",
            published.0, published.1
        );
        self.rows.push(Row { claim, n, share, published });
    }
}

fn recurrence_parts(
    onsets: &[f64],
    length: f64,
    rng: &mut Rng,
) -> (Option<DropIntervals>, Option<DropClock>) {
    let mut onsets = onsets.to_vec();
    onsets.sort_by(f64::total_cmp);
    let strikes = strikes(&onsets, 8.0);
    let period = span(0.0, length);
    let axis = UpTimeAxis::new(&strikes, &[period], period);
    (DropIntervals::measure(&strikes, &axis, rng), DropClock::find(&strikes, &axis, rng))
}

fn regular(onsets: &[f64], length: f64, rng: &mut Rng) -> bool {
    recurrence_parts(onsets, length, rng).0.is_some_and(|i| i.dispersion.p_regular <= 0.05)
}

fn clock(onsets: &[f64], length: f64, rng: &mut Rng) -> bool {
    recurrence_parts(onsets, length, rng).1.is_some_and(|c| c.p <= 0.05)
}

fn hours(onsets: &[f64], watched: &[TimeRange], rng: &mut Rng) -> bool {
    let mut onsets = onsets.to_vec();
    onsets.sort_by(f64::total_cmp);
    let found = BusyHours::find(&strikes(&onsets, 8.0), watched, &TimeZone::UTC, rng);
    found.is_some_and(|h| h.p <= 0.05)
}

fn missing_beats(rng: &mut Rng, n: usize) -> Vec<f64> {
    let (mut onsets, mut beat) = (Vec::new(), 1.0);
    while onsets.len() < n {
        if rng.f64() >= 0.23 {
            onsets.push(beat * HOUR + 120.0 * (2.0 * rng.f64() - 1.0));
        }
        beat += 1.0;
    }
    onsets
}

/// Six bursts of five drops in ten days.
fn clustered(rng: &mut Rng) -> Vec<f64> {
    let mut onsets = Vec::new();
    for _ in 0..6 {
        let s = rng.f64() * 9.0 * DAY;
        onsets.extend((0..5).map(|i| s + f64::from(i) * 120.0 + 60.0 * rng.f64()));
    }
    onsets
}

/// From 9 to 21 h on ten days.
fn by_day() -> Vec<TimeRange> {
    let day = |d: f64| span(d * DAY + 9.0 * HOUR, d * DAY + 21.0 * HOUR);
    (0..10).map(|d| day(f64::from(d))).collect()
}

/// On each of ten days `n` drops in `width` hours from hour `from` on, at a place of its own.
fn daily(rng: &mut Rng, n: u32, (from, to): (f64, f64), width: f64) -> Vec<f64> {
    let mut onsets = Vec::new();
    for d in 0..10 {
        let begin = from + (to - from - width) * rng.f64();
        onsets.extend((0..n).map(|_| f64::from(d) * DAY + (begin + width * rng.f64()) * HOUR));
    }
    onsets
}

#[test]
#[ignore = "a table for people: some minutes without optimization"]
fn size_and_power_of_the_tests_of_recurrence() {
    let mut worlds = Worlds { rng: Rng::with_seed(20), rows: Vec::new() };
    for n in [6, 12, 24] {
        worlds.row("random drops called regular", n, (0.03, 0.075), |rng| {
            regular(&poisson(rng, n, DAY), DAY, rng)
        });
        if n >= 8 {
            worlds.row("random drops called clock-locked", n, (0.0, 0.075), |rng| {
                clock(&poisson(rng, n, DAY), DAY, rng)
            });
        }
        worlds.row("random drops called a time of day", n, (0.01, 0.04), |rng| {
            hours(&poisson(rng, n, 10.0 * DAY), &[span(0.0, 10.0 * DAY)], rng)
        });
        worlds.row("random drops, anything said at all", n, (0.0, 0.05), |rng| {
            whole(&poisson(rng, n, 10.0 * DAY), 10.0 * DAY).recurrence.found().next().is_some()
        });
    }
    worlds.row("hourly +-17 % found regular", 6, (1.0, 1.0), |rng| {
        regular(&hourly(rng, 6, 0.17), 2.0 * DAY, rng)
    });
    worlds.row("hourly +-40 % found regular", 12, (0.98, 0.98), |rng| {
        regular(&hourly(rng, 12, 0.4), 2.0 * DAY, rng)
    });
    worlds.row("hourly +-17 % found by the scan", 12, (0.23, 0.36), |rng| {
        clock(&hourly(rng, 12, 0.17), 2.0 * DAY, rng)
    });
    worlds.row("clock, +-2 min, 23 % of beats missing", 8, (1.0, 1.0), |rng| {
        clock(&missing_beats(rng, 8), DAY, rng)
    });
    worlds.row("clusters called a clock without the gate", 30, (0.90, 0.98), |rng| {
        clock(&clustered(rng), 10.0 * DAY, rng)
    });
    worlds.row("clusters stopped by the gate", 30, (0.995, 1.0), |rng| {
        recurrence_parts(&clustered(rng), 10.0 * DAY, rng)
            .0
            .is_some_and(|i| i.dispersion.p_clustered <= 0.05)
    });
    worlds.row("watched 9-21 h, random, not corrected", 30, (1.0, 1.0), |rng| {
        hours(&daily(rng, 3, (9.0, 21.0), 12.0), &[span(0.0, 10.0 * DAY)], rng)
    });
    worlds.row("watched 9-21 h, random, corrected", 30, (0.05, 0.05), |rng| {
        hours(&daily(rng, 3, (9.0, 21.0), 12.0), &by_day(), rng)
    });
    worlds.row("watched 9-21 h, one cluster a day", 50, (0.05, 0.12), |rng| {
        hours(&daily(rng, 5, (9.0, 21.0), 0.5), &by_day(), rng)
    });
    worlds.row("nightly at 3 h found a time of day", 10, (1.0, 1.0), |rng| {
        hours(&daily(rng, 1, (3.0, 3.5), 0.5), &[span(0.0, 10.0 * DAY)], rng)
    });
    worlds.row("evenings, watched 9-21 h, found", 30, (1.0, 1.0), |rng| {
        hours(&daily(rng, 3, (18.0, 21.0), 3.0), &by_day(), rng)
    });
    for Row { claim, n, share, published: (least, most) } in &worlds.rows {
        // Three standard errors of a share in 200 runs around what was published.
        let error =
            |p: f64| 3.0 * (p.clamp(0.01, 0.99) * (1.0 - p.clamp(0.01, 0.99)) / 200.0).sqrt();
        // A false alarm may be rarer than published, a finding more frequent.
        let is_alarm = *most < 0.2;
        assert!(!is_alarm || *share <= most + error(*most), "{claim} {n}: {share}");
        assert!(is_alarm || *share >= least - error(*least), "{claim} {n}: {share}");
    }
}
