//! With what the picture is drawn: marks for terminals with and without UTF-8, colours where there are
//! some. Every mark differs from the others without its colour. Pure.

use ratatui_core::buffer::Buffer;
use ratatui_core::style::{Color, Modifier, Style};
use unicode_normalization::UnicodeNormalization as _;

use super::strip::{DelayBand, StripCell};
use crate::cli::paint::{Paint, Shade};

/// Which characters the terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CharacterSet {
    /// All of Unicode.
    Unicode,
    /// ASCII alone.
    Ascii,
}

impl CharacterSet {
    /// By the variables of the locale. The console of Linux has no blocks of less than half a character.
    pub(super) fn of(variable: &dyn Fn(&str) -> Option<String>) -> Self {
        let set = |name: &&str| variable(name).filter(|value| !value.is_empty());
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(set).unwrap_or_default();
        let locale = locale.to_lowercase();
        let is_console = variable("TERM").is_some_and(|term| term == "linux");
        let is_unicode = locale.contains("utf-8") || locale.contains("utf8");
        if is_unicode && !is_console { Self::Unicode } else { Self::Ascii }
    }
}

/// How a text is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextTone {
    /// A plain text.
    Text,
    /// What is said by the way.
    Soft,
    /// A title.
    Title,
    /// What is good, odd or bad.
    State(Shade),
    /// What must not be overlooked.
    Alarm,
}

/// With what the picture is drawn.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink {
    /// Whether there is colour.
    pub(super) paint: Paint,
    /// Which characters there are.
    pub(super) characters: CharacterSet,
}

impl Ink {
    /// The style of a text.
    pub(super) fn style(self, tone: TextTone) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        match tone {
            TextTone::Text => Style::new(),
            TextTone::Soft => Style::new().add_modifier(Modifier::DIM),
            TextTone::Title => bold,
            TextTone::State(shade) => self.coloured(bold, shade),
            TextTone::Alarm => self.coloured(bold, Shade::Bad).add_modifier(Modifier::REVERSED),
        }
    }

    fn coloured(self, style: Style, shade: Shade) -> Style {
        match (self.paint, shade) {
            (Paint::Plain, _) | (_, Shade::Title) => style,
            (_, Shade::Good) => style.fg(Color::Green),
            (_, Shade::Odd) => style.fg(Color::Yellow),
            (_, Shade::Bad) => style.fg(Color::Red),
        }
    }

    /// The mark of a cell and its style.
    pub(super) fn mark(self, cell: StripCell) -> (&'static str, Style) {
        let [unicode, ascii] = match cell {
            StripCell::Nothing => [" ", " "],
            StripCell::Answered(DelayBand::Short) => ["▁", "."],
            StripCell::Answered(DelayBand::Middling) => ["▂", ":"],
            StripCell::Answered(DelayBand::Long) => ["▃", "i"],
            StripCell::Answered(DelayBand::VeryLong) => ["▄", "I"],
            StripCell::NotSent => ["─", "-"],
            StripCell::Late => ["▀", "L"],
            StripCell::SomeLost => ["▒", "x"],
            StripCell::AllLost => ["█", "X"],
        };
        let style = match (self.paint, cell) {
            (Paint::Plain, _) | (_, StripCell::Nothing) => Style::new(),
            (_, StripCell::Answered(DelayBand::VeryLong)) => Style::new().fg(Color::Blue),
            (_, StripCell::Answered(_)) => Style::new().fg(Color::Cyan),
            (_, StripCell::NotSent) => Style::new().add_modifier(Modifier::DIM),
            (_, StripCell::Late) => Style::new().fg(Color::Yellow),
            (_, StripCell::SomeLost | StripCell::AllLost) => Style::new().fg(Color::Red),
        };
        (
            match self.characters {
                CharacterSet::Unicode => unicode,
                CharacterSet::Ascii => ascii,
            },
            style,
        )
    }

    /// A line under a title, what marks the chosen row, what marks an instant, what ends a text that is cut.
    pub(super) fn rule(self) -> &'static str {
        self.one_of("─", "-")
    }

    /// What marks the chosen row.
    pub(super) fn chosen(self) -> &'static str {
        self.one_of("▸", ">")
    }

    /// What marks an instant below it.
    pub(super) fn instant(self) -> &'static str {
        self.one_of("▼", "v")
    }

    /// What ends a text that is cut.
    pub(super) fn cut(self) -> &'static str {
        self.one_of("…", "~")
    }

    fn one_of(self, unicode: &'static str, ascii: &'static str) -> &'static str {
        match self.characters {
            CharacterSet::Unicode => unicode,
            CharacterSet::Ascii => ascii,
        }
    }

    /// Puts letters without their accents where the terminal has no others.
    pub(super) fn finish(self, buffer: &mut Buffer) {
        if self.characters == CharacterSet::Unicode {
            return;
        }
        for cell in &mut buffer.content {
            let c = cell.symbol().chars().next().unwrap_or(' ');
            if !cell.symbol().is_ascii() {
                cell.set_symbol(plain_letter(c).encode_utf8(&mut [0; 4]));
            }
        }
    }
}

fn plain_letter(c: char) -> char {
    match c {
        'ß' => 's',
        'œ' => 'o',
        'æ' => 'a',
        c => c.nfd().next().filter(char::is_ascii).unwrap_or('?'),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_locale_says_which_characters_there_are() {
        for (variables, expected) in [
            (&[("LANG", "fr_CA.UTF-8")][..], CharacterSet::Unicode),
            (&[("LANG", "C.utf8"), ("LC_ALL", "")], CharacterSet::Unicode),
            (&[("LANG", "fr_CA.UTF-8"), ("LC_ALL", "C")], CharacterSet::Ascii),
            (&[("LANG", "de_DE.ISO-8859-1"), ("LC_CTYPE", "C.UTF-8")], CharacterSet::Unicode),
            (&[("LANG", "C.UTF-8"), ("TERM", "linux")], CharacterSet::Ascii),
            (&[], CharacterSet::Ascii),
        ] {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            assert_eq!(CharacterSet::of(&variable), expected, "{variables:?}");
        }
    }

    #[test]
    fn every_mark_differs_from_the_others_without_colour() {
        let bands = DelayBand::ALL.map(StripCell::Answered);
        let others = [
            StripCell::Nothing,
            StripCell::NotSent,
            StripCell::Late,
            StripCell::SomeLost,
            StripCell::AllLost,
        ];
        for characters in [CharacterSet::Unicode, CharacterSet::Ascii] {
            let ink = Ink { paint: Paint::Plain, characters };
            let all: BTreeSet<_> =
                bands.iter().chain(&others).map(|cell| ink.mark(*cell).0).collect();
            assert_eq!(all.len(), bands.len() + others.len());
            let is_ascii = all.iter().all(|mark| mark.is_ascii());
            assert_eq!(is_ascii, characters == CharacterSet::Ascii);
        }
    }

    #[test]
    fn without_colour_no_style_has_one() {
        let ink = Ink { paint: Paint::Plain, characters: CharacterSet::Unicode };
        let shades = [Shade::Good, Shade::Odd, Shade::Bad, Shade::Title].map(TextTone::State);
        for tone in
            [TextTone::Text, TextTone::Soft, TextTone::Title, TextTone::Alarm].iter().chain(&shades)
        {
            assert_eq!(ink.style(*tone).fg, None, "{tone:?}");
        }
    }
}
