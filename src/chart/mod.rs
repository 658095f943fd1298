//! A report drawn as one sheet: SVG by `plotters`, rasterised by `resvg`, both with the font that
//! is in the binary.
//!
//! `model` decides what is in which pixel column (pure, no drawing), `axis` where ticks are,
//! `pen` records shapes and text, `sheet`, `panels` and `tables` lay them out. The rule of the
//! model: per column the worst is drawn, a drop is at least two pixels wide, what nobody watched
//! is hatched, no line crosses a drop or a gap.

use crate::report::Report;

mod axis;
mod model;
mod panels;
mod pen;
mod raster;
mod sheet;
mod tables;

#[cfg(test)]
mod tests;

/// Why a sheet could not be drawn.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The built-in font is unusable.
    #[error("the built-in font cannot be used")]
    Font,
    /// A shape could not be drawn.
    #[error("drawing the sheet: {0}")]
    Draw(String),
    /// The drawing could not be turned into pixels.
    #[error("rasterising the sheet: {0}")]
    Raster(String),
}

/// The sheet as PNG, 2,000 pixels wide.
///
/// # Errors
/// When it cannot be drawn; no report is known for which this happens.
pub fn sheet_png(report: &Report) -> Result<Vec<u8>, Error> {
    raster::png(&sheet_svg(report)?)
}

/// The same sheet as SVG; its text needs the font "Inter" or a similar one.
///
/// # Errors
/// When it cannot be drawn.
pub fn sheet_svg(report: &Report) -> Result<String, Error> {
    raster::register_fonts()?;
    sheet::draw(report).svg()
}
