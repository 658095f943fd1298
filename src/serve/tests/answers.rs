//! Tags, compression, versions of paths, and refusals.

use std::io::Read as _;

use super::*;

pub(super) fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn what_a_browser_has_already_is_not_sent_again() {
    play(|scene| async move {
        scene.second(1);
        for path in ["/", "/icon.svg", "/api/v1/status", "/metrics"] {
            let get = format!("GET {path}");
            let (head, body) = scene.talk(&get, "", "").await;
            assert_status(&head, 200);
            assert!(!body.is_empty());
            let tag = header(&head, "etag").unwrap();
            let condition = format!("if-none-match: \"other\", {tag}\r\n");
            let (again, body) = scene.talk(&get, &condition, "").await;
            assert_status(&again, 304);
            assert_eq!(body, b"", "{path}");
            assert_eq!(header(&again, "etag"), Some(tag));
            assert_eq!(header(&again, "content-type"), None);
            for name in ["content-security-policy", "cache-control"] {
                assert_eq!(header(&again, name), header(&head, name), "{path}");
            }
            let (head, _) = scene.talk(&get, "if-none-match: \"other\"\r\n", "").await;
            assert_status(&head, 200);
            let (head, body) = scene.talk(&format!("HEAD {path}"), "", "").await;
            assert_eq!((header(&head, "etag"), body), (Some(tag), Vec::new()));
        }
        let (_, before) = scene.talk("GET /api/v1/status", "", "").await;
        scene.second(2);
        let (head, after) = scene.talk("GET /api/v1/status", "", "").await;
        assert_status(&head, 200);
        assert_ne!(before, after);
    });
}

#[test]
fn metrics_come_in_the_form_that_is_asked_for() {
    play(|scene| async move {
        scene.second(1);
        let of = async |headers: &str| {
            let (head, body) = scene.talk("GET /metrics", headers, "").await;
            assert_status(&head, 200);
            assert!(header(&head, "vary").is_some_and(|vary| vary.contains("accept")), "{head}");
            (header(&head, "content-type").unwrap().to_owned(), String::from_utf8(body).unwrap())
        };
        let classic = "text/plain; version=0.0.4; charset=utf-8";
        for headers in ["", "accept: */*\r\n", "accept: text/html\r\n", "accept: \u{e9}\r\n"] {
            let (kind, text) = of(headers).await;
            assert_eq!(kind, classic, "{headers}");
            assert!(!text.contains("# EOF"));
        }
        for headers in [
            "accept: application/openmetrics-text; version=1.0.0\r\n",
            "accept: text/plain;q=0.5\r\naccept: application/openmetrics-text\r\n",
        ] {
            let (kind, text) = of(headers).await;
            assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
            assert!(text.ends_with("\n# EOF\n"), "{text}");
        }
        let scraper = "accept-encoding: gzip\r\naccept: application/openmetrics-text\r\n";
        let (head, _) = scene.talk("GET /metrics", scraper, "").await;
        let vary: Vec<_> = head.lines().filter(|line| line.starts_with("vary: ")).collect();
        let vary = vary.join(",");
        assert!(vary.contains("accept-encoding") && vary.contains("vary: accept,"), "{head}");
    });
}

#[test]
fn what_can_be_compressed_is_and_a_stream_is_not() {
    play(|scene| async move {
        scene.target("one");
        scene.second(1);
        let (plain_head, plain) = scene.talk("GET /", "", "").await;
        assert_eq!(header(&plain_head, "content-encoding"), None);
        let (head, body) = scene.talk("GET /", "accept-encoding: gzip, br\r\n", "").await;
        assert_eq!(header(&head, "content-encoding"), Some("gzip"));
        assert_eq!(header(&head, "etag"), header(&plain_head, "etag"));
        assert!(header(&head, "vary").is_some_and(|vary| vary.contains("accept-encoding")));
        assert!(body.len() < plain.len() / 2, "{} of {}", body.len(), plain.len());
        let body = unchunked(&body);
        let mut whole = Vec::new();
        flate2::read::GzDecoder::new(&body[..]).read_to_end(&mut whole).unwrap();
        assert!(whole == plain);

        let request =
            "GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\naccept-encoding: gzip\r\n\r\n";
        let mut stream = BufReader::new(scene.send(request).await);
        assert_eq!(event(&mut stream).await["targets"][0]["name"], "one");
    });
}

/// The body of an answer in chunks.
fn unchunked(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    loop {
        let end = body.windows(2).position(|two| two == b"\r\n").unwrap();
        let length = std::str::from_utf8(&body[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return whole;
        }
        body = &body[end + 2..];
        whole.extend_from_slice(&body[..length]);
        body = &body[length + 2..];
    }
}

#[test]
fn a_path_without_version_is_that_of_the_first_version() {
    let folder = tempfile::tempdir().unwrap();
    let synthetic = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let (from, to) = (synthetic.period.from, synthetic.period.to);
    let database = synthetic.import_into(folder.path());
    play_with(Config::default(), database, |scene| async move {
        scene.second(1);
        let drops = format!("/drops?since={from}&until={to}&limit=3");
        for path in ["/status", &drops] {
            let (_, old) = scene.talk(&format!("GET /api{path}"), "", "").await;
            let (head, new) = scene.talk(&format!("GET /api/v1{path}"), "", "").await;
            assert_status(&head, 200);
            assert!(!new.is_empty() && old == new, "{path}");
            if let Some(link) = header(&head, "link") {
                assert!(link.starts_with("</api/v1/drops?"), "{link}");
            }
        }
        for path in ["/report/30d.json", "/answers/30d.txt", "/sheet/30d.png"] {
            let (old, _) = scene.talk(&format!("HEAD {path}"), "", "").await;
            let (new, _) = scene.talk(&format!("HEAD /api/v1{path}"), "", "").await;
            assert_status(&new, 200);
            for name in ["content-type", "content-disposition", "etag", "content-length"] {
                assert_eq!(header(&old, name), header(&new, name), "{path}");
            }
        }
    });
}

#[test]
fn a_refusal_is_one_sentence_whoever_refuses() {
    play(|scene| async move {
        scene.second(1);
        let ours = "origin: http://localhost:8420\r\n";
        let large = "x".repeat(17_000);
        for (line, headers, body, status) in [
            ("GET /nothing", "", "", 404),
            ("GET /report/1y.txt", "", "", 404),
            ("POST /", ours, "", 405),
            ("POST /", "", "", 405),
            ("PUT /api/v1/status", ours, "", 405),
            ("DELETE /report/24h.txt", ours, "", 405),
            ("OPTIONS /", ours, "", 405),
            ("TRACE /", "", "", 405),
            ("GET /", "sec-fetch-site: cross-site\r\n", "", 403),
            ("POST /", ours, large.as_str(), 413),
        ] {
            let (head, said) = scene.talk(line, headers, body).await;
            let said = String::from_utf8(said).unwrap();
            assert_status(&head, status);
            assert_eq!(header(&head, "content-type"), Some("text/plain; charset=utf-8"), "{line}");
            assert_eq!(header(&head, "cache-control"), Some("no-store"), "{line}");
            assert!(header(&head, "content-security-policy").is_some(), "{line}");
            assert!(!said.trim().is_empty() && said.trim().lines().count() == 1, "{line}: {said}");
            if status == 405 {
                assert_eq!(header(&head, "allow"), Some("GET,HEAD"), "{line}");
            }
        }
    });
}

#[test]
fn a_path_names_the_methods_that_it_takes_whoever_refuses_another_one() {
    play(|scene| async move {
        scene.second(1);
        let ours = "origin: http://localhost:8420\r\n";
        for (path, methods, other) in [
            ("/", "GET,HEAD", "POST"),
            ("/api/v1/history", "GET,HEAD", "PUT"),
            ("/api/v1/notes", "GET,HEAD,POST", "PUT"),
            ("/api/v1/notes/1", "PUT,DELETE", "POST"),
            ("/login", "GET,HEAD,POST", "DELETE"),
            ("/logout", "POST", "GET"),
        ] {
            // The guard refuses the first, the route the other.
            for method in ["PATCH", other] {
                let (head, _) = scene.talk(&format!("{method} {path}"), ours, "").await;
                assert_status(&head, 405);
                assert_eq!(header(&head, "allow"), Some(methods), "{method} {path}");
            }
        }
    });
}

#[test]
fn pages_that_are_up_to_date_share_what_they_are_sent() {
    play(|scene| async move {
        scene.target("one");
        scene.measured(1);
        scene.second(1);
        let mut pages = Vec::new();
        for _ in 0..200 {
            let mut page = scene.events().await;
            assert_eq!(event(&mut page).await["targets"][0]["marks"].as_array().unwrap().len(), 1);
            pages.push(page);
        }
        // One more than can be served is told so, and takes nothing from the others.
        assert_status(&scene.get("/api/v1/events").await, 503);
        scene.measured(2);
        scene.second(2);
        for page in &mut pages {
            let second = event(page).await;
            assert_eq!(second["targets"][0]["marks"].as_array().unwrap().len(), 1);
            assert_eq!(second["status"]["at"], (AT + Duration::from_secs(2)).to_string());
        }
    });
}

#[test]
fn a_request_whose_body_never_comes_is_given_up() {
    play_leaping(|scene| async move {
        scene.second(1);
        let request = "POST /api/v1/notes HTTP/1.1\r\nhost: localhost\r\norigin: http://localhost\r\n\
             content-type: application/json\r\ncontent-length: 9\r\n\r\n";
        let mut slow = scene.send(request).await;
        let mut answer = String::new();
        // It ends, or the test hangs: time leaps while all wait.
        let _ = slow.read_to_string(&mut answer).await;
        assert!(["400", "408", "503"].iter().any(|s| answer.contains(s)), "{answer}");
    });
}
