//! The schema and its migrations, counted by `user_version`.
//!
//! Each step brings a file from schema n to n + 1; all that are missing run in one transaction.
//! Steps only add (a reader with explicit column lists goes on working); one that does not raises
//! `meta.min_reader`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::error::Error;
use super::meta;
use super::tables::TABLES;

/// 'LNKM'.
const APPLICATION_ID: i64 = 0x4C4E_4B4D;

/// Step n (from 0) brings schema n to n + 1. Later ones make the tables that say so themselves
/// ([`StoredTable::CREATE`](super::tables::StoredTable::CREATE)).
const STEPS: [&str; 6] = [
    include_str!("schema.sql"),
    include_str!("schema-2.sql"),
    include_str!("schema-3.sql"),
    include_str!("schema-4.sql"),
    include_str!("schema-5.sql"),
    include_str!("schema-6.sql"),
];

/// What makes a file of an earlier schema look complete to those who only read: a view in the place
/// of each table that lacks a column.
const COMPLETIONS: [(i64, &str); 1] = [(
    6,
    "CREATE TEMP VIEW link_drop AS
       SELECT *, NULL AS stretches, NULL AS first_key_us FROM main.link_drop",
)];

/// Columns that builds before the release of the present schema did not make: table, column, type.
const LATE_COLUMNS: [(&str, &str, &str); 2] =
    [("link_drop", "first_key_us", "INTEGER"), ("modem_reading", "levels", "TEXT")];

/// The schema that this program writes.
pub(super) const SCHEMA: i64 = 6;

/// What kind of file a connection has opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileKind {
    /// No tables at all: a new file.
    Nothing,
    /// linkmon's, with this schema.
    Ours(i64),
}

/// Whether a file that no connection of this process has open bears linkmon's mark.
pub(super) fn is_marked(path: &Path) -> bool {
    use std::os::unix::fs::FileExt;
    let mut mark = [0; 4];
    let read = crate::sys::plain::open(path).and_then(|file| file.read_exact_at(&mut mark, 68));
    read.is_ok() && i64::from(u32::from_be_bytes(mark)) == APPLICATION_ID
}

/// Looks what the file is, without changing it.
///
/// # Errors
/// If it is no database, another program's, or needs a later program: one that knows schema
/// `min_reader` for reading, the file's own schema for writing.
pub(super) fn inspect(db: &Connection, path: &Path, purpose: Purpose) -> Result<FileKind, Error> {
    let fail = |e| Error::sqlite("open database", path, e);
    let pragma = |name| db.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(fail);
    let (application, schema) = (pragma("application_id")?, pragma("user_version")?);
    if application != APPLICATION_ID {
        let tables: i64 = db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .map_err(fail)?;
        return if application == 0 && schema == 0 && tables == 0 {
            Ok(FileKind::Nothing)
        } else {
            Err(Error::NotOurs { path: path.to_owned() })
        };
    }
    let encoding: String =
        db.pragma_query_value(None, "encoding", |row| row.get(0)).map_err(fail)?;
    if encoding != "UTF-8" {
        // As another program writes it anew. Texts would be read as other than they are.
        let what = format!("its texts are in {encoding}, and linkmon writes UTF-8");
        return Err(Error::Damaged { doing: "open database", path: path.to_owned(), what });
    }
    let needed = match purpose {
        Purpose::Write => schema,
        // What cannot be read there is the reader's to say.
        Purpose::Read => meta::get(db, meta::MIN_READER).unwrap_or_default().unwrap_or(schema),
    };
    if needed > SCHEMA {
        return Err(Error::TooNew { path: path.to_owned(), found: needed, known: SCHEMA });
    }
    Ok(FileKind::Ours(schema))
}

/// What may be in a file besides what the migrations make.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ForeignParts {
    /// Tables and views of others, which linkmon never asks.
    Passive,
    /// Nothing at all.
    None,
}

/// Compares the schema of a file with what the migrations make.
///
/// # Errors
/// [`Error::Foreign`] where they differ: by a trigger, an index, another form of a table or a view.
pub(super) fn compare(
    db: &Connection,
    path: &Path,
    schema: i64,
    allowed: ForeignParts,
) -> Result<(), Error> {
    if !(1..=SCHEMA).contains(&schema) {
        return Ok(());
    }
    let fail = |e| Error::sqlite("open database", path, e);
    let expected = Connection::open_in_memory()
        .and_then(|db| {
            make(&db, 0, schema)?;
            objects(&db)
        })
        .map_err(fail)?;
    let found = objects(db).map_err(fail)?;
    let foreign = |what: String| Err(Error::Foreign { path: path.to_owned(), what });
    for (name, (kind, sql)) in &expected {
        match found.get(name) {
            Some((k, s)) if (k, s) == (kind, sql) => {}
            Some(_) => return foreign(format!("{kind} {name} is another one")),
            None => return foreign(format!("{kind} {name} is missing")),
        }
    }
    for (name, (kind, _)) in found.iter().filter(|(name, _)| !expected.contains_key(*name)) {
        let is_passive = allowed == ForeignParts::Passive && (kind == "table" || kind == "view");
        if !is_passive {
            let name: String = name.chars().filter(|c| !c.is_control()).take(60).collect();
            return foreign(format!("there is a {kind} {name}"));
        }
    }
    Ok(())
}

/// By name: kind, and the SQL without what does not count in it.
type SchemaObjects = BTreeMap<String, (String, String)>;

fn objects(db: &Connection) -> rusqlite::Result<SchemaObjects> {
    let sql = "SELECT name, type, coalesce(sql, '') FROM sqlite_schema";
    let mut statement = db.prepare(sql)?;
    let objects = statement.query_map([], |row| {
        let sql: String = row.get(2)?;
        Ok((row.get(0)?, (row.get(1)?, essence(&sql))))
    })?;
    let objects: SchemaObjects = objects.collect::<rusqlite::Result<_>>()?;
    // SQLite's own. It reserves these names.
    Ok(objects.into_iter().filter(|(name, _)| !name.starts_with("sqlite_")).collect())
}

/// A statement without its comments, which are worded anew from time to time, and without blanks.
fn essence(sql: &str) -> String {
    let code = sql.lines().map(|line| line.split("--").next().unwrap_or_default());
    code.flat_map(str::chars).filter(|c| !c.is_whitespace()).collect()
}

/// Makes what lies between two schemas.
fn make(db: &Connection, from: i64, to: i64) -> rusqlite::Result<()> {
    let (done, upto) = (usize::try_from(from).unwrap_or(0), usize::try_from(to).unwrap_or(0));
    for step in STEPS.get(done..upto).unwrap_or(&[]) {
        db.execute_batch(step)?;
    }
    for table in TABLES.iter().filter(|table| from < table.since && table.since <= to) {
        db.execute_batch(table.create)?;
    }
    Ok(())
}

/// Lets a file of an earlier schema be read by the columns of this one. The file does not change.
pub(super) fn complete(db: &Connection, schema: i64) -> rusqlite::Result<()> {
    let views = COMPLETIONS.iter().filter(|(since, _)| schema < *since);
    views.map(|(_, view)| *view).try_for_each(|view| db.execute_batch(view))?;
    if schema != SCHEMA {
        return Ok(());
    }
    for (table, column, _) in late_columns(db)? {
        db.execute_batch(&format!(
            "CREATE TEMP VIEW {table} AS SELECT *, NULL AS {column} FROM main.{table}"
        ))?;
    }
    for create in late_tables(db)? {
        db.execute_batch(&create.replace("CREATE TABLE", "CREATE TEMP TABLE"))?;
    }
    Ok(())
}

/// What makes the tables of the present schema that a file of it lacks: earlier builds made fewer.
fn late_tables(db: &Connection) -> rusqlite::Result<Vec<&'static str>> {
    let mut names = db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'")?;
    let names: BTreeSet<String> =
        names.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let lacking = TABLES.iter().filter(|t| !t.create.is_empty() && !names.contains(t.name));
    Ok(lacking.map(|table| table.create).collect())
}

/// The late columns that tables of a file lack.
fn late_columns(
    db: &Connection,
) -> rusqlite::Result<Vec<(&'static str, &'static str, &'static str)>> {
    let mut columns = db.prepare("SELECT name FROM pragma_table_info(?1)")?;
    let mut lacking = Vec::new();
    for late in LATE_COLUMNS {
        let names: BTreeSet<String> =
            columns.query_map([late.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if !names.is_empty() && !names.contains(late.1) {
            lacking.push(late);
        }
    }
    Ok(lacking)
}

/// Adds what a file of the present schema lacks.
fn add_late_parts(db: &Connection) -> rusqlite::Result<()> {
    if late_tables(db)?.is_empty() && late_columns(db)?.is_empty() {
        return Ok(());
    }
    let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
    for (table, column, kind) in late_columns(db)? {
        transaction.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} {kind}"))?;
    }
    for create in late_tables(db)? {
        transaction.execute_batch(create)?;
    }
    transaction.commit()
}

/// What a file is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// To read: a later schema serves as long as it says so.
    Read,
    /// To write: the schema must be known.
    Write,
}

/// Brings the file from `schema` (0: new) to [`SCHEMA`].
///
/// # Errors
/// If it cannot be written; it is then as before.
pub(super) fn migrate(
    db: &Connection,
    path: &Path,
    schema: i64,
    created_by: &str,
) -> Result<(), Error> {
    if schema >= SCHEMA {
        return add_late_parts(db)
            .map_err(|e| Error::sqlite("write the schema of database", path, e));
    }
    let run = || {
        let transaction = Transaction::new_unchecked(db, TransactionBehavior::Immediate)?;
        make(&transaction, schema, SCHEMA)?;
        if schema == 0 {
            transaction.pragma_update(None, "application_id", APPLICATION_ID)?;
            transaction.execute(
                "INSERT INTO meta VALUES ('created_by', ?1), ('min_reader', 1), ('commits', 0),
                 ('identity', ?2)",
                (created_by, fastrand::i64(..)),
            )?;
        }
        transaction.pragma_update(None, "user_version", SCHEMA)?;
        transaction.commit()
    };
    run().map_err(|e| Error::sqlite("write the schema of database", path, e))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_step_to_each_schema_and_all_tables_are_listed() {
        let since = TABLES.iter().map(|table| table.since).max();
        assert_eq!(i64::try_from(STEPS.len()).unwrap().max(since.unwrap()), SCHEMA);
        let db = Connection::open_in_memory().unwrap();
        migrate(&db, Path::new("memory"), 0, "linkmon test").unwrap();
        let mut made: Vec<String> = db
            .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<rusqlite::Result<_>>()
            .unwrap();
        made.retain(|name| name != "reason" && name != "sqlite_sequence");
        let mut listed: Vec<&str> = TABLES.iter().map(|table| table.name).collect();
        listed.sort_unstable();
        assert_eq!(made, listed);
    }

    #[test]
    fn an_empty_file_gets_the_present_schema_and_migrating_again_changes_nothing() {
        let db = Connection::open_in_memory().unwrap();
        let path = Path::new("memory");
        assert_eq!(inspect(&db, path, Purpose::Write).unwrap(), FileKind::Nothing);
        migrate(&db, path, 0, "linkmon test").unwrap();
        assert_eq!(inspect(&db, path, Purpose::Write).unwrap(), FileKind::Ours(SCHEMA));
        let changes = db.total_changes();
        migrate(&db, path, SCHEMA, "linkmon test").unwrap();
        assert_eq!(db.total_changes(), changes);
    }

    #[test]
    fn a_file_of_the_present_schema_that_an_earlier_build_made_is_read_and_made_whole() {
        let db = Connection::open_in_memory().unwrap();
        let path = Path::new("memory");
        migrate(&db, path, 0, "linkmon test").unwrap();
        db.execute_batch(
            "ALTER TABLE link_drop DROP COLUMN first_key_us;
             DROP TABLE modem_reading; DROP TABLE modem_page",
        )
        .unwrap();
        let reads = || {
            db.prepare("SELECT first_key_us FROM link_drop")?;
            db.prepare("SELECT levels FROM modem_reading").map(drop)
        };
        assert!(reads().is_err());
        complete(&db, SCHEMA).unwrap();
        reads().unwrap();
        db.execute_batch("DROP VIEW temp.link_drop; DROP TABLE temp.modem_reading").unwrap();
        db.execute_batch("DROP TABLE temp.modem_page").unwrap();
        migrate(&db, path, SCHEMA, "linkmon test").unwrap();
        reads().unwrap();
        compare(&db, path, SCHEMA, ForeignParts::None).unwrap();
    }

    #[test]
    fn a_failing_step_leaves_the_file_as_it_was() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("CREATE TABLE minute(x)").unwrap();
        assert!(migrate(&db, Path::new("memory"), 0, "linkmon test").is_err());
        let tables: i64 =
            db.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).unwrap();
        assert_eq!(tables, 1);
    }

    #[test]
    fn a_database_in_utf_16_is_called_what_it_is() {
        let db = Connection::open_in_memory().unwrap();
        db.execute_batch("PRAGMA encoding = 'UTF-16le'").unwrap();
        migrate(&db, Path::new("memory"), 0, "linkmon test").unwrap();
        let said = inspect(&db, Path::new("memory"), Purpose::Read).unwrap_err().to_string();
        assert!(said.contains("its texts are in UTF-16le, and linkmon writes UTF-8"), "{said}");
    }

    #[test]
    fn a_reader_accepts_a_later_schema_that_says_it_may() {
        let db = Connection::open_in_memory().unwrap();
        let path = Path::new("memory");
        migrate(&db, path, 0, "linkmon test").unwrap();
        db.pragma_update(None, "user_version", SCHEMA + 1).unwrap();
        assert_eq!(inspect(&db, path, Purpose::Read).unwrap(), FileKind::Ours(SCHEMA + 1));
        assert!(matches!(inspect(&db, path, Purpose::Write), Err(Error::TooNew { .. })));
    }
}
