//! The address of a modem as people write it.

use crate::net::client::HttpServer;

use super::ReadFailure;

/// Where a modem is, and whether its scheme was said or taken for granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ModemAddress {
    pub(super) server: HttpServer,
    pub(super) scheme: Scheme,
    pub(super) port: Option<u16>,
}

/// Whether an address says `http://` or `https://`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Said,
    Assumed,
}

impl ModemAddress {
    /// `192.168.100.1`, `fritz.box:8080`, `https://192.168.100.1/`, `[fe80::1]:80`, `fd00::1`.
    pub(super) fn read(text: &str) -> Result<Self, ReadFailure> {
        let wrong = || ReadFailure::Address(text.trim().to_owned());
        let text_given = text.trim();
        let (scheme, rest) = match text_given.split_once("://") {
            Some(("http", rest)) => (Some(false), rest),
            Some(("https", rest)) => (Some(true), rest),
            Some(_) => return Err(wrong()),
            None => (None, text_given),
        };
        let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let (host, port) = if let Some(bracketed) = authority.strip_prefix('[') {
            let (host, after) = bracketed.split_once(']').ok_or_else(wrong)?;
            (host, after.strip_prefix(':').map(str::to_owned))
        } else if authority.matches(':').count() > 1 {
            (authority, None)
        } else {
            match authority.split_once(':') {
                Some((host, port)) => (host, Some(port.to_owned())),
                None => (authority, None),
            }
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | ':');
        if host.is_empty() || !host.chars().all(is_name) {
            return Err(wrong());
        }
        let port = port.map(|port| port.parse::<u16>().map_err(|_| wrong())).transpose()?;
        let https = scheme.unwrap_or(false);
        Ok(Self {
            server: HttpServer {
                https,
                host: host.to_ascii_lowercase(),
                port: port.unwrap_or(own_port(https)),
            },
            scheme: if scheme.is_some() { Scheme::Said } else { Scheme::Assumed },
            port,
        })
    }

    /// The same over TLS or not, unless the address says which.
    pub(super) fn assumed(mut self, https: bool) -> Self {
        if self.scheme == Scheme::Assumed {
            self.server.https = https;
            self.server.port = self.port.unwrap_or(own_port(https));
        }
        self
    }

    /// The same at another port, unless the address says which.
    pub(super) fn at(mut self, port: u16) -> Self {
        self.server.port = self.port.unwrap_or(port);
        self
    }
}

pub(super) const fn own_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_people_write_them() {
        let read = |text: &str| ModemAddress::read(text).map(|a| (a.server.to_string(), a.scheme));
        for (text, server, scheme) in [
            ("192.168.100.1", "http://192.168.100.1", Scheme::Assumed),
            (" Fritz.Box:8080/x ", "http://fritz.box:8080", Scheme::Assumed),
            ("https://192.168.100.1/", "https://192.168.100.1", Scheme::Said),
            ("http://[fd00::1]:81", "http://[fd00::1]:81", Scheme::Said),
            ("fd00::1", "http://[fd00::1]", Scheme::Assumed),
        ] {
            assert_eq!(read(text), Ok((server.to_owned(), scheme)), "{text}");
        }
        for odd in ["", "ftp://a", "a b", "user@host", "a:99999", "[::1", "http://"] {
            assert!(read(odd).is_err(), "{odd}");
        }
        let bare = ModemAddress::read("modem").unwrap();
        assert_eq!(bare.clone().assumed(true).server.port, 443);
        assert_eq!(bare.at(9201).server.port, 9201);
        let said = ModemAddress::read("http://modem:1").unwrap();
        assert_eq!(said.clone().assumed(true).at(2), said);
    }
}
