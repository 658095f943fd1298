//! Files that earlier linkmons wrote, one for each schema.

use super::*;
use crate::store::schema::SCHEMA;
use crate::store::{check_all, is_of_earlier_schema, verify_chain};

/// Written by a linkmon of that schema; kept for ever.
fn kept(schema: i64) -> Vec<u8> {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/schema");
    std::fs::read(tests.join(format!("{schema}.db"))).unwrap()
}

#[test]
fn a_file_of_every_earlier_schema_is_kept_and_read_and_migrated_with_all_that_is_in_it() {
    for schema in 1..SCHEMA {
        let place = Place::new();
        std::fs::create_dir_all(place.db().parent().unwrap()).unwrap();
        let file = kept(schema);
        std::fs::write(place.db(), &file).unwrap();
        let reader = place.reader();
        assert_eq!(reader.about().unwrap().schema, schema);
        assert!(is_of_earlier_schema(&place.db()).unwrap());
        reader.check_schema().unwrap();
        let before = samples(&reader);
        let others = |reader: &Reader| {
            let drops = reader.drops(ALL).unwrap();
            let notes: Vec<_> = reader.notes(ALL).unwrap().into_iter().map(|n| n.text).collect();
            (drops, notes, reader.targets().unwrap())
        };
        let others_before = others(&reader);
        assert!(before.len() >= 120 && !others_before.0.is_empty() && !others_before.1.is_empty());
        drop(reader);
        assert_eq!(std::fs::read(place.db()).unwrap(), file, "reading changes nothing: {schema}");

        let mut writer = place.writer();
        writer.begin_run(at(20 * 86_400), None).unwrap();
        writer.second(at(20 * 86_400 + 1), "{}").unwrap();
        drop(writer);
        let reader = place.reader();
        assert_eq!(reader.about().unwrap().schema, SCHEMA, "from {schema}");
        assert_eq!(samples(&reader), before, "from {schema}");
        assert_eq!(others(&reader), others_before, "from {schema}");
        let hours = reader.hours(ALL).unwrap();
        let summed: u64 = hours.iter().map(|row| u64::from(row.sent)).sum();
        assert!(summed > 0, "from {schema}");
        let chain = verify_chain(&place.db()).unwrap();
        assert!(chain.whole > 0 && chain.broken == 0, "from {schema}: {chain:?}");
        assert!(check_all(&place.db()).unwrap().is_whole(), "from {schema}");
    }
}
