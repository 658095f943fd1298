//! What each yardstick is, in words: name, measure, threshold, source, doubt. No arithmetic.

use super::figure::Yardstick;

const NOTHING: Yardstick = Yardstick {
    key: "",
    name: "",
    measures: "",
    figure: None,
    silent: None,
    between: None,
    threshold: None,
    verdict: None,
    source: "",
    uncertain: "",
};

pub(super) const AVAILABLE: Yardstick = Yardstick {
    key: "available",
    name: "Available, by time",
    measures: "share of the watched time outside drops of 5 s or more",
    source: "linkmon",
    uncertain: "the edges of each drop, hence the bounds; blips under 5 s do not count",
    ..NOTHING
};

pub(super) const ERRORED: Yardstick = Yardstick {
    key: "g826-unavailable",
    name: "G.826-style unavailable seconds",
    measures: "seconds in unavailable time: it starts with 10 severely errored seconds in a row and ends with 10 other seconds in a row; severely errored: at least half of the anchor probes of the second lost",
    source: "ITU-T G.826, from secondary sources",
    uncertain: "G.826 counts block errors in one direction, linkmon counts lost round trips; up to 2 s without a probe are skipped; after more, counting starts again in available time",
    ..NOTHING
};

pub(super) const SEVERELY: Yardstick = Yardstick {
    key: "g826-severely-errored",
    name: "G.826-style severely errored s",
    measures: "severely errored seconds in available time: at least half of the anchor probes of the second lost, and not in unavailable time",
    ..ERRORED
};

const PIU_DOUBT: &str = "c1 and Tav are from memory, the text of Y.1540 was not checked; round trips; an interval is judged if it has at least 20 probes over half of its length";

pub(super) const OLD: (Yardstick, u64) = (
    Yardstick {
        key: "y1540-5min-75",
        name: "Y.1540-style PIU, > 75 % in 5 min",
        measures: "share of 5-min intervals with loss above 75 %",
        source: "ITU-T Y.1540, parameters of earlier editions",
        uncertain: PIU_DOUBT,
        ..NOTHING
    },
    300,
);

pub(super) const NEW: (Yardstick, u64) = (
    Yardstick {
        key: "y1540-1min-20",
        name: "Y.1540-style PIU, > 20 % in 1 min",
        measures: "share of 1-min intervals with loss above 20 %",
        source: "ITU-T Y.1540, parameters of the current edition",
        uncertain: PIU_DOUBT,
        ..NOTHING
    },
    60,
);

pub(super) const ACCC: Yardstick = Yardstick {
    key: "accc-outages",
    name: "ACCC outages > 30 s a day",
    measures: "outages of more than 30 s a day, 00-06 h local left out, per 18 h watched",
    source: "ACCC broadband measurement, as reported by the press (2019: most ISPs below 0.5)",
    uncertain: "the edges of a drop near 30 s, hence the bounds; by the hour of the onset; no figure where the probes are too far apart to show 30 s, or less than 18 h were watched",
    ..NOTHING
};

pub(super) const NBN: Yardstick = Yardstick {
    key: "nbn-dropouts",
    name: "nbn days of 4 dropouts or more",
    measures: "local days on which at least 4 drops began",
    threshold: Some("4 to 9 dropouts on a calendar day are a performance incident"),
    source: "nbn HFC service levels, as reported by the press (2022)",
    uncertain: "nbn sees the modem, linkmon the uplink; area outages and planned work cannot be distinguished; a day watched only in part counts only if it has that many; no verdict where probes are so far apart that dropouts are missed",
    ..NOTHING
};

pub(super) const CRTC_ALL: Yardstick = Yardstick {
    key: "crtc-loss-all",
    name: "CRTC loss <= 0.25 %, all hours",
    measures: "loss of the anchor probes",
    threshold: Some("at most 0.25 %, in CRTC 2018-241 at peak"),
    source: "CRTC 2018-241",
    uncertain: "the path to public anchors goes beyond the ISP; all hours are for comparison",
    ..NOTHING
};

pub(super) const CRTC_PEAK: Yardstick = Yardstick {
    key: "crtc-loss-peak",
    name: "CRTC loss <= 0.25 %, peak",
    measures: "loss of the anchor probes on weekdays 19-23 h local",
    threshold: Some("at most 0.25 %"),
    uncertain: "the path to public anchors goes beyond the ISP; holidays are not known",
    ..CRTC_ALL
};

pub(super) const CRTC_RTT: Yardstick = Yardstick {
    key: "crtc-rtt-peak",
    name: "CRTC RTT <= 50 ms, peak",
    measures: "share of the answers of the anchors within 50 ms on weekdays 19-23 h local",
    threshold: Some("median at most 50 ms, that is half of the answers"),
    uncertain: "which statistic is meant was not checked; the median is used; the path goes beyond the ISP",
    ..CRTC_ALL
};

pub(super) const FCC: Yardstick = Yardstick {
    key: "fcc-loss-peak",
    name: "FCC/SamKnows loss at peak, 2 s",
    measures: "loss of the anchor probes on weekdays 19-23 h local, answers after 2 s counted as lost",
    threshold: Some("classes < 0.4 %, 0.4 to 1 %, > 1 %; for reference"),
    source: "FCC Measuring Broadband America; SamKnows waits 2 s",
    uncertain: "SamKnows probes while the line is idle, with UDP to servers near the ISP; linkmon probes all the time",
    ..NOTHING
};

pub(super) const TKG: Yardstick = Yardstick {
    key: "tkg-58",
    name: "TKG 58: total loss > 2 days",
    measures: "the longest drop; compensation is for a complete outage not repaired within 2 calendar days",
    threshold: Some("beyond the end of the 2nd calendar day after the report of the fault"),
    source: "Germany, TKG section 58",
    uncertain: "the clock starts at the report of the fault, here taken at the onset; flapping does not count",
    ..NOTHING
};

pub(super) const OFCOM: Yardstick = Yardstick {
    key: "ofcom-compensation",
    name: "Ofcom: total loss > 2 workdays",
    measures: "the longest drop; compensation is for a total loss not repaired within 2 working days",
    threshold: Some("beyond the end of the 2nd working day after the report of the fault"),
    source: "UK, Ofcom automatic compensation",
    uncertain: "the clock starts at the report of the fault, here taken at the onset; flapping does not count; holidays are not known",
    ..NOTHING
};
