//! What a language consists of, as far as templates do: titles, words, and sentences in which
//! `{name}` is replaced by a figure. A pair is of one and of several, unless it says otherwise.

use super::Edge;

mod alerts;
mod by_enum;
mod clock;
mod comparing;
mod home;
mod host;
mod letter;
mod live;
mod log;
mod modem;
mod nouns;
mod page;
mod paths;
mod record;
mod remote_write;
mod removed;
mod replies;
mod sentences;
mod sheet;
mod systems;
mod time;
mod watch;
mod ways;

pub(crate) use alerts::AlertWords;
pub(crate) use by_enum::{
    ByFailedReason, ByFlag, ByGapReason, ByLinkState, ByMedium, ByMessageEvent, ByModemFinding,
    ByNotSent, ByNoteKind, ByPhase, ByPlace, ByRole, ByStrayKind, BySystemState, ByVerdict,
};
pub(crate) use clock::ClockWords;
pub(crate) use comparing::Comparing;
pub(crate) use home::{HomeWords, PeriodicWords};
pub(crate) use host::HostCounts;
pub(crate) use letter::LetterWords;
pub(crate) use live::{DropListWords, NoticeWords, PresentWords, StatusWords, TroubleWords};
pub(crate) use log::{LogWords, RoomWords};
pub(crate) use modem::ModemPhrases;
pub(crate) use nouns::Nouns;
pub(crate) use page::{LoginWords, PageWords};
pub(crate) use paths::PathWords;
pub(crate) use record::RecordWords;
pub(crate) use remote_write::RemoteWriteWords;
pub(crate) use removed::RemovedWords;
pub(crate) use replies::Replies;
pub(crate) use sentences::{ByDay, Calls, Dates, Events, Headlines, Patterns, Votes, Wrongs};
pub(crate) use sheet::{DropSheet, Sheet};
pub(crate) use systems::SystemWords;
pub(crate) use time::KindPhrases;
pub(crate) use watch::WatchWords;
pub(crate) use ways::WayWords;

/// Titles, words and templates.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Phrases {
    /// For `<html lang="">`.
    pub(crate) code: &'static str,
    pub(crate) colon: &'static str,
    pub(crate) report: &'static str,
    pub(crate) site: &'static str,
    pub(crate) period: &'static str,
    pub(crate) watched: &'static str,
    pub(crate) available: &'static str,
    pub(crate) counts: &'static str,
    pub(crate) place: &'static str,
    pub(crate) witnesses: &'static str,
    pub(crate) notes: &'static str,
    pub(crate) calls: &'static str,
    pub(crate) method: &'static str,
    pub(crate) unclaimed: &'static str,
    pub(crate) made: &'static str,
    pub(crate) contents: &'static str,
    pub(crate) clearest: &'static str,
    pub(crate) drops: &'static str,
    pub(crate) longest: &'static str,
    pub(crate) no_drops: &'static str,
    pub(crate) picture: &'static str,
    pub(crate) number: &'static str,
    pub(crate) began: &'static str,
    pub(crate) ended: &'static str,
    pub(crate) lasted: &'static str,
    pub(crate) within: &'static str,
    pub(crate) remarks: &'static str,
    pub(crate) answered: &'static str,
    pub(crate) silent: &'static str,
    pub(crate) anchors_only: &'static str,
    pub(crate) all_silent: &'static str,
    pub(crate) lasts: &'static str,
    pub(crate) blip: &'static str,
    pub(crate) computer: &'static str,
    pub(crate) drops_caption: &'static str,
    /// Loss outside drops: its ratio, and both counts.
    pub(crate) standing_loss: &'static str,
    pub(crate) hours: &'static str,
    pub(crate) weekday: &'static str,
    pub(crate) hour: &'static str,
    pub(crate) hours_caption: &'static str,
    pub(crate) unwatched: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) other_problems: &'static str,
    pub(crate) what: &'static str,
    pub(crate) target: &'static str,
    pub(crate) targets: &'static str,
    pub(crate) role: &'static str,
    pub(crate) address: &'static str,
    pub(crate) sent: &'static str,
    pub(crate) lost: &'static str,
    pub(crate) loss: &'static str,
    pub(crate) delay: &'static str,
    pub(crate) yardsticks: &'static str,
    pub(crate) figure: &'static str,
    pub(crate) both_counts: &'static str,
    pub(crate) threshold: &'static str,
    pub(crate) no_data: &'static str,
    pub(crate) answers: &'static str,
    pub(crate) more: &'static str,
    pub(crate) redacted: &'static str,
    pub(crate) isp: &'static str,
    pub(crate) account: &'static str,
    pub(crate) ticket: &'static str,
    pub(crate) and: &'static str,
    pub(crate) of: &'static str,
    pub(crate) of_drops: &'static str,
    pub(crate) share_of_time: &'static str,
    pub(crate) watched_all: &'static str,
    pub(crate) watched_but: &'static str,
    pub(crate) watched_part: &'static str,
    pub(crate) up: &'static str,
    pub(crate) between: &'static str,
    pub(crate) no_down: &'static str,
    pub(crate) down: &'static str,
    pub(crate) classes: &'static str,
    pub(crate) answered_in: &'static str,
    pub(crate) silent_in: &'static str,
    pub(crate) so_far: &'static str,
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
    pub(crate) lost_by_itself: &'static str,
    /// In short, for tables.
    pub(crate) roles: ByRole,
    /// The same with their articles, as the subjects of sentences.
    pub(crate) subjects: ByRole,
    /// For tables.
    pub(crate) places: ByPlace,
    /// The same with their prepositions.
    pub(crate) at_places: ByPlace,
    pub(crate) place_unknown: &'static str,
    /// The same where it is not said of what.
    pub(crate) unknown_place: &'static str,
    pub(crate) or: &'static str,
    pub(crate) lost_after: &'static str,
    pub(crate) from_anchors: [&'static str; 2],
    pub(crate) sent_probed: &'static str,
    pub(crate) sent_imported: &'static str,
    pub(crate) sent_both: &'static str,
    pub(crate) each: &'static str,
    pub(crate) every_second: &'static str,
    pub(crate) every_minute: &'static str,
    pub(crate) every: &'static str,
    pub(crate) votes: Votes,
    pub(crate) short_none: &'static str,
    pub(crate) short_one: &'static str,
    pub(crate) short_many: &'static str,
    pub(crate) no_hop: &'static str,
    pub(crate) not_claimed: &'static str,
    pub(crate) discloses: &'static str,
    pub(crate) disclosed_name: &'static str,
    pub(crate) disclosed_isp: &'static str,
    pub(crate) disclosed_account: &'static str,
    pub(crate) disclosed_ticket: &'static str,
    pub(crate) disclosed_rest: [&'static str; 4],
    pub(crate) is_redacted: &'static str,
    pub(crate) unseen: &'static str,
    pub(crate) classes_seen: &'static str,
    pub(crate) shortest_seen: &'static str,
    pub(crate) damaged: &'static str,
    pub(crate) letter: LetterWords,
    pub(crate) record: RecordWords,
    pub(crate) removed: RemovedWords,
    pub(crate) unread: &'static str,
    /// Of Canada, the United States, and Germany.
    pub(crate) yardstick_notes: [&'static str; 3],
    /// That of a note of no particular kind is empty.
    pub(crate) note_kinds: ByNoteKind,
    pub(crate) when: &'static str,
    pub(crate) note_kind: &'static str,
    pub(crate) note_edited: &'static str,
    pub(crate) chain: &'static str,
    pub(crate) chain_head: [&'static str; 2],
    /// Why it was not watched: stopped, killed, rebooted, asleep, unable to probe, no record.
    pub(crate) gaps: ByGapReason,
    /// Names of the yardsticks, in the order of
    /// [`KEYS`](crate::stats::yardsticks::KEYS).
    pub(crate) yardstick_names: [&'static str; 6],
    pub(crate) verdicts: ByVerdict,
    pub(crate) gaps_in_all: [&'static str; 2],
    pub(crate) unsent: [&'static str; 2],
    pub(crate) kinds: KindPhrases,
    pub(crate) by_day: ByDay,
    pub(crate) host: HostCounts,
    pub(crate) clock: ClockWords,
    pub(crate) watch: WatchWords,
    pub(crate) ways: WayWords,
    pub(crate) modem: ModemPhrases,
    pub(crate) paths: PathWords,
    pub(crate) nouns: Nouns,
    pub(crate) dates: Dates,
    pub(crate) headlines: Headlines,
    pub(crate) patterns: Patterns,
    pub(crate) wrongs: Wrongs,
    pub(crate) events: Events,
    pub(crate) on_calls: Calls,
    pub(crate) comparing: Comparing,
    pub(crate) replies: Replies,
    pub(crate) sheet: Sheet,
    pub(crate) drop_sheet: DropSheet,
    pub(crate) present: PresentWords,
    pub(crate) status: StatusWords,
    pub(crate) troubles: TroubleWords,
    pub(crate) drop_list: DropListWords,
    #[cfg_attr(not(feature = "desktop"), allow(dead_code, reason = "of notifications"))]
    pub(crate) notices: NoticeWords,
    pub(crate) home: HomeWords,
    pub(crate) periodic: PeriodicWords,
    pub(crate) alerts: AlertWords,
    pub(crate) log: LogWords,
    /// Of the live page, by its English.
    pub(crate) page: PageWords,
    pub(crate) login: LoginWords,
    pub(crate) room: RoomWords,
    pub(crate) systems: SystemWords,
    pub(crate) remote_write: RemoteWriteWords,
}

impl Phrases {
    /// What an edge of the period did to a drop.
    pub(crate) fn clipped(&self, edge: Edge) -> &'static str {
        match edge {
            Edge::Before => self.before,
            Edge::After => self.after,
        }
    }
}

/// The template with each `{name}` replaced.
pub(crate) fn fill(template: &str, values: &[(&str, impl AsRef<str>)]) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, rest_of_it)) = rest.split_once('{') {
        out += before;
        let Some((name, after)) = rest_of_it.split_once('}') else { break };
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "{{{name}}} of \"{template}\" has a value");
        out += value.map_or("", |(_, value)| value.as_ref());
        rest = after;
    }
    out + rest
}
