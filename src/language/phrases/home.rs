//! Names of entities in Home Assistant, and reports that are sent by the calendar.

/// Names of entities.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) struct HomeWords {
    pub(crate) link: &'static str,
    pub(crate) state: &'static str,
    pub(crate) place: &'static str,
    pub(crate) drops_today: &'static str,
    pub(crate) delay: &'static str,
    pub(crate) loss: &'static str,
    /// Of the modem: lowest and highest power received, lowest modulation error ratio, highest power sent.
    pub(crate) levels: [&'static str; 4],
}

/// Reports of calendar periods.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct PeriodicWords {
    /// Of a day, a week, a month.
    pub(crate) titles: [&'static str; 3],
    pub(crate) digest: &'static str,
    pub(crate) chain: &'static str,
}
