//! nl80211 (linux/nl80211.h) as far as it shows a connection: which access point, how strong, how fast.
//! The dump of stations reads what the driver knows; it never makes it scan.

use std::time::Duration;

use netlink_packet_core::{NLM_F_DUMP, NLM_F_REQUEST, NetlinkHeader};
use nix::errno::Errno;

use super::asked::hardware;
use super::{DumpPart, Raw, attributes};

/// The family that knows the others, and its words.
const CONTROL: u16 = 0x10;
const GET_FAMILY: u8 = 3;
const FAMILY_ID: u16 = 1;
const FAMILY_NAME: u16 = 2;

const GET_STATION: u8 = 17;
const NEW_STATION: u8 = 19;
const IFINDEX: u16 = 3;
const MAC: u16 = 6;
const STATION_INFO: u16 = 21;
/// Within the station's information.
const SIGNAL: u16 = 7;
const TX_BITRATE: u16 = 8;
const CONNECTED_TIME: u16 = 16;
/// Within the bit rate, units of 100 kbit/s.
const BITRATE: u16 = 1;
const BITRATE32: u16 = 5;

/// What the kernel says of a station.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::probe::host) struct KernelStation {
    pub(in crate::probe::host) bssid: String,
    pub(in crate::probe::host) signal_dbm: Option<i8>,
    pub(in crate::probe::host) rate_kbps: Option<u32>,
    pub(in crate::probe::host) connected: Option<Duration>,
}

/// Asks for the number of the family nl80211.
pub(in crate::probe::host) fn family_request(sequence: u32) -> Vec<u8> {
    message(CONTROL, NLM_F_REQUEST, sequence, GET_FAMILY, &attribute(FAMILY_NAME, b"nl80211\0"))
}

/// Asks for the stations of an interface.
pub(in crate::probe::host) fn stations_request(family: u16, index: u32, sequence: u32) -> Vec<u8> {
    let of = attribute(IFINDEX, &index.to_ne_bytes());
    message(family, NLM_F_REQUEST | NLM_F_DUMP, sequence, GET_STATION, &of)
}

/// A message of generic netlink.
fn message(kind: u16, flags: u16, sequence: u32, command: u8, attributes: &[u8]) -> Vec<u8> {
    let mut header = NetlinkHeader::default();
    let start = netlink_packet_core::Emitable::buffer_len(&header);
    let mut octets = vec![0; start];
    octets.extend([command, 1, 0, 0]);
    octets.extend(attributes);
    header.length = u32::try_from(octets.len()).unwrap_or(u32::MAX);
    (header.message_type, header.flags, header.sequence_number) = (kind, flags, sequence);
    netlink_packet_core::Emitable::emit(&header, &mut octets);
    octets
}

fn attribute(kind: u16, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(4 + value.len()).unwrap_or(u16::MAX);
    let mut octets = [length.to_ne_bytes(), kind.to_ne_bytes()].concat();
    octets.extend(value);
    octets.resize(octets.len().next_multiple_of(4), 0);
    octets
}

impl Raw<'_> {
    /// The number in an answer to [`family_request`].
    pub(in crate::probe::host) fn family(&self) -> Option<u16> {
        let body = self.generic(CONTROL)?.1;
        let mut ids = attributes(body).filter(|attribute| attribute.kind() == FAMILY_ID);
        Some(u16::from_ne_bytes(ids.next()?.value().try_into().ok()?))
    }

    /// The station in a part of the answer to [`stations_request`].
    pub(in crate::probe::host) fn station(&self, family: u16) -> Option<KernelStation> {
        let (NEW_STATION, body) = self.generic(family)? else { return None };
        let mut bssid = None;
        let mut station = KernelStation {
            bssid: String::new(),
            signal_dbm: None,
            rate_kbps: None,
            connected: None,
        };
        for attribute in attributes(body) {
            match attribute.kind() {
                MAC => bssid = hardware(attribute.value()),
                STATION_INFO => station.take_info(attribute.value()),
                _ => {}
            }
        }
        station.bssid = bssid?;
        Some(station)
    }

    /// Command and attributes of a message of this family.
    fn generic(&self, family: u16) -> Option<(u8, &[u8])> {
        let is_of_it = self.0.message_type() == family && self.part() == DumpPart::Object;
        let (header, body) = self.body().split_first_chunk::<4>().filter(|_| is_of_it)?;
        Some((header[0], body))
    }

    /// Why the kernel refused to answer.
    pub(in crate::probe::host) fn refusal(&self) -> Option<Errno> {
        match self.part() {
            DumpPart::Refused(why) => Some(why),
            DumpPart::Object | DumpPart::Done => None,
        }
    }
}

impl KernelStation {
    fn take_info(&mut self, info: &[u8]) {
        for attribute in attributes(info) {
            let value = attribute.value();
            match attribute.kind() {
                SIGNAL => {
                    let dbm = value.first().map(|octet| i8::from_ne_bytes([*octet]));
                    // The kernel has no signal of 0 dBm or more.
                    self.signal_dbm = dbm.filter(|dbm| *dbm < 0);
                }
                TX_BITRATE => self.rate_kbps = rate(value),
                CONNECTED_TIME => {
                    let seconds = value.try_into().ok().map(u32::from_ne_bytes);
                    self.connected = seconds.map(|seconds| Duration::from_secs(seconds.into()));
                }
                _ => {}
            }
        }
    }
}

/// A bit rate in kbit/s: the one of 32 bits where there is one.
fn rate(info: &[u8]) -> Option<u32> {
    let (mut wide, mut narrow) = (None, None);
    for attribute in attributes(info) {
        let value = attribute.value();
        match attribute.kind() {
            BITRATE32 => wide = value.try_into().ok().map(u32::from_ne_bytes),
            BITRATE => narrow = value.try_into().ok().map(|v| u32::from(u16::from_ne_bytes(v))),
            _ => {}
        }
    }
    wide.or(narrow).filter(|rate| *rate > 0).map(|rate| rate.saturating_mul(100))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::messages;
    use super::*;

    const FAMILY: u16 = 34;

    /// A station as a laptop's driver reports it: 52 octets of other attributes left out.
    fn station(mac: &[u8], info: &[Vec<u8>]) -> Vec<u8> {
        let body = [
            attribute(IFINDEX, &3_u32.to_ne_bytes()),
            attribute(MAC, mac),
            attribute(46, &7_u32.to_ne_bytes()),
            // Nested, with the flag that says so.
            attribute(STATION_INFO | 0x8000, &info.concat()),
        ];
        message(FAMILY, 2, 7, NEW_STATION, &body.concat())
    }

    fn info() -> Vec<Vec<u8>> {
        let rate = [
            attribute(BITRATE, &54_u16.to_ne_bytes()),
            attribute(BITRATE32, &8_667_u32.to_ne_bytes()),
        ];
        vec![
            attribute(1, &40_u32.to_ne_bytes()),
            attribute(SIGNAL, &[(-61_i8).to_ne_bytes()[0]]),
            attribute(TX_BITRATE | 0x8000, &rate.concat()),
            attribute(CONNECTED_TIME, &3_600_u32.to_ne_bytes()),
        ]
    }

    fn read(octets: &[u8]) -> Option<KernelStation> {
        messages(octets).next()?.station(FAMILY)
    }

    #[test]
    fn a_station_has_its_access_point_signal_rate_and_age() {
        let expected = KernelStation {
            bssid: "02:11:22:33:44:55".to_owned(),
            signal_dbm: Some(-61),
            rate_kbps: Some(866_700),
            connected: Some(Duration::from_secs(3_600)),
        };
        let octets = station(&[2, 0x11, 0x22, 0x33, 0x44, 0x55], &info());
        assert_eq!(read(&octets), Some(expected));
        assert_eq!(messages(&octets).next().unwrap().station(FAMILY + 1), None);
    }

    #[test]
    fn what_a_driver_does_not_know_is_not_known() {
        let bare = read(&station(&[2, 0, 0, 0, 0, 1], &[])).unwrap();
        assert_eq!((bare.signal_dbm, bare.rate_kbps, bare.connected), (None, None, None));
        assert_eq!(read(&station(&[0; 6], &info())), None, "no access point");
        let odd =
            [attribute(SIGNAL, &[]), attribute(TX_BITRATE, &[1]), attribute(CONNECTED_TIME, &[1])];
        let bare = read(&station(&[2, 0, 0, 0, 0, 1], &odd)).unwrap();
        assert_eq!((bare.signal_dbm, bare.rate_kbps, bare.connected), (None, None, None));
    }

    #[test]
    fn the_family_is_found_by_its_name() {
        let request = family_request(3);
        assert_eq!(request[..16], [32, 0, 0, 0, 0x10, 0, 1, 0, 3, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(&request[16..], [&[3, 1, 0, 0, 12, 0, 2, 0][..], b"nl80211\0"].concat());
        let body =
            [attribute(FAMILY_NAME, b"nl80211\0"), attribute(FAMILY_ID, &FAMILY.to_ne_bytes())];
        let answer = message(CONTROL, 0, 3, 1, &body.concat());
        assert_eq!(messages(&answer).next().unwrap().family(), Some(FAMILY));
    }

    proptest! {
        #[test]
        fn no_damage_makes_the_reader_panic(at in 0_usize..120, octet: u8, cut in 0_usize..140) {
            let mut octets = station(&[2, 0, 0, 0, 0, 1], &info());
            if let Some(hit) = octets.get_mut(at) {
                *hit = octet;
            }
            octets.truncate(cut);
            for raw in messages(&octets) {
                let _ = (raw.station(FAMILY), raw.family(), raw.refusal());
            }
        }

        #[test]
        fn no_octets_make_the_reader_panic(octets in prop::collection::vec(any::<u8>(), 0..200)) {
            for kind in [CONTROL, FAMILY] {
                let whole = message(kind, 2, 7, NEW_STATION, &octets);
                for raw in messages(&whole) {
                    let _ = (raw.station(FAMILY), raw.family());
                }
            }
        }
    }
}
