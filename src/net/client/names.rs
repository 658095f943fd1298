//! Where a server is: by the system's resolver, or, where that knows nothing, by other means.
//!
//! A client bound to an interface may be needed while the line is dead on which the system's resolver
//! depends: it then asks public resolvers by its interface. And a server that has proven by its
//! certificate who it is may be found where it was: it will have to prove it again.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use simple_dns::rdata::RData;
use simple_dns::{CLASS, Name, Packet, PacketFlag, Question, RCODE, TYPE};
use tokio::net::UdpSocket;

use super::{HttpClient, HttpServer};

/// The system's resolver tries for half a minute where its servers are silent.
const LOOK_UP_LIMIT: Duration = Duration::from_secs(8);
/// How long each public resolver is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// Asked by an interface of its own alone; linkmon's anchors, too.
const PUBLIC: [IpAddr; 4] = [
    IpAddr::V4(Ipv4Addr::new(9, 9, 9, 9)),
    IpAddr::V4(Ipv4Addr::new(1, 1, 1, 1)),
    IpAddr::V4(Ipv4Addr::new(8, 8, 8, 8)),
    IpAddr::V6(Ipv6Addr::new(0x2620, 0xfe, 0, 0, 0, 0, 0, 0xfe)),
];

impl HttpClient {
    /// Addresses to try, in this order.
    pub(super) async fn addresses(&self, server: &HttpServer) -> Vec<SocketAddr> {
        if let Ok(ip) = server.host.parse::<IpAddr>() {
            return vec![SocketAddr::new(ip, server.port)];
        }
        let name = (server.host.as_str(), server.port);
        let asked = tokio::time::timeout(LOOK_UP_LIMIT, tokio::net::lookup_host(name)).await;
        let mut found: Vec<SocketAddr> =
            asked.ok().and_then(Result::ok).map(Iterator::collect).unwrap_or_default();
        if found.is_empty()
            && let Some(interface) = &self.interface
        {
            found = elsewhere(server, interface).await;
        }
        if found.is_empty() {
            found.extend(self.proven_address(server));
        }
        found
    }

    fn proven_address(&self, server: &HttpServer) -> Option<SocketAddr> {
        let proven = self.proven.lock().ok()?;
        let (host, address) = proven.as_ref()?;
        (server.https && *host == server.host).then_some(*address)
    }
}

/// By the public resolvers, through an interface.
async fn elsewhere(server: &HttpServer, interface: &str) -> Vec<SocketAddr> {
    for resolver in PUBLIC {
        let mut found = Vec::new();
        for kind in [TYPE::A, TYPE::AAAA] {
            let asked = ask(SocketAddr::new(resolver, 53), interface, &server.host, kind);
            match tokio::time::timeout(PATIENCE, asked).await {
                Ok(Some(addresses)) => found.extend(addresses),
                // Its other answer would not come either.
                _ => break,
            }
        }
        if !found.is_empty() {
            return found.into_iter().map(|ip| SocketAddr::new(ip, server.port)).collect();
        }
    }
    Vec::new()
}

/// The addresses of one kind; `None`: no answer.
async fn ask(resolver: SocketAddr, interface: &str, host: &str, kind: TYPE) -> Option<Vec<IpAddr>> {
    let any: IpAddr = if resolver.is_ipv4() {
        Ipv4Addr::UNSPECIFIED.into()
    } else {
        Ipv6Addr::UNSPECIFIED.into()
    };
    let socket = UdpSocket::bind((any, 0)).await.ok()?;
    socket.bind_device(Some(interface.as_bytes())).ok()?;
    socket.connect(resolver).await.ok()?;
    let id = fastrand::u16(..);
    socket.send(&question(id, host, kind)?).await.ok()?;
    let mut buffer = [0; 1500];
    loop {
        let length = socket.recv(&mut buffer).await.ok()?;
        if let Some(addresses) = answer(&buffer[..length], id) {
            return Some(addresses);
        }
    }
}

fn question(id: u16, host: &str, kind: TYPE) -> Option<Vec<u8>> {
    let mut packet = Packet::new_query(id);
    packet.set_flags(PacketFlag::RECURSION_DESIRED);
    let name = Name::new(host).ok()?;
    packet.questions.push(Question::new(name, kind.into(), CLASS::IN.into(), false));
    packet.build_bytes_vec().ok()
}

/// The addresses in an answer to the question of this number; `None`: it is none.
fn answer(bytes: &[u8], id: u16) -> Option<Vec<IpAddr>> {
    let packet = Packet::parse(bytes).ok()?;
    if packet.id() != id || !packet.has_flags(PacketFlag::RESPONSE) {
        return None;
    }
    if packet.rcode() != RCODE::NoError {
        return Some(Vec::new());
    }
    let address = |data: &RData<'_>| match data {
        RData::A(a) => Some(IpAddr::V4(a.address.into())),
        RData::AAAA(a) => Some(IpAddr::V6(a.address.into())),
        _ => None,
    };
    Some(packet.answers.iter().filter_map(|record| address(&record.rdata)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_remembered_where_it_proved_who_it_is() {
        let client = HttpClient::new(super::super::Trust::KnownAuthorities, 1);
        let at = SocketAddr::from(([192, 0, 2, 7], 443));
        *client.proven.lock().unwrap() = Some(("hooks.example".to_owned(), at));
        let server = |https, host: &str| HttpServer { https, host: host.to_owned(), port: 443 };
        assert_eq!(client.proven_address(&server(true, "hooks.example")), Some(at));
        assert_eq!(client.proven_address(&server(true, "other.example")), None);
        assert_eq!(client.proven_address(&server(false, "hooks.example")), None);
    }

    #[test]
    fn an_answer_is_taken_only_with_the_number_of_the_question() {
        let asked = question(7, "hooks.example", TYPE::A).unwrap();
        let mut packet = Packet::parse(&asked).unwrap();
        packet.set_flags(PacketFlag::RESPONSE);
        let record = simple_dns::ResourceRecord::new(
            Name::new("hooks.example").unwrap(),
            CLASS::IN,
            60,
            RData::A(Ipv4Addr::new(192, 0, 2, 7).into()),
        );
        packet.answers.push(record);
        let bytes = packet.build_bytes_vec().unwrap();
        assert_eq!(answer(&bytes, 7), Some(vec!["192.0.2.7".parse().unwrap()]));
        assert_eq!(answer(&bytes, 8), None);
        assert_eq!(answer(&asked, 7), None, "a question is no answer");
        for cut in 0..bytes.len() {
            let _ = answer(&bytes[..cut], 7);
        }
    }
}
