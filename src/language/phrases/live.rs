//! The present: the live line, `linkmon status`, the list of drops, notifications.

use super::{
    ByFailedReason, ByFlag, ByGapReason, ByLinkState, ByNotSent, ByPhase, ByRole, ByStrayKind,
};

/// The state of the link, its last drop, its way and its clock.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct PresentWords {
    pub(crate) states: ByLinkState,
    /// As short as can be.
    pub(crate) flags: ByFlag,
    /// Why nothing is known now.
    pub(crate) gaps: ByGapReason,
    pub(crate) since: &'static str,
    /// As short as can be.
    pub(crate) roles: ByRole,
    pub(crate) nothing_sent: &'static str,
    pub(crate) none_lost: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) last_drop: &'static str,
    pub(crate) first_drop: &'static str,
    pub(crate) no_drop: &'static str,
    /// In place of the length of a drop that is not over.
    pub(crate) so_far: &'static str,
    pub(crate) clock_behind: &'static str,
    pub(crate) clock_ahead: &'static str,
    pub(crate) clock_unset: &'static str,
    pub(crate) clock_within: &'static str,
    pub(crate) through_tunnel: &'static str,
    pub(crate) avoids: &'static str,
    pub(crate) not_line: &'static str,
    /// Of what is wrong: since when, since when and for how long, from when to when, at an instant.
    pub(crate) span_from: &'static str,
    pub(crate) span_open: &'static str,
    pub(crate) span: &'static str,
    pub(crate) span_at: &'static str,
    /// Of anchors whose vote is not a matter of course: private, near, false, trusted.
    pub(crate) votes: [&'static str; 4],
}

/// What `linkmon status` says around that.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct StatusWords {
    pub(crate) stopped: &'static str,
    pub(crate) late: &'static str,
    pub(crate) open_drop: &'static str,
    pub(crate) flag: &'static str,
    pub(crate) in_24_h: &'static str,
    pub(crate) no_drop: &'static str,
    pub(crate) connected: &'static str,
    /// Role, target, kind, delay, loss, and of what time they are.
    pub(crate) columns: [&'static str; 6],
    pub(crate) not_sent: &'static str,
    pub(crate) strays: &'static str,
    pub(crate) warning: &'static str,
    pub(crate) storing: &'static str,
    /// None so far, the last.
    pub(crate) heartbeat: [&'static str; 2],
    /// What of `path` is in `meanwhile`.
    pub(crate) unstored: &'static str,
    pub(crate) made_by: &'static str,
    pub(crate) system_zone: &'static str,
}

/// Why the newest probe of a target failed, and replies that answered no probe.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct TroubleWords {
    pub(crate) late: &'static str,
    pub(crate) unreachable: &'static str,
    pub(crate) no_host: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) reasons: ByFailedReason,
    pub(crate) phases: ByPhase,
    pub(crate) not_sent: &'static str,
    pub(crate) whys: ByNotSent,
    /// After their number.
    pub(crate) strays: ByStrayKind,
}

/// The list of drops of a period.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct DropListWords {
    pub(crate) none: &'static str,
    /// Number, start in one zone, start with its offset, end, length, place, who answered, who did not.
    pub(crate) columns: [&'static str; 8],
    pub(crate) other_way: &'static str,
    pub(crate) blip: &'static str,
    pub(crate) perhaps: &'static str,
    pub(crate) ongoing: &'static str,
    pub(crate) not_over: &'static str,
    pub(crate) so_far: &'static str,
    pub(crate) times: &'static str,
    pub(crate) about: &'static str,
    pub(crate) all: &'static str,
    pub(crate) anchors_only: &'static str,
    pub(crate) local: &'static str,
    pub(crate) this_zone: &'static str,
    pub(crate) caption: &'static str,
    pub(crate) unobserved: &'static str,
    pub(crate) record_ends: &'static str,
    pub(crate) what_other_way: &'static str,
    pub(crate) blips_left_out: &'static str,
    pub(crate) period: &'static str,
}

/// Notifications.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
#[cfg_attr(not(feature = "desktop"), allow(dead_code, reason = "of notifications"))]
pub(crate) struct NoticeWords {
    pub(crate) down: &'static str,
    pub(crate) down_text: &'static str,
    pub(crate) back: &'static str,
    pub(crate) back_text: &'static str,
    pub(crate) day_before: &'static str,
    pub(crate) first_today: &'static str,
    pub(crate) today: &'static str,
    pub(crate) nowhere: &'static str,
    pub(crate) withdrawn: &'static str,
    pub(crate) withdrawn_text: &'static str,
    pub(crate) disk: &'static str,
    pub(crate) limit: &'static str,
}
