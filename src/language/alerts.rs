//! Messages in words, for all languages.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::notices::Notice;
use super::phrases::AlertWords;
use super::{Language, Noun, fill, one_of, plain, words};
use crate::time::Timestamp;
use crate::vocabulary::{Lengths, Message, MessageEvent};

/// A message that waited longer says so.
const WORTH_SAYING: Duration = Duration::from_secs(120);

impl Language {
    pub(crate) fn alerts(&self) -> &AlertWords {
        &self.phrases().alerts
    }

    /// What a message of a drop says, by its figures.
    pub(crate) fn drop_message(&self, message: &Message, zone: &TimeZone) -> Notice {
        let p = self.alerts();
        let at = |t: Timestamp| words::local_second(t, zone);
        let onset = message.onset.unwrap_or(message.at);
        let lasted = || {
            let s = message.least_s(message.at).unwrap_or_default();
            self.length(Duration::try_from_secs_f64(s).unwrap_or_default())
        };
        let length = self.message_length(message).unwrap_or_else(lasted);
        let title = match message.event {
            MessageEvent::Down => {
                let when = words::time_of_day(onset, zone);
                fill(self.phrases().notices.down, &[("when", when)])
            }
            MessageEvent::StillDown => fill(p.still, &[("length", length)]),
            MessageEvent::Back => fill(self.phrases().notices.back, &[("length", length)]),
            MessageEvent::Corrected => fill(p.corrected, &[("length", length)]),
            event => p.titles.of(event).to_owned(),
        };
        let mut values = vec![
            ("from", at(onset)),
            ("place", self.place_of_message(message)),
            ("today", self.today(message.count_today)),
        ];
        let template = match (message.event, message.end, lengths(message)) {
            (MessageEvent::Withdrawn, ..) => p.withdrawn,
            (_, Some(end), Some(lengths)) => {
                values.push(("to", at(end)));
                values.push(("bounds", self.bounds(lengths)));
                p.drop_span
            }
            _ => p.drop_since,
        };
        Notice { title: plain(&title), text: plain(&fill(template, &values)) }
    }

    fn place_of_message(&self, message: &Message) -> String {
        match self.at_places(message.place.as_deref().unwrap_or_default()) {
            place if place.is_empty() => self.phrases().notices.nowhere.to_owned(),
            place => place,
        }
    }

    fn message_length(&self, message: &Message) -> Option<String> {
        let Lengths { min, max } = lengths(message)?;
        Some(self.length(min + max.saturating_sub(min) / 2))
    }

    /// How many drops there were, after a sentence, on a line of its own.
    fn today(&self, count: Option<u32>) -> String {
        let p = &self.phrases().notices;
        match count {
            None => String::new(),
            Some(0 | 1) => format!("\n{}", p.first_today),
            Some(n) => {
                let drops = self.count(n as usize, Noun::Drop);
                format!("\n{}", fill(p.today, &[("drops", drops)]))
            }
        }
    }

    /// That drops follow one another.
    pub(crate) fn flapping(&self, drops: usize, first: Timestamp, zone: &TimeZone) -> Notice {
        let p = self.alerts();
        let title = fill(p.flapping, &[("drops", self.count(drops, Noun::Drop))]);
        let text = fill(p.flapping_text, &[("from", words::local_second(first, zone))]);
        Notice { title: plain(&title), text: plain(&text) }
    }

    /// That they do so no more.
    pub(crate) fn flapping_over(
        &self,
        drops: usize,
        [first, last]: [Timestamp; 2],
        zone: &TimeZone,
    ) -> Notice {
        let p = self.alerts();
        let values = [
            ("drops", self.count(drops, Noun::Drop)),
            ("from", words::local_second(first, zone)),
            ("to", words::local_second(last, zone)),
        ];
        let title = p.titles.of(MessageEvent::FlappingOver);
        Notice { title: plain(title), text: plain(&fill(p.flapping_over, &values)) }
    }

    /// The title of a message about something other than a drop.
    pub(crate) fn message_title(&self, event: MessageEvent, end: Option<Timestamp>) -> String {
        let p = self.alerts();
        let what = p.titles.of(event);
        plain(&end.map_or_else(|| what.to_owned(), |_| fill(p.over, &[("what", what)])))
    }

    /// `from .. to .., 12 min`.
    pub(crate) fn span_text(&self, from: Timestamp, to: Timestamp, zone: &TimeZone) -> String {
        let length = self.length(to.duration_since(from).unwrap_or_default());
        let [from, to] = [from, to].map(|at| words::local_second(at, zone));
        let values = [("from", from), ("to", to), ("long", length)];
        plain(&fill(self.phrases().present.span, &values))
    }

    /// The title of several messages that waited, of so many drops.
    pub(crate) fn meanwhile(&self, drops: usize, others: usize) -> String {
        let p = self.alerts();
        let mut parts = Vec::new();
        if drops > 0 {
            parts.push(self.count(drops, Noun::Drop));
        }
        if others > 0 {
            let n = self.number(others as u64);
            parts.push(fill(one_of(p.others, others), &[("n", n)]));
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        plain(&fill(p.meanwhile, &[("what", self.list(&parts))]))
    }

    /// That a message waited, after its text; nothing where that is not worth saying.
    pub(crate) fn waited(&self, length: Duration) -> Option<String> {
        let said = || plain(&fill(self.alerts().late, &[("length", self.length(length))]));
        (length >= WORTH_SAYING).then(said)
    }
}

/// The least and the most that a message says of how long it was.
fn lengths(message: &Message) -> Option<Lengths> {
    let seconds = |s: f64| Duration::try_from_secs_f64(s).ok();
    Some(Lengths { min: seconds(message.min_s?)?, max: seconds(message.max_s?)? })
}
