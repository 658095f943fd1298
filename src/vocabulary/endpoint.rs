//! Where a target is: the text that is configured and stored, taken apart once.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use super::kind::Kind;
use super::url::Url;

/// Where a target is. It keeps its text octet for octet: two endpoints are one only when they are
/// written alike, and a text that cannot be read is kept like any other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    text: String,
    destination: Destination,
}

/// What a prober needs to know of an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// `1.1.1.1`: echo requests go to this address.
    Icmp(IpAddr),
    /// `https://example.com/path`.
    Http(Url),
    /// `example.com@192.168.1.1` or `example.com@[::1]:5353`.
    Dns {
        /// The name whose A records are asked for; for the root `.`, NS records.
        name: String,
        /// Literal address and port of the server; 53 where none is written.
        server: SocketAddr,
    },
    /// `example.com:443` or `[2620:fe::fe]:53`.
    Tcp {
        /// Name or literal address, without brackets.
        host: String,
        /// 1 to 65535.
        port: u16,
    },
    /// None of these, and nothing is sent: the name of an ICMP target that has never been resolved,
    /// an address that was taken out of a report, a row that another program wrote.
    Unknown,
}

impl Endpoint {
    /// Reads `text` as targets of this kind are written.
    pub fn new(kind: Kind, text: impl Into<String>) -> Self {
        let text = text.into();
        let destination = match kind {
            Kind::Icmp => text.parse().ok().map(Destination::Icmp),
            Kind::Http => text.parse().ok().map(Destination::Http),
            Kind::Dns => dns(&text),
            Kind::Tcp => tcp(&text),
        };
        Self { text, destination: destination.unwrap_or(Destination::Unknown) }
    }

    /// The endpoint of an ICMP target.
    pub fn icmp(address: IpAddr) -> Self {
        Self { text: address.to_string(), destination: Destination::Icmp(address) }
    }

    /// The endpoint of a DNS target. The port is written only where it is not 53.
    pub fn dns(name: &str, server: SocketAddr) -> Self {
        let text = match server.port() {
            53 => format!("{name}@{}", server.ip()),
            _ => format!("{name}@{server}"),
        };
        Self { text, destination: Destination::Dns { name: name.to_owned(), server } }
    }

    /// As it is configured and stored.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// What it names.
    pub fn destination(&self) -> &Destination {
        &self.destination
    }

    /// The name or literal address that HTTP and TCP probes connect to.
    pub fn host(&self) -> Option<&str> {
        match &self.destination {
            Destination::Http(url) => Some(&url.host),
            Destination::Tcp { host, .. } => Some(host),
            _ => None,
        }
    }

    /// Whether an answer from it can only be its own: it is asked for names, over TLS or by a bare
    /// connection, but not for plain web pages, for which any router stands in.
    pub fn is_beyond_pings(&self) -> bool {
        match &self.destination {
            Destination::Dns { .. } => true,
            Destination::Http(url) => url.https,
            Destination::Tcp { port, .. } => *port != 80,
            Destination::Icmp(_) | Destination::Unknown => false,
        }
    }

    /// The address that probes go to; `None` where a name has to be resolved first.
    pub fn literal(&self) -> Option<IpAddr> {
        match &self.destination {
            Destination::Icmp(address) => Some(*address),
            Destination::Dns { server, .. } => Some(server.ip()),
            _ => self.host()?.parse().ok(),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

fn dns(text: &str) -> Option<Destination> {
    let (name, server) = text.split_once('@')?;
    if name.is_empty() || simple_dns::Name::new(name).is_err() {
        return None;
    }
    let bare = bracketed(server).unwrap_or(server);
    let alone = || bare.parse().ok().map(|address: IpAddr| SocketAddr::new(address, 53));
    let server = server.parse().ok().or_else(alone)?;
    Some(Destination::Dns { name: name.to_owned(), server })
}

fn tcp(text: &str) -> Option<Destination> {
    let (host, port) = text.rsplit_once(':')?;
    let host = match bracketed(host) {
        Some(v6) => v6.parse::<Ipv6Addr>().ok().map(|_| v6)?,
        None if host.is_empty() || host.contains([':', '/', '@', ' ']) => return None,
        None => host,
    };
    let port = port.parse().ok().filter(|port| *port > 0)?;
    Some(Destination::Tcp { host: host.to_owned(), port })
}

fn bracketed(host: &str) -> Option<&str> {
    host.strip_prefix('[')?.strip_suffix(']')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(kind: Kind, text: &str) -> Destination {
        let endpoint = Endpoint::new(kind, text);
        assert_eq!(endpoint.to_string(), text);
        endpoint.destination
    }

    #[test]
    fn tcp_endpoints_are_taken_apart() {
        let tcp = |host: &str, port| Destination::Tcp { host: host.to_owned(), port };
        assert_eq!(read(Kind::Tcp, "example.com:443"), tcp("example.com", 443));
        assert_eq!(read(Kind::Tcp, "[2620:fe::fe]:53"), tcp("2620:fe::fe", 53));
        for wrong in
            ["example.com", "2620:fe::fe", ":443", "[a]:1", "a:0", "a:99999", "http://a:80"]
        {
            assert_eq!(read(Kind::Tcp, wrong), Destination::Unknown, "{wrong}");
        }
    }

    #[test]
    fn dns_endpoints_are_taken_apart_and_written_as_they_are_configured() {
        for text in ["example.com@192.168.1.1", ".@9.9.9.9", "a.b@[::1]:5353", "a@2620:fe::fe"] {
            let Destination::Dns { name, server } = read(Kind::Dns, text) else {
                panic!("{text} is not understood")
            };
            assert_eq!(Endpoint::dns(&name, server), Endpoint::new(Kind::Dns, text));
        }
        let local = |port| {
            let server = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
            Destination::Dns { name: "a".to_owned(), server }
        };
        assert_eq!(read(Kind::Dns, "a@[::1]"), local(53));
        assert_eq!(read(Kind::Dns, "a@[::1]:5"), local(5));
        for wrong in ["1.1.1.1", "@1.1.1.1", "a@dns.google", "a@", "a@1.1.1.1:x"] {
            assert_eq!(read(Kind::Dns, wrong), Destination::Unknown, "{wrong}");
        }
    }

    #[test]
    fn a_name_that_was_never_resolved_and_an_odd_spelling_are_kept() {
        assert_eq!(read(Kind::Icmp, "vpn.example.com"), Destination::Unknown);
        let odd = Endpoint::new(Kind::Icmp, "2001:DB8:0::1");
        assert_eq!(odd.as_str(), "2001:DB8:0::1");
        let address = "2001:db8::1".parse().unwrap();
        assert_eq!(odd.destination(), &Destination::Icmp(address));
        assert_ne!(odd, Endpoint::icmp(address), "another text is another target");
    }

    #[test]
    fn a_literal_address_is_known_of_every_kind() {
        for (kind, text, expected) in [
            (Kind::Icmp, "192.0.2.1", Some("192.0.2.1")),
            (Kind::Http, "http://[2001:db8::1]:8080/x", Some("2001:db8::1")),
            (Kind::Http, "https://192.0.2.2/", Some("192.0.2.2")),
            (Kind::Http, "https://example.com/", None),
            (Kind::Dns, "a@192.0.2.3:5", Some("192.0.2.3")),
            (Kind::Tcp, "[2001:db8::4]:5", Some("2001:db8::4")),
            (Kind::Tcp, "example.com:5", None),
        ] {
            let literal = expected.map(|address| address.parse::<IpAddr>().unwrap());
            assert_eq!(Endpoint::new(kind, text).literal(), literal, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_is_lost_or_makes_the_reader_panic(text in ".{0,40}") {
            for kind in Kind::ALL {
                let endpoint = Endpoint::new(kind, text.as_str());
                prop_assert_eq!(endpoint.as_str(), text.as_str());
            }
        }
    }
}
