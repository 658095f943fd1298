use super::*;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
    bytes
}

fn key(field: u32, kind: u64) -> Vec<u8> {
    varint(u64::from(field) << 3 | kind)
}

fn number(field: u32, value: u64) -> Vec<u8> {
    [key(field, 0), varint(value)].concat()
}

fn bytes(field: u32, value: &[u8]) -> Vec<u8> {
    [key(field, 2), varint(u64::try_from(value.len()).unwrap()), value.to_vec()].concat()
}

fn float(field: u32, value: f32) -> Vec<u8> {
    [key(field, 5), value.to_le_bytes().to_vec()].concat()
}

fn floats(field: u32, values: &[f32]) -> Vec<u8> {
    bytes(field, &values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<_>>())
}

/// A data frame and the trailers, as they come.
fn page(message: &[u8]) -> ModemPage {
    let frame = |kind: u8, content: &[u8]| {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&[kind][..], &length, content].concat()
    };
    let body = [frame(0, message), frame(0x80, b"grpc-status:0\r\n")].concat();
    ModemPage { path: "get_status".to_owned(), body }
}

fn status(more: &[Vec<u8>]) -> ModemPage {
    let device = [bytes(1, b"ut1"), bytes(2, b"rev4_prod"), bytes(3, b"2026.06.08.mr1")].concat();
    let alerts = [number(3, 1), number(6, 0), number(77, 1)].concat();
    let mut status = vec![
        bytes(1, &device),
        bytes(2, &number(1, 123_456)),
        float(1003, 0.05),
        float(1009, 31.5),
        bytes(1004, &[float(1, 0.0125), number(5, 1)].concat()),
        bytes(1005, &alerts),
        // Fields that are not known, of each kind.
        [key(9999, 1), vec![0; 8]].concat(),
        bytes(9998, b"what"),
        number(9997, u64::MAX),
    ];
    status.extend_from_slice(more);
    page(&[number(1, 7), bytes(2004, &status.concat())].concat())
}

#[test]
fn a_dish_says_its_state_and_what_disturbs_it() {
    let read = super::read(&[status(&[])]).unwrap();
    assert_eq!(read.model.as_deref(), Some("Starlink rev4_prod"));
    assert_eq!(read.firmware.as_deref(), Some("2026.06.08.mr1"));
    assert_eq!(read.uptime, Some(Duration::from_secs(123_456)));
    assert_eq!(
        read.dish,
        Some(DishState {
            state: Some("CONNECTED".to_owned()),
            obstructed: Some(0.0125),
            ping_drop: Some(0.05),
            ping_ms: Some(31.5),
            alerts: vec!["thermal throttle".to_owned(), "alert 77".to_owned()],
            ping_drops: vec![],
        })
    );
    assert_eq!(read.log, None);
    let cut_off = super::read(&[status(&[bytes(1014, &number(1, 6))])]).unwrap();
    assert_eq!(cut_off.connection.as_deref(), Some("OBSTRUCTED"));
    let new_cause = super::read(&[status(&[bytes(1014, &number(1, 99))])]).unwrap();
    assert_eq!(new_cause.connection.as_deref(), Some("UNKNOWN"));
}

#[test]
fn the_ring_of_the_history_is_put_in_order_and_outages_become_entries() {
    // Six samples were written into a ring of four: the oldest is the third.
    let outage = |start: u64, length: u64| {
        bytes(1009, &[number(1, 5), number(2, start), number(3, length)].concat())
    };
    // 2026-11-30T00:00:00Z, once by GPS and an hour later by Unix.
    let gps = (1_795_996_800 - 315_964_800 + 18) * 1_000_000_000;
    let unix = (1_795_996_800 + 3_600) * 1_000_000_000;
    let history = [
        number(1, 6),
        floats(1001, &[0.5, 1.0, 0.0, 0.25]),
        outage(unix, 2_500_000_000),
        outage(gps, 0),
    ];
    let read = super::read(&[page(&bytes(2006, &history.concat()))]).unwrap();
    assert_eq!(read.dish.unwrap().ping_drops, [0.0, 0.25, 0.5, 1.0]);
    let log = read.log.unwrap();
    let at = |text: &str| {
        LogStamp::Absolute(Timestamp::from_micros(
            text.parse::<jiff::Timestamp>().unwrap().as_microsecond(),
        ))
    };
    assert_eq!(log[0].stamp, at("2026-11-30T00:00:00Z"));
    assert_eq!((log[0].last, log[0].text.as_str()), (None, "NO_SATS for 0.0 s"));
    assert_eq!(log[1].stamp, at("2026-11-30T01:00:00Z"));
    assert_eq!(log[1].last, Some(at("2026-11-30T01:00:02.5Z")));
    assert_eq!(log[1].text, "NO_SATS for 2.5 s");
    // A ring that is not full yet.
    let young = [number(1, 2), floats(1001, &[0.5, 1.0, 0.0, 0.0])].concat();
    let read = super::read(&[page(&bytes(2006, &young))]).unwrap();
    assert_eq!(read.dish.unwrap().ping_drops, [0.5, 1.0]);
}

#[test]
fn damage_never_panics() {
    let whole = status(&[bytes(1014, &number(1, 6))]);
    for end in 0..whole.body.len() {
        let page = ModemPage { body: whole.body[..end].to_vec(), ..whole.clone() };
        let _ = super::read(&[page]);
    }
    let mut random = fastrand::Rng::with_seed(9);
    for _ in 0..2_000 {
        let mut body = whole.body.clone();
        for _ in 0..random.usize(1..9) {
            let at = random.usize(..body.len());
            body[at] = random.u8(..);
        }
        let _ = super::read(&[ModemPage { body, ..whole.clone() }]);
    }
    assert!(matches!(super::read(&[page(b"")]), Err(Error::Unknown { .. })));
}
