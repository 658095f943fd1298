//! Samples that are no longer kept.

/// Which samples are no longer kept, and what is counted in their place.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct RemovedWords {
    pub(crate) name: &'static str,
    pub(crate) minutes: &'static str,
    pub(crate) hours: &'static str,
    /// On one day, on several; nothing where it is not known.
    pub(crate) when: [&'static str; 2],
    /// In place of figures.
    pub(crate) gone: &'static str,
    /// In place of what the samples would have answered.
    pub(crate) unanswered: &'static str,
    /// In place of probes on the sheet of one drop.
    pub(crate) sheet: &'static str,
}

pub(crate) const EN: RemovedWords = RemovedWords {
    name: "Samples",
    minutes: "those from {from} to {to} are no longer kept{when}; their minutes are counted instead, and percentiles of delays are estimates",
    hours: "those from {from} to {to} are no longer kept{when}, nor are their minutes; whole hours are counted instead, and parts of an hour for the public servers alone",
    when: [" (removed {first})", " (removed {first} to {last})"],
    gone: "no longer kept",
    unanswered: "The samples of that time are no longer kept{when}: the record no longer answers this.",
    sheet: "Single probes are no longer kept{when}.",
};

pub(crate) const FR: RemovedWords = RemovedWords {
    name: "Mesures",
    minutes: "celles du {from} au {to} ne sont plus conservées{when}; leurs minutes sont comptées à la place, et les centiles des délais sont estimés",
    hours: "celles du {from} au {to} ne sont plus conservées{when}, leurs minutes non plus; les heures entières sont comptées à la place et, des heures entamées, les serveurs publics seuls",
    when: [" (supprimées le {first})", " (supprimées du {first} au {last})"],
    gone: "plus conservé",
    unanswered: "Les mesures de ce temps ne sont plus conservées{when}\u{a0}: le relevé ne répond plus à cela.",
    sheet: "Les sondes une à une ne sont plus conservées{when}.",
};
