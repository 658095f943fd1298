//! A record that cannot be opened, and another one in its place until it can.

use super::*;
use crate::config::Config;
use crate::daemon::DaemonOptions;
use crate::daemon::opening::{RecordOpening, Waited, is_final, substitute, take_over};
use crate::store::Error;
use crate::time::BootTime;
use crate::vocabulary::RunEnd;

fn leave(why: &str) -> ! {
    panic!("{why}")
}

fn options(place: &std::path::Path) -> DaemonOptions {
    DaemonOptions {
        config: Config::default(),
        database: place.join("state/linkmon.db"),
        runtime_dir: Some(place.join("run")),
        version: "0.0.0-test",
        leave,
    }
}

#[test]
fn what_is_measured_while_the_record_cannot_be_opened_comes_into_it_afterwards() {
    let place = tempfile::tempdir().unwrap();
    let options = options(place.path());
    // No directory can be made there.
    std::fs::write(place.path().join("state"), "").unwrap();
    let mut opening = RecordOpening::start(&options);
    let Waited::Failed(why) = opening.wait(&|| false) else { panic!("it cannot be opened") };
    assert!(!is_final(&why, &options.database), "{why}");
    let (path, (mut writer, _)) = substitute(&options).unwrap();
    assert!(path.starts_with(place.path().join("run")));
    let clocks = HostClocks::new(Timestamp::from_seconds(START_S));
    writer.begin_run(clocks.reading(0), Some("a boot".to_owned())).unwrap();
    let second = Duration::from_secs(1);
    let now = clocks.reading(0);
    let target = writer.target("one", Kind::Icmp, Role::Anchor, "192.0.2.1", second, now).unwrap();
    for s in 0..130 {
        let sent_at = Timestamp::from_seconds(START_S + s);
        let outcome = up(0, s);
        let measured = crate::vocabulary::Measurement { target: target.id, sent_at, outcome };
        writer.record(&measured).unwrap();
    }
    writer.close(clocks.reading(131_000), RunEnd::Clean).unwrap();

    std::fs::remove_file(place.path().join("state")).unwrap();
    let later = |s: i64| BootTime::from_micros(Reading::now().boot.as_micros() + s * 1_000_000);
    assert!(opening.second(later(0)).is_none(), "not every second");
    assert!(opening.second(later(100)).is_none(), "it is being opened");
    let opened = loop {
        if let Some(opened) = opening.second(later(101)) {
            break opened;
        }
        std::thread::yield_now();
    };
    let (mut writer, _) = *opened;
    take_over(&mut writer, &options).unwrap();
    assert!(!path.exists());
    drop(writer);
    let reader = Reader::open(&options.database).unwrap();
    let mut samples = 0;
    reader.for_each_minute(ALWAYS, &mut |minute| samples += minute.samples.len()).unwrap();
    assert_eq!((samples, reader.targets().unwrap().len()), (130, 1));
}

#[test]
fn a_wrong_name_or_another_daemon_ends_the_start_and_a_strangers_lock_does_not() {
    let path = std::path::Path::new("/x/linkmon.db");
    let to = path.to_owned();
    let is = |error: Error| is_final(&error, path);
    assert!(is(Error::NotOurs { path: to.clone() }));
    assert!(is(Error::NotAFile { path: to.clone(), what: "a pipe" }));
    assert!(is(Error::Locked { path: to.clone(), pid: Some(1) }));
    assert!(!is(Error::Locked { path: to.clone(), pid: None }));
    assert!(!is(Error::NotAFile { path: "/x/linkmon.db-wal".into(), what: "a pipe" }));
    assert!(!is(Error::Full { doing: "open database", path: to.clone() }));
    assert!(!is(Error::Permission { doing: "open database", path: to }));
}
