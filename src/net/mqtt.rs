//! Publishes to an MQTT broker (MQTT 3.1.1, OASIS 2014): connects with a will, publishes at `QoS` 1, keeps
//! the connection alive, and subscribes to nothing. Every step has a limit on its time and on what is
//! read.
//!
//! By hand, because what is needed is three packets each way, and the crates either bring a client
//! with queues and an event loop of its own, or twenty others.

use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::runtime::Runtime;

use super::client::{self, HttpClient, HttpServer};

/// Packets that come: acknowledgements of two to four bytes. What is longer is not for a publisher.
const MOST_READ: usize = 64;
/// The rest of a packet may be this long (3.1.1, 2.2.3); configurations and states are far shorter.
const MOST_SENT: usize = 128 * 1024;

const CONNECT: u8 = 0x10;
const CONNACK: u8 = 0x20;
const PUBLISH_QOS1_RETAINED: u8 = 0x33;
const PUBACK: u8 = 0x40;
const PINGREQ: u8 = 0xc0;
const PINGRESP: u8 = 0xd0;
const DISCONNECT: u8 = 0xe0;

/// Why a broker could not be used. No password is in any of them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MqttError {
    /// No connection, none with TLS, or no answer in time.
    #[error(transparent)]
    NoConnection(#[from] client::Error),
    /// The connection ended.
    #[error("the connection broke off: {0}")]
    BrokeOff(String),
    /// What came is not what MQTT has at this place.
    #[error("not MQTT 3.1.1: {0}")]
    NotMqtt(&'static str),
    /// The broker refuses the connection.
    #[error("the broker refuses: {0}")]
    Refused(&'static str),
    /// It is too long for MQTT.
    #[error("{0} is too long")]
    TooLong(&'static str),
}

/// Where the broker is.
#[derive(Debug)]
pub struct MqttBroker {
    server: HttpServer,
    client: HttpClient,
}

impl MqttBroker {
    /// A broker; `client` says whom to trust, and asks nothing.
    pub fn new(server: HttpServer, client: HttpClient) -> Self {
        Self { server, client: client.for_another_protocol() }
    }
}

/// What a connection begins with. It has no `Debug` form.
#[derive(Clone)]
pub struct MqttHello {
    /// Name of this publisher, which no other connection to the broker has.
    pub client: String,
    /// User and password; `None`: nobody in particular.
    pub login: Option<(String, String)>,
    /// What the broker publishes, retained, when the connection breaks off: topic and text.
    pub will: (String, String),
    /// After one and a half times this without a packet the broker takes it for broken, in seconds.
    pub keep_alive_s: u16,
}

/// A connection to a broker.
pub struct MqttConnection {
    runtime: Runtime,
    carrier: Box<dyn MqttCarrier>,
    limit: Duration,
    last_id: u16,
}

/// What carries a connection.
trait MqttCarrier: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> MqttCarrier for T {}

impl MqttConnection {
    /// Connects, within `limit`, which each of the other steps has, too. Not to be called from within an
    /// asynchronous runtime.
    ///
    /// # Errors
    /// When there is no connection, or the broker refuses it.
    pub fn open(
        broker: &MqttBroker,
        hello: &MqttHello,
        limit: Duration,
    ) -> Result<Self, MqttError> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| MqttError::BrokeOff(e.to_string()))?;
        let connect = connect_packet(hello)?;
        let connecting = async {
            let MqttBroker { server, client } = broker;
            let (tcp, _) = client.connected(server).await?;
            let mut carrier: Box<dyn MqttCarrier> = if server.https {
                Box::new(client.agreed(server, tcp).await?)
            } else {
                Box::new(tcp)
            };
            send(&mut carrier, &connect).await?;
            let answer = receive(&mut carrier, CONNACK).await?;
            match answer.as_slice() {
                [_, 0] => Ok(carrier),
                [_, code] => Err(MqttError::Refused(refusal(*code))),
                _ => Err(MqttError::NotMqtt("an acknowledgement of another length")),
            }
        };
        let carrier = runtime.block_on(async { limited(limit, connecting).await });
        match carrier {
            Ok(carrier) => Ok(Self { runtime, carrier, limit, last_id: 0 }),
            Err(error) => {
                // A look-up of a name may still be under way in a thread of its own.
                runtime.shutdown_background();
                Err(error)
            }
        }
    }

    /// Publishes a text that the broker keeps for those who come later, and waits until the broker has it.
    ///
    /// # Errors
    /// When the connection is of no use any more.
    pub fn publish(&mut self, topic: &str, text: &str) -> Result<(), MqttError> {
        // 0 is none.
        self.last_id = self.last_id.checked_add(1).unwrap_or(1);
        let id = self.last_id.to_be_bytes();
        let packet = publish_packet(topic, text, id)?;
        let carrier = &mut self.carrier;
        let publishing = async {
            send(carrier, &packet).await?;
            let answer = receive(carrier, PUBACK).await?;
            if answer == id { Ok(()) } else { Err(MqttError::NotMqtt("of another packet")) }
        };
        self.runtime.block_on(async { limited(self.limit, publishing).await })
    }

    /// Shows that the connection is in use.
    ///
    /// # Errors
    /// When it is of no use any more.
    pub fn ping(&mut self) -> Result<(), MqttError> {
        let carrier = &mut self.carrier;
        let pinging = async {
            send(carrier, &[PINGREQ, 0]).await?;
            receive(carrier, PINGRESP).await.map(drop)
        };
        self.runtime.block_on(async { limited(self.limit, pinging).await })
    }

    /// Ends it in order: the will is not published.
    pub fn close(mut self) {
        let carrier = &mut self.carrier;
        let closing = async { send(carrier, &[DISCONNECT, 0]).await };
        // The broker notices the end of a connection in any case.
        let _ = self.runtime.block_on(async { limited(self.limit, closing).await });
    }
}

impl std::fmt::Debug for MqttConnection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MqttConnection").field("last_id", &self.last_id).finish_non_exhaustive()
    }
}

async fn limited<T>(
    limit: Duration,
    step: impl Future<Output = Result<T, MqttError>>,
) -> Result<T, MqttError> {
    let done = tokio::time::timeout(limit, step).await;
    done.unwrap_or(Err(MqttError::NoConnection(client::Error::TimedOut(limit))))
}

async fn send(carrier: &mut Box<dyn MqttCarrier>, packet: &[u8]) -> Result<(), MqttError> {
    let broke_off = |e: std::io::Error| MqttError::BrokeOff(e.to_string());
    carrier.write_all(packet).await.map_err(broke_off)?;
    carrier.flush().await.map_err(broke_off)
}

/// The rest of the next packet, which has to be of this kind.
async fn receive(carrier: &mut Box<dyn MqttCarrier>, kind: u8) -> Result<Vec<u8>, MqttError> {
    let broke_off = |e: std::io::Error| MqttError::BrokeOff(e.to_string());
    let first = carrier.read_u8().await.map_err(broke_off)?;
    let length = usize::from(carrier.read_u8().await.map_err(broke_off)?);
    if first != kind {
        return Err(MqttError::NotMqtt("another packet than was due"));
    }
    // Of one byte up to 127.
    if length > MOST_READ {
        return Err(MqttError::NotMqtt("a longer packet than was due"));
    }
    let mut rest = vec![0; length];
    carrier.read_exact(&mut rest).await.map_err(broke_off)?;
    Ok(rest)
}

/// 3.1: clean session, a retained will at `QoS` 1.
fn connect_packet(hello: &MqttHello) -> Result<Vec<u8>, MqttError> {
    const CLEAN_SESSION: u8 = 0x02;
    const WILL_QOS1_RETAINED: u8 = 0x04 | 0x08 | 0x20;
    const USER_AND_PASSWORD: u8 = 0x80 | 0x40;
    const LEVEL_3_1_1: u8 = 4;
    let mut flags = CLEAN_SESSION | WILL_QOS1_RETAINED;
    if hello.login.is_some() {
        flags |= USER_AND_PASSWORD;
    }
    let mut rest = Vec::new();
    put_text(&mut rest, "MQTT", "the protocol")?;
    rest.extend([LEVEL_3_1_1, flags]);
    rest.extend(hello.keep_alive_s.to_be_bytes());
    put_text(&mut rest, &hello.client, "the name of the client")?;
    put_text(&mut rest, &hello.will.0, "the topic of the will")?;
    put_text(&mut rest, &hello.will.1, "the will")?;
    if let Some((user, password)) = &hello.login {
        put_text(&mut rest, user, "the user")?;
        put_text(&mut rest, password, "the password")?;
    }
    packet(CONNECT, &rest)
}

fn publish_packet(topic: &str, text: &str, id: [u8; 2]) -> Result<Vec<u8>, MqttError> {
    let mut rest = Vec::new();
    put_text(&mut rest, topic, "the topic")?;
    rest.extend(id);
    rest.extend(text.as_bytes());
    packet(PUBLISH_QOS1_RETAINED, &rest)
}

fn put_text(to: &mut Vec<u8>, text: &str, what: &'static str) -> Result<(), MqttError> {
    let length = u16::try_from(text.len()).map_err(|_| MqttError::TooLong(what))?;

    to.extend(length.to_be_bytes());
    to.extend(text.as_bytes());
    Ok(())
}

/// 2.2.3: the length in groups of seven bits, the lowest first.
fn packet(first: u8, rest: &[u8]) -> Result<Vec<u8>, MqttError> {
    if rest.len() > MOST_SENT {
        return Err(MqttError::TooLong("the packet"));
    }
    let mut packet = vec![first];
    let mut length = rest.len();
    loop {
        let low = u8::try_from(length % 128).unwrap_or(0);
        length /= 128;
        packet.push(if length > 0 { low | 0x80 } else { low });
        if length == 0 {
            break;
        }
    }
    packet.extend(rest);
    Ok(packet)
}

/// 3.2.2.3.
const fn refusal(code: u8) -> &'static str {
    match code {
        1 => "it does not speak MQTT 3.1.1",
        2 => "the name of the client is not allowed",
        3 => "it is not available",
        4 => "wrong user or password",
        5 => "not authorized",
        _ => "for a reason of its own",
    }
}

#[cfg(test)]
mod tests;
