//! Names of entities in Home Assistant, and reports that are sent by the calendar.

use crate::language::phrases::{HomeWords, PeriodicWords};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const HOME: HomeWords = HomeWords {
    link: "Internet",
    state: "State of the link",
    place: "Place of the fault",
    drops_today: "Drops today",
    delay: "Round-trip time",
    loss: "Packet loss",
    levels: ["Modem downstream power, lowest", "Modem downstream power, highest", "Modem downstream MER, lowest", "Modem upstream power, highest"],
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const PERIODIC: PeriodicWords = PeriodicWords {
    titles: ["Report of {period}", "Report of the week of {period}", "Report of {period}"],
    digest: "Week of {period}: {drops}",
    chain: "Chain of the record: {head}. Whoever keeps this message can show that the record was no other then (`linkmon verify`).",
};
