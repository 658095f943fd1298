//! Hands a mail over to a server (RFC 5321, 4954, 3207, 8314), with a limit on the time and on what is
//! read. Commands and replies are lettre's.
//!
//! STARTTLS itself is asked for here, reply by reply: whoever is on the way could append replies of its
//! own to the one before TLS, which a reader with a buffer would take for those within TLS.

use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use super::client::{self, HttpClient, HttpServer, within};
use crate::text::words::word_enum;

/// All replies to one mail.
const MOST_READ: usize = 256 * 1024;
/// One reply before TLS.
const MOST_REPLY: usize = 8 * 1024;
/// Words of a server that are repeated.
const MOST_SAID: usize = 200;
/// Nothing about this computer: its address at home means nothing to the server, and its name is private.
const HELLO: ClientId = ClientId::Ipv4(std::net::Ipv4Addr::LOCALHOST);
/// The mail is accepted by then.
const QUIT_WITHIN: Duration = Duration::from_secs(2);

word_enum! {
    /// How the way to a mail server is protected.
    pub enum MailSecurity: "protection of mail" = Tls {
        /// TLS from the first byte (port 465)
        Tls = "tls",
        /// TLS after a word in the clear (port 587), and never without
        StartTls = "starttls",
        /// Nothing: for this computer alone (port 25)
        Plain = "none",
    }
}

impl MailSecurity {
    /// The port that is usual for it.
    pub const fn port(self) -> u16 {
        match self {
            Self::Tls => 465,
            Self::StartTls => 587,
            Self::Plain => 25,
        }
    }
}

/// Where mail is handed over.
#[derive(Debug)]
pub struct MailServer {
    server: HttpServer,
    security: MailSecurity,
    client: HttpClient,
}

impl MailServer {
    /// The server of a name or literal address (without brackets) and a TCP port. `client` says whom to
    /// trust, and by which interface to go; it asks nothing.
    pub fn new(host: String, port: u16, security: MailSecurity, client: HttpClient) -> Self {
        let server = HttpServer { https: security != MailSecurity::Plain, host, port };
        Self { server, security, client: client.for_another_protocol() }
    }
}

/// Who hands it over. It has no `Debug` form.
#[derive(Clone, Copy)]
pub struct MailLogin<'a> {
    /// The user's name.
    pub user: &'a str,
    /// The password.
    pub password: &'a str,
}

/// Why a mail was not taken. No password is in any of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpError {
    /// No connection, or none with TLS.
    #[error(transparent)]
    NoConnection(#[from] client::Error),
    /// The connection ended, or what came is not SMTP.
    #[error("the exchange broke off: {0}")]
    BrokeOff(String),
    /// It does not offer TLS.
    #[error("it does not offer STARTTLS")]
    NoStartTls,
    /// It does not take the password, or none at all. Its words are not repeated: they may repeat it.
    #[error("it does not take the user name and password{}", .0.map(|code| format!(" ({code})")).unwrap_or_default())]
    Login(Option<u16>),
    /// It wants a password.
    #[error("it wants a user name and password ({0})")]
    WantsLogin(u16),
    /// Not now: a reply from 400 to 499, greylisting as a rule, or one before the mail began.
    #[error("not now: {0}")]
    Deferred(String),
    /// Never: a reply from 500 to 599 to this mail.
    #[error("refused: {0}")]
    Refused(String),
}

impl SmtpError {
    /// Whether another attempt can only fail.
    pub const fn is_final(&self) -> bool {
        matches!(self, Self::Refused(_))
    }
}

/// Hands a mail over; gives the recipients that were refused while others were taken. Not to be called
/// from within an asynchronous runtime.
///
/// # Errors
/// When it was not taken for anybody, and whether it may be later. Where one recipient is deferred, it
/// goes to nobody, so that another attempt is no repetition.
pub fn submit(
    server: &MailServer,
    login: Option<MailLogin<'_>>,
    envelope: &Envelope,
    mail: &[u8],
    limit: Duration,
) -> Result<Vec<String>, SmtpError> {
    within(limit, hand_over(server, login, envelope, mail))
}

async fn hand_over(
    server: &MailServer,
    login: Option<MailLogin<'_>>,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<Vec<String>, SmtpError> {
    let MailServer { server, security, client } = server;
    let (mut tcp, peer) = client.connected(server).await?;
    let wire = match security {
        MailSecurity::Plain => MailWire::new(tcp, peer, b""),
        MailSecurity::Tls => MailWire::new(client.agreed(server, tcp).await?, peer, b""),
        MailSecurity::StartTls => {
            ask_for_tls(&mut tcp).await?;
            // A server greets once, before TLS; lettre waits for it at the beginning of a connection.
            MailWire::new(client.agreed(server, tcp).await?, peer, b"220 \r\n")
        }
    };
    let connecting = AsyncSmtpConnection::connect_with_transport(Box::new(wire), &HELLO).await;
    let mut smtp = connecting.map_err(before_mail)?;
    if let Some(login) = login {
        let credentials = Credentials::new(login.user.to_owned(), login.password.to_owned());
        let greeted = smtp.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
        greeted.map_err(|e| login_failure(&e))?;
    }
    let refused = transact(&mut smtp, envelope, mail).await?;
    // It is accepted, whatever comes of this.
    let _ = tokio::time::timeout(QUIT_WITHIN, smtp.quit()).await;
    Ok(refused)
}

/// One mail on a connection that is ready for it.
async fn transact(
    smtp: &mut AsyncSmtpConnection,
    envelope: &Envelope,
    mail: &[u8],
) -> Result<Vec<String>, SmtpError> {
    let mut parameters = Vec::new();
    let mut addresses = envelope.to().iter().chain(envelope.from());
    if addresses.any(|address| !address.to_string().is_ascii()) {
        if !smtp.server_info().supports_feature(Extension::SmtpUtfEight) {
            let why = "it takes no addresses with letters beyond ASCII (SMTPUTF8)";
            return Err(SmtpError::Refused(why.to_owned()));
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    let from: Option<Address> = envelope.from().cloned();
    smtp.command(Mail::new(from, parameters)).await.map_err(|e| of_mail(&e))?;
    let mut refused = Vec::new();
    let mut first = None;
    for to in envelope.to() {
        match smtp.command(Rcpt::new(to.clone(), Vec::new())).await.map_err(|e| of_mail(&e)) {
            Ok(_) => {}
            Err(error @ SmtpError::Refused(_)) => {
                refused.push(to.to_string());
                first.get_or_insert(error);
            }
            Err(error) => return Err(error),
        }
    }
    if refused.len() == envelope.to().len()
        && let Some(error) = first
    {
        return Err(error);
    }
    smtp.command(Data).await.map_err(|e| of_mail(&e))?;
    smtp.message(mail).await.map_err(|e| of_mail(&e))?;
    Ok(refused)
}

/// Goes as far as the word after which TLS begins.
async fn ask_for_tls(tcp: &mut TcpStream) -> Result<(), SmtpError> {
    let broke_off = |e: std::io::Error| SmtpError::BrokeOff(e.to_string());
    reply(tcp, "2").await?;
    tcp.write_all(format!("EHLO {HELLO}\r\n").as_bytes()).await.map_err(broke_off)?;
    let offered = reply(tcp, "2").await?;
    let is_offered = |line: &str| line.get(4..).is_some_and(|word| word.trim() == "STARTTLS");
    if !offered.to_ascii_uppercase().lines().any(is_offered) {
        return Err(SmtpError::NoStartTls);
    }
    tcp.write_all(b"STARTTLS\r\n").await.map_err(broke_off)?;
    reply(tcp, "220").await.map(drop)
}

/// One reply, and not a byte more; its code begins with `wanted`.
async fn reply(tcp: &mut TcpStream, wanted: &str) -> Result<String, SmtpError> {
    let mut text = Vec::new();
    let mut line_begins = 0;
    loop {
        match tcp.read_u8().await {
            Ok(byte) => text.push(byte),
            Err(e) => return Err(SmtpError::BrokeOff(e.to_string())),
        }
        if text.len() > MOST_REPLY {
            return Err(SmtpError::BrokeOff("a reply without end".to_owned()));
        }
        if text.ends_with(b"\n") {
            // `250-` goes on, `250 ` is the last line.
            if text.get(line_begins + 3) != Some(&b'-') {
                break;
            }
            line_begins = text.len();
        }
    }
    let text = String::from_utf8_lossy(&text).into_owned();
    if text.starts_with(wanted) { Ok(text) } else { Err(SmtpError::Deferred(short(&text))) }
}

/// A server that turns all away says nothing about this mail.
#[allow(clippy::needless_pass_by_value, reason = "a function for map_err")]
fn before_mail(error: smtp::Error) -> SmtpError {
    if error.status().is_some() { SmtpError::Deferred(said(&error)) } else { broke_off(&error) }
}

fn login_failure(error: &smtp::Error) -> SmtpError {
    match error.status() {
        Some(_) if error.is_transient() => {
            SmtpError::Deferred("it cannot check the password".to_owned())
        }
        Some(code) => SmtpError::Login(Some(code.into())),
        // "No compatible authentication mechanism": neither PLAIN nor LOGIN.
        None if error.is_client() => SmtpError::Login(None),
        None => SmtpError::BrokeOff("while logging in".to_owned()),
    }
}

/// RFC 4954 (6): 530, 534, 535 and 538 are about who hands it over, not about the mail.
fn of_mail(error: &smtp::Error) -> SmtpError {
    match error.status().map(u16::from) {
        Some(code @ (530 | 534 | 535 | 538)) => SmtpError::WantsLogin(code),
        Some(_) if error.is_permanent() => SmtpError::Refused(said(error)),
        Some(_) => SmtpError::Deferred(said(error)),
        None => broke_off(error),
    }
}

fn broke_off(error: &smtp::Error) -> SmtpError {
    SmtpError::BrokeOff(said(error))
}

/// The code and the words of a server, or what else went wrong, in one short line.
fn said(error: &smtp::Error) -> String {
    let words = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
    let code = error.status().map(|code| format!("{code} ")).unwrap_or_default();
    let text = format!("{code}{words}");
    if text.is_empty() { error.to_string() } else { short(&text) }
}

fn short(text: &str) -> String {
    let plain = text.split_whitespace().collect::<Vec<_>>().join(" ");
    plain.chars().filter(|c| !c.is_control()).take(MOST_SAID).collect()
}

/// What carries a connection.
trait MailCarrier: AsyncRead + AsyncWrite + Send + Sync + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> MailCarrier for T {}

/// A connection of which only so much is read.
struct MailWire {
    carrier: Box<dyn MailCarrier>,
    peer: SocketAddr,
    /// Read before anything of the carrier.
    preface: &'static [u8],
    left: usize,
}

impl MailWire {
    fn new(carrier: impl MailCarrier + 'static, peer: SocketAddr, preface: &'static [u8]) -> Self {
        Self { carrier: Box::new(carrier), peer, preface, left: MOST_READ }
    }
}

impl AsyncTokioStream for MailWire {
    fn peer_addr(&self) -> std::io::Result<SocketAddr> {
        Ok(self.peer)
    }
}

impl std::fmt::Debug for MailWire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MailWire").field("peer", &self.peer).finish_non_exhaustive()
    }
}

impl AsyncRead for MailWire {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        if !self.preface.is_empty() {
            let n = self.preface.len().min(buffer.remaining());
            let (now, later) = self.preface.split_at(n);
            buffer.put_slice(now);
            self.preface = later;
            return Poll::Ready(Ok(()));
        }
        if self.left == 0 {
            return Poll::Ready(Err(std::io::Error::other("replies without end")));
        }
        let before = buffer.filled().len();
        let result = Pin::new(&mut self.carrier).poll_read(cx, buffer);
        self.left = self.left.saturating_sub(buffer.filled().len() - before);
        result
    }
}

impl AsyncWrite for MailWire {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        Pin::new(&mut self.carrier).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.carrier).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Pin::new(&mut self.carrier).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests;
