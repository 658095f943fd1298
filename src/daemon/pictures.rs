//! Drawings of what messages tell, for channels that can take any: a drop probe by probe, the sheet of a
//! report. They are drawn when they are sent, by whoever sends.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::reports::report_of;
use crate::chart::{self, Drawing, Paper, Theme};
use crate::config::{Config, shown_zone};
use crate::courier::DropPicture;
use crate::report::{self, Detail};
use crate::store::Reader;
use crate::sys::memory;
use crate::time::{Micros, Reading, TimeRange, Timestamp};
use crate::vocabulary::{Message, MessageEvent};

/// The onset of a drop may be known better by now than it was told.
const NEAR: Micros = Micros::from_seconds(5);

/// Draws as PNG: a drop, or the sheet of a report.
pub(super) fn pictures(config: &Config, database: &Path) -> DropPicture {
    let artist = Artist::new(config, database);
    Arc::new(move |message| {
        let bytes = artist.drawing(message)?.png().ok();
        memory::give_back();
        bytes
    })
}

/// Writes as PDF, where linkmon can: the sheet of a report.
pub(super) fn documents(config: &Config, database: &Path) -> DropPicture {
    let artist = Artist::new(config, database);
    Arc::new(move |message| {
        let is_report = cfg!(feature = "pdf") && message.event == MessageEvent::Report;
        let bytes = is_report.then(|| artist.drawing(message)?.pdf(Paper::default()).ok())?;
        memory::give_back();
        bytes
    })
}

struct Artist {
    config: Config,
    database: PathBuf,
    zone: TimeZone,
}

impl Artist {
    fn new(config: &Config, database: &Path) -> Self {
        let zone = shown_zone(config.site.zone.as_deref());
        Self { config: config.clone(), database: database.to_owned(), zone }
    }

    fn drawing(&self, message: &Message) -> Option<Drawing> {
        let now = Reading::now().utc;
        let reader = Reader::open(&self.database).ok()?;
        reader
            .at_once(|reader| match message.event {
                MessageEvent::Report => self.sheet(reader, message, now),
                _ => self.drop(reader, message, now),
            })
            .ok()?
    }

    fn sheet(
        &self,
        reader: &Reader,
        message: &Message,
        now: Timestamp,
    ) -> Result<Option<Drawing>, crate::store::Error> {
        let Some((from, to)) = message.onset.zip(message.end) else { return Ok(None) };
        let report = report_of(&self.config, &self.zone, reader, TimeRange { from, to }, now)?;
        Ok(chart::sheet(&report, Theme::Light).ok())
    }

    fn drop(
        &self,
        reader: &Reader,
        message: &Message,
        now: Timestamp,
    ) -> Result<Option<Drawing>, crate::store::Error> {
        let Some(onset) = message.onset else { return Ok(None) };
        let near = TimeRange {
            from: onset.plus_micros(-NEAR.as_i64()),
            to: onset.plus_micros(NEAR.as_i64()),
        };
        let mut drops = reader.drops(near)?;
        drops.retain(|stored| stored.drop.kind.is_down());
        let apart = |stored: &crate::vocabulary::StoredDrop| {
            stored.drop.onset.midpoint().as_micros().abs_diff(onset.as_micros())
        };
        let Some(found) = drops.iter().min_by_key(|stored| apart(stored)) else { return Ok(None) };
        let id = found.id;
        let windows = report::windows_of_drop(reader, id, now)?.unwrap_or_default();
        let (Some(first), Some(last)) = (windows.first(), windows.last()) else { return Ok(None) };
        let period = TimeRange { from: first.from, to: last.to };
        let mut report = report_of(&self.config, &self.zone, reader, period, now)?;
        report.focus = Some(id);
        let detail = Detail::read(reader, report, id, windows)?;
        Ok(detail.and_then(|detail| chart::drop_sheet(&detail, Theme::Light).ok()))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::report::synthetic::flapping_week;

    #[test]
    fn a_drop_and_the_sheet_of_a_report_are_drawn_and_what_is_not_there_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let scene = flapping_week(Duration::from_secs(600));
        let database = scene.import_into(folder.path());
        let draw = pictures(&Config::default(), &database);
        let drops = Reader::open(&database).unwrap().drops(scene.period).unwrap();
        let onset = drops[0].drop.onset.midpoint();
        let of = |event, onset, end| {
            let message = Message::new("x", event, scene.period.to);
            Message { onset, end, ..message }
        };
        let is_png = |bytes: Option<Vec<u8>>| bytes.is_some_and(|b| b.starts_with(b"\x89PNG"));
        assert!(is_png(draw(&of(MessageEvent::Back, Some(onset), None))));
        let long_ago = scene.period.from.plus_micros(-86_400_000_000);
        assert_eq!(draw(&of(MessageEvent::Back, Some(long_ago), None)), None);
        assert_eq!(draw(&of(MessageEvent::Back, None, None)), None);
        let (from, to) = (Some(scene.period.from), Some(scene.period.to));
        assert!(is_png(draw(&of(MessageEvent::Report, from, to))));
        let pdf = documents(&Config::default(), &database);
        assert_eq!(pdf(&of(MessageEvent::Report, from, to)).is_some(), cfg!(feature = "pdf"));
        assert_eq!(pdf(&of(MessageEvent::Back, Some(onset), None)), None);
    }
}
