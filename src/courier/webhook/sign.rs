//! The signature of a request: an HMAC of its time and its body, by which a receiver knows that it comes
//! from one who has the key, as it is, and not long ago.

use std::fmt::Write as _;

use ring::hmac;

use crate::net::client::HttpRequest;
use crate::time::Timestamp;
use crate::vocabulary::Secret;

/// The request with `X-Linkmon-Timestamp`, seconds since 1970, and `X-Linkmon-Signature`, the HMAC-SHA256
/// (RFC 2104) of these seconds, a full stop and the body.
pub(super) fn signed(request: HttpRequest, secret: &Secret, now: Timestamp) -> HttpRequest {
    let seconds = now.as_millis().div_euclid(1_000).to_string();
    let body = request.posted.as_deref().unwrap_or_default();
    let signature = hex(secret.reveal().as_bytes(), &[seconds.as_bytes(), b".", body]);
    request
        .with("x-linkmon-timestamp", seconds)
        .with("x-linkmon-signature", format!("sha256={signature}"))
}

/// The HMAC-SHA256 of all parts, in hexadecimal digits.
fn hex(key: &[u8], parts: &[&[u8]]) -> String {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    context.sign().as_ref().iter().fold(String::new(), |mut text, octet| {
        // Fails only if memory does.
        let _ = write!(text, "{octet:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231, 4.3 and 4.7.
    #[test]
    fn the_signature_is_that_of_known_vectors() {
        assert_eq!(
            hex(b"Jefe", &[b"what do ya want ", b"for nothing?"]),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
        assert_eq!(
            hex(&[0xaa; 131], &[b"Test Using Larger Than Block-Size Key - Hash Key First"]),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        );
    }

    /// As docs/alerts.md has it: `printf '1675785600.{}' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn the_time_is_signed_with_the_body() {
        let at = |s| Timestamp::from_seconds(s);
        let key = Secret::new("key".to_owned());
        let sign = |now| signed(HttpRequest::post("/", "application/json", "{}"), &key, now);
        let field = |request: &HttpRequest, name: &str| {
            request.fields.iter().find(|(known, _)| known == name).unwrap().1.clone()
        };
        let first = sign(at(1_675_785_600));
        assert_eq!(field(&first, "x-linkmon-timestamp"), "1675785600");
        assert_eq!(
            field(&first, "x-linkmon-signature"),
            "sha256=74643f06b53759b9e8e0464db3c1fabafe710abf8eefc2aeb5135abfa5cdf711"
        );
        let later = sign(at(1_675_785_601));
        assert_ne!(field(&first, "x-linkmon-signature"), field(&later, "x-linkmon-signature"));
    }
}
