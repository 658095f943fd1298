//! FRITZ!Box and Starlink.

use super::*;

const SESSION: &str = "0123456789abcdef";

fn state(session: &str, challenge: &str, block: u32) -> Vec<u8> {
    ok(format!(
        "<?xml version=\"1.0\"?><SessionInfo><SID>{session}</SID><Challenge>{challenge}</Challenge>\
         <BlockTime>{block}</BlockTime><Rights></Rights><Users><User>other</User>\
         <User last=\"1\">fritz1234</User></Users></SessionInfo>"
    ))
}

/// A box with the challenge and the right answer of AVM's document.
fn fritz_box(challenge: &'static str, right: &'static str) -> FakeModem {
    FakeModem::new(move |asked| match (asked.method.as_str(), asked.path.as_str()) {
        ("GET", "/jason_boxinfo.xml") => ok(
            "<j:BoxInfo><j:Name>FRITZ!Box 6660 Cable</j:Name><j:Version>267.07.57</j:Version></j:BoxInfo>",
        ),
        ("GET", "/login_sid.lua?version=2") => state("0000000000000000", challenge, 0),
        ("POST", "/login_sid.lua?version=2") => {
            let is_right = asked.text() == format!("username=fritz1234&response={right}");
            state(
                if is_right { SESSION } else { "0000000000000000" },
                challenge,
                if is_right { 0 } else { 8 },
            )
        }
        ("POST", "/data.lua") if !asked.text().contains(&format!("sid={SESSION}")) => {
            answer(403, "", "")
        }
        ("POST", "/data.lua") if asked.text().contains("page=docInfo") => ok(
            r#"{"data":{"channelDs":{"docsis30":[{"channelID":4,"frequency":"146","type":"256QAM",
            "powerLevel":"-1.0","mse":"-38.6"}]},"channelUs":{"docsis30":[]}}}"#,
        ),
        ("POST", "/data.lua") if asked.text().contains("page=log") => {
            ok(r#"{"data":{"log":[["15.03.20","00:45:17","T4 time out"]]}}"#)
        }
        _ => answer(404, "", ""),
    })
}

#[test]
fn a_fritz_box_is_let_in_by_pbkdf2_and_by_md5_and_logged_out_of() {
    for (challenge, password, right) in [
        (
            "2$10000$5A1711$2000$5A1722",
            "1example!",
            "5A1722%241798a1672bca7c6463d6b245f82b53703b0f50813401b03e4045a5861e689adb",
        ),
        ("1234567z", "\u{e4}bc", "1234567z-9e224a41eeefa284df7bb0f26c2913e2"),
    ] {
        let modem = fritz_box(challenge, right);
        let reading = modem.read(ModemKind::FritzCable, Some(password));
        let snapshot = reading.outcome.unwrap();
        assert_eq!(snapshot.model.as_deref(), Some("FRITZ!Box 6660 Cable"));
        assert_eq!(snapshot.downstream[0].mer_db, Some(38.6));
        assert_eq!(snapshot.log.unwrap().len(), 1);
        let last = modem.paths().pop().unwrap();
        assert_eq!(last, format!("GET /login_sid.lua?version=2&logout=1&sid={SESSION}"));

        let modem = fritz_box(challenge, right);
        let reading = modem.read(ModemKind::FritzCable, Some("wrong"));
        let blocked = ReadFailure::LoginBlocked("after wrong passwords, for 8 s".to_owned());
        assert_eq!(reading.outcome, Err(blocked));
        assert_eq!(modem.paths().len(), 3, "{:?}", modem.paths());
    }
}

/// A box for DSL that checks the digest with hashes of its own, by realm `r` and nonce `n`.
fn dsl_box() -> FakeModem {
    FakeModem::new(|asked| {
        let authorization = asked.field("authorization");
        if authorization.is_empty() {
            let field =
                "WWW-Authenticate: Digest realm=\"r\",nonce=\"n\",algorithm=MD5,qop=\"auth\"\r\n";
            return answer(401, field, "");
        }
        let part = |name: &str| {
            let after = authorization.split_once(&format!("{name}=")).unwrap().1;
            after.trim_start_matches('"').split(['"', ',']).next().unwrap().to_owned()
        };
        let hash = |text: String| {
            use md5::Digest as _;
            let bytes = md5::Md5::digest(text);
            bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
        };
        let secret = hash("dslf-config:r:p w".to_owned());
        let call = hash(format!("POST:{}", asked.path));
        let right = hash(format!("{secret}:n:{}:{}:auth:{call}", part("nc"), part("cnonce")));
        if part("response") != right || part("username") != "dslf-config" {
            return answer(401, "WWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\n", "");
        }
        match asked.field("soapaction") {
            "urn:dslforum-org:service:DeviceInfo:1#GetInfo" => {
                ok("<NewModelName>FRITZ!Box 7590</NewModelName><NewUpTime>60</NewUpTime>")
            }
            "urn:dslforum-org:service:WANDSLInterfaceConfig:1#GetInfo" => {
                ok("<NewStatus>Up</NewStatus><NewDownstreamCurrRate>200000</NewDownstreamCurrRate>\
                 <NewDownstreamNoiseMargin>95</NewDownstreamNoiseMargin>")
            }
            _ => answer(500, "", "<s:Fault/>"),
        }
    })
}

#[test]
fn tr_064_is_asked_behind_a_digest() {
    let modem = dsl_box();
    let reading = modem.read(ModemKind::FritzDsl, Some("p w"));
    let snapshot = reading.outcome.unwrap();
    assert_eq!(snapshot.uptime, Some(Duration::from_secs(60)));
    assert_eq!(snapshot.dsl.unwrap().margin_db.0, Some(9.5));
    assert!(reading.uptime_fetched.is_some() && reading.clock_fetched.is_none());
    assert_eq!(modem.paths().len(), 5, "one challenge: {:?}", modem.paths());

    let modem = dsl_box();
    let failure = modem.read(ModemKind::FritzDsl, Some("wrong")).outcome.unwrap_err();
    assert_eq!(failure.word(), "login-refused");
    assert_eq!(modem.paths().len(), 2);
}

#[test]
fn a_dish_is_asked_by_grpc_web() {
    let modem = FakeModem::new(|asked| {
        assert_eq!(asked.path, "/SpaceX.API.Device.Device/Handle");
        assert_eq!(asked.field("content-type"), "application/grpc-web+proto");
        assert_eq!(asked.field("x-grpc-web"), "1");
        // Response 2004 { device_state 2 { uptime_s 1: 5 } }
        let state: &[u8] = &[0xa2, 0x7d, 4, 0x12, 2, 0x08, 5];
        match asked.body.as_slice() {
            [0, 0, 0, 0, 3, 0xe2, 0x3e, 0] => ok([&[0, 0, 0, 0, 7][..], state].concat()),
            [0, 0, 0, 0, 3, 0xfa, 0x3e, 0] => answer(200, "grpc-status: 12\r\n", ""),
            other => panic!("{other:?}"),
        }
    });
    let reading = modem.read(ModemKind::Starlink, None);
    let snapshot = reading.outcome.unwrap();
    assert_eq!(snapshot.uptime, Some(Duration::from_secs(5)));
    assert_eq!(snapshot.connection.as_deref(), Some("CONNECTED"));
    assert!(
        snapshot.notes.iter().any(|note| note.contains("gRPC status 12")),
        "{:?}",
        snapshot.notes
    );
}
