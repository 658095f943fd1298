//! Shapes and text, recorded first (the height of the sheet is known only at the end, and tests
//! look at them) and then drawn by `plotters`. Whole pixels, opaque colours: edges stay crisp.

use plotters::prelude::{
    DrawingBackend, IntoDrawingArea, PathElement, Polygon, Rectangle, SVGBackend,
};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, TextStyle};

use super::error::Error;
pub(super) use super::font::Weight;
use super::font::{self, FAMILY};
use super::palette::{Theme, Tone};
use crate::language::words::is_unprintable;

/// How text is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// Size, weight and colour of text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct TypeStyle {
    pub(super) size: i32,
    pub(super) weight: Weight,
    pub(super) colour: Tone,
}

/// One recorded shape. Boxes are left, top, right, bottom; right and bottom are exclusive.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Shape {
    Box { at: [i32; 4], fill: Tone },
    Hatched { at: [i32; 4] },
    Line { points: Vec<(i32, i32)>, width: u32, colour: Tone },
    Area { points: Vec<(i32, i32)>, fill: Tone },
    Text { x: i32, baseline: i32, align: Align, set: TypeStyle, text: String },
}

/// A sheet being drawn.
#[derive(Debug)]
pub(super) struct Pen {
    pub(super) width: i32,
    pub(super) height: i32,
    pub(super) shapes: Vec<Shape>,
}

fn described(set: TypeStyle) -> FontDesc<'static> {
    let style = match set.weight {
        Weight::Regular => FontStyle::Normal,
        Weight::Bold => FontStyle::Bold,
    };
    // plotters divides by 1.24 when it writes SVG.
    FontDesc::new(FontFamily::Name(FAMILY), f64::from(set.size) * 1.24, style)
}

/// Width of a text in pixels, rounded up a little to be safe.
pub(super) fn width(text: &str, set: TypeStyle) -> i32 {
    #[allow(clippy::cast_possible_truncation, reason = "pixels of a line")]
    let size = (f64::from(set.size) * 1.24) as f32;
    font::built_in(set.weight).map_or(0, |font| font.width(text, size))
}

/// `text` cut to `room` pixels, with an ellipsis where something was cut.
pub(super) fn fit(text: &str, set: TypeStyle, room: i32) -> String {
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

/// The style with letters small enough for `text` to fit, but not below `least`.
pub(super) fn shrunk(text: &str, set: TypeStyle, room: i32, least: i32) -> TypeStyle {
    let sizes = (least..=set.size).rev().map(|size| TypeStyle { size, ..set });
    sizes.clone().find(|set| width(text, *set) <= room).unwrap_or(TypeStyle { size: least, ..set })
}

/// The text with its figures and their units in one piece each: `25 min`, `0.2 s`, `98 %`.
fn with_units(text: &str) -> String {
    const UNITS: [&str; 7] = ["s", "ms", "min", "h", "d", "j", "%"];
    let mut out = String::with_capacity(text.len() + 8);
    for (n, word) in text.split(' ').enumerate() {
        let is_unit = UNITS.contains(&word.trim_end_matches([',', ';', '.', ':', ')']));
        let is_after = out.ends_with(|c: char| c.is_ascii_digit());
        if n > 0 {
            out.push(if is_unit && is_after { '\u{a0}' } else { ' ' });
        }
        out.push_str(word);
    }
    out
}

/// A word in pieces of at most `room` pixels: names may be longer than a line.
fn pieces(word: &str, set: TypeStyle, room: i32) -> Vec<String> {
    let mut out = vec![String::new()];
    for c in word.chars() {
        let last = out.last_mut().expect("there is a first");
        last.push(c);
        if width(last, set) > room && last.chars().count() > 1 {
            last.pop();
            out.push(c.to_string());
        }
    }
    out
}

/// `text` in lines of at most `room` pixels, at most `lines` of them; words longer than that are
/// broken.
pub(super) fn wrap(text: &str, set: TypeStyle, room: i32, lines: usize) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    // A figure and its unit stay together in every language.
    let text = with_units(text);
    // Not at a no-break space, which `split_whitespace` would break at.
    let words = text.split(' ').filter(|word| !word.is_empty());
    for word in words.flat_map(|word| pieces(word, set, room)) {
        match out.last_mut() {
            Some(line) if width(&format!("{line} {word}"), set) <= room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => out.push(word),
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

    pub(super) fn fill(&mut self, at: [i32; 4], fill: Tone) {
        if at[0] < at[2] && at[1] < at[3] {
            self.shapes.push(Shape::Box { at, fill });
        }
    }

    /// Hatches a box; one too narrow for strokes to show is striped.
    pub(super) fn hatch(&mut self, at: [i32; 4]) {
        if at[2] - at[0] < 6 {
            self.fill(at, Tone::HatchGround);
            self.stripes(at, Tone::Hatch);
        } else {
            self.weave(at);
        }
    }

    /// Hatches a box however narrow it is, so that many adjacent ones form one hatched area.
    pub(super) fn weave(&mut self, at: [i32; 4]) {
        if at[0] < at[2] && at[1] < at[3] {
            self.shapes.push(Shape::Hatched { at });
        }
    }

    /// Horizontal stripes through a box: visible however narrow it is.
    pub(super) fn stripes(&mut self, [left, top, right, bottom]: [i32; 4], fill: Tone) {
        const APART: usize = 8;
        for y in (top..bottom).step_by(APART) {
            self.fill([left, y, right, (y + 4).min(bottom)], fill);
        }
    }

    /// A box in the colour of the paper, under what is drawn next.
    pub(super) fn clear(&mut self, at: [i32; 4]) {
        self.fill(at, Tone::Paper);
    }

    pub(super) fn line(&mut self, points: Vec<(i32, i32)>, width: u32, colour: Tone) {
        if points.len() > 1 {
            self.shapes.push(Shape::Line { points, width, colour });
        }
    }

    pub(super) fn area(&mut self, points: Vec<(i32, i32)>, fill: Tone) {
        if points.len() > 2 {
            self.shapes.push(Shape::Area { points, fill });
        }
    }

    /// Sets text; characters that SVG does not allow become spaces.
    pub(super) fn text(&mut self, x: i32, baseline: i32, align: Align, set: TypeStyle, text: &str) {
        let text: String = text
            .chars()
            .map(|c| match c {
                '\u{fffe}' | '\u{ffff}' => ' ',
                c if is_unprintable(c) => ' ',
                c => c,
            })
            .collect();
        if !text.trim().is_empty() {
            self.shapes.push(Shape::Text { x, baseline, align, set, text });
        }
    }

    /// The drawing as SVG.
    pub(super) fn svg(&self, theme: Theme) -> Result<String, Error> {
        let mut out = String::new();
        {
            let size = (self.width.unsigned_abs(), self.height.unsigned_abs());
            let area = SVGBackend::with_string(&mut out, size).into_drawing_area();
            area.fill(&Tone::Paper.on(theme)).map_err(|e| Error::Draw(e.to_string()))?;
            for shape in &self.shapes {
                draw(&area, shape, theme).map_err(|e| Error::Draw(e.to_string()))?;
            }
            area.present().map_err(|e| Error::Draw(e.to_string()))?;
        }
        // A browser without the font uses a similar one.
        let family = format!("font-family=\"{FAMILY}\"");
        Ok(out.replace(&family, &format!("font-family=\"{FAMILY}, Helvetica, Arial, sans-serif\"")))
    }
}

type Area<'a> = plotters::drawing::DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;
type DrawError<'a> =
    plotters::drawing::DrawingAreaErrorKind<<SVGBackend<'a> as DrawingBackend>::ErrorType>;

fn draw<'a>(area: &Area<'a>, shape: &Shape, theme: Theme) -> Result<(), DrawError<'a>> {
    match shape {
        Shape::Box { at: [left, top, right, bottom], fill } => {
            area.draw(&Rectangle::new([(*left, *top), (*right, *bottom)], fill.on(theme).filled()))
        }
        Shape::Hatched { at } => {
            let [left, top, right, bottom] = *at;
            let ground = Tone::HatchGround.on(theme).filled();
            area.draw(&Rectangle::new([(left, top), (right, bottom)], ground))?;
            strokes(*at).into_iter().try_for_each(|s| {
                area.draw(&PathElement::new(s.to_vec(), Tone::Hatch.on(theme).stroke_width(2)))
            })
        }
        Shape::Line { points, width, colour } => {
            area.draw(&PathElement::new(points.clone(), colour.on(theme).stroke_width(*width)))
        }
        Shape::Area { points, fill } => area.draw(&Polygon::new(points.clone(), fill.on(theme))),
        Shape::Text { x, baseline, align, set, text } => {
            let h = match align {
                Align::Left => HPos::Left,
                Align::Centre => HPos::Center,
                Align::Right => HPos::Right,
            };
            let colour = set.colour.on(theme);
            let style = TextStyle::from(described(*set)).color(&colour).pos(Pos::new(h, VPos::Top));
            // plotters sets text with its top 0.76 em above the baseline.
            area.draw_text(text, &style, (*x, baseline - set.size * 76 / 100))
        }
    }
}

/// Diagonal strokes 14 pixels apart, cut to a box; all boxes share one pattern.
pub(super) fn strokes([left, top, right, bottom]: [i32; 4]) -> Vec<[(i32, i32); 2]> {
    const APART: i32 = 14;
    let first = (left + top).div_euclid(APART);
    let last = (right + bottom).div_euclid(APART);
    (first..=last)
        .filter_map(|n| {
            // On a stroke x + y is constant.
            let sum = n * APART;
            let (from, to) = (left.max(sum - bottom), right.min(sum - top));
            (from < to).then(|| [(from, sum - from), (to, sum - to)])
        })
        .collect()
}
