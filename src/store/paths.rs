//! The default paths of the database and the journal: the directories of systemd, else those of the
//! XDG base directory specification. Pure: the environment is passed in, nothing is created.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// The database if none is named: `$STATE_DIRECTORY/linkmon.db`, else
/// `$XDG_STATE_HOME/linkmon/linkmon.db`, else `$HOME/.local/state/linkmon/linkmon.db`, else
/// `linkmon.db` in the working directory.
pub fn default_path(env: &dyn Fn(&str) -> Option<OsString>) -> PathBuf {
    if let Some(directory) = first_of_list(env("STATE_DIRECTORY")) {
        return directory.join("linkmon.db");
    }
    if let Some(state) = absolute(env("XDG_STATE_HOME")) {
        return state.join("linkmon/linkmon.db");
    }
    match absolute(env("HOME")) {
        Some(home) => home.join(".local/state/linkmon/linkmon.db"),
        None => PathBuf::from("linkmon.db"),
    }
}

/// The directory of the journal: `$RUNTIME_DIRECTORY`, else `$XDG_RUNTIME_DIR/linkmon`, which
/// [`Writer::open`](super::Writer::open) makes with mode 0700; `None`: the journal is next to the
/// database.
pub fn runtime_dir(env: &dyn Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    first_of_list(env("RUNTIME_DIRECTORY"))
        .or_else(|| absolute(env("XDG_RUNTIME_DIR")).map(|d| d.join("linkmon")))
}

/// systemd gives several directories as a list with colons; the first is the unit's own.
fn first_of_list(value: Option<OsString>) -> Option<PathBuf> {
    let value = value?;
    let first = value.as_bytes().split(|&b| b == b':').next()?;
    absolute(Some(std::ffi::OsStr::from_bytes(first).to_owned()))
}

/// Relative paths in these variables are invalid and ignored (XDG base directory specification).
fn absolute(value: Option<OsString>) -> Option<PathBuf> {
    value.map(PathBuf::from).filter(|path: &PathBuf| Path::is_absolute(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env<'a>(
        pairs: &'a [(&'static str, &'static str)],
    ) -> impl Fn(&str) -> Option<OsString> + 'a {
        |name| pairs.iter().find(|(n, _)| *n == name).map(|(_, v)| OsString::from(v))
    }

    #[test]
    fn systemd_comes_before_xdg_before_home() {
        let home = ("HOME", "/home/a");
        let xdg = ("XDG_STATE_HOME", "/state");
        let unit = ("STATE_DIRECTORY", "/var/lib/linkmon:/var/lib/other");
        let path = |pairs: &[(&'static str, &'static str)]| default_path(&env(pairs));
        assert_eq!(path(&[home, xdg, unit]), Path::new("/var/lib/linkmon/linkmon.db"));
        assert_eq!(path(&[home, xdg]), Path::new("/state/linkmon/linkmon.db"));
        assert_eq!(path(&[home]), Path::new("/home/a/.local/state/linkmon/linkmon.db"));
        assert_eq!(path(&[]), Path::new("linkmon.db"));
    }

    #[test]
    fn empty_and_relative_variables_count_as_unset() {
        let pairs = [("STATE_DIRECTORY", ""), ("XDG_STATE_HOME", "state"), ("HOME", "/h")];
        assert_eq!(default_path(&env(&pairs)), Path::new("/h/.local/state/linkmon/linkmon.db"));
        assert_eq!(runtime_dir(&env(&[("XDG_RUNTIME_DIR", "")])), None);
    }

    #[test]
    fn the_runtime_directory_of_a_unit_comes_before_the_users() {
        let user = ("XDG_RUNTIME_DIR", "/run/user/1000");
        let unit = ("RUNTIME_DIRECTORY", "/run/linkmon");
        assert_eq!(runtime_dir(&env(&[user, unit])), Some(PathBuf::from("/run/linkmon")));
        assert_eq!(runtime_dir(&env(&[user])), Some(PathBuf::from("/run/user/1000/linkmon")));
        assert_eq!(runtime_dir(&env(&[])), None);
    }
}
