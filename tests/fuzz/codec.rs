//! Samples in the database: a file that was damaged, or made by another program.

use super::*;
use crate::fuzz::Fuzz;
use crate::vocabulary::{NotSent, Phase, Reply};

const MINUTE: i64 = 29_500_000;
const SECOND: Duration = Duration::from_secs(1);

fn minute(outcomes: &[Outcome]) -> Vec<u8> {
    let samples: Vec<_> = (0_i64..)
        .zip(outcomes)
        .map(|(n, outcome)| Measurement {
            target: TargetId(7),
            sent_at: Timestamp::from_millis(MINUTE * 60_000 + n * 1_003),
            outcome: outcome.clone(),
        })
        .collect();
    encode(MINUTE, TargetId(7), SECOND, &samples)
}

fn valid() -> [Vec<u8>; 3] {
    let rtt = Duration::from_micros(20_123);
    let by = Some([192, 168, 1, 1].into());
    let kinds = [
        Outcome::reply(rtt),
        Outcome::Lost,
        Outcome::Late { rtt: 4 * SECOND },
        Outcome::Unreachable(Unreachable { by, icmp_type: 3, code: 1 }),
        Outcome::Failed(Failed { phase: Phase::Tls, reason: FailedReason::Tls }),
        Outcome::NotSent(NotSent::NoRoute),
        Outcome::Reply(Reply { rtt, local_queue: Some(SECOND), ttl: None, phases: None }),
    ];
    [minute(&[]), minute(&kinds), minute(&vec![Outcome::reply(rtt); 59])]
}

/// With a checksum that matches: content as another program would write it.
#[test]
fn samples_that_are_decoded_are_the_same_when_encoded_again() {
    let content = valid().map(|blob| blob[..blob.len() - 4].to_vec());
    Fuzz::new("codec", content).bytes(|content| {
        let blob = [content, &checksum(content, MINUTE, TargetId(7)).to_le_bytes()].concat();
        let mut samples = Vec::new();
        if decode(&blob, MINUTE, TargetId(7), &mut samples).is_err() {
            return false;
        }
        assert!(samples.len() <= content.len());
        samples.sort_by_key(|sample| sample.sent_at);
        let again = encode(MINUTE, TargetId(7), SECOND, &samples);
        let mut back = Vec::new();
        assert_eq!(decode(&again, MINUTE, TargetId(7), &mut back), Ok(()));
        assert_eq!(back, samples);
        true
    });
}

#[test]
fn damage_does_not_pass_the_checksum() {
    let valid = valid();
    Fuzz::new("checksum", valid.clone()).bytes(|blob| {
        let accepted = decode(blob, MINUTE, TargetId(7), &mut Vec::new()).is_ok();
        assert!(!accepted || valid.iter().any(|v| v == blob), "a chance of one in 2^32");
        accepted
    });
}
