//! Colour on a terminal: what is down is red, what is not well yellow, what works green.
//!
//! `--color` decides; without it a terminal has colour unless `NO_COLOR` is set or the terminal says
//! that it has none (`TERM=dumb`). The text is the same without.

use std::io::IsTerminal;

use crate::live::LogPriority;
use crate::text::words::word_enum;
use crate::vocabulary::LinkState;

word_enum! {
    /// When output is coloured.
    pub enum ColourWhen: "choice" = Auto {
        /// On a terminal, unless `NO_COLOR` is set
        Auto = "auto",
        /// Also in files and pipes
        Always = "always",
        /// Not at all
        Never = "never",
    }
}

/// Whether a stream is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paint {
    /// It is.
    Coloured,
    /// Words alone.
    Plain,
}

/// What a text is shown as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shade {
    /// It works.
    Good,
    /// It works, but not well, or that is not known.
    Odd,
    /// It does not work.
    Bad,
    /// A line of titles.
    Title,
}

impl Paint {
    /// For a stream of this process.
    pub(super) fn of(when: ColourWhen, stream: &impl IsTerminal) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let is_coloured = match when {
            ColourWhen::Always => true,
            ColourWhen::Never => false,
            ColourWhen::Auto => stream.is_terminal() && !set("NO_COLOR") && !is_dumb,
        };
        if is_coloured { Self::Coloured } else { Self::Plain }
    }

    /// The text in its colour, where there is colour.
    pub(super) fn text(self, shade: Shade, text: &str) -> String {
        let code = match shade {
            _ if self == Self::Plain || text.is_empty() => return text.to_owned(),
            Shade::Good => "32",
            Shade::Odd => "33",
            Shade::Bad => "1;31",
            Shade::Title => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }

    /// The lines of a text, each in the colour that `shade` gives it.
    pub(super) fn lines(self, text: &str, shade: impl Fn(usize, &str) -> Option<Shade>) -> String {
        let paint = |(n, line): (usize, &str)| {
            let (bare, end) = line.strip_suffix('\n').map_or((line, ""), |bare| (bare, "\n"));
            let painted = shade(n, bare).map(|shade| self.text(shade, bare));
            painted.unwrap_or_else(|| bare.to_owned()) + end
        };
        text.split_inclusive('\n').enumerate().map(paint).collect()
    }
}

impl Shade {
    /// That of a state, which `is_well` if nothing is wrong apart from drops.
    pub(super) fn of_state(state: LinkState, flags: usize) -> Self {
        match state {
            LinkState::Up if flags == 0 => Self::Good,
            LinkState::Down => Self::Bad,
            LinkState::Up | LinkState::Suspect | LinkState::Unknown | LinkState::Disputed => {
                Self::Odd
            }
        }
    }

    /// That of an event; `None` for one that is as it should be.
    pub(super) fn of_priority(priority: LogPriority) -> Option<Self> {
        match priority {
            LogPriority::Error => Some(Self::Bad),
            LogPriority::Warning => Some(Self::Odd),
            LogPriority::Notice | LogPriority::Info => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_has_no_colour_unless_it_is_asked_for() {
        let file = std::fs::File::open("/dev/null").unwrap();
        assert_eq!(Paint::of(ColourWhen::Auto, &file), Paint::Plain);
        assert_eq!(Paint::of(ColourWhen::Always, &file), Paint::Coloured);
        assert_eq!(Paint::of(ColourWhen::Never, &file), Paint::Plain);
    }

    #[test]
    fn colour_adds_no_word_and_takes_none() {
        let text = "UP since 14:00\n\nlast line";
        let painted = Paint::Coloured.lines(text, |n, _| (n == 0).then_some(Shade::Good));
        assert_eq!(painted, "\x1b[32mUP since 14:00\x1b[0m\n\nlast line");
        assert_eq!(Paint::Plain.lines(text, |_, _| Some(Shade::Bad)), text);
    }
}
