//! `linkmon.toml` to [`Config`]: only valid values, every error with file, line and value.
//!
//! [`load()`] finds and reads the file; [`Config::from_toml`] is the pure part. All errors of a file
//! are reported at once. Names are not resolved and nothing is probed here. Ranges and defaults are
//! in the table of keys, the documentation for users in the sample made from it.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::detect::Parameters;
use crate::text::words::word_enum;
use crate::vocabulary::{CalendarUnit, Kind, Role, Waiting};

mod alert;
#[cfg(test)]
#[path = "../../tests/fuzz/config.rs"]
mod fuzz;
mod heartbeat;
mod keys;
mod load;
mod mail;
mod modem;
mod mqtt;
mod problem;
mod read;
mod remote_write;
mod sample;
mod secret;
pub mod size;
mod suggest;
pub(crate) mod template;
#[cfg(test)]
mod tests;
mod value;
mod web;
mod webhook;
mod zone;

pub use alert::{AlertConfig, AlertKind};
pub use heartbeat::HeartbeatConfig;
pub use load::{Loaded, Surroundings, load};
pub use mail::MailConfig;
pub use modem::{ModemConfig, PasswordError};
pub use mqtt::MqttConfig;
pub use problem::{Error, Problem};
pub use remote_write::{OnTooOld, RemoteWriteConfig, SendDetail};
pub use sample::sample;
pub use secret::{SecretError, secret_of};
pub use web::WebConfig;
pub use webhook::{CommandConfig, HeaderField, WebhookConfig, WebhookMethod, WebhookPreset};
pub use zone::{ZoneError, local_zone, shown_zone, zone_named};

/// Settings of the daemon and of reports. The default is complete: no configuration is required.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Who and where; printed on reports.
    pub site: Site,
    /// Where and how much to store.
    pub storage: Storage,
    /// Copies of the database that the daemon makes automatically.
    pub backup: Backup,
    /// How to probe.
    pub probe: ProbeConfig,
    /// Which targets linkmon finds and adds automatically.
    pub discover: Discover,
    /// Reading what the modem shows.
    pub modem: ModemConfig,
    /// Targets given by hand.
    #[serde(rename = "target")]
    pub targets: Vec<TargetConfig>,
    /// Thresholds of detection.
    pub detect: Parameters,
    /// The live page and the metrics.
    pub web: WebConfig,
    /// The status page as files.
    pub publish: PublishConfig,
    /// What lets others vouch for the record.
    pub evidence: EvidenceConfig,
    /// The sign of life for a monitor elsewhere.
    pub heartbeat: HeartbeatConfig,
    /// The MQTT broker of Home Assistant.
    pub mqtt: MqttConfig,
    /// Who else is told, and by which channel.
    #[serde(rename = "alert")]
    pub alerts: Vec<AlertConfig>,
    /// Receivers of the record by remote write.
    #[serde(rename = "remote-write")]
    pub remote_writes: Vec<RemoteWriteConfig>,
    /// Who is notified of drops.
    pub notify: Notify,
    /// The language of reports.
    pub report: Reporting,
}

/// Who is notified of drops.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Notify {
    /// The desktop, if `linkmon run` is started in one.
    pub desktop: bool,
}

impl Default for Notify {
    fn default() -> Self {
        Self { desktop: true }
    }
}

/// The language of reports, and of which periods they are sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct Reporting {
    /// The language of ticket text, full text, Markdown and HTML.
    pub language: Lang,
    /// Of each of these periods a report is sent by mail when it is over.
    pub every: Vec<CalendarUnit>,
}

word_enum! {
    /// A language of reports.
    pub enum Lang: "language" = En {
        /// English
        En = "en",
        /// French as written in Québec
        Fr = "fr",
        /// German
        De = "de",
    }
}

/// Who and where; printed on reports, all optional.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the names say it")]
pub struct Site {
    pub name: Option<String>,
    pub isp: Option<String>,
    pub account: Option<String>,
    pub ticket: Option<String>,
    /// Words that describe the way that is the line; `None`: the one seen most.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Its country, ISO 3166, for the yardsticks of a report; `None`: that of the zone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// IANA time zone of reports; `None`: the system's.
    pub zone: Option<String>,
}

/// Where and how much to store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Storage {
    /// The database; `None`: `$STATE_DIRECTORY/linkmon.db`, otherwise the XDG state directory.
    pub path: Option<PathBuf>,
    /// Maximum size of the database in bytes. Samples are deleted first, starting with the
    /// oldest; drops never are.
    #[serde(serialize_with = "crate::config::size::serialize")]
    pub max_size: u64,
    /// How long samples are kept.
    #[serde(with = "crate::time::duration")]
    pub keep_samples: Duration,
    /// How long summaries of minutes are kept; those of hours are kept until the file would be too
    /// large.
    #[serde(with = "crate::time::duration")]
    pub keep_minutes: Duration,
}

impl Default for Storage {
    fn default() -> Self {
        let kept = Duration::from_secs(400 * 86_400);
        Self { path: None, max_size: 2 << 30, keep_samples: kept, keep_minutes: kept }
    }
}

/// Copies of the database that the daemon makes automatically.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Backup {
    /// The directory; `None`: no copies are made.
    pub to: Option<PathBuf>,
    /// Time from one copy to the next.
    #[serde(with = "crate::time::duration")]
    pub every: Duration,
    /// How many dated copies are kept.
    pub keep: u32,
}

impl Default for Backup {
    fn default() -> Self {
        Self { to: None, every: Duration::from_secs(86_400), keep: 7 }
    }
}

/// How to probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ProbeConfig {
    /// Which ICMP engine.
    pub engine: EngineChoice,
    /// Time from one ICMP slot of a target to the next.
    #[serde(with = "crate::time::duration")]
    pub interval: Duration,
    /// Time from one HTTP, DNS or TCP slot of a target to the next.
    #[serde(with = "crate::time::duration")]
    pub service_interval: Duration,
    /// Tmax and the window for late replies.
    #[serde(flatten)]
    pub waiting: Waiting,
}

impl Default for ProbeConfig {
    fn default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            interval: Duration::from_secs(1),
            service_interval: Duration::from_secs(10),
            waiting: Waiting::default(),
        }
    }
}

word_enum! {
    /// Which ICMP engine.
    pub enum EngineChoice: "engine" = Auto {
        /// The Linux engine where it works, otherwise the portable one
        Auto = "auto",
        /// Time stamps of the kernel
        Linux = "linux",
        /// surge-ping: works anywhere, less exact
        Portable = "portable",
    }
}

/// Which targets linkmon finds automatically. Each can be switched off or given by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches of a configuration table")]
pub struct Discover {
    /// The gateway of the default route.
    pub gateway: bool,
    /// The modem's address, probed if it answers; `None`: no modem.
    pub modem: Option<IpAddr>,
    /// The ISP's first hop.
    pub isp_hop: bool,
    /// The address of the ISP's hop, for where it cannot be found; `None`: it is searched for.
    pub isp_address: Option<IpAddr>,
    /// The public anchors: IPv4 and, where there is a route, IPv6.
    pub anchors: bool,
    /// Anchors to use instead of linkmon's own; empty: linkmon's own. Ignored when `anchors` is
    /// off.
    pub anchor_addresses: Vec<IpAddr>,
    /// Whether anchors at private addresses vote.
    pub trust_private: bool,
    /// Two HTTP connectivity checks run by different companies.
    pub http: bool,
    /// DNS by the system's resolver and by one anchor.
    pub dns: bool,
}

/// What lets others vouch for the record.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct EvidenceConfig {
    /// URL of the time-stamping authority that is asked once a day; `None`: none is.
    pub timestamp: Option<String>,
}

/// The status page as files, for any web server.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PublishConfig {
    /// The directory; `None`: no files are written.
    pub dir: Option<PathBuf>,
    /// The name that the page and the feed show; `None`: none.
    pub site: Option<String>,
    /// Where the directory is found by browsers; `None`: links are relative.
    pub url: Option<String>,
}

/// Where cable modems answer, whatever the home network's own addresses (`DOCSIS` OSSI).
const DEFAULT_MODEM: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(192, 168, 100, 1));

/// As written in the file: `modem` is `false` or an address, `anchors` a switch or a list.
impl Serialize for Discover {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut map = s.serialize_map(None)?;
        map.serialize_entry("gateway", &self.gateway)?;
        match self.modem {
            Some(address) => map.serialize_entry("modem", &address)?,
            None => map.serialize_entry("modem", &false)?,
        }
        map.serialize_entry("isp-hop", &self.isp_hop)?;
        if let Some(address) = self.isp_address {
            map.serialize_entry("isp-address", &address)?;
        }
        if self.anchors && !self.anchor_addresses.is_empty() {
            map.serialize_entry("anchors", &self.anchor_addresses)?;
        } else {
            map.serialize_entry("anchors", &self.anchors)?;
        }
        map.serialize_entry("trust-private", &self.trust_private)?;
        map.serialize_entry("http", &self.http)?;
        map.serialize_entry("dns", &self.dns)?;
        map.end()
    }
}

impl Default for Discover {
    fn default() -> Self {
        Self {
            gateway: true,
            modem: Some(DEFAULT_MODEM),
            isp_hop: true,
            isp_address: None,
            anchors: true,
            anchor_addresses: Vec::new(),
            trust_private: false,
            http: true,
            dns: true,
        }
    }
}

/// A target given by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct TargetConfig {
    /// Unique name.
    pub name: String,
    /// How to probe it.
    pub kind: Kind,
    /// Its role; `service` unless given.
    pub role: Role,
    /// As in [`crate::vocabulary::Target`]; for ICMP also a host name.
    pub address: String,
    /// Time from one slot to the next; `None`: as in `[probe]`.
    #[serde(with = "crate::time::duration::optional")]
    pub interval: Option<Duration>,
}
