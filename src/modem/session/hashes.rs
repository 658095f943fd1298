//! The hashes that logins are made of.

use std::fmt::Write as _;
use std::num::NonZeroU32;

use md5::{Digest as _, Md5};
use ring::{hmac, pbkdf2};

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The bytes of hexadecimal digits of either case. `None` where it is none.
pub(super) fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text
        .chars()
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

/// MD5 in lower-case hexadecimal.
pub(super) fn md5_hex(data: &[u8]) -> String {
    hex(&Md5::digest(data))
}

/// With which hash the messages of HNAP are signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Signer {
    /// HMAC-MD5.
    Md5,
    /// HMAC-SHA-256.
    Sha256,
}

impl Signer {
    /// The HMAC in upper-case hexadecimal.
    pub(super) fn sign(self, key: &str, message: &str) -> String {
        let signed = match self {
            Self::Md5 => hex(&hmac_md5(key.as_bytes(), message.as_bytes())),
            Self::Sha256 => {
                let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
                hex(hmac::sign(&key, message.as_bytes()).as_ref())
            }
        };
        signed.to_ascii_uppercase()
    }
}

/// RFC 2104 over MD5, whose blocks are of 64 bytes.
fn hmac_md5(key: &[u8], message: &[u8]) -> [u8; 16] {
    let mut block = [0; 64];
    if key.len() > block.len() {
        block[..16].copy_from_slice(&Md5::digest(key));
    } else {
        block[..key.len()].copy_from_slice(key);
    }
    let pad = |byte: u8| block.map(|b| b ^ byte);
    let inner = Md5::new().chain_update(pad(0x36)).chain_update(message).finalize();
    Md5::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

/// PBKDF2 with HMAC-SHA-256, 32 bytes. `None` for no iteration.
pub(super) fn pbkdf2(secret: &[u8], salt: &[u8], iterations: u32) -> Option<[u8; 32]> {
    let mut derived = [0; 32];
    let iterations = NonZeroU32::new(iterations)?;
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt, secret, &mut derived);
    Some(derived)
}

/// A value of a form or a query: all but letters, digits and `-._~` as `%xx`.
pub(super) fn url_encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_those_of_the_standards() {
        // RFC 1321, A.5; RFC 2202, 2: cases 1, 2 and 6; RFC 4231, 4.3.
        assert_eq!(md5_hex(b"message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
        assert_eq!(hex(&hmac_md5(&[0x0b; 16], b"Hi There")), "9294727a3638bb1c13f48ef8158bfc9d");
        let jefe = "what do ya want for nothing?";
        assert_eq!(Signer::Md5.sign("Jefe", jefe), "750C783E6AB0B503EAA86E310A5DB738");
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(hex(&hmac_md5(&[0xaa; 80], long)), "6b1ab7fe4bd7bf8f0b62e6ce61b9d0cd");
        assert_eq!(
            Signer::Sha256.sign("Jefe", jefe),
            "5BDCC146BF60754E6A042426089575C75A003F089D2739839DEC58B964EC3843"
        );
        // RFC 7914, 11.
        let derived = pbkdf2(b"passwd", b"salt", 1).unwrap();
        assert_eq!(
            hex(&derived),
            "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"
        );
        assert_eq!(pbkdf2(b"passwd", b"salt", 0), None);
    }

    #[test]
    fn digits_and_forms_are_written_and_read() {
        assert_eq!(unhex("5A1711ff"), Some(vec![0x5a, 0x17, 0x11, 0xff]));
        assert_eq!((unhex("5A1"), unhex("xy"), unhex("")), (None, None, Some(vec![])));
        assert_eq!(url_encoded("a b&c=\u{e4}+~"), "a%20b%26c%3D%C3%A4%2B~");
    }
}
