use std::net::IpAddr;
use std::sync::mpsc;

use super::*;
use crate::probe::path;
use crate::vocabulary::{Measurement, NotSent, Outcome, Role, Standing, TargetId};

const ENGINES: [EngineChoice; 2] = [EngineChoice::Linux, EngineChoice::Portable];
const BOUND: Duration = Duration::from_secs(20);

fn target(id: u8, ip: &str, interval_ms: u64) -> IcmpTarget {
    IcmpTarget {
        id: TargetId(id),
        ip: ip.parse().unwrap(),
        role: Role::Anchor,
        interval: Duration::from_millis(interval_ms),
        standing: Standing::Unproven,
        over: None,
    }
}

/// An engine, or a line that says why the test is skipped.
fn engine(
    choice: EngineChoice,
    targets: Vec<IcmpTarget>,
) -> Option<(IcmpEngine, mpsc::Receiver<Vec<Observation>>)> {
    let (out, observations) = mpsc::channel();
    match spawn(choice, Waiting::default(), targets, out) {
        Ok(engine) => Some((engine, observations)),
        Err(error) if std::env::var_os("LINKMON_REQUIRE_NETWORK").is_some() => {
            panic!("{choice:?}: {error}")
        }
        Err(error) => {
            println!("skipped: {error}");
            None
        }
    }
}

fn measurements(
    observations: &mpsc::Receiver<Vec<Observation>>,
    enough: usize,
) -> Vec<Measurement> {
    let mut all = Vec::new();
    while all.len() < enough {
        let batch = observations.recv_timeout(BOUND).expect("measurements come in time");
        all.extend(batch.into_iter().filter_map(|o| match o {
            Observation::Measured(m) => Some(m),
            _ => None,
        }));
    }
    all
}

#[test]
fn both_engines_measure_loopback_in_send_order_and_on_the_grid() {
    for choice in ENGINES {
        let targets = vec![target(1, "127.0.0.1", 100), target(2, "127.1.2.3", 100)];
        let Some((engine, observations)) = engine(choice, targets) else { continue };
        engine.set_reading(ReadingMode::Eager);
        let seen = measurements(&observations, 20);
        engine.stop();
        assert!(seen.is_sorted_by_key(|m| m.sent_at), "{choice:?}: {seen:?}");
        let replies = seen.iter().filter(|m| m.outcome.rtt().is_some()).count();
        assert!(replies >= 18, "{choice:?}: {seen:?}");
        for m in seen.iter().filter_map(|m| m.outcome.rtt()) {
            assert!(m < Duration::from_secs(1), "{choice:?}: {m:?}");
        }
        let both = [TargetId(1), TargetId(2)];
        assert!(both.iter().all(|id| seen.iter().any(|m| m.target == *id)), "{choice:?}");
    }
}

#[test]
fn both_engines_measure_ipv6_loopback() {
    if std::net::UdpSocket::bind("[::1]:0").is_err() {
        println!("skipped: no IPv6 loopback here");
        return;
    }
    for choice in ENGINES {
        let Some((engine, observations)) = engine(choice, vec![target(1, "::1", 100)]) else {
            continue;
        };
        engine.set_reading(ReadingMode::Eager);
        let seen = measurements(&observations, 5);
        assert!(seen.iter().any(|m| m.outcome.rtt().is_some()), "{choice:?}: {seen:?}");
    }
}

#[test]
fn a_send_that_the_kernel_refuses_is_not_sent_and_others_go_on() {
    for choice in ENGINES {
        // Echo requests to the broadcast address are refused without SO_BROADCAST.
        let targets = vec![target(1, "255.255.255.255", 100), target(2, "127.0.0.1", 100)];
        let Some((engine, observations)) = engine(choice, targets) else { continue };
        engine.set_reading(ReadingMode::Eager);
        let seen = measurements(&observations, 20);
        engine.stop();
        for m in &seen {
            match m.target {
                TargetId(1) => assert!(
                    matches!(
                        m.outcome,
                        Outcome::NotSent(NotSent::Forbidden | NotSent::NoRoute | NotSent::Missed)
                    ),
                    "{choice:?}: {m:?}"
                ),
                _ => assert!(!m.outcome.is_lost(), "{choice:?}: {m:?}"),
            }
        }
        assert!(seen.iter().any(|m| m.outcome.rtt().is_some()), "{choice:?}: {seen:?}");
    }
}

#[test]
fn targets_can_be_exchanged_while_the_engine_runs() {
    for choice in ENGINES {
        let first = vec![target(1, "127.0.0.1", 100)];
        let Some((engine, observations)) = engine(choice, first) else { continue };
        measurements(&observations, 2);
        engine.set_targets(vec![target(1, "127.0.0.1", 100), target(2, "127.0.0.2", 100)]);
        let mut both = false;
        for _ in 0..50 {
            both |= measurements(&observations, 1).iter().any(|m| m.target == TargetId(2));
            if both {
                break;
            }
        }
        assert!(both, "{choice:?}");
    }
}

#[test]
fn an_engine_without_targets_stops_at_once() {
    for choice in ENGINES {
        let Some((engine, observations)) = engine(choice, Vec::new()) else { continue };
        assert!(engine.description().contains("time stamps"));
        engine.stop();
        assert!(observations.recv().is_err());
    }
}

#[test]
fn the_error_of_missing_permission_is_one_sentence_with_both_remedies() {
    let text = refused(std::io::Error::from_raw_os_error(libc::EACCES)).to_string();
    assert_eq!(
        text,
        "cannot open an ICMP socket: allow unprivileged ones with `sysctl -w \
         net.ipv4.ping_group_range=\"0 2147483647\"`, or give linkmon CAP_NET_RAW with `setcap \
         cap_net_raw+ep` (or AmbientCapabilities=CAP_NET_RAW in its unit)"
    );
}

#[test]
fn a_trace_to_loopback_is_one_hop() {
    let target = IpAddr::from([127, 0, 0, 9]);
    match path::trace(target, 4, Duration::from_secs(1)) {
        Ok(hops) => {
            assert_eq!(hops.len(), 1);
            assert_eq!(hops[0].address, Some(target));
        }
        Err(error) => {
            assert!(std::env::var_os("LINKMON_REQUIRE_NETWORK").is_none(), "{error}");
            println!("skipped: {error}");
        }
    }
}

#[test]
fn forged_answers_are_not_handed_over_and_what_overflows_is_said() {
    for here in ["127.0.0.1", "::1"].map(|here| here.parse::<IpAddr>().unwrap()) {
        let family = crate::vocabulary::IpVersion::of(here);
        let head = NonceHead::of(7 << 32);
        let Ok(socket) = IcmpSocket::open(family, head) else { continue };
        // The loopback answers every request; a forged answer is one to a nonce of others.
        let ask = |nonce: u64, number: u64| {
            let mark = ProbeMark { number, nonce };
            socket.send(&request(family, socket.ident(), 1, mark), here, None, None)
        };
        if ask(head.nonce(), 0).is_err() {
            continue;
        }
        let forged = (0..50_u64).filter(|n| ask(n << 40, *n).is_ok()).count();
        assert!(forged > 0, "{here}");
        let mine = head.nonce();
        ask(mine, 1).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        let replies = socket.replies();
        let marks: Vec<_> = replies.all.iter().filter_map(|reply| reply.echo.mark).collect();
        assert_eq!(marks.len(), 2, "{here}: {marks:?}");
        assert_eq!((marks[1].nonce, marks[1].number), (mine, 1), "{here}");
        assert!(!replies.overflowed, "{here}");
        // Nobody reads: the kernel has room for some hundred, and says so with the next that it takes.
        for n in 0..2_000 {
            let _ = ask(head.nonce(), n);
        }
        let full = socket.replies();
        assert!((10..1_900).contains(&full.all.len()), "{here}: {}", full.all.len());
        ask(head.nonce(), 1).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(socket.replies().overflowed, "{here}");
        ask(head.nonce(), 1).unwrap();
        std::thread::sleep(Duration::from_millis(50));
        assert!(!socket.replies().overflowed, "{here}");
    }
}
