//! Reading tables whose key begins with a time around pages that are damaged.

use crate::store::unread::{UnreadTally, is_of_page};

/// The first key after `bad` from which on something can be read, up to `last`; the one after `last`
/// where nothing can. Pages hold neighbouring keys: it is looked for near first.
pub(super) fn next_readable(
    bad: i64,
    last: i64,
    mut can: impl FnMut(i64) -> rusqlite::Result<()>,
) -> i64 {
    let (mut before, mut step) = (bad, 1_i64);
    let mut good = loop {
        let at = bad.saturating_add(step);
        if at > last {
            break last.saturating_add(1);
        }
        if can(at).is_ok() {
            break at;
        }
        before = at;
        step = step.saturating_mul(2);
    };
    while good - before > 1 {
        let middle = before + (good - before) / 2;
        if can(middle).is_ok() {
            good = middle;
        } else {
            before = middle;
        }
    }
    good
}

/// What `read` reads between two keys, in halves where a page between them is damaged; a single key
/// that cannot be read is counted.
///
/// # Errors
/// Those of `read` that are not of a page.
pub(super) fn in_pieces<T>(
    table: &'static str,
    (first, last): (i64, i64),
    unread: &UnreadTally,
    read: &dyn Fn((i64, i64)) -> rusqlite::Result<Vec<T>>,
) -> rusqlite::Result<Vec<T>> {
    match read((first, last)) {
        Err(e) if is_of_page(&e) && first < last => {
            // Halves of all the time there is would take a while to come near.
            let middle = first.midpoint(last);
            let mut all = in_pieces(table, (first, middle), unread, read)?;
            all.extend(in_pieces(table, (middle + 1, last), unread, read)?);
            Ok(all)
        }
        Err(e) if is_of_page(&e) => {
            unread.page(table, first, &e.to_string());
            Ok(Vec::new())
        }
        other => other,
    }
}
