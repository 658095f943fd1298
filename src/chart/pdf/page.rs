//! The page and its shapes, and the document around them (ISO 32000-1).

use pdf_writer::{Content, Filter, Finish as _, Name, Pdf, Rect, Ref, Settings, TextStr};
use plotters::style::RGBColor;
use tiny_skia::{PathSegment, Point};

use super::embedded::{EmbeddedFont, deflated};
use super::paper::{DocumentInfo, Paper};
use crate::chart::error::Error;
use crate::chart::font;
use crate::chart::palette::{Theme, Tone};
use crate::chart::pen::{Align, Pen, Shape, TypeStyle, Weight, strokes};
use crate::chart::raster;

/// Printers leave about 4 mm of a page blank; the drawing has a margin of its own.
const MARGIN: f32 = 12.0;

const COMPACT: Settings = Settings { pretty: false };

// The objects of the document. Those of a font follow its first.
const CATALOG: Ref = Ref::new(1);
const PAGES: Ref = Ref::new(2);
const PAGE: Ref = Ref::new(3);
const CONTENT: Ref = Ref::new(4);
const INFO: Ref = Ref::new(5);
const REGULAR: Ref = Ref::new(10);
const BOLD: Ref = Ref::new(20);

/// The drawing as large as fits the paper, upright or across as it fits better.
pub(in crate::chart) fn pdf(
    pen: &Pen,
    theme: Theme,
    paper: Paper,
    info: &DocumentInfo,
) -> Result<Vec<u8>, Error> {
    let (short, long) = paper.sides();
    let (wide, high) = if pen.width > pen.height { (long, short) } else { (short, long) };
    let [width, height] = [pen.width, pen.height].map(real);
    let scale = ((wide - 2.0 * MARGIN) / width).min((high - 2.0 * MARGIN) / height);
    let mut leaf = Leaf::new()?;
    leaf.fill([0.0, 0.0, wide, high], Tone::Paper.on(theme));
    // From here on as pixels are counted: from the top, downwards.
    let left = (wide - width * scale) / 2.0;
    leaf.content.transform([scale, 0.0, 0.0, -scale, left, high - MARGIN]);
    for shape in &pen.shapes {
        leaf.draw(shape, theme);
    }
    leaf.document([wide, high], info)
}

#[allow(clippy::cast_precision_loss, reason = "pixels of a sheet")]
fn real(pixels: i32) -> f32 {
    pixels as f32
}

struct Leaf {
    content: Content,
    regular: EmbeddedFont,
    bold: EmbeddedFont,
    /// The colours in force.
    filling: Option<RGBColor>,
    stroking: Option<RGBColor>,
}

impl Leaf {
    fn new() -> Result<Self, Error> {
        Ok(Self {
            content: Content::with_settings(COMPACT),
            regular: EmbeddedFont::new(Name(b"Regular"), Weight::Regular)?,
            bold: EmbeddedFont::new(Name(b"Bold"), Weight::Bold)?,
            filling: None,
            stroking: None,
        })
    }

    fn paint(&mut self, colour: RGBColor) {
        if self.filling.replace(colour) != Some(colour) {
            let [r, g, b] = parts(colour);
            self.content.set_fill_rgb(r, g, b);
        }
    }

    fn fill(&mut self, [left, top, right, bottom]: [f32; 4], colour: RGBColor) {
        self.paint(colour);
        self.content.rect(left, top, right - left, bottom - top).fill_nonzero();
    }

    fn along(&mut self, points: &[(i32, i32)]) {
        for (i, (x, y)) in points.iter().enumerate() {
            let (x, y) = (real(*x), real(*y));
            if i == 0 {
                self.content.move_to(x, y)
            } else {
                self.content.line_to(x, y)
            };
        }
    }

    fn line(&mut self, points: &[(i32, i32)], width: f32, colour: RGBColor) {
        if self.stroking.replace(colour) != Some(colour) {
            let [r, g, b] = parts(colour);
            self.content.set_stroke_rgb(r, g, b);
        }
        self.content.set_line_width(width);
        self.along(points);
        self.content.stroke();
    }

    fn draw(&mut self, shape: &Shape, theme: Theme) {
        match shape {
            Shape::Box { at, fill } => self.fill(at.map(real), fill.on(theme)),
            Shape::Hatched { at } => {
                self.fill(at.map(real), Tone::HatchGround.on(theme));
                for stroke in strokes(*at) {
                    self.line(&stroke, 2.0, Tone::Hatch.on(theme));
                }
            }
            Shape::Line { points, width, colour } => {
                #[allow(clippy::cast_precision_loss, reason = "a few pixels")]
                self.line(points, *width as f32, colour.on(theme));
            }
            Shape::Area { points, fill } => {
                self.paint(fill.on(theme));
                self.along(points);
                self.content.close_path().fill_nonzero();
            }
            Shape::Text { x, baseline, align, set, text } => {
                self.paint(set.colour.on(theme));
                if font::is_mixed(text) {
                    self.outlined((*x, *baseline), *align, *set, text);
                } else {
                    self.text(real(*x), real(*baseline), *align, *set, text);
                }
            }
        }
    }

    /// A text with letters of other fonts than the embedded ones, as outlines that can be found by
    /// what they say.
    fn outlined(&mut self, at: (i32, i32), align: Align, set: TypeStyle, text: &str) {
        let Ok(Some(path)) = raster::letters(at, align, set, text) else { return };
        let mut mark = self.content.begin_marked_content_with_properties(Name(b"Span"));
        mark.properties().actual_text(TextStr(text));
        drop(mark);
        let mut last = Point::zero();
        for segment in path.segments() {
            match segment {
                PathSegment::MoveTo(to) => {
                    self.content.move_to(to.x, to.y);
                    last = to;
                }
                PathSegment::LineTo(to) => {
                    self.content.line_to(to.x, to.y);
                    last = to;
                }
                PathSegment::QuadTo(by, to) => {
                    // A curve of the second degree as one of the third.
                    let near = |end: Point| {
                        (end.x + (by.x - end.x) * 2.0 / 3.0, end.y + (by.y - end.y) * 2.0 / 3.0)
                    };
                    let ((ax, ay), (bx, by)) = (near(last), near(to));
                    self.content.cubic_to(ax, ay, bx, by, to.x, to.y);
                    last = to;
                }
                PathSegment::CubicTo(a, b, to) => {
                    self.content.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
                    last = to;
                }
                PathSegment::Close => {
                    self.content.close_path();
                }
            }
        }
        self.content.fill_nonzero();
        self.content.end_marked_content();
    }

    fn text(&mut self, x: f32, baseline: f32, align: Align, set: TypeStyle, text: &str) {
        let font = match set.weight {
            Weight::Regular => &mut self.regular,
            Weight::Bold => &mut self.bold,
        };
        let line = font.set(text, real(set.size));
        let left = match align {
            Align::Left => x,
            Align::Centre => x - line.width / 2.0,
            Align::Right => x - line.width,
        };
        if !line.is_legible {
            let mut mark = self.content.begin_marked_content_with_properties(Name(b"Span"));
            mark.properties().actual_text(TextStr(text));
        }
        self.content.begin_text();
        self.content.set_font(font.name, real(set.size));
        self.content.set_text_matrix([1.0, 0.0, 0.0, -1.0, left, baseline]);
        line.show(&mut self.content);
        self.content.end_text();
        if !line.is_legible {
            self.content.end_marked_content();
        }
    }

    fn document(self, [wide, high]: [f32; 2], info: &DocumentInfo) -> Result<Vec<u8>, Error> {
        let mut pdf = Pdf::with_settings(COMPACT);
        let mut catalog = pdf.catalog(CATALOG);
        catalog.pages(PAGES).lang(TextStr(info.language));
        catalog.viewer_preferences().display_doc_title(true);
        catalog.finish();
        pdf.pages(PAGES).kids([PAGE]).count(1);
        let mut page = pdf.page(PAGE);
        page.parent(PAGES).media_box(Rect::new(0.0, 0.0, wide, high)).contents(CONTENT);
        let mut resources = page.resources();
        let mut fonts = resources.fonts();
        fonts.pair(self.regular.name, REGULAR).pair(self.bold.name, BOLD);
        fonts.finish();
        resources.finish();
        page.finish();
        let content = deflated(self.content.finish().as_slice())?;
        pdf.stream(CONTENT, &content).filter(Filter::FlateDecode);
        let creator = format!("linkmon {}", env!("CARGO_PKG_VERSION"));
        pdf.document_info(INFO).title(TextStr(&info.title)).creator(TextStr(&creator));
        self.regular.write(&mut pdf, REGULAR)?;
        self.bold.write(&mut pdf, BOLD)?;
        Ok(pdf.finish())
    }
}

fn parts(colour: RGBColor) -> [f32; 3] {
    [colour.0, colour.1, colour.2].map(|part| f32::from(part) / 255.0)
}
