//! Each login against a modem on the loopback that checks what it is sent.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::*;
use crate::vocabulary::{ModemKind, Secret};
use std::time::Duration;

mod boxes;
mod hnap;
mod pages;
mod trouble;

/// A request as it came.
#[derive(Debug, Clone)]
struct Asked {
    /// `GET` or `POST`.
    method: String,
    path: String,
    /// By their names in lower case.
    fields: BTreeMap<String, String>,
    body: Vec<u8>,
}

impl Asked {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// A modem that answers one connection at a time, and what it was asked.
struct FakeModem {
    port: u16,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl FakeModem {
    fn new(answer: impl Fn(&Asked) -> Vec<u8> + Send + 'static) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                let Some(request) = read_request(&stream) else { continue };
                seen.lock().unwrap().push(request.clone());
                let _ = stream.write_all(&answer(&request));
            }
        });
        Self { port, asked }
    }

    fn access(&self, kind: Option<ModemKind>, password: Option<&str>) -> ModemAccess {
        ModemAccess {
            address: format!("http://127.0.0.1:{}", self.port),
            kind,
            user: None,
            password: password.map(|password| Secret::new(password.to_owned())),
        }
    }

    fn read(&self, kind: ModemKind, password: Option<&str>) -> ModemReading {
        self.read_first(kind, password, ModemWant::Everything)
    }

    fn read_first(&self, kind: ModemKind, password: Option<&str>, want: ModemWant) -> ModemReading {
        read_modem(&self.access(Some(kind), password), want)
    }

    /// `GET /path` of each request.
    fn paths(&self) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().map(|asked| format!("{} {}", asked.method, asked.path)).collect()
    }
}

fn read_request(stream: &TcpStream) -> Option<Asked> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).ok()?;
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next()?, words.next()?);
    let mut fields = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(':') else { break };
        fields.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let length = fields.get("content-length").and_then(|length| length.parse().ok());
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    assert_eq!(fields.get("connection").map(String::as_str), Some("close"));
    Some(Asked { method, path, fields, body })
}

fn answer(status: u16, fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head = format!("HTTP/1.1 {status} X\r\n{fields}Content-Length: {}\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn ok(body: impl AsRef<[u8]>) -> Vec<u8> {
    answer(200, "", body)
}

/// One channel of a TC4400.
const TC4400: &str = "<table><tr><th colspan=13>Downstream Channel Status</th></tr><tr>\
    <td class='hd'>Channel Index</td><td class='hd'>Channel ID</td><td class='hd'>Lock Status</td>\
    <td class='hd'>Channel Type</td><td class='hd'>Bonding Status</td>\
    <td class='hd'>Center Frequency</td><td class='hd'>Channel Width</td>\
    <td class='hd'>SNR/MER Threshold Value</td><td class='hd'>Received Level</td>\
    <td class='hd'>Modulation/Profile ID</td><td class='hd'>Unerrored Codewords</td>\
    <td class='hd'>Corrected Codewords</td><td class='hd'>Uncorrectable Codewords</td></tr>\
    <tr><td>1</td><td>5</td><td>Locked</td><td>SC-QAM</td><td>Bonded</td><td>578000000 Hz</td>\
    <td>8000000 Hz</td><td>38.5 dB</td><td>-0.1 dBmV</td><td>QAM256</td><td>77</td><td>3</td>\
    <td>2</td></tr></table>";

/// One channel of an SB8200.
const SB8200: &str = "<table><tr><th colspan=8>Downstream Bonded Channels</th></tr><tr>\
    <td>Channel ID</td><td>Lock Status</td><td>Modulation</td><td>Frequency</td><td>Power</td>\
    <td>SNR/MER</td><td>Corrected</td><td>Uncorrectables</td></tr><tr><td>5</td><td>Locked</td>\
    <td>QAM256</td><td>435000000 Hz</td><td>6.0 dBmV</td><td>43.0 dB</td><td>0</td><td>0</td></tr>\
    </table>";

/// A page that asks for a password.
const LOGIN: &str = "<html><form action=/x><input type=\"password\" name=\"pw\"></form></html>";
