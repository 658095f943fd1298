//! Pages without what names a person or a device, so that they can be shown to others.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use html5gum::Token;

use super::cells::squeezed;
use super::log::hardware_addresses;
use super::tokens::tokens;

/// A page with what was masked in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MaskedPage {
    /// The page.
    pub body: Vec<u8>,
    /// How often each kind of thing was masked.
    masked: Vec<(&'static str, usize)>,
}

impl MaskedPage {
    /// What was masked, and how often: `hardware addresses`, 3.
    pub fn counts(&self) -> impl Iterator<Item = (&'static str, usize)> {
        self.masked.iter().copied()
    }
}

/// Names whose values are nobody's business, in small letters without marks.
const SECRETS: [(&str, &str); 15] = [
    ("serial", "serial numbers"),
    ("password", "passwords"),
    ("passwd", "passwords"),
    ("passphrase", "passwords"),
    ("presharedkey", "passwords"),
    ("wpspin", "passwords"),
    ("token", "tokens"),
    ("sessionid", "tokens"),
    ("privatekey", "tokens"),
    ("nonce", "tokens"),
    ("ssid", "network names"),
    ("networkname", "network names"),
    ("username", "user names"),
    ("accountnumber", "customer numbers"),
    ("customerid", "customer numbers"),
];

/// The page in which the maker's own part of hardware addresses is all that is left of them, addresses
/// of the internet are those of documentation, and serial numbers, passwords, tokens, names of users
/// and of networks are `X`. Everything else stays byte for byte, if it is UTF-8.
pub fn masked_page(body: &[u8]) -> MaskedPage {
    let text = String::from_utf8_lossy(body).into_owned();
    let mut changes: Vec<(Range<usize>, String, &'static str)> = Vec::new();
    let secrets = quoted_secrets(&text).into_iter().chain(element_secrets(&text));
    for (range, what) in secrets.chain(shown_secrets(&text)) {
        let masked = crossed_after(&text[range.clone()], 0);
        if masked != text[range.clone()] {
            changes.push((range, masked, what));
        }
    }
    for range in hardware_addresses(&text) {
        let masked = crossed_after(&text[range.clone()], 6);
        changes.push((range, masked, "hardware addresses"));
    }
    for range in words_of(&text, |c| c.is_ascii_hexdigit() || matches!(c, '.' | ':')) {
        let word = &text[range.clone()];
        if is_public_v4(word) && !is_part_of_a_version(&text, &range) {
            changes.push((range, "192.0.2.1".to_owned(), "internet addresses"));
        } else if is_public_v6(word) {
            changes.push((range, "2001:db8::1".to_owned(), "internet addresses"));
        }
    }
    changes.sort_by_key(|(range, ..)| (range.start, std::cmp::Reverse(range.end)));
    let mut masked: Vec<(&'static str, usize)> = Vec::new();
    let mut out = String::with_capacity(text.len());
    let mut copied = 0;
    for (range, new, what) in changes {
        // Within what is masked already.
        if range.start < copied {
            continue;
        }
        out.push_str(&text[copied..range.start]);
        out.push_str(&new);
        copied = range.end;
        match masked.iter_mut().find(|(other, _)| *other == what) {
            Some((_, count)) => *count += 1,
            None => masked.push((what, 1)),
        }
    }
    out.push_str(&text[copied..]);
    MaskedPage { body: out.into_bytes(), masked }
}

/// Letters and digits are `X`, but for the first `kept`.
fn crossed_after(text: &str, kept: usize) -> String {
    let mut seen = 0;
    let mut cross = |c: char| {
        if !c.is_alphanumeric() {
            return c;
        }
        seen += 1;
        if seen > kept { 'X' } else { c }
    };
    text.chars().map(&mut cross).collect()
}

/// Runs of such characters.
fn words_of(text: &str, is_part: impl Fn(char) -> bool) -> Vec<Range<usize>> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), '\n')]) {
        match (is_part(c) && at < text.len(), start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                words.push(from..at);
                start = None;
            }
            _ => {}
        }
    }
    words
}

fn is_public_v4(word: &str) -> bool {
    word.parse::<Ipv4Addr>().is_ok_and(|address| {
        let first = address.octets()[0];
        !(address.is_private()
            || address.is_loopback()
            || address.is_link_local()
            || first == 0
            || first >= 224)
    })
}

fn is_public_v6(word: &str) -> bool {
    let is_long = word.matches(':').count() >= 2 && word.len() > 4;
    is_long
        && word
            .parse::<Ipv6Addr>()
            .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified())
}

/// `2.4.0.3` of `OSPREY-2.4.0.3-GA`.
fn is_part_of_a_version(text: &str, range: &Range<usize>) -> bool {
    let before = text[..range.start].chars().next_back();
    let after = text[range.end..].chars().next();
    let joins = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
    joins(before) || joins(after)
}

fn secret_named(name: &str) -> Option<&'static str> {
    let plain: String =
        name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    SECRETS.into_iter().find(|(secret, _)| plain.contains(secret)).map(|(_, what)| what)
}

/// As [`secret_named`], of names that are none of words that people read, where `SID` is the number of a
/// service flow: a FRITZ!Box calls its session so.
fn secret_keyed(name: &str) -> Option<&'static str> {
    if name.eq_ignore_ascii_case("sid") { Some("tokens") } else { secret_named(name) }
}

/// Strings that scripts, JSON and fields of forms give to a name: `"serialNumber": "..."`,
/// `var SessionId = '...'`, `name="csrf_token" value="..."`.
fn quoted_secrets(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    for name in words_of(text, |c| c.is_ascii_alphanumeric() || c == '_' || c == '-') {
        let Some(what) = secret_keyed(&text[name.clone()]) else { continue };
        let mut rest = text[name.end..].trim_start_matches(['"', '\'', ' ']);
        rest = rest.strip_prefix("value").unwrap_or(rest);
        let Some(value) = rest.strip_prefix([':', '=']) else { continue };
        let value = value.trim_start();
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        let start = text.len() - value.len() + 1;
        if let Some(length) = text[start..].find(quote).filter(|length| (1..=200).contains(length))
        {
            found.push((start..start + length, what));
        }
    }
    found
}

/// What elements of XML with such a name hold, in others within them or not:
/// `<NewUserName>...</NewUserName>`, `<j:Serial>...`. One that is not closed holds what comes before the
/// next tag.
fn element_secrets(text: &str) -> Vec<(Range<usize>, &'static str)> {
    const CDATA: &str = "<![CDATA[";
    const MOST_UNCLOSED: usize = 50;
    let mut unclosed: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    let mut open: Option<(&str, &'static str)> = None;
    let mut at = text.find('<');
    while let Some(start) = at {
        let next = |from: usize| text[from..].find('<').map(|length| from + length);
        if let Some(inner) = text[start..].strip_prefix(CDATA) {
            let start = start + CDATA.len();
            let end = start + inner.find("]]>").unwrap_or(inner.len());
            found.extend(open.map(|(_, what)| (start..end, what)));
            at = next(end);
            continue;
        }
        let Some(length) = text[start + 1..].find(['<', '>']) else { break };
        let end = start + 1 + length;
        at = next(end);
        if text[end..].starts_with('<') {
            continue;
        }
        let tag = &text[start + 1..end];
        let name = tag.trim_start_matches('/');
        let name = name.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or_default();
        if tag.starts_with('/') {
            open = open.filter(|(opened, _)| *opened != name);
        } else if open.is_none() && !tag.ends_with('/') {
            let own = name.rsplit(':').next().unwrap_or_default();
            open = secret_keyed(own).map(|what| (name, what));
        }
        found.extend(open.map(|(_, what)| (end + 1..at.unwrap_or(text.len()), what)));
        // From here on that name is not closed again.
        let is_opened = open.filter(|(opened, _)| *opened == name && !tag.starts_with('/'));
        if is_opened.is_some() && !unclosed.contains(&name) {
            if unclosed.len() == MOST_UNCLOSED {
                break;
            }
            if !text[end..].contains(&format!("</{name}>")) {
                unclosed.push(name);
            }
        }
        open = open.filter(|(opened, _)| !unclosed.contains(opened));
    }
    found
}

/// What a page shows after such a name: in the next cell or after a colon.
fn shown_secrets(text: &str) -> Vec<(Range<usize>, &'static str)> {
    let mut found = Vec::new();
    let mut waiting = None;
    let mut is_script = false;
    for token in tokens(text) {
        match token {
            Token::StartTag(tag) => {
                is_script = matches!(tag.name.0.as_slice(), b"script" | b"style");
            }
            // The name of a link or a title has no value.
            Token::EndTag(tag) if ends_name(&tag.name) => waiting = None,
            Token::String(shown) if !is_script => {
                let range = shown.span.start..shown.span.end;
                let Some(raw) = text.get(range.clone()) else { continue };
                let words = squeezed(raw);
                // JSON is no text that is shown.
                if words.is_empty() || words == "&nbsp;" || words.starts_with(['{', '[']) {
                    continue;
                }
                let named = secret_named(&words).filter(|_| words.len() < 60);
                let is_name = words.ends_with(':');
                match (waiting.take(), named, raw.split_once(':')) {
                    // A password may well be named so.
                    (Some(what), _, _) if !is_name && words.len() < 80 => found.push((range, what)),
                    (_, Some(what), Some((name, value)))
                        if secret_named(name).is_some() && !squeezed(value).is_empty() =>
                    {
                        found.push((range.end - value.len()..range.end, what));
                    }
                    (_, Some(what), _) => waiting = Some(what),
                    _ => {}
                }
            }
            _ => {}
        }
    }
    found
}

/// Whether what was named so far has no value beyond the end of this element.
fn ends_name(element: &[u8]) -> bool {
    matches!(
        element,
        b"tr" | b"a" | b"li" | b"option" | b"button" | b"h1" | b"h2" | b"h3" | b"h4" | b"title"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn masked(text: &str) -> String {
        String::from_utf8(masked_page(text.as_bytes()).body).unwrap()
    }

    #[test]
    fn what_names_a_person_or_a_device_is_masked_and_levels_are_not() {
        for (text, expected) in [
            ("<td>MAC</td><td>00:00:5e:00:53:01</td>", "<td>MAC</td><td>00:00:5e:XX:XX:XX</td>"),
            (
                "<td>Cable Modem Serial Number</td><td><b>CP1730HD6ZN</b></td>",
                "<td>Cable Modem Serial Number</td><td><b>XXXXXXXXXXX</b></td>",
            ),
            (
                "<span>Default Password:</span>\n<span>secret word</span>",
                "<span>Default Password:</span>\n<span>XXXXXX XXXX</span>",
            ),
            (
                "<b>Default Password:</b><i>mypasswd</i><b>CM MAC:</b><i>5</i>",
                "<b>Default Password:</b><i>XXXXXXXX</i><b>CM MAC:</b><i>5</i>",
            ),
            ("<a>Change Password</a><h1>Status</h1>", "<a>Change Password</a><h1>Status</h1>"),
            ("{\"serialNumber\": \"ABC123456789\"}", "{\"serialNumber\": \"XXXXXXXXXXXX\"}"),
            ("<p>Serial Number: AB12</p><p>5</p>", "<p>Serial Number: XXXX</p><p>5</p>"),
            (
                "{\"serialNumber\": \"AB12\", \"power\": \"3\"}",
                "{\"serialNumber\": \"XXXX\", \"power\": \"3\"}",
            ),
            (
                "<input name=\"csrf_token\" value=\"ab12\">",
                "<input name=\"csrf_token\" value=\"XXXX\">",
            ),
            ("var SessionId = 'ab12';", "var SessionId = 'XXXX';"),
            ("WAN 203.0.113.77, LAN 192.168.100.1", "WAN 192.0.2.1, LAN 192.168.100.1"),
            ("2a02:8109::1234 and ::1", "2001:db8::1 and ::1"),
            ("D30CM-OSPREY-2.4.0.3-GA 255.255.255.0", "D30CM-OSPREY-2.4.0.3-GA 255.255.255.0"),
            (
                "Fri Oct 24 22:23:46 2025 17 days 00h:38m:36s",
                "Fri Oct 24 22:23:46 2025 17 days 00h:38m:36s",
            ),
            ("<td>40.1 dB</td><td>2893294930</td>", "<td>40.1 dB</td><td>2893294930</td>"),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(expected), expected, "once is enough");
        }
        let page = masked_page(b"00:00:5e:00:53:01 00:00:5e:00:53:02");
        assert_eq!(page.counts().collect::<Vec<_>>(), [("hardware addresses", 2)]);
    }

    #[test]
    fn users_serial_numbers_and_sessions_in_xml_and_json_of_a_fritz_box_are_masked() {
        for (text, expected) in [
            (
                "<NewUserName>0012@t-online.example</NewUserName><NewUptime>77</NewUptime>",
                "<NewUserName>XXXX@X-XXXXXX.XXXXXXX</NewUserName><NewUptime>77</NewUptime>",
            ),
            // A serial number that is a hardware address keeps nothing of it.
            (
                "<NewSerialNumber>00005E005301</NewSerialNumber>",
                "<NewSerialNumber>XXXXXXXXXXXX</NewSerialNumber>",
            ),
            (
                "<j:Serial a=\"1\">0000\n5E</j:Serial><j:Name>FRITZ!Box</j:Name>",
                "<j:Serial a=\"1\">XXXX\nXX</j:Serial><j:Name>FRITZ!Box</j:Name>",
            ),
            (
                "<Token><v>ab</v><w/>12</Token><v>3</v><SSID/><v>4</v>",
                "<Token><v>XX</v><w/>XX</Token><v>3</v><SSID/><v>4</v>",
            ),
            ("<SSID><![CDATA[a<b>c]]></SSID>5", "<SSID><![CDATA[X<X>X]]></SSID>5"),
            ("<NewSSID>cut off", "<NewSSID>XXX XXX"),
            ("'<password>' <b>38.5 dB</b>", "'<password>' <b>38.5 dB</b>"),
            ("<SID>0123456789abcdef</SID>", "<SID>XXXXXXXXXXXXXXXX</SID>"),
            (
                "{\"pid\":\"docInfo\",\"sid\":\"0123456789abcdef\",\"sids\":\"1\"}",
                "{\"pid\":\"docInfo\",\"sid\":\"XXXXXXXXXXXXXXXX\",\"sids\":\"1\"}",
            ),
            // The number of a service flow.
            ("<td>SID</td><td>5</td>", "<td>SID</td><td>5</td>"),
        ] {
            assert_eq!(masked(text), expected);
            assert_eq!(masked(expected), expected, "once is enough");
        }
    }
}
