//! What the modem says of one drop. Never from one line of its log.

use std::time::Duration;

use super::chance::is_of_line;
use super::codewords::ChannelKey;
use super::measured::{MeasuredDrop, NEAR};
use super::place_log::{PlacedEntry, log_known};
use super::readings::{LackingCodewords, Readings};
use super::restarts::{Restart, RestartReason};
use super::usual::{LevelChange, LevelOf, usual_levels};
use crate::text::words::word_enum;
use crate::time::Timestamp;
use crate::vocabulary::{Bounds, LogClass, LogEntry, ModemAccount, Place};

/// Within this of its end a modem that has started again lets traffic through.
const START_TAKES: Duration = Duration::from_secs(600);

word_enum! {
    /// What the modem's account of a drop points to.
    pub enum ModemFinding: "finding of the modem" {
        /// The downstream signal was lost between street and modem.
        DownstreamLost = "downstream-lost",
        /// The operator did not hear the modem: noise or level on the way up.
        UpstreamUnheard = "upstream-unheard",
        /// The line to the operator was lost; the log does not say in which direction.
        LineLost = "line-lost",
        /// The modem was connected all the time: the fault lies beyond its side of the cable.
        BeyondModem = "beyond-modem",
        /// The modem restarted: power supply, modem or a command. No evidence against the line.
        Restarted = "restarted",
        /// It restarted after it had lost the line.
        RestartedAfterLoss = "restarted-after-loss",
        /// It was restarted on command or for new firmware.
        RestartedOnCommand = "restarted-on-command",
        /// Its page was dead during the drop and its log has nothing.
        PageDead = "page-dead",
        /// What it says does not suffice.
        NotKnown = "not-known",
    }
}

impl ModemFinding {
    /// The place it points to, where it points to one.
    pub fn place(self) -> Option<Place> {
        match self {
            Self::DownstreamLost
            | Self::UpstreamUnheard
            | Self::LineLost
            | Self::RestartedAfterLoss => Some(Place::Access),
            Self::Restarted => Some(Place::Modem),
            Self::BeyondModem | Self::RestartedOnCommand | Self::PageDead | Self::NotKnown => None,
        }
    }
}

/// What the modem says of a drop.
#[derive(Debug, Clone, PartialEq)]
pub struct DropAccount {
    /// What it points to.
    pub finding: ModemFinding,
    /// Entries of its log near the drop, in order: what says something about the line or a restart.
    pub log: Vec<PlacedEntry>,
    /// The start of the modem in the drop, if it started; `None` also where it is not known.
    pub restart: Option<Restart>,
    /// Whether uptimes before and after show that it did not restart, or that it did.
    pub restarted: Option<bool>,
    /// Channels that were locked before the drop and were not locked in a reading while it lasted.
    pub unlocked: Vec<ChannelKey>,
    /// Downstream channels that lack codewords, and the time that they lack: the middle one of all, and
    /// how far the truth may be from it.
    pub lacking: Option<LackingCodewords>,
    /// Whether all channels that can say so were locked all the time.
    pub complete: Option<bool>,
    /// Levels that were not as usual in the first reading of the drop.
    pub changes: Vec<LevelChange>,
    /// Codewords that could not be corrected, of all channels with one carrier, from the last reading
    /// before the drop to the first after it.
    pub uncorrectable: Option<u64>,
    /// From the first reading that found its page dead to the last, where one was.
    pub page_dead: Option<Bounds>,
    /// Whether its log was read once the drop was over or, while it lasts, in it: only then is a log without
    /// entries one that has nothing to say.
    pub is_log_known: bool,
    /// Readings during the drop that the modem answered.
    pub answered: u32,
    /// When the readings began that this is made of: the last before, those during, the first after.
    pub readings: Vec<Timestamp>,
}

/// What the modem says of a drop; `None` where it was not read near it. `accounts` and `log` are of all
/// readings, in order; `drops` all drops, this one among them.
pub fn account_of_drop(
    drop: &MeasuredDrop,
    drops: &[MeasuredDrop],
    accounts: &[ModemAccount],
    log: &[PlacedEntry],
    restarts: &[Restart],
) -> Option<DropAccount> {
    let readings = Readings::about(drop, accounts)?;
    let near = near_entries(drop, log);
    let restart = restart_of(drop, restarts);
    let restarted = readings.restarted(drop, restart);
    let (lacking, complete) = readings.codewords(drops, restarts);
    let usual = usual_levels(accounts, drop.onset.earliest);
    let known = log_known(accounts, log);
    let shown =
        readings.during.iter().copied().chain(readings.after).find(|a| a.snapshot().is_some());
    let mut account = DropAccount {
        finding: ModemFinding::NotKnown,
        log: near,
        restart,
        restarted,
        unlocked: readings.unlocked(),
        lacking,
        complete,
        changes: shown.map(|account| usual.changes(account)).unwrap_or_default(),
        uncorrectable: readings.uncorrectable(restarts),
        page_dead: readings.page_dead(),
        is_log_known: readings.is_log_known(drop, &known, log),
        answered: u32::try_from(readings.during.iter().filter(|a| a.snapshot().is_some()).count())
            .unwrap_or(u32::MAX),
        readings: readings.times(),
    };
    let is_most = |some: u32, all: u32| some > 0 && some * 2 >= all;
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX / 2);
    let (unlocked, locked) = (account.unlocked.len(), readings.locked_before().len());
    account.finding = account.judge(
        drop,
        &ModemWitnesses {
            is_unlocked: is_most(number(unlocked), number(locked)),
            lacks: account.lacking.is_some_and(|lacking| is_most(lacking.channels, lacking.of)),
            was_on_line: readings.was_on_line(drop).or(account.complete.filter(|is| *is)),
            is_connected: readings.is_connected(),
            is_outage_of_line: readings.is_outage_of_line(),
        },
    );
    Some(account)
}

/// What the readings about a drop show besides what the account holds.
struct ModemWitnesses {
    /// Half of the downstream channels or more had lost lock.
    is_unlocked: bool,
    /// Half of those that can say so or more lack codewords.
    lacks: bool,
    was_on_line: Option<bool>,
    is_connected: Option<bool>,
    is_outage_of_line: bool,
}

impl DropAccount {
    fn says(&self, classes: &[LogClass]) -> bool {
        self.log.iter().any(|placed| {
            !placed.of_start && !placed.is_of_recovery() && classes.contains(&placed.entry.class)
        })
    }

    /// When the first of these was written.
    fn first(&self, classes: &[LogClass]) -> Option<Timestamp> {
        let of = self.log.iter().filter(|p| !p.of_start && classes.contains(&p.entry.class));
        of.filter_map(|placed| placed.at.map(|at| at.midpoint())).min()
    }

    /// What a restart explains. One in the midst of a drop may be somebody's attempt to end it.
    fn of_restart(&self, drop: &MeasuredDrop, restart: &Restart) -> Option<ModemFinding> {
        let began_it = restart.at.earliest <= drop.onset.latest + NEAR;
        let is_before =
            |placed: &&PlacedEntry| placed.at.is_some_and(|at| at.latest <= restart.at.latest);
        let before = self.log.iter().filter(is_before);
        let lost_before =
            !self.unlocked.is_empty() || before.into_iter().any(|p| is_of_line(p.entry.class));
        match restart.reason {
            RestartReason::T4 => Some(ModemFinding::RestartedAfterLoss),
            RestartReason::Commanded | RestartReason::Firmware if began_it => {
                Some(ModemFinding::RestartedOnCommand)
            }
            _ if lost_before => Some(ModemFinding::RestartedAfterLoss),
            RestartReason::Power | RestartReason::NotSaid if began_it => {
                Some(ModemFinding::Restarted)
            }
            _ => None,
        }
    }

    fn judge(&self, drop: &MeasuredDrop, seen: &ModemWitnesses) -> ModemFinding {
        const DOWN: [LogClass; 5] = [
            LogClass::SyncLost,
            LogClass::QamLockFailed,
            LogClass::FecFailed,
            LogClass::MddLost,
            LogClass::T1,
        ];
        const UP: [LogClass; 3] =
            [LogClass::T3, LogClass::RangingExhausted, LogClass::RangingAborted];
        const GIVEN_UP: [LogClass; 3] =
            [LogClass::T4, LogClass::RangingExhausted, LogClass::RangingAborted];
        if let Some(finding) = self.restart.and_then(|restart| self.of_restart(drop, &restart)) {
            return finding;
        }
        let is_outage = seen.is_outage_of_line && self.says(&[LogClass::Outage]);
        if is_outage || self.says(&[LogClass::LineLost]) {
            return ModemFinding::LineLost;
        }
        let lacks = seen.lacks;
        let first_down = self.first(&DOWN);
        let first_up = self.first(&UP).into_iter().chain(self.first(&GIVEN_UP)).min();
        let is_down_first = match (first_down, first_up) {
            (Some(down), Some(up)) => down <= up,
            (down, None) => down.is_some(),
            (None, Some(_)) => false,
        };
        let is_given_up = self.says(&GIVEN_UP);
        // The modem shows it in the drop, or two witnesses say so after it.
        let is_down_heard = is_down_first && (lacks || is_given_up);
        if seen.is_unlocked || is_down_heard {
            return ModemFinding::DownstreamLost;
        }
        let is_transmitting_higher =
            self.changes.iter().any(|change| change.level == LevelOf::Transmitted);
        let t3 = self.says(&[LogClass::T3]);
        let lowered = self.says(&[LogClass::ModulationChange, LogClass::ProfileChange]);
        let is_of_upstream = self.complete == Some(true) || t3 || is_transmitting_higher || lowered;
        if is_given_up && is_of_upstream && !lacks {
            return ModemFinding::UpstreamUnheard;
        }
        if is_given_up || (lacks && t3) {
            return ModemFinding::LineLost;
        }
        let is_mute = self.is_log_known && self.log.is_empty();
        let may_be_modem = self.restarted != Some(false) && !drop.is_at_home;
        if self.page_dead.is_some() && self.answered == 0 && is_mute && may_be_modem {
            return ModemFinding::PageDead;
        }
        let is_harmless = |placed: &PlacedEntry| {
            let chatter = [
                LogClass::Connected,
                LogClass::DhcpFailed,
                LogClass::PowerRange,
                LogClass::ProfileChange,
            ];
            placed.of_start || placed.is_of_recovery() || chatter.contains(&placed.entry.class)
        };
        let is_quiet = self.is_log_known && self.log.iter().all(is_harmless);
        let was_on_line = seen.was_on_line == Some(true) && seen.is_connected != Some(false);
        if is_quiet && was_on_line && self.lacking.is_none() && self.restarted == Some(false) {
            return ModemFinding::BeyondModem;
        }
        ModemFinding::NotKnown
    }
}

impl PlacedEntry {
    /// Whether it only says that something is back: codes 4, 5, 8, 10, 22 to 24 of CM-STATUS.
    pub fn is_of_recovery(&self) -> bool {
        const BACK: [u32; 8] = [4, 5, 8, 10, 22, 23, 24, 27];
        self.entry.class == LogClass::CmStatus
            && cm_status(&self.entry).is_some_and(|c| BACK.contains(&c))
    }
}

/// The code of a CM-STATUS entry.
fn cm_status(entry: &LogEntry) -> Option<u32> {
    let (_, after) = entry.text.split_once("Code:")?;
    let digits = after.trim_start().split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Entries that bear on the line or a restart within a minute of a drop, and not of a start.
fn near_entries(drop: &MeasuredDrop, log: &[PlacedEntry]) -> Vec<PlacedEntry> {
    let until = drop.end.map_or(Timestamp::from_micros(i64::MAX / 4), |end| end.latest);
    let (from, to) = (drop.onset.earliest - NEAR, until + NEAR);
    let bears = |placed: &&PlacedEntry| {
        let is_near = placed.at.is_some_and(|at| at.latest >= from && at.earliest <= to);
        is_near
            && !placed.of_start
            && !matches!(placed.entry.class, LogClass::Housekeeping | LogClass::Unknown)
    };
    log.iter().filter(bears).cloned().collect()
}

/// The start that belongs to a drop: in it, or so shortly before its end that the modem had not come
/// up again.
fn restart_of(drop: &MeasuredDrop, restarts: &[Restart]) -> Option<Restart> {
    let until = drop.end.map_or(Timestamp::from_micros(i64::MAX / 4), |end| end.latest);
    // Uptime begins some seconds after the power comes or the line goes.
    let is_of = |restart: &&Restart| {
        restart.at.latest >= drop.onset.earliest - NEAR
            && restart.at.earliest <= until
            && drop.end.is_none_or(|end| restart.at.latest + START_TAKES >= end.earliest)
    };
    restarts.iter().find(is_of).copied()
}
