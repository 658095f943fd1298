//! The impairments found so far: each rule is an observer of its own and writes into the one
//! [`Ledger`].

use crate::vocabulary::Impairment;

/// The impairments of a record in the order they were declared, by number.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ledger {
    list: Vec<Impairment>,
    /// How many were taken out of the front of the list.
    taken: u64,
}

impl Ledger {
    /// Declares one; gives its number.
    pub(crate) fn declare(&mut self, impairment: Impairment) -> u64 {
        self.list.push(impairment);
        self.taken + self.list.len() as u64 - 1
    }
    /// The one with this number, unless it was forgotten.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut Impairment> {
        self.list.get_mut(usize::try_from(number.checked_sub(self.taken)?).ok()?)
    }
    pub(crate) fn list(&self) -> &[Impairment] {
        &self.list
    }
    pub(crate) fn taken(&self) -> u64 {
        self.taken
    }
    /// Removes those at the front that are over.
    pub(crate) fn forget(&mut self) {
        let over = self.list.iter().take_while(|i| i.end.is_some()).count();
        self.list.drain(..over);
        self.taken += over as u64;
    }
}
