//! Events in words, one line each: the log of the daemon. Pure.

use std::time::Duration;

use jiff::tz::TimeZone;

use super::phrases::LogWords;
use super::words;
use super::{Language, fill, one_of, plain};
use crate::config::Lang;
use crate::live::{DropDetail, DropStatus, Event, Witnesses};
use crate::modem::understand::HarmTest;
use crate::store::Unread;
use crate::time::Timestamp;
use crate::vocabulary::{Figures, Gap, HostChange, Impairment, Lengths, LinkState, TargetTrouble};

/// An event as one line for a journal; `None` for one that a journal need not hold.
pub fn log_line(event: &Event, zone: &TimeZone, lang: Lang) -> Option<String> {
    super::of(lang).log_line(event, zone)
}

impl Language {
    pub(crate) fn log(&self) -> &LogWords {
        &self.phrases().log
    }

    /// See [`log_line`].
    pub(crate) fn log_line(&self, event: &Event, zone: &TimeZone) -> Option<String> {
        self.event_line(event, zone).map(|line| plain(&line))
    }

    #[allow(clippy::too_many_lines, reason = "a line an event")]
    fn event_line(&self, event: &Event, zone: &TimeZone) -> Option<String> {
        let p = self.log();
        let at = |t: Timestamp| words::date_time(t, zone);
        let of = |template: &str, name: &str, value: &str| fill(template, &[(name, value)]);
        Some(match event {
            Event::Started { engine, database } => {
                let path = database.display().to_string();
                fill(p.started, &[("engine", self.engine(engine)), ("path", path)])
            }
            Event::Recovered { last_seen } => of(p.recovered, "at", &at(*last_seen)),
            Event::TargetAdded(t) => fill(
                p.target,
                &[
                    ("name", t.name.clone()),
                    ("kind", t.kind.to_string()),
                    ("address", t.endpoint.to_string()),
                    ("role", self.role(t.role).to_owned()),
                ],
            ),
            Event::TargetRemoved(t) => fill(
                p.no_target,
                &[
                    ("name", t.name.clone()),
                    ("kind", t.kind.to_string()),
                    ("address", t.endpoint.to_string()),
                ],
            ),
            Event::State { from: _, to, at: since } => match to {
                LinkState::Up => of(p.up, "at", &at(*since)),
                LinkState::Suspect | LinkState::Unknown | LinkState::Down | LinkState::Disputed => {
                    return None;
                }
            },
            Event::DropBegan { drop, detail } => {
                self.drop_line(p.drop_began, drop, detail.as_deref(), &at)
            }
            Event::DropEnded { drop, detail } => {
                self.drop_line(p.drop_ended, drop, detail.as_deref(), &at)
            }
            Event::DropWithdrawn { id } => of(p.drop_withdrawn, "id", &id.to_string()),
            Event::TargetTrouble { name, trouble } => self.trouble_line(name, trouble, &at),
            Event::Impairment { impairment, target, at: now } => {
                let Impairment { figures, places, .. } = &**impairment;
                let span = self.span_of_wrong(impairment, *now, &at);
                let target = target.as_deref();
                match impairment.end {
                    Some(_) if !matches!(figures, Figures::RouteStep { .. }) => {
                        of(p.over, "what", &self.wrong_over(figures, places, target, &span))
                    }
                    _ => self.wrong_in(figures, places, target, &span),
                }
            }
            Event::Gap(gap) => self.gap_line(gap, &at),
            Event::Host(change) => self.host_line(change),
            Event::ClockSet { by } => match by.as_i64() {
                0 => p.clock_right.to_owned(),
                _ => of(p.clock_set, "by", &by.to_string()),
            },
            Event::StorageTrouble(what) => of(p.storing_fails, "what", what),
            Event::NoRecord { why, meanwhile } => fill(
                p.no_record,
                &[("why", why.clone()), ("path", meanwhile.display().to_string())],
            ),
            Event::DamagedRows(rows) => of(p.damaged_rows, "rows", &rows.to_string()),
            Event::Unread(unread) => {
                let tables: Vec<String> =
                    unread.iter().map(|table| self.unread_of(table)).collect();
                of(p.unread, "tables", &tables.join("; "))
            }
            Event::PutAside { to } => of(p.put_aside, "path", &to.display().to_string()),
            Event::PutBack => p.put_back.to_owned(),
            Event::Salvaged { rows } => of(p.salvaged, "rows", &rows.to_string()),
            Event::Filling { of, forecast } => self.room_warning(*of, forecast, zone),
            Event::BackedUp { to, bytes } => fill(
                p.backed_up,
                &[
                    ("path", to.display().to_string()),
                    ("mb", bytes.div_ceil(1_000_000).to_string()),
                ],
            ),
            Event::ModemFails(what) => of(p.modem_fails, "what", what),
            Event::ModemStopped(test) => self.modem_stopped(test),
            Event::StampFails(what) => of(p.stamp_fails, "what", what),
            Event::BackupFails(what) => of(p.backup_fails, "what", what),
            Event::PublishFails(what) => of(self.phrases().systems.publish_fails, "what", what),
            Event::RemoteWrite { receiver, news } => self.write_news(receiver, news),
            Event::Published { to } => {
                of(self.phrases().systems.published, "path", &to.display().to_string())
            }
            Event::HeartbeatWorks => p.heartbeat_works.to_owned(),
            Event::HeartbeatFails(what) => of(p.heartbeat_fails, "what", what),
            Event::ReportFails(what) => of(p.report_fails, "what", what),
            Event::HomeWorks => p.home_works.to_owned(),
            Event::HomeFails(what) => of(p.home_fails, "what", what),
            Event::StorageWorks => p.storing_works.to_owned(),
            Event::DiscoveryTrouble(what) => what.clone(),
            Event::Page { listen } => {
                let open = if listen.ip().is_loopback() { "" } else { p.page_open };
                let address = format!("http://{listen}/");
                fill(p.page, &[("address", address.as_str()), ("open", open)])
            }
            Event::NoPage(why) => of(p.no_page, "why", why),
            Event::Stopped { after } => of(p.stopped, "length", &self.length(*after)),
        })
    }

    /// That the modem is not read any more.
    fn modem_stopped(&self, test: &HarmTest) -> String {
        let values = [
            ("n", self.number(test.after_reading.into())),
            ("all", self.number(test.drops.into())),
            ("chance", self.tenths(test.by_chance)),
        ];
        fill(self.log().modem_stopped, &values)
    }

    /// `3 rows of table drops (..)`.
    fn unread_of(&self, table: &Unread) -> String {
        let p = self.log();
        let counted = |n: u64, nouns: [&'static str; 2]| {
            let nth = usize::try_from(n).unwrap_or(usize::MAX);
            fill(one_of(nouns, nth), &[("n", self.number(n))])
        };
        let (rows, places) = (counted(table.rows, p.rows), counted(table.places, p.damaged_places));
        let what = match (table.rows, table.places) {
            (0, _) => places,
            (_, 0) => rows,
            _ => self.list(&[&rows, &places]),
        };
        let text = fill(p.of_table, &[("what", what.as_str()), ("table", table.table)]);
        if table.places == 0 { format!("{text} ({})", table.first) } else { text }
    }

    /// `not known: 12:00:05 to 12:01:05 (1 min), the daemon was stopped`.
    pub(crate) fn gap_line(&self, gap: &Gap, at: &dyn Fn(Timestamp) -> String) -> String {
        let values = [
            ("from", at(gap.range.from)),
            ("to", at(gap.range.to)),
            ("length", self.length(gap.range.length())),
            ("reason", self.gap_now(gap.reason).to_owned()),
        ];
        fill(self.log().gap, &values)
    }

    /// `2026-02-02 14:20:00 +-0.5 s [access]: answered: ..` while it lasts, else `.. to .., 1 min 32 s
    /// (91.8 to 92.5 s) [access]: ..`.
    fn drop_line(
        &self,
        template: &str,
        drop: &DropStatus,
        detail: Option<&DropDetail>,
        at: &dyn Fn(Timestamp) -> String,
    ) -> String {
        let onset = at(drop.onset);
        let mut text = match (drop.end, detail) {
            (Some(end), _) => {
                let [min, max] = [drop.min_s, drop.max_s].map(|s| {
                    Duration::try_from_secs_f64(s.unwrap_or_default()).unwrap_or_default()
                });
                let values = [
                    ("from", onset),
                    ("to", at(end)),
                    ("length", self.drop_length(drop)),
                    ("bounds", self.bounds(Lengths { min, max })),
                ];
                fill(self.log().drop_span, &values)
            }
            (None, Some(detail)) => {
                let half = words::length(words::half_width(detail.drop.onset));
                format!("{onset} {}", self.figures(&format!("+-{half}")))
            }
            (None, None) => onset,
        };
        text.extend([" [", &self.place_now(&drop.place), "]"]);
        if let Some(detail) = detail {
            text += self.phrases().colon;
            text += &self.witness_line(&detail.witnesses);
        }
        fill(template, &[("id", drop.id.to_string()), ("drop", text)])
    }

    /// `anchor alone has been failing since .. (4 of 6 probes lost); the link is up`.
    fn trouble_line(
        &self,
        name: &str,
        trouble: &TargetTrouble,
        at: &dyn Fn(Timestamp) -> String,
    ) -> String {
        let TargetTrouble { from, to, lost, sent, .. } = trouble;
        let mut values = vec![
            ("name", name.to_owned()),
            ("from", at(*from)),
            ("lost", lost.to_string()),
            ("sent", sent.to_string()),
        ];
        let Some(to) = to else { return fill(self.log().trouble, &values) };
        values.push(("to", at(*to)));
        fill(self.log().trouble_over, &values)
    }

    fn witness_line(&self, witnesses: &Witnesses) -> String {
        let p = self.log();
        let list =
            |names: &[String]| if names.is_empty() { p.none.to_owned() } else { names.join(", ") };
        let values = [("answered", list(&witnesses.answered)), ("silent", list(&witnesses.silent))];
        fill(p.witnesses, &values)
    }

    /// A change of this host.
    fn host_line(&self, change: &HostChange) -> String {
        let p = self.log();
        let pick = |pair: [&'static str; 2], is: &bool| pair[usize::from(*is)];
        let seconds = |s: String| self.figures(&s);
        let what = match change {
            HostChange::Carrier { interface, up } => {
                fill(pick(p.carrier, up), &[("interface", interface)])
            }
            HostChange::Interface { interface, present } => {
                fill(pick(p.interface, present), &[("interface", interface)])
            }
            HostChange::Address { interface, address, present } => {
                let values = [("interface", interface.clone()), ("address", address.to_string())];
                fill(pick(p.address, present), &values)
            }
            HostChange::DefaultRoute { v6, interface, gateway } => {
                let nth = match (gateway, interface) {
                    (Some(_), Some(_)) => 0,
                    (None, Some(_)) => 1,
                    (Some(_), None) => 2,
                    (None, None) => 3,
                };
                let values = [
                    ("family", family(*v6).to_owned()),
                    ("gateway", gateway.map(|gateway| gateway.to_string()).unwrap_or_default()),
                    ("interface", interface.clone().unwrap_or_default()),
                ];
                fill(p.route[nth], &values)
            }
            HostChange::Slept { seconds: s } => fill(p.slept, &[("s", seconds(format!("{s:.1}")))]),
            HostChange::ClockStep { seconds: s } => {
                fill(p.clock_stepped, &[("s", seconds(format!("{s:+.3}")))])
            }
            HostChange::ClockSync { synchronized } => {
                pick(p.clock_synchronized, synchronized).to_owned()
            }
            HostChange::DeadEntry { v6 } => return fill(p.dead_entry, &[("family", family(*v6))]),
            HostChange::FreshIdentifierUnanswered { v6 } => {
                return fill(p.no_ping, &[("family", family(*v6))]);
            }
        };
        fill(p.host, &[("what", what)])
    }
}

fn family(v6: bool) -> &'static str {
    if v6 { "IPv6" } else { "IPv4" }
}
