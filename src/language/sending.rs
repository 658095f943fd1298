//! What keeps linkmon from telling others, in sentences.

use jiff::tz::TimeZone;

use super::present::when;
use super::{Language, fill, one_of, plain};
use crate::live::Status;

impl Language {
    /// All that waits to be told, was refused, or cannot be sent.
    pub(crate) fn sending_troubles(&self, status: &Status, zone: &TimeZone) -> Vec<String> {
        let mut said = self.alert_troubles(status, zone);
        said.extend(self.publish_trouble(status));
        said.extend(self.home_trouble(status));
        said.extend(self.heartbeat_trouble(status));
        said.extend(status.remote_write.iter().filter_map(|receiver| self.write_trouble(receiver)));
        said
    }

    /// What alerts wait, and what was refused for good.
    pub(crate) fn alert_troubles(&self, status: &Status, zone: &TimeZone) -> Vec<String> {
        let p = self.alerts();
        let mut said = Vec::new();
        for alert in &status.alerts {
            let name = ("name", alert.name.clone());
            if let Some(oldest) = alert.oldest {
                let why = |why: &String| fill(p.waits_because, &[("why", why)]);
                let values = [
                    name.clone(),
                    ("n", alert.waiting.to_string()),
                    ("when", when(oldest, status.at, zone)),
                    ("why", alert.trouble.as_ref().map(why).unwrap_or_default()),
                ];
                said.push(plain(&fill(one_of(p.waiting, alert.waiting as usize), &values)));
            }
            if let Some(why) = &alert.refused {
                let refused = usize::try_from(alert.set_aside).unwrap_or(usize::MAX);
                let values = [name, ("n", refused.to_string()), ("why", why.clone())];
                said.push(plain(&fill(one_of(p.aside, refused), &values)));
            }
        }
        said
    }

    /// Why the status page cannot be published.
    pub(crate) fn publish_trouble(&self, status: &Status) -> Option<String> {
        let what = status.publish_trouble.as_ref()?;
        Some(plain(&fill(self.phrases().systems.publish_fails, &[("what", what)])))
    }

    /// Why Home Assistant's broker is not told.
    pub(crate) fn home_trouble(&self, status: &Status) -> Option<String> {
        let what = status.mqtt_trouble.as_ref()?;
        Some(plain(&fill(self.log().home_fails, &[("what", what)])))
    }

    /// Why signs of life do not arrive.
    pub(crate) fn heartbeat_trouble(&self, status: &Status) -> Option<String> {
        let what = status.heartbeat.as_ref()?.trouble.as_ref()?;
        Some(plain(&fill(self.log().heartbeat_fails, &[("what", what)])))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::of;
    use crate::live::AlertStatus;
    use crate::time::Timestamp;

    #[test]
    fn what_waits_and_what_was_refused_is_said_with_its_reason() {
        let at = Timestamp::from_seconds(1_800_000_000);
        let alert = AlertStatus {
            name: "phone".to_owned(),
            kind: "webhook".to_owned(),
            waiting: 2,
            oldest: Some(Timestamp::from_seconds(1_799_999_700)),
            delivered: 7,
            failed: 3,
            expired: 0,
            set_aside: 1,
            last_delivered: None,
            trouble: Some("no connection within 10 s".to_owned()),
            refused: Some("HTTP 400".to_owned()),
        };
        let mut status = Status::of_start(at);
        let english = of(crate::config::Lang::En);
        assert_eq!(english.sending_troubles(&status, &TimeZone::UTC), [""; 0]);
        status.alerts = vec![alert];
        status.mqtt_trouble = Some("refused".to_owned());
        let said = english.sending_troubles(&status, &TimeZone::UTC);
        assert_eq!(
            said[..2],
            [
                "alert phone: 2 messages wait, the first since 07:55:00; \
                 the last attempt failed: no connection within 10 s",
                "alert phone: 1 message was refused and set aside: HTTP 400",
            ]
        );
        assert!(said.len() == 3 && said[2].contains("refused"), "{said:?}");
    }
}
