//! Seconds, keys and signals, as they come.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use ratatui_crossterm::crossterm::event::{
    self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers,
};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

use super::around::{AroundDrop, shown_drop};
use super::draw::{draw, strips::StripLayout};
use super::facts::WatchFacts;
use super::look::Look;
use super::screen::WatchScreen;
use super::source::RecordSource;
use super::view::{Choices, KeyOutcome, PicturePace, ViewState, WatchKey};
use crate::time::Reading;

/// How often the record is looked at: the daemon writes once a second.
const PAUSE: Duration = Duration::from_secs(1);

/// What is shown, and from where.
pub(super) struct Watch<'a> {
    /// The record.
    pub(super) source: RecordSource<'a>,
    /// What was read of it.
    pub(super) facts: WatchFacts,
    /// What of it is shown.
    pub(super) view: ViewState,
    /// How.
    pub(super) look: Look,
}

/// Something that happened at the terminal.
enum AtTerminal {
    Key(WatchKey),
    Resized,
}

impl Watch<'_> {
    /// Shows it until a key or a signal ends it.
    ///
    /// # Errors
    /// When the terminal cannot be used.
    pub(super) fn run(&mut self) -> anyhow::Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .context("start the runtime")?;
        let mut screen = WatchScreen::take().context("take the terminal")?;
        runtime.block_on(self.until_ended(&mut screen))
    }

    async fn until_ended(&mut self, screen: &mut WatchScreen) -> anyhow::Result<ExitCode> {
        let mut terminal = listen().context("wait for keys")?;
        let mut ends = EndingSignals::new().context("wait for signals")?;
        let mut continued = on(SignalKind::from_raw(nix::libc::SIGCONT))?;
        let mut seconds = tokio::time::interval(PAUSE);
        seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = seconds.tick() => {
                    if self.view.pace == PicturePace::Live {
                        self.source.refresh(&mut self.facts, Reading::now().utc);
                    }
                }
                happened = terminal.recv() => match happened {
                    Some(AtTerminal::Key(key)) => match self.on_key(key, screen.width()) {
                        KeyOutcome::Draw => {}
                        KeyOutcome::DrawAll => screen.take_again()?,
                        KeyOutcome::Suspend => screen.suspend()?,
                        KeyOutcome::Quit => return Ok(ExitCode::SUCCESS),
                    },
                    Some(AtTerminal::Resized) => {}
                    // Nobody is there any more.
                    None => return Ok(ExitCode::SUCCESS),
                },
                code = ends.any() => return Ok(code),
                _ = continued.recv() => screen.take_again()?,
            }
            self.show(screen)?;
        }
    }

    fn on_key(&mut self, key: WatchKey, width: u16) -> KeyOutcome {
        let drops: Vec<_> = self.facts.drops.rows.iter().map(|stored| stored.id).collect();
        let cell = match shown_drop(&self.facts, &self.view) {
            Some((view, stored)) => AroundDrop::of(&self.facts, stored, view, width).cell,
            None => StripLayout::of(&self.facts, width).cell(&self.view),
        };
        let targets = self.facts.status.targets.len();
        self.view.on_key(key, Choices { targets, drops: &drops, cell })
    }

    fn show(&mut self, screen: &mut WatchScreen) -> anyhow::Result<()> {
        let width = screen.width();
        let strips = StripLayout::of(&self.facts, width).grid(&self.facts, &self.view).range();
        let around = shown_drop(&self.facts, &self.view)
            .map(|(view, stored)| AroundDrop::of(&self.facts, stored, view, width));
        let around = around.map(|around| around.grid.range());
        self.source.read_probes(&mut self.facts, strips, around);
        let Self { facts, view, look, .. } = self;
        screen.draw(|buffer| draw(buffer, facts, view, look)).context("draw")
    }
}

/// Keys and sizes, read by a thread: reading them blocks.
fn listen() -> std::io::Result<mpsc::Receiver<AtTerminal>> {
    let (tell, told) = mpsc::channel(16);
    std::thread::Builder::new().name("keys".into()).spawn(move || {
        while let Ok(event) = event::read() {
            let happened = match event {
                Event::Key(key) => key_of(key).map(AtTerminal::Key),
                Event::Resize(..) => Some(AtTerminal::Resized),
                _ => None,
            };
            if let Some(happened) = happened
                && tell.blocking_send(happened).is_err()
            {
                return;
            }
        }
    })?;
    Ok(told)
}

/// What a key means; `None`: nothing.
fn key_of(event: KeyEvent) -> Option<WatchKey> {
    if event.kind == KeyEventKind::Release {
        return None;
    }
    if event.modifiers.contains(KeyModifiers::CONTROL) {
        return match event.code {
            KeyCode::Char('c') => Some(WatchKey::Quit),
            KeyCode::Char('z') => Some(WatchKey::Suspend),
            KeyCode::Char('l') => Some(WatchKey::Redraw),
            _ => None,
        };
    }
    Some(match event.code {
        KeyCode::Char('q' | 'Q') | KeyCode::Esc => WatchKey::Back,
        KeyCode::Char('?' | 'h') | KeyCode::F(1) => WatchKey::Help,
        KeyCode::Tab | KeyCode::BackTab => WatchKey::OtherPane,
        KeyCode::Enter => WatchKey::Open,
        KeyCode::Char('+' | '=') => WatchKey::Longer,
        KeyCode::Char('-' | '_') => WatchKey::Shorter,
        KeyCode::Char('p' | 'P' | ' ') => WatchKey::Pause,
        KeyCode::Up | KeyCode::Char('k') => WatchKey::Up,
        KeyCode::Down | KeyCode::Char('j') => WatchKey::Down,
        KeyCode::Left => WatchKey::Left,
        KeyCode::Right => WatchKey::Right,
        KeyCode::PageUp => WatchKey::PageUp,
        KeyCode::PageDown => WatchKey::PageDown,
        KeyCode::Home => WatchKey::First,
        KeyCode::End => WatchKey::Last,
        _ => return None,
    })
}

fn on(kind: SignalKind) -> anyhow::Result<Signal> {
    signal(kind).context("wait for signals")
}

/// The signals that end it, after which the terminal is as it was.
struct EndingSignals {
    hangup: Signal,
    interrupt: Signal,
    quit: Signal,
    terminate: Signal,
}

impl EndingSignals {
    fn new() -> anyhow::Result<Self> {
        Ok(Self {
            hangup: on(SignalKind::hangup())?,
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
            terminate: on(SignalKind::terminate())?,
        })
    }

    /// The exit code of the one that came: that of a shell for a program that a signal ended.
    async fn any(&mut self) -> ExitCode {
        let kind = tokio::select! {
            _ = self.hangup.recv() => SignalKind::hangup(),
            _ = self.interrupt.recv() => SignalKind::interrupt(),
            _ = self.quit.recv() => SignalKind::quit(),
            _ = self.terminate.recv() => SignalKind::terminate(),
        };
        ExitCode::from(u8::try_from(128 + kind.as_raw_value()).unwrap_or(1))
    }
}
