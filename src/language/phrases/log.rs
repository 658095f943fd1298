//! The log of the daemon, and room for the record.

/// Events, one line each.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct LogWords {
    pub(crate) started: &'static str,
    pub(crate) recovered: &'static str,
    pub(crate) target: &'static str,
    pub(crate) no_target: &'static str,
    pub(crate) up: &'static str,
    pub(crate) drop_began: &'static str,
    pub(crate) drop_ended: &'static str,
    pub(crate) drop_withdrawn: &'static str,
    /// A drop: from when to when, how long and within which bounds.
    pub(crate) drop_span: &'static str,
    pub(crate) witnesses: &'static str,
    pub(crate) none: &'static str,
    pub(crate) trouble: &'static str,
    pub(crate) trouble_over: &'static str,
    pub(crate) over: &'static str,
    pub(crate) gap: &'static str,
    pub(crate) clock_right: &'static str,
    pub(crate) clock_set: &'static str,
    pub(crate) storing_fails: &'static str,
    pub(crate) no_record: &'static str,
    pub(crate) damaged_rows: &'static str,
    pub(crate) rows: [&'static str; 2],
    pub(crate) damaged_places: [&'static str; 2],
    pub(crate) of_table: &'static str,
    pub(crate) unread: &'static str,
    pub(crate) put_aside: &'static str,
    pub(crate) put_back: &'static str,
    pub(crate) salvaged: &'static str,
    pub(crate) backed_up: &'static str,
    pub(crate) stamp_fails: &'static str,
    pub(crate) modem_fails: &'static str,
    pub(crate) modem_stopped: &'static str,
    pub(crate) backup_fails: &'static str,
    pub(crate) heartbeat_works: &'static str,
    pub(crate) heartbeat_fails: &'static str,
    pub(crate) report_fails: &'static str,
    pub(crate) home_works: &'static str,
    pub(crate) home_fails: &'static str,
    pub(crate) storing_works: &'static str,
    pub(crate) page: &'static str,
    pub(crate) page_open: &'static str,
    pub(crate) no_page: &'static str,
    pub(crate) stopped: &'static str,
    pub(crate) host: &'static str,
    /// Lost, found.
    pub(crate) carrier: [&'static str; 2],
    pub(crate) interface: [&'static str; 2],
    pub(crate) address: [&'static str; 2],
    /// With gateway and interface, interface alone, gateway alone, none.
    pub(crate) route: [&'static str; 4],
    pub(crate) slept: &'static str,
    pub(crate) clock_stepped: &'static str,
    /// Not, is.
    pub(crate) clock_synchronized: [&'static str; 2],
    pub(crate) dead_entry: &'static str,
    pub(crate) no_ping: &'static str,
}

/// Room for the record.
#[derive(Debug)]
#[allow(missing_docs, reason = "the names say it, the templates name what they take")]
pub(crate) struct RoomWords {
    pub(crate) disk_filling: &'static str,
    pub(crate) disk_full: &'static str,
    pub(crate) limit_near: &'static str,
    pub(crate) samples_older: &'static str,
    pub(crate) samples_oldest: &'static str,
    pub(crate) record: &'static str,
    pub(crate) disk: &'static str,
    pub(crate) used: &'static str,
    pub(crate) free_unknown: &'static str,
    pub(crate) free: &'static str,
    pub(crate) over_limit: &'static str,
    pub(crate) at_limit: &'static str,
    pub(crate) of_last: &'static str,
    pub(crate) less_a_day: &'static str,
    pub(crate) more_a_day: &'static str,
    pub(crate) not_growing: &'static str,
    /// Of the limit, of the disk.
    pub(crate) too_early: [&'static str; 2],
    pub(crate) not_in_sight: [&'static str; 2],
    pub(crate) about: [&'static str; 2],
    pub(crate) reached: [&'static str; 2],
    pub(crate) days: [&'static str; 2],
}
