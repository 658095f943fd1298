//! Documents are kept for a while, and known by their paths.

use std::time::Duration;

use super::*;
use crate::store;
use crate::vocabulary::{NoteDraft, NoteKind};

fn documents_of(database: PathBuf) -> Documents {
    Documents::new(Config::default(), database, TimeZone::UTC, OutgoingBudget::default())
}

#[test]
fn a_document_is_kept_for_a_while_or_until_a_drop_begins_or_ends_or_a_note_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let database = scene.import_into(folder.path());
    let documents = documents_of(database.clone());
    let wanted = DocumentWanted::of_path("/report/24h.json", "").unwrap().unwrap();
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    let calm = LatestDrops { open: None, over: Some(7) };
    let get = |drops| runtime.block_on(documents.get(wanted.clone(), drops)).unwrap();
    let (first, second) = (get(calm), get(calm));
    assert_eq!(first.as_ptr(), second.as_ptr(), "it is the same one");
    let in_drop = get(LatestDrops { open: Some(8), ..calm });
    assert_ne!(first.as_ptr(), in_drop.as_ptr(), "a drop has begun");
    assert_ne!(in_drop.as_ptr(), get(LatestDrops { open: None, over: Some(8) }).as_ptr());
    let before = get(calm);
    let note = NoteDraft {
        at: Timestamp::from_seconds(0),
        kind: NoteKind::Other,
        ticket: None,
        text: "by another program".to_owned(),
    };
    let id = store::add_note(&database, &note, Timestamp::from_seconds(1)).unwrap();
    let with_note = get(calm);
    assert_ne!(before.as_ptr(), with_note.as_ptr(), "a note was written");
    store::remove_note(&database, id, None, Timestamp::from_seconds(2)).unwrap();
    assert_ne!(with_note.as_ptr(), get(calm).as_ptr(), "and removed");
    let MadeDocument { at: made, of, .. } = documents.lock()[&wanted].clone();
    let later = |us| documents.kept(&wanted, of, made + us).is_some();
    assert!(later(KEPT - Micros::new(1)) && !later(KEPT));
    assert!(documents.lock().is_empty(), "memory is not kept longer");
    get(calm);
    let wait = |us: Micros| {
        runtime.block_on(async move { tokio::time::sleep(us.to_duration()).await });
    };
    wait(KEPT - Micros::from_seconds(1));
    assert!(!documents.lock().is_empty());
    wait(Micros::from_seconds(2));
    assert!(documents.lock().is_empty(), "given up though nobody asks again");
}

#[test]
fn a_document_is_known_by_its_path() {
    let known = |path: &str, query: &str| DocumentWanted::of_path(path, query);
    let form = |path: &str| known(path, "").map(|wanted| wanted.unwrap().form);
    assert_eq!(form("/sheet/24h.png"), Some(DocumentFormat::Sheet));
    assert_eq!(form("/sheet/7d-dark.png"), Some(DocumentFormat::DarkSheet));
    assert_eq!(form("/report/7d.txt"), Some(DocumentFormat::Text));
    assert_eq!(form("/ticket/7d.txt"), Some(DocumentFormat::Ticket));
    assert_eq!(form("/report/30d.json"), Some(DocumentFormat::Json));
    for (parent, ..) in DocumentFormat::KNOWN {
        assert!(DocumentFormat::PARENTS.contains(&parent));
    }
    for path in [
        "/sheet/24h",
        "/sheet/dark.png",
        "/report/7d-dark.txt",
        "/sheet/1y.png",
        "/report/24h.zip",
        "/answers/24h.md",
        "/report/",
        "/report",
        "/sheet/../x",
    ] {
        assert!(known(path, "").is_none(), "{path}");
    }
    assert!(known("/report/custom.md", "since=2d&until=1d").unwrap().is_ok());
    assert!(known("/sheet/24h.png", "at=1770038400000").unwrap().is_ok());
    for (path, query) in [("/report/custom.md", ""), ("/report/24h.md", "since=1d&limit=2")] {
        assert!(known(path, query).unwrap().is_err(), "{path}");
    }
}

#[test]
fn few_documents_are_kept() {
    let documents = documents_of("none.db".into());
    let of = DocumentState::default();
    for number in 0..100 {
        let query = format!("since={}d", number + 1);
        let wanted = DocumentWanted::of_path("/report/custom.txt", &query).unwrap().unwrap();
        let at = BootTime::from_micros(number);
        documents.keep(&wanted, MadeDocument { at, of, bytes: Bytes::new() });
        assert!(documents.kept(&wanted, of, at).is_some(), "the newest is there");
    }
    assert_eq!(documents.lock().len(), MOST_KEPT);
    // Nor do they take the room of what waits to be sent.
    for number in 0..6 {
        let query = format!("since={}d", number + 1);
        let wanted = DocumentWanted::of_path("/report/custom.txt", &query).unwrap().unwrap();
        let at = BootTime::from_micros(1_000 + number);
        let bytes = documents.counted(Bytes::from(vec![7; ROOM - 1])).unwrap();
        documents.keep(&wanted, MadeDocument { at, of, bytes });
    }
    assert_eq!(documents.lock().len(), 1);
    let too_large = documents.counted(Bytes::from(vec![7; OutgoingBudget::MOST + 1]));
    assert!(matches!(too_large, Err(DocumentError::TooLarge)));
    let largest = documents.counted(Bytes::from(vec![7; OutgoingBudget::MOST]));
    assert!(largest.is_ok(), "what is only kept makes room");
}

#[test]
fn every_form_is_made_of_any_period() {
    let folder = tempfile::tempdir().unwrap();
    let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let now = scene.period.to;
    let database = scene.import_into(folder.path());
    let (config, zone) = (Config::default(), TimeZone::UTC);
    let source = DocumentSource { config, database, zone, hours: Arc::default() };
    let make = |parent: &str, ending: &str, query: &str| {
        let path = format!("/{parent}/custom{ending}");
        let wanted = DocumentWanted::of_path(&path, query).unwrap().unwrap();
        source.make(&wanted, now)
    };
    for (parent, ending, form) in DocumentFormat::KNOWN {
        let bytes = make(parent, ending, "since=2d&until=1d").unwrap();
        let begins: &[u8] = match form {
            DocumentFormat::Sheet | DocumentFormat::DarkSheet => b"\x89PNG",
            DocumentFormat::Svg => b"<svg",
            DocumentFormat::Pdf => b"%PDF",
            DocumentFormat::Html => b"<!DOCTYPE html>",
            DocumentFormat::Json => b"{",
            _ => b"",
        };
        assert!(bytes.len() > 100 && bytes.starts_with(begins), "{form:?}");
    }
    let report = make("report", ".json", "since=2d&until=1d").unwrap();
    let report: serde_json::Value = serde_json::from_slice(&report).unwrap();
    let day = Duration::from_secs(86_400);
    assert_eq!(report["period"]["to"], (now - day).to_string());
    assert_eq!(report["period"]["from"], (now - day * 2).to_string());
    for query in ["since=1d&until=2d", "since=drop:9999", "since=soon", "since=1d&until=drop:x"] {
        let problem = make("report", ".json", query).unwrap_err();
        assert!(matches!(problem, DocumentError::Period(_)), "{query}: {problem}");
    }
    let around = make("report", ".json", "since=drop:1").unwrap();
    let around: serde_json::Value = serde_json::from_slice(&around).unwrap();
    assert!(around["drops"].as_array().is_some_and(|drops| !drops.is_empty()));
}
