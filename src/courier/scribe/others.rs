//! Messages about everything that is no drop.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::language::words::{date_time, local_second};
use crate::language::{Language, fill, plain};
use crate::live::{Event, Status};
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{
    Figures, Gap, GapReason, Impairment, Message, MessageEvent, ModemAccount, ModemWords,
    StoredMessage, TargetTrouble,
};

/// Shorter stretches without observation are an update, or a look at the box.
const WORTH_TELLING: Duration = Duration::from_secs(300);
/// Boots of a modem that are computed from its uptime are this far apart at least, if they are two.
const TWO_BOOTS: Duration = Duration::from_secs(120);

/// What was told, as far as it has to be known.
#[derive(Debug, Default)]
pub(super) struct OthersTold {
    /// Gaps that are not told, by their start.
    gaps: BTreeMap<Timestamp, Gap>,
    /// Since when another way than the line is told to be in use.
    away: Option<Timestamp>,
    modem_booted: Option<Timestamp>,
}

impl OthersTold {
    /// As the record has it.
    pub(super) fn of(messages: &[StoredMessage]) -> Self {
        let is_of_way = |m: &&StoredMessage| m.message.thread.starts_with("way-");
        let last = messages.iter().rfind(is_of_way).map(|stored| &stored.message);
        let away = last.filter(|message| message.end.is_none()).and_then(|message| message.onset);
        Self { away, ..Self::default() }
    }

    /// Something is about to be announced.
    pub(super) fn on_event(
        event: &Event,
        now: &Reading,
        language: &Language,
        zone: &TimeZone,
    ) -> Option<StoredMessage> {
        let mut message = match event {
            Event::Impairment { impairment, target, .. } => {
                of_impairment(impairment, target.as_deref(), now.utc)?
            }
            Event::TargetTrouble { name, trouble } => of_trouble(name, trouble, now.utc),
            Event::ModemFails(_) | Event::ModemStopped(_) => {
                Message::new(format!("modem-{}", now.utc.as_micros()), MessageEvent::Modem, now.utc)
            }
            Event::Filling { of, forecast } => {
                let told = forecast.alarms.iter().find(|alarm| alarm.of == *of)?.told;
                Message::new(format!("disk-{}", told.as_micros()), MessageEvent::Disk, now.utc)
            }
            _ => return None,
        };
        message.title = language.message_title(message.event, message.end);
        message.text = language.log_line(event, zone)?;
        Some(stored(message))
    }

    pub(super) fn on_gap(&mut self, gap: &Gap) {
        let is_blind = match gap.reason {
            GapReason::Stopped
            | GapReason::Crashed
            | GapReason::Rebooted
            | GapReason::Stalled
            | GapReason::NotSent => true,
            // A laptop sleeps, an import has none, and the rest was watched.
            GapReason::Asleep
            | GapReason::NoRecord
            | GapReason::Unanswered
            | GapReason::DeadEntry
            | GapReason::Unconfirmed
            | GapReason::OtherWay => false,
        };
        if is_blind {
            self.gaps.insert(gap.range.from, gap.clone());
        }
    }

    pub(super) fn on_gap_withdrawn(&mut self, from: Timestamp) {
        self.gaps.remove(&from);
    }

    /// What is known has the times of before.
    pub(super) fn on_dated(&mut self) {
        self.gaps.clear();
        self.modem_booted = None;
    }

    /// The modem was read: whether it restarted since it was read before.
    pub(super) fn on_modem(
        &mut self,
        account: &ModemAccount,
        now: &Reading,
        language: &Language,
        zone: &TimeZone,
    ) -> Option<StoredMessage> {
        let ModemWords::Said(snapshot) = &account.words else { return None };
        let booted = account.at - snapshot.uptime?;
        let before = self.modem_booted.replace(booted)?;
        if booted.duration_since(before).is_none_or(|later| later < TWO_BOOTS) {
            return None;
        }
        let key = format!("modem-restart-{}", booted.minute());
        let text = fill(language.alerts().modem_restarted, &[("at", local_second(booted, zone))]);
        Some(stored(Message {
            onset: Some(booted),
            title: language.message_title(MessageEvent::Modem, None),
            text: plain(&text),
            ..Message::new(key, MessageEvent::Modem, now.utc)
        }))
    }

    /// A second has passed: gaps that are over, and the way.
    pub(super) fn second(
        &mut self,
        status: &Status,
        now: &Reading,
        language: &Language,
        zone: &TimeZone,
    ) -> Vec<StoredMessage> {
        let mut messages = Vec::new();
        if status.unknown.is_none() {
            for (from, gap) in std::mem::take(&mut self.gaps) {
                messages.extend(blind(from, &gap, now.utc, language, zone));
            }
        }
        messages.extend(self.of_way(status, now.utc, language, zone));
        messages
    }

    fn of_way(
        &mut self,
        status: &Status,
        now: Timestamp,
        language: &Language,
        zone: &TimeZone,
    ) -> Option<StoredMessage> {
        let way = status.way.as_ref()?;
        let (since, end) = match (self.away, way.is_line) {
            (None, false) => (way.since?, None),
            (Some(since), true) => (since, Some(way.since.unwrap_or(now))),
            _ => return None,
        };
        self.away = end.is_none().then_some(since);
        let values = [("from", local_second(since, zone)), ("way", language.way_now(way))];
        let phase = if end.is_some() { "end" } else { "begin" };
        let thread = format!("way-{}", since.as_micros());
        Some(stored(Message {
            thread: thread.clone(),
            onset: Some(since),
            end,
            title: language.message_title(MessageEvent::OtherWay, end),
            text: end.map_or_else(
                || plain(&fill(language.alerts().other_way, &values)),
                |end| language.span_text(since, end, zone),
            ),
            ..Message::new(format!("{thread}-{phase}"), MessageEvent::OtherWay, now)
        }))
    }
}

fn stored(message: Message) -> StoredMessage {
    StoredMessage { id: 0, of_us: None, message }
}

fn blind(
    from: Timestamp,
    gap: &Gap,
    now: Timestamp,
    language: &Language,
    zone: &TimeZone,
) -> Option<StoredMessage> {
    let length = gap.range.length();
    if length < WORTH_TELLING {
        return None;
    }
    let title = fill(language.alerts().blind, &[("length", language.length(length))]);
    Some(stored(Message {
        onset: Some(from),
        end: Some(gap.range.to),
        min_s: Some(length.as_secs_f64()),
        max_s: Some(length.as_secs_f64()),
        title: plain(&title),
        text: plain(&language.gap_line(gap, &|t| date_time(t, zone))),
        ..Message::new(format!("gap-{}", from.as_micros()), MessageEvent::Blind, now)
    }))
}

/// What an impairment is in a message; `None` for what concerns nobody who waits for messages.
fn event_of(figures: &Figures) -> Option<MessageEvent> {
    Some(match figures {
        Figures::Loss(_) | Figures::Late(_) => MessageEvent::Loss,
        Figures::Slow(_) => MessageEvent::Slow,
        Figures::Ipv6(_) => MessageEvent::Ipv6,
        Figures::Ipv4(_) => MessageEvent::Ipv4,
        Figures::Dns(_) => MessageEvent::Dns,
        Figures::Tcp(_) => MessageEvent::Tcp,
        Figures::CaptivePortal(_) => MessageEvent::Login,
        Figures::OtherWay => MessageEvent::OtherWay,
        Figures::RouteStep { .. }
        | Figures::IcmpFiltered(_)
        | Figures::WebAlone(_)
        | Figures::SuspectVoice(_)
        | Figures::Partial { .. } => return None,
    })
}

fn of_impairment(impairment: &Impairment, target: Option<&str>, now: Timestamp) -> Option<Message> {
    let event = event_of(&impairment.figures)?;
    let (key, kind, _) = impairment.identity();
    let of = target.map(|name| format!("-{name}")).unwrap_or_default();
    let thread = format!("{kind}-{}{of}", key.as_micros());
    let phase = if impairment.end.is_some() { "end" } else { "begin" };
    let seconds =
        |from: Timestamp, to: Timestamp| to.duration_since(from).unwrap_or_default().as_secs_f64();
    let (onset, end) = (impairment.onset, impairment.end);
    let places: Vec<&str> = impairment.places.iter().map(|place| place.as_str()).collect();
    Some(Message {
        thread: thread.clone(),
        onset: Some(onset.midpoint()),
        end: end.map(|end| end.midpoint()),
        min_s: end.map(|end| seconds(onset.latest, end.earliest)),
        max_s: end.map(|end| seconds(onset.earliest, end.latest)),
        place: (!places.is_empty()).then(|| places.join("|")),
        target: target.map(str::to_owned),
        ..Message::new(format!("{thread}-{phase}"), event, now)
    })
}

fn of_trouble(name: &str, trouble: &TargetTrouble, now: Timestamp) -> Message {
    let thread = format!("target-{}-{name}", trouble.from.as_micros());
    let phase = if trouble.to.is_some() { "end" } else { "begin" };
    let length = trouble.to.and_then(|to| to.duration_since(trouble.from));
    let seconds = length.map(|length| length.as_secs_f64());
    Message {
        thread: thread.clone(),
        onset: Some(trouble.from),
        end: trouble.to,
        min_s: seconds,
        max_s: seconds,
        target: Some(name.to_owned()),
        ..Message::new(format!("{thread}-{phase}"), MessageEvent::Target, now)
    }
}
