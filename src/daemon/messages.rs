//! Who writes and who sends messages, at the start of the daemon.

use std::path::Path;

use super::audience::Audience;
use super::past::Past;
use super::pictures::{documents, pictures};
use crate::config::{Config, shown_zone};
use crate::courier::{ChannelSetup, Courier, Scribe, scribe_of};
use crate::language;
use crate::live::Event;
use crate::store::Outbox;
use crate::text::describe;
use crate::time::Reading;

/// Nobody where no alert is configured.
#[derive(Debug, Default)]
pub(super) struct MessageStaff {
    pub(super) scribe: Option<Scribe>,
    pub(super) courier: Option<Courier>,
}

/// Starts the channels. Without them the daemon goes on.
pub(super) fn begin(
    config: &Config,
    database: &Path,
    past: &Past,
    audience: &mut dyn Audience,
) -> MessageStaff {
    if config.alerts.is_empty() {
        // One that is configured again begins then.
        if let Err(problem) = Outbox::new(database).keep_channels(&[]) {
            audience.on_event(&Event::StorageTrouble(describe(&problem)));
        }
        return MessageStaff::default();
    }
    let zone = shown_zone(config.site.zone.as_deref());
    let setup = ChannelSetup {
        language: language::of(config.report.language),
        zone,
        picture: Some(pictures(config, database)),
        document: Some(documents(config, database)),
    };
    let scribe = scribe_of(config, &setup, database, &past.drops, Reading::now().utc);
    let courier = Courier::start(config, database, &setup, &past.present);
    let courier = courier.map_err(|problem| {
        audience.on_event(&Event::StorageTrouble(describe(&problem)));
    });
    MessageStaff { scribe, courier: courier.ok() }
}
