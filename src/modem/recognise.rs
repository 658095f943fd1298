//! Which kind of modem saved pages are of, by what is on them.

use super::ModemPage;
use super::families::asks_for_login;
use super::html::HtmlPage;
use crate::vocabulary::ModemKind;

/// Signs in pages that are not HTML.
const DATA_SIGNS: [(&str, ModemKind); 13] = [
    ("MotoConn", ModemKind::Mb8611),
    ("GetMoto", ModemKind::Mb8611),
    ("CustomerConn", ModemKind::S33),
    ("GetCustomerStatus", ModemKind::S33),
    ("GetArrisDeviceStatus", ModemKind::S33),
    ("\"cablemodem\"", ModemKind::Hub5),
    ("\"channelType\"", ModemKind::Hub5),
    ("\"eventlog\"", ModemKind::Hub5),
    ("channelDs", ModemKind::FritzCable),
    ("docsis30", ModemKind::FritzCable),
    ("docInfo", ModemKind::FritzCable),
    ("urn:dslforum-org", ModemKind::FritzDsl),
    ("SpaceX", ModemKind::Starlink),
];

/// Names of models as pages show them, and words that only pages of one model have.
const SHOWN_SIGNS: [(&str, ModemKind); 19] = [
    ("TC4400", ModemKind::Tc4400),
    ("BCM93390", ModemKind::Tc4400),
    ("Residential Getway", ModemKind::Tc4400),
    ("SNR/MER Threshold Value", ModemKind::Tc4400),
    ("SNMP Event Log", ModemKind::Tc4400),
    ("SB8200", ModemKind::Sb8200),
    ("CM8200", ModemKind::Sb8200),
    ("SB6183", ModemKind::Sb6183),
    ("Bonding Channel Value", ModemKind::Sb6183),
    ("SB6190", ModemKind::Sb6190),
    ("CM3500B", ModemKind::Cm3500b),
    ("Touchstone", ModemKind::Cm3500b),
    ("MB8611", ModemKind::Mb8611),
    ("MB8600", ModemKind::Mb8611),
    ("S33", ModemKind::S33),
    ("S34", ModemKind::S33),
    ("Channel Bonding Value", ModemKind::Xb),
    ("XB7", ModemKind::Xb),
    ("CM Error Codewords", ModemKind::Xb),
];

/// The kind of modem that the pages are of. `None` where nothing on them names one; a page that asks
/// for a login is asked last.
pub fn recognise(pages: &[ModemPage]) -> Option<ModemKind> {
    let read: Vec<_> = pages.iter().map(|page| (page, kind_of_data(page))).collect();
    if let Some(kind) = read.iter().find_map(|(_, kind)| *kind) {
        return Some(kind);
    }
    let mut html: Vec<_> = read
        .iter()
        .filter(|(page, _)| !is_data(page))
        .map(|(page, _)| HtmlPage::read(&page.body))
        .collect();
    html.sort_by_key(asks_for_login);
    html.iter().find_map(kind_of_page)
}

/// Whether the page is none for people: JSON or XML.
pub(super) fn is_data(page: &ModemPage) -> bool {
    let first = page.body.iter().find(|byte| !byte.is_ascii_whitespace());
    matches!(first, Some(b'{' | b'[')) || page.body.starts_with(b"<?xml")
}

fn kind_of_data(page: &ModemPage) -> Option<ModemKind> {
    let names_service = page.path.contains("SpaceX");
    if names_service {
        return Some(ModemKind::Starlink);
    }
    let text = String::from_utf8_lossy(&page.body);
    DATA_SIGNS
        .into_iter()
        .find(|(sign, _)| is_data(page) && text.contains(sign))
        .map(|(_, kind)| kind)
}

fn kind_of_page(page: &HtmlPage) -> Option<ModemKind> {
    // Lists in scripts are of Netgear, and so are tables with these names.
    let fills_tables = page.scripts.iter().any(|script| {
        script.contains("tagValueList")
            && ["InitDs", "InitUs"].iter().any(|name| script.contains(name))
    });
    if fills_tables {
        return Some(ModemKind::NetgearCm);
    }
    let names = |table: &super::html::HtmlTable| {
        matches!(table.id.as_str(), "dsTable" | "d31dsTable" | "usTable")
    };
    let is_cm1000 = page.title.contains("CM1000");
    if is_cm1000 || page.tables.iter().any(|table| names(table) && table.rows.len() > 1) {
        return Some(ModemKind::Cm1000);
    }
    if page.title.contains("NETGEAR")
        || page.variables().iter().any(|(_, value)| value.contains("<docsDevEventTable"))
    {
        return Some(ModemKind::NetgearCm);
    }
    let shows = |sign: &str| {
        has_word(&page.title, sign) || page.lines.iter().any(|line| has_word(line, sign))
    };
    SHOWN_SIGNS.into_iter().find(|(sign, _)| shows(sign)).map(|(_, kind)| kind)
}

/// Whether the text has the word, not as a part of another.
fn has_word(text: &str, word: &str) -> bool {
    let is_part = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word).any(|(at, _)| {
        let (before, after) =
            (text[..at].chars().next_back(), text[at + word.len()..].chars().next());
        !is_part(before) && (!is_part(after) || word.len() > 3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(body: &str) -> Option<ModemKind> {
        recognise(&[ModemPage { path: "a".to_owned(), body: body.as_bytes().to_vec() }])
    }

    #[test]
    fn pages_are_told_apart_by_what_is_on_them() {
        use ModemKind as K;
        for (body, expected) in [
            ("<title>Residential Getway Configuration: Status - Software</title>", Some(K::Tc4400)),
            ("<td>Hardware Version</td><td>TC4400 Rev:3.6.0</td>", Some(K::Tc4400)),
            ("<span id=thisModelNumberIs> SB6190 </span>", Some(K::Sb6190)),
            ("<span>SB8200</span>", Some(K::Sb8200)),
            ("<title>Touchstone Status</title>", Some(K::Cm3500b)),
            ("<td>Channel Bonding Value</td>", Some(K::Xb)),
            ("<title>NETGEAR Modem CM1200</title>", Some(K::NetgearCm)),
            ("<title>NETGEAR Modem CM1000</title><table id=dsTable>", Some(K::Cm1000)),
            (
                "<title>NETGEAR Modem CM1000v2</title><script>function InitDsTableTagValue(){var tagValueList='1';}</script>",
                Some(K::NetgearCm),
            ),
            (
                "{\"GetMotoStatusDownstreamChannelInfoResponse\":{\"MotoConnDownstreamChannel\":\"\"}}",
                Some(K::Mb8611),
            ),
            ("{\"CustomerConnDownstreamChannel\":\"\"}", Some(K::S33)),
            ("\n {\"downstream\":{\"channels\":[{\"channelType\":\"sc_qam\"}]}}", Some(K::Hub5)),
            ("<script>var a = 'TC4400';</script>", None),
            ("<td>Serial Number</td><td>27S3345 AXB7</td>", None),
            ("<title>Welcome</title>", None),
            ("", None),
        ] {
            assert_eq!(kind(body), expected, "{body}");
        }
    }
}
