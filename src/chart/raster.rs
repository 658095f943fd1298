//! SVG text to PNG bytes, with no font but the built-in one.

use std::sync::OnceLock;

use plotters::style::{FontStyle, register_font};
use resvg::{tiny_skia, usvg};

use super::Error;

/// The family name of the built-in font.
pub(super) const FAMILY: &str = "Inter";

static REGULAR: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");
static SEMIBOLD: &[u8] = include_bytes!("fonts/Inter-SemiBold.ttf");

/// Tells plotters of the font, once in a process.
pub(super) fn register_fonts() -> Result<(), Error> {
    static DONE: OnceLock<bool> = OnceLock::new();
    let done = DONE.get_or_init(|| {
        register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
            && register_font(FAMILY, FontStyle::Bold, SEMIBOLD).is_ok()
    });
    if *done { Ok(()) } else { Err(Error::Font) }
}

/// Rasterises a drawing at its own size.
pub(super) fn png(svg: &str) -> Result<Vec<u8>, Error> {
    let wrong = |e: String| Error::Raster(e);
    let mut options = usvg::Options { font_family: FAMILY.to_owned(), ..usvg::Options::default() };
    options.fontdb_mut().load_font_data(REGULAR.to_vec());
    options.fontdb_mut().load_font_data(SEMIBOLD.to_vec());
    let tree = usvg::Tree::from_str(svg, &options).map_err(|e| wrong(e.to_string()))?;
    let size = tree.size().to_int_size();
    let mut pixels = tiny_skia::Pixmap::new(size.width(), size.height())
        .ok_or_else(|| wrong(format!("{} x {} pixels", size.width(), size.height())))?;
    resvg::render(&tree, tiny_skia::Transform::default(), &mut pixels.as_mut());
    pixels.encode_png().map_err(|e| wrong(e.to_string()))
}
