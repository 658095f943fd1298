//! Rules of style put into an SVG: the font, colours for a dark screen.

use base64::Engine as _;

use super::font::{FAMILY, REGULAR, SEMIBOLD};

/// Both weights of the font.
pub(super) fn fonts() -> String {
    let face = |weight: &str, data: &[u8]| {
        let data = base64::engine::general_purpose::STANDARD.encode(data);
        format!(
            "@font-face{{font-family:{FAMILY};font-weight:{weight};\
             src:url(data:font/ttf;base64,{data})}}"
        )
    };
    face("400", REGULAR) + &face("700", SEMIBOLD)
}

/// The drawing with both weights of the font in it, so that it looks the same everywhere.
pub(super) fn with_font(svg: &str) -> String {
    with_style(svg, &fonts())
}

/// The drawing with rules of style in it.
pub(super) fn with_style(svg: &str, style: &str) -> String {
    let Some(end) = svg.find("<svg").and_then(|at| Some(at + svg[at..].find('>')? + 1)) else {
        return svg.to_owned();
    };
    let (head, rest) = svg.split_at(end);
    format!("{head}\n<style>{style}</style>{rest}")
}
