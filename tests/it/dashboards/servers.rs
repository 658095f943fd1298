//! A Prometheus and a `VictoriaMetrics` on loopback, filled with samples of the past, and what they
//! answer.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Labels of a series, and its values by time in seconds.
pub(crate) type Answer = Vec<(BTreeMap<String, String>, BTreeMap<i64, f64>)>;

/// Samples of the past: a series as in `/metrics`, a time in seconds, a value.
#[derive(Default)]
pub(super) struct Samples(Vec<(String, i64, f64)>);

impl Samples {
    pub(super) fn put(&mut self, series: &str, at: i64, value: f64) {
        self.0.push((series.to_owned(), at, value));
    }
}

/// A server at work, ended with this value.
pub(super) struct FilledServer {
    pub(super) name: &'static str,
    port: u16,
    child: Child,
}

impl Drop for FilledServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl FilledServer {
    /// Prometheus with these samples in blocks.
    pub(super) fn prometheus(directory: &Path, samples: &Samples) -> Self {
        let (text, data) = (directory.join("samples.txt"), directory.join("blocks"));
        let mut lines = String::new();
        for (series, at, value) in &samples.0 {
            writeln!(lines, "{series} {value} {at}").expect("a string takes a line");
        }
        fs::write(&text, lines + "# EOF\n").expect("a file of samples");
        let output = Command::new("promtool")
            .args(["tsdb", "create-blocks-from", "--max-block-duration=168h", "openmetrics"])
            .args([&text, &data])
            .output()
            .expect("promtool runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let configuration = directory.join("prometheus.yml");
        fs::write(&configuration, "{}\n").expect("a configuration");
        let port = free_port();
        let mut command = Command::new("prometheus");
        command
            .arg(format!("--config.file={}", configuration.display()))
            .arg(format!("--storage.tsdb.path={}", data.display()))
            .arg("--storage.tsdb.retention.time=100y")
            .arg(format!("--web.listen-address=127.0.0.1:{port}"));
        Self::start("prometheus", port, &directory.join("prometheus.log"), command)
    }

    /// `VictoriaMetrics` with these samples.
    pub(super) fn victoria(directory: &Path, samples: &Samples) -> Self {
        let port = free_port();
        let mut command = Command::new("victoria-metrics");
        command
            .arg(format!("-storageDataPath={}", directory.join("victoria").display()))
            .arg(format!("-httpListenAddr=127.0.0.1:{port}"))
            .args(["-retentionPeriod=100y", "-search.latencyOffset=0s"]);
        let log = directory.join("victoria.log");
        let server = Self::start("victoria-metrics", port, &log, command);
        let mut lines = String::new();
        for (series, at, value) in &samples.0 {
            writeln!(lines, "{series} {value} {}", at * 1_000).expect("a string takes a line");
        }
        server.http("POST", "/api/v1/import/prometheus", &lines).expect("it takes the samples");
        server.http("GET", "/internal/force_flush", "").expect("it writes them");
        server
    }

    fn start(name: &'static str, port: u16, log: &Path, mut command: Command) -> Self {
        let log_file = File::create(log).expect("a file for its log");
        let child = command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log_file)
            .spawn()
            .unwrap_or_else(|why| panic!("{name} starts: {why}"));
        let server = Self { name, port, child };
        for _ in 0..300 {
            if server.query("vector(1)", 60, 120, 60).is_ok() {
                return server;
            }
            thread::sleep(Duration::from_millis(100));
        }
        panic!("{name} does not answer: {}", fs::read_to_string(log).unwrap_or_default());
    }

    fn http(&self, method: &str, path: &str, body: &str) -> io::Result<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        write!(stream, "{method} {path} HTTP/1.0\r\ncontent-length: {}\r\n\r\n{body}", body.len())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let (_, body) = answer.split_once("\r\n\r\n").ok_or(io::ErrorKind::InvalidData)?;
        Ok(body.to_owned())
    }

    fn query(&self, query: &str, from: i64, to: i64, step: i64) -> Result<Answer, String> {
        let query: String = query.bytes().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02x}");
            text
        });
        let path = format!(
            "/api/v1/query_range?nocache=1&query={query}&start={from}&end={to}&step={step}"
        );
        let body = self.http("GET", &path, "").map_err(|why| why.to_string())?;
        answer(&serde_json::from_str(&body).map_err(|_| body)?)
    }

    /// What the query finds at each step from one time to the other.
    #[track_caller]
    pub(super) fn ask(&self, query: &str, from: i64, to: i64, step: i64) -> Answer {
        self.query(query, from, to, step)
            .unwrap_or_else(|why| panic!("{}: {query}: {why}", self.name))
    }
}

/// The series of an answer to `query_range`.
///
/// # Errors
/// What the server says against the query.
pub(crate) fn answer(json: &Value) -> Result<Answer, String> {
    if json["status"] != "success" {
        return Err(json.to_string());
    }
    let series = json["data"]["result"].as_array().ok_or("no result")?;
    let read = |one: &Value| {
        let labels = one["metric"].as_object()?.iter();
        let labels = labels.map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned())));
        let values = one["values"].as_array()?.iter();
        #[allow(clippy::cast_possible_truncation, reason = "times are whole seconds here")]
        let values = values.map(|pair| {
            Some((pair[0].as_f64()?.round() as i64, pair[1].as_str()?.parse::<f64>().ok()?))
        });
        Some((labels.collect::<Option<_>>()?, values.collect::<Option<_>>()?))
    };
    series.iter().map(read).collect::<Option<_>>().ok_or_else(|| json.to_string())
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port on loopback");
    listener.local_addr().expect("it has an address").port()
}
