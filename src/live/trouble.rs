//! What went wrong with a probe: a value, and the one English form in which a status carries it.

use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::vocabulary::{FailedReason, NotSent, Outcome, Phase};

/// Why a probe has no right answer in time. As JSON it is its sentence, which is read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ProbeTrouble {
    /// It was answered too late to count, after so long (to a tenth of a second).
    Late(Duration),
    /// It was not answered.
    NoAnswer,
    /// A router reported it undeliverable.
    Unreachable {
        /// Which.
        by: IpAddr,
        /// Type of the ICMP message.
        icmp_type: u8,
        /// Its code.
        code: u8,
    },
    /// This host found no other one at that address.
    NoHost,
    /// Something answered, and wrongly.
    Failed(FailedReason, Phase),
    /// It was not sent.
    NotSent(NotSent),
    /// What another version wrote.
    Other(String),
}

const NO_ANSWER: &str = "no answer";
const NO_HOST: &str = "no host answers at that address on this network";

impl ProbeTrouble {
    /// That of an outcome; `None` for a reply.
    pub(super) fn of(outcome: &Outcome) -> Option<Self> {
        Some(match outcome {
            Outcome::Reply(_) => return None,
            Outcome::Late { rtt } => Self::Late(*rtt),
            Outcome::Lost => Self::NoAnswer,
            Outcome::Unreachable(u) => match u.by {
                Some(by) => Self::Unreachable { by, icmp_type: u.icmp_type, code: u.code },
                None => Self::NoHost,
            },
            Outcome::Failed(f) => Self::Failed(f.reason, f.phase),
            Outcome::NotSent(why) => Self::NotSent(*why),
        })
    }

    /// A sentence of [`Display`](fmt::Display) read back.
    fn read(text: &str) -> Option<Self> {
        if text == NO_ANSWER {
            return Some(Self::NoAnswer);
        }
        if text == NO_HOST {
            return Some(Self::NoHost);
        }
        if let Some(after) = text.strip_prefix("answered after ") {
            let seconds = after.strip_suffix(" s")?.parse().ok()?;
            return Duration::try_from_secs_f64(seconds).ok().map(Self::Late);
        }
        if let Some(why) = text.strip_prefix("not sent: ") {
            return variant(why).map(Self::NotSent);
        }
        if let Some((by, rest)) = text.split_once(" says unreachable (ICMP ") {
            let (icmp_type, code) = rest.strip_suffix(')')?.split_once('/')?;
            let [icmp_type, code] = [icmp_type, code].map(str::parse);
            let (icmp_type, code) = (icmp_type.ok()?, code.ok()?);
            return Some(Self::Unreachable { by: by.parse().ok()?, icmp_type, code });
        }
        let (reason, phase) = text.split_once(" in phase ")?;
        Some(Self::Failed(variant(reason)?, variant(phase)?))
    }
}

impl fmt::Display for ProbeTrouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Late(rtt) => write!(f, "answered after {:.1} s", rtt.as_secs_f64()),
            Self::NoAnswer => f.write_str(NO_ANSWER),
            Self::Unreachable { by, icmp_type, code } => {
                write!(f, "{by} says unreachable (ICMP {icmp_type}/{code})")
            }
            Self::NoHost => f.write_str(NO_HOST),
            Self::Failed(reason, phase) => write!(f, "{} in phase {}", word(reason), word(phase)),
            Self::NotSent(why) => write!(f, "not sent: {}", word(why)),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl Serialize for ProbeTrouble {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ProbeTrouble {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        let text = String::deserialize(d)?;
        Ok(Self::read(&text).unwrap_or(Self::Other(text)))
    }
}

/// The kebab-case word that serde has for a unit variant.
fn word(value: impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => "unknown".to_owned(),
    }
}

/// The unit variant that serde has this word for.
fn variant<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_is_read_back() {
        for (trouble, sentence) in [
            (ProbeTrouble::Late(Duration::from_millis(3_200)), "answered after 3.2 s"),
            (ProbeTrouble::NoAnswer, "no answer"),
            (
                ProbeTrouble::Unreachable {
                    by: "192.168.1.1".parse().unwrap(),
                    icmp_type: 3,
                    code: 1,
                },
                "192.168.1.1 says unreachable (ICMP 3/1)",
            ),
            (ProbeTrouble::NoHost, NO_HOST),
            (
                ProbeTrouble::Failed(FailedReason::CaptivePortal, Phase::FirstByte),
                "captive-portal in phase first-byte",
            ),
            (ProbeTrouble::NotSent(NotSent::NoRoute), "not sent: no-route"),
            (ProbeTrouble::Other("not sent: a new word".to_owned()), "not sent: a new word"),
        ] {
            assert_eq!(trouble.to_string(), sentence);
            let json = serde_json::to_string(&trouble).unwrap();
            assert_eq!(serde_json::from_str::<ProbeTrouble>(&json).unwrap(), trouble);
        }
    }
}
