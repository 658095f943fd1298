use super::*;

const SHORT: Duration = Duration::from_millis(400);

fn short(modem: &FakeModem, kind: Option<ModemKind>) -> ModemReading {
    within(&modem.access(kind, Some("p")), SHORT)
}

fn within(access: &ModemAccess, limit: Duration) -> ModemReading {
    ModemReader::default().read_within(access, ModemWant::Everything, limit)
}

#[test]
fn a_modem_that_hangs_ends_the_reading_in_time_and_is_not_asked_again() {
    let modem = FakeModem::new(|_| {
        thread::sleep(2 * SHORT);
        vec![]
    });
    let reading = short(&modem, Some(ModemKind::Tc4400));
    assert_eq!(reading.outcome, Err(ReadFailure::TimedOut(SHORT)));
    assert!(reading.outcome.as_ref().unwrap_err().is_silence());
    assert!(reading.took >= SHORT && reading.took < 2 * SHORT, "{:?}", reading.took);
    assert!(
        short(&FakeModem::new(|_| vec![]), Some(ModemKind::Hub5)).outcome.unwrap_err().is_silence()
    );
}

#[test]
fn a_modem_that_falls_silent_later_leaves_what_came() {
    let modem = FakeModem::new(|asked| {
        if asked.path == "/cmconnectionstatus.html" {
            return ok(TC4400);
        }
        thread::sleep(2 * SHORT);
        vec![]
    });
    let reading = short(&modem, Some(ModemKind::Tc4400));
    let snapshot = reading.outcome.unwrap();
    assert!(snapshot.notes.iter().any(|note| note.contains("cut short")), "{:?}", snapshot.notes);
    assert_eq!(modem.paths().len(), 2, "a modem that is silent is left alone");
}

#[test]
fn a_modem_that_takes_a_third_of_the_time_for_a_page_is_found_out_and_read() {
    let modem = FakeModem::new(|asked| {
        thread::sleep(SHORT / 3);
        if asked.path == "/cmconnectionstatus.html" { ok(TC4400) } else { answer(404, "", vec![]) }
    });
    let reading = short(&modem, None);
    assert_eq!(reading.kind, Some(ModemKind::Tc4400));
    assert!(!reading.outcome.unwrap().downstream.is_empty());
}

#[test]
fn too_much_and_garbage_are_failures_with_a_name() {
    let large = FakeModem::new(|_| answer(200, "", vec![b'x'; 2_000_001]));
    let failure = large.read(ModemKind::Tc4400, None).outcome.unwrap_err();
    assert_eq!(failure.word(), "too-large", "{failure}");
    let garbage = FakeModem::new(|_| b"\x00\x01\x02 no HTTP\r\n\r\n".to_vec());
    let failure = garbage.read(ModemKind::Tc4400, None).outcome.unwrap_err();
    assert_eq!(failure.word(), "not-http", "{failure}");
    let other = FakeModem::new(|_| ok("<html>It works!</html>"));
    let failure = other.read(ModemKind::Hub5, None).outcome.unwrap_err();
    assert_eq!(failure.word(), "not-understood", "{failure}");
    assert!(other.paths().len() <= 4);
}

#[test]
fn where_nothing_listens_both_schemes_are_tried_once() {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let access = ModemAccess {
        address: format!("127.0.0.1:{port}"),
        kind: Some(ModemKind::Tc4400),
        user: None,
        password: None,
    };
    let reading = read_modem(&access, ModemWant::Everything);
    assert_eq!(reading.outcome, Err(ReadFailure::Refused("Connection refused".to_owned())));
    let nowhere = ModemAccess { address: "a b".to_owned(), ..access };
    let reading = read_modem(&nowhere, ModemWant::Everything);
    assert_eq!(reading.outcome, Err(ReadFailure::Address("a b".to_owned())));
}

#[test]
fn the_kind_is_found_by_few_requests() {
    let found = |modem: &FakeModem| short(modem, None).kind;
    let tc4400 =
        FakeModem::new(|asked| match (asked.path.as_str(), asked.field("authorization")) {
            (_, "") => answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", ""),
            ("/cmconnectionstatus.html", "Basic YWRtaW46cA==") => ok(TC4400),
            _ => answer(404, "", ""),
        });
    assert_eq!(found(&tc4400), Some(ModemKind::Tc4400));
    let sb8200 = FakeModem::new(|asked| match asked.path.as_str() {
        "/" => ok("<script>location='cmconnectionstatus.html'</script>"),
        "/cmconnectionstatus.html" => ok(SB8200),
        _ => answer(404, "", ""),
    });
    assert_eq!(found(&sb8200), Some(ModemKind::Sb8200));
    let hub = FakeModem::new(|asked| match asked.path.as_str() {
        "/rest/v1/cablemodem/state_" => ok("{\"cablemodem\": {\"upTime\": 5}}"),
        "/" => ok("<html></html>"),
        _ => answer(404, "", ""),
    });
    assert_eq!(found(&hub), Some(ModemKind::Hub5));
    let fritz = |model: &'static str| {
        FakeModem::new(move |asked| match asked.path.as_str() {
            "/" => ok("<title>FRITZ!Box</title>"),
            "/jason_boxinfo.xml" => ok(format!("<j:BoxInfo><j:Name>{model}</j:Name></j:BoxInfo>")),
            _ => answer(404, "", ""),
        })
    };
    assert_eq!(found(&fritz("FRITZ!Box 6660 Cable")), Some(ModemKind::FritzCable));
    assert_eq!(found(&fritz("FRITZ!Box 7590")), Some(ModemKind::FritzDsl));
}

#[test]
fn an_unknown_modem_is_named_by_what_it_showed() {
    let modem = FakeModem::new(|asked| match asked.path.as_str() {
        "/" => answer(200, "Server: tiny/1\r\n", "<title>ACME 5000</title>"),
        _ => answer(404, "", ""),
    });
    let reading = short(&modem, None);
    let Err(ReadFailure::UnknownModem(seen)) = &reading.outcome else { panic!("{reading:?}") };
    assert_eq!(seen, "HTTP status 200, title \"ACME 5000\", server \"tiny/1\"");
    assert!(modem.paths().len() <= 4);
    let locked = FakeModem::new(|_| answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", ""));
    let access = ModemAccess { password: None, ..locked.access(None, None) };
    let reading = within(&access, SHORT);
    assert_eq!(reading.outcome.unwrap_err().word(), "login-needed");
    assert!(locked.paths().len() <= 2);
}

#[test]
fn what_was_found_out_is_remembered_until_the_modem_shows_something_else() {
    let modem = FakeModem::new(|asked| match asked.path.as_str() {
        "/" => ok("<script>location='cmconnectionstatus.html'</script>"),
        "/cmconnectionstatus.html" => ok(SB8200),
        _ => answer(404, "", ""),
    });
    let reader = ModemReader::default();
    let access = modem.access(None, None);
    let firsts = || modem.paths().iter().filter(|path| *path == "GET /").count();
    for _ in 0..2 {
        let reading = reader.read(&access, ModemWant::Everything);
        assert_eq!(reading.kind, Some(ModemKind::Sb8200));
        assert_eq!(firsts(), 1);
    }
    reader.kept.lock().unwrap().kind = Some(ModemKind::Hub5);
    assert_eq!(reader.read(&access, ModemWant::Everything).outcome.unwrap_err().word(), "status");
    let reading = reader.read(&access, ModemWant::Everything);
    assert_eq!((reading.kind, firsts()), (Some(ModemKind::Sb8200), 2));
}
