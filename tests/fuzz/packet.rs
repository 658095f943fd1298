//! ICMP messages: anybody on the way can send one.

use super::*;
use crate::fuzz::Fuzz;

const MARK: ProbeMark = ProbeMark { number: 0x0102_0304_0506_0708, nonce: u64::MAX };

#[test]
fn an_echo_that_is_read_is_what_was_sent() {
    let [v4, v6] = [IpVersion::V4, IpVersion::V6].map(|family| request(family, 7, u16::MAX, MARK));
    let answered = |mut octets: [u8; LENGTH], icmp_type: u8| {
        octets[0] = icmp_type;
        octets.to_vec()
    };
    let valid = [v4.to_vec(), v6.to_vec(), answered(v4, 0), answered(v6, 129)];
    Fuzz::new("packet", valid).bytes(|octets| {
        let mut accepted = false;
        for family in [IpVersion::V4, IpVersion::V6] {
            let [reply, quoted] = [parse_reply, parse_quoted_request].map(|p| p(family, octets));
            assert!(reply.is_none() || quoted.is_none(), "a request is no reply");
            let Some(echo) = reply.or(quoted) else { continue };
            accepted = true;
            let Some(mark) = echo.mark else { continue };
            let again = request(family, echo.ident, echo.sequence, mark);
            assert_eq!(again[4..], octets[4..LENGTH]);
        }
        accepted
    });
}

#[test]
fn what_follows_an_ip_header_lies_in_the_packet() {
    let mut packet = vec![0; 20];
    packet[0] = 0x45;
    packet.extend(request(IpVersion::V4, 1, 2, MARK));
    let mut with_options = packet.clone();
    with_options[0] = 0x46;
    with_options.splice(20..20, [1; 4]);
    Fuzz::new("header", [packet, with_options]).bytes(|octets| {
        let message = after_ip_header(octets);
        if let Some(message) = message {
            assert!(octets.ends_with(message) && message.len() + 20 <= octets.len());
        }
        message.is_some()
    });
}
