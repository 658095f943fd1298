//! What was wrong for long while the link was up: loss, answers that come too late, delay. It is part
//! of the headline where it is the story. Pure.

use std::time::Duration;

use super::Report;
use super::rows::COLUMNS;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::ProbeCounts;

/// Time is looked at in pieces of at least this length, and of so many probes: of fewer, chance alone
/// would pick pieces with a tenth lost from any loss, and overstate it.
const PIECE: Duration = Duration::from_mins(1);
const ENOUGH: u64 = 100;
/// Of this share lost, a call is hardly understood.
const LOSSY: f64 = 0.1;
/// A delay to speak of: this many times that of the best tenth, but not below what a call bears; and
/// one that nobody has at rest.
const TIMES_USUAL: u32 = 3;
const SLOW_US: u32 = 200_000;
const VERY_SLOW_US: u32 = 1_000_000;
/// Shorter is no story, nor is a smaller share of the time watched, unless it is hours.
const LEAST: Duration = Duration::from_mins(10);
const LEAST_SHARE: u32 = 100;
const HOURS: Duration = Duration::from_hours(2);

/// Of the time in which the link was up, what was strained.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct Strain {
    /// The share of the probes to the public servers that was lost, and for how long.
    pub(crate) loss: Option<(f64, Duration)>,
    /// For how long half of the answers or more came too late.
    pub(crate) late: Option<Duration>,
    /// The usual delay of slow time in microseconds, and for how long.
    pub(crate) slow: Option<(u32, Duration)>,
}

/// A few columns in which there was no drop.
struct Piece {
    length: Duration,
    /// The shares that the public server in the middle lost and answered late: what one alone does is
    /// no matter of the line.
    lost: f64,
    late: f64,
    /// The median delay of the public server in the middle, in microseconds.
    delay_us: Option<u32>,
}

impl Strain {
    /// What of a report is long enough to be told.
    pub(crate) fn of(report: &Report) -> Self {
        let pieces = pieces(report);
        let watched = report.coverage.observed;
        let is_long = |length: &Duration| {
            *length >= HOURS || (*length >= LEAST && *length * LEAST_SHARE >= watched)
        };
        let (mut lost_s, mut lossy) = (0.0, Duration::ZERO);
        let mut late = Duration::ZERO;
        for piece in &pieces {
            if piece.late >= 0.5 {
                late += piece.length;
            } else if piece.lost >= LOSSY {
                lossy += piece.length;
                lost_s += piece.lost * piece.length.as_secs_f64();
            }
        }
        Self {
            loss: is_long(&lossy).then(|| (lost_s / lossy.as_secs_f64(), lossy)),
            late: Some(late).filter(is_long),
            slow: slow(&pieces).filter(|(_, length)| is_long(length)),
        }
    }
}

fn slow(pieces: &[Piece]) -> Option<(u32, Duration)> {
    let delays = |pieces: &mut dyn Iterator<Item = &Piece>| -> Vec<u32> {
        let mut all: Vec<u32> = pieces.filter_map(|piece| piece.delay_us).collect();
        all.sort_unstable();
        all
    };
    let all = delays(&mut pieces.iter());
    let usual = *all.get(all.len() / 10)?;
    let is_slow =
        |us: u32| us >= VERY_SLOW_US || (us >= SLOW_US && us >= usual.saturating_mul(TIMES_USUAL));
    let slow = || pieces.iter().filter(|piece| piece.delay_us.is_some_and(is_slow));
    let of_slow = delays(&mut slow());
    Some((*of_slow.get(of_slow.len() / 2)?, slow().map(|piece| piece.length).sum()))
}

fn pieces(report: &Report) -> Vec<Piece> {
    let column = report.period.length() / u32::try_from(COLUMNS).unwrap_or(1);
    if column.is_zero() {
        return Vec::new();
    }
    let deciding: Vec<_> = report.targets.iter().filter(|t| t.decides).collect();
    let often = deciding.iter().map(|t| t.target.interval).min().unwrap_or(PIECE);
    // So many probes of all of them come in this time.
    let probes = often * u32::try_from(ENOUGH).unwrap_or(1) / count(deciding.len().max(1));
    let wide = PIECE.max(probes).as_micros().div_ceil(column.as_micros());
    let wide = usize::try_from(wide).unwrap_or(COLUMNS).clamp(1, COLUMNS);
    let down: Vec<TimeRange> =
        report.counted_drops().flat_map(|drop| &drop.judged.spans).copied().collect();
    let is_calm = |from: usize| {
        let at = |column_no: usize| -> Timestamp { report.period.from + column * count(column_no) };
        let range = TimeRange { from: at(from), to: at(from + 1) };
        down.iter().all(|span| span.intersect(&range).is_none())
    };
    (0..COLUMNS)
        .step_by(wide)
        .filter_map(|from| {
            let calm: Vec<_> =
                (from..(from + wide).min(COLUMNS)).filter(|from| is_calm(*from)).collect();
            let mut all = Vec::new();
            let mut delays = Vec::new();
            for target in &deciding {
                let own = calm.iter().map(|column| &target.columns[*column]);
                let mut probes = ProbeCounts::default();
                own.clone().for_each(|bucket| probes += bucket.probes);
                all.push(probes);
                delays.extend(own.filter_map(|bucket| bucket.rtt).map(|rtt| rtt.p50));
            }
            delays.sort_unstable();
            let sent: u64 = all.iter().map(|probes| probes.sent).sum();
            (sent >= ENOUGH).then(|| Piece {
                length: column * count(calm.len()),
                lost: middle(&all, |probes| probes.lost),
                late: middle(&all, |probes| probes.late),
                delay_us: delays.get(delays.len() / 2).copied(),
            })
        })
        .collect()
}

/// The share in the middle of those of all targets, the lower where two are.
#[allow(clippy::cast_precision_loss, reason = "counts of probes")]
fn middle(all: &[ProbeCounts], of: fn(&ProbeCounts) -> u64) -> f64 {
    let sent = all.iter().filter(|probes| probes.sent > 0);
    let mut shares: Vec<f64> = sent.map(|probes| of(probes) as f64 / probes.sent as f64).collect();
    shares.sort_unstable_by(f64::total_cmp);
    shares.get(shares.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::synthetic::Scene;
    use crate::vocabulary::Place;

    const COLUMN: usize = COLUMNS / 6;

    /// Six hours, of which the second to the fifth are as `change` makes the columns of the public
    /// servers.
    fn changed(change: impl Fn(&mut crate::report::rows::Bucket)) -> Report {
        let mut scene = Scene::new("2026-11-16T13:00:00Z", 6 * 3_600);
        scene.interval = Duration::from_secs(5);
        scene.drops = vec![(600.0, Some(40.0), vec![Place::Access])];
        let mut report = scene.report();
        for target in report.targets.iter_mut().filter(|t| t.decides) {
            target.columns[COLUMN..5 * COLUMN].iter_mut().for_each(&change);
        }
        report
    }

    fn hours(length: Duration) -> f64 {
        length.as_secs_f64() / 3_600.0
    }

    #[test]
    fn a_calm_record_with_a_drop_is_not_strained() {
        assert_eq!(Strain::of(&changed(|_| {})), Strain::default());
    }

    #[test]
    fn loss_delay_and_late_answers_for_hours_are_told_with_their_time() {
        let lossy = Strain::of(&changed(|bucket| bucket.probes.lost = bucket.probes.sent / 3));
        let (loss, length) = lossy.loss.unwrap();
        assert!(loss > 0.2 && (3.9..4.1).contains(&hours(length)), "{lossy:?}");
        let slow = Strain::of(&changed(|bucket| {
            if let Some(rtt) = &mut bucket.rtt {
                rtt.p50 = 2_000_000;
            }
        }));
        let (us, length) = slow.slow.unwrap();
        assert_eq!(us, 2_000_000);
        assert!((3.9..4.1).contains(&hours(length)) && slow.loss.is_none(), "{slow:?}");
        let late = Strain::of(&changed(|bucket| {
            bucket.probes.lost = bucket.probes.sent;
            bucket.probes.late = bucket.probes.sent;
            bucket.rtt = None;
        }));
        assert!((3.9..4.1).contains(&hours(late.late.unwrap())) && late.loss.is_none(), "{late:?}");
    }

    #[test]
    fn a_line_that_is_always_slow_as_by_satellite_is_not_strained_by_that() {
        let mut report = changed(|_| {});
        for target in report.targets.iter_mut().filter(|t| t.decides) {
            for bucket in &mut target.columns {
                bucket.rtt.iter_mut().for_each(|rtt| rtt.p50 = 620_000);
            }
        }
        assert_eq!(Strain::of(&report), Strain::default());
    }

    #[test]
    fn one_public_server_that_is_dead_is_no_loss_of_the_line() {
        let mut report = changed(|_| {});
        let dead = report.targets.iter_mut().find(|t| t.decides).unwrap();
        dead.columns.iter_mut().for_each(|bucket| bucket.probes.lost = bucket.probes.sent);
        assert_eq!(Strain::of(&report), Strain::default());
    }
}
