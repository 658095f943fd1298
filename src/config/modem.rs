//! Reading the modem: where it is, and how to get in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Serialize;

use super::Config;
use crate::sys::plain;
use crate::vocabulary::{ModemKind, Secret};

/// Passwords are shorter than this many bytes.
const MOST_PASSWORD: u64 = 4_096;

/// Where the modem is, and how to get in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct ModemConfig {
    /// Its address; `None`: that of [`Discover`](super::Discover).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<String>,
    /// What it is; `None`: to be found out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<ModemKind>,
    /// The user's name; `None`: that of its kind.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<String>,
    /// The file with its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_file: Option<PathBuf>,
    /// The environment variable with its password.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password_env: Option<String>,
    /// Time from one reading to the next; zero: it is not read.
    #[serde(with = "crate::time::duration")]
    pub every: Duration,
}

impl Default for ModemConfig {
    fn default() -> Self {
        Self {
            address: None,
            kind: None,
            user: None,
            password_file: None,
            password_env: None,
            every: Duration::from_secs(900),
        }
    }
}

/// Why there is no password although one is configured.
#[derive(Debug, thiserror::Error)]
pub enum PasswordError {
    /// The file cannot be read.
    #[error("read the modem's password from {}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The file is empty or no text.
    #[error("{}: its first line is not a password", .0.display())]
    NoPassword(PathBuf),
    /// The variable is not set.
    #[error("${0} is not set, which is to hold the modem's password")]
    NoVariable(String),
}

impl ModemConfig {
    /// Whether anything was configured of it: then it is there, and a failure to read it is worth
    /// saying.
    pub fn is_configured(&self) -> bool {
        self.address.is_some() || self.kind.is_some() || self.wants_password()
    }

    fn wants_password(&self) -> bool {
        self.password_file.is_some() || self.password_env.is_some()
    }

    /// The password, if one is configured: read each time that it is needed.
    ///
    /// # Errors
    /// Where the file cannot be read, the variable is not set, or there is nothing in it.
    pub fn password(&self) -> Result<Option<Secret>, PasswordError> {
        if let Some(path) = &self.password_file {
            return first_line(path).map(|line| Some(Secret::new(line)));
        }
        let Some(name) = &self.password_env else { return Ok(None) };
        match std::env::var(name) {
            Ok(password) if !password.is_empty() => Ok(Some(Secret::new(password))),
            _ => Err(PasswordError::NoVariable(name.clone())),
        }
    }
}

fn first_line(path: &Path) -> Result<String, PasswordError> {
    let bytes = plain::read(path, MOST_PASSWORD)
        .map_err(|source| PasswordError::File { path: path.to_owned(), source })?;
    let text = String::from_utf8(bytes).ok();
    text.and_then(|text| text.lines().next().map(str::to_owned))
        .filter(|line| !line.is_empty())
        .ok_or_else(|| PasswordError::NoPassword(path.to_owned()))
}

impl Config {
    /// The address at which the modem is read; `None`: it is not read.
    pub fn modem_address(&self) -> Option<String> {
        if self.modem.every.is_zero() {
            return None;
        }
        self.modem.address.clone().or_else(|| self.discover.modem.map(|ip| ip.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_the_first_line_of_its_file_and_never_shown() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("password");
        let config = |path: &Path| ModemConfig {
            password_file: Some(path.to_owned()),
            ..ModemConfig::default()
        };
        std::fs::write(&path, "hunter 2\r\nmore\n").unwrap();
        let secret = config(&path).password().unwrap().unwrap();
        assert_eq!(secret.reveal(), "hunter 2");
        assert!(!format!("{secret:?}").contains("hunter"));
        std::fs::write(&path, "\nhunter2\n").unwrap();
        assert!(config(&path).password().is_err());
        assert!(config(&folder.path().join("none")).password().is_err());
        assert_eq!(ModemConfig::default().password().unwrap(), None);
        let variable = Some("LINKMON_TEST_IS_NOT_SET".to_owned());
        let from_variable = ModemConfig { password_env: variable, ..ModemConfig::default() };
        assert!(from_variable.password().is_err());
    }

    #[test]
    fn it_is_read_where_it_is_found_unless_reading_is_off() {
        let mut config = Config::default();
        assert_eq!(config.modem_address().as_deref(), Some("192.168.100.1"));
        config.modem.address = Some("10.0.0.1:8080".to_owned());
        assert_eq!(config.modem_address().as_deref(), Some("10.0.0.1:8080"));
        config.modem.every = Duration::ZERO;
        assert_eq!(config.modem_address(), None);
    }
}
