//! What the modem says.

use super::ByModemFinding;

/// Its readings, its log, its restarts, and what they point to.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct ModemPhrases {
    /// Title of its section, and its name where it has no other.
    pub(crate) name: &'static str,
    /// In a status: read, up since, the last reading failed, none succeeded.
    pub(crate) now: &'static str,
    pub(crate) now_up: &'static str,
    pub(crate) now_failed: &'static str,
    pub(crate) now_never: &'static str,
    pub(crate) firmware: &'static str,
    pub(crate) read: &'static str,
    pub(crate) clock_ahead: &'static str,
    pub(crate) clock_behind: &'static str,
    /// Where no zone is known.
    pub(crate) clock_ahead_of_utc: &'static str,
    pub(crate) clock_behind_utc: &'static str,
    /// Drops with entries of its log near them.
    pub(crate) near: &'static str,
    pub(crate) no_restart: &'static str,
    pub(crate) no_restart_between: &'static str,
    /// One, several.
    pub(crate) restarts: [&'static str; 2],
    pub(crate) by_power: &'static str,
    pub(crate) by_t4: &'static str,
    pub(crate) by_command: &'static str,
    pub(crate) by_firmware: &'static str,
    pub(crate) by_nothing: &'static str,
    pub(crate) cause_not_told: &'static str,
    pub(crate) found: &'static str,
    pub(crate) finding: ByModemFinding,
    pub(crate) new_firmware: &'static str,
    pub(crate) new_address: &'static str,
    pub(crate) after_reading: &'static str,
    pub(crate) stopped: &'static str,
    /// Around all that it says of a drop.
    pub(crate) says: &'static str,
    pub(crate) no_restart_here: &'static str,
    pub(crate) restarted_here: &'static str,
    pub(crate) log: &'static str,
    pub(crate) lacking: &'static str,
    pub(crate) disturbed: &'static str,
    pub(crate) unlocked: &'static str,
    pub(crate) page_dead: &'static str,
}
