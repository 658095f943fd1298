//! The keys of `[[alert]]`. Those of all kinds come first.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::super::{AlertConfig, Config};
use super::{DAY, HOUR, SECOND, TableOfKeys, Takes, days, key, without_default};

const LEAST: RangeInclusive<Duration> = Duration::ZERO..=HOUR;
const DISTANCE: RangeInclusive<Duration> = Duration::ZERO..=DAY;
/// A channel may block its thread for two minutes.
const TIMEOUT: RangeInclusive<Duration> = SECOND..=Duration::from_secs(120);
const LINGER: RangeInclusive<Duration> = SECOND..=DAY;
const EXPIRE: RangeInclusive<Duration> = Duration::from_secs(60)..=days(90);

/// The alert that is being read: the reader adds one for each table.
fn alert(config: &mut Config) -> &mut AlertConfig {
    if config.alerts.is_empty() {
        config.alerts.push(AlertConfig::default());
    }
    config.alerts.last_mut().expect("one was added")
}

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "alert",
    documentation: "Alerts: who is told, each in a table like this one. What is to be told is stored \
                    with what it tells, and goes out when the line is back, with its true times, in \
                    order, at least once, under a key that stays the same. `linkmon alert test` \
                    tries a channel.",
    keys: &[
        without_default(
            "name",
            Takes::Name(|c| &mut alert(c).name),
            "\"phone\"",
            "A name that no other alert has: up to 40 letters, digits, and . - _ : Without it, the \
             kind. What was sent is remembered by this name.",
        ),
        without_default(
            "kind",
            Takes::AlertKind(|c| &mut alert(c).kind),
            "\"desktop\"",
            "webhook, command, mail or desktop.",
        ),
        without_default(
            "events",
            Takes::Events(|c| &mut alert(c).events),
            "[\"down\", \"back\", \"dns\"]",
            "What it tells. Without it: down, still-down, back, corrected, withdrawn, flapping, \
             flapping-over, login, blind and disk. Besides these there are loss, slow, target, dns, \
             ipv6, ipv4, tcp, other-way, modem, digest (of a week) and report (every in [report]), which \
             mail tells without it, too.",
        ),
        without_default(
            "places",
            Takes::Places(|c| &mut alert(c).places),
            "[\"access\", \"isp-core\"]",
            "Only drops whose fault may lie at one of these: lan, modem, access, isp-core, beyond. \
             Without it, at any place or an unknown one.",
        ),
        key(
            "least",
            Takes::Length(LEAST, |c| &mut alert(c).least),
            "A drop is told once it has lasted this long. Shorter ones are counted in the next \
             message.",
        ),
        key(
            "distance",
            Takes::Length(DISTANCE, |c| &mut alert(c).distance),
            "Least time from one delivery to the next; what comes meanwhile goes out as one.",
        ),
        key(
            "hold-back",
            Takes::Length(LEAST, |c| &mut alert(c).hold_back),
            "A drop is told as over once the link has been up for this long.",
        ),
        key(
            "expire",
            Takes::Length(EXPIRE, |c| &mut alert(c).expire),
            "What has waited longer is not sent any more; on the desktop, after 10 minutes at most.",
        ),
        without_default(
            "interface",
            Takes::Interface(|c| &mut alert(c).interface),
            "\"wwan0\"",
            "Send by this interface (an LTE stick), at once and whatever the state of the line. \
             Without it, a message waits until the line is up.",
        ),
        key(
            "merge",
            Takes::Switch(|c| &mut alert(c).merge),
            "Whether several that waited go out as one message.",
        ),
        without_default(
            "from",
            Takes::Mailbox(|c| &mut alert(c).mail.from),
            "\"linkmon <linkmon@example.net>\"",
            "mail: whom it is from.",
        ),
        without_default(
            "to",
            Takes::Mailboxes(|c| &mut alert(c).mail.to),
            "[\"you@example.net\"]",
            "mail: to whom it goes.",
        ),
        without_default(
            "server",
            Takes::Host(|c| &mut alert(c).mail.server),
            "\"mail.example.net:587\"",
            "mail: the server that it is handed over to, with a port unless that is 465 (TLS), 587 \
             (STARTTLS) or, on this computer, 25.",
        ),
        without_default(
            "tls",
            Takes::MailSecurity(|c| &mut alert(c).mail.tls),
            "\"starttls\"",
            "mail: \"tls\" from the first byte, \"starttls\", or \"none\", which is for a server on \
             this computer alone. Without it: none on this computer, starttls on the ports 25 and \
             587, else tls.",
        ),
        without_default(
            "user",
            Takes::Line(|c| &mut alert(c).mail.user),
            "\"you@example.net\"",
            "mail: the user to log in as, where the server asks for one.",
        ),
        without_default(
            "password-file",
            Takes::Path(|c| &mut alert(c).mail.password_file),
            "\"/etc/linkmon/mail-password\"",
            "mail: a file whose first line is the password. The password itself is never in this \
             file.",
        ),
        without_default(
            "password-env",
            Takes::Variable(|c| &mut alert(c).mail.password_env),
            "\"LINKMON_MAIL_PASSWORD\"",
            "mail: the environment variable that holds the password, where there is no \
             password-file.",
        ),
        without_default(
            "sendmail",
            Takes::Path(|c| &mut alert(c).mail.sendmail),
            "\"/usr/sbin/sendmail\"",
            "mail: the program that mail is handed over to in place of a server.",
        ),
        key(
            "timeout",
            Takes::Length(TIMEOUT, |c| &mut alert(c).timeout),
            "How long the receiver or the program is waited for; then it is tried again later.",
        ),
        key(
            "preset",
            Takes::Preset(|c| &mut alert(c).webhook.preset),
            "webhook: the form of what is sent: plain (the JSON of docs/json.md), template, ntfy, \
             gotify, matrix, slack (also Mattermost and Rocket.Chat), discord, apprise or \
             alertmanager. docs/alerts.md has an example of each.",
        ),
        without_default(
            "url",
            Takes::SecretAddress(|c| &mut alert(c).webhook.url),
            "\"https://ntfy.example/...\"",
            "webhook: where it is sent. It is never shown whole.",
        ),
        without_default(
            "url-file",
            Takes::Path(|c| &mut alert(c).webhook.url_file),
            "\"/etc/linkmon/hook-url\"",
            "A file whose first line is the URL, where that is a secret, as with slack and discord.",
        ),
        without_default(
            "url-env",
            Takes::Variable(|c| &mut alert(c).webhook.url_env),
            "\"LINKMON_HOOK_URL\"",
            "The environment variable that holds it.",
        ),
        without_default(
            "token-file",
            Takes::Path(|c| &mut alert(c).webhook.token_file),
            "\"/etc/linkmon/ntfy-token\"",
            "webhook: a file whose first line is the token of the service.",
        ),
        without_default(
            "token-env",
            Takes::Variable(|c| &mut alert(c).webhook.token_env),
            "\"LINKMON_NTFY_TOKEN\"",
            "The environment variable that holds it.",
        ),
        without_default(
            "secret-file",
            Takes::Path(|c| &mut alert(c).webhook.secret_file),
            "\"/etc/linkmon/hook-secret\"",
            "webhook: a file whose first line is the key of the signature \
             (X-Linkmon-Signature, docs/json.md).",
        ),
        without_default(
            "secret-env",
            Takes::Variable(|c| &mut alert(c).webhook.secret_env),
            "\"LINKMON_HOOK_SECRET\"",
            "The environment variable that holds it.",
        ),
        without_default(
            "method",
            Takes::Method(|c| &mut alert(c).webhook.method),
            "\"PUT\"",
            "webhook: POST, PUT or PATCH. Without it, as the preset needs it.",
        ),
        without_default(
            "headers",
            Takes::Headers(|c| &mut alert(c).webhook.headers),
            "[\"X-Api-Key: ...\"]",
            "webhook: further fields of the request's head. Their values are never shown.",
        ),
        without_default(
            "ca-file",
            Takes::Path(|c| &mut alert(c).webhook.ca_file),
            "\"/etc/linkmon/ca.pem\"",
            "webhook: certificates (PEM) that are trusted in place of the usual authorities.",
        ),
        without_default(
            "room",
            Takes::Line(|c| &mut alert(c).webhook.room),
            "\"!abc:matrix.example\"",
            "matrix: the room, by its internal name.",
        ),
        without_default(
            "template",
            Takes::Template(|c| &mut alert(c).webhook.template),
            "'{\"msg\": \"{{title}}\"}'",
            "template: the body, in which {{title}}, {{text}} and the other fields of docs/alerts.md \
             are filled in, escaped for what it is.",
        ),
        without_default(
            "content-type",
            Takes::Line(|c| &mut alert(c).webhook.content_type),
            "\"application/json\"",
            "template: what the body is. Without it, JSON.",
        ),
        key(
            "linger",
            Takes::Length(LINGER, |c| &mut alert(c).webhook.linger),
            "alertmanager: how long an alert that was over before it could be sent is shown as \
             lasting, because Alertmanager tells nobody of one that is over; longer than its \
             group_interval.",
        ),
        without_default(
            "command",
            Takes::Words(|c| &mut alert(c).program.command),
            "[\"/usr/local/bin/tell\", \"--urgent\"]",
            "command: the program and its arguments; no shell reads them. It gets the message as \
             JSON on its standard input, and as variables LINKMON_TITLE, LINKMON_TEXT and more.",
        ),
    ],
};
