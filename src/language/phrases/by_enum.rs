//! Phrases that are found by a value: one for each variant, so that the compiler asks for all.

use crate::live::{Flag, SystemState};
use crate::modem::understand::ModemFinding;
use crate::stats::yardsticks::ThresholdVerdict;
use crate::vocabulary::{
    FailedReason, GapReason, LinkState, Medium, MessageEvent, NotSent, NoteKind, Phase, Place,
    Role, StrayKind,
};

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
    ByLinkState, LinkState: unknown = Unknown, up = Up, suspect = Suspect, down = Down,
        disputed = Disputed;
    ByFlag, Flag: lossy = Lossy, slow = Slow, partial = Partial, disputed = Disputed,
        login = Login, no_icmp = NoIcmp, no_ipv6 = NoIpv6, no_dns = NoDns, router_dns = RouterDns,
        network_dns = NetworkDns, no_ipv4 = NoIpv4, other_way = OtherWay, no_tcp = NoTcp;
    ByFailedReason, FailedReason: timeout = Timeout, refused = Refused, dns = Dns, tls = Tls,
        status = Status, captive_portal = CaptivePortal, malformed = Malformed, home_page = HomePage;
    ByPhase, Phase: resolve = Resolve, connect = Connect, tls = Tls, first_byte = FirstByte,
        transfer = Transfer;
    ByNotSent, NotSent: no_route = NoRoute, link_down = LinkDown, forbidden = Forbidden,
        queue_full = QueueFull, missed = Missed, no_address = NoAddress, dead_entry = DeadEntry,
        overflowed = Overflowed, other_way = OtherWay, other = Other;
    ByStrayKind, StrayKind: duplicate = Duplicate, foreign = Foreign, too_late = TooLate;
    BySystemState, SystemState: up = Up, impaired = Impaired, checking = Checking,
        disputed = Disputed, down = Down, unknown = Unknown, silent = Silent;
    ByMedium, Medium: cable = Cable, wifi = Wifi, mobile = Mobile, ppp = Ppp, tunnel = Tunnel,
        other = Other;
    ByMessageEvent, MessageEvent: down = Down, still_down = StillDown, back = Back,
        corrected = Corrected, withdrawn = Withdrawn, flapping = Flapping, flapping_over = FlappingOver,
        loss = Loss, slow = Slow, target = Target, dns = Dns, ipv6 = Ipv6, ipv4 = Ipv4, tcp = Tcp,
        login = Login, other_way = OtherWay, blind = Blind, modem = Modem, disk = Disk,
        digest = Digest, report = Report, test = Test;
    ByModemFinding, ModemFinding: downstream_lost = DownstreamLost,
        upstream_unheard = UpstreamUnheard, line_lost = LineLost, beyond = BeyondModem,
        restarted = Restarted, restarted_after_loss = RestartedAfterLoss,
        restarted_on_command = RestartedOnCommand, page_dead = PageDead, not_known = NotKnown;
    ByNoteKind, NoteKind: call = Call, visit = Visit, reset = Reset, hardware = Hardware,
        weather = Weather, other = Other;
    ByVerdict, ThresholdVerdict: met = Met, missed = Missed, reached = Reached,
        not_reached = NotReached, low = Low, middle = Middle, high = High;
}
