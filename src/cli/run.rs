//! `linkmon run`: the daemon, seen from a terminal (one live line) or from a journal (log lines).

use std::io::{IsTerminal, Write};

use jiff::tz::TimeZone;

use super::args::RunArgs;
use super::context::Context;
use super::live::{length, live_line, state_words};
use super::notify::drops_of_day;
use crate::courier::{self, Desktop, Follower};
use crate::daemon::ServiceManager;
use crate::daemon::{self, Audience};
use crate::language::room;
use crate::language::words::impairment;
use crate::live::{DropDetail, DropStatus, Event, Status, Witnesses};
use crate::store;
use crate::sys::panics;
use crate::time::{Timestamp, local_date_time, words};
use crate::vocabulary::{Bounds, Figures, Gap, GapReason, HostChange, LinkState, TargetTrouble};

pub(super) fn run(args: &RunArgs, context: &Context) -> anyhow::Result<()> {
    let mut config = context.config().clone();
    if let Some(engine) = args.engine {
        config.probe.engine = engine;
    }
    let options = daemon::DaemonOptions {
        config,
        database: context.db.clone(),
        runtime_dir: store::runtime_dir(&|name| std::env::var_os(name)),
        version: env!("CARGO_PKG_VERSION"),
    };
    let mut listeners = Listeners {
        console: Console::new(context.zone.clone()),
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
        self.manager.on_second(&state_line(status, &self.console.zone));
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
fn state_line(status: &Status, zone: &TimeZone) -> String {
    let words = state_words(status, zone);
    words.split_once(" (").map_or(words.clone(), |(state, _)| state.to_owned())
}

/// Writes events as lines, and on a terminal keeps one live line below them.
struct Console {
    zone: TimeZone,
    live_line: LiveLine,
    line: String,
}

/// Whether there is a terminal to show a live line on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LiveLine {
    Shown,
    Hidden,
}

impl Console {
    /// For the standard error of this process.
    fn new(zone: TimeZone) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let live_line = if terminal { LiveLine::Shown } else { LiveLine::Hidden };
        Self { zone, live_line, line: String::new() }
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
        if let Some(text) = log_line(event, &self.zone) {
            self.say(&text);
        }
    }

    fn on_second(&mut self, status: &Status) {
        if self.live_line == LiveLine::Hidden {
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

/// The reader may be gone; the daemon goes on all the same.
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

/// An event as one line for a journal; `None` for one that a journal need not hold.
fn log_line(event: &Event, zone: &TimeZone) -> Option<String> {
    let at = |t: Timestamp| local_date_time(t, zone);
    Some(match event {
        Event::Started { engine, database } => {
            format!("measuring ({engine}); the record is {}", database.display())
        }
        Event::Recovered { last_seen } => format!(
            "the previous daemon was killed, or the power failed; it watched until {}, and that is saved",
            at(*last_seen)
        ),
        Event::TargetAdded(t) => {
            format!("target {} ({} {}, role {})", t.name, t.kind, t.endpoint, t.role)
        }
        Event::TargetRemoved(t) => {
            format!("no longer a target: {} ({} {})", t.name, t.kind, t.endpoint)
        }
        Event::State { from: _, to, at: since } => match to {
            LinkState::Up => format!("link up since {}", at(*since)),
            LinkState::Suspect | LinkState::Unknown | LinkState::Down => return None,
        },
        Event::DropBegan { drop, detail } => {
            format!("DOWN: drop {} began {}", drop.id, drop_words(drop, detail.as_deref(), &at))
        }
        Event::DropEnded { drop, detail } => {
            format!("drop {} is over: {}", drop.id, drop_words(drop, detail.as_deref(), &at))
        }
        Event::DropWithdrawn { id } => {
            format!("drop {id} withdrawn: later answers show that the link was up")
        }
        Event::TargetTrouble { name, trouble } => trouble_words(name, trouble, &at),
        Event::Impairment { impairment, target, at: now } => {
            let what = impairment::what(&impairment.figures, &impairment.places, target.as_deref());
            let span = impairment::span(impairment, *now, &at);
            match impairment.end {
                Some(_) if !matches!(impairment.figures, Figures::RouteStep { .. }) => {
                    format!("over: {what}, {span}")
                }
                _ => format!("{what} {span}"),
            }
        }
        Event::Gap(gap) => gap_words(gap, &at),
        Event::Host(change) => host_words(change),
        Event::StorageTrouble(what) => {
            format!("storing fails, measurements wait in memory: {what}")
        }
        Event::DamagedRows(rows) => {
            format!("{rows} rows of the last day of the record cannot be read and are left out")
        }
        Event::PutAside { to } => format!(
            "the database is damaged and was put aside as {}; a new one replaces it, and whatever can \
             be read of the old one is brought over",
            to.display()
        ),
        Event::PutBack => "the database file had been removed; as it was still open, a \
                            complete copy replaces it"
            .to_owned(),
        Event::Salvaged { rows } => {
            format!("brought over {rows} rows of samples from the damaged database")
        }
        Event::Filling { of, forecast } => room::warning(*of, forecast, zone),
        Event::BackedUp { to, bytes } => {
            format!("backed up to {} ({} MB)", to.display(), bytes.div_ceil(1_000_000))
        }
        Event::BackupFails(what) => format!("the backup failed and will be tried again: {what}"),
        Event::StorageWorks => "storing works again".to_owned(),
        Event::DiscoveryTrouble(what) => what.clone(),
        Event::Page { listen } => {
            let open = if listen.ip().is_loopback() {
                ""
            } else {
                "; anyone who can reach this address can read it, there is no password"
            };
            format!("the live page is http://{listen}/{open}")
        }
        Event::NoPage(why) => format!("no live page: {why}"),
        Event::Stopped { after } => format!("stopped after {}", words(*after)),
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

/// `2026-02-02 14:20:00 +-0.5 s [access]: answered: ..` while it lasts, else `.. to .., 1 min 32 s
/// (91.8 to 92.5 s) [access]: ..`.
fn drop_words(
    drop: &DropStatus,
    detail: Option<&DropDetail>,
    at: &dyn Fn(Timestamp) -> String,
) -> String {
    let onset = at(drop.onset);
    let mut text = match (drop.end, detail) {
        (Some(end), _) => format!("{onset} to {}, {}", at(end), length_words(drop)),
        (None, Some(detail)) => format!("{onset} +-{}", half_width(detail.drop.onset)),
        (None, None) => onset,
    };
    text += &format!(" [{}]", drop.place);
    if let Some(detail) = detail {
        text += ": ";
        text += &witness_words(&detail.witnesses);
    }
    text
}

fn half_width(bounds: Bounds) -> String {
    words(bounds.latest.duration_since(bounds.earliest).unwrap_or_default() / 2)
}

/// `1 min 32 s (91.8 to 92.5 s)`.
fn length_words(drop: &DropStatus) -> String {
    let (min, max) = (drop.min_s.unwrap_or_default(), drop.max_s.unwrap_or_default());
    format!("{} ({min:.1} to {max:.1} s)", length(drop))
}

/// `anchor alone is in trouble since .. (4 of 6 probes lost); the link is up`.
fn trouble_words(name: &str, trouble: &TargetTrouble, at: &dyn Fn(Timestamp) -> String) -> String {
    let TargetTrouble { from, to, lost, sent, .. } = trouble;
    let from = at(*from);
    match to {
        None => format!(
            "{name} alone is in trouble since {from} ({lost} of {sent} probes lost); the link is up"
        ),
        Some(to) => format!(
            "{name} answers again; it was in trouble {from} to {} ({lost} of {sent} probes lost)",
            at(*to)
        ),
    }
}

fn witness_words(witnesses: &Witnesses) -> String {
    let list =
        |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    format!("answered: {}; silent: {}", list(&witnesses.answered), list(&witnesses.silent))
}

/// A change of this host, in words.
fn host_words(change: &HostChange) -> String {
    match change {
        HostChange::Carrier { interface, up } => {
            let what = if *up { "has carrier" } else { "lost its carrier (cable or Wi-Fi)" };
            format!("host: {interface} {what}")
        }
        HostChange::Interface { interface, present } => {
            let what = if *present { "appeared" } else { "vanished" };
            format!("host: interface {interface} {what}")
        }
        HostChange::Address { interface, address, present } => {
            let what = if *present { "has" } else { "lost" };
            format!("host: {interface} {what} the address {address}")
        }
        HostChange::DefaultRoute { v6, interface, gateway } => {
            let family = if *v6 { "IPv6" } else { "IPv4" };
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
            let not = if *synchronized { "" } else { "not " };
            format!("host: the clock is {not}synchronized")
        }
    }
}
