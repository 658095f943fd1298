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
