//! What an entry is about, by its text.

use crate::vocabulary::LogClass;

/// A rule: the class, what the text must contain all of, and what of it none.
struct Rule(LogClass, &'static [&'static str], &'static [&'static str]);

/// The first that fits decides. Texts may be cut, so that each rule looks at the first words of a text
/// where it can; letters are small and marks are blanks.
const RULES: &[Rule] = &{
    use LogClass as C;
    [
        Rule(C::CmStatus, &["cm status message"], &[]),
        // Restarts, with their reasons.
        Rule(C::SoftwareDownload, &["sw download"], &[]),
        Rule(C::SoftwareDownload, &["software download"], &[]),
        Rule(C::SoftwareDownload, &["sw upgrade"], &[]),
        Rule(C::SoftwareDownload, &["software upgrade"], &[]),
        Rule(C::SoftwareDownload, &["firmware upgrade"], &[]),
        Rule(C::SoftwareDownload, &["firmware update"], &[]),
        Rule(C::SoftwareDownload, &["fritz os", "update"], &[]),
        Rule(C::RebootT4, &["reboot", "t4"], &[]),
        Rule(C::RebootT4, &["resetting", "t4"], &[]),
        Rule(C::RebootPower, &["reboot", "power"], &[]),
        Rule(C::RebootPower, &["power reset"], &[]),
        Rule(C::RebootPower, &["power on reset"], &[]),
        Rule(C::RebootPower, &["power cycle"], &[]),
        Rule(C::RebootPower, &["reset", "power loss"], &[]),
        Rule(C::RebootPower, &["reset", "power failure"], &[]),
        Rule(C::RebootCommanded, &["docsdevresetnow"], &[]),
        Rule(C::RebootCommanded, &["factory reset"], &[]),
        Rule(C::RebootCommanded, &["factory default"], &[]),
        Rule(C::RebootCommanded, &["reboot", "snmp"], &[]),
        Rule(C::RebootCommanded, &["reboot", "shell"], &[]),
        Rule(C::RebootCommanded, &["reboot", " ui"], &[]),
        Rule(C::RebootCommanded, &["reboot", "gui"], &[]),
        Rule(C::RebootCommanded, &["reboot", "web"], &[]),
        Rule(C::RebootCommanded, &["reboot", "user"], &[]),
        Rule(C::RebootCommanded, &["reboot", "local"], &[]),
        Rule(C::RebootCommanded, &["reboot", "button"], &[]),
        Rule(C::RebootCommanded, &["reboot", "operator"], &[]),
        Rule(C::RebootCommanded, &["reboot", "command"], &[]),
        Rule(C::RebootCommanded, &["reboot", "tr069"], &[]),
        Rule(C::RebootCommanded, &["reboot", "tr 069"], &[]),
        Rule(C::RebootCommanded, &["reset", "snmp"], &[]),
        Rule(C::RebootCommanded, &["reset", "user"], &[]),
        Rule(C::RebootCommanded, &["wurde neu gestartet", "benutzer"], &[]),
        Rule(C::Reboot, &["reboot"], &[]),
        Rule(C::Reboot, &["resetting the cable modem"], &[]),
        Rule(C::Reboot, &["cable modem reset"], &[]),
        Rule(C::Reboot, &["modem restart"], &[]),
        Rule(C::Reboot, &["watchdog"], &[]),
        Rule(C::Reboot, &["cold start"], &[]),
        Rule(C::Reboot, &["coldstart"], &[]),
        Rule(C::Reboot, &["neu gestartet"], &[]),
        // Before MDD and DHCP: what is of no bearing names them, too.
        Rule(C::Housekeeping, &["honoring mdd"], &[]),
        Rule(C::Housekeeping, &["ip provisioning mode"], &[]),
        Rule(C::Housekeeping, &["tek invalid"], &[]),
        Rule(C::Housekeeping, &["unrecognized oid"], &[]),
        Rule(C::Housekeeping, &["tlv 11"], &[]),
        Rule(C::Housekeeping, &["tod request"], &[]),
        Rule(C::Housekeeping, &["time of day"], &[]),
        // Upstream.
        Rule(C::RangingAborted, &["abort response"], &[]),
        Rule(C::RangingAborted, &["received abort"], &[]),
        Rule(C::RangingExhausted, &["consecutive t3"], &[]),
        Rule(C::RangingExhausted, &["ranging request retries"], &[]),
        Rule(C::RangingExhausted, &["unicast maintenance ranging attempted"], &[]),
        Rule(C::RangingExhausted, &["ranging", "retries exhausted"], &[]),
        Rule(C::RangingExhausted, &["r03 0"], &[]),
        Rule(C::RangingExhausted, &["r06 0"], &[]),
        Rule(C::T4, &["t4 time"], &[]),
        Rule(C::T4, &["t4 expir"], &[]),
        Rule(C::T4, &["received response to broadcast maintenance"], &[]),
        Rule(C::T4, &["no unicast maintenance opportunit"], &[]),
        Rule(C::T3, &["t3 time"], &[]),
        Rule(C::T3, &["no ranging response"], &[]),
        Rule(C::T3, &["started unicast maintenance ranging"], &[]),
        Rule(C::T2, &["t2 time"], &[]),
        Rule(C::T2, &["no maintenance broadcast"], &[]),
        Rule(C::T1, &["t1 time"], &[]),
        Rule(C::T1, &["no ucd"], &[]),
        Rule(C::PowerRange, &["dynamic range window"], &[]),
        Rule(C::PowerRange, &["commanded power"], &[]),
        // Downstream.
        Rule(C::QamLockFailed, &["acquire qam"], &[]),
        Rule(C::QamLockFailed, &["qpsk symbol timing"], &[]),
        Rule(C::QamLockFailed, &["qam lock fail"], &[]),
        Rule(C::FecFailed, &["fec framing"], &[]),
        Rule(C::FecFailed, &["acquire fec"], &[]),
        Rule(C::FecFailed, &["fec lock fail"], &[]),
        Rule(C::SyncLost, &["loss of sync"], &[]),
        Rule(C::SyncLost, &["lost sync"], &[]),
        Rule(C::SyncLost, &["mac sync frame"], &[]),
        Rule(C::SyncLost, &["sync timing synchronization"], &[]),
        Rule(C::MddTimeout, &["mdd message time"], &[]),
        Rule(C::MddTimeout, &["secondary", "mdd"], &[]),
        Rule(C::MddLost, &["lost mdd"], &[]),
        Rule(C::MddLost, &["mdd time"], &[]),
        Rule(C::MddLost, &["mdd lost"], &[]),
        Rule(C::PartialService, &["partial service"], &[]),
        Rule(C::PartialService, &["partialservice"], &[]),
        Rule(C::ProfileChange, &["profile assignment change"], &[]),
        Rule(C::ProfileChange, &["profile config update"], &[]),
        Rule(C::ProfileChange, &["profile", "change"], &["mib"]),
        Rule(C::ModulationChange, &["modulation change"], &[]),
        // The operator's servers.
        Rule(C::DhcpFailed, &["dhcp", "failed"], &["renew warning"]),
        Rule(C::DhcpFailed, &["dhcp", "no offer"], &[]),
        Rule(C::DhcpFailed, &["dhcp", "no response"], &[]),
        Rule(C::DhcpFailed, &["dhcpv6", "no prefix"], &[]),
        Rule(C::RegistrationFailed, &["reg rsp"], &["received"]),
        Rule(C::RegistrationFailed, &["registration", "reject"], &[]),
        Rule(C::RegistrationFailed, &["registration", "fail"], &[]),
        Rule(C::RegistrationFailed, &["registration", "no response"], &[]),
        Rule(C::RegistrationFailed, &["t6 time"], &[]),
        Rule(C::RegistrationFailed, &["tftp", "failed"], &[]),
        Rule(C::RegistrationFailed, &["tftp", "retries"], &[]),
        Rule(C::RegistrationFailed, &["auth reject"], &[]),
        Rule(C::RegistrationFailed, &["service unavailable"], &[]),
        Rule(C::RegistrationFailed, &["not registered"], &[]),
        Rule(C::Connected, &["registration complete"], &[]),
        Rule(C::Connected, &["registered"], &["not registered"]),
        Rule(C::Connected, &["is operational"], &[]),
        // DSL and FRITZ!Box, in the languages of their logs.
        Rule(C::LineLost, &["dsl antwortet nicht"], &[]),
        Rule(C::LineLost, &["keine dsl synchronisierung"], &[]),
        Rule(C::LineLost, &["dsl synchronisierung beginnt"], &[]),
        Rule(C::LineLost, &["dsl synchronization begin"], &[]),
        Rule(C::LineLost, &["no dsl synchronization"], &[]),
        Rule(C::LineLost, &["dsl does not respond"], &[]),
        Rule(C::LineLost, &["dsl ne r pond"], &[]),
        Rule(C::LineLost, &["dsl", "training"], &["besteht", "established"]),
        Rule(C::LineLost, &["retrain"], &[]),
        Rule(C::Outage, &["internetverbindung wurde getrennt"], &[]),
        Rule(C::Outage, &["pppoe fehler"], &[]),
        Rule(C::Outage, &["pppoe error"], &[]),
        Rule(C::Outage, &["zeit berschreitung bei der ppp"], &[]),
        Rule(C::Outage, &["internet connection", "cleared"], &[]),
        Rule(C::Outage, &["internet connection", "lost"], &[]),
        Rule(C::Outage, &["internet connection", "disconnected"], &[]),
        Rule(C::Outage, &["connexion internet", "coup e"], &[]),
        Rule(C::Outage, &["keine internetverbindung"], &[]),
        Rule(C::Connected, &["dsl ist verf gbar"], &[]),
        Rule(C::Connected, &["dsl is available"], &[]),
        Rule(C::Connected, &["internetverbindung wurde", "hergestellt"], &[]),
        Rule(C::Connected, &["internet connection", "established"], &[]),
        Rule(C::Connected, &["connexion internet", "tablie"], &[]),
        Rule(C::Connected, &["kabel internet", "hergestellt"], &[]),
        // The rest of what is of no bearing.
        Rule(C::Housekeeping, &["dhcp"], &[]),
        Rule(C::Housekeeping, &["mimo"], &[]),
        Rule(C::Housekeeping, &["login"], &[]),
        Rule(C::Housekeeping, &["logged in"], &[]),
        Rule(C::Housekeeping, &["logged out"], &[]),
        Rule(C::Housekeeping, &["anmeldung"], &["internet"]),
        Rule(C::Housekeeping, &["angemeldet"], &["internet"]),
        Rule(C::Housekeeping, &["bp configuration"], &[]),
        Rule(C::Housekeeping, &["bpi"], &[]),
        Rule(C::Housekeeping, &["unexpected ", "tlv"], &[]),
        Rule(C::Housekeeping, &["lan"], &["wlan", "plan"]),
        Rule(C::Housekeeping, &["wlan"], &[]),
        Rule(C::Housekeeping, &["wi fi"], &[]),
        Rule(C::Housekeeping, &["wifi"], &[]),
        Rule(C::Housekeeping, &["ethernet"], &[]),
        Rule(C::Housekeeping, &["cleared the log"], &[]),
        Rule(C::Housekeeping, &["event log cleared"], &[]),
    ]
};

/// What an entry of a modem's log is about. Only its text counts: event numbers and levels are not
/// reliable.
pub(in crate::modem) fn classify(text: &str) -> LogClass {
    let text = plain(text);
    let fits = |rule: &&Rule| {
        rule.1.iter().all(|words| text.contains(words))
            && !rule.2.iter().any(|words| text.contains(words))
    };
    RULES.iter().find(fits).map_or(LogClass::Unknown, |rule| rule.0)
}

/// Small letters and digits; each run of anything else is one blank. The addresses and versions that
/// follow the text (`;CM-MAC=..`) are left out.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in without_tail(text).chars() {
        if c.is_ascii_alphanumeric() {
            plain.push(c.to_ascii_lowercase());
        } else if !plain.ends_with(' ') && !plain.is_empty() {
            plain.push(' ');
        }
    }
    // `time-out`, `time out` and `timeout` are one.
    plain.replace("timeout", "time out")
}

/// The text without what each row carries: `;CM-MAC=..;CMTS-MAC=..;CM-QOS=1.1;CM-VER=3.1;`.
fn without_tail(text: &str) -> &str {
    text.find(";CM-").map_or(text, |end| &text[..end]).trim_end_matches(';')
}
