//! Certificates of a file, interfaces, and answers of which the status is enough.

use super::*;

/// An authority, and a certificate that it signed for 127.0.0.1; of no use elsewhere.
const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----
MIIBljCCATygAwIBAgIUEQyyT86UbS2x0l01fZAidO7qD6UwCgYIKoZIzj0EAwIw
GTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTMwMjE0NjAxWhgPMjEy
NjExMDYyMTQ2MDFaMBkxFzAVBgNVBAMMDnRlc3QgYXV0aG9yaXR5MFkwEwYHKoZI
zj0CAQYIKoZIzj0DAQcDQgAEvfsxoQS/hoBk4+dtHD76wLyU91j0C+Uxapesg6Dv
WmirZbunLSXd1ga5EXh7HU58jRIWdvtaxn+NlZ7nnAGU+KNgMF4wHQYDVR0OBBYE
FOPY36fSqgDsTgdzhH6VpV1xoJKpMB8GA1UdIwQYMBaAFOPY36fSqgDsTgdzhH6V
pV1xoJKpMA8GA1UdEwEB/wQFMAMBAf8wCwYDVR0PBAQDAgIEMAoGCCqGSM49BAMC
A0gAMEUCIQCD7wycD5YcXusbl4uj7DTmQbr+TMWdXaWCdND8RL+TlAIgIbftQ9MU
3ZRSXhQljIoY9WH6enkDw/WIFyUgT7yhnFc=
-----END CERTIFICATE-----";
const SIGNED: &str = "MIIBlTCCATugAwIBAgIUUbq7yiZ+tOIPJbXn7lD4K7lOpjUwCgYIKoZIzj0EAwIwGTEXMBUGA1UEAwwOdGVzdCBhdXRob3JpdHkwIBcNMjYxMTMwMjE0NjAxWhgPMjEyNjExMDYyMTQ2MDFaMA8xDTALBgNVBAMMBGhvb2swWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATG1JJkJPtjG92oB/mR9m/xlQOJjTpu36Y7KnLh+pFOHGmXVGb0Pb0f8FrcPIb5OjsCBKXKMkN1wmRmE8ew+NZ5o2kwZzAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCQYDVR0TBAIwADAdBgNVHQ4EFgQUoTP8XjdSfvgK7ABF8V3l6C678WowHwYDVR0jBBgwFoAU49jfp9KqAOxOB3OEfpWlXXGgkqkwCgYIKoZIzj0EAwIDSAAwRQIgCFrFC3+6hiR81wHDy8b/o6KLCT/LR3QQKpidOO2PVDICIQCa0yoly/WqyG4a6wiiI0+QGxepjHFqnJjgOoO89m7dUA==";
const SIGNED_KEY: &str = "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0T3LGHIp0EznMc9wO0JzKCYo2KZADjyK4Bj3++EBOOWhRANCAATG1JJkJPtjG92oB/mR9m/xlQOJjTpu36Y7KnLh+pFOHGmXVGb0Pb0f8FrcPIb5OjsCBKXKMkN1wmRmE8ew+NZ5";

#[test]
fn the_authorities_of_a_file_are_trusted_in_place_of_all_others() {
    let trusting = |pem: &str| {
        HttpClient::new(Trust::KnownAuthorities, 1000).trusting(pem.as_bytes()).unwrap()
    };
    let ask =
        |client: &HttpClient, server: HttpServer| client.ask(&server, &HttpRequest::get("/"), LONG);
    let client = trusting(AUTHORITY);
    let server = serve_tls(SIGNED, SIGNED_KEY);
    assert_eq!(ask(&client, server).unwrap().text(), "secret");
    let stranger = ask(&client, serve_tls(CERTIFICATE, KEY)).unwrap_err();
    assert!(matches!(stranger, Error::Tls(_)), "{stranger:?}");
    let unknown =
        ask(&HttpClient::new(Trust::KnownAuthorities, 1000), serve_tls(SIGNED, SIGNED_KEY));
    assert!(matches!(unknown, Err(Error::Tls(_))), "{unknown:?}");
    for nothing in ["", "-----BEGIN CERTIFICATE-----\n", "hunter2"] {
        let client = HttpClient::new(Trust::KnownAuthorities, 1000);
        assert!(matches!(client.trusting(nothing.as_bytes()), Err(Error::Tls(_))), "{nothing}");
    }
}

#[test]
fn a_connection_leaves_by_its_interface_or_not_at_all() {
    let by = |interface: &str| {
        let client = HttpClient::new(Trust::AnyCertificate, 1000).through(interface.to_owned());
        client.ask(&say(b"HTTP/1.1 200 OK\r\n\r\nhello"), &HttpRequest::get("/"), LONG)
    };
    assert_eq!(by("lo").unwrap().text(), "hello");
    assert_eq!(by("none0").unwrap_err(), Error::NoAnswer("No such device".to_owned()));
}

#[test]
fn a_server_is_reached_without_asking_it_anything() {
    let client = HttpClient::new(Trust::KnownAuthorities, 1000);
    let client = client.trusting(AUTHORITY.as_bytes()).unwrap();
    assert_eq!(client.reach(&serve_tls(SIGNED, SIGNED_KEY), LONG), Ok(()));
    let refused = client.reach(&serve_tls(CERTIFICATE, KEY), LONG).unwrap_err();
    assert!(matches!(refused, Error::Tls(_)), "{refused:?}");
}

#[test]
fn where_the_status_is_enough_a_body_may_be_of_any_kind() {
    let client = || HttpClient::new(Trust::AnyCertificate, 10).heeding_status();
    let body = |answer: &'static [u8]| {
        client().ask(&say(answer), &HttpRequest::get("/"), LONG).map(|answer| answer.body)
    };
    assert_eq!(body(b"HTTP/1.1 200 OK\r\n\r\n0123456789abc"), Ok(b"0123456789".to_vec()));
    let cut = b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nabc";
    assert_eq!(body(cut), Ok(b"abc".to_vec()));
    let packed = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nabc";
    assert_eq!(body(packed), Ok(Vec::new()));
    let hanging = serve(|mut stream, _| {
        let _ = stream.write_all(b"HTTP/1.1 202 OK\r\nContent-Length: 900\r\n\r\nabc");
        let _ = stream.read(&mut [0]);
    });
    let answer = client().ask(&hanging, &HttpRequest::get("/"), SHORT).unwrap();
    assert_eq!((answer.status, &*answer.body), (202, &b"abc"[..]));
}
