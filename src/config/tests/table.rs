//! The table of keys: ranges and defaults as the reader takes them, and the sample that is made of
//! them.

use std::ops::RangeInclusive;
use std::path::Path;

use toml::de::DeTable;

use super::super::keys::{ConfigKey, TABLES, Takes};
use super::super::{read, size};
use super::*;
use crate::time::duration;

/// Reads `[table] key = value` alone, without the rules for several keys; the configuration as it
/// is then shown.
fn read_alone(table: &str, key: &ConfigKey, value: &str) -> Result<toml::Table, String> {
    let text = format!("it = {value}");
    let parsed = DeTable::parse(&text).unwrap();
    let mut config = Config::default();
    if table == "target" {
        let text = format!(
            "[[target]]\nname = \"a\"\nkind = \"icmp\"\naddress = \"192.0.2.1\"\n{} = {value}\n",
            key.name
        );
        config = Config::from_toml(&text, "x").map_err(|e| e.to_string())?;
    } else {
        let value = parsed.get_ref().get("it").unwrap().get_ref();
        read::put(&key.takes, value, &mut config).map_err(|e| format!("{}: {e}", key.name))?;
    }
    Ok(toml::Table::try_from(config).unwrap())
}

/// What the file would have for the key.
fn shown(all: &toml::Table, table: &str, key: &ConfigKey) -> Option<String> {
    let keys = all.get(table)?;
    let keys = keys.as_array().map_or(keys, |targets| &targets[0]);
    keys.get(key.name).map(ToString::to_string)
}

/// The ends of a range as values of the file, and the nearest values outside of it.
fn cases(takes: &Takes) -> Option<([String; 2], Vec<String>)> {
    fn of<T: Copy + PartialEq>(
        range: &RangeInclusive<T>,
        step: impl Fn(T, i32) -> Option<T>,
        text: impl Fn(T) -> String,
    ) -> ([String; 2], Vec<String>) {
        let (least, most) = (*range.start(), *range.end());
        let outside = [step(least, -1), step(most, 1)];
        ([text(least), text(most)], outside.into_iter().flatten().map(text).collect())
    }
    let ms = Duration::from_millis(1);
    let next = |d: Duration, by: i32| if by < 0 { d.checked_sub(ms) } else { d.checked_add(ms) };
    match takes {
        Takes::Length(range, _) | Takes::LengthOrOff(range, _) | Takes::LengthOfTarget(range) => {
            Some(of(range, next, |d| format!("\"{}\"", duration::text(d))))
        }
        Takes::Count(range, _) => Some(of(range, u32::checked_add_signed, |n| n.to_string())),
        Takes::Size(range, _) => {
            let next = |n: u64, by: i32| n.checked_add_signed(by.into());
            Some(of(range, next, |n| format!("\"{}\"", size::text(n))))
        }
        _ => None,
    }
}

#[test]
fn each_range_includes_its_ends_and_nothing_beyond() {
    let mut ranges = 0;
    for table in &TABLES {
        for key in table.keys {
            let Some((ends, outside)) = cases(&key.takes) else { continue };
            ranges += 1;
            let name = format!("[{}] {}", table.name, key.name);
            for end in &ends {
                let all =
                    read_alone(table.name, key, end).unwrap_or_else(|e| panic!("{name}: {e}"));
                assert_eq!(shown(&all, table.name, key).as_ref(), Some(end), "{name}");
            }
            for value in outside {
                let error = read_alone(table.name, key, &value).unwrap_err();
                let [least, most] = ends.each_ref().map(|end| end.trim_matches('"'));
                let message = format!("{}: {value} is not between {least} and {most}", key.name);
                assert!(error.contains(&message), "{name}: {error}");
            }
        }
    }
    assert_eq!(ranges, 28);
}

#[test]
fn each_default_is_read_as_the_default() {
    for table in TABLES.iter().filter(|table| table.name != "target") {
        // There is none of it unless there is one.
        let mut defaults = Config::default();
        match table.name {
            "alert" => defaults.alerts.push(AlertConfig::default()),
            "remote-write" => defaults.remote_writes.push(RemoteWriteConfig::default()),
            _ => {}
        }
        let defaults = toml::Table::try_from(defaults).unwrap();
        for key in table.keys {
            let name = format!("[{}] {}", table.name, key.name);
            let default = shown(&defaults, table.name, key);
            let has_default = default.as_deref().is_some_and(|value| value != "[]");
            assert_eq!(has_default, key.example.is_empty(), "{name}");
            if has_default && let Some(default) = default {
                assert_eq!(read_alone(table.name, key, &default), Ok(defaults.clone()), "{name}");
            } else {
                let all = read_alone(table.name, key, key.example).unwrap();
                let is_secret = matches!(key.takes, Takes::Secret(_) | Takes::SecretUrl(_));
                let example = if is_secret { "\"...\"" } else { key.example };
                assert_eq!(shown(&all, table.name, key).as_deref(), Some(example), "{name}");
            }
        }
    }
}

#[test]
fn every_key_that_is_shown_is_in_the_table() {
    let all =
        toml::Table::try_from(Config::from_toml(&file("good.toml"), "good").unwrap()).unwrap();
    for (name, keys) in &all {
        let table = super::super::keys::table(name).unwrap();
        let keys = keys.as_array().map_or(keys, |targets| &targets[1]);
        for key in keys.as_table().unwrap().keys() {
            assert!(table.key(key).is_some(), "[{name}] {key}");
        }
    }
}

/// The lines of the sample that begin with `mark` and a key, without the mark; tables stay.
fn uncommented(mark: &str) -> String {
    let line = |line: &str| {
        let said = line.strip_prefix(mark).unwrap_or(line);
        said.starts_with(|c: char| c.is_ascii_lowercase() || c == '[').then(|| format!("{said}\n"))
    };
    sample().lines().filter_map(line).collect()
}

#[test]
fn the_sample_is_a_configuration_of_defaults_and_of_examples() {
    assert_eq!(Config::from_toml(&sample(), "sample").unwrap(), Config::default());
    assert_eq!(Config::from_toml(&uncommented("#"), "defaults").unwrap(), Config::default());
    let examples = Config::from_toml(&uncommented("##"), "examples").unwrap();
    assert_eq!((examples.targets.len(), examples.alerts.len()), (1, 1));
    assert_eq!(examples.remote_writes.len(), 1);
    assert!(sample().lines().all(|line| line.chars().count() <= 100));
}

/// `LINKMON_WRITE_SAMPLE=1 cargo test the_shipped_sample` writes the file again.
#[test]
fn the_shipped_sample_is_that_of_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/linkmon.toml");
    if std::env::var_os("LINKMON_WRITE_SAMPLE").is_some() {
        std::fs::write(&path, sample()).unwrap();
    }
    assert!(
        std::fs::read_to_string(path).unwrap() == sample(),
        "contrib/linkmon.toml is not that of src/config/keys.rs; LINKMON_WRITE_SAMPLE=1 writes it"
    );
}
