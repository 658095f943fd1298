//! Plays every scenario with every seed, in full, and prints the verdicts next to the truth, as a
//! table in Markdown: `cargo bench --bench verdicts`. With names (`-- S01 S21`) only these. The
//! result of a whole run is kept in `docs/verdicts.md`.

#![allow(clippy::print_stdout, reason = "the table is what it is for")]

use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use linkmon::scenario::{Scenario, ScenarioVerdict, Score, judge};
use linkmon::vocabulary::DropKind;

/// What is said of one scenario.
struct Row {
    name: String,
    story: String,
    lives: usize,
    days: f64,
    score: Score,
    blips: usize,
    troubles: usize,
    /// Kinds of impairments with their number.
    kinds: Vec<(&'static str, usize)>,
}

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|a| a.starts_with('S')).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/scenarios");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the scenarios are there")
        .map(|entry| entry.expect("the folder is readable").path())
        .filter(|path| {
            wanted.is_empty() || wanted.iter().any(|name| path.ends_with(format!("{name}.toml")))
        })
        .collect();
    files.sort();
    let rows = played(&files);
    println!(
        "| | scenario | lives x days | true drops | found | short | while up | place right | edge error p50 / p95, s | truth in bounds | blips | troubles | else |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let mut all = Score::default();
    let mut days = 0.0;
    for row in &rows {
        all.add(&row.score);
        days += row.days;
        println!("{}", line(row));
    }
    println!();
    println!("{}", summary(&all, days));
}

/// All of them, on two threads.
fn played(files: &[PathBuf]) -> Vec<Row> {
    let next = AtomicUsize::new(0);
    let rows = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let row = play(file);
                    rows.lock().expect("no thread panics").push(row);
                }
            });
        }
    });
    let mut rows = rows.into_inner().expect("no thread panics");
    rows.sort_by(|a, b| a.name.cmp(&b.name));
    rows
}

fn play(file: &Path) -> Row {
    let scenario = Scenario::read(file).unwrap_or_else(|error| panic!("{error}"));
    let mut row = Row {
        name: scenario.name.clone(),
        story: scenario.story.clone(),
        lives: scenario.seeds.len(),
        days: 0.0,
        score: Score::default(),
        blips: 0,
        troubles: 0,
        kinds: Vec::new(),
    };
    for seed in &scenario.seeds {
        let plan = scenario.plan(*seed);
        let verdict = judge(&plan);
        row.score.add(&Score::compute(&plan, &verdict));
        row.days += scenario.length.as_secs_f64() / 86_400.0;
        count(&mut row, &verdict);
    }
    row
}

fn count(row: &mut Row, verdict: &ScenarioVerdict) {
    row.blips += verdict.drops.iter().filter(|drop| drop.kind == DropKind::Blip).count();
    row.troubles += verdict.troubles.len();
    for impairment in &verdict.impairments {
        let kind = impairment.figures.kind();
        match row.kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => row.kinds.push((kind, 1)),
        }
    }
}

fn line(row: &Row) -> String {
    let Row { name, story, lives, days, score, blips, troubles, kinds } = row;
    let each = days / f64::from(u32::try_from(*lives).expect("few seeds"));
    let edges: Vec<f64> = score.start_errors.iter().chain(&score.end_errors).copied().collect();
    let errors = match (quantile(&edges, 0.5), quantile(&edges, 0.95)) {
        (Some(p50), Some(p95)) => format!("{p50:.2} / {p95:.2}"),
        _ => String::new(),
    };
    let kinds: Vec<String> = kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    let of = |part: usize, whole: usize| {
        if whole == 0 { String::new() } else { format!("{part}/{whole}") }
    };
    format!(
        "| {name} | {story} | {lives} x {each:.1} | {} | {} | {} | {} | {} | {errors} | {} | {blips} | {troubles} | {} |",
        score.drops,
        score.found,
        score.short,
        score.invented,
        of(score.place_right, score.found - score.perhaps),
        of(score.bounded_edges, score.all_edges),
        kinds.join(", ")
    )
}

fn summary(all: &Score, days: f64) -> String {
    let ratio = |part: usize, whole: usize| {
        let real = |n: usize| f64::from(u32::try_from(n).expect("fewer than four billion"));
        format!("{:.4} ({part} of {whole})", real(part) / real(whole).max(1.0))
    };
    let said = all.found + all.short + all.invented;
    let errors = |errors: &[f64]| {
        let [p50, p95] = [0.5, 0.95].map(|q| quantile(errors, q).unwrap_or(f64::NAN));
        format!("{p50:.2} / {p95:.2} s")
    };
    format!(
        "In all: {days:.0} simulated days, {} true drops of 5 s or more.\n\n\
         - precision {}; recall {}, {} of these as perhaps a drop\n\
         - reported while the link was up: {}; on silences of less than 5 s: {}\n\
         - place right: {}; right place in the range that was said: {}\n\
         - error of begins p50 / p95: {}; of ends: {} (edges that were watched: {})\n\
         - truth inside the bounds: {}",
        all.drops,
        ratio(all.found, said),
        ratio(all.found, all.drops),
        all.perhaps,
        all.invented,
        all.short,
        ratio(all.place_right, all.found - all.perhaps),
        ratio(all.place_held, all.found - all.perhaps),
        errors(&all.start_errors),
        errors(&all.end_errors),
        all.edges,
        ratio(all.bounded_edges, all.all_edges),
    )
}

/// By nearest rank.
#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "few"
)]
fn quantile(values: &[f64], q: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = ((sorted.len() as f64 * q).ceil() as usize).max(1);
    sorted.get(rank - 1).copied()
}
