use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::*;

const LIMIT: Duration = Duration::from_secs(5);

/// A server for one connection: reads the head of a request, then does `answer`.
async fn serve<F, A>(answer: A) -> u16
where
    F: Future<Output = ()> + Send,
    A: FnOnce(TcpStream, String) -> F + Send + 'static,
{
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let Ok(octet) = stream.read_u8().await else { break };
            head.push(octet);
            if head[0] == 0x16 {
                break; // A TLS record has no such end.
            }
        }
        answer(stream, String::from_utf8_lossy(&head).into_owned()).await;
    });
    port
}

async fn say(text: impl Into<Vec<u8>>) -> u16 {
    let text = text.into();
    serve(|mut stream, _| async move {
        let _ = stream.write_all(&text).await;
    })
    .await
}

async fn get_within(limit: Duration, scheme: &str, port: u16, path: &str) -> Outcome {
    let url = format!("{scheme}://127.0.0.1:{port}{path}").parse().unwrap();
    let client = HttpProber { tls: connector(RootCertStore::empty()).into() };
    client.probe(&url, &[IpAddr::from(Ipv4Addr::LOCALHOST)], None, limit).await.0
}

async fn get(port: u16, path: &str) -> Outcome {
    get_within(LIMIT, "http", port, path).await
}

#[tokio::test]
async fn a_204_is_a_reply_whose_phases_add_up() {
    let port = say("HTTP/1.1 204 No Content\r\n\r\n").await;
    let Outcome::Reply(reply) = get(port, "/generate_204").await else { panic!("no reply") };
    let phases = reply.phases.unwrap();
    assert_eq!((phases.resolve, phases.tls), (None, None));
    assert!(phases.connect > Duration::ZERO && phases.first_byte > Duration::ZERO);
    assert_eq!(reply.rtt, phases.connect + phases.first_byte + phases.transfer);
}

#[test]
fn the_date_of_an_answer_bounds_the_clock_and_that_of_a_cache_does_not() {
    let reading = |utc_ms: i64| Reading {
        utc: Timestamp::from_millis(utc_ms),
        boot: crate::time::BootTime::from_micros(utc_ms % 100_000 * 1_000),
        monotonic_us: 0,
    };
    // 1994-11-15T08:12:31Z
    let second = 784_887_151_000;
    let of = |date: &str, age: Option<&str>, asked: i64, answered: i64| {
        let mut headers = header::HeaderMap::new();
        headers.insert(header::DATE, date.parse().unwrap());
        if let Some(age) = age {
            headers.insert(header::AGE, age.parse().unwrap());
        }
        let offset = server_clock(&headers, &reading(second + asked), &reading(second + answered))?;
        Some((offset.least().as_i64() / 1_000, offset.most().as_i64() / 1_000))
    };
    let date = "Tue, 15 Nov 1994 08:12:31 GMT";
    assert_eq!(of(date, None, 200, 260), Some((-260, 800)));
    assert_eq!(of(date, Some("0"), -1_200_000, -1_199_960), Some((1_199_960, 1_201_000)));
    assert_eq!(of(date, Some("17"), 200, 260), None);
    assert_eq!(of("yesterday", None, 200, 260), None);
}

#[tokio::test]
async fn the_request_is_complete_and_asks_for_nothing_cached() {
    let (sender, received) = tokio::sync::oneshot::channel();
    let port = serve(|mut stream, head| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
        sender.send(head).unwrap();
    })
    .await;
    assert!(get(port, "/a?b").await.rtt().is_some());
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(
        received.await.unwrap(),
        format!(
            "GET /a?b HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nuser-agent: linkmon/{version}\r\n\
             accept: */*\r\ncache-control: no-store\r\nconnection: close\r\n\r\n"
        )
    );
}

#[tokio::test]
async fn a_portals_redirect_is_recognised() {
    let port = say("HTTP/1.1 302 Found\r\nLocation: http://192.168.1.1:8080/login\r\n\
         Content-Length: 3\r\n\r\nabc")
    .await;
    let outcome = get(port, "/generate_204").await;
    assert_eq!(outcome, failed(Phase::FirstByte, FailedReason::HomePage));
}

#[tokio::test]
async fn a_server_that_hangs_times_out_in_the_phase_where_it_hangs() {
    let short = Duration::from_millis(300);
    let hang = || {
        serve(|stream, _| async move {
            std::future::pending::<()>().await;
            drop(stream);
        })
    };
    let outcome = get_within(short, "http", hang().await, "/").await;
    assert_eq!(outcome, failed(Phase::FirstByte, FailedReason::Timeout));
    let outcome = get_within(short, "https", hang().await, "/").await;
    assert_eq!(outcome, failed(Phase::Tls, FailedReason::Timeout));
    let port = serve(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
        std::future::pending::<()>().await;
    })
    .await;
    let outcome = get_within(short, "http", port, "/").await;
    assert_eq!(outcome, failed(Phase::Transfer, FailedReason::Timeout));
}

#[tokio::test]
async fn a_slow_first_byte_is_reported_as_such() {
    let port = serve(|mut stream, _| async move {
        tokio::time::sleep(Duration::from_millis(150)).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab").await;
    })
    .await;
    let Outcome::Reply(reply) = get(port, "/").await else { panic!("no reply") };
    let phases = reply.phases.unwrap();
    assert!(phases.first_byte >= Duration::from_millis(150), "{phases:?}");
    assert!(phases.connect < Duration::from_millis(150), "{phases:?}");
}

#[tokio::test]
async fn of_an_endless_body_64_kib_are_read() {
    let port = serve(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n").await;
        while stream.write_all(&[b'x'; 16_384]).await.is_ok() {}
    })
    .await;
    assert!(get(port, "/").await.rtt().is_some());
}

#[tokio::test]
async fn resets_and_early_ends_are_refusals() {
    let port = serve(|stream, _| async move { stream.set_zero_linger().unwrap() }).await;
    assert_eq!(get(port, "/").await, failed(Phase::FirstByte, FailedReason::Refused));
    let port = say("").await;
    assert_eq!(get(port, "/").await, failed(Phase::FirstByte, FailedReason::Refused));
    let port = say("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc").await;
    assert_eq!(get(port, "/").await, failed(Phase::Transfer, FailedReason::Refused));
    let port = serve(|stream, _| async move { stream.set_zero_linger().unwrap() }).await;
    let outcome = get_within(LIMIT, "https", port, "/").await;
    assert_eq!(outcome, failed(Phase::Tls, FailedReason::Refused));
}

#[tokio::test]
async fn what_is_not_http_or_tls_is_malformed() {
    let port = say("SSH-2.0-OpenSSH_9.2\r\n\r\n").await;
    assert_eq!(get(port, "/").await, failed(Phase::FirstByte, FailedReason::Malformed));
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "x".repeat(2 * HEAD_LIMIT));
    assert_eq!(
        get(say(endless).await, "/").await,
        failed(Phase::FirstByte, FailedReason::Malformed)
    );
    let port = serve(|mut stream, _| async move {
        let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
        let _ = stream.read(&mut [0; 4096]).await;
    })
    .await;
    let outcome = get_within(LIMIT, "https", port, "/").await;
    assert_eq!(outcome, failed(Phase::Tls, FailedReason::Malformed));
}

#[tokio::test]
async fn an_error_status_is_a_failure() {
    let port = say("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n").await;
    assert_eq!(get(port, "/").await, failed(Phase::FirstByte, FailedReason::Status));
}

#[test]
fn the_time_limit_is_two_slots_but_within_bounds() {
    let s = Duration::from_secs;
    assert_eq!(limit(s(60), s(3)), s(10));
    assert_eq!(limit(s(4), s(3)), s(8));
    assert_eq!(limit(s(1), s(3)), s(3));
}
