//! What can be read of tables whose pages are damaged, for as long as a reader is open.

use rusqlite::{Connection, params_from_iter};

use crate::store::check;
use crate::store::salvage::each_row;
use crate::store::tables::{TABLES, TableEntry, marks};
use crate::store::unread::{UnreadTally, is_of_page};

/// Tables that are read by time, which go around damaged pages by themselves, and are too long for a
/// copy.
const BY_TIME: [&str; 3] = ["raw", "minute", "hour"];

/// Copies what can be read of each damaged table into a temporary one of its name, which every later
/// statement finds before it. The file does not change.
///
/// # Errors
/// If there is no space for the copies.
pub(super) fn copy_out(db: &Connection, unread: &UnreadTally) -> rusqlite::Result<()> {
    db.execute_batch("PRAGMA query_only = OFF")?;
    let small = TABLES.iter().filter(|table| !BY_TIME.contains(&table.name));
    let copied = small.filter(|table| is_damaged(db, table, unread)).try_for_each(|table| {
        let name = table.name;
        db.execute_batch(&format!(
            "DROP VIEW IF EXISTS temp.{name}; CREATE TEMP TABLE {name} AS SELECT * FROM main.{name} LIMIT 0"
        ))?;
        let mut result = Ok(0);
        let _ = each_row(db, table, &mut |values| {
            let sql = format!("INSERT INTO temp.{name} {}", marks(values.len()));
            let insert = |mut s: rusqlite::CachedStatement<'_>| s.execute(params_from_iter(values));
            result = db.prepare_cached(&sql).and_then(insert);
            result.is_ok()
        });
        result.map(drop)
    });
    db.execute_batch("PRAGMA query_only = ON")?;
    copied
}

/// Whether a page of it, or of one of its indexes, cannot be read, which is counted.
fn is_damaged(db: &Connection, table: &TableEntry, unread: &UnreadTally) -> bool {
    let fault = check::structural_fault(db, table.name);
    let what = match fault {
        Ok(Some(what)) => what,
        Err(e) if is_of_page(&e) => e.to_string(),
        // It is sound, or a file of an earlier schema does not have it.
        Ok(None) | Err(_) => return false,
    };
    unread.page(table.name, 0, &what);
    true
}
