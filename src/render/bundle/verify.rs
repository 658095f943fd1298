//! Checks a bundle: every file of the manifest is there with its size and sum, and nothing else; then the
//! chain in it ([`recompute`](super::recompute)).
//!
//! The zip may come from anywhere. Nothing is unpacked or written; how much is read is bounded by
//! the manifest, and memory does not grow with it. Correct sums show that the files are those that
//! were packed together, no more: `docs/evidence.md`.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};

use zip::ZipArchive;

use super::manifest::{MANIFEST, Manifest};
use super::recompute::{RecomputedChain, recompute};
use super::sha256;

/// More files than any bundle has.
const MOST_FILES: usize = 1_000;
/// A bundle unpacks to at most this many times its length, and [`UNPACKED_LEAST`] on top: a dead line
/// packs 40 times, anything packed on purpose a thousand times.
const UNPACKED: u64 = 250;
const UNPACKED_LEAST: u64 = 64 << 20;
/// Longer than any manifest.
const LONGEST_MANIFEST: u64 = 4 << 20;

/// What a check has found.
#[derive(Debug, Default)]
pub struct Checked {
    /// What the bundle says about itself, as far as it could be read.
    pub manifest: Option<Manifest>,
    /// SHA-256 of the manifest, which identifies the whole bundle.
    pub manifest_sha256: Option<String>,
    /// What was recomputed of its chain; `None`: nothing, because of findings, or it carries none.
    pub chain: Option<RecomputedChain>,
    /// A sentence for each error; empty: everything is as it was packed.
    pub findings: Vec<String>,
}

/// Checks the bundle in `file`.
pub fn check(mut file: impl Read + Seek) -> Checked {
    let mut checked = Checked::default();
    let length = file.seek(SeekFrom::End(0)).unwrap_or(0);
    let mut zip = match ZipArchive::new(file) {
        Ok(zip) => zip,
        Err(e) => {
            checked.findings.push(format!("it is not a readable zip: {}", plain(&e)));
            return checked;
        }
    };
    if zip.len() > MOST_FILES {
        checked.findings.push(format!("it has {} files, more than any bundle", zip.len()));
        return checked;
    }
    structure(&mut zip, &mut checked.findings);
    if !checked.findings.is_empty() {
        // What one program reads of it another does not: no sum of it would mean anything.
        return checked;
    }
    let names = names(&mut zip, &mut checked.findings);
    match manifest(&mut zip) {
        Ok((manifest, sum)) => {
            let most = length.saturating_mul(UNPACKED).saturating_add(UNPACKED_LEAST);
            let bytes =
                manifest.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.bytes));
            if bytes > most {
                let finding =
                    format!("{MANIFEST} lists {bytes} bytes, more than fit into the bundle");
                checked.findings.push(finding);
                return checked;
            }
            compare(&mut zip, &names, &manifest, &mut checked.findings);
            if checked.findings.is_empty() {
                checked.chain = recompute(&mut zip, &manifest, &mut checked.findings);
            }
            checked.manifest = Some(manifest);
            checked.manifest_sha256 = Some(sum);
        }
        Err(finding) => checked.findings.push(finding),
    }
    checked
}

/// What makes one program see other files than another.
fn structure<R: Read + Seek>(zip: &mut ZipArchive<R>, findings: &mut Vec<String>) {
    if zip.has_duplicate_names() {
        findings.push("it has two files of the same name".to_owned());
    }
    match zip.has_overlapping_files() {
        Ok(false) => {}
        Ok(true) => findings.push("its files overlap each other".to_owned()),
        Err(e) => findings.push(format!("its files cannot be distinguished: {}", plain(&e))),
    }
    if let Err(e) = zip.validate_header_consistency() {
        findings.push(format!("its two lists of files disagree: {}", plain(&e)));
    }
}

/// The names of all files, without those that no bundle has.
fn names<R: Read + Seek>(zip: &mut ZipArchive<R>, findings: &mut Vec<String>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for i in 0..zip.len() {
        if let Ok(file) = zip.by_index_raw(i)
            && file.unix_mode().is_some_and(|mode| !matches!(mode & FILE_TYPE, 0 | PLAIN_FILE))
        {
            findings.push(format!("file {} is a link or another special file", i + 1));
            continue;
        }
        match zip.name_for_index(i) {
            Some(Ok(name)) if is_plain(&name) => {
                names.insert(name.into_owned());
            }
            Some(Ok(name)) => {
                findings.push(format!("{name:?} is not a valid file name in a bundle"));
            }
            Some(Err(_)) | None => findings.push(format!("file {} has no readable name", i + 1)),
        }
    }
    names
}

/// The bits of a mode that say what a file is, and those of a plain file (`S_IFMT`, `S_IFREG`).
const FILE_TYPE: u32 = 0o170_000;
const PLAIN_FILE: u32 = 0o100_000;

/// A bundle has no folders, and no name that could lead out of one.
fn is_plain(name: &str) -> bool {
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    !name.is_empty() && name.len() <= 100 && !name.starts_with('.') && name.chars().all(letters)
}

fn manifest<R: Read + Seek>(zip: &mut ZipArchive<R>) -> Result<(Manifest, String), String> {
    let file = zip.by_name(MANIFEST).map_err(|e| match e {
        zip::result::ZipError::FileNotFound => {
            format!("there is no {MANIFEST} in it: it is not a linkmon bundle")
        }
        e => format!("{MANIFEST} cannot be read: {}", plain(&e)),
    })?;
    let mut text = Vec::new();
    let read = file.take(LONGEST_MANIFEST + 1).read_to_end(&mut text);
    read.map_err(|e| format!("{MANIFEST} cannot be read: {}", plain(&e)))?;
    if text.len() as u64 > LONGEST_MANIFEST {
        return Err(format!("{MANIFEST} is longer than that of any bundle"));
    }
    let (sum, _) = sha256(&text[..]).map_err(|e| plain(&e))?;
    let manifest: Manifest = serde_json::from_slice(&text)
        .map_err(|e| format!("{MANIFEST} was not written by linkmon: {}", plain(&e)))?;
    if manifest.format != Manifest::FORMAT || manifest.version != Manifest::VERSION {
        return Err(format!(
            "{MANIFEST} is of format {:?} {}; this linkmon knows {:?} {}",
            manifest.format,
            manifest.version,
            Manifest::FORMAT,
            Manifest::VERSION
        ));
    }
    Ok((manifest, sum))
}

fn compare<R: Read + Seek>(
    zip: &mut ZipArchive<R>,
    names: &BTreeSet<String>,
    manifest: &Manifest,
    findings: &mut Vec<String>,
) {
    let mut listed = BTreeSet::from([MANIFEST]);
    for file in &manifest.files {
        let name = &file.name;
        if !is_plain(name) || !listed.insert(name) {
            findings.push(format!("{MANIFEST} lists {name:?}, twice or under no proper name"));
            continue;
        }
        if !names.contains(name) {
            findings.push(format!("{name} is missing"));
            continue;
        }
        // One byte over the limit shows that there are more.
        let content = zip.by_name(name).map_err(io::Error::from);
        let content = content.map(|content| content.take(file.bytes.saturating_add(1)));
        match content.and_then(sha256) {
            Err(e) => findings.push(format!("{name} cannot be read: {}", plain(&e))),
            Ok((_, bytes)) if bytes > file.bytes => {
                findings.push(format!("{name} has more than the {} bytes listed", file.bytes));
            }
            Ok((_, bytes)) if bytes < file.bytes => {
                findings.push(format!("{name} has {bytes} bytes, {} are listed", file.bytes));
            }
            Ok((sum, _)) if !sum.eq_ignore_ascii_case(&file.sha256) => {
                findings.push(format!("{name} was changed: its SHA-256 is {sum}"));
            }
            Ok(_) => {}
        }
    }
    for extra in names.iter().filter(|name| !listed.contains(name.as_str())) {
        findings.push(format!("{extra} is not in the list"));
    }
}

/// An error on one line, without what a hostile file may have put into it.
fn plain(error: &impl std::fmt::Display) -> String {
    let text = error.to_string();
    let clean: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    clean.chars().take(200).collect()
}
