//! A drawing as pixels, with no font but the built-in one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use plotters::style::RGBColor;
use tiny_skia::{FillRule, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform};

use super::error::Error;
use super::font;
use super::palette::{Theme, Tone};
use super::pen::{Align, Pen, Shape, TypeStyle, strokes};

/// Rasterises a drawing at its own size.
pub(super) fn png(pen: &Pen, theme: Theme) -> Result<Vec<u8>, Error> {
    encode(&pixels(pen, theme)?).map_err(|e| Error::Raster(e.to_string()))
}

fn pixels(pen: &Pen, theme: Theme) -> Result<Pixmap, Error> {
    let size = [pen.width, pen.height];
    let [width, height] = size.map(i32::unsigned_abs);
    let mut canvas = Pixmap::new(width, height)
        .ok_or_else(|| Error::Raster(format!("{width} x {height} pixels")))?;
    fill_box(&mut canvas, [0, 0, pen.width, pen.height], Tone::Paper.on(theme));
    for shape in &pen.shapes {
        draw(&mut canvas, shape, theme)?;
    }
    Ok(canvas)
}

#[allow(clippy::cast_precision_loss, reason = "pixels of a sheet")]
fn real(pixels: i32) -> f32 {
    pixels as f32
}

fn paint(colour: RGBColor) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(colour.0, colour.1, colour.2, 255);
    paint
}

fn fill(canvas: &mut Pixmap, path: &Path, colour: RGBColor) {
    let bounds = path.bounds();
    // Nothing is seen of a flat area.
    if bounds.width() > 0.0 && bounds.height() > 0.0 {
        let whole = Transform::identity();
        canvas.fill_path(path, &paint(colour), FillRule::Winding, whole, None);
    }
}

fn fill_box(canvas: &mut Pixmap, at: [i32; 4], colour: RGBColor) {
    let [left, top, right, bottom] = at.map(real);
    if let Some(rect) = Rect::from_ltrb(left, top, right, bottom) {
        fill(canvas, &PathBuilder::from_rect(rect), colour);
    }
}

fn along(points: &[(i32, i32)]) -> PathBuilder {
    let mut path = PathBuilder::new();
    for (i, (x, y)) in points.iter().enumerate() {
        if i == 0 { path.move_to(real(*x), real(*y)) } else { path.line_to(real(*x), real(*y)) }
    }
    path
}

fn line(canvas: &mut Pixmap, points: &[(i32, i32)], width: f32, colour: RGBColor) {
    if let Some(path) = along(points).finish() {
        let stroke = Stroke { width, ..Stroke::default() };
        canvas.stroke_path(&path, &paint(colour), &stroke, Transform::identity(), None);
    }
}

fn draw(canvas: &mut Pixmap, shape: &Shape, theme: Theme) -> Result<(), Error> {
    match shape {
        Shape::Box { at, fill } => fill_box(canvas, *at, fill.on(theme)),
        Shape::Hatched { at } => {
            fill_box(canvas, *at, Tone::HatchGround.on(theme));
            for stroke in strokes(*at) {
                line(canvas, &stroke, 2.0, Tone::Hatch.on(theme));
            }
        }
        Shape::Line { points, width, colour } => {
            #[allow(clippy::cast_precision_loss, reason = "a few pixels")]
            line(canvas, points, *width as f32, colour.on(theme));
        }
        Shape::Area { points, fill: tone } => {
            let mut path = along(points);
            path.close();
            if let Some(path) = path.finish() {
                fill(canvas, &path, tone.on(theme));
            }
        }
        Shape::Text { x, baseline, align, set, text } => {
            if let Some(path) = letters((*x, *baseline), *align, *set, text)? {
                fill(canvas, &path, set.colour.on(theme));
            }
        }
    }
    Ok(())
}

/// The outlines of a text where it is set; `None` where it is invisible.
pub(super) fn letters(
    at: (i32, i32),
    align: Align,
    set: TypeStyle,
    text: &str,
) -> Result<Option<Path>, Error> {
    let font = font::built_in(set.weight)?;
    let scale = real(set.size) / font.units_per_em();
    let glyphs = font.set(text);
    #[allow(clippy::cast_precision_loss, reason = "units of a font")]
    let advances = glyphs.iter().map(|glyph| glyph.advance as f32 * scale);
    let width: f32 = advances.clone().fold(0.0, |sum, advance| sum + advance);
    let mut x = match align {
        Align::Left => 0.0,
        Align::Centre => -width / 2.0,
        Align::Right => -width,
    };
    // As SVG sets it: a whole number of pixels down to the top of the text, and 0.76 em from there.
    let top = Transform::from_translate(real(at.0), real(at.1 - set.size * 76 / 100));
    let down = 0.76 * real(set.size);
    let mut path = PathBuilder::new();
    for (glyph, advance) in glyphs.iter().zip(advances) {
        let to = top.pre_translate(x, down).pre_scale(scale, scale).pre_scale(1.0, -1.0);
        if let Some(outline) = font.outline(glyph).and_then(|outline| outline.transform(to)) {
            path.push_path(&outline);
        }
        x += advance;
    }
    Ok(path.finish())
}

/// A PNG that has every pixel as it was drawn. A sheet usually has fewer than 256 colours: then
/// one byte per pixel, with a palette, which is a quarter of the bytes to compress.
fn encode(pixels: &Pixmap) -> Result<Vec<u8>, png::EncodingError> {
    let mut out = Vec::with_capacity(1 << 19);
    let mut encoder = png::Encoder::new(&mut out, pixels.width(), pixels.height());
    encoder.set_depth(png::BitDepth::Eight);
    let data = if let Some((palette, indices)) = indexed(pixels) {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette.concat());
        indices
    } else {
        encoder.set_color(png::ColorType::Rgb);
        runs(pixels).flat_map(|(colour, n)| std::iter::repeat_n(colour, n)).flatten().collect()
    };
    // Few colours in runs: filters would only disturb them.
    encoder.set_compression(png::Compression::Balanced);
    encoder.set_filter(png::Filter::NoFilter);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(out)
}

type Rgb = [u8; 3];

/// The runs of equal pixels: colour and length. A sheet is opaque, so alpha is left out.
fn runs(pixels: &Pixmap) -> impl Iterator<Item = (Rgb, usize)> {
    let (pixels, _) = pixels.data().as_chunks::<4>();
    pixels.chunk_by(|a, b| a == b).map(|run| ([run[0][0], run[0][1], run[0][2]], run.len()))
}

/// The colours of a picture, and each pixel as the number of its colour; `None` where there are
/// more than 256.
fn indexed(pixels: &Pixmap) -> Option<(Vec<Rgb>, Vec<u8>)> {
    let mut palette = Vec::new();
    let mut index_of = HashMap::<Rgb, u8>::new();
    let mut indices = Vec::with_capacity(pixels.data().len() / 4);
    for (colour, n) in runs(pixels) {
        let index = match index_of.entry(colour) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let index = u8::try_from(palette.len()).ok()?;
                palette.push(colour);
                *new.insert(index)
            }
        };
        indices.resize(indices.len() + n, index);
    }
    Some((palette, indices))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn survives(pixels: &Pixmap) -> bool {
        Pixmap::decode_png(&encode(pixels).unwrap()).unwrap().data() == pixels.data()
    }

    #[test]
    fn every_pixel_is_kept_whether_the_colours_are_few_or_many() {
        let mut many = Pixmap::new(700, 2).unwrap();
        many.fill(tiny_skia::Color::WHITE);
        assert!(indexed(&many).is_some() && survives(&many));
        for (i, pixel) in (0_u32..).zip(many.pixels_mut()) {
            let shade = u8::try_from(i % 256).unwrap();
            let green = u8::try_from(i / 256).unwrap();
            *pixel = tiny_skia::PremultipliedColorU8::from_rgba(shade, green, shade, 255).unwrap();
        }
        assert!(indexed(&many).is_none() && survives(&many));
    }
}
