//! Takes in connections, a bounded number of them, each with bounds on time and size.

use std::convert::Infallible;
use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Semaphore;
use tokio::task::spawn_local;

use super::documents::Documents;
use super::events::EventStreams;
use super::patient::Patient;
use super::routes::Routes;
use super::watchers::Watchers;
use super::{PageOptions, zone};

/// At most this many connections at once; others wait in the kernel's queue.
const CONNECTIONS: usize = 48;

/// The head of a request, in octets, and the most that is buffered of an answer.
const BUFFER: usize = 16 << 10;

/// From one request of a connection to the end of the head of the next.
const HEAD_LIMIT: Duration = Duration::from_secs(20);

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
    let name = zone.iana_name().map(str::to_owned);
    let routes = Routes {
        names: config.web.hosts.clone().into(),
        events: EventStreams { present, watchers, zone: name },
        zone: zone.clone(),
        documents: Documents::new(config, database, zone),
    };
    accept(listener, routes).await;
}

async fn accept(listener: TcpListener, routes: Routes) {
    // It was made non-blocking, and there is a runtime: nothing can fail.
    let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let routes = routes.clone();
                spawn_local(async move {
                    converse(stream, routes).await;
                    drop(permit);
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    }
}

/// One connection, to its end.
async fn converse(stream: tokio::net::TcpStream, routes: Routes) {
    let answer = |request: Request<Incoming>| {
        let routes = routes.clone();
        async move { Ok::<_, Infallible>(routes.answer(&request).await) }
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
