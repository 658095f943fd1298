//! SVG text to PNG bytes, with no font but the built-in one.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::OnceLock;

use base64::Engine as _;
use plotters::style::{FontStyle, register_font};
use resvg::{tiny_skia, usvg};

use super::error::Error;

/// The family name of the built-in font.
pub(super) const FAMILY: &str = "Inter";

pub(super) static REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
pub(super) static SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.ttf");

/// Tells plotters of the font, once in a process.
pub(super) fn register_fonts() -> Result<(), Error> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, SEMIBOLD).is_ok()
    });
    if *done { Ok(()) } else { Err(Error::Font) }
}

/// The drawing with both weights of the font in it, so that it looks the same everywhere.
pub(super) fn with_font(svg: &str) -> String {
    let face = |weight: &str, data: &[u8]| {
        let data = base64::engine::general_purpose::STANDARD.encode(data);
        format!(
            "@font-face{{font-family:{FAMILY};font-weight:{weight};\
             src:url(data:font/ttf;base64,{data})}}"
        )
    };
    let (regular, bold) = (face("400", REGULAR), face("700", SEMIBOLD));
    with_style(svg, &format!("{regular}{bold}"))
}

/// The drawing with rules of style in it.
pub(super) fn with_style(svg: &str, style: &str) -> String {
    let Some(end) = svg.find("<svg").and_then(|at| Some(at + svg[at..].find('>')? + 1)) else {
        return svg.to_owned();
    };
    let (head, rest) = svg.split_at(end);
    format!("{head}\n<style>{style}</style>{rest}")
}

/// Rasterises a drawing at its own size.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, Error> {
    encode(&render(svg)?).map_err(|e| Error::Raster(e.to_string()))
}

fn render(svg: &str) -> Result<tiny_skia::Pixmap, Error> {
    let wrong = |e: String| Error::Raster(e);
    let mut options = usvg::Options { font_family: FAMILY.to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_font_data(REGULAR.to_vec());
    options.fontdb_mut().load_font_data(SEMIBOLD.to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| wrong(e.to_string()))?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| wrong(format!("{} x {} pixels", size.width(), size.height())))?;
    resvg::render(&tree, tiny_skia::Transform::default(), &mut pixels.as_mut());
    Ok(pixels)
}

/// A PNG that has every pixel as it was drawn. A sheet has fewer than 256 colours as a rule: then
/// a byte a pixel, with a palette, which is a quarter of the bytes to compress.
fn encode(pixels: &tiny_skia::Pixmap) -> Result<Vec<u8>, png::EncodingError> {
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
    encoder.set_compression(png::Compression::Fast);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&data)?;
    writer.finish()?;
    Ok(out)
}

type Rgb = [u8; 3];

/// The runs of equal pixels: colour and length. A sheet is opaque, so alpha is left out.
fn runs(pixels: &tiny_skia::Pixmap) -> impl Iterator<Item = (Rgb, usize)> {
    let (pixels, _) = pixels.data().as_chunks::<4>();
    pixels.chunk_by(|a, b| a == b).map(|run| ([run[0][0], run[0][1], run[0][2]], run.len()))
}

/// The colours of a picture, and each pixel as the number of its colour; `None` where there are
/// more than 256.
fn indexed(pixels: &tiny_skia::Pixmap) -> Option<(Vec<Rgb>, Vec<u8>)> {
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

    fn survives(pixels: &tiny_skia::Pixmap) -> bool {
        tiny_skia::Pixmap::decode_png(&encode(pixels).unwrap()).unwrap().data() == pixels.data()
    }

    #[test]
    fn every_pixel_is_kept_whether_the_colours_are_few_or_many() {
        let mut many = tiny_skia::Pixmap::new(700, 2).unwrap();
        many.fill(tiny_skia::Color::WHITE);
        assert!(indexed(&many).is_some() && survives(&many));
        for (i, pixel) in (0_u32..).zip(many.pixels_mut()) {
            let shade = u8::try_from(i % 256).unwrap();
            let green = u8::try_from(i / 256).unwrap();
            *pixel = tiny_skia::PremultipliedColorU8::from_rgba(shade, green, shade, 255).unwrap();
        }
        assert!(indexed(&many).is_none() && survives(&many));
    }

    #[test]
    fn letters_of_european_languages_are_no_empty_boxes() {
        let drawn = |letter: char, weight: u16| {
            let svg = format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"40\" height=\"40\">\
                 <text x=\"5\" y=\"30\" font-size=\"24\" font-family=\"{FAMILY}\" \
                 font-weight=\"{weight}\">{letter}</text></svg>"
            );
            render(&svg).unwrap().data().to_vec()
        };
        let latin = "ÄäÅåÆæÇçÉéĞğÍíŁłÑñŐőØøŘřŞşȘșȚțŠšßŸÿŽž";
        let greek = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩαβγδεζηθικλμνξοπρστυφχψωςάέήίόύώϊϋΐΰΆΈΉΊΌΎΏ";
        let cyrillic = "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯабвгдежзийклмнопрстуфхцчшщъыьэюя\
                        ЁёЄєІіЇїҐґЎўЂђЃѓЅѕЈјЉљЊњЋћЌќЏџ";
        for weight in [400, 700] {
            let missing = drawn('\u{e000}', weight);
            for letter in [latin, greek, cyrillic].into_iter().flat_map(str::chars) {
                assert!(drawn(letter, weight) != missing, "{letter} {weight}");
            }
        }
    }
}
