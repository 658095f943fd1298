//! Saved pages with what names a person or a device masked.

use std::path::Path;

use anyhow::Context as _;

use crate::cli::failure::say;
use crate::cli::output::write_file;
use crate::modem::{ModemPage, masked_page};

/// Writes the pages into the directory, and says what was masked in each.
pub(super) fn save(directory: &Path, pages: &[ModemPage]) -> anyhow::Result<()> {
    std::fs::create_dir_all(directory).with_context(|| format!("make {}", directory.display()))?;
    let mut taken: Vec<String> = Vec::new();
    for page in pages {
        let name = free_name(&page.path, &taken);
        let masked = masked_page(&page.body);
        write_file(&directory.join(&name), &masked.body)?;
        let what: Vec<String> =
            masked.counts().map(|(what, count)| format!("{what} ({count})")).collect();
        let what = if what.is_empty() { "nothing".to_owned() } else { what.join(", ") };
        say(&format!("saved {name}: masked {what}"));
        taken.push(name);
    }
    say(&format!(
        "look through {} before you send it: linkmon may not know all that names you",
        directory.display()
    ));
    Ok(())
}

/// A file's name for the page: of its path only what is safe, and none twice.
fn free_name(path: &str, taken: &[String]) -> String {
    let is_safe = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let name: String = path.chars().map(|c| if is_safe(&c) { c } else { '_' }).collect();
    let name = name.trim_start_matches(['.', '_']).to_owned();
    let name = if name.is_empty() { "page".to_owned() } else { name };
    let mut free = name.clone();
    let mut number = 2;
    while taken.contains(&free) {
        free = format!("{number}-{name}");
        number += 1;
    }
    free
}
