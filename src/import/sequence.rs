//! The number of a probe in a line of ping: `icmp_seq=7`, whatever its name is. One catalogue of iputils
//! translates that as well (`pořadí=7`), and another has a typing error in it.

use std::borrow::Cow;

use super::address::literal_in;
use super::error::Error;
use super::lines::RecordLines;
use super::prefix::prefix;

/// Whose ping it is, as far as its lines show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PingDialect {
    Iputils,
    Apple,
    BusyBox,
}

/// A number after `=`, with the text before and after it.
pub(super) struct NumberField<'a> {
    pub(super) before: &'a str,
    pub(super) number: &'a str,
    pub(super) after: &'a str,
}

impl NumberField<'_> {
    /// The word before the sign.
    fn key(&self) -> &str {
        self.before.rsplit([' ', '(', ',']).next().unwrap_or_default()
    }

    fn is_whole(&self) -> bool {
        self.number.bytes().all(|b| b.is_ascii_digit())
    }
}

/// All of `name=12.3` in a line, also with blanks around the sign.
pub(super) fn fields(text: &str) -> impl Iterator<Item = NumberField<'_>> {
    text.match_indices('=').filter_map(|(at, _)| {
        let value = text[at + 1..].trim_start();
        let end = value
            .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ','))
            .unwrap_or(value.len());
        let number = value[..end].trim_end_matches(['.', ',']);
        let is_number = number.starts_with(|c: char| c.is_ascii_digit());
        is_number.then(|| NumberField {
            before: text[..at].trim_end(),
            number,
            after: &value[number.len()..],
        })
    })
}

/// The text without marks of direction, and with plain blanks and signs: what stands in the lines of
/// some languages.
pub(super) fn plain(text: &str) -> Cow<'_, str> {
    let is_mark = |c: char| {
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{feff}')
            || ('\u{202a}'..='\u{202e}').contains(&c)
            || ('\u{2066}'..='\u{2069}').contains(&c)
    };
    let is_other = |c: char| matches!(c, '\u{a0}' | '\u{202f}' | '\u{3000}' | '＝') || is_mark(c);
    if text.is_ascii() || !text.contains(is_other) {
        return Cow::Borrowed(text);
    }
    let replaced = |c: char| match c {
        '＝' => '=',
        c if is_other(c) => ' ',
        c => c,
    };
    Cow::Owned(text.chars().filter(|c| !is_mark(*c)).map(replaced).collect())
}

/// The number of a probe.
pub(super) struct Sequence<'a> {
    pub(super) number: &'a str,
    pub(super) before: &'a str,
    pub(super) after: &'a str,
    pub(super) dialect: PingDialect,
}

impl<'a> Sequence<'a> {
    /// By a name that is known, or as the first field of a reply.
    pub(super) fn find(text: &'a str, key: &SequenceKey) -> Option<Self> {
        // One translation has a typing error in it.
        let is_key =
            |word: &str| word.ends_with("icmp_seq") || word.ends_with("icmp_sql") || word == "seq";
        if let Some(field) = fields(text).find(|field| is_key(field.key())) {
            let is_bare = field.before.ends_with("seq") && !field.before.ends_with("icmp_seq");
            let dialect = match (is_bare, field.number) {
                (true, _) => PingDialect::BusyBox,
                (false, "0") => PingDialect::Apple,
                _ => PingDialect::Iputils,
            };
            return Some(Self::of(&field, dialect));
        }
        // "Request timeout for icmp_seq 20"
        if let Some((before, after)) = text.split_once("icmp_seq ") {
            let end = after.find(|c: char| !c.is_ascii_digit()).unwrap_or(after.len());
            let (number, after) = after.split_at(end);
            return (end > 0).then_some(Self {
                number,
                before,
                after,
                dialect: PingDialect::Apple,
            });
        }
        let first = fields(text).next().filter(NumberField::is_whole)?;
        let is_learned = key.word.as_deref() == Some(first.key());
        (is_learned || is_reply(text)).then(|| Self::of(&first, PingDialect::Iputils))
    }

    fn of(field: &NumberField<'a>, dialect: PingDialect) -> Self {
        let before = field.before.rsplit_once([' ', '(']).map_or("", |(before, _)| before);
        Self { number: field.number, before, after: field.after, dialect }
    }
}

/// The size at the start of a reply.
pub(super) fn size(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    (end > 0 && text[end..].starts_with(' ')).then(|| &text[..end])
}

/// A size, an address, a whole number, and at the end another with a unit.
fn is_reply(text: &str) -> bool {
    let found: Vec<_> = fields(text).collect();
    let [first, .., last] = found.as_slice() else { return false };
    let has_unit = last.after.trim_start().starts_with(char::is_alphabetic);
    size(text).is_some() && first.is_whole() && has_unit && literal_in(first.before).is_some()
}

/// What the number of a probe is called in a file, where that is none of the names that are known.
#[derive(Debug, Default)]
pub(super) struct SequenceKey {
    word: Option<String>,
    /// The number of the probe before.
    last: Option<u64>,
    /// A word that it may be, and how often its number followed on the one before.
    candidate: Option<(String, u32)>,
}

/// As many lines are looked at first.
const MOST_LINES: usize = 200;
/// A number that follows so often on that of the probe before is that of probes.
const FOLLOWS: u32 = 2;

impl SequenceKey {
    /// Learns it from the first lines of a file.
    pub(super) fn of_file(lines: &mut RecordLines<'_>) -> Result<Self, Error> {
        let mut key = Self::default();
        for n in 0..MOST_LINES {
            let Some(line) = lines.peek(n)? else { break };
            let rest = prefix(line).map_or(line, |(_, _, rest)| rest);
            let own = rest.starts_with('[').then(|| prefix(rest)).flatten();
            let text = plain(own.map_or(rest, |(_, _, rest)| rest).trim());
            if is_reply(&text) {
                key.word = fields(&text).next().map(|first| first.key().to_owned());
            }
            match Sequence::find(&text, &key).map(|found| found.number.parse()) {
                Some(Ok(number)) => key.saw(number),
                _ => _ = key.learns(&text),
            }
        }
        // What comes first is read once more.
        key.last = None;
        Ok(key)
    }

    /// A probe of this number was read.
    pub(super) fn saw(&mut self, number: u16) {
        self.last = Some(number.into());
    }

    /// Whether a line that was not understood shows what the number is called.
    pub(super) fn learns(&mut self, text: &str) -> bool {
        let text = plain(text);
        let field = fields(&text).next().filter(NumberField::is_whole);
        let is_word = |field: &NumberField<'_>| field.key().chars().any(char::is_alphabetic);
        let Some(field) = field.filter(is_word) else { return false };
        let Ok(number) = field.number.parse::<u64>() else { return false };
        let follows = self.last.is_none_or(|last| number == last + 1);
        if !follows {
            return false;
        }
        let times = match &self.candidate {
            Some((word, times)) if word == field.key() => times + 1,
            _ => u32::from(self.last.is_some()),
        };
        self.last = Some(number);
        self.candidate = Some((field.key().to_owned(), times));
        if times >= FOLLOWS {
            self.word = Some(field.key().to_owned());
        }
        times >= FOLLOWS
    }
}
