//! The service manager, spoken to by the protocol of `sd_notify`: that measuring has begun, once
//! in a while that it goes on, what the state is, and that it ends. Without a manager that asked
//! for it, nothing is said.

use sd_notify::NotifyState;

/// What a unit of `Type=notify` hears.
#[derive(Debug)]
pub struct Manager {
    /// Seconds from one sign of life to the next; `None`: none are asked for.
    watchdog: Option<u64>,
    /// Seconds since the last one.
    silent: u64,
    said: String,
}

impl Manager {
    /// The manager of this process, if it has one.
    pub fn of_this_process() -> Self {
        // Three of them in the time after which the manager loses its patience.
        let watchdog = sd_notify::watchdog_enabled().map(|patience| (patience / 3).as_secs());
        Self { watchdog, silent: u64::MAX, said: String::new() }
    }

    /// Measuring has begun.
    pub fn ready(&self) {
        tell(&[NotifyState::Ready]);
    }

    /// The pipeline works, and the present is this, in a line. To be called once a second.
    pub fn present(&mut self, line: &str) {
        self.silent = self.silent.saturating_add(1);
        if self.watchdog.is_some_and(|pause| self.silent >= pause) {
            self.silent = 0;
            tell(&[NotifyState::Watchdog]);
        }
        if self.said != line {
            line.clone_into(&mut self.said);
            tell(&[NotifyState::Status(line)]);
        }
    }

    /// The daemon ends.
    pub fn stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }
}

/// Without a manager this does nothing; a manager that cannot be reached changes nothing either.
fn tell(state: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(state);
}
