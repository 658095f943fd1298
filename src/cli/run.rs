//! `linkmon run`: the daemon, seen from a terminal (one live line) or from a journal (log lines).

use std::io::{IsTerminal, Write};
use std::path::Path;

use jiff::tz::TimeZone;

use super::args::RunArgs;
use super::context::Context;
use super::notify::drops_of_day;
use super::paint::{Paint, Shade};
use super::usage::Hinted;
use crate::courier::{self, Desktop, Follower};
use crate::daemon::{self, Audience, ServiceManager};
use crate::language::Language;
use crate::live::{Event, Status};
use crate::store::{self, Reader};
use crate::sys::panics;
use crate::vocabulary::SimulatedShare;

pub(super) fn run(args: &RunArgs, context: &Context) -> anyhow::Result<()> {
    refuse_simulated(&context.db)?;
    let mut config = context.config().clone();
    if let Some(engine) = args.engine {
        config.probe.engine = engine;
    }
    let options = daemon::DaemonOptions {
        config,
        database: context.db.clone(),
        runtime_dir: store::runtime_dir(&|name| std::env::var_os(name)),
        version: env!("CARGO_PKG_VERSION"),
        leave,
    };
    let mut listeners = Listeners {
        console: Console::new(context),
        manager: ServiceManager::of_this_process(),
        desktop: None,
        follower: Follower::default(),
    };
    if options.config.notify.desktop {
        listeners.find_desktop(context)?;
    }
    panics::end_the_process();
    daemon::run(&options, &mut listeners)?;
    Ok(())
}

/// A daemon does not measure into a record that was simulated.
fn refuse_simulated(database: &Path) -> Result<(), Hinted> {
    // Whatever else is wrong with the file, the daemon says, or mends.
    let simulated = Reader::open(database).and_then(|reader| reader.simulated());
    if !simulated.is_ok_and(SimulatedShare::is_any) {
        return Ok(());
    }
    Err(Hinted {
        sentence: format!("{} holds a simulated record (`linkmon demo`)", database.display()),
        hint: "name another file with `--db`: what is measured does not belong there".to_owned(),
    })
}

/// The end where a clean one does not come.
#[expect(clippy::exit, reason = "another thread waits for a disk, for ever")]
fn leave(why: &str) -> ! {
    write_stderr(&format!("{why}\n"));
    std::process::exit(1);
}

/// Everyone who hears the daemon: readers of what it prints, the service manager, the desktop.
struct Listeners {
    console: Console,
    manager: ServiceManager,
    desktop: Option<Desktop>,
    follower: Follower,
}

impl Listeners {
    fn find_desktop(&mut self, context: &Context) -> anyhow::Result<()> {
        if !courier::has_session() {
            self.console.say(
                "no desktop session to notify; in one, `linkmon notify` shows the drops of this daemon",
            );
            return Ok(());
        }
        let count = drops_of_day(context.db.clone(), context.zone.clone());
        match Desktop::spawn(context.zone.clone(), context.language(), count) {
            Ok(desktop) => self.desktop = Some(desktop),
            Err(e) if e.kind() == std::io::ErrorKind::Unsupported => {
                self.console.say(&e.to_string());
            }
            Err(e) => return Err(e.into()),
        }
        Ok(())
    }
}

impl Audience for Listeners {
    fn on_event(&mut self, event: &Event) {
        self.console.on_event(event);
        match event {
            Event::Started { .. } => self.manager.ready(),
            Event::Stopped { .. } => self.manager.stopping(),
            _ => {}
        }
    }

    fn on_second(&mut self, status: &Status) {
        self.console.on_second(status);
        if self.manager.listens() {
            self.manager.on_second(&state_line(status, &self.console.zone, self.console.language));
        }
        let Some(desktop) = &self.desktop else { return };
        if let Some(event) = self.follower.on_status(status) {
            desktop.show(event);
        }
        if let Some(trouble) = desktop.trouble() {
            self.console.say(&trouble);
        }
    }
}

/// The line that the service manager shows: it changes with the state, not every second.
fn state_line(status: &Status, zone: &TimeZone, language: &Language) -> String {
    let words = language.state_words(status, zone);
    words.split_once(" (").map_or(words.clone(), |(state, _)| state.to_owned())
}

/// Writes events as lines, and on a terminal keeps one live line below them.
struct Console {
    zone: TimeZone,
    language: &'static Language,
    paint: Paint,
    prefix: LogPrefix,
    live_line: LiveLine,
    line: String,
}

/// What is before a line of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LogPrefix {
    /// Its priority, for the journal, which takes it out.
    Priority,
    Nothing,
}

/// Whether standard error is the journal: systemd says by which device and inode.
fn is_journal() -> bool {
    let Ok(named) = std::env::var("JOURNAL_STREAM") else { return false };
    let Ok(stat) = rustix::fs::fstat(std::io::stderr()) else { return false };
    named == format!("{}:{}", stat.st_dev, stat.st_ino)
}

/// Whether there is a terminal to show a live line on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LiveLine {
    Shown,
    Hidden,
}

impl Console {
    /// For the standard error of this process.
    fn new(context: &Context) -> Self {
        let (zone, language) = (context.zone.clone(), context.language());
        let paint = Paint::of(context.colour, &std::io::stderr());
        let prefix = if is_journal() { LogPrefix::Priority } else { LogPrefix::Nothing };
        let terminal = std::io::stderr().is_terminal();
        let live_line = if terminal { LiveLine::Shown } else { LiveLine::Hidden };
        Self { zone, language, paint, prefix, live_line, line: String::new() }
    }

    /// A line above the live line.
    fn say(&mut self, text: &str) {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            write_stderr(&format!("{text}\n"));
        } else {
            write_stderr(&format!("\r\x1b[2K{text}\n{line}"));
            self.line = line;
        }
    }

    /// Removes the live line, so that the next output starts on a line of its own.
    fn clear(&mut self) {
        if !self.line.is_empty() {
            write_stderr("\r\x1b[2K");
            self.line.clear();
        }
    }
}

impl Audience for Console {
    fn on_event(&mut self, event: &Event) {
        if let Some(text) = self.language.log_line(event, &self.zone) {
            let priority = event.priority();
            let text = match (self.prefix, Shade::of_priority(priority)) {
                (LogPrefix::Priority, _) => priority.before(&text),
                (LogPrefix::Nothing, Some(shade)) => self.paint.text(shade, &text),
                (LogPrefix::Nothing, None) => text,
            };
            self.say(&text);
        }
    }

    fn on_second(&mut self, status: &Status) {
        if self.live_line == LiveLine::Hidden {
            return;
        }
        // The last column stays free: a full line would wrap on some terminals.
        let width = terminal_width().saturating_sub(1);
        let line = self.language.live_line(status, &self.zone, width);
        let (state, rest) = line.split_at(line.find(" | ").unwrap_or(line.len()));
        let shade = Shade::of_state(status.state, status.flags().len());
        self.line = self.paint.text(shade, state) + rest;
        write_stderr(&format!("\r\x1b[2K{}", self.line));
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.clear();
    }
}

/// The reader may be gone; the daemon continues all the same.
fn write_stderr(text: &str) {
    let _ = std::io::stderr().lock().write_all(text.as_bytes());
}

fn terminal_width() -> usize {
    rustix::termios::tcgetwinsize(std::io::stderr())
        .ok()
        .map(|size| usize::from(size.ws_col))
        .filter(|columns| *columns > 0)
        .unwrap_or(80)
}
