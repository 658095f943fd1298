//! From facts to findings, each with what to do about it.

mod record;

use serde::Serialize;

use super::facts::{Facts, LATELY};
use crate::language::room::bytes;
use crate::live::{Status, TargetStatus};
use crate::time::words;
use crate::vocabulary::{Kind, Role};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Level {
    /// As it should be.
    Ok,
    /// The record will be poorer for it.
    Warning,
    /// There will be no record, or none that can be trusted.
    Problem,
    /// It could not be looked at.
    Unknown,
}

impl Level {
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "PROBLEM",
            Self::Unknown => "unknown",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Finding {
    /// `privileges`, `daemon`, `clock`, `disk`, `database`, `record`, `room`, `gateway`, `modem`,
    /// `isp`, `targets`, `sleep`.
    pub(super) subject: &'static str,
    pub(super) level: Level,
    /// What was found, in a sentence without a full stop.
    pub(super) what: String,
    /// What to do; `None` where nothing need be done.
    pub(super) advice: Option<String>,
}

fn finding(subject: &'static str, level: Level, what: impl Into<String>) -> Finding {
    Finding { subject, level, what: what.into(), advice: None }
}

impl Finding {
    fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

/// With less free than this, a few weeks are left.
const LITTLE: u64 = 100 << 20;
/// With less than this, storing fails soon.
const NOTHING: u64 = 16 << 20;

/// All findings, in the order in which they are best mended.
pub(super) fn findings(facts: &Facts) -> Vec<Finding> {
    let mut all =
        vec![privileges(facts), daemon(facts), clock(facts), disk(facts), database(facts)];
    all.extend(record::record(facts));
    all.extend(record::room(facts));
    all.push(gateway(facts));
    all.push(modem(facts));
    all.push(isp(facts));
    all.extend(targets(facts));
    all.push(sleep(facts));
    all
}

fn privileges(facts: &Facts) -> Finding {
    match &facts.engine {
        Ok(engine) => finding("privileges", Level::Ok, format!("may send ICMP ({engine})")),
        Err(why) => finding("privileges", Level::Problem, why.clone()).advise(
            "sudo sysctl -w net.ipv4.ping_group_range=\"0 2147483647\", or \
             sudo setcap cap_net_raw+ep $(command -v linkmon)",
        ),
    }
}

fn daemon(facts: &Facts) -> Finding {
    let Some(status) = &facts.status else {
        return finding(
            "daemon",
            Level::Problem,
            "no daemon is measuring: nothing is recorded now",
        )
        .advise("start `linkmon run`, or the service: sudo systemctl enable --now linkmon");
    };
    if let Some(trouble) = &status.storage_trouble {
        return finding("daemon", Level::Problem, format!("measures and cannot store: {trouble}"))
            .advise("see disk and database below; what is measured meanwhile waits in memory");
    }
    let since = words(status.at.duration_since(status.started).unwrap_or_default());
    finding("daemon", Level::Ok, format!("process {} has measured for {since}", status.pid))
}

fn clock(facts: &Facts) -> Finding {
    match facts.clock_synchronized {
        Some(true) => finding("clock", Level::Ok, "synchronized"),
        Some(false) => finding(
            "clock",
            Level::Warning,
            "not synchronized: lengths are right, times of day may be off",
        )
        .advise("sudo timedatectl set-ntp true, or install chrony or ntpd-rs"),
        None => {
            finding("clock", Level::Unknown, "the kernel does not say whether it is synchronized")
        }
    }
}

fn disk(facts: &Facts) -> Finding {
    let Some(disk) = &facts.disk else {
        return finding("disk", Level::Unknown, "the file system of the database cannot be asked");
    };
    let (free, path) = (bytes(disk.free), disk.path.display());
    if !disk.writable {
        return finding("disk", Level::Problem, format!("{path} is read-only"))
            .advise("see `dmesg` for why, and mount it for writing");
    }
    match disk.free {
        ..NOTHING => finding("disk", Level::Problem, format!("{free} free in {path}"))
            .advise("make room: storing fails when nothing is left"),
        NOTHING..LITTLE => finding("disk", Level::Warning, format!("{free} free in {path}"))
            .advise("make room: a day of measurements takes about 2 MB"),
        _ => finding("disk", Level::Ok, format!("{free} free in {path}")),
    }
}

fn database(facts: &Facts) -> Finding {
    match &facts.database {
        Err((why, hint)) => {
            let found = finding("database", Level::Problem, why.clone());
            match hint {
                Some(hint) => found.advise(hint.clone()),
                None => found,
            }
        }
        Ok(db) => {
            let size = bytes(db.bytes);
            let ago = db.last_seen.and_then(|t| facts.now.duration_since(t));
            let last = match ago {
                Some(ago) => format!(", last written to {} ago", words(ago)),
                None => ", with nothing of the last 7 days".to_owned(),
            };
            finding("database", Level::Ok, format!("{} ({size}){last}", db.path.display()))
        }
    }
}

fn gateway(facts: &Facts) -> Finding {
    let route = match &facts.route {
        Err(why) => return finding("gateway", Level::Unknown, why.clone()),
        Ok(None) => {
            return finding("gateway", Level::Problem, "this computer has no default route")
                .advise("connect it to the network");
        }
        Ok(Some(route)) => route,
    };
    let name = match route.gateway {
        Some(address) => format!("{address} on {}", route.interface),
        None => format!("a link without one ({})", route.interface),
    };
    let heard = heard(facts, Role::Gateway);
    match heard {
        Heard::Answers(t) => {
            finding("gateway", Level::Ok, format!("{name} answers ({})", ratio(t)))
        }
        Heard::Silent(t) => finding(
            "gateway",
            Level::Warning,
            format!("{name} does not answer ({})", ratio(t)),
        )
        .advise(
            "allow ping on the router's inside: without it a drop can't be told from trouble of \
                 the home network",
        ),
        Heard::NotProbed if facts.config.discover.gateway => {
            finding("gateway", Level::Warning, format!("{name} is not probed"))
        }
        Heard::NotProbed => {
            finding("gateway", Level::Ok, format!("{name}; its probing is switched off"))
        }
        Heard::NobodyListens => {
            finding("gateway", Level::Unknown, format!("{name}; nobody probes it now"))
        }
    }
}

fn modem(facts: &Facts) -> Finding {
    let Some(address) = facts.config.discover.modem else {
        return finding("modem", Level::Ok, "its probing is switched off");
    };
    match heard(facts, Role::Modem) {
        Heard::Answers(t) => {
            finding("modem", Level::Ok, format!("{} answers ({})", t.address, ratio(t)))
        }
        Heard::Silent(t) => finding(
            "modem",
            Level::Warning,
            format!("{} does not answer ({})", t.address, ratio(t)),
        )
        .advise("it answered once; see whether its page opens in a browser"),
        Heard::NotProbed => finding(
            "modem",
            Level::Warning,
            format!("nothing answers at {address}: drops cannot be told to be the modem's"),
        )
        .advise("name its address in [discover] modem, or say modem = false where there is none"),
        Heard::NobodyListens => finding("modem", Level::Unknown, "nobody probes it now"),
    }
}

fn isp(facts: &Facts) -> Finding {
    match heard(facts, Role::Isp) {
        Heard::Answers(t) => {
            finding("isp", Level::Ok, format!("first hop {} answers ({})", t.address, ratio(t)))
        }
        Heard::Silent(t) => finding(
            "isp",
            Level::Warning,
            format!("first hop {} does not answer ({})", t.address, ratio(t)),
        )
        .advise("where it never does, name another router of the ISP in [discover] isp-address"),
        Heard::NotProbed if facts.config.discover.isp_hop => finding(
            "isp",
            Level::Warning,
            "the ISP's first hop was not found: the place of a drop is a range then",
        )
        .advise("find it with `mtr 1.1.1.1` and name it in [discover] isp-address"),
        Heard::NotProbed => finding("isp", Level::Ok, "its probing is switched off"),
        Heard::NobodyListens => finding("isp", Level::Unknown, "nobody probes it now"),
    }
}

/// What was heard of a role in the last minute.
enum Heard<'a> {
    Answers(&'a TargetStatus),
    Silent(&'a TargetStatus),
    NotProbed,
    NobodyListens,
}

fn heard(facts: &Facts, role: Role) -> Heard<'_> {
    let Some(status) = &facts.status else { return Heard::NobodyListens };
    let of_role = || status.targets.iter().filter(|t| t.role == role && t.kind == Kind::Icmp);
    match (of_role().find(|t| t.lost < t.sent), of_role().next()) {
        (Some(t), _) => Heard::Answers(t),
        (None, Some(t)) => Heard::Silent(t),
        (None, None) => Heard::NotProbed,
    }
}

fn ratio(t: &TargetStatus) -> String {
    format!("{} of {} probes lost in the last minute", t.lost, t.sent)
}

fn targets(facts: &Facts) -> Vec<Finding> {
    let Some(status) = &facts.status else {
        return vec![finding("targets", Level::Unknown, "nobody probes them now")];
    };
    let mut all = silent(status);
    let anchors = status.targets.iter().filter(|t| t.role == Role::Anchor && t.kind == Kind::Icmp);
    let v4 = anchors.filter(|t| !t.address.contains(':')).count();
    if v4 == 1 {
        let what = "a single anchor: its own trouble cannot be told from the link's";
        let advice = "name three in different networks in [discover] anchors";
        all.push(finding("targets", Level::Warning, what).advise(advice));
    }
    if all.is_empty() {
        let n = status.targets.len();
        all.push(finding("targets", Level::Ok, format!("all {n} answer")));
    }
    all
}

/// Anchors and services that do not answer, or cannot be asked.
fn silent(status: &Status) -> Vec<Finding> {
    let is_anchor = |t: &&TargetStatus| t.role == Role::Anchor && t.kind == Kind::Icmp;
    let answers = |t: &TargetStatus| t.lost < t.sent;
    let mut anchors = status.targets.iter().filter(is_anchor).peekable();
    if anchors.peek().is_some() && !anchors.any(answers) {
        // Then it is not for each of them to be looked at.
        let what = "no anchor answers: the link is down, or does not let pings through";
        return vec![finding("targets", Level::Warning, what).advise("see `linkmon status`")];
    }
    let outer = |t: &&TargetStatus| matches!(t.role, Role::Anchor | Role::Service);
    let silent = status.targets.iter().filter(outer).filter(|t| !answers(t));
    silent
        .map(|t| {
            let (name, address) = (&t.name, &t.address);
            if t.sent == 0 {
                let why = t.trouble.as_deref().unwrap_or("nothing sent yet");
                let what = format!("{name} ({address}) is not asked: {why}");
                return finding("targets", Level::Warning, what);
            }
            let why = t.trouble.as_deref().unwrap_or("no answer");
            let what = format!("{name} ({address}) does not answer ({}): {why}", ratio(t));
            finding("targets", Level::Warning, what)
                .advise("where it never answers, take it out of the configuration")
        })
        .collect()
}

fn sleep(facts: &Facts) -> Finding {
    const ADVICE: &str =
        "sudo systemctl mask sleep.target suspend.target, or measure on a machine that stays awake";
    let days = LATELY.as_secs() / 86_400;
    if let Ok(db) = &facts.database
        && db.slept.0 > 0
    {
        let (times, long) = (db.slept.0, words(db.slept.1));
        let what =
            format!("this machine slept {times} times in the last {days} days, {long} in all");
        return finding("sleep", Level::Warning, what).advise(ADVICE);
    }
    let sleep = &facts.sleep;
    match (sleep.can && !sleep.masked, sleep.has_battery) {
        (true, true) => {
            finding("sleep", Level::Warning, "this machine has a battery and may sleep")
                .advise(ADVICE)
        }
        (true, false) => finding("sleep", Level::Ok, "it did not sleep lately, though it could"),
        (false, _) => finding("sleep", Level::Ok, "it never sleeps"),
    }
}

#[cfg(test)]
mod tests;
