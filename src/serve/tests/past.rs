//! The paths that charts are drawn from.

use super::*;

async fn json(scene: &Scene, path: &str) -> serde_json::Value {
    let (head, body) = scene.talk(&format!("GET /api/v1{path}"), "", "").await;
    assert_status(&head, 200);
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn a_week_is_given_column_by_column_day_by_day_and_drop_by_drop() {
    let folder = tempfile::tempdir().unwrap();
    let synthetic = crate::report::synthetic::flapping_week(Duration::from_secs(60));
    let (from, to) = (synthetic.period.from.as_millis(), synthetic.period.to.as_millis());
    let database = synthetic.import_into(folder.path());
    play_with(Config::default(), database, |scene| async move {
        let path = format!("/history?from={from}&to={to}&columns=300");
        let history = json(&scene, &path).await;
        let columns = history["columns"].as_u64().unwrap();
        assert!((150..=300).contains(&columns), "{columns}");
        assert_eq!(history["source"], "minutes");
        assert!(history["probes"].is_null());
        let list = |of: &serde_json::Value| of.as_array().unwrap().len() as u64;
        for by_column in ["watched", "down_s", "drops", "blips", "place", "sent", "lost"] {
            assert_eq!(list(&history["column"][by_column]), columns, "{by_column}");
        }
        assert_eq!(list(&history["targets"]), 6);
        for target in history["targets"].as_array().unwrap() {
            for by_column in ["sent", "lost", "min_ms", "median_ms", "max_ms"] {
                assert_eq!(list(&target[by_column]), columns, "{by_column}");
            }
        }
        assert!(list(&history["drops"]) > 100 && list(&history["gaps"]) > 0);
        assert_eq!(list(&history["notes"]), 2);
        assert_eq!(history["notes"][0]["text"], "called support, ticket INC-90210");
        let longest = &history["drops"][history["drops"].as_array().unwrap().len() - 1];
        let id = longest["id"].as_i64().unwrap();

        let days = json(&scene, &format!("/days?from={from}&to={to}")).await;
        assert_eq!(list(&days["days"][3]["hours"]), 24);
        assert!(list(&days["days"]) >= 7);

        let drop = json(&scene, &format!("/drops/{id}")).await;
        assert_eq!(drop["id"].as_i64(), Some(id));
        assert_eq!(list(&drop["probes"]), 6);
        assert!(drop["modem"].is_null());
        let near = json(&scene, &format!("/history?from={from}&to={}", from + 3_600_000)).await;
        assert_eq!(near["source"], "probes");
        assert_eq!(list(&near["probes"]), 6);
        assert_eq!(near["probes"][0]["id"], near["targets"][0]["id"]);
        let (head, body) = scene.talk(&format!("GET /api/v1/drops/{id}.png"), "", "").await;
        assert_status(&head, 200);
        assert!(body.starts_with(b"\x89PNG"));

        for (path, status) in [
            ("/drops/99999", 404),
            ("/drops/99999.png", 404),
            ("/drops/x", 404),
            ("/history?columns=5", 400),
            ("/history?from=%ff", 400),
            ("/days?from=10000d", 400),
        ] {
            let (head, body) = scene.talk(&format!("GET /api/v1{path}"), "", "").await;
            assert_status(&head, status);
            assert!(body.len() < 200 && body.ends_with(b"\n"), "{path}");
        }
    });
}
