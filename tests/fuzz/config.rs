//! The configuration.

use super::*;
use crate::fuzz::Fuzz;

const FILE: &str = "linkmon.toml";

/// The example, with every default in effect and with every example in effect.
fn valid() -> [Vec<u8>; 3] {
    let example = include_str!("../../contrib/linkmon.toml");
    let all: Vec<_> = example
        .lines()
        .filter(|line| !line.starts_with("# "))
        .map(|line| line.trim_start_matches('#'))
        .collect();
    let target = "[[target]]\nname = \"vpn\"\nkind = \"tcp\"\naddress = \"vpn.example.com:443\"\n";
    [example.to_owned(), all[..all.len() / 2].join("\n"), target.to_owned()].map(String::into_bytes)
}

#[test]
fn a_configuration_that_is_taken_reads_back_and_one_that_is_not_names_its_lines() {
    let words = [
        "[probe]",
        "[[target]]",
        "=",
        "\"",
        "'''",
        "true",
        "-1",
        "1e400",
        "inf",
        "\"0ms\"",
        "\"5s\"",
        "\"584942417355y\"",
        "\n",
        "{",
        "}",
        "[",
        "]",
        ".",
        "1979-05-27",
        "\\u0000",
        "é",
    ];
    Fuzz::new("configuration", valid()).words(&words).costing(4).text(
        |text| match Config::from_toml(text, FILE) {
            Ok(config) => {
                let again = toml::to_string_pretty(&config).unwrap();
                // As it is shown: without its secrets.
                let back =
                    Config::from_toml(&again, FILE).map(|back| toml::to_string_pretty(&back));
                assert_eq!(back.ok().unwrap().as_ref(), Ok(&again));
                true
            }
            Err(Error::Invalid { problems, .. }) => {
                assert!(!problems.is_empty());
                let lines = text.matches('\n').count() + 1;
                for problem in problems {
                    assert!((1..=lines).contains(&problem.line), "{problem} of {lines} lines");
                    let place = format!("{FILE}:{}:{}: ", problem.line, problem.column);
                    assert!(problem.to_string().starts_with(&place), "{problem}");
                }
                false
            }
            Err(error @ Error::Read { .. }) => panic!("{error}"),
        },
    );
}
