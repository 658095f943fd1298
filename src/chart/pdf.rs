//! A drawing as a PDF of one page: the same shapes, text as text, with the glyphs that it needs.

#[cfg(feature = "pdf")]
mod embedded;
#[cfg(feature = "pdf")]
mod page;
mod paper;

#[cfg(feature = "pdf")]
pub(super) use page::pdf;
pub(super) use paper::DocumentInfo;
pub use paper::Paper;

/// The error of a linkmon that was built without PDF.
#[cfg(not(feature = "pdf"))]
pub(super) fn pdf(
    _pen: &super::pen::Pen,
    _theme: super::palette::Theme,
    _paper: Paper,
    _info: &DocumentInfo,
) -> Result<Vec<u8>, super::error::Error> {
    Err(super::error::Error::WithoutPdf)
}
