//! Login pages, and what looks like them.

use super::*;

#[test]
fn s06_a_login_page_of_a_line_that_carries_names_is_a_login_page_at_once() {
    let silent = |ms: i64| (HOUR..2 * HOUR).contains(&ms);
    for page in [portal(), home_page()] {
        let (drops, kinds, home) =
            judge_each(
                3 * HOUR,
                silent,
                |_, id| if id == OTHER_DNS { reply() } else { page.clone() },
            );
        assert_eq!((drops, kinds), (vec![], vec!["captive-portal"]));
        let found = &home.impairments()[0];
        let length = found.end.unwrap().midpoint().micros_since(found.onset.midpoint());
        assert!((length - 3_600_000_000).abs() < 500_000, "{length}");
    }
    // Names that the router makes up itself are none.
    let (drops, kinds, _) = judge_each(3 * HOUR, silent, |_, _| home_page());
    assert_eq!((drops, kinds), (vec![(DropKind::Outage, 3_600)], vec![]));
}

#[test]
fn an_answer_just_before_the_line_dies_behind_a_page_does_not_shorten_the_drop() {
    // The page comes a little before the line is dead.
    let silent = |ms: i64| (HOUR + 8_500..HOUR + 100_000).contains(&ms);
    let web = |ms: i64, id: u8| match id {
        OTHER_DNS if ms < HOUR + 10_000 => reply(),
        OTHER_DNS => timeout(),
        _ => home_page(),
    };
    let (drops, kinds, _) = judge_each(2 * HOUR, silent, web);
    assert_eq!((drops.len(), kinds), (1, vec![]));
    assert!((90..=92).contains(&drops[0].1), "{drops:?}");
}

#[test]
fn a_login_page_that_lets_pings_pass_is_not_up() {
    let caught = |ms: i64| (HOUR..HOUR + 10 * MINUTE).contains(&ms);
    let page = |to: i64, web: &[u8]| {
        let page = |ms, id| caught(ms) && web.contains(&id);
        watch_all(to, |ms, id| Some(if page(ms, id) { portal() } else { reply() }))
    };
    let (drops, kinds, home) = judged(page(2 * HOUR, &WEB));
    assert_eq!((drops, kinds), (vec![], vec!["captive-portal"]));
    let found = &home.impairments()[0];
    assert!(found.is_disputed());
    let length = found.end.unwrap().midpoint().micros_since(found.onset.midpoint());
    assert!((length - 600_000_000).abs() < 10_000_000, "{length}");
    assert_eq!(home.troubles(), [], "it is not the trouble of each check alone");
    assert_eq!(home.state().0, LinkState::Up, "it is over");
    assert_eq!(page(HOUR + 5 * MINUTE, &WEB).state().0, LinkState::Disputed);
    // One owner's page alone is that owner's.
    let (drops, kinds, home) = judged(page(2 * HOUR, &WEB[..1]));
    assert_eq!((drops, kinds), (vec![], vec![]));
    assert_eq!(home.troubles().len(), 1);
}

#[test]
fn a_page_on_another_network_is_a_login_page_at_once() {
    let moved = HOUR;
    let run_on = |gateway: &str| {
        let mut home = Detector::new(Parameters::default());
        home.set_targets(&home_with_services());
        home.begin_run(&run(1, START_MS));
        let probes = all_probes(0, HOUR + 20 * MINUTE, |ms, id| {
            let outcome = match id {
                _ if ms < moved => reply(),
                id if WEB.contains(&id) => home_page(),
                id if id == GATEWAY => reply(),
                _ => Outcome::Lost,
            };
            Some(outcome)
        });
        let mut has_moved = false;
        for m in probes {
            if !has_moved && m.sent_at >= at(START_MS + moved) {
                has_moved = true;
                let what = HostChange::DefaultRoute {
                    v6: false,
                    interface: Some("wlan0".to_owned()),
                    gateway: Some(gateway.parse().unwrap()),
                };
                home.on_host(&HostEvent { at: reading(m.sent_at), what });
            }
            home.on_measurement(&m);
        }
        home.finish();
        judged(home)
    };
    let (drops, kinds, _) = run_on("10.20.0.1");
    assert_eq!((drops, kinds), (vec![], vec!["captive-portal"]));
    let (drops, kinds, _) = run_on("192.168.1.11");
    assert_eq!((drops.len(), kinds), (1, vec![]), "the router has rebooted");
}
