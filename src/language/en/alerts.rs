//! Alerts.

use crate::language::phrases::{AlertWords, ByMessageEvent};

#[rustfmt::skip] // A list stays on its line, as a sentence does.
pub(super) const ALERTS: AlertWords = AlertWords {
    titles: ByMessageEvent { down: "Link down", still_down: "Link still down", back: "Link back", corrected: "Correction", withdrawn: "The link was up after all", flapping: "Link unstable", flapping_over: "Link stable again", loss: "Packets are lost", slow: "The line is slow", target: "A target does not answer", dns: "Names are not resolved", ipv6: "IPv6 fails", ipv4: "IPv4 fails", tcp: "Connections fail", login: "A login page stands in the way", other_way: "The internet is reached by another way", blind: "linkmon was not watching", modem: "The modem", disk: "Space runs out", digest: "Account of linkmon", report: "Report", test: "Test of linkmon's alerts" },
    over: "Over: {what}",
    still: "Link still down after {length}",
    drop_since: "No answer from the internet since {from}; the fault is {place}.{today}",
    drop_span: "{from} to {to} ({bounds}), {place}.{today}",
    corrected: "Correction: the link was down for {length}",
    withdrawn: "Late answers prove it: the drop of {from} is withdrawn.",
    flapping: "Link unstable: {drops} within an hour",
    flapping_text: "The first at {from}. Until there is none for an hour, drops are told only if they last 15 min.",
    flapping_over: "{drops} from {from} to {to}; none in the hour after.",
    blind: "linkmon was not watching for {length}",
    other_way: "Since {from} by {way}. What happens there is listed apart from the line.",
    modem_restarted: "The modem restarted at about {at}.",
    test: "Sent by `linkmon alert test` on {host}. Nothing happened.",
    meanwhile: "While you were offline: {what}",
    others: ["{n} other message", "{n} other messages"],
    late: "This message waited {length}.",
    waiting: ["alert {name}: {n} message waits since {when}{why}", "alert {name}: {n} messages wait, the first since {when}{why}"],
    waits_because: "; the last attempt failed: {why}",
    aside: ["alert {name}: {n} message was refused and set aside: {why}", "alert {name}: {n} messages were refused and set aside, the last one: {why}"],
    taken: "{name}: delivered",
    not_taken: "{name}: not delivered: {why}",
    none_configured: "no alert is configured: [[alert]] in `linkmon config sample` shows how",
    columns: ["alert", "kind", "waiting", "delivered", "failed", "expired", "set aside", "last delivery"],
    never: "never",
    messages: "Messages of the last 7 days:",
};
