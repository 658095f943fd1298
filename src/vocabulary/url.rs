//! The URL of an HTTP target, taken apart (RFC 3986; http and https alone, no user name).

use std::fmt;
use std::net::Ipv6Addr;
use std::str::FromStr;

/// Host, port and path of an HTTP target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Url {
    /// Whether over TLS.
    pub https: bool,
    /// Name or literal address, in lower case, without brackets.
    pub host: String,
    /// Port, given or the scheme's own.
    pub port: u16,
    /// Path and query, at least `/`.
    pub path: String,
}

/// Why a text is not the URL of a target.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{url}\" is no URL for an HTTP target: {reason} (as in https://example.com/path)")]
pub struct UrlError {
    url: String,
    reason: &'static str,
}

impl Url {
    /// As in the `Host` header: with brackets around IPv6, with the port unless it is the
    /// scheme's own.
    pub fn authority(&self) -> String {
        let v6 = self.host.contains(':');
        let host = if v6 { format!("[{}]", self.host) } else { self.host.clone() };
        if self.port == default_port(self.https) { host } else { format!("{host}:{}", self.port) }
    }
}

impl FromStr for Url {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let error = |reason| UrlError { url: text.to_owned(), reason };
        let uri: hyper::Uri = text.parse().map_err(|_| error("not an absolute URL"))?;
        let https = match uri.scheme_str() {
            Some("http") => false,
            Some("https") => true,
            _ => return Err(error("it begins with neither http:// nor https://")),
        };
        let authority = uri.authority().ok_or_else(|| error("it has no host"))?;
        if authority.as_str().contains('@') {
            return Err(error("it holds a user name"));
        }
        let host = host(authority).ok_or_else(|| error("its host is no name and no address"))?;
        if host.is_empty() {
            return Err(error("it has no host"));
        }
        let port = match authority.as_str().rsplit_once(':') {
            Some((_, digits)) if !digits.contains(']') => {
                authority.port_u16().ok_or_else(|| error("its port is no number up to 65535"))?
            }
            _ => default_port(https),
        };
        let mut path = uri.path_and_query().map_or("/", |p| p.as_str()).to_owned();
        if !path.starts_with('/') {
            // `http://host?query`: RFC 9112 (3.2.1) wants a path in a request.
            path.insert(0, '/');
        }
        Ok(Self { https, host, port, path })
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

/// In lower case and without brackets, which belong around an IPv6 address alone (RFC 3986, 3.2.2).
fn host(authority: &hyper::http::uri::Authority) -> Option<String> {
    let host = authority.host();
    let rest = authority.as_str().strip_prefix(host)?;
    let is_v6 = |inner: &&str| inner.parse::<Ipv6Addr>().is_ok();
    let name = match host.strip_prefix('[') {
        Some(literal) => literal.strip_suffix(']').filter(is_v6)?,
        None if host.contains(['[', ']']) => return None,
        None => host,
    };
    (rest.is_empty() || rest.starts_with(':')).then(|| name.to_ascii_lowercase())
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

#[cfg(test)]
#[path = "../../tests/fuzz/url.rs"]
mod fuzz;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn urls_are_taken_apart() {
        let url: Url = "https://Example.com:8443/a?b=c".parse().unwrap();
        assert_eq!((url.https, url.host.as_str(), url.port), (true, "example.com", 8443));
        assert_eq!(url.path, "/a?b=c");
        let url: Url = "http://[2606:4700::1111]".parse().unwrap();
        assert_eq!((url.host.as_str(), url.port, url.path.as_str()), ("2606:4700::1111", 80, "/"));
        assert_eq!(url.authority(), "[2606:4700::1111]");
        assert_eq!(url.to_string(), "http://[2606:4700::1111]/");
    }

    #[test]
    fn a_url_with_a_query_and_no_path_has_the_path_of_the_root() {
        let url: Url = "http://example.com?a=b".parse().unwrap();
        assert_eq!((url.path.as_str(), url.host.as_str()), ("/?a=b", "example.com"));
    }

    #[test]
    fn a_wrong_url_is_told_with_its_reason() {
        for (text, message) in [
            ("ftp://a/", "it begins with neither http:// nor https://"),
            ("http://a:99999/", "its port is no number up to 65535"),
            ("http://me:secret@a/", "it holds a user name"),
            ("http://a[::1]/", "its host is no name and no address"),
            ("http://[::1]a/", "its host is no name and no address"),
            ("http://[::g]/", "its host is no name and no address"),
            ("", "not an absolute URL"),
        ] {
            let expected = format!(
                "\"{text}\" is no URL for an HTTP target: {message} (as in https://example.com/path)"
            );
            assert_eq!(text.parse::<Url>().unwrap_err().to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn a_url_reads_back_as_itself(
            https: bool, host in "[a-z][a-z0-9.-]{0,20}", port: u16, path in "/[a-z0-9?=&/]{0,20}",
        ) {
            let url = Url { https, host, port, path };
            prop_assert_eq!(url.to_string().parse::<Url>().unwrap(), url);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "(http://)?.{0,40}") {
            let _ = text.parse::<Url>();
        }
    }
}
