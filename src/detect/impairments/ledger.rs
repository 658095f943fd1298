//! The impairments found so far: each rule is an observer of its own and writes into the one
//! [`Ledger`].

use crate::vocabulary::Impairment;

/// The impairments of a record in the order they were declared, by number.
pub(crate) type Ledger = NumberedList<Impairment>;

/// What was declared one after another, each with its number, without what was forgotten since. One that
/// never ends keeps none of those declared after it.
#[derive(Debug, Clone)]
pub(crate) struct NumberedList<T> {
    list: Vec<T>,
    /// The number of each, ascending.
    numbers: Vec<u64>,
    next: u64,
}

impl<T> Default for NumberedList<T> {
    fn default() -> Self {
        Self { list: Vec::new(), numbers: Vec::new(), next: 0 }
    }
}

impl<T> NumberedList<T> {
    /// Declares one; gives its number.
    pub(crate) fn declare(&mut self, one: T) -> u64 {
        let number = self.next;
        self.next += 1;
        self.list.push(one);
        self.numbers.push(number);
        number
    }

    /// The one with this number, unless it was forgotten.
    pub(crate) fn get_mut(&mut self, number: u64) -> Option<&mut T> {
        let at = self.numbers.binary_search(&number).ok()?;
        self.list.get_mut(at)
    }

    /// All that were not forgotten.
    pub(crate) fn list(&self) -> &[T] {
        &self.list
    }

    /// Their numbers.
    pub(crate) fn numbers(&self) -> &[u64] {
        &self.numbers
    }

    /// Removes those that are over.
    pub(crate) fn forget(&mut self, is_over: impl Fn(&T) -> bool) {
        let mut kept = self.list.iter().map(|one| !is_over(one)).collect::<Vec<_>>().into_iter();
        self.numbers.retain(|_| kept.next().unwrap_or(true));
        self.list.retain(|one| !is_over(one));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_that_never_ends_keeps_none_of_those_behind_it() {
        let mut list = NumberedList::default();
        let lasting = list.declare(true);
        for _ in 0..10_000 {
            let number = list.declare(false);
            assert!(list.get_mut(number).is_some());
            list.forget(|lasts| !lasts);
            assert_eq!((list.list(), list.numbers()), (&[true][..], &[lasting][..]));
            assert!(list.get_mut(number).is_none());
        }
        assert_eq!(list.declare(true), 10_001);
    }
}
