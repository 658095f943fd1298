//! The channels of alerts: what waits, and what became of the rest.

use super::decimal::seconds_of;
use super::exposition::{Exposition, FamilyKind};
use crate::live::{AlertStatus, Status};
use crate::time::Timestamp;

impl Exposition {
    pub(super) fn alerts(&mut self, status: &Status) {
        let alerts = &status.alerts;
        if alerts.is_empty() {
            return;
        }
        let name = "linkmon_alert_messages_waiting";
        self.family(name, FamilyKind::Gauge, "Messages that are to go out by a channel.");
        for alert in alerts {
            self.sample(name, &channel(alert), alert.waiting);
        }
        let name = "linkmon_alert_oldest_message_timestamp_seconds";
        let help = "When the oldest message that waits was stored; absent where none does.";
        self.times(alerts, name, help, |alert| alert.oldest);
        let name = "linkmon_alert_last_delivery_timestamp_seconds";
        let help = "When a channel last took something; absent where it never did.";
        self.times(alerts, name, help, |alert| alert.last_delivered);
        // They outlive the daemon: since when they count is not known.
        let mut counts = |name: &str, help: &str, count: fn(&AlertStatus) -> u64| {
            self.family(name, FamilyKind::Counter, help);
            for alert in alerts {
                self.count(name, &channel(alert), count(alert), None);
            }
        };
        let name = "linkmon_alert_deliveries_total";
        counts(name, "Deliveries that were taken.", |alert| alert.delivered);
        let name = "linkmon_alert_attempts_failed_total";
        counts(name, "Attempts that failed.", |alert| alert.failed);
        let name = "linkmon_alert_messages_expired_total";
        counts(name, "Messages that waited too long.", |alert| alert.expired);
        let name = "linkmon_alert_messages_set_aside_total";
        counts(name, "Messages that were refused for good.", |alert| alert.set_aside);
    }

    fn times(
        &mut self,
        alerts: &[AlertStatus],
        name: &str,
        help: &str,
        time: fn(&AlertStatus) -> Option<Timestamp>,
    ) {
        let known: Vec<_> = alerts.iter().filter_map(|alert| Some((alert, time(alert)?))).collect();
        if known.is_empty() {
            return;
        }
        self.family(name, FamilyKind::Gauge, help);
        for (alert, at) in known {
            self.sample(name, &channel(alert), seconds_of(at));
        }
    }
}

fn channel(alert: &AlertStatus) -> [(&str, &str); 2] {
    [("channel", &alert.name), ("kind", &alert.kind)]
}
