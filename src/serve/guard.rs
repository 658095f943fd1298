//! Who may ask what: methods, and the `Host` header. Pure.
//!
//! A hostile page can make a browser send requests here under a name of its own that resolves to
//! this address (DNS rebinding); the browser then lets that page read the answer. Such a request
//! carries that name. Literal addresses cannot be rebound, so they are let in, as are `localhost` and
//! the configured names.

use std::net::IpAddr;

use hyper::header::HOST;
use hyper::{Method, Request, StatusCode};

/// Why a request is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestRefusal {
    pub(super) status: StatusCode,
    pub(super) why: &'static str,
}

/// Checks whether a request may be answered.
pub(super) fn check<B>(request: &Request<B>, names: &[String]) -> Result<(), RequestRefusal> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(RequestRefusal { status, why: "only GET and HEAD are answered here" });
    }
    // Any site may link to the page; none but ours has a use for sheets and reports.
    let says = |name: &str, value: &str| request.headers().get(name).is_some_and(|v| v == value);
    if says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate") {
        let status = StatusCode::FORBIDDEN;
        return Err(RequestRefusal { status, why: "other sites may not use this" });
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        let status = StatusCode::BAD_REQUEST;
        return Err(RequestRefusal { status, why: "a request must name one host" });
    };
    let asked = request.uri().authority().map(hyper::http::uri::Authority::as_str);
    let known = |host: &str| is_known(host, names);
    if host.to_str().is_ok_and(known) && asked.is_none_or(known) {
        return Ok(());
    }
    let status = StatusCode::MISDIRECTED_REQUEST;
    Err(RequestRefusal {
        status,
        why: "this host name is not allowed here; add it to `hosts` in [web] of the configuration",
    })
}

/// Whether a host, with or without its port, is one of ours.
fn is_known(host: &str, names: &[String]) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, "")) => address,
            Some((address, port)) if is_port(port.strip_prefix(':')) => address,
            _ => return false,
        },
        None => match host.split_once(':') {
            Some((name, port)) if is_port(Some(port)) => name,
            Some(_) => return false,
            None => host,
        },
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

fn is_port(text: Option<&str>) -> bool {
    text.is_some_and(|text| text.parse::<u16>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(method: &str, uri: &str, hosts: &[&str]) -> Result<(), u16> {
        let mut request = Request::builder().method(method).uri(uri);
        for host in hosts {
            request = request.header(HOST, *host);
        }
        let request = request.body(()).unwrap();
        check(&request, &["linkmon.lan".to_owned()]).map_err(|refusal| refusal.status.as_u16())
    }

    #[test]
    fn literal_addresses_localhost_and_configured_names_are_let_in() {
        for host in [
            "127.0.0.1:8420",
            "127.0.0.1",
            "[::1]:8420",
            "[::1]",
            "localhost:8420",
            "LocalHost",
            "linkmon.lan",
            "Linkmon.LAN.:80",
            "192.168.1.7:8420",
        ] {
            assert_eq!(verdict("GET", "/", &[host]), Ok(()), "{host}");
        }
        assert_eq!(verdict("HEAD", "/", &["localhost"]), Ok(()));
    }

    #[test]
    fn other_names_are_not() {
        for host in [
            "rebind.example",
            "localhost.example:8420",
            "127.0.0.1.example",
            "",
            "[::1",
            "[::1]x",
            "localhost:",
            "localhost:x",
            "a:b:c",
            "::1",
        ] {
            assert_eq!(verdict("GET", "/", &[host]), Err(421), "{host}");
        }
        assert_eq!(verdict("GET", "http://rebind.example/", &["localhost"]), Err(421));
        assert_eq!(verdict("GET", "/", &[]), Err(400));
        assert_eq!(verdict("GET", "/", &["localhost", "rebind.example"]), Err(400));
    }

    #[test]
    fn other_sites_may_link_here_and_use_nothing() {
        let verdict = |site: &str, mode: &str| {
            let request = Request::get("/sheet/24h.png").header(HOST, "localhost");
            let request = request.header("sec-fetch-site", site).header("sec-fetch-mode", mode);
            check(&request.body(()).unwrap(), &[]).map_err(|refusal| refusal.status.as_u16())
        };
        assert_eq!(verdict("cross-site", "no-cors"), Err(403));
        assert_eq!(verdict("cross-site", "navigate"), Ok(()));
        assert_eq!(verdict("same-origin", "no-cors"), Ok(()));
        assert_eq!(verdict("none", "navigate"), Ok(()));
    }

    #[test]
    fn nothing_can_be_changed_from_here() {
        for method in ["POST", "PUT", "DELETE", "OPTIONS", "CONNECT", "TRACE", "PATCH"] {
            assert_eq!(verdict(method, "/", &["localhost"]), Err(405), "{method}");
        }
    }
}
