//! Phrases that are found by a value: one for each variant, so that the compiler asks for all.

use crate::stats::yardsticks::{ThresholdVerdict, WhyNoFigure};
use crate::vocabulary::{GapReason, Medium, NoteKind, Place, Role};

/// A struct with a phrase for each variant of an enum, and how it is found.
macro_rules! phrase_for_each {
    ($($name:ident, $enum:ident: $($field:ident = $variant:ident),+;)+) => { $(
        #[doc = concat!("A phrase for each [`", stringify!($enum), "`].")]
        #[derive(Debug)]
        #[allow(missing_docs, reason = "the names are those of the variants")]
        pub(crate) struct $name {
            $(pub(crate) $field: &'static str,)+
        }

        impl $name {
            /// The phrase for `value`.
            pub(crate) fn of(&self, value: $enum) -> &'static str {
                match value {
                    $($enum::$variant => self.$field,)+
                }
            }
        }
    )+ };
}

phrase_for_each! {
    ByRole, Role: gateway = Gateway, modem = Modem, isp = Isp, anchor = Anchor, service = Service;
    ByPlace, Place: lan = Lan, modem = Modem, access = Access, isp_core = IspCore, beyond = Beyond;
    ByGapReason, GapReason: stopped = Stopped, crashed = Crashed, rebooted = Rebooted,
        asleep = Asleep, stalled = Stalled, no_record = NoRecord, unanswered = Unanswered, not_sent = NotSent,
        dead_entry = DeadEntry,
        unconfirmed = Unconfirmed, other_way = OtherWay;
    ByMedium, Medium: cable = Cable, wifi = Wifi, mobile = Mobile, ppp = Ppp, tunnel = Tunnel,
        other = Other;
    ByNoteKind, NoteKind: call = Call, visit = Visit, reset = Reset, hardware = Hardware,
        weather = Weather, other = Other;
    ByVerdict, ThresholdVerdict: met = Met, missed = Missed, reached = Reached,
        not_reached = NotReached, low = Low, middle = Middle, high = High;
    ByWhyNoFigure, WhyNoFigure: too_short = TooShort, too_sparse = TooSparse;
}
