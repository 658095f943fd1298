//! Alerts: to whom, by which channel, and what of what happens.

use std::time::Duration;

use serde::Serialize;

use super::mail::MailConfig;
use super::webhook::{CommandConfig, WebhookConfig};
use crate::text::words::word_enum;
use crate::vocabulary::{MessageEvent, Place};

word_enum! {
    /// By what a channel sends.
    pub enum AlertKind: "kind of alert" {
        /// An HTTP request
        Webhook = "webhook",
        /// A program on this computer
        Command = "command",
        /// Mail
        Mail = "mail",
        /// The desktop of the session in which the daemon runs
        Desktop = "desktop",
    }
}

/// Told by a channel without `events`.
const TOLD_UNLESS_CONFIGURED: [MessageEvent; 10] = [
    MessageEvent::Down,
    MessageEvent::StillDown,
    MessageEvent::Back,
    MessageEvent::Corrected,
    MessageEvent::Withdrawn,
    MessageEvent::Flapping,
    MessageEvent::FlappingOver,
    MessageEvent::Login,
    MessageEvent::Blind,
    MessageEvent::Disk,
];
/// On a desktop nobody sees what happened longer ago.
const DESKTOP_EXPIRES: Duration = Duration::from_secs(600);

/// A channel that alerts go out by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct AlertConfig {
    /// Unique name; `None`: the word of its kind. See [`Self::name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// By what it sends; always given in a file. See [`Self::kind`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<AlertKind>,
    /// What it tells; empty: see [`Self::tells`].
    pub events: Vec<MessageEvent>,
    /// Drops at these places are told; empty: at any.
    pub places: Vec<Place>,
    /// A drop is told once it has lasted this long.
    #[serde(with = "crate::time::duration")]
    pub least: Duration,
    /// Least time from one delivery to the next.
    #[serde(with = "crate::time::duration")]
    pub distance: Duration,
    /// How long the link must be up before it is told that it is.
    #[serde(with = "crate::time::duration")]
    pub hold_back: Duration,
    /// What waited longer is not sent any more. See [`Self::expires_after`].
    #[serde(with = "crate::time::duration")]
    pub expire: Duration,
    /// The interface by which it sends, whatever the state of the line; `None`: it sends by the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// Whether several that waited go out as one.
    pub merge: bool,
    /// From whom and to whom mail goes, and by which server.
    #[serde(flatten)]
    pub mail: MailConfig,
    /// How long a receiver or a program is waited for.
    #[serde(with = "crate::time::duration")]
    pub timeout: Duration,
    /// Where a webhook goes.
    #[serde(flatten)]
    pub webhook: WebhookConfig,
    /// The program that is started.
    #[serde(flatten)]
    pub program: CommandConfig,
}

impl Default for AlertConfig {
    fn default() -> Self {
        Self {
            name: None,
            kind: None,
            events: Vec::new(),
            places: Vec::new(),
            least: Duration::from_secs(15),
            distance: Duration::ZERO,
            hold_back: Duration::from_secs(30),
            expire: Duration::from_secs(7 * 86_400),
            interface: None,
            merge: true,
            mail: MailConfig::default(),
            timeout: Duration::from_secs(30),
            webhook: WebhookConfig::default(),
            program: CommandConfig::default(),
        }
    }
}

impl AlertConfig {
    /// A channel of a kind with the defaults.
    pub fn of(kind: AlertKind) -> Self {
        Self { kind: Some(kind), ..Self::default() }
    }

    /// By what it sends.
    pub fn kind(&self) -> AlertKind {
        self.kind.unwrap_or(AlertKind::Desktop)
    }

    /// What is missing or wrong in its keys of webhooks and programs, with the key concerned.
    pub(super) fn trouble(&self) -> Option<(&'static str, String)> {
        match self.kind? {
            AlertKind::Webhook => self.webhook.trouble(),
            AlertKind::Command if self.program.command.is_empty() => {
                Some(("command", "this alert has no command".to_owned()))
            }
            _ => None,
        }
    }

    /// Its name, in the record, in `linkmon status` and for `linkmon alert test`.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(self.kind().as_str())
    }

    /// Whether it tells this: what is configured, or all of drops, and what keeps linkmon from watching
    /// them. A test it always tells.
    pub fn tells(&self, event: MessageEvent) -> bool {
        let told = if self.events.is_empty() { &TOLD_UNLESS_CONFIGURED } else { &self.events[..] };
        let is_for_mail = event == MessageEvent::Report && self.kind() == AlertKind::Mail;
        let is_told = told.contains(&event) || (is_for_mail && self.events.is_empty());
        event == MessageEvent::Test || is_told
    }

    /// After which time a message is not sent any more.
    pub fn expires_after(&self) -> Duration {
        match self.kind() {
            AlertKind::Desktop => self.expire.min(DESKTOP_EXPIRES),
            AlertKind::Webhook | AlertKind::Command | AlertKind::Mail => self.expire,
        }
    }

    /// Whether it needs the line: not where it has an interface of its own or stays on this computer.
    pub fn leaves_by_the_line(&self) -> bool {
        self.interface.is_none() && matches!(self.kind(), AlertKind::Webhook | AlertKind::Mail)
    }
}
