//! What dated the record.

use crate::language::phrases::ClockWords;

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const CLOCK: ClockWords = ClockWords {
    name: "Uhr",
    about_time: "etwa {time}",
    about: "Zeiten von {from} bis {to} sind ungefähr: die Uhr dieses Rechners war noch nicht gestellt",
    behind: "von {from} bis {to} ging die Uhr dieses Rechners um {by} nach, bis sie gestellt wurde; diese Zeiten sind nach seiner Uhr seit dem Start neu berechnet",
    ahead: "von {from} bis {to} ging die Uhr dieses Rechners um {by} vor, bis sie gestellt wurde; diese Zeiten sind nach seiner Uhr seit dem Start neu berechnet",
    servers_ahead: "die Uhr dieses Rechners ging gegenüber zwei unabhängigen Servern um mindestens {by} nach",
    servers_behind: "die Uhr dieses Rechners ging gegenüber zwei unabhängigen Servern um mindestens {by} vor",
    within: "Uhr auf {by} mit zwei unabhängigen Servern einig",
};
