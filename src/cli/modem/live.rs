//! The modem itself, asked once.

use std::time::Duration;

use super::{ShownModem, save, show};
use crate::cli::args::ModemArgs;
use crate::cli::context::Context;
use crate::cli::usage::{Hinted, Usage};
use crate::config::ModemConfig;
use crate::language::words;
use crate::modem::session::{ModemAccess, ModemWant, ReadFailure, read_modem};
use crate::modem::understand::{ClockOffsetBounds, boot_of, learn_offset};
use crate::vocabulary::{ModemReadCause, ModemSnapshot};

/// Reads the modem and shows what it says.
pub(super) fn modem(args: &ModemArgs, context: &Context) -> anyhow::Result<()> {
    let access = access(args, context)?;
    let reading = read_modem(&access, ModemWant::Everything);
    if let Some(directory) = &args.save {
        save::save(directory, &reading.pages)?;
    }
    if let Err(failure) = &reading.outcome {
        return Err(hinted(&access.address, failure).into());
    }
    let (account, _) = reading.account(ModemReadCause::Scheduled);
    let boot = boot_of(&account);
    let offset = learn_offset(std::slice::from_ref(&account));
    let said = account.snapshot().cloned().unwrap_or_default();
    let snapshot = ModemSnapshot { notes: notes(&said, offset), ..said };
    let shown = ShownModem {
        kind: account.kind.expect("what was understood has a kind"),
        snapshot: &snapshot,
        boot: boot.map(|boot| boot.at.midpoint()),
        clock_offset_s: offset.map(|offset| seconds(offset.middle_us())),
    };
    show(&shown, args, context)
}

/// Where the modem is and how to get in. What is configured for one address is not sent to another.
fn access(args: &ModemArgs, context: &Context) -> anyhow::Result<ModemAccess> {
    let config = &context.loaded.config;
    let configured =
        config.modem.address.clone().or_else(|| config.discover.modem.map(|ip| ip.to_string()));
    let own = (args.address.is_none() || args.address == configured).then_some(&config.modem);
    let Some(address) = args.address.clone().or(configured) else {
        let usage = Usage::new("no modem is configured");
        return Err(usage.hint("name it: --address 192.168.100.1").into());
    };
    let password = match &args.password_file {
        Some(path) => {
            let only = ModemConfig { password_file: Some(path.clone()), ..ModemConfig::default() };
            only.password()?
        }
        None => own.map(ModemConfig::password).transpose()?.flatten(),
    };
    Ok(ModemAccess {
        address,
        kind: args.kind.or_else(|| own?.kind),
        user: args.user.clone().or_else(|| own?.user.clone()),
        password,
    })
}

/// The notes of the snapshot, and what is known of the modem's clock.
fn notes(said: &ModemSnapshot, offset: Option<ClockOffsetBounds>) -> Vec<String> {
    let mut notes = said.notes.clone();
    let has_times = said.clock.is_some() || said.log.as_ref().is_some_and(|log| !log.is_empty());
    match offset {
        Some(offset) => {
            let error = seconds(offset.error_us());
            let ahead = |us: i64| if us < 0 { "behind" } else { "ahead of" };
            let shows = match offset.zone() {
                Some(zone) => format!(
                    "shows {zone} and is {:.1} s (+-{error:.1} s) {} it",
                    seconds(zone.ahead_us.abs()),
                    ahead(zone.ahead_us),
                ),
                None => format!(
                    "is {} (+-{error:.1} s) {} UTC",
                    words::length(Duration::from_micros(offset.middle_us().unsigned_abs())),
                    ahead(offset.middle_us()),
                ),
            };
            notes.push(format!(
                "the modem's clock {shows}; --format json gives the times of its log in UTC"
            ));
        }
        None if has_times => {
            notes.push(
                "the zone of the modem's clock is not known, so its times are as it shows them"
                    .to_owned(),
            );
        }
        None => {}
    }
    notes
}

#[expect(clippy::cast_precision_loss, reason = "seconds with a fraction, for people and JSON")]
fn seconds(us: i64) -> f64 {
    us as f64 / 1e6
}

/// What failed, and what to do about it.
fn hinted(address: &str, failure: &ReadFailure) -> Hinted {
    let hint = match failure {
        ReadFailure::Address(_) => "give its address as in 192.168.100.1 or https://192.168.100.1",
        ReadFailure::NoAnswer(_) | ReadFailure::Refused(_) | ReadFailure::TimedOut(_) => {
            "see whether its page opens in a browser; behind a router, the modem's address may need a route"
        }
        ReadFailure::LoginNeeded(_) => {
            "put the password into a file and name that with --password-file, or as password-file in [modem]"
        }
        ReadFailure::LoginRefused(_) => {
            "see whether user and password let you in with a browser; --user names another user"
        }
        ReadFailure::LoginBlocked(_) => "wait a few minutes and log out in the browser",
        ReadFailure::UnknownModem(_) | ReadFailure::NotUnderstood(_) => {
            "name it with --kind, or send its pages in: --save DIR masks what names you, and \
             docs/modems.md says how a modem is added"
        }
        ReadFailure::NotHttp { .. } | ReadFailure::Status { .. } | ReadFailure::TooLarge { .. } => {
            "--kind names the modem where it was taken for another; docs/modems.md lists the kinds"
        }
    };
    Hinted { sentence: format!("the modem at {address}: {failure}"), hint: hint.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_names_a_zone_only_where_the_clock_shows_one() {
        let note = |middle_us: i64| {
            let offset = ClockOffsetBounds {
                least_us: middle_us - 1_500_000,
                most_us: middle_us + 1_500_000,
            };
            notes(&ModemSnapshot::default(), Some(offset)).remove(0)
        };
        assert!(
            note(3_602_000_000).contains("shows UTC+01:00 and is 2.0 s (+-1.5 s) ahead of it;")
        );
        assert!(note(3_598_000_000).contains("shows UTC+01:00 and is 2.0 s (+-1.5 s) behind it;"));
        assert!(note(68 * 60_000_000).contains("clock is 1 h 8 min (+-1.5 s) ahead of UTC;"));
    }
}
