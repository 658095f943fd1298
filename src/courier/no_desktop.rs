//! In place of the desktop, where linkmon was built without the feature `desktop`.

use std::io;

use jiff::tz::TimeZone;

use super::News;
use super::session::Count;

/// A desktop that cannot be had.
#[derive(Debug)]
pub struct Desktop(());

impl Desktop {
    /// Says that this linkmon shows no notifications.
    ///
    /// # Errors
    /// Always, with [`io::ErrorKind::Unsupported`].
    pub fn spawn(_zone: TimeZone, _count: Count) -> io::Result<Self> {
        const SENTENCE: &str = "this linkmon was built without desktop notifications: \
                                build it with `--features desktop`";
        Err(io::Error::new(io::ErrorKind::Unsupported, SENTENCE))
    }

    /// Shows nothing.
    #[allow(clippy::unused_self, reason = "as where there is a desktop")]
    pub fn show(&self, _news: News) {}

    /// Has no trouble.
    #[allow(clippy::unused_self, reason = "as where there is a desktop")]
    pub fn trouble(&self) -> Option<String> {
        None
    }
}
