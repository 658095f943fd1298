use super::*;

fn listing(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut files: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn refused(path: &Path) -> Error {
    open_at(path, &path.with_extension("run")).unwrap_err()
}

#[test]
fn a_second_writer_is_told_who_the_first_is() {
    let place = Place::new();
    let writer = place.writer();
    let error = place.try_open().unwrap_err();
    let path = writer.path().display();
    let pid = std::process::id();
    assert_eq!(
        error.to_string(),
        format!("database {path} is in use by another linkmon (pid {pid})")
    );
    assert!(error.hint().is_some());
    drop(writer);
    place.try_open().unwrap();
}

#[test]
fn a_database_is_free_when_its_writer_goes_though_a_child_process_is_being_started() {
    let place = Place::new();
    drop(place.writer());
    let copy = super::super::file::lock(&place.db()).unwrap();
    let child = copy.file.try_clone().unwrap();
    drop(copy);
    drop(place.writer());
    drop(child);
}

#[test]
fn what_is_no_database_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("notes.txt");
    for text in ["a short text", &"a text longer than a page of a database. ".repeat(300)] {
        std::fs::write(&path, text).unwrap();
        let message = format!("open database {}: it is not a SQLite database", path.display());
        assert_eq!(refused(&path).to_string(), message);
        assert_eq!(Reader::open(&path).unwrap_err().to_string(), message);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    let message = format!("open database {}: it is a directory", directory.path().display());
    assert_eq!(refused(directory.path()).to_string(), message);
    assert_eq!(Reader::open(directory.path()).unwrap_err().to_string(), message);
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE bookmarks(url)").unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    let message = format!("open database {}: it is a database of another program", path.display());
    assert_eq!(refused(&path).to_string(), message);
    assert_eq!(Reader::open(&path).unwrap_err().to_string(), message);
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_database_of_a_later_linkmon_is_refused_byte_for_byte_untouched() {
    let place = Place::new();
    place.writer().close(at(0), RunEnd::Clean).unwrap();
    let sql = place.sql();
    sql.execute_batch(
        "PRAGMA user_version = 8; UPDATE meta SET value = 7 WHERE key = 'min_reader'",
    )
    .unwrap();
    drop(sql);
    let before = std::fs::read(place.db()).unwrap();
    let message = |found| {
        let path = place.db().canonicalize().unwrap();
        format!(
            "open database {}: it has schema {found}, this linkmon knows schema 6",
            path.display()
        )
    };
    assert_eq!(place.try_open().unwrap_err().to_string(), message(8));
    assert_eq!(Reader::open(&place.db()).unwrap_err().to_string(), message(7));
    assert_eq!(std::fs::read(place.db()).unwrap(), before);
}

/// A file with its rollback journal, as a kill or a power cut leaves it in a transaction.
pub(super) fn cut_short(path: &Path, statements: &str) -> PathBuf {
    let db = rusqlite::Connection::open(path).unwrap();
    db.pragma_update(None, "journal_mode", "DELETE").unwrap();
    db.execute_batch(&format!("BEGIN; {statements}")).unwrap();
    db.cache_flush().unwrap();
    let copy = path.with_file_name("cut.db");
    for suffix in ["", "-journal"] {
        let name = |path: &Path| format!("{}{suffix}", path.display());
        std::fs::copy(name(path), name(&copy)).unwrap();
    }
    copy
}

#[test]
fn what_a_transaction_cut_short_left_is_taken_back_at_the_start() {
    let place = Place::recorded(100);
    let before = place.samples();
    assert_eq!(before.len(), 100);
    let cut = cut_short(&place.db(), "DELETE FROM raw; CREATE TABLE other(a)");
    let (writer, recovery) = open_at(&cut, &cut.with_extension("run")).unwrap();
    assert_eq!(recovery.put_aside, None);
    drop(writer);
    assert_eq!(samples(&Reader::open(&cut).unwrap()), before);
    assert!(crate::store::check_all(&cut).unwrap().is_whole());
}

#[test]
fn another_programs_transaction_cut_short_is_not_taken_back() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("other.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch("CREATE TABLE bookmarks(url); INSERT INTO bookmarks VALUES ('a')").unwrap();
    drop(db);
    let cut = cut_short(&path, "DELETE FROM bookmarks");
    let files = || ["cut.db", "cut.db-journal"].map(|n| std::fs::read(cut.with_file_name(n)).ok());
    let before = files();
    assert!(before.iter().all(Option::is_some));
    assert!(matches!(refused(&cut), Error::NotOurs { .. }));
    assert!(files() == before);
}

#[test]
fn a_missing_database_is_not_made_by_a_reader_and_the_hint_says_how_to_make_it() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("linkmon.db");
    let error = Reader::open(&path).unwrap_err();
    assert_eq!(error.to_string(), format!("open database {}: no such file", path.display()));
    assert!(error.hint().unwrap().contains("`linkmon run`"));
    std::fs::write(&path, "").unwrap();
    assert!(matches!(Reader::open(&path), Err(Error::Empty { .. })));
    assert_eq!(listing(directory.path()), [("linkmon.db".to_owned(), vec![])]);
}

#[test]
fn a_reader_makes_no_file_and_changes_none() {
    let place = Place::recorded(100);
    let directory = place.db().parent().unwrap().to_owned();
    let before = listing(&directory);
    assert!(before.iter().any(|f| f.0 == "linkmon.db-wal" && !f.1.is_empty()), "the log is kept");
    assert_eq!(place.samples().len(), 100);
    let names = |files: &[(String, Vec<u8>)]| files.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&listing(&directory)), names(&before));
    // As it is after a copy, or after another program closed it.
    for name in ["linkmon.db-wal", "linkmon.db-shm", "linkmon.db.lock"] {
        std::fs::remove_file(directory.join(name)).unwrap();
    }
    let before = listing(&directory);
    assert_eq!(place.samples().len(), 100);
    assert_eq!(listing(&directory), before);
}

#[test]
fn a_directory_that_may_not_be_written_is_named() {
    // Not even root can make a file there.
    let path = Path::new("/proc/self/linkmon.db");
    let error = open_at(path, Path::new("/proc/self/run")).unwrap_err().to_string();
    assert!(error.starts_with("lock /proc/"), "{error}");
    assert!(error.contains("/linkmon.db.lock"), "{error}");
}

#[test]
fn a_byte_flipped_in_a_row_costs_that_row_and_is_counted() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..180);
    writer.close(at(180), RunEnd::Clean).unwrap();
    place
        .sql()
        .execute(
            "UPDATE raw SET samples = CAST(substr(samples, 1, 20) || x'01' || substr(samples, 22) AS BLOB)
             WHERE minute = ?1",
            [at(60).utc.minute()],
        )
        .unwrap();
    let mut found = Vec::new();
    let damage =
        place.reader().for_each_minute(ALL, &mut |m| found.extend_from_slice(&m.samples)).unwrap();
    assert_eq!(damage.rows, 1);
    let expected: Vec<_> = (0..60).chain(120..180).map(|n| nth(&target, n)).collect();
    assert_eq!(found, expected);
}

#[test]
fn the_tail_of_a_database_that_was_removed_is_not_another_ones() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..30);
    drop(writer);
    std::fs::remove_dir_all(place.db().parent().unwrap()).unwrap();
    let (_writer, recovery) = place.try_open().unwrap();
    assert_eq!(recovery, Recovery { created: true, ..Recovery::default() });
    assert_eq!(place.samples(), []);
    assert_eq!(place.reader().live(), None);
}

#[test]
fn what_others_put_into_the_schema_is_put_aside_by_a_writer_and_refused_by_checks() {
    let foreign = [
        "CREATE TRIGGER t AFTER INSERT ON raw BEGIN DELETE FROM link_drop; END",
        "CREATE INDEX i ON raw(target)",
        "DROP VIEW v_drop; CREATE VIEW v_drop AS WITH RECURSIVE e(n) AS
           (SELECT 1 UNION ALL SELECT n + 1 FROM e) SELECT n AS id FROM e",
        "ALTER TABLE gap ADD COLUMN more TEXT",
        "DROP TABLE trouble",
    ];
    for change in foreign {
        let place = Place::recorded(100);
        let before = place.samples();
        place.sql().execute_batch(change).unwrap();
        let is_refused = |e: Error| assert!(matches!(e, Error::Foreign { .. }), "{change}: {e}");
        is_refused(crate::store::verify_chain(&place.db()).unwrap_err());
        assert!(!crate::store::check_all(&place.db()).unwrap().is_whole());
        let to = place.directory.path().join("other.db");
        is_refused(crate::store::restore(&place.db(), &to, at(0).utc).unwrap_err());
        assert!(!to.exists());
        let (mut writer, recovery) = place.try_open().unwrap();
        assert!(recovery.put_aside.is_some(), "{change}");
        writer.begin_run(at(200), None).unwrap();
        for turn in 0..100_000 {
            writer.second(at(200 + turn / 1_000), "{}").unwrap();
            if writer
                .take_events()
                .iter()
                .any(|e| matches!(e, crate::store::StoreEvent::Salvaged { .. }))
            {
                break;
            }
            std::thread::yield_now();
        }
        drop(writer);
        assert_eq!(place.samples(), before, "{change}");
        place.reader().check_schema().unwrap();
    }
    // Of a stranger's table nothing is asked.
    let place = Place::recorded(100);
    place.sql().execute_batch("CREATE TABLE mine(a); CREATE VIEW v_mine AS SELECT 1").unwrap();
    assert_eq!(place.try_open().unwrap().1.put_aside, None);
}

#[test]
fn a_lock_and_a_record_are_closed_to_others_and_a_lock_of_a_stranger_names_nobody() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::recorded(5);
    let lock = place.db().with_file_name("linkmon.db.lock");
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&lock), 0o600);
    assert_eq!(mode(&place.db()), 0o640);
    assert_eq!(mode(place.db().parent().unwrap()) & 0o007, 0);
    for path in [&lock, &place.db()] {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o644)).unwrap();
    }
    drop(place.writer());
    assert_eq!((mode(&lock), mode(&place.db())), (0o600, 0o640), "as an earlier linkmon left them");
    std::fs::write(&lock, "4194305\nlinkmon\n").unwrap();
    let held = std::fs::File::open(&lock).unwrap();
    held.try_lock().unwrap();
    let Err(Error::Locked { pid, .. }) = place.try_open() else { panic!("it is locked") };
    assert_eq!(pid, None, "no process has such a number");
}

#[test]
fn what_is_no_file_is_no_database_and_blocks_nobody() {
    let place = Place::recorded(5);
    let pipe = |path: &Path| {
        let status = std::process::Command::new("mkfifo").arg(path).status().unwrap();
        assert!(status.success());
    };
    let path = place.directory.path().join("pipe.db");
    pipe(&path);
    assert!(matches!(Reader::open(&path), Err(Error::NotAFile { what: "a pipe", .. })));
    assert!(matches!(refused(&path), Error::NotAFile { what: "a pipe", .. }));
    let log = place.db().with_file_name("linkmon.db-wal");
    let _ = std::fs::remove_file(&log);
    pipe(&log);
    assert!(matches!(Reader::open(&place.db()), Err(Error::NotAFile { .. })));
    assert!(matches!(place.try_open(), Err(Error::NotAFile { .. })));
}

#[test]
fn a_value_larger_than_any_of_linkmons_fills_no_memory_and_costs_only_itself() {
    let place = Place::recorded(120);
    place
        .sql()
        .execute_batch(
            "INSERT INTO note(time_us, text, added_us, kind) VALUES (1, 'short', 1, 'call');
             INSERT INTO note(time_us, text, added_us, kind)
               VALUES (1, printf('%.*c', 70000000, 'x'), 1, 'call');",
        )
        .unwrap();
    let reader = place.reader();
    // Read or not: no more than one that is too large is missing, and nothing else fails.
    let notes = reader.notes(ALL);
    assert!(notes.as_ref().map_or(true, |notes| notes.len() <= 2), "{notes:?}");
    assert_eq!(place.samples().len(), 120);
    let longest = "SELECT length(replace(hex(zeroblob(40000000)), '0', 'xx'))";
    let refused = reader.connection().query_row(longest, [], |row| row.get::<_, i64>(0));
    let code = refused.unwrap_err().sqlite_error_code();
    assert_eq!(code, Some(rusqlite::ErrorCode::TooBig));
    let deep = format!("SELECT {}1{}", "(1+".repeat(800), ")".repeat(800));
    assert!(reader.connection().prepare(&deep).is_err());
    let (writer, recovery) = place.try_open().unwrap();
    let unread: Vec<_> = recovery.unread.iter().map(|u| (u.table, u.places)).collect();
    assert_eq!(unread, [("note", 1)], "the daemon measures, and says so");
    drop(writer);
}
