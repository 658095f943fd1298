//! Notes over HTTP.

use serde_json::{Value, json};

use super::answers::header;
use super::*;
use crate::store::Reader;
use crate::time::{Reading, TimeRange};
use crate::vocabulary::{NoteDraft, NoteKind};

const PAGE: &str = "origin: http://localhost:8420\r\nsec-fetch-site: same-origin\r\ncontent-type: application/json\r\n";

/// Plays with the page of a record in a file.
fn play_record<F: Future<Output = ()>>(config: Config, play: impl FnOnce(Scene, PathBuf) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let synthetic = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let database = synthetic.import_into(folder.path());
    let path = database.clone();
    play_with(config, database, |scene| play(scene, path));
}

impl Scene {
    /// The status and the body of an answer.
    async fn note(&self, line: &str, headers: &str, body: &str) -> (u16, Value) {
        let (head, body) = self.talk(line, headers, body).await;
        let text = String::from_utf8(body).unwrap();
        let is_json = header(&head, "content-type") == Some("application/json");
        let value = if is_json { serde_json::from_str(&text).unwrap() } else { text.into() };
        (head.split(' ').nth(1).unwrap().parse().unwrap(), value)
    }
}

#[test]
fn notes_are_added_edited_and_removed_and_their_history_stays() {
    play_record(Config::default(), |scene, database| async move {
        let drop = Reader::open(&database).unwrap().drops(TimeRange::EVER).unwrap()[3].clone();
        let within = drop.drop.onset.latest.as_millis() + 1;
        // It has notes of its own, all of them earlier or later.
        let before = scene.note("GET /api/v1/notes", "", "").await.1;
        let body = json!({"at": within, "text": "all lights <b>out</b>"}).to_string();
        let (status, note) = scene.note("POST /api/v1/notes", PAGE, &body).await;
        assert_eq!(status, 201, "{note}");
        assert_eq!(note["text"], "all lights <b>out</b>");
        assert_eq!((&note["at"], &note["on"]), (&json!(within), &json!(drop.id)));
        let path = format!("/api/v1/notes/{}", note["id"]);
        let (status, note) =
            scene.note(&format!("PUT {path}"), PAGE, r#"{"text": "two lights out"}"#).await;
        assert_eq!((status, &note["text"]), (200, &json!("two lights out")));
        assert!(note["edited"].is_i64());
        let (status, listed) = scene.note("GET /api/v1/notes", "", "").await;
        assert!(status == 200 && listed.as_array().unwrap().contains(&note), "{listed}");
        let there = format!("GET /api/v1/notes?from={within}&to={}", within + 1);
        assert_eq!(scene.note(&there, "", "").await.1, json!([note]));
        let (status, said) = scene.note(&format!("DELETE {path}"), PAGE, "").await;
        assert_eq!(status, 200, "{said}");
        assert_eq!(scene.note("GET /api/v1/notes", "", "").await.1, before);
        for (method, body) in [("PUT", "{}"), ("DELETE", "")] {
            assert_eq!(scene.note(&format!("{method} {path}"), PAGE, body).await.0, 404);
        }
        let changes = Reader::open(&database).unwrap().note_changes(TimeRange::EVER).unwrap();
        let texts: Vec<_> = changes.iter().map(|change| change.before.text.as_str()).collect();
        assert_eq!(texts, ["all lights <b>out</b>", "two lights out"]);
    });
}

#[test]
fn an_edit_of_what_somebody_else_changed_meanwhile_is_refused_in_words() {
    play_record(Config::default(), |scene, database| async move {
        let (_, note) = scene.note("POST /api/v1/notes", PAGE, r#"{"text": "one"}"#).await;
        assert_eq!(note["version"], 0);
        let path = format!("/api/v1/notes/{}", note["id"]);
        let put = format!("PUT {path}");
        let (status, note) =
            scene.note(&put, PAGE, r#"{"text": "one and two", "version": 0}"#).await;
        assert_eq!((status, &note["version"]), (200, &json!(1)));
        for (line, body) in [
            (put.clone(), r#"{"text": "one and three", "version": 0}"#),
            (format!("DELETE {path}?version=0"), ""),
        ] {
            let (status, said) = scene.note(&line, PAGE, body).await;
            assert_eq!(status, 409, "{said}");
            assert!(said.as_str().unwrap().contains("changed elsewhere"), "{said}");
        }
        // By another program.
        let id = note["id"].as_i64().unwrap();
        let reader = Reader::open(&database).unwrap();
        let draft = reader.note_by_id(id).unwrap().unwrap().draft();
        assert_eq!(draft.text, "one and two");
        let draft = NoteDraft { kind: NoteKind::Call, ..draft };
        crate::store::edit_note(&database, id, &draft, None, Reading::now().utc).unwrap();
        let late = r#"{"text": "one and three", "version": 1}"#;
        assert_eq!(scene.note(&put, PAGE, late).await.0, 409);
        let (status, note) = scene.note(&put, PAGE, r#"{"text": "three", "version": 2}"#).await;
        assert_eq!((status, &note["version"]), (200, &json!(3)));
        assert_eq!(scene.note(&format!("DELETE {path}?version=x"), PAGE, "").await.0, 400);
        assert_eq!(scene.note(&format!("DELETE {path}?version=3"), PAGE, "").await.0, 200);
    });
}

#[test]
fn only_a_page_of_ours_or_the_token_writes_notes() {
    let web = crate::config::WebConfig {
        token: Some(Secret::new("sesame".to_owned())),
        ..Default::default()
    };
    play_record(Config { web, ..Config::default() }, |scene, database| async move {
        let before = Reader::open(&database).unwrap().notes(TimeRange::EVER).unwrap();
        let body = r#"{"text": "x"}"#;
        let json = "content-type: application/json\r\n";
        let owner = "origin: http://localhost:8420\r\nauthorization: Bearer sesame\r\n";
        let ours = &format!("{owner}{json}");
        for (headers, status) in [
            (json.to_owned(), 403),
            (format!("origin: null\r\n{json}"), 403),
            (format!("origin: http://evil.example\r\n{json}"), 403),
            (format!("{PAGE}sec-fetch-site: cross-site\r\n"), 403),
            (format!("x-forwarded-for: 192.0.2.1\r\n{PAGE}"), 401),
            (PAGE.to_owned(), 403),
            (format!("{owner}content-type: text/plain\r\n"), 415),
            (owner.to_owned(), 415),
        ] {
            for line in ["POST /api/v1/notes", "PUT /api/v1/notes/1"] {
                assert_eq!(scene.note(line, &headers, body).await.0, status, "{line} {headers}");
            }
        }
        for line in ["PUT /api/v1/notes", "POST /api/v1/notes/1", "DELETE /api/v1/notes"] {
            assert_eq!(scene.note(line, PAGE, body).await.0, 405, "{line}");
        }
        let large = format!(r#"{{"text": "{}"}}"#, "x".repeat(17_000));
        assert_eq!(scene.note("POST /api/v1/notes", ours, &large).await.0, 413);
        assert_eq!(scene.note("PUT /api/v1/notes/x", ours, body).await.0, 404);
        assert_eq!(scene.note("DELETE /api/v1/notes/1", PAGE, "").await.0, 403);
        for odd in ["", "{", r#"{"text": "a\nb"}"#, r#"{"text": "x", "at": "soon"}"#] {
            let (status, said) = scene.note("POST /api/v1/notes", ours, odd).await;
            assert_eq!(status, 400, "{said}");
            assert_eq!(said.as_str().unwrap().trim().lines().count(), 1, "{said}");
        }
        let after = Reader::open(&database).unwrap().notes(TimeRange::EVER).unwrap();
        assert_eq!(after, before);
        let bearer = format!("authorization: Bearer sesame\r\n{json}");
        assert_eq!(scene.note("POST /api/v1/notes", &bearer, body).await.0, 201);
    });
}

#[test]
fn numbers_in_notes_are_for_the_owner_and_no_edit_loses_them() {
    let web = crate::config::WebConfig {
        token: Some(Secret::new("sesame".to_owned())),
        ..Default::default()
    };
    let config = Config { web, ..Config::default() };
    play_record(config, |scene, database| async move {
        let owner = format!("authorization: Bearer sesame\r\n{PAGE}");
        let body = r#"{"text": "they opened TCK-4711", "ticket": "TCK-4711"}"#;
        let (status, note) = scene.note("POST /api/v1/notes", &owner, body).await;
        assert_eq!(
            (status, &note["ticket"], &note["kind"]),
            (201, &json!("TCK-4711"), &json!("call"))
        );
        let (_, seen) = scene.note("GET /api/v1/notes?since=1h", "", "").await;
        assert_eq!(
            (&seen[0]["text"], &seen[0]["ticket"]),
            (&json!("they opened [redacted]"), &Value::Null)
        );
        let path = format!("PUT /api/v1/notes/{}", note["id"]);
        let edit = json!({"text": "they opened [redacted] today"}).to_string();
        assert_eq!(scene.note(&path, PAGE, &edit).await.0, 403);
        let id = note["id"].as_i64().unwrap();
        let stored = Reader::open(&database).unwrap().note_by_id(id).unwrap().unwrap();
        assert_eq!(stored.text, "they opened TCK-4711");
        let edit = r#"{"text": "they opened TCK-4711 today"}"#;
        assert_eq!(scene.note(&path, &owner, edit).await.0, 200);
    });
}

#[test]
fn no_change_by_others_shows_a_number_that_they_may_not_see() {
    play_record(Config::default(), |scene, database| async move {
        let now = Reading::now().utc;
        let note = |at, text: &str, ticket: Option<&str>| {
            let (text, ticket) = (text.to_owned(), ticket.map(str::to_owned));
            let draft = NoteDraft { at, kind: NoteKind::Call, ticket, text };
            crate::store::add_note(&database, &draft, now).unwrap()
        };
        let long_ago = now - Duration::from_secs(86_400 * 200);
        let with_ticket = note(long_ago, "called", Some("TCK-4711"));
        note(now - Duration::from_secs(60), "again about TCK-4711", None);
        let path = format!("/api/v1/notes/{with_ticket}");
        let edit = r#"{"ticket": ""}"#;
        assert_eq!(scene.note(&format!("PUT {path}"), PAGE, edit).await.0, 403);
        assert_eq!(scene.note(&format!("DELETE {path}"), PAGE, "").await.0, 403);
        let shown = || async {
            let (_, notes) = scene.note("GET /api/v1/notes?since=1h", "", "").await;
            let (_, history) = scene.note("GET /api/v1/history?from=1h", "", "").await;
            (notes[0]["text"].clone(), history["notes"][0]["text"].clone())
        };
        let left_out = json!("again about [redacted]");
        assert_eq!(shown().await, (left_out.clone(), left_out.clone()));
        // The number of a note that was removed stays one.
        crate::store::remove_note(&database, with_ticket, None, now).unwrap();
        assert_eq!(shown().await, (left_out.clone(), left_out));
    });
}

#[test]
fn a_note_is_in_the_next_report() {
    play_record(Config::default(), |scene, _| async move {
        let report = || async {
            let (head, body) = scene.talk("GET /report/24h.md", "", "").await;
            assert_status(&head, 200);
            String::from_utf8(body).unwrap()
        };
        assert!(!report().await.contains("all lights out"));
        let body = r#"{"text": "all lights out"}"#;
        let (_, note) = scene.note("POST /api/v1/notes", PAGE, body).await;
        assert!(report().await.contains("all lights out"));
        let path = format!("DELETE /api/v1/notes/{}", note["id"]);
        assert_eq!(scene.note(&path, PAGE, "").await.0, 200);
        assert!(!report().await.contains("all lights out"));
    });
}

#[test]
fn reports_of_any_period_are_served_and_odd_ones_refused() {
    play_record(Config::default(), |scene, database| async move {
        let all = Reader::open(&database).unwrap().watched_from_to().unwrap().unwrap();
        let period = format!("since={}&until={}", all.from, all.to);
        for (path, content_type) in [
            ("/report/custom.txt", "text/plain; charset=utf-8"),
            ("/report/24h.md", "text/markdown; charset=utf-8"),
            ("/api/v1/report/custom.csv", "text/csv; charset=utf-8"),
            ("/ticket/custom.txt", "text/plain; charset=utf-8"),
            ("/api/v1/letter/7d.txt", "text/plain; charset=utf-8"),
        ] {
            let (head, body) = scene.talk(&format!("GET {path}?{period}"), "", "").await;
            assert_status(&head, 200);
            assert_eq!(header(&head, "content-type"), Some(content_type), "{path}");
            assert!(body.len() > 300, "{path}");
            let is_shown = path.starts_with("/ticket");
            assert_eq!(header(&head, "content-disposition").is_none(), is_shown, "{path}");
        }
        for query in ["", "since=soon", "since=1d&until=2d", "x=1", "since=drop:999", "since=%ff"] {
            let (head, body) = scene.talk(&format!("GET /report/custom.txt?{query}"), "", "").await;
            assert_status(&head, 400);
            assert_eq!(String::from_utf8(body).unwrap().trim().lines().count(), 1, "{query}");
        }
    });
}
