//! The portable engine: surge-ping on a tokio runtime of its own, user clocks.
//!
//! Each probe is a task of its own, so that the rate is the same in an outage; each task waits as
//! long as an answer can still be late, and [`crate::probe::inflight`] judges. Duplicates and, on
//! most systems, ICMP errors cannot be seen this way. surge-ping matches by address and sequence
//! number and keeps the payload to itself, so the nonce is not checked here.

use std::collections::VecDeque;
use std::io;
use std::net::IpAddr;
use std::sync::mpsc;
use std::time::Duration;

use surge_ping::{Client, Config, ICMP, IcmpPacket, PingIdentifier, PingSequence, SurgeError};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::driver::{Adopted, Disconnected, Driver};
use super::identifiers::OtherIdentifier;
use super::packet::{ProbeMark, payload};
use super::{EngineCommand, Error, IcmpEngine, IcmpTarget, refused};
use crate::probe::inflight::{EchoAnswer, IcmpRefusal};
use crate::probe::schedule::Due;
use crate::time::{BootTime, Micros, Reading};
use crate::vocabulary::{IpVersion, NotSent, Observation, Unreachable, Waiting, is_link_local_v6};

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

/// A socket with an identifier of its own: on unprivileged sockets the kernel chooses it.
#[derive(Clone)]
struct SurgeVoice {
    client: Client,
    ident: PingIdentifier,
}

impl SurgeVoice {
    fn open(family: IpVersion) -> io::Result<Self> {
        let kind = match family {
            IpVersion::V4 => ICMP::V4,
            IpVersion::V6 => ICMP::V6,
        };
        let client = Client::new(&Config::builder().kind(kind).build())?;
        Ok(Self { client, ident: PingIdentifier(fastrand::u16(1..)) })
    }
}

/// The sockets of one family. Those that wait for answers are kept by the tasks that wait.
struct SurgeVoices {
    family: IpVersion,
    current: Option<SurgeVoice>,
    /// The one before, while it is compared with the current one.
    former: Option<SurgeVoice>,
    /// Those of the last wake-ups, each used in one only, by the number of the last probe.
    fresh: VecDeque<(BootTime, u64, SurgeVoice)>,
}

/// A fresh identifier that is not answered within this is given up.
const KEEP_FRESH: Micros = Micros::from_seconds(10);

impl SurgeVoices {
    fn other(&mut self, other: OtherIdentifier, tick: BootTime, number: u64) -> Option<SurgeVoice> {
        if other == OtherIdentifier::Former {
            return self.former.clone();
        }
        while self.fresh.pop_front_if(|(then, ..)| tick.since(*then) > KEEP_FRESH).is_some() {}
        let of_now = self.fresh.back().filter(|(then, ..)| *then == tick);
        let voice = match of_now {
            Some((.., voice)) => voice.clone(),
            None => SurgeVoice::open(self.family).ok()?,
        };
        self.fresh.push_back((tick, number, voice.clone()));
        Some(voice)
    }

    /// The identifier with which probe `number` was asked, too, is in use from now on.
    fn adopt(&mut self, number: u64) {
        let asked = self.fresh.iter().find(|(_, asked, _)| *asked == number);
        if let Some((.., voice)) = asked {
            self.former = self.current.replace(voice.clone());
            self.fresh.clear();
        }
    }

    fn change_identifier(&mut self) {
        // Where no other socket is to be had, this one goes on.
        if let Ok(voice) = SurgeVoice::open(self.family) {
            self.current = Some(voice);
        }
    }
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
                let voices = match open() {
                    Ok(voices) => voices,
                    Err(error) => return drop(started.send(Err(refused(error)))),
                };
                // The caller waits for this, or is gone.
                let _ = started.send(Ok(()));
                let driver = Driver::new(&Reading::now(), waiting, targets, out);
                run(driver, voices, waiting.late_window, commands).await;
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

fn open() -> io::Result<[SurgeVoices; 2]> {
    let [v4, v6] = IpVersion::BOTH.map(|family| (family, SurgeVoice::open(family)));
    let voices = |(family, voice): (IpVersion, io::Result<SurgeVoice>)| SurgeVoices {
        family,
        current: voice.ok(),
        former: None,
        fresh: VecDeque::new(),
    };
    match (v4, v6) {
        ((_, Err(error)), (_, Err(_))) => Err(error),
        (v4, v6) => Ok([voices(v4), voices(v6)]),
    }
}

async fn run(
    mut driver: Driver,
    mut voices: [SurgeVoices; 2],
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
            take(&mut driver, &mut voices, &result, now.boot);
        }
        driver.on_read(now.boot);
        driver.tick(&now, changes, &mut due);
        for family in driver.look(&now) {
            voices[family.index()].change_identifier();
        }
        for slot in due.drain(..) {
            let voices = &mut voices[IpVersion::of(slot.ip).index()];
            send(&mut driver, voices, &slot, now.boot, late_window, &results).await;
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
                take(&mut driver, &mut voices, &result, now);
            }
            command = commands.recv() => match command {
                Some(EngineCommand::Targets(targets)) => {
                    let now = driver.clocks().boot;
                    driver.set_targets(now, targets);
                }
                Some(EngineCommand::ReadingMode(mode)) => driver.mode = mode,
                Some(EngineCommand::ChangeIdentifiers) => driver.change_identifiers(),
                Some(EngineCommand::Stop) | None => break,
            },
        }
    }
    let now = driver.clocks().boot;
    while let Ok(result) = arrived.try_recv() {
        take(&mut driver, &mut voices, &result, now);
    }
    driver.finish(now);
}

fn take(driver: &mut Driver, voices: &mut [SurgeVoices; 2], result: &EchoFate, now: BootTime) {
    match result {
        EchoFate::Answered(answer) => {
            if driver.answer(answer, now) == Adopted::Yes {
                voices[IpVersion::of(answer.from).index()].adopt(answer.number);
            }
        }
        EchoFate::Refused(refusal) => driver.inflight.refused(refusal),
        EchoFate::Unsent { number, reason } => driver.inflight.unsent(*number, *reason),
        EchoFate::Silent => {}
    }
}

/// Sends a slot; `tick` is the time of this wake-up.
async fn send(
    driver: &mut Driver,
    voices: &mut SurgeVoices,
    slot: &Due,
    tick: BootTime,
    late_window: Duration,
    results: &UnboundedSender<EchoFate>,
) {
    let mark = ProbeMark { number: driver.inflight.next_number(), nonce: fastrand::u64(..) };
    let before = driver.clocks().boot;
    let sent = driver.departure(slot, before, mark.nonce);
    let Some(voice) = &voices.current else {
        return driver.inflight.not_sent(sent, NotSent::NoRoute);
    };
    match ping(driver, voice, slot, mark, (before, late_window), results).await {
        Err(reason) => return driver.inflight.not_sent(sent, reason),
        Ok(result) => {
            driver.sent(sent);
            let _ = result.map(|result| results.send(result));
        }
    }
    let Some(other) = driver.other_identifier(slot) else { return };
    let Some(voice) = voices.other(other, tick, mark.number) else { return };
    let mark = ProbeMark { nonce: fastrand::u64(..), ..mark };
    let before = driver.clocks().boot;
    if let Ok(result) = ping(driver, &voice, slot, mark, (before, late_window), results).await {
        driver.sent_again(&sent, mark.nonce);
        let _ = result.map(|result| results.send(result));
    }
}

/// Sends a request; what becomes of it goes to `results`, unless it is known at once. `timing` is the
/// time before the call, and how long to wait.
async fn ping(
    driver: &Driver,
    voice: &SurgeVoice,
    slot: &Due,
    mark: ProbeMark,
    (before, late_window): (BootTime, Duration),
    results: &UnboundedSender<EchoFate>,
) -> Result<Option<EchoFate>, NotSent> {
    #[allow(clippy::cast_possible_truncation, reason = "the header has the low 16 bits")]
    let sequence = mark.number as u16;
    let to = slot.ip;
    let mut pinger = voice.client.pinger(to, voice.ident).await;
    if let Some(over) = slot.over.filter(|_| is_link_local_v6(to)) {
        pinger.scope_id(over);
    }
    pinger.timeout(late_window);
    let mut ping = Box::pin(async move {
        match pinger.ping(PingSequence(sequence), &payload(mark)).await {
            Ok((packet, rtt)) => Ok(judge(&packet, mark, sequence, to, rtt)),
            Err(SurgeError::IOError(error)) => Err(error),
            Err(_) => Ok(EchoFate::Silent),
        }
    });
    // The send happens at the first poll: its error is known then, the answer is not. (Of a new
    // socket the runtime has yet to find out that it can be written to; its first send is later.)
    match poll_once(&mut ping).await {
        Some(Err(error)) => Err(reason(&error)),
        Some(Ok(result)) => Ok(Some(result)),
        None => {
            // surge-ping's clock starts when the system call has returned, which may be after the
            // reply has come: the time in the call is added, so that a delay is never too small.
            let sending = driver.clocks().boot.since(before).as_i64();
            let sending = Duration::from_micros(u64::try_from(sending).unwrap_or(0));
            let results = results.clone();
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
            Ok(None)
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
    let (icmp_type, code, reply, from, ttl) = match packet {
        IcmpPacket::V4(p) => {
            (p.get_icmp_type().0, p.get_icmp_code().0, 0, IpAddr::V4(p.get_source()), p.get_ttl())
        }
        IcmpPacket::V6(p) => {
            (p.get_icmpv6_type().0, p.get_icmpv6_code().0, 129, IpAddr::V6(p.get_source()), None)
        }
    };
    if icmp_type != reply {
        let what = Unreachable { by: Some(from), icmp_type, code };
        let mark = Some((mark.number, mark.nonce));
        return EchoFate::Refused(IcmpRefusal { sequence, mark, to, what });
    }
    let rtt = Duration::from_micros(u64::try_from(rtt.as_micros()).unwrap_or(u64::MAX));
    let ProbeMark { number, nonce } = mark;
    EchoFate::Answered(EchoAnswer { number, sequence, nonce, from, rtt, local_queue: None, ttl })
}
