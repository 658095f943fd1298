//! `linkmon demo`: the founding story, simulated into a database that every command can read, and
//! the report on it.

use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::failure;
use super::output;
use super::progress::Progress;
use super::usage::Hinted;
use crate::chart;
use crate::config::{Config, Site};
use crate::language::words;
use crate::render;
use crate::report::{self, Method, Report};
use crate::scenario::{self, NoAudience, Recording, ScenarioPlan};
use crate::store::{Durability, Reader};
use crate::time::TimeRange;

/// `kept` is the database to keep, if one was named.
pub(super) fn demo(kept: Option<&Path>) -> anyhow::Result<()> {
    let database = match kept {
        Some(path) => new_file(path)?,
        None => temporary_folder()?.join("linkmon.db"),
    };
    let drawing = database.with_extension("png");
    let drawing = if kept.is_some() { new_file(&drawing)? } else { drawing };
    let plan = scenario::founding_story();
    let durability = Durability::Simulated;
    let recording = Recording { database: &database, runtime_dir: None, durability };
    let progress = Progress::start("simulating six days of a bad line");
    scenario::record(&plan, &recording, &mut NoAudience).context("simulate the story")?;

    progress.now("reading the record");
    let report = report(&plan, &database)?;
    drop(progress);
    // The drawing is made even if the reader of the text is gone.
    let printed = output::write(render::text(&report).as_bytes());
    output::write_file(&drawing, &chart::sheet_png(&report).context("draw the report")?)?;
    failure::say(&look_further(&plan, &database, &drawing));
    Ok(printed?)
}

fn report(plan: &ScenarioPlan, database: &Path) -> anyhow::Result<Report> {
    let reader = Reader::open(database)?;
    let period = TimeRange { from: plan.start, to: plan.label(plan.length) };
    let rows = report::gather(&reader, period, None)?;
    let site = Site { name: Some("Demo".to_owned()), ..Site::default() };
    let method = Method::new(&Config::default(), None);
    Ok(Report::build(rows, plan.zone.clone(), &site, period.to, method))
}

/// A file that does not exist yet.
fn new_file(path: &Path) -> Result<PathBuf, Hinted> {
    if path.exists() {
        return Err(Hinted {
            sentence: format!(
                "{} already exists, and the demo only makes a new one",
                path.display()
            ),
            hint: "name another file with `--db`".to_owned(),
        });
    }
    Ok(path.to_owned())
}

/// It is not removed, so that there is something to look at.
fn temporary_folder() -> anyhow::Result<PathBuf> {
    use std::os::unix::fs::DirBuilderExt as _;
    let name = format!("linkmon-demo-{:08x}", fastrand::u32(..));
    let folder = std::env::temp_dir().join(name);
    std::fs::DirBuilder::new()
        .mode(0o700)
        .create(&folder)
        .with_context(|| format!("make directory {}", folder.display()))?;
    Ok(folder)
}

fn look_further(plan: &ScenarioPlan, database: &Path, drawing: &Path) -> String {
    let zone = plan.zone.iana_name().unwrap_or("UTC");
    let day = |at| words::local(at, &plan.zone, "%Y-%m-%d");
    let from = day(plan.start);
    let to = day(plan.label(plan.length) + std::time::Duration::from_secs(86_400));
    let linkmon = format!("TZ={zone} linkmon --db {}", database.display());
    format!(
        "All of this is simulated. The record is {}\n\
         and the drawing is {}\n\
         Look further, for example:\n  \
         {linkmon} drops --since {from} --until {to}\n  \
         {linkmon} report --drop 12 -o drop-12.png\n  \
         {linkmon} report --since {from} --until 2023-02-04 --format text\n  \
         {linkmon} replay --since {from} --until {to} --drop-after 90s\n  \
         {linkmon} note list",
        database.display(),
        drawing.display(),
    )
}
