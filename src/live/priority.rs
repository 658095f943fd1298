//! How much an event matters, as a journal sorts them.

use super::event::Event;
use super::remote_write::WriteNews;
use crate::vocabulary::{Figures, HostChange};

/// Priority of a line of the log, as syslog has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogPriority {
    /// The record suffers.
    Error,
    /// The link was down, or the record will suffer.
    Warning,
    /// Something is not as usual.
    Notice,
    /// All else.
    Info,
}

impl LogPriority {
    /// The line with its priority before it, as the journal reads it: `<4>DOWN: ..`.
    pub fn before(self, line: &str) -> String {
        let number = match self {
            Self::Error => 3,
            Self::Warning => 4,
            Self::Notice => 5,
            Self::Info => 6,
        };
        format!("<{number}>{line}")
    }
}

impl Event {
    /// How much it matters: `journalctl -p warning` shows what went wrong.
    pub fn priority(&self) -> LogPriority {
        match self {
            Self::StorageTrouble(_) | Self::NoRecord { .. } | Self::PutAside { .. } => {
                LogPriority::Error
            }
            Self::DropBegan { .. }
            | Self::DropEnded { .. }
            | Self::Filling { .. }
            | Self::DamagedRows(_)
            | Self::Unread(_)
            | Self::PutBack
            | Self::StampFails(_)
            | Self::ModemFails(_)
            | Self::ModemStopped(_)
            | Self::BackupFails(_)
            | Self::PublishFails(_)
            | Self::HeartbeatFails(_)
            | Self::HomeFails(_)
            | Self::ReportFails(_)
            | Self::RemoteWrite {
                news: WriteNews::Held(..) | WriteNews::Fails(_) | WriteNews::Skips(_),
                ..
            }
            | Self::DiscoveryTrouble(_)
            | Self::NoPage(_) => LogPriority::Warning,
            Self::Impairment { impairment, .. }
                if impairment.end.is_none()
                    && !matches!(impairment.figures, Figures::RouteStep { .. }) =>
            {
                LogPriority::Warning
            }
            Self::Recovered { .. }
            | Self::DropWithdrawn { .. }
            | Self::TargetTrouble { .. }
            | Self::Impairment { .. }
            | Self::Gap(_)
            | Self::ClockSet { .. }
            | Self::Host(
                HostChange::Carrier { .. }
                | HostChange::Interface { .. }
                | HostChange::DefaultRoute { .. }
                | HostChange::Slept { .. }
                | HostChange::ClockStep { .. }
                | HostChange::DeadEntry { .. },
            ) => LogPriority::Notice,
            _ => LogPriority::Info,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::live::DropStatus;
    use crate::time::Timestamp;
    use crate::vocabulary::DropKind;

    #[test]
    fn warnings_of_the_journal_show_an_outage() {
        let drop = DropStatus {
            id: 1,
            kind: DropKind::Outage,
            place: "access".to_owned(),
            onset: Timestamp::default(),
            end: None,
            min_s: None,
            max_s: None,
        };
        let began = Event::DropBegan { drop: drop.clone(), detail: None };
        let ended = Event::DropEnded { drop, detail: None };
        for event in [began, ended] {
            assert_eq!(event.priority().before("DOWN"), "<4>DOWN");
        }
        assert!(Event::StorageTrouble("disk full".to_owned()).priority() < LogPriority::Warning);
        assert_eq!(Event::StorageWorks.priority(), LogPriority::Info);
    }
}
