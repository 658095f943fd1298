//! Receivers of remote write: where they are, how to get in, and what they are sent.

use std::path::PathBuf;

use jiff::tz::TimeZone;
use serde::Serialize;

use super::secret::{SecretError, secret_of};
use crate::text::words::word_enum;
use crate::time::{Timestamp, parse_instant};
use crate::vocabulary::Secret;

word_enum! {
    /// How finely a receiver gets the record.
    pub enum SendDetail: "detail" = Drops {
        /// Each second around the edges of drops, else each minute
        Drops = "drops",
        /// Each minute
        Minutes = "minutes",
        /// Each second
        Seconds = "seconds",
    }
}

word_enum! {
    /// What becomes of samples that a receiver refuses because of their age.
    pub enum OnTooOld: "word for on-too-old" = Hold {
        /// They wait, and so do those after them, until the receiver takes them
        Hold = "hold",
        /// They are left out and counted
        Skip = "skip",
    }
}

/// A receiver of remote write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct RemoteWriteConfig {
    /// Unique name; `None`: `default`. See [`Self::name`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where it is; always given in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// The user of basic authentication.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The file with the user's password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The environment variable with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// The file with a bearer token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
    /// The environment variable with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// The file with the certificates that are trusted in place of all others.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<PathBuf>,
    /// The interface by which it is reached, whatever the state of the line; `None`: by the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interface: Option<String>,
    /// The label `instance`; `None`: the name of this computer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// From when on the record is sent; `None`: from its beginning. See [`Self::first`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How finely.
    pub detail: SendDetail,
    /// Whether delays are sent as histograms, or as sums alone.
    pub histograms: bool,
    /// What becomes of samples that are too old for it.
    pub on_too_old: OnTooOld,
}

impl Default for RemoteWriteConfig {
    fn default() -> Self {
        Self {
            name: None,
            url: None,
            user: None,
            password_file: None,
            password_env: None,
            token_file: None,
            token_env: None,
            ca_file: None,
            interface: None,
            instance: None,
            from: None,
            detail: SendDetail::default(),
            histograms: true,
            on_too_old: OnTooOld::default(),
        }
    }
}

impl RemoteWriteConfig {
    /// Its name, in the record, the status and the metrics.
    pub fn name(&self) -> &str {
        self.name.as_deref().unwrap_or("default")
    }

    /// From when on the record is sent; `None`: from its beginning.
    pub fn first(&self, zone: &TimeZone) -> Option<Timestamp> {
        // Words that mean another time each day are refused when the file is read.
        parse_instant(self.from.as_deref()?, Timestamp::default(), zone).ok()
    }

    /// `Authorization`, as it is to be sent; read each time, so that it can be mended.
    ///
    /// # Errors
    /// Where the secret cannot be read.
    pub fn authorization(&self) -> Result<Option<Secret>, SecretError> {
        use base64::Engine as _;
        let of = |file: &Option<PathBuf>, variable: &Option<String>| {
            secret_of(file.as_deref(), variable.as_deref())
        };
        if let Some(token) = of(&self.token_file, &self.token_env)? {
            return Ok(Some(Secret::new(format!("Bearer {}", token.reveal()))));
        }
        let Some(user) = &self.user else { return Ok(None) };
        let password = of(&self.password_file, &self.password_env)?;
        let password = password.as_ref().map_or("", Secret::reveal);
        let both = base64::prelude::BASE64_STANDARD.encode(format!("{user}:{password}"));
        Ok(Some(Secret::new(format!("Basic {both}"))))
    }

    /// What in it contradicts itself, in a sentence, and at which key.
    pub(super) fn contradiction(&self) -> Option<(&'static str, &'static str)> {
        let has_password = self.password_file.is_some() || self.password_env.is_some();
        if self.url.is_none() {
            return Some(("url", "this receiver has no url"));
        }
        (has_password && self.user.is_none())
            .then_some(("password-file", "a password is given, but no user"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_receiver_is_asked_with_a_token_or_as_a_user() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("secret");
        std::fs::write(&file, "open sesame\n").unwrap();
        let header = |config: RemoteWriteConfig| {
            config.authorization().unwrap().map(|secret| secret.reveal().to_owned())
        };
        let none = RemoteWriteConfig::default;
        assert_eq!(header(none()), None);
        let token = RemoteWriteConfig { token_file: Some(file.clone()), ..none() };
        assert_eq!(header(token).as_deref(), Some("Bearer open sesame"));
        let user = Some("Aladdin".to_owned());
        let basic = RemoteWriteConfig { user, password_file: Some(file), ..none() };
        // RFC 7617, section 2.
        assert_eq!(header(basic).as_deref(), Some("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="));
        let missing = Some(folder.path().join("none"));
        assert!(RemoteWriteConfig { token_file: missing, ..none() }.authorization().is_err());
    }
}
