//! What a language consists of, as far as templates do: titles, words, and sentences in which
//! `{name}` stands for a figure.

use super::Edge;

/// Titles, words and templates.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(in crate::report) struct Phrases {
    /// For `<html lang="">`.
    pub(in crate::report) code: &'static str,
    pub(in crate::report) colon: &'static str,
    pub(in crate::report) report: &'static str,
    pub(in crate::report) site: &'static str,
    pub(in crate::report) period: &'static str,
    pub(in crate::report) watched: &'static str,
    pub(in crate::report) available: &'static str,
    pub(in crate::report) counts: &'static str,
    pub(in crate::report) place: &'static str,
    pub(in crate::report) witnesses: &'static str,
    pub(in crate::report) notes: &'static str,
    pub(in crate::report) calls: &'static str,
    pub(in crate::report) method: &'static str,
    pub(in crate::report) unclaimed: &'static str,
    pub(in crate::report) made: &'static str,
    pub(in crate::report) contents: &'static str,
    pub(in crate::report) clearest: &'static str,
    pub(in crate::report) drops: &'static str,
    pub(in crate::report) longest: &'static str,
    pub(in crate::report) no_drops: &'static str,
    pub(in crate::report) picture: &'static str,
    pub(in crate::report) number: &'static str,
    pub(in crate::report) began: &'static str,
    pub(in crate::report) ended: &'static str,
    pub(in crate::report) lasted: &'static str,
    pub(in crate::report) within: &'static str,
    pub(in crate::report) remarks: &'static str,
    pub(in crate::report) answered: &'static str,
    pub(in crate::report) silent: &'static str,
    pub(in crate::report) anchors_only: &'static str,
    pub(in crate::report) all_silent: &'static str,
    pub(in crate::report) lasts: &'static str,
    pub(in crate::report) blip: &'static str,
    pub(in crate::report) computer: &'static str,
    pub(in crate::report) drops_caption: &'static str,
    pub(in crate::report) unwatched: &'static str,
    pub(in crate::report) reason: &'static str,
    pub(in crate::report) beside: &'static str,
    pub(in crate::report) what: &'static str,
    pub(in crate::report) target: &'static str,
    pub(in crate::report) targets: &'static str,
    pub(in crate::report) role: &'static str,
    pub(in crate::report) address: &'static str,
    pub(in crate::report) sent: &'static str,
    pub(in crate::report) lost: &'static str,
    pub(in crate::report) loss: &'static str,
    pub(in crate::report) delay: &'static str,
    pub(in crate::report) yardsticks: &'static str,
    pub(in crate::report) figure: &'static str,
    pub(in crate::report) both_counts: &'static str,
    pub(in crate::report) threshold: &'static str,
    pub(in crate::report) no_data: &'static str,
    pub(in crate::report) answers: &'static str,
    pub(in crate::report) they_say: &'static str,
    pub(in crate::report) you_answer: &'static str,
    pub(in crate::report) more: &'static str,
    pub(in crate::report) redacted: &'static str,
    pub(in crate::report) isp: &'static str,
    pub(in crate::report) account: &'static str,
    pub(in crate::report) ticket: &'static str,
    pub(in crate::report) and: &'static str,
    pub(in crate::report) of: &'static str,
    pub(in crate::report) of_drops: &'static str,
    pub(in crate::report) share_of_time: &'static str,
    pub(in crate::report) watched_all: &'static str,
    pub(in crate::report) watched_but: &'static str,
    pub(in crate::report) watched_part: &'static str,
    pub(in crate::report) up: &'static str,
    pub(in crate::report) between: &'static str,
    pub(in crate::report) no_down: &'static str,
    pub(in crate::report) down: &'static str,
    pub(in crate::report) classes: &'static str,
    pub(in crate::report) answered_in: &'static str,
    pub(in crate::report) silent_in: &'static str,
    pub(in crate::report) so_far: &'static str,
    pub(in crate::report) per_day: &'static str,
    pub(in crate::report) before: &'static str,
    pub(in crate::report) behind: &'static str,
    pub(in crate::report) lost_by_itself: &'static str,
    pub(in crate::report) router: &'static str,
    pub(in crate::report) modem: &'static str,
    pub(in crate::report) isp_hop: &'static str,
    pub(in crate::report) anchor: &'static str,
    pub(in crate::report) service: &'static str,
    pub(in crate::report) lost_after: &'static str,
    pub(in crate::report) from_anchors: [&'static str; 2],
    pub(in crate::report) sent_probed: &'static str,
    pub(in crate::report) sent_imported: &'static str,
    pub(in crate::report) sent_both: &'static str,
    pub(in crate::report) each: &'static str,
    pub(in crate::report) every_second: &'static str,
    pub(in crate::report) every: &'static str,
    pub(in crate::report) short_none: &'static str,
    pub(in crate::report) short_one: &'static str,
    pub(in crate::report) short_many: &'static str,
    pub(in crate::report) no_hop: &'static str,
    pub(in crate::report) not_claimed: &'static str,
    pub(in crate::report) discloses: &'static str,
    pub(in crate::report) told_name: &'static str,
    pub(in crate::report) told_isp: &'static str,
    pub(in crate::report) told_account: &'static str,
    pub(in crate::report) told_ticket: &'static str,
    pub(in crate::report) told_rest: [&'static str; 4],
    pub(in crate::report) is_redacted: &'static str,
    pub(in crate::report) unseen: &'static str,
    pub(in crate::report) classes_seen: &'static str,
    pub(in crate::report) shortest_seen: &'static str,
    pub(in crate::report) yardsticks_miss: &'static str,
    pub(in crate::report) damaged: &'static str,
    pub(in crate::report) yardstick_notes: [&'static str; 2],
    /// Of [`NoteKind::ALL`](crate::store::rows::NoteKind::ALL), in order; the last is empty.
    pub(in crate::report) note_kinds: [&'static str; 6],
    pub(in crate::report) when: &'static str,
    pub(in crate::report) note_kind: &'static str,
    pub(in crate::report) note_edited: &'static str,
    pub(in crate::report) chain: &'static str,
    pub(in crate::report) chain_head: &'static str,
    pub(in crate::report) comparing: Comparing,
    pub(in crate::report) replies: Replies,
}

/// Before and after.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(in crate::report) struct Comparing {
    pub(in crate::report) title: &'static str,
    pub(in crate::report) before: &'static str,
    pub(in crate::report) after: &'static str,
    pub(in crate::report) change: &'static str,
    pub(in crate::report) border: &'static str,
    pub(in crate::report) line: &'static str,
    /// Drops, loss, median delay, its 95th percentile.
    pub(in crate::report) names: [&'static str; 4],
    pub(in crate::report) of_time: &'static str,
    pub(in crate::report) rate: &'static str,
    pub(in crate::report) not_watched: &'static str,
    pub(in crate::report) spells: &'static str,
    pub(in crate::report) share: &'static str,
    pub(in crate::report) nothing_sent: &'static str,
    pub(in crate::report) no_answer: &'static str,
    pub(in crate::report) nothing: &'static str,
    pub(in crate::report) drops_less_more: [&'static str; 2],
    pub(in crate::report) less_more: [&'static str; 2],
    pub(in crate::report) same: &'static str,
    pub(in crate::report) too_early: &'static str,
    pub(in crate::report) ratio: &'static str,
    pub(in crate::report) no_ratio: &'static str,
    pub(in crate::report) any_multiple: &'static str,
    pub(in crate::report) difference: &'static str,
    pub(in crate::report) points: &'static str,
}

/// What desks say, and templates of what the record answers: whole sentences.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(in crate::report) struct Replies {
    pub(in crate::report) no_drop: &'static str,
    pub(in crate::report) low_priority: &'static str,
    pub(in crate::report) not_a_test_target: &'static str,
    pub(in crate::report) wifi: &'static str,
    pub(in crate::report) modem: &'static str,
    pub(in crate::report) nothing_seen: &'static str,
    pub(in crate::report) works_now: &'static str,
    pub(in crate::report) hop_loss: &'static str,
    pub(in crate::report) rebooted: &'static str,
    pub(in crate::report) low_unknown: &'static str,
    pub(in crate::report) low_failed: &'static str,
    pub(in crate::report) low_answered: &'static str,
    pub(in crate::report) low_calm: &'static str,
    pub(in crate::report) one_anchor: &'static str,
    pub(in crate::report) many_anchors: &'static str,
    pub(in crate::report) many_anchors_one: &'static str,
    pub(in crate::report) isp_silent_too: &'static str,
    pub(in crate::report) router_absent: &'static str,
    pub(in crate::report) router_unknown: &'static str,
    pub(in crate::report) router_told: &'static str,
    pub(in crate::report) perhaps_right: &'static str,
    pub(in crate::report) own_loss: &'static str,
    pub(in crate::report) modem_absent: &'static str,
    pub(in crate::report) modem_unknown: &'static str,
    pub(in crate::report) modem_silent: &'static str,
    pub(in crate::report) modem_told: &'static str,
    pub(in crate::report) while_hop: &'static str,
    pub(in crate::report) seen: &'static str,
    pub(in crate::report) seen_one: &'static str,
    pub(in crate::report) poll_certain: &'static str,
    pub(in crate::report) poll_chance: &'static str,
    pub(in crate::report) moments: &'static str,
    pub(in crate::report) is_down: &'static str,
    pub(in crate::report) test_chance: &'static str,
    pub(in crate::report) last_ended: &'static str,
    pub(in crate::report) last_ended_one: &'static str,
    pub(in crate::report) longest_clear: &'static str,
    pub(in crate::report) no_ends: &'static str,
    pub(in crate::report) ends_told: &'static str,
    pub(in crate::report) no_reboot: &'static str,
    pub(in crate::report) reboot_no: &'static str,
    pub(in crate::report) reboot_perhaps: &'static str,
    pub(in crate::report) reboot_sides: &'static str,
}

impl Phrases {
    /// What an edge of the period did to a drop.
    pub(in crate::report) fn clipped(&self, edge: Edge) -> &'static str {
        match edge {
            Edge::Before => self.before,
            Edge::Behind => self.behind,
        }
    }
}

/// The template with each `{name}` replaced.
pub(in crate::report) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 40);
    let mut rest = template;
    while let Some((before, behind)) = rest.split_once('{') {
        out += before;
        let Some((name, after)) = behind.split_once('}') else { break };
        let value = values.iter().find(|(known, _)| *known == name);
        debug_assert!(value.is_some(), "{{{name}}} of \"{template}\" has a value");
        out += value.map_or("", |(_, value)| value);
        rest = after;
    }
    out + rest
}
