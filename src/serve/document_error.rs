//! Why there is no document.

use tokio::task::JoinError;

use crate::chart;
use crate::store;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum DocumentError {
    /// The record cannot be read.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The sheet cannot be drawn.
    #[error(transparent)]
    Chart(#[from] chart::Error),
    /// Making it ended in a panic.
    #[error("make a document")]
    Panicked(#[source] JoinError),
    /// There is no such period, or nothing in it.
    #[error("{0}")]
    Period(String),
    /// A table cannot be written.
    #[error(transparent)]
    Write(#[from] std::io::Error),
    /// No memory is left for answers.
    #[error("too many answers are on their way to slow clients; try again in a minute")]
    TooMuchWaits,
    /// No answer can be that large.
    #[error("this is too large to be served: ask for a shorter period, or use `linkmon report`")]
    TooLarge,
}
