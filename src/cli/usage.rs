//! What a command refuses or fails at, with advice on what to do about it.

/// The request makes no sense: exit code 2.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Usage {
    sentence: String,
    pub(super) hint: Option<String>,
}

impl Usage {
    /// A sentence without a full stop.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self { sentence: sentence.into(), hint: None }
    }
    /// With advice on what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// A failure with advice on what to do about it: exit code 1.
#[derive(Debug, thiserror::Error)]
#[error("{sentence}")]
pub struct Hinted {
    /// What failed.
    pub sentence: String,
    /// What to do about it.
    pub hint: String,
}
