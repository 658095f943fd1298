//! Targets that decide together, and what their silence says: the anchors of the link, and with
//! the same rule the IPv6 anchors and the name servers.

use super::silence::{LinkStep, LinkTracker, PooledProbe};
use super::support::{ABLE, HopSupport};
use super::window::bit;
use crate::detect::monotonic::{Moment, RunCrossing};
use crate::detect::parameters::Parameters;
use crate::time::Micros;

/// A member is able, and may vote, while its last answer is at most [`ABLE`] of link-up time of the
/// group ago, or this many of its slots.
const ABLE_SLOTS: i64 = 5;
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
    /// Whether it has answered lately.
    able: bool,
}

impl GroupMember {
    fn decides(&self) -> bool {
        self.interval.is_some()
    }

    fn is_able(&self, uptime: Micros) -> bool {
        let patience = ABLE.max(self.interval.unwrap_or_default() * ABLE_SLOTS);
        self.decides() && self.answered.is_some_and(|then| uptime - then <= patience)
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

    /// Whether any member is able to vote.
    pub(crate) fn is_any_able(&self) -> bool {
        self.members.iter().any(|member| member.able)
    }

    /// Longest pause between two samples in a watched stretch.
    pub(crate) fn longest_pause(&self) -> Micros {
        self.gap_after.max(self.longest_pause)
    }

    /// Which members are able follows the link-up time.
    fn look_for_able(&mut self) {
        let uptime = self.link.uptime;
        let mut changed = false;
        for member in &mut self.members {
            let able = member.is_able(uptime);
            changed |= std::mem::replace(&mut member.able, able) != able;
        }
        if changed {
            self.measure_spacing();
        }
    }

    /// Takes the next sample of a member. Losses of one that has not answered lately say nothing
    /// while another is able: they move no edge.
    pub(crate) fn on_sample(&mut self, sample: &PooledProbe, support: &HopSupport) -> SampleSteps {
        self.look_for_able();
        let index = usize::from(sample.target);
        let is_able = self.members.get(index).is_some_and(|member| member.able);
        if sample.answer.is_none() && !is_able && self.is_any_able() {
            return SampleSteps::default();
        }
        let cut = std::mem::take(&mut self.cut);
        let limit = self.longest_pause();
        let gap = self.link.last().filter(|last| cut || sample.at.since(*last) > limit);
        let gap = gap.map(|last| sample.at.since(last));
        let (members, uptime) = (&self.members, self.link.uptime);
        let confirms = |silent, first: Moment| {
            confirms(members, silent, || support.confirms(first.mono, uptime))
        };
        let first = gap.and_then(|length| self.link.on_gap(length, sample, confirms));
        let second = self.link.on_sample(sample, confirms);
        if sample.answer.is_some() {
            let now = self.link.uptime;
            if let Some(member) = self.members.get_mut(index) {
                member.answered = Some(now);
            }
            if !is_able {
                self.link.on_new_witness();
            }
        }
        SampleSteps { gap, steps: [first, second] }
    }

    /// Pooled spacing: that of the able members being probed together; of all where none is able.
    fn measure_spacing(&mut self) {
        let decide = || self.members.iter().filter_map(|m| m.interval);
        let any_able = self.members.iter().any(|m| m.able && m.seen.is_some());
        let counts = |m: &&GroupMember| m.seen.is_some() && (m.able || !any_able);
        let in_use = || self.members.iter().filter(counts).filter_map(|m| m.interval);
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

/// Whether silence of these members is enough for a verdict: of two that are able, of one that a
/// hop supports, or of the only one that is asked, which decides alone.
fn confirms(members: &[GroupMember], silent: u128, is_supported: impl Fn() -> bool) -> bool {
    let is_silent = |index: usize| silent & bit(u8::try_from(index).unwrap_or(u8::MAX)) != 0;
    let able = members.iter().enumerate().filter(|(n, m)| m.able && is_silent(*n)).count();
    let asked = members.iter().filter(|m| m.decides() && m.seen.is_some()).count();
    match able {
        0 => false,
        1 => asked == 1 || is_supported(),
        _ => true,
    }
}
