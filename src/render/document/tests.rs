//! What every document keeps to.

use std::time::Duration;

use super::*;
use crate::config::Lang;
use crate::report::scenes::scenes;
use crate::report::synthetic::flapping_week;

#[test]
fn every_row_has_a_cell_for_each_column() {
    for report in scenes() {
        for language in Lang::ALL {
            let report = Report { language, ..report.clone() };
            for extent in [Extent::Whole, Extent::Forum] {
                for section in Document::build(&report, extent).sections {
                    for block in section.blocks {
                        let Block::Table(table) = block else { continue };
                        assert!(!table.rows.is_empty(), "{}", section.title);
                        let n = table.columns.len();
                        assert!(table.rows.iter().all(|row| row.len() == n), "{table:?}");
                    }
                }
            }
        }
    }
}

#[test]
fn every_drop_is_in_the_whole_document_and_a_forum_reads_how_many_are_left_out() {
    let report = flapping_week(Duration::from_secs(600)).report();
    let rows = |extent| {
        let document = Document::build(&report, extent);
        let section = document.sections.iter().find(|s| s.id == "drops").unwrap().clone();
        let Block::Table(table) = &section.blocks[0] else { panic!("{section:?}") };
        (table.rows.len(), section.blocks[1].clone())
    };
    assert_eq!(rows(Extent::Whole).0, report.drops.len());
    let (shown, rest) = rows(Extent::Forum);
    assert_eq!(shown, Extent::Forum.rows());
    let left_out = report.drops.len() - Extent::Forum.rows();
    assert_eq!(rest, Block::Text(format!("{left_out} more, not listed here")));
}

#[test]
fn an_open_drop_an_empty_period_and_a_single_minute_in_every_writing() {
    let [_, open, unwatched, hardly, one, _] = scenes().try_into().unwrap();
    let named = [("open", open), ("unwatched", unwatched), ("hardly", hardly), ("one", one)];
    for (name, report) in named {
        for language in Lang::ALL {
            let report = Report { language, ..report.clone() };
            let page = crate::render::html(&report, &[]);
            let body = &page[page.find("<body>").unwrap()..];
            let text = crate::render::text(&report);
            let all = [crate::render::markdown(&report), text, body.to_owned()];
            insta::assert_snapshot!(format!("{name}_{language:?}"), all.join("\n=====\n"));
        }
    }
}
