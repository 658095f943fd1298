//! What a document is printed on, and what it says about itself.

use crate::text::words::word_enum;

word_enum! {
    /// A size of paper.
    pub enum Paper: "paper" = A4 {
        /// 210 by 297 mm.
        A4 = "a4",
        /// 8.5 by 11 inches.
        Letter = "letter",
    }
}

#[cfg(feature = "pdf")]
impl Paper {
    /// The short and the long side, in points.
    pub(super) const fn sides(self) -> (f32, f32) {
        match self {
            Self::A4 => (595.28, 841.89),
            Self::Letter => (612.0, 792.0),
        }
    }
}

/// What a document says about itself.
#[derive(Debug)]
#[cfg_attr(not(feature = "pdf"), allow(dead_code, reason = "read by the writer of a PDF"))]
pub(in crate::chart) struct DocumentInfo {
    pub(in crate::chart) title: String,
    /// As BCP 47 has it.
    pub(in crate::chart) language: &'static str,
}
