//! Alertmanager: what lasts, what is over, and what was over before it could be sent.

use serde_json::Value;

use super::super::alertmanager::{ShownAlerts, alerts};
use super::*;

const LINGER: Duration = Duration::from_secs(360);

fn sent(messages: &[Message], shown: &ShownAlerts, now: Timestamp) -> (Vec<Value>, Vec<Lingering>) {
    let origin = origin();
    alerts(&parcel("k", messages, &origin, now), shown, LINGER)
}

fn time(value: &Value) -> Timestamp {
    serde_json::from_value(value.clone()).unwrap()
}

#[test]
fn labels_stay_the_same_from_beginning_to_end_and_differ_from_those_of_another_drop() {
    let elsewhere = Message { place: Some("access".to_owned()), onset: Some(at(1)), ..back() };
    let withdrawn = Message { event: MessageEvent::Withdrawn, place: None, end: None, ..down() };
    let shown = ShownAlerts::default();
    let labels = |message: Message| sent(&[message], &shown, at(200)).0[0]["labels"].clone();
    let first = labels(down());
    assert_eq!(labels(elsewhere), first);
    assert_eq!(labels(withdrawn), first);
    assert_ne!(labels(Message { thread: "drop-2".to_owned(), ..down() }), first);
    assert_eq!(first.get("line"), None, "an unknown line has no label");
}

#[test]
fn a_drop_that_was_shown_ends_at_once_with_its_true_end() {
    let mut shown = ShownAlerts::default();
    let (begun, later) = sent(&[down()], &shown, at(16));
    assert_eq!((time(&begun[0]["startsAt"]), later), (ONSET, vec![]));
    assert!(time(&begun[0]["endsAt"]) > at(86_400 + 3_600), "it outlives a day without a message");
    let origin = origin();
    shown.on_delivered(&parcel("k", &[down()], &origin, at(16)));
    let (ended, later) = sent(&[back()], &shown, at(123));
    assert_eq!((time(&ended[0]["startsAt"]), time(&ended[0]["endsAt"])), (ONSET, at(92)));
    assert_eq!(later, vec![]);
    shown.on_delivered(&parcel("k", &[back()], &origin, at(123)));
    assert_eq!(sent(&[back()], &shown, at(123)).1.len(), 1, "nothing is shown of it any more");
}

#[test]
fn a_drop_that_was_over_before_it_could_be_sent_is_one_alert_that_lasts_a_while() {
    let now = at(3_600);
    // Alone, as after a restart, it may never have been shown either.
    for messages in [vec![down(), back()], vec![back()]] {
        let (first, later) = sent(&messages, &ShownAlerts::default(), now);
        assert_eq!(first.len(), 1);
        assert_eq!(time(&first[0]["startsAt"]), ONSET);
        assert_eq!(first[0]["annotations"]["end"], at(92).to_string());
        assert!(time(&first[0]["endsAt"]) > now + LINGER);
        let [end] = &later[..] else { panic!("{later:?}") };
        assert_eq!(end.due, now + LINGER);
        assert_eq!(end.alert["labels"], first[0]["labels"]);
        assert_eq!(time(&end.alert["endsAt"]), at(92));
    }
}

#[test]
fn what_is_withdrawn_ends_and_what_has_no_length_goes_by_itself() {
    let withdrawn = Message { event: MessageEvent::Withdrawn, at: at(70), ..down() };
    let mut shown = ShownAlerts::default();
    let origin = origin();
    shown.on_delivered(&parcel("k", &[down()], &origin, at(16)));
    let (ended, _) = sent(&[withdrawn], &shown, at(71));
    assert_eq!(time(&ended[0]["endsAt"]), at(70));
    let test = Message::new("test-1", MessageEvent::Test, at(0));
    let (once, later) = sent(&[test], &shown, at(1));
    assert_eq!((time(&once[0]["endsAt"]), later), (at(361), vec![]));
}

#[test]
fn no_alert_ends_before_it_begins() {
    let odd = Message { end: Some(ONSET - Duration::from_secs(5)), ..back() };
    let mut shown = ShownAlerts::default();
    shown.on_delivered(&parcel("k", &[down()], &origin(), at(16)));
    let (ended, _) = sent(&[odd], &shown, at(123));
    assert_eq!(ended[0]["endsAt"], ended[0]["startsAt"]);
}

#[test]
fn several_drops_that_waited_are_one_alert_each() {
    let other = |m: Message| Message { thread: "drop-2".to_owned(), ..m };
    let all = [down(), back(), other(down()), other(back())];
    let (alerts, later) = sent(&all, &ShownAlerts::default(), at(3_600));
    assert_eq!((alerts.len(), later.len()), (2, 2));
}

/// `LINKMON_ALERTMANAGER=http://127.0.0.1:9093 cargo test -- --ignored a_real_alertmanager`: one whose
/// receiver writes down what it gets. It is told of a drop that lasts and then ends, and of one that was
/// over before.
#[test]
#[ignore = "needs an Alertmanager"]
fn a_real_alertmanager_takes_alerts_and_their_ends() {
    let url = std::env::var("LINKMON_ALERTMANAGER").unwrap();
    let webhook = WebhookConfig {
        preset: WebhookPreset::Alertmanager,
        url: Some(Secret::new(url)),
        linger: Duration::from_secs(10),
        ..WebhookConfig::default()
    };
    let mut channel =
        Webhook::of(&AlertConfig { webhook, ..AlertConfig::of(AlertKind::Webhook) }).unwrap();
    println!("{}", channel.tried().unwrap());
    let now = || crate::time::Reading::now().utc;
    let (start, origin) = (now(), origin());
    let ago = |seconds| start - Duration::from_secs(seconds);
    let of = |thread: &str, message: Message, onset, end| Message {
        thread: thread.to_owned(),
        onset: Some(onset),
        end,
        ..message
    };
    let lasting = of("lasting", down(), ago(20), None);
    channel.deliver(&parcel("a", std::slice::from_ref(&lasting), &origin, start)).unwrap();
    let over = [of("over", down(), ago(600), None), of("over", back(), ago(600), Some(ago(500)))];
    channel.deliver(&parcel("b", &over, &origin, start)).unwrap();
    std::thread::sleep(Duration::from_secs(10));
    let end = Some(ago(0));
    let ended = of("lasting", back(), ago(20), end);
    channel.deliver(&parcel("c", &[ended], &origin, now())).unwrap();
    assert_eq!(channel.tend(now()), None, "the other has got its end");
}
