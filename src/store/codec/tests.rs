use std::net::IpAddr;

use proptest::prelude::*;

use super::*;
use crate::vocabulary::{NotSent, Phase, Phases, Reply};

const MINUTE: i64 = 29_500_000;

fn decoded(blob: &[u8]) -> Result<Vec<Measurement>, SamplesError> {
    let mut samples = Vec::new();
    decode(blob, MINUTE, TargetId(7), &mut samples).map(|()| samples)
}

fn at(ms: i64, outcome: Outcome) -> Measurement {
    let sent_at = Timestamp::from_millis(MINUTE * 60_000 + ms);
    Measurement { target: TargetId(7), sent_at, outcome }
}

fn delay() -> impl Strategy<Value = Duration> {
    prop_oneof![0..5_000_u64, 0..5_000_000_u64, 0..(1_u64 << 53)].prop_map(Duration::from_micros)
}

fn outcome() -> impl Strategy<Value = Outcome> {
    let phases =
        (proptest::option::of(delay()), delay(), proptest::option::of(delay()), delay(), delay())
            .prop_map(|(resolve, connect, tls, first_byte, transfer)| {
                Box::new(Phases { resolve, connect, tls, first_byte, transfer })
            });
    let by = proptest::option::of(prop_oneof![
        any::<[u8; 4]>().prop_map(IpAddr::from),
        (0..3_u8).prop_map(|n| IpAddr::from([10, 0, 0, n])),
        any::<[u8; 16]>().prop_map(IpAddr::from),
    ]);
    let phase = prop::sample::select(vec![
        Phase::Resolve,
        Phase::Connect,
        Phase::Tls,
        Phase::FirstByte,
        Phase::Transfer,
    ]);
    let reason = prop::sample::select(vec![
        FailedReason::Timeout,
        FailedReason::Refused,
        FailedReason::Dns,
        FailedReason::Tls,
        FailedReason::Status,
        FailedReason::CaptivePortal,
        FailedReason::Malformed,
        FailedReason::HomePage,
    ]);
    let not_sent = prop::sample::select(vec![
        NotSent::NoRoute,
        NotSent::LinkDown,
        NotSent::Forbidden,
        NotSent::QueueFull,
        NotSent::Missed,
        NotSent::NoAddress,
        NotSent::Other,
    ]);
    prop_oneof![
        delay().prop_map(Outcome::reply),
        (
            delay(),
            proptest::option::of(delay()),
            proptest::option::of(1_u8..),
            proptest::option::of(phases)
        )
            .prop_map(|(rtt, local_queue, ttl, phases)| Outcome::Reply(Reply {
                rtt,
                local_queue,
                ttl,
                phases
            })),
        Just(Outcome::Lost),
        delay().prop_map(|rtt| Outcome::Late { rtt }),
        (by, 0..13_u8, 0..16_u8).prop_map(|(by, icmp_type, code)| {
            Outcome::Unreachable(Unreachable { by, icmp_type, code })
        }),
        (phase, reason).prop_map(|(phase, reason)| Outcome::Failed(Failed { phase, reason })),
        not_sent.prop_map(Outcome::NotSent),
    ]
}

/// A minute as the daemon makes it, with slots that are late or missing, or an imported one with
/// samples anywhere.
fn minute() -> impl Strategy<Value = (Duration, Vec<Measurement>)> {
    let interval = prop::sample::select(vec![10_i64, 100, 500, 1_000, 10_000, 60_000, 300_000]);
    let regular = (interval.clone(), 0..1_000_i64).prop_flat_map(|(interval, phase)| {
        let slot = (outcome(), prop_oneof![8 => Just(0_i64), 1 => -4..40_i64], 0..20_u8);
        prop::collection::vec(slot, 0..80).prop_map(move |slots| {
            let mut samples: Vec<_> = (0_i64..)
                .zip(slots)
                .filter(|(_, (_, _, gone))| *gone > 0)
                .map(|(n, (outcome, off, _))| ((phase + n * interval + off).max(0), outcome))
                .filter(|(ms, _)| *ms < 60_000)
                .map(|(ms, outcome)| at(ms, outcome))
                .collect();
            samples.sort_by_key(|s| s.sent_at);
            (interval, samples)
        })
    });
    let irregular = (interval, prop::collection::vec((0..60_000_i64, outcome()), 0..80)).prop_map(
        |(interval, mut samples)| {
            samples.sort_by_key(|(ms, _)| *ms);
            (interval, samples.into_iter().map(|(ms, o)| at(ms, o)).collect())
        },
    );
    let crowd = (1..60_i64, prop::collection::vec(outcome(), 0..30)).prop_map(|(s, outcomes)| {
        (1_000, outcomes.into_iter().map(|o| at(s * 1_000 + 999, o)).collect())
    });
    prop_oneof![4 => regular, 4 => irregular, 1 => crowd]
        .prop_map(|(interval, samples)| (Duration::from_millis(interval.unsigned_abs()), samples))
}

proptest! {
    #[test]
    fn every_minute_comes_back_as_it_was((interval, samples) in minute()) {
        let blob = encode(MINUTE, TargetId(7), interval, &samples);
        prop_assert_eq!(decoded(&blob), Ok(samples));
    }

    #[test]
    fn flipped_bytes_are_an_error(
        (interval, samples) in minute(),
        flips in prop::collection::vec((any::<prop::sample::Index>(), 1..=255_u8), 1..4),
    ) {
        let whole = encode(MINUTE, TargetId(7), interval, &samples);
        let mut damaged = whole.clone();
        for (index, bits) in flips {
            let at = index.index(damaged.len());
            damaged[at] ^= bits;
        }
        if damaged != whole {
            prop_assert_eq!(decoded(&damaged), Err(SamplesError::Checksum));
        }
    }

    #[test]
    fn a_row_of_another_minute_or_target_is_an_error((interval, samples) in minute(), by in 1..1_000_i64) {
        let mut blob = encode(MINUTE, TargetId(7), interval, &samples);
        let mut read = Vec::new();
        let other = TargetId(8);
        for (minute, target) in [(MINUTE + by, TargetId(7)), (MINUTE - by, TargetId(7)), (MINUTE, other)] {
            prop_assert_eq!(decode(&blob, minute, target, &mut read), Err(SamplesError::Checksum));
        }
        prop_assert_eq!(give_to(&mut blob, MINUTE, other, TargetId(7)), Err(SamplesError::Checksum));
        prop_assert_eq!(give_to(&mut blob, MINUTE, TargetId(7), other), Ok(()));
        prop_assert_eq!(decode(&blob, MINUTE, other, &mut read), Ok(()));
        prop_assert_eq!(read.len(), samples.len());
    }

    /// As earlier versions wrote it.
    #[test]
    fn a_blob_of_format_1_is_read_under_any_key((interval, samples) in minute()) {
        let mut blob = encode(MINUTE, TargetId(7), interval, &samples);
        let end = blob.len() - 4;
        blob[0] = 1;
        let sum = crc32fast::hash(&blob[..end]).to_le_bytes();
        blob[end..].copy_from_slice(&sum);
        prop_assert_eq!(give_to(&mut blob, MINUTE, TargetId(7), TargetId(9)), Ok(()));
        prop_assert_eq!(decoded(&blob), Ok(samples));
    }

    #[test]
    fn a_cut_blob_is_an_error((interval, samples) in minute(), cut in any::<prop::sample::Index>()) {
        let whole = encode(MINUTE, TargetId(7), interval, &samples);
        prop_assert_eq!(decoded(&whole[..cut.index(whole.len())]), Err(SamplesError::Checksum));
    }

    /// What a checksum would let pass: content made to fit it.
    #[test]
    fn content_that_breaks_the_format_never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        bytes.insert(0, VERSION);
        bytes.extend_from_slice(&checksum(&bytes, MINUTE, TargetId(7)).to_le_bytes());
        let _: Result<_, _> = decoded(&bytes);
    }
}

#[test]
fn a_count_beyond_the_bytes_there_are_allocates_nothing() {
    let mut blob = vec![VERSION, 1, 0];
    put_varint(&mut blob, 1 << 60);
    blob.extend_from_slice(&checksum(&blob, MINUTE, TargetId(7)).to_le_bytes());
    assert_eq!(decoded(&blob), Err(SamplesError::Malformed));
}

#[test]
fn a_later_format_is_named() {
    let mut blob = vec![3, 1, 2, 3];
    blob.extend_from_slice(&checksum(&blob, MINUTE, TargetId(7)).to_le_bytes());
    let error = decoded(&blob).unwrap_err();
    assert_eq!(error.to_string(), "samples in format 3, this linkmon knows formats 1 and 2");
}

/// An approximately normal variable by twelve uniform ones, the same on every machine.
fn noise(random: &mut fastrand::Rng) -> f64 {
    (0..12).map(|_| random.f64()).sum::<f64>() - 6.0
}

#[test]
fn a_probe_at_12_ms_with_10_percent_noise_takes_less_than_2_9_bytes() {
    let mut random = fastrand::Rng::with_seed(12);
    let (mut bytes, mut probes) = (0, 0);
    for _ in 0..600 {
        let samples: Vec<_> = (0..60)
            .map(|n| {
                #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "12 ms")]
                let rtt = (12_000.0 * (1.0 + 0.1 * noise(&mut random))) as u64;
                let lost = random.u32(0..1_000) == 0;
                let off = if random.u32(0..1_000) == 0 { 17 } else { 0 };
                let outcome = Outcome::reply(Duration::from_micros(rtt));
                at(333 + 1_000 * n + off, if lost { Outcome::Lost } else { outcome })
            })
            .collect();
        bytes += encode(MINUTE, TargetId(7), Duration::from_secs(1), &samples).len();
        probes += samples.len();
    }
    let each = f64::from(u32::try_from(bytes).unwrap()) / f64::from(u32::try_from(probes).unwrap());
    println!("{each:.3} bytes a probe");
    assert!(each < 2.9, "{each} bytes a probe");
}

#[test]
fn an_outage_told_by_the_same_router_costs_two_bytes_a_probe() {
    let u = Unreachable { by: Some(IpAddr::from([192, 0, 2, 1])), icmp_type: 3, code: 0 };
    let samples: Vec<_> = (0..60).map(|n| at(n * 1_000, Outcome::Unreachable(u))).collect();
    assert!(encode(MINUTE, TargetId(7), Duration::from_secs(1), &samples).len() < 60 * 2 + 25);
}

#[test]
fn a_record_of_one_sample_a_minute_costs_no_empty_slots() {
    let blob = encode(MINUTE, TargetId(7), Duration::from_millis(10), &[at(59_999, Outcome::Lost)]);
    assert!(blob.len() < 20, "{} bytes", blob.len());
}

#[test]
fn a_delay_that_no_encoder_writes_is_malformed() {
    let mut content = vec![VERSION];
    for number in [1_000, 0, 1, FIRST_REPLY + zigzag((1 << 53) + 1)] {
        put_varint(&mut content, number);
    }
    content.extend(checksum(&content, MINUTE, TargetId(7)).to_le_bytes());
    assert_eq!(decoded(&content), Err(SamplesError::Malformed));
}
