//! Which impairments were told of, so that each is told once when it begins and once when it is
//! over, also across a restart.

use std::collections::BTreeMap;

use crate::live::{Notice, Over};
use crate::time::Timestamp;
use crate::vocabulary::{Impairment, TargetId};

type Identity = (Timestamp, &'static str, Option<TargetId>);

/// What was told of which impairment.
#[derive(Debug, Default)]
pub(super) struct Told(BTreeMap<Identity, Over>);

impl Told {
    /// Those that were stored before were told by the daemon of that time.
    pub(super) fn of(stored: &[Impairment]) -> Self {
        Self(stored.iter().map(|i| (i.identity(), over(i))).collect())
    }

    /// What is to be said of it now; nothing when it only grew. One that goes on after its end was
    /// told is told again when it is over.
    pub(super) fn news(
        &mut self,
        impairment: &Impairment,
        now: Timestamp,
        name: &dyn Fn(TargetId) -> String,
    ) -> Option<Notice> {
        let over = over(impairment);
        let told = self.0.insert(impairment.identity(), over);
        (told != Some(over)).then(|| Notice::Impairment {
            impairment: Box::new(impairment.clone()),
            target: impairment.target.map(name),
            at: now,
        })
    }

    /// Forgets those that were over long before `oldest`.
    pub(super) fn forget(&mut self, oldest: Timestamp) {
        self.0.retain(|(key, _, _), over| *over == Over::No || *key >= oldest);
    }
}

fn over(impairment: &Impairment) -> Over {
    if impairment.end.is_some() { Over::Yes } else { Over::No }
}
