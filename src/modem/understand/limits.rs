//! Which levels are in order: named profiles, each with its sources.

use crate::text::words::word_enum;
use crate::vocabulary::{ChannelKind, Downstream, Modulation, Upstream};

word_enum! {
    /// By which limits levels are judged.
    pub enum LevelProfile: "profile of levels" = Docsis {
        /// DOCSIS, with what makers of modems recommend.
        Docsis = "docsis",
        /// German cable networks: sheet 'Grenzwerte digital' of 2018-06-17, the figures of Vodafone.
        Germany = "germany",
    }
}

word_enum! {
    /// What a level is, by a profile.
    pub enum LevelWord: "word for a level" {
        /// In order.
        Good = "good",
        /// Tolerated.
        Fair = "fair",
        /// To be mended within a month, or near the limit.
        Poor = "poor",
        /// Beyond the limit: to be mended at once.
        Bad = "bad",
    }
}

impl LevelProfile {
    /// Where its figures are from.
    pub const fn sources(self) -> &'static [&'static str] {
        match self {
            Self::Docsis => &[
                "DOCSIS: received power of a 256-QAM and a 64-QAM channel -15 to +15 dBmV",
                "Netgear CM2000, its own page: received -10 to +10 dBmV, transmitted 30 to 55 dBmV",
                "ARRIS, questions on signal levels: MER at least 30 dB (256-QAM; 33 dB under -6 dBmV), \
                 23.5 dB (64-QAM); transmitted at most 57, 54 and 51 dBmV with 1, 2 and 3 or more channels",
                "CableLabs DOCS-PNM-MIB: MER that each order of modulation needs",
            ],
            Self::Germany => {
                &["Sheet \"Grenzwerte digital\", 2018-06-17, as in check_tc4400; the same \
                                figures in Vodafone pNTP 1.06"]
            }
        }
    }
}

/// The least MER in dB that each order of modulation needs (DOCS-PNM-MIB, defaults of
/// `docsPnmCmDsOfdmReqMer`, which are the minimum of the DOCSIS 3.1 PHY specification).
const NEEDS: [(u16, f64); 10] = [
    (16, 15.0),
    (64, 21.0),
    (128, 24.0),
    (256, 27.0),
    (512, 30.5),
    (1024, 34.0),
    (2048, 37.0),
    (4096, 41.0),
    (8192, 46.0),
    (16384, 52.0),
];

/// The highest order of modulation that an OFDM channel with this MER in dB carries; `None`: not even
/// 16-QAM.
pub fn carries_at_most(mer_db: f64) -> Option<u16> {
    NEEDS.iter().rev().find(|(_, needs)| mer_db >= *needs).map(|(order, _)| *order)
}

/// Classes of a level from the worst low to the worst high: below the first is bad, then poor, fair,
/// good, fair, poor, bad. Limits belong to the better side.
struct Band {
    low: [f64; 3],
    high: [f64; 3],
}

impl Band {
    fn word(&self, value: f64) -> LevelWord {
        let [bad, poor, fair] = self.low;
        let [above_good, above_fair, above_poor] = self.high;
        match value {
            v if v < bad || v > above_poor => LevelWord::Bad,
            v if v < poor || v > above_fair => LevelWord::Poor,
            v if v < fair || v > above_good => LevelWord::Fair,
            _ => LevelWord::Good,
        }
    }
}

const UNBOUNDED: [f64; 3] = [f64::INFINITY; 3];

fn received(profile: LevelProfile, order: u16) -> Option<Band> {
    Some(match (profile, order) {
        (LevelProfile::Docsis, _) => Band { low: [-15.0, -12.0, -10.0], high: [10.0, 12.0, 15.0] },
        (LevelProfile::Germany, 256) => Band { low: [-7.9, -5.9, -3.9], high: [13.0, 18.0, 20.0] },
        (LevelProfile::Germany, 64) => Band { low: [-13.9, -11.9, -9.9], high: [7.0, 12.0, 14.0] },
        (LevelProfile::Germany, _) => return None,
    })
}

fn mer(profile: LevelProfile, order: u16, power_dbmv: Option<f64>) -> Option<Band> {
    let low = match (profile, order) {
        // At least 33 dB under -6 dBmV, 30 dB above; 3 dB more are in order.
        (LevelProfile::Docsis, 256) if power_dbmv.is_some_and(|power| power < -6.0) => {
            [27.0, 33.0, 36.0]
        }
        (LevelProfile::Docsis, 256) => [27.0, 30.0, 33.0],
        (LevelProfile::Docsis, 64) => [21.0, 23.5, 26.5],
        (LevelProfile::Germany, 256) => [30.1, 32.1, 33.1],
        (LevelProfile::Germany, 64) => [24.1, 26.1, 27.1],
        _ => return None,
    };
    Some(Band { low, high: UNBOUNDED })
}

/// What power and MER of a downstream channel are; `None` where the profile has no limit for it, or the
/// level is not known. Limits of channels with one carrier are not those of OFDM channels, of which the
/// power is judged by DOCSIS alone, and the MER by [`carries_at_most`].
pub fn judge_downstream(
    profile: LevelProfile,
    channel: &Downstream,
) -> (Option<LevelWord>, Option<LevelWord>) {
    if channel.locked == Some(false) {
        return (None, None);
    }
    let power = channel.power_dbmv.filter(|level| level.is_finite());
    match (&channel.kind, &channel.modulation) {
        (Some(ChannelKind::Ofdm), _) => {
            let band = received(LevelProfile::Docsis, 0);
            (power.zip(band).map(|(power, band)| band.word(power)), None)
        }
        (kind, Some(Modulation::Qam(order))) if *kind != Some(ChannelKind::Ofdma) => {
            let by_mer = channel.mer_db.filter(|level| level.is_finite());
            (
                power.zip(received(profile, *order)).map(|(power, band)| band.word(power)),
                by_mer.zip(mer(profile, *order, power)).map(|(level, band)| band.word(level)),
            )
        }
        _ => (None, None),
    }
}

/// What the transmit power of an upstream channel is, one of `channels` that are locked; `None` where
/// it is not known, and of OFDMA channels, whose power is given per another width by each modem.
pub fn judge_upstream(
    profile: LevelProfile,
    channel: &Upstream,
    channels: usize,
) -> Option<LevelWord> {
    if channel.locked == Some(false) || channel.kind == Some(ChannelKind::Ofdma) {
        return None;
    }
    let power = channel.power_dbmv.filter(|level| level.is_finite())?;
    let band = match profile {
        LevelProfile::Docsis => {
            let most = match channels {
                0 | 1 => 57.0,
                2 => 54.0,
                _ => 51.0,
            };
            Band { low: [30.0, 33.0, 35.0], high: [most - 3.0, most - 1.0, most] }
        }
        LevelProfile::Germany => Band { low: [35.1, 37.1, 41.1], high: [47.0, 51.0, 53.0] },
    };
    Some(band.word(power))
}
