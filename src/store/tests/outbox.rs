use super::*;
use crate::store::Outbox;
use crate::time::Micros;
use crate::vocabulary::{
    Bounds, ChannelProgress, ClockState, LinkDrop, Message, MessageEvent, SetAside, StoredMessage,
    UnderWay,
};

fn message(s: i64, key: &str) -> StoredMessage {
    let message = Message {
        onset: Some(at(s - 5).utc),
        place: Some("access".to_owned()),
        min_s: Some(13.3),
        title: "Link down".to_owned(),
        ..Message::new(key, MessageEvent::Down, at(s).utc)
    };
    StoredMessage { id: 0, of_us: Some(at(s - 5).utc.as_micros()), message }
}

fn keys(messages: &[StoredMessage]) -> Vec<&str> {
    messages.iter().map(|stored| stored.message.key.as_str()).collect()
}

fn drop_at(s: i64) -> LinkDrop {
    let onset = Bounds { earliest: at(s).utc, latest: at(s).utc };
    LinkDrop::bare(onset, None, [Duration::from_secs(5); 2])
}

#[test]
fn a_message_is_in_the_record_as_soon_as_its_drop_is_and_once_only() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let outbox = Outbox::new(&place.db());
    writer.put_message(&message(30, "drop-1-down"));
    assert_eq!(outbox.after(0).unwrap(), []);
    writer.second(at(31), "{}").unwrap();
    let read = place.reader().messages(ALL).unwrap();
    assert_eq!(keys(&read), ["drop-1-down"], "from the journal");
    writer.put_drop(&drop_at(25)).unwrap();
    let stored = outbox.after(0).unwrap();
    assert_eq!(keys(&stored), ["drop-1-down"]);
    assert_eq!(stored[0], StoredMessage { id: stored[0].id, ..message(30, "drop-1-down") });
    // After a restart the same is found again.
    let later = StoredMessage {
        message: Message { at: at(31).utc, ..message(30, "drop-1-down").message },
        ..message(30, "x")
    };
    writer.put_message(&later);
    writer.flush(at(32)).unwrap();
    assert_eq!(outbox.after(0).unwrap(), stored);
    assert_eq!(outbox.after(stored[0].id).unwrap(), []);
}

#[test]
fn a_message_that_was_not_committed_survives_a_kill_in_the_journal() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    writer.put_message(&message(30, "gap-1"));
    writer.second(at(30), "{}").unwrap();
    drop(writer);
    let mut writer = place.writer();
    writer.begin_run(at(40), None).unwrap();
    let stored = Outbox::new(&place.db()).after(0).unwrap();
    assert_eq!(keys(&stored), ["gap-1"]);
    assert_eq!(stored[0].of_us, message(30, "gap-1").of_us);
}

#[test]
fn a_channel_begins_now_goes_on_where_it_was_and_is_forgotten_with_its_configuration() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    for n in 0..3 {
        writer.put_message(&message(30 + n, &format!("drop-{n}-down")));
    }
    writer.flush(at(40)).unwrap();
    let outbox = Outbox::new(&place.db());
    let fresh = outbox.begin("phone").unwrap();
    assert_eq!(fresh, ChannelProgress::begin("phone", 3));
    let under_way = UnderWay { key: "meanwhile-x".to_owned(), messages: vec![1, 2], up_to: 2 };
    let aside = SetAside { key: "k".to_owned(), at: at(50).utc, why: "400".to_owned() };
    let progress = ChannelProgress {
        settled: 1,
        under_way: Some(under_way),
        told: vec![("drop-1".to_owned(), at(51).utc)],
        aside: vec![aside],
        trouble: Some("no answer".to_owned()),
        ..fresh
    };
    outbox.note(&progress).unwrap();
    assert_eq!(outbox.begin("phone").unwrap(), progress);
    outbox.keep_channels(&["phone", "mail"]).unwrap();
    assert_eq!(place.reader().channels().unwrap(), [progress]);
    outbox.keep_channels(&["mail"]).unwrap();
    assert_eq!(outbox.begin("phone").unwrap(), ChannelProgress::begin("phone", 3));
    outbox.forget_before(at(32).utc).unwrap();
    assert_eq!(keys(&outbox.since(at(0).utc).unwrap()), ["drop-2-down"]);
    assert_eq!(outbox.newest().unwrap(), 3);
}

#[test]
fn messages_move_with_the_drops_of_a_clock_that_was_late_and_keep_their_names() {
    let place = Place::new();
    let mut writer = place.writer();
    let late = |s: i64| Reading { utc: at(s - 3 * 3_600).utc, ..at(s) };
    writer.expect_clock(ClockState::Provisional, Micros::ZERO);
    writer.begin_run(late(0), Some("boot".to_owned())).unwrap();
    let before = message(30 - 3 * 3_600, "drop-1-down");
    writer.put_message(&before);
    writer.second(late(40), "{}").unwrap();
    writer.end_run(late(50), RunEnd::ClockStep).unwrap();
    writer.date_runs("boot", at(50).utc_offset_us(), at(50).utc).unwrap();
    let stored = Outbox::new(&place.db()).after(0).unwrap();
    assert_eq!(stored.len(), 1);
    let now = &stored[0];
    assert_eq!((now.message.key.as_str(), now.message.at), ("drop-1-down", at(30).utc));
    assert_eq!((now.message.onset, now.of_us), (Some(at(25).utc), Some(at(25).utc.as_micros())));
}

#[test]
fn a_day_has_a_thousand_messages_at_most() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    for n in 0..1_100 {
        writer.put_message(&message(30, &format!("target-{n}")));
    }
    writer.flush(at(40)).unwrap();
    let outbox = Outbox::new(&place.db());
    assert_eq!(outbox.newest().unwrap(), 1_000);
    assert_eq!(outbox.after(0).unwrap().len(), 500);
}
