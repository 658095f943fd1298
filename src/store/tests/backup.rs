use std::io::{BufRead, BufReader};

use super::*;
use crate::store::{backup, check_all, restore};

fn recorded() -> (Place, Writer, Target) {
    let place = Place::new();
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 0..130);
    writer.flush(at(130)).unwrap();
    (place, writer, target)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> =
        entries.map(|e| e.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

#[test]
fn copies_made_while_another_process_writes_are_each_whole_and_of_one_instant() {
    let place = Place::new();
    let mut child = super::kill::writing(place.directory.path(), 0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let to = tempfile::tempdir().unwrap();
    let mut before = 0;
    for n in 0..10 {
        let mut last = 0;
        for _ in 0..60 {
            let line = lines.next().unwrap();
            last = line.strip_prefix("recorded ").map_or(last, |n| n.parse::<i64>().unwrap());
        }
        let copied = backup(&place.db(), to.path(), 100, at(n).utc).unwrap();
        assert!(check_all(&copied.path).unwrap().is_whole());
        let reader = Reader::open(&copied.path).unwrap();
        let target = reader.targets().unwrap().remove(0);
        let found = samples(&reader);
        let expected: Vec<_> =
            (0..i64::try_from(found.len()).unwrap()).map(|n| nth(&target, n)).collect();
        assert!(found == expected, "from the first on, without a hole");
        assert!(i64::try_from(found.len()).unwrap() >= last / 23 * 23, "all that was committed");
        assert!(found.len() >= before);
        before = found.len();
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert_eq!(names(to.path()).len(), 10, "one file each, and no log beside it");
}

#[test]
fn of_dated_copies_the_newest_stay_and_no_other_file_is_touched() {
    let (place, _writer, _) = recorded();
    let to = tempfile::tempdir().unwrap();
    std::fs::write(to.path().join("linkmon-holiday.db"), "mine").unwrap();
    for n in 0..5 {
        backup(&place.db(), to.path(), 3, at(n * 86_400).utc).unwrap();
    }
    assert_eq!(
        names(to.path()),
        [
            "linkmon-20260204T132000Z.db",
            "linkmon-20260205T132000Z.db",
            "linkmon-20260206T132000Z.db",
            "linkmon-holiday.db"
        ]
    );
    let taken = to.path().join("linkmon-holiday.db");
    assert!(matches!(backup(&place.db(), &taken, 3, at(9).utc), Err(Error::Exists { .. })));
    assert_eq!(std::fs::read(&taken).unwrap(), b"mine");
}

#[test]
fn of_a_damaged_database_no_copy_is_made_and_no_older_one_removed() {
    let (place, writer, target) = recorded();
    let to = tempfile::tempdir().unwrap();
    backup(&place.db(), to.path(), 1, at(0).utc).unwrap();
    drop((writer, target));
    place.sql().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = std::fs::read(place.db()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..].fill(0x5A);
    std::fs::write(place.db(), bytes).unwrap();
    assert!(backup(&place.db(), to.path(), 1, at(90_000).utc).is_err());
    assert_eq!(names(to.path()), ["linkmon-20260202T132000Z.db"]);
}

#[test]
fn a_drill_the_database_is_lost_and_restored_from_its_copy() {
    let (place, mut writer, target) = recorded();
    let copy = place.directory.path().join("copy.db");
    backup(&place.db(), &copy, 1, at(140).utc).unwrap();
    let in_copy = samples(&Reader::open(&copy).unwrap());
    assert_eq!(in_copy.len(), 130);
    record(&mut writer, &target, 130..200);
    // While a daemon writes nothing is replaced.
    assert!(matches!(restore(&copy, &place.db(), at(210).utc), Err(Error::Locked { .. })));
    writer.close(at(200), RunEnd::Clean).unwrap();
    std::fs::write(place.db(), "overwritten by mistake").unwrap();
    let kept = restore(&copy, &place.db(), at(220).utc).unwrap().unwrap();
    assert_eq!(std::fs::read(&kept).unwrap(), b"overwritten by mistake");
    assert_eq!(place.samples(), in_copy);
    let mut writer = place.writer();
    writer.begin_run(at(300), None).unwrap();
    let target = anchor(&mut writer);
    record(&mut writer, &target, 300..400);
    assert_eq!(place.samples().len(), 230, "it goes on where it was");
    assert!(check_all(&place.db()).unwrap().is_whole());
    // What is no whole copy replaces nothing.
    drop(writer);
    std::fs::write(&copy, "no database").unwrap();
    assert!(restore(&copy, &place.db(), at(500).utc).is_err());
    assert_eq!(place.samples().len(), 230);
}

#[test]
fn a_link_to_a_database_stays_one_and_is_locked_as_what_it_leads_to() {
    let (place, mut writer, target) = recorded();
    let copy = place.directory.path().join("copy.db");
    backup(&place.db(), &copy, 1, at(140).utc).unwrap();
    let link = place.directory.path().join("link.db");
    std::os::unix::fs::symlink(place.db(), &link).unwrap();
    assert!(matches!(restore(&copy, &link, at(150).utc), Err(Error::Locked { .. })));
    assert!(matches!(crate::store::check_is_free(&link), Err(Error::Locked { .. })));
    record(&mut writer, &target, 130..140);
    writer.close(at(140), RunEnd::Clean).unwrap();
    let kept = restore(&copy, &link, at(220).utc).unwrap().unwrap();
    assert_eq!(std::fs::read_link(&link).unwrap(), place.db());
    assert_eq!(kept.parent(), std::fs::canonicalize(place.db()).unwrap().parent());
    assert_eq!(place.samples().len(), 130);
}

#[test]
fn what_a_transaction_of_the_old_file_left_is_not_taken_back_in_the_restored_one() {
    let (place, mut writer, target) = recorded();
    let copy = place.directory.path().join("copy.db");
    backup(&place.db(), &copy, 1, at(140).utc).unwrap();
    let in_copy = samples(&Reader::open(&copy).unwrap());
    record(&mut writer, &target, 130..400);
    writer.close(at(400), RunEnd::Clean).unwrap();
    let cut = super::damage::cut_short(&place.db(), "DELETE FROM raw; DELETE FROM hour");
    let kept = restore(&copy, &cut, at(220).utc).unwrap().unwrap();
    assert!(kept.with_file_name(format!("{}-journal", kept.display())).exists());
    drop(open_at(&cut, &cut.with_extension("run")).unwrap());
    assert_eq!(samples(&Reader::open(&cut).unwrap()), in_copy);
    assert!(check_all(&cut).unwrap().is_whole());
}

#[test]
fn what_killed_copies_left_is_removed_and_what_is_being_copied_stays() {
    let (place, _writer, _) = recorded();
    let to = tempfile::tempdir().unwrap();
    let name = |n: &str| to.path().join(n);
    std::fs::write(name("linkmon-20260101T000000Z.db.part"), [7; 5_000]).unwrap();
    std::fs::write(name("linkmon-20260101T000000Z.db.part-journal"), [7; 600]).unwrap();
    std::fs::write(name("other.db.part"), "mine").unwrap();
    let busy = rusqlite::Connection::open(name("linkmon-20260102T000000Z.db.part")).unwrap();
    busy.execute_batch("CREATE TABLE x(y); BEGIN IMMEDIATE; INSERT INTO x VALUES (1)").unwrap();
    let copied = backup(&place.db(), to.path(), 3, at(0).utc).unwrap();
    let left = names(to.path());
    assert!(left.iter().all(|name| !name.contains("20260101")), "{left:?}");
    assert!(left.contains(&"linkmon-20260102T000000Z.db.part".to_owned()), "{left:?}");
    assert!(left.contains(&"other.db.part".to_owned()) && copied.path.exists(), "{left:?}");
}

#[test]
fn a_copy_goes_where_links_lead_to_and_is_closed_to_others() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = Place::recorded(60);
    let to = tempfile::tempdir().unwrap();
    let copy = backup(&place.db(), &to.path().join("copy.db"), 1, at(100).utc).unwrap().path;
    let (link, real) = (to.path().join("link.db"), to.path().join("there/real.db"));
    symlink("chain.db", &link).unwrap();
    symlink("there/real.db", to.path().join("chain.db")).unwrap();
    for n in 0..2 {
        // To a file that is not there yet, then over the one that is.
        let kept = crate::store::restore(&copy, &link, at(200 + n).utc).unwrap();
        assert_eq!(kept.is_some(), n == 1);
        assert!(link.is_symlink() && real.is_file(), "the link stays one");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&real) & 0o007, mode(&copy) & 0o007), (0, 0));
    }
    assert!(to.path().join("there/real.db.lock").is_file(), "the lock lies beside the file");
    let lock = to.path().join("copy.db.lock");
    symlink("elsewhere", &lock).unwrap();
    let said = crate::store::restore(&copy, &copy, at(300).utc).unwrap_err().to_string();
    assert!(said.contains("copy.db.lock: it is a link"), "{said}");
    assert!(!to.path().join("elsewhere").exists());
}
