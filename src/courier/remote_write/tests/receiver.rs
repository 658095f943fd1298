//! Receivers in memory: one that orders its samples, as Prometheus does, one that keeps what it can of a
//! request, and one that takes everything and loses the last seconds when it is killed.

use std::collections::BTreeMap;

use super::wire::{self, SeriesRead};
use super::{Received, WriteAnswer, WrittenMessage};

/// What a receiver does with samples.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReceiverKind {
    /// A request is taken as a whole; each series in order; nothing an hour older than the newest sample of
    /// any sender (`tsdb/head_append.go`).
    Ordered,
    /// The same with a window of this many milliseconds.
    Windowed(i64),
    /// What is in order of a request is taken, the rest refused (`pkg/receive/writer.go` of Thanos).
    Piecewise,
    /// Everything is taken, and written to the disk later.
    Lazy,
}

/// What goes wrong with a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum RequestFault {
    None,
    /// It does not arrive.
    NotReached,
    /// It is taken, and the answer does not come.
    NoAnswer,
    /// The receiver fails before it takes anything.
    Fails,
    /// It is killed: what is not on its disk is lost, and the request with it.
    Killed,
    /// Too much.
    TooMany,
}

#[derive(Debug, Clone)]
pub(super) struct FakeReceiver {
    pub(super) kind: ReceiverKind,
    pub(super) has: Received,
    /// Taken and not on the disk yet.
    unwritten: Vec<(i64, Vec<SeriesRead>)>,
    /// The newest sample of any sender, milliseconds.
    pub(super) head: i64,
    pub(super) requests: u32,
    /// Samples that came again.
    pub(super) repeated: usize,
}

impl FakeReceiver {
    pub(super) fn new(kind: ReceiverKind) -> Self {
        let has = Received::new();
        Self { kind, has, unwritten: Vec::new(), head: i64::MIN, requests: 0, repeated: 0 }
    }

    /// A request at second `now_s` of the test.
    pub(super) fn post(
        &mut self,
        message: &WrittenMessage,
        fault: RequestFault,
        now_s: i64,
    ) -> WriteAnswer {
        self.requests += 1;
        let answer = |status, body: &str| WriteAnswer::Status {
            status,
            body: body.to_owned(),
            retry_after: None,
        };
        match fault {
            RequestFault::NotReached => return WriteAnswer::NotReached("refused".to_owned()),
            RequestFault::Fails => return answer(503, "<html>bad gateway</html>"),
            RequestFault::TooMany => return answer(429, "slow down"),
            RequestFault::Killed => {
                // It writes every five seconds.
                let lost = self.unwritten.iter().position(|(at, _)| now_s - at <= 5);
                let lost = lost.unwrap_or(self.unwritten.len());
                self.write(lost);
                self.unwritten.clear();
                return WriteAnswer::Unclear("the connection was closed".to_owned());
            }
            RequestFault::None | RequestFault::NoAnswer => {}
        }
        let series = wire::samples(message);
        let result = self.take(&series, now_s);
        if fault == RequestFault::NoAnswer {
            return WriteAnswer::Unclear("no complete answer within 30 s".to_owned());
        }
        match result {
            Ok(()) => answer(204, ""),
            Err(why) => answer(if self.kind == ReceiverKind::Piecewise { 409 } else { 400 }, why),
        }
    }

    /// What is on the disk at the end.
    pub(super) fn end(mut self) -> Received {
        self.write(self.unwritten.len());
        self.has
    }

    fn write(&mut self, n: usize) {
        for (_, series) in self.unwritten.drain(..n) {
            wire::take_in(&mut self.has, &series);
        }
    }

    fn take(&mut self, series: &[SeriesRead], now_s: i64) -> Result<(), &'static str> {
        if self.kind == ReceiverKind::Lazy {
            self.unwritten.push((now_s, series.to_vec()));
            let written = self.unwritten.iter().take_while(|(at, _)| now_s - at > 5).count();
            self.write(written);
            return Ok(());
        }
        let (head, mut newest) = (self.head, self.head);
        let mut taken: BTreeMap<String, BTreeMap<i64, u64>> = BTreeMap::new();
        let mut refused = Ok(());
        for (labels, samples) in series {
            let key = wire::key(labels);
            let has = self.has.get(&key);
            let mut last = has.and_then(BTreeMap::last_key_value).map(|(at, bits)| (*at, *bits));
            for (at, value) in samples {
                let bits = value.to_bits();
                if has.is_some_and(|has| has.get(at) == Some(&bits)) {
                    self.repeated += 1;
                }
                match self.verdict(head, last, (*at, bits)) {
                    Ok(()) => {
                        taken.entry(key.clone()).or_default().insert(*at, bits);
                        last = last.max(Some((*at, bits)));
                        newest = newest.max(*at);
                    }
                    Err(why) if self.kind == ReceiverKind::Piecewise => refused = Err(why),
                    Err(why) => return Err(why),
                }
            }
        }
        self.head = newest;
        for (key, samples) in taken {
            let has = self.has.entry(key).or_default();
            for (at, bits) in samples {
                let known = has.insert(at, bits);
                assert!(known.is_none_or(|known| known == bits), "another value for the same time");
            }
        }
        refused
    }

    fn verdict(
        &self,
        head: i64,
        last: Option<(i64, u64)>,
        (at, bits): (i64, u64),
    ) -> Result<(), &'static str> {
        const HOUR: i64 = 3_600_000;
        let is_newer = last.is_none_or(|(last, known)| at > last || (at == last && known == bits));
        if at >= head.saturating_sub(HOUR) && is_newer {
            return Ok(());
        }
        match self.kind {
            ReceiverKind::Windowed(window) if at >= head - window => Ok(()),
            ReceiverKind::Windowed(_) => Err("too old sample"),
            _ if at < head.saturating_sub(HOUR) => Err("out of bounds"),
            _ => Err("out of order sample"),
        }
    }
}
