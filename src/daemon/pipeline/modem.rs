//! When the modem is read, so that it does no harm; and what follows a reading.

use crate::daemon::modem::ModemQuestion;
use crate::live::Event;
use crate::modem::ModemPage;
use crate::time::Reading;
use crate::vocabulary::{LinkDrop, ModemAccount, ModemPageKept, ModemReadCause};

use super::Pipeline;

impl Pipeline<'_> {
    /// Whether the modem is to be read now, and why; asked once a second.
    pub(in crate::daemon) fn modem_due(&mut self, now: &Reading) -> Option<ModemQuestion> {
        self.modem.due(now)
    }

    /// Takes in a reading of the modem: stores it, then shows it.
    pub(crate) fn on_modem(
        &mut self,
        now: &Reading,
        mut account: ModemAccount,
        pages: Vec<ModemPage>,
    ) {
        let announced = self.modem.on_reading(now, &mut account);
        self.record.writer.put_modem(&account);
        self.tell_modem(&account);
        if account.cause != ModemReadCause::Scheduled && !pages.is_empty() {
            let at = account.at;
            let keep = |page: ModemPage| ModemPageKept { at, path: page.path, body: page.body };
            let pages: Vec<_> = pages.into_iter().map(keep).collect();
            let result = self.record.writer.put_modem_pages(&pages);
            self.check(result);
        }
        self.present.lock().on_modem(&account);
        self.announce_all(announced);
    }

    /// The modem is read at a drop and after it, unless drops follow readings.
    pub(super) fn modem_on_drop(&mut self, drop: &LinkDrop) {
        if let Some(stopped) = self.modem.on_drop(drop, &self.now) {
            self.record.writer.put_modem(&stopped.account);
            self.announce(&Event::ModemStopped(stopped.test));
        }
    }
}
