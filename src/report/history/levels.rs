//! The levels of the modem in a period, and its restarts.

use std::time::Duration;

use super::grid::ColumnGrid;
use crate::modem::understand::{boot_by, restarts_between};
use crate::store::{Error, LevelsRead, Reader};
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::{Bounds, ModemLevels};

/// More readings than these are put together.
const MOST_READINGS: usize = 2_000;
/// What came before the period says whether the modem started at its beginning.
const BEFORE: Duration = Duration::from_secs(86_400);

/// What a reading showed, or the extremes of several.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelsPoint {
    /// When the reading began, or the first of them.
    pub at: Timestamp,
    /// When the last of them began.
    pub last: Timestamp,
    /// How many they are.
    pub readings: u32,
    /// Their extremes. Codewords that could not be corrected are those since the reading before the first;
    /// `None` where that is not known: counters began anew.
    pub levels: ModemLevels,
}

/// The modem in a period.
#[derive(Debug, Default)]
pub(super) struct ModemCourse {
    pub(super) points: Vec<LevelsPoint>,
    pub(super) restarts: Vec<Timestamp>,
}

impl ModemCourse {
    /// Reads it out of the record. More than 2,000 readings are put together, as many as lie in one of up to
    /// 2,000 columns of the period.
    pub(super) fn read(reader: &Reader, grid: ColumnGrid) -> Result<Self, Error> {
        let period = grid.range();
        let around = TimeRange { from: period.from - BEFORE, to: period.to };
        let read = reader.modem_levels(around)?;
        Ok(Self { points: points(&read, grid), restarts: restarts(&read, period) })
    }
}

fn restarts(read: &[LevelsRead], period: TimeRange) -> Vec<Timestamp> {
    let boot = |read: &LevelsRead| {
        let uptime = Duration::from_micros(read.levels.uptime_us?.try_into().ok()?);
        let [earliest, latest] = match read.levels.uptime_fetched_us {
            Some(fetched) => fetched.map(|us| read.at.plus_micros(us)),
            None => [read.at, read.at + read.took],
        };
        boot_by(uptime, Bounds { earliest, latest }, read.at)
    };
    let boots: Vec<_> = read.iter().filter_map(boot).collect();
    let starts = restarts_between(&boots).map(|(at, _)| at.midpoint());
    starts.filter(|at| period.contains(*at)).collect()
}

fn points(read: &[LevelsRead], grid: ColumnGrid) -> Vec<LevelsPoint> {
    let period = grid.range();
    let mut before: Option<u64> = None;
    let single = read.iter().filter_map(|read| {
        let counted = read.levels.uncorrectable;
        let since = counted.zip(before).and_then(|(now, before)| now.checked_sub(before));
        before = counted.or(before);
        let levels = ModemLevels { uncorrectable: since, ..read.levels };
        let point = LevelsPoint { at: read.at, last: read.at, readings: 1, levels };
        period.contains(read.at).then_some(point)
    });
    let single: Vec<_> = single.collect();
    if single.len() <= MOST_READINGS {
        return single;
    }
    let grid = ColumnGrid::fit(period, grid.count().min(MOST_READINGS), grid.width_us());
    let column = |point: &LevelsPoint| grid.column_of(point.at);
    let together = single.chunk_by(|a, b| column(a) == column(b));
    together.filter_map(|points| points.iter().copied().reduce(joined)).collect()
}

fn joined(a: LevelsPoint, b: LevelsPoint) -> LevelsPoint {
    fn either<T>(a: Option<T>, b: Option<T>, both: impl Fn(T, T) -> T) -> Option<T> {
        match (a, b) {
            (Some(a), Some(b)) => Some(both(a, b)),
            (one, other) => one.or(other),
        }
    }
    let ends = |a: [f64; 2], b: [f64; 2]| [a[0].min(b[0]), a[1].max(b[1])];
    let levels = ModemLevels {
        power_dbmv: either(a.levels.power_dbmv, b.levels.power_dbmv, ends),
        mer_min_db: either(a.levels.mer_min_db, b.levels.mer_min_db, f64::min),
        transmit_dbmv: either(a.levels.transmit_dbmv, b.levels.transmit_dbmv, ends),
        uncorrectable: either(a.levels.uncorrectable, b.levels.uncorrectable, u64::saturating_add),
        uptime_us: None,
        uptime_fetched_us: None,
    };
    LevelsPoint { at: a.at, last: b.last, readings: a.readings + b.readings, levels }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(minute: i64, power: f64, uncorrectable: u64) -> LevelsRead {
        let levels = ModemLevels {
            power_dbmv: Some([power, power + 1.0]),
            mer_min_db: Some(40.0 + power),
            uncorrectable: Some(uncorrectable),
            uptime_us: Some((minute % 3_001) * 60_000_000),
            ..ModemLevels::default()
        };
        let took = Duration::from_secs(1);
        LevelsRead { at: Timestamp::from_seconds(minute * 60), took, levels }
    }

    fn grid(minutes: i64) -> ColumnGrid {
        let to = Timestamp::from_seconds(minutes * 60);
        ColumnGrid::fit(TimeRange { from: Timestamp::from_seconds(0), to }, 100, 1_000)
    }

    #[test]
    fn readings_that_are_put_together_keep_every_extreme_and_every_codeword() {
        let mut all: Vec<_> = (0..9_000).map(|n| read(n, 1.0, n.unsigned_abs())).collect();
        all[4_567].levels.power_dbmv = Some([-17.0, 23.0]);
        all[6_789].levels.mer_min_db = Some(11.5);
        let points = points(&all, grid(9_000));
        assert!(points.len() <= 100, "{}", points.len());
        let least = points.iter().filter_map(|p| p.levels.power_dbmv).map(|[min, _]| min);
        assert!(least.fold(f64::MAX, f64::min) < -16.9);
        let most = points.iter().filter_map(|p| p.levels.power_dbmv).map(|[_, max]| max);
        assert!(most.fold(f64::MIN, f64::max) > 22.9);
        let mer = points.iter().filter_map(|p| p.levels.mer_min_db);
        assert!(mer.fold(f64::MAX, f64::min) < 11.6);
        assert_eq!(points.iter().map(|p| p.readings).sum::<u32>(), 9_000);
        assert_eq!(points.iter().filter_map(|p| p.levels.uncorrectable).sum::<u64>(), 8_999);
        let worst = points.iter().find(|p| p.levels.power_dbmv == Some([-17.0, 23.0])).unwrap();
        assert!(worst.at <= all[4_567].at && all[4_567].at <= worst.last);
    }

    #[test]
    fn counters_that_began_anew_are_no_codewords_and_restarts_are_found() {
        let mut all: Vec<_> = (0..100).map(|n| read(n * 60, 0.0, 10 * n.unsigned_abs())).collect();
        all[60].levels.uncorrectable = Some(3);
        let period = grid(6_000);
        let points = points(&all, period);
        assert_eq!(points.len(), 100);
        assert_eq!(
            (points[0].levels.uncorrectable, points[1].levels.uncorrectable),
            (None, Some(10))
        );
        assert_eq!(points[60].levels.uncorrectable, None);
        let found = restarts(&all, period.range());
        assert_eq!(found.len(), 1, "{found:?}");
        let off = found[0].micros_since(Timestamp::from_seconds(3_001 * 60)).abs();
        assert!(off <= 1_000_000, "{off}");
    }
}
