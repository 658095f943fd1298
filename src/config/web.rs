//! The live page: where it listens, and who is let in.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use serde::{Serialize, Serializer};

use super::secret::{SecretError, secret_of};
use crate::vocabulary::Secret;

/// The live page, its JSON, and `/metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct WebConfig {
    /// Whether to serve them.
    pub enabled: bool,
    /// Where to listen; by default on this computer only, anywhere else only with a token.
    pub listen: SocketAddr,
    /// Names by which browsers may call it, besides `localhost` and literal addresses.
    pub hosts: Vec<String>,
    /// What lets a visitor from elsewhere in; who shows it gets reports with the numbers of account
    /// and tickets, and writes notes. `None`: nobody does. What is shown of the configuration has
    /// `"..."` in its place. See [`Self::token`].
    #[serde(serialize_with = "hidden")]
    pub token: Option<Secret>,
    /// The file whose first line is the token, in place of `token`.
    pub token_file: Option<PathBuf>,
    /// Whether the status page and its feed are for all who reach the address, without the token.
    pub public_status: bool,
}

/// A secret as it is shown.
#[allow(clippy::ref_option, reason = "the signature is serde's")]
pub(super) fn hidden<S: Serializer>(secret: &Option<Secret>, s: S) -> Result<S::Ok, S::Error> {
    match secret {
        Some(_) => s.serialize_some("..."),
        None => s.serialize_none(),
    }
}

impl WebConfig {
    /// The same with the token of its file, if one is named, in place of any other.
    ///
    /// # Errors
    /// Where the file cannot be read, or has no token.
    pub fn with_token_of_file(self) -> Result<Self, SecretError> {
        match secret_of(self.token_file.as_deref(), None)? {
            Some(token) => Ok(Self { token: Some(token), ..self }),
            None => Ok(self),
        }
    }

    /// The token without blanks around it; a blank one is none.
    pub fn token(&self) -> Option<&str> {
        self.token.as_ref().map(|token| token.reveal().trim()).filter(|token| !token.is_empty())
    }

    /// What makes the token a bad one, in a sentence.
    pub fn trouble_of_token(&self) -> Option<&'static str> {
        const LEAST: usize = 12;
        match self.token() {
            None if self.token.is_some() => Some("`token` in [web] is blank: there is none then"),
            Some(token) if !token.is_ascii() => {
                Some("`token` in [web] has letters beyond ASCII: programs cannot send it")
            }
            Some(token) if token.len() < LEAST => {
                Some("`token` in [web] has fewer than 12 characters: it can be guessed")
            }
            _ => None,
        }
    }

    /// Whether only this computer reaches it.
    pub fn is_on_loopback(&self) -> bool {
        self.listen.ip().to_canonical().is_loopback()
    }

    /// Whether anyone who reaches the address could read everything, so that it is not served. A token
    /// in a file is one.
    pub fn is_unguarded(&self) -> bool {
        !self.is_on_loopback() && self.token().is_none() && self.token_file.is_none()
    }
}

impl Default for WebConfig {
    fn default() -> Self {
        Self {
            enabled: true,
            listen: SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8420),
            hosts: Vec::new(),
            token: None,
            token_file: None,
            public_status: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_is_the_first_line_of_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let web = |path: &std::path::Path| WebConfig {
            listen: "0.0.0.0:8420".parse().unwrap(),
            token: Some(Secret::new("another".to_owned())),
            token_file: Some(path.to_owned()),
            ..WebConfig::default()
        };
        std::fs::write(&path, "open sesame 4711\r\nmore\n").unwrap();
        assert!(!web(&path).is_unguarded());
        let read = web(&path).with_token_of_file().unwrap();
        assert_eq!(read.token(), Some("open sesame 4711"));
        for nothing in ["", "\nsesame\n", "  \n"] {
            std::fs::write(&path, nothing).unwrap();
            assert!(web(&path).with_token_of_file().is_err(), "{nothing:?}");
        }
        let why = web(&folder.path().join("none")).with_token_of_file().unwrap_err().to_string();
        assert!(why.contains("none"), "{why}");
        let plain = WebConfig { token_file: None, ..web(&path) };
        assert_eq!(plain.with_token_of_file().unwrap().token(), Some("another"));
    }
}
