//! Shapes and text, recorded first (the height of the sheet is known only at the end, and tests
//! look at them) and then drawn by `plotters`. Whole pixels, opaque colours: edges stay crisp.

use plotters::prelude::{
    DrawingBackend, IntoDrawingArea, PathElement, Polygon, RGBColor, Rectangle, SVGBackend,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, TextStyle};

use super::Error;
use super::raster::FAMILY;

/// Colours, after Okabe and Ito: told apart with any kind of colour vision, and in grey.
pub(super) mod colour {
    use plotters::prelude::RGBColor;
    pub(crate) const PAPER: RGBColor = RGBColor(255, 255, 255);
    pub(crate) const INK: RGBColor = RGBColor(24, 28, 33);
    pub(crate) const SOFT: RGBColor = RGBColor(84, 94, 106);
    pub(crate) const RULE: RGBColor = RGBColor(222, 226, 231);
    pub(crate) const DAY: RGBColor = RGBColor(196, 203, 211);
    pub(crate) const PANEL: RGBColor = RGBColor(246, 248, 250);
    pub(crate) const ANSWERED: RGBColor = RGBColor(120, 186, 226);
    pub(crate) const SILENT: RGBColor = RGBColor(213, 94, 0);
    pub(crate) const PALE_SILENT: RGBColor = RGBColor(250, 224, 204);
    pub(crate) const TROUBLE: RGBColor = RGBColor(240, 178, 40);
    pub(crate) const LINE: RGBColor = RGBColor(0, 84, 140);
    pub(crate) const BAND: RGBColor = RGBColor(124, 178, 214);
    pub(crate) const PALE_BAND: RGBColor = RGBColor(205, 226, 240);
    pub(crate) const SECOND: RGBColor = RGBColor(0, 128, 92);
    pub(crate) const HATCH: RGBColor = RGBColor(134, 142, 153);
    pub(crate) const HATCH_GROUND: RGBColor = RGBColor(236, 239, 243);
}

/// Weight of text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    Regular,
    Bold,
}

/// To which end text is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// A way to set text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Type {
    pub(super) size: i32,
    pub(super) weight: Weight,
    pub(super) colour: RGBColor,
}

/// One recorded shape. Boxes are left, top, right, bottom; right and bottom are not in them.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Box { at: [i32; 4], fill: RGBColor },
    Hatched { at: [i32; 4] },
    Line { points: Vec<(i32, i32)>, width: u32, colour: RGBColor },
    Area { points: Vec<(i32, i32)>, fill: RGBColor },
    Text { x: i32, baseline: i32, align: Align, set: Type, text: String },
}

/// A sheet being drawn.
#[derive(Debug)]
pub(super) struct Pen {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) shapes: Vec<Shape>,
}

fn font(set: Type) -> FontDesc<'static> {
    let style = match set.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    // plotters divides by 1.24 when it writes SVG.
    FontDesc::new(FontFamily::Name(FAMILY), f64::from(set.size) * 1.24, style)
}

/// Width of a text in pixels, a little on the safe side.
pub(super) fn width(text: &str, set: Type) -> i32 {
    font(set).layout_box(text).map_or(0, |((left, _), (right, _))| right - left)
}

/// `text` cut to `room` pixels, with an ellipsis where something is missing.
pub(super) fn fit(text: &str, set: Type, room: i32) -> String {
    if width(text, set) <= room {
        return text.to_owned();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let shorter: String = kept.iter().collect::<String>().trim_end().to_owned() + "…";
        if width(&shorter, set) <= room {
            return shorter;
        }
    }
    String::new()
}

/// `text` in lines of at most `room` pixels, at most `lines` of them.
pub(super) fn wrap(text: &str, set: Type, room: i32, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match out.last_mut() {
            Some(line) if width(&format!("{line} {word}"), set) <= room => {
                line.push(' ');
                line.push_str(word);
            }
            _ => out.push(word.to_owned()),
        }
    }
    if out.len() > lines {
        let rest = out.split_off(lines.saturating_sub(1)).join(" ");
        out.push(rest);
    }
    out.iter().map(|line| fit(line, set, room)).collect()
}

impl Pen {
    pub(super) fn new(width: i32) -> Self {
        Self { width, height: 0, shapes: Vec::new() }
    }

    pub(super) fn fill(&mut self, at: [i32; 4], fill: RGBColor) {
        if at[0] < at[2] && at[1] < at[3] {
            self.shapes.push(Shape::Box { at, fill });
        }
    }

    pub(super) fn hatch(&mut self, at: [i32; 4]) {
        if at[0] < at[2] && at[1] < at[3] {
            self.shapes.push(Shape::Hatched { at });
        }
    }

    pub(super) fn line(&mut self, points: Vec<(i32, i32)>, width: u32, colour: RGBColor) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, width, colour });
        }
    }

    pub(super) fn area(&mut self, points: Vec<(i32, i32)>, fill: RGBColor) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points, fill });
        }
    }

    /// Sets text; characters that SVG does not allow become spaces.
    pub(super) fn text(&mut self, x: i32, baseline: i32, align: Align, set: Type, text: &str) {
        let text: String = text
            .chars()
            .map(|c| if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') { ' ' } else { c })
            .collect();
        if !text.trim().is_empty() {
            self.shapes.push(Shape::Text { x, baseline, align, set, text });
        }
    }

    /// The drawing as SVG.
    pub(super) fn svg(&self) -> Result<String, Error> {
        let mut out = String::new();
        {
            let size = (self.width.unsigned_abs(), self.height.unsigned_abs());
            let area = SVGBackend::with_string(&mut out, size).into_drawing_area();
            area.fill(&colour::PAPER).map_err(|e| Error::Draw(e.to_string()))?;
            for shape in &self.shapes {
                draw(&area, shape).map_err(|e| Error::Draw(e.to_string()))?;
            }
            area.present().map_err(|e| Error::Draw(e.to_string()))?;
        }
        Ok(out)
    }
}

type Area<'a> = plotters::drawing::DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawError<'a> =
    plotters::drawing::DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn draw<'a>(area: &Area<'a>, shape: &Shape) -> Result<(), DrawError<'a>> {
    match shape {
        Shape::Box { at: [left, top, right, bottom], fill } => {
            area.draw(&Rectangle::new([(*left, *top), (*right, *bottom)], fill.filled()))
        }
        Shape::Hatched { at } => {
            let [left, top, right, bottom] = *at;
            area.draw(&Rectangle::new(
                [(left, top), (right, bottom)],
                colour::HATCH_GROUND.filled(),
            ))?;
            if right - left < 6 {
                // Too narrow for strokes to show: a solid grey bar.
                return area
                    .draw(&Rectangle::new([(left, top), (right, bottom)], colour::HATCH.filled()));
            }
            strokes(*at)
                .into_iter()
                .try_for_each(|s| area.draw(&PathElement::new(s, colour::HATCH.stroke_width(2))))
        }
        Shape::Line { points, width, colour } => {
            area.draw(&PathElement::new(points.clone(), colour.stroke_width(*width)))
        }
        Shape::Area { points, fill } => area.draw(&Polygon::new(points.clone(), *fill)),
        Shape::Text { x, baseline, align, set, text } => {
            let h = match align {
                Align::Left => HPos::Left,
                Align::Centre => HPos::Center,
                Align::Right => HPos::Right,
            };
            let style = TextStyle::from(font(*set)).color(&set.colour).pos(Pos::new(h, VPos::Top));
            // plotters sets text with its top 0.76 em above the baseline.
            area.draw_text(text, &style, (*x, baseline - set.size * 76 / 100))
        }
    }
}

/// Diagonal strokes 14 pixels apart, cut to a box; all boxes share one pattern.
fn strokes([left, top, right, bottom]: [i32; 4]) -> Vec<Vec<(i32, i32)>> {
    const APART: i32 = 14;
    let first = (left + top).div_euclid(APART);
    let last = (right + bottom).div_euclid(APART);
    (first..=last)
        .filter_map(|n| {
            // On a stroke x + y is constant.
            let sum = n * APART;
            let (from, to) = (left.max(sum - bottom), right.min(sum - top));
            (from < to).then(|| vec![(from, sum - from), (to, sum - to)])
        })
        .collect()
}
