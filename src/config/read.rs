//! The text of the file to a [`Config`], collecting every error.
//!
//! Walks the parsed tables by hand rather than through serde, so that all errors are reported and
//! each has the position of its value. Which keys there are is in `keys`, rules for one value are in `value`,
//! those for several are here.

use std::net::IpAddr;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::keys::{self, ConfigKey, TABLES, TableOfKeys, Takes};
use super::problem::{Error, MOST_SHOWN, Problem};
use super::suggest::nearest;
use super::value::{self, Valid};
use super::{AlertConfig, AlertKind, Config, RemoteWriteConfig, TargetConfig};
use crate::text::order::InOrder;
use crate::time::duration;
use crate::vocabulary::{Role, Secret};

/// A target's number is a byte in the record and discovery takes some of them.
const MOST_TARGETS: usize = 200;

/// Each has a thread.
const MOST_ALERTS: usize = 20;

/// Each has a thread.
const MOST_RECEIVERS: usize = 20;

/// As many anchors are probed each second at most.
const MOST_ANCHORS: usize = 50;

/// As many errors are put into order.
const MOST_KEPT: usize = 500;

impl Config {
    /// Reads the text of a configuration; `file` is the name of it in errors.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong, in the order of the file.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, Error> {
        let mut reader = ConfigReader { file, text, problems: Vec::new(), found: 0 };
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            reader.report(span, format!("not TOML: {}", error.message().replace('\n', ", ")));
        }
        // After a syntax error, the rest cannot be trusted to mean what it seems to.
        let config =
            if errors.is_empty() { reader.config(root.get_ref()) } else { Self::default() };
        if reader.problems.is_empty() {
            return Ok(config);
        }
        let mut problems = reader.problems;
        problems.truncate(MOST_KEPT);
        problems.order_by_key(|p| (p.line, p.column));
        problems.truncate(MOST_SHOWN);
        let more = reader.found - problems.len();
        Err(Error::Invalid { problems, more })
    }
}

struct ConfigReader<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
    /// How many there are; beyond [`MOST_KEPT`] they are counted only.
    found: usize,
}

impl ConfigReader<'_> {
    #[allow(clippy::needless_pass_by_value, reason = "callers make it on the spot")]
    fn report(&mut self, span: Range<usize>, message: String) -> &mut Problem {
        self.found += 1;
        // One beyond them takes the hints of all that are only counted.
        if self.problems.len() <= MOST_KEPT {
            self.problems.push(Problem::at(self.file, self.text, span, &message));
        }
        self.problems.last_mut().expect("just pushed")
    }

    fn config(&mut self, root: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        for (key, value) in root {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("target", DeValue::Array(tables)) => self.targets(tables, &mut config),
                ("alert", DeValue::Array(tables)) => self.alerts(tables, &mut config),
                ("remote-write", DeValue::Array(tables)) => self.receivers(tables, &mut config),
                (name @ ("target" | "alert" | "remote-write"), other) => {
                    let found = other.type_str();
                    self.report(
                        key.span(),
                        format!("{name} is a list of tables, found a {found}"),
                    )
                    .hint = Some(format!("write [[{name}]] above each {name}"));
                }
                (name, DeValue::Table(table)) if let Some(keys) = keys::table(name) => {
                    self.check_keys(keys, table);
                    for key in keys.keys {
                        self.read(key, table, &mut config);
                    }
                }
                (name, other) if keys::table(name).is_some() => {
                    let found = other.type_str();
                    self.report(key.span(), format!("[{name}] is a table, found a {found}"));
                }
                (name, _) => {
                    let hint = Some(hint_for("", name));
                    self.report(key.span(), format!("unknown key \"{}\"", name.escape_debug()))
                        .hint = hint;
                }
            }
        }
        self.contradictions(root, &config);
        config
    }

    fn check_keys(&mut self, known: &TableOfKeys, table: &DeTable<'_>) {
        let name = known.name;
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if known.key(word).is_none() {
                let message = format!("unknown key \"{}\" in [{name}]", word.escape_debug());
                let hint = Some(hint_for(name, word));
                self.report(key.span(), message).hint = hint;
            }
        }
    }

    /// Reads one key where it is present; an error keeps the default.
    fn set<T>(
        &mut self,
        table: &DeTable<'_>,
        key: &str,
        read: impl FnOnce(&DeValue<'_>) -> Valid<T>,
        store: impl FnOnce(T),
    ) {
        if let Some(found) = table.get(key) {
            match read(found.get_ref()) {
                Ok(value) => store(value),
                Err(message) => {
                    self.report(found.span(), format!("{key}: {message}"));
                }
            }
        }
    }

    /// Reads a key of the table where it is present.
    fn read(&mut self, key: &ConfigKey, table: &DeTable<'_>, config: &mut Config) {
        match table.get(key.name).map(Spanned::get_ref) {
            // Each address of the list has an error of its own.
            Some(DeValue::Array(items)) if matches!(key.takes, Takes::Anchors) => {
                config.discover.anchor_addresses = self.anchors(items);
                config.discover.anchors = !items.is_empty();
            }
            _ => self.set(table, key.name, |v| put(&key.takes, v, config), |()| {}),
        }
    }

    fn anchors(&mut self, items: &[Spanned<DeValue<'_>>]) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        if let Some(item) = items.get(MOST_ANCHORS) {
            self.report(item.span(), format!("anchors: more than {MOST_ANCHORS}"));
        }
        for item in items {
            match value::address(item.get_ref()) {
                Ok(address) if addresses.contains(&address) => {
                    self.report(item.span(), format!("anchors: \"{address}\" is listed twice"));
                }
                Ok(address) => addresses.push(address),
                Err(message) => {
                    self.report(item.span(), format!("anchors: {message}"));
                }
            }
        }
        addresses
    }

    fn targets(&mut self, tables: &[Spanned<DeValue<'_>>], config: &mut Config) {
        let mut first_lines: Vec<(String, usize)> = Vec::new();
        for item in tables {
            let Some(table) = item.get_ref().as_table() else {
                self.report(item.span(), "target: expected a table".to_owned());
                continue;
            };
            if let Some(keys) = keys::table("target") {
                self.check_keys(keys, table);
            }
            let Some(target) = self.target(item.span(), table) else { continue };
            let span = table.get("name").map_or(item.span(), Spanned::span);
            if let Some((name, line)) = first_lines.iter().find(|(name, _)| *name == target.name) {
                self.report(
                    span,
                    format!("name: \"{name}\" is already the name of the target in line {line}"),
                );
            } else {
                let line = self.text[..span.start].matches('\n').count() + 1;
                first_lines.push((target.name.clone(), line));
                config.targets.push(target);
            }
        }
        if let Some(item) = tables.get(MOST_TARGETS) {
            self.report(item.span(), format!("more than {MOST_TARGETS} targets"));
        }
    }

    /// Every `[[alert]]`, read key by key into the last of the list.
    fn alerts(&mut self, tables: &[Spanned<DeValue<'_>>], config: &mut Config) {
        let Some(keys) = keys::table("alert") else { return };
        for item in tables.iter().take(MOST_ALERTS) {
            let Some(table) = item.get_ref().as_table() else {
                self.report(item.span(), "alert: expected a table".to_owned());
                continue;
            };
            self.check_keys(keys, table);
            if !table.contains_key("kind") {
                self.report(item.span(), "this alert has no kind".to_owned());
            }
            config.alerts.push(AlertConfig::default());
            for key in keys.keys {
                self.read(key, table, config);
            }
            let [before @ .., last] = config.alerts.as_slice() else { continue };
            if last.kind() == AlertKind::Mail
                && let Some(trouble) = last.mail.trouble()
            {
                self.report(item.span(), trouble);
            }
            if before.iter().any(|alert| alert.name() == last.name()) {
                let message = format!("\"{}\" is already the name of another alert", last.name());
                let span = table.get("name").map_or(item.span(), Spanned::span);
                self.report(span, message).hint = Some("give each a name of its own".to_owned());
            }
            if let Some((key, message)) = last.trouble() {
                let span = table.get(key).map_or(item.span(), Spanned::span);
                self.report(span, message);
            }
        }
        if let Some(item) = tables.get(MOST_ALERTS) {
            self.report(item.span(), format!("more than {MOST_ALERTS} alerts"));
        }
    }

    /// Every `[[remote-write]]`, read key by key into the last of the list.
    fn receivers(&mut self, tables: &[Spanned<DeValue<'_>>], config: &mut Config) {
        let Some(keys) = keys::table("remote-write") else { return };
        for item in tables.iter().take(MOST_RECEIVERS) {
            let Some(table) = item.get_ref().as_table() else {
                self.report(item.span(), "remote-write: expected a table".to_owned());
                continue;
            };
            self.check_keys(keys, table);
            config.remote_writes.push(RemoteWriteConfig::default());
            for key in keys.keys {
                self.read(key, table, config);
            }
            let [before @ .., last] = config.remote_writes.as_slice() else { continue };
            let span = |key: &str| table.get(key).map_or(item.span(), Spanned::span);
            // What is there and wrong has been said.
            if let Some((key, message)) = last.contradiction()
                && (key != "url" || !table.contains_key(key))
            {
                self.report(span(key), message.to_owned());
            }
            if before.iter().any(|other| other.name() == last.name()) {
                let message =
                    format!("\"{}\" is already the name of another receiver", last.name());
                self.report(span("name"), message).hint =
                    Some("give each a name of its own".to_owned());
            }
        }
        if let Some(item) = tables.get(MOST_RECEIVERS) {
            self.report(item.span(), format!("more than {MOST_RECEIVERS} receivers"));
        }
    }

    /// One `[[target]]`; `None` when a required key is missing or wrong.
    fn target(&mut self, header: Range<usize>, table: &DeTable<'_>) -> Option<TargetConfig> {
        for key in ["name", "kind", "address"] {
            if !table.contains_key(key) {
                self.report(header.clone(), format!("this target has no {key}"));
            }
        }
        let (mut name, mut kind, mut address) = (None, None, None);
        let (mut role, mut interval) = (Role::Service, None);
        self.set(table, "name", value::name, |v| name = Some(v));
        self.set(table, "kind", value::word, |v| kind = Some(v));
        self.set(table, "role", value::word, |v| role = v);
        let length = |v: &DeValue<'_>| value::length(v, &keys::INTERVAL);
        self.set(table, "interval", length, |v| interval = Some(v));
        if let Some(kind) = kind {
            let read = |v: &DeValue<'_>| value::target_address(v, kind);
            self.set(table, "address", read, |v| address = Some(v));
        }
        Some(TargetConfig { name: name?, kind: kind?, role, address: address?, interval })
    }

    /// Rules for several values: reported at the value that was written.
    fn contradictions(&mut self, root: &DeTable<'_>, config: &Config) {
        let place = |table: &str, keys: [&str; 2]| {
            let table = root.get(table)?.get_ref().as_table()?;
            keys.iter().find_map(|key| table.get(*key)).map(Spanned::span)
        };
        let d = &config.detect;
        let w = &config.probe.waiting;
        let rising = [
            ("detect", "blip-after", d.blip_after, "drop-after", d.drop_after),
            ("detect", "drop-after", d.drop_after, "outage-after", d.outage_after),
            ("probe", "loss-threshold", w.loss_threshold, "late-window", w.late_window),
        ];
        for (table, small, small_value, large, large_value) in rising {
            if small_value < large_value {
                continue;
            }
            let (a, b) = (duration::text(small_value), duration::text(large_value));
            if let Some(span) = place(table, [small, large]) {
                self.report(span, format!("{small} ({a}) must be less than {large} ({b})"));
            }
        }
        if config.discover.isp_address.is_some()
            && !config.discover.isp_hop
            && let Some(span) = place("discover", ["isp-address", "isp-hop"])
        {
            self.report(span, "isp-address is given, but isp-hop is false".to_owned());
        }
    }
}

/// Puts a value into the field that its key writes to.
pub(super) fn put(takes: &Takes, from: &DeValue<'_>, config: &mut Config) -> Valid<()> {
    match takes {
        Takes::Line(field) => *field(config) = Some(value::line(from)?),
        Takes::Secret(field) => *field(config) = Some(Secret::new(value::line(from)?)),
        Takes::SecretUrl(field) => *field(config) = Some(Secret::new(value::secret_url(from)?)),
        Takes::WebAddress(field) => *field(config) = Some(value::web_address(from)?),
        Takes::Zone(field) => *field(config) = Some(value::zone(from)?),
        Takes::Path(field) => *field(config) = Some(value::path(from)?),
        Takes::Switch(field) => *field(config) = value::switch(from)?,
        Takes::Length(range, field) => *field(config) = value::length(from, range)?,
        Takes::LengthOrOff(range, field) => *field(config) = value::length_or_off(from, range)?,
        Takes::Count(range, field) => *field(config) = value::count(from, range)?,
        Takes::Size(range, field) => *field(config) = value::size(from, range)?,
        Takes::Engine(field) => *field(config) = value::word(from)?,
        Takes::Language(field) => *field(config) = value::word(from)?,
        Takes::Address(field) => *field(config) = Some(value::address(from)?),
        Takes::Modem(field) => *field(config) = value::modem(from)?,
        Takes::ModemAddress(field) => *field(config) = Some(value::modem_address(from)?),
        Takes::ModemKind(field) => *field(config) = value::modem_kind(from)?,
        Takes::Variable(field) => *field(config) = Some(value::variable(from)?),
        Takes::Anchors => config.discover.anchors = value::switch_or_list(from)?,
        Takes::SocketAddress(field) => *field(config) = value::socket_address(from)?,
        Takes::HostNames(field) => *field(config) = value::host_names(from)?,
        Takes::Host(field) => *field(config) = Some(value::host(from)?),
        Takes::TopicLevel(field) => *field(config) = value::topic_level(from)?,
        Takes::Name(field) => *field(config) = Some(value::name(from)?),
        Takes::AlertKind(field) => *field(config) = Some(value::word(from)?),
        Takes::Events(field) => *field(config) = value::words(from)?,
        Takes::Places(field) => *field(config) = value::words(from)?,
        Takes::Moment(field) => *field(config) = Some(value::moment(from)?),
        Takes::Detail(field) => *field(config) = value::word(from)?,
        Takes::OnTooOld(field) => *field(config) = value::word(from)?,
        Takes::Interface(field) => *field(config) = Some(value::interface(from)?),
        Takes::Mailbox(field) => *field(config) = Some(value::mailbox(from)?),
        Takes::Mailboxes(field) => *field(config) = value::mailboxes(from)?,
        Takes::MailSecurity(field) => *field(config) = Some(value::word(from)?),
        Takes::Periods(field) => *field(config) = value::words(from)?,
        Takes::Preset(field) => *field(config) = value::word(from)?,
        Takes::Method(field) => *field(config) = Some(value::word(from)?),
        Takes::SecretAddress(field) => *field(config) = Some(value::secret_address(from)?),
        Takes::Headers(field) => *field(config) = value::headers(from)?,
        Takes::Template(field) => *field(config) = Some(value::template(from)?),
        Takes::Words(field) => *field(config) = value::program(from)?,
        // Those of a target go into a target, all at once.
        Takes::OfTarget | Takes::LengthOfTarget(_) => {}
    }
    Ok(())
}

/// What was probably meant by an unknown key of this table (`""`: outside of all tables).
fn hint_for(table: &str, word: &str) -> String {
    let known = match keys::table(table) {
        Some(table) => table.names(),
        None => TABLES.iter().map(|table| table.name).collect(),
    };
    if let Some(near) = nearest(word, &known) {
        return format!("did you mean {near}?");
    }
    match TABLES.iter().find(|table| table.key(word).is_some()) {
        Some(table) => format!("{word} belongs in [{}]", table.name),
        None => format!("known keys: {}", known.join(", ")),
    }
}
