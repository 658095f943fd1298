//! Replaces the desktop where linkmon was built without the feature `desktop`.

use std::io;

use jiff::tz::TimeZone;

use super::session::DropsOfDay;
use crate::language::Language;
use crate::live::Event;

/// A desktop that is not available.
#[derive(Debug)]
pub struct NoDesktop(());

impl NoDesktop {
    /// Says that this linkmon shows no notifications.
    ///
    /// # Errors
    /// Always, with [`io::ErrorKind::Unsupported`].
    pub(crate) fn spawn(
        _zone: TimeZone,
        _language: &'static Language,
        _count: DropsOfDay,
    ) -> io::Result<Self> {
        const SENTENCE: &str = "this linkmon was built without desktop notifications: \
                                build it with `--features desktop`";
        Err(io::Error::new(io::ErrorKind::Unsupported, SENTENCE))
    }

    /// Shows nothing.
    #[allow(clippy::unused_self, reason = "as where there is a desktop")]
    pub fn show(&self, _event: Event) {}

    /// Has no trouble.
    #[allow(clippy::unused_self, reason = "as where there is a desktop")]
    pub fn trouble(&self) -> Option<String> {
        None
    }
}
