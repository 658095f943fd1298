//! Which target a line is of, and what role and standing a target has.

use super::*;
use crate::vocabulary::Standing;

#[test]
fn the_address_of_a_reply_says_which_of_several_runs_of_ping_it_is_of() {
    let mut text = "PING one.one (1.1.1.1) 56(84) bytes of data.\n\
                    PING 192.168.1.1 (192.168.1.1) 56(84) bytes of data.\n"
        .to_owned();
    for n in 1..=20_i64 {
        let far = "64 bytes from one.one (1.1.1.1):";
        let near = "64 bytes from 192.168.1.1:";
        let (s, ms) = (T / 1_000 + n, n * 7 % 100);
        if !(8..12).contains(&n) {
            writeln!(text, "[{s}.{ms:03}000] {far} icmp_seq={n} ttl=57 time=12.0 ms").unwrap();
        }
        writeln!(text, "[{s}.5{ms:02}000] {near} icmp_seq={n} ttl=64 time=0.50 ms").unwrap();
    }
    let series = import(&text, Format::Auto).unwrap();
    let told: Vec<_> = series
        .iter()
        .map(|s| {
            let lost = s.outcomes().filter(|(_, outcome)| outcome.is_lost()).count();
            (s.name.as_str(), s.address.as_str(), s.role, s.len(), lost)
        })
        .collect();
    assert_eq!(
        told,
        [
            ("192.168.1.1", "192.168.1.1", Role::Gateway, 20, 0),
            ("one.one", "1.1.1.1", Role::Anchor, 20, 4)
        ]
    );
}

#[test]
fn a_private_address_is_a_gateway_unless_told_otherwise_and_proves_nothing() {
    let text = format!("time_unix_ms,target,rtt_us\n{T},10.0.0.1,100\n{T},192.0.2.1,100\n");
    let with = |roles: &[(String, Role)], private| {
        let mut importer = Importer::new(Waiting::default());
        importer.add("file", &mut text.as_bytes(), Format::Auto).unwrap();
        let (series, _) = importer.finish(roles, private).unwrap();
        series.iter().map(|s| (s.role, s.standing)).collect::<Vec<_>>()
    };
    let far = (Role::Anchor, Standing::Unproven);
    let usual = with(&[], PrivateAnchors::Distrusted);
    assert_eq!(usual, [(Role::Gateway, Standing::NoAnchor), far]);
    let given = [("10.0.0.1".to_owned(), Role::Anchor)];
    let said = with(&given, PrivateAnchors::Distrusted);
    assert_eq!(said, [(Role::Anchor, Standing::Private), far]);
    let trusted = with(&given, PrivateAnchors::Trusted);
    assert_eq!(trusted, [(Role::Anchor, Standing::Trusted), far]);
}
