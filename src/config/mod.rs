//! `linkmon.toml` to [`Config`]: only valid values, every error with file, line and value.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Serialize;

use crate::detect::Parameters;
use crate::measurement::{Kind, Role};
use crate::probe::Waiting;

pub mod duration;

/// What the daemon and the reports are told. The default is complete: nothing need be configured.
#[derive(Debug, Clone, PartialEq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct Config {
    /// Who and where; printed on reports.
    pub site: Site,
    /// Where and how much to store.
    pub storage: Storage,
    /// How to probe.
    pub probe: Probe,
    /// Which targets linkmon finds and adds by itself.
    pub discover: Discover,
    /// Targets given by hand.
    #[serde(rename = "target")]
    pub targets: Vec<TargetConfig>,
    /// Thresholds of detection.
    pub detect: Parameters,
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
    /// IANA time zone of reports; `None`: the system's.
    pub zone: Option<String>,
}

/// Where and how much to store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct Storage {
    /// The database; `None`: `$STATE_DIRECTORY/linkmon.db`, else XDG state.
    pub path: Option<PathBuf>,
}

/// How to probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Probe {
    /// Which ICMP engine.
    pub engine: EngineChoice,
    /// Distance of ICMP slots of a target. Default 1 s.
    #[serde(with = "crate::config::duration")]
    pub interval: Duration,
    /// Distance of HTTP, DNS and TCP slots of a target. Default 10 s.
    #[serde(with = "crate::config::duration")]
    pub service_interval: Duration,
    /// Tmax and the window for late replies. Default 3 s, 60 s.
    #[serde(flatten)]
    pub waiting: Waiting,
}

impl Default for Probe {
    fn default() -> Self {
        Self {
            engine: EngineChoice::Auto,
            interval: Duration::from_secs(1),
            service_interval: Duration::from_secs(10),
            waiting: Waiting::default(),
        }
    }
}

/// Which ICMP engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, Default)]
#[serde(rename_all = "kebab-case")]
pub enum EngineChoice {
    /// The Linux engine where it runs, else the portable one.
    #[default]
    Auto,
    /// Kernel time stamps; Linux only.
    Linux,
    /// surge-ping; anywhere, less exact.
    Portable,
}

/// Which targets linkmon finds by itself. Each can be switched off, or given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(
    clippy::struct_excessive_bools,
    reason = "six independent switches of a configuration table"
)]
pub struct Discover {
    /// The gateway of the default route.
    pub gateway: bool,
    /// The modem's address, probed when it answers; `None`: no modem. Default 192.168.100.1.
    pub modem: Option<IpAddr>,
    /// The ISP's first hop.
    pub isp_hop: bool,
    /// The public anchors: IPv4 and, where there is a route, IPv6.
    pub anchors: bool,
    /// Two HTTP connectivity checks of different owners.
    pub http: bool,
    /// DNS by the system's resolver and by one anchor.
    pub dns: bool,
}

impl Default for Discover {
    fn default() -> Self {
        Self {
            gateway: true,
            modem: Some(IpAddr::from([192, 168, 100, 1])),
            isp_hop: true,
            anchors: true,
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
    /// Where it stands. Default `service`.
    pub role: Role,
    /// As in [`crate::measurement::Target`]; for ICMP also a host name.
    pub address: String,
    /// Distance of slots; `None`: as in `[probe]`.
    #[serde(with = "crate::config::duration::optional")]
    pub interval: Option<Duration>,
}
