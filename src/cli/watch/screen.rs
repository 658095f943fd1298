//! The terminal: a screen of its own, without echo, and given back as it was, however this ends.

use std::io::{self, BufWriter, Stdout, Write as _, stdout};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui_core::buffer::Buffer;
use ratatui_core::terminal::Terminal;
use ratatui_crossterm::CrosstermBackend;
use ratatui_crossterm::crossterm::cursor::{Hide, Show};
use ratatui_crossterm::crossterm::execute;
use ratatui_crossterm::crossterm::terminal::{
    Clear, ClearType, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use rustix::process::{Signal, kill_current_process_group};

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// A frame is written in one piece, also over a slow line.
const FRAME: usize = 32 << 10;

type OverStdout = Terminal<CrosstermBackend<BufWriter<Stdout>>>;

fn over_stdout() -> io::Result<OverStdout> {
    Terminal::new(CrosstermBackend::new(BufWriter::with_capacity(FRAME, stdout())))
}

/// The terminal while it is ours.
pub(super) struct WatchScreen {
    terminal: OverStdout,
}

impl WatchScreen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// When it does not let itself be taken.
    pub(super) fn take() -> io::Result<Self> {
        give_back_on_panic();
        take()?;
        Ok(Self { terminal: over_stdout()? })
    }

    /// Draws what has changed.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub(super) fn draw(&mut self, draw: impl FnOnce(&mut Buffer)) -> io::Result<()> {
        self.terminal.draw(|frame| draw(frame.buffer_mut()))?;
        Ok(())
    }

    /// How wide it is.
    pub(super) fn width(&self) -> u16 {
        self.terminal.size().map_or(80, |size| size.width)
    }

    /// Takes it again after a stop, and draws all of it the next time.
    ///
    /// # Errors
    /// When it does not let itself be taken.
    pub(super) fn take_again(&mut self) -> io::Result<()> {
        take()?;
        execute!(stdout(), Clear(ClearType::All))?;
        // A new one knows nothing of what was there. Its own way to clear asks where the cursor is, and the
        // answer would go to the thread that reads keys.
        self.terminal = over_stdout()?;
        Ok(())
    }

    /// Gives the terminal back and stops, as Ctrl-Z does everywhere else, until this is continued.
    ///
    /// # Errors
    /// When the terminal does not let itself be taken again.
    pub(super) fn suspend(&mut self) -> io::Result<()> {
        give_back();
        // Where no shell could continue it, the kernel does not stop it.
        let _ = kill_current_process_group(Signal::TSTP);
        self.take_again()
    }
}

impl Drop for WatchScreen {
    fn drop(&mut self) {
        give_back();
    }
}

fn take() -> io::Result<()> {
    TAKEN.store(true, Ordering::SeqCst);
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen, Hide)
}

/// A terminal that is gone needs nothing.
fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(stdout(), Show, LeaveAlternateScreen);
        let _ = stdout().flush();
        let _ = disable_raw_mode();
    }
}

/// What a panic prints is to be read.
fn give_back_on_panic() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let print = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            give_back();
            print(info);
        }));
    });
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Not a test of its own: the child of the one below.
    #[test]
    #[ignore = "takes the terminal; run by the test below"]
    fn child_that_panics() {
        let mut screen = WatchScreen::take().unwrap();
        screen.draw(Buffer::reset).unwrap();
        panic!("in the picture");
    }

    #[test]
    fn a_panic_gives_the_terminal_back_before_it_is_printed() {
        let exe = std::env::current_exe().unwrap();
        let child = "cli::watch::screen::tests::child_that_panics";
        let inside = format!("'{}' --exact {child} --ignored --nocapture; stty -a", exe.display());
        let script = Command::new("script").args(["-qec", &inside, "/dev/null"]).output();
        let Ok(output) = script else {
            println!("skipped: script is not installed (Debian package bsdutils)");
            return;
        };
        let text = String::from_utf8_lossy(&output.stdout);
        let at = |what: &str| text.find(what).unwrap_or_else(|| panic!("{what} in {text}"));
        assert!(at("\x1b[?1049h") < at("\x1b[?1049l"), "{text}");
        assert!(at("\x1b[?1049l") < at("in the picture"), "{text}");
        // Lines and echo are as they were.
        assert!(text.contains(" icanon") && text.contains(" echo "), "{text}");
    }
}
