//! The keys of `[detect]`.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{DAY, MS, TableOfKeys, Takes, key};

/// A threshold that must be more than nothing.
const THRESHOLD: RangeInclusive<Duration> = MS..=DAY;
/// A threshold that may be nothing, which switches its rule off.
const OPTIONAL_THRESHOLD: RangeInclusive<Duration> = Duration::ZERO..=DAY;

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "detect",
    documentation: "Thresholds of detection. They must rise from blip-after over drop-after to \
                    outage-after.",
    keys: &[
        key(
            "drop-after",
            Takes::Length(THRESHOLD, |c| &mut c.detect.drop_after),
            "Silence of all anchors for this long is a drop.",
        ),
        key(
            "blip-after",
            Takes::Length(THRESHOLD, |c| &mut c.detect.blip_after),
            "Silence for this long is a blip: counted, but never alarmed.",
        ),
        key(
            "outage-after",
            Takes::Length(THRESHOLD, |c| &mut c.detect.outage_after),
            "A drop longer than this is an outage.",
        ),
        key(
            "recover-after",
            Takes::Length(OPTIONAL_THRESHOLD, |c| &mut c.detect.recover_after),
            "Answers for this long without a silence of 1 s end a drop.",
        ),
        key(
            "merge-within",
            Takes::Length(OPTIONAL_THRESHOLD, |c| &mut c.detect.merge_within),
            "Two drops less than this apart are one.",
        ),
        key(
            "bridge-gap",
            Takes::Length(OPTIONAL_THRESHOLD, |c| &mut c.detect.bridge_gap),
            "If the link is down on both sides of a gap in the record that is no longer than \
             this, it is one drop.",
        ),
        key(
            "gap-after",
            Takes::Length(THRESHOLD, |c| &mut c.detect.gap_after),
            "Successive probes further apart than this leave a gap, in which nothing was \
             observed. With long intervals it is at least 2.5 times their spacing.",
        ),
        key(
            "target-trouble-losses",
            Takes::Count(2..=100_000, |c| &mut c.detect.target_trouble_losses),
            "This many losses in a row at one target, while others answer, are trouble of that \
             target alone. The number is for one probe a second; targets probed less often \
             need fewer, but at least 6.",
        ),
        key(
            "baseline-after",
            Takes::Length(Duration::from_secs(10)..=DAY, |c| &mut c.detect.baseline_after),
            "With less calm time than this to compare with, loss and delay are not compared \
             with the usual.",
        ),
        key(
            "lossy-percent",
            Takes::Count(1..=100, |c| &mut c.detect.lossy_percent),
            "A line that loses this much over five minutes, in percent, is lossy however much \
             it usually loses.",
        ),
    ],
};
