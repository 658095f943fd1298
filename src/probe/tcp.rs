//! TCP connect: from an address to the time between SYN and SYN-ACK, as the kernel measured it
//! in softirq (`tcpi_rtt`), so that a busy machine does not distort it.
//!
//! An error that the kernel reports at once is this host's own (no route, forbidden): not sent.
//! One that it reports later came from the network: refused, or unreachable. Nothing is sent
//! over the connection; it is closed with RST, which leaves no state on either side.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use nix::errno::Errno;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpStream;

use crate::sys;
use crate::time::Reading;
use crate::vocabulary::{Failed, FailedReason, NotSent, Outcome, Phase, Unreachable};

/// Probes `host:port` targets: connects to the first of `addresses` to which this host has a
/// route, for at most `limit`. No answer at all is [`Outcome::Lost`].
pub async fn probe(addresses: &[SocketAddr], limit: Duration) -> Outcome {
    match tokio::time::timeout(limit, connect_any(addresses)).await {
        Err(_) => Outcome::Lost,
        Ok(Err(outcome)) => outcome,
        Ok(Ok(connected)) => {
            // Without it the close would be a FIN, and the port would wait for a minute.
            // Failing is harmless.
            let _ = connected.stream.set_zero_linger();
            Outcome::reply(connected.took)
        }
    }
}

/// A connection, and how long it took to come about.
pub(super) struct Connected {
    pub(super) stream: TcpStream,
    /// SYN to SYN-ACK by the kernel; by this process's clock when the SYN was sent repeatedly.
    pub(super) took: Duration,
}

/// Connects to the first of the addresses to which this host has a route. There is no time limit
/// except the kernel's; the caller has one.
pub(super) async fn connect_any(addresses: &[SocketAddr]) -> Result<Connected, Outcome> {
    let mut outcome = Outcome::NotSent(NotSent::NoAddress);
    for &address in addresses {
        match connect(address).await {
            Err(none @ Outcome::NotSent(NotSent::NoRoute)) => outcome = none,
            result => return result,
        }
    }
    Err(outcome)
}

async fn connect(to: SocketAddr) -> Result<Connected, Outcome> {
    let local = |e: &io::Error| Outcome::NotSent(why_not_sent(e, to.ip()));
    let socket = Socket::new(Domain::for_address(to), Type::STREAM, Some(Protocol::TCP))
        .and_then(|socket| socket.set_nonblocking(true).map(|()| socket))
        .map_err(|e| local(&e))?;
    let clock = Stopwatch::start();
    if let Err(e) = socket.connect(&to.into())
        && e.raw_os_error() != Some(Errno::EINPROGRESS as i32)
    {
        // Loopback refuses while `connect` is still running.
        return Err(match Errno::from_raw(e.raw_os_error().unwrap_or(0)) {
            Errno::ECONNREFUSED => from_network(&e, to.ip()),
            _ => local(&e),
        });
    }
    let stream = TcpStream::from_std(socket.into()).map_err(|e| local(&e))?;
    stream.writable().await.map_err(|e| local(&e))?;
    let took = clock.elapsed();
    match stream.take_error() {
        // A server that resets at once did accept: while connecting it could only refuse. Whoever
        // uses the connection will notice.
        Ok(Some(e)) if e.raw_os_error() != Some(Errno::ECONNRESET as i32) => {
            Err(from_network(&e, to.ip()))
        }
        Err(e) => Err(local(&e)),
        Ok(_) => {
            let took = sys::handshake_rtt(&stream).unwrap_or(took);
            Ok(Connected { stream, took })
        }
    }
}

/// What an error means that the network caused after the SYN had left.
fn from_network(e: &io::Error, to: IpAddr) -> Outcome {
    let unreachable = |v4, v6| {
        // The kernel does not say who reported it, only what was reported.
        let (icmp_type, code) = if to.is_ipv6() { (1, v6) } else { (3, v4) };
        Outcome::Unreachable(Unreachable { by: None, icmp_type, code })
    };
    match Errno::from_raw(e.raw_os_error().unwrap_or(0)) {
        Errno::ECONNREFUSED => {
            Outcome::Failed(Failed { phase: Phase::Connect, reason: FailedReason::Refused })
        }
        Errno::ETIMEDOUT => Outcome::Lost,
        Errno::ENETUNREACH => unreachable(0, 0),
        Errno::EHOSTUNREACH => unreachable(1, 3),
        Errno::EACCES => unreachable(13, 1),
        _ => Outcome::NotSent(why_not_sent(e, to)),
    }
}

/// Why this host's kernel did not send to `to`.
pub(super) fn why_not_sent(e: &io::Error, to: IpAddr) -> NotSent {
    if e.kind() == io::ErrorKind::WouldBlock {
        return NotSent::QueueFull;
    }
    match Errno::from_raw(e.raw_os_error().unwrap_or(0)) {
        Errno::ENETUNREACH | Errno::EHOSTUNREACH | Errno::EAFNOSUPPORT => NotSent::NoRoute,
        // No IPv6 address but link-local ones. In IPv4 it means that all ports are in use.
        Errno::EADDRNOTAVAIL if to.is_ipv6() => NotSent::NoRoute,
        Errno::ENETDOWN | Errno::ENODEV | Errno::ENXIO => NotSent::LinkDown,
        Errno::EPERM | Errno::EACCES => NotSent::Forbidden,
        Errno::ENOBUFS | Errno::ENOMEM => NotSent::QueueFull,
        _ => NotSent::Other,
    }
}

/// Measures by `CLOCK_MONOTONIC`, which no step of UTC disturbs.
pub(super) struct Stopwatch {
    since_us: i64,
}

impl Stopwatch {
    pub(super) fn start() -> Self {
        Self { since_us: Reading::now().monotonic_us }
    }
    pub(super) fn elapsed(&self) -> Duration {
        let us = Reading::now().monotonic_us - self.since_us;
        Duration::from_micros(u64::try_from(us).unwrap_or(0))
    }
    /// Time since the start or the last lap.
    pub(super) fn lap(&mut self) -> Duration {
        let lap = self.elapsed();
        self.since_us += i64::try_from(lap.as_micros()).unwrap_or(0);
        lap
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(5);

    #[tokio::test]
    async fn an_accepted_connection_has_the_kernels_time_and_ends_with_rst() {
        use tokio::io::AsyncReadExt;
        let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let outcome = probe(&[address], LIMIT).await;
        let rtt = outcome.rtt().unwrap_or_else(|| panic!("{outcome:?}"));
        assert!(rtt > Duration::ZERO && rtt < Duration::from_secs(1), "{rtt:?}");
        let (mut accepted, _) = listener.accept().await.unwrap();
        let end = accepted.read(&mut [0; 1]).await.unwrap_err();
        assert_eq!(end.kind(), io::ErrorKind::ConnectionReset);
    }

    #[tokio::test]
    async fn a_closed_port_refuses() {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        assert_eq!(
            probe(&[address], LIMIT).await,
            Outcome::Failed(Failed { phase: Phase::Connect, reason: FailedReason::Refused })
        );
    }

    #[tokio::test]
    async fn no_answer_at_all_is_lost() {
        // A listener that never accepts: once its queue is full, Linux drops further SYNs.
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let mut queued = Vec::new();
        let outcome = loop {
            match tokio::time::timeout(Duration::from_millis(300), connect(address)).await {
                Ok(connected) => queued.push(connected),
                Err(_) => break probe(&[address], Duration::from_millis(100)).await,
            }
            assert!(queued.len() < 10, "the queue of the listener has no end");
        };
        assert_eq!(outcome, Outcome::Lost);
    }

    #[tokio::test]
    async fn no_known_address_is_not_sent() {
        assert_eq!(probe(&[], LIMIT).await, Outcome::NotSent(NotSent::NoAddress));
    }

    #[test]
    fn errors_of_this_host_are_not_the_networks() {
        let v4 = IpAddr::from([1, 1, 1, 1]);
        let local = |e: Errno| why_not_sent(&io::Error::from(e), v4);
        assert_eq!(local(Errno::ENETUNREACH), NotSent::NoRoute);
        assert_eq!(local(Errno::ENETDOWN), NotSent::LinkDown);
        assert_eq!(local(Errno::EPERM), NotSent::Forbidden);
        assert_eq!(local(Errno::ENOBUFS), NotSent::QueueFull);
        assert_eq!(local(Errno::EAGAIN), NotSent::QueueFull);
        assert_eq!(local(Errno::EINVAL), NotSent::Other);
        assert_eq!(
            from_network(&io::Error::from(Errno::EHOSTUNREACH), v4),
            Outcome::Unreachable(Unreachable { by: None, icmp_type: 3, code: 1 })
        );
    }
}
