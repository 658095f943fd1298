//! Who may ask what: methods, and the `Host` header. Pure.
//!
//! A page of a stranger can make a browser ask here, by a name of the stranger's that leads to this
//! address (DNS rebinding); the browser then lets it read the answer. Such a request carries that
//! name. Literal addresses cannot be rebound, so they are let in, with `localhost` and the names
//! that are configured.

use std::net::IpAddr;

use hyper::header::HOST;
use hyper::{Method, Request, StatusCode};

/// Why a request is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) why: &'static str,
}

/// Lets a request pass that may be answered.
pub(super) fn check<B>(request: &Request<B>, names: &[String]) -> Result<(), Refusal> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(Refusal { status, why: "only GET and HEAD are answered here" });
    }
    // A link to the page may stand anywhere; a stranger's page has no use for sheets and reports.
    let says = |name: &str, value: &str| request.headers().get(name).is_some_and(|v| v == value);
    if says("sec-fetch-site", "cross-site") && !says("sec-fetch-mode", "navigate") {
        let status = StatusCode::FORBIDDEN;
        return Err(Refusal { status, why: "other sites may not use this" });
    }
    let mut hosts = request.headers().get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        let status = StatusCode::BAD_REQUEST;
        return Err(Refusal { status, why: "a request must name one host" });
    };
    let asked = request.uri().authority().map(hyper::http::uri::Authority::as_str);
    let known = |host: &str| is_known(host, names);
    if host.to_str().is_ok_and(known) && asked.is_none_or(known) {
        return Ok(());
    }
    let status = StatusCode::MISDIRECTED_REQUEST;
    Err(Refusal {
        status,
        why: "this host name is not known here; add it to `hosts` in [web] of the configuration",
    })
}

/// Whether a host with or without its port is one of ours.
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
    fn names_of_strangers_are_not() {
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
