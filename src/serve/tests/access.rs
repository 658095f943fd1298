//! Who is let in, and how.

use std::sync::Mutex;

use super::answers::header;
use super::*;
use crate::config::WebConfig;
use crate::serve::access::PUBLIC;

/// As on an address that others reach. (The scene listens on loopback all the same.)
fn open_to_others() -> WebConfig {
    WebConfig {
        listen: "192.168.1.10:8420".parse().unwrap(),
        token: Some(Secret::new("open sesame".to_owned())),
        hosts: vec!["linkmon.lan".to_owned()],
        ..WebConfig::default()
    }
}

const OURS: &str = "origin: http://localhost:8420\r\n";
const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";

impl Scene {
    async fn status_of(&self, line: &str, headers: &str) -> u16 {
        let (head, _) = self.talk(line, headers, "").await;
        head.split(' ').nth(1).unwrap().parse().unwrap()
    }

    async fn log_in(&self, token: &str) -> (String, String) {
        let headers = format!("{OURS}{FORM}");
        let (head, body) = self.talk("POST /login", &headers, &format!("token={token}")).await;
        (head, String::from_utf8(body).unwrap())
    }
}

const PRIVATE: [&str; 24] = [
    "/metrics",
    "/api/status",
    "/api/v1/status",
    "/api/v1/events",
    "/api/events",
    "/api/drops",
    "/api/v1/drops",
    "/api/v1/drops/1",
    "/api/v1/drops/1.png",
    "/api/v1/history",
    "/api/v1/days",
    "/api/v1/notes",
    "/api/systems",
    "/api/v1/systems",
    "/feed.atom",
    "/answers/7d.txt",
    "/ticket/24h.txt",
    "/letter/30d.txt",
    "/api/v1/report/custom.json?since=1h",
    "/page/page.main.js",
    "/report/24h.txt",
    "/sheet/24h.png",
    "/status",
    "/nothing",
];

#[test]
fn without_the_token_nothing_is_shown_to_others() {
    play_configured(open_to_others(), |scene| async move {
        scene.second(1);
        for path in PRIVATE {
            let (head, body) = scene.talk(&format!("GET {path}"), "", "").await;
            assert_status(&head, 401);
            assert_eq!(header(&head, "www-authenticate"), Some("Bearer"), "{path}");
            assert_eq!(header(&head, "cache-control"), Some("no-store"), "{path}");
            assert_eq!(String::from_utf8(body).unwrap().lines().count(), 1, "{path}");
        }
        for headers in [
            "authorization: Basic b3BlbjpzZXNhbWU=\r\n",
            "authorization: open sesame\r\n",
            "cookie: linkmon-session=x.y\r\n",
            "x-forwarded-for: 127.0.0.1\r\n",
            "x-forwarded-user: admin\r\n",
        ] {
            assert_eq!(scene.status_of("GET /metrics", headers).await, 401, "{headers}");
        }
        let (head, _) = scene.talk("GET /", "", "").await;
        assert_status(&head, 303);
        assert_eq!(header(&head, "location"), Some("/login"));
        assert_eq!(scene.status_of("GET /icon.svg", "").await, 200);
        let bearer = "authorization: bearer open sesame\r\n";
        assert_eq!(scene.status_of("GET /metrics", bearer).await, 200);
        assert_eq!(scene.status_of("GET /", bearer).await, 200);
    });
}

#[test]
fn who_logs_in_has_a_session_until_the_end_of_it() {
    play_configured(open_to_others(), |scene| async move {
        scene.second(1);
        let (head, page) = scene.talk("GET /login", "", "").await;
        assert_status(&head, 200);
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("<form method=\"post\" action=\"/login\">"), "{page}");
        let policy = header(&head, "content-security-policy").unwrap();
        assert!(policy.contains("form-action 'self'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(header(&head, "referrer-policy"), Some("same-origin"));
        assert_eq!(header(&head, "cache-control"), Some("no-store"));

        let (head, _) = scene.log_in("open+sesame").await;
        assert_status(&head, 303);
        assert_eq!(header(&head, "location"), Some("/"));
        let cookie = header(&head, "set-cookie").unwrap();
        for part in ["; HttpOnly", "; SameSite=Strict", "; Path=/"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        let cookie = format!("cookie: {}\r\n", cookie.split(';').next().unwrap());
        for path in ["/", "/metrics", "/api/v1/status"] {
            assert_eq!(scene.status_of(&format!("GET {path}"), &cookie).await, 200, "{path}");
        }
        let (head, _) = scene.talk("GET /login", &cookie, "").await;
        assert_eq!(header(&head, "location"), Some("/"));
        let (head, _) = scene.talk("POST /logout", &format!("{OURS}{cookie}"), "").await;
        assert_status(&head, 303);
        assert!(header(&head, "set-cookie").unwrap().contains("Max-Age=0"));
        assert_eq!(scene.status_of("GET /metrics", &cookie).await, 401);
    });
}

#[test]
fn who_has_logged_out_is_out_after_a_restart_too() {
    let folder = tempfile::tempdir().unwrap();
    let synthetic = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let database = synthetic.import_into(folder.path());
    let config = || Config { web: open_to_others(), ..Config::default() };
    let begun = Mutex::new(Vec::new());
    play_with(config(), database.clone(), async |scene: Scene| {
        scene.second(1);
        for _ in 0..2 {
            let (head, _) = scene.log_in("open+sesame").await;
            let cookie = header(&head, "set-cookie").unwrap().split(';').next().unwrap();
            begun.lock().unwrap().push(format!("cookie: {cookie}\r\n"));
        }
        let cookie = begun.lock().unwrap()[0].clone();
        let (head, _) = scene.talk("POST /logout", &format!("{OURS}{cookie}"), "").await;
        assert_status(&head, 303);
    });
    play_with(config(), database, async |scene: Scene| {
        scene.second(1);
        let cookies = begun.lock().unwrap().clone();
        assert_eq!(scene.status_of("GET /metrics", &cookies[0]).await, 401);
        assert_eq!(scene.status_of("GET /metrics", &cookies[1]).await, 200);
    });
}

#[test]
fn guesses_are_slow_and_few() {
    play_configured(open_to_others(), |scene| async move {
        scene.second(1);
        for guess in 0..5 {
            let token = format!("guess{guess}");
            let mut login = std::pin::pin!(scene.log_in(&token));
            let nearly = crate::serve::access::SLOW.mul_f64(0.9);
            let early = tokio::time::timeout(nearly, &mut login).await;
            assert!(early.is_err(), "an answer at once");
            let (head, page) = login.await;
            assert_status(&head, 401);
            assert!(page.contains("role=\"alert\"") && !page.contains("guess"), "{page}");
            assert_eq!(header(&head, "set-cookie"), None);
        }
        // Not even the right one is looked at now, whichever way it comes.
        let (head, _) = scene.log_in("open+sesame").await;
        assert_status(&head, 429);
        assert_eq!(header(&head, "retry-after"), Some("60"));
        let bearer = "authorization: Bearer open sesame\r\n";
        assert_eq!(scene.status_of("GET /metrics", bearer).await, 429);
    });
}

#[test]
fn a_blank_token_lets_nobody_in() {
    let token = Some(Secret::new("  ".to_owned()));
    let web = WebConfig { hosts: vec!["linkmon.lan".to_owned()], token, ..WebConfig::default() };
    play_configured(web, |scene| async move {
        let (head, _) = scene.log_in("").await;
        assert_status(&head, 403);
        assert_eq!(header(&head, "set-cookie"), None);
    });
}

#[test]
fn users_of_this_computer_can_log_in_and_the_page_says_how() {
    let token = Some(Secret::new(" open sesame ".to_owned()));
    let web = WebConfig { token, ..WebConfig::default() };
    play_configured(web, |scene| async move {
        scene.second(1);
        let (_, page) = scene.talk("GET /", "", "").await;
        assert!(String::from_utf8(page).unwrap().contains("data-session=\"out\""));
        let (head, _) = scene.talk("GET /login", "", "").await;
        assert_status(&head, 200);
        let (head, _) = scene.log_in("open+sesame").await;
        assert_status(&head, 303);
        let cookie = header(&head, "set-cookie").unwrap().split(';').next().unwrap();
        let cookie = format!("cookie: {cookie}\r\n");
        let (_, page) = scene.talk("GET /", &cookie, "").await;
        assert!(String::from_utf8(page).unwrap().contains("data-session=\"in\""));
        let (head, _) = scene.talk("POST /logout", &format!("{OURS}{cookie}"), "").await;
        assert_eq!(header(&head, "clear-site-data"), Some("\"cache\""));
    });
    play(|scene| async move {
        scene.second(1);
        let (head, page) = scene.talk("GET /", "", "").await;
        assert_status(&head, 200);
        assert!(String::from_utf8(page).unwrap().contains("data-session=\"\""), "no token");
        let (head, _) = scene.talk("GET /login", "", "").await;
        assert_status(&head, 303);
    });
}

#[test]
fn a_wrong_token_takes_nothing_from_who_needs_none_nor_from_visitors_by_a_proxy() {
    let web = WebConfig { listen: "127.0.0.1:8420".parse().unwrap(), ..open_to_others() };
    play_configured(web, |scene| async move {
        scene.second(1);
        for _ in 0..8 {
            let old = "authorization: Bearer an old token\r\n";
            assert_eq!(scene.status_of("GET /metrics", old).await, 200);
        }
        let by_proxy = "x-forwarded-for: 192.0.2.1\r\nauthorization: Bearer open sesame\r\n";
        assert_eq!(scene.status_of("GET /metrics", by_proxy).await, 200);
    });
    play(|scene| async move {
        scene.second(1);
        for _ in 0..8 {
            let any = "authorization: Bearer any\r\n";
            assert_eq!(scene.status_of("GET /metrics", any).await, 200, "there is no token");
        }
    });
}

#[test]
fn a_login_comes_from_the_login_page() {
    play_configured(open_to_others(), |scene| async move {
        for headers in [
            FORM.to_owned(),
            format!("origin: null\r\n{FORM}"),
            format!("origin: http://evil.example\r\n{FORM}"),
            format!("{OURS}sec-fetch-site: cross-site\r\n{FORM}"),
        ] {
            let (head, _) = scene.talk("POST /login", &headers, "token=open+sesame").await;
            assert_status(&head, 403);
        }
        let (head, _) = scene.talk("POST /login", OURS, "token=open+sesame").await;
        assert_status(&head, 415);
        let headers = format!("{OURS}{FORM}");
        for body in ["", "token", "x=1", "token=%ff", "token="] {
            let (head, _) = scene.talk("POST /login", &headers, body).await;
            assert!(head.starts_with("HTTP/1.1 40"), "{body}: {head}");
        }
    });
}

#[test]
fn what_a_proxy_passes_on_comes_from_elsewhere() {
    let web = WebConfig { hosts: vec!["linkmon.lan".to_owned()], ..WebConfig::default() };
    let passed_on = [
        "x-forwarded-for: 127.0.0.1\r\n",
        "forwarded: for=127.0.0.1\r\n",
        "via: 1.1 proxy\r\n",
        "x-real-ip: ::1\r\n",
    ];
    play_configured(web.clone(), |scene| async move {
        scene.second(1);
        assert_eq!(scene.status_of("GET /metrics", "").await, 200);
        for headers in passed_on {
            // There is no token to log in with.
            assert_eq!(scene.status_of("GET /metrics", headers).await, 403, "{headers}");
            assert_eq!(scene.status_of("GET /", headers).await, 403, "{headers}");
        }
        assert_status(&scene.ask("GET /metrics", "linkmon.lan").await, 403);
    });
    let web = WebConfig { token: Some(Secret::new("open sesame".to_owned())), ..web };
    play_configured(web, |scene| async move {
        scene.second(1);
        assert_eq!(scene.status_of("GET /metrics", "").await, 200);
        for headers in passed_on {
            assert_eq!(scene.status_of("GET /metrics", headers).await, 401, "{headers}");
            let headers = format!("{headers}authorization: Bearer open sesame\r\n");
            assert_eq!(scene.status_of("GET /metrics", &headers).await, 200, "{headers}");
        }
        assert_status(&scene.ask("GET /metrics", "linkmon.lan").await, 401);
        assert_status(&scene.ask("GET /metrics", "127.0.0.1:8420").await, 200);
    });
}

#[test]
fn the_status_page_alone_is_public_where_the_configuration_says_so() {
    let web = WebConfig { public_status: true, ..open_to_others() };
    play_configured(web, |scene| async move {
        scene.second(1);
        for path in PRIVATE.into_iter().filter(|path| !PUBLIC.contains(path)) {
            assert_eq!(scene.status_of(&format!("GET {path}"), "").await, 401, "{path}");
        }
        for path in PUBLIC {
            // It is let in: there is no record to make it from.
            assert_eq!(scene.status_of(&format!("GET {path}"), "").await, 500, "{path}");
        }
        assert_eq!(scene.status_of("GET /status/../metrics", "").await, 401);
    });
}

#[test]
fn without_a_token_it_listens_on_loopback_alone() {
    for listen in ["0.0.0.0:0", "[::]:0", "192.168.1.10:0", "[2001:db8::1]:0"] {
        let listen = listen.parse().unwrap();
        let web = WebConfig { listen, ..WebConfig::default() };
        let problem = start(options(Config { web, ..Config::default() })).unwrap_err();
        assert!(matches!(problem, Error::Unguarded { .. }), "{problem}");
        let problem = problem.to_string();
        assert!(problem.contains("set `token` in [web]") && !problem.contains('\n'), "{problem}");
    }
    for listen in ["127.0.0.1:0", "[::1]:0", "127.8.8.8:0", "[::ffff:127.0.0.1]:0"] {
        let web = WebConfig { listen: listen.parse().unwrap(), ..WebConfig::default() };
        assert!(!web.is_unguarded(), "{listen}");
    }
    for blank in ["", "  ", "\t"] {
        let (listen, token) = ("0.0.0.0:0".parse().unwrap(), Some(Secret::new(blank.to_owned())));
        let web = WebConfig { listen, token, ..WebConfig::default() };
        let problem = start(options(Config { web, ..Config::default() })).unwrap_err();
        assert!(matches!(problem, Error::Unguarded { .. }), "a blank token is none: {problem}");
    }
    let web = WebConfig { listen: "0.0.0.0:0".parse().unwrap(), ..open_to_others() };
    let config = Config { web, ..Config::default() };
    start(options(config)).unwrap().stop();
}

#[test]
fn a_proxy_that_does_not_name_itself_is_known_by_its_http_and_by_the_pages_it_serves() {
    play(|scene| async move {
        scene.second(1);
        let mut answer = String::new();
        let mut old = scene.send("GET /metrics HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n").await;
        old.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.0 403 "), "{answer}");
        let of_another = "origin: https://linkmon.example.org\r\n";
        assert_eq!(scene.status_of("GET /api/status", of_another).await, 403);
        assert_eq!(scene.status_of("GET /api/status", OURS).await, 200);
    });
}
