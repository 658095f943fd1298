use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use super::*;

const PLACE: &str = "LINKMON_TEST_PLACE";
const FIRST: &str = "LINKMON_TEST_FIRST";

/// Not a test of its own: the child of the one below. It says each second that is recorded.
#[test]
#[ignore = "writes until it is killed; run by the test below"]
fn child_that_writes() {
    let directory = PathBuf::from(std::env::var_os(PLACE).unwrap());
    let first: i64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let (mut writer, _) =
        open_at(&directory.join("state/linkmon.db"), &directory.join("run")).unwrap();
    writer.begin_run(at(first), None).unwrap();
    let target = anchor(&mut writer);
    let mut out = std::io::stdout().lock();
    for n in first.. {
        record(&mut writer, &target, n..n + 1);
        if n % 23 == 0 {
            writer.put_drop(&super::rows::link_drop(n * 1_000_000)).unwrap();
        }
        writeln!(out, "recorded {n}").unwrap();
        out.flush().unwrap();
    }
}

/// A process that writes until it is killed.
pub(super) fn writing(directory: &Path, first: i64) -> std::process::Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "store::tests::kill::child_that_writes", "--ignored", "--nocapture"])
        .env(PLACE, directory)
        .env(FIRST, first.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Two hundred lives of a few dozen seconds, each ended by SIGKILL at some instant: in the midst
/// of a commit of a drop, of the journal, of the start itself.
#[test]
fn two_hundred_kills_lose_nothing_that_was_said_and_no_open_drop() {
    let place = Place::new();
    let mut random = fastrand::Rng::with_seed(23);
    let (mut first, mut said) = (0, 0);
    for life in 0..200 {
        let mut child = writing(place.directory.path(), first);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let number =
            |line: &str| line.strip_prefix("recorded ").and_then(|n| n.parse::<i64>().ok());
        let mut last = first - 1;
        for _ in 0..random.u32(1..40) {
            last = lines.next().as_deref().and_then(number).unwrap_or(last);
        }
        std::thread::sleep(Duration::from_micros(random.u64(0..3_000)));
        child.kill().unwrap();
        for line in lines {
            // The last may be cut short.
            last = number(&line).filter(|n| *n == last + 1).unwrap_or(last);
        }
        child.wait().unwrap();
        said += last + 1 - first;
        let (writer, _) = place.try_open().unwrap();
        drop(writer);
        let reader = place.reader();
        let range = TimeRange { from: at(first).utc, to: at(last + 1).utc };
        let mut found = Vec::new();
        reader.for_each_minute(range, &mut |m| found.extend_from_slice(&m.samples)).unwrap();
        if last >= first {
            let target = reader.targets().unwrap().remove(0);
            let expected: Vec<_> = (first..=last).map(|n| nth(&target, n)).collect();
            assert_eq!(found, expected, "life {life}");
            let key = last / 23 * 23;
            let stored = reader.drops(ALL).unwrap();
            assert!(key < first || stored.iter().any(|d| d.drop.key == at(key).utc), "life {life}");
        }
        if life % 20 == 19 {
            let health = crate::store::check_all(&place.db()).unwrap();
            assert!(health.is_whole(), "life {life}: {health:?}");
        }
        first = last + 2 + random.i64(0..90);
    }
    assert!(said > 1_000, "{said}");
}

/// The first start makes the file, and the first after a restore makes a log for it: both by way of
/// a rollback journal.
#[test]
fn a_daemon_killed_in_its_first_moments_starts_again() {
    let place = Place::new();
    place.writer().close(at(0), RunEnd::Clean).unwrap();
    let copy = place.directory.path().join("copy.db");
    crate::store::backup(&place.db(), &copy, 1, at(0).utc).unwrap();
    let mut random = fastrand::Rng::with_seed(5);
    for life in 0..100 {
        let fresh = Place::new();
        if life % 2 == 0 {
            std::fs::create_dir(fresh.db().parent().unwrap()).unwrap();
            std::fs::copy(&copy, fresh.db()).unwrap();
        }
        let mut child = writing(fresh.directory.path(), 0);
        std::thread::sleep(Duration::from_micros(random.u64(0..40_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        fresh.writer().close(at(0), RunEnd::Clean).unwrap();
        assert!(crate::store::check_all(&fresh.db()).unwrap().is_whole(), "life {life}");
    }
}

#[test]
fn a_daemon_killed_at_any_moment_loses_no_second_it_had_recorded() {
    let place = Place::new();
    let mut random = fastrand::Rng::with_seed(9);
    let mut first = 0;
    let mut recorded = Vec::new();
    for life in 0..6 {
        let mut child = writing(place.directory.path(), first);
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut last = None;
        for _ in 0..random.u32(20..400) {
            let line = lines.next().unwrap();
            last = line.strip_prefix("recorded ").map(|n| n.parse::<i64>().unwrap()).or(last);
        }
        child.kill().unwrap();
        // What was said before the kill is still in the pipe; a last line may be cut short.
        let said: Vec<String> = lines.collect();
        for line in &said {
            let n = line.strip_prefix("recorded ").and_then(|n| n.parse::<i64>().ok());
            last = n.filter(|n| last.is_none_or(|l| *n == l + 1)).or(last);
        }
        child.wait().unwrap();
        let last = last.expect("some seconds were recorded");
        recorded.extend(first..=last);

        let reader = place.reader();
        let target = reader.targets().unwrap().remove(0);
        let found = samples(&reader);
        check(&found, &recorded, &target, life, "by a reader, before the next start");
        let (writer, recovery) = place.try_open().unwrap();
        assert!(recovery.crashed.is_some(), "life {life}");
        let found = samples(&reader);
        check(&found, &recorded, &target, life, "after the next start");
        drop(writer);
        let word: String =
            place.sql().query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
        assert_eq!(word, "ok", "life {life}");
        // One second more may have been recorded and not been said.
        recorded =
            found.iter().map(|m| (m.sent_at.as_millis() - START_S * 1_000) / 1_000).collect();
        first = last + 2 + random.i64(0..90);
    }
}

/// Every second that was said is there, once and unchanged; beyond it one unsaid second per life.
fn check(found: &[Measurement], said: &[i64], target: &Target, life: usize, when: &str) {
    let expected: Vec<_> = said.iter().map(|n| nth(target, *n)).collect();
    assert!(found.len() <= expected.len() + 1, "life {life}: a second too many {when}");
    assert_eq!(found[..expected.len()], expected, "life {life} {when}");
}
