//! Before and after.

use crate::language::phrases::Comparing;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const COMPARING: Comparing = Comparing {
    title: "Before and after",
    before: "Before",
    after: "After",
    change: "Change",
    border: "before and after {border}{what}; watched {before} before and {after} after; intervals of 95 %",
    line: "{name}: {before} before, {after} after: {change}",
    available: "{ratio} (down {down} of {watched} watched)",
    unchanged: "unchanged",
    mostly_down: "not comparable: one side was down most of the time",
    names: ["availability", "drops", "loss", "median delay", "95th percentile of the delay"],
    of_time: "of",
    rate: "{rate} a day ({drops} in {up} up)",
    not_watched: "not watched",
    spells: " (drops came in clusters: interval widened by {factor})",
    share: "{ratio} ({lost} of {sent})",
    nothing_sent: "nothing sent",
    no_answer: "no answer",
    nothing: "nothing to compare",
    drops_less_more: ["fewer", "more"],
    less_more: ["lower", "higher"],
    same: "the same within 10 %",
    too_early: "inconclusive so far",
    ratio: "{value} times the rate ({lower} to {upper})",
    no_ratio: "none before, so no ratio (interval {lower} to {upper})",
    any_multiple: "any multiple",
    difference: "{value} {unit} ({lower} to {upper})",
    points: "points",
};
