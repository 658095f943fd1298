//! The files themselves: all there, all right, and errors in one are reported with their line.

use std::fs;

use linkmon::scenario::Scenario;

use super::played::folder;

#[test]
fn every_scenario_of_the_design_is_a_file_of_its_name() {
    let mut names: Vec<String> = fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path().file_stem().unwrap().to_string_lossy().into_owned())
        .collect();
    names.sort();
    // Duplicates and answers in the wrong order (S15) are the business of `probe::inflight`.
    let expected: Vec<String> = (1..=32).filter(|n| *n != 15).map(|n| format!("S{n:02}")).collect();
    assert_eq!(names, expected);
    for name in names {
        let scenario = super::played::scenario(&name);
        assert_eq!(scenario.name, name);
        assert!(scenario.seeds.len() >= 2, "{name}");
    }
}

const HEAD: &str =
    "name = \"x\"\nstory = \"x\"\nstart = \"2026-02-02T00:00:00Z\"\nlength = \"1h\"\n";

#[track_caller]
fn check(body: &str, expected: &str) {
    let text = format!("{HEAD}{body}");
    let error = Scenario::parse(&text, "x.toml").unwrap_err().to_string();
    assert!(error.contains(expected), "{error}");
}

#[test]
fn errors_are_reported_with_line_and_value() {
    let fault = |more: &str| format!("[[fault]]\nwhere = \"access\"\nhow = \"silence\"\n{more}");
    check("lenght = 3\n", "x.toml:5:1: unknown field `lenght`");
    check("zone = \"Mars/Olympus\"\n", "x.toml:5:8: no time zone \"Mars/Olympus\"");
    check(&fault("when = { at = \"1 hour\" }\n"), "\"1 hour\" is not a duration");
    check(&fault("when = { at = \"1h\", daily = \"03:00\" }\n"), "x.toml:8:");
    check(&fault("when = { daily = \"25:00\" }\n"), "daily = \"25:00\" is not a time of day");
    check(&fault("when = { every = \"10ms\" }\n"), "\"10ms\" is too often");
    check(&fault("when = { every = \"1h\", spread = \"40m\" }\n"), "more than half of every");
    check(&fault("when = { random = \"1h\", spread = \"40m\" }\n"), "spread goes with");
    check(&fault("when = { lasts = [\"2m\", \"1m\"] }\n"), "the second is not shorter");
    check(&fault("percent = 5\n"), "x.toml:5:1: how = \"silence\" takes no percent");
    check("[[fault]]\nwhere = \"access\"\nhow = \"loss\"\npercent = 101\n", "percent = 101");
    check("[[fault]]\nwhere = \"access\"\nhow = \"loss\"\n", "how = \"loss\" takes percent");
    check("[[fault]]\nwhere = \"access\"\nhow = \"portal\"\n", "goes with where = \"web\"");
    check("[[fault]]\nwhere = \"acess\"\nhow = \"silence\"\n", "x.toml:6:9: where = \"acess\"");
    check("[[host]]\nwhat = \"clock\"\nwhen = { at = \"1m\" }\n", "takes step-seconds");
    check("[[host]]\nwhat = \"sleep\"\n", "when is missing");
    check("seeds = []\n", "seeds = []: at least one is needed");
    let error = Scenario::parse(&HEAD.replace("\"1h\"", "\"0s\""), "x.toml").unwrap_err();
    assert!(error.to_string().contains("x.toml:4:1: length = \"0ms\""), "{error}");
    let missing = Scenario::read(&folder().join("S99.toml")).unwrap_err();
    assert!(missing.to_string().starts_with("read the scenario "), "{missing}");
}
