//! Names of places, roles, reasons and yardsticks, for all languages.

use super::phrases::Headlines;
use super::{Language, fill, words};
use crate::stats::yardsticks::{KEYS, Yardstick};
use crate::vocabulary::{GapReason, Place, Role};

impl Language {
    pub(crate) fn headlines(&self) -> &Headlines {
        &self.phrases().headlines
    }

    /// A role in short, for tables.
    pub(crate) fn role(&self, role: Role) -> &'static str {
        self.phrases().roles.of(role)
    }

    /// Places as the clause of a sentence, as far as the evidence goes.
    pub(crate) fn fault(&self, places: &[Place]) -> String {
        let p = self.headlines();
        match places {
            [] => p.fault_unknown.to_owned(),
            [Place::Lan] => p.fault_at_home.to_owned(),
            places => fill(p.fault, &[("at", self.at(places))]),
        }
    }

    /// Places with their prepositions: `on the access line or in the ISP's network`.
    pub(crate) fn at(&self, places: &[Place]) -> String {
        let p = self.phrases();
        let words: Vec<_> = places.iter().map(|place| p.at_places.of(*place)).collect();
        words::join(&words, p.or)
    }

    /// The same, of `access|isp-core` as a status has them; nothing where the place is unknown.
    #[cfg_attr(not(feature = "desktop"), allow(dead_code, reason = "of notifications"))]
    pub(crate) fn at_places(&self, codes: &str) -> String {
        let known = |code: &str| Place::ALL.into_iter().find(|place| place.as_str() == code);
        let places: Vec<_> = codes.split('|').filter_map(known).collect();
        self.at(&places)
    }

    /// A place for tables: `access line`, `access line or ISP network`, `unknown`.
    pub(crate) fn place(&self, places: &[Place]) -> String {
        let p = self.phrases();
        let words: Vec<_> = places.iter().map(|place| p.places.of(*place)).collect();
        if words.is_empty() {
            return p.place_unknown.to_owned();
        }
        words.join(&format!(" {} ", p.or))
    }

    /// A role with its article, as the subject of a sentence.
    pub(crate) fn subject(&self, role: Role) -> &'static str {
        self.phrases().subjects.of(role)
    }

    /// Why it was not watched.
    pub(crate) fn gap(&self, reason: GapReason) -> &'static str {
        self.phrases().gaps.of(reason)
    }

    /// A yardstick's name.
    pub(crate) fn yardstick(&self, stick: &Yardstick) -> &'static str {
        let at = KEYS.iter().position(|key| *key == stick.key);
        at.map_or(stick.name, |at| self.phrases().yardstick_names[at])
    }

    /// How a yardstick's figure compares with its threshold.
    pub(crate) fn standing(&self, stick: &Yardstick) -> &'static str {
        stick.verdict.map_or("-", |verdict| self.phrases().verdicts.of(verdict))
    }
}
