//! Files that are not whole: what is whole of them is read, the rest is counted and named.

use std::io::Write as _;

use super::*;

fn line(number: i64) -> String {
    format!(
        "[{}.012000] 64 bytes from 192.0.2.7: icmp_seq={number} ttl=57 time=12.0 ms\n",
        T / 1_000 + number
    )
}

#[test]
fn one_percent_of_damaged_lines_is_passed_over_and_more_is_not() {
    let with = |damaged: i64| {
        let text: String = (1..=1_000)
            .map(|n| if n % 100 < damaged { "what is this\n".to_owned() } else { line(n) })
            .collect();
        import_with(text.as_bytes(), ImportOptions::default())
    };
    let (series, notices) = with(1).unwrap();
    assert_eq!(series[0].len(), 990, "those whose lines are damaged are not called lost");
    assert_eq!(
        notices,
        [
            "9 missing probes were left out, because damaged lines may be theirs",
            "record: 10 of 1000 lines cannot be read and were left out, the first is line 100: \
             \"what is this\" is not a line of ping output"
        ]
        .map(str::to_owned)
        .into_iter()
        .rev()
        .collect::<Vec<_>>()
    );
    assert_eq!(
        with(2).unwrap_err().to_string(),
        "record:1: \"what is this\" is not a line of ping output (and 19 more of 1000 lines)"
    );
}

#[test]
fn a_cut_line_and_the_header_after_it_lose_one_probe_and_invent_none() {
    let header = "PING 192.0.2.7 (192.0.2.7) 56(84) bytes of data.\n";
    let cut = line(6)[..30].to_owned() + "\n";
    let before: String = (1..=5).map(line).collect();
    let after: String = (7..=9).map(line).collect();
    let series = read(&[header, &before, &cut, header, &after].concat());
    let seconds: Vec<i64> = picture(&series).iter().map(|(ms, _)| ms / 1_000).collect();
    assert_eq!(seconds, [1, 2, 3, 4, 5, 7, 8, 9]);
    assert!(picture(&series).iter().all(|(_, letter)| *letter == '.'));
}

#[test]
fn nuls_gzip_and_utf_16_are_no_hindrance() {
    let all: String = (1..=40).map(line).collect();
    let whole = read(&all);
    let nuls =
        [&[0; 9_000], line(1).as_bytes(), &[0; 5_000], &all.as_bytes()[line(1).len()..]].concat();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    packed.write_all(all.as_bytes()).unwrap();
    let packed = packed.finish().unwrap();
    let utf16: Vec<u8> =
        format!("\u{feff}{all}").encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [&nuls, &packed, &utf16] {
        let (series, _) = import_with(bytes, ImportOptions::default()).unwrap();
        assert_eq!(series, std::slice::from_ref(&whole));
    }
    // A packed file that is cut off has what it has.
    let (series, notices) =
        import_with(&packed[..packed.len() - 12], ImportOptions::default()).unwrap();
    assert!(series[0].len() > 20);
    assert!(notices.iter().any(|notice| notice.contains("cut off")), "{notices:?}");
    let (_, notices) = import_with(&nuls, ImportOptions::default()).unwrap();
    assert_eq!(
        notices,
        ["record: NUL bytes were passed over, the first in line 1: a power cut or a truncated log"]
    );
}

#[test]
fn times_that_are_computed_are_those_of_a_record_or_refuse_it() {
    let text = "PING one.one.one.one(one.one.one.one (2606:4700:4700::1111)) 56 data bytes\n\
        [1770000000.1] 64 bytes from one.one.one.ne (2606:4700:4700::1111): icmp_seq=65535 ttl=57 time=1.2 ms\n\
        [3770000001.1] 64 bytes from one.one.one.one (2606:4700:4700::1111): icmp_seq=0 ttl=57 time=1.2 ms\n";
    let error = complaint(text);
    assert!(error.contains("numbers and times do not fit each other"), "{error}");
    let options = ImportOptions { now: Timestamp::from_millis(T), ..ImportOptions::default() };
    let text = format!("{},a,5\n", T + 90_000_000);
    let error = import_with(text.as_bytes(), options).unwrap_err().to_string();
    assert!(error.contains("in the future"), "{error}");
}
