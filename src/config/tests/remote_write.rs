//! `[[remote-write]]`.

use super::*;

#[test]
fn a_receiver_has_an_address_a_name_of_its_own_and_what_it_gets() {
    let all = Config::from_toml(&file("good.toml"), "good.toml").unwrap().remote_writes;
    let [plain, mimir] = &all[..] else { panic!("{all:?}") };
    assert_eq!(
        (plain.name(), plain.detail, plain.histograms),
        ("default", SendDetail::Drops, true)
    );
    assert_eq!((plain.on_too_old, plain.first(&jiff::tz::TimeZone::UTC)), (OnTooOld::Hold, None));
    assert_eq!(
        (mimir.name(), mimir.detail, mimir.histograms),
        ("mimir", SendDetail::Minutes, false)
    );
    assert_eq!((mimir.on_too_old, mimir.interface.as_deref()), (OnTooOld::Skip, Some("wwan0")));
    let zone = jiff::tz::TimeZone::get("America/Toronto").unwrap();
    let from = mimir.first(&zone).unwrap();
    assert_eq!(from.to_string(), "2026-11-01T18:20:00.000Z");
}

#[test]
fn a_wrong_receiver_is_told_with_what_is_wrong() {
    let receiver = "[[remote-write]]\nurl = \"http://a/\"\n";
    let said = |text: &str| Config::from_toml(text, "x.toml").unwrap_err().to_string();
    for (text, expected) in [
        ("[[remote-write]]\nname = \"a\"\n", "this receiver has no url"),
        ("[remote-write]\nurl = \"http://a/\"\n", "write [[remote-write]] above each remote-write"),
        ("[[remote-write]]\nurl = \"a\"\n", "\"a\" is no URL"),
        (&receiver.repeat(2), "\"default\" is already the name of another receiver"),
        (&format!("{receiver}from = \"7d\"\n"), "\"7d\" is not a date"),
        (&format!("{receiver}from = 2026-11-01\n"), "write 2026-11-01 in quotes"),
        (&format!("{receiver}from = \"2026-13-01\"\n"), "is not a date"),
        (&format!("{receiver}detail = \"hours\"\n"), "unknown detail \"hours\": use drops,"),
        (&format!("{receiver}on-too-old = \"drop\"\n"), "use hold or skip"),
        (&format!("{receiver}password-env = \"A\"\n"), "a password is given, but no user"),
        (&format!("{receiver}pasword-file = \"/a\"\n"), "did you mean password-file?"),
    ] {
        assert!(said(text).contains(expected), "{text}: {}", said(text));
    }
    let many: Vec<_> = (0..21).map(|n| format!("{receiver}name = \"a{n}\"\n")).collect();
    assert!(said(&many.concat()).contains("more than 20 receivers"));
}
