//! A decoder that shares nothing with what it decodes: Snappy's raw format and protobuf by their
//! specifications.

use proptest::prelude::*;

use super::super::message::{WrittenMessage, written};
use super::super::series::{STALE, SampleBatch, SampleOrigin, SeriesKey, SeriesLabels, SeriesOf};
use super::Received;
use crate::config::Site;

/// A series: its labels, and its samples by time.
pub(super) type SeriesRead = (Vec<(String, String)>, Vec<(i64, f64)>);

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first().expect("a byte");
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return value;
        }
    }
    panic!("a varint has ten bytes at most")
}

fn take<'a>(bytes: &mut &'a [u8], n: usize) -> &'a [u8] {
    let (head, rest) = bytes.split_at(n);
    *bytes = rest;
    head
}

fn little(bytes: &[u8]) -> usize {
    bytes.iter().rev().fold(0, |n, byte| n << 8 | usize::from(*byte))
}

/// google/snappy, `format_description.txt`.
pub(super) fn unpacked(mut bytes: &[u8]) -> Vec<u8> {
    let length = usize::try_from(varint(&mut bytes)).unwrap();
    let mut out = Vec::with_capacity(length);
    while !bytes.is_empty() {
        let tag = usize::from(take(&mut bytes, 1)[0]);
        let (offset, n) = match tag & 3 {
            0 => {
                let n = match tag >> 2 {
                    short @ 0..60 => short,
                    long => little(take(&mut bytes, long - 59)),
                };
                out.extend_from_slice(take(&mut bytes, n + 1));
                continue;
            }
            1 => ((tag >> 5) << 8 | usize::from(take(&mut bytes, 1)[0]), (tag >> 2 & 7) + 4),
            2 => (little(take(&mut bytes, 2)), (tag >> 2) + 1),
            _ => (little(take(&mut bytes, 4)), (tag >> 2) + 1),
        };
        for _ in 0..n {
            out.push(out[out.len() - offset]);
        }
    }
    assert_eq!(out.len(), length);
    out
}

/// The fields of a message: number, and what is in it.
fn fields(mut bytes: &[u8]) -> Vec<(u64, &[u8])> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let content = match key & 7 {
            0 => {
                let before = bytes;
                varint(&mut bytes);
                &before[..before.len() - bytes.len()]
            }
            1 => take(&mut bytes, 8),
            2 => {
                let n = usize::try_from(varint(&mut bytes)).unwrap();
                take(&mut bytes, n)
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, content));
    }
    found
}

/// What is in a request.
pub(super) fn samples(message: &WrittenMessage) -> Vec<SeriesRead> {
    let request = unpacked(&message.body);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
    let label = |bytes: &[u8]| {
        let mut label = (String::new(), String::new());
        for (field, content) in fields(bytes) {
            match field {
                1 => label.0 = text(content),
                2 => label.1 = text(content),
                other => panic!("field {other} of a label"),
            }
        }
        label
    };
    let sample = |bytes: &[u8]| {
        let mut sample = (0, 0.0);
        for (field, mut content) in fields(bytes) {
            match field {
                1 => sample.1 = f64::from_le_bytes(content.try_into().unwrap()),
                2 => sample.0 = varint(&mut content).cast_signed(),
                other => panic!("field {other} of a sample"),
            }
        }
        sample
    };
    let series = |(field, bytes): (u64, &[u8])| {
        assert_eq!(field, 1, "of a request");
        let mut series = SeriesRead::default();
        for (field, content) in fields(bytes) {
            match field {
                1 => series.0.push(label(content)),
                2 => series.1.push(sample(content)),
                other => panic!("field {other} of a series"),
            }
        }
        series
    };
    fields(&request).into_iter().map(series).collect()
}

/// Adds what came to what a receiver has; checks what the specification asks of it.
pub(super) fn take_in(received: &mut Received, all: &[SeriesRead]) {
    for (labels, samples) in all {
        let names: Vec<&str> = labels.iter().map(|(name, _)| name.as_str()).collect();
        assert!(names.windows(2).all(|pair| pair[0] < pair[1]), "sorted, each once: {names:?}");
        assert!(labels.iter().all(|(_, value)| !value.is_empty()), "{labels:?}");
        assert!(names.contains(&"__name__") && names.contains(&"job"), "{labels:?}");
        assert!(samples.windows(2).all(|pair| pair[0].0 < pair[1].0), "{labels:?}");
        let series = received.entry(key(labels)).or_default();
        for (at, value) in samples {
            let known = series.insert(*at, value.to_bits());
            assert!(known.is_none_or(|bits| bits == value.to_bits()), "{labels:?} {at}");
        }
    }
}

/// The labels of a series as one text.
pub(super) fn key(labels: &[(String, String)]) -> String {
    let parts: Vec<String> =
        labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
    parts.join(",")
}

fn key_of(name: &'static str, place: &str) -> SeriesKey {
    let origin = SampleOrigin::Measured;
    SeriesKey { name, of: SeriesOf::Place(place.to_owned()), origin }
}

proptest! {
    #[test]
    fn what_is_written_is_read_back_by_another_decoder(
        all in prop::collection::vec(("[ -~é]{0,40}", prop::collection::btree_map(any::<i64>(), any::<u64>(), 0..40)), 0..30),
    ) {
        let labels = SeriesLabels::new("box \"1\"\n", &Site::default());
        let mut batch = SampleBatch::default();
        let mut expected = Received::new();
        for (place, samples) in all {
            let key = key_of("linkmon_drops_total", &place);
            for (at, bits) in samples {
                batch.push(key.clone(), at, f64::from_bits(bits));
                let series = expected.entry(super::wire::key(&labels.of(&key))).or_default();
                if series.last_key_value().is_none_or(|(last, _)| *last < at) {
                    series.insert(at, bits);
                }
            }
        }
        let message = written(&batch, &labels);
        let mut received = Received::new();
        for (labels, samples) in samples(&message) {
            for (at, value) in samples {
                received.entry(super::wire::key(&labels)).or_default().insert(at, value.to_bits());
            }
        }
        prop_assert_eq!(received, expected);
    }
}

#[test]
fn a_staleness_marker_keeps_its_bits_and_the_head_says_what_is_sent() {
    let mut batch = SampleBatch::default();
    batch.push(key_of("linkmon_drops_total", "lan"), 1, STALE);
    let message = written(&batch, &SeriesLabels::default());
    let read = samples(&message);
    assert_eq!(read[0].1[0].1.to_bits(), 0x7ff0_0000_0000_0002);
    assert_eq!(message.content_type, "application/x-protobuf");
    assert_eq!(
        message.fields,
        [("content-encoding", "snappy"), ("x-prometheus-remote-write-version", "0.1.0")]
    );
}
