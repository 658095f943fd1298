//! The page shows what the record has.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};

use super::*;
use crate::config::Config;
use crate::serve::{self, PageOptions};
use crate::vocabulary::Target;

/// The body of an answer.
fn get(address: SocketAddr, path: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split_once("\r\n\r\n").unwrap().1.to_owned()
}

/// The metrics, once they are of the second `at`: the page takes in what it is told when it can.
fn metrics_of(address: SocketAddr, at: Timestamp) -> String {
    let at = format!("\"at\":\"{at}\"");
    let is_there = |_: &usize| get(address, "/api/status").contains(&at);
    (0..10_000).find(is_there).expect("the page has heard of it");
    get(address, "/metrics")
}

/// The value of one series.
fn value(metrics: &str, series: &str) -> f64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
    line.unwrap_or_else(|| panic!("no {series} in:\n{metrics}")).parse().unwrap()
}

#[track_caller]
fn check(metrics: &str, series: &str, expected: f64) {
    let found = value(metrics, series);
    assert!((found - expected).abs() < 1e-9, "{series}: {found}, and it should be {expected}");
}

/// Sent, lost, late and not sent of each target, counted one by one in the record.
fn counted(reader: &Reader) -> BTreeMap<String, [u32; 4]> {
    let targets = reader.targets().unwrap();
    let name = |id| targets.iter().find(|t: &&Target| t.id == id).unwrap().name.clone();
    let mut counts: BTreeMap<String, [u32; 4]> = BTreeMap::new();
    reader
        .for_each_minute(ALWAYS, &mut |minute| {
            for m in &minute.samples {
                let count = counts.entry(name(m.target)).or_default();
                count[0] += u32::from(m.outcome.was_sent());
                count[1] += u32::from(m.outcome.is_lost());
                count[2] += u32::from(matches!(m.outcome, Outcome::Late { .. }));
                count[3] += u32::from(!m.outcome.was_sent());
            }
        })
        .unwrap();
    counts
}

#[test]
fn the_metrics_count_what_the_record_holds() {
    let mut machine = Machine::new();
    let path = machine.heard.database.clone();
    let mut config = Config::default();
    config.web.listen = "127.0.0.1:0".parse().unwrap();
    let opening = Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
    let (writer, _) = Writer::open(opening).unwrap();
    let past = remember(&path, Parameters::default(), Waiting::default()).unwrap();
    let options = PageOptions { config, database: path.clone(), present: past.present.clone() };
    let Machine { clocks, heard, .. } = &mut machine;
    let page = serve::start(options).unwrap();
    let address = page.listen();
    let (now, boot) = (clocks.reading(0), Some(clocks.boot_id()));
    let mut pipeline = Pipeline::new(writer, past, now, boot, "0.0.0-test", heard).unwrap();
    pipeline.set_targets(wanted(), now);
    let life = scenario::DaemonLife::new(pipeline, 0, clocks);
    let mut life = Life { life, database: path.clone() };

    life.lives(100, &mut up);
    life.lives(20, &mut down);
    life.lives(60, &mut |who, ms| match (who, ms / 1_000 % 10) {
        (1, 3) => Outcome::Late { rtt: Duration::from_millis(4_000) },
        (2, 5) => Outcome::Lost,
        (3, 7) => Outcome::NotSent(NotSent::QueueFull),
        _ => up(who, ms),
    });
    life.lives(10, &mut up);
    let metrics = metrics_of(address, life.now().utc);
    drop(life);
    page.stop();

    let reader = Reader::open(&path).unwrap();
    let counts = counted(&reader);
    assert_eq!(counts["isp"], [190, 26, 6, 0], "the record");
    for ((name, role, ..), count) in WHO.iter().map(|who| (who, counts[who.0])) {
        let labels = format!("{{target=\"{name}\",role=\"{role}\",kind=\"icmp\",family=\"ipv4\"}}");
        let names = ["", "_lost", "_late", "_not_sent"];
        for (what, count) in names.into_iter().zip(count) {
            check(&metrics, &format!("linkmon_probes{what}_total{labels}"), count.into());
        }
        let answered = count[0] - count[1];
        check(&metrics, &format!("linkmon_rtt_seconds_count{labels}"), answered.into());
        let sum = f64::from(answered) * 0.012;
        check(&metrics, &format!("linkmon_rtt_seconds_sum{labels}"), sum);
    }
    let [stored] = &reader.drops(ALWAYS).unwrap()[..] else { panic!("one drop") };
    let length = (stored.drop.min + stored.drop.max) / 2;
    let place = stored.drop.place_text();
    check(&metrics, &format!("linkmon_drops_total{{place=\"{place}\"}}"), 1.0);
    let series = format!("linkmon_drop_seconds_total{{place=\"{place}\"}}");
    check(&metrics, &series, length.as_secs_f64());
    // From the first probe of an anchor to the last, and no gap between.
    let observed = value(&metrics, "linkmon_observed_seconds_total");
    assert!(observed > 185.0 && observed < 190.0, "{observed}");
    check(&metrics, "linkmon_state{state=\"up\"}", 1.0);
    assert!(!metrics.contains("linkmon_open_drop_seconds"), "{metrics}");
}
