//! The status page, its feed and its JSON.

use super::*;

#[test]
fn the_status_page_its_feed_and_its_json_are_served_and_show_a_drop_that_begins() {
    let folder = tempfile::tempdir().unwrap();
    let scene = crate::report::synthetic::flapping_week(Duration::from_secs(1_200));
    let database = scene.import_into(folder.path());
    play_with(Config::default(), database, |scene| async move {
        scene.second(1);
        let (head, page) = scene.talk("GET /status", "", "").await;
        assert!(head.starts_with("HTTP/1.1 200"), "{head}");
        let policy = crate::render::status_page_policy();
        assert!(head.contains(&format!("content-security-policy: {policy}; frame-ancestors")));
        let page = String::from_utf8(page).unwrap();
        assert!(page.contains("api/v1/systems") && !page.contains("<script"), "{page}");
        let (head, feed) = scene.talk("GET /feed.atom", "", "").await;
        assert!(head.contains("application/atom+xml") && head.contains("etag"), "{head}");
        roxmltree::Document::parse(std::str::from_utf8(&feed).unwrap()).unwrap();
        let mut made = Vec::new();
        for path in ["/api/v1/systems", "/api/systems"] {
            let (head, json) = scene.talk(&format!("GET {path}"), "", "").await;
            assert!(head.starts_with("HTTP/1.1 200"), "{head}");
            let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
            assert_eq!(json["systems"][0]["id"], "internet");
            made.push(json["made"].clone());
        }
        assert_eq!(made[0], made[1], "one look at the record serves for seconds");
        let other = Status { state: crate::vocabulary::LinkState::Up, open_drop: None, ..down() };
        scene.present.lock().on_second(Arc::new(other), BootTime::from_micros(2_000_000));
        let (_, json) = scene.talk("GET /api/v1/systems", "", "").await;
        let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
        assert_ne!(json["made"], made[0], "the state is another");
        let (head, _) = scene.talk("POST /status", "", "").await;
        assert!(head.starts_with("HTTP/1.1 4"), "{head}");
    });
}

#[test]
fn without_a_record_the_status_page_is_an_error_in_a_sentence() {
    play(|scene| async move {
        let (head, body) = scene.talk("GET /status", "", "").await;
        assert!(head.starts_with("HTTP/1.1 500") && head.contains("text/plain"), "{head}");
        assert_eq!(String::from_utf8(body).unwrap().lines().count(), 1);
    });
}
