//! What was told of each drop of the last day.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::tz::TimeZone;

use crate::language::words::same_day;
use crate::time::{BootTime, Micros, Reading, Timestamp};
use crate::vocabulary::{LinkDrop, Message, MessageEvent, StoredDrop, StoredMessage};

/// Drops that ended longer ago are not corrected any more, and count in no day.
const KEPT: Duration = Duration::from_secs(26 * 3_600);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);
/// When a drop is told to last still; after these, each day.
const STILL: [Duration; 4] = [
    Duration::from_secs(900),
    HOUR,
    Duration::from_secs(4 * 3_600),
    Duration::from_secs(12 * 3_600),
];

/// What people were told of a drop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum WasTold {
    Nothing,
    /// That it lasts.
    Down,
    /// That it is over.
    Over,
    /// Nothing, and nothing will be: it is one of many, or was over before anyone was to be told.
    Silent,
}

/// A drop, and what was told of it.
#[derive(Debug, Clone)]
pub(super) struct ToldDrop {
    pub(super) thread: String,
    pub(super) onset: Timestamp,
    /// By boot time: steps of the clock make it no longer. `None`: it was not seen in this life.
    began: Option<BootTime>,
    pub(super) end: Option<Timestamp>,
    pub(super) min_s: f64,
    pub(super) max_s: f64,
    pub(super) place: String,
    pub(super) was_told: WasTold,
    /// Length and place as they were told when it was over.
    told: Option<(f64, f64, String)>,
    counts: BTreeMap<MessageEvent, u32>,
    /// Of [`STILL`], and days after them, so many are told.
    still: usize,
    /// It counts: late answers have not made a blip of it.
    is_down: bool,
}

impl ToldDrop {
    fn new(thread: String, onset: Timestamp) -> Self {
        Self {
            thread,
            onset,
            began: None,
            end: None,
            min_s: 0.0,
            max_s: 0.0,
            place: String::new(),
            was_told: WasTold::Nothing,
            told: None,
            counts: BTreeMap::new(),
            still: 0,
            is_down: true,
        }
    }

    fn take_in(&mut self, drop: &LinkDrop) {
        // As many digits as JSON has of a length.
        let seconds = |length: Duration| (length.as_secs_f64() * 1e3).round() / 1e3;
        self.onset = drop.onset.midpoint();
        self.end = drop.end.map(|end| end.midpoint());
        (self.min_s, self.max_s) = (seconds(drop.min), seconds(drop.max));
        self.place = drop.place_text();
        self.is_down = drop.kind.is_down();
    }

    /// This is told from now on; gives how often it was told, with this.
    pub(super) fn tells(&mut self, event: MessageEvent) -> u32 {
        match event {
            MessageEvent::Back | MessageEvent::Corrected => {
                self.was_told = WasTold::Over;
                self.told = Some((self.min_s, self.max_s, self.place.clone()));
            }
            MessageEvent::Withdrawn => self.was_told = WasTold::Nothing,
            _ => self.was_told = WasTold::Down,
        }
        let count = self.counts.entry(event).or_default();
        *count += 1;
        *count
    }

    /// Whether its length is possible by what was told, and its place one of those that were.
    pub(super) fn is_as_told(&self) -> bool {
        let Some((min, max, place)) = &self.told else { return false };
        let places = |text: &str| text.split('|').map(str::to_owned).collect::<Vec<_>>();
        let known = places(place);
        let is_within = place == "unknown"
            || self.place == "unknown"
            || places(&self.place).iter().any(|place| known.contains(place));
        self.min_s <= *max && self.max_s >= *min && is_within
    }

    /// How long it has lasted.
    fn lasted(&mut self, now: &Reading) -> Micros {
        let so_far = now.utc.since(self.onset);
        let began = *self.began.get_or_insert(now.boot + -so_far);
        now.boot.since(began)
    }
}

/// The first `n` times at which a drop is told to last still.
fn still_after(n: usize) -> Duration {
    let days = |n: usize| DAY * u32::try_from(n + 1 - STILL.len()).unwrap_or(u32::MAX);
    STILL.get(n).copied().unwrap_or_else(|| days(n))
}

/// How many of them are over after so long.
fn still_within(lasted: Duration) -> usize {
    let days = usize::try_from(lasted.as_secs() / DAY.as_secs()).unwrap_or(usize::MAX);
    (0..days.saturating_add(STILL.len())).take_while(|n| still_after(*n) <= lasted).count()
}

/// The drops of the last day, by key.
#[derive(Debug, Default)]
pub(super) struct DropsTold(BTreeMap<Timestamp, ToldDrop>);

impl DropsTold {
    /// As the record has them.
    pub(super) fn of(messages: &[StoredMessage], drops: &[StoredDrop]) -> Self {
        let known = drops.iter().map(|stored| {
            let drop = &stored.drop;
            let keys = [stored.first_key.unwrap_or(drop.key), drop.key].map(Timestamp::as_micros);
            let is_its = |m: &&StoredMessage| m.of_us.is_some_and(|of| keys.contains(&of));
            let its: Vec<&Message> = messages
                .iter()
                .filter(is_its)
                .map(|stored| &stored.message)
                .filter(|message| message.thread.starts_with("drop-"))
                .collect();
            let thread = its.first().map_or_else(|| thread(keys[0]), |m| m.thread.clone());
            let mut known = ToldDrop::new(thread, drop.onset.midpoint());
            known.take_in(drop);
            for message in its {
                known.tells(message.event);
                if let (Some(min), Some(max)) = (message.min_s, message.max_s) {
                    known.told = Some((min, max, message.place.clone().unwrap_or_default()));
                }
                if message.event == MessageEvent::StillDown {
                    let lasted = message.at.duration_since(known.onset).unwrap_or_default();
                    known.still = known.still.max(still_within(lasted));
                }
            }
            if known.was_told == WasTold::Nothing && known.end.is_some() {
                known.was_told = WasTold::Silent;
            }
            (drop.key, known)
        });
        Self(known.collect())
    }

    /// A drop as it is now.
    pub(super) fn see(&mut self, drop: &LinkDrop, now: &Reading) -> &ToldDrop {
        let fresh = || ToldDrop::new(thread(drop.key.as_micros()), drop.onset.midpoint());
        let known = self.0.entry(drop.key).or_insert_with(fresh);
        known.take_in(drop);
        if known.end.is_none() {
            known.lasted(now);
        }
        known
    }

    pub(super) fn get_mut(&mut self, key: Timestamp) -> Option<&mut ToldDrop> {
        self.0.get_mut(&key)
    }

    pub(super) fn keep_silent(&mut self, key: Timestamp) {
        if let Some(known) = self.0.get_mut(&key) {
            known.was_told = WasTold::Silent;
        }
    }

    pub(super) fn move_key(&mut self, before: Timestamp, now: Timestamp) {
        if let Some(known) = self.0.remove(&before) {
            self.0.insert(now, known);
        }
    }

    /// It counts no more; gives what was told of it.
    pub(super) fn take_back(&mut self, key: Timestamp) -> Option<WasTold> {
        let known = self.0.get_mut(&key)?;
        known.is_down = false;
        known.end = known.end.or(Some(known.onset));
        Some(std::mem::replace(&mut known.was_told, WasTold::Nothing))
    }

    /// The drops that have lasted so long that it is to be told now, and how long.
    pub(super) fn lasting(&mut self, now: &Reading) -> Vec<(Timestamp, Duration)> {
        let mut lasting = Vec::new();
        for (key, known) in self.0.iter_mut().filter(|(_, known)| known.end.is_none()) {
            let told = std::mem::replace(&mut known.still, 0);
            let passed = still_within(known.lasted(now).to_duration());
            known.still = told.max(passed);
            if passed > told {
                lasting.push((*key, still_after(passed - 1)));
            }
        }
        lasting
    }

    fn down(&self) -> impl Iterator<Item = &ToldDrop> {
        self.0.values().filter(|known| known.is_down)
    }

    /// The drops that began within an hour of an instant.
    pub(super) fn near(&self, at: Timestamp) -> Vec<&ToldDrop> {
        let is_near = |known: &&ToldDrop| {
            known.onset.micros_since(at).unsigned_abs()
                <= HOUR.as_micros().try_into().unwrap_or(u64::MAX)
        };
        self.down().filter(is_near).collect()
    }

    /// The drops of a drop's local day up to it.
    pub(super) fn count_today(&self, key: Timestamp, zone: &TimeZone) -> u32 {
        let Some(known) = self.0.get(&key) else { return 0 };
        let of_day = |other: &&ToldDrop| {
            other.onset <= known.onset && same_day(other.onset, known.onset, zone)
        };
        u32::try_from(self.down().filter(of_day).count()).unwrap_or(u32::MAX)
    }

    /// The drops that began between two instants.
    pub(super) fn count_between(&self, first: Timestamp, last: Timestamp) -> usize {
        self.down().filter(|known| (first..=last).contains(&known.onset)).count()
    }

    /// When the last drop ended, `first` where none is known any more; `None` while one lasts.
    pub(super) fn last_end(&self, first: Timestamp) -> Option<Timestamp> {
        let ends = self.down().map(|known| known.end).collect::<Option<Vec<_>>>()?;
        Some(ends.into_iter().max().unwrap_or(first))
    }

    pub(super) fn forget(&mut self, now: Timestamp) {
        self.0.retain(|_, known| known.end.is_none_or(|end| end >= now - KEPT));
    }
}

fn thread(key_us: i64) -> String {
    format!("drop-{key_us}")
}
