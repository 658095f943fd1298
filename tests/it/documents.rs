//! The documents: every command that they show is understood, and those that only read a record or
//! this program itself are run on one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use clap::{CommandFactory as _, Parser as _};
use linkmon::cli::{Arguments, Command};

use crate::cli::home::Home;

/// A command with its place in the documents.
struct Shown {
    place: String,
    words: Vec<String>,
}

fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut all: Vec<_> = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "dashboards/README.md"]
        .map(|name| root.join(name))
        .into();
    let docs = fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path());
    all.extend(docs.filter(|path| path.extension().is_some_and(|ending| ending == "md")));
    all.sort();
    all
}

/// Text between backquotes, or at the start of a line of code, that calls linkmon.
fn shown() -> Vec<Shown> {
    let mut all = Vec::new();
    for path in documents() {
        let text = fs::read_to_string(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let mut fenced = false;
        for (number, line) in (1..).zip(text.lines()) {
            let mut pieces: Vec<&str> = Vec::new();
            if line.starts_with("```") {
                fenced = !fenced;
            } else if fenced || line.starts_with("    ") {
                pieces.push(line.trim().trim_start_matches("$ "));
            } else {
                pieces.extend(line.split('`').skip(1).step_by(2));
            }
            for piece in pieces {
                if let Some(words) = command(piece) {
                    all.push(Shown { place: format!("{name}:{number}: {piece}"), words });
                }
            }
        }
    }
    all
}

/// The words after `linkmon` or `cargo run --release --`; `None` where neither is called.
fn command(text: &str) -> Option<Vec<String>> {
    let rest = text
        .strip_prefix("linkmon ")
        .or_else(|| text.strip_prefix("cargo run --release -- "))
        .or_else(|| {
            text.split_once("TZ=").and_then(|(_, t)| t.split_once(" linkmon ")).map(|p| p.1)
        })?;
    // Something is left to the reader.
    if rest.contains('…') || rest.contains("...") {
        return None;
    }
    let rest = rest.split(" | ").next()?.split(" > ").next()?;
    let mut words = vec![String::new()];
    let mut quoted = None;
    for c in rest.chars() {
        let last = words.last_mut()?;
        match (c, quoted) {
            ('"' | '\'', None) => quoted = Some(c),
            (c, Some(quote)) if c == quote => quoted = None,
            (' ', None) => words.push(String::new()),
            (c, _) => last.push(c),
        }
    }
    words.retain(|word| !word.is_empty());
    Some(words)
}

fn is_name(word: &str) -> bool {
    Arguments::command().find_subcommand(word).is_some()
}

#[test]
fn every_command_in_the_documents_is_understood() {
    let all = shown();
    assert!(all.len() > 30, "{} commands", all.len());
    for Shown { place, words } in all {
        // The bare name of a command is a name.
        let named = words.len() == 1 && is_name(&words[0]);
        let parsed = Arguments::try_parse_from(["linkmon".to_owned()].into_iter().chain(words));
        assert!(named || parsed.is_ok(), "{place}: {}", parsed.unwrap_err());
    }
}

#[test]
fn the_commands_in_the_documents_that_read_do_it() {
    let home = Home::recorded();
    let mut ran = 0;
    for Shown { place, words } in shown() {
        let line = ["linkmon".to_owned()].into_iter().chain(words.clone());
        let Ok(parsed) = Arguments::try_parse_from(line) else { continue };
        // A record of its own, and no number of a drop or a note that is not in this one.
        let asks_more = ["--db", "--compare", "--drop", "-o"];
        if words.iter().any(|word| asks_more.contains(&word.as_str()) || word.contains("drop:")) {
            continue;
        }
        let reads = matches!(
            parsed.command,
            Command::Drops(_)
                | Command::Report(_)
                | Command::Replay(_)
                | Command::Config(_)
                | Command::Sql(_)
                | Command::Export(_)
                | Command::Man(_)
                | Command::Completions(_)
        );
        if !reads {
            continue;
        }
        let mut arguments = vec!["--db", "a.db"];
        arguments.extend(words.iter().map(String::as_str));
        let said = home.linkmon(&arguments);
        assert_eq!(said.code, 0, "{place}: {}", said.stderr);
        ran += 1;
    }
    assert!(ran > 10, "{ran} commands were run");
}

/// Sources and places of everything that the package installs, without what is made for it.
fn packaged() -> Vec<(PathBuf, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest: toml::Table =
        fs::read_to_string(root.join("Cargo.toml")).unwrap().parse().unwrap();
    let assets = manifest["package"]["metadata"]["deb"]["assets"].as_array().unwrap();
    let mut all = Vec::new();
    for asset in assets {
        let [source, place] = [0, 1].map(|n| asset[n].as_str().unwrap().to_owned());
        if source.starts_with("target/") {
            continue;
        }
        let (folder, pattern) = source.rsplit_once('/').unwrap_or((".", &source));
        let names = fs::read_dir(root.join(folder)).unwrap().map(|entry| entry.unwrap());
        let names = names.filter(|entry| entry.path().is_file());
        let names: Vec<_> = names.map(|entry| entry.file_name().into_string().unwrap()).collect();
        let (start, end) = pattern.split_once('*').unwrap_or((pattern, ""));
        let end = end.trim_start_matches('.').trim_start_matches('*');
        let matching = |name: &&String| {
            if pattern.contains('*') {
                name.starts_with(start) && name.ends_with(end)
            } else {
                *name == pattern
            }
        };
        let found: Vec<_> = names.iter().filter(matching).collect();
        assert!(!found.is_empty(), "{source} is not there");
        for name in found {
            let to = if place.ends_with('/') { format!("{place}{name}") } else { place.clone() };
            all.push((root.join(folder).join(name), PathBuf::from(to)));
        }
    }
    all
}

#[test]
fn every_link_between_the_documents_leads_somewhere_in_the_package() {
    let packaged = packaged();
    let there = |path: &Path| {
        let mut whole = PathBuf::new();
        for part in path.components() {
            match part {
                std::path::Component::ParentDir => {
                    whole.pop();
                }
                part => whole.push(part),
            }
        }
        packaged.iter().any(|(_, place)| *place == whole)
    };
    let mut links = 0;
    for (source, place) in &packaged {
        if source.extension().is_none_or(|ending| ending != "md") {
            continue;
        }
        let text = fs::read_to_string(source).unwrap();
        for part in text.split("](").skip(1) {
            let target = part.split([')', '#']).next().unwrap();
            if target.is_empty() || target.contains("://") || target.contains(' ') {
                continue;
            }
            links += 1;
            let from = place.parent().unwrap();
            assert!(there(&from.join(target)), "{}: {target}", place.display());
        }
    }
    assert!(links > 20, "{links}");
    for part in
        ["docs/how-it-decides.md", "dashboards/grafana.json", "dashboards/prometheus/alerts.yml"]
    {
        assert!(there(&Path::new("usr/share/doc/linkmon").join(part)), "{part}");
    }
}
