use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

use proptest::prelude::*;

use super::importer::ProbeResult;
use super::*;
use crate::time::Timestamp;
use crate::vocabulary::{Outcome, PrivateAnchors, Role, TargetId, Unreachable, Waiting};

mod damage;
mod forms;
mod languages;
mod roles;
mod silence;
mod zones;

const T: i64 = 1_675_785_600_000;

fn import(text: &str, format: Format) -> Result<Vec<Series>, Error> {
    let mut importer = Importer::new(Waiting::default());
    importer.add("record", &mut text.as_bytes(), format)?;
    importer.finish(&[], PrivateAnchors::Distrusted).map(|(series, _)| series)
}

/// The series of a file, with what the user says of it.
fn import_with(text: &[u8], options: ImportOptions) -> Result<(Vec<Series>, Vec<String>), Error> {
    let mut importer = Importer::with(Waiting::default(), options);
    importer.add("record", &mut &*text, Format::Auto)?;
    let notices = importer.notices();
    let (series, _) = importer.finish(&[], PrivateAnchors::Distrusted)?;
    Ok((series, notices))
}

fn read(text: &str) -> Series {
    let mut all = import(text, Format::Auto).unwrap();
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

fn complaint(text: &str) -> String {
    import(text, Format::Auto).unwrap_err().to_string()
}

/// Milliseconds since T, and one letter: `.` reply, `x` lost, `u` unreachable, `l` late.
fn picture(series: &Series) -> Vec<(i64, char)> {
    let letter = |outcome: &Outcome| match outcome {
        Outcome::Reply(_) => '.',
        Outcome::Late { .. } => 'l',
        Outcome::Lost => 'x',
        Outcome::Unreachable(_) => 'u',
        other => panic!("{other:?}"),
    };
    series.outcomes().map(|(at, outcome)| (at.as_millis() - T, letter(&outcome))).collect()
}

fn nth(series: &Series, n: usize) -> Outcome {
    series.outcomes().nth(n).unwrap().1
}

#[test]
fn a_table_is_read_with_and_without_a_header() {
    let rows =
        format!("{T},cloudflare,12345\n{},cloudflare,\n{},cloudflare,11\n", T + 500, T + 1_000);
    let series = read(&rows);
    assert_eq!(series.name, "cloudflare");
    assert_eq!(series.address, "cloudflare");
    assert_eq!(series.role, Role::Anchor);
    assert_eq!(series.interval, Duration::from_millis(500));
    assert_eq!(picture(&series), [(0, '.'), (500, 'x'), (1_000, '.')]);
    assert_eq!(nth(&series, 0), Outcome::reply(Duration::from_micros(12_345)));
    assert_eq!(read(&format!("time_unix_ms,target,rtt_us\n{rows}")), series);
    assert_eq!(
        read(&format!(
            "\u{feff}\"Time_Unix_ms\", Target ,rtt_us,more\r\n\r\n{T}, \"cloudflare\",12345,x\r\n{} ,cloudflare, ,\r\n{},cloudflare,11.4\r\n",
            T + 500,
            T + 1_000
        )),
        series
    );
    assert_eq!(
        read(&format!(
            "seq,rtt_us,target,time_unix_ms\n1,12345,cloudflare,{T}\n2,,cloudflare,{}\n3,11,cloudflare,{}\n",
            T + 500,
            T + 1_000
        )),
        series
    );
}

#[test]
fn rows_come_in_any_order_and_each_time_counts_once() {
    let text = format!("{0},a,5\n{T},a,\n{0},a,\n{T},a,7\n{T},a,7\n{1},a,9", T + 1_000, T + 2_000);
    assert_eq!(picture(&read(&text)), [(0, '.'), (1_000, '.'), (2_000, '.')]);
}

#[test]
fn delays_beyond_the_thresholds_are_late_and_lost() {
    let text = format!("{T},a,3000000\n{},a,3000001\n{},a,60000001", T + 1_000, T + 2_000);
    assert_eq!(picture(&read(&text)), [(0, '.'), (1_000, 'l'), (2_000, 'x')]);
}

#[test]
fn a_bad_row_is_reported_with_its_file_line_and_value() {
    let after_good =
        |row: &str| complaint(&format!("time_unix_ms,target,rtt_us\n{T},a,1\n{row}\n"));
    for (row, message) in [
        ("yesterday,a,1", "time_unix_ms \"yesterday\" is not a number of milliseconds"),
        (
            "1675785600,a,1",
            "time_unix_ms \"1675785600\" is not between the years 2000 and 2100 (milliseconds since 1970)",
        ),
        (
            "1675785600000000,a,1",
            "time_unix_ms \"1675785600000000\" is not between the years 2000 and 2100 (milliseconds since 1970)",
        ),
        (
            "1675785600000,a,-1",
            "rtt_us \"-1\" is not a delay in microseconds (leave it empty for a lost probe, or say that it means one: --lost=-1)",
        ),
        (
            "1675785600000,a,0",
            "rtt_us \"0\" is not a delay in microseconds (leave it empty for a lost probe, or say that it means one: --lost=0)",
        ),
        (
            "1675785600000,a,nan",
            "rtt_us \"nan\" is not a delay in microseconds (leave it empty for a lost probe, or say that it means one: --lost=nan)",
        ),
        ("1675785600000,,1", "target \"\" is not a valid name (1 to 100 characters)"),
        ("1675785600000,a", "expected time_unix_ms,target,rtt_us, found \"1675785600000,a\""),
        ("1675785600000,\"a,1", "a quote is not closed in \"1675785600000,\\\"a,1\""),
        ("1675785600000,\"a\"b,1", "text after a closing quote in \"1675785600000,\\\"a\\\"b,1\""),
    ] {
        assert_eq!(after_good(row), format!("record:3: {message}"));
    }
    assert_eq!(
        complaint("time,host,rtt\n"),
        "record is a table, and the header \"time,host,rtt\" has no column time_unix_ms"
    );
    assert_eq!(complaint(""), "record: there are no measurements in it");
    assert_eq!(
        complaint("time_unix_ms,target,rtt_us\n"),
        "record: there are no measurements in it"
    );
    let long = import(&"x".repeat(5_000), Format::Csv).unwrap_err().to_string();
    assert_eq!(long, "record:1: the line is longer than 4096 bytes");
}

#[test]
fn roles_are_given_by_name_and_a_wrong_name_is_reported() {
    let text = format!("{T},router,500\n{T},cloudflare,9000\n");
    let finished = |roles: &[(String, Role)]| {
        let mut importer = Importer::new(Waiting::default());
        importer.add("record", &mut text.as_bytes(), Format::Csv).unwrap();
        importer.finish(roles, PrivateAnchors::Distrusted).map(|(series, _)| series)
    };
    let all = finished(&[("router".to_owned(), Role::Gateway)]).unwrap();
    let roles: Vec<_> = all.iter().map(|s| (s.name.as_str(), s.role)).collect();
    assert_eq!(roles, [("cloudflare", Role::Anchor), ("router", Role::Gateway)]);
    assert_eq!(
        finished(&[("ruoter".to_owned(), Role::Gateway)]).unwrap_err().to_string(),
        "there is no target \"ruoter\" to use as gateway (the files have \"cloudflare\", \"router\")"
    );
}

#[test]
fn missing_numbers_were_lost_between_their_neighbours() {
    let series = read(
        "PING one.one.one.one (1.1.1.1) 56(84) bytes of data.\n\
         [1675785600.012000] 64 bytes from one.one.one.one (1.1.1.1): icmp_seq=1 ttl=57 time=12.0 ms\n\
         [1675785601.012000] 64 bytes from one.one.one.one (1.1.1.1): icmp_seq=2 ttl=57 time=12.0 ms\n\
         [1675785605.024500] 64 bytes from one.one.one.one (1.1.1.1): icmp_seq=6 ttl=57 time=24.5 ms\n\
         [1675785605.030000] 64 bytes from one.one.one.one (1.1.1.1): icmp_seq=6 ttl=57 time=30.0 ms (DUP!)\n\
         ^C\n\
         --- one.one.one.one ping statistics ---\n\
         8 packets transmitted, 3 received, +1 duplicates, 62.5% packet loss, time 7010ms\n\
         rtt min/avg/max/mdev = 12.0/16.1/24.5/5.9 ms\n",
    );
    assert_eq!((series.name.as_str(), series.address.as_str()), ("one.one.one.one", "1.1.1.1"));
    assert_eq!(
        picture(&series),
        [
            (0, '.'),
            (1_000, '.'),
            (2_000, 'x'),
            (3_000, 'x'),
            (4_000, 'x'),
            (5_000, '.'),
            (6_000, 'x'),
            (7_000, 'x'),
        ]
    );
    assert_eq!(nth(&series, 5), Outcome::reply(Duration::from_micros(24_500)));
}

#[test]
fn no_answer_yet_gives_the_exact_time_of_the_next_probe() {
    let series = read(
        "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n\
         [1675785600.010000] 64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=10.0 ms\n\
         [1675785602.300000] no answer yet for icmp_seq=2\n\
         [1675785603.400000] no answer yet for icmp_seq=3\n\
         [1675785606.000000] 64 bytes from 192.0.2.7: icmp_seq=2 ttl=57 time=5000 ms\n\
         [1675785604.410000] 64 bytes from 192.0.2.7: icmp_seq=5 ttl=57 time=10.0 ms\n",
    );
    assert_eq!(
        picture(&series),
        [(0, '.'), (1_000, 'l'), (2_300, 'x'), (3_400, 'x'), (4_400, '.')]
    );
}

#[test]
fn icmp_errors_keep_who_said_so() {
    let series = read(
        "PING 10.9.9.9 (10.9.9.9) 56(84) bytes of data.\n\
         ping: sendmsg: Network is unreachable\n\
         [1675785600.500000] From 192.168.1.1 icmp_seq=1 Destination Host Unreachable\n\
         [1675785601.500000] From gw.example (192.168.1.1) icmp_seq=2 Destination Net Unreachable\n",
    );
    let by = |code| {
        let by = Some("192.168.1.1".parse().unwrap());
        Outcome::Unreachable(Unreachable { by, icmp_type: 3, code })
    };
    let outcomes: Vec<_> = series.outcomes().map(|(_, outcome)| outcome).collect();
    assert_eq!(outcomes, [by(1), by(0)]);
}

#[test]
fn an_ipv6_record_without_its_header_is_named_by_the_address() {
    let series = read(
        "[1675785600.010000] 64 bytes from 2606:4700:4700::1111: icmp_seq=41 ttl=57 time=10.0 ms\n\
         [1675785602.010000] 64 bytes from 2606:4700:4700::1111: icmp_seq=43 ttl=57 time=9.99 ms\n",
    );
    assert_eq!(series.name, "2606:4700:4700::1111");
    assert_eq!(picture(&series), [(0, '.'), (1_000, 'x'), (2_000, '.')]);
}

#[test]
fn sequence_numbers_wrap_after_65535() {
    let series = read(
        "[1675785600.000100] 64 bytes from 192.0.2.7: icmp_seq=65535 ttl=57 time=0.1 ms\n\
         [1675785602.000100] 64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=0.1 ms\n",
    );
    assert_eq!(picture(&series), [(0, '.'), (1_000, 'x'), (2_000, '.')]);
}

#[test]
fn a_record_of_ping_may_begin_with_a_warning() {
    let line = "[1675785600.010000] 64 bytes from 192.0.2.1: icmp_seq=1 ttl=57 time=10.0 ms";
    let text = format!("WARNING: pinging broadcast address\nPING a (192.0.2.1) 56(84)\n{line}\n");
    assert_eq!(picture(&read(&text)), [(0, '.')]);
}

#[test]
fn a_clock_put_back_in_a_record_of_ping_is_read_on_and_counted() {
    // An hour back after number 10; 11 to 13 were lost, and were sent before the step.
    let line = |number: i64| {
        let second = T / 1_000 + number - if number > 13 { 3_600 } else { 0 };
        format!("[{second}.01] 64 bytes from 192.0.2.1: icmp_seq={number} ttl=57 time=10.0 ms\n")
    };
    let text: String = (1..=20).filter(|n| !(11..=13).contains(n)).map(line).collect();
    let mut importer = Importer::new(Waiting::default());
    importer.add("record", &mut text.as_bytes(), Format::Auto).unwrap();
    let (series, tidied) = importer.finish(&[], PrivateAnchors::Distrusted).unwrap();
    let before = (14..=20).map(|n| ((n - 3_600) * 1_000, '.'));
    let after = (1..=13).map(|n| (n * 1_000, if n > 10 { 'x' } else { '.' }));
    assert_eq!(picture(&series[0]), before.chain(after).collect::<Vec<_>>());
    assert_eq!((tidied.falls, tidied.reordered), (1, 7));
}

/// Long records are given away in parts: nothing may be missing, doubled or moved at the joints.
#[test]
fn a_long_record_of_ping_is_read_as_one() {
    let number_of = |n: i64| n * 250;
    let mut text = "PING a (192.0.2.1) 56(84) bytes of data.\n".to_owned();
    let lost = |n: i64| n % 977 < 3 || (120_000..160_000).contains(&n);
    for n in (1..300_000).filter(|n| !lost(*n)) {
        let ms = T + number_of(n) + 10;
        let (s, ms) = (ms / 1_000, ms % 1_000);
        let sequence = n % 65_536;
        writeln!(
            text,
            "[{s}.{ms:03}] 64 bytes from 192.0.2.1: icmp_seq={sequence} ttl=5 time=10 ms"
        )
        .unwrap();
    }
    let series = read(&text);
    assert_eq!(series.len(), 299_999);
    for (n, (ms, letter)) in (1..).zip(picture(&series)) {
        assert!((ms - number_of(n)).abs() <= 1, "{n}: {ms}");
        assert_eq!(letter, if lost(n) { 'x' } else { '.' }, "{n}");
    }
}

#[test]
fn numbers_that_run_faster_than_time_are_refused() {
    let line = |n: u32, s: i64| {
        format!("[{s}.01] 64 bytes from 192.0.2.1: icmp_seq={n} ttl=57 time=10.0 ms\n")
    };
    let text: String =
        (0..4).map(|n| line(n * 30_000 + 1 - n / 3 * 65_536, T / 1_000 + i64::from(n))).collect();
    assert_eq!(
        complaint(&text),
        "record:4: numbers run faster than time in the record of \"192.0.2.1\""
    );
}

#[test]
fn a_bad_line_of_ping_is_reported_with_its_value() {
    let head = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.";
    for (line, message) in [
        ("[soon] no answer yet", "\"[soon] no answer yet\" is not a line of ping output"),
        (
            "[1675785600.1] 64 bytes from 192.0.2.7: icmp_seq=99999 ttl=57 time=10.0 ms",
            "\"64 bytes from 192.0.2.7: icmp_seq=99999 ttl=57 time=10.0 ms\" is not a line of ping output",
        ),
        ("hello", "\"hello\" is not a line of ping output"),
    ] {
        assert_eq!(complaint(&format!("{head}\n{line}\n")), format!("record:2: {message}"));
    }
}

#[test]
fn what_was_put_right_is_counted() {
    let text = format!("{0},a,5\n{T},a,\n{0},a,\n{T},a,7\n{T},a,7\n{1},a,9", T + 1_000, T + 2_000);
    let mut importer = Importer::new(Waiting::default());
    importer.add("record", &mut text.as_bytes(), Format::Auto).unwrap();
    let (series, tidied) = importer.finish(&[], PrivateAnchors::Distrusted).unwrap();
    assert_eq!(picture(&series[0]), [(0, '.'), (1_000, '.'), (2_000, '.')]);
    assert_eq!(tidied, Tidied { reordered: 3, falls: 0, duplicates: 1, contradicted: 2 });
}

mod fping {
    use super::*;

    #[test]
    fn each_host_is_a_series_and_what_timed_out_was_sent_between_its_neighbors() {
        let all = import(
            "[1675785600.01200] 192.0.2.1 : [0], 64 bytes, 12.0 ms (12.0 avg, 0% loss)\n\
             [1675785600.02200] 192.0.2.10 : [0], 64 bytes, 12.0 ms (12.0 avg, 0% loss)\n\
             [1675785601.02200] 192.0.2.10 : [1], 64 bytes, 0.040 ms (6.02 avg, 0% loss)\n\
             [1675785602.00200] 192.0.2.1 : [1], timed out (12.0 avg, 50% loss)\n\
             [1675785603.00300] 192.0.2.1 : [2], timed out (12.0 avg, 66% loss)\n\
             [1675785603.02450] 192.0.2.1 : [3], 64 bytes, 24.5 ms (18.2 avg, 50% loss)\n\
             [1675785603.03000] 192.0.2.1 : duplicate for [3], 64 bytes, 30.0 ms\n\
             192.0.2.1 : xmt/rcv/%loss = 4/2/50%, min/avg/max = 12.0/18.2/24.5\n",
            Format::Auto,
        )
        .unwrap();
        assert_eq!(
            all.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
            ["192.0.2.1", "192.0.2.10"]
        );
        assert_eq!(picture(&all[0]), [(0, '.'), (1_000, 'x'), (2_000, 'x'), (3_000, '.')]);
        assert_eq!(picture(&all[1]), [(10, '.'), (1_021, '.')]);
        assert_eq!(nth(&all[1], 1), Outcome::reply(Duration::from_micros(40)));
    }

    #[test]
    fn a_name_is_next_to_its_address() {
        let series = read(
            "[1675785600.01200] one.one (192.0.2.1)  : [7], 64 bytes, 12.0 ms (12.0 avg, 0% loss)\n",
        );
        assert_eq!((series.name.as_str(), series.address.as_str()), ("one.one", "192.0.2.1"));
    }

    #[test]
    fn an_icmp_error_names_its_sender_for_the_probe_that_times_out_next() {
        let series = read(
            "ICMP Host Unreachable from 192.168.1.1 for ICMP Echo sent to 192.0.2.1\n\
             [1675785600.50000] 192.0.2.1 : [0], timed out (NaN avg, 100% loss)\n\
             [1675785601.50000] 192.0.2.1 : [1], timed out (NaN avg, 100% loss)\n",
        );
        let by = Some("192.168.1.1".parse().unwrap());
        let said = Outcome::Unreachable(Unreachable { by, icmp_type: 3, code: 1 });
        assert_eq!(series.outcomes().map(|o| o.1).collect::<Vec<_>>(), [said, Outcome::Lost]);
    }

    #[test]
    fn numbers_that_start_again_are_another_run_of_fping() {
        let line = |second: i64, number: i64| {
            format!(
                "[{}.01000] 192.0.2.1 : [{number}], 64 bytes, 10.0 ms (10.0 avg, 0% loss)\n",
                T / 1_000 + second
            )
        };
        let text = [line(0, 0), line(1, 1), line(100, 0), line(102, 2)].concat();
        let wanted = [(0, '.'), (1_000, '.'), (100_000, '.'), (101_000, 'x'), (102_000, '.')];
        assert_eq!(picture(&read(&text)), wanted);
        // A line that appears twice counts once, and is not a run of its own.
        let doubled =
            [line(0, 0), line(0, 0), line(1, 1), line(1, 1), line(100, 0), line(102, 2)].concat();
        assert_eq!(picture(&read(&doubled)), wanted);
    }

    #[test]
    fn a_bad_line_is_reported_with_its_value() {
        let good = "[1675785600.01200] 192.0.2.1 : [0], 64 bytes, 12.0 ms (12.0 avg, 0% loss)";
        for (line, message) in [
            ("192.0.2.1 : [1], timed out (NaN avg, 100% loss)", "the line has no time"),
            (
                "[soon] 192.0.2.1 : [1], timed out",
                "no time stamp of `fping -D` in \"[soon] 192.0.2.1 : [1], timed out\"",
            ),
            (
                "[1675785601.1] a : [1], 64 bytes, NaN ms",
                "\"[1675785601.1] a : [1], 64 bytes, NaN ms\" is not a line of fping output",
            ),
            (
                "[1675785601.1] a : [1], 64 bytes, -1 ms",
                "\"[1675785601.1] a : [1], 64 bytes, -1 ms\" is not a line of fping output",
            ),
            (
                "[1675785601.1] a : [-1], timed out",
                "\"[1675785601.1] a : [-1], timed out\" is not a line of fping output",
            ),
            (
                "[1675785601.1] 192.0.2.1 : [1], 64 by",
                "\"[1675785601.1] 192.0.2.1 : [1], 64 by\" is not a line of fping output",
            ),
            ("hello", "\"hello\" is not a line of fping output"),
        ] {
            assert_eq!(complaint(&format!("{good}\n{line}\n")), format!("record:2: {message}"));
        }
    }
}

proptest! {
    /// A row of 16 bytes says all that was read, and the series come in the order of time.
    #[test]
    fn series_in_order_are_a_plain_sort_of_all_rows(
        rows in proptest::collection::vec((0_i64..60, 0_usize..3, 0_u64..9), 1..60),
    ) {
        let mut importer = Importer::new(Waiting::default());
        let mut best = BTreeMap::<(i64, usize), ProbeResult>::new();
        let rank = |found: &ProbeResult| match found {
            ProbeResult::Answered(rtt) => (0, *rtt),
            ProbeResult::Unreachable(u) => (1, Duration::from_secs(u.code.into())),
            ProbeResult::Lost => (2, Duration::ZERO),
        };
        for (second, target, kind) in rows {
            let found = match kind {
                0..=3 => ProbeResult::Answered(Duration::from_micros(kind * 2_000_000 + 1)),
                4..=6 => ProbeResult::Lost,
                code => ProbeResult::Unreachable(Unreachable { by: None, icmp_type: 3, code: u8::try_from(code).unwrap() }),
            };
            importer.push(&target.to_string(), Timestamp::from_seconds(1_000_000_000 + second), found).unwrap();
            let kept = best.entry((second, target)).or_insert(found);
            // Which of two ICMP errors of one moment is kept is of no account.
            if rank(&found) < rank(kept) && !matches!((found, *kept), (ProbeResult::Unreachable(_), ProbeResult::Unreachable(_))) {
                *kept = found;
            }
        }
        let (all, _) = importer.finish(&[], PrivateAnchors::Distrusted).unwrap();
        let numbered: Vec<_> = all.into_iter().map(|s| (TargetId(s.name.parse().unwrap()), s)).collect();
        let got: Vec<_> = in_order(&numbered, crate::time::TimeRange::EVER).collect();
        prop_assert_eq!(got.len(), best.len());
        for (measurement, ((second, target), found)) in got.iter().zip(best) {
            prop_assert_eq!(measurement.sent_at, Timestamp::from_seconds(1_000_000_000 + second));
            prop_assert_eq!(usize::from(measurement.target.0), target);
            let same = match (&measurement.outcome, found) {
                (Outcome::Reply(reply), ProbeResult::Answered(rtt)) => reply.rtt == rtt,
                (Outcome::Late { rtt: late }, ProbeResult::Answered(rtt)) => *late == rtt,
                (Outcome::Lost, ProbeResult::Lost) | (Outcome::Unreachable(_), ProbeResult::Unreachable(_)) => true,
                _ => false,
            };
            prop_assert!(same, "{measurement:?} {found:?}");
        }
    }

    #[test]
    fn no_text_makes_the_readers_panic(
        text in r#"((\[1675785[0-9]{3}\.[0-9]{1,7}\] )?(64 bytes from 1\.1\.1\.1: icmp_seq=[0-9]{1,6} ttl=5 time=[0-9]{1,9}(\.[0-9]+)? ms|no answer yet for icmp_seq=[0-9]{1,6}|From a icmp_seq=[0-9]{1,5} x|1\.1\.1\.1 : \[[0-9]{1,21}\], (64 bytes, (NaN|-?[0-9]{1,12}\.[0-9]) ms|timed out)|ICMP Host Unreachable from [0-9a]\.1\.1\.1 for ICMP Echo sent to 1\.1\.1\.1|[0-9]{1,20} packets transmitted|PING a \(b\)|[0-9]{1,20},[a-z"]{0,3},[0-9]{0,20}|\PC{0,20})\n){0,12}"#,
    ) {
        for format in [Format::Auto, Format::Csv, Format::Ping, Format::Fping] {
            if let Ok(all) = import(&text, format) {
                for series in all {
                    prop_assert!(series.outcomes().map(|(at, _)| at).is_sorted_by(|a, b| a < b));
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_the_readers_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for format in [Format::Auto, Format::Csv, Format::Ping, Format::Fping] {
            let mut importer = Importer::new(Waiting::default());
            let _ = importer.add("record", &mut bytes.as_slice(), format);
        }
    }
}
