//! Levels against the channel's own median of a week: change says more than level.

use std::collections::BTreeMap;
use std::time::Duration;

use super::codewords::ChannelKey;
use crate::text::words::word_enum;
use crate::time::Timestamp;
use crate::vocabulary::{Downstream, ModemAccount, ModemReadCause, Upstream};

/// The past that is compared with.
const PAST: Duration = Duration::from_secs(7 * 86_400);
/// Readings without which there is no usual level.
const ENOUGH: usize = 8;
/// What is no change: 3 dB.
const CHANGE_DB: f64 = 3.0;

word_enum! {
    /// Which level changed.
    pub enum LevelOf: "level" {
        /// Received power.
        Received = "received-power",
        /// Modulation error ratio.
        Mer = "mer",
        /// Transmit power.
        Transmitted = "transmit-power",
    }
}

/// A level that is not what it usually is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LevelChange {
    /// Which.
    pub level: LevelOf,
    /// The channel's number or, without one, frequency.
    pub channel: ChannelKey,
    /// Its median over a week.
    pub usual: f64,
    /// What it is now.
    pub now: f64,
}

/// The usual levels of each channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct UsualLevels {
    levels: BTreeMap<(LevelOf, ChannelKey), f64>,
}

fn upstream_key(channel: &Upstream) -> Option<ChannelKey> {
    let Upstream { id, frequency_hz, kind, .. } = *channel;
    (id.is_some() || frequency_hz.is_some()).then_some(ChannelKey { id, frequency_hz, kind })
}

type Level = ((LevelOf, ChannelKey), f64);

fn levels(downstream: &[Downstream], upstream: &[Upstream]) -> Vec<Level> {
    let is_used = |locked: Option<bool>| locked != Some(false);
    let down = downstream.iter().filter(|c| is_used(c.locked)).filter_map(|channel| {
        let key = ChannelKey::of(channel)?;
        let power = channel.power_dbmv.map(|level| ((LevelOf::Received, key), level));
        Some([power, channel.mer_db.map(|level| ((LevelOf::Mer, key), level))])
    });
    let up = upstream.iter().filter(|c| is_used(c.locked)).filter_map(|channel| {
        Some(((LevelOf::Transmitted, upstream_key(channel)?), channel.power_dbmv?))
    });
    down.flatten().flatten().chain(up).filter(|(_, level)| level.is_finite()).collect()
}

/// What is usual at an instant, by the scheduled readings of the week before it.
pub fn usual_levels(accounts: &[ModemAccount], at: Timestamp) -> UsualLevels {
    let mut all: BTreeMap<(LevelOf, ChannelKey), Vec<f64>> = BTreeMap::new();
    let is_past =
        |a: &&ModemAccount| a.cause == ModemReadCause::Scheduled && a.at < at && a.at >= at - PAST;
    for said in accounts.iter().filter(is_past).filter_map(ModemAccount::snapshot) {
        for (key, level) in levels(&said.downstream, &said.upstream) {
            all.entry(key).or_default().push(level);
        }
    }
    let median = |mut levels: Vec<f64>| {
        levels.sort_unstable_by(f64::total_cmp);
        levels[levels.len() / 2].midpoint(levels[(levels.len() - 1) / 2])
    };
    let known = all.into_iter().filter(|(_, levels)| levels.len() >= ENOUGH);
    UsualLevels { levels: known.map(|(key, levels)| (key, median(levels))).collect() }
}

impl UsualLevels {
    /// The levels of a reading that are not as usual: received power by 3 dB either way, MER 3 dB
    /// lower, transmit power 3 dB higher.
    pub fn changes(&self, account: &ModemAccount) -> Vec<LevelChange> {
        let Some(said) = account.snapshot() else { return Vec::new() };
        let changed = levels(&said.downstream, &said.upstream).into_iter().filter_map(
            |((level, channel), now)| {
                let usual = *self.levels.get(&(level, channel))?;
                let by = now - usual;
                let is_change = match level {
                    LevelOf::Received => by.abs() >= CHANGE_DB,
                    LevelOf::Mer => by <= -CHANGE_DB,
                    LevelOf::Transmitted => by >= CHANGE_DB,
                };
                is_change.then_some(LevelChange { level, channel, usual, now })
            },
        );
        changed.collect()
    }
}
