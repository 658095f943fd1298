//! Takes in connections, a bounded number of them and fewer of one peer, each with bounds on time and
//! size. Where there is no room, one that has not asked anything yet makes it.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, TcpListener};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service as _, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::task::{AbortHandle, spawn_local};

use super::access::{AccessRules, PeerAddress};
use super::documents::Documents;
use super::events::EventStreams;
use super::hours_ahead::HoursAhead;
use super::notes_pace::NoteWrites;
use super::outgoing::OutgoingBudget;
use super::page::PageTexts;
use super::patient::Patient;
use super::routes;
use super::state::Routes;
use super::systems::SystemsPages;
use super::watchers::Watchers;
use super::{PageOptions, zone};
use crate::language;
use crate::store::Reader;
use crate::time::Reading;

/// At most this many connections at once.
const CONNECTIONS: usize = 256;

/// Of one peer elsewhere; a browser opens six.
const OF_ONE_PEER: usize = 32;

/// Of this computer, which is one peer for all its users and for all whom a proxy on it serves.
pub(super) const OF_THIS_COMPUTER: usize = 224;

/// The head of a request, in octets, and the most that is buffered of an answer.
const BUFFER: usize = 16 << 10;

/// From one request of a connection to the end of the head of the next.
const HEAD_LIMIT: Duration = Duration::from_secs(5);

/// Who takes nothing of an answer for this long is given up.
const WRITE_LIMIT: Duration = Duration::from_secs(30);

/// What the kernel keeps for a browser that does not take it, in octets.
const SEND_BUFFER: usize = 128 << 10;

/// After a connection could not be taken in: too many files are open, say.
const PAUSE: Duration = Duration::from_secs(1);

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, options: PageOptions, watchers: Watchers) {
    let PageOptions { config, database, present } = options;
    let zone = zone(&config);
    let language = language::of(config.report.language);
    let budget = OutgoingBudget::default();
    let events = EventStreams {
        present,
        watchers: watchers.clone(),
        zone: zone.clone(),
        language,
        budget: OutgoingBudget::of_streams(),
        made: Arc::default(),
    };
    let access = AccessRules::new(&config.web);
    if let Some(sessions) = access.sessions() {
        let ended = Reader::open(&database).and_then(|reader| reader.ended_sessions());
        sessions.recall(&ended.ok().flatten().unwrap_or_default(), Reading::now().utc);
    }
    let documents = Documents::new(config.clone(), database.clone(), zone.clone(), budget.clone());
    let routes = Routes {
        names: config.web.hosts.clone(),
        events,
        zone: zone.clone(),
        site: config.site.clone(),
        page: PageTexts::new(language),
        systems: SystemsPages::new(config, database, zone),
        note_writes: NoteWrites::default(),
        access: Arc::new(access),
        hours_ahead: HoursAhead::new(Arc::clone(documents.source()), watchers),
        documents,
        budget,
    };
    accept(listener, routes::router(Arc::new(routes))).await;
}

async fn accept(listener: TcpListener, router: Router) {
    // It was made non-blocking, and there is a runtime: nothing can fail.
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let open = OpenConnections::default();
    loop {
        match listener.accept().await {
            Ok((stream, from)) => {
                let peer = peer_of(from.ip());
                if !open.make_room(peer) {
                    continue;
                }
                let (number, has_asked) = open.next();
                let (router, asked, ended) = (router.clone(), Rc::clone(&has_asked), open.clone());
                let task = spawn_local(async move {
                    converse(stream, peer, router, &asked).await;
                    ended.remove(number);
                });
                open.add(Connection { number, peer, has_asked, task: task.abort_handle() });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// Who one peer is: an address, or the network that one home has in IPv6.
fn peer_of(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) if !ip.is_loopback() => IpAddr::V6((u128::from(ip) >> 64 << 64).into()),
        ip => ip,
    }
}

/// A connection that is open.
struct Connection {
    number: u64,
    peer: IpAddr,
    /// Whether the head of a request came in.
    has_asked: Rc<Cell<bool>>,
    task: AbortHandle,
}

/// All of them, the oldest first.
#[derive(Clone, Default)]
struct OpenConnections {
    all: Rc<RefCell<Vec<Connection>>>,
    last: Rc<Cell<u64>>,
}

impl OpenConnections {
    /// Whether there is room for one more of this peer. The oldest that has not asked anything, of the
    /// same peer where it has its share, is closed for it.
    fn make_room(&self, peer: IpAddr) -> bool {
        let mut all = self.all.borrow_mut();
        let share = if peer.is_loopback() { OF_THIS_COMPUTER } else { OF_ONE_PEER };
        let is_share_used = all.iter().filter(|other| other.peer == peer).count() >= share;
        if !is_share_used && all.len() < CONNECTIONS {
            return true;
        }
        let idle = all
            .iter()
            .position(|other| !other.has_asked.get() && (!is_share_used || other.peer == peer));
        match idle {
            Some(idle) => {
                all.remove(idle).task.abort();
                true
            }
            None => false,
        }
    }

    fn next(&self) -> (u64, Rc<Cell<bool>>) {
        self.last.set(self.last.get() + 1);
        (self.last.get(), Rc::default())
    }

    fn add(&self, connection: Connection) {
        self.all.borrow_mut().push(connection);
    }

    fn remove(&self, number: u64) {
        self.all.borrow_mut().retain(|connection| connection.number != number);
    }
}

/// One connection, to its end.
async fn converse(
    stream: tokio::net::TcpStream,
    peer: IpAddr,
    router: Router,
    has_asked: &Cell<bool>,
) {
    let router = TowerToHyperService::new(router);
    let answer = |mut request: Request<Incoming>| {
        has_asked.set(true);
        request.extensions_mut().insert(PeerAddress(peer));
        router.call(request)
    };
    // Without it a browser that sleeps is sent what the kernel can hold, minutes of the past.
    let _ = socket2::SockRef::from(&stream).set_send_buffer_size(SEND_BUFFER);
    // What goes wrong here goes wrong for that browser alone.
    let _ = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_LIMIT)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(Patient::new(stream, WRITE_LIMIT)), service_fn(answer))
        .await;
}
