use std::io::{Cursor, Read as _};
use std::time::Duration;

use proptest::prelude::*;
use zip::ZipArchive;

use super::verify::check;
use super::*;
use crate::report::synthetic::Scene;
use crate::vocabulary::Place;

fn scene() -> Scene {
    let mut scene = Scene::new("2026-11-01T03:00:00Z", 2 * 3_600);
    scene.interval = Duration::from_secs(20);
    scene.drops = vec![(3_000.0, Some(90.0), vec![Place::Access])];
    scene.notes = vec![(4_000.0, "=cmd|' /C calc'!A0, \"reset\"")];
    scene
}

fn packed(scene: &Scene, report: &Report, probes: PackedProbes) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let reader = Reader::open(&scene.import_into(folder.path())).unwrap();
    let renderings = [("report.txt", crate::render::text(report).into_bytes())];
    let mut out = Cursor::new(Vec::new());
    let bundle = Bundle { report, renderings: &renderings, probes };
    reader.at_once(|reader| bundle.write(reader, &mut out)).unwrap();
    out.into_inner()
}

fn bundle() -> Vec<u8> {
    let scene = scene();
    packed(&scene, &scene.report(), PackedProbes::All)
}

fn findings(bytes: &[u8]) -> Vec<String> {
    check(Cursor::new(bytes)).findings
}

/// All files with their contents, as far as they can be read.
fn contents(bytes: &[u8]) -> Option<Vec<(String, Vec<u8>)>> {
    let mut zip = ZipArchive::new(Cursor::new(bytes)).ok()?;
    (0..zip.len())
        .map(|i| {
            let mut file = zip.by_index(i).ok()?;
            let name = file.name().ok()?.into_owned();
            let mut content = Vec::new();
            file.read_to_end(&mut content).ok()?;
            Some((name, content))
        })
        .collect()
}

/// A zip of these files.
fn zip_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        zip.start_file(*name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// The bundle with its files changed.
fn with(change: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let mut files = contents(&bundle()).unwrap();
    change(&mut files);
    let files: Vec<_> = files.iter().map(|(n, c)| (n.as_str(), c.as_slice())).collect();
    zip_of(&files)
}

#[test]
fn a_bundle_is_as_it_was_packed_and_says_what_is_in_it() {
    let bytes = bundle();
    let checked = check(Cursor::new(&bytes));
    assert_eq!(checked.findings, Vec::<String>::new());
    let manifest = checked.manifest.unwrap();
    let names: Vec<_> = manifest.files.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "report.txt",
            "method.txt",
            "notes.csv",
            "drops.csv",
            "minutes.csv",
            "probes.csv",
            "chain.jsonl",
            "samples.bin",
            "verify.py",
            SUMS
        ]
    );
    assert_eq!((manifest.made, manifest.period), (scene().period.to, scene().period));
    let contents = contents(&bytes).unwrap();
    for (listed, (name, content)) in manifest.files.iter().zip(&contents) {
        assert_eq!((&listed.name, listed.bytes), (name, content.len() as u64));
        assert_eq!(listed.sha256, manifest::hex(&Sha256::digest(content)));
    }
    let text = |name: &str| {
        let (_, content) = contents.iter().find(|(n, _)| n == name).unwrap();
        String::from_utf8(content.clone()).unwrap()
    };
    assert_eq!(text("probes.csv").lines().count(), 1 + 2 * 180 * 6);
    assert_eq!(text("minutes.csv").lines().count(), 1 + 120 * 6);
    assert_eq!(text("drops.csv").lines().count(), 2);
    assert!(text("notes.csv").contains(",\"'=cmd|' /C calc'!A0, \"\"reset\"\"\","));
    assert!(text("method.txt").contains("sha256sum -c SHA256SUMS"));
    assert!(!text("method.txt").contains("modem/"), "it has no pages of a modem");
    assert!(text("method.txt").contains("notes.csv is what people noted.\n"));
    assert_eq!(text(SUMS).lines().count(), 9);
    assert!(text("verify.py").lines().count() <= 200);
}

#[test]
fn a_bundle_has_the_probes_about_its_drops_and_all_on_request() {
    let scene = scene();
    let bytes = packed(&scene, &scene.report(), PackedProbes::OfDrops);
    let checked = check(Cursor::new(&bytes));
    assert_eq!(checked.findings, Vec::<String>::new());
    let kept = checked.manifest.unwrap().kept.unwrap();
    assert_eq!((kept.spans.len(), kept.thinned.len()), (1, 0));
    let contents = contents(&bytes).unwrap();
    let content = |name: &str| &contents.iter().find(|(n, _)| n == name).unwrap().1;
    let probes = String::from_utf8(content("probes.csv").clone()).unwrap();
    // 90 s of silence between an answer before it and one after it, and 5 s on either side.
    let rows = probes.lines().count() - 1;
    assert!((6 * 5..=6 * 8).contains(&rows), "{probes}");
    assert_eq!(probes.matches(",cloudflare,anchor,lost,").count(), 5, "{probes}");
    assert!(!content("samples.bin").is_empty(), "the hour in which it began and ended");
    assert!(content("method.txt").starts_with(b"What is in this bundle"));
    let whole = check(Cursor::new(bundle())).manifest.unwrap();
    assert_eq!(whole.kept, None);
}

#[test]
fn the_same_record_and_report_give_the_same_bytes() {
    assert_eq!(bundle(), bundle());
}

#[test]
fn a_bundle_that_another_program_packed_again_is_still_whole() {
    let again = with(|_| {});
    assert_ne!(again, bundle());
    assert_eq!(findings(&again), Vec::<String>::new());
}

#[test]
fn what_was_changed_added_or_taken_away_is_found() {
    let changed = with(|files| files[3].1[40] ^= 1);
    let found = findings(&changed);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("drops.csv was changed: its SHA-256 is "), "{found:?}");
    let longer = with(|files| files[0].1.push(b'\n'));
    assert!(findings(&longer)[0].starts_with("report.txt has more than the "));
    let shorter = with(|files| {
        files[0].1.pop();
    });
    assert!(findings(&shorter)[0].starts_with("report.txt has "));
    let missing = with(|files| drop(files.remove(4)));
    assert_eq!(findings(&missing), ["minutes.csv is missing"]);
    let extra = with(|files| files.push(("extra.csv".to_owned(), vec![1])));
    assert_eq!(findings(&extra), ["extra.csv is not in the list"]);
    let headless = with(|files| drop(files.pop()));
    assert_eq!(
        findings(&headless),
        ["there is no manifest.json in it: it is not a linkmon bundle"]
    );
    let both = with(|files| {
        files[1].1.clear();
        files.remove(2);
    });
    assert_eq!(findings(&both).len(), 2, "each on a line of its own");
}

#[test]
fn a_list_that_is_not_one_is_reported() {
    let lists = |text: &str| {
        let text = text.as_bytes().to_vec();
        findings(&with(|files| files.last_mut().unwrap().1 = text))
    };
    assert!(lists("{}")[0].starts_with("manifest.json was not written by linkmon: missing field"));
    assert!(lists("")[0].starts_with("manifest.json was not written by linkmon: "));
    let later = with(|files| {
        let text = String::from_utf8(files.last().unwrap().1.clone()).unwrap();
        files.last_mut().unwrap().1 = text.replace("\"version\": 1", "\"version\": 9").into_bytes();
    });
    assert!(findings(&later)[0].contains("is of format \"linkmon-bundle\" 9"), "{later:?}");
    let twice = with(|files| {
        let text = String::from_utf8(files.last().unwrap().1.clone()).unwrap();
        files.last_mut().unwrap().1 = text.replace("minutes.csv", "drops.csv").into_bytes();
    });
    assert!(findings(&twice).iter().any(|f| f.contains("twice or under no proper name")));
}

#[test]
fn names_that_lead_out_of_a_folder_are_refused() {
    for name in ["../evil", "/etc/passwd", "a/b", "a\\b", "..", ".hidden", "a\u{1b}[2J", "C:evil"] {
        let found = findings(&with(|files| files.push((name.to_owned(), b"x".to_vec()))));
        assert!(found.iter().any(|f| f.contains("not a valid file name")), "{name:?} {found:?}");
        assert!(found.iter().all(|f| !f.contains('\u{1b}')), "{found:?}");
    }
}

#[test]
fn a_file_that_grows_without_end_is_not_read_further_than_listed() {
    // A thousand times as large unpacked as packed, and its size listed as small.
    let bomb = with(|files| files[5].1 = vec![0; 64 << 20]);
    assert!(bomb.len() < 1 << 20);
    let found = findings(&bomb);
    assert!(found[0].starts_with("probes.csv has more than the "), "{found:?}");
    let manifest = with(|files| files.last_mut().unwrap().1 = vec![b' '; 64 << 20]);
    assert_eq!(findings(&manifest), ["manifest.json is longer than that of any bundle"]);
    let names: Vec<String> = (0..1_001).map(|n| format!("f{n}")).collect();
    let many: Vec<(&str, &[u8])> = names.iter().map(|n| (n.as_str(), &b""[..])).collect();
    assert_eq!(findings(&zip_of(&many)), ["it has 1001 files, more than any bundle"]);
}

#[test]
fn links_are_no_files_of_a_bundle() {
    let files = contents(&bundle()).unwrap();
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in &files {
        if name == "notes.csv" {
            zip.add_symlink(name.as_str(), "/etc/passwd", SimpleFileOptions::default()).unwrap();
        } else {
            zip.start_file(name.as_str(), SimpleFileOptions::default()).unwrap();
            zip.write_all(content).unwrap();
        }
    }
    let found = findings(&zip.finish().unwrap().into_inner());
    assert!(found[0].ends_with("is a link or another special file"), "{found:?}");
    assert!(found.contains(&"notes.csv is missing".to_owned()), "{found:?}");
}

#[test]
fn a_list_of_more_bytes_than_the_bundle_can_hold_is_not_followed() {
    let bomb = with(|files| {
        let text = String::from_utf8(files.last().unwrap().1.clone()).unwrap();
        let (before, rest) = text.split_once("\"bytes\": ").unwrap();
        let rest = rest.split_once(',').unwrap().1;
        files.last_mut().unwrap().1 = format!("{before}\"bytes\": 99999999999,{rest}").into();
    });
    let found = findings(&bomb);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].ends_with(" bytes, more than fit into the bundle"), "{found:?}");
}

#[test]
fn after_a_fault_of_structure_nothing_is_summed() {
    let mut bytes = with(|files| {
        files.push(("dropz.csv".to_owned(), b"x".to_vec()));
        files[0].1.push(b'\n');
    });
    for place in
        (0..bytes.len() - 9).filter(|&i| &bytes[i..i + 9] == b"dropz.csv").collect::<Vec<_>>()
    {
        bytes[place + 4] = b's';
    }
    let found = findings(&bytes);
    assert!(found.contains(&"it has two files of the same name".to_owned()), "{found:?}");
    assert!(found.iter().all(|finding| !finding.starts_with("report.txt")), "{found:?}");
}

#[test]
fn two_files_of_one_name_are_found() {
    // As no writer makes it: the name of one is put over that of another, in both lists.
    let mut bytes = with(|files| files.push(("dropz.csv".to_owned(), b"x".to_vec())));
    let places: Vec<_> =
        (0..bytes.len() - 9).filter(|&i| &bytes[i..i + 9] == b"dropz.csv").collect();
    assert_eq!(places.len(), 2);
    for place in places {
        bytes[place + 4] = b's';
    }
    assert!(findings(&bytes).contains(&"it has two files of the same name".to_owned()));
}

#[test]
fn no_byte_of_a_file_can_be_changed_without_being_found() {
    let bytes = bundle();
    let whole = contents(&bytes).unwrap();
    // Every byte of the lists and a sample of the data.
    let directory = ZipArchive::new(Cursor::new(&bytes)).unwrap().central_directory_start();
    let directory = usize::try_from(directory).unwrap();
    let places = (0..directory).step_by(37).chain(directory..bytes.len());
    let mut found = 0;
    for place in places {
        let mut damaged = bytes.clone();
        damaged[place] ^= 1 << (place % 8);
        if findings(&damaged).is_empty() {
            assert_eq!(contents(&damaged).as_ref(), Some(&whole), "byte {place}");
        } else {
            found += 1;
        }
    }
    assert!(found > directory / 40, "most are: {found}");
}

#[test]
fn a_bundle_that_was_cut_off_is_found() {
    let bytes = bundle();
    for length in (0..bytes.len()).step_by(199).chain(bytes.len() - 30..bytes.len()) {
        assert!(!findings(&bytes[..length]).is_empty(), "{length} of {}", bytes.len());
    }
}

proptest! {
    #[test]
    fn no_file_causes_a_panic(
        mut bytes in prop::collection::vec(any::<u8>(), 0..400),
        like_a_zip in any::<bool>(),
    ) {
        if like_a_zip {
            let mut zip = zip_of(&[("manifest.json", b"{}")]);
            for (i, byte) in bytes.iter().enumerate().step_by(9) {
                let at = (i * 31 + usize::from(*byte)) % zip.len();
                zip[at] = *byte;
            }
            bytes = zip;
        }
        prop_assert!(!findings(&bytes).is_empty());
    }
}
