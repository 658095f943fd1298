//! Remote write: each receiver has a thread of its own while something is sent to it. While the link is not
//! up nothing is tried; when it is back, each waits for a moment of chance, so that a region does not come
//! back all at once.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use crate::config::{Config, RemoteWriteConfig};
use crate::courier::remote_write::{RemoteWriter, SendTurn, back_within};
use crate::live::{Event, SharedPresent, WriteState, WriteStatus};
use crate::sys::panics::expendable;
use crate::time::{BootTime, Micros, Reading};
use crate::vocabulary::LinkState;

/// A thread sends for this long, then the present is shown and another one goes on.
const AT_ONCE: Micros = Micros::from_seconds(10);
/// The end of the daemon waits for a request that is under way this long at most.
const AT_THE_END: Duration = Duration::from_secs(2);

/// All receivers.
#[derive(Debug)]
pub(super) struct RemoteWrites {
    config: Config,
    database: PathBuf,
    receivers: Vec<ReceiverThread>,
    present: SharedPresent,
    gate: LineGate,
}

/// One receiver: its writer is here, or with the thread that sends.
#[derive(Debug)]
struct ReceiverThread {
    of: RemoteWriteConfig,
    writer: Option<RemoteWriter>,
    at_work: Option<JoinHandle<RemoteWriter>>,
    status: WriteStatus,
}

impl RemoteWrites {
    /// Sends what is in `database`; nothing of one that takes the place of another.
    pub(super) fn new(config: &Config, database: Option<&Path>, present: &SharedPresent) -> Self {
        let mut all = Self {
            config: config.clone(),
            database: database.map(Path::to_owned).unwrap_or_default(),
            receivers: Vec::new(),
            present: present.clone(),
            gate: LineGate::default(),
        };
        for of in config.remote_writes.iter().filter(|_| database.is_some()) {
            let writer = all.writer(of);
            let status = writer.status().clone();
            let (of, writer) = (of.clone(), Some(writer));
            all.receivers.push(ReceiverThread { of, writer, at_work: None, status });
        }
        all
    }

    fn writer(&self, of: &RemoteWriteConfig) -> RemoteWriter {
        // Where a minute begins is the same everywhere.
        let phase = Micros::new(fastrand::i64(0..Micros::MINUTE.as_i64()));
        RemoteWriter::new(&self.config, of, &self.database, phase)
    }

    /// To be called once a second; gives the events to announce.
    pub(super) fn second(&mut self, now: Reading) -> Vec<Event> {
        if self.receivers.is_empty() {
            return Vec::new();
        }
        let state = self.present.lock().status().map_or(LinkState::Unknown, |status| status.state);
        self.gate.second(state, now.boot, back_within);
        let mut events = Vec::new();
        for n in 0..self.receivers.len() {
            self.receivers[n].finish(&mut events);
            if self.receivers[n].is_lost() {
                let writer = self.writer(&self.receivers[n].of);
                self.receivers[n].writer = Some(writer);
            }
            let receiver = &mut self.receivers[n];
            let is_open = self.gate.is_open(now.boot) || receiver.of.interface.is_some();
            if is_open {
                receiver.start(now, &self.present);
            }
            receiver.show(now, is_open);
        }
        let statuses = self.receivers.iter().map(|receiver| receiver.status.clone()).collect();
        self.present.lock().set_remote_writes(statuses);
        events
    }

    /// Lets what is under way come to its end.
    pub(super) fn stop(self) {
        const STEP: Duration = Duration::from_millis(10);
        let mut left = AT_THE_END;
        let is_at_work = |receiver: &ReceiverThread| {
            receiver.at_work.as_ref().is_some_and(|thread| !thread.is_finished())
        };
        self.present.lock().set_stopping();
        while self.receivers.iter().any(is_at_work) && !left.is_zero() {
            std::thread::sleep(STEP);
            left = left.saturating_sub(STEP);
        }
    }
}

impl ReceiverThread {
    fn finish(&mut self, events: &mut Vec<Event>) {
        let Some(thread) = self.at_work.take_if(|thread| thread.is_finished()) else { return };
        let Ok(mut writer) = thread.join() else { return };
        let receiver = self.of.name();
        events.extend(
            writer
                .take_news()
                .into_iter()
                .map(|news| Event::RemoteWrite { receiver: receiver.to_owned(), news }),
        );
        self.status = writer.status().clone();
        self.writer = Some(writer);
    }

    /// Its thread panicked, or there was none to be had: another writer goes on, and the record knows where.
    fn is_lost(&self) -> bool {
        self.writer.is_none() && self.at_work.is_none()
    }

    fn start(&mut self, now: Reading, present: &SharedPresent) {
        let Some(writer) = self.writer.take_if(|writer| writer.is_due(now.boot)) else { return };
        let present = present.clone();
        let thread = std::thread::Builder::new().name("remote-write".into());
        self.at_work = thread.spawn(move || expendable(|| send(writer, &present))).ok();
    }

    /// How it is now.
    #[allow(clippy::cast_precision_loss, reason = "microseconds of centuries fit 53 bits")]
    fn show(&mut self, now: Reading, is_open: bool) {
        let status = &mut self.status;
        status.behind_s =
            status.until.map(|until| (now.utc.micros_since(until) as f64 / 1e6).max(0.0).round());
        match status.state {
            WriteState::Sending if !is_open => status.state = WriteState::Waiting,
            WriteState::Waiting if is_open => status.state = WriteState::Sending,
            _ => {}
        }
    }
}

/// Sends until there is nothing more to send now, the time is over or the link is not up any more. Half
/// of the time the line is left to others.
fn send(mut writer: RemoteWriter, present: &SharedPresent) -> RemoteWriter {
    const LONGEST_PAUSE: Duration = Duration::from_secs(1);
    let began = Reading::now().boot;
    loop {
        let before = Reading::now();
        if before.boot.since(began) > AT_ONCE
            || present.lock().is_stopping()
            || (writer.leaves_by_the_line() && !is_up(present))
            || writer.turn(before) == SendTurn::Rests
        {
            return writer;
        }
        let took = Reading::now().boot.since(before.boot).to_duration();
        std::thread::sleep(took.min(LONGEST_PAUSE));
    }
}

fn is_up(present: &SharedPresent) -> bool {
    present.lock().status().is_some_and(|status| status.state == LinkState::Up)
}

/// Whether the line may be used.
#[derive(Debug, Default)]
struct LineGate {
    away_since: Option<BootTime>,
    opens_at: Option<BootTime>,
}

impl LineGate {
    fn second(&mut self, state: LinkState, now: BootTime, back_within: fn(Duration) -> Micros) {
        match state {
            LinkState::Up => {
                let away = self.away_since.take();
                if self.opens_at.is_none() {
                    let away = away.map_or(Duration::ZERO, |since| now.since(since).to_duration());
                    self.opens_at = Some(now + back_within(away));
                }
            }
            // It may be withdrawn, and the link was never away.
            LinkState::Suspect => {}
            LinkState::Unknown | LinkState::Down | LinkState::Disputed => {
                self.away_since.get_or_insert(now);
                self.opens_at = None;
            }
        }
    }

    fn is_open(&self, now: BootTime) -> bool {
        self.opens_at.is_some_and(|at| at <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(s: i64) -> BootTime {
        BootTime::from_micros(s * 1_000_000)
    }

    #[test]
    fn nothing_is_sent_before_the_link_is_up_and_after_a_drop_it_waits_for_a_moment() {
        let mut gate = LineGate::default();
        let mut open = |s: i64, state| {
            gate.second(state, at(s), |away| Micros::from(away / 2));
            gate.is_open(at(s))
        };
        assert!(!open(0, LinkState::Unknown));
        assert!(!open(4, LinkState::Up), "away for 4 s, so that it waits for 2 s");
        assert!(open(6, LinkState::Up));
        assert!(open(7, LinkState::Suspect), "nothing was confirmed");
        assert!(open(8, LinkState::Up));
        assert!(!open(10, LinkState::Down));
        assert!(!open(30, LinkState::Suspect));
        assert!(!open(40, LinkState::Up));
        assert!(!open(54, LinkState::Up));
        assert!(open(55, LinkState::Up));
    }
}
