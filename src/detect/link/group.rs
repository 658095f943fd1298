//! Targets that decide together, and what their silence says: the anchors of the link, and with
//! the same rule the IPv6 anchors and the name servers.

use super::silence::{LinkStep, LinkTracker, PooledProbe};
use super::window::bit;
use crate::detect::monotonic::{Moment, RunCrossing};
use crate::detect::parameters::Parameters;
use crate::time::Micros;

/// A member may vote while its last answer is at most this much link-up time of the group ago.
const ELIGIBLE: Micros = Micros::HOUR;
/// Rates of probes are numbers of probes in this many microseconds: a million seconds.
const RATE_TIME: i64 = 1_000_000_000_000;
/// No member is probed more often than this.
const LEAST_INTERVAL: Micros = Micros::from_millis(1);

/// Members and their link; members are numbered like the targets of the detector; those that do not
/// belong to the group have no interval.
#[derive(Debug, Clone)]
pub(crate) struct Group {
    pub(crate) link: LinkTracker,
    members: Vec<GroupMember>,
    gap_after: Micros,
    /// Longest pause between two sends in a watched stretch, however the slots of the members lie.
    longest_pause: Micros,
    /// The next sample follows a gap, however near it is.
    cut: bool,
}

/// What decides whether a member may vote.
#[derive(Debug, Clone, Copy, Default)]
struct GroupMember {
    /// Of its slots; `None`: it does not decide.
    interval: Option<Micros>,
    /// Time in which the group was up at its last answer.
    answered: Option<Micros>,
    /// Last slot in this record; `None` when it is no longer probed.
    seen: Option<Micros>,
}

impl GroupMember {
    fn decides(&self) -> bool {
        self.interval.is_some()
    }
}

/// What one sample changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SampleSteps {
    /// Length of the gap before the sample.
    pub(crate) gap: Option<Micros>,
    /// What the gap changed, then the sample.
    pub(crate) steps: [Option<LinkStep>; 2],
}

impl Group {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        Self {
            link: LinkTracker::new(parameters),
            members: Vec::new(),
            gap_after: parameters.gap_after.into(),
            longest_pause: Micros::ZERO,
            cut: false,
        }
    }

    /// Sets which targets decide: the interval of each, `None` for those that are not in this
    /// group. Members that stay keep what is known about them.
    pub(crate) fn set_members(&mut self, intervals: impl Iterator<Item = Option<Micros>>) {
        for member in &mut self.members {
            member.interval = None;
        }
        for (index, interval) in intervals.enumerate() {
            if index == self.members.len() {
                self.members.push(GroupMember::default());
            }
            self.members[index].interval = interval.map(|slot| slot.max(LEAST_INTERVAL));
        }
        self.measure_spacing();
    }

    /// This member is known to answer, before it did.
    pub(crate) fn vouch_for(&mut self, member: usize) {
        let uptime = self.link.uptime;
        if let Some(member) = self.members.get_mut(member) {
            member.answered.get_or_insert(uptime);
        }
    }

    /// Whether a member ever answered, as far as is known.
    pub(crate) fn has_answered(&self) -> bool {
        self.members.iter().any(|member| member.answered.is_some())
    }

    /// If no member ever answered, all that decide are taken as those that do.
    pub(crate) fn vouch_for_silent(&mut self) {
        if !self.has_answered() {
            let uptime = self.link.uptime;
            for member in self.members.iter_mut().filter(|member| member.decides()) {
                member.answered = Some(uptime);
            }
        }
    }

    /// The next run begins.
    pub(crate) fn begin_run(&mut self, crossing: RunCrossing) {
        if crossing != RunCrossing::SameBoot {
            self.forget_seen();
        }
        // The machine was switched off and on: there is a gap before the next sample.
        self.cut |= crossing == RunCrossing::OtherBoot;
    }

    /// The members so far need not be those of the next run.
    fn forget_seen(&mut self) {
        for member in &mut self.members {
            member.seen = None;
        }
        self.measure_spacing();
    }

    /// The slot spacing of a member; `None` when it does not decide.
    pub(crate) fn interval(&self, member: usize) -> Option<Micros> {
        self.members.get(member)?.interval
    }

    /// A member was due.
    pub(crate) fn on_due(&mut self, member: usize, at: Moment) {
        let now = at.mono;
        let Some(seen) = self.members.get_mut(member) else { return };
        let mut changed = seen.seen.replace(now).is_none();
        for member in &mut self.members {
            // One that has not been due for long is no longer probed.
            let patience = 10 * (Micros::SECOND + member.interval.unwrap_or_default());
            if member.seen.is_some_and(|then| now - then > patience) {
                member.seen = None;
                changed = true;
            }
        }
        if changed {
            self.measure_spacing();
        }
    }

    /// Takes the next sample of a member.
    pub(crate) fn on_sample(&mut self, sample: &PooledProbe) -> SampleSteps {
        let cut = std::mem::take(&mut self.cut);
        let (members, uptime) = (&self.members, self.link.uptime);
        let sole = members.iter().filter(|m| m.decides() && m.seen.is_some()).count() == 1;
        let needed = if sole { 1 } else { 2 };
        let confirms = |silent: u128| {
            let eligible = |(index, member): &(usize, &GroupMember)| {
                silent & bit(u8::try_from(*index).unwrap_or(u8::MAX)) != 0
                    && member.answered.is_some_and(|then| uptime - then <= ELIGIBLE)
            };
            members.iter().enumerate().filter(eligible).count() >= needed
        };
        let limit = self.gap_after.max(self.longest_pause);
        let gap = self.link.last().filter(|last| cut || sample.at.since(*last) > limit);
        let gap = gap.map(|last| sample.at.since(last));
        let first = gap.and_then(|length| self.link.on_gap(length, sample, confirms));
        let second = self.link.on_sample(sample, confirms);
        if sample.answer.is_some() {
            let now = self.link.uptime;
            let known = self.members[usize::from(sample.target)].answered.replace(now);
            if known.is_none_or(|then| now - then > ELIGIBLE) {
                self.link.on_new_witness();
            }
        }
        SampleSteps { gap, steps: [first, second] }
    }

    /// Pooled spacing: that of the members being probed together; of all before the first.
    fn measure_spacing(&mut self) {
        let decide = || self.members.iter().filter_map(|m| m.interval);
        let in_use = || self.members.iter().filter(|m| m.seen.is_some()).filter_map(|m| m.interval);
        let rate = |interval: Micros| RATE_TIME / interval.as_i64();
        let pooled: i64 = in_use().map(rate).sum();
        let pooled = if pooled > 0 { pooled } else { decide().map(rate).sum() };
        self.link.spacing = Micros::new(RATE_TIME / pooled.max(1));
        self.link.anchors = u32::try_from(in_use().count()).unwrap_or(u32::MAX);
        // Other tools probe all anchors at once and then none until the next round.
        let round = in_use().min().unwrap_or_default();
        self.longest_pause = (self.link.spacing * 5 / 2).max(round * 3 / 2);
    }
}
