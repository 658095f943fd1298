//! Which modem it is, by few requests, none of which carries a password unless the modem is behind Basic
//! authentication: its first page, and where that names none, one or two more.

use std::time::Duration;

use super::address::ModemAddress;
use super::conversation::{Conversation, Fetched};
use super::{ModemAccess, ReadFailure, starlink, web};
use crate::modem::page::ModemPage;
use crate::modem::recognise;
use crate::modem::xml::element;
use crate::time::Reading;
use crate::vocabulary::ModemKind;

/// What the kind is.
pub(super) fn find(
    access: &ModemAccess,
    address: &ModemAddress,
    began: &Reading,
    limit: Duration,
) -> Result<ModemKind, ReadFailure> {
    let mut talk = Conversation::begin(address, began, limit);
    let first = match talk.get("its first page", "/") {
        Ok(first) => first,
        Err(failure @ (ReadFailure::NoAnswer(_) | ReadFailure::Refused(_))) => {
            // A dish has no page; what it has is at a port of its own.
            let dish = address.clone().at(9201);
            let mut talk = Conversation::begin(&dish, began, limit);
            return match starlink::read(&mut talk) {
                Ok(()) => Ok(ModemKind::Starlink),
                Err(_) => Err(failure),
            };
        }
        Err(other) => return Err(other),
    };
    if let Some(kind) = shown(&first) {
        return Ok(kind);
    }
    match named(&head_and_body(&first)) {
        Named::Kind(kind) => return Ok(kind),
        Named::FritzBox => return fritz_box(&mut talk),
        Named::ConnectionStatus | Named::Nothing => {}
    }
    let behind_basic = first.answer.status == 401;
    if behind_basic {
        talk.authorization = access
            .password
            .as_ref()
            .map(|password| web::basic_credentials(web::user(access), password.reveal()));
    }
    let mut needs_login = behind_basic;
    for path in ["/cmconnectionstatus.html", "/rest/v1/cablemodem/state_", "/DocsisStatus.htm"] {
        let name = path.trim_start_matches('/');
        let page = talk.get(name, path)?;
        match page.answer.status {
            200 => {
                let by_login = || of_connection_status(path, &page.answer.text());
                let by_name = || match named(&head_and_body(&page)) {
                    Named::Kind(kind) => Some(kind),
                    _ => None,
                };
                if let Some(kind) = shown(&page).or_else(by_login).or_else(by_name) {
                    return Ok(kind);
                }
            }
            401 if talk.authorization.is_some() => {
                return Err(ReadFailure::LoginRefused(format!("user {}", web::user(access))));
            }
            401 => needs_login = true,
            _ => {}
        }
        if behind_basic && talk.authorization.is_none() {
            break;
        }
    }
    let seen = seen(&first);
    Err(if needs_login && access.password.is_none() {
        ReadFailure::LoginNeeded(format!("{seen}; without one it cannot be found out what it is"))
    } else {
        ReadFailure::UnknownModem(seen)
    })
}

/// What a page names.
#[derive(Debug, PartialEq, Eq)]
enum Named {
    Kind(ModemKind),
    FritzBox,
    /// A page that several kinds have.
    ConnectionStatus,
    Nothing,
}

/// By what is in head and body, in lower case. Scripts and links of a login page name what is behind it.
fn named(text: &str) -> Named {
    use ModemKind as K;
    let has = |sign: &str| text.contains(sign);
    let signs: [(&[&str], K); 12] = [
        (&["tc4400"], K::Tc4400),
        (&["mb8600", "mb8611", "mb8612"], K::Mb8611),
        (&["network_setup.jst", "at_a_glance.jst", "check.jst"], K::Xb),
        (&["cm3500", "login_cgi", "status_cgi"], K::Cm3500b),
        (&["sb6190", "adv_pwd_cgi"], K::Sb6190),
        (&["sb6183", "rgconnect.asp"], K::Sb6183),
        (&["cm1000", "genielogin", "docsisstatus.asp"], K::Cm1000),
        (&["docsisstatus.htm", "netgear"], K::NetgearCm),
        (&["rest/v1", "f3896"], K::Hub5),
        (&["sb8200"], K::Sb8200),
        (&["hnap"], K::S33),
        (&["starlink"], K::Starlink),
    ];
    if has("fritz!box") {
        return Named::FritzBox;
    }
    if has("motorola") && has("hnap") {
        return Named::Kind(K::Mb8611);
    }
    let found = signs.into_iter().find(|(signs, _)| signs.iter().any(|sign| has(sign)));
    match found {
        Some((_, kind)) => Named::Kind(kind),
        None if has("cmconnectionstatus") => Named::ConnectionStatus,
        None => Named::Nothing,
    }
}

/// Pages of an SB8200 may name no model: its channels by their title, its login page by being under the
/// name of the page that it hides.
fn of_connection_status(path: &str, text: &str) -> Option<ModemKind> {
    let signs = ["Downstream Bonded Channels", "login_", "btoa(", "createCookie("];
    let is_its_own = signs.iter().any(|sign| text.contains(sign));
    (path == "/cmconnectionstatus.html" && is_its_own).then_some(ModemKind::Sb8200)
}

/// The kind whose page this is, where it is one with data.
fn shown(page: &Fetched) -> Option<ModemKind> {
    let body = page.answer.body.clone();
    recognise(&[ModemPage { path: "page".to_owned(), body }])
}

/// Whether a FRITZ!Box is one for cable, by the description that is open to all.
fn fritz_box(talk: &mut Conversation) -> Result<ModemKind, ReadFailure> {
    let info = talk.get("jason_boxinfo.xml", "/jason_boxinfo.xml")?;
    let model = element(&info.answer.text(), "Name").unwrap_or_default();
    Ok(if model.contains("Cable") { ModemKind::FritzCable } else { ModemKind::FritzDsl })
}

fn head_and_body(page: &Fetched) -> String {
    let field = |name| page.answer.field(name).unwrap_or_default();
    let head = [field("server"), field("www-authenticate"), field("location")].join(" ");
    format!("{head} {}", page.answer.text()).to_ascii_lowercase()
}

/// What an unknown modem showed, for those who report it.
fn seen(page: &Fetched) -> String {
    let text = page.answer.text();
    let title = element(&text, "title").or_else(|| element(&text, "TITLE"));
    let mut seen = vec![format!("HTTP status {}", page.answer.status)];
    let mut add = |what: &str, value: Option<&str>| {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            let value: String = value.chars().filter(|c| !c.is_control()).take(60).collect();
            seen.push(format!("{what} \"{value}\""));
        }
    };
    add("title", title.as_deref());
    add("server", page.answer.field("server"));
    add("login", page.answer.field("www-authenticate"));
    add("redirection to", page.answer.field("location"));
    seen.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_name_their_modem() {
        let kind = |text: &str| named(&text.to_ascii_lowercase());
        for (text, named) in [
            ("<title>TC4400</title> cmconnectionstatus.html", Named::Kind(ModemKind::Tc4400)),
            ("<script src=js/hnap.js> Motorola", Named::Kind(ModemKind::Mb8611)),
            ("Basic realm=\"NETGEAR\"", Named::Kind(ModemKind::NetgearCm)),
            ("top.location = 'GenieLogin.asp'", Named::Kind(ModemKind::Cm1000)),
            ("<title>FRITZ!Box</title>", Named::FritzBox),
            ("location='cmconnectionstatus.html'", Named::ConnectionStatus),
            ("<title>Router</title>", Named::Nothing),
        ] {
            assert_eq!(kind(text), named, "{text}");
        }
    }
}
