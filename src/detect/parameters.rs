//! Thresholds of the rules, with the defaults of the design.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Thresholds of the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct Parameters {
    /// Silence of all anchors that counts as a drop (D). Default 5 s.
    #[serde(with = "crate::time::duration")]
    pub drop_after: Duration,
    /// Silence that counts as a blip. Default 2 s.
    #[serde(with = "crate::time::duration")]
    pub blip_after: Duration,
    /// A drop longer than this is an outage. Default 5 min.
    #[serde(with = "crate::time::duration")]
    pub outage_after: Duration,
    /// Answers for this long without a silence of 1 s end a drop. Default 3 s.
    #[serde(with = "crate::time::duration")]
    pub recover_after: Duration,
    /// Two drops less than this apart are one. Default 10 s.
    #[serde(with = "crate::time::duration")]
    pub merge_within: Duration,
    /// Down on both sides of a gap of at most this length: one drop. Default 10 min.
    #[serde(with = "crate::time::duration")]
    pub bridge_gap: Duration,
    /// Successive sends further apart than this (or than 2.5 spacings, or 1.5 rounds of one
    /// anchor, if that is more) leave a gap. Default 2.5 s.
    #[serde(with = "crate::time::duration")]
    pub gap_after: Duration,
    /// This many probes lost in a row, or more lost than answered, while another anchor answers,
    /// are target trouble, at a probe a second; of targets probed more rarely, 6 at least. Default
    /// 30.
    pub target_trouble_losses: u32,
    /// With less calm time than this to compare with, loss and delay are not compared with the
    /// usual. Default 30 min.
    #[serde(with = "crate::time::duration")]
    pub baseline_after: Duration,
    /// Loss of the anchors over five minutes, in percent, from which the line is lossy however much
    /// it usually loses. Default 3.
    pub lossy_percent: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            drop_after: Duration::from_secs(5),
            blip_after: Duration::from_secs(2),
            outage_after: Duration::from_secs(300),
            recover_after: Duration::from_secs(3),
            merge_within: Duration::from_secs(10),
            bridge_gap: Duration::from_secs(600),
            gap_after: Duration::from_millis(2_500),
            target_trouble_losses: 30,
            baseline_after: Duration::from_secs(1_800),
            lossy_percent: 3,
        }
    }
}
