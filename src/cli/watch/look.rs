//! How the picture is worded and drawn.

use jiff::tz::TimeZone;

use super::ink::Ink;
use crate::language::Language;

/// How the picture is worded and drawn.
#[derive(Debug, Clone)]
pub(super) struct Look {
    /// The language of people.
    pub(super) language: &'static Language,
    /// The zone in which times are shown.
    pub(super) zone: TimeZone,
    /// Marks and colours.
    pub(super) ink: Ink,
}
