//! RFC 3339 of many instants one after another: those of one minute share all but the seconds, so
//! that a date is reckoned once a minute.

use jiff::tz::TimeZone;

use super::Timestamp;

/// Writes instants in UTC or in a zone, with milliseconds: `2026-11-01T05:30:00.166Z`,
/// `2026-11-01T01:30:00.166-04:00`. An instant that no calendar has is `unix-ms:...`.
#[derive(Debug)]
pub struct MinuteText {
    /// `None`: UTC, with a `Z`.
    zone: Option<TimeZone>,
    minute: Option<i64>,
    /// What precedes and what follows the seconds; `None` in a minute in which that changes.
    around: Option<(String, String)>,
}

impl MinuteText {
    /// In UTC.
    pub fn utc() -> Self {
        Self { zone: None, minute: None, around: None }
    }

    /// In local time with its offset.
    pub fn local(zone: &TimeZone) -> Self {
        Self { zone: Some(zone.clone()), minute: None, around: None }
    }

    /// Appends an instant, cut to its millisecond.
    pub fn push(&mut self, at: Timestamp, out: &mut Vec<u8>) {
        let minute = at.minute();
        if self.minute != Some(minute) {
            self.minute = Some(minute);
            self.around = self.around(minute);
        }
        let Some((before, after)) = &self.around else {
            out.extend_from_slice(self.whole(at).as_bytes());
            return;
        };
        let ms = at.as_millis().rem_euclid(60_000);
        let digit = |n: i64| b'0' + u8::try_from(n % 10).unwrap_or_default();
        out.extend_from_slice(before.as_bytes());
        out.extend_from_slice(&[digit(ms / 10_000), digit(ms / 1_000), b'.']);
        out.extend_from_slice(&[digit(ms / 100), digit(ms / 10), digit(ms)]);
        out.extend_from_slice(after.as_bytes());
    }

    fn around(&self, minute: i64) -> Option<(String, String)> {
        let first = Timestamp::from_seconds(minute.checked_mul(60)?);
        let (first, last) = (self.whole(first), self.whole(first.plus_micros(59_999_000)));
        let (before, after) = (first.get(..17)?, first.get(23..)?);
        let is_between = first.get(17..23)? == "00.000" && last == format!("{before}59.999{after}");
        is_between.then(|| (before.to_owned(), after.to_owned()))
    }

    /// The instant on its own.
    fn whole(&self, at: Timestamp) -> String {
        match (&self.zone, jiff::Timestamp::from_millisecond(at.as_millis())) {
            (Some(zone), Ok(at)) => {
                at.to_zoned_datetime(zone.clone()).strftime("%Y-%m-%dT%H:%M:%S%.3f%:z").to_string()
            }
            _ => at.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(of: &mut MinuteText, at: Timestamp) -> String {
        let mut out = Vec::new();
        of.push(at, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn every_instant_is_as_on_its_own() {
        let zones = ["America/Toronto", "Europe/Amsterdam", "Asia/Kathmandu"];
        for zone in zones.map(|name| TimeZone::get(name).unwrap()) {
            let (mut utc, mut local) = (MinuteText::utc(), MinuteText::local(&zone));
            // A night in which clocks change, the year in which an offset of seconds ended, and the
            // ends of what there is.
            for from in
                [1_793_507_400_i64, -1_025_745_632, 0, -62_135_596_800, i64::MAX / 1_000_000]
            {
                for step in 0..400 {
                    let at = Timestamp::from_micros(
                        from.saturating_mul(1_000_000).saturating_add(step * 20_123_456),
                    );
                    assert_eq!(text(&mut utc, at), at.to_string());
                    assert_eq!(text(&mut local, at), MinuteText::local(&zone).whole(at));
                }
            }
        }
        let at = Timestamp::from_micros(1_793_509_200_166_999);
        let zone = TimeZone::get("America/Toronto").unwrap();
        assert_eq!(text(&mut MinuteText::local(&zone), at), "2026-11-01T01:00:00.166-04:00");
    }
}
