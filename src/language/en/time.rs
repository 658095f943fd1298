//! The kinds of time.

use crate::language::phrases::KindPhrases;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const KINDS: KindPhrases = KindPhrases {
    name: "Time",
    up_and_down: "up {up}, down {down}",
    disputed: "disputed {length} (the public servers were silent and something else answered; in the bounds alone)",
    unknown: "not known {length}",
    because: "{length}: {reason}",
    possible: ["{n} silence of {blip} or more, perhaps a drop (≥ {drop}): in the bounds alone", "{n} silences of {blip} or more, perhaps drops (≥ {drop}): in the bounds alone"],
    perhaps: "perhaps a drop: its bounds do not say",
    flaps: "{n} times within {within}, {down} of it down",
    not_watched: "not watched from {from} to {to}",
    record_ends: " (the record ends {at})",
    not_over: ["not over", "not over when the record ends at {at}"],
    not_over_at: [", not over when the record ends at {at}", ", the last not over when the record ends at {at}"],
    one_server: "decided by one server alone: {name}",
};
