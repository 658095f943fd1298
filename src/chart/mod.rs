//! A report drawn as one sheet, and one drop drawn probe by probe: SVG by `plotters`, pixels by
//! `tiny-skia`, PDF by `pdf-writer`, all with the font built into the binary.
//!
//! `model`, `places`, `smoke`, `calendar` and `bins` decide what is in which pixel column (pure,
//! no drawing), with the arithmetic of `columns`; `axis` decides where ticks are; `pen` records
//! shapes and text; `layout` has the constants of the page and `frame` what panels share; `sheet`,
//! `timeline`, `panels`, `days`, `spreads` and `tables` lay them out; `detail` draws one drop. The rule of the
//! model: per column the worst is drawn, a drop is at least two pixels wide, time that was not observed
//! is hatched, no line crosses a drop or a gap.

use crate::language;
use crate::prose;
use crate::report::{Detail, Report};

mod axis;
mod bins;
mod calendar;
mod columns;
mod days;
mod detail;
mod error;
mod font;
mod frame;
mod layout;
mod model;
mod palette;
mod panels;
mod pdf;
mod pen;
mod places;
mod raster;
mod script;
mod sheet;
mod smoke;
mod spreads;
mod svg;
mod system_fonts;
mod tables;
mod timeline;

#[cfg(test)]
mod tests;

pub use error::Error;
pub use palette::Theme;
pub use pdf::Paper;

/// A drawing on light or dark paper; every format has the same shapes.
#[derive(Debug)]
pub struct Drawing {
    pen: pen::Pen,
    theme: Theme,
    about: pdf::DocumentInfo,
}

impl Drawing {
    /// As PNG, 2,000 pixels wide.
    ///
    /// # Errors
    /// When it cannot be drawn; no report is known for which this happens.
    pub fn png(&self) -> Result<Vec<u8>, Error> {
        raster::png(&self.pen, self.theme)
    }

    /// As SVG; its text needs the font "Inter" or a similar one.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn svg(&self) -> Result<String, Error> {
        self.pen.svg(self.theme)
    }

    /// As SVG for a page that its reader may set to light or dark: a drawing on light paper is
    /// shown in the colours of dark paper on a dark screen. The font is that of [`page_fonts`].
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn svg_for_pages(&self) -> Result<String, Error> {
        let svg = self.svg()?;
        Ok(match self.theme {
            Theme::Light => svg::with_style(&svg, &palette::dark_on_dark_screens()),
            Theme::Dark => svg,
        })
    }

    /// As SVG with the font in it.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn svg_with_font(&self) -> Result<String, Error> {
        Ok(svg::with_font(&self.svg()?))
    }

    /// As a PDF of one page.
    ///
    /// # Errors
    /// When it cannot be drawn.
    pub fn pdf(&self, paper: Paper) -> Result<Vec<u8>, Error> {
        pdf::pdf(&self.pen, self.theme, paper, &self.about)
    }
}

/// Draws the sheet of a report.
///
/// # Errors
/// When the built-in font cannot be used.
pub fn sheet(report: &Report, theme: Theme) -> Result<Drawing, Error> {
    font::check()?;
    let about = about(report, prose::headline(report));
    Ok(Drawing { pen: sheet::draw(report), theme, about })
}

/// Draws what of the sheet a page has no words and tables for: a part with what happened over time,
/// and one with days and lengths where there are any. Each fits a printed page along with other things.
///
/// # Errors
/// When the built-in font cannot be used.
pub fn page_sheets(report: &Report, theme: Theme) -> Result<Vec<Drawing>, Error> {
    font::check()?;
    let drawn = sheet::parts(report).into_iter().flatten();
    Ok(drawn
        .map(|pen| Drawing { pen, theme, about: about(report, prose::headline(report)) })
        .collect())
}

/// The same of one drop.
///
/// # Errors
/// When the built-in font cannot be used.
pub fn drop_page_sheets(detail: &Detail, theme: Theme) -> Result<Vec<Drawing>, Error> {
    font::check()?;
    let about = about(&detail.report, detail::headline(detail));
    Ok(vec![Drawing { pen: detail::part(detail), theme, about }])
}

/// Rules of style with the font of drawings, for a page that has some in it.
pub fn page_fonts() -> String {
    svg::fonts()
}

/// Draws one drop, probe by probe.
///
/// # Errors
/// When the built-in font cannot be used.
pub fn drop_sheet(detail: &Detail, theme: Theme) -> Result<Drawing, Error> {
    font::check()?;
    let about = about(&detail.report, detail::headline(detail));
    Ok(Drawing { pen: detail::draw(detail), theme, about })
}

fn about(report: &Report, title: String) -> pdf::DocumentInfo {
    pdf::DocumentInfo { title, language: language::of(report.language).phrases().code }
}

/// The sheet on light paper as PNG, 2,000 pixels wide.
///
/// # Errors
/// When it cannot be drawn; no report is known for which this happens.
pub fn sheet_png(report: &Report) -> Result<Vec<u8>, Error> {
    sheet(report, Theme::Light)?.png()
}

/// The same sheet as SVG; its text needs the font "Inter" or a similar one.
///
/// # Errors
/// When it cannot be drawn.
pub fn sheet_svg(report: &Report) -> Result<String, Error> {
    sheet(report, Theme::Light)?.svg()
}
