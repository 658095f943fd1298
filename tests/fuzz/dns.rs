//! Answers of name servers, and names that are asked for.

use super::tests::respond;
use super::*;
use crate::fuzz::Fuzz;

const ID: u16 = 0x4711;
const NAME: &str = "www.example.com";

#[test]
fn an_answer_that_is_taken_is_to_our_question_and_bounded() {
    let query = build(ID, NAME, TYPE::A).unwrap();
    let valid = [
        respond(&query, RCODE::NoError, &[[192, 0, 2, 1], [192, 0, 2, 2]]),
        respond(&query, RCODE::NameError, &[]),
        respond(&query, RCODE::NoError, &[[10, 0, 0, 1]; 20]),
    ];
    Fuzz::new("dns", valid).bytes(|octets| {
        let answer = understand(octets, ID, NAME, TYPE::A);
        if let Some(answer) = &answer {
            assert_eq!(octets[..2], ID.to_be_bytes());
            assert!(octets[2] & 0x80 != 0, "it is a response");
            assert!(answer.addresses.len() <= 16, "{answer:?}");
            assert_eq!(answer.ttl.is_some(), !answer.addresses.is_empty(), "{answer:?}");
            assert_eq!(answer.rtt, Duration::ZERO);
        }
        answer.is_some()
    });
}

#[test]
fn a_name_that_can_be_asked_for_is_the_one_in_the_question() {
    let valid = [NAME, ".", "a.b"].map(|name| name.as_bytes().to_vec());
    Fuzz::new("name", valid).words(&["..", "xn--", "\\", "é"]).text(|name| {
        let query = build(ID, name, TYPE::A);
        if let Some(query) = &query {
            let packet = Packet::parse(query).unwrap();
            assert_eq!((packet.id(), packet.questions.len()), (ID, 1));
            assert!(same_name(&packet.questions[0].qname.to_string(), name), "{name:?}");
        }
        query.is_some()
    });
}
