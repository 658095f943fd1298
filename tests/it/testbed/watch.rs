//! `linkmon watch` in a real terminal: tmux, 80 columns by 24 rows.

use std::process::{Command, Output};
use std::time::Duration;

use super::bed::TestBed;
use super::daemon::Home;
use super::wait::until;
use crate::dashboards::is_installed;

/// A terminal with a server of its own, which ends with this value.
struct TmuxScreen {
    socket: String,
}

impl TmuxScreen {
    fn start(home: &Home, arguments: &[&str]) -> Self {
        let screen = Self { socket: format!("linkmon-watch-{}", std::process::id()) };
        let mut command = screen.tmux();
        command.args(["-f", "/dev/null", "new-session", "-d", "-x", "80", "-y", "24"]);
        command.arg(env!("CARGO_BIN_EXE_linkmon")).args(home.files()).args(arguments);
        home.isolate(&mut command);
        command.env("LC_ALL", "C.UTF-8").env_remove("NO_COLOR").env_remove("TMUX");
        let output = command.output().expect("tmux starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        screen
    }

    fn tmux(&self) -> Command {
        let mut command = Command::new("tmux");
        command.args(["-u", "-L", &self.socket]);
        command
    }

    fn press(&self, key: &str) {
        let output = self.tmux().args(["send-keys", key]).output().expect("tmux runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    /// What is on the screen; `Err` once the program has ended.
    fn shown(&self) -> Result<String, Output> {
        let output = self.tmux().args(["capture-pane", "-p"]).output().expect("tmux runs");
        if !output.status.success() {
            return Err(output);
        }
        Ok(String::from_utf8(output.stdout).expect("tmux writes UTF-8"))
    }

    #[track_caller]
    fn wait_for(&self, limit: u64, words: &[&str]) -> String {
        until(Duration::from_secs(limit), &format!("{words:?}"), || {
            let shown = self.shown().map_err(|gone| format!("{gone:?}"))?;
            if words.iter().all(|word| shown.contains(word)) { Ok(shown) } else { Err(shown) }
        })
    }
}

impl Drop for TmuxScreen {
    fn drop(&mut self) {
        // That of this socket alone.
        let _ = self.tmux().arg("kill-server").output();
    }
}

#[test]
fn the_picture_shows_a_drop_probe_by_probe_and_a_daemon_that_stops() {
    if !is_installed("tmux", "tmux") {
        return;
    }
    let Some(bed) = TestBed::up() else { return };
    // The record is all that it needs.
    let home = Home::with(&bed, "daemon", super::daemon::Rights::Root, "[web]\nenabled = false\n");
    let daemon = home.start_and_know_the_hops();
    let screen = TmuxScreen::start(&home, &["watch"]);
    let calm = screen.wait_for(5, &["The link is up", "Silent: none", "gateway", "q quit"]);
    assert_eq!(calm.lines().count(), 24, "{calm}");
    bed.set("line", "blackhole=on");
    screen.wait_for(10, &["The link is down", "The fault is on the access line", "so far"]);
    screen.wait_for(5, &["█"]);
    bed.set("line", "blackhole=off");
    screen.wait_for(20, &["The link is up"]);
    screen.press("Tab");
    screen.press("Enter");
    screen.wait_for(5, &["Drop 1: ", "1 s per mark", "▼", "████"]);
    screen.press("q");
    screen.wait_for(5, &["Targets"]);
    daemon.stop();
    screen.wait_for(5, &["No daemon is measuring: the last status is from"]);
    let daemon = home.start();
    until(Duration::from_secs(20), "it goes on", || match screen.shown() {
        Ok(shown) if shown.contains("The link is up") && !shown.contains("No daemon") => Ok(()),
        other => Err(format!("{other:?}")),
    });
    screen.press("q");
    until(Duration::from_secs(5), "it ends", || match screen.shown() {
        Ok(shown) => Err(shown),
        Err(_) => Ok(()),
    });
    daemon.stop();
}
