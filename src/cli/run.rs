//! `linkmon run`: the daemon, seen from a terminal (one live line) or from a journal (log lines).

use std::io::{IsTerminal, Write};

use jiff::tz::TimeZone;

use super::args::RunArgs;
use super::context::Context;
use super::live::{live_line, state_words};
use super::notify::drops_of_day;
use crate::courier::{self, Desktop, Follower};
use crate::daemon::manager::Manager;
use crate::daemon::{self, Audience, Notice, Over, Witnesses};
use crate::language::room;
use crate::language::words::impairment;
use crate::live::Status;
use crate::store;
use crate::sys::panics;
use crate::time::{Timestamp, local_date_time, words};
use crate::vocabulary::{Figures, Gap, GapReason, HostChange, LinkDrop, LinkState};

pub(super) fn run(args: &RunArgs, context: &Context) -> anyhow::Result<()> {
    let mut config = context.config().clone();
    if let Some(engine) = args.engine {
        config.probe.engine = engine;
    }
    let options = daemon::Options {
        config,
        database: context.db.clone(),
        runtime_dir: store::runtime_dir(&|name| std::env::var_os(name)),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut listeners = Listeners {
        console: Console::new(context.zone.clone()),
        manager: Manager::of_this_process(),
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

/// All who hear the daemon: whoever reads what it prints, the service manager, the desktop.
struct Listeners {
    console: Console,
    manager: Manager,
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
        match Desktop::spawn(context.zone.clone(), count) {
            Ok(desktop) => self.desktop = Some(desktop),
            Err(e) if e.kind() == std::io::ErrorKind::Unsupported => {
                self.console.say(&e.to_string())
            }
            Err(e) => return Err(e.into()),
        }
        Ok(())
    }
}

impl Audience for Listeners {
    fn notice(&mut self, notice: &Notice) {
        self.console.notice(notice);
        match notice {
            Notice::Started { .. } => self.manager.ready(),
            Notice::Stopped { .. } => self.manager.stopping(),
            _ => {}
        }
    }

    fn present(&mut self, status: &Status) {
        self.console.present(status);
        self.manager.present(&state_line(status, &self.console.zone));
        let Some(desktop) = &self.desktop else { return };
        if let Some(news) = self.follower.on_status(status) {
            desktop.show(news);
        }
        if let Some(trouble) = desktop.trouble() {
            self.console.say(&trouble);
        }
    }
}

/// What the service manager shows: it changes with the state and not every second.
fn state_line(status: &Status, zone: &TimeZone) -> String {
    let words = state_words(status, zone);
    words.split_once(" (").map_or(words.clone(), |(state, _)| state.to_owned())
}

/// Writes notices as lines, and on a terminal keeps one live line below them.
pub(super) struct Console {
    zone: TimeZone,
    live: Live,
    line: String,
}

/// Whether there is somebody to look at a live line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Live {
    Yes,
    No,
}

impl Console {
    /// For the standard error of this process.
    pub(super) fn new(zone: TimeZone) -> Self {
        let live = if std::io::stderr().is_terminal() { Live::Yes } else { Live::No };
        Self { zone, live, line: String::new() }
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

    /// Removes the live line, so that what is printed next begins a line of its own.
    fn clear(&mut self) {
        if !self.line.is_empty() {
            write_stderr("\r\x1b[2K");
            self.line.clear();
        }
    }
}

impl Audience for Console {
    fn notice(&mut self, notice: &Notice) {
        if let Some(text) = log_line(notice, &self.zone) {
            self.say(&text);
        }
    }

    fn present(&mut self, status: &Status) {
        if self.live == Live::No {
            return;
        }
        // The last column stays free: a full line would wrap on some terminals.
        let width = terminal_width().saturating_sub(1);
        self.line = live_line(status, &self.zone, width);
        write_stderr(&format!("\r\x1b[2K{}", self.line));
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        self.clear();
    }
}

/// Nobody may be listening any more; the daemon goes on all the same.
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

/// A notice as one line for a journal; `None` for what a journal need not hold.
pub(super) fn log_line(notice: &Notice, zone: &TimeZone) -> Option<String> {
    let at = |t: Timestamp| local_date_time(t, zone);
    Some(match notice {
        Notice::Started { engine, database } => {
            format!("measuring ({engine}); the record is {}", database.display())
        }
        Notice::Recovered { last_seen } => format!(
            "the daemon before this one was killed, or the power went; it watched until {}, and that is saved",
            at(*last_seen)
        ),
        Notice::TargetAdded(t) => {
            format!("target {} ({} {}, role {})", t.name, t.kind, t.endpoint, t.role)
        }
        Notice::TargetRemoved(t) => {
            format!("no longer a target: {} ({} {})", t.name, t.kind, t.endpoint)
        }
        Notice::State { from: _, to, at: since } => match to {
            LinkState::Up => format!("link up since {}", at(*since)),
            LinkState::Suspect | LinkState::Unknown | LinkState::Down => return None,
        },
        Notice::DropBegan { id, drop, witnesses } => format!(
            "DOWN: drop {id} began {} +-{} [{}]: {}",
            at(drop.onset.midpoint()),
            half_width(drop.onset),
            drop.place_text(),
            witness_words(witnesses)
        ),
        Notice::DropEnded { id, drop, witnesses } => format!(
            "drop {id} is over: {} to {}, {} [{}]: {}",
            at(drop.onset.midpoint()),
            drop.end.map_or_else(|| "?".to_owned(), |end| at(end.midpoint())),
            length_words(drop),
            drop.place_text(),
            witness_words(witnesses)
        ),
        Notice::DropWithdrawn { id } => {
            format!("drop {id} withdrawn: later answers show that the link was up")
        }
        Notice::TargetTrouble { name, range, over: Over::No, lost, sent } => {
            format!(
                "{name} alone is in trouble since {} ({lost} of {sent} probes lost); the link is up",
                at(range.from)
            )
        }
        Notice::TargetTrouble { name, range, over: Over::Yes, lost, sent } => {
            format!(
                "{name} answers again; it was in trouble {} to {} ({lost} of {sent} probes lost)",
                at(range.from),
                at(range.to)
            )
        }
        Notice::Impairment { impairment, target, at: now } => {
            let what = impairment::what(&impairment.figures, &impairment.places, target.as_deref());
            let span = impairment::span(impairment, *now, &at);
            match impairment.end {
                Some(_) if !matches!(impairment.figures, Figures::RouteStep { .. }) => {
                    format!("over: {what}, {span}")
                }
                _ => format!("{what} {span}"),
            }
        }
        Notice::Gap(gap) => gap_words(gap, &at),
        Notice::Host(change) => host_words(change),
        Notice::StorageTrouble(what) => {
            format!("storing fails, measurements wait in memory: {what}")
        }
        Notice::DamagedRows(rows) => {
            format!("{rows} rows of the last day of the record cannot be read and are left out")
        }
        Notice::PutAside { to } => format!(
            "the database is damaged and was put aside as {}; a new one takes its place, and what \
             can be read of the old one is brought over",
            to.display()
        ),
        Notice::PutBack => "the file of the database had been removed; as it was still open, a \
                            whole copy took its place"
            .to_owned(),
        Notice::Salvaged { rows } => {
            format!("brought over {rows} rows of samples of the damaged database")
        }
        Notice::Filling { of, forecast } => room::warning(*of, forecast, zone),
        Notice::BackedUp { to, bytes } => {
            format!("backed up to {} ({} MB)", to.display(), bytes.div_ceil(1_000_000))
        }
        Notice::BackupFails(what) => format!("the backup fails and is tried again: {what}"),
        Notice::StorageWorks => "storing works again".to_owned(),
        Notice::DiscoveryTrouble(what) => what.clone(),
        Notice::Page { listen } => {
            let open = if listen.ip().is_loopback() {
                ""
            } else {
                "; whoever reaches this address can read it, there is no password"
            };
            format!("the live page is http://{listen}/{open}")
        }
        Notice::NoPage(why) => format!("no live page: {why}"),
        Notice::Stopped { after } => format!("stopped after {}", words(*after)),
    })
}

/// `not observed: 12:00:05 to 12:01:05 (1 min), the daemon was stopped`.
fn gap_words(gap: &Gap, at: &dyn Fn(Timestamp) -> String) -> String {
    format!(
        "not observed: {} to {} ({}), {}",
        at(gap.range.from),
        at(gap.range.to),
        words(gap.range.length()),
        match gap.reason {
            GapReason::Stopped => "the daemon was stopped",
            GapReason::Crashed => "the daemon was killed",
            GapReason::Rebooted => "the machine was off or restarted",
            GapReason::Asleep => "the machine slept",
            GapReason::Stalled => "the daemon could not probe",
            GapReason::NoRecord => "there is no record",
            GapReason::Unanswered => "no public server had answered yet",
        }
    )
}

fn half_width(bounds: crate::vocabulary::Bounds) -> String {
    words(bounds.latest.duration_since(bounds.earliest).unwrap_or_default() / 2)
}

/// `1 min 32 s (91.8 to 92.5 s)`.
fn length_words(drop: &LinkDrop) -> String {
    let middle = (drop.min + drop.max) / 2;
    format!("{} ({:.1} to {:.1} s)", words(middle), drop.min.as_secs_f64(), drop.max.as_secs_f64())
}

fn witness_words(witnesses: &Witnesses) -> String {
    let list =
        |names: &[String]| if names.is_empty() { "nobody".to_owned() } else { names.join(", ") };
    format!("answered: {}; silent: {}", list(&witnesses.answered), list(&witnesses.silent))
}

/// What happened to the host, in words.
pub(super) fn host_words(change: &HostChange) -> String {
    let gone = |present: bool, yes: &'static str, no: &'static str| if present { yes } else { no };
    match change {
        HostChange::Carrier { interface, up } => {
            format!(
                "host: {interface} {}",
                gone(*up, "has carrier", "lost its carrier (cable or Wi-Fi)")
            )
        }
        HostChange::Interface { interface, present } => {
            format!("host: interface {interface} {}", gone(*present, "appeared", "vanished"))
        }
        HostChange::Address { interface, address, present } => {
            format!("host: {interface} {} the address {address}", gone(*present, "has", "lost"))
        }
        HostChange::DefaultRoute { v6, interface, gateway } => {
            let family = gone(*v6, "IPv6", "IPv4");
            match (gateway, interface) {
                (Some(gateway), Some(interface)) => {
                    format!("host: {family} default route by {gateway} on {interface}")
                }
                (None, Some(interface)) => format!("host: {family} default route on {interface}"),
                (Some(gateway), None) => format!("host: {family} default route by {gateway}"),
                (None, None) => format!("host: no {family} default route"),
            }
        }
        HostChange::Slept { seconds } => format!("host: slept for {seconds:.1} s"),
        HostChange::ClockStep { seconds } => {
            format!("host: the clock was stepped by {seconds:+.3} s")
        }
        HostChange::ClockSync { synchronized } => {
            format!(
                "host: the clock is {}",
                gone(*synchronized, "synchronized", "not synchronized")
            )
        }
    }
}
