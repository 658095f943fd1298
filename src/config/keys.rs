//! Every key of `linkmon.toml`: the one table from which the reader takes names and ranges, the
//! sample its text and the tests their cases.
//!
//! A default is that of the field in [`Config::default`] that a key writes to; a range is here and
//! nowhere else.

use std::net::{IpAddr, SocketAddr};
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use super::{
    AlertKind, Config, EngineChoice, HeaderField, Lang, OnTooOld, SendDetail, WebhookMethod,
    WebhookPreset,
};
use crate::net::smtp::MailSecurity;
use crate::vocabulary::{CalendarUnit, MessageEvent, ModemKind, Place, Secret};

mod alert;
mod detect;
mod evidence;
mod heartbeat;
mod modem;
mod mqtt;
mod publish;
mod remote_write;
mod web;

/// A table of the file with its keys.
#[derive(Debug)]
pub(super) struct TableOfKeys {
    pub(super) name: &'static str,
    /// Whole sentences; empty: the keys say it.
    pub(super) documentation: &'static str,
    pub(super) keys: &'static [ConfigKey],
}

/// A key of a table.
#[derive(Debug)]
pub(super) struct ConfigKey {
    pub(super) name: &'static str,
    pub(super) takes: Takes,
    /// Meaning and interaction in whole sentences, without range and default.
    pub(super) documentation: &'static str,
    /// Where there is no default: a value, as it is written in the file.
    pub(super) example: &'static str,
}

/// The field of a configuration that a key writes to.
pub(super) type Field<T> = fn(&mut Config) -> &mut T;

/// What a key takes, and the field that it writes to.
#[derive(Debug)]
pub(super) enum Takes {
    Line(Field<Option<String>>),
    Secret(Field<Option<Secret>>),
    /// A URL that is not shown.
    SecretUrl(Field<Option<Secret>>),
    Zone(Field<Option<String>>),
    WebAddress(Field<Option<String>>),
    Path(Field<Option<PathBuf>>),
    Switch(Field<bool>),
    Length(RangeInclusive<Duration>, Field<Duration>),
    /// A duration in the range, or zero, which switches off.
    LengthOrOff(RangeInclusive<Duration>, Field<Duration>),
    Count(RangeInclusive<u32>, Field<u32>),
    Size(RangeInclusive<u64>, Field<u64>),
    Engine(Field<EngineChoice>),
    Language(Field<Lang>),
    Address(Field<Option<IpAddr>>),
    Modem(Field<Option<IpAddr>>),
    ModemAddress(Field<Option<String>>),
    /// `None`: `auto`.
    ModemKind(Field<Option<ModemKind>>),
    /// The name of an environment variable.
    Variable(Field<Option<String>>),
    /// A switch or a list of addresses, in two fields.
    Anchors,
    SocketAddress(Field<SocketAddr>),
    HostNames(Field<Vec<String>>),
    /// A host with or without a port.
    Host(Field<Option<String>>),
    /// One level of a topic of MQTT.
    TopicLevel(Field<String>),
    /// Letters, digits, and . - _ :
    Name(Field<Option<String>>),
    AlertKind(Field<Option<AlertKind>>),
    Events(Field<Vec<MessageEvent>>),
    Places(Field<Vec<Place>>),
    /// The name of a network interface.
    Interface(Field<Option<String>>),
    /// An address of mail, with or without a name.
    Mailbox(Field<Option<String>>),
    Mailboxes(Field<Vec<String>>),
    MailSecurity(Field<Option<MailSecurity>>),
    Periods(Field<Vec<CalendarUnit>>),
    Preset(Field<WebhookPreset>),
    Method(Field<Option<WebhookMethod>>),
    /// A URL of which the path may be a secret.
    SecretAddress(Field<Option<Secret>>),
    Headers(Field<Vec<HeaderField>>),
    /// A body with fields to fill in.
    Template(Field<Option<String>>),
    /// A program and its arguments.
    Words(Field<Vec<String>>),
    /// A date, or a date and time, as text.
    Moment(Field<Option<String>>),
    Detail(Field<SendDetail>),
    OnTooOld(Field<OnTooOld>),
    /// A key of one target, which the reader of targets knows by its name.
    OfTarget,
    /// The same with the range of a duration.
    LengthOfTarget(RangeInclusive<Duration>),
}

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

const fn days(n: u64) -> Duration {
    Duration::from_secs(n * 86_400)
}

/// What the schedule can keep: it reads answers as they come where the interval is below a second,
/// and wakes at most ten times a second for each target. An hour still gives one probe to each row
/// of sums.
pub(super) const INTERVAL: RangeInclusive<Duration> = Duration::from_millis(100)..=HOUR;
/// A web or name server is not to be asked more than once a second.
const SERVICE_INTERVAL: RangeInclusive<Duration> = SECOND..=HOUR;
/// A reserve of 4 MB, and some days of samples.
const SIZE: RangeInclusive<u64> = 32 << 20..=1 << 50;
/// The record is thinned out by the day; a hundred years are for ever.
const KEPT: RangeInclusive<Duration> = DAY..=days(36_500);
const fn key(name: &'static str, takes: Takes, documentation: &'static str) -> ConfigKey {
    ConfigKey { name, takes, documentation, example: "" }
}

const fn without_default(
    name: &'static str,
    takes: Takes,
    example: &'static str,
    documentation: &'static str,
) -> ConfigKey {
    ConfigKey { name, takes, documentation, example }
}

/// The whole language of the file, in the order of the sample.
pub(super) static TABLES: [TableOfKeys; 17] = [
    TableOfKeys {
        name: "site",
        documentation: "Who and where. Reports print it; nothing else uses it.",
        keys: &[
            without_default(
                "name",
                Takes::Line(|c| &mut c.site.name),
                "\"Home office, 2nd floor\"",
                "What the place is called.",
            ),
            without_default(
                "isp",
                Takes::Line(|c| &mut c.site.isp),
                "\"Example Cable\"",
                "The internet provider.",
            ),
            without_default(
                "account",
                Takes::Line(|c| &mut c.site.account),
                "\"12345\"",
                "The customer number at the provider.",
            ),
            without_default(
                "ticket",
                Takes::Line(|c| &mut c.site.ticket),
                "\"4711\"",
                "The number of the provider's open ticket.",
            ),
            without_default(
                "line",
                Takes::Line(|c| &mut c.site.line),
                "\"eth0\"",
                "The way out of this computer that is the line: its interface, or the address or \
                 hardware address of its router. Time by other ways (a phone's hotspot, a tunnel) \
                 is listed apart. Without it, the way seen most.",
            ),
            without_default(
                "country",
                Takes::Line(|c| &mut c.site.country),
                "\"CA\"",
                "The country, by its two letters: reports compare with the rules of its regulator. \
                 Without it, that of the time zone.",
            ),
            without_default(
                "zone",
                Takes::Zone(|c| &mut c.site.zone),
                "\"America/Toronto\"",
                "Time zone of reports, an IANA name. Without it, the system's.",
            ),
        ],
    },
    TableOfKeys {
        name: "storage",
        documentation: "",
        keys: &[
            without_default(
                "path",
                Takes::Path(|c| &mut c.storage.path),
                "\"/var/lib/linkmon/linkmon.db\"",
                "The database. Without it: $STATE_DIRECTORY/linkmon.db (for the service, \
                 /var/lib/linkmon/linkmon.db), otherwise ~/.local/state/linkmon/linkmon.db.",
            ),
            key(
                "max-size",
                Takes::Size(SIZE, |c| &mut c.storage.max_size),
                "Its maximum size. Individual probes are deleted first, starting with the oldest; \
                 drops never are.",
            ),
            key(
                "keep-samples",
                Takes::Length(KEPT, |c| &mut c.storage.keep_samples),
                "How long individual probes are kept, unless max-size makes them go earlier.",
            ),
            key(
                "keep-minutes",
                Takes::Length(KEPT, |c| &mut c.storage.keep_minutes),
                "How long the summaries of minutes are kept. Those of hours are kept until max-size \
                 makes them go.",
            ),
        ],
    },
    TableOfKeys {
        name: "backup",
        documentation: "Copies of the database that the daemon makes while it measures.",
        keys: &[
            without_default(
                "to",
                Takes::Path(|c| &mut c.backup.to),
                "\"/mnt/usb/linkmon\"",
                "The directory for them, preferably on another disk. Without it no copies are made.",
            ),
            key(
                "every",
                Takes::Length(HOUR..=days(366), |c| &mut c.backup.every),
                "Time from one copy to the next.",
            ),
            key(
                "keep",
                Takes::Count(1..=10_000, |c| &mut c.backup.keep),
                "How many dated copies are kept; the oldest are deleted.",
            ),
        ],
    },
    TableOfKeys {
        name: "probe",
        documentation: "",
        keys: &[
            key(
                "engine",
                Takes::Engine(|c| &mut c.probe.engine),
                "\"linux\" uses the kernel's own time stamps, \"portable\" runs anywhere but is \
                 less exact, \"auto\" is linux where that works.",
            ),
            key(
                "interval",
                Takes::Length(INTERVAL, |c| &mut c.probe.interval),
                "Time from one ICMP probe of a target to the next. A drop shorter than the interval \
                 can be missed.",
            ),
            key(
                "service-interval",
                Takes::Length(SERVICE_INTERVAL, |c| &mut c.probe.service_interval),
                "Time from one HTTP, DNS or TCP probe of a target to the next.",
            ),
            key(
                "loss-threshold",
                Takes::Length(Duration::from_millis(100)..=Duration::from_secs(30), |c| {
                    &mut c.probe.waiting.loss_threshold
                }),
                "A probe that is not answered within this time is lost (Tmax, RFC 8912). It must be \
                 less than late-window.",
            ),
            key(
                "late-window",
                Takes::Length(SECOND..=Duration::from_secs(300), |c| {
                    &mut c.probe.waiting.late_window
                }),
                "An answer that arrives within this time is recorded as late: it counts as lost, \
                 but proves that the link was up.",
            ),
        ],
    },
    TableOfKeys {
        name: "discover",
        documentation: "What linkmon finds and probes automatically.",
        keys: &[
            key(
                "gateway",
                Takes::Switch(|c| &mut c.discover.gateway),
                "The router of this network.",
            ),
            key(
                "modem",
                Takes::Modem(|c| &mut c.discover.modem),
                "The address at which cable modems answer; set another address, or false for none.",
            ),
            key(
                "isp-hop",
                Takes::Switch(|c| &mut c.discover.isp_hop),
                "The provider's first router.",
            ),
            without_default(
                "isp-address",
                Takes::Address(|c| &mut c.discover.isp_address),
                "\"203.0.113.1\"",
                "Its address, for where it cannot be found. It needs isp-hop = true.",
            ),
            key(
                "anchors",
                Takes::Anchors,
                "Public hosts in three networks, over IPv4 and IPv6, whose silence means that the \
                 uplink is down; false, or a list of addresses to use instead.",
            ),
            key(
                "trust-private",
                Takes::Switch(|c| &mut c.discover.trust_private),
                "Whether anchors at private addresses (10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, \
                 100.64.0.0/10, fc00::/7, link-local, loopback) may prove that the link works: for \
                 a lab, or a company whose far end is private. Every report then says so.",
            ),
            key(
                "http",
                Takes::Switch(|c| &mut c.discover.http),
                "Two HTTP connectivity checks run by different companies.",
            ),
            key(
                "dns",
                Takes::Switch(|c| &mut c.discover.dns),
                "DNS, by the system's resolver and by one anchor.",
            ),
        ],
    },
    modem::TABLE,
    TableOfKeys {
        name: "target",
        documentation: "Targets of your own, each in a table like this one.",
        keys: &[
            without_default(
                "name",
                Takes::OfTarget,
                "\"mail\"",
                "A name that no other target has: up to 40 letters, digits, and . - _ :",
            ),
            without_default("kind", Takes::OfTarget, "\"tcp\"", "icmp, http, dns or tcp."),
            without_default(
                "role",
                Takes::OfTarget,
                "\"service\"",
                "gateway, modem, isp, anchor or service (the default): where it is, and therefore \
                 what its silence means.",
            ),
            without_default(
                "address",
                Takes::OfTarget,
                "\"mail.example.com:993\"",
                "icmp: an address or name; http: a URL; dns: NAME@SERVER; tcp: HOST:PORT.",
            ),
            without_default(
                "interval",
                Takes::LengthOfTarget(INTERVAL),
                "\"10s\"",
                "Time from one probe to the next. Without it, as in [probe].",
            ),
        ],
    },
    detect::TABLE,
    web::TABLE,
    publish::TABLE,
    evidence::TABLE,
    heartbeat::TABLE,
    mqtt::TABLE,
    alert::TABLE,
    remote_write::TABLE,
    TableOfKeys {
        name: "notify",
        documentation: "",
        keys: &[key(
            "desktop",
            Takes::Switch(|c| &mut c.notify.desktop),
            "Show drops on the desktop, if `linkmon run` is started in one.",
        )],
    },
    TableOfKeys {
        name: "report",
        documentation: "",
        keys: &[
            key(
                "language",
                Takes::Language(|c| &mut c.report.language),
                "The language of ticket text, full text, Markdown and HTML: \"en\", \"fr\" or \
                 \"de\".",
            ),
            without_default(
                "every",
                Takes::Periods(|c| &mut c.report.every),
                "[\"month\"]",
                "Of each \"day\", \"week\" or \"month\" that is over, a report is sent to the alerts of \
                 the kind mail, with the sheet attached.",
            ),
        ],
    },
];

/// The table of this name.
pub(super) fn table(name: &str) -> Option<&'static TableOfKeys> {
    TABLES.iter().find(|table| table.name == name)
}

impl TableOfKeys {
    /// The key of this name.
    pub(super) fn key(&self, name: &str) -> Option<&'static ConfigKey> {
        self.keys.iter().find(|key| key.name == name)
    }

    /// The names of its keys, in the order of the sample.
    pub(super) fn names(&self) -> Vec<&'static str> {
        self.keys.iter().map(|key| key.name).collect()
    }
}
