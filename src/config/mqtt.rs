//! The MQTT broker of a Home Assistant.

use std::path::PathBuf;

use serde::Serialize;

use super::secret::{SecretError, secret_of};
use crate::vocabulary::Secret;

/// The MQTT broker that Home Assistant listens to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct MqttConfig {
    /// Its host, with a port unless it is the usual one; `None`: none is told. See [`Self::host`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// Whether over TLS.
    pub tls: bool,
    /// Who connects; `None`: the broker does not ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The file with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The variable with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// First level of the topics at which Home Assistant looks for devices.
    pub discovery: String,
    /// First level of linkmon's own topics.
    pub topic: String,
}

impl Default for MqttConfig {
    fn default() -> Self {
        Self {
            server: None,
            tls: false,
            user: None,
            password_file: None,
            password_env: None,
            discovery: "homeassistant".to_owned(),
            topic: "linkmon".to_owned(),
        }
    }
}

impl MqttConfig {
    /// The name or literal address of the broker, without brackets, and its port; `None`: none is told.
    pub fn host(&self) -> Option<(String, u16)> {
        let (host, port) = split(self.server.as_deref()?);
        Some((host.to_owned(), port.unwrap_or(if self.tls { 8883 } else { 1883 })))
    }

    /// The password, if one is given: read each time that it is needed.
    ///
    /// # Errors
    /// As for [`secret_of`].
    pub fn password(&self) -> Result<Option<Secret>, SecretError> {
        secret_of(self.password_file.as_deref(), self.password_env.as_deref())
    }
}

/// Host and port of `mail.example.net:587`, `[::1]:25`, `mail.example.net`.
pub(super) fn split(server: &str) -> (&str, Option<u16>) {
    let whole = server.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    match (whole, server.rsplit_once(':')) {
        (Some((host, rest)), _) => {
            (host, rest.strip_prefix(':').and_then(|port| port.parse().ok()))
        }
        (None, Some((host, port))) if !host.contains(':') => (host, port.parse().ok()),
        _ => (server, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broker_has_the_usual_port_unless_another_is_given() {
        let mut config = MqttConfig::default();
        assert_eq!(config.host(), None);
        for (server, tls, host, port) in [
            ("homeassistant.lan", false, "homeassistant.lan", 1_883),
            ("homeassistant.lan", true, "homeassistant.lan", 8_883),
            ("192.0.2.1:18830", true, "192.0.2.1", 18_830),
            ("[2001:db8::1]:1884", false, "2001:db8::1", 1_884),
            ("2001:db8::1", false, "2001:db8::1", 1_883),
        ] {
            (config.server, config.tls) = (Some(server.to_owned()), tls);
            assert_eq!(config.host(), Some((host.to_owned(), port)), "{server}");
        }
    }
}
