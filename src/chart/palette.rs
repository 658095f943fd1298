//! Colours by their meaning, on light and on dark paper, after Okabe and Ito: distinguishable
//! with any kind of colour vision, and by lightness alone.

use plotters::prelude::RGBColor;

use crate::text::words::word_enum;

word_enum! {
    /// The paper a drawing is on.
    pub enum Theme: "theme" = Light {
        /// Dark ink on white.
        Light = "light",
        /// Light ink on near black.
        Dark = "dark",
    }
}

/// The meaning of a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Tone {
    Paper,
    Ink,
    Soft,
    Rule,
    Day,
    Panel,
    /// Works, answers.
    Up,
    /// Does not work.
    Down,
    /// Ground of a panel while the link is down.
    PaleDown,
    /// Something wrong that is not a drop.
    Trouble,
    Line,
    Band,
    PaleBand,
    Second,
    Hatch,
    HatchGround,
}

impl Tone {
    const ALL: [Self; 16] = [
        Self::Paper,
        Self::Ink,
        Self::Soft,
        Self::Rule,
        Self::Day,
        Self::Panel,
        Self::Up,
        Self::Down,
        Self::PaleDown,
        Self::Trouble,
        Self::Line,
        Self::Band,
        Self::PaleBand,
        Self::Second,
        Self::Hatch,
        Self::HatchGround,
    ];

    /// The colour on this paper.
    pub(super) const fn on(self, theme: Theme) -> RGBColor {
        let (light, dark) = match self {
            Self::Paper => (0xff_ff_ff, 0x10_14_1a),
            Self::Ink => (0x18_1c_21, 0xec_f0_f4),
            Self::Soft => (0x54_5e_6a, 0xa6_b0_bc),
            Self::Rule => (0xde_e2_e7, 0x2c_34_3d),
            Self::Day => (0xc4_cb_d3, 0x4a_54_60),
            Self::Panel => (0xf5_f7_f9, 0x18_1d_25),
            Self::Up => (0x4a_94_c8, 0x35_6f_98),
            Self::Down => (0xa8_3a_00, 0xff_96_48),
            Self::PaleDown => (0xfa_e3_d2, 0x42_29_18),
            Self::Trouble => (0xe0_9a_00, 0xe8_c0_50),
            Self::Line => (0x00_4c_82, 0x9c_d4_fa),
            Self::Band => (0x7c_b2_d6, 0x35_6f_98),
            Self::PaleBand => (0xd2_e5_f2, 0x20_38_4c),
            Self::Second => (0x00_76_54, 0x58_d0_9c),
            Self::Hatch => (0x8a_92_9d, 0x72_7d_89),
            Self::HatchGround => (0xec_ef_f3, 0x20_26_2e),
        };
        let rgb: u32 = match theme {
            Theme::Light => light,
            Theme::Dark => dark,
        };
        let [_, r, g, b] = rgb.to_be_bytes();
        RGBColor(r, g, b)
    }
}

/// Rules by which a screen that its reader has set to dark shows a drawing on light paper in the
/// colours of dark paper; paper stays white.
pub(super) fn dark_on_dark_screens() -> String {
    let hex = |RGBColor(r, g, b)| format!("#{r:02X}{g:02X}{b:02X}");
    let rules: String = Tone::ALL
        .into_iter()
        .map(|tone| (hex(tone.on(Theme::Light)), hex(tone.on(Theme::Dark))))
        .flat_map(|(light, dark)| {
            ["fill", "stroke"].map(|name| format!("svg [{name}=\"{light}\"]{{{name}:{dark}}}\n"))
        })
        .collect();
    format!("@media screen and (prefers-color-scheme: dark) {{\n{rules}}}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_tones_of_light_paper_are_of_one_colour() {
        let mut colours =
            Tone::ALL.map(|tone| tone.on(Theme::Light)).map(|RGBColor(r, g, b)| (r, g, b));
        colours.sort_unstable();
        assert!(colours.windows(2).all(|pair| pair[0] != pair[1]));
    }

    /// Relative luminance of WCAG 2.2.
    fn luminance(tone: Tone, theme: Theme) -> f64 {
        let RGBColor(r, g, b) = tone.on(theme);
        let [r, g, b] = [r, g, b].map(|c| {
            let c = f64::from(c) / 255.0;
            if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    /// Lightness of CIE L*a*b*, 0 to 100.
    fn lightness(tone: Tone, theme: Theme) -> f64 {
        116.0 * luminance(tone, theme).cbrt() - 16.0
    }

    #[test]
    fn states_differ_in_lightness_and_so_in_grey() {
        for theme in [Theme::Light, Theme::Dark] {
            for (a, b) in [
                (Tone::Up, Tone::Down),
                (Tone::Up, Tone::Panel),
                (Tone::Down, Tone::Panel),
                (Tone::Down, Tone::PaleDown),
                (Tone::Down, Tone::Hatch),
                (Tone::Down, Tone::HatchGround),
                (Tone::Hatch, Tone::HatchGround),
                (Tone::Trouble, Tone::Panel),
                (Tone::Line, Tone::Band),
                (Tone::Band, Tone::PaleBand),
            ] {
                let apart = (lightness(a, theme) - lightness(b, theme)).abs();
                assert!(apart > 11.0, "{a:?} and {b:?} in {theme:?}: {apart:.1}");
            }
            let apart = (lightness(Tone::Up, theme) - lightness(Tone::Down, theme)).abs();
            assert!(apart > 18.0, "{theme:?}: {apart:.1}");
        }
    }

    fn contrast(a: Tone, b: Tone, theme: Theme) -> f64 {
        let (a, b) = (luminance(a, theme), luminance(b, theme));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn what_works_and_what_is_down_stand_out_from_their_ground_as_graphics_have_to() {
        // WCAG 2.2, 1.4.11: 3 to 1.
        for theme in [Theme::Light, Theme::Dark] {
            for tone in [Tone::Up, Tone::Down, Tone::Line, Tone::Second] {
                for ground in [Tone::Paper, Tone::Panel] {
                    let contrast = contrast(tone, ground, theme);
                    assert!(contrast >= 3.0, "{tone:?} on {ground:?}, {theme:?}: {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn text_is_legible_on_every_background_it_has() {
        for theme in [Theme::Light, Theme::Dark] {
            for ink in [Tone::Ink, Tone::Soft] {
                for ground in [Tone::Paper, Tone::Panel, Tone::PaleDown] {
                    let contrast = contrast(ink, ground, theme);
                    assert!(contrast >= 4.5, "{ink:?} on {ground:?}: {contrast:.2}");
                }
            }
        }
    }

    /// As people without one kind of cones see it (Viénot, Brettel and Mollon 1999), in linear RGB.
    fn seen(tone: Tone, theme: Theme, matrix: [[f64; 3]; 3]) -> [f64; 3] {
        let RGBColor(r, g, b) = tone.on(theme);
        let linear = [r, g, b].map(|c| (f64::from(c) / 255.0).powf(2.2));
        matrix.map(|row| row.iter().zip(linear).map(|(m, c)| m * c).sum())
    }

    #[test]
    fn up_down_and_trouble_differ_for_every_kind_of_colour_vision() {
        let protan = [[0.112_38, 0.887_62, 0.0], [0.112_38, 0.887_62, 0.0], [0.004, -0.004, 1.0]];
        let deutan =
            [[0.292_75, 0.707_25, 0.0], [0.292_75, 0.707_25, 0.0], [-0.022_3, 0.022_3, 1.0]];
        for theme in [Theme::Light, Theme::Dark] {
            for matrix in [protan, deutan] {
                for (a, b) in [
                    (Tone::Up, Tone::Down),
                    (Tone::Up, Tone::Trouble),
                    (Tone::Down, Tone::Trouble),
                    (Tone::Down, Tone::Ink),
                ] {
                    let (x, y) = (seen(a, theme, matrix), seen(b, theme, matrix));
                    let apart: f64 = x.iter().zip(y).map(|(p, q)| (p - q).abs()).sum();
                    assert!(apart > 0.15, "{a:?} and {b:?} in {theme:?}: {apart:.2}");
                }
            }
        }
    }
}
