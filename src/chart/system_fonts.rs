//! Fonts of this computer, for letters that the built-in font lacks. Of each file only the table of its
//! characters is read until one of its letters is needed.

use std::collections::HashMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use ttf_parser::{Face, GlyphId, cmap};

/// Bounds, so that no odd directory or file takes long.
const FILES: usize = 4_000;
const DEPTH: usize = 6;
const LARGEST: u64 = 64 << 20;
const CHARACTERS: u32 = 8 << 20;

/// A font that letters are taken from.
#[derive(Debug)]
pub(super) struct SystemFont(pub(super) Face<'static>);

/// A letter of such a font.
#[derive(Debug, Clone, Copy)]
pub(super) struct SystemGlyph {
    pub(super) font: &'static SystemFont,
    pub(super) id: GlyphId,
}

impl SystemGlyph {
    /// How far to the next, in units of a font that has `units_per_em` of them.
    #[allow(clippy::cast_possible_truncation, reason = "units of a font")]
    pub(super) fn advance(self, units_per_em: f32) -> i32 {
        let own = f32::from(self.font.0.glyph_hor_advance(self.id).unwrap_or_default());
        (own * self.scale(units_per_em)).round() as i32
    }

    /// From units of its font to those of another.
    pub(super) fn scale(self, units_per_em: f32) -> f32 {
        units_per_em / f32::from(self.font.0.units_per_em().max(1))
    }
}

impl PartialEq for SystemGlyph {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.font, other.font) && self.id == other.id
    }
}

impl Eq for SystemGlyph {}

/// A face in a file, and which characters it has.
struct FaceFile {
    path: PathBuf,
    index: u32,
    /// Its table `cmap`.
    characters: Vec<u8>,
}

impl FaceFile {
    fn glyph(&self, c: char) -> Option<GlyphId> {
        let table = cmap::Table::parse(&self.characters)?;
        let unicode = table.subtables.into_iter().filter(cmap::Subtable::is_unicode);
        unicode.filter_map(|subtable| subtable.glyph_index(c.into())).find(|id| id.0 != 0)
    }

    /// The whole font, kept until the end: a few at most are ever needed.
    fn load(&self) -> Option<&'static SystemFont> {
        let file = File::open(&self.path).ok()?;
        let mut data = Vec::new();
        file.take(LARGEST).read_to_end(&mut data).ok()?;
        let face = Face::parse(data.leak(), self.index).ok()?;
        Some(Box::leak(Box::new(SystemFont(face))))
    }
}

/// What was found out so far.
#[derive(Default)]
struct SystemFonts {
    faces: Vec<FaceFile>,
    loaded: HashMap<usize, Option<&'static SystemFont>>,
    known: HashMap<char, Option<SystemGlyph>>,
}

static FONTS: LazyLock<Mutex<SystemFonts>> =
    LazyLock::new(|| Mutex::new(SystemFonts::of(&directories())));

/// The letter in the first font of this computer that has it.
pub(super) fn glyph(c: char) -> Option<SystemGlyph> {
    FONTS.lock().unwrap_or_else(PoisonError::into_inner).glyph(c)
}

fn directories() -> Vec<PathBuf> {
    let home = std::env::var_os("HOME").map(PathBuf::from);
    let of_home = [".local/share/fonts", ".fonts", "Library/Fonts"];
    let of_all = [
        "/usr/share/fonts",
        "/usr/local/share/fonts",
        "/Library/Fonts",
        "/System/Library/Fonts",
        "C:\\Windows\\Fonts",
    ];
    let own = home.iter().flat_map(|home| of_home.map(|name| home.join(name)));
    of_all.into_iter().map(PathBuf::from).chain(own).collect()
}

impl SystemFonts {
    fn of(directories: &[PathBuf]) -> Self {
        let mut files = Vec::new();
        for directory in directories {
            collect(directory, DEPTH, &mut files);
        }
        files.sort_by_cached_key(|path| (oddness(path), path.clone()));
        let faces = files.iter().flat_map(|path| faces(path).unwrap_or_default()).collect();
        Self { faces, ..Self::default() }
    }

    fn glyph(&mut self, c: char) -> Option<SystemGlyph> {
        if let Some(known) = self.known.get(&c) {
            return *known;
        }
        let (faces, loaded) = (&self.faces, &mut self.loaded);
        let found = faces.iter().enumerate().find_map(|(n, face)| {
            let id = face.glyph(c)?;
            let font = (*loaded.entry(n).or_insert_with(|| face.load()))?;
            // A font of pictures has nothing to be drawn here.
            let is_drawn = c.is_whitespace() || font.0.glyph_bounding_box(id).is_some();
            is_drawn.then_some(SystemGlyph { font, id })
        });
        self.known.insert(c, found);
        found
    }
}

/// Upright and plain ones without serifs first.
fn oddness(path: &Path) -> usize {
    const ODD: [&str; 9] =
        ["bold", "italic", "oblique", "condensed", "mono", "serif", "light", "black", "thin"];
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    ODD.into_iter().filter(|odd| name.contains(odd)).count() + usize::from(!name.contains("sans"))
}

fn collect(directory: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(directory) else { return };
    for entry in entries.flatten() {
        if files.len() >= FILES {
            return;
        }
        let path = entry.path();
        let ending = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
        if ["ttf", "otf", "ttc", "otc"].contains(&ending.as_str()) {
            files.push(path);
        } else if depth > 0 && entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            collect(&path, depth - 1, files);
        }
    }
}

/// The faces of a file with the tables of their characters (OpenType, "Organization of an OpenType
/// font").
fn faces(path: &Path) -> std::io::Result<Vec<FaceFile>> {
    let mut file = File::open(path)?;
    let mut head = [0; 12];
    file.read_exact(&mut head)?;
    let mut starts = vec![0];
    if &head[..4] == b"ttcf" {
        let n = number(&head[8..]).min(64) as usize;
        let mut offsets = vec![0; 4 * n];
        file.read_exact(&mut offsets)?;
        starts = offsets.chunks_exact(4).map(number).collect();
    }
    let mut faces = Vec::new();
    for (index, start) in (0..).zip(starts) {
        if let Some(characters) = characters(&mut file, start)? {
            faces.push(FaceFile { path: path.to_owned(), index, characters });
        }
    }
    Ok(faces)
}

/// The table `cmap` of the face whose directory of tables is at `start`.
fn characters(file: &mut File, start: u32) -> std::io::Result<Option<Vec<u8>>> {
    file.seek(SeekFrom::Start(start.into()))?;
    let mut head = [0; 12];
    file.read_exact(&mut head)?;
    let tables = usize::from(u16::from_be_bytes([head[4], head[5]]));
    let mut records = vec![0; 16 * tables];
    file.read_exact(&mut records)?;
    let Some(record) = records.chunks_exact(16).find(|record| &record[..4] == b"cmap") else {
        return Ok(None);
    };
    let (offset, length) = (number(&record[8..]), number(&record[12..]));
    if length > CHARACTERS {
        return Ok(None);
    }
    file.seek(SeekFrom::Start(offset.into()))?;
    let mut table = vec![0; length as usize];
    file.read_exact(&mut table)?;
    Ok(Some(table))
}

/// The first four octets, the highest first.
fn number(octets: &[u8]) -> u32 {
    octets.iter().take(4).fold(0, |number, octet| number << 8 | u32::from(*octet))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTER: &[u8] = include_bytes!("fonts/Inter-Regular.ttf");

    #[test]
    fn letters_are_found_in_the_fonts_of_a_directory_and_files_that_are_none_are_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let inside = folder.path().join("truetype/odd");
        std::fs::create_dir_all(&inside).unwrap();
        std::fs::write(inside.join("a.ttf"), b"no font at all").unwrap();
        std::fs::write(inside.join("b.ttf"), &INTER[..400]).unwrap();
        std::fs::write(inside.join("c.ttf"), INTER).unwrap();
        std::fs::write(inside.join("empty.ttc"), b"").unwrap();
        let mut fonts = SystemFonts::of(&[folder.path().to_owned(), PathBuf::from("/nowhere")]);
        assert_eq!(fonts.faces.len(), 1);
        let found = fonts.glyph('Ж').unwrap();
        assert!(found.advance(2_000.0) > 0);
        assert_eq!(fonts.glyph('Ж'), Some(found), "it is known by then");
        assert_eq!(fonts.glyph('日'), None);
        assert_eq!(fonts.loaded.len(), 1);
    }
}
