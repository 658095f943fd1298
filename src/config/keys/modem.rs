//! The keys of `[modem]`.

use std::ops::RangeInclusive;
use std::time::Duration;

use super::{TableOfKeys, Takes, days, key, without_default};

/// Modems have restarted when they were read more often than this.
const EVERY: RangeInclusive<Duration> = Duration::from_secs(300)..=days(1);

pub(super) const TABLE: TableOfKeys = TableOfKeys {
    name: "modem",
    documentation: "Reading what the modem itself shows: levels, errors, its log, its restarts. \
                    docs/modems.md says what is sent to it. Without any of these keys, the modem at \
                    the address of [discover] is read if its pages need no password.",
    keys: &[
        without_default(
            "address",
            Takes::ModemAddress(|c| &mut c.modem.address),
            "\"192.168.100.1\"",
            "Its address, with a port or http:// or https:// before it where that is needed. Without \
             it, that of modem in [discover].",
        ),
        without_default(
            "kind",
            Takes::ModemKind(|c| &mut c.modem.kind),
            "\"tc4400\"",
            "What it is: one of those that `linkmon modem --help` lists, or \"auto\". Without it, \
             linkmon finds out.",
        ),
        without_default(
            "user",
            Takes::Line(|c| &mut c.modem.user),
            "\"admin\"",
            "The user to log in as. Without it, the one that modems of its kind come with.",
        ),
        without_default(
            "password-file",
            Takes::Path(|c| &mut c.modem.password_file),
            "\"/etc/linkmon/modem-password\"",
            "A file whose first line is the password. The password itself is never in this file, nor \
             in the record, a log or a report.",
        ),
        without_default(
            "password-env",
            Takes::Variable(|c| &mut c.modem.password_env),
            "\"LINKMON_MODEM_PASSWORD\"",
            "The environment variable that holds the password, where there is no password-file.",
        ),
        key(
            "every",
            Takes::LengthOrOff(EVERY, |c| &mut c.modem.every),
            "Time from one reading to the next. Besides, it is read when a drop is confirmed and a \
             minute after its end. \"0s\" switches all reading off.",
        ),
    ],
};
