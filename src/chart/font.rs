//! The font in the binary: the glyphs in which a text is set, their widths and their outlines. It
//! is read here alone, so that layout, picture and PDF agree on every width.
//!
//! Inter, cut to Latin, Greek and Cyrillic, has one glyph per character and no rule but pair
//! kerning (`GPOS`, lookups of type 2); setting a text is therefore a walk over its characters. A
//! letter that the font lacks is taken from a font of this computer; one that none has is set as an
//! empty box, and the drawing says which.

use std::sync::LazyLock;

use tiny_skia::{Path, PathBuilder, Transform};
use ttf_parser::gpos::{PairAdjustment, PositioningSubtable};
use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::error::Error;
use super::script::visual;
use super::system_fonts::{self, SystemGlyph};

/// Weight of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// The family name of the built-in font.
pub(super) const FAMILY: &str = "Inter";

pub(super) static REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
pub(super) static SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.ttf");

static FACES: LazyLock<[Option<BuiltInFont>; 2]> =
    LazyLock::new(|| [REGULAR, SEMIBOLD].map(|data| Some(BuiltInFont(Face::parse(data, 0).ok()?))));

/// One weight of the font.
pub(super) struct BuiltInFont(Face<'static>);

/// A character or two of a text, as they are set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SetGlyph {
    /// Its number in the font; 0 is the empty box.
    pub(super) id: GlyphId,
    /// How far to the next glyph, kerning included, in units of the font.
    pub(super) advance: i32,
    /// What it shows.
    pub(super) shows: char,
    /// Where it is from, if not from this font; its number is 0 then.
    pub(super) other: Option<SystemGlyph>,
}

/// The font in a weight.
pub(super) fn built_in(weight: Weight) -> Result<&'static BuiltInFont, Error> {
    let [regular, bold] = &*FACES;
    let face = match weight {
        Weight::Regular => regular,
        Weight::Bold => bold,
    };
    face.as_ref().ok_or(Error::Font)
}

/// Whether both weights can be used.
pub(super) fn check() -> Result<(), Error> {
    built_in(Weight::Regular).and(built_in(Weight::Bold)).map(drop)
}

impl BuiltInFont {
    /// The face itself, for its metrics.
    #[cfg(any(feature = "pdf", test))]
    pub(super) fn face(&self) -> &Face<'static> {
        &self.0
    }

    /// Units of the font in one em.
    pub(super) fn units_per_em(&self) -> f32 {
        f32::from(self.0.units_per_em())
    }

    /// Width of a text in pixels at `size` pixels per ascent and descent together, without kerning,
    /// cut to whole pixels.
    #[allow(clippy::cast_possible_truncation, reason = "pixels of a line")]
    pub(super) fn width(&self, text: &str, size: f32) -> i32 {
        let high = f32::from(self.0.ascender()) - f32::from(self.0.descender());
        let scale = size / high;
        let advances = text.chars().map(|c| {
            let glyph = self.0.glyph_index(c).unwrap_or_default();
            let own = f32::from(self.0.glyph_hor_advance(glyph).unwrap_or_default());
            let other = if glyph.0 == 0 { other(c) } else { None };
            #[allow(clippy::cast_precision_loss, reason = "units of a font")]
            let advance = other.map(|other| other.advance(self.units_per_em()) as f32);
            scale * advance.unwrap_or(own)
        });
        advances.fold(0.0_f32, |sum, advance| sum + advance) as i32
    }

    /// The glyphs of a text. As in SVG, spaces at the ends are left out and several are one.
    pub(super) fn set(&self, text: &str) -> Vec<SetGlyph> {
        let text = visual(text);
        let words: Vec<_> = text.split(' ').filter(|word| !word.is_empty()).collect();
        let mut glyphs: Vec<SetGlyph> = Vec::new();
        for c in words.join(" ").chars() {
            if let Some(last) = glyphs.last_mut()
                && let Some((id, whole)) = self.composed(last.shows, c)
            {
                (last.id, last.shows) = (id, whole);
            } else if let Some(id) = self.glyph(c) {
                let other = if id.0 == 0 { other(c) } else { None };
                glyphs.push(SetGlyph { id, advance: 0, shows: c, other });
            }
        }
        for i in 0..glyphs.len() {
            if let Some(other) = glyphs[i].other {
                glyphs[i].advance = other.advance(self.units_per_em());
                continue;
            }
            let own = self.0.glyph_hor_advance(glyphs[i].id).unwrap_or_default();
            let kerning = glyphs.get(i + 1).map_or(0, |next| self.kerning(glyphs[i].id, next.id));
            glyphs[i].advance = i32::from(own) + kerning;
        }
        glyphs
    }

    /// The letter that a letter and the accent after it make, where the font has it.
    fn composed(&self, letter: char, accent: char) -> Option<(GlyphId, char)> {
        let whole = unicode_normalization::char::compose(letter, accent)?;
        Some((self.0.glyph_index(whole)?, whole))
    }

    /// The glyph of a character; `None` for one that is never seen.
    fn glyph(&self, c: char) -> Option<GlyphId> {
        if matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}')
            || matches!(c, '\u{fe00}'..='\u{fe0f}' | '\u{feff}')
        {
            return None;
        }
        let like = match c {
            c if c.is_whitespace() => ' ',
            '\u{2010}' | '\u{2011}' => '-',
            c => c,
        };
        let known = self.0.glyph_index(c).or_else(|| self.0.glyph_index(like));
        Some(known.unwrap_or_default())
    }

    /// How much farther apart than usual two glyphs are set: the sum over the lookups, of each the
    /// first table that knows the pair.
    fn kerning(&self, left: GlyphId, right: GlyphId) -> i32 {
        let Some(table) = self.0.tables().gpos else { return 0 };
        let of_pair = |pair: PairAdjustment| {
            let index = pair.coverage().get(left)?;
            let (value, _) = match pair {
                PairAdjustment::Format1 { sets, .. } => sets.get(index)?.get(right)?,
                PairAdjustment::Format2 { classes: (of_left, of_right), matrix, .. } => {
                    matrix.get((of_left.get(left), of_right.get(right)))?
                }
            };
            Some(i32::from(value.x_advance))
        };
        let of_lookup = |lookup: ttf_parser::opentype_layout::Lookup| {
            lookup.subtables.into_iter().find_map(|subtable| match subtable {
                PositioningSubtable::Pair(pair) => of_pair(pair),
                _ => None,
            })
        };
        table.lookups.into_iter().filter_map(of_lookup).sum()
    }

    /// The outline of a glyph in units of this font, upwards; `None` where there is nothing to see.
    pub(super) fn outline(&self, glyph: &SetGlyph) -> Option<Path> {
        let mut outline = Outline(PathBuilder::new());
        if let Some(other) = glyph.other {
            other.font.0.outline_glyph(other.id, &mut outline)?;
            let scale = other.scale(self.units_per_em());
            return outline.0.finish()?.transform(Transform::from_scale(scale, scale));
        }
        self.0.outline_glyph(glyph.id, &mut outline)?;
        outline.0.finish()
    }
}

/// A letter in a font of this computer; nothing that is never seen.
fn other(c: char) -> Option<SystemGlyph> {
    if c.is_control() || c.is_whitespace() {
        return None;
    }
    system_fonts::glyph(c)
}

/// The letters of a text that no font has.
pub(super) fn missing(text: &str) -> Vec<char> {
    let Ok(font) = built_in(Weight::Regular) else { return Vec::new() };
    let glyphs = font.set(text).into_iter().filter(|g| g.id.0 == 0 && g.other.is_none());
    glyphs.map(|glyph| glyph.shows).collect()
}

/// Whether a text has letters of other fonts than this.
#[cfg(feature = "pdf")]
pub(super) fn is_mixed(text: &str) -> bool {
    built_in(Weight::Regular).is_ok_and(|font| font.set(text).iter().any(|g| g.other.is_some()))
}

struct Outline(PathBuilder);

impl OutlineBuilder for Outline {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        self.0.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.0.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.0.cubic_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.0.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(glyphs: &[SetGlyph]) -> String {
        glyphs.iter().map(|glyph| glyph.shows).collect()
    }

    #[test]
    fn the_font_has_no_rule_but_pair_kerning_for_every_script() {
        for weight in [Weight::Regular, Weight::Bold] {
            let tables = built_in(weight).unwrap().face().tables();
            let features = tables.gpos.unwrap().features;
            assert!(features.into_iter().all(|f| f.tag.to_string() == "kern"));
            // Forms of letters for single languages, which no drawing asks for.
            let features = tables.gsub.unwrap().features;
            assert!(features.into_iter().all(|f| f.tag.to_string() == "locl"));
            assert!(tables.kern.is_none());
        }
    }

    #[test]
    fn pairs_are_kerned_and_spaces_are_as_in_svg() {
        let font = built_in(Weight::Regular).unwrap();
        let advance = |text: &str| font.set(text)[0].advance;
        assert!(advance("AV") < advance("A"), "{} {}", advance("AV"), advance("A"));
        assert!(advance("То") < advance("Т"));
        assert_eq!(text(&font.set("  a  b ")), "a b");
        assert_eq!(font.set(""), []);
    }

    #[test]
    fn an_accent_joins_its_letter_and_joiners_are_not_seen() {
        let font = built_in(Weight::Bold).unwrap();
        assert_eq!(font.set("e\u{301}a"), font.set("éa"));
        assert_eq!(text(&font.set("a\u{200d}b\u{fe0f}\u{ad}")), "ab");
        assert_eq!(font.set("\u{2007}")[0].id, font.set("x y")[1].id);
        assert_eq!(font.set("日")[0].id, GlyphId(0));
        assert_eq!(missing("\u{10ffff}a"), ['\u{10ffff}']);
    }

    #[test]
    fn letters_of_european_languages_are_no_empty_boxes() {
        let latin = "ÄäÅåÆæÇçÉéĞğÍíŁłÑñŐőØøŘřŞşȘșȚțŠšßŸÿŽž";
        let greek = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰΆΈΉΊΌΎΏ";
        let cyrillic = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя\
                        ЁёЄєІіЇїҐґЎўЂђЃѓЅѕЈјЉљЊњЋћЌќЏџ";
        for weight in [Weight::Regular, Weight::Bold] {
            let font = built_in(weight).unwrap();
            let drawn = |c: char| font.outline(&font.set(&c.to_string())[0]).unwrap();
            let missing = SetGlyph { id: GlyphId(0), advance: 0, shows: ' ', other: None };
            let missing = font.outline(&missing).unwrap();
            for letter in [latin, greek, cyrillic].into_iter().flat_map(str::chars) {
                assert!(drawn(letter) != missing, "{letter} {weight:?}");
            }
        }
    }
}
