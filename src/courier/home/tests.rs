use super::*;
use crate::config::Lang;
use crate::language;
use crate::live::{DropStatus, TargetStatus};
use crate::vocabulary::{Downstream, DropKind, Kind, Role, Upstream};

const AT: Timestamp = Timestamp::from_seconds(1_796_000_000);

fn anchor(lost: u32, sent: u32, rtt_ms: Option<f64>) -> TargetStatus {
    TargetStatus {
        name: "anchor".to_owned(),
        role: Role::Anchor,
        kind: Kind::Icmp,
        address: "192.0.2.1".to_owned(),
        decides: true,
        standing: None,
        sent,
        lost,
        not_sent: 0,
        rtt_ms,
        last_reply: None,
        trouble: None,
    }
}

fn status(state: LinkState, targets: Vec<TargetStatus>) -> Status {
    Status { state, targets, ..Status::of_start(AT) }
}

fn json_of(status: &Status) -> Value {
    let state = HomeState::of(status, HomeLevels::default(), Some(2));
    serde_json::from_str(&state.to_json()).unwrap()
}

fn device() -> HomeDevice {
    HomeDevice {
        id: "linkmon_3f0c8f4e".to_owned(),
        name: "Home office".to_owned(),
        version: "0.1.0".to_owned(),
        discovery: "homeassistant".to_owned(),
        topic: "linkmon".to_owned(),
    }
}

#[test]
fn a_total_loss_is_a_hundred_percent_and_the_link_is_off_with_its_place() {
    let mut down = status(LinkState::Down, vec![anchor(60, 60, None), anchor(59, 59, None)]);
    down.open_drop = Some(DropStatus {
        id: 7,
        kind: DropKind::Drop,
        place: "modem|access".to_owned(),
        onset: AT,
        end: None,
        min_s: None,
        max_s: None,
    });
    let said = json_of(&down);
    assert_eq!(said["connected"], "OFF");
    assert_eq!((said["loss_percent"].as_f64(), said["lost"].as_u64()), (Some(100.0), Some(119)));
    assert_eq!((&said["rtt_ms"], &said["place"]), (&Value::Null, &json!("modem|access")));
    let up =
        json_of(&status(LinkState::Up, vec![anchor(1, 60, Some(9.0)), anchor(0, 60, Some(12.5))]));
    assert_eq!((&up["connected"], &up["place"]), (&json!("ON"), &json!("none")));
    assert_eq!((up["loss_percent"].as_f64(), up["rtt_ms"].as_f64()), (Some(0.8), Some(9.0)));
    assert_eq!(up["drops_today"], 2);
}

#[test]
fn what_is_not_known_is_null_and_never_nought() {
    let said = json_of(&status(LinkState::Unknown, Vec::new()));
    for key in ["connected", "rtt_ms", "loss_percent", "since", "downstream_power_min_dbmv"] {
        assert_eq!(said[key], Value::Null, "{key}");
    }
    let said = json_of(&status(LinkState::Disputed, vec![anchor(60, 60, None)]));
    assert_eq!((&said["connected"], &said["state"]), (&Value::Null, &json!("disputed")));
    let suspect = json_of(&status(LinkState::Suspect, vec![anchor(1, 60, Some(9.0))]));
    assert_eq!((&suspect["connected"], &suspect["state"]), (&json!("ON"), &json!("up")));
}

#[test]
fn a_change_of_state_is_news_and_one_of_figures_is_not() {
    let of = |status: &Status| HomeState::of(status, HomeLevels::default(), None);
    let up = of(&status(LinkState::Up, vec![anchor(0, 60, Some(9.0))]));
    let slower = of(&status(LinkState::Up, vec![anchor(3, 60, Some(90.0))]));
    assert!(!slower.is_news_after(&up) && slower != up);
    assert!(of(&status(LinkState::Down, vec![anchor(60, 60, None)])).is_news_after(&up));
}

#[test]
fn levels_of_a_modem_are_the_worst_and_the_best_of_its_channels() {
    let down = |power, mer| Downstream { power_dbmv: power, mer_db: mer, ..Downstream::default() };
    let up = |power| Upstream { power_dbmv: power, ..Upstream::default() };
    let said = ModemSnapshot {
        downstream: vec![
            down(Some(-3.5), Some(39.0)),
            down(Some(4.0), Some(36.5)),
            down(None, None),
        ],
        upstream: vec![up(Some(44.0)), up(Some(47.5))],
        ..ModemSnapshot::default()
    };
    let levels = HomeLevels::of(Some(&said));
    let expected = HomeLevels {
        downstream_power_min_dbmv: Some(-3.5),
        downstream_power_max_dbmv: Some(4.0),
        downstream_mer_min_db: Some(36.5),
        upstream_power_max_dbmv: Some(47.5),
    };
    assert_eq!(levels, expected);
    assert!(levels.are_known() && !HomeLevels::of(None).are_known());
}

#[test]
fn every_entity_takes_a_key_of_the_state_and_hangs_on_linkmon_alone() {
    let state = json_of(&status(LinkState::Up, vec![anchor(0, 60, Some(9.0))]));
    for lang in Lang::ALL {
        let words = &language::of(lang).phrases().home;
        let all = configurations(&device(), words, true);
        assert_eq!(all.len(), 10);
        assert_eq!(configurations(&device(), words, false).len(), 6);
        let mut ids = Vec::new();
        for (topic, text) in all {
            let said: Value = serde_json::from_str(&text).unwrap();
            assert_eq!(said["availability_topic"], "linkmon/linkmon_3f0c8f4e/availability");
            assert_eq!(said["state_topic"], "linkmon/linkmon_3f0c8f4e/state");
            assert_eq!(said["device"]["identifiers"][0], "linkmon_3f0c8f4e");
            let template = said["value_template"].as_str().unwrap();
            let key = template.trim_start_matches("{{ value_json.").trim_end_matches(" }}");
            assert!(state.get(key).is_some(), "{key}");
            let component = topic.split('/').nth(1).unwrap();
            assert_eq!(topic, format!("homeassistant/{component}/linkmon_3f0c8f4e/{key}/config"));
            ids.push(said["unique_id"].as_str().unwrap().to_owned());
        }
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 10);
    }
}
