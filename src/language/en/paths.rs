//! The path at the moment of a drop.

use crate::language::phrases::PathWords;

pub(super) const PATHS: PathWords = PathWords {
    name: "Path",
    last: "the last that answered: {hop}",
    nobody: "no hop answered",
    silent: "first silent: {hop}",
    back: "came back first: {hops}",
    more: "{hops} and {n} more",
    together: "all came back within a second of each other",
    alike: "in {n} of {all} drops: {path}",
    of_listed: "in all drops listed here: {path}",
    hop: "hop {n}",
    some_hop: "a hop",
    no_route: "the path could not be asked: this computer had no route",
    paced: "the path was not asked: it had been less than a minute before",
    not_sent: "the path could not be asked",
};
