//! What dated the record.

use crate::language::phrases::ClockWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const CLOCK: ClockWords = ClockWords {
    name: "Clock",
    about_time: "about {time}",
    about: "times from {from} to {to} are about: this computer's clock had not been set",
    behind: "from {from} to {to} this computer's clock was {by} behind until it was set; these times are dated anew by its boot clock",
    ahead: "from {from} to {to} this computer's clock was {by} ahead until it was set; these times are dated anew by its boot clock",
    servers_ahead: "this computer's clock was {by} or more behind two independent servers",
    servers_behind: "this computer's clock was {by} or more ahead of two independent servers",
    within: "clock within {by} of two independent servers",
};
