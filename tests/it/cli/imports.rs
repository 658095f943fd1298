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
    let line = "Drops      0 drops: 0 up to 5 min, 0 longer (outages); incomplete under 3 min; decided by one server\n";
    assert!(text.contains(line), "{text}");
    let method: Vec<_> = text.split("Method").nth(1).unwrap().split_whitespace().collect();
    assert!(method.join(" ").contains("some or all drops under 3 min were missed"), "{text}");
    let json: Value = serde_json::from_str(&report(&home, "json")).unwrap();
    let stick = |key: &str| {
        let all = json["yardsticks"].as_array().unwrap();
        all.iter().find(|stick| stick["key"] == key).unwrap().clone()
    };
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

/// What `ping -D -O` wrote of the seconds from `from` to `to`, dead from 20 to 35.
fn ping_log(from: i64, to: i64) -> String {
    let mut text = String::new();
    for second in from..to {
        let (at, number) = (START_MS / 1_000 + second, second + 1);
        if (20..35).contains(&second) {
            writeln!(text, "[{}.000000] no answer yet for icmp_seq={number}", at + 1).unwrap();
        } else {
            let reply = "64 bytes from 8.8.8.8:";
            writeln!(text, "[{at}.012000] {reply} icmp_seq={number} ttl=117 time=12.0 ms").unwrap();
        }
    }
    text
}

fn drops(home: &Home) -> Vec<Value> {
    let json = home.json(&["--db", "a.db", "drops", "--format", "json", "--since", "2023-01-01"]);
    json.as_array().unwrap().clone()
}

fn probes(home: &Home) -> usize {
    let sql = "SELECT count(*) AS n, count(DISTINCT time_ms || target) AS d FROM samples";
    let rows = home.data(&["--db", "a.db", "sql", sql]);
    let numbers: Vec<usize> =
        rows.lines().nth(1).unwrap().split_whitespace().map(|n| n.parse().unwrap()).collect();
    assert_eq!(numbers[0], numbers[1], "nothing is there twice");
    numbers[0]
}

#[test]
fn a_log_that_grew_gives_what_is_new_and_its_drop_is_one() {
    // Cut before, within and after the drop, and the end first.
    for (first, then) in
        [((0, 10), (0, 60)), ((0, 29), (0, 60)), ((0, 50), (0, 60)), ((30, 60), (0, 60))]
    {
        let home = Home::new();
        home.write("once.log", &ping_log(first.0, first.1));
        home.write("grown.log", &ping_log(then.0, then.1));
        let import = |name: &'static str| home.linkmon(&["--db", "a.db", "import", name]);
        assert_eq!(import("once.log").code, 0);
        let before = drops(&home);
        let said = import("grown.log");
        assert_eq!(said.code, 0, "{}", said.stderr);
        assert!(
            said.stderr.contains("were left out: the record has their time"),
            "{}",
            said.stderr
        );
        assert_eq!(probes(&home), 60, "{first:?}");
        let found = drops(&home);
        assert_eq!(found.len(), 1, "{first:?}: {found:#?}");
        let whole = Home::new();
        whole.write("grown.log", &ping_log(then.0, then.1));
        whole.data(&["--db", "a.db", "import", "grown.log"]);
        let at_once = drops(&whole);
        for key in ["onset", "end", "kind"] {
            assert_eq!(found[0][key], at_once[0][key], "{first:?} {key}");
        }
        if first == (0, 29) {
            assert_eq!(before[0]["id"], found[0]["id"], "a drop that goes on keeps its number");
        }
        let replayed =
            home.json(&["--db", "a.db", "replay", "--format", "json", "--since", "2023-01-01"]);
        assert_eq!(replayed.as_array().unwrap().len(), 1);
        assert_eq!(replayed[0]["onset"], found[0]["onset"]);
        let again = home.complaint(1, &["--db", "a.db", "import", "grown.log"]);
        assert!(again.contains("has all of this time already"), "{again}");
        home.data(&["--db", "a.db", "verify"]);
    }
}

#[test]
fn time_that_was_watched_is_not_counted_again_whoever_saw_it() {
    let home = Home::recorded();
    let before = drops(&home);
    // Another program's record of the same half hour, with other drops, and an hour more.
    let mut text = "time_unix_ms,target,rtt_us\n".to_owned();
    for second in -60..5_000_i64 {
        let rtt = if (300..330).contains(&second) || (1_000..1_100).contains(&second) {
            ""
        } else {
            "9000"
        };
        writeln!(text, "{},elsewhere,{rtt}", START_MS + second * 1_000 + 77).unwrap();
    }
    home.write("other.csv", &text);
    let said = home.linkmon(&["--db", "a.db", "import", "other.csv"]);
    assert_eq!(said.code, 0, "{}", said.stderr);
    let after = drops(&home);
    assert_eq!(before.len(), after.len(), "{after:#?}");
    for (a, b) in before.iter().zip(&after) {
        assert_eq!((&a["id"], &a["onset"], &a["end"]), (&b["id"], &b["onset"], &b["end"]));
    }
    home.data(&["--db", "a.db", "verify"]);
}

#[test]
fn an_import_is_stored_whole_or_not_at_all() {
    let home = Home::recorded();
    let before = home.data(&["--db", "a.db", "sql", "SELECT count(*) FROM target"]);
    let mut text = String::new();
    for n in 0..70_000 {
        writeln!(text, "{},n{n},1000", START_MS + 86_400_000 + n).unwrap();
    }
    home.write("names.csv", &text);
    let said = home.complaint(1, &["--db", "a.db", "import", "names.csv"]);
    assert!(said.starts_with("linkmon: "), "{said}");
    assert_eq!(home.data(&["--db", "a.db", "sql", "SELECT count(*) FROM target"]), before);
    // A new database refuses 300 targets, too, and is not left behind.
    home.write("names.csv", text.lines().take(300).collect::<Vec<_>>().join("\n").as_str());
    home.complaint(1, &["--db", "new.db", "import", "names.csv"]);
    let files = std::fs::read_dir(home.dir.path()).unwrap().flatten();
    let left: Vec<_> = files.map(|file| file.file_name().into_string().unwrap()).collect();
    assert!(left.iter().all(|name| !name.starts_with("new.db")), "{left:?}");
    home.write(
        "overflow.ping",
        "PING a (2606:4700:4700::1111) 56 data bytes\n\
         [1770000000.1] 64 bytes from a (2606:4700:4700::1111): icmp_seq=65535 ttl=57 time=1.2 ms\n\
         [3770000001.1] 64 bytes from a (2606:4700:4700::1111): icmp_seq=0 ttl=57 time=1.2 ms\n",
    );
    home.complaint(1, &["--db", "a.db", "import", "overflow.ping"]);
    let left = "SELECT count(*) FROM target";
    assert_eq!(home.data(&["--db", "a.db", "sql", left]), before);
}
