//! The words of `linkmon watch`.

use super::ByLinkState;

/// What the picture of the present says that nothing else does.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct WatchWords {
    /// The state of the link as a sentence without a full stop.
    pub(crate) heads: ByLinkState,
    pub(crate) not_well: &'static str,
    pub(crate) loses: &'static str,
    pub(crate) login: &'static str,
    pub(crate) since: &'static str,
    pub(crate) drop: &'static str,
    pub(crate) other_way: &'static str,
    /// Who answers now, and after it who does not, who is not asked.
    pub(crate) answering: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) not_asked: &'static str,
    /// Of a role with several targets, where not all are meant.
    pub(crate) of_all: &'static str,
    pub(crate) paused: &'static str,
    pub(crate) targets: &'static str,
    /// Above the median delay and the loss of 60 s.
    pub(crate) delay: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) span: &'static str,
    pub(crate) cell: &'static str,
    /// Answered, late, some lost, all lost, not sent.
    pub(crate) legend: [&'static str; 5],
    /// A target: its role, how it is probed, where.
    pub(crate) target: &'static str,
    pub(crate) last_answer: &'static str,
    pub(crate) never_answered: &'static str,
    pub(crate) drops: &'static str,
    pub(crate) today: &'static str,
    pub(crate) this_week: &'static str,
    pub(crate) down: &'static str,
    pub(crate) no_drops: &'static str,
    /// Rows that a pane has no room for.
    pub(crate) more: &'static str,
    pub(crate) drop_over: &'static str,
    pub(crate) drop_open: &'static str,
    /// Quit, keys, pane, span, pause, drop; at the bottom.
    pub(crate) hints: [&'static str; 6],
    /// At the bottom of a view on top of the picture.
    pub(crate) back: &'static str,
    /// What each key does, in the order of the list of keys.
    pub(crate) keys: [&'static str; 8],
    pub(crate) title_of_keys: &'static str,
}
