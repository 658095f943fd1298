//! What each preset sends, and what is made of answers.

use std::fmt::Write as _;

use super::*;
use crate::config::AlertKind;
use crate::config::{HeaderField, WebhookMethod};
use crate::courier::message::{Message, MessageEvent, MessageOrigin};
use crate::vocabulary::Secret;

mod answers;
mod incidents;

/// 2023-02-07T16:00:00Z.
const ONSET: Timestamp = Timestamp::from_seconds(1_675_785_600);

fn at(seconds: i64) -> Timestamp {
    ONSET + Duration::from_secs(u64::try_from(seconds).unwrap())
}

fn origin() -> MessageOrigin {
    MessageOrigin {
        site: Some("Home \"office\" & *attic*".to_owned()),
        isp: Some("Example Cable".to_owned()),
        line: None,
        host: "box".to_owned(),
    }
}

/// With names that nobody may take for anything but text.
fn down() -> Message {
    Message {
        thread: "drop-1675785600000000".to_owned(),
        onset: Some(ONSET),
        min_s: Some(15.000_4),
        place: Some("modem|access".to_owned()),
        count_today: Some(2),
        title: "Down since 17:00:00".to_owned(),
        text: "modem or access, <b>*Home*</b> & @all\nSecond drop today.".to_owned(),
        ..Message::new("drop-1675785600000000-down", MessageEvent::Down, at(15))
    }
}

fn back() -> Message {
    Message {
        end: Some(at(92)),
        min_s: Some(91.2),
        max_s: Some(92.7),
        title: "Back after 1 min 32 s".to_owned(),
        text: "Down from 17:00:00 to 17:01:32, modem or access.".to_owned(),
        key: "drop-1675785600000000-back".to_owned(),
        event: MessageEvent::Back,
        at: at(122),
        ..down()
    }
}

fn parcel<'a>(
    key: &'a str,
    messages: &'a [Message],
    origin: &'a MessageOrigin,
    now: Timestamp,
) -> Parcel<'a> {
    let (title, text) = match messages {
        [only] => (only.title.clone(), only.text.clone()),
        several => (
            format!("While you were offline: {} messages", several.len()),
            several.iter().map(|m| [&m.title, ": ", &m.text, "\n"].concat()).collect(),
        ),
    };
    Parcel { key, messages, origin, now, title, text }
}

fn destination(preset: WebhookPreset, url: &str) -> Addressee {
    Addressee {
        preset,
        url: url.parse().unwrap(),
        token: Some(Secret::new("tk_hunter2".to_owned())),
        secret: None,
        room: Some("!room:matrix.example".to_owned()),
        template: None,
        content_type: None,
        method: None,
        headers: Vec::new(),
    }
}

/// A request as it is read through by people.
fn shown(request: &HttpRequest) -> String {
    let mut text = format!("{} {}\n", request.method.unwrap_or("POST"), request.path);
    for (name, value) in &request.fields {
        writeln!(text, "{name}: {value}").unwrap();
    }
    let body = request.posted.as_deref().unwrap_or_default();
    match serde_json::from_slice::<serde_json::Value>(body) {
        Ok(json) => writeln!(text, "\n{json:#}").unwrap(),
        Err(_) => writeln!(text, "\n{}", String::from_utf8_lossy(body)).unwrap(),
    }
    text
}

/// Of a drop, of its end, and of both that waited.
fn all_three(to: &Addressee) -> String {
    let origin = origin();
    let (down, back) = (down(), back());
    let both = [down.clone(), back.clone()];
    let parcels = [
        parcel(&down.key, std::slice::from_ref(&down), &origin, at(16)),
        parcel(&back.key, std::slice::from_ref(&back), &origin, at(123)),
        parcel("meanwhile-drop-1675785600000000-back", &both, &origin, at(3_722)),
    ];
    let complete =
        |parcel: &Parcel<'_>| shown(&to.complete(request_of(to, parcel), parcel.key, parcel.now));
    parcels.iter().map(complete).collect::<Vec<_>>().join("\n---\n")
}

#[test]
fn plain_is_the_json_of_the_contract() {
    let secret = Some(Secret::new("key".to_owned()));
    let to =
        Addressee { secret, ..destination(WebhookPreset::Plain, "https://example.org/in?a=b") };
    insta::assert_snapshot!(all_three(&to));
}

#[test]
fn ntfy_gets_json_with_the_topic_of_the_url() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Ntfy,
        "https://ntfy.example/my%2Dtopic"
    )));
}

#[test]
fn gotify_gets_a_message_with_a_priority() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Gotify,
        "https://push.example/gotify/"
    )));
}

#[test]
fn matrix_gets_an_event_under_the_key() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Matrix,
        "https://matrix.example"
    )));
}

#[test]
fn slack_gets_blocks_of_plain_text() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Slack,
        "https://hooks.example/services/T0/B0/x"
    )));
}

#[test]
fn discord_gets_an_embed_that_mentions_nobody() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Discord,
        "https://discord.example/api/webhooks/1/x"
    )));
}

#[test]
fn apprise_gets_a_title_a_body_and_a_type() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Apprise,
        "http://apprise.example:8000/notify/home"
    )));
}

#[test]
fn alertmanager_gets_alerts_with_true_times() {
    insta::assert_snapshot!(all_three(&destination(
        WebhookPreset::Alertmanager,
        "http://127.0.0.1:9093"
    )));
}

#[test]
fn a_template_is_filled_in_and_escaped_for_what_it_is() {
    let template = r#"{"t": "{{title}}: {{text}}", "site": "{{site}}", "line": {{line|json}}, "end": "{{end}}", "n": {{count_today|json}}, "min": {{min_s|json}}}"#;
    let template = Some(template.to_owned());
    let to =
        Addressee { template, ..destination(WebhookPreset::Template, "https://example.org/x") };
    insta::assert_snapshot!(all_three(&to));
    let form = Addressee {
        template: Some("title={{title}}&text={{text}}".to_owned()),
        content_type: Some("application/x-www-form-urlencoded".to_owned()),
        method: Some(WebhookMethod::Put),
        headers: HeaderField::parse("X-Api-Key: abc").into_iter().collect(),
        token: None,
        ..to
    };
    let (origin, down) = (origin(), [down()]);
    let parcel = parcel("k", &down, &origin, at(16));
    let request = form.complete(request_of(&form, &parcel), parcel.key, parcel.now);
    insta::assert_snapshot!(shown(&request), @r"
    PUT /x
    content-type: application/x-www-form-urlencoded
    X-Api-Key: abc
    idempotency-key: k

    title=Down+since+17%3A00%3A00&text=modem+or+access%2C+%3Cb%3E*Home*%3C%2Fb%3E+%26+%40all%0ASecond+drop+today.
    ");
}

#[test]
fn texts_of_any_length_stay_within_what_each_service_takes() {
    let origin = origin();
    for sign in ["x", "ä", "😀", "&", "*", "\"", "\u{202e}"] {
        let long = Message { title: sign.repeat(30_000), text: sign.repeat(300_000), ..down() };
        let long = [long];
        let parcel = parcel("k", &long, &origin, at(16));
        let body = |preset| {
            let to = destination(preset, "https://example.org/a/b");
            let posted = request_of(&to, &parcel).posted.unwrap();
            (posted.len(), serde_json::from_slice::<serde_json::Value>(&posted).unwrap())
        };
        let units = |value: &serde_json::Value| value.as_str().unwrap().encode_utf16().count();
        let (_, ntfy) = body(WebhookPreset::Ntfy);
        assert!(ntfy["message"].as_str().unwrap().len() <= 4_096);
        let (length, _) = body(WebhookPreset::Matrix);
        assert!(length < 60_000, "{sign}: {length}");
        let (_, slack) = body(WebhookPreset::Slack);
        assert!(units(&slack["blocks"][0]["text"]["text"]) <= 150);
        assert!(slack["blocks"].get(1).is_none_or(|block| units(&block["text"]["text"]) <= 3_000));
        let (_, discord) = body(WebhookPreset::Discord);
        assert!(units(&discord["embeds"][0]["title"]) <= 256);
        assert!(units(&discord["embeds"][0]["description"]) <= 2_000);
    }
}

#[test]
fn the_key_is_the_same_at_each_attempt_and_the_time_is_signed_anew() {
    let secret = Some(Secret::new("key".to_owned()));
    let to = Addressee { secret, ..destination(WebhookPreset::Plain, "https://example.org/") };
    let (origin, down) = (origin(), [down()]);
    let sent = |now| {
        let parcel = parcel("k", &down, &origin, now);
        to.complete(request_of(&to, &parcel), parcel.key, parcel.now).fields
    };
    let value = |fields: &[(std::borrow::Cow<'static, str>, String)], name: &str| {
        fields.iter().find(|(known, _)| known == name).unwrap().1.clone()
    };
    let (first, second) = (sent(at(16)), sent(at(600)));
    assert_eq!(value(&first, "idempotency-key"), value(&second, "idempotency-key"));
    assert_ne!(value(&first, "x-linkmon-signature"), value(&second, "x-linkmon-signature"));
    assert_eq!(value(&second, "x-linkmon-timestamp"), "1675786200");
}

#[test]
fn paths_of_services_are_found_below_any_url() {
    let path = |url: &str| gotify::path(&destination(WebhookPreset::Gotify, url));
    assert_eq!(path("https://a.example"), "/message");
    assert_eq!(path("https://a.example/gotify/"), "/gotify/message");
    assert_eq!(path("https://a.example/message"), "/message");
    assert_eq!(path("https://a.example/message?token=x"), "/message?token=x");
    assert_eq!(percent_decoded("a%2Db%zz%"), "a-b%zz%");
}
