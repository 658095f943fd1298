//! What a channel does next with the messages that wait for it. Pure.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::config::AlertConfig;
use crate::time::{BootTime, Reading, Timestamp};
use crate::vocabulary::{ChannelProgress, Message, MessageEvent, StoredMessage, UnderWay};

/// After the link is back it settles for this long: addresses, names, tunnels.
const SETTLES: Duration = Duration::from_secs(5);
/// Messages in a parcel at most.
const MOST_IN_A_PARCEL: usize = 50;

/// The line as the gate sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct LineView {
    /// Since when, by boot time, something can leave by the line; `None`: nothing can.
    pub(super) up_since: Option<BootTime>,
}

/// What is known about when a channel may try.
#[derive(Debug, Default)]
pub(super) struct DeliveryPace {
    /// When this daemon first saw each message that waits.
    pub(super) seen: BTreeMap<i64, BootTime>,
    /// Not before, because an attempt failed.
    pub(super) retry_at: Option<BootTime>,
    /// When something was last delivered.
    pub(super) delivered: Option<BootTime>,
    /// How much longer than others it lets the link settle: many sites may have lost one network.
    pub(super) jitter: Duration,
}

/// What a channel does next.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// Nothing, until something happens or this instant has come.
    Rest(Option<BootTime>),
    /// Messages up to this one are not for it, or too old.
    Settle { up_to: i64, expired: u64 },
    /// A parcel goes out.
    Send(Draft),
}

/// A parcel to be.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) under_way: UnderWay,
    pub(super) messages: Vec<Message>,
    /// Messages that are settled with it because they are too old.
    pub(super) expired: u64,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It is not for this channel, or a later one says it all.
    NotTold,
    Expired,
    /// It is told from then on; `None`: not as long as the link is down.
    From(Option<BootTime>),
    /// The same, of one that may go with another before that.
    HeldBack(Option<BootTime>),
}

/// What to do now, and how many messages wait, the oldest first.
pub(super) struct Plan {
    pub(super) step: Step,
    pub(super) waiting: u32,
    pub(super) oldest: Option<Timestamp>,
}

/// A channel with what it knows.
pub(super) struct Planner<'a> {
    pub(super) config: &'a AlertConfig,
    pub(super) progress: &'a ChannelProgress,
    pub(super) pace: &'a DeliveryPace,
    /// All that is not settled, in order.
    pub(super) messages: &'a [StoredMessage],
    pub(super) line: LineView,
    pub(super) now: Reading,
}

impl Planner<'_> {
    pub(super) fn plan(&self) -> Plan {
        let fates: Vec<Fate> = (0..self.messages.len()).map(|n| self.fate(n)).collect();
        let is_to_go = |fate: &Fate| !matches!(fate, Fate::NotTold | Fate::Expired);
        let waiting = fates.iter().filter(|fate| is_to_go(fate)).count();
        let oldest = fates.iter().position(is_to_go);
        let step = match &self.progress.under_way {
            Some(under_way) => self.again(under_way),
            None => self.next(&fates),
        };
        Plan {
            step: self.gated(step),
            waiting: u32::try_from(waiting).unwrap_or(u32::MAX),
            oldest: oldest.map(|n| self.messages[n].message.at),
        }
    }

    /// What was tried goes out as it was, as far as it is of use.
    fn again(&self, under_way: &UnderWay) -> Step {
        let is_its = |n: &usize| under_way.messages.contains(&self.messages[*n].id);
        let its = (0..self.messages.len()).filter(is_its);
        let messages: Vec<Message> = its.map(|n| self.as_told(n)).collect();
        if messages.iter().all(|message| self.is_expired(message)) {
            return Step::Settle { up_to: under_way.up_to, expired: messages.len() as u64 };
        }
        Step::Send(Draft { under_way: under_way.clone(), messages, expired: 0 })
    }

    fn next(&self, fates: &[Fate]) -> Step {
        let is_due = |at: Option<BootTime>| at.is_some_and(|at| at <= self.now.boot);
        let last_due = fates.iter().rposition(|fate| matches!(fate, Fate::From(at) if is_due(*at)));
        let mut parcel: Vec<usize> = Vec::new();
        let (mut up_to, mut expired) = (self.progress.settled, 0);
        let most = if self.config.merge { MOST_IN_A_PARCEL } else { 1 };
        for (n, fate) in fates.iter().enumerate() {
            let id = self.messages[n].id;
            let is_due = match *fate {
                Fate::NotTold => {
                    up_to = id;
                    continue;
                }
                Fate::Expired => {
                    (up_to, expired) = (id, expired + 1);
                    continue;
                }
                Fate::From(at) => is_due(at),
                Fate::HeldBack(at) => is_due(at) || last_due.is_some_and(|last| last > n),
            };
            let goes_alone = id <= self.progress.apart_up_to;
            if !is_due || parcel.len() >= most || (goes_alone && !parcel.is_empty()) {
                break;
            }
            parcel.push(n);
            up_to = id;
            if goes_alone {
                break;
            }
        }
        let Some(last) = parcel.last() else {
            let all = self.messages.last().is_some_and(|last| last.id == up_to);
            if all {
                return Step::Settle { up_to, expired };
            }
            let due = fates.iter().filter_map(|fate| match fate {
                Fate::From(at) | Fate::HeldBack(at) => *at,
                Fate::NotTold | Fate::Expired => None,
            });
            return Step::Rest(due.filter(|at| *at > self.now.boot).min());
        };
        let messages: Vec<Message> = parcel.iter().map(|n| self.as_told(*n)).collect();
        let key = match &messages[..] {
            [only] => only.key.clone(),
            _ => format!("meanwhile-{}", self.messages[*last].message.key),
        };
        let ids = parcel.iter().map(|n| self.messages[*n].id).collect();
        Step::Send(Draft { under_way: UnderWay { key, messages: ids, up_to }, messages, expired })
    }

    /// A message as this channel tells it: a correction of what it has not told tells it for the first
    /// time, under that name.
    fn as_told(&self, n: usize) -> Message {
        let message = &self.messages[n].message;
        let corrects = self.messages[..n]
            .iter()
            .map(|stored| &stored.message)
            .rfind(|before| before.thread == message.thread && before.event == MessageEvent::Back);
        match corrects.filter(|_| message.event == MessageEvent::Corrected) {
            Some(before) => {
                let (key, event) = (before.key.clone(), before.event);
                Message { key, event, ..message.clone() }
            }
            None => message.clone(),
        }
    }

    /// Nothing goes out that has no way, or too soon.
    fn gated(&self, step: Step) -> Step {
        let Step::Send(_) = step else { return step };
        let mut at = self.now.boot;
        if self.config.leaves_by_the_line() {
            let Some(since) = self.line.up_since else { return Step::Rest(None) };
            at = at.max(since + SETTLES + self.pace.jitter);
        }
        at = at.max(self.pace.retry_at.unwrap_or(at));
        at = at.max(self.pace.delivered.map_or(at, |delivered| delivered + self.config.distance));
        if at > self.now.boot { Step::Rest(Some(at)) } else { step }
    }

    fn is_expired(&self, message: &Message) -> bool {
        let age = self.now.utc.duration_since(message.at);
        age.is_some_and(|age| age > self.config.expires_after())
    }

    fn fate(&self, n: usize) -> Fate {
        let StoredMessage { id, message, .. } = &self.messages[n];
        if !self.config.tells(message.event) {
            return Fate::NotTold;
        }
        let after = self.messages[n + 1..].iter().map(|stored| &stored.message);
        let later: Vec<&Message> = after.filter(|later| later.thread == message.thread).collect();
        // What this channel tells of the rest of the incident says it all.
        let says_it_all = |event| self.config.tells(event) || event == MessageEvent::Withdrawn;
        if later.iter().any(|later| says_it_all(later.event)) {
            return Fate::NotTold;
        }
        let was_told = self.progress.told.iter().any(|(thread, _)| *thread == message.thread);
        if !was_told && !self.is_wanted(message, &later) {
            return Fate::NotTold;
        }
        if self.is_expired(message) {
            return Fate::Expired;
        }
        let seen = self.pace.seen.get(id).copied().unwrap_or(self.now.boot);
        match message.event {
            MessageEvent::Down if !was_told && later.is_empty() => {
                Fate::From(Some(seen + self.still_to_last(message)))
            }
            MessageEvent::Back | MessageEvent::Corrected => {
                let up = self.line.up_since;
                Fate::HeldBack(up.map(|since| since + self.config.hold_back))
            }
            _ => Fate::From(Some(self.now.boot)),
        }
    }

    /// Whether a message of an incident that was not told passes: its place, and how long it was.
    fn is_wanted(&self, message: &Message, later: &[&Message]) -> bool {
        let is_of_drop = matches!(
            message.event,
            MessageEvent::Down
                | MessageEvent::StillDown
                | MessageEvent::Back
                | MessageEvent::Corrected
        );
        if message.event == MessageEvent::Withdrawn {
            return false;
        }
        let places = &self.config.places;
        let is_there = places.is_empty() || {
            let place = message.place.as_deref().unwrap_or_default();
            places.iter().any(|wanted| place.split('|').any(|word| word == wanted.as_str()))
        };
        if !is_of_drop {
            return true;
        }
        // Of one that is over, when this channel tells only that it began.
        let over = later.iter().rev().find_map(|later| later.min_s);
        let least = self.config.least.as_secs_f64();
        is_there && message.min_s.or(over).is_none_or(|min| min >= least)
    }

    /// How much longer a drop has to last, from when it was confirmed, before it is told.
    fn still_to_last(&self, message: &Message) -> Duration {
        let had_lasted = message.onset.and_then(|onset| message.at.duration_since(onset));
        self.config.least.saturating_sub(had_lasted.unwrap_or_default())
    }
}
