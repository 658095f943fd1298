//! A table for `SQLite` whose rows are single probes, decoded as they are asked for. The traits of
//! rusqlite for such tables are unsafe to implement; everything about the record comes
//! from a [`ProbeSource`].

use std::borrow::Cow;
use std::ffi::{CStr, c_int};
use std::sync::Arc;

use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection,
    VTabCursor,
};
use rusqlite::{Connection, Error, Result, ffi};

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct ProbeRow {
    pub(crate) time_ms: i64,
    pub(crate) target: Arc<str>,
    pub(crate) run: i64,
    pub(crate) outcome: &'static str,
    pub(crate) rtt_us: Option<i64>,
}

/// The rows that are wanted; more may be returned.
#[derive(Debug, Clone)]
pub(crate) struct WantedRows {
    /// Both included.
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) target: Option<String>,
}

/// Where the rows come from.
pub(crate) trait ProbeSource {
    /// Some rows from `from_ms` on, and the time at which those after them start; `None` at the end.
    fn next(
        &self,
        wanted: &WantedRows,
        from_ms: i64,
    ) -> std::result::Result<Option<(Vec<ProbeRow>, i64)>, String>;
}

/// Opens a source for a table.
pub(crate) type Opener =
    Arc<dyn Fn() -> std::result::Result<Box<dyn ProbeSource>, String> + Send + Sync>;

const LOWER: c_int = 1;
const UPPER: c_int = 2;
const TARGET: c_int = 4;

/// Adds the table `samples(time_ms, target, run, outcome, rtt_us)` to a connection.
///
/// # Errors
/// Those of `SQLite`.
pub(crate) fn add(db: &Connection, opener: Opener) -> Result<()> {
    const MODULE: Module<'static, ProbesTable> = Module::eponymous_only_module();
    db.create_module(c"samples", &MODULE, Some(opener))
}

#[repr(C)]
struct ProbesTable {
    base: ffi::sqlite3_vtab,
    source: Box<dyn ProbeSource>,
}

// SAFETY: the structure is `repr(C)` and starts with `sqlite3_vtab`, as the trait requires.
unsafe impl<'vtab> VTab<'vtab> for ProbesTable {
    type Aux = Opener;
    type Cursor = Cursor<'vtab>;

    fn connect(
        db: &mut VTabConnection,
        aux: Option<&Opener>,
        _module: &[u8],
        _database: &[u8],
        _table: &[u8],
        _arguments: &[&[u8]],
    ) -> Result<(Cow<'static, CStr>, Self)> {
        let opener = aux.ok_or_else(|| Error::ModuleError("there is no record".to_owned()))?;
        let source = opener().map_err(Error::ModuleError)?;
        db.config(VTabConfig::Innocuous)?;
        let table = c"CREATE TABLE x(time_ms INTEGER, target TEXT, run INTEGER, outcome TEXT, rtt_us INTEGER)";
        Ok((Cow::Borrowed(table), Self { base: ffi::sqlite3_vtab::default(), source }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> Result<bool> {
        use IndexConstraintOp as Op;
        let mut found: [Option<usize>; 3] = [None; 3];
        for (n, constraint) in info.constraints().enumerate() {
            if !constraint.is_usable() {
                continue;
            }
            let which = match (constraint.column(), constraint.operator()) {
                (0, Op::SQLITE_INDEX_CONSTRAINT_GE | Op::SQLITE_INDEX_CONSTRAINT_GT) => 0,
                (0, Op::SQLITE_INDEX_CONSTRAINT_LE | Op::SQLITE_INDEX_CONSTRAINT_LT) => 1,
                (1, Op::SQLITE_INDEX_CONSTRAINT_EQ) => 2,
                _ => continue,
            };
            found[which] = found[which].or(Some(n));
        }
        let (mut bits, mut arguments, mut cost) = (0, 0, 1e9);
        for (which, n) in found.into_iter().enumerate() {
            let Some(n) = n else { continue };
            bits |= [LOWER, UPPER, TARGET][which];
            arguments += 1;
            cost /= 10.0;
            // SQLite checks each row as well: bounds are taken as included here.
            info.constraint_usage(n).set_argv_index(arguments);
        }
        // Rows come in order of time.
        let mut order = info.order_bys();
        if let (Some(first), None) = (order.next(), order.next())
            && first.column() == 0
            && !first.is_order_by_desc()
        {
            info.set_order_by_consumed(true);
        }
        info.set_idx_num(bits);
        info.set_estimated_cost(cost);
        Ok(true)
    }

    fn open(&'vtab mut self) -> Result<Cursor<'vtab>> {
        let wanted = WantedRows { from_ms: 0, to_ms: 0, target: None };
        Ok(Cursor {
            base: ffi::sqlite3_vtab_cursor::default(),
            source: &*self.source,
            wanted,
            rows: Vec::new().into_iter(),
            row: None,
            next_ms: 0,
            number: 0,
        })
    }
}

#[repr(C)]
struct Cursor<'vtab> {
    base: ffi::sqlite3_vtab_cursor,
    source: &'vtab dyn ProbeSource,
    wanted: WantedRows,
    rows: std::vec::IntoIter<ProbeRow>,
    row: Option<ProbeRow>,
    next_ms: i64,
    number: i64,
}

// SAFETY: the structure is `repr(C)` and starts with `sqlite3_vtab_cursor`, as the trait requires.
unsafe impl VTabCursor for Cursor<'_> {
    fn filter(&mut self, bits: c_int, _: Option<&str>, arguments: &Filters<'_>) -> Result<()> {
        let mut n = 0;
        let mut has = |bit| {
            let given = bits & bit != 0;
            n += usize::from(given);
            given.then(|| n - 1)
        };
        // Anything but a number (text, NULL) bounds nothing here, and is compared by SQLite.
        let bound = |n: usize, up: bool| {
            arguments.get::<rusqlite::types::Value>(n).map(|value| match value {
                rusqlite::types::Value::Integer(ms) => Some(ms),
                #[allow(clippy::cast_possible_truncation, reason = "it saturates")]
                rusqlite::types::Value::Real(ms) if up => Some(ms.ceil() as i64),
                #[allow(clippy::cast_possible_truncation, reason = "it saturates")]
                rusqlite::types::Value::Real(ms) => Some(ms.floor() as i64),
                _ => None,
            })
        };
        let from_ms = has(LOWER).map(|n| bound(n, false)).transpose()?.flatten();
        let to_ms = has(UPPER).map(|n| bound(n, true)).transpose()?.flatten();
        let target = has(TARGET).map(|n| arguments.get::<Option<String>>(n));
        self.wanted = WantedRows {
            from_ms: from_ms.unwrap_or(i64::MIN),
            to_ms: to_ms.unwrap_or(i64::MAX),
            target: target.and_then(Result::ok).flatten(),
        };
        self.next_ms = self.wanted.from_ms;
        self.rows = Vec::new().into_iter();
        self.number = 0;
        self.next()
    }

    fn next(&mut self) -> Result<()> {
        loop {
            self.row = self.rows.next();
            self.number += 1;
            if self.row.is_some() {
                return Ok(());
            }
            let batch = self.source.next(&self.wanted, self.next_ms).map_err(Error::ModuleError)?;
            let Some((rows, next_ms)) = batch else { return Ok(()) };
            (self.rows, self.next_ms) = (rows.into_iter(), next_ms);
        }
    }

    fn eof(&self) -> bool {
        self.row.is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> Result<()> {
        let Some(row) = &self.row else { return Ok(()) };
        match column {
            0 => context.set_result(row.time_ms),
            1 => context.set_result(&*row.target),
            2 => context.set_result(row.run),
            3 => context.set_result(row.outcome),
            _ => context.set_result(row.rtt_us),
        }
    }

    fn rowid(&self) -> Result<i64> {
        Ok(self.number)
    }
}
