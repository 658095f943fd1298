//! The keys of `[[remote-write]]`.

use super::super::{Config, RemoteWriteConfig};
use super::{TableOfKeys, Takes, key, without_default};

/// The receiver that is being read: the reader adds one for each table.
fn receiver(config: &mut Config) -> &mut RemoteWriteConfig {
    if config.remote_writes.is_empty() {
        config.remote_writes.push(RemoteWriteConfig::default());
    }
    config.remote_writes.last_mut().expect("one was added")
}

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "remote-write",
    documentation: "Receivers of the record by Prometheus remote write 1.0 (Prometheus, Mimir, Thanos, \
                    VictoriaMetrics), each in a table like this one. What is sent comes from the record, \
                    with its true times, oldest first: nothing is missing after an outage. \
                    docs/remote-write.md has the series, and the setting that receivers need.",
    keys: &[
        without_default(
            "name",
            Takes::Name(|c| &mut receiver(c).name),
            "\"mimir\"",
            "A name that no other receiver has: up to 40 letters, digits, and . - _ : Without it, \
             \"default\". How far the receiver has the record is remembered by this name.",
        ),
        without_default(
            "url",
            Takes::WebAddress(|c| &mut receiver(c).url),
            "\"https://prometheus.example.org/api/v1/write\"",
            "Where it takes remote write. It must keep samples that are older than those of others: \
             out_of_order_time_window of Prometheus and Mimir.",
        ),
        without_default(
            "user",
            Takes::Line(|c| &mut receiver(c).user),
            "\"linkmon\"",
            "The user to log in as (basic authentication).",
        ),
        without_default(
            "password-file",
            Takes::Path(|c| &mut receiver(c).password_file),
            "\"/etc/linkmon/remote-write-password\"",
            "A file whose first line is the user's password.",
        ),
        without_default(
            "password-env",
            Takes::Variable(|c| &mut receiver(c).password_env),
            "\"LINKMON_REMOTE_WRITE_PASSWORD\"",
            "The environment variable that holds it, where there is no password-file.",
        ),
        without_default(
            "token-file",
            Takes::Path(|c| &mut receiver(c).token_file),
            "\"/etc/linkmon/remote-write-token\"",
            "A file whose first line is a token (Authorization: Bearer). With it, user and password are \
             not used.",
        ),
        without_default(
            "token-env",
            Takes::Variable(|c| &mut receiver(c).token_env),
            "\"LINKMON_REMOTE_WRITE_TOKEN\"",
            "The environment variable that holds it, where there is no token-file.",
        ),
        without_default(
            "ca-file",
            Takes::Path(|c| &mut receiver(c).ca_file),
            "\"/etc/linkmon/remote-write-ca.pem\"",
            "Certificates (PEM) that are trusted in place of all others: of an authority of one's own, \
             for example.",
        ),
        without_default(
            "interface",
            Takes::Interface(|c| &mut receiver(c).interface),
            "\"wwan0\"",
            "The interface by which it is reached, such as an LTE stick: then it is sent to while the line \
             is down, too.",
        ),
        without_default(
            "instance",
            Takes::Line(|c| &mut receiver(c).instance),
            "\"office-3\"",
            "The label instance of all series, by which this linkmon is told from others. Without it, the \
             name of this computer.",
        ),
        without_default(
            "from",
            Takes::Moment(|c| &mut receiver(c).from),
            "\"2026-11-01\"",
            "From when on the record is sent: a date, or a date and time. Without it, from its \
             beginning, imports included. Another value sends anew from there.",
        ),
        key(
            "detail",
            Takes::Detail(|c| &mut receiver(c).detail),
            "\"drops\" sends a sample each second within a minute of the edges of drops and each minute \
             otherwise, \"minutes\" each minute, \"seconds\" each second.",
        ),
        key(
            "histograms",
            Takes::Switch(|c| &mut receiver(c).histograms),
            "Whether delays are sent as histograms (18 series a target more), or only their sum and count.",
        ),
        key(
            "on-too-old",
            Takes::OnTooOld(|c| &mut receiver(c).on_too_old),
            "What becomes of samples that the receiver refuses because of their age: with \"hold\" \
             sending waits until the receiver takes them, and nothing is missing in the end; with \
             \"skip\" they are left out, and counted.",
        ),
    ],
};
