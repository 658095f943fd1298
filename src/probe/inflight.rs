//! Probes under way: matches answers to them, judges them, hands them on in send order.
//!
//! A probe is a [`Outcome::Reply`] when a right answer came within Tmax of sending, time in this
//! host's own queue included. Otherwise it is reported as `Lost` at Tmax (RFC 6673), and again as
//! `Late` when the answer comes within the late window (RFC 7680 keeps it lost). An ICMP error
//! resolves a probe as `Unreachable`; a right answer in time still wins while the probe has not
//! been handed on, because it proves the path; later it is a duplicate, or `Late` after Tmax.
//! Nothing is handed on before everything sent earlier is resolved. A slot may be asked twice, with two
//! identifiers (see [`crate::probe::icmp`]): an answer to either answers it. Pure: time is an argument.

use std::collections::VecDeque;
use std::net::IpAddr;
use std::time::Duration;

use crate::time::{BootTime, Micros, Timestamp};
use crate::vocabulary::{
    HostEvent, IpVersion, Measurement, NotSent, Observation, Outcome, Reply, StrayKind, TargetId,
    Unreachable, Waiting,
};

/// A probe as it leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent {
    /// The target that it probes.
    pub target: TargetId,
    /// Where it went: who must answer.
    pub ip: IpAddr,
    /// Random number in its payload.
    pub nonce: u64,
    /// When, as recorded.
    pub sent_at: Timestamp,
    /// When, for waiting.
    pub boot: BootTime,
}

/// An echo reply with one of our payloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EchoAnswer {
    /// Number in the payload.
    pub number: u64,
    /// Sequence number in the header: the low 16 bits of the number.
    pub sequence: u16,
    /// Nonce in the payload.
    pub nonce: u64,
    /// Source address.
    pub from: IpAddr,
    /// Delay on the network.
    pub rtt: Duration,
    /// Time in this host's own queue before that, where it is known.
    pub local_queue: Option<Duration>,
    /// Hop limit with which it arrived, where it is known.
    pub ttl: Option<u8>,
}

/// An ICMP error about one of our probes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IcmpRefusal {
    /// Sequence number of the quoted request.
    pub sequence: u16,
    /// Number and nonce, when as much was quoted.
    pub mark: Option<(u64, u64)>,
    /// Where the quoted request went.
    pub to: IpAddr,
    /// What was said, and by whom.
    pub what: Unreachable,
}

/// Which of the two requests of a slot; most have one only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// The first, with the identifier in use.
    First,
    /// The one with another identifier.
    Second,
}

/// A right answer, the first to its request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MatchedAnswer {
    /// Who answered.
    pub target: TargetId,
    /// The number of the probe.
    pub number: u64,
    /// Which request of the slot it answers.
    pub asked: Asked,
    /// When the slot was sent.
    pub sent: BootTime,
    /// When the answer was received, as far as is known.
    pub received: BootTime,
    /// Whether it came within Tmax.
    pub is_in_time: bool,
}

/// The second request of a slot.
#[derive(Debug)]
struct SecondRequest {
    nonce: u64,
    is_answered: bool,
    /// One of the two was refused, so far: the nonce of that request, where it was quoted.
    refused: Option<(Option<u64>, Unreachable)>,
}

#[derive(Debug)]
enum ProbeState {
    Waiting,
    /// Resolved in this way; reported when its turn comes.
    Resolved(Outcome),
    /// Lost, and the answer came later: reported as lost, then as late.
    Late(Duration),
}

#[derive(Debug)]
enum Item {
    Probe { sent: Sent, state: ProbeState, answered: bool, second: Option<SecondRequest> },
    Host(HostEvent),
}

/// All probes of the last [`Waiting::late_window`], in send order.
#[derive(Debug)]
pub struct Inflight {
    waiting: Waiting,
    /// Number of the first item.
    base: u64,
    items: VecDeque<Item>,
    /// How many of the items have been handed on.
    released: usize,
    extra: Vec<Observation>,
    /// Until when nothing to this family is taken for lost.
    held: Option<(IpVersion, BootTime)>,
    /// When it was last found that answers of IPv4, of IPv6 overflowed their socket.
    overflowed: [Option<BootTime>; 2],
}

impl Inflight {
    /// Nothing under way. `first` is the number of the first probe.
    pub fn new(waiting: Waiting, first: u64) -> Self {
        let (items, extra) = (VecDeque::new(), Vec::new());
        let overflowed = [None; 2];
        Self { waiting, base: first, items, released: 0, extra, held: None, overflowed }
    }

    /// The number that the next call of [`Self::sent`] or [`Self::not_sent`] takes.
    pub fn next_number(&self) -> u64 {
        self.base + self.items.len() as u64
    }

    /// The oldest number that an answer can still be matched to.
    pub fn first_number(&self) -> u64 {
        self.base
    }

    /// A probe with [`Self::next_number`] has left.
    pub fn sent(&mut self, sent: Sent) {
        let sent = self.in_order(sent);
        let state = ProbeState::Waiting;
        self.items.push_back(Item::Probe { sent, state, answered: false, second: None });
    }

    /// The last probe was asked once more, with another identifier and this nonce.
    pub fn sent_again(&mut self, nonce: u64) {
        if let Some(Item::Probe { second, .. }) = self.items.back_mut() {
            *second = Some(SecondRequest { nonce, is_answered: false, refused: None });
        }
    }

    /// Nothing to this family is taken for lost before `until`: it is not clear yet whether the probes
    /// got any further than the home's router.
    pub fn hold(&mut self, family: IpVersion, until: BootTime) {
        self.held = Some((family, until));
    }

    /// Ends [`Self::hold`].
    pub fn let_go(&mut self, family: IpVersion) {
        self.held.take_if(|(held, _)| *held == family);
    }

    /// Probes to this family sent since `since` and asked once that still wait went into a dead entry of
    /// the router: they say nothing about the line.
    pub fn void(&mut self, family: IpVersion, since: BootTime) {
        for item in self.items.iter_mut().skip(self.released) {
            if let Item::Probe { sent, state: state @ ProbeState::Waiting, second: None, .. } = item
                && IpVersion::of(sent.ip) == family
                && sent.boot >= since
            {
                *state = ProbeState::Resolved(Outcome::NotSent(NotSent::DeadEntry));
            }
        }
    }

    /// Answers of this family that came before `now` were lost on this host, as its socket was full: a probe
    /// sent before that is not known to be lost.
    pub fn overflowed(&mut self, family: IpVersion, now: BootTime) {
        self.overflowed[family.index()] = Some(now);
    }

    /// A probe could not be sent; `sent` says when and to whom.
    pub fn not_sent(&mut self, sent: Sent, reason: NotSent) {
        let sent = self.in_order(sent);
        let state = ProbeState::Resolved(Outcome::NotSent(reason));
        self.items.push_back(Item::Probe { sent, state, answered: true, second: None });
    }

    /// A probe taken for sent was not. One that is no longer waiting stays as it is.
    pub fn unsent(&mut self, number: u64, reason: NotSent) {
        let index = number.checked_sub(self.base).and_then(|i| usize::try_from(i).ok());
        let item = index.and_then(|i| self.items.get_mut(i));
        if let Some(Item::Probe { state: state @ ProbeState::Waiting, answered, .. }) = item {
            *state = ProbeState::Resolved(Outcome::NotSent(reason));
            *answered = true;
        }
    }

    /// A reader of the record has only the recorded times to sort by. A probe that
    /// left late and is recorded so, followed by one that is recorded at its slot, would be read in
    /// another order than it was judged in: the second is then recorded a millisecond after the
    /// first. Slots missed long ago stay where they are; they prove nothing.
    fn in_order(&self, sent: Sent) -> Sent {
        const ROUNDING_US: i64 = 10_000;
        let Some(Item::Probe { sent: before, .. }) = self.items.back() else { return sent };
        let back = before.sent_at.micros_since(sent.sent_at);
        let ordered = (before.sent_at, before.target) < (sent.sent_at, sent.target);
        if ordered || back > ROUNDING_US {
            return sent;
        }
        Sent { sent_at: before.sent_at.plus_micros(1_000), ..sent }
    }

    /// Something happened to the host: reported after all probes sent before it.
    pub fn host(&mut self, event: HostEvent) {
        self.items.push_back(Item::Host(event));
    }

    /// An answer came in; `now` is when it was read, `at` the same as a label. `None` where it is not
    /// the first right answer to a request.
    pub fn answer(
        &mut self,
        answer: &EchoAnswer,
        now: BootTime,
        at: Timestamp,
    ) -> Option<MatchedAnswer> {
        match self.matched(answer, now) {
            Ok(matched) => Some(matched),
            Err(kind) => {
                self.stray(answer.from, kind, at);
                None
            }
        }
    }

    fn matched(&mut self, answer: &EchoAnswer, now: BootTime) -> Result<MatchedAnswer, StrayKind> {
        let waiting = self.waiting;
        let index = answer.number.checked_sub(self.base).ok_or(StrayKind::TooLate)?;
        let index = usize::try_from(index).unwrap_or(usize::MAX);
        let is_reported = index < self.released;
        let Some(Item::Probe { sent, state, answered, second }) = self.items.get_mut(index) else {
            return Err(StrayKind::Foreign);
        };
        #[allow(clippy::cast_possible_truncation, reason = "the header has the low 16 bits")]
        let sequence = answer.number as u16;
        if sent.ip != answer.from || sequence != answer.sequence {
            return Err(StrayKind::Foreign);
        }
        let second = second.as_mut();
        let (asked, is_answered, by_other) = match second {
            Some(second) if second.nonce == answer.nonce => {
                (Asked::Second, &mut second.is_answered, *answered)
            }
            second if sent.nonce == answer.nonce => {
                (Asked::First, answered, second.is_some_and(|second| second.is_answered))
            }
            _ => return Err(StrayKind::Foreign),
        };
        if std::mem::replace(is_answered, true) {
            return Err(StrayKind::Duplicate);
        }
        let mut total = answer.rtt + answer.local_queue.unwrap_or_default();
        if is_reported && total <= waiting.loss_threshold && !by_other {
            // Reported as lost already, so it was not there in time: what is known is when it was
            // read.
            total = since(sent.boot, now);
            if total <= waiting.loss_threshold {
                return Err(StrayKind::Duplicate);
            }
        }
        if total > waiting.late_window {
            return Err(StrayKind::TooLate);
        }
        let is_in_time = total <= waiting.loss_threshold;
        match state {
            _ if by_other => {}
            _ if is_reported => {
                let revised = measurement(sent, Outcome::Late { rtt: total });
                self.extra.push(Observation::Revised(revised));
            }
            _ if !is_in_time => *state = ProbeState::Late(total),
            _ => {
                *state = ProbeState::Resolved(Outcome::Reply(Reply {
                    rtt: answer.rtt,
                    local_queue: answer.local_queue,
                    ttl: answer.ttl,
                    phases: None,
                }));
            }
        }
        Ok(MatchedAnswer {
            target: sent.target,
            number: answer.number,
            asked,
            sent: sent.boot,
            received: (sent.boot + total).min(now),
            is_in_time,
        })
    }

    /// A reply to our socket without one of our payloads.
    pub fn stray(&mut self, from: IpAddr, kind: StrayKind, at: Timestamp) {
        /// More than this between two hand-overs is a flood whose strays need not be reported one by one.
        const AT_MOST: usize = 256;
        if self.extra.len() < AT_MOST {
            self.extra.push(Observation::Stray { from, kind, at });
        }
    }

    /// An ICMP error came in. One that is not about a probe still waiting changes nothing.
    pub fn refused(&mut self, refusal: &IcmpRefusal) {
        let index = match refusal.mark {
            Some((number, _)) => {
                number.checked_sub(self.base).and_then(|i| usize::try_from(i).ok())
            }
            None => self.latest_with(refusal.sequence),
        };
        let Some(Item::Probe { sent, state: state @ ProbeState::Waiting, second, .. }) =
            index.and_then(|i| self.items.get_mut(i))
        else {
            return;
        };
        let nonce = refusal.mark.map(|(_, nonce)| nonce);
        let is_ours = nonce.is_none_or(|nonce| {
            nonce == sent.nonce || second.as_ref().is_some_and(|second| second.nonce == nonce)
        });
        if sent.ip != refusal.to || !is_ours {
            return;
        }
        // The other request of the slot may still be answered.
        match second {
            Some(second) => match second.refused {
                Some((first, _)) if first.is_none() || first != nonce => {
                    *state = ProbeState::Resolved(Outcome::Unreachable(refusal.what));
                }
                Some(_) => {}
                None => second.refused = Some((nonce, refusal.what)),
            },
            None => *state = ProbeState::Resolved(Outcome::Unreachable(refusal.what)),
        }
    }

    /// Index of the latest probe with these low 16 bits of its number.
    fn latest_with(&self, sequence: u16) -> Option<usize> {
        let last = self.next_number().checked_sub(1)?;
        #[allow(clippy::cast_possible_truncation, reason = "the low 16 bits are meant")]
        let back = u64::from((last as u16).wrapping_sub(sequence));
        usize::try_from(last.checked_sub(back)?.checked_sub(self.base)?).ok()
    }

    /// Calls off all probes without an answer: what became of them cannot be known, because the
    /// machine slept or the engine stops.
    pub fn call_off(&mut self) {
        for item in self.items.iter_mut().skip(self.released) {
            if let Item::Probe { state: state @ ProbeState::Waiting, answered, .. } = item {
                *state = ProbeState::Resolved(Outcome::NotSent(NotSent::Missed));
                *answered = true;
            }
        }
    }

    /// Judges by `now` and hands on what is resolved, in send order, then strays and revisions.
    /// All answers that have arrived must have been given to [`Self::answer`] before.
    pub fn release(&mut self, now: BootTime, out: &mut Vec<Observation>) {
        while let Some(item) = self.items.get_mut(self.released) {
            match item {
                Item::Host(event) => out.push(Observation::Host(event.clone())),
                Item::Probe { sent, state, second, .. } => {
                    if matches!(state, ProbeState::Waiting)
                        && since(sent.boot, now) > self.waiting.loss_threshold
                        && self.held.is_none_or(|held| !holds(held, sent, now))
                    {
                        let refused = second.as_ref().and_then(|second| second.refused);
                        let outcome = refused.map(|(_, what)| Outcome::Unreachable(what));
                        let overflowed = self.overflowed[IpVersion::of(sent.ip).index()];
                        let unheard = overflowed.is_some_and(|at| at >= sent.boot);
                        let lost = if unheard {
                            Outcome::NotSent(NotSent::Overflowed)
                        } else {
                            Outcome::Lost
                        };
                        *state = ProbeState::Resolved(outcome.unwrap_or(lost));
                    }
                    match state {
                        ProbeState::Waiting => break,
                        ProbeState::Resolved(outcome) => {
                            let outcome = std::mem::replace(outcome, Outcome::Lost);
                            out.push(Observation::Measured(measurement(sent, outcome)));
                        }
                        ProbeState::Late(rtt) => {
                            let late = Outcome::Late { rtt: *rtt };
                            out.push(Observation::Measured(measurement(sent, Outcome::Lost)));
                            self.extra.push(Observation::Revised(measurement(sent, late)));
                        }
                    }
                }
            }
            self.released += 1;
        }
        out.append(&mut self.extra);
        while self.released > 0 && self.is_past(now) {
            self.items.pop_front();
            self.base += 1;
            self.released -= 1;
        }
    }

    fn is_past(&self, now: BootTime) -> bool {
        match self.items.front() {
            Some(Item::Probe { sent, .. }) => since(sent.boot, now) > self.waiting.late_window,
            Some(Item::Host(_)) => true,
            None => false,
        }
    }

    /// When the first probe without an answer will be lost; `None` when none waits.
    pub fn next_loss(&self) -> Option<BootTime> {
        self.items.iter().skip(self.released).find_map(|item| match item {
            Item::Probe { sent, state: ProbeState::Waiting, .. } => {
                let loss = sent.boot + self.waiting.loss_threshold + Micros::new(1);
                let held = self.held.filter(|(family, _)| *family == IpVersion::of(sent.ip));
                Some(held.map_or(loss, |(_, until)| loss.max(until)))
            }
            _ => None,
        })
    }

    /// When probe `number` left; `None` when it is unknown by now.
    pub fn sent_boot(&self, number: u64) -> Option<BootTime> {
        let index = usize::try_from(number.checked_sub(self.base)?).ok()?;
        match self.items.get(index)? {
            Item::Probe { sent, .. } => Some(sent.boot),
            Item::Host(_) => None,
        }
    }
}

fn measurement(sent: &Sent, outcome: Outcome) -> Measurement {
    Measurement { target: sent.target, sent_at: sent.sent_at, outcome }
}

fn holds((family, until): (IpVersion, BootTime), sent: &Sent, now: BootTime) -> bool {
    IpVersion::of(sent.ip) == family && now < until
}

fn since(earlier: BootTime, now: BootTime) -> Duration {
    now.since(earlier).to_duration()
}

#[cfg(test)]
mod tests;
