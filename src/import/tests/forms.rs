//! The forms that lines of ping have: languages, systems, code pages.

use super::*;

/// A reply, no answer, and who said that there is no way, in languages of Windows.
const WINDOWS: [[&str; 4]; 12] = [
    [
        "Pinging A with 32 bytes of data:",
        "Reply from A: bytes=32 time=14ms TTL=117",
        "Request timed out.",
        "Reply from 192.168.1.1: Destination host unreachable.",
    ],
    [
        "Ping wird ausgeführt für A mit 32 Bytes Daten:",
        "Antwort von A: Bytes=32 Zeit=14ms TTL=117",
        "Zeitüberschreitung der Anforderung.",
        "Antwort von 192.168.1.1: Zielhost nicht erreichbar.",
    ],
    [
        "Envoi d’une requête 'Ping'  A avec 32 octets de données :",
        "Réponse de A : octets=32 temps=14 ms TTL=117",
        "Délai d’attente de la demande dépassé.",
        "Réponse de 192.168.1.1 : Impossible de joindre l’hôte de destination.",
    ],
    [
        "Haciendo ping a A con 32 bytes de datos:",
        "Respuesta desde A: bytes=32 tiempo=14ms TTL=117",
        "Tiempo de espera agotado para esta solicitud.",
        "Respuesta desde 192.168.1.1: Host de destino inaccesible.",
    ],
    [
        "Esecuzione di Ping A con 32 byte di dati:",
        "Risposta da A: byte=32 durata=14ms TTL=117",
        "Richiesta scaduta.",
        "Risposta da 192.168.1.1: Host di destinazione non raggiungibile.",
    ],
    [
        "Disparando A com 32 bytes de dados:",
        "Resposta de A: bytes=32 tempo=14ms TTL=117",
        "Esgotado o tempo limite do pedido.",
        "Resposta de 192.168.1.1: Host de destino inacessível.",
    ],
    [
        "Badanie A z 32 bajtami danych:",
        "Odpowiedź z A: bajtów=32 czas=14ms TTL=117",
        "Upłynął limit czasu żądania.",
        "Odpowiedź z 192.168.1.1: Host docelowy jest nieosiągalny.",
    ],
    [
        "Обмен пакетами с A по с 32 байтами данных:",
        "Ответ от A: число байт=32 время=14мс TTL=117",
        "Превышен интервал ожидания для запроса.",
        "Ответ от 192.168.1.1: Заданный узел недоступен.",
    ],
    [
        "正在 Ping A 具有 32 字节的数据:",
        "来自 A 的回复: 字节=32 时间=14ms TTL=117",
        "请求超时。",
        "来自 192.168.1.1 的回复: 无法访问目标主机，请重试。",
    ],
    [
        "A に ping を送信しています 32 バイトのデータ:",
        "A からの応答: バイト数 =32 時間 =14ms TTL=117",
        "要求がタイムアウトしました。",
        "192.168.1.1 からの応答: 宛先ホストに到達できません。",
    ],
    [
        "Ping A 32바이트 데이터 사용:",
        "A의 응답: 바이트=32 시간=14ms TTL=117",
        "요청 시간이 만료되었습니다.",
        "192.168.1.1의 응답: 대상 호스트에 연결할 수 없습니다.",
    ],
    [
        "Příkaz PING na A - 32 bajtů dat:",
        "Odpověď od A: bajty=32 čas=14ms TTL=117",
        "Vypršel časový limit žádosti.",
        "Odpověď od 192.168.1.1: Cílový hostitel není dostupný.",
    ],
];

#[test]
fn ping_of_windows_is_read_in_every_language_and_encoding() {
    for forms in WINDOWS {
        let form =
            |n: usize| forms[n].replace('A', "192.0.2.7").replace("192.0.2.7ntwort", "Antwort");
        let line = |n: usize, ms: i64| {
            let (s, ms) = ((T + ms) / 1_000, ms % 1_000);
            format!("{s}.{ms:03} {}\r\n", form(n))
        };
        let text = [
            "\r\n".to_owned(),
            line(0, 0),
            line(1, 14),
            // Sent after a second, and given up after four more.
            line(2, 5_000),
            line(2, 9_000),
            line(3, 9_100),
            line(1, 10_114),
        ]
        .concat();
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        // As a code page with one byte a letter has it.
        let one_byte: Vec<u8> =
            text.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(0x81)).collect();
        for bytes in [text.as_bytes(), &[&[0xff, 0xfe], &utf16[..]].concat(), &one_byte] {
            let (series, _) = import_with(bytes, ImportOptions::default())
                .unwrap_or_else(|error| panic!("{error}\n{text}"));
            assert_eq!(series.len(), 1, "{text}");
            let wanted = [(0, '.'), (1_000, 'x'), (5_000, 'x'), (9_100, 'u'), (10_100, '.')];
            assert_eq!(picture(&series[0]), wanted, "{text}");
            assert_eq!(series[0].address, "192.0.2.7");
        }
    }
}

#[test]
fn macos_and_busybox_count_from_nothing() {
    let line = |s: i64, rest: &str| format!("{} {rest}\n", T / 1_000 + s);
    let apple = [
        line(0, "PING 192.0.2.7 (192.0.2.7): 56 data bytes"),
        line(1, "64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=12.0 ms"),
        line(3, "Request timeout for icmp_seq 2"),
        line(3, "64 bytes from 192.0.2.7: icmp_seq=3 ttl=57 time=12.0 ms"),
        "\n--- 192.0.2.7 ping statistics ---\n5 packets transmitted, 2 packets received, 60.0% packet loss\n".to_owned(),
    ]
    .concat();
    assert_eq!(
        picture(&read(&apple)),
        [(1_000, '.'), (2_000, 'x'), (3_000, '.'), (4_000, 'x')],
        "the header was written when the first was sent, which is not before it"
    );
    let busybox =
        apple.replace("icmp_seq=", "seq=").replace(&line(3, "Request timeout for icmp_seq 2"), "");
    let times: Vec<i64> = picture(&read(&busybox)).iter().map(|(ms, _)| *ms).collect();
    assert_eq!(times, [1_000, 2_000, 3_000, 4_000]);
}

#[test]
fn whole_seconds_spread_over_their_probes() {
    // Five a second, with nothing but the second before the lines.
    let lines: Vec<String> = (0..40_i64)
        .filter(|n| !(10..20).contains(n))
        .map(|n| {
            format!(
                "{} 64 bytes from 192.0.2.7: icmp_seq={} ttl=57 time=12.0 ms\n",
                T / 1_000 + n / 5,
                n + 1
            )
        })
        .collect();
    let text = lines.concat();
    let series = read(&text);
    let wanted: Vec<_> =
        (0..40).map(|n| (n * 200, if (10..20).contains(&n) { 'x' } else { '.' })).collect();
    assert_eq!(picture(&series), wanted);
}

#[test]
fn each_kind_of_file_is_called_what_it_is() {
    for (text, what) in [
        ("64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=1 ms\n", "is the output of ping without"),
        (
            "PING 192.0.2.7 (192.0.2.7): 56 data bytes\n64 bytes from 192.0.2.7: seq=0 ttl=57 time=1.0 ms\n",
            "of BusyBox",
        ),
        ("64 bytes from 192.0.2.7: icmp_seq=0 ttl=57 time=1.0 ms\n", "of macOS or BSD"),
        ("Reply from 192.0.2.7: bytes=32 time=1ms TTL=5\n", "of Windows"),
        ("192.0.2.7 : [0], 64 bytes, 14.1 ms (14.5 avg, 0% loss)\n", "of fping without"),
        ("192.0.2.7 : 14.1 - 13.8\n", "a summary of fping"),
        ("{\n \"report\": {\n  \"mtr\": {\n", "a summary of mtr"),
        ("{\"a\": 1}\n", "JSON of a kind"),
        ("hello\n", "is nothing that can be read"),
        ("<html>\n", "is a page"),
        ("SQLite format 3\0\n", "is an SQLite database"),
        ("12:00:00 64 bytes from 192.0.2.7: icmp_seq=1 ttl=57 time=1 ms\n", "no dates"),
        ("64 bytes from 192.0.2.7, icmp_seq=1, ttl=57, time=1 ms\n", "is the output of ping"),
    ] {
        let error = complaint(text);
        assert!(error.starts_with("record ") && error.contains(what), "{text}: {error}");
    }
}

#[test]
fn the_export_of_pingplotter_is_its_target_and_the_router() {
    let text = "\"Host Information\"\n1,192.168.1.1,router\n2,10.9.0.1,\n3,192.0.2.7,far.example\n\
        \"Sample Information\"\n\
        \"2/13/2023 4:00:00 PM\",1,*,12.5\n\"2/13/2023 4:00:01 PM\",0.4,9,*\n";
    let (series, notices) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
    let told: Vec<_> = series.iter().map(|s| (s.name.as_str(), s.role, s.len())).collect();
    assert_eq!(told, [("far.example", Role::Anchor, 2), ("router", Role::Gateway, 2)]);
    assert_eq!(nth(&series[0], 1), Outcome::Lost);
    assert_eq!(nth(&series[0], 0), Outcome::reply(Duration::from_micros(12_500)));
    assert!(notices.iter().any(|n| n.contains("router and far.example are taken")), "{notices:?}");
}

#[test]
fn columns_unit_separator_and_times_are_as_named() {
    let series = |text: &str, options: ImportOptions| {
        let (mut series, _) = import_with(text.as_bytes(), options).unwrap();
        series.remove(0)
    };
    let columns = |time: &str, rtt: &str, target: Option<&str>| NamedColumns {
        time: Some(time.to_owned()),
        rtt: Some(rtt.to_owned()),
        target: target.map(str::to_owned),
    };
    let wanted = [(0, '.'), (1_000, 'x'), (2_000, '.')];
    let one = series(
        "Time;Host;Latency\n07.02.2023 16:00:00;a;14,5\n07.02.2023 16:00:01;a;-1\n07.02.2023 16:00:02;a;14\n",
        ImportOptions {
            columns: columns("Time", "latency", Some("Host")),
            unit: Some(DelayUnit::Ms),
            lost: vec!["-1".to_owned()],
            ..ImportOptions::default()
        },
    );
    assert_eq!(picture(&one), wanted);
    assert_eq!(nth(&one, 0), Outcome::reply(Duration::from_micros(14_500)));
    let one = series(
        "1675785600|0.0145\n1675785601|\n1675785602|0.014\n",
        ImportOptions {
            columns: columns("1", "2", None),
            unit: Some(DelayUnit::S),
            time_format: Some("unix".to_owned()),
            separator: Some('|'),
            target: Some("a".to_owned()),
            ..ImportOptions::default()
        },
    );
    assert_eq!((picture(&one), one.name.as_str()), (wanted.to_vec(), "a"));
    let one = series(
        "at,LatencyMs\n16h00m00 2023/02/07,14\n16h00m01 2023/02/07,\n16h00m02 2023/02/07,14\n",
        ImportOptions {
            columns: columns("at", "LatencyMs", None),
            time_format: Some("%Hh%Mm%S %Y/%m/%d".to_owned()),
            target: Some("a".to_owned()),
            ..ImportOptions::default()
        },
    );
    assert_eq!(picture(&one), wanted);
    // Milliseconds where microseconds should be are doubted aloud.
    let text = (0..20)
        .map(|n| format!("{},8.8.8.8,{}.1\n", T + n * 1_000, 13 + n % 3))
        .collect::<Vec<_>>()
        .concat();
    let (_, notices) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
    assert!(notices.iter().any(|notice| notice.contains("--unit ms")), "{notices:?}");
}
