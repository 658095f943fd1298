use std::time::Duration;

use jiff::civil::datetime;

use super::read;
use crate::modem::ModemKind;
use crate::vocabulary::{ChannelKind, LogClass, LogStamp, ModemClock, Modulation};

#[test]
fn a_log_is_read_whose_rows_are_not_opened_and_whose_table_may_never_end() {
    let log = |rows: &str| {
        let heads = "<tr><td>Index</td><td>Time</td><td>Level</td><td>Description</td></tr>";
        read(
            ModemKind::Tc4400,
            &[&format!("<blockquote><h1>SNMP Event Log</h1><p><table border=1>{heads}{rows}")],
        )
        .log
    };
    assert_eq!(log(""), Some(vec![]), "an empty log is not no log");
    let read = log(
        "<td>1</td><td>Thu Nov 27 00:38:00 2025\n</td><td>Critical (3)</td>\
         <td>Ranging Request Retries exhausted;CM-MAC=00:00:5e:00:53...&nbsp;</td></tr>\
         <td>2</td><td>??? Nov 27 00:37:48 2025</td><td>Critical (3)</td><td>No Ranging Response received - T3 time-out</td></tr>\
         <td>3</td><td>Thu Nov 27 00:37:48 2025</td><td>Critical (3)</td><td>No Ranging Response received - T3 time-out</td></tr>",
    )
    .unwrap();
    let at = |second| {
        LogStamp::Second(datetime(2025, 11, 27, 0, if second == 0 { 38 } else { 37 }, second, 0))
    };
    let seen: Vec<_> =
        read.iter().map(|e| (e.stamp, e.count, e.level, e.class, e.text.as_str())).collect();
    assert_eq!(
        seen,
        [
            (at(48), 2, Some(3), LogClass::T3, "No Ranging Response received - T3 time-out"),
            (
                at(0),
                1,
                Some(3),
                LogClass::RangingExhausted,
                "Ranging Request Retries exhausted;CM-MAC=00:00:5e:....."
            ),
        ]
    );
}

#[test]
fn heads_that_are_not_opened_and_the_word_other_are_understood() {
    // The SB8200 calls OFDM "Other", and some of its firmwares do not open the row of heads.
    let read = read(
        ModemKind::Sb8200,
        &["<span id='thisModelNumberIs'>SB8200</span>\
        <table class='simpleTable'><tr><th colspan=8><strong>Downstream Bonded Channels</strong></th></tr>\
        <td><strong>Channel ID</strong></td><td>Lock Status</td><td>Modulation</td><td>Frequency</td><td>Power</td>\
        <td>SNR/MER</td><td>Corrected</td><td>Uncorrectables</td></tr>\
        <tr><td>45</td><td>Locked</td><td>QAM256</td><td>237000000 Hz</td><td>1.1 dBmV</td><td>43.4 dB</td><td>37157</td><td>65781</td></tr>\
        <tr><td>159</td><td>Locked</td><td>Other</td><td>300000000 Hz</td><td>-0.1 dBmV</td><td>40.2 dB</td><td>4001234064</td><td>327213</td></tr>\
        <tr><td>160</td><td>Locked</td><td>Other</td><td>950000000 Hz</td><td>0.0 dBmV</td><td>36.0 dB</td><td>4001234064</td><td>327213</td></tr>\
        </table><table><tr><th colspan=7>Upstream Bonded Channels</th></tr>\
        <td>Channel</td><td>Channel ID</td><td>Lock Status</td><td><strong>US Channel Type</td><td>Frequency</td><td>Width</td><td>Power</td></tr>\
        <tr><td>5</td><td>6</td><td>Locked</td><td>OFDM Upstream</td><td>36800000 Hz</td><td>44000000 Hz</td><td>41.0 dBmV</td></tr></table>"],
    );
    assert_eq!(read.model.as_deref(), Some("SB8200"));
    let seen: Vec<_> = read
        .downstream
        .iter()
        .map(|d| (d.id, d.kind, d.power_dbmv, d.mer_db, d.corrected, d.uncorrectable))
        .collect();
    let (one, many) = (Some(ChannelKind::ScQam), Some(ChannelKind::Ofdm));
    assert_eq!(
        seen,
        [
            (Some(45), one, Some(1.1), Some(43.4), Some(37_157), Some(65_781)),
            (Some(159), many, Some(-0.1), Some(40.2), Some(4_001_234_064), Some(327_213)),
            (Some(160), many, Some(0.0), Some(36.0), Some(4_001_234_064), Some(327_213)),
        ]
    );
    assert_eq!(
        (read.upstream[0].kind, read.upstream[0].power_dbmv),
        (Some(ChannelKind::Ofdma), Some(41.0))
    );
    assert!(
        read.notes
            .iter()
            .any(|note| note.starts_with("channels 159 and 160 show the same counters"))
    );
}

#[test]
fn rows_that_are_not_closed_and_megahertz_are_understood() {
    let read = read(
        ModemKind::Sb6190,
        &["<table><tr><th colspan=7>Upstream Bonded Channels</th></tr>\
        <tr><td>Channel</td><td>Lock Status</td><td>US Channel Type</td><td>Channel ID</td><td>Symbol Rate</td><td>Frequency</td><td>Power</td></tr>\
        <tr><td>1</td><td> Locked </td><td>ATDMA</td><td>2</td><td>2560 kSym/s</td><td>25.70 MHz</td><td>44.50 dBmV</td>\
        <tr><td>2</td><td> Not Locked </td><td>ATDMA</td><td>4</td><td>5120 kSym/s</td><td>37.10 MHz</td><td>45.75 dBmV</td></table>"],
    );
    let seen: Vec<_> = read
        .upstream
        .iter()
        .map(|u| (u.row, u.id, u.locked, u.frequency_hz, u.power_dbmv))
        .collect();
    assert_eq!(
        seen,
        [
            (Some(1), Some(2), Some(true), Some(25_700_000), Some(44.5)),
            (Some(2), Some(4), Some(false), Some(37_100_000), None),
        ]
    );
}

#[test]
fn a_cm3500b_is_read_with_heads_in_two_rows_and_rows_wider_than_their_heads() {
    let read = read(
        ModemKind::Cm3500b,
        &[
            "<h4> Downstream QAM </h4><table><tr><td></td><td>DCID</td><td>Freq</td><td>Power</td><td>SNR</td>\
        <td>Modulation</td><td>Octets</td><td>Correcteds</td><td>Uncorrectables</td></tr>\
        <tr><td>Downstream 1</td><td>3</td><td>570.00 MHz</td><td>-11.20 dBmV</td><td>36.61 dB</td><td>256QAM</td><td>520656535</td><td>9</td><td>2</td></tr></table>\
        <h4> Downstream OFDM </h4><table><thead><tr><td rowspan=2></td><td rowspan=2>FFT Type</td><td rowspan=2>Channel Width(MHz)</td>\
        <td rowspan=2># of Active Subcarriers</td><td rowspan=2>First Active Subcarrier(MHz)</td><td rowspan=2>Last Active Subcarrier(MHz)</td>\
        <td colspan=3>Average RxMER(dB)</td></tr><tr><td>Pilot</td><td>PLC</td><td>Data</td></tr></thead>\
        <tbody><tr><td>Downstream 2</td><td>4K</td><td>110</td><td>2200</td><td>751</td><td>860</td><td>35</td><td>30</td><td>29</td></tr></tbody></table>\
        <h4> Upstream QAM </h4><table><tr><td></td><td>UCID</td><td>Freq</td><td>Power</td><td>Channel Type</td><td>Symbol Rate</td><td>Modulation</td></tr>\
        <tr><td>Upstream 1</td><td>10</td><td>37.20 MHz</td><td>45.25 dBmV</td><td>DOCSIS2.0 (ATDMA)</td><td>5120 kSym/s</td><td>16QAM</td></tr></table>\
        <h4> Upstream OFDM </h4><table><tr><td></td><td>FFT Type</td><td>Channel Width(MHz)</td><td># of Active Subcarriers</td>\
        <td>First Active Subcarrier(MHz)</td><td>Last Active Subcarrier(MHz)</td><td>Tx Power(dBmV)</td></tr>\
        <tr><td>Upstream 0</td><td>2K</td><td>32.000000</td><td>640</td><td>74</td><td>773</td><td>29.8</td><td>64.8</td><td>45.000000</td></tr></table>\
        <table><tr><td>System Uptime: </td><td>0 d:  7 h: 40 m</td></tr><tr><td>CM Status:</td><td>OPERATIONAL</td></tr>\
        <tr><td>Time and Date:</td><td>Fri 2025-12-19 02:01:25</td></tr><tr><td>Hardware Model</td><td>CM3500B</td></tr></table>",
        ],
    );
    let down: Vec<_> = read
        .downstream
        .iter()
        .map(|d| (d.row, d.id, d.kind, d.frequency_hz, d.width_hz, d.power_dbmv, d.mer_db))
        .collect();
    assert_eq!(
        down,
        [
            (
                Some(1),
                Some(3),
                Some(ChannelKind::ScQam),
                Some(570_000_000),
                None,
                Some(-11.2),
                Some(36.61)
            ),
            (
                Some(2),
                None,
                Some(ChannelKind::Ofdm),
                Some(805_500_000),
                Some(110_000_000),
                None,
                Some(29.0)
            ),
        ]
    );
    let counts = &read.downstream[0];
    assert_eq!(
        (counts.unerrored, counts.corrected, counts.uncorrectable),
        (None, Some(9), Some(2)),
        "octets are no codewords"
    );
    let up: Vec<_> = read
        .upstream
        .iter()
        .map(|u| (u.row, u.id, u.kind, u.frequency_hz, u.power_dbmv, u.modulation.clone()))
        .collect();
    assert_eq!(
        up,
        [
            (
                Some(1),
                Some(10),
                Some(ChannelKind::ScQam),
                Some(37_200_000),
                Some(45.25),
                Some(Modulation::Qam(16))
            ),
            (Some(0), None, Some(ChannelKind::Ofdma), Some(47_300_000), Some(45.0), None),
        ]
    );
    assert_eq!(read.uptime, Some(Duration::from_secs(7 * 3_600 + 40 * 60)));
    assert_eq!(read.clock, Some(ModemClock::Local(datetime(2025, 12, 19, 2, 1, 25, 0))));
    assert_eq!(
        (read.model.as_deref(), read.connection.as_deref()),
        (Some("CM3500B"), Some("OPERATIONAL"))
    );
}

#[test]
fn channels_side_by_side_are_read_with_their_counters_from_another_table() {
    let cells = |values: &[&str]| {
        values.iter().map(|v| format!("<td><div class=w>{v}</div></td>")).collect::<String>()
    };
    let line = |name: &str, values: &[&str]| {
        format!("<tr><th class=row-label>{name}</td>{}</tr>", cells(values))
    };
    let head = |name: &str| {
        format!(
            "<table class=data><thead><tr><td><div>{name}</div></td><td colspan=3>Channel Bonding Value</td></tr></thead><tbody>"
        )
    };
    let body = head("Downstream")
        + &line("Channel ID", &["10", "1", "33"])
        + &line("Lock Status", &["Locked", "Not Locked", "Locked"])
        + &line("Frequency", &["609 MHz", "279 MHz", "350000000"])
        + &line("SNR", &["38.4 dB", "0.0 dB", "37.6 dB"])
        + &line(
            "Power Level<table><tr><td>a snapshot taken at the time of this page</td></tr></table>",
            &["4.3 dBmV", "0.0 dBmV", "-5.0 dBmV"],
        )
        + &line("Modulation", &["256 QAM", "256 QAM", "OFDM"])
        + "</tbody></table>"
        + &head("Upstream")
        + &line("Channel ID", &["1", "10"])
        + &line("Frequency", &["21 MHz", "42 MHz"])
        + &line("Symbol Rate", &["2560", "0"])
        + &line("Power Level", &["32.0 dBmV", "34.2 dBmV"])
        + &line("Modulation", &["QAM", "OFDMA"])
        + &line("Channel Type", &["TDMA_AND_ATDMA", "TDMA"])
        + "</tbody></table><table><thead><tr><td colspan=4>CM Error Codewords</td></tr></thead>"
        + &line("Channel ID", &["33", "10", "1"])
        + &line("Unerrored Codewords", &["3422118350", "3354138606", "5"])
        + &line("Correctable Codewords", &["2964216906", "200", "6"])
        + &line("Uncorrectable Codewords", &["0", "529", "7"])
        + "</table><div class=form-row><span class=readonlyLabel>System Uptime:</span> <span class=value>\n 21 days 15h: 20m: 33s \n</span></div>\
           <div><span>Model:</span> <span>CGM4331COM</span></div><div><span>Local time:</span><span> 2025-10-24 18:40:54</span></div>";
    let read = read(ModemKind::Xb, &[&body]);
    let down: Vec<_> = read
        .downstream
        .iter()
        .map(|d| {
            (
                d.id,
                d.locked,
                d.frequency_hz,
                d.power_dbmv,
                d.mer_db,
                [d.unerrored, d.corrected, d.uncorrectable],
            )
        })
        .collect();
    assert_eq!(
        down,
        [
            (
                Some(10),
                Some(true),
                Some(609_000_000),
                Some(4.3),
                Some(38.4),
                [Some(3_354_138_606), Some(200), Some(529)]
            ),
            (Some(1), Some(false), Some(279_000_000), None, None, [None; 3]),
            (
                Some(33),
                Some(true),
                Some(350_000_000),
                Some(-5.0),
                Some(37.6),
                [Some(3_422_118_350), Some(2_964_216_906), Some(0)]
            ),
        ]
    );
    let kinds: Vec<_> = read.downstream.iter().map(|d| d.kind).collect();
    assert_eq!(
        kinds,
        [Some(ChannelKind::ScQam), Some(ChannelKind::ScQam), Some(ChannelKind::Ofdm)]
    );
    let up: Vec<_> =
        read.upstream.iter().map(|u| (u.id, u.kind, u.frequency_hz, u.power_dbmv)).collect();
    assert_eq!(
        up,
        [
            (Some(1), Some(ChannelKind::ScQam), Some(21_000_000), Some(32.0)),
            (Some(10), Some(ChannelKind::Ofdma), Some(42_000_000), Some(34.2)),
        ]
    );
    assert_eq!(read.uptime, Some(Duration::from_secs(21 * 86_400 + 15 * 3_600 + 20 * 60 + 33)));
    assert_eq!(read.model.as_deref(), Some("CGM4331COM"));
    assert_eq!(read.notes, Vec::<String>::new());
}

#[test]
fn lists_in_scripts_are_read_by_the_function_s_name() {
    let read = read(
        ModemKind::NetgearCm,
        &[
            "<title>NETGEAR Modem CM1200</title><script>\
        function InitTagValue()\n{\n //var tagValueList = \"0|In Progress|--- --- -- --:--:-- ----\";\n \
        var tagValueList = '765000000|Locked|OK|Operational|Sun Dec 14 11:56:29 2025|0|39 days 15:47:33|1|';\n return tagValueList.split(\"|\"); }\n\
        function InitUpdateView(tagValues) { document.getElementById(\"CurrentSystemTime\").innerHTML = 'Current System Time:' + tagValues[4];\
        document.getElementById(\"SystemUpTime\").innerHTML = 'System Up Time:' + tagValues[6];\
        document.getElementById(\"ConnectivityStateComment\").innerHTML = tagValues[3]; }\n\
        function InitDsTableTagValue() {\n/* var tagValueList = \"8\" + \"|1|Not Locked|Unknown|0|0|0.0|0.0|11|0\"; */\n\
        var tagValueList = '2|1|Locked|QAM256|32|765000000 Hz|10.5|44|8180|3392|2|Not Locked|Unknown|0|0 Hz|0.0|0.0|0|0|'; }\n\
        function InitUsTableTagValue() { var tagValueList = '1|1|Locked|ATDMA|3|5120 Ksym/sec|13200000 Hz|47.5 dBmV|'; }\n\
        function InitUsOfdmaTableTagValue() { var tagValueList = '2|1|Locked|3 ,4|1|19725000 Hz|44.5 dBmV|2|Not Locked|0|0|0 Hz|0 dBmV'; }\n\
        function InitDsOfdmTableTagValue() { var tagValueList = '1'\n + '|1|Locked|0 ,1 ,2|159|380000000 Hz|-7.7 dBmV|44.6 dB|1108 ~ 2987|96295586575|6302798190|4584'; }\n\
        </script><table id=dsTable><tr><td>Channel</td><td>Lock Status</td><td>Modulation</td><td>Channel ID</td><td>Frequency</td><td>Power</td>\
        <td>SNR</td><td>Correctables</td><td>Uncorrectables</td></tr></table>\
        <table><tr><td><b>System Up Time:</b> 00:00:00</td></tr></table>",
            "<script>function InitTagValue() { var xmlFormat = \"<docsDevEventTable><tr><docsDevEvTime>Thu Nov 27 00:37:48 2025<\\/docsDevEvTime>\
        <docsDevEvLevel>Critical (3)<\\/docsDevEvLevel><docsDevEvText>No UCDs Received - Timeout;;CM-MAC=00:00:5e:00:53:01;<\\/docsDevEvText><\\/tr>\
        <tr><docsDevEvFirstTime>2025-11-26, 08:58:51.0<\\/docsDevEvFirstTime><docsDevEvLastTime>2025-11-26, 09:00:00.0<\\/docsDevEvLastTime>\
        <docsDevEvCounts>7<\\/docsDevEvCounts><docsDevEvLevel>3<\\/docsDevEvLevel><docsDevEvId>84000100<\\/docsDevEvId>\
        <docsDevEvText>T3 time-out<\\/docsDevEvText><\\/tr><\\/docsDevEventTable>\"; return xmlFormat; }</script>",
        ],
    );
    assert_eq!(read.model.as_deref(), Some("CM1200"));
    assert_eq!(read.uptime, Some(Duration::from_secs(39 * 86_400 + 15 * 3_600 + 47 * 60 + 33)));
    assert_eq!(read.clock, Some(ModemClock::Local(datetime(2025, 12, 14, 11, 56, 29, 0))));
    assert_eq!(read.connection.as_deref(), Some("Operational"));
    let down: Vec<_> = read
        .downstream
        .iter()
        .map(|d| (d.row, d.id, d.kind, d.locked, d.frequency_hz, d.power_dbmv, d.mer_db))
        .collect();
    assert_eq!(
        down,
        [
            (
                Some(1),
                Some(32),
                Some(ChannelKind::ScQam),
                Some(true),
                Some(765_000_000),
                Some(10.5),
                Some(44.0)
            ),
            (Some(2), None, None, Some(false), None, None, None),
            (
                Some(1),
                Some(159),
                Some(ChannelKind::Ofdm),
                Some(true),
                Some(380_000_000),
                Some(-7.7),
                Some(44.6)
            ),
        ]
    );
    let many = &read.downstream[2];
    assert_eq!(
        (many.unerrored, many.corrected, many.uncorrectable),
        (Some(96_295_586_575), Some(6_302_798_190), Some(4_584))
    );
    let up: Vec<_> = read
        .upstream
        .iter()
        .map(|u| (u.id, u.kind, u.locked, u.frequency_hz, u.power_dbmv))
        .collect();
    assert_eq!(
        up,
        [
            (Some(3), Some(ChannelKind::ScQam), Some(true), Some(13_200_000), Some(47.5)),
            (Some(1), Some(ChannelKind::Ofdma), Some(true), Some(19_725_000), Some(44.5)),
            (None, Some(ChannelKind::Ofdma), Some(false), None, None),
        ]
    );
    let log = read.log.unwrap();
    let seen: Vec<_> =
        log.iter().map(|e| (e.class, e.count, e.level, e.number, e.last.is_some())).collect();
    assert_eq!(
        seen,
        [
            (LogClass::T3, 7, Some(3), Some(84_000_100), true),
            (LogClass::T1, 1, Some(3), None, false),
        ]
    );
    assert!(log[1].text.ends_with("CM-MAC=00:00:5e:..;"));
}

#[test]
fn a_page_that_was_saved_twice_is_read_once_and_side_by_side_tables_without_channels_are_an_error()
{
    let lines = |ids: [&str; 2], power: [&str; 2]| {
        format!(
            "<table><tr><td>Downstream</td><td>Channel Bonding Value</td></tr>\
             <tr><td>Channel ID</td><td>{}</td><td>{}</td></tr><tr><td>Lock Status</td><td></td><td></td></tr>\
             <tr><td>SNR</td><td>38 dB</td><td>-</td></tr>\
             <tr><td>Power Level</td><td>{}</td><td>{}</td></tr></table>",
            ids[0], ids[1], power[0], power[1],
        )
    };
    let page = lines(["10", "11"], ["-4.3 dBmV", "2 dBmV"]);
    let twice = read(ModemKind::Xb, &[&page, &page]);
    let seen: Vec<_> = twice.downstream.iter().map(|d| (d.id, d.power_dbmv, d.mer_db)).collect();
    assert_eq!(seen, [(Some(10), Some(-4.3), Some(38.0)), (Some(11), Some(2.0), None)]);
    let said = "page.html: channels that an earlier page shows, not read again: 2".to_owned();
    assert!(twice.notes.contains(&said), "{:?}", twice.notes);
    let page = lines(["a", "b"], ["c", "d"]);
    let pages = [crate::modem::ModemPage { path: "a".to_owned(), body: page.into_bytes() }];
    let result = crate::modem::parse(ModemKind::Xb, &pages);
    assert!(matches!(result, Err(crate::modem::Error::NoChannel { .. })), "{result:?}");
}

#[test]
fn counters_without_numbers_belong_to_the_channels_in_their_order() {
    let counters = |values: &str| {
        format!(
            "<table><tr><td>Downstream</td><td>Channel Bonding Value</td></tr>\
             <tr><td>Index</td><td>1</td><td>2</td></tr>\
             <tr><td>Frequency</td><td>609 MHz</td><td>279 MHz</td></tr>\
             <tr><td>SNR</td><td>38 dB</td><td>37 dB</td></tr>\
             <tr><td>Power Level</td><td>4.3 dBmV</td><td>10.6 dB</td></tr></table>\
             <table><tr><td colspan=2>CM Error Codewords</td></tr><tr><td>Unerrored Codewords</td>{values}</tr>\
             <tr><td>Correctable Codewords</td>{values}</tr><tr><td>Uncorrectable Codewords</td>{values}</tr></table>"
        )
    };
    let seen = |body: &str| {
        let read = read(ModemKind::Xb, &[body]);
        let down =
            read.downstream.iter().map(|d| (d.row, d.power_dbmv, d.unerrored, d.uncorrectable));
        down.collect::<Vec<_>>()
    };
    let two = seen(&counters("<td>7</td><td>8</td>"));
    assert_eq!(two, [(Some(1), Some(4.3), Some(7), Some(7)), (Some(2), None, Some(8), Some(8))]);
    let three = seen(&counters("<td>7</td><td>8</td><td>9</td>"));
    assert_eq!(three, [(Some(1), Some(4.3), None, None), (Some(2), None, None, None)]);
}

#[test]
fn the_state_of_a_connection_is_no_text_that_explains_it() {
    let said = read(
        ModemKind::Mb8611,
        &["<table><tr><td>Startup Step</td><td>Status</td><td>Comment</td><td></td></tr>\
           <tr><td>Upstream Connection</td><td>OK</td><td>Operational</td>\
           <td>Upstream Connection: The next step is to establish an upstream connection.</td></tr></table>\
           <table><tr><th colspan=7>Downstream Bonded Channels</th></tr>\
           <tr><td>Channel</td><td>Lock Status</td><td>Modulation</td><td>Channel ID</td>\
           <td>Freq. (MHz)</td><td>Pwr (dBmV)</td><td>SNR (dB)</td></tr>\
           <tr><td>1</td><td>Locked</td><td>QAM256</td><td>44</td><td>639.0</td><td>-4.6</td><td>40.0</td></tr></table>"],
    );
    assert_eq!(said.connection.as_deref(), Some("Operational"));
    assert_eq!(said.downstream[0].power_dbmv, Some(-4.6));
}
