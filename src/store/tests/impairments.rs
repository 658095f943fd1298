use super::*;
use crate::vocabulary::{
    BearingCounts, Bounds, Figures, Impairment, LossFigures, Place as Where, SlowFigures, Traffic,
};

fn us(us: i64) -> Timestamp {
    at(0).utc.plus_micros(us)
}

fn every_kind() -> Vec<Figures> {
    let loss = LossFigures { lost: 51, late: 3, sent: 180, usual_lost: 7, usual_sent: 259_200 };
    let counts = BearingCounts { bearing: 29, sent: 30 };
    let slow = |own_queue_us| SlowFigures {
        usual_us: 21_987,
        median_us: 140_001,
        worst_us: 480_123,
        own_queue_us,
    };
    vec![
        Figures::Loss(loss),
        Figures::Late(loss),
        Figures::Slow(slow(None)),
        Figures::Slow(slow(Some(77))),
        Figures::RouteStep { before_us: 11_900, after_us: 29_901 },
        Figures::Ipv6(counts),
        Figures::Dns(counts.into()),
        Figures::CaptivePortal(counts),
        Figures::IcmpFiltered(counts),
        Figures::Partial { silent: vec![TargetId(4)], answering: vec![TargetId(5), TargetId(255)] },
    ]
}

fn impairment(key: i64, figures: Figures) -> Impairment {
    let target = matches!(figures, Figures::RouteStep { .. }).then_some(TargetId(7));
    Impairment {
        key: us(key),
        target,
        onset: Bounds { earliest: us(key - 333_001), latest: us(key + 12_345) },
        end: (key % 2_000_000 == 0)
            .then(|| Bounds { earliest: us(key + 60_000_001), latest: us(key + 60_333_333) }),
        unobserved: Duration::from_micros(1_234_567),
        places: vec![Where::Access, Where::IspCore],
        figures,
    }
}

fn all_of_them() -> Vec<Impairment> {
    (0..).zip(every_kind()).map(|(n, figures)| impairment(n * 1_000_000, figures)).collect()
}

fn begun(place: &Place) -> Writer {
    let mut writer = place.writer();
    writer.begin_run(at(0), None).unwrap();
    writer
}

#[test]
fn an_impairment_of_every_kind_is_read_from_the_tail_and_from_the_database_as_it_was() {
    let place = Place::new();
    let mut writer = begun(&place);
    let wanted = all_of_them();
    for i in &wanted {
        writer.put_impairment(i);
    }
    writer.second(at(1), "{}").unwrap();
    let rows = || -> i64 {
        place.sql().query_row("SELECT count(*) FROM impairment", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(rows(), 0);
    let reader = place.reader();
    assert_eq!(reader.impairments(ALL).unwrap(), wanted, "from the tail");
    drop(writer);
    let mut writer = place.writer();
    assert_eq!(rows(), 10);
    assert_eq!(reader.impairments(ALL).unwrap(), wanted, "saved after a kill");
    for i in &wanted {
        writer.put_impairment(i);
    }
    writer.flush(at(2)).unwrap();
    assert_eq!(rows(), 10, "written again they are the same");
    assert_eq!(reader.impairments(ALL).unwrap(), wanted);
}

#[test]
fn loss_that_proves_late_is_the_same_impairment_and_keeps_its_number() {
    let place = Place::new();
    let mut writer = begun(&place);
    let kinds = every_kind();
    let loss = impairment(0, kinds[0].clone());
    let late = impairment(0, kinds[1].clone());
    let slow = impairment(0, kinds[2].clone());
    writer.put_impairment(&loss);
    writer.put_impairment(&slow);
    writer.flush(at(1)).unwrap();
    writer.put_impairment(&late);
    writer.second(at(2), "{}").unwrap();
    assert_eq!(place.reader().impairments(ALL).unwrap(), [late.clone(), slow.clone()], "tail");
    writer.flush(at(3)).unwrap();
    assert_eq!(place.reader().impairments(ALL).unwrap(), [late, slow]);
    let ids: Vec<(i64, String)> = place
        .sql()
        .prepare("SELECT id, kind FROM impairment ORDER BY id")
        .unwrap()
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    assert_eq!(ids, [(1, "late".to_owned()), (2, "slow".to_owned())]);
}

#[test]
fn impairments_of_a_period_are_those_that_overlap_it_and_those_that_last() {
    let place = Place::new();
    let mut writer = begun(&place);
    let [over, lasting] = [0, 1_000_000].map(|key| impairment(key, every_kind()[0].clone()));
    for i in [&over, &lasting] {
        writer.put_impairment(i);
    }
    writer.flush(at(1)).unwrap();
    let within = |from: i64, to: i64| {
        place.reader().impairments(TimeRange { from: us(from), to: us(to) }).unwrap()
    };
    assert_eq!(within(-900_000_000, -400_000), []);
    assert_eq!(within(0, 500_000), std::slice::from_ref(&over));
    assert_eq!(within(2_000_000, 3_000_000), [over, lasting.clone()]);
    assert_eq!(within(60_333_334, 70_000_000), [lasting]);
}

#[test]
fn an_impairment_with_damaged_json_is_left_out_and_its_row_is_named() {
    for (column, damage) in [
        ("detail", "{\"lost\":"),
        ("detail", "[]"),
        ("detail", "{}"),
        ("kind", "unheard-of"),
        ("places", "[\"moon\"]"),
    ] {
        let place = Place::new();
        let mut writer = begun(&place);
        for i in &all_of_them() {
            writer.put_impairment(i);
        }
        writer.flush(at(1)).unwrap();
        place
            .sql()
            .execute(&format!("UPDATE impairment SET {column} = ?1 WHERE id = 3"), [damage])
            .unwrap();
        let reader = place.reader();
        assert_eq!(reader.impairments(ALL).unwrap().len(), all_of_them().len() - 1);
        let [unread] = reader.unread().try_into().unwrap();
        assert_eq!((unread.table, unread.rows, unread.places), ("impairment", 1, 0));
        let why = unread.first;
        assert!(why.contains("row 3 of table impairment"), "{column} {damage}: {why}");
    }
}

#[test]
fn the_view_shows_figures_in_plain_columns() {
    let place = Place::new();
    let mut writer = begun(&place);
    for i in &all_of_them() {
        writer.put_impairment(i);
    }
    writer.flush(at(1)).unwrap();
    let sql = place.sql();
    let row = |id: i64| -> (String, Option<i64>, Option<i64>, Option<f64>, Option<f64>) {
        sql.query_row(
            "SELECT kind, lost, sent, usual_ms, median_ms FROM v_impairment WHERE id = ?1",
            [id],
            |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?)),
        )
        .unwrap()
    };
    assert_eq!(row(1), ("loss".to_owned(), Some(51), Some(180), None, None));
    assert_eq!(row(3), ("slow".to_owned(), None, None, Some(21.987), Some(140.001)));
    assert_eq!(row(5), ("route-step".to_owned(), None, None, Some(11.9), Some(29.901)));
    let own: f64 = sql
        .query_row("SELECT own_queue_ms FROM v_impairment WHERE id = 4", [], |r| r.get(0))
        .unwrap();
    assert!((own - 0.077).abs() < 1e-9);
}

#[test]
fn traffic_is_read_from_the_tail_and_from_the_database_and_once() {
    let place = Place::new();
    let mut writer = begun(&place);
    let traffic = |minute: i64, sent: u64| Traffic {
        minute: at(0).utc.minute() + minute,
        interface: "eth0".to_owned(),
        length: Duration::from_millis(60_250),
        received: 1 << 40,
        sent,
    };
    writer.put_traffic(&traffic(0, 5));
    writer.flush(at(61)).unwrap();
    writer.put_traffic(&traffic(1, 0));
    writer.second(at(121), "{}").unwrap();
    let reader = place.reader();
    let both = [traffic(0, 5), traffic(1, 0)];
    assert_eq!(reader.traffic(ALL).unwrap(), both);
    let second_minute = TimeRange { from: at(1).utc, to: at(61).utc };
    assert_eq!(reader.traffic(second_minute).unwrap(), [traffic(1, 0)]);
    writer.flush(at(122)).unwrap();
    assert_eq!(reader.traffic(ALL).unwrap(), both);
}

pub(super) fn file_of_schema_1(place: &Place) {
    std::fs::create_dir_all(place.db().parent().unwrap()).unwrap();
    std::fs::write(place.db(), include_bytes!("../../../tests/data/schema/1.db")).unwrap();
}

/// What the file of schema 1 holds, by a reader of the present program.
fn check_old_rows(reader: &Reader) {
    assert_eq!(samples(reader).len(), 360);
    let drops = reader.drops(ALL).unwrap();
    assert_eq!((drops.len(), drops[0].id, drops[0].drop.key), (1, 1, us(60_000_000)));
    let trouble = reader.troubles(ALL).unwrap();
    assert_eq!((trouble.len(), trouble[0].lost, trouble[0].sent), (1, 31, 40));
    assert_eq!(reader.gaps(ALL).unwrap().len(), 1);
    assert_eq!(reader.events(ALL).unwrap().len(), 1);
    assert_eq!(reader.notes(ALL).unwrap()[0].text, "modem replaced");
    assert_eq!(reader.targets().unwrap().len(), 2);
    assert_eq!(reader.runs(ALL).unwrap().len(), 1);
}

#[test]
fn a_file_of_schema_1_is_read_as_it_is_and_has_no_impairments() {
    let place = Place::new();
    file_of_schema_1(&place);
    let reader = place.reader();
    assert_eq!(reader.about().unwrap().schema, 1);
    check_old_rows(&reader);
    assert_eq!(reader.impairments(ALL).unwrap(), []);
    assert_eq!(reader.traffic(ALL).unwrap(), []);
    let untouched = std::fs::read(place.db()).unwrap();
    assert_eq!(untouched, include_bytes!("../../../tests/data/schema/1.db"));
}

#[test]
fn a_file_of_schema_1_is_migrated_with_all_that_is_in_it_and_stays_readable_for_its_own_program() {
    let place = Place::new();
    file_of_schema_1(&place);
    let mut writer = begun(&place);
    check_present_schema(&place);
    let wanted = all_of_them();
    for i in &wanted {
        writer.put_impairment(i);
    }
    writer.flush(at(1)).unwrap();
    let reader = place.reader();
    assert_eq!(reader.impairments(ALL).unwrap(), wanted);
    let sql = place.sql();
    // What a program of schema 1 asks, with its column lists.
    let min_reader: i64 = sql
        .query_row("SELECT value FROM meta WHERE key = 'min_reader'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(min_reader, 1);
    for query in [
        "SELECT id, name, kind, role, address, interval_ms FROM target",
        "SELECT minute, target, run, samples FROM raw",
        "SELECT key_us, places, flaps FROM link_drop",
        "SELECT target, from_us, to_us, lost, sent FROM trouble",
        "SELECT * FROM v_drop",
        "SELECT * FROM v_minute",
    ] {
        assert!(
            sql.prepare(query).unwrap().query([]).unwrap().next().unwrap().is_some(),
            "{query}"
        );
    }
}

fn check_present_schema(place: &Place) {
    let reader = place.reader();
    assert_eq!(reader.about().unwrap().schema, crate::store::schema::SCHEMA);
    assert_eq!(samples(&reader).len(), 360);
    assert_eq!(reader.drops(ALL).unwrap().len(), 1);
    assert_eq!(reader.notes(ALL).unwrap().len(), 1);
    assert_eq!(reader.troubles(ALL).unwrap().len(), 1);
    assert_eq!(reader.gaps(ALL).unwrap().len(), 1);
    assert_eq!(reader.events(ALL).unwrap().len(), 1);
}

#[test]
fn a_program_of_schema_1_can_read_the_tail_beside_impairments() {
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "kebab-case")]
    enum Old {
        Gap {},
        Trouble {},
        Event {},
    }
    #[derive(serde::Deserialize)]
    struct OldHead {
        pending: Vec<Old>,
    }
    let place = Place::new();
    let mut writer = begun(&place);
    for i in &all_of_them() {
        writer.put_impairment(i);
    }
    writer.put_trouble(&crate::vocabulary::TargetTrouble {
        target: TargetId(1),
        from: us(0),
        to: None,
        lost: 30,
        sent: 30,
    });
    writer.second(at(1), "{}").unwrap();
    let run = std::fs::read_dir(place.directory.path().join("run")).unwrap();
    let journal = std::fs::read(run.map(Result::unwrap).next().unwrap().path()).unwrap();
    let text = String::from_utf8_lossy(&journal);
    let json = &text[text.find("{\"database\"").unwrap()..];
    let mut heads = serde_json::Deserializer::from_str(json).into_iter::<OldHead>();
    assert_eq!(heads.next().unwrap().unwrap().pending.len(), 1);
}
