//! Faults of real file systems, small ones made for the test: full, turned read-only, cut off from
//! power. They need root, which the checks have; elsewhere they are skipped and say so.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command};

use super::*;
use crate::store::{SpaceLimits, check_all, disk_of, verify_chain};

const DAY: Duration = Duration::from_secs(86_400);
const LIMITS: SpaceLimits = SpaceLimits {
    max_bytes: 1 << 30,
    keep_raw: DAY.saturating_mul(400),
    keep_minutes: DAY.saturating_mul(400),
};

/// A file system of a few megabytes, gone with this value.
struct Mounted {
    at: tempfile::TempDir,
}

impl Mounted {
    /// `None`, and a word about it, where this user may not mount.
    fn new(arguments: &[&str], what: &str) -> Option<Self> {
        let at = tempfile::tempdir().unwrap();
        let done = Command::new("mount").args(arguments).arg(what).arg(at.path()).output();
        match done {
            Ok(output) if output.status.success() => Some(Self { at }),
            other => {
                assert!(
                    std::env::var_os("LINKMON_REQUIRE_NETWORK").is_none() || what != "tmpfs",
                    "the checks must be able to mount: {other:?}"
                );
                println!("skipped: this user may not mount a file system");
                None
            }
        }
    }

    fn tmpfs(megabytes: u32) -> Option<Self> {
        Self::new(&["-t", "tmpfs", "-o", &format!("size={megabytes}m")], "tmpfs")
    }

    /// An ext4 on a file.
    fn ext4(image: &Path) -> Option<Self> {
        Self::new(&["-o", "loop,errors=remount-ro"], &image.display().to_string())
    }

    fn db(&self) -> PathBuf {
        self.at.path().join("linkmon.db")
    }

    fn open(&self, runtime: &tempfile::TempDir) -> Result<Writer, Error> {
        open_at(&self.db(), runtime.path()).map(|opened| opened.0)
    }

    /// In its place the file system of an image is mounted, checked before.
    fn repaired(&self, image: &Path) {
        let run = |program: &str, arguments: &[&std::ffi::OsStr]| {
            Command::new(program).args(arguments).output().unwrap()
        };
        let at = self.at.path().as_os_str();
        run("umount", &["-l".as_ref(), at]);
        run("e2fsck", &["-fp".as_ref(), image.as_os_str()]);
        let again = run("mount", &["-o".as_ref(), "loop".as_ref(), image.as_os_str(), at]);
        assert!(again.status.success(), "{again:?}");
    }

    /// Takes the last byte.
    fn fill(&self) {
        let mut file = std::fs::File::create(self.at.path().join("filler")).unwrap();
        let zeros = [0; 1 << 12];
        while std::io::Write::write_all(&mut file, &zeros).is_ok() {}
        let _ = file.sync_all();
        assert_eq!(disk_of(self.at.path()).unwrap().available, 0);
    }

    fn empty(&self) {
        std::fs::remove_file(self.at.path().join("filler")).unwrap();
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.at.path()).status();
    }
}

fn image(path: &Path, megabytes: u64) -> bool {
    std::fs::File::create(path).unwrap().set_len(megabytes << 20).unwrap();
    Command::new("mkfs.ext4").arg("-q").arg(path).status().is_ok_and(|s| s.success())
}

/// A minute of samples and a look of the writer; how often it told of trouble.
fn minute(writer: &mut Writer, target: &Target, minute: i64) -> usize {
    troubles(writer, target, minute).len()
}

fn troubles(writer: &mut Writer, target: &Target, minute: i64) -> Vec<Error> {
    for n in minute * 60..minute * 60 + 60 {
        writer.record(&nth(target, n)).unwrap();
    }
    (0..4).filter_map(|s| writer.second(at(minute * 60 + 64 + s), "{}").err()).collect()
}

fn last_is(db: &Path, target: &Target, minutes: i64) {
    let found = samples(&Reader::open(db).unwrap());
    assert_eq!(found.last(), Some(&nth(target, minutes * 60 - 1)));
    let newest: Vec<_> = ((minutes - 30) * 60..minutes * 60).map(|n| nth(target, n)).collect();
    assert!(found.ends_with(&newest), "none of the last half hour is missing");
}

#[test]
fn a_disk_without_a_free_byte_costs_no_commit_while_samples_can_make_room() {
    let Some(disk) = Mounted::tmpfs(24) else { return };
    let runtime = tempfile::tempdir().unwrap();
    let mut writer = disk.open(&runtime).unwrap();
    writer.keep_within(LIMITS);
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    writer.put_drop(&super::rows::link_drop(60_000_000)).unwrap();
    let mut told = 0;
    // Three hours with room, then a day of hours without a byte.
    for n in 0..27 * 60 {
        if n == 3 * 60 {
            disk.fill();
        }
        told += minute(&mut writer, &target, n);
        if n == 15 * 60 {
            // Stopped and started again meanwhile.
            writer.close(at(n * 60 + 70), RunEnd::Clean).unwrap();
            writer = disk.open(&runtime).unwrap();
            writer.keep_within(LIMITS);
            writer.begin_run(at(n * 60 + 71), None).unwrap();
        }
    }
    assert_eq!(told, 0, "no commit failed");
    last_is(&disk.db(), &target, 27 * 60);
    disk.empty();
    for n in 27 * 60..27 * 60 + 10 {
        assert_eq!(minute(&mut writer, &target, n), 0);
    }
    let free: i64 = rusqlite::Connection::open(disk.db())
        .unwrap()
        .pragma_query_value(None, "freelist_count", |r| r.get(0))
        .unwrap();
    assert!(free > 200, "the reserve is there again: {free} pages");
    drop(writer);
    let health = check_all(&disk.db()).unwrap();
    assert!(health.is_whole(), "{health:?}");
    assert_eq!(Reader::open(&disk.db()).unwrap().drops(ALL).unwrap().len(), 1);
}

#[test]
fn without_a_reserve_what_is_measured_on_a_full_disk_waits_and_one_alert_is_told() {
    let Some(disk) = Mounted::tmpfs(8) else { return };
    let runtime = tempfile::tempdir().unwrap();
    let mut writer = disk.open(&runtime).unwrap();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    let mut told = 0;
    for n in 0..300 {
        if n == 20 {
            disk.fill();
        }
        told += minute(&mut writer, &target, n);
    }
    assert_eq!(told, 1, "one alert");
    assert!(writer.is_failing());
    disk.empty();
    assert_eq!(minute(&mut writer, &target, 300), 0);
    assert!(!writer.is_failing());
    last_is(&disk.db(), &target, 301);
    drop(writer);
    assert_eq!(check_all(&disk.db()).unwrap().problems, Vec::<String>::new());
}

#[test]
fn a_full_disk_at_the_start_or_in_a_migration_is_told_and_changes_nothing() {
    let Some(disk) = Mounted::tmpfs(1) else { return };
    let runtime = tempfile::tempdir().unwrap();
    let old = include_bytes!("../../../tests/data/schema/2.db");
    std::fs::write(disk.db(), old).unwrap();
    disk.fill();
    let error = disk.open(&runtime).unwrap_err();
    let text = format!("{error}: {:?}", error.hint());
    assert!(
        matches!(error, Error::Full { .. } | Error::Io { .. } | Error::Sqlite { .. }),
        "{text}"
    );
    assert_eq!(samples(&Reader::open(&disk.db()).unwrap()).len(), 120, "as before");
    std::fs::remove_file(disk.db()).unwrap();
    disk.empty();
    disk.fill();
    assert!(disk.open(&runtime).is_err());
    disk.empty();
    let _ = std::fs::remove_file(disk.db().with_file_name("linkmon.db-wal"));
    std::fs::write(disk.db(), old).unwrap();
    let writer = disk.open(&runtime).unwrap();
    drop(writer);
    let health = check_all(&disk.db()).unwrap();
    assert!(health.is_whole() && health.rows == 4, "{health:?}");
}

#[test]
fn a_file_system_that_turns_read_only_is_read_on_and_written_again_when_it_can_be() {
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("image");
    let runtime = tempfile::tempdir().unwrap();
    if !image(&file, 32) {
        println!("skipped: no mkfs.ext4");
        return;
    }
    let Some(disk) = Mounted::ext4(&file) else { return };
    let mut writer = disk.open(&runtime).unwrap();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    for n in 0..10 {
        assert_eq!(minute(&mut writer, &target, n), 0);
    }
    // As the kernel does when it finds the disk damaged.
    let device = Command::new("findmnt").args(["-no", "SOURCE"]).arg(disk.at.path()).output();
    let device = String::from_utf8(device.unwrap().stdout).unwrap();
    let name = device.trim().trim_start_matches("/dev/");
    let trigger = PathBuf::from(format!("/sys/fs/ext4/{name}/trigger_fs_error"));
    if std::fs::write(&trigger, "1").is_err() {
        println!("skipped: this kernel has no {}", trigger.display());
        return;
    }
    let told: usize = (10..40).map(|n| minute(&mut writer, &target, n)).sum();
    assert_eq!(told, 1, "one alert");
    assert!(writer.is_failing());
    let tail_has_all = samples(&Reader::open(&disk.db()).unwrap());
    assert_eq!(tail_has_all.len(), 40 * 60, "a reader sees what waits");
    // Copied to another disk, checked, and mounted in the same place. What the writer has open is
    // the old one.
    let copy = place.path().join("copy");
    std::fs::copy(&file, &copy).unwrap();
    disk.repaired(&copy);
    let told: usize = (40..60).map(|n| minute(&mut writer, &target, n)).sum();
    assert_eq!(told, 0);
    assert!(!writer.is_failing());
    last_is(&disk.db(), &target, 60);
    drop(writer);
    assert!(check_all(&disk.db()).unwrap().problems.is_empty());
}

/// An image on a disk that has no room for it: what is written to blocks that it has not got yet
/// fails as it does on bad sectors, with an I/O error when it is synced.
#[test]
fn io_errors_are_one_alert_and_what_is_measured_meanwhile_waits_until_they_are_over() {
    let Some(outer) = Mounted::tmpfs(48) else { return };
    let (file, runtime) = (outer.at.path().join("image"), tempfile::tempdir().unwrap());
    if !image(&file, 32) {
        println!("skipped: no mkfs.ext4");
        return;
    }
    let Some(disk) = Mounted::ext4(&file) else { return };
    let mut writer = disk.open(&runtime).unwrap();
    writer.begin_run(at(0), None).unwrap();
    let target = anchor(&mut writer);
    let told: usize = (0..10).map(|n| minute(&mut writer, &target, n)).sum();
    assert_eq!(told, 0);
    outer.fill();
    let (mut failed, mut told) = (10, Vec::new());
    while !writer.is_failing() && failed < 3_000 {
        told.extend(troubles(&mut writer, &target, failed));
        failed += 1;
    }
    for n in failed..failed + 60 {
        told.extend(troubles(&mut writer, &target, n));
    }
    assert!(writer.is_failing(), "{failed} minutes were committed");
    let [Error::Sqlite { source, .. }] = &told[..] else { panic!("one alert: {told:?}") };
    assert_eq!(source.sqlite_error_code(), Some(rusqlite::ErrorCode::SystemIoFailure));
    outer.empty();
    // The disk was repaired: what it had got before is still there.
    let copy = runtime.path().join("copy");
    std::fs::copy(&file, &copy).unwrap();
    disk.repaired(&copy);
    let told: usize = (failed + 60..failed + 90).map(|n| minute(&mut writer, &target, n)).sum();
    assert_eq!(told, 0);
    assert!(!writer.is_failing());
    drop(writer);
    let found = samples(&Reader::open(&disk.db()).unwrap());
    let all: Vec<_> = (0..(failed + 90) * 60).map(|n| nth(&target, n)).collect();
    assert_eq!(found.len(), all.len());
    assert_eq!(found, all);
    assert!(check_all(&disk.db()).unwrap().problems.is_empty());
}

/// The writer of `kill.rs` in a process of its own, stopped when this goes.
struct Life(Child);

impl Life {
    fn signal(&self, name: &str) {
        let pid = self.0.id().to_string();
        assert!(Command::new("kill").args([name, &pid]).status().unwrap().success());
    }
}

impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What the block device of a mounted ext4 had got at that instant, with what the kernel still
/// held back left out, is what a power cut leaves (of a disk that does what it is told: nothing is
/// torn or reordered below the device).
#[test]
fn a_power_cut_at_any_moment_leaves_a_whole_file_with_every_commit() {
    let place = tempfile::tempdir().unwrap();
    let (file, copy) = (place.path().join("image"), place.path().join("copy"));
    if !image(&file, 48) {
        println!("skipped: no mkfs.ext4");
        return;
    }
    let Some(disk) = Mounted::ext4(&file) else { return };
    let mut random = fastrand::Rng::with_seed(11);
    let mut child = super::kill::writing(disk.at.path(), 0);
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let writing = Life(child);
    let mut last = 0;
    let mut unsynced = 0;
    for cut in 0..20 {
        for _ in 0..random.u32(10..150) {
            let line = lines.next().unwrap();
            last = line.strip_prefix("recorded ").map_or(last, |n| n.parse().unwrap());
        }
        writing.signal("-STOP");
        let done = Command::new("cp").args(["--sparse=always"]).arg(&file).arg(&copy).status();
        assert!(done.unwrap().success());
        writing.signal("-CONT");
        let Some(after) = Mounted::ext4(&copy) else { return };
        let path = after.at.path().join("state/linkmon.db");
        let runtime = tempfile::tempdir().unwrap();
        let (writer, recovery) = open_at(&path, runtime.path()).unwrap();
        assert_eq!(recovery.put_aside, None, "cut {cut}");
        assert!(recovery.crashed.is_some(), "cut {cut}");
        drop(writer);
        let health = check_all(&path).unwrap();
        assert!(health.is_whole() && health.rows > 0, "cut {cut}: {health:?}");
        // Every 23rd second stores a drop at once, and with it all that was held.
        let stored = last / 23 * 23;
        let reader = Reader::open(&path).unwrap();
        let target = reader.targets().unwrap().remove(0);
        let found = samples(&reader);
        let expected: Vec<_> = (0..=stored).map(|n| nth(&target, n)).collect();
        assert!(found.starts_with(&expected), "cut {cut}: {} of {stored}", found.len());
        let drops = i64::try_from(reader.drops(ALL).unwrap().len()).unwrap();
        assert!(drops > stored / 23, "cut {cut}: {drops} of {stored}");
        unsynced += i32::from(tail_in(disk.at.path()) != tail_in(after.at.path()));
    }
    assert!(unsynced > 0, "the tail is not synced, and some of it did not reach the device");
}

fn tail_in(directory: &Path) -> Option<Vec<u8>> {
    let file = std::fs::read_dir(directory.join("run")).ok()?.next()?.ok()?;
    std::fs::read(file.path()).ok()
}

#[test]
fn hours_of_a_clock_that_was_not_set_are_kept_beside_those_of_the_right_time() {
    let place = Place::new();
    let mut writer = place.writer();
    writer.keep_within(SpaceLimits { keep_raw: DAY, keep_minutes: DAY, ..LIMITS });
    // A machine without a battery: 1970-01-01T00:00:20Z until the network tells the time.
    let early = |s: i64| Reading { utc: Timestamp::from_seconds(20 + s), ..at(s) };
    writer.begin_run(early(0), None).unwrap();
    let target = anchor(&mut writer);
    let first = Measurement { sent_at: Timestamp::from_millis(25_250), ..nth(&target, 5) };
    for s in 0..200 {
        let m =
            Measurement { sent_at: Timestamp::from_millis(20_250 + s * 1_000), ..first.clone() };
        writer.record(&m).unwrap();
        writer.second(early(s + 1), "{}").unwrap();
    }
    writer.end_run(at(200), RunEnd::ClockStep).unwrap();
    writer.begin_run(at(200), None).unwrap();
    for s in 200..3 * 3_600 {
        writer.record(&nth(&target, s)).unwrap();
        if s % 20 == 0 {
            writer.second(at(s + 1), "{}").unwrap();
        }
    }
    let reader = place.reader();
    let runs = reader.runs(ALL).unwrap();
    assert_eq!((runs.len(), runs[0].ended), (2, Some(RunEnd::ClockStep)));
    assert_eq!(runs[0].last_seen, Timestamp::from_seconds(220), "its own axis");
    let found = samples(&reader);
    assert_eq!(found.iter().filter(|m| m.sent_at < Timestamp::from_seconds(1_000)).count(), 200);
    let hours = reader.hours(ALL).unwrap();
    assert_eq!((hours[0].hour, hours[0].sent), (0, 200));
    assert_eq!(verify_chain(&place.db()).unwrap().broken, 0);
}
