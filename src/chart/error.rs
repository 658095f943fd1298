//! Why a drawing fails.

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
    /// The drawing could not be turned into PDF.
    #[error("making a PDF of the sheet: {0}")]
    Pdf(String),
    /// Built without the feature `pdf`.
    #[error("this linkmon was built without PDF: build it with `--features pdf`, or take SVG")]
    WithoutPdf,
}
