//! How urgent a parcel is: services have priorities, colours and sounds for it.

use std::collections::BTreeMap;

use super::super::message::{Message, MessageEvent, Parcel};

/// How urgent a parcel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mood {
    /// Nothing is wrong: a test, the account of a week, what was told by mistake.
    Quiet,
    /// It was wrong and is over.
    Relief,
    /// Something is worse than usual.
    Concern,
    /// The link is down, or nothing is watched.
    Alarm,
}

impl Mood {
    /// That of the worst incident that is not over. What waited until it was over is none any more.
    pub(super) fn of(parcel: &Parcel<'_>) -> Self {
        let mut newest: BTreeMap<&str, &Message> = BTreeMap::new();
        for message in parcel.messages {
            newest.insert(&message.thread, message);
        }
        newest.into_values().map(of_message).max().unwrap_or(Self::Quiet)
    }
}

fn of_message(message: &Message) -> Mood {
    use MessageEvent as E;
    match message.event {
        E::Test | E::Digest | E::Report | E::Withdrawn => Mood::Quiet,
        E::Back | E::FlappingOver => Mood::Relief,
        _ if message.end.is_some() => Mood::Relief,
        E::Down | E::StillDown | E::Corrected | E::Flapping | E::Blind => Mood::Alarm,
        E::Loss
        | E::Slow
        | E::Target
        | E::Dns
        | E::Ipv6
        | E::Ipv4
        | E::Tcp
        | E::Login
        | E::OtherWay
        | E::Modem
        | E::Disk => Mood::Concern,
    }
}
