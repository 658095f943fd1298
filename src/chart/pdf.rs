//! A drawing as a PDF of one page: the same shapes, text as text with the font embedded.

use krilla::color::rgb;
use krilla::geom::{Path, PathBuilder, Point, Rect, Transform};
use krilla::metadata::Metadata;
use krilla::page::PageSettings;
use krilla::paint::{Fill, Stroke};
use krilla::surface::Surface;
use krilla::text::{Font, TextDirection};
use krilla::{Document, SerializeSettings};
use plotters::prelude::RGBColor;

use super::error::Error;
use super::palette::{Theme, Tone};
use super::pen::{Align, Pen, Shape, Weight, set_width, strokes};
use super::raster::{REGULAR, SEMIBOLD};

/// A size of paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Paper {
    /// 210 by 297 mm.
    #[default]
    A4,
    /// 8.5 by 11 inches.
    Letter,
}

impl Paper {
    /// The short and the long side, in points.
    const fn sides(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// Printers leave about 4 mm of a page blank; the drawing has a margin of its own.
const MARGIN: f32 = 12.0;

/// What a document says of itself.
#[derive(Debug)]
pub(super) struct DocumentInfo {
    pub(super) title: String,
    /// As BCP 47 has it.
    pub(super) language: &'static str,
}

/// The drawing as large as fits the paper, upright or across as it fits better.
pub(super) fn pdf(
    pen: &Pen,
    theme: Theme,
    paper: Paper,
    about: &DocumentInfo,
) -> Result<Vec<u8>, Error> {
    let wrong = |what: &str| Error::Pdf(what.to_owned());
    let (short, long) = paper.sides();
    let (wide, high) = if pen.width > pen.height { (long, short) } else { (short, long) };
    let [width, height] = [pen.width, pen.height].map(real);
    let scale = ((wide - 2.0 * MARGIN) / width).min((high - 2.0 * MARGIN) / height);
    let fonts = Fonts {
        regular: Font::new(REGULAR.into(), 0).ok_or(Error::Font)?,
        bold: Font::new(SEMIBOLD.into(), 0).ok_or(Error::Font)?,
    };
    let mut document = Document::new_with(SerializeSettings::default());
    document.set_metadata(
        Metadata::new()
            .title(about.title.clone())
            .creator(format!("linkmon {}", env!("CARGO_PKG_VERSION")))
            .language(about.language.to_owned()),
    );
    let settings =
        PageSettings::from_wh(wide, high).ok_or_else(|| wrong("the size of the page"))?;
    let mut page = document.start_page_with(settings);
    let mut surface = page.surface();
    fill(&mut surface, [0.0, 0.0, wide, high], Tone::Paper.on(theme));
    let left = (wide - width * scale) / 2.0;
    surface.push_transform(&Transform::from_row(scale, 0.0, 0.0, scale, left, MARGIN));
    for shape in &pen.shapes {
        draw(&mut surface, shape, theme, &fonts);
    }
    surface.pop();
    surface.finish();
    page.finish();
    document.finish().map_err(|e| Error::Pdf(format!("{e:?}")))
}

struct Fonts {
    regular: Font,
    bold: Font,
}

#[allow(clippy::cast_precision_loss, reason = "pixels of a sheet")]
fn real(pixels: i32) -> f32 {
    pixels as f32
}

fn paint(surface: &mut Surface, colour: RGBColor) {
    let fill =
        Fill { paint: rgb::Color::new(colour.0, colour.1, colour.2).into(), ..Fill::default() };
    surface.set_fill(Some(fill));
    surface.set_stroke(None);
}

fn fill(surface: &mut Surface, [left, top, right, bottom]: [f32; 4], colour: RGBColor) {
    let mut path = PathBuilder::new();
    if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
        path.push_rect(rect);
    }
    if let Some(path) = path.finish() {
        paint(surface, colour);
        surface.draw_path(&path);
    }
}

fn line(surface: &mut Surface, points: &[(i32, i32)], width: f32, colour: RGBColor) {
    if let Some(path) = along(points) {
        surface.set_fill(None);
        surface.set_stroke(Some(Stroke {
            paint: rgb::Color::new(colour.0, colour.1, colour.2).into(),
            width,
            ..Stroke::default()
        }));
        surface.draw_path(&path);
    }
}

fn along(points: &[(i32, i32)]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, (x, y)) in points.iter().enumerate() {
        if i == 0 { path.move_to(real(*x), real(*y)) } else { path.line_to(real(*x), real(*y)) }
    }
    path.finish()
}

fn draw(surface: &mut Surface, shape: &Shape, theme: Theme, fonts: &Fonts) {
    match shape {
        Shape::Box { at, fill: tone } => fill(surface, at.map(real), tone.on(theme)),
        Shape::Hatched { at } => {
            fill(surface, at.map(real), Tone::HatchGround.on(theme));
            for stroke in strokes(*at) {
                line(surface, &stroke, 2.0, Tone::Hatch.on(theme));
            }
        }
        Shape::Line { points, width, colour } => {
            #[allow(clippy::cast_precision_loss, reason = "a few pixels")]
            line(surface, points, *width as f32, colour.on(theme));
        }
        Shape::Area { points, fill } => {
            if let Some(path) = along(points) {
                paint(surface, fill.on(theme));
                surface.draw_path(&path);
            }
        }
        Shape::Text { x, baseline, align, set, text } => {
            let left = match align {
                Align::Left => real(*x),
                Align::Centre => real(*x) - set_width(text, *set) / 2.0,
                Align::Right => real(*x) - set_width(text, *set),
            };
            let font = match set.weight {
                Weight::Regular => fonts.regular.clone(),
                Weight::Bold => fonts.bold.clone(),
            };
            paint(surface, set.colour.on(theme));
            let at = Point::from_xy(left, real(*baseline));
            surface.draw_text(at, font, real(set.size), text, false, TextDirection::LeftToRight);
        }
    }
}
