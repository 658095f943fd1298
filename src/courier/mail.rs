//! Mail: a parcel is one message, whose `Message-ID` is made of its key, so that a mailbox can tell a
//! repetition from news.

use std::time::Duration;

use lettre::Message as Mail;
use lettre::address::Envelope;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};

use super::channel::{Channel, ChannelSetup, DeliveryError};
use super::message::{Message, MessageEvent, Parcel};
use super::sendmail;
use crate::config::{AlertConfig, MailConfig};
use crate::net::client::{HttpClient, Trust};
use crate::net::smtp::{self, MailLogin, MailServer};
use crate::text::describe;

/// One exchange with a server, or one run of a program: greylisting and virus scanners take their time.
const LIMIT: Duration = Duration::from_secs(120);
/// Letters of a subject; lists of mail show about as many.
const LONGEST_SUBJECT: usize = 100;
/// Drops and reports that are drawn in one mail.
const MOST_PICTURES: usize = 3;
/// Threads that a mail with several messages belongs to.
const MOST_THREADS: usize = 20;
/// Length of what tells the mails of two computers apart, in bytes of a hash.
const IDENTITY: usize = 6;

/// Mail by a server or a program.
pub(super) struct MailChannel {
    config: MailConfig,
    interface: Option<String>,
    from: Mailbox,
    to: Vec<Mailbox>,
    setup: ChannelSetup,
}

impl MailChannel {
    /// A channel of a configuration.
    ///
    /// # Errors
    /// A sentence about what is missing.
    pub(super) fn new(config: &AlertConfig, setup: &ChannelSetup) -> Result<Self, String> {
        let mail = config.mail.clone();
        if let Some(trouble) = mail.trouble() {
            return Err(trouble);
        }
        let from = mail.sender().ok_or("from is no address")?;
        let to = mail.recipients();
        let interface = config.interface.clone();
        Ok(Self { config: mail, interface, from, to, setup: setup.clone() })
    }

    /// The mail of a parcel.
    fn mail(&self, parcel: &Parcel<'_>) -> Result<Mail, lettre::error::Error> {
        let id = |name: &str| self.id(name, parcel);
        let mut builder = Mail::builder()
            .from(self.from.clone())
            .date(std::time::SystemTime::UNIX_EPOCH + since_1970(parcel))
            .message_id(Some(id(parcel.key)))
            .subject(subject(parcel))
            .raw_header(auto_submitted());
        for to in &self.to {
            builder = builder.to(to.clone());
        }
        let threads = threads(parcel.messages);
        if let Some(last) = threads.last() {
            let all: Vec<String> = threads.iter().map(|thread| id(thread)).collect();
            builder = builder.in_reply_to(id(last)).references(all.join(" "));
        }
        let text = SinglePart::plain(body(parcel));
        let attachments = self.attachments(parcel);
        if attachments.is_empty() {
            return builder.singlepart(text);
        }
        let with_text = MultiPart::mixed().singlepart(text);
        builder.multipart(attachments.into_iter().fold(with_text, MultiPart::singlepart))
    }

    /// `<drop-1796000000000000-back.3f0c8f4e1a2b@example.net>`: the same at each attempt, another one for
    /// another place, whose drop may begin in the same microsecond and whose reports have the same names.
    fn id(&self, name: &str, parcel: &Parcel<'_>) -> String {
        let origin = parcel.origin;
        let place = format!("{}\0{}", origin.host, origin.site.as_deref().unwrap_or_default());
        let digest = ring::digest::digest(&ring::digest::SHA256, place.as_bytes());
        let identity = digest.as_ref()[..IDENTITY]
            .iter()
            .fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"));
        let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name: String = name.chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
        format!("<{name}.{identity}@{}>", self.from.email.domain())
    }

    /// Drops that are over and reports, drawn. What cannot be drawn is told all the same.
    fn attachments(&self, parcel: &Parcel<'_>) -> Vec<SinglePart> {
        use MessageEvent::{Back, Corrected, Report};
        let is_drawn = |message: &&Message| matches!(message.event, Back | Corrected | Report);
        let forms = [
            (&self.setup.picture, "png", "image/png"),
            (&self.setup.document, "pdf", "application/pdf"),
        ];
        let drawn = parcel.messages.iter().filter(is_drawn).take(MOST_PICTURES);
        let attached = drawn.flat_map(|message| {
            let name = if message.event == Report { &message.key } else { &message.thread };
            forms.iter().filter_map(move |(draw, ending, kind)| {
                let bytes = draw.as_ref()?(message)?;
                let kind = ContentType::parse(kind).ok()?;
                Some(Attachment::new(format!("{name}.{ending}")).body(bytes, kind))
            })
        });
        attached.collect()
    }

    fn hand_over(&self, envelope: &Envelope, mail: &[u8]) -> Result<(), DeliveryError> {
        if let Some(program) = &self.config.sendmail {
            return sendmail::hand_over(program, envelope, mail, LIMIT);
        }
        let Some((host, port)) = self.config.host() else {
            return Err(DeliveryError::later("no server is configured"));
        };
        let password = self.config.password().map_err(|e| DeliveryError::later(describe(&e)))?;
        let login = self.config.user.as_deref().zip(password.as_ref());
        let login = login.map(|(user, password)| MailLogin { user, password: password.reveal() });
        let mut client = HttpClient::new(Trust::KnownAuthorities, 0);
        if let Some(interface) = &self.interface {
            client = client.through(interface.clone());
        }
        let shown = format!("mail server {host}:{port}");
        let server = MailServer::new(host, port, self.config.security(), client);
        match smtp::submit(&server, login, envelope, mail, LIMIT) {
            Ok(_) => Ok(()),
            Err(error) => {
                let why = format!("{shown}: {}", describe(&error));
                Err(if error.is_final() {
                    DeliveryError::refused(why)
                } else {
                    DeliveryError::later(why)
                })
            }
        }
    }
}

impl Channel for MailChannel {
    fn deliver(&mut self, parcel: &Parcel<'_>) -> Result<(), DeliveryError> {
        let mail = self.mail(parcel).map_err(|e| DeliveryError::refused(describe(&e)))?;
        self.hand_over(mail.envelope(), &mail.formatted())
    }
}

fn since_1970(parcel: &Parcel<'_>) -> Duration {
    Duration::from_micros(u64::try_from(parcel.now.as_micros()).unwrap_or(0))
}

/// RFC 3834: no robot is to answer.
fn auto_submitted() -> HeaderValue {
    let name = HeaderName::new_from_ascii_str("Auto-Submitted");
    HeaderValue::new(name, "auto-generated".to_owned())
}

/// One line, with the place unless it is in it already.
fn subject(parcel: &Parcel<'_>) -> String {
    let place = parcel.origin.site.as_deref().filter(|site| !parcel.title.contains(site));
    let place = place.map(|site| format!("{site}: ")).unwrap_or_default();
    let line = format!("{place}{}", parcel.title);
    let line: String = line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= LONGEST_SUBJECT {
        return line;
    }
    let cut: String = line.chars().take(LONGEST_SUBJECT - 1).collect();
    format!("{}…", cut.trim_end())
}

/// The text, and whom it is from.
fn body(parcel: &Parcel<'_>) -> String {
    let origin = parcel.origin;
    let known = [origin.site.as_deref(), origin.isp.as_deref(), origin.line.as_deref()];
    let mut from: Vec<&str> = known.into_iter().flatten().collect();
    from.push(&origin.host);
    format!("{}\n\n-- \nlinkmon, {}\n", parcel.text.trim_end(), from.join(", "))
}

/// What the messages belong to, each once, the newest ones. A mailbox shows together what names the same
/// thread, whether or not there is a mail of that name.
fn threads(messages: &[Message]) -> Vec<&str> {
    let mut threads: Vec<&str> = Vec::new();
    // What is alone is named by its thread.
    for message in messages.iter().filter(|message| message.thread != message.key) {
        if !threads.contains(&message.thread.as_str()) {
            threads.push(&message.thread);
        }
    }
    let too_many = threads.len().saturating_sub(MOST_THREADS);
    threads.split_off(too_many)
}

#[cfg(test)]
mod tests;
