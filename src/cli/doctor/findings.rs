//! From facts to findings, each with what to do about it.

mod record;

use serde::Serialize;

use super::facts::{Facts, LATELY};
use crate::language::room::bytes;
use crate::language::standing::refusal;
use crate::language::words::length;
use crate::live::{Status, TargetStatus};
use crate::prose::english;
use crate::vocabulary::{Kind, Medium, Role, Standing};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Severity {
    /// As it should be.
    Ok,
    /// The record suffers from it.
    Warning,
    /// There is no record, or none that can be trusted.
    Problem,
    /// It could not be checked.
    Unknown,
}

impl Severity {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "PROBLEM",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct DoctorFinding {
    /// `privileges`, `daemon`, `clock`, `disk`, `database`, `record`, `room`, `gateway`, `modem`,
    /// `isp`, `targets`, `publish`, `remote-write`, `sleep`.
    pub(super) subject: &'static str,
    pub(super) level: Severity,
    /// The finding, in a sentence without a full stop.
    pub(super) what: String,
    /// What to do; `None` if nothing needs to be done.
    pub(super) advice: Option<String>,
}

fn finding(subject: &'static str, level: Severity, what: impl Into<String>) -> DoctorFinding {
    DoctorFinding { subject, level, what: what.into(), advice: None }
}

impl DoctorFinding {
    fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// With less free space than this, a few weeks are left.
const LITTLE: u64 = 100 << 20;
/// With less than this, storing soon fails.
const NOTHING: u64 = 16 << 20;

/// All findings, in the order in which they are best fixed.
pub(super) fn findings(facts: &Facts) -> Vec<DoctorFinding> {
    let mut all =
        vec![privileges(facts), daemon(facts), clock(facts), disk(facts), database(facts)];
    all.extend(record::simulated(facts));
    all.extend(record::record(facts));
    all.extend(record::room(facts));
    all.extend(way(facts));
    all.push(gateway(facts));
    all.push(modem(facts));
    all.push(isp(facts));
    all.extend(targets(facts));
    all.extend(record::numbers(facts));
    all.extend(record::published(facts));
    all.extend(record::sign_of_life(facts));
    all.extend(record::remote_write(facts));
    all.push(sleep(facts));
    all
}

fn privileges(facts: &Facts) -> DoctorFinding {
    match &facts.engine {
        Ok(engine) => finding("privileges", Severity::Ok, format!("may send ICMP ({engine})")),
        Err(why) => finding("privileges", Severity::Problem, why.clone()).advise(
            "sudo sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", or \
             sudo setcap cap_net_raw+ep $(command -v linkmon)",
        ),
    }
}

fn daemon(facts: &Facts) -> DoctorFinding {
    let Some(status) = &facts.status else {
        return finding(
            "daemon",
            Severity::Problem,
            "no daemon is measuring: nothing is recorded now",
        )
        .advise("start `linkmon run`, or the service: sudo systemctl enable --now linkmon");
    };
    if let Some(trouble) = &status.storage_trouble {
        return finding(
            "daemon",
            Severity::Problem,
            format!("measures but cannot store: {trouble}"),
        )
        .advise("see disk and database below; until then, measurements wait in memory");
    }
    let since = length(status.at.duration_since(status.started).unwrap_or_default());
    finding("daemon", Severity::Ok, format!("process {} has measured for {since}", status.pid))
}

/// By which way packets leave, as the daemon sees it.
fn way(facts: &Facts) -> Option<DoctorFinding> {
    let way = facts.status.as_ref()?.way.as_ref()?;
    let is_tunnel = way.medium == Medium::Tunnel;
    let severity = if is_tunnel || !way.is_line { Severity::Warning } else { Severity::Ok };
    let found = finding("way", severity, english().way_now(way));
    Some(match severity {
        Severity::Warning if is_tunnel => found.advise(
            "end the tunnel for this computer, or let its anchors go beside it; where the tunnel is \
             what you measure, name it: line in [site]",
        ),
        Severity::Warning => found.advise("if this is the line, name it: line in [site]"),
        _ => found,
    })
}

fn clock(facts: &Facts) -> DoctorFinding {
    let known = facts.status.as_ref().map(|status| status.clock).unwrap_or_default();
    if known.differs_s.is_some()
        && let Some(trouble) = english().clock_trouble(&known)
    {
        return finding("clock", Severity::Warning, trouble)
            .advise("sudo timedatectl set-ntp true, or install chrony or ntpd-rs");
    }
    let within =
        english().clock_within_now(&known).map(|within| format!("; {within}")).unwrap_or_default();
    match facts.clock_synchronized {
        Some(true) => finding("clock", Severity::Ok, format!("synchronized{within}")),
        Some(false) => finding(
            "clock",
            Severity::Warning,
            format!("not synchronized: durations are right, but times of day may be off{within}"),
        )
        .advise("sudo timedatectl set-ntp true, or install chrony or ntpd-rs"),
        None => finding(
            "clock",
            Severity::Unknown,
            format!("the kernel does not say whether it is synchronized{within}"),
        ),
    }
}

fn disk(facts: &Facts) -> DoctorFinding {
    let Some(disk) = &facts.disk else {
        return finding(
            "disk",
            Severity::Unknown,
            "the file system of the database cannot be examined",
        );
    };
    let (free, path) = (bytes(disk.free), disk.path.display());
    if !disk.writable {
        return finding("disk", Severity::Problem, format!("{path} is read-only"))
            .advise("see `dmesg` for the reason, and remount it for writing");
    }
    match disk.free {
        ..NOTHING => finding("disk", Severity::Problem, format!("{free} free in {path}"))
            .advise("free some space: storing fails when none is left"),
        NOTHING..LITTLE => finding("disk", Severity::Warning, format!("{free} free in {path}"))
            .advise("free some space: a day of measurements takes about 2 MB"),
        _ => finding("disk", Severity::Ok, format!("{free} free in {path}")),
    }
}

fn database(facts: &Facts) -> DoctorFinding {
    match &facts.database {
        Err((why, hint)) => {
            let found = finding("database", Severity::Problem, why.clone());
            match hint {
                Some(hint) => found.advise(hint.clone()),
                None => found,
            }
        }
        Ok(db) => {
            let size = bytes(db.bytes);
            // A check of the whole record takes its time, and the daemon writes meanwhile.
            let ago = |t| facts.now.duration_since(t).unwrap_or_default();
            let last = match db.last_seen.map(ago) {
                Some(ago) => format!(", last written to {} ago", length(ago)),
                None => ", with nothing from the last 7 days".to_owned(),
            };
            finding("database", Severity::Ok, format!("{} ({size}){last}", db.path.display()))
        }
    }
}

fn gateway(facts: &Facts) -> DoctorFinding {
    let route = match &facts.route {
        Err(why) => return finding("gateway", Severity::Unknown, why.clone()),
        Ok(None) => {
            return finding("gateway", Severity::Problem, "this computer has no default route")
                .advise("connect it to the network");
        }
        Ok(Some(route)) => route,
    };
    let name = match route.gateway {
        Some(address) => format!("{address} on {}", route.interface),
        None => format!("a link without one ({})", route.interface),
    };
    let state = state_of(facts, Role::Gateway);
    match state {
        RoleState::Answers(t) => {
            finding("gateway", Severity::Ok, format!("{name} answers ({})", ratio(t)))
        }
        RoleState::Silent(t) => finding(
            "gateway",
            Severity::Warning,
            format!("{name} does not answer ({})", ratio(t)),
        )
        .advise(
            "allow ping on the router's inside: without it, a drop cannot be distinguished from \
             trouble in the home network",
        ),
        RoleState::NotProbed if facts.config.discover.gateway => {
            finding("gateway", Severity::Warning, format!("{name} is not probed"))
        }
        RoleState::NotProbed => {
            finding("gateway", Severity::Ok, format!("{name}; probing it is switched off"))
        }
        RoleState::NoDaemon => {
            finding("gateway", Severity::Unknown, format!("{name}; it is not being probed now"))
        }
    }
}

fn modem(facts: &Facts) -> DoctorFinding {
    let Some(address) = facts.config.discover.modem else {
        return finding("modem", Severity::Ok, "probing it is switched off");
    };
    match state_of(facts, Role::Modem) {
        RoleState::Answers(t) => {
            finding("modem", Severity::Ok, format!("{} answers ({})", t.address, ratio(t)))
        }
        RoleState::Silent(t) => finding(
            "modem",
            Severity::Warning,
            format!("{} does not answer ({})", t.address, ratio(t)),
        )
        .advise("it used to answer; see whether its page opens in a browser"),
        RoleState::NotProbed => finding(
            "modem",
            Severity::Warning,
            format!("nothing answers at {address}: drops cannot be traced to the modem"),
        )
        .advise("set its address in [discover] modem, or modem = false if there is none"),
        RoleState::NoDaemon => finding("modem", Severity::Unknown, "it is not being probed now"),
    }
}

fn isp(facts: &Facts) -> DoctorFinding {
    match state_of(facts, Role::Isp) {
        RoleState::Answers(t) => {
            finding("isp", Severity::Ok, format!("first hop {} answers ({})", t.address, ratio(t)))
        }
        RoleState::Silent(t) => finding(
            "isp",
            Severity::Warning,
            format!("first hop {} does not answer ({})", t.address, ratio(t)),
        )
        .advise("if it never does, set another router of the ISP in [discover] isp-address"),
        RoleState::NotProbed if facts.config.discover.isp_hop => finding(
            "isp",
            Severity::Warning,
            "the ISP's first hop was not found: the place of a drop is less certain without it",
        )
        .advise("find it with `mtr 1.1.1.1` and set it in [discover] isp-address"),
        RoleState::NotProbed => finding("isp", Severity::Ok, "probing it is switched off"),
        RoleState::NoDaemon => finding("isp", Severity::Unknown, "it is not being probed now"),
    }
}

/// How a role answered in the last minute.
enum RoleState<'a> {
    Answers(&'a TargetStatus),
    Silent(&'a TargetStatus),
    NotProbed,
    NoDaemon,
}

fn state_of(facts: &Facts, role: Role) -> RoleState<'_> {
    let Some(status) = &facts.status else { return RoleState::NoDaemon };
    let of_role = || status.targets.iter().filter(|t| t.role == role && t.kind == Kind::Icmp);
    match (of_role().find(|t| t.lost < t.sent), of_role().next()) {
        (Some(t), _) => RoleState::Answers(t),
        (None, Some(t)) => RoleState::Silent(t),
        (None, None) => RoleState::NotProbed,
    }
}

fn ratio(t: &TargetStatus) -> String {
    format!("{} of {} probes lost in the last minute", t.lost, t.sent)
}

fn targets(facts: &Facts) -> Vec<DoctorFinding> {
    let Some(status) = &facts.status else {
        return vec![finding("targets", Severity::Unknown, "they are not being probed now")];
    };
    let mut all = silent(status);
    all.extend(refused(status));
    if status.anchor_counts().anchors() == 1 {
        let what =
            "there is only one anchor: its own trouble cannot be distinguished from the link's";
        let advice = "set three in different networks in [discover] anchors";
        all.push(finding("targets", Severity::Warning, what).advise(advice));
    }
    if all.is_empty() {
        let n = status.targets.len();
        all.push(finding("targets", Severity::Ok, format!("all {n} answer")));
    }
    all.extend(trusted(status));
    all
}

/// Anchors that do not vote, and why.
fn refused(status: &Status) -> Vec<DoctorFinding> {
    let anchors = || status.targets.iter().filter(|t| t.role == Role::Anchor);
    let advice = |standing| match standing {
        Standing::Private => {
            "use a public address, or set trust-private = true in [discover] if the far end of \
             this network is private"
        }
        _ => "find out which router answers in its name, or use another in [discover] anchors",
    };
    let mut all: Vec<_> = anchors()
        .filter_map(|t| {
            let what = refusal(&t.name, &t.address, t.standing?)?;
            Some(finding("targets", Severity::Warning, what).advise(advice(t.standing?)))
        })
        .collect();
    let none_votes = anchors().all(|t| t.standing.is_some_and(Standing::is_refused));
    if none_votes && anchors().next().is_some() {
        let what = "no anchor may vote: nothing shows whether the link works";
        let found = finding("targets", Severity::Problem, what);
        all.push(
            found.advise("set three public hosts in different networks in [discover] anchors"),
        );
    }
    all
}

/// That private anchors are trusted.
fn trusted(status: &Status) -> Option<DoctorFinding> {
    let trusted = status.targets.iter().filter(|t| t.standing == Some(Standing::Trusted));
    let names: Vec<_> = trusted.map(|t| t.name.as_str()).collect();
    let what = format!("{}: trusted although private (trust-private)", names.join(", "));
    (!names.is_empty()).then(|| finding("targets", Severity::Ok, what))
}

/// Anchors and services that do not answer, or cannot be asked.
fn silent(status: &Status) -> Vec<DoctorFinding> {
    let answers = |t: &TargetStatus| t.lost < t.sent;
    let anchors = status.anchor_counts();
    if anchors.anchors() > 0 && anchors.answering == 0 {
        // Then there is no point in listing each of them.
        let what = "no anchor answers: the link is down, or does not let pings through";
        return vec![finding("targets", Severity::Warning, what).advise("see `linkmon status`")];
    }
    let outer = |t: &&TargetStatus| matches!(t.role, Role::Anchor | Role::Service);
    let silent = status.targets.iter().filter(outer).filter(|t| !answers(t));
    silent
        .map(|t| {
            let (name, address) = (&t.name, &t.address);
            if t.sent == 0 {
                let why =
                    t.trouble.as_ref().map_or("nothing sent yet".to_owned(), ToString::to_string);
                let what = format!("{name} ({address}) is not asked: {why}");
                return finding("targets", Severity::Warning, what);
            }
            let why = t.trouble.as_ref().map_or("no answer".to_owned(), ToString::to_string);
            let what = format!("{name} ({address}) does not answer ({}): {why}", ratio(t));
            finding("targets", Severity::Warning, what)
                .advise("where it never answers, take it out of the configuration")
        })
        .collect()
}

fn sleep(facts: &Facts) -> DoctorFinding {
    const ADVICE: &str =
        "sudo systemctl mask sleep.target suspend.target, or measure on a machine that stays awake";
    let days = LATELY.as_secs() / 86_400;
    if let Ok(db) = &facts.database
        && db.slept.times > 0
    {
        let (times, long) = (db.slept.times, length(db.slept.length));
        let what =
            format!("this machine slept {times} times in the last {days} days, {long} in all");
        return finding("sleep", Severity::Warning, what).advise(ADVICE);
    }
    let sleep = &facts.sleep;
    match (sleep.can && !sleep.masked, sleep.has_battery) {
        (true, true) => {
            finding("sleep", Severity::Warning, "this machine has a battery and may sleep")
                .advise(ADVICE)
        }
        (true, false) => finding("sleep", Severity::Ok, "it did not sleep lately, though it could"),
        (false, _) => finding("sleep", Severity::Ok, "it never sleeps"),
    }
}

#[cfg(test)]
mod tests;
