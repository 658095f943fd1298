//! Rows that wait for the next commit: in memory, and in the journal meanwhile.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::drop_path::PathRow;
use super::event::EventRow;
use super::gap::GapRow;
use super::impairment::ImpairmentRow;
use super::modem_reading::ModemRow;
use super::roster::RosterRow;
use super::table::{Overlaid, StoredTable, Timed};
use super::trouble::TroubleRow;
use super::way::WayRow;
use crate::vocabulary::{StationSeen, StoredMessage, Traffic};

/// Rows of a table that wait for the next commit.
pub(in crate::store) trait Journaled: Timed {
    /// The row, if it is one of this table.
    fn of(waiting: &WaitingRow) -> Option<&Self>;
}

macro_rules! waiting {
    ($($name:ident($row:ty)),+ $(,)?) => {
        /// A row that waits for the next commit.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(in crate::store) enum WaitingRow {
            $($name($row)),+
        }

        impl WaitingRow {
            /// Whether a program that knows schema 1 alone can read it in a journal.
            pub(in crate::store) fn is_of_schema_1(&self) -> bool {
                match self {
                    $(Self::$name(_) => <$row as StoredTable>::SINCE == 1),+
                }
            }

            /// Whether `later` is the same row, brought up to date.
            pub(in crate::store) fn is_replaced_by(&self, later: &Self) -> bool {
                match (self, later) {
                    $((Self::$name(a), Self::$name(b)) => a.identity() == b.identity(),)+
                    _ => false,
                }
            }

            /// Writes it; writing it again changes nothing.
            pub(in crate::store) fn put(&self, db: &Connection) -> rusqlite::Result<()> {
                match self {
                    $(Self::$name(row) => row.put(db).map(drop)),+
                }
            }
        }

        $(impl Journaled for $row {
            fn of(waiting: &WaitingRow) -> Option<&Self> {
                if let WaitingRow::$name(row) = waiting { Some(row) } else { None }
            }
        })+
    };
}

waiting!(
    Gap(GapRow),
    Trouble(TroubleRow),
    Event(EventRow),
    Impairment(ImpairmentRow),
    Traffic(Traffic),
    Roster(RosterRow),
    Way(WayRow),
    Path(PathRow),
    Station(StationSeen),
    Modem(ModemRow),
    Message(StoredMessage),
);
