use proptest::prelude::*;

use super::*;
use crate::time::Reading;
use crate::vocabulary::HostChange;

const HERE: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

fn sent(ms: i64) -> Sent {
    Sent {
        target: TargetId(1),
        ip: HERE,
        nonce: 42,
        sent_at: Timestamp::from_millis(ms),
        boot: BootTime::from_micros(ms * 1_000),
    }
}

#[allow(clippy::cast_possible_truncation, reason = "the low 16 bits are meant")]
fn answer(number: u64, rtt_ms: u64) -> EchoAnswer {
    EchoAnswer {
        number,
        sequence: number as u16,
        nonce: 42,
        from: HERE,
        rtt: Duration::from_millis(rtt_ms),
        local_queue: None,
        ttl: None,
    }
}

fn give(inflight: &mut Inflight, answer: &EchoAnswer, ms: i64) {
    inflight.answer(answer, BootTime::from_micros(ms * 1_000), Timestamp::from_millis(ms));
}

fn released(inflight: &mut Inflight, ms: i64) -> Vec<Observation> {
    let mut out = Vec::new();
    inflight.release(BootTime::from_micros(ms * 1_000), &mut out);
    out
}

fn measured(ms: i64, outcome: Outcome) -> Observation {
    Observation::Measured(measurement(&sent(ms), outcome))
}

fn stray(kind: StrayKind, ms: i64) -> Observation {
    Observation::Stray { from: HERE, kind, at: Timestamp::from_millis(ms) }
}

fn one_sent() -> Inflight {
    let mut inflight = Inflight::new(Waiting::default(), 7);
    inflight.sent(sent(0));
    inflight
}

#[test]
fn what_overflowed_the_socket_is_unknown_and_not_lost() {
    let mut inflight = one_sent();
    inflight.sent(sent(1_000));
    inflight.sent(sent(4_000));
    inflight.sent(Sent { ip: "2001:db8::1".parse().unwrap(), ..sent(4_000) });
    // The flood ends; one of the answers was read all the same.
    inflight.overflowed(IpVersion::V4, BootTime::from_micros(2_500_000));
    give(&mut inflight, &answer(8, 12), 2_500);
    let unknown = Outcome::NotSent(NotSent::Overflowed);
    assert_eq!(released(&mut inflight, 3_001)[..1], [measured(0, unknown)]);
    let out = released(&mut inflight, 7_001);
    let lost =
        |o: &&Observation| matches!(o, Observation::Measured(m) if m.outcome == Outcome::Lost);
    assert_eq!(
        out.iter().filter(lost).count(),
        2,
        "sent after it, and of the other family: {out:?}"
    );
}

fn refusal(mark: Option<(u64, u64)>) -> IcmpRefusal {
    let what = Unreachable { by: Some(HERE), icmp_type: 3, code: 1 };
    IcmpRefusal { sequence: 7, mark, to: HERE, what }
}

#[test]
fn a_reply_is_reported_at_once_and_a_second_one_is_a_duplicate() {
    let mut inflight = one_sent();
    give(&mut inflight, &answer(7, 20), 20);
    let reply = Outcome::reply(Duration::from_millis(20));
    assert_eq!(released(&mut inflight, 20), [measured(0, reply)]);
    give(&mut inflight, &answer(7, 21), 21);
    assert_eq!(released(&mut inflight, 21), [stray(StrayKind::Duplicate, 21)]);
}

#[test]
fn a_reply_waits_for_all_sent_before_it() {
    let mut inflight = one_sent();
    inflight.sent(sent(500));
    give(&mut inflight, &answer(8, 20), 520);
    assert_eq!(released(&mut inflight, 3_000), []);
    assert_eq!(inflight.next_loss(), Some(BootTime::from_micros(3_000_001)));
    assert_eq!(
        released(&mut inflight, 3_001),
        [measured(0, Outcome::Lost), measured(500, Outcome::reply(Duration::from_millis(20)))]
    );
}

#[test]
fn a_reply_at_tmax_is_in_time_and_one_after_it_is_lost_then_late() {
    let mut inflight = one_sent();
    give(&mut inflight, &answer(7, 3_000), 3_300);
    let reply = Outcome::reply(Duration::from_secs(3));
    assert_eq!(released(&mut inflight, 3_300), [measured(0, reply)]);

    let mut inflight = one_sent();
    give(&mut inflight, &answer(7, 3_001), 3_300);
    let rtt = Duration::from_millis(3_001);
    assert_eq!(
        released(&mut inflight, 3_300),
        [
            measured(0, Outcome::Lost),
            Observation::Revised(measurement(&sent(0), Outcome::Late { rtt }))
        ]
    );
}

#[test]
fn a_reply_within_a_minute_of_a_loss_revises_it() {
    let mut inflight = one_sent();
    assert_eq!(released(&mut inflight, 3_001), [measured(0, Outcome::Lost)]);
    give(&mut inflight, &answer(7, 60_000), 60_000);
    let late = Outcome::Late { rtt: Duration::from_secs(60) };
    let revised = Observation::Revised(measurement(&sent(0), late));
    assert_eq!(released(&mut inflight, 60_000), [revised]);
    assert_eq!(released(&mut inflight, 60_001), []);
    give(&mut inflight, &answer(7, 60_002), 60_002);
    assert_eq!(released(&mut inflight, 60_002), [stray(StrayKind::TooLate, 60_002)]);
}

#[test]
fn time_in_the_own_queue_counts_towards_tmax_but_not_into_the_rtt() {
    let queue = Some(Duration::from_millis(2_000));
    let mut inflight = one_sent();
    give(&mut inflight, &EchoAnswer { local_queue: queue, ..answer(7, 900) }, 2_900);
    let rtt = Duration::from_millis(900);
    let reply = Outcome::Reply(Reply { rtt, local_queue: queue, ttl: None, phases: None });
    assert_eq!(released(&mut inflight, 2_900), [measured(0, reply)]);

    let mut inflight = one_sent();
    released(&mut inflight, 3_100);
    give(&mut inflight, &EchoAnswer { local_queue: queue, ..answer(7, 1_900) }, 3_900);
    let late = Outcome::Late { rtt: Duration::from_millis(3_900) };
    assert_eq!(released(&mut inflight, 3_900), [Observation::Revised(measurement(&sent(0), late))]);
}

#[test]
fn answers_with_a_wrong_nonce_source_or_sequence_are_foreign() {
    let wrong = [
        EchoAnswer { nonce: 43, ..answer(7, 1) },
        EchoAnswer { from: IpAddr::from([127, 0, 0, 2]), ..answer(7, 1) },
        EchoAnswer { sequence: 8, ..answer(7, 1) },
        answer(8, 1),
    ];
    for answer in wrong {
        let mut inflight = one_sent();
        give(&mut inflight, &answer, 1);
        let out = released(&mut inflight, 1);
        assert!(
            matches!(out[..], [Observation::Stray { kind: StrayKind::Foreign, .. }]),
            "{answer:?}: {out:?}"
        );
    }
}

#[test]
fn an_icmp_error_resolves_the_probe_whether_or_not_the_payload_was_quoted() {
    for mark in [None, Some((7, 42))] {
        let mut inflight = one_sent();
        inflight.refused(&refusal(mark));
        let what = refusal(None).what;
        assert_eq!(released(&mut inflight, 5), [measured(0, Outcome::Unreachable(what))]);
    }
    let mut inflight = one_sent();
    inflight.refused(&refusal(Some((7, 41))));
    assert_eq!(released(&mut inflight, 5), []);
}

#[test]
fn a_reply_in_time_wins_over_an_icmp_error_that_has_not_been_reported() {
    let mut inflight = one_sent();
    inflight.refused(&refusal(None));
    give(&mut inflight, &answer(7, 20), 20);
    assert_eq!(
        released(&mut inflight, 20),
        [measured(0, Outcome::reply(Duration::from_millis(20)))]
    );
}

#[test]
fn a_probe_that_the_kernel_refused_later_is_not_sent_unless_it_has_been_judged() {
    let mut inflight = one_sent();
    inflight.sent(sent(1));
    give(&mut inflight, &answer(8, 1), 2);
    for number in [6, 7, 8, 9] {
        inflight.unsent(number, NotSent::NoRoute);
    }
    let reply = Outcome::reply(Duration::from_millis(1));
    let not_sent = Outcome::NotSent(NotSent::NoRoute);
    assert_eq!(released(&mut inflight, 5), [measured(0, not_sent), measured(1, reply)]);
}

#[test]
fn an_icmp_error_finds_its_probe_after_the_sequence_wraps() {
    let mut inflight = Inflight::new(Waiting::default(), 65_534);
    for ms in 0..4 {
        inflight.sent(sent(ms));
    }
    inflight.refused(&IcmpRefusal { sequence: 65_535, ..refusal(None) });
    inflight.refused(&IcmpRefusal { sequence: 1, ..refusal(None) });
    give(&mut inflight, &answer(65_534, 1), 1);
    give(&mut inflight, &answer(65_536, 1), 1);
    let what = refusal(None).what;
    let reply = || Outcome::reply(Duration::from_millis(1));
    assert_eq!(
        released(&mut inflight, 5),
        [
            measured(0, reply()),
            measured(1, Outcome::Unreachable(what)),
            measured(2, reply()),
            measured(3, Outcome::Unreachable(what))
        ]
    );
}

#[test]
fn sleep_calls_probes_off_and_is_reported_after_them() {
    let mut inflight = one_sent();
    let at = Reading {
        utc: Timestamp::from_millis(9_000),
        boot: BootTime::from_micros(9_000_000),
        monotonic_us: 500_000,
    };
    let event = HostEvent { at, what: HostChange::Slept { seconds: 8.5 } };
    inflight.call_off();
    inflight.host(event.clone());
    assert_eq!(
        released(&mut inflight, 9_000),
        [measured(0, Outcome::NotSent(NotSent::Missed)), Observation::Host(event)]
    );
}

#[test]
fn a_flood_of_strays_is_bounded() {
    let mut inflight = one_sent();
    for _ in 0..10_000 {
        inflight.stray(HERE, StrayKind::Foreign, Timestamp::default());
    }
    assert_eq!(released(&mut inflight, 0).len(), 256);
}

proptest! {
    /// The oracle judges each probe by itself: by its own delay alone.
    #[test]
    fn every_probe_is_reported_once_in_order_as_a_naive_oracle_says(
        delays in prop::collection::vec(prop::option::weighted(0.8, 1u64..70_000), 1..80),
        first in 65_400u64..65_600,
    ) {
        let mut inflight = Inflight::new(Waiting::default(), first);
        let mut arrivals: Vec<(i64, u64, u64)> = Vec::new();
        let mut out = Vec::new();
        let mut next = 0;
        let end = i64::try_from(delays.len()).unwrap() * 250 + 70_000;
        for ms in (0..end).step_by(50) {
            if ms % 250 == 0 && next < delays.len() {
                let number = inflight.next_number();
                inflight.sent(sent(ms));
                if let Some(delay) = delays[next] {
                    arrivals.push((ms + i64::try_from(delay).unwrap(), number, delay));
                }
                next += 1;
            }
            arrivals.retain(|&(at, number, delay)| {
                if at <= ms {
                    give(&mut inflight, &answer(number, delay), ms);
                }
                at > ms
            });
            out.extend(released(&mut inflight, ms));
        }
        let reported: Vec<_> = out
            .iter()
            .filter_map(|o| match o {
                Observation::Measured(m) => Some(m.outcome.clone()),
                _ => None,
            })
            .collect();
        let revised = out.iter().filter(|o| matches!(o, Observation::Revised(_))).count();
        let expected: Vec<_> = delays
            .iter()
            .map(|d| match d {
                Some(ms) if *ms <= 3_000 => Outcome::reply(Duration::from_millis(*ms)),
                _ => Outcome::Lost,
            })
            .collect();
        prop_assert_eq!(reported, expected);
        let late = delays.iter().flatten().filter(|ms| (3_001..=60_000).contains(*ms)).count();
        prop_assert_eq!(revised, late);
        let sent_at: Vec<_> = out
            .iter()
            .filter_map(|o| match o {
                Observation::Measured(m) => Some(m.sent_at),
                _ => None,
            })
            .collect();
        prop_assert!(sent_at.is_sorted());
    }
}

#[test]
fn recorded_times_sort_probes_as_they_left() {
    let mut inflight = Inflight::new(Waiting::default(), 7);
    // The first left 6 ms late, the second 4 ms late: it is recorded at its slot, 1002.
    for (target, ms) in [(2, 1_006), (1, 1_002), (3, 1_002), (4, 1_008), (1, 500)] {
        inflight.not_sent(Sent { target: TargetId(target), ..sent(ms) }, NotSent::NoRoute);
    }
    let times: Vec<_> = released(&mut inflight, 2_000)
        .into_iter()
        .map(|o| match o {
            Observation::Measured(m) => m.sent_at.as_millis(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(times, [1_006, 1_007, 1_008, 1_008, 500]);
}

fn asked_twice() -> Inflight {
    let mut inflight = one_sent();
    inflight.sent_again(43);
    inflight
}

fn second(rtt_ms: u64) -> EchoAnswer {
    EchoAnswer { nonce: 43, ..answer(7, rtt_ms) }
}

#[test]
fn an_answer_to_either_request_of_a_slot_answers_it_and_both_are_no_duplicates() {
    let reply = Outcome::reply(Duration::from_millis(20));
    for [one, other] in [[second(20), answer(7, 21)], [answer(7, 20), second(21)]] {
        let mut inflight = asked_twice();
        give(&mut inflight, &one, 20);
        assert_eq!(released(&mut inflight, 20), [measured(0, reply.clone())]);
        give(&mut inflight, &other, 21);
        assert_eq!(released(&mut inflight, 21), []);
        give(&mut inflight, &other, 22);
        assert_eq!(released(&mut inflight, 22), [stray(StrayKind::Duplicate, 22)]);
    }
}

#[test]
fn an_error_about_one_request_of_a_slot_does_not_resolve_it_while_the_other_may_be_answered() {
    let unreachable = Outcome::Unreachable(refusal(None).what);
    let mut inflight = asked_twice();
    inflight.refused(&refusal(Some((7, 42))));
    assert_eq!(released(&mut inflight, 10), []);
    give(&mut inflight, &second(20), 20);
    let reply = Outcome::reply(Duration::from_millis(20));
    assert_eq!(released(&mut inflight, 20), [measured(0, reply)]);

    let mut inflight = asked_twice();
    inflight.refused(&refusal(Some((7, 42))));
    inflight.refused(&refusal(Some((7, 43))));
    assert_eq!(released(&mut inflight, 10), [measured(0, unreachable.clone())]);

    let mut inflight = asked_twice();
    inflight.refused(&refusal(Some((7, 42))));
    assert_eq!(released(&mut inflight, 3_001), [measured(0, unreachable)]);
}

#[test]
fn what_is_held_is_lost_later_and_what_is_void_was_never_lost() {
    let boot = |ms: i64| BootTime::from_micros(ms * 1_000);
    let mut inflight = one_sent();
    inflight.hold(IpVersion::V4, boot(4_000));
    assert_eq!(inflight.next_loss(), Some(boot(4_000)));
    assert_eq!(released(&mut inflight, 3_900), []);
    assert_eq!(released(&mut inflight, 4_000), [measured(0, Outcome::Lost)]);

    let mut inflight = one_sent();
    inflight.void(IpVersion::V6, boot(0));
    inflight.void(IpVersion::V4, boot(0));
    let void = Outcome::NotSent(NotSent::DeadEntry);
    assert_eq!(released(&mut inflight, 100), [measured(0, void)]);
}
