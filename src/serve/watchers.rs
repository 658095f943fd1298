//! The browsers that have the page open: counted, and woken once a second.

use tokio::sync::watch;

/// The browsers that have the page open.
#[derive(Debug, Clone, Default)]
pub struct Watchers(watch::Sender<()>);

impl Watchers {
    /// How many there are.
    pub fn count(&self) -> usize {
        self.0.receiver_count()
    }

    /// Whether there is one.
    pub fn any(&self) -> bool {
        self.count() > 0
    }

    /// A second has passed: the page's thread wakes for each of them, and sleeps on if there is
    /// none.
    pub fn second(&self) {
        self.0.send_replace(());
    }

    /// One more, as long as the value lives.
    pub(super) fn join(&self) -> watch::Receiver<()> {
        self.0.subscribe()
    }
}
