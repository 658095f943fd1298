//! The words on drawings: the sheet of a period and that of one drop.

use super::{ByPlace, ByRole};

/// The sheet of a period.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Sheet {
    pub(crate) drops: &'static str,
    pub(crate) down: &'static str,
    pub(crate) available: &'static str,
    pub(crate) longest: &'static str,
    pub(crate) watched: &'static str,
    pub(crate) not_observed: &'static str,
    pub(crate) of_least: &'static str,
    pub(crate) kinds: &'static str,
    pub(crate) and_blips: &'static str,
    pub(crate) at_most: &'static str,
    pub(crate) of_watched: &'static str,
    pub(crate) between: &'static str,
    pub(crate) since: &'static str,
    pub(crate) places: &'static str,
    pub(crate) link: &'static str,
    pub(crate) local: &'static str,
    /// Of [`Place::ALL`](crate::vocabulary::Place::ALL), as the names of rows.
    pub(crate) lanes: ByPlace,
    pub(crate) works: &'static str,
    pub(crate) drop: &'static str,
    pub(crate) down_throughout: &'static str,
    pub(crate) here_or_next: &'static str,
    pub(crate) hidden: &'static str,
    pub(crate) wrong: &'static str,
    /// Loss, a blip, slowness, one part alone.
    pub(crate) wrongs: [&'static str; 4],
    pub(crate) notes: [&'static str; 2],
    pub(crate) delay: &'static str,
    pub(crate) loss: &'static str,
    pub(crate) servers: [&'static str; 2],
    pub(crate) median: &'static str,
    pub(crate) most: &'static str,
    pub(crate) extremes: &'static str,
    pub(crate) nothing_observed: &'static str,
    pub(crate) no_answer: &'static str,
    /// Under the rows: nearly every column has a drop in it.
    pub(crate) every_column: &'static str,
    /// Answers there were, and no column to draw them in.
    pub(crate) no_calm_column: &'static str,
    /// Loss, per bar that of the worst minute.
    pub(crate) worst_minute: &'static str,
    /// Loss, per bar that of all probes in it.
    pub(crate) whole_columns: &'static str,
    pub(crate) hours: &'static str,
    pub(crate) days: &'static str,
    pub(crate) carpet: &'static str,
    pub(crate) drops_down: &'static str,
    pub(crate) lengths: &'static str,
    pub(crate) intervals: &'static str,
    pub(crate) pattern: &'static str,
    pub(crate) longest_of: &'static str,
    pub(crate) more: &'static str,
    pub(crate) drop_columns: [&'static str; 8],
    pub(crate) before_period: &'static str,
    pub(crate) after_period: &'static str,
    pub(crate) lasts: &'static str,
    /// Of [`Place::ALL`](crate::vocabulary::Place::ALL), where a cell has more than one.
    pub(crate) short_places: ByPlace,
    pub(crate) from_to: &'static str,
    pub(crate) either: &'static str,
    pub(crate) no_role: &'static str,
    /// Of [`Role::ALL`](crate::vocabulary::Role::ALL), as short as can be.
    pub(crate) who: ByRole,
    /// The same, as they are explained.
    pub(crate) roles: ByRole,
    pub(crate) probed: &'static str,
    pub(crate) target_columns: [&'static str; 8],
    pub(crate) no_reply: &'static str,
    pub(crate) reading: &'static str,
    /// Letters that no font has, by their numbers.
    pub(crate) no_letters: &'static str,
    pub(crate) chain: &'static str,
}

/// The sheet of one drop.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct DropSheet {
    /// Blip, drop, outage.
    pub(crate) kinds: [&'static str; 3],
    pub(crate) headline: &'static str,
    pub(crate) so_far: &'static str,
    pub(crate) headline_date: &'static str,
    pub(crate) began: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) lasted: &'static str,
    pub(crate) zone: &'static str,
    pub(crate) at_the_time: &'static str,
    pub(crate) notes: &'static str,
    pub(crate) between: &'static str,
    pub(crate) not_yet: &'static str,
    pub(crate) lasted_from_to: &'static str,
    pub(crate) silences: &'static str,
    pub(crate) probes: &'static str,
    pub(crate) left_out: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) slow: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) late: &'static str,
    pub(crate) error: &'static str,
    pub(crate) not_sent: &'static str,
    /// Above the marks of the bounds: began, ended.
    pub(crate) edges: [&'static str; 2],
    pub(crate) answered_in: &'static str,
    pub(crate) probed: &'static str,
    pub(crate) reading: &'static str,
    pub(crate) of: &'static str,
}
