//! Whole hours whose probes were counted when the hour was over, in place of the probes themselves.

use super::{LinkCondition, QuarterHour, SecondCounter};
use crate::stats::anchor_hour::AnchorHour;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::LossRatio;
use crate::vocabulary::TargetId;

impl SecondCounter {
    /// Counts a whole hour (Unix time / 3600 s) of the period, as [`Self::add`] would its samples.
    /// It is coarser in these ways: a probe lies in a drop when the middle of its second does; a
    /// quarter that an anchor's own trouble touches gives no delays of that anchor; and the first probe of
    /// an hour has no IPDV.
    pub fn add_hour(&mut self, hour: i64, hours: &[(TargetId, &AnchorHour)]) {
        self.add_seconds(hour, 0..3_600, hours);
    }

    /// The same of the part of an hour that lies in `range`, in whole seconds. Delays are those of
    /// whole quarters in it.
    pub fn add_part(&mut self, range: TimeRange, hour: i64, hours: &[(TargetId, &AnchorHour)]) {
        let start = hour.saturating_mul(3_600_000_000);
        let second = |at: Timestamp| {
            let us = at.as_micros().saturating_sub(start).clamp(0, 3_600_000_000);
            usize::try_from((us + 500_000) / 1_000_000).unwrap_or_default()
        };
        self.add_seconds(hour, second(range.from)..second(range.to), hours);
    }

    fn add_seconds(
        &mut self,
        hour: i64,
        part: std::ops::Range<usize>,
        hours: &[(TargetId, &AnchorHour)],
    ) {
        self.minute = None;
        self.before.fill(None);
        let from = hour.saturating_mul(3_600);
        let mut seconds = vec![LossRatio::default(); 3_600];
        let mut quarters = [QuarterHour::default(); 4];
        for (number, quarter) in (hour.saturating_mul(4)..).zip(&mut quarters) {
            quarter.number = number;
        }
        for (target, counted) in hours {
            let Some(anchor) = self.anchors.iter().find(|a| a.target == *target) else { continue };
            let whole = span(from, 0..3_600);
            let next = anchor.troubles.partition_point(|trouble| trouble.to <= whole.from);
            let troubles = anchor.troubles[next..].iter().take_while(|t| t.from < whole.to);
            // A trouble starts with its own second and ends with that of the first answer.
            let troubles: Vec<_> = troubles
                .map(|t| {
                    (
                        t.from.as_micros().div_euclid(1_000_000),
                        t.to.as_micros().div_euclid(1_000_000),
                    )
                })
                .collect();
            let mut calm = [LossRatio::default(); 4];
            counted.each(|range, loss| {
                for second in range.start.max(part.start)..range.end.min(part.end) {
                    let at = from + i64::try_from(second).unwrap_or_default();
                    if !troubles.iter().any(|(a, b)| (*a..*b).contains(&at)) {
                        seconds[second] += loss;
                        calm[second / 900] += loss;
                    }
                }
            });
            for (n, (quarter, delays)) in quarters.iter_mut().zip(&counted.quarters).enumerate() {
                let here = span(from, n * 900..(n + 1) * 900);
                let is_whole = part.start <= n * 900 && (n + 1) * 900 <= part.end;
                if !is_whole
                    || anchor.troubles[next..]
                        .iter()
                        .take_while(|t| t.from < here.to)
                        .any(|t| t.intersect(&here).is_some())
                {
                    continue;
                }
                quarter.loss_2s.sent += calm[n].sent;
                quarter.loss_2s.lost += calm[n].sent.saturating_sub(delays.within_2s);
                quarter.answered += delays.answered;
                quarter.within_50ms += delays.within_50ms;
                quarter.calm.answered += delays.answered;
                quarter.calm.rtt_us += delays.rtt_us;
                quarter.calm.ipdv_us += delays.ipdv_us;
                quarter.calm.pairs += delays.pairs;
            }
        }
        for (second, loss) in (from..).zip(&seconds) {
            if loss.sent == 0 {
                continue;
            }
            let middle = Timestamp::from_micros(second.saturating_mul(1_000_000) + 500_000);
            let place = self.place(middle);
            let within = usize::try_from(second - from).unwrap_or_default() / 900;
            quarters[within].loss += *loss;
            if place == LinkCondition::Calm {
                quarters[within].calm.loss += *loss;
            }
        }
        for quarter in quarters.into_iter().filter(|q| q.loss.sent > 0) {
            self.quarters.extend(self.quarter.replace(quarter));
        }
    }
}

/// Seconds of the hour that starts at `from`.
fn span(from: i64, seconds: std::ops::Range<usize>) -> TimeRange {
    let at = |second: usize| {
        Timestamp::from_seconds(from.saturating_add(i64::try_from(second).unwrap_or_default()))
    };
    TimeRange { from: at(seconds.start), to: at(seconds.end) }
}
