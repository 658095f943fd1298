use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

mod alert;
mod remote_write;
mod table;

fn file(name: &str) -> String {
    let dir = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/config/");
    std::fs::read_to_string(format!("{dir}{name}")).unwrap()
}

fn complaint(name: &str) -> String {
    let Err(error) = Config::from_toml(&file(name), name) else { panic!("{name} was accepted") };
    error.to_string()
}

/// Position, message and hint of each problem, without the excerpts.
fn problems(name: &str) -> String {
    let Err(Error::Invalid { problems, .. }) = Config::from_toml(&file(name), name) else {
        panic!("{name} was accepted")
    };
    problems.iter().fold(String::new(), |mut all, p| {
        writeln!(all, "{}:{} {}", p.line, p.column, p.message).unwrap();
        if let Some(hint) = &p.hint {
            writeln!(all, "      {hint}").unwrap();
        }
        all
    })
}

#[test]
fn every_key_reaches_its_field() {
    let config = Config::from_toml(&file("good.toml"), "good.toml").unwrap();
    let s = Duration::from_secs;
    assert_eq!(config.site.name.as_deref(), Some("Home office, Hauptstraße 5"));
    assert_eq!(config.site.zone.as_deref(), Some("Europe/Berlin"));
    let day = Duration::from_secs(86_400);
    assert_eq!(
        config.storage,
        Storage {
            path: Some(PathBuf::from("/srv/linkmon/linkmon.db")),
            max_size: 500_000_000,
            keep_samples: 90 * day,
            keep_minutes: 365 * day,
        }
    );
    let to = Some(PathBuf::from("/mnt/usb"));
    assert_eq!(config.backup, Backup { to, every: 7 * day, keep: 3 });
    assert_eq!(
        config.probe,
        ProbeConfig {
            engine: EngineChoice::Portable,
            interval: Duration::from_millis(500),
            service_interval: s(30),
            waiting: Waiting { loss_threshold: s(2), late_window: s(45) },
        }
    );
    assert_eq!(
        config.discover,
        Discover {
            gateway: false,
            modem: None,
            isp_hop: true,
            isp_address: Some("192.0.2.1".parse().unwrap()),
            anchors: true,
            anchor_addresses: vec!["1.1.1.1".parse().unwrap(), "2620:fe::fe".parse().unwrap()],
            trust_private: true,
            http: false,
            dns: false,
        }
    );
    assert!(!config.notify.desktop);
    assert_eq!(config.targets.len(), 4);
    assert_eq!(
        config.targets[1],
        TargetConfig {
            name: "mail".into(),
            kind: Kind::Tcp,
            role: Role::Service,
            address: "mail.example.net:993".into(),
            interval: Some(s(60)),
        }
    );
    assert_eq!(
        config.detect,
        Parameters {
            drop_after: s(8),
            blip_after: s(3),
            outage_after: s(600),
            recover_after: s(0),
            merge_within: s(20),
            bridge_gap: s(300),
            gap_after: s(4),
            target_trouble_losses: 60,
            baseline_after: s(600),
            lossy_percent: 5,
        }
    );
    assert_eq!(
        config.web,
        WebConfig {
            enabled: true,
            listen: "[::1]:9000".parse().unwrap(),
            hosts: vec!["linkmon.lan".to_owned()],
            token: None,
            token_file: None,
            public_status: true,
        }
    );
    assert_eq!(config.report.language, Lang::Fr);
}

#[test]
fn an_unknown_language_is_named() {
    let Err(error) = Config::from_toml("[report]\nlanguage = \"eo\"\n", "a.toml") else {
        panic!("accepted")
    };
    assert!(error.to_string().contains("unknown language \"eo\": use en, fr or de"), "{error}");
}

#[test]
fn a_shown_configuration_is_read_again_as_the_same() {
    for text in [String::new(), file("good.toml"), "[discover]\nanchors = false\n".to_owned()] {
        let config = Config::from_toml(&text, "a").unwrap();
        let shown = toml::to_string(&config).unwrap();
        assert_eq!(Config::from_toml(&shown, "shown").unwrap(), config, "{shown}");
    }
}

#[test]
fn a_token_is_never_shown_and_a_blank_one_is_none() {
    let web =
        |token: &str| Config::from_toml(&format!("[web]\ntoken = \"{token}\"\n"), "a").unwrap();
    let config = web("open sesame 4711");
    let shown = toml::to_string(&config).unwrap();
    assert!(shown.contains("token = \"...\"") && !shown.contains("sesame"), "{shown}");
    assert!(!format!("{config:?}").contains("sesame"));
    assert_eq!(
        (config.web.token(), config.web.trouble_of_token()),
        (Some("open sesame 4711"), None)
    );
    for (blank, token) in [
        ("", None),
        ("  ", None),
        ("a", Some("a")),
        ("fünf große Wörter", Some("fünf große Wörter")),
    ] {
        let web = web(blank).web;
        assert_eq!(web.token(), token);
        assert!(web.trouble_of_token().is_some(), "{blank}");
    }
}

#[test]
fn an_empty_file_means_the_defaults() {
    assert_eq!(Config::from_toml("", "empty").unwrap(), Config::default());
    assert_eq!(Config::from_toml("[discover]\nmodem = true\n", "m").unwrap(), Config::default());
    assert!(!Config::from_toml("[discover]\nanchors = []\n", "n").unwrap().discover.anchors);
}

#[test]
fn an_error_shows_its_line_and_a_caret_under_the_value() {
    insta::assert_snapshot!(complaint("bad-syntax.toml"), @r#"
    the configuration has an error

    bad-syntax.toml:2:12: not TOML: string values must be quoted, expected literal string
      |
    2 | interval = 1s
      |            ^^
    "#);
    insta::assert_snapshot!(complaint("bad-contradictions.toml"), @r#"
    the configuration has 4 errors

    bad-contradictions.toml:2:14: blip-after (6s) must be less than drop-after (5s)
      |
    2 | blip-after = "6s"
      |              ^^^^

    bad-contradictions.toml:3:16: drop-after (5s) must be less than outage-after (5s)
      |
    3 | outage-after = "5s"
      |                ^^^^

    bad-contradictions.toml:6:18: loss-threshold (10s) must be less than late-window (10s)
      |
    6 | loss-threshold = "10s"
      |                  ^^^^^

    bad-contradictions.toml:11:15: isp-address is given, but isp-hop is false
       |
    11 | isp-address = "192.0.2.1"
       |               ^^^^^^^^^^^
    "#);
}

#[test]
fn unknown_keys_are_reported_all_at_once_with_what_was_meant() {
    insta::assert_snapshot!(problems("bad-keys.toml"), @r#"
    1:1 unknown key "colour"
          known keys: site, storage, backup, probe, discover, modem, target, detect, web, publish, evidence, heartbeat, mqtt, alert, remote-write, notify, report
    4:1 unknown key "intervall" in [probe]
          did you mean interval?
    5:1 unknown key "drop-after" in [probe]
          drop-after belongs in [detect]
    7:2 unknown key "detekt"
          did you mean detect?
    11:1 unknown key "color" in [site]
          known keys: name, isp, account, ticket, line, country, zone
    "#);
}

#[test]
fn wrong_values_are_reported_all_at_once() {
    insta::assert_snapshot!(problems("bad-values.toml"), @r#"
    2:8 zone: "Europe/Berlinn" is not a time zone: use an IANA name such as "Europe/Berlin"
    5:8 path: "linkmon.db" is not an absolute path: it must start with /
    6:12 max-size: "2G" is not a size such as "500MB" or "2GiB"
    7:16 keep-samples: "1h" is not between 1d and 36500d
    10:10 engine: unknown engine "fast": use auto, linux or portable
    11:12 interval: expected a duration in quotes such as "5s", found the number 1
    12:18 loss-threshold: "1.5s" is not a duration (a number with ms, s, m, h, d or w: "90m", "7d")
    13:15 late-window: "2d" is not between 1s and 5m
    16:11 gateway: expected true or false, found "yes"
    17:9 modem: "192.168.100" is not an IP address such as "192.0.2.1"
    18:15 isp-address: "0.0.0.0" is not the address of a single host
    19:23 anchors: expected an IP address in quotes, found the number 8
    19:26 anchors: "1.1.1.1" is listed twice
    19:37 anchors: "8.8.8" is not an IP address such as "192.0.2.1"
    22:25 target-trouble-losses: 0 is not between 2 and 100000
    25:11 enabled: expected true or false, found "no"
    26:10 listen: "localhost:8420" is not an address and port such as "127.0.0.1:8420" or "[::1]:8420"
    27:9 hosts: "http://linkmon.lan/" is not a host name such as "linkmon.lan"
    "#);
}

#[test]
fn wrong_targets_are_reported_all_at_once() {
    insta::assert_snapshot!(problems("bad-targets.toml"), @r#"
    4:11 address: "mail.example.net" is not an address for tcp: use host:port, with an IPv6 host in [ ]
    7:8 name: "mail server" is not a valid name: 1 to 40 letters, digits, and . - _ :
    8:8 kind: unknown kind of probe "smtp": use icmp, http, dns or tcp
    14:11 address: "192.168.1.300" is not an address for icmp: use an IP address or host name
    19:11 address: "ftp://example.net/" is not an address for http: use an http:// or https:// URL
    24:11 address: "example.net@resolver.example" is not an address for dns: use name@server or name@server:port, where server is an IP address
    26:1 this target has no name
    26:1 this target has no address
    28:1 unknown key "adress" in [target]
          did you mean address?
    36:8 name: "twice" is already the name of the target in line 31
    "#);
}

#[test]
fn tables_and_lists_are_not_mixed_up() {
    insta::assert_snapshot!(problems("bad-tables.toml"), @r#"
    1:1 [probe] is a table, found a string
    3:2 target is a list of tables, found a table
          write [[target]] above each target
    "#);
}

#[test]
fn the_caret_counts_characters_not_bytes() {
    let error = Config::from_toml("[site]\n\"ä\" = 1\nzone = { a = 1 }", "x").unwrap_err();
    insta::assert_snapshot!(error.to_string(), @r#"
    the configuration has 2 errors

    x:2:1: unknown key "ä" in [site]
      |
    2 | "ä" = 1
      | ^^^
      = hint: known keys: name, isp, account, ticket, line, country, zone

    x:3:8: zone: expected the name of a time zone such as "Europe/Berlin", found a table
      |
    3 | zone = { a = 1 }
      |        ^^^^^^^^^
    "#);
}

#[test]
fn a_link_local_address_is_refused_because_it_needs_an_interface() {
    for text in [
        "[discover]\nmodem = \"fe80::1\"",
        "[[target]]\nname = \"printer\"\nkind = \"icmp\"\naddress = \"fe80::1\"",
    ] {
        let error = Config::from_toml(text, "x").unwrap_err().to_string();
        assert!(error.contains("\"fe80::1\" is link-local"), "{error}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in r#"(\[|\]|"|=|\n|[a-z-]{1,9}|[0-9]{1,4}|probe|interval|target|anchors|ä|\PC){0,40}"#) {
        if let Err(error) = Config::from_toml(&text, "x") {
            prop_assert!(!error.to_string().is_empty());
        }
    }

    #[test]
    fn a_damaged_file_never_makes_the_reader_panic(at in 0_usize..1_300, with in any::<char>()) {
        let mut text: Vec<char> = file("good.toml").chars().collect();
        if let Some(c) = text.get_mut(at) {
            *c = with;
        }
        let text: String = text.into_iter().collect();
        if let Err(error) = Config::from_toml(&text, "x") {
            prop_assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn the_url_of_an_authority_is_one() {
    let read =
        |url: &str| Config::from_toml(&format!("[evidence]\ntimestamp = \"{url}\"\n"), "a.toml");
    let config = read("http://timestamp.example/tsr").unwrap();
    assert_eq!(config.evidence.timestamp.as_deref(), Some("http://timestamp.example/tsr"));
    for url in ["", "timestamp.example", "ftp://timestamp.example/", "http://"] {
        let Err(error) = read(url) else { panic!("{url} is accepted") };
        assert!(error.to_string().contains("is no URL such as"), "{error}");
    }
}

#[test]
fn a_file_with_thousands_of_errors_or_a_line_without_end_gets_a_short_message() {
    let anchors = vec!["\"1.1.1.1\""; 8_000].join(",");
    let said = |text: &str| Config::from_toml(text, "linkmon.toml").unwrap_err().to_string();
    let many = said(&format!("[discover]\nanchors=[{anchors}]\n"));
    assert!(many.starts_with("the configuration has 8000 errors"), "{many}");
    assert!(many.ends_with("and 7980 more") && many.len() < 10_000, "{}", many.len());
    let long = said(&format!("[site]\nname=\"{}\"\nzone=7\n", "x".repeat(70_000)));
    assert!(long.len() < 2_000, "{}", long.len());
    let far = said(&format!("[site]\nname=\"{}\" zone=7\n", "x".repeat(70_000)));
    assert!(far.len() < 2_000, "{far}");
    assert!(far.lines().all(|line| line.chars().count() < 320), "{far}");
}

#[test]
fn a_modem_is_an_address_a_kind_and_a_way_in() {
    let read = |lines: &str| Config::from_toml(&format!("[modem]\n{lines}\n"), "m.toml");
    let good = "address = \"https://modem.lan:8443/\"\nkind = \"tc4400\"\nuser = \"admin\"\n\
                password-env = \"MODEM_1\"\nevery = \"5m\"";
    let config = read(good).unwrap();
    assert_eq!(config.modem_address().as_deref(), Some("https://modem.lan:8443/"));
    assert_eq!(config.modem.kind, Some(crate::vocabulary::ModemKind::Tc4400));
    assert_eq!(Config::from_toml(&toml::to_string(&config).unwrap(), "shown").unwrap(), config);
    for address in
        ["192.168.100.1", "192.168.0.1:8080", "http://10.0.0.1", "[fd00::1]:80", "fd00::1"]
    {
        assert!(read(&format!("address = \"{address}\"")).is_ok(), "{address}");
    }
    for off in ["\"0s\"", "\"0m\"", "0"] {
        assert_eq!(read(&format!("every = {off}")).unwrap().modem_address(), None);
    }
    assert_eq!(read("kind = \"auto\"").unwrap().modem, ModemConfig::default());
    let bad = [
        ("every = \"4m\"", "not between 5m and 1d, and \"0s\" for never"),
        ("every = \"1s\"", "not between"),
        ("address = \"192.168.100.1/status\"", "is not the address of a modem"),
        ("address = \"ftp://192.168.100.1\"", "is not the address of a modem"),
        ("address = \"admin:pw@192.168.100.1\"", "is not the address of a modem"),
        ("kind = \"tc4401\"", "unknown kind of modem"),
        ("password-env = \"hunter-2\"", "not the name of an environment variable"),
        ("password = \"hunter2\"", "unknown key \"password\""),
        ("password-file = \"secret\"", "not an absolute path"),
    ];
    for (line, why) in bad {
        let error = read(line).unwrap_err().to_string();
        assert!(error.contains(why), "{line}: {error}");
    }
    let leaked = read("password-env = \"hunter-2\"").unwrap_err().to_string();
    assert!(leaked.contains("not the name"), "{leaked}");
}
