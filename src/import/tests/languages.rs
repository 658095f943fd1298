//! The output of iputils in the languages that it is translated into.

use std::fmt::Write as _;

use super::*;

/// What iputils 20210202 to 20250605 print in the languages of their catalogues: what is around the
/// address and number of a reply, of "no answer yet", of an ICMP error, and the statistics. The Bulgarian,
/// Italian, Kazakh, Punjabi and Sinhala catalogues translate none of these: ping speaks English there.
const LANGUAGES: [(&str, [&str; 5]); 25] = [
    (
        "English",
        [
            "64 bytes from A: icmp_seq=N ttl=57 time=12.0 ms",
            "no answer yet for icmp_seq=N",
            "From B icmp_seq=N Destination Host Unreachable",
            "--- A ping statistics ---",
            "9 packets transmitted, 2 received, 77% packet loss, time 8007ms",
        ],
    ),
    (
        "English before 2018",
        [
            "64 bytes from A: icmp_seq=N ttl=57 time=12.0 ms",
            "no answer yet for icmp_seq=N",
            "From B: icmp_seq=N Destination Host Unreachable",
            "--- A ping statistics ---",
            "9 packets transmitted, 2 received, +1 errors, 77% packet loss, time 8007ms",
        ],
    ),
    (
        "German",
        [
            "64 Bytes von A: icmp_seq=N ttl=57 Zeit=12.0 ms",
            "keine Antwort bisher für icmp_seq=N",
            "Von B icmp_seq=N Zielhost ist nicht erreichbar",
            "--- A ping-Statistik ---",
            "9 Pakete übertragen, 2 empfangen, 77% Paketverlust, Zeit 8007ms",
        ],
    ),
    (
        "French",
        [
            "64 octets de A : icmp_seq=N ttl=57 temps=12.0 ms",
            "encore aucune réponse pour icmp_seq=N",
            "De B icmp_seq=N Hôte de destination injoignable",
            "--- statistiques ping A ---",
            "9 paquets transmis, 2 reçus, 77 % paquets perdus, temps 8007 ms",
        ],
    ),
    (
        "Finnish",
        [
            "64 tavua A:sta: icmp_seq=N aika elää=57 aika=12.0 ms",
            "ei vielä vastausta icmp_seq=N",
            "B:sta icmp_seq=N Kohdekone ei ole saavutettavissa",
            "-- A ping-tilastot --",
            "9 paketteja lähetetty, 2 otettu vastaan, 77% paketin menetys, aika 8007 ms",
        ],
    ),
    (
        "Turkish",
        [
            "64 bayt veri A'den: icmp_seq=N ttl=57 zaman=12.0 ms",
            "icmp_seq=N için henüz cevap yok",
            "B'den icmp_seq=N Hedef Makine Ulaşılamaz",
            "--- A ping istatistikleri ---",
            "9 paket iletildi, 2 alındı, %77 paket kaybı, zaman 8007ms",
        ],
    ),
    (
        "Japanese",
        [
            "64 バイト応答 送信元 A: icmp_seq=N ttl=57 時間=12.0ミリ秒",
            "icmp_seq=N が未応答です",
            "送信元 B icmp_seq=N 宛先ホストに到達できません",
            "--- A ping 統計 ---",
            "送信パケット数 9, 受信パケット数 2, パケット損失 77%, 時間 8007ミリ秒",
        ],
    ),
    (
        "Chinese",
        [
            "64 字节，来自 A: icmp_seq=N ttl=57 时间=12.0 毫秒",
            "对 icmp_seq=N 尚无应答",
            "来自 B icmp_seq=N 目标主机不可达",
            "--- A ping 统计 ---",
            "已发送 9 个包， 已接收 2 个包, 77% 包丢失, 耗时 8007 毫秒",
        ],
    ),
    (
        "Korean",
        [
            "64 바이트 (A에서): icmp_seq=N ttl=57 시간=12.0 ms",
            "아직 응답이 없습니다(icmp_seq=N)",
            "B에서: icmp_seq=N 대상 호스트에 연결할 수 없음",
            "--- A ping 통계 ---",
            "9 패킷이 전송됨, 2 수신됨, 77% 패킷 손실, 시간 8007ms",
        ],
    ),
    // With an error of typing in the second, and blanks about `=`.
    (
        "Georgian",
        [
            "64 ბაიტი A-დან: icmp_seq=N ttl =57 დრო = 12 მწმ",
            "პასუხის გარეშე. icmp_sql=N",
            "B-დან: icmp_seq=N სამიზნე ჰოსტი მიუწვდომელია",
            "--- A-ის პინგის სტატისტიკა ----",
            "გადაცემულია 9 პაკეტი, მიღებულია 2, 77% პაკეტი დაიკარგა, დრო 8007მწმ",
        ],
    ),
    (
        "Russian",
        [
            "64 байт из A: icmp_seq=N ttl=57 время=12.0 мс",
            "нет ответа для icmp_seq=N",
            "От B icmp_seq=N Целевой хост недоступен",
            "--- A статистика ping ---",
            "9 пакетов передано, 2 получено, 77% потеряно, время 8007 мс",
        ],
    ),
    (
        "Spanish",
        [
            "64 bytes desde A: icmp_seq=N ttl=57 tiempo=12.0 ms",
            "sin respuesta todavía para icmp_seq=N",
            "Desde B icmp_seq=N Máquina de destino inaccesible",
            "--- A estadísticas ping ---",
            "9 paquetes transmitidos, 2 recibidos, 77% packet loss, time 8007ms",
        ],
    ),
    (
        "Polish",
        [
            "64 bajty z A: icmp_seq=N ttl=57 czas=12,0 ms",
            "brak odpowiedzi dla icmp_seq=N",
            "Z B icmp_seq=N Host docelowy nieosiągalny",
            "--- statystyki ping A ---",
            "9 pakietów wysłanych, 2 odebrane, 77% utraconych, czas 8007ms",
        ],
    ),
    (
        "Arabic",
        [
            "64 بايت من A: icmp_seq=N ttl=57 زمن=12.0 مللي ثانية",
            "لا إجابة بعد ل icmp_seq=N",
            "من B icmp_seq=N المضيف الوجهة لا يمكن الوصول إليه",
            "--- إحصائيات ping A ---",
            "9 حزمة أرسلت, 2 استقبلت, 77% خسارة, زمن 8007",
        ],
    ),
    (
        "Arabic with marks of direction",
        [
            "64 بايت من \u{200e}A\u{200f}: icmp_seq=N\u{200f} ttl=57 زمن=12.0\u{a0}مللي ثانية",
            "\u{202b}لا إجابة بعد ل icmp_seq=N\u{202c}",
            "من \u{2066}B\u{2069} icmp_seq=N المضيف الوجهة لا يمكن الوصول إليه",
            "--- إحصائيات ping \u{200e}A ---",
            "9 حزمة أرسلت، 2 استقبلت، 77% خسارة، زمن 8007",
        ],
    ),
    // It translates the name of the number, and has commas for points.
    (
        "Czech",
        [
            "64 bajtů od A: icmp_seq=N TTL=57 čas=12,0 ms",
            "žádná odpověď pro pořadí=N",
            "Od B: pořadí=N Cílový stroj nedostupný",
            "--- Statistika pingů na A ---",
            "9 paketů odesláno, 2 přijato, 77% ztráta paketů, čas 8007 ms",
        ],
    ),
    (
        "Czech throughout",
        [
            "64 bajtů od A: pořadí=N TTL=57 čas=12,0 ms",
            "žádná odpověď pro pořadí=N",
            "Od B: pořadí=N Cílový stroj nedostupný",
            "--- Statistika pingů na A ---",
            "9 paketů odesláno, 2 přijato, 77% ztráta paketů, čas 8007 ms",
        ],
    ),
    (
        "Ukrainian",
        [
            "64 байтів від A: icmp_seq=N ttl=57 час=12.0 мс",
            "відповідь для icmp_seq=N ще не отримано",
            "З B icmp_seq=N Вузол призначення недоступний",
            "--- Статистика пінгування A ---",
            "Надіслано 9 пакетів, отримано 2, втрачено 77% пакетів, час 8007 мс",
        ],
    ),
    (
        "Romanian",
        [
            "64 octeți de la A: icmp_seq=N ttl=57 timp=12.0 ms",
            "niciun răspuns încă pentru icmp_seq=N",
            "De la B icmp_seq=N Gazdă de destinație inaccesibilă",
            "--- statistici ping A ---",
            "9 pachete transmise, 2 primite, 77% pierderi de pachete, timp 8007ms",
        ],
    ),
    (
        "Indonesian",
        [
            "64 byte dari A: icmp_seq=N ttl=57 waktu=12.0 ms",
            "belum ada jawaban untuk icmp_seq=N",
            "Dari B icmp_seq=N Host Tujuan Tidak Terjangkau",
            "--- statistik ping A ---",
            "9 paket dikirim, 2 diterima, 77% paket hilang, waktu 8007ms",
        ],
    ),
    (
        "Kabyle",
        [
            "64 ibiten seg A: icmp_seq=N ttl=57 akud=12.0 mts",
            "no answer yet for icmp_seq=N",
            "Seg B icmp_seq=N Destination Net Unknown",
            "--- tidaddanin ping n A ---",
            "9 n yikemmusen i yettwaznen, 2 yettwaṭṭfen, 77% d akemmus iruḥen, akud 8007mts",
        ],
    ),
    (
        "Brazilian",
        [
            "64 bytes de A: icmp_seq=N ttl=57 tempo=12.0 ms",
            "nenhuma resposta ainda para icmp_seq=N",
            "De B icmp_seq=N Host de destino inalcançável",
            "--- A estatísticas de ping ---",
            "9 pacotes transmitidos, 2 recebidos, 77% perda de pacote, tempo 8007ms",
        ],
    ),
    (
        "Lao",
        [
            "64 ໄບທ໌ ຈາກ A: icmp_seq=N ttl=57 ເວລາ=12.0 ms",
            "ຍັງບໍ່ມີການຕອບກັບສຳລັບ icmp_seq=N",
            "ຈາກ B icmp_seq=N ໂຮສປາຍທາງຕິດຕໍ່ບໍ່ໄດ້",
            "--- ສະຖິຕິການ ping ຂອງ A ---",
            "ສົ່ງໄປ 9 ແພັກເກັດ, ໄດ້ຮັບ 2, ແພັກເກັດເສຍຫາຍ 77%, ເວລາ 8007ms",
        ],
    ),
    // Its heading and the first half of its summary are not translated.
    (
        "Traditional Chinese",
        [
            "64 位元組來自 A : icmp_seq=N ttl=57 時間=12.0 毫秒",
            "icmp_seq=N 尚未有答案",
            "來自 B icmp_seq=N 無法連線的目的地網路",
            "--- A ping statistics ---",
            "9 packets transmitted, 2 received, 77% 封包遺失, 時間 8007ms",
        ],
    ),
    (
        "Traditional Chinese of newer catalogues",
        [
            "64 bytes from A: icmp_seq=N ttl=57 時間=12.0 毫秒",
            "icmp_seq=N 尚未有答案",
            "來自 B icmp_seq=N 無法連線的目的地網路",
            "--- A ping statistics ---",
            "9 packets transmitted, 2 received, 77% 封包遺失, 時間 8007ms",
        ],
    ),
];

/// The first line, by catalogue.
fn header(language: &str, address: &str) -> String {
    match language {
        "Ukrainian" => format!("ПІНГ {address} ({address}) 56(84) байтів даних.\n"),
        "Czech throughout" => format!("PING {address} ({address}) 56 (84) datových bajtů.\n"),
        "Brazilian" => format!("PING {address} ({address}) 56(84) bytes de dados.\n"),
        "Lao" => format!("PING {address} ({address}) ຂໍ້ມູນ 56(84) ໄບທ໌.\n"),
        "Romanian" => format!("PING {address} ({address}) 56(84) octeți de date.\n"),
        _ if language.starts_with("Traditional") => {
            format!("PING {address} ({address}) 56(84) 位元組的資料。\n")
        }
        _ => format!("PING {address} ({address}) 56(84) bytes of data.\n"),
    }
}

#[test]
fn a_log_that_begins_in_an_outage_shows_what_its_numbers_are_called() {
    let mut text = header("Ukrainian", "192.0.2.7");
    let at = |n: i64| format!("[{}.000000]", T / 1_000 + n);
    // Nothing was answered within the lines that are looked at first; a script says what it does.
    for n in 1..=300 {
        writeln!(text, "{} žádná odpověď pro pořadí={n}", at(n + 1)).unwrap();
    }
    writeln!(text, "{} POZOR: přednačítané=7", at(302)).unwrap();
    writeln!(text, "{} 64 bajtů od 192.0.2.7: pořadí=302 TTL=57 čas=0,5 ms", at(302)).unwrap();
    let (series, notices) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
    let letters: String = picture(&series[0]).iter().map(|(_, letter)| *letter).collect();
    assert_eq!(letters, "x".repeat(301) + ".");
    assert_eq!(notices, Vec::<String>::new());
    // One that shows it later, in single losses.
    let mut text = header("Czech throughout", "192.0.2.7");
    for n in 1..=900_i64 {
        let is_lost = n > 400 && n % 40 == 0;
        let line = if is_lost {
            format!("{} žádná odpověď pro pořadí={n}\n", at(n + 1))
        } else {
            format!("{} 64 bajtů od 192.0.2.7: icmp_seq={n} TTL=57 čas=0,5 ms\n", at(n))
        };
        text += &line;
    }
    let (series, notices) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
    let lost = picture(&series[0]).iter().filter(|(_, letter)| *letter == 'x').count();
    // The first is not understood yet.
    assert_eq!((lost, notices.len()), (11, 2), "{notices:?}");
    // Two fields of something else are neither a reply nor a number that counts up.
    let other = "job=7 took=12 ms\njob=9 took=13 ms\n";
    assert!(import_with(other.as_bytes(), ImportOptions::default()).is_err());
}

#[test]
fn a_look_at_the_statistics_on_the_way_does_not_end_a_run() {
    let said = [
        "2/3 packets, 33% loss, min/avg/ewma/max = 12.000/12.000/12.000/12.000 ms",
        "2 з 3 пакетів, втрачено 33%, мін/сер/ewma/макс = 12.000/12.000/12.000/12.000 мс",
    ];
    for said in said {
        let reply = |n: i64| {
            let at = T + n * 1_000 + 12;
            let line = "64 bytes from 192.0.2.7: icmp_seq=N ttl=57 time=12.0 ms\n";
            format!("[{}.{:03}000] {}", at / 1_000, at % 1_000, line.replace('N', &n.to_string()))
        };
        let text = format!("{}{}{said}\n{}", reply(1), reply(2), reply(4));
        let (series, _) = import_with(text.as_bytes(), ImportOptions::default()).unwrap();
        let letters: String = picture(&series[0]).iter().map(|(_, letter)| *letter).collect();
        assert_eq!(letters, "..x.", "{said}");
    }
}

#[test]
fn numbers_are_the_same_in_every_language_of_iputils() {
    for (language, [reply, no_answer, error, heading, summary]) in LANGUAGES {
        for address in ["192.0.2.7", "2001:db8::7"] {
            let by = if address.contains(':') { "2001:db8::1" } else { "198.51.100.1" };
            let line = |form: &str, number: i64, ms: i64| {
                let form = form
                    .replace('A', "{A}")
                    .replace("{A}", address)
                    .replace('N', &number.to_string())
                    .replace("B ", &format!("{by} "))
                    .replace("B:", &format!("{by}:"))
                    .replace("B'", &format!("{by}'"))
                    .replace("B에", &format!("{by}에"))
                    .replace("B-", &format!("{by}-"))
                    .replace("B\u{2069}", &format!("{by}\u{2069}"));
                format!("[{}.{:03}000] {form}\n", (T + ms) / 1_000, ms % 1_000)
            };
            let text = [
                header(language, address),
                line(reply, 1, 12),
                line(no_answer, 2, 2_000),
                line(no_answer, 3, 3_000),
                line(error, 4, 3_400),
                line(reply, 5, 4_012),
                format!("\n{}\n{summary}\n", heading.replace('A', address)),
                "rtt min/avg/max/mdev = 12.000/12.000/12.000/0.000 ms\n".to_owned(),
            ]
            .concat();
            let (series, notices) = match import_with(text.as_bytes(), ImportOptions::default()) {
                Ok(read) => read,
                Err(error) => panic!("{language}: {error}\n{text}"),
            };
            assert_eq!(notices, Vec::<String>::new(), "{language}");
            assert_eq!(series.len(), 1, "{language}\n{text}");
            let letters: String = picture(&series[0]).iter().map(|(_, letter)| *letter).collect();
            // Only English says what kind of error it is.
            let wanted = if language.starts_with("English") { ".xxu.xxxx" } else { ".xxx.xxxx" };
            assert_eq!(letters, wanted, "{language}\n{text}");
            let times: Vec<i64> = picture(&series[0]).iter().map(|(ms, _)| *ms).collect();
            assert_eq!(times, (0..9).map(|n| n * 1_000).collect::<Vec<_>>(), "{language}");
            assert_eq!(series[0].address, address);
        }
    }
}
