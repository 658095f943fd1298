//! Where the requests of a webhook go, and what is in all of them.

use super::sign;
use crate::config::{HeaderField, WebhookConfig, WebhookMethod, WebhookPreset};
use crate::net::client::{HttpRequest, HttpServer};
use crate::time::Timestamp;
use crate::vocabulary::{Secret, Url};

/// Where requests go, and what is in all of them.
#[derive(Debug)]
pub(super) struct Addressee {
    pub(super) preset: WebhookPreset,
    pub(super) url: Url,
    pub(super) token: Option<Secret>,
    pub(super) secret: Option<Secret>,
    pub(super) room: Option<String>,
    pub(super) template: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) method: Option<WebhookMethod>,
    pub(super) headers: Vec<HeaderField>,
}

impl Addressee {
    /// With its secrets, read anew.
    pub(super) fn of(config: &WebhookConfig) -> Result<Self, String> {
        let secret = |read: Result<_, crate::config::SecretError>| read.map_err(|e| e.to_string());
        Ok(Self {
            preset: config.preset,
            url: config.address()?,
            token: secret(config.token())?,
            secret: secret(config.secret())?,
            room: config.room.clone(),
            template: config.template.clone(),
            content_type: config.content_type.clone(),
            method: config.method,
            headers: config.headers.clone(),
        })
    }

    pub(super) fn server(&self) -> HttpServer {
        let Url { https, host, port, .. } = &self.url;
        HttpServer { https: *https, host: host.clone(), port: *port }
    }

    /// The path of its URL without a query and without a slash at its end.
    pub(super) fn bare_path(&self) -> &str {
        let path = self.url.path.split('?').next().unwrap_or_default();
        path.trim_end_matches('/')
    }

    /// A path below that of the URL, unless it ends with it already, with the query of the URL.
    pub(super) fn below(&self, path: &str) -> String {
        let base = self.bare_path();
        let base = base.strip_suffix(path).unwrap_or(base);
        match self.url.path.split_once('?') {
            Some((_, query)) => format!("{base}{path}?{query}"),
            None => format!("{base}{path}"),
        }
    }

    /// The request with the token as most services take it (RFC 6750).
    pub(super) fn bearer(&self, request: HttpRequest) -> HttpRequest {
        match &self.token {
            Some(token) => request.with("authorization", format!("Bearer {}", token.reveal())),
            None => request,
        }
    }

    /// A request with what all have: the key, the fields of the configuration, the signature.
    pub(super) fn complete(&self, request: HttpRequest, key: &str, now: Timestamp) -> HttpRequest {
        let mut request = self.with_fields(request).with("idempotency-key", key);
        if let Some(method) = self.method {
            request = request.by(method.as_str());
        }
        match &self.secret {
            Some(secret) => sign::signed(request, secret, now),
            None => request,
        }
    }

    /// A request with the fields of the configuration.
    pub(super) fn with_fields(&self, mut request: HttpRequest) -> HttpRequest {
        for field in &self.headers {
            // One of the configuration takes the place of one of the preset.
            request.fields.retain(|(name, _)| !name.eq_ignore_ascii_case(&field.name));
            request = request.with(field.name.clone(), field.value.reveal());
        }
        request
    }

    /// What must not be seen in what is said of an answer, which may repeat it.
    pub(super) fn secrets(&self) -> Vec<String> {
        let of_headers = self.headers.iter().map(|field| &field.value);
        let all = self.token.iter().chain(&self.secret).chain(of_headers);
        // Of `Basic c2VjcmV0`, the second word alone, too.
        let words = |secret: &Secret| {
            let whole = secret.reveal();
            let bare = whole.split_once(' ').map(|(_, bare)| bare.to_owned());
            [Some(whole.to_owned()), bare]
        };
        all.flat_map(words).flatten().collect()
    }

    /// Its path, and each part of it: with some services, whoever knows it may send, or listen.
    pub(super) fn parts_of_path(&self) -> impl Iterator<Item = String> {
        let path = self.url.path.as_str();
        let parts = path.split(['/', '?', '&', '=']);
        std::iter::once(path).chain(parts).map(str::to_owned)
    }
}
