use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};

use proptest::prelude::*;

use super::*;
use crate::vocabulary::{Endpoint, Role};

const S: Duration = Duration::from_secs(1);

/// Every probe takes as long as the script says; UTC runs with simulated time.
struct Scripted {
    start: Instant,
    /// Added to UTC from now on, in microseconds.
    step: Mutex<i64>,
    takes: Box<dyn Fn(usize) -> Duration + Send + Sync>,
    begun: Mutex<usize>,
}

impl Scripted {
    fn new(takes: impl Fn(usize) -> Duration + Send + Sync + 'static) -> Self {
        Self { start: instant(), step: Mutex::new(0), takes: Box::new(takes), begun: Mutex::new(0) }
    }
}

impl Prober for Scripted {
    fn utc(&self) -> Timestamp {
        let epoch = Timestamp::from_micros(1_700_000_000_000_123);
        (epoch + (instant() - self.start)).plus_micros(*self.step.lock().unwrap())
    }

    async fn probe(&self, _: &Target) -> Outcome {
        let number = {
            let mut begun = self.begun.lock().unwrap();
            *begun += 1;
            *begun - 1
        };
        let takes = (self.takes)(number);
        tokio::time::sleep(takes).await;
        Outcome::reply(takes)
    }
}

fn target(id: u8, interval: Duration) -> Target {
    Target {
        id: TargetId(id),
        name: format!("t{id}"),
        kind: Kind::Http,
        role: Role::Service,
        endpoint: Endpoint::new(Kind::Http, "http://192.0.2.1/"),
        interval,
    }
}

fn roster(prober: Scripted) -> (ServiceTasks<Scripted>, Receiver<Vec<Observation>>) {
    let (out, reported) = channel();
    (ServiceTasks::new(prober, out), reported)
}

/// Everything reported until now, in the order of send times.
fn measured(reported: &Receiver<Vec<Observation>>) -> Vec<Measurement> {
    let mut all: Vec<_> = reported
        .try_iter()
        .flatten()
        .map(|observation| match observation {
            Observation::Measured(measurement) => measurement,
            other => panic!("{other:?}"),
        })
        .collect();
    all.sort_by_key(|m| m.sent_at);
    all
}

fn distances(measured: &[Measurement]) -> Vec<i64> {
    measured.windows(2).map(|w| w[1].sent_at.micros_since(w[0].sent_at) / 1_000).collect()
}

async fn end(mut roster: ServiceTasks<Scripted>) {
    roster.set(Vec::new());
    for task in roster.ending {
        task.await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn a_slow_probe_delays_no_other_and_each_slot_has_one_measurement() {
    // Every third probe takes 35 s.
    let (mut roster, reported) =
        roster(Scripted::new(|n| if n % 3 == 0 { 35 * S } else { S / 50 }));
    roster.set(vec![target(1, 10 * S)]);
    tokio::time::sleep(300 * S + S / 2).await;
    end(roster).await;
    let all = measured(&reported);
    assert!((30..=31).contains(&all.len()), "{}", all.len());
    assert!(distances(&all).iter().all(|&ms| ms == 10_000), "{:?}", distances(&all));
    assert!(all.iter().all(|m| m.sent_at.as_micros() % 1_000 == 0));
    let slow = all.iter().filter(|m| m.outcome == Outcome::reply(35 * S)).count();
    assert!(slow >= 8, "{slow}");
}

#[tokio::test(start_paused = true)]
async fn probes_under_way_at_the_end_are_reported_as_unobserved() {
    let (mut roster, reported) = roster(Scripted::new(|_| 1_000 * S));
    roster.set(vec![target(1, S)]);
    tokio::time::sleep(10 * S).await;
    end(roster).await;
    let all = measured(&reported);
    assert!((9..=11).contains(&all.len()), "{}", all.len());
    assert!(all.iter().all(|m| m.outcome == Outcome::NotSent(NotSent::Missed)));
}

#[tokio::test(start_paused = true)]
async fn a_target_that_stays_keeps_its_schedule_and_others_come_and_go() {
    let (mut roster, reported) = roster(Scripted::new(|_| S / 50));
    roster.set(vec![target(1, 10 * S), target(2, 10 * S)]);
    tokio::time::sleep(100 * S).await;
    roster.set(vec![target(1, 10 * S), target(3, 10 * S)]);
    tokio::time::sleep(100 * S + S / 2).await;
    end(roster).await;
    let all = measured(&reported);
    let of = |id| all.iter().filter(|m| m.target == TargetId(id)).cloned().collect::<Vec<_>>();
    assert!(distances(&of(1)).iter().all(|&ms| ms == 10_000));
    assert!((20..=21).contains(&of(1).len()));
    assert!((9..=11).contains(&of(2).len()) && (9..=11).contains(&of(3).len()));
}

#[tokio::test(start_paused = true)]
async fn starts_are_spread_at_random() {
    let (mut roster, reported) = roster(Scripted::new(|_| S / 50));
    roster.set((1..=20).map(|id| target(id, 10 * S)).collect());
    tokio::time::sleep(11 * S).await;
    end(roster).await;
    let mut starts: Vec<_> =
        measured(&reported).iter().map(|m| m.sent_at.as_millis() / 1_000).collect();
    starts.dedup();
    assert!(starts.len() > 3, "{starts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_stall_is_reported_as_missed_slots_and_no_burst_follows() {
    let (mut roster, reported) = roster(Scripted::new(|_| S / 50));
    roster.set(vec![target(1, S)]);
    tokio::time::sleep(5 * S).await;
    // As if the process had been stopped: nothing runs meanwhile.
    tokio::time::advance(4 * S).await;
    tokio::time::sleep(5 * S).await;
    let all = measured(&reported);
    assert!(distances(&all).iter().all(|&ms| (500..=1_500).contains(&ms)), "{:?}", distances(&all));
    let missed = all.iter().filter(|m| m.outcome == Outcome::NotSent(NotSent::Missed)).count();
    assert!((3..=4).contains(&missed), "{missed}");
    tokio::time::advance(1_000 * S).await;
    tokio::time::sleep(S * 5 / 2).await;
    end(roster).await;
    let after = measured(&reported);
    // The answer to a probe sent just before the stall comes first, and a probe that is under way at the
    // end is reported as missed, too.
    let is_missed = |m: &&Measurement| m.outcome == Outcome::NotSent(NotSent::Missed);
    let missed = after.iter().skip_while(|m| !is_missed(m)).take_while(is_missed).count();
    assert_eq!(missed, 10, "{after:?}");
    assert!(after.len() <= 14, "{}", after.len());
}

#[tokio::test(start_paused = true)]
async fn after_a_step_of_the_clock_send_times_are_the_new_utc() {
    let (mut roster, reported) = roster(Scripted::new(|_| S / 50));
    roster.set(vec![target(1, 10 * S)]);
    tokio::time::sleep(100 * S).await;
    let before = measured(&reported).len();
    *roster.prober.step.lock().unwrap() = 3_600_000_000;
    tokio::time::sleep(100 * S).await;
    let last = roster.prober.utc();
    end(roster).await;
    let all = measured(&reported);
    assert!(before >= 9 && all.len() >= 9);
    assert!(distances(&all).iter().all(|&ms| ms == 10_000));
    let age = last.micros_since(all.last().unwrap().sent_at);
    assert!((0..=10_000_000).contains(&age), "{age}");
}

proptest! {
    #[test]
    fn every_slot_of_the_last_ten_is_taken_or_missed_exactly_once(
        waits in prop::collection::vec(0_u64..8_000, 1..40),
    ) {
        let start = instant();
        let utc = Timestamp::from_millis(1_000_000);
        let mut grid = ProbeGrid::new(S, start, utc);
        let mut now = start;
        let mut slots = Vec::new();
        for wait in waits {
            now = now.max(grid.due()) + Duration::from_millis(wait);
            slots.extend(grid.missed(now).iter().map(|t| t.as_millis()));
            let due = grid.next_utc;
            if grid.take(now, utc + (now - start)).is_some() {
                slots.push(due.as_millis());
            }
        }
        prop_assert!(slots.windows(2).all(|w| w[1] - w[0] == 1_000), "{:?}", slots);
    }
}

#[tokio::test]
async fn the_first_probe_waits_for_the_first_look_up_and_without_it_is_not_sent() {
    use super::super::dns::tests::{respond, serve};
    let web = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = web.local_addr().unwrap().port();
    let dns = serve(|query| vec![respond(query, simple_dns::RCODE::NoError, &[[127, 0, 0, 1]])]);
    for (server, answers) in [(dns.await, true), (serve(|_| Vec::new()).await, false)] {
        let network = Network {
            http: HttpProber::default(),
            resolver: Resolver::new(NameServers::Servers(vec![server])),
            waiting: Waiting::default(),
            out: std::sync::mpsc::channel().0,
        };
        let endpoint = Endpoint::new(Kind::Tcp, format!("web.example:{port}"));
        let target = Target { kind: Kind::Tcp, endpoint, ..target(1, 10 * S) };
        network.resolver.watch(host_of(&target));
        let outcome = network.probe(&target).await;
        if answers {
            assert!(outcome.rtt().is_some(), "{outcome:?}");
        } else {
            assert_eq!(outcome, Outcome::NotSent(NotSent::NoAddress));
        }
    }
}
