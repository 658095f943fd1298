//! From a response to a verdict: as expected, wrong, or a captive portal's (RFC 6585 §6, RFC 8952).
//!
//! Vendors' connectivity checks have one right answer; anything else that looks like a page is a
//! portal's. For other URLs a status below 400 is right, wherever it redirects to: sites do
//! redirect. Only a redirect from a public site to a private address betrays a portal there.

use std::net::IpAddr;

use super::Url;
use crate::vocabulary::well_known::{HTTP_CHECKS, is_home_name};
use crate::vocabulary::{Failed, FailedReason, Phase, is_of_home};

/// The right answer of a URL.
enum Expected {
    /// 204 without a body.
    NoContent,
    /// 200 with a body that contains this.
    Body(&'static str),
    /// Any status below 400.
    AnyContent,
}

/// The known connectivity checks of vendors, by path.
fn expected(url: &Url) -> Expected {
    match url.path.split('?').next().unwrap_or_default() {
        "/generate_204" | "/gen_204" => Expected::NoContent,
        "/success.txt" => Expected::Body("success"),
        "/hotspot-detect.html" => Expected::Body("Success"),
        "/connecttest.txt" => Expected::Body("Microsoft Connect Test"),
        _ => Expected::AnyContent,
    }
}

/// Judges the response of `peer` to the GET of `url`.
pub(super) fn judge(
    url: &Url,
    peer: Option<IpAddr>,
    status: u16,
    location: Option<&str>,
    body: &[u8],
) -> Result<(), Failed> {
    let failed = |phase, reason| Err(Failed { phase, reason });
    let redirect = if (300..400).contains(&status) { location } else { None };
    let leads_home = redirect.is_some_and(|to| leads_into_the_home(url, to));
    let is_home = peer.is_some_and(is_of_home) || leads_home;
    let page = if is_home { FailedReason::HomePage } else { FailedReason::CaptivePortal };
    let portal = |phase| failed(phase, page);
    if status == 511 {
        return portal(Phase::FirstByte);
    }
    match (expected(url), redirect) {
        (Expected::NoContent | Expected::Body(_), Some(to)) if !is_https_upgrade(url, to) => {
            portal(Phase::FirstByte)
        }
        // A right answer to a check of the internet proves nothing when the home itself gives it.
        (_, None) if is_home && status < 300 && is_check_of_the_internet(url) => {
            portal(Phase::FirstByte)
        }
        (Expected::NoContent, None) if status == 204 => Ok(()),
        // Some proxies make an empty 200 of a 204.
        (Expected::NoContent, None) if status == 200 && body.is_empty() => Ok(()),
        (Expected::NoContent, None) if status == 200 => portal(Phase::Transfer),
        (Expected::Body(text), None) if status == 200 => {
            let found = body.windows(text.len()).any(|part| part == text.as_bytes());
            // A short check text may occur in any page; a page is longer than the check's own.
            let own = body.len() <= text.len() + 64 || text.len() > 10;
            if found && own { Ok(()) } else { portal(Phase::Transfer) }
        }
        (Expected::AnyContent, Some(_)) if leads_home && !peer.is_some_and(is_of_home) => {
            portal(Phase::FirstByte)
        }
        (Expected::AnyContent, _) if status < 400 => Ok(()),
        _ => failed(Phase::FirstByte, FailedReason::Status),
    }
}

/// Whether a redirect leads to the same host over TLS: an owner's choice, not a portal's.
fn is_https_upgrade(url: &Url, to: &str) -> bool {
    !url.https && to.parse::<Url>().is_ok_and(|to| to.https && to.host == url.host)
}

/// Whether a redirect leads to another host, which is at home: a private address, or a name that
/// only a home has.
fn leads_into_the_home(url: &Url, to: &str) -> bool {
    let Ok(to) = to.parse::<Url>() else { return false };
    match to.host.parse::<IpAddr>() {
        Ok(address) => is_of_home(address),
        Err(_) => to.host != url.host && is_home_name(&to.host),
    }
}

/// Whether the owner of a name is known to have it in the internet.
fn is_check_of_the_internet(url: &Url) -> bool {
    HTTP_CHECKS
        .iter()
        .any(|(_, known)| known.parse().is_ok_and(|known: Url| known.host == url.host))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(url: &str, status: u16, location: &str, body: &str, expected: Result<(), Failed>) {
        let url = url.parse().unwrap();
        let location = Some(location).filter(|l| !l.is_empty());
        let public = Some(IpAddr::from([198, 51, 100, 81]));
        assert_eq!(judge(&url, public, status, location, body.as_bytes()), expected);
    }

    fn portal(phase: Phase) -> Result<(), Failed> {
        Err(Failed { phase, reason: FailedReason::CaptivePortal })
    }

    fn home_page(phase: Phase) -> Result<(), Failed> {
        Err(Failed { phase, reason: FailedReason::HomePage })
    }

    const WRONG: Result<(), Failed> =
        Err(Failed { phase: Phase::FirstByte, reason: FailedReason::Status });
    const CHECK: &str = "http://check.example/generate_204";
    const TEXT: &str = "http://check.example/success.txt?ipv4";
    const SITE: &str = "http://example.com/";

    #[test]
    fn a_204_check_accepts_nothing_but_emptiness() {
        check(CHECK, 204, "", "", Ok(()));
        check(CHECK, 200, "", "", Ok(()));
        check(CHECK, 200, "", "<html>log in", portal(Phase::Transfer));
        check(CHECK, 302, "http://192.168.1.1:8080/login", "", home_page(Phase::FirstByte));
        check(CHECK, 302, "http://fritz.box/", "", home_page(Phase::FirstByte));
        check(CHECK, 302, "http://portal.example/", "", portal(Phase::FirstByte));
        check(CHECK, 302, "/login", "", portal(Phase::FirstByte));
        check(CHECK, 511, "", "", portal(Phase::FirstByte));
        check(CHECK, 301, "https://check.example/generate_204", "", WRONG);
        check(CHECK, 503, "", "", WRONG);
        check(CHECK, 404, "", "", WRONG);
    }

    #[test]
    fn a_check_of_the_internet_that_the_home_answers_is_a_page_of_the_home() {
        let url: Url = HTTP_CHECKS[0].1.parse().unwrap();
        let own: Url = "http://10.0.0.5/generate_204".parse().unwrap();
        let home = Some(IpAddr::from([192, 168, 1, 1]));
        let far = Some(IpAddr::from([198, 51, 100, 81]));
        assert_eq!(judge(&url, home, 204, None, b""), home_page(Phase::FirstByte));
        assert_eq!(judge(&url, home, 200, None, b"no line"), home_page(Phase::FirstByte));
        assert_eq!(judge(&url, far, 204, None, b""), Ok(()));
        assert_eq!(judge(&own, home, 204, None, b""), Ok(()));
    }

    #[test]
    fn a_text_check_accepts_its_text_alone() {
        check(TEXT, 200, "", "success\n", Ok(()));
        check(TEXT, 200, "", "log in first", portal(Phase::Transfer));
        let page = format!("<html>{}success</html>", " ".repeat(100));
        check(TEXT, 200, "", &page, portal(Phase::Transfer));
        check(TEXT, 302, "http://portal.example/", "", portal(Phase::FirstByte));
        check(TEXT, 500, "", "", WRONG);
    }

    #[test]
    fn a_site_may_redirect_but_not_into_the_home() {
        check(SITE, 200, "", "anything", Ok(()));
        check(SITE, 301, "https://www.example.com/", "", Ok(()));
        check(SITE, 302, "http://192.168.1.1:8080/login", "", home_page(Phase::FirstByte));
        check(SITE, 511, "", "", portal(Phase::FirstByte));
        check(SITE, 404, "", "", WRONG);
    }
}
