//! Time stamps of the chain's head, by an authority on loopback that `openssl ts` plays.

use std::fs;
use std::io::{Read as _, Write as _, stderr};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::home::{Home, PERIOD};
use super::with;

const AUTHORITY: &str = "\
[req]
distinguished_name = dn
x509_extensions = ext
prompt = no
[dn]
CN = authority of a test
[ext]
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = one
[one]
serial = serial
signer_cert = tsa.pem
signer_key = tsa.key
signer_digest = sha256
certs = tsa.pem
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_chain = no
ess_cert_id_alg = sha256
";

fn openssl(folder: &Path, arguments: &str) -> Option<bool> {
    let words = arguments.split(' ');
    let said = Command::new("openssl").args(words).current_dir(folder).output().ok()?;
    Some(said.status.success())
}

/// Makes the authority; `None`: there is no openssl.
fn authority(folder: &Path) -> Option<()> {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("tsa.cnf"), AUTHORITY).unwrap();
    fs::write(folder.join("serial"), "01\n").unwrap();
    let made = openssl(
        folder,
        "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout tsa.key -out tsa.pem \
         -days 30 -config tsa.cnf",
    );
    if made.is_none() {
        writeln!(stderr(), "skipped: there is no openssl").expect("standard error takes a line");
    }
    made.map(|made| assert!(made))
}

/// Answers this many requests, each with what `answer` makes of its body.
fn serve(
    requests: usize,
    answer: impl Fn(&[u8]) -> Vec<u8> + Send + 'static,
) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsr", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            let body = loop {
                let mut piece = [0; 4_096];
                let n = stream.read(&mut piece).unwrap();
                request.extend_from_slice(&piece[..n]);
                let text = String::from_utf8_lossy(&request).into_owned();
                let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
                let length = text.lines().find_map(|line| line.strip_prefix("content-length: "));
                let length: usize = length.unwrap().trim().parse().unwrap();
                if request.len() >= end + 4 + length {
                    assert!(text.starts_with("POST /tsr HTTP/1.1\r\n"), "{text}");
                    assert!(
                        text.contains("content-type: application/timestamp-query\r\n"),
                        "{text}"
                    );
                    break request[end + 4..].to_vec();
                }
            };
            let answer = answer(&body);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\r\n",
                answer.len()
            );
            stream.write_all(&[head.as_bytes(), &answer].concat()).unwrap();
        }
    });
    (url, thread)
}

/// The authority's answer.
fn reply(folder: PathBuf) -> impl Fn(&[u8]) -> Vec<u8> + Send + 'static {
    move |query| {
        fs::write(folder.join("q.tsq"), query).unwrap();
        assert!(openssl(&folder, "ts -reply -config tsa.cnf -queryfile q.tsq -out r.tsr").unwrap());
        fs::read(folder.join("r.tsr")).unwrap()
    }
}

#[test]
fn a_time_stamp_of_the_head_is_stored_packed_and_verified_by_others() {
    let home = Home::recorded();
    let folder = home.path("authority");
    let Some(()) = authority(&folder) else { return };
    let (url, thread) = serve(2, reply(folder.clone()));
    let url: &'static str = url.leak();
    let said = home.data(&["--db", "a.db", "stamp", "--url", url, "-o", "head.tsr"]);
    let head = said.split("head ").nth(1).unwrap().split(',').next().unwrap();
    assert!(
        said.starts_with("entry 1, head ") && said.ends_with(&format!(" by {url}\n")),
        "{said}"
    );
    let verify = |digest: &str, token: &Path| {
        let token = token.display();
        openssl(&folder, &format!("ts -verify -digest {digest} -in {token} -CAfile tsa.pem"))
            .unwrap()
    };
    assert!(verify(head, &home.path("head.tsr")));
    assert!(!verify(&"0".repeat(64), &home.path("head.tsr")));
    assert_eq!(home.data(&["--db", "a.db", "stamp", "--list"]), said);
    assert!(home.data(&["--db", "a.db", "verify"]).contains(&format!("stamp     {said}")));

    // The configuration names the authority, too.
    home.write("linkmon.toml", &format!("[evidence]\ntimestamp = \"{url}\"\n"));
    home.data(&["--config", "linkmon.toml", "--db", "a.db", "stamp"]);
    thread.join().unwrap();

    home.data(&with(&["--db", "a.db", "report", "-o", "a.zip"], &PERIOD));
    let unpacked = home.path("unpacked");
    super::evidence::unpack(&home.path("a.zip"), &unpacked);
    assert_eq!(
        fs::read(unpacked.join("stamp-1.tsr")).unwrap(),
        fs::read(home.path("head.tsr")).unwrap()
    );
    if let Some((is_right, said)) = super::evidence::python(&unpacked, &[]) {
        assert!(is_right && said.contains("stamp-1.tsr of 20") && said.contains(head), "{said}");
    }

    // A stamp of a chain that was made again since.
    let db = rusqlite::Connection::open(home.path("a.db")).unwrap();
    db.execute("UPDATE stamp SET head = zeroblob(32) WHERE rowid = 1", []).unwrap();
    let said = home.linkmon(&["verify", "a.db"]);
    assert_eq!(said.code, 1, "{said:?}");
    assert_eq!(said.stderr, "linkmon: a.db has time stamps of heads that its chain never had\n");
}

#[test]
fn what_is_no_time_stamp_is_refused_and_nothing_is_stored() {
    let home = Home::recorded();
    let said = home.complaint(2, &["--db", "a.db", "stamp"]);
    assert!(said.contains("no time-stamping authority is named"), "{said}");
    let answers: [&'static [u8]; 3] = [b"", b"<html>", &[0x30, 5, 0x30, 3, 2, 1, 2]];
    let asked = std::sync::atomic::AtomicUsize::new(0);
    let (url, thread) = serve(3, move |_| {
        answers[asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed)].to_vec()
    });
    let url: &'static str = url.leak();
    for why in ["the answer is no time stamp", "the answer is no time stamp", "it was refused"] {
        let said = home.complaint(1, &["--db", "a.db", "stamp", "--url", url]);
        assert!(
            said.contains(&format!("{url} gave no time stamp of this digest: {why}")),
            "{said}"
        );
    }
    thread.join().unwrap();
    let said = home.complaint(1, &["--db", "a.db", "stamp", "--url", url]);
    assert!(said.contains("did not answer"), "{said}");
    assert_eq!(
        home.complaint(1, &["--db", "a.db", "stamp", "--list"]),
        "linkmon: a.db has no time stamp\n"
    );
}
