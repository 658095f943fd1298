//! Remote write 1.0: the record as samples, to Prometheus and to whatever takes its protocol.
//!
//! What is sent comes from the record and not from memory: nothing is missing after an outage or a
//! restart. A [`RemoteWriter`] sends batch after batch, oldest first, and stores how far it has come
//! after each. `docs/remote-write.md` has the series and the settings that receivers need.

mod answer;
mod counted;
mod message;
mod pace;
mod record;
mod sampler;
mod sender;
mod series;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::time::Duration;

pub use answer::WriteAnswer;
pub use message::WrittenMessage;
pub use pace::back_within;
pub use sender::SendTurn;

use record::RecordView;
use sampler::DelaySeries;
use sender::{RecordSender, SenderSettings};
use series::SeriesLabels;

use crate::config::{Config, RemoteWriteConfig, shown_zone};
use crate::live::{WriteNews, WriteStatus};
use crate::net::client::{HttpClient, HttpRequest, HttpServer, Trust};
use crate::sys::plain;
use crate::text::describe;
use crate::time::{BootTime, Micros, Reading, boot_id};
use crate::vocabulary::Url;

/// A request is given up after this long.
const LIMIT: Duration = Duration::from_secs(30);
/// So much of an answer is read.
const LARGEST_ANSWER: usize = 64 * 1024;

/// Sends the record to one receiver.
#[derive(Debug)]
pub struct RemoteWriter {
    config: RemoteWriteConfig,
    url: Option<Url>,
    client: Option<HttpClient>,
    sender: RecordSender,
}

impl RemoteWriter {
    /// One that sends what is in `database`. Each minute is sent `phase` after it does not change any
    /// more.
    pub fn new(config: &Config, of: &RemoteWriteConfig, database: &Path, phase: Micros) -> Self {
        let instance = of.instance.clone().unwrap_or_else(host_name);
        let settled_after =
            RecordView::settled_after(config.probe.waiting.late_window, config.detect.drop_after);
        let settings = SenderSettings {
            name: of.name().to_owned(),
            database: PathBuf::from(database),
            labels: SeriesLabels::new(&instance, &config.site),
            view: RecordView {
                line: config.site.line.clone(),
                settled_after,
                boot_id: boot_id(),
                detail: of.detail,
                delays: if of.histograms { DelaySeries::Histogram } else { DelaySeries::Mean },
            },
            from: of.from.clone().unwrap_or_default(),
            first: of.first(&shown_zone(config.site.zone.as_deref())),
            on_too_old: of.on_too_old,
            phase,
        };
        Self {
            config: of.clone(),
            url: of.url.as_deref().and_then(|url| url.parse().ok()),
            client: None,
            sender: RecordSender::new(settings),
        }
    }

    /// Whether it needs the line: not where it has an interface of its own.
    pub fn leaves_by_the_line(&self) -> bool {
        self.config.interface.is_none()
    }

    /// Whether it is time for a turn.
    pub fn is_due(&self, now: BootTime) -> bool {
        self.sender.is_due(now)
    }

    /// How sending goes.
    pub fn status(&self) -> &WriteStatus {
        self.sender.status()
    }

    /// What has happened since this was asked last.
    pub fn take_news(&mut self) -> Vec<WriteNews> {
        self.sender.take_news()
    }

    /// Sends one batch, if there is one and it is time for it. Takes as long as the receiver does, half a
    /// minute at most.
    pub fn turn(&mut self, now: Reading) -> SendTurn {
        let Self { config, url, client, sender } = self;
        sender.turn(now, &mut |message| post(config, url.as_ref(), client, message))
    }
}

fn post(
    config: &RemoteWriteConfig,
    url: Option<&Url>,
    client: &mut Option<HttpClient>,
    message: &WrittenMessage,
) -> WriteAnswer {
    let Some(url) = url else { return WriteAnswer::NotReached("there is no url".to_owned()) };
    let server = HttpServer { https: url.https, host: url.host.clone(), port: url.port };
    let body = message.body.as_slice();
    let mut request = HttpRequest::post(url.path.as_str(), message.content_type, body);
    for (name, value) in message.fields {
        request = request.with(name, value);
    }
    match config.authorization() {
        Ok(Some(secret)) => request = request.with("authorization", secret.reveal()),
        Ok(None) => {}
        Err(error) => return WriteAnswer::NotReached(describe(&error)),
    }
    if client.is_none() {
        match client_of(config) {
            Ok(made) => *client = Some(made),
            Err(why) => return WriteAnswer::NotReached(why),
        }
    }
    match client {
        Some(client) => WriteAnswer::of(client.ask(&server, &request, LIMIT)),
        None => WriteAnswer::NotReached("there is no client".to_owned()),
    }
}

fn client_of(config: &RemoteWriteConfig) -> Result<HttpClient, String> {
    const LARGEST_FILE: u64 = 1 << 20;
    let client = HttpClient::new(Trust::KnownAuthorities, LARGEST_ANSWER).heeding_status();
    let client = match &config.interface {
        Some(interface) => client.through(interface.clone()),
        None => client,
    };
    let Some(path) = &config.ca_file else { return Ok(client) };
    let failed = |why: String| format!("read the certificates of {}: {why}", path.display());
    let pem = plain::read(path, LARGEST_FILE).map_err(|error| failed(error.to_string()))?;
    client.trusting(&pem).map_err(|error| failed(error.to_string()))
}

fn host_name() -> String {
    let name = rustix::system::uname();
    name.nodename().to_string_lossy().into_owned()
}
