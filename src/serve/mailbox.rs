//! News on their way from the daemon to the thread of the page. They wait there until a request
//! comes, so that the thread sleeps while no browser looks.

use std::sync::{Mutex, PoisonError};

use tokio::sync::Notify;

use super::{News, Watchers};

/// With this many news waiting, the thread is woken to take them in although no browser looks: about
/// every two minutes with the default targets. It bounds what waits at 100 KB.
const ENOUGH: usize = 1_000;

/// What waits. The lock is held only to add and to take.
#[derive(Debug, Default)]
pub(super) struct Mailbox {
    waiting: Mutex<Waiting>,
    bell: Notify,
}

#[derive(Debug, Default)]
struct Waiting {
    news: Vec<News>,
    /// The newest [`News::Second`]. It shows all that those before it show, but for the very first,
    /// from which time is counted.
    second: Option<News>,
    /// Whether the first second has come.
    begun: bool,
}

impl Mailbox {
    /// Adds news; wakes the thread if anyone watches, or if enough is waiting.
    pub(super) fn put(&self, news: Vec<News>, watchers: &Watchers) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for news in news {
            match news {
                News::Second(..) if waiting.begun => waiting.second = Some(news),
                News::Second(..) => {
                    waiting.begun = true;
                    waiting.news.push(news);
                }
                other => waiting.news.push(other),
            }
        }
        let enough = waiting.news.len() >= ENOUGH;
        drop(waiting);
        if enough || watchers.any() {
            self.bell.notify_one();
        }
    }

    /// Everything that waits, in the order in which it came, the newest second last.
    pub(super) fn take(&self) -> Vec<News> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut news = std::mem::take(&mut waiting.news);
        news.extend(waiting.second.take());
        news
    }

    /// Returns when there is something to take in at once.
    pub(super) async fn rings(&self) {
        self.bell.notified().await;
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::Ordering;
    use std::time::Duration;

    use super::*;
    use crate::serve::metrics::tests::down;
    use crate::time::BootTime;

    async fn rings(mailbox: &Mailbox) -> bool {
        tokio::time::timeout(Duration::from_millis(1), mailbox.rings()).await.is_ok()
    }

    #[tokio::test(start_paused = true)]
    async fn the_bell_rings_only_for_those_who_look_and_before_too_much_waits() {
        let (mailbox, watchers) = (Arc::new(Mailbox::default()), Watchers::default());
        mailbox.put(vec![News::ClockStep(1.0)], &watchers);
        assert!(!rings(&mailbox).await);
        mailbox.put((0..ENOUGH).map(|_| News::ClockStep(1.0)).collect(), &watchers);
        assert!(rings(&mailbox).await);
        assert_eq!(mailbox.take().len(), ENOUGH + 1);
        watchers.0.store(1, Ordering::Relaxed);
        mailbox.put(Vec::new(), &watchers);
        assert!(rings(&mailbox).await);
    }

    #[test]
    fn of_several_seconds_the_first_and_the_newest_are_taken_in_the_newest_after_all_else() {
        let mailbox = Mailbox::default();
        for second in 1..5 {
            let now = News::Second(Box::new(down()), BootTime(second));
            mailbox.put(vec![now, News::ClockStep(0.5)], &Watchers::default());
        }
        let news = mailbox.take();
        assert!(matches!(news[0], News::Second(_, BootTime(1))));
        assert!(matches!(news[5], News::Second(_, BootTime(4))));
        assert_eq!(news.len(), 6);
        assert!(mailbox.take().is_empty());
    }
}
