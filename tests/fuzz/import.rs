//! Records of other programs.

use std::fmt::Write as _;

use super::*;
use crate::fuzz::Fuzz;
use crate::vocabulary::{Outcome, PrivateAnchors, Waiting};

const PING: &str = "PING one.one.one.one (1.1.1.1) 56(84) bytes of data.\n\
    [1675785600.012000] 64 bytes from one.one.one.one (1.1.1.1): icmp_seq=1 ttl=57 time=12.0 ms\n\
    [1675785602.300000] no answer yet for icmp_seq=2\n\
    [1675785602.500000] From 192.168.1.1 icmp_seq=3 Destination Host Unreachable\n\
    [1675785605.024500] 64 bytes from one.one.one.one (1.1.1.1): icmp_seq=6 ttl=57 time=24.5 ms\n\
    \n--- one.one.one.one ping statistics ---\n\
    7 packets transmitted, 2 received, 71% packet loss, time 6007ms\n";
const FPING: &str = "[1675785600.01234] 1.1.1.1 : [0], 64 bytes, 12.3 ms (12.3 avg, 0% loss)\n\
    [1675785601.01234] 1.1.1.1 : [1], timed out (12.3 avg, 50% loss)\n\
    [1675785602.01234] 1.1.1.1 : [2], 64 bytes, 11.0 ms (11.6 avg, 33% loss)\n";
const CSV: &str = "time_unix_ms,target,rtt_us\n1675785600000,cloudflare,12345\n\
    1675785600500,\"a \"\"b\"\", c\",\n1675785601000,cloudflare,11.4\n";

const WINDOWS: &str = "Pinging one.one [1.1.1.1] with 32 bytes of data:\r\n\
    07.02.2023 16:00:00 Reply from 1.1.1.1: bytes=32 time=14ms TTL=57\r\n\
    07.02.2023 16:00:05 Request timed out.\r\n\
    07.02.2023 16:00:06 Reply from 192.168.1.1: Destination host unreachable.\r\n";
const STAMPED: &str = "Tue Feb  7 16:00:00 CET 2023: PING 1.1.1.1 (1.1.1.1): 56 data bytes\n\
    Tue Feb  7 16:00:00 CET 2023: 64 Bytes von 1.1.1.1: icmp_seq=0 ttl=57 Zeit=12.3 ms\n\
    [2023-02-07 16:00:02] Request timeout for icmp_seq 1\n\
    Feb 7 16:00:02 host ping[7]: 64 bytes from 1.1.1.1: icmp_seq=2 ttl=57 time=12.3 ms\n\
    16:00:04.5 no answer yet for icmp_seq=3\n";
const JSON: &str = "{\"resp\": {\"timestamp\": \"1675785600.04515\", \"host\": \"8.8.8.8\", \"seq\": 0, \"rtt\": 14.1}}\n\
    {\"timeout\": {\"timestamp\": \"2023-02-07T16:00:01+0000\", \"host\": \"8.8.8.8\", \"seq\": 1}}\n";
const PINGPLOTTER: &str = "\"Host Information\"\n1,192.168.1.1,router\n2,1.1.1.1,far\n\
    \"Sample Information\"\n\"2/13/2023 4:00:00 PM\",1,*\n\"2/13/2023 4:00:01 PM\",0.4,9\n";

fn import(text: &[u8], format: Format) -> Result<Vec<Series>, Error> {
    let mut importer = Importer::new(Waiting::default());
    importer.add("record", &mut &*text, format)?;
    importer.finish(&[], PrivateAnchors::Distrusted).map(|(series, _)| series)
}

/// Whether it was taken; where not, the error names the file and a line that it has.
fn check(text: &[u8], format: Format) -> bool {
    let series = match import(text, format) {
        Ok(series) => series,
        Err(Error::Line { file, line, message }) => {
            let lines = text.split(|&octet| octet == b'\n').count() as u64;
            assert!((1..=lines).contains(&line), "line {line} of {lines}: {message}");
            assert!(file == "record" && !message.is_empty());
            return false;
        }
        Err(error) => {
            assert!(error.to_string().contains("record"), "{error}");
            return false;
        }
    };
    assert!(!series.is_empty());
    for one in &series {
        let times: Vec<_> = one.outcomes().map(|(at, _)| at).collect();
        assert!(times.is_sorted_by(|a, b| a < b), "{times:?}");
        assert!(!times.is_empty() && times.iter().all(|at| lines::plausible(*at)), "{times:?}");
    }
    as_csv_again(&series);
    true
}

/// What a table can hold of it is the same when read from a table.
fn as_csv_again(series: &[Series]) {
    for one in series {
        let mut table = String::new();
        let mut expected = Vec::new();
        for (at, outcome) in one.outcomes() {
            let rtt = match &outcome {
                Outcome::Reply(reply) => reply.rtt.as_micros(),
                Outcome::Late { rtt } => rtt.as_micros(),
                Outcome::Lost => 0,
                _ => continue,
            };
            // A delay of nothing cannot be distinguished from a missing one.
            let is_lost = outcome == Outcome::Lost;
            if is_lost || rtt > 0 {
                let rtt = if is_lost { String::new() } else { rtt.to_string() };
                let name = one.name.replace('"', "\"\"");
                let _ = writeln!(table, "{},\"{name}\",{rtt}", at.as_millis());
                expected.push((at, outcome));
            }
        }
        if expected.is_empty() {
            continue;
        }
        let again = import(table.as_bytes(), Format::Csv).unwrap();
        assert_eq!(again.len(), 1);
        assert_eq!(again[0].name, one.name.trim());
        assert_eq!(again[0].outcomes().collect::<Vec<_>>(), expected);
    }
}

fn fuzz(name: &'static str, valid: &str, format: Format) {
    fuzz_costing(4, name, valid, format);
}

/// With fewer rounds where one costs more.
fn fuzz_costing(times: u32, name: &'static str, valid: &str, format: Format) {
    let words = [
        "[1675785600.012000] ",
        "time=",
        "icmp_seq=",
        "icmp_seq=65535",
        "1675785600000",
        "18446744073709551616",
        "-1",
        "0.0000000001",
        "\"",
        ",",
        "\n",
        "\u{feff}",
        ": [",
    ];
    let valid = [valid.as_bytes().to_vec()];
    Fuzz::new(name, valid).words(&words).costing(times).bytes(|text| {
        check(text, Format::Auto);
        check(text, format)
    });
}

#[test]
fn output_of_ping_is_taken_in_order_or_refused_with_its_line() {
    fuzz("ping", PING, Format::Ping);
}

#[test]
fn output_of_fping_is_taken_in_order_or_refused_with_its_line() {
    fuzz("fping", FPING, Format::Fping);
}

#[test]
fn ping_of_windows_is_taken_in_order_or_refused_with_its_line() {
    fuzz_costing(40, "windows", WINDOWS, Format::Ping);
}

#[test]
fn lines_with_any_time_before_them_are_taken_in_order_or_refused() {
    fuzz_costing(40, "stamped", STAMPED, Format::Ping);
    fuzz_costing(40, "json", JSON, Format::Fping);
}

#[test]
fn the_export_of_pingplotter_is_taken_in_order_or_refused() {
    fuzz_costing(40, "pingplotter", PINGPLOTTER, Format::Auto);
}

#[test]
fn tables_are_taken_in_order_or_refused_with_their_line() {
    fuzz("csv", CSV, Format::Csv);
}
