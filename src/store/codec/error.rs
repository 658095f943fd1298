//! Why samples cannot be decoded.

/// Why a BLOB cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(in crate::store) enum SamplesError {
    /// The checksum does not match: damage.
    #[error("checksum does not match")]
    Checksum,
    /// A later format.
    #[error("samples in format {0}, this linkmon knows formats 1 and 2")]
    Version(u8),
    /// The checksum matches and the content breaks the format.
    #[error("malformed samples")]
    Malformed,
}
