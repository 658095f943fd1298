//! A weight of the font in a document: cut to the glyphs that are used, renumbered, with the
//! character of each, so that text can be searched and copied.

use std::collections::BTreeMap;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::types::{CidFontType, FontFlags, SystemInfo, UnicodeCmap};
use pdf_writer::{Content, Filter, Name, Pdf, Rect, Ref, Str};
use subsetter::{GlyphRemapper, subset};
use ttf_parser::GlyphId;

use crate::chart::error::Error;
use crate::chart::font::{self, BuiltInFont, REGULAR, SEMIBOLD};
use crate::chart::pen::Weight;

/// Glyphs are numbered as in the embedded font, two octets each.
const IDENTITY: SystemInfo<'_> =
    SystemInfo { registry: Str(b"Adobe"), ordering: Str(b"Identity"), supplement: 0 };

/// One weight of the font, and which of its glyphs the document uses.
pub(super) struct EmbeddedFont {
    pub(super) name: Name<'static>,
    weight: Weight,
    font: &'static BuiltInFont,
    glyphs: GlyphRemapper,
    /// By the new number of a glyph: the character, and its width in thousandths of an em.
    shown: BTreeMap<u16, (char, f32)>,
}

/// A text as it is set.
pub(super) struct SetLine {
    /// In the unit of its size.
    pub(super) width: f32,
    /// Whether every character has a glyph.
    pub(super) is_legible: bool,
    /// New numbers of glyphs, and how many thousandths of an em the next is nearer.
    glyphs: Vec<(u16, f32)>,
}

impl SetLine {
    /// Shows it where the text position is.
    pub(super) fn show(&self, content: &mut Content) {
        let mut positioned = content.show_positioned();
        let mut items = positioned.items();
        for run in self.glyphs.chunk_by(|(_, nearer), _| *nearer == 0.0) {
            let octets: Vec<u8> = run.iter().flat_map(|(glyph, _)| glyph.to_be_bytes()).collect();
            items.show(Str(&octets));
            if let Some((_, nearer)) = run.last().filter(|(_, nearer)| *nearer != 0.0) {
                items.adjust(*nearer);
            }
        }
    }
}

impl EmbeddedFont {
    pub(super) fn new(name: Name<'static>, weight: Weight) -> Result<Self, Error> {
        let font = font::built_in(weight)?;
        Ok(Self { name, weight, font, glyphs: GlyphRemapper::new(), shown: BTreeMap::new() })
    }

    /// Sets a text, and notes the glyphs that it needs.
    pub(super) fn set(&mut self, text: &str, size: f32) -> SetLine {
        let mut line = SetLine { width: 0.0, is_legible: true, glyphs: Vec::new() };
        for glyph in self.font.set(text) {
            #[allow(clippy::cast_precision_loss, reason = "units of a font")]
            let advance = self.thousandths(glyph.advance as f32);
            let width = f32::from(self.font.face().glyph_hor_advance(glyph.id).unwrap_or_default());
            let width = self.thousandths(width);
            let id = self.glyphs.remap(glyph.id.0);
            self.shown.entry(id).or_insert((glyph.shows, width));
            line.is_legible &= glyph.id != GlyphId(0);
            line.glyphs.push((id, width - advance));
            line.width += advance * size / 1000.0;
        }
        line
    }

    fn thousandths(&self, units: f32) -> f32 {
        units * 1000.0 / self.font.units_per_em()
    }

    /// Writes the font as five objects, from `first` on.
    pub(super) fn write(&self, pdf: &mut Pdf, first: Ref) -> Result<(), Error> {
        let [own, described, descriptor, shows, file] =
            [0, 1, 2, 3, 4].map(|n| Ref::new(first.get() + n));
        let (base, data) = match self.weight {
            Weight::Regular => (Name(b"LNKREG+Inter-Regular"), REGULAR),
            Weight::Bold => (Name(b"LNKSMB+Inter-SemiBold"), SEMIBOLD),
        };
        pdf.type0_font(own)
            .base_font(base)
            .encoding_predefined(Name(b"Identity-H"))
            .descendant_font(described)
            .to_unicode(shows);
        let mut font = pdf.cid_font(described);
        font.subtype(CidFontType::Type2).base_font(base).system_info(IDENTITY);
        font.font_descriptor(descriptor).default_width(0.0);
        font.cid_to_gid_map_predefined(Name(b"Identity"));
        let mut widths = font.widths();
        for (glyph, (_, width)) in &self.shown {
            widths.consecutive(*glyph, [*width]);
        }
        drop(widths);
        drop(font);
        let face = self.font.face();
        let bounds = face.global_bounding_box();
        let [left, bottom, right, top, ascent, descent, capitals] = [
            bounds.x_min,
            bounds.y_min,
            bounds.x_max,
            bounds.y_max,
            face.ascender(),
            face.descender(),
            face.capital_height().unwrap_or(face.ascender()),
        ]
        .map(|units| self.thousandths(f32::from(units)));
        pdf.font_descriptor(descriptor)
            .name(base)
            .flags(FontFlags::SYMBOLIC)
            .bbox(Rect::new(left, bottom, right, top))
            .italic_angle(0.0)
            .ascent(ascent)
            .descent(descent)
            .cap_height(capitals)
            // Of the upright strokes, by the rule of thumb for a weight of 400 and of 600.
            .stem_v(if self.weight == Weight::Regular { 88.0 } else { 135.0 })
            .font_file2(file);
        let mut map = UnicodeCmap::new(Name(b"Shown"), IDENTITY);
        for (glyph, (character, _)) in &self.shown {
            map.pair(*glyph, *character);
        }
        let map = deflated(map.finish().as_slice())?;
        pdf.cmap(shows, &map).filter(Filter::FlateDecode);
        let cut = subset(data, 0, &self.glyphs).map_err(|e| Error::Pdf(e.to_string()))?;
        let length = i32::try_from(cut.len()).unwrap_or(i32::MAX);
        let cut = deflated(&cut)?;
        pdf.stream(file, &cut).filter(Filter::FlateDecode).pair(Name(b"Length1"), length);
        Ok(())
    }
}

/// As streams of a PDF are stored.
pub(super) fn deflated(data: &[u8]) -> Result<Vec<u8>, Error> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(data).and_then(|()| encoder.finish()).map_err(|e| Error::Pdf(e.to_string()))
}
