//! The sums of all hours, read before somebody goes through years: the first look at five of them would
//! wait for a third of a second on a fast machine.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::documents::{DocumentSource, aside};
use super::watchers::Watchers;
use crate::report::history::LONGEST;
use crate::store::{self, Reader};
use crate::sys::memory;
use crate::time::TimeRange;

/// So long after the last question about years, and after the last page was closed, they are forgotten.
const KEPT: Duration = Duration::from_secs(60);

/// What a page asks for when it opens comes first.
const AFTER_OPENING: Duration = Duration::from_secs(2);

/// When sums of hours are read and forgotten.
#[derive(Debug, Clone)]
pub(super) struct HoursAhead {
    source: Arc<DocumentSource>,
    /// The pages that are open.
    watchers: Watchers,
    will_forget: Arc<AtomicBool>,
    will_read: Arc<AtomicBool>,
}

impl HoursAhead {
    pub(super) fn new(source: Arc<DocumentSource>, watchers: Watchers) -> Self {
        Self { source, watchers, will_forget: Arc::default(), will_read: Arc::default() }
    }

    /// A page was opened: soon the sums of all hours are in memory.
    pub(super) fn read_soon(&self) {
        if self.will_read.swap(true, Ordering::AcqRel) {
            return;
        }
        self.forget_later();
        let (source, will_read) = (Arc::clone(&self.source), Arc::clone(&self.will_read));
        tokio::spawn(async move {
            tokio::time::sleep(AFTER_OPENING).await;
            // Without them the page has to wait for its years; the trouble is told to those who ask.
            let _ = aside(move || read_all(&source)).await;
            will_read.store(false, Ordering::Release);
        });
    }

    /// Gives their memory back once no page is open and nobody has asked for any for a while.
    pub(super) fn forget_later(&self) {
        if self.will_forget.swap(true, Ordering::AcqRel) {
            return;
        }
        let Self { source, watchers, will_forget, .. } = self.clone();
        tokio::spawn(async move {
            loop {
                let asked = source.hours.asked();
                tokio::time::sleep(KEPT).await;
                if source.hours.asked() == asked && !watchers.any() {
                    will_forget.store(false, Ordering::Release);
                    source.hours.forget();
                    memory::give_back();
                    return;
                }
            }
        });
    }
}

fn read_all(source: &DocumentSource) -> Result<(), store::Error> {
    let reader = Reader::open(&source.database)?.with_kept(Arc::clone(&source.hours));
    let Some(TimeRange { from, to }) = reader.watched_from_to()? else { return Ok(()) };
    reader.keep_sums_of_hours(TimeRange { from: from.max(to - LONGEST), to })
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::config::Config;
    use crate::store::{Opening, Writer};

    #[test]
    fn the_years_are_in_memory_soon_after_a_page_opens_and_a_minute_after_it_is_closed_they_are_not()
     {
        let folder = tempfile::tempdir().unwrap();
        let scene = crate::report::synthetic::flapping_week(Duration::from_secs(60));
        let database = scene.import_into(folder.path());
        let opening =
            Opening { path: &database, runtime_dir: Some(folder.path()), version: "test" };
        let (mut writer, _) = Writer::open(opening).unwrap();
        writer.close_hours(scene.period.to, 1_000).unwrap();
        drop(writer);
        let (config, zone, hours) = (Config::default(), TimeZone::UTC, Arc::default());
        let source = Arc::new(DocumentSource { config, database, zone, hours });
        let watchers = Watchers::default();
        let ahead = HoursAhead::new(Arc::clone(&source), watchers.clone());
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_time().start_paused(true).build().unwrap();
        runtime.block_on(async {
            let page = watchers.join();
            ahead.read_soon();
            ahead.read_soon();
            while ahead.will_read.load(Ordering::Acquire) {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            assert!(source.hours.rows() > 0);
            tokio::time::sleep(100 * KEPT).await;
            assert!(source.hours.rows() > 0, "the page is open");
            drop(page);
            tokio::time::sleep(2 * KEPT).await;
            assert_eq!(source.hours.rows(), 0);
            assert!(!ahead.will_forget.load(Ordering::Acquire));
        });
    }
}
