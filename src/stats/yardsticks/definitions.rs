//! What each yardstick is, in words: name, measure, threshold, source, doubt. No arithmetic.

use super::figure::Yardstick;

const NOTHING: Yardstick = Yardstick {
    country: None,
    key: "",
    name: "",
    measures: "",
    figure: None,
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

pub(super) const CRTC_ALL: Yardstick = Yardstick {
    country: Some("CA"),
    key: "crtc-loss-all",
    name: "CRTC loss <= 0.25 %, all hours",
    measures: "loss of the anchor probes",
    threshold: Some("at most 0.25 %, in CRTC 2018-241 at peak"),
    source: "Telecom Decision CRTC 2018-241, 2018-07-13: a round-trip latency of 50 ms and a packet loss of 0.25 %, both at peak times",
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
    uncertain: "the median is used, where the decision speaks of measurement at peak times; the path goes beyond the ISP",
    ..CRTC_ALL
};

pub(super) const FCC: Yardstick = Yardstick {
    country: Some("US"),
    key: "fcc-loss-peak",
    name: "FCC/SamKnows loss at peak, 2 s",
    measures: "loss of the anchor probes on weekdays 19-23 h local, answers after 2 s counted as lost",
    threshold: Some("classes < 0.4 %, 0.4 to 1 %, > 1 %; for reference"),
    source: "FCC, Ninth Measuring Broadband America Fixed Broadband Report, chart 8; what is not back within 2 s is lost by SamKnows' description of its test (samknows.com/tests/latency-loss-jitter)",
    uncertain: "SamKnows probes while the line is idle, with UDP to servers near the ISP; linkmon probes all the time",
    ..NOTHING
};

pub(super) const TKG: Yardstick = Yardstick {
    country: Some("DE"),
    key: "tkg-58",
    name: "TKG 58: total loss > 2 days",
    measures: "the longest drop; compensation is for a complete outage not repaired within 2 calendar days",
    threshold: Some("beyond the end of the 2nd calendar day after the report of the fault"),
    source: "Germany, TKG section 58 (3)",
    uncertain: "the clock starts at the report of the fault, here taken at the onset; flapping does not count",
    ..NOTHING
};
