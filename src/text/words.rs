//! Enums whose values have a word each: one list gives the word in text, configuration, database,
//! JSON and on the command line.

/// A value out of a few, each with a word.
pub trait Word: Copy + 'static {
    /// What the values are, for errors: `role`, `kind of probe`.
    const NOUN: &'static str;
    /// Each value.
    const VALUES: &'static [Self];
    /// The word for it.
    fn word(self) -> &'static str;
    /// Its documentation, in a line.
    fn meaning(self) -> &'static str;
}

/// The value of a word.
///
/// # Errors
/// When there is none: a sentence with all words.
pub fn parse<T: Word>(word: &str) -> Result<T, String> {
    T::VALUES.iter().copied().find(|value| value.word() == word).ok_or_else(|| {
        let known: Vec<&str> = T::VALUES.iter().map(|value| value.word()).collect();
        format!("unknown {} \"{word}\": use {}", T::NOUN, alternatives(&known))
    })
}

/// `a, b or c`.
pub fn alternatives<S: AsRef<str>>(words: &[S]) -> String {
    let words: Vec<&str> = words.iter().map(AsRef::as_ref).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// Declares an enum whose values have words: `Anchor = "anchor"`. The noun after its name is that
/// of [`Word::NOUN`]; a value after the noun is the default.
///
/// Gives `ALL`, `as_str`, `Display`, `FromStr`, serde's two traits and [`Word`].
macro_rules! word_enum {
    (
        $(#[$meta:meta])*
        $vis:vis enum $name:ident: $noun:literal $(= $default:ident)? {
            $( $(#[doc = $doc:literal])+ $variant:ident = $word:literal, )+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $( $(#[doc = $doc])+ $variant, )+
        }

        impl $name {
            /// All of them, in order.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $( Self::$variant => $word, )+
                }
            }
        }

        impl $crate::text::words::Word for $name {
            const NOUN: &'static str = $noun;
            const VALUES: &'static [Self] = &Self::ALL;
            fn word(self) -> &'static str {
                self.as_str()
            }
            fn meaning(self) -> &'static str {
                match self {
                    $( Self::$variant => concat!($($doc),+).trim_ascii(), )+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;
            fn from_str(word: &str) -> Result<Self, String> {
                $crate::text::words::parse(word)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                let word = <std::borrow::Cow<'_, str> as serde::Deserialize>::deserialize(d)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }

        $(
            impl Default for $name {
                fn default() -> Self {
                    Self::$default
                }
            }
        )?
    };
}

pub(crate) use word_enum;

#[cfg(test)]
#[allow(unreachable_pub, reason = "the macro is for public enums")]
mod tests {
    use super::*;

    word_enum! {
        /// A colour.
        pub enum Colour: "colour" = Blue {
            /// That of fire.
            Red = "red",
            /// That of the sky, and
            /// of the sea.
            Blue = "deep-blue",
        }
    }

    #[test]
    fn one_list_gives_every_form_of_a_word() {
        for colour in Colour::ALL {
            assert_eq!(colour.to_string().parse(), Ok(colour));
            let json = serde_json::to_string(&colour).unwrap();
            assert_eq!(json, format!("\"{colour}\""));
            assert_eq!(serde_json::from_str::<Colour>(&json).unwrap(), colour);
        }
        assert_eq!(Colour::default().as_str(), "deep-blue");
        assert_eq!(format!("[{:<5}]", Colour::Red), "[red  ]");
        assert_eq!(Colour::Blue.meaning(), "That of the sky, and of the sea.");
        assert_eq!(
            "green".parse::<Colour>(),
            Err("unknown colour \"green\": use red or deep-blue".into())
        );
        assert_eq!(alternatives(&["a", "b", "c"]), "a, b or c");
    }
}
