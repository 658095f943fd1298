//! Which file is read, and reading it.

use std::io;
use std::path::{Path, PathBuf};

use super::{Config, Error};
use crate::sys::plain;

/// A configuration and where it came from.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// What it says.
    pub config: Config,
    /// The file; `None` if there is none and the defaults are used.
    pub file: Option<PathBuf>,
}

/// What the environment says about the locations of files.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `$LINKMON_CONFIG`.
    pub linkmon_config: Option<PathBuf>,
    /// `$XDG_CONFIG_HOME`.
    pub xdg_config_home: Option<PathBuf>,
    /// `$HOME`.
    pub home: Option<PathBuf>,
    /// The system's configuration, `/etc/linkmon/linkmon.toml`.
    pub system: PathBuf,
}

impl Surroundings {
    /// Those of this process; empty variables count as unset.
    pub fn of_this_process() -> Self {
        let path = |name| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        Self {
            linkmon_config: path("LINKMON_CONFIG"),
            // The XDG base directory specification has relative paths ignored.
            xdg_config_home: path("XDG_CONFIG_HOME").filter(|p| p.is_absolute()),
            home: path("HOME"),
            system: PathBuf::from("/etc/linkmon/linkmon.toml"),
        }
    }

    /// Candidate files: the first that exists is read.
    fn usual_locations(&self) -> Vec<PathBuf> {
        let user =
            self.xdg_config_home.clone().or_else(|| self.home.as_ref().map(|h| h.join(".config")));
        user.map(|dir| dir.join("linkmon/linkmon.toml"))
            .into_iter()
            .chain([self.system.clone()])
            .collect()
    }
}

/// Reads the first of: `given` (`--config`), `$LINKMON_CONFIG`,
/// `$XDG_CONFIG_HOME/linkmon/linkmon.toml` (or `~/.config/…`), `/etc/linkmon/linkmon.toml`. The
/// first two must exist; without any, the defaults apply.
///
/// # Errors
/// When the file cannot be read, or anything in it is wrong.
pub fn load(given: Option<&Path>, surroundings: &Surroundings) -> Result<Loaded, Error> {
    if let Some(path) = given.or(surroundings.linkmon_config.as_deref()) {
        let text = text_of(path).map_err(|source| Error::Read { path: path.into(), source })?;
        return parsed(&text, path.to_owned());
    }
    for path in surroundings.usual_locations() {
        match text_of(&path) {
            Ok(text) => return parsed(&text, path),
            Err(e) if is_absence(&e) => {}
            Err(source) => return Err(Error::Read { path, source }),
        }
    }
    Ok(Loaded { config: Config::default(), file: None })
}

fn parsed(text: &str, path: PathBuf) -> Result<Loaded, Error> {
    let config = Config::from_toml(text, &path.display().to_string())?;
    Ok(Loaded { config, file: Some(path) })
}

fn is_absence(e: &io::Error) -> bool {
    matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The whole file, unless it is too large to be a configuration.
fn text_of(path: &Path) -> io::Result<String> {
    let text = plain::read(path, 1 << 20)?;
    if text.starts_with(&[0xff, 0xfe]) || text.starts_with(&[0xfe, 0xff]) {
        return Err(io::Error::other("it is in UTF-16; save it as UTF-8"));
    }
    String::from_utf8(text).map_err(|_| io::Error::other("it is not in UTF-8"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    fn surroundings(root: &Path) -> Surroundings {
        Surroundings {
            linkmon_config: None,
            xdg_config_home: None,
            home: Some(root.join("home")),
            system: root.join("etc/linkmon.toml"),
        }
    }

    fn write(path: &Path, name: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, format!("[site]\nname = \"{name}\"\n")).unwrap();
    }

    fn name(given: Option<&Path>, s: &Surroundings) -> Option<String> {
        load(given, s).unwrap().config.site.name
    }

    #[test]
    fn the_nearest_file_wins_and_none_means_the_defaults() {
        let root = tempfile::tempdir().unwrap();
        let mut s = surroundings(root.path());
        assert_eq!(load(None, &s).unwrap(), Loaded { config: Config::default(), file: None });
        write(&s.system, "system");
        assert_eq!(name(None, &s).as_deref(), Some("system"));
        write(&root.path().join("home/.config/linkmon/linkmon.toml"), "home");
        assert_eq!(name(None, &s).as_deref(), Some("home"));
        s.xdg_config_home = Some(root.path().join("xdg"));
        write(&root.path().join("xdg/linkmon/linkmon.toml"), "xdg");
        assert_eq!(name(None, &s).as_deref(), Some("xdg"));
        let variable = root.path().join("variable.toml");
        write(&variable, "variable");
        s.linkmon_config = Some(variable);
        assert_eq!(name(None, &s).as_deref(), Some("variable"));
        let given = root.path().join("given.toml");
        write(&given, "given");
        assert_eq!(name(Some(&given), &s).as_deref(), Some("given"));
    }

    #[test]
    fn a_file_that_was_named_must_exist() {
        let root = tempfile::tempdir().unwrap();
        let s = surroundings(root.path());
        let missing = root.path().join("missing.toml");
        let error = load(Some(&missing), &s).unwrap_err();
        assert_eq!(error.to_string(), format!("read the configuration {}", missing.display()));
        assert!(load(Some(root.path()), &s).is_err(), "a directory");
    }
}
