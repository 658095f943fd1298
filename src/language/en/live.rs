//! The present.

use crate::language::phrases::{
    ByFailedReason, ByFlag, ByGapReason, ByLinkState, ByNotSent, ByPhase, ByRole, ByStrayKind,
    DropListWords, NoticeWords, PresentWords, StatusWords, TroubleWords,
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const PRESENT: PresentWords = PresentWords {
    states: ByLinkState { unknown: "UNKNOWN", up: "UP", suspect: "no answer", down: "DOWN", disputed: "DISPUTED" },
    flags: ByFlag { lossy: "LOSSY", slow: "SLOW", partial: "PARTIAL", disputed: "DISPUTED", login: "LOGIN", no_icmp: "NO-ICMP", no_ipv6: "NO-IPV6", no_dns: "NO-DNS", router_dns: "ROUTER-DNS", network_dns: "NETWORK-DNS", no_ipv4: "NO-IPV4", other_way: "OTHER-WAY", no_tcp: "NO-TCP" },
    gaps: ByGapReason { stopped: "the daemon was stopped", crashed: "the daemon was killed", rebooted: "the machine was off or restarted", asleep: "the machine slept", stalled: "the daemon could not probe", no_record: "there is no record", unanswered: "no public server has answered yet", not_sent: "this computer does not send the probes", dead_entry: "the router keeps a stale entry for the probes", unconfirmed: "a silence that too few servers see to confirm it", other_way: "packets went by another way than the line" },
    since: "{state} since {when} ({long})",
    roles: ByRole { gateway: "gateway", modem: "modem", isp: "isp", anchor: "anchors", service: "services" },
    nothing_sent: "nothing sent",
    none_lost: "0 % lost",
    lost: "{share} lost ({lost}/{sent})",
    last_drop: "last drop {when} for {length} ({place})",
    first_drop: "the first drop",
    no_drop: "no drop so far",
    so_far: "so far",
    clock_behind: "this computer's clock is {by} or more behind {n} independent servers",
    clock_ahead: "this computer's clock is {by} or more ahead of {n} independent servers",
    clock_unset: "this computer's clock has not been set: times are about right at best",
    clock_within: "within {by} of {n} independent servers",
    through_tunnel: ": through a tunnel, so that what fails may be the tunnel and not the line",
    avoids: "; the probes keep out of the tunnel {tunnel}",
    not_line: "; not the line: what happens here is listed apart",
    span_from: "since {from}",
    span_open: "since {from}, {long} so far",
    span: "from {from} to {to}, {long}",
    span_at: "at {from}",
    votes: ["no vote: private address", "no vote: answered at home", "no vote: false witness", "private, trusted"],
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const STATUS: StatusWords = StatusWords {
    stopped: "No daemon is measuring: the last status is from {when} ({age} ago). It said:",
    late: "As of {age} ago; the daemon is late or has stopped.",
    open_drop: "drop {id} since {when}: {place}",
    flag: "{flag} since {since} ({long}): {what}",
    in_24_h: "{last}; {drops} in the last 24 h",
    no_drop: "no drop",
    connected: "connected by {way}",
    columns: ["role", "target", "by", "RTT p50", "lost of sent", "last 60 s"],
    not_sent: "{n} not sent",
    strays: "stray replies since the start: {kinds}",
    warning: "WARNING: {what}",
    storing: "STORING FAILS: {what}",
    heartbeat: ["sign of life: none has arrived since the start", "sign of life: the last arrived {when}"],
    unstored: "what was measured while {path} could not be opened is in {meanwhile} and not in the record yet: the daemon takes it over when it can open the record",
    made_by: "linkmon {version}, process {pid}, since {since}; {engine}; zone {zone}",
    system_zone: "of the system",
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const TROUBLES: TroubleWords = TroubleWords {
    late: "answered after {s} s",
    unreachable: "{by} says unreachable (ICMP {type}/{code})",
    no_host: "no host answers at that address on this network",
    failed: "{reason} ({phase})",
    reasons: ByFailedReason { timeout: "timed out", refused: "refused", dns: "name not found", tls: "TLS failed", status: "unexpected HTTP status", captive_portal: "another page came", malformed: "malformed answer", home_page: "a page from within the home came" },
    phases: ByPhase { resolve: "resolving the name", connect: "connecting", tls: "in TLS", first_byte: "waiting for the answer", transfer: "in transfer" },
    not_sent: "not sent: {why}",
    whys: ByNotSent { no_route: "no route", link_down: "the interface is down", forbidden: "this computer forbids it", queue_full: "the send queue is full", missed: "linkmon could not run then", no_address: "its name was never resolved", dead_entry: "the router keeps a stale entry", overflowed: "answers overflowed this computer", other_way: "by another way than the line", other: "another error" },
    strays: ByStrayKind { duplicate: "duplicate", foreign: "foreign", too_late: "later than 60 s" },
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const DROP_LIST: DropListWords = DropListWords {
    none: "No drops.",
    columns: ["id", "began (UTC{offset})", "began (offset)", "ended", "lasted", "place", "answered", "silent"],
    other_way: " (another way)",
    blip: " (blip)",
    perhaps: " (perhaps a drop)",
    ongoing: "ongoing",
    not_over: "not over",
    so_far: "{length} so far",
    times: ", {n} times",
    about: "about ",
    all: "all",
    anchors_only: "anchors only",
    local: "Times are local ({zone}).",
    this_zone: "this computer's zone",
    caption: "Began and ended are within {half}, lasted is minimum to maximum. In its silences no anchor answers.",
    unobserved: "Nothing was observed from {period}.",
    record_ends: "Drop {id} is not over when the record ends at {at}.",
    what_other_way: "Another way: this computer did not reach the internet by the line.",
    blips_left_out: "{blips} ({from} to {to}) not listed; --blips lists them.",
    period: "Period: {period}.",
};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const NOTICES: NoticeWords = NoticeWords {
    down: "Link down since {when}",
    down_text: "No answer from the internet; the fault is {place}.{today}",
    back: "Link back: it was down for {length}",
    back_text: "{from}{day} to {to}, {place}.{today}",
    day_before: " (the day before)",
    first_today: "The first drop today.",
    today: "{drops} today.",
    nowhere: "at an unknown place",
    withdrawn: "The link was up after all",
    withdrawn_text: "Late answers prove it: the drop is withdrawn.",
    disk: "The disk with linkmon's record is filling up",
    limit: "linkmon's record nears its limit",
};
