//! A database that refuses to be written, made so from outside: by triggers that another connection
//! puts into the file. The writer notices nothing but the failures.

use std::path::Path;

use rusqlite::Connection;

/// From now on nothing can be written into the tables of a database, however often it is opened.
pub(crate) fn refuse_writes(path: &Path) {
    let db = Connection::open(path).unwrap();
    for (table, verb) in refused(&db) {
        db.execute_batch(&format!(
            "CREATE TRIGGER refuse_{verb}_{table} BEFORE {verb} ON {table}
             BEGIN SELECT RAISE(ABORT, 'refused'); END"
        ))
        .unwrap();
    }
}

/// It can be written again.
pub(crate) fn accept_writes(path: &Path) {
    let db = Connection::open(path).unwrap();
    for (table, verb) in refused(&db) {
        db.execute_batch(&format!("DROP TRIGGER refuse_{verb}_{table}")).unwrap();
    }
}

/// All tables, with all ways to change them.
fn refused(db: &Connection) -> Vec<(String, &'static str)> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut tables = db.prepare(sql).unwrap();
    let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    names.flat_map(|name| ["INSERT", "UPDATE", "DELETE"].map(|verb| (name.clone(), verb))).collect()
}
