//! Every rendering of a drawing, as an outline that a reviewer can read: what each panel is made of,
//! each text with its place, and sums of the whole, so that no change goes unseen.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::layout::TITLE;
use super::scenes::{in_language, one_drop};
use super::*;
use crate::render::bundle::manifest::hex;

fn sum(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

/// What a shape is, for counting.
fn kind(shape: &Shape) -> String {
    match shape {
        Shape::Box { fill, .. } => format!("box {fill:?}"),
        Shape::Hatched { .. } => "hatched".to_owned(),
        Shape::Line { colour, .. } => format!("line {colour:?}"),
        Shape::Area { fill, .. } => format!("area {fill:?}"),
        Shape::Text { .. } => "text".to_owned(),
    }
}

/// Panels by their titles: how many shapes of each kind, and the texts where they stand.
fn outline(drawing: &Drawing) -> String {
    let pen = &drawing.pen;
    let is_title = |s: &Shape| matches!(s, Shape::Text { set, .. } if *set == TITLE);
    let mut out = format!(
        "{} x {} pixels, SVG SHA-256 {}\n",
        pen.width,
        pen.height,
        sum(drawing.svg().unwrap().as_bytes())
    );
    for panel in pen.shapes.chunk_by(|_, next| !is_title(next)) {
        let mut counts = BTreeMap::<String, usize>::new();
        for shape in panel {
            *counts.entry(kind(shape)).or_default() += 1;
        }
        let counts: Vec<_> = counts.iter().map(|(kind, n)| format!("{n} {kind}")).collect();
        let _ = writeln!(out, "\n{}", counts.join(", "));
        for shape in panel {
            if let Shape::Text { x, baseline, align, set, text } = shape {
                let weight = if set.weight == pen::Weight::Bold { "bold" } else { "" };
                let _ = writeln!(out, "{x:>5} {baseline:>5} {align:?} {}{weight} {text}", set.size);
            }
        }
    }
    out
}

/// The streams of a PDF, pages and fonts, without what says which linkmon made it.
fn pdf_outline(drawing: &Drawing, paper: Paper) -> String {
    let pdf = drawing.pdf(paper).unwrap();
    assert_eq!(pdf, drawing.pdf(paper).unwrap(), "the same drawing gives the same bytes");
    let text: String = pdf.iter().map(|b| char::from(*b)).collect();
    let after = |name: &str, end: &[char]| {
        let from = text.find(name).map(|at| at + name.len()).unwrap();
        text[from..].split(end).next().unwrap().to_owned()
    };
    let mut all = Sha256::new();
    let streams = text.split("\nstream").skip(1).map(|s| s.split("endstream").next().unwrap());
    for stream in streams.filter(|stream| !stream.contains("xpacket")) {
        all.update(stream.as_bytes());
    }
    format!(
        "{paper:?}: {} page of [{}], {} fonts, language {}, streams SHA-256 {}\n",
        after("/Count ", &['/', '>', '\n', ' ']),
        after("/MediaBox[", &[']']),
        text.matches("/FontFile2").count(),
        after("/Lang(", &[')']),
        hex(&all.finalize())
    )
}

fn drawings() -> Vec<(String, Drawing)> {
    let all = reports();
    let of = |name: &str| all.iter().find(|(known, _)| *known == name).unwrap().1.clone();
    let detail = one_drop(Some(74.0), vec![Place::Access]);
    let mut out = Vec::new();
    for language in [Lang::En, Lang::Fr] {
        for name in ["week", "empty"] {
            let report = Report { language, ..of(name) };
            out.push((format!("{name}_{language:?}"), sheet(&report, Theme::Light).unwrap()));
        }
        let detail = in_language(detail.clone(), language);
        out.push((format!("drop_{language:?}"), drop_sheet(&detail, Theme::Light).unwrap()));
    }
    out
}

#[test]
fn a_week_an_empty_period_and_one_drop_as_drawings() {
    for (name, drawing) in drawings() {
        insta::assert_snapshot!(name, outline(&drawing));
    }
}

#[test]
fn a_week_an_empty_period_and_one_drop_as_pdf() {
    let papers = [Paper::A4, Paper::Letter];
    let sums = drawings().into_iter().flat_map(|(name, drawing)| {
        papers.map(|paper| format!("{name} {}", pdf_outline(&drawing, paper)))
    });
    insta::assert_snapshot!("pdf", sums.collect::<String>());
}

/// Pixels are those of the common processors of servers and desks; others round in another way.
#[test]
#[cfg(target_arch = "x86_64")]
fn a_week_an_empty_period_and_one_drop_as_pixels() {
    let mut sums = String::new();
    for (name, drawing) in drawings() {
        let pixels = pixels::pixels(&drawing);
        let (width, height, sum) = (pixels.width(), pixels.height(), sum(pixels.data()));
        let _ = writeln!(sums, "{name} {width} x {height}, SHA-256 {sum}");
    }
    insta::assert_snapshot!("png", sums);
}
