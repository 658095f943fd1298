//! Sentences about a period: the headline, when drops come, what else was wrong, what happened to
//! this computer, what it means on a call.

/// Dates and times as `strftime` has them; `%a` is put in as the language has it. All are ISO 8601
/// with the weekday where that helps; the year is left out where the period next to it has it.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Dates {
    /// From Monday on.
    pub(crate) weekdays: [&'static str; 7],
    /// `Mon 2026-11-16 13:20`.
    pub(crate) minute: &'static str,
    /// `Mon 11-16`.
    pub(crate) day: &'static str,
    /// `Mon 11-16 13:20:05.3`.
    pub(crate) second: &'static str,
    /// From, to.
    pub(crate) span: &'static str,
    pub(crate) later: &'static str,
    pub(crate) local_time: &'static str,
}

/// Drops by day, and from one to the next.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct ByDay {
    pub(crate) name: &'static str,
    pub(crate) drops: &'static str,
    pub(crate) each: &'static str,
    pub(crate) not_watched: &'static str,
    pub(crate) interval_name: &'static str,
    pub(crate) interval: &'static str,
}

/// What happened, how often, how long, who answered, where the fault lies.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Headlines {
    pub(crate) unobserved: &'static str,
    /// Watched, and there was never an answer from beyond the ISP.
    pub(crate) unanswered: &'static str,
    pub(crate) only_watched: &'static str,
    pub(crate) that_time: &'static str,
    pub(crate) period_watched: &'static str,
    pub(crate) period_in_part: &'static str,
    pub(crate) no_drop: &'static str,
    pub(crate) class: &'static str,
    pub(crate) so_far: &'static str,
    pub(crate) inside: &'static str,
    pub(crate) about: &'static str,
    pub(crate) to: &'static str,
    pub(crate) in_period: &'static str,
    pub(crate) every_hour: &'static str,
    pub(crate) every: &'static str,
    pub(crate) dead: &'static str,
    /// As [`Self::dead`], where service came back within the period.
    pub(crate) dead_until: &'static str,
    pub(crate) dead_open: &'static str,
    /// What was wrong for long while the link was up, after the drops and where there was none.
    pub(crate) besides: &'static str,
    pub(crate) but: &'static str,
    pub(crate) strain_loss: &'static str,
    pub(crate) strain_late: &'static str,
    pub(crate) strain_slow: &'static str,
    pub(crate) strain_target: &'static str,
    /// Of one drop, of the last of several.
    pub(crate) open: [&'static str; 2],
    pub(crate) blips: &'static str,
    pub(crate) failed: &'static str,
    pub(crate) mute: &'static str,
    pub(crate) failed_many: &'static str,
    /// By drops, then by subjects: one, several.
    pub(crate) answered: [[&'static str; 2]; 2],
    pub(crate) silent: [[&'static str; 2]; 2],
    /// After the clause on who answered; by number of drops.
    pub(crate) silent_too: [&'static str; 2],
    pub(crate) fault: &'static str,
    pub(crate) fault_at_home: &'static str,
    pub(crate) fault_unknown: &'static str,
    pub(crate) faults: &'static str,
    pub(crate) not_placed: &'static str,
    pub(crate) elsewhere: &'static str,
}

/// When drops come.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Patterns {
    pub(crate) pattern: &'static str,
    pub(crate) trend: &'static str,
    pub(crate) blips: &'static str,
    pub(crate) blips_every: &'static str,
    pub(crate) blips_perhaps: &'static str,
    /// Behind what is said of blips.
    pub(crate) blips_cut: &'static str,
    pub(crate) daily: &'static str,
    pub(crate) too_few: &'static str,
    pub(crate) newest: &'static str,
    pub(crate) said: &'static str,
    pub(crate) chance_below: &'static str,
    pub(crate) chance_of: &'static str,
    pub(crate) nothing_found: &'static str,
    pub(crate) also: &'static str,
    pub(crate) episodes: [&'static str; 2],
    pub(crate) episode: &'static str,
    pub(crate) regular: &'static str,
    pub(crate) of_watched: &'static str,
    pub(crate) even: &'static str,
    /// Where both ends of the middle half read the same.
    pub(crate) regular_alike: &'static str,
    pub(crate) clustered: &'static str,
    pub(crate) clock: &'static str,
    pub(crate) clock_hour: &'static str,
    pub(crate) clock_every: &'static str,
    pub(crate) at_time: &'static str,
    pub(crate) at_minute: &'static str,
    pub(crate) last_at: &'static str,
    pub(crate) time_of_day: &'static str,
    pub(crate) rate: &'static str,
    /// Of less than a day.
    pub(crate) short_rate: &'static str,
    pub(crate) getting: &'static str,
    /// Better, worse.
    pub(crate) better: [&'static str; 2],
    pub(crate) steady: &'static str,
    pub(crate) dead_for: &'static str,
    pub(crate) dead_since: &'static str,
    pub(crate) then: &'static str,
}

/// What was wrong apart from drops.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Wrongs {
    /// Nouns by the word of a kind in JSON: one, several.
    pub(crate) kinds: [(&'static str, [&'static str; 2]); 14],
    pub(crate) loss: &'static str,
    pub(crate) late: &'static str,
    /// Behind loss; `codes` are the places as JSON has them.
    pub(crate) place: &'static str,
    pub(crate) slow: &'static str,
    pub(crate) queue: &'static str,
    pub(crate) queue_in_line: &'static str,
    pub(crate) own_queue: &'static str,
    /// Longer, shorter.
    pub(crate) route: [&'static str; 2],
    pub(crate) route_to: &'static str,
    pub(crate) ipv6: &'static str,
    pub(crate) dns: &'static str,
    /// Where no other is known to answer.
    pub(crate) dns_home: &'static str,
    pub(crate) dns_router: &'static str,
    pub(crate) dns_network: &'static str,
    pub(crate) tcp: &'static str,
    /// What is to be done about `dns_home`, `dns_router`, `dns_network` and `tcp`, while they last.
    pub(crate) to_do: [&'static str; 4],
    pub(crate) portal: &'static str,
    pub(crate) icmp: &'static str,
    pub(crate) web_alone: &'static str,
    pub(crate) suspect: &'static str,
    pub(crate) ipv4: &'static str,
    pub(crate) partial: &'static str,
    pub(crate) own_traffic: &'static str,
    pub(crate) hour_before: &'static str,
    pub(crate) own_filled: &'static str,
    pub(crate) others_unseen: &'static str,
}

/// What happened to this computer.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Events {
    /// Lost, found.
    pub(crate) carrier: [&'static str; 2],
    pub(crate) interface: [&'static str; 2],
    pub(crate) address: [&'static str; 2],
    pub(crate) some_address: [&'static str; 2],
    pub(crate) no_route: &'static str,
    pub(crate) other_route: &'static str,
    pub(crate) route: &'static str,
    pub(crate) slept: &'static str,
    pub(crate) clock: &'static str,
    pub(crate) this_computer: &'static str,
    pub(crate) more: &'static str,
}

/// What drops mean for a call.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct Calls {
    pub(crate) undisturbed: &'static str,
    pub(crate) by_day: &'static str,
    pub(crate) lasting: &'static str,
    pub(crate) cut: &'static str,
    pub(crate) quality: &'static str,
    pub(crate) worst_hour: &'static str,
}

/// Anchors whose vote is not a matter of course, by why; each template takes their names.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it")]
pub(crate) struct Votes {
    pub(crate) trusted: &'static str,
    pub(crate) private: &'static str,
    pub(crate) near: &'static str,
    pub(crate) false_witness: &'static str,
}
