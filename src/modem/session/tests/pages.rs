use super::*;

/// `admin:p w`
const BASIC: &str = "Basic YWRtaW46cCB3";

fn tc4400() -> FakeModem {
    FakeModem::new(|asked| {
        if asked.field("authorization") != BASIC {
            return answer(401, "WWW-Authenticate: Basic realm=\"modem\"\r\n", "no");
        }
        match asked.path.as_str() {
            "/cmconnectionstatus.html" => ok(TC4400),
            "/cmeventlog.html" => answer(500, "", ""),
            _ => answer(404, "", ""),
        }
    })
}

#[test]
fn the_first_request_carries_no_password_and_basic_is_answered_once_it_is_asked_for() {
    let modem = tc4400();
    let reading = modem.read(ModemKind::Tc4400, Some("p w"));
    let snapshot = reading.outcome.unwrap();
    assert_eq!(
        modem.paths(),
        [
            "GET /cmconnectionstatus.html",
            "GET /cmconnectionstatus.html",
            "GET /cmeventlog.html",
            "GET /cmswinfo.html",
            "GET /info.html"
        ]
    );
    assert_eq!(modem.asked.lock().unwrap()[0].field("authorization"), "");
    assert_eq!(reading.pages.len(), 1);
    assert_eq!(reading.pages[0].path, "cmconnectionstatus.html");
    assert!(
        snapshot.notes.contains(&"cmeventlog.html: HTTP status 500".to_owned()),
        "pages that did not come are named: {:?}",
        snapshot.notes
    );
}

#[test]
fn after_a_drop_the_log_comes_first() {
    let modem = tc4400();
    let reading = modem.read_first(ModemKind::Tc4400, Some("p w"), ModemWant::LogFirst);
    // A log that cannot be had does not keep the channels away.
    let snapshot = reading.outcome.unwrap();
    assert!(snapshot.notes.contains(&"cmeventlog.html: HTTP status 500".to_owned()));
    assert_eq!(
        modem.paths(),
        [
            "GET /cmeventlog.html",
            "GET /cmeventlog.html",
            "GET /cmswinfo.html",
            "GET /info.html",
            "GET /cmconnectionstatus.html"
        ]
    );
    let broken = FakeModem::new(|_| answer(503, "", ""));
    let failure = broken.read(ModemKind::Tc4400, None).outcome.unwrap_err();
    assert_eq!(failure.word(), "status");
}

#[test]
fn a_wrong_password_is_sent_once_and_none_is_not_made_up() {
    let modem = tc4400();
    let reading = modem.read(ModemKind::Tc4400, Some("wrong"));
    assert_eq!(reading.outcome, Err(ReadFailure::LoginRefused("user admin".to_owned())));
    assert_eq!(modem.paths().len(), 2);
    let reading = modem.read(ModemKind::Tc4400, None);
    let needed = ReadFailure::LoginNeeded("cmconnectionstatus.html".to_owned());
    assert_eq!(reading.outcome, Err(needed));
    assert_eq!(modem.paths().len(), 3);
    assert!(!format!("{reading:?}").contains("wrong"));
}

#[test]
fn open_pages_are_read_without_a_password_though_one_is_there() {
    let modem = FakeModem::new(|asked| match asked.path.as_str() {
        "/cmconnectionstatus.html" => answer(302, "Location: /moved/page.html\r\n", ""),
        "/moved/page.html" => ok(SB8200),
        _ => answer(404, "", ""),
    });
    assert!(modem.read(ModemKind::Sb8200, Some("p w")).outcome.is_ok());
    assert_eq!(modem.paths()[1], "GET /moved/page.html");
    let asked = modem.asked.lock().unwrap();
    assert!(asked.iter().all(|asked| asked.field("authorization").is_empty()));
    assert!(asked.iter().all(|asked| asked.path != "/logout.html"), "there was no login");
}

/// An SB8200 whose script builds the query of the login in its own way.
fn sb8200(script: &'static str, cookie: &'static str, query: &'static str) -> FakeModem {
    FakeModem::new(move |asked| {
        let (path, sent) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        // admin:p w, in base64
        if sent.trim_start_matches("login_") == "YWRtaW46cCB3" {
            assert_eq!(asked.field("x-requested-with"), "XMLHttpRequest");
            assert_eq!(asked.field("authorization"), BASIC);
            assert_eq!(sent.starts_with("login_"), script.contains("login_"));
            return match (cookie, query) {
                ("page", _) => answer(200, "Set-Cookie: credential=abc; Path=/\r\n", SB8200),
                _ => answer(200, "Set-Cookie: sessionId=7; HttpOnly\r\n", "T0ken\n"),
            };
        }
        let is_in = match cookie {
            "page" => asked.field("cookie").contains("credential=abc"),
            "token" => asked.field("cookie").contains("credential=T0ken"),
            _ => asked.field("cookie").contains("sessionId=7") && sent == query,
        };
        match path {
            _ if !is_in => ok(format!("{LOGIN}<script>{script}</script>")),
            "/cmconnectionstatus.html" => ok(SB8200),
            "/logout.html" => ok("bye"),
            _ => answer(404, "", ""),
        }
    })
}

#[test]
fn the_sb8200_is_read_by_a_token_in_the_query_by_a_cookie_and_by_a_token_in_a_cookie() {
    for (script, cookie, query) in [
        ("url: '/cmconnectionstatus.html?login_' + btoa(x)", "", "ct_T0ken"),
        ("url: '/cmconnectionstatus.html?' + btoa(x)", "page", ""),
        ("createCookie('credential', result)", "token", ""),
    ] {
        let modem = sb8200(script, cookie, query);
        let reading = modem.read(ModemKind::Sb8200, Some("p w"));
        assert!(reading.outcome.is_ok(), "{script}: {:?} {:?}", reading.outcome, modem.paths());
        let paths = modem.paths();
        assert!(paths.last().unwrap().starts_with("GET /logout.html"), "{paths:?}");
        let logins = paths.iter().filter(|path| path.contains("YWRtaW46cCB3")).count();
        assert_eq!(logins, 1, "{paths:?}");
        assert_eq!(reading.pages[0].path, "cmconnectionstatus.html", "no password in a name");
        let refused = sb8200(script, cookie, query).read(ModemKind::Sb8200, Some("wrong"));
        assert!(matches!(refused.outcome, Err(ReadFailure::LoginRefused(_))), "{refused:?}");
    }
}

/// A modem that shows its page once the right form was posted.
fn by_form(
    page: &'static str,
    login: &'static str,
    to: &'static str,
    form: &'static str,
) -> FakeModem {
    FakeModem::new(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("POST", path) if path == to => {
            let fits = form.split('&').all(|pair| asked.text().split('&').any(|sent| sent == pair));
            let is_form = asked.field("content-type") == "application/x-www-form-urlencoded";
            if fits && is_form {
                // The cookie comes with the redirection only.
                answer(302, "Location: /in\r\nSet-Cookie: sid=1; path=/\r\n", "")
            } else {
                ok("<script>alert('Error')</script>")
            }
        }
        ("GET", path) if path == page && asked.field("cookie").contains("sid=1") => ok(TC4400),
        ("GET", path) if path == page => ok(LOGIN.replace("password", "text") + login),
        ("GET", path) if path.starts_with(login) => {
            ok("<form action='/goform/X?id=9'><input type=hidden name=webToken value=\"5\">\
             <input name=loginName><input type=password name=loginPassword></form>")
        }
        _ => ok("other"),
    })
}

#[test]
fn forms_are_posted_as_the_modems_pages_post_them() {
    for (kind, page, login, to, form) in [
        (
            ModemKind::Cm3500b,
            "/cgi-bin/status_cgi",
            "login_cgi",
            "/cgi-bin/login_cgi",
            "username=admin&password=p%20w%26",
        ),
        (
            ModemKind::Xb,
            "/network_setup.jst",
            "check.jst",
            "/check.jst",
            "username=admin&password=p%20w%26",
        ),
        (
            ModemKind::NetgearCm,
            "/DocsisStatus.htm",
            "/Login.htm",
            "/goform/X?id=9",
            "webToken=5&loginName=admin&loginPassword=p%20w%26",
        ),
        (
            ModemKind::Cm1000,
            "/DocsisStatus.asp",
            "/GenieLogin.asp",
            "/goform/X?id=9",
            "webToken=5&loginPassword=p%20w%26",
        ),
        (
            ModemKind::Sb6190,
            "/cgi-bin/status",
            "adv_pwd_cgi",
            "/cgi-bin/adv_pwd_cgi",
            "username=admin&password=p%20w%26",
        ),
    ] {
        let modem = by_form(page, login, to, form);
        let reading = modem.read(kind, Some("p w&"));
        let came = reading.pages.first().map(|page| page.path.as_str());
        assert_eq!(came, Some(&page[1..]), "{kind}: {:?} {:?}", reading.outcome, modem.paths());
        let posts = modem.paths().iter().filter(|path| path.starts_with("POST")).count();
        assert_eq!(posts, 1, "{kind}: one login");

        let refused = by_form(page, login, to, form).read(kind, Some("wrong"));
        assert!(
            matches!(refused.outcome, Err(ReadFailure::LoginRefused(_))),
            "{kind}: {refused:?}"
        );
        let needed = by_form(page, login, to, form).read(kind, None);
        assert!(matches!(needed.outcome, Err(ReadFailure::LoginNeeded(_))), "{kind}: {needed:?}");
    }
}

#[test]
fn the_form_of_an_sb6190_that_packs_its_fields_has_a_nonce_of_eight_digits() {
    let modem = FakeModem::new(|asked| match asked.path.as_str() {
        "/cgi-bin/adv_pwd_cgi" => {
            let form = asked.text();
            let (packed, nonce) = form.split_once("&ar_nonce=").unwrap();
            // username%3Dadmin:password%3Dp%20w
            let right = "arguments=dXNlcm5hbWUlM0RhZG1pbjpwYXNzd29yZCUzRHAlMjB3";
            assert_eq!((packed, nonce.len()), (right, 8));
            ok("Error: Invalid user name or password")
        }
        _ => ok("<script>post('/cgi-bin/adv_pwd_cgi', {arguments: x})</script>"),
    });
    let reading = modem.read(ModemKind::Sb6190, Some("p w"));
    let why = "Invalid user name or password".to_owned();
    assert_eq!(reading.outcome, Err(ReadFailure::LoginRefused(why)));
}

#[test]
fn a_redirection_to_another_host_is_not_followed() {
    let modem = FakeModem::new(|_| answer(302, "Location: http://192.0.2.7/steal\r\n", ""));
    let reading = modem.read(ModemKind::Tc4400, Some("p w"));
    assert!(matches!(reading.outcome, Err(ReadFailure::Status { status: 302, .. })), "{reading:?}");
    assert_eq!(modem.paths().len(), 1);
}

#[test]
fn the_clock_that_counts_is_the_one_that_was_fetched_with_its_page() {
    let modem = FakeModem::new(|asked| match asked.path.as_str() {
        "/info.html" => ok("<table><tr><td>Uptime:</td><td>0D 0H 32M 57S</td></tr>\
            <tr><td>Systime:</td><td>2025-11-27T00:37:40+01:00</td></tr></table>"),
        "/cmconnectionstatus.html" => {
            ok(format!("{TC4400}<p>Current System Time: Thu Nov 27 00:37:48 2025</p>"))
        }
        _ => answer(404, "", ""),
    });
    let reading = modem.read_first(ModemKind::Tc4400, None, ModemWant::LogFirst);
    let at = jiff::civil::date(2025, 11, 27).at(0, 37, 48, 0);
    assert_eq!(reading.outcome.unwrap().clock, Some(crate::vocabulary::ModemClock::Local(at)));
    let [clock, uptime] = [reading.clock_fetched, reading.uptime_fetched].map(Option::unwrap);
    assert!(clock.asked.boot > uptime.asked.boot, "{clock:?} {uptime:?}");
}
