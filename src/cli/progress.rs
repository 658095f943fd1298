//! Progress on a terminal, once something has taken a second: what is being done, and for how long, in
//! one line that changes and goes away. Elsewhere there is none: mail from cron is for what went wrong.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Anything that takes less time is not worth a line.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something in progress; it is over when this is dropped.
pub(super) struct Progress {
    stages: Option<Sender<&'static str>>,
    printer: Option<JoinHandle<()>>,
}

impl Progress {
    /// Starts with this stage: `reading the record`.
    pub(super) fn start(stage: &'static str) -> Self {
        if !stderr().is_terminal() {
            return Self { stages: None, printer: None };
        }
        let (stages, next) = mpsc::channel();
        let work = move || {
            let mut shown = ProgressShown { stage, seconds: 0 };
            loop {
                match next.recv_timeout(PATIENCE) {
                    Ok(stage) => shown.stage = stage,
                    Err(RecvTimeoutError::Timeout) => write(&shown.second()),
                    Err(RecvTimeoutError::Disconnected) => return write(shown.end()),
                }
            }
        };
        // Without a thread nothing is shown; the work is done all the same.
        let printer = std::thread::Builder::new().name("progress".into()).spawn(work).ok();
        Self { stages: Some(stages), printer }
    }

    /// The next stage.
    pub(super) fn now(&self, stage: &'static str) {
        if let Some(stages) = &self.stages {
            let _ = stages.send(stage);
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.stages = None;
        if let Some(printer) = self.printer.take() {
            let _ = printer.join();
        }
    }
}

/// What was shown so far.
struct ProgressShown {
    stage: &'static str,
    seconds: u32,
}

impl ProgressShown {
    /// Another second has passed.
    fn second(&mut self) -> String {
        self.seconds += 1;
        format!("\r\x1b[2Klinkmon: {}, {} s so far", self.stage, self.seconds)
    }

    fn end(&self) -> &'static str {
        if self.seconds > 0 { "\r\x1b[2K" } else { "" }
    }
}

/// If standard error is closed, nothing is shown.
fn write(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_one_line_that_changes_and_goes_away() {
        let mut shown = ProgressShown { stage: "reading the record", seconds: 0 };
        assert_eq!(shown.end(), "", "nothing is cleared that was not shown");
        assert_eq!(shown.second(), "\r\x1b[2Klinkmon: reading the record, 1 s so far");
        shown.stage = "drawing";
        assert_eq!(shown.second(), "\r\x1b[2Klinkmon: drawing, 2 s so far");
        assert_eq!(shown.end(), "\r\x1b[2K");
    }

    #[test]
    fn work_of_less_than_a_second_is_not_shown() {
        let progress = Progress::start("reading the record");
        progress.now("drawing");
        drop(progress);
    }
}
