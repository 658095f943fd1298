//! The service manager, by the protocol of `sd_notify`: it learns that measuring has begun, from time
//! to time that it goes on, the state of the link, and that the daemon ends. Without a manager that
//! asked for it, nothing is sent.

use sd_notify::NotifyState;

/// The service manager of a unit of `Type=notify`.
#[derive(Debug)]
pub struct ServiceManager {
    /// Seconds from one sign of life to the next; `None`: the manager expects none.
    watchdog: Option<u64>,
    /// Seconds since the last one.
    silent: u64,
    last_line: String,
    /// Whether there is one at all.
    listens: bool,
}

impl ServiceManager {
    /// The manager of this process, if it has one.
    pub fn of_this_process() -> Self {
        // Three of them within the time after which the manager gives up.
        let watchdog = sd_notify::watchdog_enabled().map(|patience| (patience / 3).as_secs());
        let listens = std::env::var_os("NOTIFY_SOCKET").is_some();
        Self { watchdog, silent: u64::MAX, last_line: String::new(), listens }
    }

    /// Whether there is one: else no line needs to be made for it.
    pub fn listens(&self) -> bool {
        self.listens
    }

    /// Measuring has begun.
    pub fn ready(&self) {
        send(&[NotifyState::Ready]);
    }

    /// The pipeline works, and this line describes the present. To be called once a second.
    pub fn on_second(&mut self, line: &str) {
        self.silent = self.silent.saturating_add(1);
        if self.watchdog.is_some_and(|pause| self.silent >= pause) {
            self.silent = 0;
            send(&[NotifyState::Watchdog]);
        }
        if self.last_line != line {
            line.clone_into(&mut self.last_line);
            send(&[NotifyState::Status(line)]);
        }
    }

    /// The daemon ends.
    pub fn stopping(&self) {
        send(&[NotifyState::Stopping]);
    }
}

/// Without a manager this does nothing; a manager that cannot be reached changes nothing either.
fn send(state: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(state);
}
