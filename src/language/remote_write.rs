//! Receivers of remote write, in words.

use std::time::Duration;

use super::{Language, fill};
use crate::live::{HoldReason, WriteNews, WriteState, WriteStatus};

impl Language {
    /// News of a receiver, in a sentence.
    pub(crate) fn write_news(&self, receiver: &str, news: &WriteNews) -> String {
        let p = &self.phrases().remote_write;
        let (template, said) = match news {
            WriteNews::Held(why, said) => (self.held(*why), said.as_str()),
            WriteNews::Fails(said) => (p.fails, said.as_str()),
            WriteNews::Skips(said) => (p.skips, said.as_str()),
            WriteNews::Works => (p.works, ""),
        };
        fill(template, &[("receiver", receiver), ("said", said)])
    }

    /// How sending to a receiver goes, in a line.
    pub(crate) fn write_line(&self, status: &WriteStatus) -> String {
        let p = &self.phrases().remote_write;
        let behind = status.behind_s.and_then(|s| Duration::try_from_secs_f64(s).ok());
        let mut line = match behind {
            None => fill(p.nothing_yet, &[("receiver", &status.receiver)]),
            Some(behind) => {
                let values = [
                    ("receiver", status.receiver.clone()),
                    ("samples", self.number(status.sent)),
                    ("behind", self.length(behind)),
                ];
                fill(p.sending, &values)
            }
        };
        if status.state == WriteState::Waiting {
            line += "; ";
            line += p.waiting;
        }
        if status.skipped > 0 {
            line += "; ";
            line += &fill(p.skipped, &[("samples", self.number(status.skipped))]);
        }
        line
    }

    /// What is wrong with a receiver, in a sentence; `None`: nothing.
    pub(crate) fn write_trouble(&self, status: &WriteStatus) -> Option<String> {
        let said = status.why.clone().unwrap_or_default();
        let news = match (status.state, status.held) {
            (WriteState::Held, Some(why)) => WriteNews::Held(why, said),
            (WriteState::Failing, _) => WriteNews::Fails(said),
            _ => return None,
        };
        Some(self.write_news(&status.receiver, &news))
    }

    fn held(&self, why: HoldReason) -> &'static str {
        let p = &self.phrases().remote_write;
        match why {
            HoldReason::TooOld => p.too_old,
            HoldReason::OutOfOrder => p.out_of_order,
            HoldReason::Refused => p.refused,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Lang;
    use crate::language;

    #[test]
    fn a_held_receiver_is_named_with_its_setting_in_every_language() {
        let mut status = WriteStatus {
            receiver: "mimir".to_owned(),
            state: WriteState::Held,
            held: Some(HoldReason::TooOld),
            why: Some("400: out of bounds".to_owned()),
            since: None,
            until: None,
            behind_s: Some(259_200.0),
            sent: 12_345,
            failed_requests: 1,
            skipped: 60,
        };
        for lang in Lang::ALL {
            let language = language::of(lang);
            let said = language.write_trouble(&status).unwrap();
            let parts = ["mimir", "400: out of bounds", "out_of_order_time_window", "storage.tsdb"];
            assert!(parts.iter().all(|part| said.contains(part)), "{said}");
            let line = language.write_line(&status);
            assert!(line.contains("mimir") && line.contains("60"), "{line}");
        }
        assert_eq!(
            language::of(Lang::En).write_line(&status),
            "Remote write to mimir: 12,345 samples sent, 3 d behind; 60 samples left out that it refused"
        );
        status.state = WriteState::Sending;
        assert_eq!(language::of(Lang::En).write_trouble(&status), None);
    }
}
