//! Drops a page at a time.

use super::Reader;
use crate::store::error::Error;
use crate::store::tables::link_drop;
use crate::time::TimeRange;
use crate::vocabulary::StoredDrop;

impl Reader {
    /// Of the drops that overlap `range` the newest `most` after the newest `skip`, in order, and
    /// whether there are older ones.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn newest_drops(
        &self,
        range: TimeRange,
        skip: usize,
        most: usize,
    ) -> Result<(Vec<StoredDrop>, bool), Error> {
        self.at_once(|reader| {
            let onset = |nth: usize| {
                reader.read(|s| {
                    link_drop::nth_newest(s.db, range, i64::try_from(nth).unwrap_or(i64::MAX))
                })
            };
            // Those at the edges are counted by their onset, which no two share.
            let to = match skip.checked_sub(1) {
                None => range.to,
                Some(last) => match onset(last)? {
                    Some(onset) => onset,
                    None => return Ok((Vec::new(), false)),
                },
            };
            let from = onset((skip + most).saturating_sub(1))?;
            let has_older = from.is_some() && onset(skip + most)?.is_some();
            let mut drops = reader.drops(TimeRange { to, ..range })?;
            drops.retain(|stored| from.is_none_or(|from| stored.drop.onset.earliest >= from));
            Ok((drops, has_older))
        })
    }
}
