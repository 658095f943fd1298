use std::sync::Arc;

use jiff::tz::TimeZone;

use super::*;
use crate::config::{AlertKind, Lang};
use crate::courier::message::MessageOrigin;
use crate::language;
use crate::time::Timestamp;

const AT: Timestamp = Timestamp::from_seconds(1_796_000_000);

fn setup() -> ChannelSetup {
    let picture: super::super::channel::DropPicture =
        Arc::new(|message: &Message| message.end.map(|_| b"\x89PNG".to_vec()));
    ChannelSetup {
        language: language::of(Lang::En),
        zone: TimeZone::UTC,
        picture: Some(picture),
        document: None,
    }
}

fn config() -> AlertConfig {
    let mail = MailConfig {
        from: Some("linkmon <linkmon@example.net>".to_owned()),
        to: vec!["Ana <ana@example.org>".to_owned(), "bo@example.org".to_owned()],
        server: Some("127.0.0.1:1".to_owned()),
        ..MailConfig::default()
    };
    AlertConfig { mail, ..AlertConfig::of(AlertKind::Mail) }
}

fn origin(site: &str) -> MessageOrigin {
    MessageOrigin {
        site: Some(site.to_owned()),
        isp: Some("Example Cable".to_owned()),
        line: None,
        host: "box".to_owned(),
    }
}

fn message(key: &str, thread: &str, event: MessageEvent) -> Message {
    let end = (event == MessageEvent::Back).then_some(AT);
    Message { thread: thread.to_owned(), end, ..Message::new(key, event, AT) }
}

fn parcel<'a>(key: &'a str, messages: &'a [Message], origin: &'a MessageOrigin) -> Parcel<'a> {
    Parcel {
        key,
        messages,
        origin,
        now: AT,
        title: "Zurück: Ausfall von 3 min".to_owned(),
        text: "Die Leitung ist zurück.\n".to_owned(),
    }
}

fn formatted(parcel: &Parcel<'_>) -> String {
    let channel = MailChannel::new(&config(), &setup()).unwrap();
    String::from_utf8(channel.mail(parcel).unwrap().formatted()).unwrap()
}

fn field<'a>(mail: &'a str, name: &str) -> &'a str {
    let begins = format!("{name}: ");
    mail.lines().find_map(|line| line.strip_prefix(&begins)).unwrap_or_default()
}

#[test]
fn the_message_id_is_the_same_at_each_attempt_and_another_one_elsewhere() {
    let messages = [message("drop-5-back", "drop-5", MessageEvent::Back)];
    let home = origin("Home");
    let first = parcel("drop-5-back", &messages, &home);
    let second = Parcel { now: AT.plus_micros(3_600_000_000), ..first.clone() };
    let (first, second) = (formatted(&first), formatted(&second));
    let id = field(&first, "Message-ID");
    assert!(id.starts_with("<drop-5-back.") && id.ends_with("@example.net>"), "{id}");
    assert_eq!(field(&second, "Message-ID"), id);
    assert_ne!(field(&first, "Date"), field(&second, "Date"));
    let office = origin("Office");
    let elsewhere = formatted(&parcel("drop-5-back", &messages, &office));
    assert_ne!(field(&elsewhere, "Message-ID"), id);
}

#[test]
fn messages_of_one_incident_are_one_thread_and_no_robot_answers() {
    let home = origin("Home");
    let down = [message("drop-5-down", "drop-5", MessageEvent::Down)];
    let down = formatted(&parcel("drop-5-down", &down, &home));
    let back = [message("drop-5-back", "drop-5", MessageEvent::Back)];
    let back = formatted(&parcel("drop-5-back", &back, &home));
    let thread = field(&down, "References");
    assert!(thread.starts_with("<drop-5."), "{thread}");
    assert_eq!([field(&back, "References"), field(&back, "In-Reply-To")], [thread; 2]);
    assert_eq!(field(&down, "Auto-Submitted"), "auto-generated");
    assert_eq!(field(&down, "From"), "linkmon <linkmon@example.net>");
    assert_eq!(field(&down, "To"), "Ana <ana@example.org>, bo@example.org");
    assert!(down.is_ascii() && back.is_ascii());
    let several = [
        message("drop-5-back", "drop-5", MessageEvent::Back),
        message("drop-9-down", "drop-9", MessageEvent::Down),
        message("drop-9-back", "drop-9", MessageEvent::Back),
    ];
    assert_eq!(threads(&several), ["drop-5", "drop-9"]);
    let alone = [message("report-month-2026-10", "report-month-2026-10", MessageEvent::Report)];
    let alone = formatted(&parcel("report-month-2026-10", &alone, &home));
    assert_eq!([field(&alone, "References"), field(&alone, "In-Reply-To")], [""; 2]);
}

#[test]
fn a_drop_that_is_over_is_attached_as_a_picture_and_a_lasting_one_is_not() {
    let home = origin("Home");
    let of = |count: usize, event| {
        let messages: Vec<_> =
            (0..count).map(|n| message(&format!("{n}-x"), &format!("drop-{n}"), event)).collect();
        formatted(&parcel("x", &messages, &home)).matches("filename=\"drop-").count()
    };
    assert_eq!([of(1, MessageEvent::Down), of(1, MessageEvent::Back)], [0, 1]);
    assert_eq!(of(9, MessageEvent::Back), MOST_PICTURES);
    let messages = [message("drop-5-back", "drop-5", MessageEvent::Back)];
    let mail = parcel("drop-5-back", &messages, &home);
    let undrawn = ChannelSetup { picture: Some(Arc::new(|_: &Message| None)), ..setup() };
    let channel = MailChannel::new(&config(), &undrawn).unwrap();
    let text = String::from_utf8(channel.mail(&mail).unwrap().formatted()).unwrap();
    assert!(!text.contains("filename") && text.contains("Die Leitung"), "{text}");
}

#[test]
fn a_subject_is_one_short_line_with_the_place() {
    let (messages, home) = ([], origin("Home"));
    let title =
        |title: &str| subject(&Parcel { title: title.to_owned(), ..parcel("x", &messages, &home) });
    assert_eq!(title("Down"), "Home: Down");
    assert_eq!(title("Home is down"), "Home is down");
    assert_eq!(title("a\r\nBcc: x@example.org"), "Home: a  Bcc: x@example.org");
    let long = title(&"é".repeat(300));
    assert!(long.chars().count() == LONGEST_SUBJECT && long.ends_with('…'), "{long}");
    let text = body(&parcel("x", &messages, &home));
    assert_eq!(text, "Die Leitung ist zurück.\n\n-- \nlinkmon, Home, Example Cable, box\n");
}

#[test]
fn a_mail_that_finds_no_server_waits_and_its_error_names_the_server() {
    let mut channel = MailChannel::new(&config(), &setup()).unwrap();
    let (messages, home) = ([message("a", "a", MessageEvent::Test)], origin("Home"));
    let error = channel.deliver(&parcel("a", &messages, &home)).unwrap_err();
    assert!(matches!(error, DeliveryError::Later { .. }));
    assert!(error.to_string().starts_with("mail server 127.0.0.1:1: "), "{error}");
    let mut secret = config();
    secret.mail.user = Some("me".to_owned());
    secret.mail.password_file = Some("/nowhere/password".into());
    let mut channel = MailChannel::new(&secret, &setup()).unwrap();
    let error = channel.deliver(&parcel("a", &messages, &home)).unwrap_err();
    assert!(
        matches!(&error, DeliveryError::Later { why, .. } if why.contains("/nowhere/password"))
    );
    secret.mail.to.clear();
    assert!(MailChannel::new(&secret, &setup()).is_err());
}
