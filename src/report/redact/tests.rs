use proptest::prelude::*;

use super::*;
use crate::config::Lang;
use crate::render::{html, json, markdown, text, ticket};
use crate::report::scenes::everything;
use crate::vocabulary::Kind;

/// Everything that a report can be turned into.
fn renderings(report: &Report) -> Vec<String> {
    vec![
        ticket(report, 2_000).unwrap(),
        text(report),
        markdown(report),
        html(report, &[crate::chart::sheet_svg(report).unwrap()]),
        json(report),
    ]
}

const SECRETS: [&str; 19] = [
    "Elm Court 9",
    "ACC-778812",
    "TCK-5501",
    "192.168.77.1",
    "192.168.100.1",
    "10.12.0.1",
    "2001:db8::77",
    "198.51.100.9",
    "enx00c0ffee1234",
    "192.168.77.23",
    "nas.example.org",
    "mail-server",
    "00:c0:ff:ee:12:34",
    "00c0.ffee.1234",
    "bob@example.net",
    "https://portal.example.net",
    "+1-514-555-0199",
    "wlan77x",
    "fe80::1%eth0",
];

/// A report in which every secret is wherever it can be.
fn revealing(language: Lang) -> Report {
    let mut report = everything();
    report.language = language;
    report.site.name = Some("Elm Court 9".to_owned());
    report.site.account = Some("ACC-778812".to_owned());
    report.site.ticket = Some("TCK-5501".to_owned());
    let rename = |target: &mut Target| match target.name.as_str() {
        "gateway" => target.endpoint = Endpoint::new(target.kind, "192.168.77.1"),
        "quad9" => {
            "mail-server".clone_into(&mut target.name);
            target.endpoint = Endpoint::new(target.kind, "198.51.100.9");
        }
        "google" => {
            "nas.example.org".clone_into(&mut target.name);
            target.endpoint = Endpoint::new(target.kind, "2001:db8::77");
        }
        _ => {}
    };
    report.targets.iter_mut().for_each(|entry| rename(&mut entry.target));
    report.troubles.iter_mut().for_each(|entry| rename(&mut entry.target));
    for drop in &mut report.drops {
        drop.answered.iter_mut().chain(&mut drop.silent).for_each(rename);
    }
    report.impairments.iter_mut().flat_map(|entry| &mut entry.targets).for_each(rename);
    for event in &mut report.events {
        event.what = match event.what.clone() {
            HostChange::Carrier { up, .. } => {
                HostChange::Carrier { interface: "enx00c0ffee1234".to_owned(), up }
            }
            HostChange::Address { present, .. } => HostChange::Address {
                interface: "wlan77x".to_owned(),
                address: "192.168.77.23".parse().unwrap(),
                present,
            },
            HostChange::DefaultRoute { v6, .. } => HostChange::DefaultRoute {
                v6,
                interface: Some("wlan77x".to_owned()),
                gateway: Some("192.168.77.1".parse().unwrap()),
            },
            other => other,
        };
    }
    let secrets = SECRETS.join(", ").replace("Elm Court 9", "ELM court 9");
    report.notes[0].text = format!("rebooted; {secrets}; 1.1.1.1 since 2026-11-01 12:30 (45 s)");
    report
}

#[test]
fn no_rendering_of_a_redacted_report_reveals_a_secret() {
    for language in Lang::ALL {
        let report = revealing(language);
        let open = renderings(&report).concat();
        let secrets = SECRETS.iter().filter(|secret| open.contains(**secret)).count();
        assert!(secrets >= SECRETS.len() - 1, "the test has secrets to hide: {secrets}");
        for (i, rendering) in renderings(&report.redacted()).iter().enumerate() {
            let lower = rendering.to_lowercase();
            for secret in SECRETS {
                assert!(!lower.contains(&secret.to_lowercase()), "{i}: {secret}\n{rendering}");
            }
            assert!(!lower.contains("192.168."), "{i}");
        }
    }
}

#[test]
fn what_hides_among_other_signs_in_a_note_is_taken_out_too() {
    let mut report = everything();
    let secrets = [
        "+33 6 12 34 56 78",
        "514 555 0199",
        "host=nas.example.org",
        "bob@example.net's",
        "http://9.2.3.4/",
        "gw=9.2.3.4",
        "9.2.3.4\u{a0}after",
        "https://9.2.3.4",
    ];
    for secret in secrets {
        report.notes[0].text = format!("before {secret} after");
        let note = report.clone().redacted().notes[0].text.clone();
        let left = ["12", "555", "example", "9.2.3.4"].iter().find(|part| note.contains(**part));
        assert_eq!(left, None, "{secret}: {note}");
        assert!(note.starts_with("before ") && note.ends_with(" after"), "{note}");
    }
    for harmless in ["at 10 30 it was up", "drops 3 and 4 of 12", "2 of 3 lights, 12:30"] {
        harmless.clone_into(&mut report.notes[0].text);
        assert_eq!(report.clone().redacted().notes[0].text, harmless);
    }
}

#[test]
fn what_identifies_no_one_stays() {
    let redacted = revealing(Lang::En).redacted();
    let note = &redacted.notes[0].text;
    assert!(note.ends_with("1.1.1.1 since 2026-11-01 12:30 (45 s)"), "{note}");
    assert_eq!(redacted.site.isp.as_deref(), Some("Example Cable"));
    let names: Vec<_> = redacted.targets.iter().map(|t| t.target.name.as_str()).collect();
    let want = ["gateway", "modem", "isp-3", "cloudflare", "anchor-5", "anchor-6", "http-google"];
    assert_eq!(names, want);
    assert_eq!(redacted.targets[3].target.endpoint.as_str(), "1.1.1.1");
    let text = text(&redacted).split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(text.contains("This computer: if1 lost carrier"), "{text}");
    assert!(text.contains("if2 lost an address"), "{text}");
}

#[test]
fn figures_are_the_same_before_and_after() {
    let report = revealing(Lang::En);
    let redacted = report.clone().redacted();
    assert_eq!(redacted.summary, report.summary);
    assert_eq!(redacted.availability, report.availability);
    assert_eq!(
        redacted.drops.iter().map(|d| (d.id, d.onset, d.end)).collect::<Vec<_>>(),
        report.drops.iter().map(|d| (d.id, d.onset, d.end)).collect::<Vec<_>>()
    );
}

#[test]
fn a_report_says_what_it_discloses_and_a_redacted_one_what_it_does_not() {
    let report = revealing(Lang::En);
    let said = crate::prose::disclosure(&report);
    let want = "This report discloses the name of the site, the ISP, the account, the ticket, \
                names and addresses of what was probed, interfaces and addresses of this computer \
                where they changed, notes and the time zone; --redact takes out what identifies \
                you.";
    assert_eq!(said, want);
    assert!(crate::prose::disclosure(&report.redacted()).starts_with("Redacted: "));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn whatever_the_secrets_are(
        account in "[A-Z]{3}[0-9]{2,9}",
        name in "\\PC{6,40}".prop_filter("not blank", |s| s.trim().len() > 6),
        host in "x[a-z]{5,9}\\.[a-z]{4,6}\\.qq",
        v4 in any::<[u8; 3]>(),
        v6 in any::<[u16; 7]>(),
        before in "\\PC{0,20}",
    ) {
        let mut report = everything();
        report.site.account = Some(account.clone());
        report.site.name = Some(name.clone());
        let v4 = Ipv4Addr::new(v4[0] | 0x80, v4[1] | 0x64, v4[2] | 0x64, 200).to_string();
        let v6 = Ipv6Addr::new(0xfd00, v6[0], v6[1], v6[2], v6[3], v6[4], v6[5], v6[6] | 0x1000).to_string();
        host.clone_into(&mut report.targets[0].target.name);
        report.targets[1].target.endpoint = Endpoint::new(Kind::Icmp, v6.as_str());
        report.notes[0].text = format!("{before} {account} {name} ({host}) {v4}, [{v6}]");
        report.notes[1].text = format!("{}{before}", name.to_uppercase());
        for rendering in renderings(&report.redacted()) {
            for secret in [&account, &name, &host, &v4, &v6] {
                prop_assert!(!rendering.contains(secret.as_str()), "{secret}\n{rendering}");
            }
        }
    }
}
