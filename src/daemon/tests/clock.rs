//! Wrong clocks: a start behind the record or in 1970, a clock that is set, one that never is.

use super::*;
use crate::daemon::clock::ClockAtStart;
use crate::probe::discover::WantedTarget;
use crate::report::{ClockFacts, Report, gather};
use crate::store::verify_chain;
use crate::time::{Micros, TimeRange};
use crate::vocabulary::{
    ClockOffset, ClockState, GapReason, HostChange, HostEvent, Observation, RunClock,
};

impl Machine {
    /// The power was cut; the machine is switched on again at second `s` with a clock that is off by
    /// this.
    fn switched_on(&mut self, s: i64, off_by: i64) {
        self.clocks.reboot(s * 1_000);
        self.clocks.is_off_by(off_by);
        self.clocks.hold(None);
    }

    /// As [`Machine::start`], on a host whose kernel says this of its clock.
    fn start_by(&mut self, s: i64, synchronized: bool, life: impl FnOnce(Life<'_>)) {
        let path = self.heard.database.clone();
        let runtime_dir = self.directory.path().join("run");
        let opening =
            Opening { path: &path, runtime_dir: Some(&runtime_dir), version: "0.0.0-test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        let host = self.clocks.host(s * 1_000);
        let boot = Some(self.clocks.boot_id());
        let last = writer.last_run().unwrap();
        let clock = ClockAtStart::judge(last.as_ref(), &host, boot.as_deref(), Some(synchronized));
        self.clocks.hold(clock.line);
        if clock.was_set {
            writer.date_runs(&self.clocks.boot_id(), host.utc_offset_us(), host.utc).unwrap();
        }
        let behind = clock.behind(&host);
        writer.expect_clock(clock.state, behind);
        let past = remember(&path, Parameters::default(), Waiting::default()).unwrap();
        let now = self.clocks.reading(s * 1_000);
        let Self { clocks, heard, .. } = self;
        let mut pipeline = Pipeline::new(writer, past, now, boot, "0.0.0-test", heard).unwrap();
        pipeline.set_clock(clock.state, behind);
        pipeline.set_targets(wanted(), now);
        life(Life { life: scenario::DaemonLife::new(pipeline, s, clocks), database: path });
    }

    /// Whether the bounds of drop `n` hold these true seconds, and are as narrow as ever.
    fn assert_drop(&self, n: usize, began: i64, ended: i64) {
        let drop = self.drops()[n].drop.clone();
        let end = drop.end.unwrap();
        let s = |at: Timestamp| at.since(Timestamp::from_seconds(START_S)).as_i64() / 1_000;
        for (bounds, true_s) in [(drop.onset, began), (end, ended)] {
            let (earliest, latest) = (s(bounds.earliest), s(bounds.latest));
            assert!(
                earliest <= true_s * 1_000 && true_s * 1_000 <= latest && latest - earliest < 1_500,
                "{true_s} s: {earliest} to {latest} ms"
            );
        }
        let length = Duration::from_secs((ended - began).unsigned_abs());
        assert!(drop.min <= length && length <= drop.max, "{drop:?}");
    }

    fn facts(&self) -> ClockFacts {
        let period = TimeRange {
            from: Timestamp::from_seconds(START_S - 3_600),
            to: Timestamp::from_seconds(START_S + 7_200),
        };
        let rows = gather(&self.reader(), period, None).unwrap();
        let config = crate::config::Config::default();
        let method = crate::report::Method::new(&config, None);
        Report::build(rows, jiff::tz::TimeZone::UTC, &config.site, period.to, method).record.clock
    }

    /// Nothing lies outside of the true time of the story, and the record is whole.
    fn assert_whole(&self, seconds: i64) {
        let story = TimeRange {
            from: Timestamp::from_seconds(START_S),
            to: Timestamp::from_seconds(START_S + seconds + 5),
        };
        let inside = |at: Timestamp| assert!(story.contains(at), "{at} of {story:?}");
        let reader = self.reader();
        let mut probes = 0;
        reader
            .for_each_minute(ALWAYS, &mut |row| {
                row.samples.iter().for_each(|sample| inside(sample.sent_at));
                probes += row.samples.len();
            })
            .unwrap();
        let minutes = reader.minutes(ALWAYS).unwrap();
        let summed: u32 = minutes.iter().map(|m| m.sent + m.not_sent).sum();
        assert_eq!(usize::try_from(summed).unwrap(), probes, "summaries are of the samples");
        for minute in &minutes {
            inside(
                Timestamp::from_seconds((minute.minute + 1) * 60 - 1).min(story.to.plus_micros(-1)),
            );
        }
        for event in reader.events(ALWAYS).unwrap() {
            inside(event.at);
        }
        for gap in reader.gaps(ALWAYS).unwrap() {
            inside(gap.range.from);
        }
        for run in reader.runs(ALWAYS).unwrap() {
            inside(run.started);
        }
        drop(reader);
        let opening =
            Opening { path: &self.heard.database, runtime_dir: None, version: "0.0.0-test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        while writer.close_hours(story.to + Duration::from_secs(86_400), 10).unwrap() > 0 {}
        drop(writer);
        let chain = verify_chain(&self.heard.database).unwrap();
        assert!(chain.broken == 0 && chain.whole > 0, "{chain:?}");
        self.check_replay();
    }
}

/// A drop, the power cut in it, a start with a wrong clock, the end of the drop, another of 12 s,
/// and then NTP.
fn power_cut_in_a_drop(off_by: i64) -> Machine {
    let mut machine = Machine::new();
    machine.start_by(0, true, |mut life| {
        life.lives(100, &mut up);
        life.lives(20, &mut down);
    });
    machine.switched_on(220, off_by);
    machine.start_by(230, false, |mut life| {
        life.lives(10, &mut down);
        life.lives(40, &mut up);
        life.lives(12, &mut down);
        life.lives(90, &mut up);
        life.steps_the_clock(i32::try_from(-off_by).unwrap());
        life.lives(100, &mut up);
        life.stop();
    });
    machine
}

#[test]
fn a_start_with_a_clock_20_minutes_late_is_dated_anew_when_it_is_set() {
    let machine = power_cut_in_a_drop(-1_200);
    assert_eq!(machine.drops().len(), 2, "{:#?}", machine.drops());
    machine.assert_drop(0, 100, 240);
    machine.assert_drop(1, 280, 292);
    assert!(machine.drops()[0].drop.unobserved >= Duration::from_secs(108));
    machine.assert_whole(482);
    let facts = machine.facts();
    assert_eq!(facts.provisional, []);
    let [dated] = facts.dated.as_slice() else { panic!("{facts:?}") };
    assert_eq!(dated.behind, Micros::from_seconds(1_200));
    let gaps = machine.reader().gaps(ALWAYS).unwrap();
    assert_eq!(gaps.iter().map(|g| g.reason).collect::<Vec<_>>(), [GapReason::Rebooted]);
    assert_eq!(machine.heard.words(), ["began 1", "ended 1", "began 2", "ended 2"]);
    let started = machine.heard.status.as_ref().unwrap().started;
    assert_eq!(started.since(Timestamp::from_seconds(START_S + 230)).as_i64() / 1_000_000, 0);
    // What the clock did by its own account.
    let steps: Vec<f64> = machine
        .reader()
        .events(ALWAYS)
        .unwrap()
        .into_iter()
        .filter_map(|event| match event.what {
            HostChange::ClockStep { seconds } => Some(seconds),
            _ => None,
        })
        .collect();
    assert_eq!(steps, [1_200.0]);
}

#[test]
fn nothing_lies_in_1970_before_or_after_the_clock_is_set() {
    let machine = power_cut_in_a_drop(-START_S);
    machine.assert_drop(0, 100, 240);
    machine.assert_drop(1, 280, 292);
    machine.assert_whole(482);
}

#[test]
fn a_clock_that_is_ahead_is_set_back_with_all_that_it_dated() {
    let mut machine = Machine::new();
    machine.switched_on(0, 5_000);
    machine.start_by(10, false, |mut life| {
        life.lives(60, &mut up);
        life.lives(10, &mut down);
        life.lives(90, &mut up);
        life.steps_the_clock(-5_000);
        life.lives(30, &mut up);
        life.lives(7, &mut down);
        life.lives(90, &mut up);
        life.stop();
    });
    machine.assert_drop(0, 70, 80);
    machine.assert_drop(1, 200, 207);
    machine.assert_whole(297);
    assert_eq!(machine.facts().dated[0].behind, Micros::from_seconds(-5_000));
}

#[test]
fn the_clock_is_set_in_a_drop_that_goes_on() {
    let mut machine = Machine::new();
    machine.start_by(0, true, |mut life| {
        life.lives(100, &mut up);
        life.stop();
    });
    machine.switched_on(150, -1_200);
    machine.start_by(160, false, |mut life| {
        life.lives(60, &mut up);
        life.lives(20, &mut down);
        life.steps_the_clock(1_200);
        life.lives(20, &mut down);
        life.lives(90, &mut up);
        life.stop();
    });
    assert_eq!(machine.drops().len(), 1, "{:#?}", machine.drops());
    machine.assert_drop(0, 220, 260);
    machine.assert_whole(350);
    assert_eq!(machine.heard.words(), ["began 1", "ended 1"]);
}

#[test]
fn a_restart_in_the_same_boot_with_the_clock_put_back_goes_on_by_the_boot_clock() {
    let mut machine = Machine::new();
    machine.start_by(0, true, |mut life| {
        life.lives(60, &mut up);
    });
    machine.clocks.is_off_by(-1_200);
    machine.start_by(80, false, |mut life| {
        life.lives(20, &mut up);
        life.lives(12, &mut down);
        life.lives(30, &mut up);
        // NTP: the times in use were right, so that nothing is moved.
        life.steps_the_clock(1_200);
        let now = life.now();
        life.daemon.on_caught_up(now);
        life.lives(60, &mut up);
        life.stop();
    });
    machine.assert_drop(0, 100, 112);
    machine.assert_whole(202);
    assert_eq!(machine.facts().dated[0].behind, Micros::from_seconds(1_200));
}

#[test]
fn a_clock_that_is_never_set_is_said_to_be_about_and_goes_on_from_the_record() {
    let mut machine = Machine::new();
    machine.start_by(0, true, |mut life| {
        life.lives(100, &mut up);
        life.stop();
    });
    machine.switched_on(5_000, -START_S);
    machine.start_by(5_010, false, |mut life| {
        life.lives(60, &mut up);
        life.lives(12, &mut down);
        life.lives(90, &mut up);
        life.stop();
        // 10 s after the machine was switched on, and no more is known.
    });
    machine.assert_drop(0, 170, 182);
    let facts = machine.facts();
    let [about] = facts.provisional.as_slice() else { panic!("{facts:?}") };
    assert_eq!(about.from, Timestamp::from_seconds(START_S + 110));
    assert!(facts.is_about(machine.drops()[0].drop.onset.latest));
    assert_eq!(machine.heard.status.as_ref().unwrap().clock.state, ClockState::Provisional);
}

#[test]
fn the_kernels_word_that_the_clock_is_synchronized_makes_its_times_sure() {
    let mut machine = Machine::new();
    machine.start_by(0, false, |mut life| {
        life.lives(30, &mut up);
        let at = life.now();
        let what = HostChange::ClockSync { synchronized: true };
        life.daemon.on_batch(&[Observation::Host(HostEvent { at, what })]);
        life.lives(30, &mut up);
        life.stop();
    });
    assert_eq!(machine.facts(), ClockFacts::default());
    let clocks = machine.reader().run_clocks().unwrap();
    let started = Timestamp::from_seconds(START_S);
    let sure = RunClock { run: 1, state: ClockState::Set, host: started, dated: None };
    assert_eq!(clocks, [sure]);
}

#[test]
fn two_independent_servers_bound_the_clock_and_make_sure_of_it_or_say_that_it_is_wrong() {
    for (off_by, sure) in [(0, true), (-90, false)] {
        let mut machine = Machine::new();
        machine.switched_on(0, off_by);
        machine.start_by(10, false, |mut life| {
            let now = life.now();
            let web = |(name, url): (&str, &str)| WantedTarget {
                name: name.to_owned(),
                kind: Kind::Http,
                role: Role::Service,
                endpoint: Endpoint::new(Kind::Http, url),
                interval: Duration::from_secs(10),
                standing: Standing::Unproven,
            };
            let checks = crate::vocabulary::well_known::HTTP_CHECKS.map(web);
            life.daemon.set_targets(checks.into(), now);
            let ids: Vec<_> = life.daemon.targets().iter().map(|target| target.id).collect();
            for round in 0..6 {
                for (n, target) in ids.iter().enumerate() {
                    let now = life.now();
                    // The true time, as a server writes it: the second that has begun.
                    let true_us = (START_S + life.s) * 1_000_000 + 300_000;
                    let date = Timestamp::from_seconds(true_us.div_euclid(1_000_000));
                    let asked = now.utc.plus_micros(200_000 + 100_000 * round);
                    let answered = asked.plus_micros(30_000);
                    let offset = ClockOffset::of_answer(date, asked, answered);
                    let target = *target;
                    let at = now;
                    life.daemon.on_batch(&[Observation::ServerClock { target, offset, at }]);
                    if round == 0 && n == 0 {
                        life.pass();
                        let clock = life.daemon.clock_status();
                        assert_eq!((clock.servers, clock.differs_s), (0, None), "one is no proof");
                    }
                }
                life.pass();
            }
            life.stop();
        });
        let clock = machine.heard.status.as_ref().unwrap().clock;
        assert_eq!(clock.servers, 2);
        assert_eq!(clock.state, if sure { ClockState::Set } else { ClockState::Provisional });
        let differs = clock.differs_s.map(f64::round);
        assert_eq!(differs, if sure { None } else { Some(90.0) }, "{clock:?}");
        let stored = machine.reader().server_clocks(ALWAYS).unwrap();
        assert_eq!(stored.iter().map(|row| row.answers).collect::<Vec<_>>(), [6, 6]);
    }
}
