//! What can be exported of a table: columns and the statement that selects them.

use crate::time::TimeRange;

/// What a column holds; where there is none of it, NULL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportKind {
    /// A time in RFC 3339, UTC.
    Utc,
    /// Whole numbers.
    Integers,
    /// Numbers.
    Reals,
    /// Text.
    Text,
}

/// The rows of a period, as rows of text and numbers.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Export {
    /// The columns, in their order. They are laid down and not taken from the views: a file of a
    /// later schema may have wider ones.
    pub(in crate::store) columns: &'static [(&'static str, ExportKind)],
    /// What follows `SELECT columns`; or, where it begins with `WITH`, what precedes it and, after
    /// a `;`, what follows it.
    pub(in crate::store) from: fn(TimeRange) -> String,
}

impl Export {
    /// The statement for a period.
    pub(in crate::store) fn statement(self, period: TimeRange) -> String {
        let names: Vec<&str> = self.columns.iter().map(|(name, _)| *name).collect();
        let names = names.join(", ");
        let from = (self.from)(period);
        match from.split_once(';') {
            Some((with, from)) => format!("{with} SELECT {names} {from}"),
            None => format!("SELECT {names} {from}"),
        }
    }
}

/// `FROM view ...` for rows of a view with a column `time`, Unix seconds.
pub(super) fn from_view(view: &str, period: TimeRange) -> String {
    let seconds = |at: crate::time::Timestamp| at.as_millis().div_euclid(1_000);
    let (from, to) = (seconds(period.from), seconds(period.to));
    format!("FROM {view} WHERE time >= {from} AND time < {to} ORDER BY time, target")
}

/// Columns by what they hold.
macro_rules! columns {
    ($($kind:ident: $($name:ident),+;)+) => {
        &[$($((stringify!($name), $crate::store::tables::export::ExportKind::$kind)),+),+]
    };
}
pub(super) use columns;
