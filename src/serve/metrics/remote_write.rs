//! Remote write: how far each receiver is.

use super::exposition::{Exposition, FamilyKind};
use crate::live::{HoldReason, WriteStatus};

impl Exposition {
    /// One sample of each family for each receiver.
    pub(super) fn remote_writes(&mut self, receivers: &[WriteStatus]) {
        if receivers.is_empty() {
            return;
        }
        let name = "linkmon_remote_write_samples_total";
        self.per_receiver(
            receivers,
            name,
            FamilyKind::Counter,
            "Samples taken by a receiver.",
            |r| Some(r.sent.to_string()),
        );
        let name = "linkmon_remote_write_failed_requests_total";
        let help = "Requests that failed or were refused.";
        self.per_receiver(receivers, name, FamilyKind::Counter, help, |r| {
            Some(r.failed_requests.to_string())
        });
        let name = "linkmon_remote_write_skipped_samples_total";
        let help =
            "Samples left out because a receiver refused them, ever (on-too-old = \"skip\").";
        self.per_receiver(receivers, name, FamilyKind::Counter, help, |r| {
            Some(r.skipped.to_string())
        });
        let name = "linkmon_remote_write_behind_seconds";
        let help =
            "How far what a receiver has taken is behind the present; absent before the first.";
        self.per_receiver(receivers, name, FamilyKind::Gauge, help, |r| {
            Some(r.behind_s?.to_string())
        });
        let name = "linkmon_remote_write_held";
        let help = "1 where a receiver does not take what is sent for this reason, else 0.";
        self.family(name, FamilyKind::Gauge, help);
        for receiver in receivers {
            for reason in HoldReason::ALL {
                let labels =
                    [("receiver", receiver.receiver.as_str()), ("reason", reason.as_str())];
                self.sample(name, &labels, u8::from(receiver.held == Some(reason)));
            }
        }
    }

    fn per_receiver(
        &mut self,
        receivers: &[WriteStatus],
        name: &str,
        kind: FamilyKind,
        help: &str,
        value: impl Fn(&WriteStatus) -> Option<String>,
    ) {
        self.family(name, kind, help);
        for receiver in receivers {
            if let Some(value) = value(receiver) {
                self.sample(name, &[("receiver", receiver.receiver.as_str())], value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::MetricsForm;
    use super::*;
    use crate::live::WriteState;

    #[test]
    fn a_receiver_has_its_counts_and_what_is_not_known_is_absent() {
        let receiver = WriteStatus {
            receiver: "mimir".to_owned(),
            state: WriteState::Held,
            held: Some(HoldReason::TooOld),
            why: Some("400: out of bounds".to_owned()),
            since: None,
            until: None,
            behind_s: None,
            sent: 7,
            failed_requests: 2,
            skipped: 3,
        };
        let mut text = Exposition::new(MetricsForm::Classic);
        text.remote_writes(&[]);
        text.remote_writes(&[receiver]);
        let text = text.finish();
        for line in [
            "linkmon_remote_write_samples_total{receiver=\"mimir\"} 7\n",
            "linkmon_remote_write_failed_requests_total{receiver=\"mimir\"} 2\n",
            "linkmon_remote_write_skipped_samples_total{receiver=\"mimir\"} 3\n",
            "linkmon_remote_write_held{receiver=\"mimir\",reason=\"too-old\"} 1\n",
            "linkmon_remote_write_held{receiver=\"mimir\",reason=\"refused\"} 0\n",
        ] {
            assert!(text.contains(line), "{line}{text}");
        }
        assert!(!text.contains("behind_seconds{"), "{text}");
    }
}
