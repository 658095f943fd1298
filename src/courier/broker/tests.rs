use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use super::*;
use crate::live::{RecentProbes, TargetStatus};
use crate::store::{Opening, Writer};
use crate::time::Timestamp;
use crate::vocabulary::{Kind, LinkState, Role};

const START: Timestamp = Timestamp::from_seconds(1_796_000_000);

/// What a broker was told: topic and text of each publication, and how often it was pinged.
#[derive(Debug, Default)]
struct Heard {
    said: Vec<(String, String)>,
    pings: usize,
    connections: usize,
    /// Connections are closed at once.
    is_down: bool,
}

fn broker() -> (u16, Arc<Mutex<Heard>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard: Arc<Mutex<Heard>> = Arc::default();
    let ears = Arc::clone(&heard);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let connection = stream.unwrap();
            if !ears.lock().unwrap().is_down {
                ears.lock().unwrap().connections += 1;
                let _ = hear(connection, &ears);
            }
        }
    });
    (port, heard)
}

fn hear(mut stream: TcpStream, heard: &Mutex<Heard>) -> std::io::Result<()> {
    loop {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        let kind = byte[0];
        let (mut length, mut shift) = (0_usize, 0);
        loop {
            stream.read_exact(&mut byte)?;
            length |= usize::from(byte[0] & 0x7f) << shift;
            shift += 7;
            if byte[0] & 0x80 == 0 {
                break;
            }
        }
        let mut rest = vec![0; length];
        stream.read_exact(&mut rest)?;
        if heard.lock().unwrap().is_down {
            return Ok(());
        }
        match kind {
            0x10 => stream.write_all(&[0x20, 2, 0, 0])?,
            0x33 => {
                let topic = usize::from(rest[0]) << 8 | usize::from(rest[1]);
                let id = [rest[2 + topic], rest[3 + topic]];
                let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
                let said = (text(&rest[2..2 + topic]), text(&rest[4 + topic..]));
                heard.lock().unwrap().said.push(said);
                stream.write_all(&[0x40, 2, id[0], id[1]])?;
            }
            0xc0 => {
                heard.lock().unwrap().pings += 1;
                stream.write_all(&[0xd0, 0])?;
            }
            _ => return Ok(()),
        }
    }
}

fn link(port: u16, database: PathBuf) -> HomeLink {
    let config = MqttConfig { server: Some(format!("127.0.0.1:{port}")), ..MqttConfig::default() };
    let server = HttpServer { https: false, host: "127.0.0.1".to_owned(), port };
    HomeLink {
        config,
        site: Some("Home office".to_owned()),
        language: language::of(crate::config::Lang::En),
        zone: TimeZone::UTC,
        broker: MqttBroker::new(server, HttpClient::new(Trust::KnownAuthorities, 0)),
        database,
        version: "0.1.0".to_owned(),
        device: None,
        connection: None,
        retry_at: None,
        failures: 0,
        was_told: false,
        last_packet: BootTime::from_micros(0),
        said: None,
        counted: None,
    }
}

fn second(s: i64, state: LinkState) -> HomeSecond {
    let us = s * 1_000_000;
    let now =
        Reading { utc: START.plus_micros(us), boot: BootTime::from_micros(us), monotonic_us: us };
    let lost = if state == LinkState::Down { 60 } else { 0 };
    let anchor = TargetStatus {
        name: "anchor".to_owned(),
        role: Role::Anchor,
        kind: Kind::Icmp,
        address: "192.0.2.1".to_owned(),
        decides: true,
        standing: None,
        sent: 60,
        lost,
        not_sent: 0,
        // Each second another one.
        rtt_ms: (lost == 0).then_some(10.0 + f64::from(i32::try_from(s).unwrap())),
        last_reply: None,
        trouble: None,
    };
    let status = Status { state, targets: vec![anchor], ..Status::of_start(now.utc) };
    HomeSecond { now, status: Arc::new(status), levels: HomeLevels::default() }
}

fn record(folder: &tempfile::TempDir) -> PathBuf {
    let path = folder.path().join("linkmon.db");
    let opening = Opening { path: &path, runtime_dir: None, version: "0.0.0-test" };
    drop(Writer::open(opening).unwrap());
    path
}

#[test]
fn a_broker_is_told_each_minute_and_at_once_of_what_is_news_and_all_of_it_again_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let (port, heard) = broker();
    let mut link = link(port, record(&folder));
    let live = |link: &mut HomeLink, seconds: std::ops::Range<i64>, state| {
        let events: Vec<_> = seconds.filter_map(|s| link.second(&second(s, state))).collect();
        let mut heard = heard.lock().unwrap();
        (events, std::mem::take(&mut heard.said), std::mem::take(&mut heard.pings))
    };
    let (events, said, pings) = live(&mut link, 0..120, LinkState::Up);
    assert_eq!(events, []);
    let of = |said: &[(String, String)], end: &str| {
        said.iter().filter(|(topic, _)| topic.ends_with(end)).count()
    };
    assert_eq!([of(&said, "/config"), of(&said, "/availability"), of(&said, "/state")], [6, 1, 2]);
    assert!((6..=9).contains(&pings), "{pings}");
    let (_, said, _) = live(&mut link, 120..122, LinkState::Down);
    let [(topic, text)] = said.as_slice() else { panic!("{said:?}") };
    assert!(
        topic.starts_with("linkmon/linkmon_") && text.contains("\"loss_percent\":100.0"),
        "{text}"
    );
    assert!(text.contains("\"connected\":\"OFF\"") && text.contains("\"drops_today\":0"), "{text}");

    // Killed in the outage: told once that it is not there, tried ever less often.
    heard.lock().unwrap().is_down = true;
    let (events, said, _) = live(&mut link, 122..1_000, LinkState::Down);
    assert!(matches!(events.as_slice(), [Event::HomeFails(_)]), "{events:?}");
    assert_eq!(said, []);
    heard.lock().unwrap().is_down = false;
    let (events, said, _) = live(&mut link, 1_000..1_160, LinkState::Down);
    assert_eq!(events, [Event::HomeWorks]);
    assert_eq!([of(&said, "/config"), of(&said, "/availability")], [6, 1]);
    assert!(said.iter().any(|(_, text)| text.contains("\"connected\":\"OFF\"")));
    link.say_offline();
    let said = heard.lock().unwrap().said.clone();
    assert_eq!(said.last().map(|(_, text)| text.as_str()), Some(OFFLINE));
}

#[test]
fn the_thread_says_that_linkmon_is_gone_when_the_daemon_ends() {
    let folder = tempfile::tempdir().unwrap();
    let (port, heard) = broker();
    let mut config = Config::default();
    assert!(HomeReporter::start(&config, PathBuf::new(), "0.1.0").unwrap().is_none());
    config.mqtt.server = Some(format!("127.0.0.1:{port}"));
    let reporter = HomeReporter::start(&config, record(&folder), "0.1.0").unwrap().unwrap();
    let mut present = Present::new(Duration::from_secs(3), RecentProbes::default());
    let of = second(1, LinkState::Up);
    present.on_second(Arc::clone(&of.status), of.now.boot);
    while heard.lock().unwrap().said.iter().all(|(topic, _)| !topic.ends_with("/state")) {
        assert_eq!(reporter.second(of.now, &present), None);
        std::thread::yield_now();
    }
    reporter.stop();
    assert_eq!(
        heard.lock().unwrap().said.last().map(|(_, text)| text.clone()),
        Some(OFFLINE.into())
    );
}
