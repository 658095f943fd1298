//! The status page and its feed.

use super::BySystemState;

/// Systems at a glance.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct SystemWords {
    pub(crate) title: &'static str,
    pub(crate) states: BySystemState,
    /// Of the internet, in a sentence.
    pub(crate) headlines: BySystemState,
    pub(crate) since: &'static str,
    pub(crate) as_of: &'static str,
    pub(crate) times: &'static str,
    pub(crate) stopped: &'static str,
    pub(crate) systems: &'static str,
    /// System, state, last answer.
    pub(crate) columns: [&'static str; 3],
    pub(crate) last: &'static str,
    pub(crate) internet: &'static str,
    pub(crate) web: &'static str,
    pub(crate) name_server: &'static str,
    pub(crate) at_home: &'static str,
    pub(crate) at_isp: &'static str,
    pub(crate) beyond: &'static str,
    pub(crate) watched: &'static str,
    pub(crate) unwatched: &'static str,
    pub(crate) down: &'static str,
    pub(crate) what_shares_mean: &'static str,
    pub(crate) current: &'static str,
    pub(crate) none_now: &'static str,
    pub(crate) not_known_now: &'static str,
    pub(crate) undecided_now: &'static str,
    pub(crate) past: &'static str,
    pub(crate) none_past: &'static str,
    pub(crate) drop: &'static str,
    pub(crate) outage: &'static str,
    pub(crate) failure: &'static str,
    pub(crate) span: &'static str,
    pub(crate) span_open: &'static str,
    pub(crate) span_cut: &'static str,
    pub(crate) noted: &'static str,
    /// Of one and of several.
    pub(crate) left_out: [&'static str; 2],
    pub(crate) stale: &'static str,
    pub(crate) renew: &'static str,
    pub(crate) feed: &'static str,
    pub(crate) as_json: &'static str,
    pub(crate) feed_title: &'static str,
    pub(crate) publish_fails: &'static str,
    pub(crate) published: &'static str,
}
