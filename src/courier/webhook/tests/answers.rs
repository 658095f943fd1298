//! Servers on loopback that answer, hang, cut and flood; and what is made of it.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{OnceLock, mpsc};
use std::thread;

use super::*;

/// What a server saw of a request.
type RequestsSeen = mpsc::Receiver<String>;

/// What a server does with a connection whose request it has read.
type Answer = Box<dyn FnOnce(&mut TcpStream) + Send>;

/// A server that answers each connection in turn; what it was asked comes through the channel.
fn serve(answers: Vec<Answer>) -> (u16, RequestsSeen) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (seen, receiver) = mpsc::channel();
    thread::spawn(move || {
        for answer in answers {
            let Ok((mut stream, _)) = listener.accept() else { return };
            let _ = seen.send(whole_request(&mut stream));
            answer(&mut stream);
        }
    });
    (port, receiver)
}

fn whole_request(stream: &mut TcpStream) -> String {
    let mut all = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&all).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .split("content-length: ")
                .nth(1)
                .map_or(0, |rest| rest.split("\r\n").next().unwrap().parse::<usize>().unwrap());
            if body.len() >= length {
                return String::from_utf8_lossy(&all).into_owned();
            }
        }
        match stream.read(&mut buffer) {
            Ok(n) if n > 0 => all.extend_from_slice(&buffer[..n]),
            _ => return String::from_utf8_lossy(&all).into_owned(),
        }
    }
}

fn says(answer: &str) -> Box<dyn FnOnce(&mut TcpStream) + Send> {
    let answer = answer.to_owned();
    Box::new(move |stream| {
        let _ = stream.write_all(answer.as_bytes());
    })
}

fn channel(preset: WebhookPreset, port: u16, path: &str) -> Webhook {
    let url = format!("http://127.0.0.1:{port}{path}");
    let webhook = WebhookConfig {
        preset,
        url: Some(Secret::new(url)),
        headers: HeaderField::parse("Authorization: Basic aHVudGVyMg==").into_iter().collect(),
        room: Some("!room:example".to_owned()),
        token_file: Some(TOKEN.get_or_init(token).path().to_owned()),
        ..WebhookConfig::default()
    };
    let config = AlertConfig {
        webhook,
        timeout: Duration::from_millis(700),
        ..AlertConfig::of(AlertKind::Webhook)
    };
    Webhook::of(&config).unwrap()
}

static TOKEN: OnceLock<tempfile::NamedTempFile> = OnceLock::new();

fn token() -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"pw1\n").unwrap();
    file
}

fn deliver(channel: &mut Webhook) -> Result<(), DeliveryError> {
    let (origin, down) = (origin(), [down()]);
    channel.deliver(&parcel("k", &down, &origin, at(16)))
}

fn answer_to(preset: WebhookPreset, answer: &str) -> Result<(), DeliveryError> {
    let (port, _seen) = serve(vec![says(answer)]);
    deliver(&mut channel(preset, port, "/services/T0SECRET/hook"))
}

#[track_caller]
fn later(answer: &str, words: &str) -> Option<Duration> {
    match answer_to(WebhookPreset::Plain, answer) {
        Err(DeliveryError::Later { why, after }) => {
            assert!(why.contains(words), "{why}");
            after
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn success_is_any_2xx_and_the_request_is_whole() {
    let (port, seen) = serve(vec![says("HTTP/1.1 204 No Content\r\n\r\n")]);
    deliver(&mut channel(WebhookPreset::Plain, port, "/hook?a=b")).unwrap();
    let request = seen.recv().unwrap();
    assert!(request.starts_with("POST /hook?a=b HTTP/1.1\r\n"), "{request}");
    assert!(request.contains("idempotency-key: k\r\n"), "{request}");
    assert!(request.contains("authorization: Basic aHVudGVyMg==\r\n"), "{request}");
    assert!(!request.contains("Bearer"), "a field of the configuration takes its place: {request}");
}

#[test]
fn what_may_be_mended_or_passes_is_tried_later_and_a_wrong_message_never() {
    let status = |code: u16| format!("HTTP/1.1 {code} X\r\ncontent-length: 4\r\n\r\noops");
    for code in [401, 403, 404, 405, 407, 408, 410, 424, 425, 429, 500, 502, 503, 504] {
        later(&status(code), &format!("({code}: oops)"));
    }
    for code in [400, 409, 413, 415, 422] {
        match answer_to(WebhookPreset::Plain, &status(code)) {
            Err(DeliveryError::Refused { why }) => {
                assert!(
                    why.ends_with(&format!("does not take this message ({code}: oops)")),
                    "{why}"
                );
            }
            other => panic!("{code}: {other:?}"),
        }
    }
}

#[test]
fn a_pause_that_is_asked_for_is_kept_within_bounds() {
    let asked = |field: &str| {
        later(&format!("HTTP/1.1 429 X\r\n{field}\r\ncontent-length: 0\r\n\r\n"), "429")
    };
    let seconds = Duration::from_secs;
    assert_eq!(asked("Retry-After: 120"), Some(seconds(120)));
    assert_eq!(asked("Retry-After: 1.5"), Some(Duration::from_millis(1_500)));
    assert_eq!(asked("Retry-After: 99999999999"), Some(seconds(3_600)));
    assert_eq!(asked("Retry-After: 1e300"), None);
    assert_eq!(asked("Retry-After: -5"), None);
    assert_eq!(asked("Retry-After: NaN"), None);
    assert_eq!(asked("Retry-After: soon"), None);
    // By the server's clock, however wrong ours is.
    let date = "Date: Tue, 07 Feb 2023 18:00:00 GMT\r\nRetry-After: Tue, 07 Feb 2023 18:01:30 GMT";
    assert_eq!(asked(date), Some(seconds(90)));
    assert_eq!(asked("Retry-After: Tue, 07 Feb 2023 16:01:00 GMT"), Some(seconds(44)));
    assert_eq!(asked("Retry-After: Mon, 06 Feb 2023 16:01:00 GMT"), None);
}

#[test]
fn a_redirect_is_not_followed_and_says_where_it_leads() {
    let answer = "HTTP/1.1 301 X\r\nLocation: https://me:pw@b.example/x/?token=tk\r\ncontent-length: 0\r\n\r\n";
    later(answer, "sends elsewhere to https://b.example/x/ (301), where nothing is sent");
    let portal = "HTTP/1.1 302 X\r\nLocation: /login\r\ncontent-length: 0\r\n\r\n";
    later(portal, "sends elsewhere to /login (302)");
}

#[test]
fn a_hanging_a_cut_and_a_closed_connection_are_told_apart_and_tried_later() {
    let hang: Box<dyn FnOnce(&mut TcpStream) + Send> = Box::new(|stream| {
        let _ = stream.read(&mut [0]);
    });
    let (port, _seen) = serve(vec![hang]);
    let got = deliver(&mut channel(WebhookPreset::Plain, port, "/")).unwrap_err();
    assert!(got.to_string().contains("no complete answer within"), "{got}");
    later("", "the connection was closed before the answer was complete");
    later("HTTP/1.1 2", "127.0.0.1");
    later("SSH-2.0-x\r\n\r\n", "not HTTP");
    let closed = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let got = deliver(&mut channel(WebhookPreset::Plain, closed, "/")).unwrap_err();
    assert!(matches!(&got, DeliveryError::Later { .. }));
    assert!(got.to_string().ends_with("Connection refused"), "{got}");
}

/// The receiver has it: once more would be twice.
#[test]
fn a_success_whose_body_is_cut_endless_or_does_not_come_is_a_success() {
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\nok";
    answer_to(WebhookPreset::Plain, cut).unwrap();
    let flood: Box<dyn FnOnce(&mut TcpStream) + Send> = Box::new(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n");
        let piece = vec![b'x'; 1 << 16];
        for _ in 0..1_526 {
            if stream.write_all(&piece).is_err() {
                break;
            }
        }
    });
    let hang: Box<dyn FnOnce(&mut TcpStream) + Send> = Box::new(|stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n");
        let _ = stream.read(&mut [0]);
    });
    let (port, _seen) = serve(vec![flood, hang]);
    deliver(&mut channel(WebhookPreset::Plain, port, "/")).unwrap();
    deliver(&mut channel(WebhookPreset::Plain, port, "/")).unwrap();
}

#[test]
fn of_a_failure_with_a_huge_body_a_short_beginning_is_shown() {
    let answer = format!("HTTP/1.1 500 X\r\n\r\n{}", "x\u{1b}[31m ".repeat(500_000));
    let got = answer_to(WebhookPreset::Plain, &answer).unwrap_err().to_string();
    assert!(got.len() < 400 && !got.contains('\u{1b}') && got.contains('…'), "{got}");
}

#[test]
fn no_secret_is_in_what_is_said_of_an_answer_that_repeats_it() {
    let body =
        "token pw1 of Basic aHVudGVyMg== / aHVudGVyMg== for /services/T0SECRET/hook: T0SECRET";
    for code in [301, 400, 401, 500] {
        let answer = format!(
            "HTTP/1.1 {code} X\r\nLocation: /services/T0SECRET/hook/\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        for preset in WebhookPreset::ALL {
            let got = answer_to(preset, &answer).unwrap_err().to_string();
            for secret in ["pw1", "aHVudGVyMg", "T0SECRET"] {
                assert!(!got.contains(secret), "{got}");
            }
        }
    }
}

#[test]
fn a_page_in_place_of_a_service_is_no_success() {
    let page =
        "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\n\r\n<!DOCTYPE html><title>Log in</title>";
    for preset in WebhookPreset::ALL {
        let got = answer_to(preset, page);
        let own = matches!(preset, WebhookPreset::Plain | WebhookPreset::Template);
        assert_eq!(got.is_ok(), own, "{preset}: {got:?}");
    }
    let nothing = answer_to(WebhookPreset::Apprise, "HTTP/1.1 204 X\r\n\r\n").unwrap_err();
    assert!(nothing.to_string().contains("knows no configuration"), "{nothing}");
    answer_to(WebhookPreset::Discord, "HTTP/1.1 204 X\r\n\r\n").unwrap();
}

#[test]
fn what_was_over_before_it_could_be_sent_gets_its_end_when_it_is_due() {
    let ok = || says("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
    let full = says("HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n");
    let (port, seen) = serve(vec![ok(), full, ok()]);
    let mut channel = channel(WebhookPreset::Alertmanager, port, "");
    let (origin, both) = (origin(), [down(), back()]);
    channel.deliver(&parcel("k", &both, &origin, at(3_600))).unwrap();
    assert!(seen.recv().unwrap().starts_with("POST /api/v2/alerts "));
    assert_eq!(channel.tend(at(3_601)), Some(at(3_960)));
    assert_eq!(channel.tend(at(3_960)), Some(at(3_990)), "it failed");
    assert_eq!(channel.tend(at(3_990)), None);
    assert!(seen.iter().nth(1).unwrap().contains("\"endsAt\":\"2023-02-07T16:01:32.000Z\""));
}

#[test]
fn a_trial_tells_nobody_and_names_what_is_wrong() {
    let ok = |body: &str| {
        says(&format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()))
    };
    let no = |code: u16| says(&format!("HTTP/1.1 {code} X\r\ncontent-length: 0\r\n\r\n"));
    let tried = |preset, answers: Vec<_>, path: &str| {
        let (port, seen) = serve(answers);
        let said = channel(preset, port, path).tried();
        let lines = seen.try_iter().map(|text| text.lines().next().unwrap_or_default().to_owned());
        (said, lines.collect::<Vec<_>>())
    };
    let (said, asked) = tried(WebhookPreset::Ntfy, vec![ok("{}"), ok("{}")], "/topic");
    assert!(said.unwrap().ends_with("is well and accepts the token"));
    assert_eq!(asked, ["GET /v1/health HTTP/1.1", "GET /v1/account HTTP/1.1"]);
    let (said, _) = tried(WebhookPreset::Ntfy, vec![ok("{}"), no(401)], "/topic");
    assert!(said.unwrap_err().contains("does not accept the token"));
    let (said, asked) = tried(WebhookPreset::Gotify, vec![no(400)], "/");
    assert!(said.unwrap().ends_with("accepts the token"));
    assert_eq!(asked, ["POST /message HTTP/1.1"]);
    assert!(tried(WebhookPreset::Gotify, vec![no(401)], "/").0.is_err());
    let rooms = r#"{"joined_rooms":["!room:example"]}"#;
    let (said, asked) = tried(WebhookPreset::Matrix, vec![ok("{}"), ok(rooms)], "/");
    assert!(said.unwrap().ends_with("a member of the room"));
    assert!(asked.iter().all(|line| line.starts_with("GET ")));
    let (said, _) = tried(WebhookPreset::Matrix, vec![ok("{}"), ok(r#"{"joined_rooms":[]}"#)], "/");
    assert!(said.unwrap_err().contains("its user is not in the room"));
    let (said, asked) = tried(WebhookPreset::Apprise, vec![no(204)], "/notify/home");
    assert!(said.unwrap_err().contains("knows no configuration"));
    assert_eq!(asked, ["GET /json/urls/home?privacy=1 HTTP/1.1"]);
    let (said, asked) = tried(WebhookPreset::Alertmanager, vec![ok("{}")], "/");
    assert!(said.is_ok());
    assert_eq!(asked, ["GET /api/v2/status HTTP/1.1"]);
    for preset in [WebhookPreset::Plain, WebhookPreset::Template, WebhookPreset::Slack] {
        let (said, asked) = tried(preset, vec![no(500)], "/x");
        assert!(said.unwrap().contains("is there; whether it takes messages"));
        assert!(asked.iter().all(String::is_empty), "{asked:?}");
    }
}

#[test]
fn a_token_that_was_mended_is_used_at_the_next_attempt() {
    let answer = |status: &str| says(&format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
    let (port, seen) = serve(vec![answer("401 X"), answer("200 OK")]);
    let file = tempfile::NamedTempFile::new().unwrap();
    let mut channel = channel(WebhookPreset::Plain, port, "/");
    channel.config.headers.clear();
    channel.config.token_file = Some(file.path().to_owned());
    let empty = deliver(&mut channel).unwrap_err();
    assert!(empty.to_string().contains("holds no secret"), "{empty}");
    std::fs::write(file.path(), "wrong\n").unwrap();
    let wrong = deliver(&mut channel).unwrap_err();
    assert!(wrong.to_string().contains("does not accept the token or password (401)"), "{wrong}");
    std::fs::write(file.path(), "right\n").unwrap();
    deliver(&mut channel).unwrap();
    let tokens: Vec<_> = seen.try_iter().map(|text| text.contains("Bearer right")).collect();
    assert_eq!(tokens, [false, true]);
}
