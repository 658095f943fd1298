//! A channel at work: what waits in the record goes out, step by step. It knows no clock and no thread.

use std::sync::Arc;
use std::time::Duration;

use super::channel::{Channel, ChannelSetup, DeliveryError};
use super::message::{MessageOrigin, Parcel};
use super::plan::{DeliveryPace, Draft, LineView, Plan, Planner, Step};
use crate::config::AlertConfig;
use crate::language::notices::Notice;
use crate::live::AlertStatus;
use crate::store::{self, Outbox};
use crate::text::describe;
use crate::time::{BootTime, Reading, Timestamp};
use crate::vocabulary::{ChannelProgress, Message, MessageEvent, SetAside, StoredMessage};

/// After the first failure; doubled by each that follows.
const FIRST_WAIT: Duration = Duration::from_secs(5);
const LONGEST_WAIT: Duration = Duration::from_secs(900);
/// The links of many sites may be back at once.
const SETTLE_JITTER: Duration = Duration::from_secs(3);
/// No receiver is believed that wants to be asked later than that.
const LONGEST_WISH: Duration = Duration::from_secs(6 * 3_600);
/// Between what a channel does apart from parcels.
const LEAST_REST: Duration = Duration::from_secs(1);
/// Where the database does not answer.
const DATABASE_WAIT: Duration = Duration::from_secs(10);
/// Incidents that were told are remembered for corrections.
const TOLD_KEPT: Duration = Duration::from_secs(3 * 86_400);
const MOST_TOLD: usize = 200;
const MOST_ASIDE: usize = 20;

/// Makes the channel, again after it could not be made.
pub(super) type MakeChannel = Box<dyn Fn() -> Result<Box<dyn Channel>, String> + Send>;

/// A channel with its messages.
pub(super) struct Worker {
    config: AlertConfig,
    setup: ChannelSetup,
    origin: Arc<MessageOrigin>,
    outbox: Outbox,
    make: MakeChannel,
    channel: Option<Box<dyn Channel>>,
    progress: Option<ChannelProgress>,
    pace: DeliveryPace,
    failures: u32,
    line: LineView,
    random: fastrand::Rng,
    status: Option<AlertStatus>,
}

impl Worker {
    pub(super) fn new(
        config: AlertConfig,
        setup: ChannelSetup,
        origin: Arc<MessageOrigin>,
        outbox: Outbox,
        make: MakeChannel,
    ) -> Self {
        Self {
            config,
            setup,
            origin,
            outbox,
            make,
            channel: None,
            progress: None,
            pace: DeliveryPace::default(),
            failures: 0,
            line: LineView::default(),
            random: fastrand::Rng::new(),
            status: None,
        }
    }

    /// How it is doing, if that changed since last asked.
    pub(super) fn news(&mut self) -> Option<AlertStatus> {
        self.status.take()
    }

    /// Does what is due now; gives when to be called again, though nothing may have happened.
    pub(super) fn step(&mut self, line: LineView, clock: &dyn Fn() -> Reading) -> Option<BootTime> {
        if std::mem::replace(&mut self.line, line) != line && self.config.leaves_by_the_line() {
            // What failed may have failed for want of a way.
            (self.failures, self.pace.retry_at) = (0, None);
            self.pace.jitter = SETTLE_JITTER.mul_f64(self.random.f64());
        }
        // A parcel at a time, so that what comes meanwhile is seen.
        let next = self.try_step(clock).unwrap_or_else(|problem| {
            self.show_trouble(&problem);
            Some(clock().boot + DATABASE_WAIT)
        });
        next.into_iter().chain(self.tend(clock())).min()
    }

    /// What the channel has to do apart from parcels, where it has a way; gives when to do it again.
    fn tend(&mut self, now: Reading) -> Option<BootTime> {
        let has_way = self.line.up_since.is_some() || !self.config.leaves_by_the_line();
        let due = self.channel.as_mut().filter(|_| has_way)?.tend(now.utc)?;
        let wait = due.duration_since(now.utc).unwrap_or_default();
        Some(now.boot + wait.max(LEAST_REST))
    }

    fn try_step(&mut self, clock: &dyn Fn() -> Reading) -> Result<Option<BootTime>, store::Error> {
        let mut progress = match self.progress.take() {
            Some(known) => known,
            None => self.outbox.begin(self.config.name())?,
        };
        let next = self.go_on(&mut progress, clock);
        self.progress = Some(progress);
        next
    }

    fn go_on(
        &mut self,
        progress: &mut ChannelProgress,
        clock: &dyn Fn() -> Reading,
    ) -> Result<Option<BootTime>, store::Error> {
        if self.outbox.newest()? < progress.settled {
            // The record is another one: a damaged one was replaced.
            (progress.settled, progress.under_way, progress.apart_up_to) = (0, None, 0);
        }
        let messages = self.outbox.after(progress.settled)?;
        let now = clock();
        self.see(&messages, now);
        let plan = Planner {
            config: &self.config,
            progress,
            pace: &self.pace,
            messages: &messages,
            line: self.line,
            now,
        };
        let Plan { step, waiting, oldest } = plan.plan();
        let next = match step {
            Step::Rest(until) => until,
            Step::Settle { up_to, expired } => {
                settle(progress, up_to, expired);
                self.outbox.note(progress)?;
                Some(now.boot)
            }
            Step::Send(draft) => self.send(progress, draft, clock),
        };
        // What was just settled is counted when it is read again, at once.
        if next != Some(now.boot) {
            self.show(progress, waiting, oldest);
        }
        Ok(next)
    }

    fn see(&mut self, messages: &[StoredMessage], now: Reading) {
        let seen = std::mem::take(&mut self.pace.seen);
        let when = |id: &i64| seen.get(id).copied().unwrap_or(now.boot);
        self.pace.seen = messages.iter().map(|stored| (stored.id, when(&stored.id))).collect();
    }

    /// Sends a parcel, after it was noted which messages are in it: where the end comes now, it goes out
    /// again under the same name.
    fn send(
        &mut self,
        progress: &mut ChannelProgress,
        mut draft: Draft,
        clock: &dyn Fn() -> Reading,
    ) -> Option<BootTime> {
        let is_new = progress.under_way.as_ref() != Some(&draft.under_way);
        progress.under_way = Some(draft.under_way.clone());
        let noted = !is_new || self.outbox.note(progress).is_ok();
        if !noted && draft.messages.len() > 1 {
            // A disk that is full must not keep the message from leaving that says so. One alone has its
            // own name.
            draft.messages.truncate(1);
            draft.under_way.messages.truncate(1);
            draft.under_way.key.clone_from(&draft.messages[0].key);
            draft.under_way.up_to = draft.under_way.messages[0];
            progress.under_way = Some(draft.under_way.clone());
        }
        let taken = self.deliver(&draft, clock());
        let now = clock();
        match taken {
            Ok(()) => {
                progress.counts.delivered += 1;
                (progress.delivered_at, progress.trouble) = (Some(now.utc), None);
                remember(progress, &draft.messages, now.utc);
                settle(progress, draft.under_way.up_to, draft.expired);
                (self.failures, self.pace.retry_at) = (0, None);
                self.pace.delivered = Some(now.boot);
            }
            Err(DeliveryError::Later { why, after }) => {
                progress.counts.failed += 1;
                progress.trouble = Some(why);
                self.pace.retry_at = Some(now.boot + self.wait(after));
            }
            Err(DeliveryError::Refused { why }) => {
                progress.counts.failed += 1;
                progress.trouble = Some(why.clone());
                refuse(progress, &draft, &why, now.utc);
                (self.failures, self.pace.retry_at) = (0, Some(now.boot + FIRST_WAIT));
            }
        }
        // What cannot be noted now is noted with the next step; what was delivered may be so twice.
        let _ = self.outbox.note(progress);
        self.pace.retry_at.or(Some(now.boot))
    }

    fn deliver(&mut self, draft: &Draft, now: Reading) -> Result<(), DeliveryError> {
        if self.channel.is_none() {
            self.channel = Some((self.make)().map_err(DeliveryError::later)?);
        }
        let Some(channel) = &mut self.channel else { return Err(DeliveryError::later("")) };
        let (setup, origin) = (&self.setup, &*self.origin);
        let messages: Vec<Message> = draft.messages.iter().map(|m| as_dated(m, setup)).collect();
        let parcel = pack(&draft.under_way.key, &messages, origin, now.utc, setup);
        let taken = channel.deliver(&parcel);
        if taken.is_err() && !channel.stays_after_failure() {
            // With its secrets: they may have been replaced.
            self.channel = None;
        }
        taken
    }

    /// How long to wait after a failure, with a jitter: many sites may have lost the same receiver.
    fn wait(&mut self, wish: Option<Duration>) -> Duration {
        let doubled = FIRST_WAIT * (1 << self.failures.min(10));
        self.failures += 1;
        let usual = doubled.min(LONGEST_WAIT).mul_f64(0.8 + 0.4 * self.random.f64());
        usual.max(wish.unwrap_or_default().min(LONGEST_WISH))
    }

    fn show(&mut self, progress: &ChannelProgress, waiting: u32, oldest: Option<Timestamp>) {
        let counts = progress.counts;
        self.status = Some(AlertStatus {
            name: self.config.name().to_owned(),
            kind: self.config.kind().to_string(),
            waiting,
            oldest,
            delivered: counts.delivered,
            failed: counts.failed,
            expired: counts.expired,
            set_aside: counts.set_aside,
            last_delivered: progress.delivered_at,
            trouble: progress.trouble.clone(),
            refused: progress.aside.last().map(|aside| aside.why.clone()),
        });
    }

    /// The record cannot be read or written.
    fn show_trouble(&mut self, problem: &store::Error) {
        let unknown = ChannelProgress::begin(self.config.name(), 0);
        let mut progress = self.progress.clone().unwrap_or(unknown);
        progress.trouble = Some(describe(problem));
        self.show(&progress, 0, None);
    }
}

fn settle(progress: &mut ChannelProgress, up_to: i64, expired: u64) {
    progress.settled = progress.settled.max(up_to);
    progress.under_way = None;
    progress.counts.expired += expired;
}

/// What becomes of these incidents is told, too.
fn remember(progress: &mut ChannelProgress, messages: &[Message], now: Timestamp) {
    for message in messages {
        progress.told.retain(|(thread, _)| *thread != message.thread);
        if message.event != MessageEvent::Withdrawn {
            progress.told.push((message.thread.clone(), now));
        }
    }
    progress.told.retain(|(_, at)| *at >= now - TOLD_KEPT);
    let surplus = progress.told.len().saturating_sub(MOST_TOLD);
    progress.told.drain(..surplus);
}

/// A parcel was refused: one message is set aside, several are tried one by one.
fn refuse(progress: &mut ChannelProgress, draft: &Draft, why: &str, now: Timestamp) {
    let up_to = draft.under_way.up_to;
    let [only] = &draft.messages[..] else {
        (progress.apart_up_to, progress.under_way) = (up_to, None);
        return;
    };
    progress.counts.set_aside += 1;
    let aside = SetAside { key: only.key.clone(), at: now, why: why.to_owned() };
    progress.aside.push(aside);
    let surplus = progress.aside.len().saturating_sub(MOST_ASIDE);
    progress.aside.drain(..surplus);
    settle(progress, up_to, draft.expired);
}

/// A message of a drop with the times that it has now: the clock may have been set since it was stored.
fn as_dated(message: &Message, setup: &ChannelSetup) -> Message {
    let is_of_drop = message.thread.starts_with("drop-");
    if !is_of_drop {
        return message.clone();
    }
    let Notice { title, text } = setup.language.drop_message(message, &setup.zone);
    Message { title, text, ..message.clone() }
}

/// The parcel with these messages.
pub(super) fn pack<'a>(
    key: &'a str,
    messages: &'a [Message],
    origin: &'a MessageOrigin,
    now: Timestamp,
    setup: &ChannelSetup,
) -> Parcel<'a> {
    let language = setup.language;
    let (title, mut text) = match messages {
        [only] => (only.title.clone(), only.text.clone()),
        several => {
            let mut drops: Vec<&str> = several.iter().map(|m| m.thread.as_str()).collect();
            drops.retain(|thread| thread.starts_with("drop-"));
            let others = several.len() - drops.len();
            drops.dedup();
            let line = |m: &Message| format!("{}: {}", m.title, m.text.replace('\n', " "));
            let lines: Vec<String> = several.iter().map(line).collect();
            (language.meanwhile(drops.len(), others), lines.join("\n"))
        }
    };
    let oldest = messages.iter().map(|message| message.at).min().unwrap_or(now);
    if let Some(waited) = language.waited(now.duration_since(oldest).unwrap_or_default()) {
        text = format!("{text}\n{waited}");
    }
    Parcel { key, messages, origin, now, title, text }
}

#[cfg(test)]
pub(crate) mod tests;
