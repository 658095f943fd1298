//! Time stamps (RFC 3161): a digest is sent to an authority, which signs that it saw it, and when.
//!
//! The answer is kept as it comes; of it only the status, the digest, the nonce and the time are read.
//! Whether the signature is right is for those to check who have the authority's certificate:
//! `openssl ts -verify`.

use std::time::Duration;

use crate::net::client::{Error, HttpClient, HttpRequest, HttpServer, Trust};
use crate::time::Timestamp;
use crate::vocabulary::Url;

/// How long a whole exchange may take.
const LIMIT: Duration = Duration::from_secs(30);
/// Larger than any time stamp with its certificates.
const LARGEST: usize = 64 * 1024;

/// `2.16.840.1.101.3.4.2.1`, SHA-256.
const SHA256: [u8; 11] = [6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
/// `1.2.840.113549.1.9.16.1.4`, the type of what a time stamp's signature covers.
const TST_INFO: [u8; 13] = [6, 11, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9, 16, 1, 4];

/// What an authority answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimeStamp {
    /// Its answer as it was received, a `TimeStampResp`.
    pub token: Vec<u8>,
    /// When it was made (`genTime`); `None` where that is in no form that is known.
    pub at: Option<Timestamp>,
}

/// Why there is no time stamp.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AuthorityError {
    /// The name of the authority has no address.
    #[error("{0} has no address at present")]
    NoAddress(String),
    /// It did not answer, or not with HTTP.
    #[error("{url} did not answer: {why}")]
    NoAnswer {
        /// The authority.
        url: String,
        /// What happened.
        why: String,
    },
    /// Another status than 200.
    #[error("{url} answered with HTTP status {status}")]
    Status {
        /// The authority.
        url: String,
        /// The status.
        status: u16,
    },
    /// It refused, or answered something else.
    #[error("{url} gave no time stamp of this digest: {why}")]
    Wrong {
        /// The authority.
        url: String,
        /// What is wrong with its answer.
        why: &'static str,
    },
}

/// Asks the authority at `url` for a time stamp of a SHA-256 `digest`. Waits for it, 30 s at most.
///
/// # Errors
/// If it does not answer, or with anything but a time stamp of this digest and `nonce`.
pub fn time_stamp(url: &Url, digest: [u8; 32], nonce: u64) -> Result<TimeStamp, AuthorityError> {
    let name = url.to_string();
    let server = HttpServer { https: url.https, host: url.host.clone(), port: url.port };
    let asked = HttpRequest::post(&*url.path, "application/timestamp-query", query(digest, nonce));
    let answer = HttpClient::new(Trust::KnownAuthorities, LARGEST).ask(&server, &asked, LIMIT);
    let answer = answer.map_err(|e| match e {
        Error::NoAddress(host) => AuthorityError::NoAddress(host),
        e => AuthorityError::NoAnswer { url: name.clone(), why: e.to_string() },
    })?;
    let (status, token) = (answer.status, answer.body);
    if status != 200 {
        return Err(AuthorityError::Status { url: name, status });
    }
    let at =
        check(&token, digest, nonce).map_err(|why| AuthorityError::Wrong { url: name, why })?;
    Ok(TimeStamp { token, at })
}

/// An element of DER with content of less than 128 octets.
fn element(tag: u8, content: &[&[u8]]) -> Vec<u8> {
    let content = content.concat();
    let length = u8::try_from(content.len()).unwrap_or(0);
    [&[tag, length][..], &content].concat()
}

/// `TimeStampReq`: version 1, the digest, a nonce, and that the certificate is to be in the answer.
fn query(digest: [u8; 32], nonce: u64) -> Vec<u8> {
    let algorithm = element(0x30, &[&SHA256, &[5, 0]]);
    let imprint = element(0x30, &[&algorithm, &element(4, &[&digest])]);
    element(0x30, &[&[2, 1, 1], &imprint, &integer(nonce), &[1, 1, 0xff]])
}

/// A number without a leading zero, and not negative.
fn integer(number: u64) -> Vec<u8> {
    let bytes = number.to_be_bytes();
    let first = bytes.iter().position(|byte| *byte != 0).unwrap_or(7);
    let sign: &[u8] = if bytes[first] & 0x80 == 0 { &[] } else { &[0] };
    element(2, &[sign, &bytes[first..]])
}

/// Tag, content, and what follows.
fn read(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&[tag, short], rest) = der.split_first_chunk::<2>()?;
    let (length, rest) = if short < 0x80 {
        (usize::from(short), rest)
    } else {
        let (bytes, rest) = rest.split_at_checked(usize::from(short & 0x7f))?;
        if bytes.len() > 4 {
            return None;
        }
        (bytes.iter().fold(0, |n, byte| n << 8 | usize::from(*byte)), rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

const NOT_ONE: &str = "the answer is no time stamp";

/// The SHA-256 that a time stamp is of; `None`: it is none, or of another digest. Its signature is not
/// checked.
pub fn stamped_digest(token: &[u8]) -> Option<[u8; 32]> {
    let (_, response, _) = read(token).filter(|(tag, ..)| *tag == 0x30)?;
    let fields = stamp_fields(response).ok()?;
    let (_, imprint) = fields.get(2)?;
    let (_, algorithm, hashed) = read(imprint)?;
    let (_, hashed, _) = read(hashed)?;
    algorithm.starts_with(&SHA256).then(|| hashed.try_into().ok()).flatten()
}

/// The fields of what was signed.
fn stamp_fields(signed: &[u8]) -> Result<Vec<(u8, &[u8])>, &'static str> {
    // ContentInfo ... EncapsulatedContentInfo { id-ct-TSTInfo, [0] { OCTET STRING { TSTInfo } } }
    let mark = signed.windows(TST_INFO.len()).position(|window| window == TST_INFO);
    let info = mark.and_then(|at| {
        let (_, explicit, _) = read(&signed[at + TST_INFO.len()..])?;
        let (_, octets, _) = read(explicit)?;
        Some(read(octets)?.1)
    });
    let mut fields = Vec::new();
    let mut rest = info.ok_or(NOT_ONE)?;
    while let Some((tag, content, behind)) = read(rest) {
        fields.push((tag, content));
        rest = behind;
    }
    Ok(fields)
}

/// Whether an answer is a time stamp of this digest and nonce; gives its time.
fn check(token: &[u8], digest: [u8; 32], nonce: u64) -> Result<Option<Timestamp>, &'static str> {
    let (_, response, _) = read(token).filter(|(tag, ..)| *tag == 0x30).ok_or(NOT_ONE)?;
    let (_, status, signed) = read(response).ok_or(NOT_ONE)?;
    match read(status) {
        Some((2, [0 | 1], _)) => {}
        Some((2, ..)) => return Err("it was refused"),
        _ => return Err(NOT_ONE),
    }
    let fields = stamp_fields(signed)?;
    let [_version, _policy, (_, imprint), _serial, (0x18, time), optional @ ..] = fields.as_slice()
    else {
        return Err(NOT_ONE);
    };
    let (_, algorithm, hashed) = read(imprint).ok_or(NOT_ONE)?;
    if !algorithm.starts_with(&SHA256) || read(hashed).is_none_or(|(_, hashed, _)| hashed != digest)
    {
        return Err("it is of another digest");
    }
    let expected = integer(nonce);
    let same_nonce = |(tag, content): &(u8, &[u8])| *tag == 2 && *content == &expected[2..];
    if !optional.iter().any(same_nonce) {
        return Err("it answers another request");
    }
    Ok(generalized_time(time))
}

/// `20261130072122Z`, `20261130072122.5Z`.
fn generalized_time(text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let at = jiff::civil::DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    let at = jiff::tz::TimeZone::UTC.to_timestamp(at).ok()?;
    let micros: String = fraction.chars().chain("000000".chars()).take(6).collect();
    Some(Timestamp::from_micros(at.as_microsecond()).plus_micros(micros.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_the_one_that_openssl_makes() {
        // openssl ts -query -digest 00..1f -sha256 -cert, with a nonce of 0x8000000000000001.
        let digest = std::array::from_fn(|n| u8::try_from(n).unwrap());
        let query = query(digest, 0x8000_0000_0000_0001);
        let hex = query.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
        assert_eq!(
            hex,
            "3044020101\
             3031300d060960864801650304020105000420\
             000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\
             0209008000000000000001\
             0101ff"
                .replace(' ', "")
        );
        assert_eq!(
            (integer(0), integer(127), integer(128)),
            (vec![2, 1, 0], vec![2, 1, 127], vec![2, 2, 0, 128])
        );
    }

    #[test]
    fn times_are_read_with_and_without_fractions() {
        let at = |text: &str| generalized_time(text.as_bytes()).map(|at| at.to_string());
        assert_eq!(at("20261130072122Z").as_deref(), Some("2026-11-30T07:21:22.000Z"));
        assert_eq!(at("20261130072122.5Z").as_deref(), Some("2026-11-30T07:21:22.500Z"));
        for odd in ["", "Z", "20261130Z", "20261330072122Z", "20261130072122", "2026113007212z"] {
            assert_eq!(at(odd), None, "{odd}");
        }
    }

    #[test]
    fn what_is_no_time_stamp_is_refused_without_a_panic() {
        let mut random = fastrand::Rng::with_seed(3);
        for length in 0..400 {
            let mut bytes: Vec<u8> = (0..length).map(|_| random.u8(..)).collect();
            assert!(check(&bytes, [1; 32], 5).is_err());
            for (at, byte) in [0x30, 0x82, 1, 0, 0x30, 3, 2, 1, 0].into_iter().enumerate() {
                if let Some(place) = bytes.get_mut(at) {
                    *place = byte;
                }
            }
            if bytes.len() > 60 {
                bytes[20..33].copy_from_slice(&TST_INFO);
            }
            assert!(check(&bytes, [1; 32], 5).is_err());
        }
        let refused = [0x30, 5, 0x30, 3, 2, 1, 2];
        assert_eq!(check(&refused, [1; 32], 5), Err("it was refused"));
    }
}
