//! The message of remote write 1.0: protobuf in one block of Snappy.
//!
//! Specification: <https://prometheus.io/docs/specs/prw/remote_write_spec/>. Another version of the
//! protocol is another [`written`] with its fields of the head.

use prost::Message as _;

use super::series::{SampleBatch, SeriesLabels};

/// A request as it is posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrittenMessage {
    /// The body.
    pub body: Vec<u8>,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// Further fields of the head.
    pub fields: [(&'static str, &'static str); 2],
}

/// A batch as remote write 1.0 has it; `labels` are those that all its series share.
pub(super) fn written(batch: &SampleBatch, labels: &SeriesLabels) -> WrittenMessage {
    let message = WriteRequest { timeseries: timeseries(batch, labels) }.encode_to_vec();
    // It fails where a length does not fit 32 bits, which no batch comes near to.
    let body = snap::raw::Encoder::new().compress_vec(&message).unwrap_or_default();
    WrittenMessage {
        body,
        content_type: "application/x-protobuf",
        fields: [("content-encoding", "snappy"), ("x-prometheus-remote-write-version", "0.1.0")],
    }
}

fn timeseries(batch: &SampleBatch, labels: &SeriesLabels) -> Vec<WrittenSeries> {
    let label = |(name, value)| WrittenLabel { name, value };
    batch
        .series()
        .map(|(key, samples)| WrittenSeries {
            labels: labels.of(key).into_iter().map(label).collect(),
            samples: samples
                .iter()
                .map(|(at_ms, value)| WrittenSample { value: *value, timestamp: *at_ms })
                .collect(),
        })
        .collect()
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct WriteRequest {
    #[prost(message, repeated, tag = "1")]
    pub(super) timeseries: Vec<WrittenSeries>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct WrittenSeries {
    /// By name, each name once.
    #[prost(message, repeated, tag = "1")]
    pub(super) labels: Vec<WrittenLabel>,
    /// By time.
    #[prost(message, repeated, tag = "2")]
    pub(super) samples: Vec<WrittenSample>,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(super) struct WrittenLabel {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(string, tag = "2")]
    pub(super) value: String,
}

#[derive(Clone, Copy, PartialEq, prost::Message)]
pub(super) struct WrittenSample {
    #[prost(double, tag = "1")]
    pub(super) value: f64,
    /// Milliseconds since 1970.
    #[prost(int64, tag = "2")]
    pub(super) timestamp: i64,
}
