//! The text of the file to a [`Config`], collecting every error.
//!
//! Walks the parsed tables by hand rather than through serde, so that all errors are told and each
//! has the place of its value. Rules for one value are in `value`; those for several are here.

use std::net::IpAddr;
use std::ops::Range;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Error, Problem};
use super::suggest::nearest;
use super::value::{self, Read};
use super::{Backup, Config, Discover, Storage, TargetConfig, Web};
use crate::time::duration;
use crate::vocabulary::Role;

/// Every table with its keys: the whole language of the file.
pub(super) const TABLES: [(&str, &[&str]); 10] = [
    ("site", &["name", "isp", "account", "ticket", "zone"]),
    ("storage", &["path", "max-size", "keep-samples", "keep-minutes"]),
    ("backup", &["to", "every", "keep"]),
    ("probe", &["engine", "interval", "service-interval", "loss-threshold", "late-window"]),
    ("discover", &["gateway", "modem", "isp-hop", "isp-address", "anchors", "http", "dns"]),
    ("target", &["name", "kind", "role", "address", "interval"]),
    (
        "detect",
        &[
            "drop-after",
            "blip-after",
            "outage-after",
            "recover-after",
            "merge-within",
            "bridge-gap",
            "gap-after",
            "target-trouble-losses",
            "baseline-after",
        ],
    ),
    ("web", &["enabled", "listen", "hosts"]),
    ("notify", &["desktop"]),
    ("report", &["language"]),
];

/// A target's number is a byte in the record and discovery takes some of them.
const MOST_TARGETS: usize = 200;

/// A reserve of 4 MB, and some days of samples.
const LEAST_SIZE: u64 = 32 << 20;
const MOST_SIZE: u64 = 1 << 50;

const MS: Duration = Duration::from_millis(1);
const SECOND: Duration = Duration::from_secs(1);
const HOUR: Duration = Duration::from_secs(3_600);
const DAY: Duration = Duration::from_secs(86_400);

impl Config {
    /// Reads the text of a configuration; `file` is the name of it in errors.
    ///
    /// # Errors
    /// [`Error::Invalid`] with everything that is wrong, in the order of the file.
    pub fn from_toml(text: &str, file: &str) -> Result<Self, Error> {
        let mut reader = Reader { file, text, problems: Vec::new() };
        let (root, errors) = DeTable::parse_recoverable(text);
        for error in &errors {
            let span = error.span().unwrap_or(0..0);
            reader.report(span, format!("not TOML: {}", error.message().replace('\n', ", ")));
        }
        // After a slip of syntax what follows cannot be trusted to mean what it seems to.
        let config =
            if errors.is_empty() { reader.config(root.get_ref()) } else { Self::default() };
        if reader.problems.is_empty() {
            return Ok(config);
        }
        reader.problems.sort_by_key(|p| (p.line, p.column));
        Err(Error::Invalid { problems: reader.problems })
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    fn report(&mut self, span: Range<usize>, message: String) -> &mut Problem {
        self.problems.push(Problem::at(self.file, self.text, span, message));
        self.problems.last_mut().expect("just pushed")
    }

    fn config(&mut self, root: &DeTable<'_>) -> Config {
        let mut config = Config::default();
        for (key, value) in root {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("target", DeValue::Array(tables)) => self.targets(tables, &mut config),
                ("target", other) => {
                    let found = other.type_str();
                    self.report(
                        key.span(),
                        format!("target is a list of tables, found a {found}"),
                    )
                    .hint = Some("write [[target]] above each target".to_owned());
                }
                (name, DeValue::Table(table)) if keys_of(name).is_some() => {
                    self.check_keys(name, table);
                    match name {
                        "site" => self.site(table, &mut config),
                        "storage" => self.storage(table, &mut config.storage),
                        "backup" => self.backup(table, &mut config.backup),
                        "probe" => self.probe(table, &mut config),
                        "discover" => self.discover(table, &mut config.discover),
                        "web" => self.web(table, &mut config.web),
                        "notify" => self.set(table, "desktop", value::switch, |v| {
                            config.notify.desktop = v;
                        }),
                        "report" => self.set(table, "language", value::language, |v| {
                            config.report.language = v;
                        }),
                        _ => self.detect(table, &mut config),
                    }
                }
                (name, other) if keys_of(name).is_some() => {
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

    fn storage(&mut self, table: &DeTable<'_>, storage: &mut Storage) {
        self.set(table, "path", value::path, |v| storage.path = Some(v));
        self.set(
            table,
            "max-size",
            |v| value::size(v, LEAST_SIZE, MOST_SIZE),
            |v| {
                storage.max_size = v;
            },
        );
        let kept = |v: &DeValue<'_>| value::span(v, DAY, 36_500 * DAY);
        self.set(table, "keep-samples", kept, |v| storage.keep_samples = v);
        self.set(table, "keep-minutes", kept, |v| storage.keep_minutes = v);
    }

    fn backup(&mut self, table: &DeTable<'_>, backup: &mut Backup) {
        self.set(table, "to", value::path, |v| backup.to = Some(v));
        self.set(table, "every", |v| value::span(v, HOUR, 366 * DAY), |v| backup.every = v);
        self.set(table, "keep", |v| value::count(v, 1, 10_000), |v| backup.keep = v);
    }

    fn check_keys(&mut self, name: &str, table: &DeTable<'_>) {
        let known = keys_of(name).unwrap_or_default();
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !known.contains(&word) {
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
        read: impl FnOnce(&DeValue<'_>) -> Read<T>,
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

    fn site(&mut self, table: &DeTable<'_>, config: &mut Config) {
        let site = &mut config.site;
        self.set(table, "name", value::line, |v| site.name = Some(v));
        self.set(table, "isp", value::line, |v| site.isp = Some(v));
        self.set(table, "account", value::line, |v| site.account = Some(v));
        self.set(table, "ticket", value::line, |v| site.ticket = Some(v));
        self.set(table, "zone", value::zone, |v| site.zone = Some(v));
    }

    fn probe(&mut self, table: &DeTable<'_>, config: &mut Config) {
        let probe = &mut config.probe;
        let span = |least, most| move |v: &DeValue<'_>| value::span(v, least, most);
        self.set(table, "engine", value::engine, |v| probe.engine = v);
        self.set(table, "interval", span(100 * MS, HOUR), |v| probe.interval = v);
        self.set(table, "service-interval", span(SECOND, HOUR), |v| probe.service_interval = v);
        let waiting = &mut probe.waiting;
        self.set(table, "loss-threshold", span(100 * MS, 30 * SECOND), |v| {
            waiting.loss_threshold = v;
        });
        self.set(table, "late-window", span(SECOND, 300 * SECOND), |v| waiting.late_window = v);
    }

    fn discover(&mut self, table: &DeTable<'_>, discover: &mut Discover) {
        self.set(table, "gateway", value::switch, |v| discover.gateway = v);
        self.set(table, "modem", value::modem, |v| discover.modem = v);
        self.set(table, "isp-hop", value::switch, |v| discover.isp_hop = v);
        self.set(table, "isp-address", value::address, |v| discover.isp_address = Some(v));
        self.set(table, "http", value::switch, |v| discover.http = v);
        self.set(table, "dns", value::switch, |v| discover.dns = v);
        match table.get("anchors").map(Spanned::get_ref) {
            Some(DeValue::Array(items)) => {
                discover.anchor_addresses = self.anchors(items);
                discover.anchors = !items.is_empty();
            }
            _ => self.set(table, "anchors", value::switch_or_list, |v| discover.anchors = v),
        }
    }

    fn anchors(&mut self, items: &[Spanned<DeValue<'_>>]) -> Vec<IpAddr> {
        let mut addresses = Vec::new();
        for item in items {
            match value::address(item.get_ref()) {
                Ok(address) if addresses.contains(&address) => {
                    self.report(item.span(), format!("anchors: \"{address}\" is there twice"));
                }
                Ok(address) => addresses.push(address),
                Err(message) => {
                    self.report(item.span(), format!("anchors: {message}"));
                }
            }
        }
        addresses
    }

    fn detect(&mut self, table: &DeTable<'_>, config: &mut Config) {
        let p = &mut config.detect;
        let span = |v: &DeValue<'_>| value::span(v, MS, DAY);
        let span_or_none = |v: &DeValue<'_>| value::span(v, Duration::ZERO, DAY);
        self.set(table, "drop-after", span, |v| p.drop_after = v);
        self.set(table, "blip-after", span, |v| p.blip_after = v);
        self.set(table, "outage-after", span, |v| p.outage_after = v);
        self.set(table, "recover-after", span_or_none, |v| p.recover_after = v);
        self.set(table, "merge-within", span_or_none, |v| p.merge_within = v);
        self.set(table, "bridge-gap", span_or_none, |v| p.bridge_gap = v);
        self.set(table, "gap-after", span, |v| p.gap_after = v);
        let losses = |v: &DeValue<'_>| value::count(v, 2, 100_000);
        self.set(table, "target-trouble-losses", losses, |v| p.target_trouble_losses = v);
        let baseline = |v: &DeValue<'_>| value::span(v, 10 * SECOND, DAY);
        self.set(table, "baseline-after", baseline, |v| p.baseline_after = v);
    }

    fn web(&mut self, table: &DeTable<'_>, web: &mut Web) {
        self.set(table, "enabled", value::switch, |v| web.enabled = v);
        self.set(table, "listen", value::socket_address, |v| web.listen = v);
        self.set(table, "hosts", value::host_names, |v| web.hosts = v);
    }

    fn targets(&mut self, tables: &[Spanned<DeValue<'_>>], config: &mut Config) {
        let mut first_lines: Vec<(String, usize)> = Vec::new();
        for item in tables {
            let Some(table) = item.get_ref().as_table() else {
                self.report(item.span(), "target: expected a table".to_owned());
                continue;
            };
            self.check_keys("target", table);
            let Some(target) = self.target(item.span(), table) else { continue };
            let span = table.get("name").map_or(item.span(), Spanned::span);
            if let Some((name, line)) = first_lines.iter().find(|(name, _)| *name == target.name) {
                self.report(span, format!("name: \"{name}\" is already the target of line {line}"));
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

    /// One `[[target]]`; `None` when what it cannot do without is missing or wrong.
    fn target(&mut self, header: Range<usize>, table: &DeTable<'_>) -> Option<TargetConfig> {
        for key in ["name", "kind", "address"] {
            if !table.contains_key(key) {
                self.report(header.clone(), format!("this target has no {key}"));
            }
        }
        let (mut name, mut kind, mut address) = (None, None, None);
        let (mut role, mut interval) = (Role::Service, None);
        self.set(table, "name", value::name, |v| name = Some(v));
        self.set(table, "kind", value::kind, |v| kind = Some(v));
        self.set(table, "role", value::role, |v| role = v);
        let span = |v: &DeValue<'_>| value::span(v, 100 * MS, HOUR);
        self.set(table, "interval", span, |v| interval = Some(v));
        if let Some(kind) = kind {
            let read = |v: &DeValue<'_>| value::target_address(v, kind);
            self.set(table, "address", read, |v| address = Some(v));
        }
        Some(TargetConfig { name: name?, kind: kind?, role, address: address?, interval })
    }

    /// Rules for several values: told at the one that was written.
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
            self.report(span, "isp-address is given, and isp-hop is false".to_owned());
        }
    }
}

fn keys_of(table: &str) -> Option<&'static [&'static str]> {
    TABLES.iter().find(|(name, _)| *name == table).map(|(_, keys)| *keys)
}

/// What was probably meant by an unknown key of this table (`""`: outside of all).
fn hint_for(table: &str, word: &str) -> String {
    let tables = TABLES.map(|(name, _)| name);
    let known = keys_of(table).unwrap_or(&tables);
    if let Some(near) = nearest(word, known) {
        return format!("did you mean {near}?");
    }
    let elsewhere = TABLES.iter().find(|(_, keys)| keys.contains(&word));
    match elsewhere {
        Some((name, _)) => format!("{word} belongs in [{name}]"),
        None => format!("known are {}", known.join(", ")),
    }
}
