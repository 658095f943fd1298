//! Whether a webhook would work, found out without telling anybody.
//!
//! Where a service has a path that says who one is, that is asked; Gotify is sent a message without a
//! text, which it refuses after it has looked at the token. Of others it is known that they are there.

use super::addressee::Addressee;
use super::{Webhook, answer, gotify};
use crate::config::WebhookPreset;
use crate::net::client::{HttpRequest, HttpResponse};

impl Webhook {
    /// What was found out, or what is wrong.
    pub(super) fn tried(&self) -> Result<String, String> {
        match self.to.preset {
            WebhookPreset::Ntfy => self.ntfy(),
            WebhookPreset::Gotify => self.gotify(),
            WebhookPreset::Matrix => self.matrix(),
            WebhookPreset::Discord => {
                let path = self.to.url.path.clone();
                self.get(path, "knows the webhook").map(|(said, _)| said)
            }
            WebhookPreset::Apprise => self.apprise(),
            WebhookPreset::Alertmanager => {
                let path = status_path(&self.to);
                self.get(path, "is ready").map(|(said, _)| said)
            }
            WebhookPreset::Plain | WebhookPreset::Template | WebhookPreset::Slack => self.reached(),
        }
    }

    /// It is there, and the certificate right; more cannot be known.
    fn reached(&self) -> Result<String, String> {
        let server = self.to.server();
        let reached = self.client.reach(&server, self.limit);
        reached.map_err(|e| format!("{server}: {}", answer::hidden(&e.to_string(), &self.to)))?;
        let how = if server.https { ", its certificate is trusted" } else { "" };
        Ok(format!("{server} is there{how}; whether it takes messages, `linkmon alert test` shows"))
    }

    fn ask(&self, request: HttpRequest) -> Result<HttpResponse, String> {
        let server = self.to.server();
        let asked = self.client.ask(&server, &self.to.with_fields(request), self.limit);
        asked.map_err(|e| format!("{server}: {}", answer::hidden(&e.to_string(), &self.to)))
    }

    /// The answer to a GET, if it is one of success.
    fn get(&self, path: String, found: &str) -> Result<(String, HttpResponse), String> {
        let answer = self.ask(self.to.bearer(HttpRequest::get(path)))?;
        self.success(answer, found)
    }

    fn success(&self, answer: HttpResponse, found: &str) -> Result<(String, HttpResponse), String> {
        let kept = answer.clone();
        match answer::judged(Ok(answer), &self.to, crate::time::Timestamp::from_micros(0)) {
            Ok(()) => Ok((format!("{} {found}", self.to.server()), kept)),
            Err(e) => Err(e.to_string()),
        }
    }

    fn ntfy(&self) -> Result<String, String> {
        let base = self.to.bare_path().rsplit_once('/').map_or("", |(base, _)| base);
        let health = self.get(format!("{base}/v1/health"), "is well")?.0;
        if self.to.token.is_none() {
            return Ok(health);
        }
        let account = self.ask(self.to.bearer(HttpRequest::get(format!("{base}/v1/account"))))?;
        // Servers without users have no accounts.
        if account.status == 404 {
            return Ok(health);
        }
        self.success(account, "is well and accepts the token").map(|(said, _)| said)
    }

    fn gotify(&self) -> Result<String, String> {
        let empty = HttpRequest::post(gotify::path(&self.to), "application/json", "{}");
        let answer = self.ask(gotify::with_token(empty, &self.to))?;
        if answer.status == 400 {
            return Ok(format!("{} accepts the token", self.to.server()));
        }
        self.success(answer, "accepts the token").map(|(said, _)| said)
    }

    fn matrix(&self) -> Result<String, String> {
        let path = self.to.below("/_matrix/client/v3/account/whoami");
        self.get(path, "accepts the token")?;
        let path = self.to.below("/_matrix/client/v3/joined_rooms");
        let (said, rooms) = self.get(path, "accepts the token, which is a member of the room")?;
        let room = self.to.room.as_deref().unwrap_or_default();
        let is_member =
            serde_json::from_slice::<serde_json::Value>(&rooms.body).ok().and_then(|rooms| {
                Some(rooms.get("joined_rooms")?.as_array()?.iter().any(|r| r == room))
            });
        match is_member {
            Some(true) => Ok(said),
            Some(false) => Err(format!(
                "{} accepts the token, but its user is not in the room: invite it and let it join",
                self.to.server()
            )),
            // Of very many rooms, only the beginning of the list is read.
            None => Ok(format!("{} accepts the token", self.to.server())),
        }
    }

    fn apprise(&self) -> Result<String, String> {
        let path = self.to.bare_path();
        let Some((base, key)) = path.rsplit_once("/notify/") else { return self.reached() };
        let path = format!("{base}/json/urls/{key}?privacy=1");
        let answer = self.ask(self.to.bearer(HttpRequest::get(path)))?;
        // Configurations may be locked, so that nobody reads them.
        if answer.status == 403 {
            return self.reached();
        }
        self.success(answer, "has a configuration under the key").map(|(said, _)| said)
    }
}

fn status_path(to: &Addressee) -> String {
    let path = to.bare_path();
    format!("{}/api/v2/status", path.strip_suffix("/api/v2/alerts").unwrap_or(path))
}
