use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::*;
use crate::net::client::Trust;

const LIMIT: Duration = Duration::from_secs(10);

fn hello() -> MqttHello {
    MqttHello {
        client: "linkmon-1".to_owned(),
        login: Some(("me".to_owned(), "hunter2".to_owned())),
        will: ("linkmon/1/availability".to_owned(), "offline".to_owned()),
        keep_alive_s: 30,
    }
}

/// A broker that reads something and says this, once for each item, then closes; gives what it read.
fn broker(says: Vec<Vec<u8>>) -> (MqttBroker, std::thread::JoinHandle<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = HttpServer { https: false, host: "127.0.0.1".to_owned(), port };
    let thread = std::thread::spawn(move || {
        let mut stream = listener.accept().unwrap().0;
        let mut read = Vec::new();
        let mut buffer = [0; 4_096];
        for say in says {
            let n = stream.read(&mut buffer).unwrap_or(0);
            read.extend(&buffer[..n]);
            let _ = stream.write_all(&say);
        }
        let _ = stream.read_to_end(&mut read);
        read
    });
    (MqttBroker::new(server, HttpClient::new(Trust::KnownAuthorities, 0)), thread)
}

#[test]
fn a_publisher_connects_with_a_will_publishes_and_ends_in_order() {
    let says = vec![vec![0x20, 2, 0, 0], vec![0x40, 2, 0, 1], vec![0xd0, 0]];
    let (broker, thread) = broker(says);
    let mut connection = MqttConnection::open(&broker, &hello(), LIMIT).unwrap();
    connection.publish("a/b", "{}").unwrap();
    connection.ping().unwrap();
    connection.close();
    let mut expected = b"\x10\x45\x00\x04MQTT\x04\xee\x00\x1e\x00\x09linkmon-1".to_vec();
    expected.extend(b"\x00\x16linkmon/1/availability\x00\x07offline\x00\x02me\x00\x07hunter2");
    expected[1] = u8::try_from(expected.len() - 2).unwrap();
    expected.extend(b"\x33\x09\x00\x03a/b\x00\x01{}\xc0\x00\xe0\x00");
    assert_eq!(thread.join().unwrap(), expected);
}

#[test]
fn a_broker_that_refuses_closes_or_says_something_else_is_an_error_and_no_password_is_shown() {
    let refused = MqttError::Refused("wrong user or password");
    for (say, expected) in [
        (vec![0x20, 2, 0, 4], Some(refused)),
        (vec![0x20, 2, 0], None),
        (vec![0x20, 200], Some(MqttError::NotMqtt("a longer packet than was due"))),
        (vec![0x40, 2, 0, 0], Some(MqttError::NotMqtt("another packet than was due"))),
        (
            b"HTTP/1.1 400 Bad Request\r\n".to_vec(),
            Some(MqttError::NotMqtt("another packet than was due")),
        ),
        (Vec::new(), None),
    ] {
        let (broker, _) = broker(vec![say.clone()]);
        let limit = Duration::from_millis(300);
        let error = MqttConnection::open(&broker, &hello(), limit).unwrap_err();
        assert!(!error.to_string().contains("hunter2"), "{error}");
        if let Some(expected) = expected {
            assert_eq!(error, expected, "{say:?}");
        }
    }
    let server = HttpServer { https: false, host: "127.0.0.1".to_owned(), port: 1 };
    let nobody = MqttBroker::new(server, HttpClient::new(Trust::KnownAuthorities, 0));
    assert!(matches!(
        MqttConnection::open(&nobody, &hello(), LIMIT),
        Err(MqttError::NoConnection(client::Error::Refused(_)))
    ));
}

#[test]
fn an_acknowledgement_of_another_packet_ends_the_connection() {
    let (broker, _) = broker(vec![vec![0x20, 2, 0, 0], vec![0x40, 2, 0, 9]]);
    let mut connection = MqttConnection::open(&broker, &hello(), LIMIT).unwrap();
    assert_eq!(connection.publish("a", "b"), Err(MqttError::NotMqtt("of another packet")));
}

#[test]
fn lengths_are_in_groups_of_seven_bits() {
    for (length, bytes) in [
        (0, &[0][..]),
        (127, &[0x7f]),
        (128, &[0x80, 1]),
        (16_383, &[0xff, 0x7f]),
        (16_384, &[0x80, 0x80, 1]),
    ] {
        let packet = packet(CONNECT, &vec![0; length]).unwrap();
        assert_eq!(packet[1..packet.len() - length], *bytes, "{length}");
    }
    assert_eq!(packet(CONNECT, &vec![0; MOST_SENT + 1]), Err(MqttError::TooLong("the packet")));
    let long = "x".repeat(65_536);
    assert_eq!(publish_packet(&long, "", [0, 1]), Err(MqttError::TooLong("the topic")));
}
