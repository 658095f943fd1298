//! What was found in the record itself, and of the room it has.

use super::{Finding, Level, finding};
use crate::cli::doctor::facts::Facts;
use crate::language::room;
use crate::language::words::count;
use crate::store::Soundness;
use crate::vocabulary::Filling;

/// Where the record was looked through wholly.
pub(super) fn record(facts: &Facts) -> Option<Finding> {
    const RESTORE: &str = "a daemon that is started puts a damaged database aside and brings over \
        what can be read of it; `linkmon restore` puts a copy in its place";
    let found = match facts.soundness.as_ref()? {
        Ok(found) => found,
        Err(why) => return Some(finding("record", Level::Problem, why.clone()).advise(RESTORE)),
    };
    Some(if let Some(first) = found.problems.first() {
        let more = match found.problems.len() - 1 {
            0 => String::new(),
            n => format!(" (and {n} more)"),
        };
        finding("record", Level::Problem, format!("the file is damaged: {first}{more}"))
            .advise(RESTORE)
    } else if found.lost_commits > 0 {
        let lost = number(found.lost_commits, "commit", "commits");
        let what = format!("it lacks {lost} of the daemon: its file ending in -wal is gone");
        finding("record", Level::Problem, what).advise(
            "copy a database with `linkmon backup`, never the one file alone; start the daemon \
             again, it saves what it has in memory",
        )
    } else if found.chain.broken > 0 {
        let changed = match found.chain.broken {
            1 => "1 hour is not as when it was over".to_owned(),
            n => format!("{} not as when they were over", number(n, "hour is", "hours are")),
        };
        let damaged = match found.damaged_rows {
            0 => String::new(),
            n => format!("; {} of samples cannot be read", number(n, "row", "rows")),
        };
        finding("record", Level::Problem, changed + &damaged)
            .advise("`linkmon verify` with the path of the database says which")
    } else if found.damaged_rows > 0 {
        let rows = number(found.damaged_rows, "row", "rows");
        let what = format!("{rows} of samples of {} cannot be read", found.rows);
        finding("record", Level::Warning, what).advise(
            "reports leave these minutes out; look at the health of the disk, and make copies: \
             [backup] in the configuration",
        )
    } else {
        finding("record", Level::Ok, whole(found))
    })
}

fn whole(found: &Soundness) -> String {
    let rows = number(found.rows, "row", "rows");
    let hours = number(found.chain.whole, "closed hour", "closed hours");
    format!("whole: {rows} of samples with right sums, {hours} as in the chain")
}

fn number(n: u64, one: &str, many: &str) -> String {
    count(usize::try_from(n).unwrap_or(usize::MAX), one, many)
}

/// Where it is known.
pub(super) fn room(facts: &Facts) -> Option<Finding> {
    let forecast = facts.forecast.as_ref()?;
    let Some(alarm) = forecast.alarms.first() else {
        let what = room::summary(forecast, &facts.zone).replace('\n', "; ");
        return Some(finding("room", Level::Ok, what));
    };
    let advice = match alarm.of {
        Filling::Disk => {
            "make room on the disk, move the database to another one ([storage] path), or let it \
             take less ([storage] max-size)"
        }
        Filling::Limit => {
            "nothing need be done; a larger [storage] max-size keeps samples for longer"
        }
    };
    let what = room::warning(alarm.of, forecast, &facts.zone);
    Some(finding("room", Level::Warning, what).advise(advice))
}
