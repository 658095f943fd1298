//! What can be answered, in words made of templates, for all languages.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::language::phrases::{Replies, fill};
use crate::language::words;
use crate::language::{Language, Noun, one_of};
use crate::report::answers::{Answer, Ends, Home, OtherProtocols, Rebooted, Seen, Works};
use crate::report::{DropEntry, Report, facts};
use crate::stats::LossRatio;
use crate::stats::pattern::DailyDrops;
use crate::text::order::InOrder;
use crate::time::{TimeRange, Timestamp};
use crate::vocabulary::Role;

/// As often as desks are known to look: a poll of modems every five minutes.
const POLL: Duration = Duration::from_secs(300);

/// Less loss outside drops is not reported: one probe in a hundred.
const STANDING: f64 = 0.01;

impl Language {
    /// What a desk says, and what the record answers: whole sentences.
    pub(crate) fn answer(&self, answer: &Answer, report: &Report) -> [String; 2] {
        let r = &self.phrases().replies;
        let (said, answered) = match answer {
            Answer::LowPriority(o) => (r.low_priority, self.low_priority(o, report)),
            Answer::NotATestTarget(e) => (r.not_a_test_target, self.not_a_test_target(e)),
            Answer::Wifi(h) => (r.wifi, self.wifi(h, report)),
            Answer::Modem(h) => (r.modem, self.modem(h, report)),
            Answer::NothingSeen(s) => (r.nothing_seen, self.nothing_seen(s, report)),
            Answer::WorksNow(w) => (r.works_now, self.works_now(w, report)),
            Answer::HopLoss(e) => (r.hop_loss, self.hop_loss(e, report)),
            Answer::Rebooted(b) => (r.rebooted, self.rebooted(b.as_ref(), report)),
            Answer::Scheduled(daily) => (r.scheduled, self.scheduled(daily)),
        };
        [said.to_owned(), answered]
    }

    fn replies(&self) -> &Replies {
        &self.phrases().replies
    }

    /// The loss of the public servers outside drops, where it is more than any line has: constant
    /// loss is not an event, but a desk has to know of it.
    pub(crate) fn standing_loss(&self, report: &Report) -> Option<String> {
        let loss = report.analyses.calls.quality.map(|q| q.loss)?;
        let is_standing = loss.ratio().is_some_and(|ratio| ratio >= STANDING);
        is_standing.then(|| self.loss(self.phrases().standing_loss, loss))
    }

    fn loss(&self, template: &str, loss: LossRatio) -> String {
        let ratio = loss.ratio().map_or_else(|| "-".to_owned(), |ratio| self.percent(ratio));
        let [part, whole] = [loss.lost, loss.sent].map(|n| self.number(n));
        fill(template, &[("lost", &part), ("sent", &whole), ("ratio", &ratio)])
    }

    fn low_priority(&self, o: &OtherProtocols, report: &Report) -> String {
        let r = self.replies();
        if o.drops == 0 {
            return r.no_drop.to_owned();
        }
        let template = match (o.failed, o.answered) {
            (0, 0) => r.low_unknown,
            (_, 0) => r.low_failed,
            _ => r.low_answered,
        };
        let [failed, answered] = [o.failed, o.answered].map(|n| self.of_drops(n, o.drops));
        let mut text = fill(template, &[("failed", &failed), ("answered", &answered)]);
        if o.failed + o.answered == 0 {
            let drops = report.counted_drops().map(|drop| drop.onset.midpoint());
            let spans = drops.map(|at| TimeRange { from: at, to: at.plus_micros(1) });
            text = self.no_longer_answered(report, spans).unwrap_or(text);
        }
        text.extend(o.calm.map(|loss| self.loss(r.low_calm, loss)));
        text
    }

    fn not_a_test_target(&self, e: &Ends) -> String {
        let r = self.replies();
        match (e.drops, e.anchors) {
            (0, _) => r.no_drop.to_owned(),
            (_, 0 | 1) => r.one_anchor.to_owned(),
            (drops, anchors) => {
                let anchors = self.number(anchors as u64);
                let drops = self.count(drops, Noun::Drop);
                let mut text = fill(
                    one(e.drops, r.many_anchors_one, r.many_anchors),
                    &[("n", &anchors), ("drops", &drops)],
                );
                if e.isp_silent > 0 {
                    let of = self.of_drops(e.isp_silent, e.drops);
                    text += &fill(r.isp_silent_too, &[("of", &of)]);
                }
                text
            }
        }
    }

    fn wifi(&self, h: &Home, report: &Report) -> String {
        let r = self.replies();
        match h {
            Home { drops: 0, .. } => r.no_drop.to_owned(),
            Home { loss: None, .. } => r.router_absent.to_owned(),
            Home { answered: 0, silent: 0, .. } => r.router_unknown.to_owned(),
            h => {
                let [answered, silent] = [h.answered, h.silent].map(|n| self.of_drops(n, h.drops));
                let values = [("answered", answered.as_str()), ("silent", &silent)];
                let mut text = fill(r.router_answered, &values);
                if h.silent > h.answered {
                    text += r.perhaps_right;
                }
                let is_whole = |role| {
                    let probed = report.targets.iter().filter(|t| t.target.role == role);
                    probed.map(|t| t.uncounted).all(|uncounted| uncounted.is_none())
                };
                let loss = h.loss.filter(|loss| loss.sent > 0 && is_whole(Role::Gateway));
                text.extend(loss.map(|loss| self.loss(r.own_loss, loss)));
                // Cable or Wi-Fi is what every desk asks first.
                for part in self.over_what(report) {
                    text.extend([" ", &crate::language::capital(&part), "."]);
                }
                text
            }
        }
    }

    fn modem(&self, h: &Home, report: &Report) -> String {
        let r = self.replies();
        let [answered, silent] = [h.answered, h.silent].map(|n| self.of_drops(n, h.drops));
        match h {
            Home { drops: 0, .. } => r.no_drop.to_owned(),
            Home { loss: None, .. } => r.modem_absent.to_owned(),
            Home { answered: 0, silent: 0, .. } => r.modem_unknown.to_owned(),
            h if h.silent > h.answered => {
                fill(r.modem_silent, &[("silent", &silent)]) + r.perhaps_right
            }
            h => {
                let isp = report.summary.witnesses.iter().find(|w| w.role == Role::Isp);
                let silent = isp.filter(|w| w.silent > 0).map(|w| self.of_drops(w.silent, h.drops));
                let hop = silent.map_or_else(String::new, |of| fill(r.while_hop, &[("of", &of)]));
                let mute = (h.silent > 0).then(|| self.of_drops(h.silent, h.drops));
                let mute = mute.map_or_else(String::new, |of| fill(r.modem_mute, &[("of", &of)]));
                fill(r.modem_answered, &[("answered", &answered), ("hop", &hop), ("mute", &mute)])
            }
        }
    }

    fn nothing_seen(&self, s: &Seen, report: &Report) -> String {
        let r = self.replies();
        if s.drops == 0 {
            return r.no_drop.to_owned();
        }
        let utc = |at: Timestamp| words::local(at, &TimeZone::UTC, "%Y-%m-%d %H:%M:%S");
        let mut clearest = facts::clearest(report, 3);
        clearest.order_by_key(|d| d.onset.earliest);
        let times: Vec<_> = clearest.iter().map(|d| utc(d.onset.midpoint())).collect();
        let poll = if s.median >= POLL {
            r.poll_certain.to_owned()
        } else {
            let chance = self.percent(s.median.as_secs_f64() / POLL.as_secs_f64());
            fill(r.poll_chance, &[("chance", &chance)])
        };
        let (drops, median) = (self.count(s.drops, Noun::Drop), self.length(s.median));
        let is_open = |d: &DropEntry| d.end.is_none() && d.record_ends.is_none();
        let goes_on = s.drops == 1 && report.counted_drops().any(is_open);
        let median = if goes_on { self.so_far(&median) } else { median };
        fill(one(s.drops, r.seen_one, r.seen), &[("drops", &drops), ("median", &median)])
            + &poll
            + &fill(r.moments, &[("times", &times.join(", "))])
    }

    fn works_now(&self, w: &Works, report: &Report) -> String {
        let r = self.replies();
        let minute = |at| self.minute(at, &report.zone);
        if w.drops == 0 {
            return r.no_drop.to_owned();
        }
        if let Some(since) = w.open_since {
            return fill(r.is_down, &[("since", &minute(since))]);
        }
        let mut text = String::new();
        text.extend(w.up.map(|up| fill(r.test_chance, &[("chance", &self.percent(up))])));
        let drops = self.count(w.drops, Noun::Drop);
        text.extend(w.last_end.map(|at| {
            fill(
                one(w.drops, r.last_ended_one, r.last_ended),
                &[("drops", &drops), ("at", &minute(at))],
            )
        }));
        text.extend(w.longest_clear.map(|d| fill(r.longest_clear, &[("length", &self.length(d))])));
        text
    }

    fn scheduled(&self, daily: &DailyDrops) -> String {
        let r = self.replies();
        let text = fill(r.scheduled_so, &self.daily_values(daily));
        if daily.others == 0 {
            return text;
        }
        let others = one_of(r.scheduled_others, daily.others);
        text + " " + &fill(others, &[("n", self.number(daily.others as u64))])
    }

    fn hop_loss(&self, e: &Ends, report: &Report) -> String {
        let r = self.replies();
        match (e.drops, e.anchors) {
            (0, _) => r.no_drop.to_owned(),
            _ if e.loss.sent == 0 => self
                .no_longer_answered(report, std::iter::once(report.period))
                .unwrap_or_else(|| r.no_ends.to_owned()),
            _ => self.loss(r.far_ends_decide, e.loss),
        }
    }

    fn rebooted(&self, rebooted: Option<&Rebooted>, report: &Report) -> String {
        let r = self.replies();
        let Some(Rebooted { at, before, after }) = rebooted else {
            return r.no_reboot.to_owned();
        };
        let first = if after.0 == 0 { r.reboot_perhaps } else { r.reboot_no };
        let drops = |n: usize| self.count(n, Noun::Drop);
        let time = |d: Duration| self.figures(&words::about(d));
        let values = [
            ("at", self.minute(*at, &report.zone)),
            ("before", drops(before.0)),
            ("time_before", time(before.1)),
            ("after", drops(after.0)),
            ("time_after", time(after.1)),
        ];
        first.to_owned() + &fill(r.reboot_sides, &values)
    }
}

/// The template for one drop, or that for several.
fn one(drops: usize, one: &'static str, several: &'static str) -> &'static str {
    if drops == 1 { one } else { several }
}
