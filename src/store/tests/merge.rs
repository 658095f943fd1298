//! What is taken of another file, table by table. That drops are those of one machine which watched
//! all along is tested with the command (`cli::merge`).

use super::*;
use crate::store::{
    MergePlan, MergeTotals, Other, SpaceLimits, add_note, check_all, edit_note, remove_note,
    verify_chain,
};
use crate::vocabulary::{
    Bounds, ClockState, DropKind, Gap, GapReason, LinkDrop, NoteDraft, NoteKind, Roster,
    RosterChange, RosterEntry, RunClock, Standing,
};

const HOUR_S: i64 = 3_600;
const DAY_S: i64 = 24 * HOUR_S;
/// [`START_S`] lies 1,200 s behind the begin of an hour.
const FIRST_HOUR_S: i64 = -1_200;

fn limits(keep_raw_days: u64) -> SpaceLimits {
    let day = Duration::from_secs(86_400);
    let keep = day * u32::try_from(keep_raw_days).unwrap();
    SpaceLimits { max_bytes: 2 << 30, keep_raw: keep, keep_minutes: day * 400 }
}

/// A probe each ten seconds in these stretches, seconds from the start, each a run.
fn watched(stretches: &[(i64, i64)]) -> Place {
    let place = Place::new();
    let mut writer = place.writer();
    let target = slow_anchor(&mut writer, "cloudflare");
    for (from, to) in stretches {
        writer.begin_run(at(*from), Some("boot-1".to_owned())).unwrap();
        for n in (*from..*to).step_by(10) {
            writer.record(&nth(&target, n)).unwrap();
            if n % 600 == 0 {
                writer.flush(at(n)).unwrap();
            }
        }
        writer.end_run(at(*to), RunEnd::Clean).unwrap();
    }
    for pair in stretches.windows(2) {
        let range = TimeRange { from: at(pair[0].1).utc, to: at(pair[1].0).utc };
        writer.put_gap(&Gap { range, reason: GapReason::Asleep });
    }
    let end = at(stretches.last().unwrap().1);
    writer.flush(end).unwrap();
    while writer.close_hours(at(200 * DAY_S).utc, 48).unwrap() > 0 {}
    writer.close(end, RunEnd::Clean).unwrap();
    place
}

fn slow_anchor(writer: &mut Writer, name: &str) -> Target {
    let every = Duration::from_secs(10);
    writer.target(name, Kind::Icmp, Role::Anchor, "1.1.1.1", every, at(0)).unwrap()
}

fn other(ours: &Place, theirs: &Place) -> Other {
    Other::open(&theirs.db(), &ours.db(), "0.0.0-test").unwrap()
}

/// Takes all at once, as the command does, but for drops over edges.
fn merge_with(ours: &Place, theirs: &Place, limits: SpaceLimits, now: Timestamp) -> MergePlan {
    let other = other(ours, theirs);
    let mut writer = ours.writer();
    let mut plan = writer.plan_merge(&other, limits, now).unwrap();
    while !plan.is_done() {
        writer.merge_bite(&other, &mut plan).unwrap();
    }
    writer.merge_notes(&other, &mut plan).unwrap();
    while writer.close_hours(now, 48).unwrap() > 0 {}
    writer.close(at(0), RunEnd::Clean).unwrap();
    let chain = verify_chain(&ours.db()).unwrap();
    assert_eq!((chain.broken, chain.due), (0, 0), "{chain:?}");
    assert!(check_all(&ours.db()).unwrap().is_whole());
    plan
}

fn merge(ours: &Place, theirs: &Place) -> MergePlan {
    merge_with(ours, theirs, limits(400), at(100 * DAY_S).utc)
}

/// All that is measured or said, in order.
fn rows(place: &Place) -> Vec<String> {
    let db = place.sql();
    let mut rows = Vec::new();
    for table in [
        "raw",
        "minute",
        "hour",
        "run",
        "merged_run",
        "link_drop",
        "gap",
        "trouble",
        "event",
        "note",
        "note_change",
        "impairment",
        "traffic",
        "roster",
        "way",
        "drop_path",
        "station",
        "modem_reading",
        "modem_page",
        "chain",
        "target",
        "seam",
    ] {
        let mut statement = db.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut found = statement.query([]).unwrap();
        while let Some(row) = found.next().unwrap() {
            let values: Vec<rusqlite::types::Value> =
                (0..columns).map(|n| row.get(n).unwrap()).collect();
            rows.push(format!("{table} {values:?}"));
        }
    }
    rows
}

fn seconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_secs()).unwrap()
}

fn gaps(place: &Place) -> Vec<(i64, i64)> {
    let s = |t: Timestamp| t.as_micros().div_euclid(1_000_000) - START_S;
    let gaps = place.reader().gaps(ALL).unwrap();
    gaps.iter().map(|gap| (s(gap.range.from), s(gap.range.to))).collect()
}

#[test]
fn only_time_that_nobody_watched_here_is_taken_and_gaps_end_there() {
    let ours = watched(&[(0, 3_000), (6_000, 9_000)]);
    let theirs = watched(&[(2_000, 4_000), (5_000, 7_000)]);
    let plan = merge(&ours, &theirs);
    assert_eq!(seconds(plan.already), 2_000);
    assert_eq!((seconds(plan.time()), seconds(plan.left_out)), (2_000, 0));
    assert_eq!(plan.taken.probes, 200);
    assert_eq!(gaps(&ours), [(4_000, 5_000)]);
    let minutes = ours.reader().minutes(ALL).unwrap();
    assert_eq!(minutes.iter().map(|row| row.sent).sum::<u32>(), 800);
    assert!(ours.samples().is_sorted_by_key(|m| m.sent_at), "in the order of their story");
    let hours = ours.reader().hours(ALL).unwrap();
    assert_eq!(hours.iter().map(|row| row.sent).sum::<u32>(), 800);
    let runs = ours.reader().runs(ALL).unwrap();
    let merged: Vec<_> = runs.iter().filter(|run| run.ended == Some(RunEnd::Merged)).collect();
    assert_eq!(merged.len(), 2);
    assert_eq!(merged[0].boot.unwrap(), at(3_000).boot, "boot time goes on with UTC");
    let before = rows(&ours);
    let again = merge(&ours, &theirs);
    assert_eq!((again.time(), again.taken), (Duration::ZERO, MergeTotals::default()));
    assert_eq!(rows(&ours), before);
    // A program that knows schema 4 alone does not know the word of those runs.
    let least: i64 = ours
        .sql()
        .query_row("SELECT value FROM meta WHERE key = 'min_reader'", [], |row| row.get(0))
        .unwrap();
    assert!(least >= 5, "{least}");
}

#[test]
fn a_copy_of_the_same_file_brings_only_what_was_lost() {
    let ours = watched(&[(0, 9_000)]);
    let copy = Place::new();
    std::fs::create_dir_all(copy.db().parent().unwrap()).unwrap();
    crate::store::backup(&ours.db(), &copy.db(), 1, at(0).utc).unwrap();
    let before = rows(&ours);
    assert!(merge(&ours, &copy).time().is_zero());
    assert_eq!(rows(&ours), before);
    // What retention removed is not brought back.
    let mut writer = ours.writer();
    assert!(writer.remove_oldest_raw(at(DAY_S).utc).unwrap());
    writer.close(at(0), RunEnd::Clean).unwrap();
    let before = rows(&ours);
    let plan = merge(&ours, &copy);
    assert!(plan.time().is_zero() && plan.left_out.is_zero());
    assert_eq!(rows(&ours), before);
    let empty = watched(&[(20_000, 20_100)]);
    merge(&empty, &copy);
    assert_eq!(empty.samples().len(), 910);
}

#[test]
fn a_merge_that_is_cut_short_after_any_day_ends_as_one_that_was_not() {
    let theirs = watched(&[(FIRST_HOUR_S, 2 * DAY_S), (2 * DAY_S + 70, 4 * DAY_S)]);
    let whole = watched(&[(DAY_S, DAY_S + 5_000)]);
    merge(&whole, &theirs);
    let cut = watched(&[(DAY_S, DAY_S + 5_000)]);
    let mut bites = 0;
    loop {
        let other = other(&cut, &theirs);
        let mut writer = cut.writer();
        let mut plan = writer.plan_merge(&other, limits(400), at(100 * DAY_S).utc).unwrap();
        if plan.is_done() {
            break;
        }
        writer.merge_bite(&other, &mut plan).unwrap();
        bites += 1;
        // Dropped without being closed, as by a kill.
    }
    assert!(bites >= 4, "{bites}");
    merge(&cut, &theirs);
    let without_seams = |place: &Place| -> Vec<String> {
        // Where it went on there is one more edge to be looked at.
        rows(place).into_iter().filter(|row| !row.starts_with("seam")).collect()
    };
    assert!(without_seams(&cut) == without_seams(&whole));
}

#[test]
fn hours_without_samples_are_taken_by_their_sums_where_they_are_missing_wholly() {
    let end = FIRST_HOUR_S + 6 * HOUR_S;
    let theirs = watched(&[(FIRST_HOUR_S, end)]);
    let mut writer = theirs.writer();
    for _ in 0..4 {
        assert!(writer.remove_oldest_raw(at(DAY_S).utc).unwrap());
    }
    writer.close(at(0), RunEnd::Clean).unwrap();
    // The second hour is here in part.
    let ours = watched(&[(FIRST_HOUR_S + HOUR_S + 600, FIRST_HOUR_S + HOUR_S + 1_200)]);
    let plan = merge(&ours, &theirs);
    assert_eq!(seconds(plan.time()), 5 * HOUR_S);
    assert_eq!((seconds(plan.left_out), seconds(plan.already)), (3_000, 600));
    assert_eq!((seconds(plan.by_sums), plan.taken.hours), (3 * HOUR_S, 3));
    let hours = ours.reader().hours(ALL).unwrap();
    let sent: Vec<_> = hours.iter().map(|row| row.sent).collect();
    assert_eq!(sent, [360, 60, 360, 360, 360, 360]);
    // A report on a short period reads them too.
    let mut sums = 0;
    let mut count = |piece: crate::store::RecordPiece<'_>| match piece {
        crate::store::RecordPiece::Hour(rows) => sums += rows[0].sent,
        crate::store::RecordPiece::Part(part) => panic!("{part:?}"),
        crate::store::RecordPiece::Minute(minute) => {
            sums += u32::try_from(minute.samples.len()).unwrap();
        }
    };
    let whole = crate::store::SummedHours::WithoutSamples;
    ours.reader().for_each_piece(ALL, whole, &mut count).unwrap();
    assert_eq!(sums, 5 * 360 + 60);
    let before = rows(&ours);
    let again = merge(&ours, &theirs);
    assert!(again.time().is_zero());
    assert_eq!(rows(&ours), before);
    assert!(!ours.reader().has_all_samples(ALL).unwrap());
}

#[test]
fn samples_older_than_they_are_kept_come_as_sums() {
    let theirs = watched(&[(FIRST_HOUR_S, FIRST_HOUR_S + 4 * HOUR_S)]);
    let ours = watched(&[(20 * DAY_S, 20 * DAY_S + 100)]);
    let plan = merge_with(&ours, &theirs, limits(10), at(30 * DAY_S).utc);
    assert_eq!((plan.taken.hours, plan.taken.probes), (4, 0));
    let sent: u32 = ours.reader().hours(ALL).unwrap().iter().map(|row| row.sent).sum();
    assert_eq!(sent, 4 * 360 + 10);
    assert_eq!(ours.samples().len(), 10);
}

#[test]
fn targets_are_the_same_by_what_they_are_and_not_by_number() {
    let theirs = Place::new();
    let mut writer = theirs.writer();
    let mut spare = |name: &str, address: &str| {
        let every = Duration::from_secs(10);
        writer.target(name, Kind::Icmp, Role::Anchor, address, every, at(0)).unwrap()
    };
    spare("never probed", "192.0.2.9");
    let strange = spare("quad9", "9.9.9.9");
    let same = spare("cloudflare", "1.1.1.1");
    writer.begin_run(at(0), Some("boot-9".to_owned())).unwrap();
    for n in (0..600).step_by(10) {
        writer.record(&nth(&strange, n)).unwrap();
        writer.record(&nth(&same, n)).unwrap();
    }
    writer.close(at(600), RunEnd::Clean).unwrap();
    let ours = watched(&[(5_000, 6_000)]);
    merge(&ours, &theirs);
    let targets = ours.reader().targets().unwrap();
    let names: Vec<_> = targets.iter().map(|t| (t.id.0, t.name.as_str())).collect();
    assert_eq!(names, [(1, "cloudflare"), (2, "quad9")]);
    let by_target = |id: u8| ours.samples().iter().filter(|s| s.target == TargetId(id)).count();
    assert_eq!((by_target(1), by_target(2)), (160, 60));
    let mut writer = ours.writer();
    assert_eq!(writer.targets().len(), 1, "what came is not in use here");
    assert_eq!(slow_anchor(&mut writer, "cloudflare").id, TargetId(1));
}

fn drop_of(from: i64, to: i64) -> LinkDrop {
    let around = |s: i64| Bounds { earliest: at(s).utc, latest: at(s + 1).utc };
    let length = Duration::from_secs((to - from).unsigned_abs());
    LinkDrop {
        key: at(from).utc,
        kind: DropKind::Outage,
        onset: around(from),
        end: Some(around(to)),
        min: length.saturating_sub(Duration::from_secs(1)),
        max: length + Duration::from_secs(1),
        unobserved: Duration::ZERO,
        stretches: Vec::new(),
        places: vec![crate::vocabulary::Place::Access],
        answered: Vec::new(),
        silent: vec![TargetId(1)],
        flaps: 1,
    }
    .in_one_stretch()
}

#[test]
fn drops_are_cut_at_the_edges_so_that_none_overlap() {
    let ours = watched(&[(0, 3_000), (6_000, 9_000)]);
    let mut writer = ours.writer();
    // It ended at some time in the gap.
    let mut edge = drop_of(2_900, 5_999);
    edge.end = Some(Bounds { earliest: at(3_000).utc, latest: at(6_000).utc });
    writer.put_drop(&edge).unwrap();
    writer.close(at(0), RunEnd::Clean).unwrap();
    let theirs = watched(&[(2_000, 8_000)]);
    let mut writer = theirs.writer();
    for (from, to) in [(2_500, 2_600), (2_890, 3_400), (4_000, 4_100), (5_900, 6_100)] {
        writer.put_drop(&drop_of(from, to)).unwrap();
    }
    writer.close(at(0), RunEnd::Clean).unwrap();
    let plan = merge(&ours, &theirs);
    assert_eq!(plan.taken.drops, 3);
    let s = |t: Timestamp| t.as_micros().div_euclid(1_000_000) - START_S;
    let drops: Vec<_> = ours.reader().drops(ALL).unwrap();
    let told: Vec<_> = drops
        .iter()
        .map(|d| (s(d.drop.onset.earliest), s(d.drop.end.unwrap().latest), d.drop.kind))
        .collect();
    assert_eq!(
        told,
        [
            (2_900, 3_000, DropKind::Drop),
            (3_000, 3_401, DropKind::Outage),
            (4_000, 4_101, DropKind::Outage),
            (5_900, 6_000, DropKind::Drop)
        ]
    );
    assert!(drops.iter().all(|d| d.drop.min <= d.drop.max));
    assert_eq!(ours.writer().seams().unwrap(), [at(3_000).utc, at(6_000).utc]);
}

#[test]
fn the_same_note_is_kept_once_and_its_last_words_count() {
    let ours = watched(&[(0, 100)]);
    let draft = |text: &str| NoteDraft {
        at: at(50).utc,
        kind: NoteKind::Visit,
        ticket: None,
        text: text.to_owned(),
    };
    let said = |place: &Place| -> Vec<String> {
        place.reader().notes(ALL).unwrap().into_iter().map(|note| note.text).collect()
    };
    let add =
        |place: &Place, text: &str, s: i64| add_note(&place.db(), &draft(text), at(s).utc).unwrap();
    let misspelled = add(&ours, "technicain", 60);
    let extended = add(&ours, "new modem", 61);
    let mistaken = add(&ours, "nothing", 62);
    let copy = Place::new();
    std::fs::create_dir_all(copy.db().parent().unwrap()).unwrap();
    crate::store::backup(&ours.db(), &copy.db(), 1, at(0).utc).unwrap();
    edit_note(&copy.db(), misspelled, &draft("technician"), None, at(70).utc).unwrap();
    add(&copy, "only there", 71);
    edit_note(&ours.db(), extended, &draft("new modem and cable"), None, at(72).utc).unwrap();
    remove_note(&ours.db(), mistaken, None, at(73).utc).unwrap();
    let plan = merge(&ours, &copy);
    assert_eq!(plan.taken.notes, 2);
    assert_eq!(said(&ours), ["technician", "new modem and cable", "only there"]);
    let changes = ours.reader().note_changes(ALL).unwrap();
    let past: Vec<_> = changes.iter().map(|change| change.before.text.as_str()).collect();
    assert_eq!(past, ["new modem", "nothing", "technicain"]);
    assert_eq!(merge(&ours, &copy).taken.notes, 0);
    assert_eq!(said(&ours).len(), 3);
}

#[test]
fn a_run_that_is_taken_over_brings_what_is_known_of_its_clock() {
    let (ours, theirs) = (watched(&[(0, 100)]), watched(&[(10 * DAY_S, 10 * DAY_S + 600)]));
    let started = theirs.reader().runs(ALL).unwrap()[0].started;
    theirs
        .sql()
        .execute(
            "INSERT INTO run_clock SELECT id, 'provisional', started_us - 7000000, NULL FROM run",
            [],
        )
        .unwrap();
    merge(&ours, &theirs);
    let run = ours.reader().runs(ALL).unwrap().into_iter().find(|run| run.started >= started);
    let run = run.unwrap();
    let host = run.started.plus_micros(-7_000_000);
    let clock = RunClock { run: run.id, state: ClockState::Provisional, host, dated: None };
    assert_eq!(ours.reader().run_clocks().unwrap(), [clock]);
    merge(&ours, &theirs);
    assert_eq!(ours.reader().run_clocks().unwrap(), [clock], "again changes nothing");
}

#[test]
fn files_of_every_earlier_schema_are_taken_and_stay_as_they_are() {
    let old = |schema: i64| -> Vec<u8> {
        match schema {
            1 => include_bytes!("../../../tests/data/schema/1.db").to_vec(),
            2 => include_bytes!("../../../tests/data/schema/2.db").to_vec(),
            3 => include_bytes!("../../../tests/data/schema/3.db").to_vec(),
            4 => include_bytes!("../../../tests/data/schema/4.db").to_vec(),
            _ => include_bytes!("../../../tests/data/schema/5.db").to_vec(),
        }
    };
    for schema in 1..crate::store::schema::SCHEMA {
        let theirs = Place::new();
        std::fs::create_dir_all(theirs.db().parent().unwrap()).unwrap();
        std::fs::write(theirs.db(), old(schema)).unwrap();
        assert_eq!(theirs.reader().about().unwrap().schema, schema);
        let ours = watched(&[(200 * DAY_S, 200 * DAY_S + 100)]);
        let plan = merge(&ours, &theirs);
        let probes = usize::try_from(plan.taken.probes).unwrap();
        assert!(probes > 0, "schema {schema}");
        assert_eq!(ours.samples().len(), 10 + probes);
        let notes = |place: &Place| place.reader().notes(ALL).unwrap().len();
        assert_eq!(notes(&ours), notes(&theirs), "schema {schema}");
        assert!(std::fs::read(theirs.db()).unwrap() == old(schema), "schema {schema}");
        let left: Vec<_> = std::fs::read_dir(ours.db().parent().unwrap())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| name.contains("merging"))
            .collect();
        assert_eq!(left, <[String; 0]>::default(), "no copy stays");
    }
}

#[test]
fn who_was_in_use_comes_with_the_runs_that_are_taken() {
    let theirs = watched(&[(0, 3_600)]);
    let mut writer = theirs.writer();
    let cloudflare = TargetId(1);
    for (s, standing) in [(10, Standing::Unproven), (2_500, Standing::Near)] {
        let entry = RosterEntry { target: cloudflare, standing, decides: standing.may_vote() };
        let from = at(s).utc;
        writer.put_roster(&RosterChange { run: 1, from, roster: Roster::new([entry]) });
    }
    writer.close(at(3_600), RunEnd::Clean).unwrap();
    let ours = watched(&[(1_000, 2_000)]);
    merge(&ours, &theirs);
    let (reader, runs) = (ours.reader(), ours.reader().runs(ALL).unwrap());
    let rosters = reader.rosters().unwrap();
    let taken = |from: i64| {
        let merged = runs.iter().filter(|run| run.ended == Some(RunEnd::Merged));
        let run = merged.filter(|run| run.started >= at(from).utc).min_by_key(|run| run.started);
        let all = rosters.of_run(run.unwrap().id, ALL);
        all.iter().map(|change| change.roster.standing(cloudflare)).collect::<Vec<_>>()
    };
    assert_eq!(taken(0), [Some(Standing::Unproven)]);
    assert_eq!(taken(2_000), [Some(Standing::Unproven), Some(Standing::Near)]);
    assert!(!rosters.last().is_known(), "it says nothing of what is probed here");
}

#[test]
fn rows_that_cannot_be_understood_are_left_out_and_counted_and_a_foreign_schema_is_refused() {
    let (ours, theirs) = (watched(&[(-9_000, -8_000)]), watched(&[(0, 600), (1_200, 1_800)]));
    let sql = theirs.sql();
    let gone = "UPDATE gap SET reason = 'whatever'; UPDATE hour SET sketch = x'ff07';
                DELETE FROM raw; UPDATE minute SET rtt_max = NULL WHERE minute % 2";
    sql.execute_batch(gone).unwrap();
    let theirs_read = other(&ours, &theirs);
    let count = |other: &Other| -> Vec<(&'static str, u64)> {
        other.unread().iter().map(|unread| (unread.table, unread.rows)).collect()
    };
    assert_eq!(count(&theirs_read), [("gap", 1)]);
    let mut writer = ours.writer();
    let mut plan = writer.plan_merge(&theirs_read, limits(400), at(100 * DAY_S).utc).unwrap();
    while !plan.is_done() {
        writer.merge_bite(&theirs_read, &mut plan).unwrap();
    }
    let counted = count(&theirs_read);
    assert!(counted.contains(&("gap", 1)) && counted.contains(&("hour", 1)), "{counted:?}");
    drop(writer);
    sql.execute_batch("CREATE TRIGGER t AFTER INSERT ON note BEGIN DELETE FROM link_drop; END")
        .unwrap();
    let refused = Other::open(&theirs.db(), &ours.db(), "0.0.0-test");
    assert!(matches!(refused, Err(Error::Foreign { .. })), "{refused:?}");
}
