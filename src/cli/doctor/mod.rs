//! `linkmon doctor`: what is wrong on this machine, and how to fix it.
//!
//! `facts` looks (and changes nothing: no probe is sent, the database is opened for reading),
//! `findings` judges, which is pure.

mod facts;
mod findings;

use std::fmt::Write as _;
use std::process::ExitCode;

use serde::Serialize;

use super::args::{DoctorArgs, TextOrJson};
use super::context::Context;
use super::output;
use super::paint::{Paint, Shade};
use crate::time::Timestamp;
use facts::{Depth, Facts};
use findings::{DoctorFinding, Severity, findings};

/// Prints the findings, and says whether one of them is a problem.
pub(super) fn doctor(args: &DoctorArgs, context: &Context) -> anyhow::Result<MachineHealth> {
    let depth = if args.quick { Depth::Quick } else { Depth::Full };
    let found = findings(&Facts::look(context, depth));
    let text = match args.format {
        TextOrJson::Text => text(&found),
        TextOrJson::Json => json(context.now, &found)?,
    };
    output::write(painted(&text, args.format, context.paint()).as_bytes())?;
    let ill = found.iter().any(|f| f.level == Severity::Problem);
    Ok(if ill { MachineHealth::Ill } else { MachineHealth::Well })
}

/// What the exit code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MachineHealth {
    /// Nothing prevents a record.
    Well,
    /// Something does.
    Ill,
}

impl MachineHealth {
    pub(super) fn exit_code(self) -> ExitCode {
        match self {
            Self::Well => ExitCode::SUCCESS,
            Self::Ill => ExitCode::FAILURE,
        }
    }
}

fn text(findings: &[DoctorFinding]) -> String {
    let mut text = String::new();
    for f in findings {
        let _ = writeln!(text, "{:<8} {:<11} {}", f.level.word(), f.subject, f.what);
        if let Some(advice) = &f.advice {
            let _ = writeln!(text, "{:<8} {:<11} -> {advice}", "", "");
        }
    }
    let count = |level| findings.iter().filter(|f| f.level == level).count();
    let (problems, warnings) = (count(Severity::Problem), count(Severity::Warning));
    let _ = match (problems, warnings) {
        (0, 0) => writeln!(text, "\nNothing is wrong."),
        (p, w) => writeln!(text, "\n{p} problem{}, {w} warning{}.", plural(p), plural(w)),
    };
    text
}

/// The same in colour: each level.
fn painted(text: &str, format: TextOrJson, paint: Paint) -> String {
    if format == TextOrJson::Json {
        return text.to_owned();
    }
    paint.lines(text, |_, line| {
        let is = |level: Severity| line.starts_with(level.word()) && line.len() > 8;
        if is(Severity::Problem) {
            Some(Shade::Bad)
        } else {
            (is(Severity::Warning) || is(Severity::Unknown)).then_some(Shade::Odd)
        }
    })
}

fn plural(n: usize) -> &'static str {
    if n == 1 { "" } else { "s" }
}

fn json(at: Timestamp, findings: &[DoctorFinding]) -> anyhow::Result<String> {
    #[derive(Serialize)]
    struct Whole<'a> {
        at: Timestamp,
        findings: &'a [DoctorFinding],
    }
    Ok(format!("{}\n", serde_json::to_string_pretty(&Whole { at, findings })?))
}
