//! One reading after another.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::address::ModemAddress;
use super::conversation::Conversation;
use super::failure::ReadFailure;
use super::reading::{FetchTime, LONGEST_READING, ModemAccess, ModemReading, ModemWant};
use super::{auto, fritz, hnap, soap, starlink, web};
use crate::modem::page::{Error, ModemPage};
use crate::modem::parse;
use crate::time::Reading;
use crate::vocabulary::ModemKind;

/// Reads a modem once. Blocks, for [`LONGEST_READING`] at most, twice that where its kind has to be found
/// out first; not to be called from within an asynchronous runtime.
pub fn read_modem(access: &ModemAccess, want: ModemWant) -> ModemReading {
    ModemReader::default().read(access, want)
}

/// Reads a modem again and again: it remembers what the modem is and a session that the modem keeps open,
/// since logins themselves have made modems restart. One reading at a time.
#[derive(Default)]
pub struct ModemReader {
    pub(super) kept: Mutex<Kept>,
}

/// What is remembered, as long as the modem is reached in the same way.
#[derive(Default)]
pub(super) struct Kept {
    access: Option<ModemAccess>,
    pub(super) kind: Option<ModemKind>,
    pub(super) hnap: Option<hnap::HnapSession>,
}

impl ModemReader {
    /// Reads the modem. Blocks, for [`LONGEST_READING`] at most, twice that where its kind has to be found
    /// out first, and for a reading that is under way already; not to be called from within an
    /// asynchronous runtime.
    pub fn read(&self, access: &ModemAccess, want: ModemWant) -> ModemReading {
        self.read_within(access, want, LONGEST_READING)
    }

    pub(super) fn read_within(
        &self,
        access: &ModemAccess,
        want: ModemWant,
        limit: Duration,
    ) -> ModemReading {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.access.as_ref() != Some(access) {
            *kept = Kept { access: Some(access.clone()), kind: access.kind, hnap: None };
        }
        let reading = read_with(&mut kept, access, want, limit);
        kept.kind = match &reading.outcome {
            // Another modem may be there by now.
            Err(
                ReadFailure::NotUnderstood(_)
                | ReadFailure::NotHttp { .. }
                | ReadFailure::Status { .. },
            ) => access.kind,
            _ => reading.kind,
        };
        reading
    }
}

impl std::fmt::Debug for ModemReader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ModemReader")
    }
}

fn read_with(
    kept: &mut Kept,
    access: &ModemAccess,
    want: ModemWant,
    limit: Duration,
) -> ModemReading {
    let began = Reading::now();
    let mut reading = ModemReading {
        began,
        took: Duration::ZERO,
        kind: kept.kind,
        pages: Vec::new(),
        clock_fetched: None,
        uptime_fetched: None,
        outcome: Err(ReadFailure::Address(access.address.clone())),
    };
    let found = ModemAddress::read(&access.address).and_then(|address| {
        let kind = kept.kind.map_or_else(|| auto::find(access, &address, &began, limit), Ok)?;
        Ok((address, kind))
    });
    match found {
        Ok((address, kind)) => {
            // What it took to find out, once, is not taken from the time for its pages.
            let mut talk = converse(&address, kind, &Reading::now(), limit);
            talk.has_password = access.password.is_some();
            let ended = ask(&mut talk, kind, access, want, &mut kept.hnap);
            let kind = ended.as_ref().map_or(kind, |kind| *kind);
            reading.kind = Some(kind);
            reading.took = since(&began);
            conclude(&mut reading, kind, talk, ended.map(drop));
        }
        Err(failure) => {
            reading.took = since(&began);
            reading.outcome = Err(failure);
        }
    }
    reading
}

/// A conversation with a modem of this kind: where it listens, and whether by TLS.
fn converse(
    address: &ModemAddress,
    kind: ModemKind,
    began: &Reading,
    limit: Duration,
) -> Conversation {
    use ModemKind as K;
    let over_tls = matches!(kind, K::S33 | K::Mb8611 | K::Hub5 | K::Cm3500b);
    let address = match kind {
        K::Starlink => address.clone().at(9201),
        K::FritzDsl => address.clone().at(49_000),
        _ => address.clone().assumed(over_tls),
    };
    Conversation::begin(&address, began, limit)
}

/// Fetches what a modem of this kind shows; gives what it turned out to be.
fn ask(
    talk: &mut Conversation,
    kind: ModemKind,
    access: &ModemAccess,
    want: ModemWant,
    hnap: &mut Option<hnap::HnapSession>,
) -> Result<ModemKind, ReadFailure> {
    use ModemKind as K;
    match kind {
        K::S33 | K::Mb8611 => hnap::read(talk, kind, access, want, hnap).map(|()| kind),
        K::FritzCable => fritz::read(talk, access, want).map(|()| kind),
        K::FritzDsl => soap::read(talk, access, want).map(|()| kind),
        K::Starlink => starlink::read(talk).map(|()| kind),
        _ => match web::read(talk, kind, access, want)? {
            K::S33 => hnap::read(talk, K::S33, access, want, hnap).map(|()| K::S33),
            other => Ok(other),
        },
    }
}

/// Takes the pages over and says what is on them.
fn conclude(
    reading: &mut ModemReading,
    kind: ModemKind,
    talk: Conversation,
    ended: Result<(), ReadFailure>,
) {
    let (pages, times): (Vec<ModemPage>, Vec<FetchTime>) = talk.pages.into_iter().unzip();
    let mut notes = talk.notes;
    if pages.is_empty() {
        let nothing = || {
            ReadFailure::NotUnderstood(Error::Unknown {
                page: reading.kind.map_or_else(String::new, |kind| kind.to_string()),
                why: notes.join("; "),
            })
        };
        reading.outcome = Err(ended.err().unwrap_or_else(nothing));
        return;
    }
    let whole = parse(kind, &pages);
    if let Ok(whole) = &whole {
        // Several pages may show a clock: it counts when that was fetched which is taken for true.
        for (page, time) in pages.iter().zip(&times) {
            let Ok(alone) = parse(kind, std::slice::from_ref(page)) else { continue };
            if alone.clock.is_some() && alone.clock == whole.clock {
                reading.clock_fetched.get_or_insert(*time);
            }
            if alone.uptime.is_some() && alone.uptime == whole.uptime {
                reading.uptime_fetched.get_or_insert(*time);
            }
        }
    }
    reading.outcome = match (whole, ended) {
        // What is open to all does not make up for a login that failed, and may harm if repeated.
        (_, Err(failure)) if failure.is_of_login() => Err(failure),
        (Ok(mut snapshot), ended) => {
            notes
                .extend(ended.err().map(|failure| format!("the reading was cut short: {failure}")));
            snapshot.notes.extend(notes);
            Ok(snapshot)
        }
        (Err(_), Err(failure)) => Err(failure),
        (Err(Error::Login { page }), Ok(())) => Err(ReadFailure::LoginNeeded(page)),
        (Err(error), Ok(())) => Err(ReadFailure::NotUnderstood(error)),
    };
    reading.pages = pages;
}
fn since(began: &Reading) -> Duration {
    let us = Reading::now().monotonic_us - began.monotonic_us;
    Duration::from_micros(u64::try_from(us).unwrap_or(0))
}
