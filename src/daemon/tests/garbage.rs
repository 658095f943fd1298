//! Nonsense in every column of every table ends neither the start of a daemon nor a report.

use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::*;
use crate::report::{self, Report};
use crate::store::{Recovery, Unread};

/// One row for each table that a few minutes do not fill; `{us}` is within that time.
const ROWS: &str = r#"
INSERT INTO gap VALUES ({us}, {us} + 5000000, 'stalled');
INSERT INTO trouble VALUES (3, {us}, {us} + 60000000, 20, 60);
INSERT INTO impairment(key_us, kind, target, onset_earliest_us, onset_latest_us, end_earliest_us,
  end_latest_us, unobserved_us, places, detail) VALUES ({us}, 'loss', NULL, {us}, {us} + 1000000,
  {us} + 60000000, {us} + 61000000, 0, '["access"]',
  '{"lost":51,"late":3,"sent":180,"usual-lost":7,"usual-sent":259200}');
INSERT INTO event(time_us, kind, detail) VALUES
  ({us}, 'slept', '{"kind":"slept","seconds":5.5}'),
  ({us} + 1, 'clock-step', '{"kind":"clock-step","seconds":-5.5}');
INSERT INTO note(time_us, text, added_us, kind, ticket) VALUES ({us}, 'a', {us}, 'call', 'b');
INSERT INTO note_change(note, what, changed_us, time_us, text, added_us, kind, ticket)
  VALUES (1, 'edited', {us}, {us}, 'a', {us}, 'call', 'b');
INSERT INTO traffic VALUES ({us} / 60000000, 'eth0', 60000000, 1000, 2000);
INSERT INTO merged_run VALUES (1, 77, 5, {us});
INSERT INTO seam VALUES ({us});
INSERT OR REPLACE INTO run_clock VALUES (1, 'set', {us}, NULL);
INSERT INTO server_clock VALUES (1, 3, {us}, {us} + 1000000, -5, 5, 2);
INSERT OR REPLACE INTO way VALUES (1, {us}, 'ipv4', '{"interface":"eth0","medium":"cable"}');
INSERT INTO drop_path VALUES ({us}, 'ipv4', 'confirmed',
  '{"towards":null,"hops":[{"ttl":1,"usual":null,"by":"192.0.2.1","rtt_us":5000}],
    "returns":[{"address":"192.0.2.1","earliest_ms":5,"latest_ms":6}],"unsent":null}');
INSERT INTO station VALUES (1, {us}, 'wlan0', '02:00:00:00:00:01', {us}, -60, 65000);
UPDATE link_drop SET stretches = (SELECT json_array(s, s) FROM (SELECT json_object(
  'onset_earliest_us', {us}, 'onset_latest_us', {us}, 'end_earliest_us', {us} + 9000000,
  'end_latest_us', {us} + 9000000, 'min_us', 9000000, 'max_us', 9000000, 'unobserved_us', 5) AS s));
INSERT INTO target_address VALUES (3, {us}, '203.0.113.9', 1000);
INSERT INTO stamp VALUES (1, zeroblob(32), {us}, 'http://192.0.2.1/', {us}, x'00');
INSERT INTO removal VALUES ('raw', 5, 6, {us});
INSERT INTO modem_reading VALUES ({us}, 1000000, 'drop', 'tc4400', NULL, NULL, x'78daabae0500017500f9', '{{}}');
INSERT INTO modem_page VALUES ({us}, 'log.html', x'78dab3c928c9cdb1030007a30230');
INSERT INTO message VALUES (1, 'drop-5-down', 'drop-5', {us}, 'down', {us}, {us}, NULL, NULL, NULL,
  'access', NULL, 1, 'a', 'b');
INSERT INTO delivery VALUES ('phone', 0, 1, 2, 0, 0, {us}, NULL, '{}');
INSERT INTO remote_write VALUES ('default', '', {us} / 60000000, {us} / 60000000, '{}', {us});
INSERT OR IGNORE INTO hour_due VALUES ({us} / 3600000000);
"#;

/// What is read by those who send it alone: neither the start of the daemon nor a report asks for it.
const OF_THE_COURIER: [&str; 3] = ["message", "delivery", "remote_write"];

/// What is put into a column.
#[derive(Debug)]
enum Nonsense {
    Is(Value),
    /// All numbers of a JSON text become this one.
    Numbers(&'static str),
}

impl Nonsense {
    fn all() -> Vec<Self> {
        let values = [
            Value::Blob(vec![0, 255, 7]),
            Value::Text("[{\"x".to_owned()),
            Value::Integer(i64::MAX),
            Value::Null,
        ];
        let numbers = ["18446744073709551615", "1e300"];
        values.into_iter().map(Self::Is).chain(numbers.map(Self::Numbers)).collect()
    }

    fn of(&self, value: &Value) -> Value {
        match (self, value) {
            (Self::Is(nonsense), _) => nonsense.clone(),
            (Self::Numbers(number), Value::Text(text)) if text.starts_with(['{', '[']) => {
                let mut spoiled = String::new();
                for c in text.chars() {
                    match c {
                        '0'..='9' | '.' if spoiled.ends_with('#') => {}
                        '0'..='9' => spoiled.push('#'),
                        c => spoiled.push(c),
                    }
                }
                Value::Text(spoiled.replace('#', number))
            }
            (Self::Numbers(_), value) => value.clone(),
        }
    }
}

/// A record with rows in every table; all of it in the file itself.
fn filled() -> Machine {
    let mut machine = Machine::new();
    // Over the end of an hour.
    machine.start(2_340, |mut life| {
        life.lives(400, &mut |who, ms| {
            if (2_500_000..2_520_000).contains(&ms) { down(who, ms) } else { up(who, ms) }
        });
        life.stop();
    });
    let db = Connection::open(&machine.heard.database).unwrap();
    db.execute_batch(&ROWS.replace("{us}", &((START_S + 2_450) * 1_000_000).to_string())).unwrap();
    db.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    machine
}

struct Column {
    name: String,
    key: i64,
}

fn columns(db: &Connection, table: &str) -> Vec<Column> {
    let sql = format!("SELECT name, pk FROM pragma_table_info('{table}')");
    let mut statement = db.prepare(&sql).unwrap();
    let columns = statement.query_map([], |row| Ok(Column { name: row.get(0)?, key: row.get(1)? }));
    columns.unwrap().map(Result::unwrap).collect()
}

fn tables(db: &Connection) -> Vec<String> {
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Lets any value into any column, as damage does; gives what takes the rules back.
fn without_rules(path: &std::path::Path) -> Vec<(String, String)> {
    let db = Connection::open(path).unwrap();
    let sql = "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND sql LIKE '%STRICT%'";
    let mut statement = db.prepare(sql).unwrap();
    let rules = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let rules: Vec<(String, String)> = rules.map(Result::unwrap).collect();
    let free = rules.iter().map(|(name, sql)| {
        let free = sql.replace("STRICT, WITHOUT ROWID", "WITHOUT ROWID").replace(" STRICT", "");
        let types = [" INTEGER NOT NULL", " TEXT NOT NULL", " BLOB NOT NULL"];
        let free = types.iter().fold(free, |sql, kind| sql.replace(kind, ""));
        // A row number is a whole number whatever the rules are.
        let free = free.replace(" INTEGER,", ",").replace(" TEXT,", ",");
        (name.clone(), free)
    });
    put_rules(path, &free.collect::<Vec<_>>());
    rules
}

fn put_rules(path: &std::path::Path, rules: &[(String, String)]) {
    let db = Connection::open(path).unwrap();
    db.execute_batch("PRAGMA writable_schema = ON").unwrap();
    for (name, sql) in rules {
        db.execute("UPDATE sqlite_schema SET sql = ?2 WHERE name = ?1", [name, sql]).unwrap();
    }
    db.execute_batch("PRAGMA writable_schema = RESET").unwrap();
}

/// Adds a row for each column of a table, with nonsense in that column; gives how many.
fn spoil(db: &Connection, table: &str, nonsense: &Nonsense) -> usize {
    if table == "meta" {
        let Nonsense::Is(value) = nonsense else { return 0 };
        return db.execute("UPDATE meta SET value = ?1", [value]).unwrap_or(0);
    }
    let columns = columns(db, table);
    let mut spoiled = 0;
    for at in 0..columns.len() {
        let first = |column: &Column| {
            let moved = column.key > 0 || ["key_us", "time_us"].contains(&&*column.name);
            let value: Value = db
                .query_row(&format!("SELECT {} FROM {table} LIMIT 1", column.name), [], |row| {
                    row.get(0)
                })
                .unwrap();
            match value {
                // As a row of its own, near the first.
                Value::Integer(n) if moved && n > 1_000_000_000 => {
                    Value::Integer(n + 61_000_000 * i64::try_from(at + 1).unwrap())
                }
                Value::Integer(n) if moved => Value::Integer(n + 20 + i64::try_from(at).unwrap()),
                other => other,
            }
        };
        let mut row: Vec<Value> = columns.iter().map(first).collect();
        row[at] = nonsense.of(&row[at]);
        let marks = vec!["?"; row.len()].join(", ");
        let insert = format!("INSERT INTO {table} VALUES ({marks})");
        // What not even a file without rules takes cannot be there.
        spoiled += db.execute(&insert, params_from_iter(row)).unwrap_or(0);
    }
    spoiled
}

/// Starts a daemon on the file, lets it live, and makes a report; gives all that could not be read.
fn lived_and_reported(machine: &mut Machine) -> Vec<String> {
    let path = machine.heard.database.clone();
    let opening = Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
    let (writer, recovery) = Writer::open(opening).unwrap();
    let Recovery { damaged_rows, unread, put_aside, .. } = recovery;
    assert_eq!(put_aside, None, "no page is damaged");
    let past = remember(&path, Parameters::default(), Waiting::default()).unwrap();
    let now = machine.clocks.reading(2_800_000);
    let Machine { clocks, heard, .. } = machine;
    let boot = Some(clocks.boot_id());
    let remembered = past.unread.clone();
    let mut pipeline = Pipeline::new(writer, past, now, boot, "0.0.0-test", heard).unwrap();
    pipeline.set_targets(wanted(), now);
    let mut life =
        Life { life: scenario::DaemonLife::new(pipeline, 2_800, clocks), database: path.clone() };
    life.lives(20, &mut |who, ms| if ms > 2_806_000 { down(who, ms) } else { up(who, ms) });
    life.stop();
    let is_trouble = |event: &&Event| matches!(event, Event::StorageTrouble(_));
    let troubles = machine.heard.events.iter().filter(is_trouble);
    assert_eq!(troubles.collect::<Vec<_>>(), Vec::<&Event>::new());
    let at = |s: i64| Timestamp::from_seconds(START_S + s);
    let period = crate::time::TimeRange { from: at(-7_200), to: at(200_000) };
    let reader = machine.reader();
    assert!(reader.drops(period).unwrap().iter().any(|s| s.drop.key >= at(2_800)), "is recorded");
    reader.minutes(period).unwrap();
    let rows = report::gather(&reader, period, None).unwrap();
    let said = rows.unread.clone();
    let config = crate::config::Config::default();
    let zone = jiff::tz::TimeZone::UTC;
    let method = report::Method::new(&config, None);
    let report = Report::build(rows, zone, &config.site, period.to, method);
    let json = crate::render::json(&report);
    let of = |unread: &[Unread]| -> Vec<String> {
        unread.iter().map(|unread| format!("{}:{}", unread.table, unread.rows)).collect()
    };
    assert_eq!(json.contains("\"unread\""), !said.is_empty());
    let mut all = [of(&unread), of(&remembered), of(&said)].concat();
    all.extend((damaged_rows > 0).then(|| format!("raw:{damaged_rows}")));
    all
}

#[test]
fn nonsense_in_any_column_ends_neither_the_start_nor_a_report_and_is_counted() {
    let machine = filled();
    let file = std::fs::read(&machine.heard.database).unwrap();
    let names = tables(&Connection::open(&machine.heard.database).unwrap());
    assert!(names.len() >= 25, "{names:?}");
    let spoiled_tables = || names.iter().filter(|name| *name != "reason");
    for nonsense in Nonsense::all() {
        let mut machine = Machine::new();
        let path = machine.heard.database.clone();
        std::fs::write(&path, &file).unwrap();
        let rules = without_rules(&path);
        let db = Connection::open(&path).unwrap();
        let spoiled: Vec<_> = spoiled_tables().map(|table| spoil(&db, table, &nonsense)).collect();
        drop(db);
        put_rules(&path, &rules);
        let said = lived_and_reported(&mut machine);
        for (table, spoiled) in spoiled_tables().zip(spoiled) {
            let is_said = said.iter().any(|said| said.starts_with(&format!("{table}:")));
            let is_wrong = matches!(nonsense, Nonsense::Is(Value::Blob(_)));
            let must = is_wrong && spoiled > 0 && !OF_THE_COURIER.contains(&&**table);
            assert!(is_said || !must, "{table} {nonsense:?}: {said:?}");
        }
    }
}
