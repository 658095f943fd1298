//! Messages of the kernel about links, addresses and routes.

use super::tests::{AF_INET, attribute, message};
use super::*;
use crate::fuzz::Fuzz;
use crate::probe::host::world::World;

fn link(index: u32, flags: u32, more: &[u8]) -> Vec<u8> {
    let mut body = vec![0, 0, 1, 0];
    body.extend(index.to_ne_bytes());
    body.extend(flags.to_ne_bytes());
    body.extend([0; 4]);
    body.extend(attribute(3, b"eth0\0"));
    body.extend(more);
    message(libc::RTM_NEWLINK, &body)
}

fn address() -> Vec<u8> {
    let mut body = vec![AF_INET, 24, 0, 0];
    body.extend(7_u32.to_ne_bytes());
    body.extend(attribute(1, &[192, 168, 1, 7]));
    body.extend(attribute(2, &[192, 168, 1, 7]));
    message(libc::RTM_NEWADDR, &body)
}

fn route() -> Vec<u8> {
    let mut body = vec![AF_INET, 0, 0, 0, 254, 4, 0, 1, 0, 0, 0, 0];
    body.extend(attribute(4, &7_u32.to_ne_bytes()));
    body.extend(attribute(5, &[192, 168, 1, 1]));
    // Several next hops, and a gateway of another family.
    let hop = [&[24, 0, 0, 0, 7, 0, 0, 0][..], &attribute(18, &[10; 6])].concat();
    body.extend(attribute(9, &hop));
    message(libc::RTM_NEWROUTE, &body)
}

fn valid() -> [Vec<u8>; 4] {
    let counters = [attribute(7, &[1; 96]), attribute(23, &[2; 200])].concat();
    [
        link(7, 0x1_0001, &[]),
        link(7, 0x1_0001, &counters),
        [address(), route()].concat(),
        dump_request(Objects::Links, 3),
    ]
}

#[test]
fn a_message_is_understood_the_same_whatever_follows_it() {
    Fuzz::new("netlink", valid()).bytes(|octets| {
        let mut world = World::default();
        let mut length = 0;
        for raw in messages(octets) {
            let _ = (raw.sequence(), raw.was_disturbed(), raw.part(), raw.counters("eth0"));
            let message = raw.understand();
            let own = usize::try_from(raw.0.length()).unwrap();
            let alone = &raw.0.into_inner()[..own];
            let again: Vec<_> = messages(alone).map(|raw| raw.understand()).collect();
            assert_eq!(again, std::slice::from_ref(&message));
            if let Some(message) = message {
                world.apply(&message);
            }
            length += own;
        }
        assert!(length <= octets.len(), "{length} octets of {}", octets.len());
        let _ = world.snapshot();
        length > 0
    });
}
