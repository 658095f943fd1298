//! Alerts by HTTP and by a program: where to, in what form, and with what secrets.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::secret::{SecretError, secret_of};
use super::template;
use crate::text::words::word_enum;
use crate::vocabulary::{Secret, Url};

word_enum! {
    /// The form of what is sent by HTTP.
    pub enum WebhookPreset: "preset" = Plain {
        /// The JSON of docs/json.md
        Plain = "plain",
        /// A body of one's own
        Template = "template",
        /// ntfy
        Ntfy = "ntfy",
        /// Gotify
        Gotify = "gotify",
        /// A room of Matrix
        Matrix = "matrix",
        /// Slack, Mattermost, Rocket.Chat
        Slack = "slack",
        /// Discord
        Discord = "discord",
        /// Apprise API
        Apprise = "apprise",
        /// Alertmanager of Prometheus
        Alertmanager = "alertmanager",
    }
}

word_enum! {
    /// How a webhook is sent.
    pub enum WebhookMethod: "method" {
        /// POST
        Post = "POST",
        /// PUT
        Put = "PUT",
        /// PATCH
        Patch = "PATCH",
    }
}

/// A field in the head of each request. Its value may be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderField {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Secret,
}

impl HeaderField {
    /// `Name: value`; `None` for what is none.
    pub fn parse(line: &str) -> Option<Self> {
        let (name, value) = line.split_once(':')?;
        let (name, value) = (name.trim(), value.trim());
        let is_name = hyper::header::HeaderName::from_bytes(name.as_bytes()).is_ok();
        let is_value = !value.is_empty() && value.bytes().all(|b| (b' '..=b'~').contains(&b));
        let field = || Self { name: name.to_owned(), value: Secret::new(value.to_owned()) };
        (is_name && is_value).then(field)
    }
}

/// As it is shown: without its value.
impl Serialize for HeaderField {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(&format_args!("{}: ...", self.name))
    }
}

/// Where a webhook goes, and in what form. Which keys a preset takes is in docs/alerts.md.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct WebhookConfig {
    /// The form.
    pub preset: WebhookPreset,
    /// The address, which is shown without its path: that may be a secret.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "without_path")]
    pub url: Option<Secret>,
    /// The file with the address, where it is a secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_file: Option<PathBuf>,
    /// The variable with the address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url_env: Option<String>,
    /// The file with the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// The variable with the token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// The file with the key of signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_file: Option<PathBuf>,
    /// The variable with the key of signatures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub secret_env: Option<String>,
    /// The method; `None`: that of the preset.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub method: Option<WebhookMethod>,
    /// Further fields of its head.
    pub headers: Vec<HeaderField>,
    /// The certificates that are trusted; `None`: those of known authorities.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The room, in Matrix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub room: Option<String>,
    /// The body of [`WebhookPreset::Template`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template: Option<String>,
    /// What that body is; `None`: JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_type: Option<String>,
    /// How long Alertmanager shows what was over before it could be told, so that it tells it on.
    #[serde(with = "crate::time::duration")]
    pub linger: Duration,
}

impl Default for WebhookConfig {
    fn default() -> Self {
        Self {
            preset: WebhookPreset::Plain,
            url: None,
            url_file: None,
            url_env: None,
            token_file: None,
            token_env: None,
            secret_file: None,
            secret_env: None,
            method: None,
            headers: Vec::new(),
            ca_file: None,
            room: None,
            template: None,
            content_type: None,
            // The usual `group_interval` of Alertmanager and a minute.
            linger: Duration::from_secs(360),
        }
    }
}

impl WebhookConfig {
    /// Whether an address is given, in whatever way.
    pub fn has_address(&self) -> bool {
        self.url.is_some() || self.url_file.is_some() || self.url_env.is_some()
    }

    /// Where it goes.
    ///
    /// # Errors
    /// If the address cannot be read or is none, in a sentence without it.
    pub fn address(&self) -> Result<Url, String> {
        let kept = secret_of(self.url_file.as_deref(), self.url_env.as_deref());
        let url = match &self.url {
            Some(url) => url.clone(),
            None => kept.map_err(|e| e.to_string())?.ok_or("it has no url")?,
        };
        url.reveal().parse().map_err(|_| "its url is none such as https://example.org/x".to_owned())
    }

    /// The token, if one is given.
    ///
    /// # Errors
    /// As for [`secret_of`].
    pub fn token(&self) -> Result<Option<Secret>, SecretError> {
        secret_of(self.token_file.as_deref(), self.token_env.as_deref())
    }

    /// The key of signatures, if one is given.
    ///
    /// # Errors
    /// As for [`secret_of`].
    pub fn secret(&self) -> Result<Option<Secret>, SecretError> {
        secret_of(self.secret_file.as_deref(), self.secret_env.as_deref())
    }
}

impl WebhookConfig {
    /// What is missing or wrong in its keys, with the key concerned.
    pub(super) fn trouble(&self) -> Option<(&'static str, String)> {
        let preset = self.preset;
        if !self.has_address() {
            return Some(("url", "this alert has no url, and no url-file or url-env".to_owned()));
        }
        let path = self.url.as_ref().and_then(|url| url.reveal().parse::<Url>().ok());
        if preset == WebhookPreset::Ntfy && path.is_some_and(|url| url.path == "/") {
            return Some(("url", "url: the topic of ntfy has to be behind the server".to_owned()));
        }
        let needs_token = matches!(preset, WebhookPreset::Gotify | WebhookPreset::Matrix);
        if needs_token && self.token_file.is_none() && self.token_env.is_none() {
            let message = format!("this alert needs token-file or token-env, as {preset} does");
            return Some(("preset", message));
        }
        match (preset, &self.room, &self.template) {
            (WebhookPreset::Matrix, None, _) => {
                Some(("preset", "this alert has no room, which matrix needs".to_owned()))
            }
            (WebhookPreset::Matrix, Some(room), _) if !room.starts_with('!') => Some((
                "room",
                "room: the internal name of a room begins with ! and is among its \
                               advanced settings"
                    .to_owned(),
            )),
            (WebhookPreset::Template, _, None) => {
                Some(("preset", "this alert has no template".to_owned()))
            }
            (WebhookPreset::Template, _, Some(template)) => {
                let trouble = template::trouble_of(template, self.content_type.as_deref())?;
                Some(("template", format!("template: {trouble}")))
            }
            _ => None,
        }
    }
}

/// `https://ntfy.example/...`
#[allow(clippy::ref_option, reason = "the signature is serde's")]
fn without_path<S: Serializer>(url: &Option<Secret>, s: S) -> Result<S::Ok, S::Error> {
    let shown = url.as_ref().and_then(|url| url.reveal().parse::<Url>().ok());
    let shown = shown.map(|url| Url { path: "/...".to_owned(), ..url }.to_string());
    s.serialize_some(&shown.unwrap_or_else(|| "...".to_owned()))
}

/// The program that an alert is given to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct CommandConfig {
    /// The program and its arguments.
    pub command: Vec<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neither_a_path_nor_the_value_of_a_field_is_shown() {
        let config = WebhookConfig {
            url: Some(Secret::new("https://hooks.example:8443/services/T0/hunter2".to_owned())),
            headers: vec![HeaderField::parse("X-Api-Key:  hunter2 ").unwrap()],
            ..WebhookConfig::default()
        };
        assert_eq!(config.headers[0].value.reveal(), "hunter2");
        let shown = toml::to_string(&config).unwrap();
        assert!(shown.contains("url = \"https://hooks.example:8443/...\""), "{shown}");
        assert!(shown.contains("headers = [\"X-Api-Key: ...\"]"), "{shown}");
        assert!(!format!("{shown}{config:?}").contains("hunter2"), "{shown}");
    }

    #[test]
    fn a_field_has_a_name_and_a_value_on_one_line() {
        for line in ["", "X", "X:", ": a", "X Y: a", "X: a\nY: b", "X: ä"] {
            assert_eq!(HeaderField::parse(line), None, "{line:?}");
        }
    }

    #[test]
    fn a_wrong_address_is_not_repeated() {
        let url = Some(Secret::new("hooks.example/hunter2".to_owned()));
        let error = WebhookConfig { url, ..WebhookConfig::default() }.address().unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
        assert_eq!(WebhookConfig::default().address().unwrap_err(), "it has no url");
    }
}
