//! The two routes of a plan: through the daemon's pipeline into a database, and through the judge
//! alone; and the record replayed.
