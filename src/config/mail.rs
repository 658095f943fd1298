//! Alerts by mail: from whom, to whom, and by which server.

use std::net::IpAddr;
use std::path::PathBuf;

use lettre::message::Mailbox;
use serde::Serialize;

use super::mqtt::split;
use super::secret::{SecretError, secret_of};
use crate::net::smtp::MailSecurity;
use crate::vocabulary::Secret;

/// From whom, to whom, and by which server or program.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Default)]
#[serde(rename_all = "kebab-case")]
pub struct MailConfig {
    /// Whom it is from: an address, or a name with one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// To whom it goes, in the same form.
    pub to: Vec<String>,
    /// The server it is handed over to, with a port unless it is the usual one. See [`Self::host`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub server: Option<String>,
    /// How the way to it is protected. See [`Self::security`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls: Option<MailSecurity>,
    /// Who hands it over; `None`: the server does not ask.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The file with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The variable with the password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// The program it is handed over to in place of a server.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sendmail: Option<PathBuf>,
}

impl MailConfig {
    /// Whom it is from; `None`: nobody is given.
    pub fn sender(&self) -> Option<Mailbox> {
        self.from.as_ref()?.parse().ok()
    }

    /// To whom it goes.
    pub fn recipients(&self) -> Vec<Mailbox> {
        self.to.iter().filter_map(|to| to.parse().ok()).collect()
    }

    /// The name or literal address of the server, without brackets, and the port.
    pub fn host(&self) -> Option<(String, u16)> {
        let (host, port) = split(self.server.as_deref()?);
        let usual = security_for(host, self.tls, port).port();
        Some((host.to_owned(), port.unwrap_or(usual)))
    }

    /// How the way to the server is protected: as configured, else by its port, and on this computer not
    /// at all.
    pub fn security(&self) -> MailSecurity {
        let (host, port) = self.server.as_deref().map(split).unwrap_or_default();
        security_for(host, self.tls, port)
    }

    /// The password, if one is given: read each time that it is needed.
    ///
    /// # Errors
    /// As for [`secret_of`].
    pub fn password(&self) -> Result<Option<Secret>, SecretError> {
        secret_of(self.password_file.as_deref(), self.password_env.as_deref())
    }

    /// What is missing or does not go together, in a sentence.
    pub fn trouble(&self) -> Option<String> {
        let has_password = self.password_file.is_some() || self.password_env.is_some();
        let host = self.host().map(|(host, _)| host).unwrap_or_default();
        let said = if self.to.is_empty() {
            "mail needs to = [\"you@example.net\"]"
        } else if self.from.is_none() {
            "mail needs from = \"linkmon@example.net\": servers take it from addresses they know"
        } else if self.server.is_some() == self.sendmail.is_some() {
            "mail goes out by a server or by a program: give either server or sendmail"
        } else if self.user.is_some() != has_password {
            "user and password-file (or password-env) belong together"
        } else if self.security() == MailSecurity::Plain && !is_here(&host) && self.server.is_some()
        {
            "tls = \"none\" is for a server on this computer alone: everyone on the way could read \
             the mail and the password"
        } else {
            return None;
        };
        Some(said.to_owned())
    }
}

fn security_for(host: &str, configured: Option<MailSecurity>, port: Option<u16>) -> MailSecurity {
    match (configured, port) {
        (Some(security), _) => security,
        (None, _) if is_here(host) => MailSecurity::Plain,
        (None, Some(587 | 25)) => MailSecurity::StartTls,
        (None, _) => MailSecurity::Tls,
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to_server(server: &str) -> MailConfig {
        MailConfig { server: Some(server.to_owned()), ..MailConfig::default() }
    }

    #[test]
    fn the_way_to_a_server_is_protected_unless_it_is_on_this_computer() {
        use MailSecurity::{Plain, StartTls, Tls};
        for (server, host, port, security) in [
            ("mail.example.net", "mail.example.net", 465, Tls),
            ("mail.example.net:587", "mail.example.net", 587, StartTls),
            ("mail.example.net:25", "mail.example.net", 25, StartTls),
            ("mail.example.net:2525", "mail.example.net", 2_525, Tls),
            ("192.0.2.1:465", "192.0.2.1", 465, Tls),
            ("[2001:db8::1]:587", "2001:db8::1", 587, StartTls),
            ("2001:db8::1", "2001:db8::1", 465, Tls),
            ("localhost", "localhost", 25, Plain),
            ("[::1]:2525", "::1", 2_525, Plain),
            ("127.0.0.1:587", "127.0.0.1", 587, Plain),
        ] {
            let config = to_server(server);
            assert_eq!(config.host(), Some((host.to_owned(), port)), "{server}");
            assert_eq!(config.security(), security, "{server}");
        }
        let config = MailConfig { tls: Some(StartTls), ..to_server("localhost") };
        assert_eq!(config.host(), Some(("localhost".to_owned(), 587)));
    }

    #[test]
    fn what_is_missing_is_said() {
        let mut config =
            MailConfig { to: vec!["a@example.net".to_owned()], ..MailConfig::default() };
        let trouble = |config: &MailConfig| config.trouble().unwrap_or_default();
        assert!(trouble(&MailConfig::default()).contains("needs to"));
        assert!(trouble(&config).contains("needs from"));
        config.from = Some("linkmon@example.net".to_owned());
        assert!(trouble(&config).contains("either server or sendmail"));
        config.server = Some("mail.example.net".to_owned());
        assert_eq!(config.trouble(), None);
        config.tls = Some(MailSecurity::Plain);
        assert!(trouble(&config).contains("on this computer alone"));
        config.tls = None;
        config.user = Some("me".to_owned());
        assert!(trouble(&config).contains("belong together"));
        config.password_env = Some("MAIL_PASSWORD".to_owned());
        assert_eq!(config.trouble(), None);
        config.sendmail = Some("/usr/sbin/sendmail".into());
        assert!(trouble(&config).contains("either server or sendmail"));
    }
}
