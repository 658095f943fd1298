//! Messages for people: written before what they tell is stored, committed with it, and sent after.

use super::Pipeline;
use crate::courier::{Courier, Posted, Scribe, told_lately};
use crate::live::Status;
use crate::time::{Reading, Timestamp};
use crate::vocabulary::{Gap, LinkDrop, ModemAccount, StoredDrop, StoredMessage};

/// Who writes them, and who is woken when one is in the record. Both are absent where no alert is
/// configured.
#[derive(Debug, Default)]
pub(super) struct Messages {
    pub(super) scribe: Option<Scribe>,
    courier: Option<Courier>,
    /// Some are not committed.
    are_held: bool,
    /// Some were committed in this second.
    are_posted: bool,
}

impl Messages {
    /// A commit with all that was held succeeded.
    pub(super) fn committed(&mut self) {
        self.are_posted |= std::mem::take(&mut self.are_held);
    }
}

impl Pipeline<'_> {
    /// Has messages written from now on, and sent where there is somebody to send them.
    pub(in crate::daemon) fn set_messages(
        &mut self,
        scribe: Option<Scribe>,
        courier: Option<Courier>,
    ) {
        self.messages = Messages { scribe, courier, ..Messages::default() };
    }

    /// A message that follows from nothing that the pipeline sees.
    pub(in crate::daemon) fn tell(&mut self, message: Option<StoredMessage>) {
        self.put_messages(message);
    }

    pub(super) fn put_messages(&mut self, messages: impl IntoIterator<Item = StoredMessage>) {
        for message in messages {
            self.record.writer.put_message(&message);
            self.messages.are_held = true;
        }
    }

    /// What is to be told of a drop, before it is stored.
    pub(super) fn tell_drop(&mut self, drop: &LinkDrop) {
        let Some(scribe) = &mut self.messages.scribe else { return };
        // It is in the record, and no drop of the line.
        if !self.ways.was_apart(drop.onset.midpoint()) {
            let messages = scribe.on_drop(drop, &self.now);
            self.put_messages(messages);
        }
    }

    /// Late answers gave a drop another key.
    pub(super) fn tell_moved(&mut self, before: Timestamp, drop: &LinkDrop) {
        if let Some(scribe) = &mut self.messages.scribe {
            scribe.on_moved(before, drop.key);
        }
        self.tell_drop(drop);
    }

    pub(super) fn tell_gap(&mut self, gap: &Gap) {
        if let Some(scribe) = &mut self.messages.scribe {
            scribe.on_gap(gap);
        }
    }

    pub(super) fn tell_gap_withdrawn(&mut self, from: Timestamp) {
        if let Some(scribe) = &mut self.messages.scribe {
            scribe.on_gap_withdrawn(from);
        }
    }

    pub(super) fn tell_modem(&mut self, account: &ModemAccount) {
        let scribe = self.messages.scribe.as_mut();
        let message = scribe.and_then(|scribe| scribe.on_modem(account, &self.now));
        self.put_messages(message);
    }

    /// A drop was none, before that is stored.
    pub(super) fn tell_withdrawn(&mut self, key: Timestamp) {
        let Some(scribe) = &mut self.messages.scribe else { return };
        let message = scribe.on_withdrawn(key, &self.now);
        self.put_messages(message);
    }

    /// What the second that is over has to tell.
    pub(super) fn tell_second(&mut self, status: &Status, now: &Reading) {
        let Some(scribe) = &mut self.messages.scribe else { return };
        let messages = scribe.second(status, now);
        self.put_messages(messages);
    }

    /// Whoever sends is told that there is something to send, once it is in the record.
    pub(super) fn post(&mut self, status: &Status, now: Reading) {
        if self.messages.are_held && !self.record.must_wait() {
            let result = self.record.writer.flush(now);
            if result.is_ok() {
                self.messages.committed();
            }
            self.check(result);
        }
        let are_posted = std::mem::take(&mut self.messages.are_posted);
        let posted = if are_posted { Posted::Something } else { Posted::Nothing };
        if let Some(courier) = &mut self.messages.courier {
            courier.second(status, &now, posted);
        }
    }

    #[cfg(test)]
    pub(in crate::daemon) fn present_status(&self) -> std::sync::Arc<Status> {
        std::sync::Arc::clone(self.present.lock().status().expect("a second has passed"))
    }

    /// Everything has other times: what was told of each drop is read again.
    pub(super) fn restore_messages(&mut self, drops: &[StoredDrop]) {
        let path = self.record.writer.path().to_owned();
        if let Some(scribe) = &mut self.messages.scribe {
            scribe.restore(&told_lately(&path, self.now.utc), drops);
            scribe.on_dated();
        }
    }
}
