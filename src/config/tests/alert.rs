//! `[[alert]]`: the keys that all kinds have.

use super::*;
use crate::vocabulary::{MessageEvent, Place, Secret};

#[test]
fn an_alert_has_a_kind_a_name_of_its_own_and_what_it_tells() {
    let alerts = Config::from_toml(&file("good.toml"), "good.toml").unwrap().alerts;
    let [screen, phone] = &alerts[..] else { panic!("{alerts:?}") };
    assert_eq!((screen.name(), screen.kind()), ("screen", AlertKind::Desktop));
    assert!(screen.tells(MessageEvent::Back) && !screen.tells(MessageEvent::StillDown));
    assert!(screen.tells(MessageEvent::Test));
    assert_eq!(screen.expires_after(), Duration::from_secs(600));
    let expected = AlertConfig {
        name: Some("phone".to_owned()),
        places: vec![Place::Access, Place::IspCore],
        least: Duration::from_secs(60),
        distance: Duration::from_secs(300),
        hold_back: Duration::ZERO,
        expire: Duration::from_secs(86_400),
        interface: Some("wwan0".to_owned()),
        merge: false,
        timeout: Duration::from_secs(20),
        webhook: WebhookConfig {
            preset: WebhookPreset::Ntfy,
            url: Some(Secret::new("https://ntfy.example/...".to_owned())),
            headers: HeaderField::parse("X-Api-Key: ...").into_iter().collect(),
            ..WebhookConfig::default()
        },
        ..AlertConfig::of(AlertKind::Webhook)
    };
    assert_eq!(*phone, expected);
    assert!(phone.tells(MessageEvent::StillDown) && !phone.tells(MessageEvent::Dns));
    assert!(!phone.leaves_by_the_line());
    assert!(AlertConfig::of(AlertKind::Mail).leaves_by_the_line());
    assert_eq!(AlertConfig::of(AlertKind::Mail).name(), "mail");
}

#[test]
fn a_wrong_alert_is_told_with_what_is_wrong() {
    let alert = "[[alert]]\nkind = \"webhook\"\nurl = \"http://127.0.0.1/\"\n";
    let said = |text: &str| Config::from_toml(text, "a.toml").unwrap_err().to_string();
    for (text, why) in [
        ("[[alert]]\nname = \"a\"\n", "this alert has no kind"),
        ("[alert]\nkind = \"mail\"\n", "write [[alert]] above each alert"),
        ("[[alert]]\nkind = \"fax\"\n", "unknown kind of alert \"fax\": use webhook, command"),
        (&alert.repeat(2), "\"webhook\" is already the name of another alert"),
        (&format!("{alert}events = [\"down\", \"down\"]\n"), "\"down\" is listed twice"),
        (&format!("{alert}events = [\"dwon\"]\n"), "unknown event \"dwon\""),
        (&format!("{alert}places = \"lan\"\n"), "expected a list with the word of each place"),
        (&format!("{alert}interface = \"wwan0/1\"\n"), "is not the name of an interface"),
        (&format!("{alert}name = \"my phone\"\n"), "is not a valid name"),
        (&format!("{alert}expire = \"1s\"\n"), "not between 1m and 90d"),
        (&format!("{alert}holdback = \"1s\"\n"), "did you mean hold-back?"),
    ] {
        let error = said(text);
        assert!(error.contains(why), "{text}: {error}");
    }
    for (kind, keys, why) in [
        ("webhook", "", "this alert has no url, and no url-file or url-env"),
        ("webhook", "url = \"hunter2.example\"", "this is no URL such as"),
        (
            "webhook",
            "url-env = \"U\"\npreset = \"fax\"",
            "unknown preset \"fax\": use plain, template",
        ),
        (
            "webhook",
            "url = \"https://a.example\"\npreset = \"ntfy\"",
            "the topic of ntfy has to be",
        ),
        ("webhook", "url-env = \"U\"\npreset = \"gotify\"", "needs token-file or token-env"),
        ("webhook", "url-env = \"U\"\ntoken-env = \"T\"\npreset = \"matrix\"", "has no room"),
        (
            "webhook",
            "url-env = \"U\"\ntoken-env = \"T\"\npreset = \"matrix\"\nroom = \"#a:b.example\"",
            "internal name of a room begins with !",
        ),
        ("webhook", "url-env = \"U\"\npreset = \"template\"", "this alert has no template"),
        (
            "webhook",
            "url-env = \"U\"\npreset = \"template\"\ntemplate = \"{{tilte}}\"",
            "template: it has no field {{tilte}}",
        ),
        ("webhook", "url-env = \"U\"\nheaders = [\"hunter2\"]", "a field is a name, a colon and"),
        ("webhook", "url-env = \"U\"\nheaders = [\"Host: a\"]", "linkmon itself writes the field"),
        ("webhook", "url-env = \"U\"\nmethod = \"GET\"", "use POST, PUT or PATCH"),
        ("command", "", "this alert has no command"),
        ("command", "command = \"/bin/true\"", "expected a list such as"),
        ("command", "command = []", "this alert has no command"),
        ("command", "command = [\"tell\"]", "is not an absolute path"),
    ] {
        let error = said(&format!("[[alert]]\nkind = \"{kind}\"\n{keys}\n"));
        assert!(error.contains(why), "{keys}: {error}");
    }
    let many: Vec<_> = (0..21).map(|n| format!("{alert}name = \"a{n}\"\n")).collect();
    assert!(said(&many.concat()).contains("more than 20 alerts"));
}

#[test]
fn the_alerts_of_the_documents_are_configurations() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/alerts.md");
    let text = std::fs::read_to_string(path).unwrap();
    let blocks: Vec<_> = text.split("```toml\n").skip(1).collect();
    assert!(blocks.len() >= 10);
    for block in blocks {
        let block = block.split("```").next().unwrap();
        if let Err(error) = Config::from_toml(block, "docs/alerts.md") {
            panic!("{block}: {error}");
        }
    }
}
