//! Waiting with a bound. Tests at real speed read the clock here and nowhere else.
#![allow(clippy::disallowed_methods, reason = "tests at real speed have no clock to be given")]

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Often enough for tests, seldom enough for two cores.
const POLL: Duration = Duration::from_millis(200);

/// Asks until there is an answer; panics with `what` and the last refusal after `limit`.
#[track_caller]
pub(super) fn until<T>(
    limit: Duration,
    what: &str,
    mut ask: impl FnMut() -> Result<T, String>,
) -> T {
    let deadline = Instant::now() + limit;
    loop {
        match ask() {
            Ok(answer) => return answer,
            Err(why) if Instant::now() >= deadline => {
                panic!("{what}: not within {limit:?}: {why}")
            }
            Err(_) => thread::sleep(POLL),
        }
    }
}

/// Waits until `done`, but not longer than `limit`.
pub(super) fn for_at_most(limit: Duration, mut done: impl FnMut() -> bool) {
    let deadline = Instant::now() + limit;
    while !done() && Instant::now() < deadline {
        thread::sleep(POLL);
    }
}

/// Lets the scene go on for so long: the length of a fault, not a guess how long something takes.
pub(super) fn let_pass(time: Duration) {
    thread::sleep(time);
}

/// Seconds since the Unix epoch.
pub(super) fn unix_now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("the clock is past 1970").as_secs_f64()
}

/// An answer that may still change, and since when it has not.
pub(super) struct Steady<T>(Option<(T, Instant)>);

impl<T> Default for Steady<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T: PartialEq + Clone + std::fmt::Debug> Steady<T> {
    /// The answer, once it has been the same for so long.
    pub(super) fn accept(&mut self, answer: T, time: Duration) -> Result<T, String> {
        match &self.0 {
            Some((last, since)) if *last == answer => {
                if since.elapsed() >= time {
                    return Ok(answer);
                }
            }
            _ => self.0 = Some((answer.clone(), Instant::now())),
        }
        Err(format!("still changing: {answer:#?}"))
    }
}
