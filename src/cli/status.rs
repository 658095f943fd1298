//! `linkmon status`: the present, from the journal of a running daemon.

use std::fmt::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jiff::tz::TimeZone;

use super::args::{StatusArgs, TextOrJson};
use super::context::{Context, SERVICE_DB};
use super::output::write;
use super::paint::{Paint, Shade};
use super::usage::Hinted;
use crate::daemon;
use crate::language::present::when;
use crate::language::words::columns;
use crate::language::{Language, Noun, fill, plain};
use crate::live::Status;
use crate::prose::english;
use crate::store::rows::WrittenStatus;
use crate::store::{self, Reader};
use crate::time::Timestamp;

pub(super) fn status(args: &StatusArgs, context: &Context) -> anyhow::Result<()> {
    let database = context.existing_db();
    let reader = context.reader();
    let found = FoundStatus::of(database, reader.as_ref().ok());
    let substitute = &found.substitute;
    let Some(live) = found.newest() else {
        if substitute.is_none() {
            reader?;
        }
        return Err(found.not_measuring(database).into());
    };
    match args.format {
        TextOrJson::Text => {
            let status: Status = serde_json::from_str(&live.status)
                .context("read the status that the daemon wrote; is it another version?")?;
            let language = context.language();
            let text = status_text(&status, context.now, &context.zone, language);
            let simulated = reader.as_ref().ok().map(Reader::simulated).transpose()?;
            let said = simulated.and_then(|share| language.simulated(share));
            let said = said.map_or_else(String::new, |said| format!("{said}\n"));
            let mut text = said + &painted(&text, &status, context.paint(), language);
            if let Some(substitute) = substitute {
                let what = unstored(substitute, database, language);
                let said = fill(language.phrases().status.warning, &[("what", what)]);
                text = format!("{}\n\n{text}", plain(&said));
            }
            write(text.as_bytes())?;
        }
        // As the daemon wrote it: a field that this version does not know is passed on.
        TextOrJson::Json => write(format!("{}\n", live.status).as_bytes())?,
    }
    Ok(())
}

/// What the daemon of a record wrote last.
pub(super) struct FoundStatus {
    written: Option<WrittenStatus>,
    /// The record that it writes meanwhile.
    pub(super) substitute: Option<Substitute>,
}

impl FoundStatus {
    /// That of the daemon of `database`, which `reader` reads.
    pub(super) fn of(database: &Path, reader: Option<&Reader>) -> Self {
        Self { written: reader.and_then(Reader::live), substitute: Substitute::beside(database) }
    }

    /// While a record cannot be opened its last status is of the time before.
    pub(super) fn newest(&self) -> Option<&WrittenStatus> {
        self.meanwhile().map(|(written, _)| written).or(self.written.as_ref())
    }

    /// The record in the place of the other, where its status is the newer one.
    pub(super) fn meanwhile(&self) -> Option<(&WrittenStatus, &Path)> {
        let substitute = self.substitute.as_ref()?;
        let written = substitute.written.as_ref()?;
        let is_newer = self.written.as_ref().is_none_or(|own| own.written < written.written);
        is_newer.then_some((written, substitute.path.as_path()))
    }

    /// That there is none.
    pub(super) fn not_measuring(&self, database: &Path) -> Hinted {
        let mut sentence = format!("no daemon is measuring into {}", database.display());
        if let Some(substitute) = &self.substitute {
            sentence = format!("{sentence}; {}", unstored(substitute, database, english()));
        }
        Hinted {
            sentence,
            hint: "`linkmon run` starts one; `linkmon drops` and `linkmon report` show what was recorded"
                .to_owned(),
        }
    }
}

/// Where the unit of the system keeps what is of one boot (`RuntimeDirectory=linkmon`).
const SERVICE_RUNTIME: &str = "/run/linkmon";

/// The record that a daemon writes while it cannot open another one.
pub(super) struct Substitute {
    path: PathBuf,
    written: Option<WrittenStatus>,
}

impl Substitute {
    /// The one in the place of `database`, where there is one.
    fn beside(database: &Path) -> Option<Self> {
        let own = store::runtime_dir(&|name| std::env::var_os(name));
        let directories = [(own, false), (Some(PathBuf::from(SERVICE_RUNTIME)), true)];
        let of_record = owner(database);
        let path = directories.into_iter().find_map(|(directory, is_of_service)| {
            let path = daemon::substitute_in(&directory?, database)?;
            let is_its = is_of_one_daemon(database, of_record, is_of_service, owner(&path)?);
            (is_its && path.is_file()).then_some(path)
        })?;
        let written = Reader::open(&path).ok().and_then(|reader| reader.live());
        Some(Self { path, written })
    }
}

/// Whose a file is.
fn owner(path: &Path) -> Option<u32> {
    std::fs::metadata(path).ok().map(|metadata| metadata.uid())
}

/// Whether the record in the place of one of this name is that of `database`: that of the system service
/// and those of users have one name as a rule, and different owners.
fn is_of_one_daemon(
    database: &Path,
    owner: Option<u32>,
    is_of_service: bool,
    owner_in_place: u32,
) -> bool {
    match owner {
        Some(owner) => owner == owner_in_place,
        // It is gone, or on a disk that is.
        None => is_of_service == (database == Path::new(SERVICE_DB)),
    }
}

/// That there are measurements that are not in the record.
pub(super) fn unstored(substitute: &Substitute, database: &Path, language: &Language) -> String {
    let [path, meanwhile] = [database, &substitute.path].map(|path| path.display().to_string());
    let values = [("path", path), ("meanwhile", meanwhile)];
    fill(language.phrases().status.unstored, &values)
}

/// A status older than this no longer describes the present: the daemon has stopped or hangs.
pub(super) const STALE_AFTER: Duration = Duration::from_secs(15);

/// A running daemon writes its status every second; after this much silence, that is mentioned.
pub(super) const LATE_AFTER: Duration = Duration::from_secs(3);

/// What `linkmon status` prints for people.
pub(super) fn status_text(
    status: &Status,
    now: Timestamp,
    zone: &TimeZone,
    language: &Language,
) -> String {
    let p = &language.phrases().status;
    let mut text = String::new();
    let age = now.duration_since(status.at).unwrap_or_default();
    let ago = language.length(age);
    if age > STALE_AFTER {
        let values = [("when", when(status.at, now, zone)), ("age", ago)];
        let _ = writeln!(text, "{}", fill(p.stopped, &values));
    } else if age > LATE_AFTER {
        let _ = writeln!(text, "{}", fill(p.late, &[("age", ago)]));
    }
    let _ = writeln!(text, "{}", language.state_words(status, zone));
    if let Some(open) = &status.open_drop {
        let values = [
            ("id", open.id.to_string()),
            ("when", when(open.onset, status.at, zone)),
            ("place", language.place_now(&open.place)),
        ];
        let _ = writeln!(text, "{}", fill(p.open_drop, &values));
    }
    for i in &status.impairments {
        let values = [
            ("flag", language.flag(i.flag).to_owned()),
            ("since", when(i.since, status.at, zone)),
            ("long", language.length(status.at.duration_since(i.since).unwrap_or_default())),
            ("what", language.wrong(&i.figures, &i.places, i.target.as_deref())),
        ];
        let _ = writeln!(text, "{}", fill(p.flag, &values));
    }
    let drops = match status.drops_24h {
        0 => p.no_drop.to_owned(),
        n => language.count(n as usize, Noun::Drop),
    };
    let values = [("last", language.last_drop_words(status, zone)), ("drops", drops)];
    let _ = writeln!(text, "{}", fill(p.in_24_h, &values));
    if let Some(way) = &status.way {
        let _ = writeln!(text, "{}", fill(p.connected, &[("way", language.way_now(way))]));
    }
    if let Some(modem) = &status.modem {
        let _ = writeln!(text, "{}", language.modem_now(modem, status.at, zone));
    }
    text += &targets(status, language);
    let strays: u64 = status.strays.values().sum();
    if strays > 0 {
        let kinds: Vec<String> = status
            .strays
            .iter()
            .map(|(kind, n)| format!("{n} {}", language.stray(*kind)))
            .collect();
        let _ = writeln!(text, "\n{}", fill(p.strays, &[("kinds", kinds.join(", "))]));
    }
    if let Some(trouble) = language.clock_trouble(&status.clock) {
        let _ = writeln!(text, "\n{}", fill(p.warning, &[("what", trouble)]));
    }
    if let Some(trouble) = &status.storage_trouble {
        let _ = writeln!(text, "\n{}", fill(p.storing, &[("what", trouble)]));
    }
    for what in
        [language.publish_trouble(status), language.home_trouble(status)].into_iter().flatten()
    {
        let _ = writeln!(text, "\n{}", fill(p.warning, &[("what", what)]));
    }
    if let Some(heartbeat) = &status.heartbeat {
        let said = match heartbeat.last {
            Some(last) => fill(p.heartbeat[1], &[("when", when(last, now, zone))]),
            None => p.heartbeat[0].to_owned(),
        };
        let _ = writeln!(text, "\n{said}");
        if let Some(what) = language.heartbeat_trouble(status) {
            let _ = writeln!(text, "{}", fill(p.warning, &[("what", what)]));
        }
    }
    for what in language.alert_troubles(status, zone) {
        let _ = writeln!(text, "\n{}", fill(p.warning, &[("what", what)]));
    }
    for receiver in &status.remote_write {
        let _ = writeln!(text, "\n{}", language.write_line(receiver));
        if let Some(what) = language.write_trouble(receiver) {
            let _ = writeln!(text, "{}", fill(p.warning, &[("what", what)]));
        }
    }
    if let Some(forecast) = &status.storage.forecast {
        let _ = writeln!(text);
        for alarm in &forecast.alarms {
            let what = language.room_warning(alarm.of, forecast, zone);
            let _ = writeln!(text, "{}", fill(p.warning, &[("what", what)]));
        }
        let _ = writeln!(text, "{}", language.room(forecast, zone));
    }
    let values = [
        ("version", status.version.clone()),
        ("pid", status.pid.to_string()),
        ("since", when(status.started, now, zone)),
        ("engine", language.engine(&status.engine)),
        ("zone", zone.iana_name().unwrap_or(p.system_zone).to_owned()),
    ];
    let _ = writeln!(text, "\n{}", fill(p.made_by, &values));
    plain(&text)
}

/// The same in colour: the state, what is wrong, and warnings.
fn painted(text: &str, status: &Status, paint: Paint, language: &Language) -> String {
    let p = &language.phrases().status;
    let [warning, storing] = [p.warning, p.storing]
        .map(|template| plain(template.split('{').next().unwrap_or_default()));
    let state = language.state(status.state);
    paint.lines(text, |n, line| {
        if line.starts_with(state) && n < 2 {
            Some(Shade::of_state(status.state, status.impairments.len()))
        } else if line.starts_with(&storing) {
            Some(Shade::Bad)
        } else if line.starts_with(&warning)
            || status.impairments.iter().any(|i| line.starts_with(language.flag(i.flag)))
        {
            Some(Shade::Odd)
        } else {
            None
        }
    })
}

/// A line of titles and one for each target, after an empty one.
fn targets(status: &Status, language: &Language) -> String {
    let p = &language.phrases().status;
    let [role, target, kind, rtt, loss, span] = p.columns;
    let mut cells = vec![[role, target, kind, rtt, loss, span].map(str::to_owned)];
    cells.extend(status.targets.iter().map(|t| {
        let figure = |ms: f64| language.figures(&format!("{ms:.2} ms"));
        let rtt = t.rtt_ms.map_or_else(|| "-".to_owned(), figure);
        let loss = if t.sent == 0 {
            language.phrases().present.nothing_sent.to_owned()
        } else {
            let share = format!("{:.1} %", 100.0 * f64::from(t.lost) / f64::from(t.sent));
            format!("{} ({}/{})", language.figures(&share), t.lost, t.sent)
        };
        let mut rest = Vec::new();
        if t.not_sent > 0 {
            rest.push(fill(p.not_sent, &[("n", t.not_sent.to_string())]));
        }
        rest.extend(t.trouble.as_ref().map(|trouble| language.trouble(trouble)));
        let vote = t.standing.and_then(|standing| language.vote_remark(standing));
        rest.extend(vote.map(str::to_owned));
        let role = language.role(t.role).to_owned();
        [role, t.name.clone(), t.kind.to_string(), rtt, loss, rest.join("  ")]
    }));
    format!("\n{}", columns(&cells, [false, false, false, true, true, false], ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_is_not_taken_for_the_daemon_of_a_users_record() {
        let (of_service, own) = (Path::new(SERVICE_DB), Path::new("/home/u/linkmon.db"));
        for (database, owner, is_of_service, owner_in_place, is_its) in [
            (of_service, Some(998), true, 998, true),
            (own, Some(1_000), true, 998, false),
            (own, Some(1_000), false, 1_000, true),
            (of_service, Some(998), false, 1_000, false),
            // A record of the service somewhere else.
            (Path::new("/mnt/linkmon.db"), Some(998), true, 998, true),
            // On a disk that is away.
            (of_service, None, true, 998, true),
            (own, None, true, 998, false),
            (own, None, false, 1_000, true),
        ] {
            let found = is_of_one_daemon(database, owner, is_of_service, owner_in_place);
            assert_eq!(found, is_its, "{database:?} {owner:?} {is_of_service}");
        }
    }

    #[test]
    fn what_is_not_in_the_record_yet_is_said_in_the_language() {
        let substitute = Substitute { path: "/run/linkmon/x.db".into(), written: None };
        for lang in crate::config::Lang::ALL {
            let language = crate::language::of(lang);
            let said = unstored(&substitute, Path::new("/a.db"), language);
            assert!(said.contains("/run/linkmon/x.db") && said.contains("/a.db"), "{said}");
            assert!(lang == crate::config::Lang::En || !said.contains("could not"), "{said}");
        }
    }
}
