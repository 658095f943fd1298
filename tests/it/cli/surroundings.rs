//! What surrounds a command: zones that are none, and a record in the place of another.

use std::fs;

use super::home::Home;

#[test]
fn a_zone_that_is_a_pipe_or_has_no_end_is_said_and_hinders_nothing() {
    let home = Home::recorded();
    make_pipe(&home.path("fifo"));
    make_pipe(&home.path("zones/Europe/Paris"));
    let fifo = home.path("fifo");
    for (tz, said) in [
        (
            ":/dev/zero",
            "linkmon: /dev/zero is not the file of a time zone: it is larger than 262144 bytes: times are in UTC\n",
        ),
        (fifo.to_str().unwrap(), "it is a pipe, not a file: times are in UTC\n"),
        ("Europe/Paris", ""),
    ] {
        let mut command = home.command(&["--db", "a.db", "drops", "--since", "2023-02-07"]);
        command.env("TZ", tz).env("TZDIR", home.path("zones"));
        let output = command.output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && stderr.ends_with(said), "{tz}: {stderr}");
        let zone = if said.is_empty() { "Europe/Paris" } else { "UTC" };
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(stdout.contains(zone), "{tz}: {stdout}");
    }
}

fn make_pipe(path: &std::path::Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let made = std::process::Command::new("mkfifo").arg(path).status();
    assert!(made.unwrap().success());
}

#[test]
fn a_record_in_the_place_of_one_that_cannot_be_opened_is_said() {
    let home = Home::recorded();
    fs::create_dir_all(home.path("run/linkmon")).unwrap();
    fs::copy(home.path("a.db"), home.path("run/linkmon/unstored-a.db")).unwrap();
    let mut command = home.command(&["--db", "a.db", "status"]);
    let output = command.env("XDG_RUNTIME_DIR", home.path("run")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("run/linkmon/unstored-a.db and not in the record yet"), "{said}");
}
