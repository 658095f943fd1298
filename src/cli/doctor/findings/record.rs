//! Findings about the record itself and the space it has.

use super::{DoctorFinding, Severity, finding};
use crate::cli::doctor::facts::Facts;
use crate::language::plain;
use crate::language::words::count;
use crate::live::{HoldReason, WriteStatus};
use crate::prose::english;
use crate::store::Soundness;
use crate::vocabulary::Filling;

/// That it was not measured, where it was not.
pub(super) fn simulated(facts: &Facts) -> Option<DoctorFinding> {
    let said = english().simulated(facts.database.as_ref().ok()?.simulated)?;
    let what = said.trim_end_matches('.').to_lowercase();
    Some(finding("record", Severity::Ok, what))
}

/// If the whole record was checked.
pub(super) fn record(facts: &Facts) -> Option<DoctorFinding> {
    const RESTORE: &str = "when the daemon starts, it puts a damaged database aside and recovers what can \
        be read of it; `linkmon restore` replaces it with a copy";
    let found = match facts.soundness.as_ref()? {
        Ok(found) => found,
        Err(why) => return Some(finding("record", Severity::Problem, why.clone()).advise(RESTORE)),
    };
    Some(if let Some(first) = found.problems.first() {
        let more = match found.problems.len() - 1 {
            0 => String::new(),
            n => format!(" (and {n} more)"),
        };
        finding("record", Severity::Problem, format!("the file is damaged: {first}{more}"))
            .advise(RESTORE)
    } else if found.lost_commits > 0 {
        let lost = number(found.lost_commits, "commit", "commits");
        let what = format!("{lost} of the daemon are missing: the file ending in -wal is gone");
        finding("record", Severity::Problem, what).advise(
            "copy a database with `linkmon backup`, never just the one file; restart the daemon, \
             which saves what it has in memory",
        )
    } else if found.chain.broken > 0 {
        let changed = match found.chain.broken {
            1 => "1 hour was changed after it was over".to_owned(),
            n => format!("{} changed after they were over", number(n, "hour was", "hours were")),
        };
        let damaged = match found.damaged_rows {
            0 => String::new(),
            n => format!("; {} of samples cannot be read", number(n, "row", "rows")),
        };
        finding("record", Severity::Problem, changed + &damaged)
            .advise("`linkmon verify` with the path of the database shows which")
    } else if found.damaged_rows > 0 {
        let rows = number(found.damaged_rows, "row", "rows");
        let what = format!("{rows} of samples of {} cannot be read", found.rows);
        finding("record", Severity::Warning, what).advise(
            "reports leave these minutes out; check the health of the disk, and make copies: \
             [backup] in the configuration",
        )
    } else {
        finding("record", Severity::Ok, whole(found))
    })
}

/// Whether the status page is written as files, where it is to be.
pub(super) fn published(facts: &Facts) -> Option<DoctorFinding> {
    const ADVICE: &str = "the directory has to be there, and the user that the daemon runs as has to be \
        allowed to write to it; the service also needs ReadWritePaths= with it: `systemctl edit linkmon`";
    let dir = facts.config.publish.dir.as_ref()?.display();
    Some(match &facts.status.as_ref()?.publish_trouble {
        Some(why) => {
            let what = format!("the status page cannot be written: {why}");
            finding("publish", Severity::Warning, what).advise(ADVICE)
        }
        None => finding("publish", Severity::Ok, format!("the status page is written to {dir}")),
    })
}

/// Whether signs of life arrive, where any are to be sent.
pub(super) fn sign_of_life(facts: &Facts) -> Option<DoctorFinding> {
    let heartbeat = facts.status.as_ref()?.heartbeat.as_ref()?;
    Some(match (&heartbeat.trouble, heartbeat.last) {
        (Some(why), _) => {
            let what = format!("signs of life do not arrive: {why}");
            finding("heartbeat", Severity::Warning, what).advise("check url in [heartbeat]")
        }
        (None, Some(_)) => finding("heartbeat", Severity::Ok, "signs of life arrive".to_owned()),
        (None, None) => return None,
    })
}

/// How sending to each receiver of remote write goes.
pub(super) fn remote_write(facts: &Facts) -> Vec<DoctorFinding> {
    const REFUSED: &str = "compare url, user and secrets in [[remote-write]] with what the receiver expects; \
        `linkmon status` shows what it said";
    const WINDOW: &str = "Prometheus: `storage: {tsdb: {out_of_order_time_window: 30d}}` in prometheus.yml; \
        Mimir: `limits: {out_of_order_time_window: 30d}`; Thanos: --tsdb.out-of-order.time-window; or send \
        less of the past (from), or leave it out (on-too-old = \"skip\"): docs/remote-write.md";
    let finding_of = |status: &WriteStatus| {
        let line = plain(&english().write_line(status));
        let Some(what) = english().write_trouble(status) else {
            return finding("remote-write", Severity::Ok, line);
        };
        let found = finding("remote-write", Severity::Warning, plain(&what));
        match status.held {
            Some(HoldReason::TooOld | HoldReason::OutOfOrder) => found.advise(WINDOW),
            Some(HoldReason::Refused) => found.advise(REFUSED),
            None => found,
        }
    };
    facts.status.iter().flat_map(|status| &status.remote_write).map(finding_of).collect()
}

/// A record can name 255 targets. When they are used up, new ones are not probed.
pub(super) fn numbers(facts: &Facts) -> Option<DoctorFinding> {
    const FEW_LEFT: usize = 200;
    let used = facts.database.as_ref().ok()?.targets;
    let what = format!("{used} of the 255 target numbers of this record are used");
    let advice = "targets that are new then get none and are not probed; start a new record in time: \
        [storage] path";
    (used >= FEW_LEFT).then(|| finding("targets", Severity::Warning, what).advise(advice))
}

fn whole(found: &Soundness) -> String {
    let rows = number(found.rows, "row", "rows");
    let hours = number(found.chain.whole, "closed hour", "closed hours");
    format!("intact: {rows} of samples with correct checksums, {hours} as in the chain")
}

fn number(n: u64, one: &str, many: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), one, many)
}

/// If it is known.
pub(super) fn room(facts: &Facts) -> Option<DoctorFinding> {
    let forecast = facts.forecast.as_ref()?;
    let Some(alarm) = forecast.alarms.first() else {
        let what = english().room(forecast, &facts.zone).replace('\n', "; ");
        return Some(finding("room", Severity::Ok, what));
    };
    let advice = match alarm.of {
        Filling::Disk => {
            "free some disk space, move the database to another disk ([storage] path), or limit \
             its size ([storage] max-size)"
        }
        Filling::Limit => {
            "nothing needs to be done; a larger [storage] max-size keeps samples for longer"
        }
    };
    let what = english().room_warning(alarm.of, forecast, &facts.zone);
    Some(finding("room", Severity::Warning, what).advise(advice))
}
