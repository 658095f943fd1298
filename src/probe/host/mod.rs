//! This host as a witness: from the kernel's route netlink to [`HostEvent`]s (carrier, interfaces,
//! addresses, default routes), and a [`HostSnapshot`] of the present. Linux only.
//!
//! A thread of its own sleeps in the kernel until something changes: no wake-ups by the clock.
//! Link and address messages are applied one by one, so that even the shortest flap is reported;
//! default routes are read anew after each of them, because IPv4 routes vanish without a word when
//! their link goes down. Nothing is reported about interfaces that never led to a default route. When the
//! kernel had to drop messages, everything is read anew.

use std::io;
use std::net::IpAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::sync::mpsc::Sender;
use std::thread::JoinHandle;

use netlink_packet_route::AddressFamily;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{
    self, MsgFlags, NetlinkAddr, SockFlag, SockProtocol, SockType, bind, recv, recvfrom, send,
    setsockopt, sockopt,
};
use nix::sys::time::{TimeVal, TimeValLike};

use crate::sys;
use crate::time::{Micros, Reading};
use crate::vocabulary::{HostChange, HostEvent, Observation};

mod finder;
mod medium;
mod netlink;
mod traffic;
mod ways;
mod wireless;
mod world;

use finder::{Kernel, WayFinder};
use netlink::{DumpPart, KernelNews, Objects, Raw, Route};
pub use traffic::{MeasuredTraffic, TrafficWatch};
use ways::WaysOut;
pub use wireless::station;
use world::World;

/// Larger than any datagram the kernel sends (it uses 32 KiB at most).
const DATAGRAM: usize = 64 * 1024;
/// The kernel answers at once; this guards against waiting for ever.
const ANSWER_WITHIN: i64 = 2;
/// Changes of routes that are no default routes are followed this often.
const FOLLOW_ROUTES_MS: u16 = 1_000;
/// How often a dump that is disturbed by changes is tried.
const ATTEMPTS: u32 = 4;

/// The interfaces (loopback apart) and default routes at one instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HostSnapshot {
    /// In the order of their numbers.
    pub interfaces: Vec<Interface>,
    /// The IPv4 default route in use.
    pub default_route_v4: Option<DefaultRoute>,
    /// The IPv6 default route in use.
    pub default_route_v6: Option<DefaultRoute>,
}

/// An interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interface {
    /// Its name now; interfaces can be renamed.
    pub name: String,
    /// Whether it is up and has a carrier.
    pub carrier: bool,
    /// Its addresses, IPv4 first.
    pub addresses: Vec<IpAddr>,
}

/// A default route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefaultRoute {
    /// Name of the interface.
    pub interface: String,
    /// The next hop; `None` on links without one (PPP, tunnels). A link-local IPv6 address means
    /// one on `interface`.
    pub gateway: Option<IpAddr>,
}

/// Bytes through an interface since it is there, or since its counters were reset.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counters {
    /// Number of the interface: one that comes again with the same name has another.
    pub index: u32,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

/// Why this host could not be looked at.
#[derive(Debug, thiserror::Error)]
#[error("{doing}: {source}")]
pub struct Error {
    doing: &'static str,
    source: io::Error,
}

fn error<E: Into<io::Error>>(doing: &'static str) -> impl Fn(E) -> Error {
    move |source| Error { doing, source: source.into() }
}

/// The interfaces and default routes now.
///
/// # Errors
/// When route netlink cannot be used.
pub fn snapshot() -> Result<HostSnapshot, Error> {
    Ok(read_world()?.snapshot())
}

/// Number of the interface over which packets to `to` keep out of the tunnel that they would take;
/// `None` where they take none, or where there is no way around it.
pub fn beneath_tunnel(to: IpAddr) -> Option<u32> {
    finder::beneath_tunnel(to, &read_world().ok()?)
}

/// The byte counters of an interface; `None` where there is none of that name.
pub fn counters(interface: &str) -> Option<Counters> {
    let found = dump(Objects::Links, &|raw| raw.counters(interface));
    found.ok()?.pop()
}

/// Whether the kernel's clock is disciplined by NTP; `None` where that may not be asked.
pub fn clock_synchronized() -> Option<bool> {
    sys::clock_synchronized()
}

/// The running watcher. Dropping it stops it, too.
#[derive(Debug)]
pub struct HostWatch {
    /// Closing it wakes the thread.
    stop: Option<io::PipeWriter>,
    thread: Option<JoinHandle<()>>,
}

/// Starts reporting what happens to this host from now on: a batch of [`Observation::Host`] for
/// each change, all with the time at which it was read from the kernel. The state at the start is
/// [`snapshot`]'s. The way to the `far_ends` is reported as [`Observation::Way`] at the start and
/// after each change.
///
/// # Errors
/// When route netlink cannot be used, or there can be no further thread.
pub fn watch(far_ends: Vec<IpAddr>, out: Sender<Vec<Observation>>) -> Result<HostWatch, Error> {
    // Links, addresses of both families, their routes, neighbours.
    const GROUPS: u32 = 0x1 | 0x10 | 0x100 | 0x40 | 0x400 | 0x4;
    // Subscribed before the state is read: no change can fall in between.
    let socket = open(GROUPS)?;
    let world = read_world()?;
    let (stopped, stop) = io::pipe().map_err(error("make a pipe"))?;
    let thread = std::thread::Builder::new()
        .name("host".to_owned())
        .spawn(move || run(&socket, &stopped, world, WayFinder::new(far_ends), &out))
        .map_err(error("start the thread that watches this host"))?;
    Ok(HostWatch { stop: Some(stop), thread: Some(thread) })
}

impl HostWatch {
    /// Stops within milliseconds. Nothing is reported after it returns.
    pub fn stop(self) {
        drop(self);
    }
}

impl Drop for HostWatch {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // A thread that panicked has ended, too.
            let _ = thread.join();
        }
    }
}

fn run(
    socket: &OwnedFd,
    stopped: &io::PipeReader,
    mut world: World,
    mut finder: WayFinder,
    out: &Sender<Vec<Observation>>,
) {
    let mut ways = WaysOut::new(&world.snapshot());
    let mut other_routes = OtherRoutes::Unchanged;
    let mut looked = Reading::now();
    if out.send(finder.look(&world, &Kernel, Reading::now())).is_err() {
        return;
    }
    loop {
        let mut ready = [
            PollFd::new(socket.as_fd(), PollFlags::POLLIN),
            PollFd::new(stopped.as_fd(), PollFlags::POLLIN),
        ];
        // On a router they may change all the time: they are followed once a second.
        let patience = match other_routes {
            OtherRoutes::Unchanged => PollTimeout::NONE,
            OtherRoutes::Changed => PollTimeout::from(FOLLOW_ROUTES_MS),
        };
        match poll(&mut ready, patience) {
            Err(Errno::EINTR) => continue,
            Err(_) => return,
            Ok(_) => {}
        }
        if ready[1].any().unwrap_or(true) {
            return;
        }
        let news = drain(socket);
        let at = Reading::now();
        let mut changes = take_in(&mut world, &news);
        ways.keep(&mut changes);
        let events = changes.into_iter().map(|what| Observation::Host(HostEvent { at, what }));
        let mut batch: Vec<_> = events.collect();
        if news.other_routes == OtherRoutes::Changed {
            other_routes = OtherRoutes::Changed;
        }
        let is_time = at.boot.since(looked.boot) >= Micros::from_millis(FOLLOW_ROUTES_MS.into());
        if finder.concerns(&news) || (other_routes == OtherRoutes::Changed && is_time) {
            other_routes = OtherRoutes::Unchanged;
            looked = at;
            batch.extend(finder.look(&world, &Kernel, at));
        }
        if !batch.is_empty() && out.send(batch).is_err() {
            return;
        }
    }
}

#[derive(Debug, Default)]
struct QueuedMessages {
    messages: Vec<KernelNews>,
    /// The kernel had to drop messages.
    overrun: bool,
    other_routes: OtherRoutes,
}

/// Routes that are no default routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum OtherRoutes {
    #[default]
    Unchanged,
    /// One of them may be that of the anchors.
    Changed,
}

/// Everything in the queue.
fn drain(socket: &OwnedFd) -> QueuedMessages {
    /// Thousands of routes that change at once must not make the list of messages grow for ever;
    /// reading everything anew is as good.
    const MOST: usize = 1_000;
    let mut news = QueuedMessages::default();
    let mut buffer = vec![0; DATAGRAM];
    loop {
        match receive(socket, &mut buffer) {
            Ok(octets) => {
                for message in netlink::messages(octets).filter_map(|raw| raw.understand()) {
                    match message {
                        KernelNews::OtherRoute => news.other_routes = OtherRoutes::Changed,
                        message => news.messages.push(message),
                    }
                }
                if news.messages.len() > MOST {
                    news.overrun = true;
                    news.messages.clear();
                }
            }
            Err(Errno::ENOBUFS) => news.overrun = true,
            Err(Errno::EINTR) => {}
            Err(_) => return news,
        }
    }
}

/// One datagram of the kernel's; those of other processes are empty.
fn receive<'a>(socket: &OwnedFd, buffer: &'a mut [u8]) -> Result<&'a [u8], Errno> {
    let (length, from) = recvfrom::<NetlinkAddr>(socket.as_raw_fd(), buffer)?;
    let kernel = from.is_some_and(|from| from.pid() == 0);
    Ok(&buffer[..if kernel { length } else { 0 }])
}

fn take_in(world: &mut World, news: &QueuedMessages) -> Vec<HostChange> {
    let mut changes = Vec::new();
    for message in &news.messages {
        changes.extend(world.apply(message));
    }
    if news.overrun {
        if let Ok(new) = read_world() {
            changes.extend(world.replace(new));
        }
    } else if news.messages.iter().any(|news| !matches!(news, KernelNews::Neighbour(_)))
        && let Ok(routes) = read_routes()
    {
        changes.extend(world.set_routes(&routes));
    }
    changes
}

fn open(groups: u32) -> Result<OwnedFd, Error> {
    let flags = if groups == 0 {
        SockFlag::SOCK_CLOEXEC
    } else {
        SockFlag::SOCK_CLOEXEC | SockFlag::SOCK_NONBLOCK
    };
    let socket = socket::socket(
        socket::AddressFamily::Netlink,
        SockType::Raw,
        flags,
        SockProtocol::NetlinkRoute,
    )
    .map_err(error("open a route netlink socket"))?;
    bind(socket.as_raw_fd(), &NetlinkAddr::new(0, groups))
        .map_err(error("subscribe to route netlink"))?;
    Ok(socket)
}

fn read_world() -> Result<World, Error> {
    let mut world = World::default();
    for objects in [Objects::Links, Objects::Addresses] {
        for message in dump(objects, &known)? {
            world.apply(&message);
        }
    }
    world.set_routes(&read_routes()?);
    Ok(world)
}

fn read_routes() -> Result<Vec<Route>, Error> {
    let mut routes = Vec::new();
    for family in [AddressFamily::Inet, AddressFamily::Inet6] {
        for message in dump(Objects::Routes(family), &known)? {
            if let KernelNews::DefaultRoute(route) = message {
                routes.push(route);
            }
        }
    }
    Ok(routes)
}

fn known(raw: &Raw<'_>) -> Option<KernelNews> {
    let none = [KernelNews::NoDefaultRoute, KernelNews::OtherRoute];
    raw.understand().filter(|message| !none.contains(message))
}

/// A socket for questions.
fn open_to_ask() -> Result<OwnedFd, Error> {
    let socket = open(0)?;
    setsockopt(&socket, sockopt::ReceiveTimeout, &TimeVal::seconds(ANSWER_WITHIN))
        .map_err(error("limit the wait for route netlink"))?;
    Ok(socket)
}

/// What `read` makes of the answer to a single question; `None` where it was refused.
fn ask<T>(request: &[u8], read: impl Fn(&Raw<'_>) -> Option<T>) -> Result<Option<T>, Error> {
    let socket = open_to_ask()?;
    send(socket.as_raw_fd(), request, MsgFlags::empty()).map_err(error("ask route netlink"))?;
    let mut buffer = vec![0; DATAGRAM];
    let length = loop {
        match recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
            Err(Errno::EINTR) => {}
            answer => break answer.map_err(error("read from route netlink"))?,
        }
    };
    Ok(netlink::messages(&buffer[..length]).find_map(|raw| read(&raw)))
}

/// What `read` makes of all objects of a kind. Disturbed by changes it is repeated, and after some attempts taken as
/// it is: the changes are reported anyway.
fn dump<T>(objects: Objects, read: &dyn Fn(&Raw<'_>) -> Option<T>) -> Result<Vec<T>, Error> {
    let socket = open_to_ask()?;
    let mut last = Vec::new();
    for sequence in 1..=ATTEMPTS {
        let request = netlink::dump_request(objects, sequence);
        send(socket.as_raw_fd(), &request, MsgFlags::empty())
            .map_err(error("ask route netlink"))?;
        let (found, whole) = read_dump(&socket, sequence, read)?;
        last = found;
        if whole {
            break;
        }
    }
    Ok(last)
}

/// The objects of one dump, and whether nothing changed meanwhile.
fn read_dump<T>(
    socket: &OwnedFd,
    sequence: u32,
    read: &dyn Fn(&Raw<'_>) -> Option<T>,
) -> Result<(Vec<T>, bool), Error> {
    let (mut objects, mut whole) = (Vec::new(), true);
    let mut buffer = vec![0; DATAGRAM];
    loop {
        let octets = match recv(socket.as_raw_fd(), &mut buffer, MsgFlags::empty()) {
            Ok(length) => &buffer[..length],
            Err(Errno::EINTR) => continue,
            Err(e) => return Err(error("read from route netlink")(e)),
        };
        for raw in netlink::messages(octets).filter(|raw| raw.sequence() == sequence) {
            whole &= !raw.was_disturbed();
            match raw.part() {
                DumpPart::Object => objects.extend(read(&raw)),
                DumpPart::Done => return Ok((objects, whole)),
                // A kernel without IPv6 has no IPv6 routes.
                DumpPart::Refused(Errno::EOPNOTSUPP | Errno::EAFNOSUPPORT) => {
                    return Ok((objects, whole));
                }
                DumpPart::Refused(e) => return Err(error("ask route netlink")(e)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn the_loopback_interface_is_not_in_the_snapshot() {
        let snapshot = snapshot().unwrap();
        assert!(snapshot.interfaces.iter().all(|interface| interface.name != "lo"));
    }

    #[test]
    fn the_counters_of_the_loopback_interface_grow_and_of_no_interface_there_are_none() {
        let before = counters("lo").unwrap();
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        socket.send_to(&[0; 1_000], socket.local_addr().unwrap()).unwrap();
        let after = counters("lo").unwrap();
        assert_eq!(after.index, before.index);
        assert!(after.sent >= before.sent + 1_000, "{before:?} {after:?}");
        assert_eq!(counters("no-such-name"), None);
    }

    #[test]
    fn after_lost_messages_everything_is_read_anew() {
        let ghost = netlink::KernelLink {
            index: 4_000_000,
            name: "ghost".to_owned(),
            ..netlink::KernelLink::default()
        };
        let mut world = World::default();
        world.apply(&KernelNews::Link(ghost));
        let changes =
            take_in(&mut world, &QueuedMessages { overrun: true, ..QueuedMessages::default() });
        let gone = HostChange::Interface { interface: "ghost".to_owned(), present: false };
        assert!(changes.contains(&gone), "{changes:?}");
    }

    #[test]
    fn the_watcher_stops_at_once() {
        let (out, reported) = channel();
        let watch = watch(Vec::new(), out).unwrap();
        let before = Reading::now().monotonic_us;
        watch.stop();
        let took = Reading::now().monotonic_us - before;
        assert!(took < 500_000, "{took} us");
        let is_way = |seen: &Observation| matches!(seen, Observation::Way { .. });
        assert!(reported.iter().flatten().all(|seen| is_way(&seen)), "no change was seen");
    }
}
