//! What others recorded: judged by the same rules, and no more claimed than its spacing shows.

use super::*;

/// Three days of one target probed each `step` seconds, dead for `down_s` from each hour on.
fn hourly(step: i64, down_s: i64) -> String {
    let mut text = "time_unix_ms,target,rtt_us\n".to_owned();
    for second in (0..3 * 86_400).step_by(usize::try_from(step).unwrap()) {
        let rtt = if second % 3_600 < down_s && second > 0 { "" } else { "12000" };
        writeln!(text, "{},one,{rtt}", START_MS + second * 1_000).unwrap();
    }
    text
}

fn report(home: &Home, format: &'static str) -> String {
    let period = ["--since", "2023-02-07T16:00", "--until", "2023-02-10T16:00"];
    let report = ["--db", "a.db", "report", "--format", format];
    home.data(&[&report[..], &period].concat())
}

#[test]
fn a_record_of_a_probe_a_minute_does_not_say_that_there_were_no_short_drops() {
    let home = Home::new();
    home.write("minutes.csv", &hourly(60, 90));
    let said = home.data(&["--db", "a.db", "import", "minutes.csv"]);
    assert!(
        said.ends_with(
            "0 drops, 0 blips; drops shorter than 3 min can be missed, because the probes are 1 min apart\n"
        ),
        "{said}"
    );
    let text = report(&home, "full");
    let head = "No drop of 3 min or more in 3 days. Probes 1 min apart do not show shorter ones.\n";
    assert!(text.starts_with(head), "{text}");
    for line in [
        "Drops      0 drops (up to 5 min), 0 outages (longer); incomplete under 3 min; decided by one server\n",
        "Drops under 3 min can be missed here: ACCC and nbn show too little or nothing.\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let method: Vec<_> = text.split("Method").nth(1).unwrap().split_whitespace().collect();
    assert!(method.join(" ").contains("some or all drops under 3 min were missed"), "{text}");
    let json: Value = serde_json::from_str(&report(&home, "json")).unwrap();
    let stick = |key: &str| {
        let all = json["yardsticks"].as_array().unwrap();
        all.iter().find(|stick| stick["key"] == key).unwrap().clone()
    };
    assert_eq!(stick("accc-outages")["figure"], Value::Null);
    assert_eq!(stick("nbn-dropouts")["verdict"], Value::Null);
    assert_eq!(stick("tkg-58")["verdict"], "not reached");
}

#[test]
fn drops_of_four_minutes_are_seen_by_a_probe_a_minute() {
    let home = Home::new();
    home.write("minutes.csv", &hourly(60, 240));
    home.data(&["--db", "a.db", "import", "minutes.csv"]);
    let json: Value = serde_json::from_str(&report(&home, "json")).unwrap();
    // The record begins a minute into the first.
    assert_eq!(
        json["counts"]["drops"].as_u64().unwrap() + json["counts"]["outages"].as_u64().unwrap(),
        72
    );
}

#[test]
fn gaps_of_days_in_a_record_are_no_drops() {
    let home = Home::new();
    let all = hourly(1, 0);
    let gone = START_MS + 86_400_000..START_MS + 2 * 86_400_000;
    let kept = all.lines().filter(|line| {
        let at = line.split(',').next().and_then(|ms| ms.parse().ok());
        at.is_none_or(|ms: i64| !gone.contains(&ms))
    });
    home.write("gap.csv", &kept.collect::<Vec<_>>().join("\n"));
    home.data(&["--db", "a.db", "import", "gap.csv"]);
    let text = report(&home, "full");
    assert!(
        text.starts_with("No drop of 5 s or more in 3 days (66.67 % of it watched).\n"),
        "{text}"
    );
    assert!(text.contains("1 gap, 24 h in all"), "{text}");
}
