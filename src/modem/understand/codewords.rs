//! Codewords from one reading to the next, and the time that a channel was without lock.
//!
//! On a channel with one carrier every codeword is counted, used or idle, so that the sum of the three
//! counters grows at a constant rate while the modem is locked to it.

use std::time::Duration;

use super::measured::MeasuredDrop;
use super::restarts::Restart;
use crate::vocabulary::{Bounds, ChannelKind, Downstream, ModemAccount, Modulation};

/// The counters of most modems begin anew after this many.
const WRAP: u64 = 1 << 32;
/// No channel has more codewords in a second: a DOCSIS 3.1 channel of 192 MHz at 10 Gbit/s has fewer.
const MOST_PER_SECOND: f64 = 1_000_000.0;
/// Readings further apart say nothing by the sum: it may have wrapped more than once.
const APART_AT_MOST: Duration = Duration::from_secs(24 * 3600);
/// Rows are read one after another, and pages may be built before they are asked for.
const LEAST_ERROR: Duration = Duration::from_secs(5);

/// A downstream channel from one reading to the next: its number or, without one, its frequency.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelKey {
    /// The number with the operator.
    pub id: Option<u32>,
    /// The frequency in Hz.
    pub frequency_hz: Option<u64>,
    /// Whether it has many carriers.
    pub kind: Option<ChannelKind>,
}

impl ChannelKey {
    /// That of a channel; `None` where it has neither number nor frequency.
    pub fn of(channel: &Downstream) -> Option<Self> {
        let Downstream { id, frequency_hz, kind, .. } = *channel;
        (id.is_some() || frequency_hz.is_some()).then_some(Self { id, frequency_hz, kind })
    }
}

/// How counters went from one reading to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CounterCourse {
    /// They ran on.
    Ran,
    /// One began anew because it was full.
    Wrapped,
    /// They began anew: the modem or the channel started, or somebody cleared them.
    Restarted,
}

/// What a channel counted between two readings, or since its counters began anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CodewordInterval {
    /// The channel.
    pub channel: ChannelKey,
    /// Without errors.
    pub unerrored: Option<u64>,
    /// Corrected.
    pub corrected: Option<u64>,
    /// Not correctable.
    pub uncorrectable: Option<u64>,
    /// How the counters went.
    pub course: CounterCourse,
}

impl CodewordInterval {
    /// Share that could not be corrected. Of channels with one carrier only, and of a million codewords
    /// or more: of fewer it says nothing.
    pub fn uncorrectable_ratio(&self) -> Option<f64> {
        const ENOUGH: u64 = 1_000_000;
        if self.channel.kind != Some(ChannelKind::ScQam) {
            return None;
        }
        let uncorrectable = self.uncorrectable?;
        let all = self.unerrored?.checked_add(self.corrected?)?.checked_add(uncorrectable)?;
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        (all >= ENOUGH).then(|| uncorrectable as f64 / all as f64)
    }
}

/// How a counter went from `before` to `now`, of which `elapsed` seconds lie between.
fn step(before: u64, now: u64, restart: bool, elapsed: f64) -> (u64, CounterCourse) {
    if restart {
        return (now, CounterCourse::Restarted);
    }
    if let Some(grown) = now.checked_sub(before) {
        return (grown, CounterCourse::Ran);
    }
    // Less than before. Full it was if it can have counted as much.
    let over = now.checked_add(WRAP).and_then(|now| now.checked_sub(before));
    #[expect(clippy::cast_precision_loss, reason = "compared with a bound")]
    let plausible = |grown: &u64| before < WRAP && *grown as f64 <= elapsed * MOST_PER_SECOND;
    // A counter that can wrap in this time is nearly full before.
    match over.filter(plausible).filter(|_| before > WRAP / 4 * 3 && now < WRAP / 4) {
        Some(grown) => (grown, CounterCourse::Wrapped),
        None => (now, CounterCourse::Restarted),
    }
}

/// What each channel counted between two readings. Channels that are not locked have no counters, and
/// one that is not there in both is left out.
pub fn codewords(
    before: &ModemAccount,
    now: &ModemAccount,
    restarts: &[Restart],
) -> Vec<CodewordInterval> {
    let (Some(was), Some(is)) = (before.snapshot(), now.snapshot()) else { return Vec::new() };
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let elapsed = now.middle().micros_since(before.middle()) as f64 / 1e6;
    let restart = restarts.iter().any(|r| r.after >= before.at && r.after < now.at);
    let pairs = is.downstream.iter().filter_map(|channel| {
        let key = ChannelKey::of(channel)?;
        let mut same = was.downstream.iter().filter(|c| ChannelKey::of(c) == Some(key));
        let (earlier, other) = (same.next()?, same.next());
        // Channels that cannot be told apart cannot be compared.
        (other.is_none()).then_some((key, earlier, channel))
    });
    let mut found = Vec::new();
    for (channel, earlier, later) in pairs {
        let each = [
            (earlier.unerrored, later.unerrored),
            (earlier.corrected, later.corrected),
            (earlier.uncorrectable, later.uncorrectable),
        ];
        let stepped = each.map(|(before, now)| Some(step(before?, now?, restart, elapsed)));
        if stepped.iter().all(Option::is_none) {
            continue;
        }
        // One that began anew did so with the others of its channel, whether or not they show it.
        let courses = || stepped.iter().flatten().map(|(_, course)| *course);
        let [unerrored, corrected, uncorrectable] =
            if courses().any(|course| course == CounterCourse::Restarted) {
                each.map(|(_, now)| now)
            } else {
                stepped.map(|step| step.map(|(grown, _)| grown))
            };
        let course = if courses().any(|course| course == CounterCourse::Restarted) {
            CounterCourse::Restarted
        } else if courses().any(|course| course == CounterCourse::Wrapped) {
            CounterCourse::Wrapped
        } else {
            CounterCourse::Ran
        };
        found.push(CodewordInterval { channel, unerrored, corrected, uncorrectable, course });
    }
    found
}

/// Codewords in a second of a locked channel with one carrier: symbol rate times bits over the length
/// of a codeword. 8 MHz (ITU-T J.83 annex A) 6.952 Msym/s, RS(204,188); 6 MHz (annex B) 5.056941 and
/// 5.360537 Msym/s, RS(128,122) with trellis code and frame trailer.
pub fn codeword_rate(modulation: &Modulation, width_hz: u64) -> Option<f64> {
    match (modulation, width_hz) {
        (Modulation::Qam(256), 8_000_000) => Some(34_078.43),
        (Modulation::Qam(64), 8_000_000) => Some(25_558.82),
        (Modulation::Qam(256), 6_000_000) => Some(45_445.8),
        (Modulation::Qam(64), 6_000_000) => Some(31_581.2),
        _ => None,
    }
}

/// The width of a reading's channels with one carrier where the page does not show it: the distance of
/// most neighbours.
fn width_of(channel: &Downstream, all: &[Downstream]) -> Option<u64> {
    if channel.width_hz.is_some() {
        return channel.width_hz;
    }
    let mut frequencies: Vec<u64> = all
        .iter()
        .filter(|c| c.kind == Some(ChannelKind::ScQam))
        .filter_map(|c| c.frequency_hz)
        .collect();
    frequencies.sort_unstable();
    frequencies.dedup();
    let steps = || frequencies.windows(2).map(|pair| pair[1] - pair[0]);
    [6_000_000, 8_000_000]
        .into_iter()
        .map(|width| (steps().filter(|step| *step == width).count(), width))
        .max()
        .filter(|(count, _)| *count * 2 > steps().count())
        .map(|(_, width)| width)
}

/// How long a channel was without lock between two readings, by the codewords that it lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LostLock {
    /// No longer than can be seen.
    No,
    /// Its counters paused: this long, and how far the truth may be from it.
    Paused {
        /// How long.
        length: Duration,
        /// How far the truth may be from it.
        error: Duration,
    },
    /// Its counters began anew when it was locked again.
    Relocked {
        /// When.
        at: Bounds,
    },
    /// Its counters were disturbed, and do not say for how long.
    Disturbed,
}

/// How long a channel was without lock between two readings, of which `drops` lie between. `None` where
/// its codewords cannot say so: another kind of channel, another modulation, counters that are not
/// there, readings a day apart, a start of the modem.
///
/// Whether counters pause or begin anew is not known of each firmware. Both are reckoned, and the one
/// that agrees with the drops is taken.
pub fn lost_lock(
    (before, earlier): (&ModemAccount, &Downstream),
    (now, later): (&ModemAccount, &Downstream),
    drops: &[MeasuredDrop],
    restarts: &[Restart],
) -> Option<LostLock> {
    let is_comparable =
        |c: &Downstream| c.kind == Some(ChannelKind::ScQam) && c.locked != Some(false);
    let is_same = earlier.modulation == later.modulation
        && earlier.width_hz == later.width_hz
        && ChannelKey::of(earlier) == ChannelKey::of(later);
    let restart = restarts.iter().any(|r| r.after >= before.at && r.after < now.at);
    let elapsed = now.middle().duration_since(before.middle())?;
    if !is_comparable(earlier)
        || !is_comparable(later)
        || !is_same
        || restart
        || elapsed > APART_AT_MOST
    {
        return None;
    }
    let all = now.snapshot().map(|said| &said.downstream[..]).unwrap_or_default();
    let rate = codeword_rate(later.modulation.as_ref()?, width_of(later, all)?)?;
    let sum =
        |c: &Downstream| c.unerrored?.checked_add(c.corrected?)?.checked_add(c.uncorrectable?);
    let (was, is) = (sum(earlier)?, sum(later)?);
    let error = LEAST_ERROR.max((before.took + now.took) / 2 + Duration::from_secs(1));
    // The modem's own uptime contradicts the time between the readings: a clock was set.
    let uptime = |a: &ModemAccount| a.snapshot().and_then(|said| said.uptime);
    if let (Some(was), Some(is)) = (uptime(before), uptime(now))
        && is.abs_diff(was).abs_diff(elapsed) > error + Duration::from_secs(60)
    {
        return None;
    }
    let grown = match is.checked_sub(was) {
        Some(grown) if was >= WRAP || is >= WRAP => grown,
        _ => (is % WRAP + WRAP - was % WRAP) % WRAP,
    };
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let (locked, since) = (grown as f64 / rate, is as f64 / rate);
    let (elapsed, error_s) = (elapsed.as_secs_f64(), error.as_secs_f64());
    let lost = elapsed - locked;
    if lost.abs() <= error_s {
        return Some(LostLock::No);
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let length = |MeasuredDrop { onset, end, .. }: &MeasuredDrop| {
        let until = end.map_or(now.until(), |end| end.latest);
        until.micros_since(onset.earliest).max(0) as f64 / 1e6
    };
    let down: f64 = drops.iter().map(length).sum();
    if lost > 0.0 && !drops.is_empty() && lost <= down + error_s {
        let length = Duration::from_secs_f64(lost);
        return Some(LostLock::Paused { length, error });
    }
    // Since its counters began, less than the time between the readings. Counters that were nearly full
    // began anew in any case.
    #[expect(clippy::cast_precision_loss, reason = "seconds")]
    let is_full = was < WRAP && (WRAP - was) as f64 / rate <= elapsed + error_s;
    if since < elapsed + error_s && !is_full {
        #[expect(clippy::cast_possible_truncation, reason = "less than a day")]
        let locked_at = now.middle().plus_micros(-(since * 1e6) as i64);
        let at = Bounds { earliest: locked_at - error, latest: locked_at + error };
        let agrees = |MeasuredDrop { onset, end, .. }: &MeasuredDrop| {
            let until = end.map_or(now.until(), |end| end.latest);
            at.latest >= onset.earliest && at.earliest <= until
        };
        if drops.iter().any(agrees) {
            return Some(LostLock::Relocked { at });
        }
    }
    Some(LostLock::Disturbed)
}
