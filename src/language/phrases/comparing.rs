//! Before and after.

/// Before and after.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Comparing {
    pub(crate) title: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    pub(crate) change: &'static str,
    pub(crate) border: &'static str,
    pub(crate) line: &'static str,
    /// Availability, drops, loss, median delay, its 95th percentile.
    pub(crate) names: [&'static str; 5],
    pub(crate) available: &'static str,
    pub(crate) unchanged: &'static str,
    /// In place of a ratio of drop rates.
    pub(crate) mostly_down: &'static str,
    pub(crate) of_time: &'static str,
    pub(crate) rate: &'static str,
    pub(crate) not_watched: &'static str,
    pub(crate) spells: &'static str,
    pub(crate) share: &'static str,
    pub(crate) nothing_sent: &'static str,
    pub(crate) no_answer: &'static str,
    pub(crate) nothing: &'static str,
    pub(crate) drops_less_more: [&'static str; 2],
    pub(crate) less_more: [&'static str; 2],
    pub(crate) same: &'static str,
    pub(crate) too_early: &'static str,
    pub(crate) ratio: &'static str,
    pub(crate) no_ratio: &'static str,
    pub(crate) any_multiple: &'static str,
    pub(crate) difference: &'static str,
    pub(crate) points: &'static str,
}
