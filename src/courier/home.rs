//! What Home Assistant is told over MQTT: its entities, each with its retained configuration, and one
//! retained state for all of them. Pure.
//!
//! Whether linkmon itself is there is told apart, by a topic that the broker sets to "offline" when the
//! connection breaks off: an outage of the line is a state like any other, and never "unavailable".

use serde::Serialize;
use serde_json::{Value, json};

use crate::language::phrases::HomeWords;
use crate::live::{Flag, Status};
use crate::stats::LossRatio;
use crate::time::Timestamp;
use crate::vocabulary::{LinkState, ModemSnapshot};

/// The availability of linkmon.
pub(super) const ONLINE: &str = "online";
pub(super) const OFFLINE: &str = "offline";
/// The place of a fault where there is none.
const NOWHERE: &str = "none";

/// linkmon as a device of Home Assistant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HomeDevice {
    /// What tells it from any other: letters, digits and `_`.
    pub(super) id: String,
    /// As people call it.
    pub(super) name: String,
    /// Of linkmon.
    pub(super) version: String,
    /// First level of the topics of configurations.
    pub(super) discovery: String,
    /// First level of its own topics.
    pub(super) topic: String,
}

impl HomeDevice {
    pub(super) fn availability_topic(&self) -> String {
        format!("{}/{}/availability", self.topic, self.id)
    }

    pub(super) fn state_topic(&self) -> String {
        format!("{}/{}/state", self.topic, self.id)
    }
}

/// The state of everything, as the templates of the entities take it apart. What is not known is null,
/// which Home Assistant shows as "unknown".
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct HomeState {
    /// `ON`, `OFF`; null while it is not known.
    connected: Option<&'static str>,
    state: LinkState,
    since: Option<Timestamp>,
    place: String,
    flags: Vec<Flag>,
    drops_today: Option<u32>,
    drops_24h: u32,
    rtt_ms: Option<f64>,
    /// With both counts.
    loss_percent: Option<f64>,
    lost: u64,
    sent: u64,
    #[serde(flatten)]
    modem: HomeLevels,
}

/// The worst and the best of all channels.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub(super) struct HomeLevels {
    downstream_power_min_dbmv: Option<f64>,
    downstream_power_max_dbmv: Option<f64>,
    downstream_mer_min_db: Option<f64>,
    upstream_power_max_dbmv: Option<f64>,
}

impl HomeLevels {
    /// Those of a reading.
    pub(super) fn of(said: Option<&ModemSnapshot>) -> Self {
        let levels = said.map(ModemSnapshot::levels).unwrap_or_default();
        Self {
            downstream_power_min_dbmv: levels.power_dbmv.map(|[min, _]| min),
            downstream_power_max_dbmv: levels.power_dbmv.map(|[_, max]| max),
            downstream_mer_min_db: levels.mer_min_db,
            upstream_power_max_dbmv: levels.transmit_dbmv.map(|[_, max]| max),
        }
    }

    fn are_known(self) -> bool {
        self != Self::default()
    }
}

impl HomeState {
    /// That of a status.
    pub(super) fn of(status: &Status, modem: HomeLevels, drops_today: Option<u32>) -> Self {
        let anchors = status.deciding_anchors();
        let count = |of: fn(&LossRatio) -> u64| anchors.iter().map(|a| of(&a.loss())).sum::<u64>();
        let (lost, sent) = (count(|loss| loss.lost), count(|loss| loss.sent));
        let mut delays: Vec<f64> = anchors.iter().filter_map(|anchor| anchor.rtt_ms).collect();
        delays.sort_by(f64::total_cmp);
        Self {
            connected: match status.state {
                // A silence of moments is nothing as a rule.
                LinkState::Up | LinkState::Suspect => Some("ON"),
                LinkState::Down => Some("OFF"),
                LinkState::Unknown | LinkState::Disputed => None,
            },
            state: if status.state == LinkState::Suspect { LinkState::Up } else { status.state },
            since: status.since,
            place: status.open_drop.as_ref().map_or(NOWHERE, |drop| &drop.place).to_owned(),
            flags: status.flags(),
            drops_today,
            drops_24h: status.drops_24h,
            // Of the anchors, the one in the middle; of two, the nearer.
            rtt_ms: delays.get(delays.len().saturating_sub(1) / 2).copied(),
            loss_percent: percent(lost, sent),
            lost,
            sent,
            modem,
        }
    }

    /// Whether somebody would want to know at once: what else there is can wait for the next minute.
    pub(super) fn is_news_after(&self, before: &Self) -> bool {
        let key = |of: &Self| (of.connected, of.state, of.place.clone(), of.drops_24h);
        key(self) != key(before)
            || self.flags != before.flags
            || self.drops_today != before.drops_today
    }

    /// As the state topic carries it.
    pub(super) fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Whether entities for the modem are of use.
    pub(super) fn knows_the_modem(&self) -> bool {
        self.modem.are_known()
    }
}

/// To a tenth; `None` where nothing was sent.
fn percent(lost: u64, sent: u64) -> Option<f64> {
    #[allow(clippy::cast_precision_loss, reason = "counts of a minute")]
    let share = || (1_000.0 * lost as f64 / sent as f64).round() / 10.0;
    (sent > 0).then(share)
}

/// An entity.
struct HomeEntity {
    component: &'static str,
    object: &'static str,
    name: &'static str,
    /// Besides what all have.
    more: Value,
}

/// Topics with the configurations that are to be retained there; those of the modem's entities only with
/// a modem that is read.
pub(super) fn configurations(
    device: &HomeDevice,
    words: &HomeWords,
    knows_modem: bool,
) -> Vec<(String, String)> {
    let sensor = |object, name, more| HomeEntity { component: "sensor", object, name, more };
    let level = |unit: &str| json!({"unit_of_measurement": unit, "state_class": "measurement", "suggested_display_precision": 1});
    let mut entities = vec![
        HomeEntity {
            component: "binary_sensor",
            object: "connected",
            name: words.link,
            more: json!({
                "device_class": "connectivity",
                "json_attributes_topic": device.state_topic(),
                "json_attributes_template":
                    "{{ {'since': value_json.since, 'flags': value_json.flags} | tojson }}",
            }),
        },
        sensor("state", words.state, json!({"icon": "mdi:wan"})),
        sensor("place", words.place, json!({"icon": "mdi:map-marker-alert"})),
        sensor(
            "drops_today",
            words.drops_today,
            json!({"icon": "mdi:counter", "state_class": "total_increasing"}),
        ),
        sensor(
            "rtt_ms",
            words.delay,
            json!({
                "device_class": "duration", "unit_of_measurement": "ms",
                "state_class": "measurement", "suggested_display_precision": 1,
            }),
        ),
        sensor("loss_percent", words.loss, {
            let mut more = level("%");
            more["icon"] = "mdi:close-network".into();
            more
        }),
    ];
    if knows_modem {
        let [lowest, highest, ratio, upstream] = words.levels;
        entities.extend([
            sensor("downstream_power_min_dbmv", lowest, level("dBmV")),
            sensor("downstream_power_max_dbmv", highest, level("dBmV")),
            sensor("downstream_mer_min_db", ratio, level("dB")),
            sensor("upstream_power_max_dbmv", upstream, level("dBmV")),
        ]);
    }
    entities.into_iter().map(|entity| configuration(device, &entity)).collect()
}

fn configuration(device: &HomeDevice, entity: &HomeEntity) -> (String, String) {
    let HomeEntity { component, object, name, more } = entity;
    let id = format!("{}_{object}", device.id);
    let topic = format!("{}/{component}/{}/{object}/config", device.discovery, device.id);
    let mut all = json!({
        "name": name,
        "unique_id": id,
        "default_entity_id": format!("{component}.{id}"),
        "state_topic": device.state_topic(),
        "value_template": format!("{{{{ value_json.{object} }}}}"),
        "availability_topic": device.availability_topic(),
        "qos": 1,
        "device": {
            "identifiers": [device.id],
            "name": device.name,
            "manufacturer": "linkmon",
            "sw_version": device.version,
        },
        "origin": {"name": "linkmon", "sw_version": device.version},
    });
    if let (Some(all), Some(more)) = (all.as_object_mut(), more.as_object()) {
        all.extend(more.iter().map(|(key, value)| (key.clone(), value.clone())));
    }
    (topic, all.to_string())
}

#[cfg(test)]
mod tests;
