//! S15, which is the business of probes on their way and not of a line: answers twice, in the wrong
//! order, seconds late, and a restart that begins to count anew.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::net::{IpAddr, Ipv4Addr};
use std::time::Duration;

use linkmon::probe::inflight::{EchoAnswer, Inflight, Sent};
use linkmon::time::{BootTime, Timestamp};
use linkmon::vocabulary::{NotSent, Observation, Outcome, StrayKind, TargetId, Waiting};

const PROBES: u64 = 150_000;
/// Three a second.
const APART_US: i64 = 333_000;
const HERE: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

/// An answer on its way: when it comes in, number and nonce, delay, which life of the daemon asked.
type Coming = Reverse<(i64, u64, u64, i64, u8)>;

#[derive(Default)]
struct Reported {
    replies: u64,
    late: u64,
    lost: u64,
    called_off: u64,
    strays: HashMap<StrayKind, u64>,
}

#[test]
fn s15_every_delay_is_exact_whatever_comes_twice_late_or_from_an_earlier_life() {
    for seed in [1, 2, 3] {
        play(seed);
    }
}

fn play(seed: u64) {
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut inflight = Inflight::new(Waiting::default(), 0);
    let mut coming: BinaryHeap<Coming> = BinaryHeap::new();
    let mut truth: HashMap<i64, i64> = HashMap::new();
    let (mut duplicates, mut foreign) = (0, 0);
    let (mut expected_late, mut expected_lost) = (0, 0);
    let mut reported = Reported::default();
    let mut life = 0_u8;
    let restart = PROBES / 2;
    for n in 0..PROBES {
        let now = i64::try_from(n).unwrap() * APART_US;
        deliver(&mut inflight, &mut coming, &truth, now, life, &mut reported, &mut foreign);
        if n == restart {
            inflight.call_off();
            release(&mut inflight, now, &truth, &mut reported);
            inflight = Inflight::new(Waiting::default(), 0);
            life = 1;
        }
        let (number, nonce) = (inflight.next_number(), rng.u64(..));
        let at = Timestamp::from_micros(now);
        let target = TargetId(1);
        inflight.sent(Sent {
            target,
            ip: HERE,
            nonce,
            sent_at: at,
            boot: BootTime::from_micros(now),
        });
        let rtt = match rng.u32(0..1_000) {
            0..50 => rng.i64(3_000_001..50_000_000),
            50..60 => i64::MAX,
            60..100 => rng.i64(300_000..2_900_000),
            _ => rng.i64(8_000..30_000),
        };
        if rtt == i64::MAX {
            expected_lost += 1;
            continue;
        }
        truth.insert(now, rtt);
        coming.push(Reverse((now + rtt, number, nonce, rtt, life)));
        let ends = if life == 0 { i64::try_from(restart).unwrap() * APART_US } else { i64::MAX };
        if rtt > 3_000_000 {
            let in_time = now + rtt <= ends;
            expected_late += u64::from(in_time);
            // Reported as lost before its life was over.
            expected_lost += u64::from(!in_time && now + 3_000_000 < ends);
        }
        if rng.u32(0..100) == 0 {
            let again = now + rtt + rng.i64(100..2_000_000);
            coming.push(Reverse((again, number, nonce, rtt, life)));
            duplicates += u64::from(again <= ends);
        }
    }
    let end = i64::try_from(PROBES).unwrap() * APART_US + 70_000_000;
    deliver(&mut inflight, &mut coming, &truth, end, life, &mut reported, &mut foreign);
    release(&mut inflight, end, &truth, &mut reported);

    let stray = |kind| reported.strays.get(&kind).copied().unwrap_or(0);
    assert_eq!(stray(StrayKind::Duplicate), duplicates, "seed {seed}");
    assert_eq!(stray(StrayKind::Foreign), foreign, "seed {seed}");
    assert_eq!(stray(StrayKind::TooLate), 0, "seed {seed}");
    assert!(duplicates > 1_000 && foreign > 0, "seed {seed}: {duplicates}, {foreign}");
    assert_eq!(reported.late, expected_late, "seed {seed}");
    assert!(reported.late > 500, "seed {seed}: {}", reported.late);
    // Lost: those that never came, and those whose late answer came too late for their life; but
    // what was on its way at the restart was called off.
    assert!(reported.lost <= expected_lost && reported.lost + 10 >= expected_lost, "seed {seed}");
    assert!(
        reported.called_off > 0 && reported.called_off < 12,
        "seed {seed}: {}",
        reported.called_off
    );
    assert_eq!(
        reported.replies + reported.late + reported.lost + reported.called_off,
        PROBES,
        "seed {seed}"
    );
}

fn deliver(
    inflight: &mut Inflight,
    coming: &mut BinaryHeap<Coming>,
    truth: &HashMap<i64, i64>,
    until: i64,
    life: u8,
    reported: &mut Reported,
    foreign: &mut u64,
) {
    while let Some(Reverse((at, number, nonce, rtt, of))) = coming.peek().copied() {
        if at > until {
            return;
        }
        coming.pop();
        *foreign += u64::from(of != life);
        let answer = EchoAnswer {
            number,
            sequence: (number & 0xffff) as u16,
            nonce,
            from: HERE,
            rtt: Duration::from_micros(u64::try_from(rtt).unwrap()),
            local_queue: None,
            ttl: None,
        };
        release(inflight, at - 1, truth, reported);
        inflight.answer(&answer, BootTime::from_micros(at), Timestamp::from_micros(at));
        release(inflight, at, truth, reported);
    }
}

fn release(inflight: &mut Inflight, now: i64, truth: &HashMap<i64, i64>, reported: &mut Reported) {
    let mut out = Vec::new();
    inflight.release(BootTime::from_micros(now), &mut out);
    for observation in out {
        match observation {
            Observation::Measured(m) => match m.outcome {
                Outcome::Reply(reply) => {
                    let rtt = i64::try_from(reply.rtt.as_micros()).unwrap();
                    assert_eq!(truth.get(&m.sent_at.as_micros()), Some(&rtt));
                    reported.replies += 1;
                }
                Outcome::Lost => reported.lost += 1,
                Outcome::NotSent(NotSent::Missed) => reported.called_off += 1,
                other => panic!("{other:?}"),
            },
            Observation::Revised(m) => {
                let Outcome::Late { rtt } = m.outcome else { panic!("{m:?}") };
                let rtt = i64::try_from(rtt.as_micros()).unwrap();
                assert_eq!(truth.get(&m.sent_at.as_micros()), Some(&rtt));
                reported.late += 1;
                reported.lost -= 1;
            }
            Observation::Stray { kind, .. } => *reported.strays.entry(kind).or_default() += 1,
            other @ (Observation::Host(_)
            | Observation::Way { .. }
            | Observation::Silent { .. }
            | Observation::Path(_)
            | Observation::ServerClock { .. }) => {
                panic!("{other:?}")
            }
        }
    }
}
