//! Loss on the calm link: much more than usual, of all anchors, and no silence.
//!
//! The last minute (180 probes) is judged each time a block of 5 s is full. A stretch of loss
//! begins where 5 % and twice the usual are lost, by chance less than once in a million; of every
//! anchor that may vote at least two fifths of that; in a quarter of the blocks. Losses come in
//! runs, of which a link that drops one now and then has its usual number, so runs must be more
//! than chance as well; a late answer is not a run, for it proves that the line works. The stretch
//! ends where the last minute loses less than 2.5 %, or 1.2 times the usual. Both edges are the
//! most likely ones.
//!
//! It is compared with the last day outside of all that, where there is half an hour of it or more.
//! Loss that lasted six days is usual from then on.
//!
//! A line that was always lossy is told, too: see [`standing`].

mod sample;
mod standing;
mod stretch;

use std::collections::VecDeque;

use super::calm::{CalmEvent, CalmOutcome, CalmProbe};
use super::chance::{Weights, binomial_tail, turn_calm, turn_lossy};
use super::ledger::Ledger;
use super::usual::{LossRunCount, UsualLoss};
use crate::detect::monotonic::Moment;
use crate::detect::parameters::Parameters;
use crate::text::order::InOrder;
use crate::time::Micros;
use crate::vocabulary::Bounds;

use sample::{LossHost, LossSample, SampleFate, SampleKind};
use standing::StandingLoss;
use stretch::{LossRule, LossStretch, StretchTally};

/// Blocks that are judged together.
const BLOCKS: usize = 12;
/// Least length of a block, and the probes it is long enough for.
const BLOCK: Micros = Micros::from_seconds(5);
const PROBES: i64 = 15;
/// Less loss begins no stretch.
const ENTER: f64 = 0.05;
/// Loss below which a stretch is over, as a rate and as a multiple of the usual.
const LEAVE: f64 = 0.025;
const LEAVE_TIMES: f64 = 1.2;
/// Losses less likely than this, and runs of them, are not chance. A tenth of what
/// the design says for the former: a window is looked at with every probe, and a month of 1 % of
/// random loss must yield nothing.
const CHANCE: f64 = 1e-7;
const RUNS_CHANCE: f64 = 1e-6;
/// The least loss assumed as usual.
const LEAST_USUAL: f64 = 0.002;
/// Each anchor's share of the pooled rate.
const SHARE: f64 = 0.4;
/// Length of the recent past that is kept to look for edges in.
const KEPT: Micros = Micros::from_seconds(360);
/// Samples that are kept, however sparse or dense the record is.
const LEAST_KEPT: usize = 400;
const MOST_KEPT: usize = 2_400;
/// Loss that has lasted this long is the usual loss.
const CHRONIC: Micros = Micros::from_seconds(6 * 86_400);
/// An anchor that loses this many times what half of them lose does not show what is usual.
const ODD: f64 = 2.5;

/// What was seen in one block, by target.
#[derive(Debug, Clone, Default)]
struct LossBlock {
    number: i64,
    length: Micros,
    from: Micros,
    minute: i64,
    counts: Vec<LossRunCount>,
}

/// The observer.
#[derive(Debug, Clone)]
pub(crate) struct LossObserver {
    bridge: Micros,
    baseline_after: Micros,
    /// Time that was cut out: gaps, drops and blips. Steady time less this is calm time.
    skipped: Micros,
    hosts: Vec<Option<LossHost>>,
    block: Option<LossBlock>,
    window: VecDeque<LossBlock>,
    /// Counts of a block that is no longer needed.
    spare: Vec<LossRunCount>,
    recent: VecDeque<LossSample>,
    standing: StandingLoss,
    /// The last probe of a deciding anchor was lost.
    silent: bool,
    stretch: Option<LossStretch>,
}

impl LossObserver {
    pub(crate) fn new(parameters: &Parameters) -> Self {
        Self {
            bridge: parameters.bridge_gap.into(),
            baseline_after: parameters.baseline_after.into(),
            skipped: Micros::ZERO,
            hosts: Vec::new(),
            block: None,
            window: VecDeque::new(),
            spare: Vec::new(),
            recent: VecDeque::new(),
            standing: StandingLoss::new(parameters.lossy_percent),
            silent: false,
            stretch: None,
        }
    }

    /// Takes the next event; `spacing` is that of the anchors' probes together.
    pub(crate) fn on_event(&mut self, event: &CalmEvent, spacing: Micros, ledger: &mut Ledger) {
        match *event {
            CalmEvent::Probe(calm) => self.on_probe(&calm, spacing, ledger),
            CalmEvent::Excluded { from, to, lost } => {
                self.cut(to.since(from), from, SampleKind::Cut { lost }, from, ledger);
            }
            CalmEvent::Gap { length, next } => {
                self.cut(length, next, SampleKind::Gap { length }, next, ledger);
            }
        }
    }

    /// A stretch continues across a short cut. After a long one everything starts over except what
    /// is usual.
    fn cut(
        &mut self,
        length: Micros,
        at: Moment,
        what: SampleKind,
        until: Moment,
        ledger: &mut Ledger,
    ) {
        self.silent = false;
        if length > self.bridge {
            if self.stretch.is_some() {
                self.end(until, ledger);
            }
            self.restart();
        } else {
            self.keep(LossSample { at, what });
        }
        self.skipped += length;
    }

    fn restart(&mut self) {
        while let Some(block) = self.window.pop_front() {
            self.learn(&block);
        }
        if let Some(block) = self.block.take() {
            self.learn(&block);
        }
        self.recent.clear();
        self.standing.clear();
    }

    fn on_probe(&mut self, calm: &CalmProbe, spacing: Micros, ledger: &mut Ledger) {
        let target = usize::from(calm.target);
        if self.hosts.len() <= target {
            self.hosts.resize(target + 1, None);
        }
        let now = calm.at.mono - self.skipped;
        let fresh =
            LossHost { hop: calm.hop, decides: false, answered: None, usual: UsualLoss::default() };
        let host = self.hosts[target].get_or_insert(fresh);
        (host.hop, host.decides) = (calm.hop, calm.decides);
        let fate = match calm.seen {
            CalmOutcome::Reply { .. } => SampleFate::Answered,
            CalmOutcome::Late => SampleFate::Late,
            CalmOutcome::Lost => SampleFate::Lost,
        };
        if fate != SampleFate::Lost {
            host.answered = Some(now);
        }
        let votes = calm.decides && host.may_vote(now);
        let runs = match fate {
            SampleFate::Answered => 0,
            SampleFate::Late => 1,
            SampleFate::Lost => u32::from(!self.silent),
        };
        if calm.decides {
            self.silent = fate == SampleFate::Lost;
            self.turn_block(calm.at, spacing, ledger);
        }
        if let Some(block) = &mut self.block {
            if block.counts.len() <= target {
                block.counts.resize(target + 1, LossRunCount::default());
            }
            let lost = u32::from(fate != SampleFate::Answered);
            block.counts[target].add(LossRunCount { sent: 1, lost, runs });
        }
        self.keep(LossSample {
            at: calm.at,
            what: SampleKind::Probe { target: calm.target, votes, fate },
        });
    }

    /// Blocks lie on UTC, so that they are the same wherever the record begins.
    fn turn_block(&mut self, at: Moment, spacing: Micros, ledger: &mut Ledger) {
        if let Some(block) = &self.block
            && at.block(block.length) == block.number
        {
            return;
        }
        if let Some(full) = self.block.take() {
            self.standing.push(&full);
            self.window.push_back(full);
            if self.window.len() > BLOCKS
                && let Some(old) = self.window.pop_front()
            {
                if self.stretch.is_none() {
                    self.learn(&old);
                }
                self.spare = old.counts;
            }
            self.judge(at, spacing, ledger);
        }
        let length = BLOCK * ((PROBES * spacing + BLOCK / 2) / BLOCK).clamp(1, 720);
        let mut counts = std::mem::take(&mut self.spare);
        counts.clear();
        self.block = Some(LossBlock {
            number: at.block(length),
            length,
            from: at.mono,
            minute: at.utc.minute(),
            counts,
        });
    }

    fn learn(&mut self, block: &LossBlock) {
        for (host, count) in self.hosts.iter_mut().zip(&block.counts) {
            if let Some(host) = host {
                host.usual.add(block.minute, *count);
            }
        }
    }

    fn keep(&mut self, sample: LossSample) {
        if let Some(stretch) = &mut self.stretch {
            stretch.tally.add(&sample);
        }
        self.recent.push_back(sample);
        let oldest = sample.at.mono - KEPT;
        let count = self.recent.len();
        self.recent.pop_front_if(|front| {
            count > LEAST_KEPT && (count > MOST_KEPT || front.at.mono < oldest)
        });
    }

    fn judge(&mut self, at: Moment, spacing: Micros, ledger: &mut Ledger) {
        if self.stretch.is_none() && self.window.len() == BLOCKS {
            self.look(at, spacing, ledger);
        }
        if self.stretch.is_none() {
            self.look_for_standing(at, ledger);
        }
        if self.stretch.is_some() {
            self.go_on(at, ledger);
        }
    }

    /// What the anchors lost in the last minute that may vote, and which these are.
    fn pool(&self, at: Moment) -> (LossRunCount, Vec<u8>) {
        self.pool_of(&self.recent_minute(), at)
    }

    fn recent_minute(&self) -> Vec<&LossBlock> {
        self.window.iter().collect()
    }

    /// The same of these blocks.
    fn pool_of(&self, blocks: &[&LossBlock], at: Moment) -> (LossRunCount, Vec<u8>) {
        let now = at.mono - self.skipped;
        let (mut pooled, mut voters) = (LossRunCount::default(), Vec::new());
        let mut probed = 0;
        for (target, host) in self.hosts.iter().enumerate() {
            let Some(host) = host.as_ref().filter(|host| host.decides) else { continue };
            let count = in_blocks(blocks, target);
            probed += usize::from(count.sent > 0);
            if count.sent > 0 && host.may_vote(now) {
                pooled.add(count);
                voters.push(u8::try_from(target).unwrap_or(u8::MAX));
            }
        }
        if voters.len() < probed.min(2) {
            return (LossRunCount::default(), Vec::new());
        }
        (pooled, voters)
    }

    /// What the voters usually lose, without those that are in trouble of their own.
    fn usual(&self, voters: &[u8]) -> LossRunCount {
        let known = |target: &u8| self.hosts[usize::from(*target)].as_ref();
        let mut totals: Vec<LossRunCount> =
            voters.iter().filter_map(known).map(|host| host.usual.total()).collect();
        totals.retain(|total| total.sent > 0);
        totals.order_by(|a, b| a.rate().total_cmp(&b.rate()));
        let Some(half) = totals.get(totals.len().saturating_sub(1) / 2) else {
            return LossRunCount::default();
        };
        let most = ODD * half.rate() + LEAST_USUAL;
        let mut sum = LossRunCount::default();
        totals.iter().filter(|total| total.rate() <= most).for_each(|total| sum.add(*total));
        sum
    }

    fn look(&mut self, at: Moment, spacing: Micros, ledger: &mut Ledger) {
        let (now, voters) = self.pool(at);
        let rate = now.rate();
        if rate < ENTER {
            return;
        }
        let usual = self.usual(&voters);
        let known = i64::from(usual.sent) * spacing >= self.baseline_after;
        if !known || rate < 2.0 * usual.rate() {
            return;
        }
        let minute = self.recent_minute();
        if !is_shared(&minute, &voters, rate) || !is_spread(&minute, &voters) {
            return;
        }
        let (calm, runs) = (usual.rate().max(LEAST_USUAL), usual.run_rate().max(LEAST_USUAL));
        if binomial_tail(now.lost, now.sent, calm) < CHANCE
            && binomial_tail(now.runs, now.sent, runs) < RUNS_CHANCE
        {
            self.begin(rate, usual, LossRule::Unusual, ledger);
        }
    }

    /// Whether the line loses too much, however usual that is.
    fn look_for_standing(&mut self, at: Moment, ledger: &mut Ledger) {
        if !self.standing.is_full() {
            return;
        }
        let found = [self.standing.recent(), self.standing.hour()].into_iter().find_map(|blocks| {
            let (now, voters) = self.pool_of(&blocks, at);
            let is_of_all = is_shared(&blocks, &voters, now.rate()) && is_spread(&blocks, &voters);
            (self.standing.is_too_much(now) && is_of_all).then_some((now, voters))
        });
        if let Some((now, voters)) = found {
            let usual = self.usual(&voters);
            self.begin(now.rate(), usual, LossRule::Standing, ledger);
        }
    }

    fn begin(&mut self, rate: f64, usual: LossRunCount, rule: LossRule, ledger: &mut Ledger) {
        let votes: Vec<_> = self.recent.iter().map(LossSample::vote).collect();
        let calm = self.calm_rate(usual, rule);
        let mut edge = turn_lossy(&votes, Weights::new(calm, rate));
        // The minute includes some of the time before; once more with the rate of what it found.
        edge = turn_lossy(&votes, Weights::new(calm, rate_of(&votes[edge.best..])));
        let Some(first) = self.recent.get(edge.best).map(|sample| sample.at) else { return };
        let at = |index: usize| self.recent.get(index).map_or(first, |sample| sample.at);
        let mut onset = bounds(at(edge.earliest.max(1) - 1), at(edge.latest), first);
        let mut tally = StretchTally::default();
        self.recent.iter().skip(edge.best).for_each(|sample| tally.add(sample));
        if rule == LossRule::Standing
            && edge.earliest == 0
            && let Some(from) = self.standing_from(at(0), &mut tally)
        {
            onset = bounds(from, from, from);
        }
        // What lies before it is calm; the rest is not compared with.
        let mut blocks = std::mem::take(&mut self.window);
        blocks.retain(|block| {
            let before = block.from < first.mono && block.from + block.length <= first.mono;
            if before {
                self.learn(block);
            }
            !before
        });
        self.window = blocks;
        self.standing.clear();
        self.stretch = Some(LossStretch::declare(first, onset, tally, usual, rule, ledger));
    }

    /// How far back from `recent` the line was as lossy, with what was lost then; `None` where it was
    /// not.
    fn standing_from(&self, recent: Moment, tally: &mut StretchTally) -> Option<Moment> {
        let mut from = None;
        for sum in self.standing.older().filter(|sum| sum.from + sum.length <= recent.mono) {
            let (lost, voters) = self.pool_of(&[sum], recent);
            if voters.is_empty() || lost.rate() < self.standing.considerable() {
                break;
            }
            from = Some(recent.plus(sum.from - recent.mono));
            tally.add_before(&sum.counts, &voters);
        }
        from
    }

    /// The rate on the calm side of an edge: of standing loss one that no one minds.
    fn calm_rate(&self, usual: LossRunCount, rule: LossRule) -> f64 {
        let most = if rule == LossRule::Standing { self.standing.harmless() } else { 1.0 };
        usual.rate().min(most).max(LEAST_USUAL)
    }

    fn go_on(&mut self, at: Moment, ledger: &mut Ledger) {
        let (now, voters) = self.pool(at);
        let Some(stretch) = &mut self.stretch else { return };
        stretch.update(&self.hosts, ledger);
        if stretch.rule == LossRule::Standing {
            let (now, voters) = self.pool_of(&self.standing.recent(), at);
            let (hour, _) = self.pool_of(&self.standing.hour(), at);
            let is_known = self.standing.is_full() && !voters.is_empty();
            if is_known && self.standing.is_harmless(now, hour) {
                self.end(at, ledger);
            }
            return;
        }
        if at.since(stretch.first) >= CHRONIC {
            // From now on it is usual, and told only if it is too much for any line.
            if self.standing.is_too_much(now) {
                stretch.rule = LossRule::Standing;
            } else {
                self.end(at, ledger);
            }
            self.hosts.iter_mut().flatten().for_each(|host| host.usual.clear());
            return;
        }
        let few = now.rate() < LEAVE.max(LEAVE_TIMES * stretch.usual.rate());
        if few && !voters.is_empty() && self.window.len() == BLOCKS {
            self.end(at, ledger);
        }
    }

    /// The stretch is over: at the most likely edge, no later than `latest`.
    fn end(&mut self, latest: Moment, ledger: &mut Ledger) {
        let Some(mut stretch) = self.stretch.take() else { return };
        let start = self.recent.partition_point(|s| s.at.mono < stretch.first.mono);
        let votes: Vec<_> = self.recent.iter().skip(start).map(LossSample::vote).collect();
        let calm = self.calm_rate(stretch.usual, stretch.rule);
        let mut edge = turn_calm(&votes, Weights::new(calm, stretch.tally.rate()));
        // So far it includes some of the time after; once more with the rate of what it found.
        edge = turn_calm(&votes, Weights::new(calm, rate_of(&votes[..edge.best])));
        let after = start + edge.best;
        self.recent.iter().skip(after).for_each(|sample| stretch.tally.take_back(sample));
        let at = |index: usize| self.recent.get(index).map_or(latest, |sample| sample.at);
        let (before, next) = (start + edge.earliest.max(1) - 1, at(after));
        let bounds = bounds(at(before), at(start + edge.latest), next);
        stretch.end(bounds, &self.hosts, ledger);
        self.window.retain(|block| block.from >= next.mono);
        self.standing.clear();
        self.block.take_if(|block| block.from < next.mono);
        self.recent.drain(..after.min(self.recent.len()));
    }
}

#[cfg(test)]
impl LossObserver {
    pub(crate) fn kept(&self) -> usize {
        let minutes = self.hosts.iter().flatten().map(|host| host.usual.kept()).sum::<usize>();
        self.recent.len() + self.window.len() + self.standing.hour().len() + minutes
    }
}

fn in_blocks(blocks: &[&LossBlock], target: usize) -> LossRunCount {
    let mut sum = LossRunCount::default();
    for count in blocks.iter().filter_map(|block| block.counts.get(target)) {
        sum.add(*count);
    }
    sum
}

/// Whether each of the anchors has its share of the loss.
fn is_shared(blocks: &[&LossBlock], voters: &[u8], rate: f64) -> bool {
    let share = |target: &u8| in_blocks(blocks, usize::from(*target)).rate() >= SHARE * rate;
    voters.iter().all(share)
}

/// Whether a quarter of the blocks has losses.
fn is_spread(blocks: &[&LossBlock], voters: &[u8]) -> bool {
    let lossy = |block: &&&LossBlock| {
        let lost = |target: &u8| block.counts.get(usize::from(*target)).map_or(0, |c| c.lost);
        voters.iter().map(lost).sum::<u32>() > 0
    };
    4 * blocks.iter().filter(lossy).count() >= blocks.len()
}

/// Instants at `earliest` and `latest` in the UTC of `known`.
fn bounds(earliest: Moment, latest: Moment, known: Moment) -> Bounds {
    Bounds {
        earliest: known.plus(-known.since(earliest).max(Micros::ZERO)).utc,
        latest: known.plus(latest.since(known).max(Micros::ZERO)).utc,
    }
}

fn rate_of(votes: &[Option<bool>]) -> f64 {
    let lost = votes.iter().filter(|vote| **vote == Some(true)).count();
    let sent = votes.iter().flatten().count();
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    LossRunCount { lost: count(lost), sent: count(sent), runs: 0 }.rate()
}
