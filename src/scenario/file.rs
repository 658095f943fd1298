//! A scenario as text: what fails on a line when, where and how, and what happens to the host that
//! watches it. TOML; every error is reported with its line and value.

use std::path::{Path, PathBuf};
use std::time::Duration;

use jiff::tz::TimeZone;
use serde::{Deserialize, Deserializer};
use toml::Spanned;

use super::home::{self, HomeKind, TargetLine};
use super::when::When;
use crate::config::Problem;
use crate::time::Timestamp;
use crate::vocabulary::{ModemKind, NoteKind, Place};

/// A scenario, checked.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Scenario {
    /// Its number in the design: `S01`.
    pub name: String,
    /// What happens, in a sentence.
    pub story: String,
    /// When it starts, UTC.
    pub start: Timestamp,
    /// Zone of the times of day in it, IANA. Default UTC.
    #[serde(default)]
    pub zone: Zone,
    /// How long it lasts.
    #[serde(with = "crate::time::duration")]
    pub length: Duration,
    /// Each gives another life of the same scenario. Default 1, 2 and 3.
    #[serde(default = "usual_seeds")]
    pub seeds: Vec<u64>,
    /// The targets of the host, before those that follow. Default `plain`.
    #[serde(default)]
    pub home: HomeKind,
    /// The modem of the line, which is read as the daemon reads it. Default none.
    #[serde(default)]
    pub modem: Option<ModemKind>,
    /// Further targets, or others in the place of those of the home with their names.
    #[serde(default, rename = "target")]
    pub targets: Vec<TargetLine>,
    /// What is wrong with the line.
    #[serde(default, rename = "fault")]
    pub faults: Vec<Fault>,
    /// What happens to the host.
    #[serde(default, rename = "host")]
    pub host: Vec<HostFault>,
    /// What was noted down.
    #[serde(default, rename = "note")]
    pub notes: Vec<NoteLine>,
}

fn usual_seeds() -> Vec<u64> {
    vec![1, 2, 3]
}

/// A zone with its IANA name.
#[derive(Debug, Clone)]
pub struct Zone(pub TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl<'de> Deserialize<'de> for Zone {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let name = String::deserialize(d)?;
        crate::config::zone_named(&name)
            .map(Self)
            .map_err(|_| serde::de::Error::custom(format!("no time zone \"{name}\"")))
    }
}

/// What is wrong with the line.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "FaultLine")]
pub struct Fault {
    /// Where: a place, a part of the traffic, or a target by its name.
    pub at: Spanned<FaultLocation>,
    /// How.
    pub how: FaultKind,
    /// When, and how long.
    pub when: When,
}

/// Where a fault lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultLocation {
    /// A place on the way: it affects everything beyond it.
    At(Place),
    /// The answers of one target.
    Target(String),
    /// All of IPv6.
    Ipv6,
    /// All name servers.
    Dns,
    /// Web requests.
    Web,
    /// ICMP to everything beyond the ISP's first hop.
    Icmp,
}

impl<'de> Deserialize<'de> for FaultLocation {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let word = String::deserialize(d)?;
        let place = Place::ALL.into_iter().find(|place| place.as_str() == word);
        Ok(match (place, word.as_str()) {
            (Some(place), _) => Self::At(place),
            (None, "ipv6") => Self::Ipv6,
            (None, "dns") => Self::Dns,
            (None, "web") => Self::Web,
            (None, "icmp") => Self::Icmp,
            (None, _) => Self::Target(word),
        })
    }
}

/// How the line fails.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaultKind {
    /// Nothing passes.
    Silence,
    /// Each packet is lost with this probability.
    Loss(f64),
    /// Silences that come at random (Gilbert-Elliott with total loss in the bad state) and together
    /// lose this share of the packets.
    Bursts {
        /// Share of the time that is bad.
        share: f64,
        /// Mean length of a burst.
        mean: Duration,
    },
    /// Answers take longer, evenly between the two.
    Delay(Duration, Duration),
    /// A portal answers web requests.
    Portal,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct FaultLine {
    r#where: Spanned<FaultLocation>,
    how: HowWord,
    percent: Option<f64>,
    #[serde(default, with = "crate::time::duration::optional")]
    mean: Option<Duration>,
    by: Option<super::when::DurationRange>,
    #[serde(default)]
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HowWord {
    Silence,
    Loss,
    Bursts,
    Delay,
    Portal,
}

impl TryFrom<FaultLine> for Fault {
    type Error = String;

    fn try_from(line: FaultLine) -> Result<Self, String> {
        let FaultLine { r#where: at, how, percent, mean, by, when } = line;
        if let Some(percent) = percent.filter(|percent| !(0.0..=100.0).contains(percent)) {
            return Err(format!("percent = {percent} is not between 0 and 100"));
        }
        let how = match (how, percent, mean, by) {
            (HowWord::Silence, None, None, None) => FaultKind::Silence,
            (HowWord::Portal, None, None, None) => FaultKind::Portal,
            (HowWord::Loss, Some(percent), None, None) => FaultKind::Loss(percent / 100.0),
            (HowWord::Bursts, Some(percent), Some(mean), None) if percent < 100.0 => {
                FaultKind::Bursts {
                    share: percent / 100.0,
                    mean: mean.max(Duration::from_millis(1)),
                }
            }
            (HowWord::Delay, None, None, Some(by)) => FaultKind::Delay(by.least, by.most),
            (word, ..) => return Err(takes(word).to_owned()),
        };
        let is_web = *at.get_ref() == FaultLocation::Web;
        if how == FaultKind::Portal && !is_web {
            return Err("how = \"portal\" goes with where = \"web\"".to_owned());
        }
        Ok(Self { at, how, when })
    }
}

fn takes(word: HowWord) -> &'static str {
    match word {
        HowWord::Silence => "how = \"silence\" takes no percent, mean or by",
        HowWord::Portal => "how = \"portal\" takes no percent, mean or by",
        HowWord::Loss => "how = \"loss\" takes percent, and neither mean nor by",
        HowWord::Bursts => "how = \"bursts\" takes percent (below 100) and mean, and not by",
        HowWord::Delay => "how = \"delay\" takes by, and neither percent nor mean",
    }
}

/// What happens to the host.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "HostLine")]
pub struct HostFault {
    /// What happens.
    pub what: HostIncident,
    /// When, and how long.
    pub when: When,
}

/// What can happen to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostIncident {
    /// It is suspended.
    Sleep,
    /// The daemon is stopped, and started again.
    Off,
    /// The daemon is killed, and started again.
    Kill,
    /// The host is restarted.
    Reboot,
    /// The clock is set forward by this many seconds, or back.
    Clock(i32),
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
struct HostLine {
    what: HostWord,
    step_seconds: Option<i32>,
    #[serde(default)]
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum HostWord {
    Sleep,
    Off,
    Kill,
    Reboot,
    Clock,
}

impl TryFrom<HostLine> for HostFault {
    type Error = String;

    fn try_from(line: HostLine) -> Result<Self, String> {
        let what = match (line.what, line.step_seconds) {
            (HostWord::Sleep, None) => HostIncident::Sleep,
            (HostWord::Off, None) => HostIncident::Off,
            (HostWord::Kill, None) => HostIncident::Kill,
            (HostWord::Reboot, None) => HostIncident::Reboot,
            (HostWord::Clock, Some(seconds)) => HostIncident::Clock(seconds),
            (HostWord::Clock, None) => {
                return Err("what = \"clock\" takes step-seconds".to_owned());
            }
            _ => return Err("only what = \"clock\" takes step-seconds".to_owned()),
        };
        if line.when.is_always() {
            return Err("when is missing: whatever happens to the host needs a time".to_owned());
        }
        Ok(Self { what, when: line.when })
    }
}

/// A note.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NoteLine {
    /// When, from the start.
    #[serde(with = "crate::time::duration")]
    pub at: Duration,
    /// What kind of event it is about.
    #[serde(default)]
    pub kind: NoteKind,
    /// Its text.
    pub text: String,
}

/// Why a scenario cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("read the scenario {}", path.display())]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// It was read, but has an error.
    #[error("the scenario has an error\n\n{0}")]
    Invalid(Box<Problem>),
}

impl Scenario {
    /// Reads a file.
    ///
    /// # Errors
    /// When it cannot be read, or is wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| Error::Read { path: path.to_owned(), source })?;
        Self::parse(&text, &path.display().to_string())
    }

    /// Reads the text of a scenario; `file` is the name of it in errors.
    ///
    /// # Errors
    /// When it is wrong.
    pub fn parse(text: &str, file: &str) -> Result<Self, Error> {
        let invalid = |span, message: String| {
            Error::Invalid(Box::new(Problem::at(file, text, span, &message)))
        };
        let scenario: Self = toml::from_str(text)
            .map_err(|e| invalid(e.span().unwrap_or(0..0), e.message().replace('\n', ", ")))?;
        let names = home::names(scenario.home, &scenario.targets);
        for fault in &scenario.faults {
            if let FaultLocation::Target(name) = fault.at.get_ref()
                && !names.contains(name)
            {
                let places = "lan, modem, access, isp-core, beyond, ipv6, dns, web, icmp";
                let message = format!(
                    "where = \"{name}\" is neither a place ({places}) nor a target ({})",
                    names.join(", ")
                );
                return Err(invalid(fault.at.span(), message));
            }
        }
        if names.len() > home::MOST {
            let message = format!("{} targets, at most {}", names.len(), home::MOST);
            return Err(invalid(0..0, message));
        }
        if scenario.length > LONGEST || scenario.length < SHORTEST {
            let length = crate::time::duration::text(scenario.length);
            let at = text.find("length").unwrap_or(0);
            let message = format!("length = \"{length}\" is not between 1 s and 400 days");
            return Err(invalid(at..at + 6, message));
        }
        if scenario.seeds.is_empty() {
            let at = text.find("seeds").unwrap_or(0);
            return Err(invalid(at..at + 5, "seeds = []: at least one is needed".to_owned()));
        }
        Ok(scenario)
    }
}

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(400 * 86_400);
