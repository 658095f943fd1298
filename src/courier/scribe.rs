//! What is worth a message, and its words: from what the daemon is about to store to messages that are
//! stored with it. Pure.
//!
//! What was told of a drop is known from the messages of the record, so that a restart tells nothing
//! twice and forgets nothing. Keys are made of the first key of a drop, never of the time of the day.

mod drops;
mod others;
mod storm;

use jiff::tz::TimeZone;

use drops::{DropsTold, WasTold};
use others::OthersTold;
use storm::{Storm, StormVerdict};

use crate::language::Language;
use crate::language::notices::Notice;
use crate::live::{Event, Status};
use crate::time::{Reading, Timestamp, duration};
use crate::vocabulary::{
    Gap, LinkDrop, Message, MessageEvent, ModemAccount, StoredDrop, StoredMessage,
};

/// Writes messages. It lives as long as the daemon.
#[derive(Debug)]
pub struct Scribe {
    language: &'static Language,
    zone: TimeZone,
    drops: DropsTold,
    storm: Option<Storm>,
    others: OthersTold,
}

impl Scribe {
    /// One who has told nothing.
    pub(crate) fn new(language: &'static Language, zone: TimeZone) -> Self {
        Self {
            language,
            zone,
            drops: DropsTold::default(),
            storm: None,
            others: OthersTold::default(),
        }
    }

    /// Knows from now on what was told: `messages` of the last days, and `drops` of the last day. A drop
    /// that is over and was not told is not told any more.
    pub fn restore(&mut self, messages: &[StoredMessage], drops: &[StoredDrop]) {
        self.drops = DropsTold::of(messages, drops);
        self.storm = Storm::of(messages);
        self.others = OthersTold::of(messages);
    }

    /// A drop is about to be stored, as it is now: what is to be stored with it.
    pub fn on_drop(&mut self, drop: &LinkDrop, now: &Reading) -> Vec<StoredMessage> {
        if !drop.kind.is_down() {
            return self.on_withdrawn(drop.key, now).into_iter().collect();
        }
        let known = self.drops.see(drop, now);
        let events = match (known.was_told, known.end) {
            // What is not told is not told once it is over, either.
            (WasTold::Silent, _) | (WasTold::Down, None) => return Vec::new(),
            (WasTold::Down, Some(_)) => vec![MessageEvent::Back],
            (WasTold::Over, None) => vec![MessageEvent::Down],
            (WasTold::Over, Some(_)) if known.is_as_told() => return Vec::new(),
            (WasTold::Over, Some(_)) => vec![MessageEvent::Corrected],
            (WasTold::Nothing, end) => match self.verdict(drop) {
                StormVerdict::Begins(message) => {
                    self.drops.keep_silent(drop.key);
                    return vec![self.flapping(drop, &message, now)];
                }
                StormVerdict::Lasts => {
                    self.drops.keep_silent(drop.key);
                    return Vec::new();
                }
                StormVerdict::None if end.is_none() => vec![MessageEvent::Down],
                StormVerdict::None => vec![MessageEvent::Down, MessageEvent::Back],
            },
        };
        events.into_iter().filter_map(|event| self.of_drop(drop.key, event, now)).collect()
    }

    /// Late answers gave a drop another key.
    pub fn on_moved(&mut self, before: Timestamp, now: Timestamp) {
        self.drops.move_key(before, now);
    }

    /// A drop was none.
    pub fn on_withdrawn(&mut self, key: Timestamp, now: &Reading) -> Option<StoredMessage> {
        let was_told = self.drops.take_back(key)?;
        let told = matches!(was_told, WasTold::Down | WasTold::Over);
        told.then(|| self.of_drop(key, MessageEvent::Withdrawn, now)).flatten()
    }

    /// A second has passed: drops that last, and storms that are over.
    pub fn second(&mut self, status: &Status, now: &Reading) -> Vec<StoredMessage> {
        let mut messages = Vec::new();
        for (key, length) in self.drops.lasting(now) {
            let mut message = self.of_drop(key, MessageEvent::StillDown, now);
            if let Some(StoredMessage { message, .. }) = &mut message {
                message.key = format!("{}-still-{}", message.thread, duration::text(length));
                message.min_s = Some(length.as_secs_f64());
                self.say_drop(message);
            }
            messages.extend(message);
        }
        messages.extend(self.calm(now));
        messages.extend(self.others.second(status, now, self.language, &self.zone));
        self.drops.forget(now.utc);
        messages
    }

    /// Something is about to be announced that is no drop.
    pub fn on_event(&mut self, event: &Event, now: &Reading) -> Option<StoredMessage> {
        OthersTold::on_event(event, now, self.language, &self.zone)
    }

    /// A stretch without observation was found, or grew.
    pub fn on_gap(&mut self, gap: &Gap) {
        self.others.on_gap(gap);
    }

    /// The gap from here on was none.
    pub fn on_gap_withdrawn(&mut self, from: Timestamp) {
        self.others.on_gap_withdrawn(from);
    }

    /// The modem was read.
    pub fn on_modem(&mut self, account: &ModemAccount, now: &Reading) -> Option<StoredMessage> {
        self.others.on_modem(account, now, self.language, &self.zone)
    }

    /// Everything was dated anew: what is known of gaps has the times of before.
    pub fn on_dated(&mut self) {
        self.others.on_dated();
    }

    /// A message about a drop that is known; it counts as told from now on.
    fn of_drop(
        &mut self,
        key: Timestamp,
        event: MessageEvent,
        now: &Reading,
    ) -> Option<StoredMessage> {
        let count = self.drops.count_today(key, &self.zone);
        let known = self.drops.get_mut(key)?;
        let n = known.tells(event);
        let thread = known.thread.clone();
        let nth = if n > 1 { format!("-{n}") } else { String::new() };
        let is_over = matches!(event, MessageEvent::Back | MessageEvent::Corrected);
        let mut message = Message {
            thread: thread.clone(),
            onset: Some(known.onset),
            end: known.end.filter(|_| is_over),
            min_s: is_over.then_some(known.min_s),
            max_s: is_over.then_some(known.max_s),
            place: Some(known.place.clone()),
            count_today: (event != MessageEvent::Withdrawn).then_some(count),
            ..Message::new(format!("{thread}-{event}{nth}"), event, now.utc)
        };
        self.say_drop(&mut message);
        Some(StoredMessage { id: 0, of_us: Some(key.as_micros()), message })
    }

    fn say_drop(&self, message: &mut Message) {
        let Notice { title, text } = self.language.drop_message(message, &self.zone);
        (message.title, message.text) = (title, text);
    }

    fn verdict(&mut self, drop: &LinkDrop) -> StormVerdict {
        if let Some(storm) = &mut self.storm {
            storm.drops += 1;
            return StormVerdict::Lasts;
        }
        storm::begins(&self.drops.near(drop.onset.midpoint()))
    }

    fn flapping(&mut self, drop: &LinkDrop, storm: &Storm, now: &Reading) -> StoredMessage {
        let Notice { title, text } = self.language.flapping(storm.drops, storm.first, &self.zone);
        let message = Message {
            onset: Some(storm.first),
            place: Some(drop.place_text()),
            count_today: Some(self.drops.count_today(drop.key, &self.zone)),
            title,
            text,
            ..Message::new(storm.thread.clone(), MessageEvent::Flapping, now.utc)
        };
        self.storm = Some(storm.clone());
        StoredMessage { id: 0, of_us: None, message }
    }

    /// That it is calm again after a storm.
    fn calm(&mut self, now: &Reading) -> Option<StoredMessage> {
        let last = self.drops.last_end(self.storm.as_ref()?.first)?;
        let storm = self.storm.take_if(|_| storm::is_calm(last, now.utc))?;
        let drops = self.drops.count_between(storm.first, last).max(storm.drops);
        let span = [storm.first, last];
        let Notice { title, text } = self.language.flapping_over(drops, span, &self.zone);
        let message = Message {
            thread: storm.thread.clone(),
            onset: Some(storm.first),
            end: Some(last),
            title,
            text,
            ..Message::new(format!("{}-over", storm.thread), MessageEvent::FlappingOver, now.utc)
        };
        Some(StoredMessage { id: 0, of_us: None, message })
    }
}

#[cfg(test)]
mod tests;
