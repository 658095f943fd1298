//! From records to drops and to what is made of them.

use std::fmt::Write as _;
use std::fs;

use serde_json::Value;

use super::home::{DOWN, Home, PERIOD, START_MS};
use super::with;

fn micros(value: &Value) -> i64 {
    value.as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

#[test]
fn the_drops_of_a_record_are_found_within_their_bounds_and_everywhere_the_same() {
    let home = Home::recorded();
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    let drops = list.as_array().unwrap();
    assert_eq!(drops.len(), 3, "{list:#}");
    for ((drop, (from, to)), kind) in drops.iter().zip(DOWN).zip(["drop", "blip", "outage"]) {
        let truth = |second: i64| START_MS * 1_000 + second * 1_000_000;
        assert_eq!(drop["kind"], kind);
        // A probe answered before the drop proves the link up at its sending, so the bounds are
        // those of probes a third of a second apart.
        let (earliest, latest) = (micros(&drop["onset_earliest"]), micros(&drop["onset_latest"]));
        assert!(earliest <= truth(from) && truth(from) <= latest, "{drop:#}");
        assert!(latest - earliest <= 400_000, "{drop:#}");
        let (earliest, latest) = (micros(&drop["end_earliest"]), micros(&drop["end_latest"]));
        assert!(earliest <= truth(to) && truth(to) <= latest, "{drop:#}");
        assert!(latest - earliest <= 400_000, "{drop:#}");
        if kind == "blip" {
            assert_eq!(drop["place"], "unknown", "a blip is too short to tell: {drop:#}");
            continue;
        }
        assert_eq!(drop["place"], "modem|access");
        assert_eq!(drop["places"], serde_json::json!(["modem", "access"]));
        assert_eq!(drop["answered"], serde_json::json!(["router"]));
        assert_eq!(drop["silent"].as_array().unwrap().len(), 4, "{drop:#}");
    }

    let replay = home.json(&with(&["--db", "a.db", "replay", "--format", "json"], &PERIOD));
    assert_eq!(replay, list);

    let report = home.json(&with(&["--db", "a.db", "report", "--format", "json"], &PERIOD));
    for (reported, listed) in report["drops"].as_array().unwrap().iter().zip(drops) {
        for (field, value) in listed.as_object().unwrap() {
            assert_eq!(reported[field], *value, "{field}");
        }
    }
    assert_eq!(report["drops"].as_array().unwrap().len(), drops.len());
    let one = report["targets"].as_array().unwrap().iter().find(|t| t["name"] == "one").unwrap();
    assert_eq!((&one["sent"], &one["lost"]), (&Value::from(1_800), &Value::from(433)));

    let csv = home.data(&with(&["--db", "a.db", "drops", "--format", "csv"], &PERIOD));
    let ids: Vec<&str> = csv.lines().skip(1).map(|l| l.split(',').next().unwrap()).collect();
    let expected: Vec<String> = drops.iter().map(|d| d["id"].to_string()).collect();
    assert_eq!(ids, expected);
}

#[test]
fn a_list_leaves_out_what_was_not_asked_for_and_says_so() {
    let home = Home::recorded();
    let text = home.data(&with(&["--db", "a.db", "drops"], &PERIOD));
    assert!(text.contains("1 blip (2 s to 5 s) not listed; --blips lists them."), "{text}");
    let all = home.data(&with(&["--db", "a.db", "drops", "--blips"], &PERIOD));
    assert_eq!(all.lines().count(), text.lines().count(), "{all}");
    let long =
        home.json(&with(&["--db", "a.db", "drops", "--format", "json", "--min", "2m"], &PERIOD));
    assert_eq!(long.as_array().unwrap().len(), 1);
}

#[test]
fn other_thresholds_find_other_drops_and_change_nothing() {
    let home = Home::recorded();
    let listed = with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD);
    let before = home.data(&listed);
    let kinds_with = |threshold: [&'static str; 2]| {
        let replay = with(&["--db", "a.db", "replay", "--format", "json"], &threshold);
        let found = home.json(&with(&replay, &PERIOD));
        let kinds =
            found.as_array().unwrap().iter().map(|d| d["kind"].as_str().unwrap().to_owned());
        kinds.collect::<Vec<_>>()
    };
    assert_eq!(kinds_with(["--drop-after", "2500ms"]), ["drop", "drop", "outage"]);
    assert_eq!(kinds_with(["--blip-after", "4s"]), ["drop", "outage"]);
    assert_eq!(kinds_with(["--outage-after", "20s"]), ["outage", "blip", "outage"]);
    assert_eq!(home.data(&listed), before);
}

#[test]
fn a_report_is_a_text_on_standard_output_and_one_drawing_named_on_standard_error() {
    let home = Home::recorded();
    let said = home.linkmon(&with(&["--db", "a.db", "report"], &PERIOD));
    assert_eq!(said.code, 0, "{}", said.stderr);
    let name = "linkmon-report-2023-02-07T1600-2023-02-07T1700.png";
    assert!(said.stderr.starts_with(&format!("linkmon: the drawing is in {name}\n")));
    assert!(said.stderr.contains("linkmon: This report discloses "), "{}", said.stderr);
    assert_eq!(fs::read(home.path(name)).unwrap()[..8], *b"\x89PNG\r\n\x1a\n");
    assert_eq!(
        said.stdout,
        home.linkmon(&with(&["--db", "a.db", "report", "--format", "text"], &PERIOD)).stdout
    );
    assert_eq!(home.data(&with(&["--db", "a.db", "report", "-o", "a.json"], &PERIOD)), "");
    let _: Value = serde_json::from_slice(&fs::read(home.path("a.json")).unwrap()).unwrap();
}

#[test]
fn a_drawing_comes_as_png_svg_or_pdf_of_a_period_or_of_one_drop() {
    let home = Home::recorded();
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    let id = list[0]["id"].to_string();
    let one = ["--drop", id.as_str()];
    for (kind, magic) in [("png", b"\x89PNG".as_slice()), ("svg", b"<svg"), ("pdf", b"%PDF")] {
        let file = format!("a.{kind}");
        for what in [&PERIOD[..], &one[..]] {
            let arguments = [&["--db", "a.db", "report", "-o", &file, "--theme", "dark"], what];
            assert_eq!(home.data(&arguments.concat()), "");
            assert!(fs::read(home.path(&file)).unwrap().starts_with(magic), "{kind} {what:?}");
        }
    }
    let said = home.linkmon(&[&["--db", "a.db", "report"], &one[..]].concat());
    let expected = format!("linkmon: the drawing is in linkmon-drop-{id}.png\n");
    assert!(said.stderr.starts_with(&expected), "{}", said.stderr);
    assert_eq!(
        home.complaint(2, &["--db", "a.db", "report", "--drop", "999", "-o", "b.png"]),
        "linkmon: --drop: there is no drop 999 in a.db\n\nhint: `linkmon drops` lists their numbers\n"
    );
}

#[test]
fn a_period_around_a_drop_holds_it() {
    let home = Home::recorded();
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    let since = format!("drop:{}", list[2]["id"]);
    let around = home.json(&["--db", "a.db", "drops", "--format", "json", "--since", &since]);
    assert_eq!(around.as_array().unwrap().len(), 3, "all begin within 15 minutes: {around:#}");
    assert_eq!(around[2], list[2]);
}

#[test]
fn a_record_of_ping_is_imported_from_standard_input() {
    let home = Home::new();
    let mut text = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n".to_owned();
    for second in (0..120).filter(|s| !(50..65).contains(s)) {
        writeln!(
            text,
            "[{}.012000] 64 bytes from 192.0.2.7: icmp_seq={} ttl=57 time=12.0 ms",
            START_MS / 1_000 + second,
            second + 1
        )
        .unwrap();
    }
    let file = fs::File::open(home.write("ping.txt", &text)).unwrap();
    let output = home.command(&["--db", "p.db", "import", "-"]).stdin(file).output().unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout),
        "imported 120 measurements of 1 target, Tue 2023-02-07 16:00 to Tue 2023-02-07 16:01: 0 \
         outages, 1 drop, 0 blips\n",
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn repairs_of_a_record_are_reported_on_standard_error() {
    let home = Home::new();
    let row = |second: i64, rtt: &str| format!("{},one,{rtt}\n", START_MS + second * 1_000);
    let text =
        [row(1, "9"), row(0, "9"), row(2, "9"), row(2, "9"), row(3, ""), row(3, "9")].concat();
    let file = home.write("mixed.csv", &format!("time_unix_ms,target,rtt_us\n{text}"));
    let output = home.command(&["--db", "m.db", "import"]).arg(file).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("imported 4 measurements of 1"));
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "linkmon: of the measurements 1 put in order, 1 dropped as exact duplicates, 1 dropped \
         because of another outcome at the same time (an answer wins)\n"
    );
}

#[test]
fn a_record_that_ends_in_a_drop_leaves_it_open_and_it_is_in_no_later_period() {
    let home = Home::new();
    let mut text = "time_unix_ms,target,rtt_us\n".to_owned();
    for second in 0..100 {
        for (name, phase) in [("one", 0), ("two", 500)] {
            let rtt = if second < 80 { "9000" } else { "" };
            writeln!(text, "{},{name},{rtt}", START_MS + second * 1_000 + phase).unwrap();
        }
    }
    home.write("cut.csv", &text);
    home.data(&["--db", "a.db", "import", "cut.csv"]);
    let list = home.json(&with(&["--db", "a.db", "drops", "--format", "json"], &PERIOD));
    assert_eq!(list.as_array().unwrap().len(), 1, "{list:#}");
    assert_eq!(list[0]["end_latest"], Value::Null);
    assert!((18.5..20.0).contains(&list[0]["min_s"].as_f64().unwrap()), "{list:#}");
    let replay = home.json(&with(&["--db", "a.db", "replay", "--format", "json"], &PERIOD));
    assert_eq!(replay, list);
    let later = home.json(&["--db", "a.db", "drops", "--format", "json", "--since", "2023-02-08"]);
    assert_eq!(later, Value::Array(vec![]));
}
