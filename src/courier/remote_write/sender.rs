//! One receiver: batch after batch from the record, and the cursor that follows what it takes.
//!
//! What was taken in the last seconds is not confirmed yet: a receiver that is killed may lose it
//! (`VictoriaMetrics` writes to its disk every five seconds). The stored cursor lags behind by that much,
//! and after a failure sending goes on from there. What was taken before is then sent again, the same to
//! the bit: a receiver that orders its samples says "out of order" of it, and has it.

use std::collections::VecDeque;
use std::path::PathBuf;

use super::answer::{PerhapsTaken, WriteAnswer, WriteVerdict, verdict};
use super::counted::SentCounts;
use super::message::{WrittenMessage, written};
use super::pace::{self, WaitChance};
use super::record::{BatchLimits, NextBatch, RecordView, SendProgress, next_batch};
use super::series::SeriesLabels;
use crate::config::OnTooOld;
use crate::live::{HoldReason, WriteNews, WriteState, WriteStatus};
use crate::store::{self, Reader, WriteCursor};
use crate::text::describe;
use crate::time::{BootTime, Micros, Reading, Timestamp};

/// What a receiver has taken is on its disk after this long.
const KEPT_AFTER: Micros = Micros::from_seconds(10);
/// An hour of the record is sent at once, at most.
const MOST_MINUTES: i64 = 60;
/// A batch ends with the minute in which it has so many samples.
const MOST_SAMPLES: usize = 5_000;
/// So often sending goes back to the same place: one that fails now and then gets everything all the same.
const MOST_RETURNS: u32 = 30;
/// Of what is left out, so much at once: the receiver may take the rest.
const SKIPPED_MINUTES: i64 = 10;

/// What a turn did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SendTurn {
    /// A batch was taken, or left out: there may be more.
    GoesOn,
    /// Nothing more is to be done now.
    Rests,
}

/// What does not change of a receiver.
#[derive(Debug, Clone)]
pub(super) struct SenderSettings {
    pub(super) name: String,
    pub(super) database: PathBuf,
    pub(super) labels: SeriesLabels,
    pub(super) view: RecordView,
    /// As in the configuration; empty: the beginning of the record.
    pub(super) from: String,
    /// What that means.
    pub(super) first: Option<Timestamp>,
    pub(super) on_too_old: OnTooOld,
    /// When in each minute it sends, from its beginning: others send at other seconds.
    pub(super) phase: Micros,
}

/// How far sending has come.
#[derive(Debug)]
struct Course {
    /// Where it goes on.
    head: SendProgress,
    /// What the receiver has for sure.
    kept: SendProgress,
    /// What it has taken since, with the time.
    taken: VecDeque<(BootTime, SendProgress)>,
    /// It has taken everything before this minute once, although `head` may be before it.
    acknowledged: i64,
    /// Everything before this minute was sent to it, and may be there.
    attempted: i64,
    /// How often sending went back to `kept`.
    returns: u32,
}

/// Sends the record to one receiver.
#[derive(Debug)]
pub(super) struct RecordSender {
    settings: SenderSettings,
    course: Option<Course>,
    limits: BatchLimits,
    /// It grows to this again.
    most_minutes: i64,
    failures: u32,
    next_at: Option<BootTime>,
    status: WriteStatus,
    news: Vec<WriteNews>,
    is_skipping: bool,
}

impl RecordSender {
    pub(super) fn new(settings: SenderSettings) -> Self {
        let status = WriteStatus {
            receiver: settings.name.clone(),
            state: WriteState::Waiting,
            held: None,
            why: None,
            since: None,
            until: None,
            behind_s: None,
            sent: 0,
            failed_requests: 0,
            skipped: 0,
        };
        Self {
            settings,
            course: None,
            limits: BatchLimits { minutes: MOST_MINUTES, samples: MOST_SAMPLES },
            most_minutes: MOST_MINUTES,
            failures: 0,
            next_at: None,
            status,
            news: Vec::new(),
            is_skipping: false,
        }
    }

    pub(super) fn is_due(&self, now: BootTime) -> bool {
        self.next_at.is_none_or(|at| at <= now)
    }

    pub(super) fn status(&self) -> &WriteStatus {
        &self.status
    }

    pub(super) fn take_news(&mut self) -> Vec<WriteNews> {
        std::mem::take(&mut self.news)
    }

    /// Sends one batch by `post`, if there is one and it is time for it.
    pub(super) fn turn(
        &mut self,
        now: Reading,
        post: &mut dyn FnMut(&WrittenMessage) -> WriteAnswer,
    ) -> SendTurn {
        if !self.is_due(now.boot) {
            return SendTurn::Rests;
        }
        let next = match self.next(now.utc) {
            Ok(Some(next)) => next,
            Ok(None) => {
                self.next_at = Some(now.boot + self.until_next_minute(now.utc));
                if self.status.state == WriteState::Waiting {
                    self.status.state = WriteState::Sending;
                }
                return SendTurn::Rests;
            }
            Err(problem) => return self.fail(now, describe(&problem), None),
        };
        if next.batch.len() == 0 {
            return self.go_on(now, next, 0);
        }
        let message = written(&next.batch, &self.settings.labels);
        match verdict(post(&message)) {
            WriteVerdict::Taken => {
                let sent = next.batch.len() as u64;
                self.works();
                self.limits.minutes = (self.limits.minutes * 2).min(self.most_minutes);
                if let Some(course) = &mut self.course {
                    course.attempted = 0;
                }
                self.go_on(now, next, sent)
            }
            WriteVerdict::OutOfOrder(said) => {
                self.out_of_place(now, next, HoldReason::OutOfOrder, said)
            }
            WriteVerdict::TooOld(said) => self.out_of_place(now, next, HoldReason::TooOld, said),
            WriteVerdict::TooLarge(_) if next.minutes() > 1 => {
                self.limits.minutes = next.minutes() / 2;
                SendTurn::GoesOn
            }
            WriteVerdict::TooLarge(said) | WriteVerdict::Refused(said) => {
                self.status.failed_requests += 1;
                self.hold(HoldReason::Refused, said, now.utc);
                self.failures += 1;
                self.next_at =
                    Some(now.boot + pace::pause(self.failures, None, WaitChance::draw()));
                SendTurn::Rests
            }
            WriteVerdict::Later { why, after, taken } => {
                self.status.failed_requests += 1;
                match taken {
                    PerhapsTaken::Not => {}
                    PerhapsTaken::Lost => self.go_back(0),
                    PerhapsTaken::Perhaps => self.go_back(next.after.minute),
                }
                self.fail(now, why, after)
            }
        }
    }

    fn next(&mut self, now: Timestamp) -> Result<Option<NextBatch>, store::Error> {
        let reader = Reader::open(&self.settings.database)?;
        let course = match self.course.take() {
            Some(course) => course,
            None => self.begin(&reader)?,
        };
        let next = next_batch(&reader, &self.settings.view, &course.head, self.limits, now);
        self.course = Some(course);
        next
    }

    /// Goes on where the record says, or begins anew where `from` is another one.
    fn begin(&mut self, reader: &Reader) -> Result<Course, store::Error> {
        let stored = reader.write_cursor(&self.settings.name)?;
        let known = stored.filter(|cursor| cursor.from == self.settings.from).and_then(|cursor| {
            let counts: SentCounts = serde_json::from_str(&cursor.counted).ok()?;
            Some((SendProgress { minute: cursor.minute, counts }, cursor.taken))
        });
        let (head, acknowledged, attempted) = if let Some((progress, taken)) = known {
            // The last request may have been taken without our knowing.
            let next = reader.next_counted_minute(taken)?.unwrap_or(taken);
            self.status.until = Some(start_of(taken));
            (progress, taken, next.saturating_add(MOST_MINUTES))
        } else {
            let first = self.settings.first.map_or(i64::MIN / 120, Timestamp::minute);
            let minute = reader.next_counted_minute(first)?.unwrap_or_default();
            (SendProgress { minute, counts: SentCounts::default() }, 0, 0)
        };
        self.status.skipped = head.counts.skipped;
        let (kept, taken) = (head.clone(), VecDeque::new());
        Ok(Course { head, kept, taken, acknowledged, attempted, returns: 0 })
    }

    /// Of samples that the receiver has already, that is no failure: whatever it has taken once may have
    /// become too old meanwhile, and a request of which no answer came may have been taken.
    fn out_of_place(
        &mut self,
        now: Reading,
        next: NextBatch,
        why: HoldReason,
        said: String,
    ) -> SendTurn {
        let Some(course) = &mut self.course else { return SendTurn::Rests };
        let there = match why {
            HoldReason::OutOfOrder => course.acknowledged.max(course.attempted),
            HoldReason::TooOld | HoldReason::Refused => course.acknowledged,
        };
        if next.first >= there {
            return self.refused_as_old(now, next, why, said);
        }
        // Minute by minute: it has some of them, and the rest it is to have. (Some receivers have taken
        // the rest just now.)
        if next.minutes() > 1 {
            self.limits.minutes = 1;
            course.attempted = course.attempted.max(next.after.minute);
            return SendTurn::GoesOn;
        }
        self.go_on(now, next, 0)
    }

    fn refused_as_old(
        &mut self,
        now: Reading,
        next: NextBatch,
        why: HoldReason,
        said: String,
    ) -> SendTurn {
        if self.settings.on_too_old == OnTooOld::Hold {
            self.status.failed_requests += 1;
            self.hold(why, said, now.utc);
            self.next_at = Some(now.boot + pace::held(WaitChance::draw()));
            return SendTurn::Rests;
        }
        if next.minutes() > SKIPPED_MINUTES {
            self.limits.minutes = SKIPPED_MINUTES;
            return SendTurn::GoesOn;
        }
        if !std::mem::replace(&mut self.is_skipping, true) {
            self.news.push(WriteNews::Skips(said));
        }
        self.status.skipped += next.batch.len() as u64;
        self.go_on(now, next, 0)
    }

    /// The batch is there, or is left out.
    fn go_on(&mut self, now: Reading, next: NextBatch, sent: u64) -> SendTurn {
        self.status.sent += sent;
        self.status.until = Some(start_of(next.after.minute));
        if let Some(course) = &mut self.course {
            course.head = next.after.clone();
            course.acknowledged = course.acknowledged.max(course.head.minute);
            course.taken.push_back((now.boot, next.after));
            while course.taken.front().is_some_and(|(at, _)| now.boot.since(*at) > KEPT_AFTER)
                && let Some((_, kept)) = course.taken.pop_front()
            {
                course.kept = kept;
                course.returns = 0;
            }
        }
        match self.store(now.utc) {
            Ok(()) => SendTurn::GoesOn,
            Err(problem) => self.fail(now, describe(&problem), None),
        }
    }

    fn store(&self, now: Timestamp) -> Result<(), store::Error> {
        let Some(course) = &self.course else { return Ok(()) };
        let counts = SentCounts { skipped: self.status.skipped, ..course.kept.counts.clone() };
        let cursor = WriteCursor {
            receiver: self.settings.name.clone(),
            from: self.settings.from.clone(),
            minute: course.kept.minute,
            taken: course.acknowledged,
            counted: serde_json::to_string(&counts).unwrap_or_default(),
            written: now,
        };
        store::put_write_cursor(&self.settings.database, &cursor)
    }

    /// After a failure: what the receiver may have lost is sent again. `tried` is where the batch ended
    /// that it perhaps has.
    fn go_back(&mut self, tried: i64) {
        let Some(course) = &mut self.course else { return };
        course.attempted = course.attempted.max(tried);
        if course.returns < MOST_RETURNS {
            course.returns += 1;
            course.head = course.kept.clone();
            course.taken.clear();
        }
    }

    fn fail(&mut self, now: Reading, why: String, after: Option<std::time::Duration>) -> SendTurn {
        if self.status.state != WriteState::Failing {
            self.status.state = WriteState::Failing;
            self.status.since = Some(now.utc);
            self.status.held = None;
            self.news.push(WriteNews::Fails(why.clone()));
        }
        self.status.why = Some(why);
        self.failures += 1;
        self.next_at = Some(now.boot + pace::pause(self.failures, after, WaitChance::draw()));
        SendTurn::Rests
    }

    fn hold(&mut self, why: HoldReason, said: String, now: Timestamp) {
        if self.status.held != Some(why) {
            self.status.state = WriteState::Held;
            self.status.held = Some(why);
            self.status.since = Some(now);
            self.news.push(WriteNews::Held(why, said.clone()));
        }
        self.status.why = Some(said);
    }

    fn works(&mut self) {
        let was_wrong = matches!(self.status.state, WriteState::Failing | WriteState::Held);
        if was_wrong || self.is_skipping {
            self.news.push(WriteNews::Works);
        }
        self.is_skipping = false;
        self.status.state = WriteState::Sending;
        (self.status.held, self.status.why, self.status.since) = (None, None, None);
        self.failures = 0;
        self.next_at = None;
    }

    /// Until the next minute does not change any more, and it is this sender's second.
    fn until_next_minute(&self, now: Timestamp) -> Micros {
        let view: Micros = self.settings.view.settled_after.into();
        let since = (now.as_micros() - view.as_i64() - self.settings.phase.as_i64())
            .rem_euclid(Micros::MINUTE.as_i64());
        Micros::MINUTE - Micros::new(since)
    }
}

fn start_of(minute: i64) -> Timestamp {
    Timestamp::from_seconds(minute.saturating_mul(60))
}

#[cfg(test)]
impl RecordSender {
    pub(super) fn limited_to(self, limits: BatchLimits) -> Self {
        Self { limits, most_minutes: limits.minutes, ..self }
    }

    /// However long it was to wait.
    pub(super) fn end_pause(&mut self) {
        self.next_at = None;
    }
}
