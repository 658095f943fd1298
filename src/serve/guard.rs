//! Who may ask what: methods, the `Host` header and, of what changes anything, `Origin`. Pure.
//!
//! A hostile page can make a browser send requests here under a name of its own that resolves to
//! this address (DNS rebinding); the browser then lets that page read the answer. Such a request
//! carries that name. Literal addresses cannot be rebound, so they are let in, as are `localhost` and
//! the configured names.

use std::net::IpAddr;

use axum::http::header::{ALLOW, AUTHORIZATION, HOST, HeaderMap, HeaderValue, ORIGIN};
use axum::http::{Method, Request, StatusCode};

use super::answer::{self, HttpAnswer};

/// Why a request is not answered.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestRefusal {
    pub(super) status: StatusCode,
    pub(super) why: &'static str,
}

/// To where other sites may link.
const LINKED: [&str; 3] = ["/", "/status", "/login"];

/// Checks whether a request may be answered.
pub(super) fn check<B>(request: &Request<B>, names: &[String]) -> Result<(), RequestRefusal> {
    let taken = [Method::GET, Method::HEAD, Method::POST, Method::PUT, Method::DELETE];
    if !taken.contains(request.method()) {
        let status = StatusCode::METHOD_NOT_ALLOWED;
        return Err(RequestRefusal { status, why: "nothing here takes this method" });
    }
    // Any site may link to the pages; none but ours has a use for sheets and reports, or for a page in
    // its own.
    let says = |name: &str, value: &str| request.headers().get_all(name).iter().any(|v| v == value);
    let is_link = says("sec-fetch-mode", "navigate")
        && request.headers().get_all("sec-fetch-dest").iter().all(|dest| dest == "document")
        && LINKED.contains(&request.uri().path());
    if says("sec-fetch-site", "cross-site") && !is_link {
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

/// Where something can be changed: the beginnings of paths, and what these take.
const CHANGEABLE: [(&str, &str); 4] = [
    ("/api/v1/notes/", "PUT,DELETE"),
    ("/api/v1/notes", "GET,HEAD,POST"),
    ("/login", "GET,HEAD,POST"),
    ("/logout", "POST"),
];

/// The methods that a path takes.
fn methods_of(path: &str) -> &'static str {
    let known = CHANGEABLE.iter().find(|(start, _)| path.starts_with(start));
    known.map_or("GET,HEAD", |(_, methods)| methods)
}

/// Checks that what changes something is asked for by a page of ours, or by a program: that one
/// shows a token, which no page can make a browser send.
pub(super) fn check_change<B>(request: &Request<B>) -> Result<(), RequestRefusal> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        return Ok(());
    }
    let headers = request.headers();
    if headers.contains_key(AUTHORIZATION) && !headers.contains_key(ORIGIN) {
        return Ok(());
    }
    check_origin(headers).map_err(|refusal| {
        if CHANGEABLE.iter().any(|(start, _)| request.uri().path().starts_with(start)) {
            return refusal;
        }
        let status = StatusCode::METHOD_NOT_ALLOWED;
        RequestRefusal { status, why: "this path is only read, by GET and HEAD" }
    })
}

/// Whether the origin of a request is the host that it asks, and the browser says so. It lets no page
/// choose these headers.
fn check_origin(headers: &HeaderMap) -> Result<(), RequestRefusal> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let is_once = headers.get_all(ORIGIN).iter().count() == 1;
    let origin = text(ORIGIN.as_str()).and_then(|origin| {
        origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"))
    });
    let is_ours = origin.is_some_and(|origin| {
        text(HOST.as_str()).is_some_and(|host| host.eq_ignore_ascii_case(origin))
    });
    let is_same = headers.get_all("sec-fetch-site").iter().all(|site| site == "same-origin");
    if is_ours && is_once && is_same {
        return Ok(());
    }
    let why = "only a page of this server may change something: `Origin` must name its host";
    Err(RequestRefusal { status: StatusCode::FORBIDDEN, why })
}

impl RequestRefusal {
    /// The answer to a request of this path.
    pub(super) fn answer(&self, path: &str) -> HttpAnswer {
        let mut answer = answer::said(self.status, self.why);
        if self.status == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = HeaderValue::from_static(methods_of(path));
            answer.headers_mut().insert(ALLOW, allowed);
        }
        answer
    }
}

/// Whether a host, with or without its port, is one of ours.
fn is_known(host: &str, names: &[String]) -> bool {
    name_of(host).is_some_and(|name| {
        name.parse::<IpAddr>().is_ok()
            || name.eq_ignore_ascii_case("localhost")
            || names.iter().any(|known| name.eq_ignore_ascii_case(known))
    })
}

/// Whether a host, with or without its port, is a name of this computer for itself.
pub(super) fn is_this_computer(host: &str) -> bool {
    name_of(host).is_some_and(|name| {
        name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
            || name.eq_ignore_ascii_case("localhost")
    })
}

/// A host without its port.
fn name_of(host: &str) -> Option<&str> {
    let name = match host.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, "")) => address,
            Some((address, port)) if is_port(port.strip_prefix(':')) => address,
            _ => return None,
        },
        None => match host.split_once(':') {
            Some((name, port)) if is_port(Some(port)) => name,
            Some(_) => return None,
            None => host,
        },
    };
    Some(name.strip_suffix('.').unwrap_or(name))
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
        let verdict = |path: &str, site: &str, mode: &str, dest: &str| {
            let request = Request::get(path).header(HOST, "localhost");
            let request = request.header("sec-fetch-site", site).header("sec-fetch-mode", mode);
            let request = request.header("sec-fetch-dest", dest);
            check(&request.body(()).unwrap(), &[]).map_err(|refusal| refusal.status.as_u16())
        };
        assert_eq!(verdict("/", "cross-site", "no-cors", "image"), Err(403));
        assert_eq!(verdict("/", "cross-site", "navigate", "iframe"), Err(403));
        for path in ["/", "/status", "/login"] {
            assert_eq!(verdict(path, "cross-site", "navigate", "document"), Ok(()), "{path}");
        }
        let report = "/report/custom.pdf";
        assert_eq!(verdict(report, "cross-site", "navigate", "document"), Err(403));
        assert_eq!(verdict(report, "same-origin", "no-cors", "image"), Ok(()));
        assert_eq!(verdict(report, "none", "navigate", "document"), Ok(()));
    }

    #[test]
    fn odd_methods_are_refused() {
        for method in ["OPTIONS", "CONNECT", "TRACE", "PATCH", "BREW"] {
            let uri = if method == "CONNECT" { "localhost:80" } else { "/" };
            assert_eq!(verdict(method, uri, &["localhost"]), Err(405), "{method}");
        }
    }

    #[test]
    fn only_a_page_of_ours_changes_anything() {
        let verdict = |origin: Option<&str>, site: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, "linkmon.lan:8420".parse().unwrap());
            for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
                if let Some(value) = value {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            check_origin(&headers).is_ok()
        };
        let ours = Some("http://linkmon.lan:8420");
        assert!(verdict(ours, None) && verdict(ours, Some("same-origin")));
        assert!(verdict(Some("https://LINKMON.lan:8420"), None), "behind a proxy with TLS");
        for origin in [
            None,
            Some("null"),
            Some(""),
            Some("http://"),
            Some("http://linkmon.lan"),
            Some("http://linkmon.lan:8421"),
            Some("http://linkmon.lan:8420.evil.example"),
            Some("http://evil.example"),
            Some("linkmon.lan:8420"),
            Some("ftp://linkmon.lan:8420"),
        ] {
            assert!(!verdict(origin, Some("same-origin")), "{origin:?}");
        }
        for site in ["cross-site", "same-site", "none"] {
            assert!(!verdict(ours, Some(site)), "{site}");
        }
    }
}
