use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::*;

mod others;

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(10);

/// A server for one connection: reads the head of a request, then answers.
fn serve(answer: impl FnOnce(TcpStream, String) + Send + 'static) -> HttpServer {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let head = head(&mut stream);
        answer(stream, head);
    });
    HttpServer { https: false, host: "127.0.0.1".to_owned(), port }
}

fn head(stream: &mut impl std::io::Read) -> String {
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") && stream.read_exact(&mut octet).is_ok() {
        head.push(octet[0]);
        if head[0] == 0x16 {
            break; // A record of TLS has no such end.
        }
    }
    String::from_utf8_lossy(&head).into_owned()
}

fn say(answer: &'static [u8]) -> HttpServer {
    serve(move |mut stream, _| {
        let _ = stream.write_all(answer);
    })
}

fn get(server: &HttpServer, limit: Duration) -> Result<HttpResponse, Error> {
    HttpClient::new(Trust::AnyCertificate, 1000).ask(server, &HttpRequest::get("/page"), limit)
}

#[test]
fn an_answer_has_status_fields_and_body_however_its_end_is_marked() {
    for answer in [
        &b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\nhello"[..],
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"HTTP/1.0 200 OK\r\nset-cookie: a=1\r\nset-cookie: b=2\r\n\r\nhello",
        // A line of debugging output among the fields, and a space before a colon.
        b"HTTP/1.1 200 OK\r\n 12 ms in 3 calls\r\nset-cookie : a=1\r\nset-cookie: b=2\r\n\r\nhello",
        b"HTTP/1.1 200 OK\r\n(12 ms)\r\nset-cookie : a=1\r\nset-cookie: b=2\r\n\r\nhello",
    ] {
        let got = get(&say(answer), LONG).unwrap();
        assert_eq!((got.status, &*got.text()), (200, "hello"));
        assert_eq!(got.fields("set-cookie").collect::<Vec<_>>(), ["a=1", "b=2"]);
    }
}

#[test]
fn a_request_closes_its_connection_and_says_what_it_holds() {
    let server = serve(|mut stream, head| {
        let mut body = [0; 7];
        stream.read_exact(&mut body).unwrap();
        let seen = head.to_lowercase() + &String::from_utf8_lossy(&body);
        let _ = write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{seen}", seen.len());
    });
    let request = HttpRequest::post("/in?x=1", "text/plain", "a=b&c=d").with("cookie", "uid=7");
    let client = HttpClient::new(Trust::AnyCertificate, 1000);
    let seen = client.ask(&server, &request, LONG).unwrap().text().into_owned();
    assert!(seen.starts_with("post /in?x=1 http/1.1\r\n"), "{seen}");
    for field in [
        "connection: close\r\n",
        "content-type: text/plain\r\n",
        "content-length: 7\r\n",
        "cookie: uid=7\r\n",
        &format!("host: 127.0.0.1:{}\r\n", server.port),
        "\r\n\r\na=b&c=d",
    ] {
        assert!(seen.contains(field), "{field:?} in {seen}");
    }
}

#[test]
fn silence_refusal_garbage_and_a_cut_are_told_apart() {
    let hang = |_: TcpStream, _: String| thread::sleep(LONG);
    assert_eq!(get(&serve(hang), SHORT).unwrap_err(), Error::TimedOut(SHORT));
    let drips = |mut stream: TcpStream, _: String| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
        while stream.write_all(b".").is_ok() {
            thread::sleep(SHORT / 10);
        }
    };
    assert_eq!(get(&serve(drips), SHORT).unwrap_err(), Error::TimedOut(SHORT));

    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let nobody = HttpServer { https: false, host: "127.0.0.1".to_owned(), port: closed };
    let refused = get(&nobody, LONG).unwrap_err();
    assert_eq!(refused, Error::Refused("Connection refused".to_owned()));

    let garbage = get(&say(b"220 ftp.example ready\r\n\r\n"), LONG).unwrap_err();
    assert!(matches!(garbage, Error::NotHttp(_)), "{garbage:?}");
    let cut = get(&say(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhel"), LONG).unwrap_err();
    assert!(matches!(cut, Error::NoAnswer(_)), "{cut:?}");
    let bye = get(&serve(|_, _| ()), LONG).unwrap_err();
    assert!(matches!(bye, Error::NoAnswer(_)), "{bye:?}");
}

#[test]
fn a_body_beyond_the_limit_is_not_read_whether_announced_or_packed_or_not() {
    let announced = b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\nx";
    assert_eq!(get(&say(announced), LONG).unwrap_err(), Error::TooLarge(1000));
    let endless = serve(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 512]).is_ok() {}
    });
    assert_eq!(get(&endless, LONG).unwrap_err(), Error::TooLarge(1000));

    let packed = |length: usize| {
        serve(move |mut stream, _| {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
            packer.write_all(&vec![b'x'; length]).unwrap();
            let head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n";
            let _ = stream.write_all(&[&head[..], &packer.finish().unwrap()].concat());
        })
    };
    assert_eq!(get(&packed(1000), LONG).unwrap().body, vec![b'x'; 1000]);
    assert_eq!(get(&packed(1_000_000), LONG).unwrap_err(), Error::TooLarge(1000));
}

#[test]
fn a_path_with_a_line_break_makes_no_request() {
    let request = HttpRequest::get("/a\r\nHost: elsewhere");
    let server = HttpServer { https: false, host: "127.0.0.1".to_owned(), port: 1 };
    let client = HttpClient::new(Trust::AnyCertificate, 1000);
    assert!(matches!(client.ask(&server, &request, LONG), Err(Error::Request(_))));
    let request = HttpRequest::get("/").with("cookie", "a=1\r\nx: y");
    assert!(matches!(client.ask(&server, &request, LONG), Err(Error::Request(_))));
}

/// A certificate that signed itself, for "modem", and its key; of no use elsewhere.
const CERTIFICATE: &str = "MIIBdzCCAR2gAwIBAgIUIXciCtGFjCfLQwjfjUeE1R29uCEwCgYIKoZIzj0EAwIwEDEOMAwGA1UEAwwFbW9kZW0wIBcNMjYxMTMwMTMzNzQ5WhgPMjEyNjExMDYxMzM3NDlaMBAxDjAMBgNVBAMMBW1vZGVtMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEFacq8NI0v9ZKYGTWkbdzi3AmSeG8vs5PxYiWf+Z0/WG2u1PEDaLkvKq/oGMl1HtbS5p6VHnExo2u+9RpecdBA6NTMFEwHQYDVR0OBBYEFJs9wiPqZfTrheARqmu/HZyVmhEqMB8GA1UdIwQYMBaAFJs9wiPqZfTrheARqmu/HZyVmhEqMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIgLJxOdmPZyu2sgAQQLT/Ioa+IxRxeeWYbOZLp2CUqqqYCIQD2+qZbyTOxXyHnVijygRgdD3ui98mf+/dK4G3iMXrQ4A==";
const KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg+7rGWTqje1qcjzidQpiNWv083cp7QAF0AJU2wQGfBXuhRANCAAQVpyrw0jS/1kpgZNaRt3OLcCZJ4by+zk/FiJZ/5nT9Yba7U8QNouS8qr+gYyXUe1tLmnpUecTGja771Gl5x0ED";

/// A server that speaks TLS with a certificate, once.
fn serve_tls(certificate: &str, key: &str) -> HttpServer {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let certificate = STANDARD.decode(certificate).unwrap();
    let key = STANDARD.decode(key).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.into()], key.try_into().unwrap())
        .unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(Arc::new(config)).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        head(&mut stream);
        // No length and no farewell of TLS, as small servers do.
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\nsecret");
        let _ = stream.flush();
    });
    HttpServer { https: true, host: "127.0.0.1".to_owned(), port }
}

#[test]
fn a_certificate_that_signed_itself_is_taken_from_devices_alone() {
    assert_eq!(get(&serve_tls(CERTIFICATE, KEY), LONG).unwrap().text(), "secret");
    let strict = HttpClient::new(Trust::KnownAuthorities, 1000);
    let refused =
        strict.ask(&serve_tls(CERTIFICATE, KEY), &HttpRequest::get("/"), LONG).unwrap_err();
    assert!(matches!(refused, Error::Tls(_)), "{refused:?}");
    let plain = HttpServer { https: true, ..say(b"HTTP/1.1 200 OK\r\n\r\n") };
    let no_tls = get(&plain, LONG).unwrap_err();
    assert!(matches!(no_tls, Error::Tls(_)), "{no_tls:?}");
}
