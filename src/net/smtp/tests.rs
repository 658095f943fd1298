#![allow(clippy::items_after_statements, reason = "what a server says is next to what comes of it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread::JoinHandle;

use super::*;
use crate::net::client::Trust;

const LIMIT: Duration = Duration::from_secs(10);

/// A mail server on loopback that answers each line by the first rule whose beginning it has; gives the
/// lines that it read. After "354" it reads to the lone dot.
fn server(
    greeting: &'static str,
    rules: &'static [(&'static str, &'static str)],
) -> (u16, JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || serve(listener.accept().unwrap().0, greeting, rules));
    (port, thread)
}

fn serve(stream: TcpStream, greeting: &str, rules: &[(&str, &str)]) -> Vec<String> {
    let mut to = stream.try_clone().unwrap();
    let mut read = Vec::new();
    let _ = to.write_all(greeting.as_bytes());
    let mut in_mail = false;
    for line in BufReader::new(stream).lines() {
        let Ok(line) = line else { break };
        let asked = if in_mail { "." } else { line.as_str() };
        let ends = !in_mail || line == ".";
        read.push(line.clone());
        if !ends {
            continue;
        }
        let found = rules.iter().find(|(begins, _)| asked.starts_with(begins));
        let say = found.map_or("250 ok\r\n", |(_, say)| say);
        in_mail = say.starts_with("354");
        let _ = to.write_all(say.as_bytes());
        if line == "QUIT" {
            break;
        }
    }
    read
}

fn by(port: u16, security: MailSecurity) -> MailServer {
    let client = HttpClient::new(Trust::KnownAuthorities, 0);
    MailServer::new("127.0.0.1".to_owned(), port, security, client)
}

fn envelope(to: &[&str]) -> Envelope {
    let to = to.iter().map(|to| to.parse().unwrap()).collect();
    Envelope::new("linkmon@example.net".parse().ok(), to).unwrap()
}

const LOGIN: MailLogin<'_> = MailLogin { user: "me", password: "hunter2" };
const WITH_LOGIN: (&str, &str) = ("EHLO", "250-here\r\n250 AUTH LOGIN PLAIN\r\n");
const DATA: (&str, &str) = ("DATA", "354 go on\r\n");

#[track_caller]
fn failure(greeting: &'static str, rules: &'static [(&'static str, &'static str)]) -> SmtpError {
    let (port, _) = server(greeting, rules);
    let to = envelope(&["a@example.net"]);
    let error =
        submit(&by(port, MailSecurity::Plain), Some(LOGIN), &to, b"x\r\n", LIMIT).unwrap_err();
    assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    error
}

#[test]
fn a_mail_is_handed_over_to_those_who_are_taken() {
    const RULES: &[(&str, &str)] = &[
        WITH_LOGIN,
        ("AUTH PLAIN", "235 welcome\r\n"),
        ("RCPT TO:<b", "550 no such user\r\n"),
        DATA,
    ];
    let (port, thread) = server("220 here\r\n", RULES);
    let to = envelope(&["a@example.net", "b@example.net"]);
    let mail = b"Subject: x\r\n\r\n.dot\r\n";
    let server = by(port, MailSecurity::Plain);
    assert_eq!(
        submit(&server, Some(LOGIN), &to, mail, LIMIT),
        Ok(vec!["b@example.net".to_owned()])
    );
    let lines = thread.join().unwrap();
    let expected = [
        "EHLO [127.0.0.1]",
        "AUTH PLAIN AG1lAGh1bnRlcjI=",
        "MAIL FROM:<linkmon@example.net>",
        "RCPT TO:<a@example.net>",
        "RCPT TO:<b@example.net>",
        "DATA",
        "Subject: x",
        "",
        "..dot",
    ];
    assert_eq!(lines[..expected.len()], expected);
    assert_eq!(lines.last().map(String::as_str), Some("QUIT"));
}

#[test]
fn greylisting_is_tried_again_and_an_unknown_recipient_is_not() {
    const GREY: &[(&str, &str)] =
        &[WITH_LOGIN, ("AUTH", "235 ok\r\n"), ("RCPT", "450 4.2.0 Greylisted\r\n")];
    let grey = failure("220 here\r\n", GREY);
    assert_eq!(grey, SmtpError::Deferred("450 4.2.0 Greylisted".to_owned()));
    assert!(!grey.is_final());
    const UNKNOWN: &[(&str, &str)] =
        &[WITH_LOGIN, ("AUTH", "235 ok\r\n"), ("RCPT", "550 5.1.1 Unknown\r\n")];
    let unknown = failure("220 here\r\n", UNKNOWN);
    assert_eq!(unknown, SmtpError::Refused("550 5.1.1 Unknown".to_owned()));
    assert!(unknown.is_final());
    const TOO_LARGE: &[(&str, &str)] =
        &[WITH_LOGIN, ("AUTH", "235 ok\r\n"), DATA, (".", "552 5.3.4 Too large\r\n")];
    assert!(failure("220 here\r\n", TOO_LARGE).is_final());
    // Of two recipients one is deferred: it goes to nobody yet.
    const HALF: &[(&str, &str)] = &[("RCPT TO:<b", "451 later\r\n"), DATA];
    let (port, thread) = server("220 here\r\n", HALF);
    let to = envelope(&["a@example.net", "b@example.net"]);
    let half = submit(&by(port, MailSecurity::Plain), None, &to, b"x", LIMIT).unwrap_err();
    assert!(matches!(half, SmtpError::Deferred(_)));
    assert!(!thread.join().unwrap().contains(&"DATA".to_owned()));
}

#[test]
fn what_is_not_about_the_mail_is_tried_again() {
    const WRONG: &[(&str, &str)] = &[WITH_LOGIN, ("AUTH", "535 5.7.8 wrong: hunter2\r\n")];
    assert_eq!(failure("220 here\r\n", WRONG), SmtpError::Login(Some(535)));
    const NO_AUTH: &[(&str, &str)] = &[("EHLO", "250 here\r\n")];
    assert_eq!(failure("220 here\r\n", NO_AUTH), SmtpError::Login(None));
    const WANTS: &[(&str, &str)] =
        &[WITH_LOGIN, ("AUTH", "235 ok\r\n"), ("MAIL", "530 5.7.0 Must issue STARTTLS\r\n")];
    assert_eq!(failure("220 here\r\n", WANTS), SmtpError::WantsLogin(530));
    for greeting in ["554 go away\r\n", "421 too busy\r\n", "SSH-2.0-OpenSSH\r\n"] {
        let error = failure(greeting, &[]);
        assert!(!error.is_final(), "{greeting:?}: {error:?}");
    }
}

#[test]
fn a_server_without_end_is_left_in_time() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            while stream.write_all(&[b'x'; 4_096]).is_ok() {}
        }
    });
    for security in [MailSecurity::Plain, MailSecurity::StartTls, MailSecurity::Tls] {
        let to = envelope(&["a@example.net"]);
        let error = submit(&by(port, security), None, &to, b"x", LIMIT).unwrap_err();
        assert!(!error.is_final() && error.to_string().len() < 300, "{security}: {error}");
    }
}

#[test]
fn without_tls_nothing_goes_out_where_tls_is_to_be() {
    const NO_TLS: &[(&str, &str)] = &[("EHLO", "250-here\r\n250 AUTH PLAIN\r\n")];
    let (port, thread) = server("220-here\r\n220 I am\r\n", NO_TLS);
    let to = envelope(&["a@example.net"]);
    let error =
        submit(&by(port, MailSecurity::StartTls), Some(LOGIN), &to, b"x", LIMIT).unwrap_err();
    assert_eq!(error, SmtpError::NoStartTls);
    assert_eq!(thread.join().unwrap(), ["EHLO [127.0.0.1]"]);
    // Replies put before TLS end up in TLS, which they are not.
    const INJECTED: &[(&str, &str)] =
        &[("EHLO", "250 STARTTLS\r\n"), ("STARTTLS", "220 go on\r\n250 AUTH PLAIN\r\n235 ok\r\n")];
    let (port, _) = server("220 here\r\n", INJECTED);
    let error =
        submit(&by(port, MailSecurity::StartTls), Some(LOGIN), &to, b"x", LIMIT).unwrap_err();
    assert!(matches!(error, SmtpError::NoConnection(client::Error::Tls(_))), "{error:?}");
}
