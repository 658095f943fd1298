//! The portable engine: surge-ping on a tokio runtime of its own, user clocks.
//!
//! Each probe is a task of its own, so that the rate is the same in an outage; each task waits as
//! long as an answer can still be late, and [`crate::probe::inflight`] judges. Duplicates and, on
//! most systems, ICMP errors cannot be seen this way. surge-ping matches by address and sequence
//! number and keeps the payload to itself, so the nonce is not checked here.

use std::io;
use std::net::IpAddr;
use std::sync::mpsc;
use std::time::Duration;

use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::driver::{Disconnected, Driver};
use super::packet::{ProbeMark, payload};
use super::{EngineCommand, Error, IcmpEngine, IcmpTarget, refused};
use crate::probe::inflight::{EchoAnswer, IcmpRefusal};
use crate::probe::schedule::Due;
use crate::time::{BootTime, Reading};
use crate::vocabulary::{NotSent, Observation, Unreachable, Waiting};

/// What became of one probe.
enum EchoFate {
    Answered(EchoAnswer),
    Refused(IcmpRefusal),
    /// The kernel refused it after it had been taken for sent.
    Unsent {
        number: u64,
        reason: NotSent,
    },
    Silent,
}

struct Clients {
    v4: Option<Client>,
    v6: Option<Client>,
    ident: PingIdentifier,
}

pub(super) fn spawn(
    waiting: Waiting,
    targets: Vec<IcmpTarget>,
    out: mpsc::Sender<Vec<Observation>>,
) -> Result<IcmpEngine, Error> {
    let (sender, commands) = unbounded_channel();
    let (started, start) = mpsc::channel();
    let thread = std::thread::Builder::new()
        .name("icmp".into())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            let runtime = match runtime {
                Ok(runtime) => runtime,
                Err(error) => return drop(started.send(Err(Error::Start(error)))),
            };
            runtime.block_on(async {
                let clients = match open() {
                    Ok(clients) => clients,
                    Err(error) => return drop(started.send(Err(refused(error)))),
                };
                // The caller waits for this, or is gone.
                let _ = started.send(Ok(()));
                let driver = Driver::new(&Reading::now(), waiting, targets, out);
                run(driver, clients, waiting.late_window, commands).await;
            });
        })
        .map_err(Error::Start)?;
    start.recv().map_err(|e| Error::Start(io::Error::other(e)))??;
    Ok(IcmpEngine {
        command: Box::new(move |command| {
            // After the thread has ended there is no one to command.
            let _ = sender.send(command);
        }),
        thread: Some(thread),
        description: "portable engine (surge-ping), user time stamps".to_owned(),
    })
}

fn open() -> io::Result<Clients> {
    let v4 = Client::new(&Config::builder().kind(ICMP::V4).build());
    let v6 = Client::new(&Config::builder().kind(ICMP::V6).build()).ok();
    let ident = PingIdentifier(fastrand::u16(1..));
    match (v4, v6) {
        (Err(error), None) => Err(error),
        (v4, v6) => Ok(Clients { v4: v4.ok(), v6, ident }),
    }
}

async fn run(
    mut driver: Driver,
    clients: Clients,
    late_window: Duration,
    mut commands: UnboundedReceiver<EngineCommand>,
) {
    let (results, mut arrived) = unbounded_channel();
    let mut due = Vec::new();
    loop {
        let now = driver.clocks();
        // What has arrived while this thread was held up must be read before anything is judged
        // lost: one turn for surge-ping's receiver, one for the probe that it wakes.
        tokio::task::yield_now().await;
        tokio::task::yield_now().await;
        let changes = driver.watch(&now);
        while let Ok(result) = arrived.try_recv() {
            take(&mut driver, &result, now.boot);
        }
        driver.tick(&now, changes, &mut due);
        for slot in due.drain(..) {
            send(&mut driver, &clients, &slot, late_window, &results).await;
        }
        if driver.hand_over(now.boot) == Err(Disconnected) {
            return;
        }
        let now = driver.clocks().boot;
        let wait = driver.next_wake().map_or(3_600_000_000, |wake| wake.since(now).as_i64());
        let wait = Duration::from_micros(u64::try_from(wait).unwrap_or(0));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            Some(result) = arrived.recv() => {
                let now = driver.clocks().boot;
                take(&mut driver, &result, now);
            }
            command = commands.recv() => match command {
                Some(EngineCommand::Targets(targets)) => {
                    let now = driver.clocks().boot;
                    driver.schedule.set_targets(now, targets);
                }
                Some(EngineCommand::ReadingMode(mode)) => driver.mode = mode,
                Some(EngineCommand::Stop) | None => break,
            },
        }
    }
    let now = driver.clocks().boot;
    while let Ok(result) = arrived.try_recv() {
        take(&mut driver, &result, now);
    }
    driver.finish(now);
}

fn take(driver: &mut Driver, result: &EchoFate, now: BootTime) {
    match result {
        EchoFate::Answered(answer) => driver.inflight.answer(answer, now, driver.label(now)),
        EchoFate::Refused(refusal) => driver.inflight.refused(refusal),
        EchoFate::Unsent { number, reason } => driver.inflight.unsent(*number, *reason),
        EchoFate::Silent => {}
    }
}

async fn send(
    driver: &mut Driver,
    clients: &Clients,
    slot: &Due,
    late_window: Duration,
    results: &UnboundedSender<EchoFate>,
) {
    let mark = ProbeMark { number: driver.inflight.next_number(), nonce: fastrand::u64(..) };
    let before = driver.clocks().boot;
    let sent = driver.departure(slot, before, mark.nonce);
    let client = if slot.ip.is_ipv4() { &clients.v4 } else { &clients.v6 };
    let Some(client) = client else {
        return driver.inflight.not_sent(sent, NotSent::NoRoute);
    };
    #[allow(clippy::cast_possible_truncation, reason = "the header has the low 16 bits")]
    let sequence = mark.number as u16;
    let mut pinger = client.pinger(slot.ip, clients.ident).await;
    pinger.timeout(late_window);
    let results = results.clone();
    let to = slot.ip;
    let mut ping = Box::pin(async move {
        match pinger.ping(PingSequence(sequence), &payload(mark)).await {
            Ok((packet, rtt)) => Ok(judge(&packet, mark, sequence, to, rtt)),
            Err(SurgeError::IOError(error)) => Err(error),
            Err(_) => Ok(EchoFate::Silent),
        }
    });
    // The send happens at the first poll: its error is known then, the answer is not. (Of a new
    // socket the runtime has yet to find out that it can be written to; its first send is later.)
    let first = poll_once(&mut ping).await;
    match first {
        Some(Err(error)) => {
            driver.inflight.not_sent(sent, reason(&error));
        }
        Some(Ok(result)) => {
            driver.inflight.sent(sent);
            let _ = results.send(result);
        }
        None => {
            driver.inflight.sent(sent);
            // surge-ping's clock starts when the system call has returned, which may be after the
            // reply has come: the time in the call is added, so that a delay is never too small.
            let sending = driver.clocks().boot.since(before).as_i64();
            let sending = Duration::from_micros(u64::try_from(sending).unwrap_or(0));
            tokio::spawn(async move {
                let mut result = ping.await.unwrap_or_else(|error| EchoFate::Unsent {
                    number: mark.number,
                    reason: reason(&error),
                });
                if let EchoFate::Answered(answer) = &mut result {
                    answer.rtt += sending;
                }
                // The engine may have stopped meanwhile.
                let _ = results.send(result);
            });
        }
    }
}

fn reason(error: &io::Error) -> NotSent {
    super::socket::reason(nix::errno::Errno::from_raw(error.raw_os_error().unwrap_or(0)))
}

/// Polls once: `None` when it is not ready.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

/// surge-ping hands out ICMP errors as success, too.
fn judge(
    packet: &IcmpPacket,
    mark: ProbeMark,
    sequence: u16,
    to: IpAddr,
    rtt: Duration,
) -> EchoFate {
    let (icmp_type, code, reply, from) = match packet {
        IcmpPacket::V4(p) => {
            (p.get_icmp_type().0, p.get_icmp_code().0, 0, IpAddr::V4(p.get_source()))
        }
        IcmpPacket::V6(p) => {
            (p.get_icmpv6_type().0, p.get_icmpv6_code().0, 129, IpAddr::V6(p.get_source()))
        }
    };
    if icmp_type != reply {
        let what = Unreachable { by: Some(from), icmp_type, code };
        let mark = Some((mark.number, mark.nonce));
        return EchoFate::Refused(IcmpRefusal { sequence, mark, to, what });
    }
    let rtt = Duration::from_micros(u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX));
    let ProbeMark { number, nonce } = mark;
    EchoFate::Answered(EchoAnswer { number, sequence, nonce, from, rtt, local_queue: None })
}
