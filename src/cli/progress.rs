//! That something is being done, on standard error, once it has taken a second: what, and for how
//! long. On a terminal one line that changes and goes away; elsewhere one line a stage.

use std::io::{IsTerminal as _, Write as _, stderr};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Duration;

/// Nobody needs to be told of what takes less.
const PATIENCE: Duration = Duration::from_secs(1);

/// Something that goes on; over when it is dropped.
pub(super) struct Progress {
    stages: Option<Sender<&'static str>>,
    teller: Option<JoinHandle<()>>,
}

/// Where it is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Terminal,
    Elsewhere,
}

impl Progress {
    /// Begins with this stage: `reading the record`.
    pub(super) fn begin(stage: &'static str) -> Self {
        let (stages, next) = mpsc::channel();
        let place = if stderr().is_terminal() { Where::Terminal } else { Where::Elsewhere };
        let work = move || {
            let mut told = Told { place, stage, seconds: 0, shown: None };
            loop {
                match next.recv_timeout(PATIENCE) {
                    Ok(stage) => told.stage = stage,
                    Err(RecvTimeoutError::Timeout) => write(&told.second()),
                    Err(RecvTimeoutError::Disconnected) => return write(told.end()),
                }
            }
        };
        // Without a thread nothing is told, and all is done the same.
        let teller = std::thread::Builder::new().name("progress".into()).spawn(work).ok();
        Self { stages: Some(stages), teller }
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
        if let Some(teller) = self.teller.take() {
            let _ = teller.join();
        }
    }
}

/// What was told so far.
struct Told {
    place: Where,
    stage: &'static str,
    seconds: u32,
    shown: Option<&'static str>,
}

impl Told {
    /// Another second has passed.
    fn second(&mut self) -> String {
        self.seconds += 1;
        let (stage, before) = (self.stage, self.shown.replace(self.stage));
        match self.place {
            Where::Terminal => format!("\r\x1b[2Klinkmon: {stage}, {} s so far", self.seconds),
            Where::Elsewhere if before == Some(stage) => String::new(),
            Where::Elsewhere => format!("linkmon: {stage}\n"),
        }
    }

    fn end(&self) -> &'static str {
        if self.place == Where::Terminal && self.shown.is_some() { "\r\x1b[2K" } else { "" }
    }
}

/// Where standard error is closed there is nobody to tell.
fn write(text: &str) {
    let _ = stderr().lock().write_all(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_has_one_line_that_changes_and_goes_away() {
        let mut told =
            Told { place: Where::Terminal, stage: "reading the record", seconds: 0, shown: None };
        assert_eq!(told.end(), "", "nothing is cleared that was not shown");
        assert_eq!(told.second(), "\r\x1b[2Klinkmon: reading the record, 1 s so far");
        told.stage = "drawing";
        assert_eq!(told.second(), "\r\x1b[2Klinkmon: drawing, 2 s so far");
        assert_eq!(told.end(), "\r\x1b[2K");
    }

    #[test]
    fn a_file_has_one_line_a_stage() {
        let mut told =
            Told { place: Where::Elsewhere, stage: "reading the record", seconds: 0, shown: None };
        assert_eq!(told.second(), "linkmon: reading the record\n");
        assert_eq!(told.second(), "");
        told.stage = "drawing";
        assert_eq!((told.second().as_str(), told.end()), ("linkmon: drawing\n", ""));
    }

    #[test]
    fn what_is_done_within_a_second_is_not_told() {
        let progress = Progress::begin("reading the record");
        progress.now("drawing");
        drop(progress);
    }
}
