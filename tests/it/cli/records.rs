//! Imported records of small situations: what is down, for how long, and what is not known.

use super::*;

/// What becomes of a probe of a target, sent at this many milliseconds: its delay in microseconds,
/// or nothing.
type Outcome<'a> = &'a dyn Fn(&str, i64) -> Option<i64>;

const HOPS: [(&str, i64); 3] = [("gw", 101), ("modem", 231), ("isp", 431)];

/// A record of `seconds` at a probe a second of the hops and of these anchors.
fn record_of(anchors: &[(&str, i64)], seconds: i64, outcome: Outcome<'_>) -> String {
    let mut lines = Vec::new();
    for (target, phase) in HOPS.iter().chain(anchors) {
        for second in 0..seconds {
            let at = second * 1_000 + phase;
            let rtt = outcome(target, at).map(|us| us.to_string()).unwrap_or_default();
            lines.push((at, format!("{},{target},{rtt}", START_MS + at)));
        }
    }
    lines.sort();
    let lines: Vec<_> = lines.into_iter().map(|(_, line)| line).collect();
    format!("time_unix_ms,target,rtt_us\n{}\n", lines.join("\n"))
}

const THREE: [(&str, i64); 3] = [("a1", 0), ("a2", 333), ("a3", 667)];

fn usual(target: &str) -> i64 {
    match target {
        "gw" => 2_000,
        "modem" => 3_000,
        "isp" => 9_000,
        _ => 15_000,
    }
}

/// Cut behind the modem in these milliseconds.
fn cut(spans: &[(i64, i64)]) -> impl Fn(&str, i64) -> Option<i64> + '_ {
    move |target, at| {
        let dead = spans.iter().any(|(from, to)| (*from..*to).contains(&at));
        (!dead || matches!(target, "gw" | "modem")).then(|| usual(target))
    }
}

struct Said {
    drops: Value,
    report: Value,
    text: String,
}

fn said(record: &str) -> Said {
    let home = Home::new();
    home.write("r.csv", record);
    let roles = ["gw=gateway", "modem=modem", "isp=isp"];
    let mut import = vec!["--db", "a.db", "import", "r.csv"];
    roles.iter().filter(|role| record.contains(role.split('=').next().unwrap())).for_each(|role| {
        import.extend(["--role", role]);
    });
    home.data(&import);
    let of = |command: &'static str, format: &'static str| {
        let all = ["--db", "a.db", command, "--format", format, "--since", "2023-02-07T16:00"];
        home.data(&[&all[..], &["--until", "2023-02-08T16:00"]].concat())
    };
    let json = |text: String| serde_json::from_str(&text).unwrap();
    Said {
        drops: json(of("drops", "json")),
        report: json(of("report", "json")),
        text: of("report", "full"),
    }
}

impl Said {
    /// Least and most of each drop and outage.
    fn lengths(&self) -> Vec<(f64, f64)> {
        let counted = |d: &&Value| d["kind"] != "blip" && d["kind"] != "possible";
        let length = |d: &Value| (d["min_s"].as_f64().unwrap(), d["max_s"].as_f64().unwrap());
        self.drops.as_array().unwrap().iter().filter(counted).map(length).collect()
    }

    fn seconds(&self, of: &str) -> f64 {
        self.report["time"][of].as_f64().unwrap()
    }
}

#[track_caller]
fn assert_holds((least, most): (f64, f64), truth: f64) {
    assert!(least <= truth && truth <= most && most - least < 3.0, "{least} {truth} {most}");
}

#[test]
fn the_time_between_two_flaps_is_up() {
    let said = said(&record_of(&THREE, 1_080, &cut(&[(600_000, 606_000), (615_000, 621_000)])));
    let [length] = said.lengths()[..] else { panic!("{}", said.drops) };
    assert_holds(length, 12.0);
    let ratio = said.report["availability"]["ratio"].as_f64().unwrap();
    assert!((ratio - (1.0 - 12.0 / 1_080.0)).abs() < 5e-4, "{ratio}");
    assert!(said.text.contains("2 times within 21 s"), "{}", said.text);
}

#[test]
fn a_drop_that_runs_into_an_hour_without_watching_has_the_same_bounds_everywhere() {
    let dead = cut(&[(600_000, 618_000)]);
    let mut text = record_of(&THREE, 4_800, &dead);
    let (from, to) = (START_MS + 618_000, START_MS + 4_218_000);
    text = text
        .lines()
        .filter(|line| {
            let at = line.split(',').next().unwrap().parse::<i64>();
            at.is_err() || !(from..to).contains(&at.unwrap())
        })
        .flat_map(|line| [line, "\n"])
        .collect();
    let said = said(&text);
    let [(least, most)] = said.lengths()[..] else { panic!("{}", said.drops) };
    assert!((17.0..=18.0).contains(&least) && (3_615.0..3_622.0).contains(&most), "{least} {most}");
    let entry = &said.report["drops"][0];
    assert_eq!(
        (entry["period_min_s"].as_f64(), entry["period_max_s"].as_f64()),
        (Some(least), Some(most))
    );
    assert!((17.0..=19.0).contains(&said.seconds("down_s")), "{}", said.report["time"]);
    let unwatched =
        said.report["gaps"].as_array().unwrap().iter().find(|gap| gap["from"] != Value::Null);
    assert!(
        (3_595.0..3_605.0).contains(&unwatched.unwrap()["seconds"].as_f64().unwrap()),
        "{}",
        said.report["gaps"]
    );
    assert!(said.text.contains("not watched from"), "{}", said.text);
}

#[test]
fn what_a_modem_held_back_and_delivered_at_the_end_was_no_answer_until_then() {
    let dead = cut(&[(600_000, 630_000)]);
    let held = |target: &str, at: i64| {
        let is_held = (622_000..630_000).contains(&at) && !matches!(target, "gw" | "modem");
        if is_held { Some((630_000 - at) * 1_000 + 9_000) } else { dead(target, at) }
    };
    let said = said(&record_of(&THREE, 900, &held));
    let [length] = said.lengths()[..] else { panic!("{}", said.drops) };
    assert_holds(length, 30.0);
}

#[test]
fn a_record_that_ends_in_a_drop_leaves_it_open() {
    let said = said(&record_of(&THREE, 1_200, &cut(&[(600_000, 2_000_000)])));
    let drop = &said.drops[0];
    assert_eq!((drop["end"].clone(), drop["end_latest"].clone()), (Value::Null, Value::Null));
    let (least, most) = said.lengths()[0];
    assert!((598.0..=600.5).contains(&least) && most < 603.0, "{least} {most}");
    assert!((597.0..603.0).contains(&said.seconds("down_s")), "{}", said.report["time"]);
    assert!(said.text.contains("the record ends"), "{}", said.text);
}

#[test]
fn of_two_anchors_one_that_never_answers_does_not_hide_a_drop_that_the_isp_s_hop_confirms() {
    let two = [("a1", 0), ("a2", 333)];
    let dead = cut(&[(600_000, 660_000)]);
    let said = said(&record_of(&two, 900, &|t, at| if t == "a2" { None } else { dead(t, at) }));
    let [length] = said.lengths()[..] else { panic!("{}", said.drops) };
    assert_holds(length, 60.0);
}

#[test]
fn where_one_anchor_of_two_was_silent_alone_the_time_is_unconfirmed_and_in_no_ratio() {
    let two = [("a1", 0), ("a2", 333)];
    let dead = |target: &str, at: i64| {
        let lost = target == "a2" || target == "a1" && (600_000..660_000).contains(&at);
        (!lost).then(|| usual(target))
    };
    let said = said(&record_of(&two, 900, &dead));
    assert_eq!(said.lengths(), []);
    assert!(
        said.report["gaps"].as_array().unwrap().iter().any(|gap| gap["reason"] == "unconfirmed")
    );
    assert_eq!(said.report["availability"]["ratio"], 1.0);
    assert!((838.0..842.0).contains(&said.seconds("up_s")), "{}", said.report["time"]);
    assert!(said.text.contains("unconfirmed: a silence that too few servers saw"), "{}", said.text);
    let calls = &said.report["calls"]["quality"];
    assert!(calls["lost"].as_u64().unwrap() <= 1, "{calls}");
}

#[test]
fn ipv4_that_fails_while_ipv6_works_on_the_same_line_is_no_drop() {
    let both = [("a1", 0), ("a2", 333), ("a3", 667), ("2001:db8::1", 150), ("2001:db8::2", 550)];
    let dead = |target: &str, at: i64| {
        let lost = target.starts_with('a') && (600_000..660_000).contains(&at);
        (!lost).then(|| usual(target))
    };
    let said = said(&record_of(&both, 900, &dead));
    assert_eq!(said.lengths(), []);
    let kinds: Vec<_> =
        said.report["impairments"].as_array().unwrap().iter().map(|i| i["kind"].clone()).collect();
    assert_eq!(kinds, ["ipv4"], "{}", said.report["impairments"]);
    assert!((58.0..62.0).contains(&said.seconds("disputed_s")), "{}", said.report["time"]);
    let ratio = &said.report["availability"];
    assert!(ratio["lower"].as_f64().unwrap() < 0.94 && ratio["upper"] == 1.0, "{ratio}");
    // What was lost in disputed time is no loss of a line that was up.
    let calls = &said.report["calls"]["quality"];
    assert!(
        calls["lost"].as_u64().unwrap() <= 2 && calls["sent"].as_u64().unwrap() < 2_530,
        "{calls}"
    );
    assert!(!said.text.contains("probes to the public servers were lost"), "{}", said.text);
}

#[test]
fn a_record_of_one_server_decides_alone_and_says_so() {
    let said = said(&record_of(&[("a1", 0)], 900, &cut(&[(600_000, 630_000)])));
    assert_holds(said.lengths()[0], 30.0);
    assert!(said.text.contains("one server alone: a1"), "{}", said.text);
}
