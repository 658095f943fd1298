//! Names to addresses, apart from probing: one task per name asks in the background, and probes take
//! what is known. The last good addresses are kept for as long as nothing better is known, so that
//! probing goes on while DNS is dead, even from the start.
//!
//! The name servers of /etc/resolv.conf are asked over UDP directly. Where they know nothing
//! (names of /etc/hosts, mDNS, search lists), the system's resolver library is asked, in a thread
//! of its own, because it may block for half a minute.

use std::collections::{HashMap, HashSet};
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use simple_dns::{RCODE, TYPE};
use tokio::sync::{Notify, oneshot};
use tokio::task::AbortHandle;

use super::dns;
use super::tcp::Stopwatch;
use crate::sys::plain;

/// `getaddrinfo` gives up by itself after this or earlier, by its defaults.
const LIBRARY_PATIENCE: Duration = Duration::from_secs(40);

/// How long to wait and how often to ask.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// How long to wait for a name server.
    patience: Duration,
    /// Addresses are asked for again when their time to live is over, within these bounds.
    fresh: (Duration, Duration),
    /// A failed look-up is tried again after this, then after twice as long, up to the second.
    retry: (Duration, Duration),
}

const PACE: Pace = Pace {
    patience: Duration::from_secs(2),
    fresh: (Duration::from_secs(30), Duration::from_secs(600)),
    retry: (Duration::from_secs(5), Duration::from_secs(60)),
};

/// Whom to ask.
#[derive(Debug, Clone)]
pub enum NameServers {
    /// The name servers of /etc/resolv.conf (read anew each time), then the resolver library.
    System,
    /// Only these name servers.
    Servers(Vec<SocketAddr>),
}

/// The known addresses of all names in use. To be used inside a tokio runtime.
#[derive(Debug)]
pub struct Resolver {
    source: NameServers,
    pace: Pace,
    names: Mutex<HashMap<String, WatchedName>>,
    /// A name that had no address has one.
    another: Arc<Notify>,
}

#[derive(Debug)]
struct WatchedName {
    entry: Arc<Cached>,
    task: AbortHandle,
}

/// What is known of a name.
#[derive(Debug, Default)]
struct KnownNames {
    /// IPv4 first; empty as long as the name has never been resolved.
    addresses: Vec<IpAddr>,
    /// How long the last look-up took; `None` once that has been taken.
    took: Option<Duration>,
}

#[derive(Debug, Default)]
struct Cached {
    known: Mutex<KnownNames>,
    doubted: Notify,
    learned: Notify,
}

impl Resolver {
    /// Knows nothing yet.
    pub fn new(source: NameServers) -> Self {
        Self { source, pace: PACE, names: Mutex::default(), another: Arc::default() }
    }

    /// Resolves only these names from now on. Literal addresses need not be resolved
    /// and are passed over.
    pub fn watch(&self, wanted: impl IntoIterator<Item = String>) {
        let wanted: HashSet<_> =
            wanted.into_iter().filter(|name| name.parse::<IpAddr>().is_err()).collect();
        let mut names = locked(&self.names);
        names.retain(|name, watched| {
            let keep = wanted.contains(name);
            if !keep {
                watched.task.abort();
            }
            keep
        });
        for name in wanted {
            names.entry(name).or_insert_with_key(|name| {
                let entry = Arc::<Cached>::default();
                let (source, pace) = (self.source.clone(), self.pace);
                let another = self.another.clone();
                let fresh = keep_fresh(name.clone(), source, pace, entry.clone(), another);
                let task = tokio::spawn(fresh);
                WatchedName { entry, task: task.abort_handle() }
            });
        }
    }

    /// The last good addresses of a watched name, IPv4 first; none as long as it has never been
    /// resolved. A literal address is its own.
    pub fn addresses(&self, name: &str) -> Vec<IpAddr> {
        if let Ok(literal) = name.parse() {
            return vec![literal];
        }
        self.entry(name).map(|entry| locked(&entry.known).addresses.clone()).unwrap_or_default()
    }

    /// How long the last look-up of a name took. Returned once for each look-up: `None` means that
    /// the addresses were known before.
    pub fn look_up_took(&self, name: &str) -> Option<Duration> {
        locked(&self.entry(name)?.known).took.take()
    }

    /// Waits until a watched name has an address. Never returns for a name that has none.
    pub async fn learned(&self, name: &str) {
        let Some(entry) = self.entry(name) else { return std::future::pending().await };
        loop {
            let learned = entry.learned.notified();
            if !locked(&entry.known).addresses.is_empty() {
                return;
            }
            learned.await;
        }
    }

    /// Waits until a watched name has its first address; returns at once if one got it since the
    /// last call.
    pub async fn learned_another(&self) {
        self.another.notified().await;
    }

    /// A probe of the name's address failed: asks anew soon, at most every 5 s.
    pub fn doubt(&self, name: &str) {
        if let Some(entry) = self.entry(name) {
            entry.doubted.notify_one();
        }
    }

    fn entry(&self, name: &str) -> Option<Arc<Cached>> {
        locked(&self.names).get(name).map(|watched| watched.entry.clone())
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        for watched in locked(&self.names).values() {
            watched.task.abort();
        }
    }
}

/// What the lock guards is whole at any time, also after a panic.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Resolves a name for ever.
async fn keep_fresh(
    name: String,
    source: NameServers,
    pace: Pace,
    entry: Arc<Cached>,
    another: Arc<Notify>,
) {
    let mut retry = pace.retry.0;
    loop {
        let wait = if let Some(found) = look_up(&name, &source, pace).await {
            retry = pace.retry.0;
            let wait = found.ttl.clamp(pace.fresh.0, pace.fresh.1);
            let is_first = locked(&entry.known).learn(found);
            entry.learned.notify_waiters();
            if is_first {
                another.notify_one();
            }
            wait
        } else {
            let wait = retry;
            retry = (2 * retry).min(pace.retry.1);
            wait
        };
        // A doubt shortens the wait, but not below the first retry. That pause is counted from now
        // on and waited for only after a doubt: mostly there is one timer, not two.
        let shortest = tokio::time::sleep(pace.retry.0.min(wait));
        if tokio::time::timeout(wait, entry.doubted.notified()).await.is_ok() {
            shortest.await;
        }
    }
}

/// What a look-up found; of each family, `None` if nothing is known about it.
struct LookedUp {
    v4: Option<Vec<IpAddr>>,
    v6: Option<Vec<IpAddr>>,
    ttl: Duration,
    took: Duration,
}

impl KnownNames {
    /// Whether these are the first addresses.
    fn learn(&mut self, found: LookedUp) -> bool {
        let had_none = self.addresses.is_empty();
        let old = |v6: bool| self.addresses.iter().copied().filter(|a| a.is_ipv6() == v6).collect();
        let v4: Vec<_> = found.v4.unwrap_or_else(|| old(false));
        let v6: Vec<_> = found.v6.unwrap_or_else(|| old(true));
        self.addresses = v4.into_iter().chain(v6).collect();
        self.took = Some(found.took);
        had_none && !self.addresses.is_empty()
    }
}

async fn look_up(name: &str, source: &NameServers, pace: Pace) -> Option<LookedUp> {
    // The resolver library knows what names without a dot mean here.
    let local = !name.trim_end_matches('.').contains('.') || has_suffix(name, ".local");
    let (servers, library) = match source {
        NameServers::System if local => (Vec::new(), true),
        NameServers::System => (nameservers(), true),
        NameServers::Servers(servers) => (servers.clone(), false),
    };
    if let Some(found) = ask_servers(&servers, name, pace).await {
        return Some(found);
    }
    if !library {
        return None;
    }
    // Where DNS is dead the library may take half a minute to say so; in that time DNS may be
    // back.
    let again = async {
        loop {
            tokio::time::sleep(pace.retry.0).await;
            if let Some(found) = ask_servers(&servers, name, pace).await {
                return Some(found);
            }
        }
    };
    tokio::select! {
        found = ask_library(name) => found,
        found = again => found,
    }
}

/// Asks one server after the other until one knows an address.
async fn ask_servers(servers: &[SocketAddr], name: &str, pace: Pace) -> Option<LookedUp> {
    for &server in servers {
        if let Some(found) = ask_both(server, name, pace).await {
            return Some(found);
        }
    }
    None
}

/// Whether a name has this ending, in any case.
fn has_suffix(name: &str, suffix: &str) -> bool {
    let name = name.trim_end_matches('.');
    let start = name.len().saturating_sub(suffix.len());
    name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

/// Asks one server for both families at once; `None` unless it knows at least one address.
async fn ask_both(server: SocketAddr, name: &str, pace: Pace) -> Option<LookedUp> {
    let ask = async |kind| {
        let answer = tokio::time::timeout(pace.patience, dns::ask(server, name, kind)).await;
        answer.ok()?.ok().filter(|answer| answer.code == RCODE::NoError)
    };
    let clock = Stopwatch::start();
    let (a, aaaa) = tokio::join!(ask(TYPE::A), ask(TYPE::AAAA));
    let took = clock.elapsed();
    let answers = [&a, &aaaa];
    if answers.iter().all(|answer| answer.as_ref().is_none_or(|a| a.addresses.is_empty())) {
        return None;
    }
    let ttl = answers.into_iter().flatten().filter_map(|answer| answer.ttl).min();
    Some(LookedUp {
        v4: a.map(|answer| answer.addresses),
        v6: aaaa.map(|answer| answer.addresses),
        ttl: ttl.unwrap_or_default(),
        took,
    })
}

/// `getaddrinfo`, in a thread that is left to itself when it takes too long.
async fn ask_library(name: &str) -> Option<LookedUp> {
    let (sender, found) = oneshot::channel();
    let clock = Stopwatch::start();
    let asked = (name.to_owned(), 0);
    std::thread::Builder::new()
        .name("getaddrinfo".to_owned())
        .spawn(move || {
            let addresses = asked.to_socket_addrs().map(|all| all.map(|a| a.ip()).collect());
            // The receiver may have given up.
            let _ = sender.send(addresses.unwrap_or_default());
        })
        .ok()?;
    let addresses: Vec<IpAddr> = tokio::time::timeout(LIBRARY_PATIENCE, found).await.ok()?.ok()?;
    let (v6, v4): (Vec<_>, Vec<_>) = addresses.into_iter().partition(IpAddr::is_ipv6);
    let any = !(v4.is_empty() && v6.is_empty());
    any.then(|| LookedUp { v4: Some(v4), v6: Some(v6), ttl: Duration::ZERO, took: clock.elapsed() })
}

/// The system's name servers, at most three; those that a local stub of systemd-resolved asks,
/// whose cache would answer during an outage.
pub fn nameservers() -> Vec<SocketAddr> {
    /// A longer one is none.
    const MOST: u64 = 64 << 10;
    let read = |path: &str| {
        let bytes = plain::read(Path::new(path), MOST).unwrap_or_default();
        parse_resolv_conf(&String::from_utf8_lossy(&bytes))
    };
    let servers = read("/etc/resolv.conf");
    let stub = |server: &SocketAddr| {
        server.ip() == IpAddr::from([127, 0, 0, 53]) || server.ip() == IpAddr::from([127, 0, 0, 54])
    };
    if servers.iter().any(stub) {
        let upstream = read("/run/systemd/resolve/resolv.conf");
        if !upstream.is_empty() {
            return upstream;
        }
    }
    servers
}

/// The `nameserver` lines of resolv.conf(5), at most three as in glibc. Link-local addresses with
/// a scope are passed over.
pub fn parse_resolv_conf(text: &str) -> Vec<SocketAddr> {
    text.lines()
        .filter_map(|line| line.trim_start().strip_prefix("nameserver"))
        .filter(|rest| rest.starts_with([' ', '\t']))
        .filter_map(|rest| rest.split_whitespace().next()?.parse::<IpAddr>().ok())
        .take(3)
        .map(|ip| SocketAddr::new(ip, 53))
        .collect()
}

#[cfg(test)]
mod tests;
