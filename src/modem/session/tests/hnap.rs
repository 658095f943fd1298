use std::sync::atomic::{AtomicUsize, Ordering};

use sha2::Sha256;
use sha2::digest::{Digest, Update};

use super::*;

const PASSWORD: &str = "pa55 \"w\u{f6}rd\"";

/// RFC 2104, written down another time; all keys here are shorter than a block.
fn hmac<D: Digest + Update + Default>(key: &str, message: &str) -> String {
    let pad = |byte: u8| {
        let mut block = [byte; 64];
        key.bytes().enumerate().for_each(|(at, b)| block[at] ^= b);
        block
    };
    let inner = <D as Digest>::digest([&pad(0x36)[..], message.as_bytes()].concat());
    let outer = <D as Digest>::digest([&pad(0x5c)[..], &inner].concat());
    outer.iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().concat()
}

/// What a modem knows whose public key and challenge are fixed: key and proof, computed elsewhere.
struct Knows {
    key: &'static str,
    proof: &'static str,
    sign: fn(&str, &str) -> String,
}

const MD5: Knows = Knows {
    key: "A6AB6B85477A2AEDEA72E1EF9DD51535",
    proof: "49C48208D1AF4C25C12603E5B5BBCBA2",
    sign: hmac::<md5::Md5>,
};
const SHA256: Knows = Knows {
    key: "36BECA24A99CE12891E4A39803DA1E09BCB7CD99195559FF1857672E113C262E",
    proof: "132C483137BE13DF6CB979B71AD018B890B9BC5CD84B3E789CE0B973B3AEC370",
    sign: hmac::<Sha256>,
};

fn modem(knows: &'static Knows, script: &'static str, maker: &'static str) -> FakeModem {
    let failures = AtomicUsize::new(0);
    FakeModem::new(move |asked| {
        if asked.method == "GET" {
            return ok(format!("<script src=\"js/{script}.js\"></script>{LOGIN}"));
        }
        assert_eq!(asked.path, "/HNAP1/");
        let action = asked.field("soapaction");
        let (signed, time) = asked.field("hnap_auth").split_once(' ').unwrap();
        assert!(time.parse::<u64>().unwrap() < 2_000_000_000_000);
        let is_signed = |key: &str| (knows.sign)(key, &format!("{time}{action}")) == signed;
        let json: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
        let login = &json["Login"];
        let is_in = asked.field("cookie") == format!("PrivateKey={}; uid=c00k1e", knows.key);
        if login["Action"] == "request" {
            assert_eq!(action, "\"http://purenetworks.com/HNAP1/Login\"");
            assert_eq!(
                (&login["Username"], &login["PrivateLogin"]),
                (&"admin".into(), &"LoginPassword".into())
            );
            return ok(
                "{\"LoginResponse\":{\"Challenge\":\"C0FFEE00C0FFEE00\",\"Cookie\":\"c00k1e\",\
                 \"PublicKey\":\"0A1B2C3D4E5F\",\"LoginResult\":\"OK\"}}",
            );
        }
        if login["Action"] == "login" {
            let is_right = login["LoginPassword"] == knows.proof && is_signed(knows.key) && is_in;
            let result = match is_right {
                true => "OK",
                false if failures.fetch_add(1, Ordering::Relaxed) < 2 => "FAILED",
                false => "LOCKUP",
            };
            return ok(format!("{{\"LoginResponse\":{{\"LoginResult\":\"{result}\"}}}}"));
        }
        assert_eq!(action, "\"http://purenetworks.com/HNAP1/GetMultipleHNAPs\"");
        if !(is_signed(knows.key) && is_in) {
            return ok("{\"GetMultipleHNAPsResponse\":{\"GetMultipleHNAPsResult\":\"UN-AUTH\"}}");
        }
        let said = json["GetMultipleHNAPs"].as_object().unwrap();
        let mut answers = String::new();
        if said.contains_key(&format!("Get{maker}StatusDownstreamChannelInfo")) {
            answers = format!(
                "\"Get{maker}StatusDownstreamChannelInfoResponse\":{{\"{maker}ConnDownstreamChannel\":\
                 \"1^Locked^256QAM^17^483000000^ 7.3^39.0^34^0^\"}},"
            );
        }
        if said.contains_key(&format!("Get{maker}StatusLog")) {
            answers = format!("\"Get{maker}StatusLogResponse\":{{\"{maker}StatusLogList\":\"\"}},");
        }
        ok(format!(
            "{{\"GetMultipleHNAPsResponse\":{{{answers}\"GetMultipleHNAPsResult\":\"OK\"}}}}"
        ))
    })
}

#[test]
fn both_hashes_are_told_apart_by_the_script_of_the_login_page() {
    for (knows, script) in [(&MD5, "hmac_md5"), (&SHA256, "hmac_sha256")] {
        let modem = modem(knows, script, "Customer");
        let reading = modem.read(ModemKind::S33, Some(PASSWORD));
        let snapshot = reading.outcome.unwrap();
        assert_eq!(snapshot.downstream[0].power_dbmv, Some(7.3));
        assert_eq!(snapshot.log, Some(vec![]));
        assert_eq!(modem.paths().len(), 6, "one login: {:?}", modem.paths());
    }
    let moto = modem(&MD5, "", "Moto");
    let reading = moto.read_first(ModemKind::Mb8611, Some(PASSWORD), ModemWant::LogFirst);
    assert_eq!(reading.pages[0].path, "HNAP1/log.json");
    assert_eq!(reading.outcome.unwrap().downstream[0].id, Some(17));
}

#[test]
fn where_the_page_does_not_tell_both_are_tried_once_each() {
    let modem = modem(&SHA256, "login", "Customer");
    assert!(modem.read(ModemKind::S33, Some(PASSWORD)).outcome.is_ok());
    assert_eq!(modem.paths().len(), 8);
}

#[test]
fn a_refusal_a_lock_and_a_missing_password_are_told_apart() {
    let modem = modem(&MD5, "hmac_md5", "Customer");
    for word in ["login-refused", "login-refused", "login-blocked"] {
        let failure = modem.read(ModemKind::S33, Some("n0t-it")).outcome.unwrap_err();
        assert_eq!(failure.word(), word, "{failure}");
        assert!(!failure.to_string().contains("n0t-it"));
    }
    assert_eq!(modem.read(ModemKind::S33, None).outcome.unwrap_err().word(), "login-needed");
}

#[test]
fn an_sb8200_with_hnap_is_read_by_it() {
    let modem = modem(&MD5, "hmac_md5", "Customer");
    let reading = modem.read(ModemKind::Sb8200, Some(PASSWORD));
    assert_eq!(reading.kind, Some(ModemKind::S33));
    assert_eq!(reading.outcome.unwrap().downstream.len(), 1);
}

#[test]
fn a_session_is_kept_from_one_reading_to_the_next_until_the_modem_ends_it() {
    let modem = modem(&MD5, "hmac_md5", "Customer");
    let reader = ModemReader::default();
    let access = modem.access(Some(ModemKind::S33), Some(PASSWORD));
    let mut asked = Vec::new();
    for _ in 0..3 {
        let reading = reader.read(&access, ModemWant::Everything);
        assert_eq!(reading.outcome.unwrap().downstream.len(), 1);
        asked.push(modem.paths().len());
    }
    assert_eq!(asked, [6, 9, 12], "one login for all");
    // A modem that has restarted does not know the session any more.
    reader.kept.lock().unwrap().hnap.as_mut().unwrap().forge();
    assert!(reader.read(&access, ModemWant::Everything).outcome.is_ok());
    assert_eq!(modem.paths().len(), 19, "one call in vain, one login");
    // Another password is another session.
    let other = modem.access(Some(ModemKind::S33), Some("n0t-it"));
    assert_eq!(
        reader.read(&other, ModemWant::Everything).outcome.unwrap_err().word(),
        "login-refused"
    );
}
