//! What people are told, as it waits to be sent.

use serde::{Deserialize, Serialize};

use crate::text::words::word_enum;
use crate::time::Timestamp;

word_enum! {
    /// What a message tells.
    pub enum MessageEvent: "event" {
        /// A drop is confirmed.
        Down = "down",
        /// A drop still lasts, after 15 min, 1 h, 4 h, 12 h and then each day.
        StillDown = "still-down",
        /// A drop is over.
        Back = "back",
        /// A drop that was told as over is longer, shorter or elsewhere than was told.
        Corrected = "corrected",
        /// A drop that was told was none.
        Withdrawn = "withdrawn",
        /// Three drops within an hour: no more of each until it is calm.
        Flapping = "flapping",
        /// No drop for an hour after that.
        FlappingOver = "flapping-over",
        /// Probes are lost while the line is up.
        Loss = "loss",
        /// Answers take longer than usual.
        Slow = "slow",
        /// One target does not answer while others do.
        Target = "target",
        /// Names are not resolved.
        Dns = "dns",
        /// IPv6 fails while IPv4 works.
        Ipv6 = "ipv6",
        /// IPv4 fails while IPv6 works.
        Ipv4 = "ipv4",
        /// Web pages or other services fail while pings are answered.
        Tcp = "tcp",
        /// A login page stands in the way.
        Login = "login",
        /// The internet is reached by another way than the line.
        OtherWay = "other-way",
        /// Nothing was watched for a while.
        Blind = "blind",
        /// The modem restarted, or cannot be read any more.
        Modem = "modem",
        /// The disk, or the limit of the record, will be reached.
        Disk = "disk",
        /// The account of a week or month.
        Digest = "digest",
        /// The report of a day, week or month.
        Report = "report",
        /// A test by hand.
        Test = "test",
    }
}

/// One thing that people are told. It is stored with what it tells, before anyone is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its name, the same at each attempt, after a restart and in a replay: `drop-1675785600000000-down`.
    pub key: String,
    /// The same for all messages of one incident: `drop-1675785600000000`.
    pub thread: String,
    /// What it tells.
    pub event: MessageEvent,
    /// When it was confirmed and stored.
    pub at: Timestamp,
    /// When what it tells began.
    pub onset: Option<Timestamp>,
    /// When that was over; `None` while it lasts, and for what has no length.
    pub end: Option<Timestamp>,
    /// Least time that it lasted, in seconds.
    pub min_s: Option<f64>,
    /// Most time that it lasted, in seconds.
    pub max_s: Option<f64>,
    /// Where the fault lies: words of [`Place`](super::Place) joined by `|`.
    pub place: Option<String>,
    /// The one target concerned.
    pub target: Option<String>,
    /// Drops so far on the local day of the onset, this one included.
    pub count_today: Option<u32>,
    /// What happened, in a line of the configured language.
    pub title: String,
    /// The rest of it, with its true times.
    pub text: String,
}

impl Message {
    /// A message with nothing but its name, event and time.
    pub fn new(key: impl Into<String>, event: MessageEvent, at: Timestamp) -> Self {
        let key = key.into();
        Self {
            thread: key.clone(),
            key,
            event,
            at,
            onset: None,
            end: None,
            min_s: None,
            max_s: None,
            place: None,
            target: None,
            count_today: None,
            title: String::new(),
            text: String::new(),
        }
    }

    /// Least time that what it tells lasted up to `now`, in seconds; `None` for what has no length.
    pub fn least_s(&self, now: Timestamp) -> Option<f64> {
        let lasting = || Some(now.duration_since(self.onset?)?.as_secs_f64());
        self.min_s.or_else(lasting)
    }
}

/// A message in the record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredMessage {
    /// Its number, in the order in which they were stored; 0 before it is.
    pub id: i64,
    /// The key that the incident has at present, in Unix microseconds: the first of a drop that was dated
    /// anew is in the name of its thread, and is another one.
    pub of_us: Option<i64>,
    /// The message.
    pub message: Message,
}

/// How far a channel has come with its messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelProgress {
    /// Its name.
    pub channel: String,
    /// The number of the message up to which all are settled: delivered, or not for this channel.
    pub settled: i64,
    /// Parcels that were delivered, attempts that failed, messages that expired.
    pub counts: DeliveryCounts,
    /// When a parcel was last delivered.
    pub delivered_at: Option<Timestamp>,
    /// Why the last attempt failed; `None` after one that did not.
    pub trouble: Option<String>,
    /// The parcel that was tried and not settled: it goes out again as it is.
    pub under_way: Option<UnderWay>,
    /// Incidents that were told, with the time: what becomes of them is told as well.
    pub told: Vec<(String, Timestamp)>,
    /// The last messages that were refused for good, oldest first.
    pub aside: Vec<SetAside>,
    /// Messages up to this number go out one by one, because several of them were refused as one.
    #[serde(default)]
    pub apart_up_to: i64,
}

/// What became of the parcels of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DeliveryCounts {
    /// Parcels delivered.
    pub delivered: u64,
    /// Attempts that failed.
    pub failed: u64,
    /// Messages that waited too long.
    pub expired: u64,
    /// Messages set aside.
    pub set_aside: u64,
}

/// A parcel that was tried.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnderWay {
    /// The name that it goes by.
    pub key: String,
    /// The messages in it, by number.
    pub messages: Vec<i64>,
    /// All messages up to this one are settled with it.
    pub up_to: i64,
}

/// A message that will never be taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetAside {
    /// Its key.
    pub key: String,
    /// When it was refused.
    pub at: Timestamp,
    /// Why.
    pub why: String,
}

impl ChannelProgress {
    /// Of a channel that begins after the message of this number.
    pub fn begin(channel: &str, settled: i64) -> Self {
        Self {
            channel: channel.to_owned(),
            settled,
            counts: DeliveryCounts::default(),
            delivered_at: None,
            trouble: None,
            under_way: None,
            told: Vec::new(),
            aside: Vec::new(),
            apart_up_to: 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_read_as_it_was_written() {
        let at = Timestamp::from_seconds(1_675_785_600);
        let message = Message {
            onset: Some(at),
            min_s: Some(13.3),
            place: Some("modem|access".to_owned()),
            ..Message::new("drop-1675785600000000-still-down", MessageEvent::StillDown, at)
        };
        let json = serde_json::to_string(&message).unwrap();
        assert!(
            json.contains("\"event\":\"still-down\"") && json.contains("\"end\":null"),
            "{json}"
        );
        assert_eq!(serde_json::from_str::<Message>(&json).unwrap(), message);
    }
}
