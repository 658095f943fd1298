use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::courier::message::{Message, MessageEvent, MessageOrigin};
use crate::time::Timestamp;

const LIMIT: Duration = Duration::from_secs(30);

/// For `/bin/sh`: a file that was written just now may be too busy to be started itself.
fn script(folder: &Path, text: &str) -> PathBuf {
    let path = folder.join("tell");
    std::fs::write(&path, format!("{text}\n")).unwrap();
    path
}

fn deliver(argv: &[&str], limit: Duration, text: &str) -> Result<(), DeliveryError> {
    let at = Timestamp::from_seconds(1_675_785_600);
    let mut message = Message::new("drop-1-down", MessageEvent::Down, at);
    text.clone_into(&mut message.text);
    let origin = MessageOrigin { host: "box".to_owned(), ..MessageOrigin::default() };
    let parcel = Parcel {
        key: "drop-1-down",
        messages: &[message],
        origin: &origin,
        now: at,
        title: "Down since 11:00:00".to_owned(),
        text: text.to_owned(),
    };
    let argv = argv.iter().map(|word| (*word).to_owned()).collect();
    CommandChannel { argv, limit }.deliver(&parcel)
}

#[track_caller]
fn check(script_text: &str, expected: Result<(), &str>) {
    let folder = tempfile::tempdir().unwrap();
    let path = script(folder.path(), script_text);
    let got = deliver(&["/bin/sh", path.to_str().unwrap()], LIMIT, "text");
    match (got, expected) {
        (Ok(()), Ok(())) => {}
        (Err(e), Err(words)) => {
            let said = e.to_string();
            assert!(said.contains(words), "{said}");
        }
        (got, expected) => panic!("{got:?} instead of {expected:?}"),
    }
}

#[test]
fn a_program_gets_the_message_as_json_and_in_its_environment_and_no_shell_reads_its_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let path = script(
        folder.path(),
        "cat > \"$2\"; echo \"$1 $LINKMON_EVENT $LINKMON_TEXT\" >> \"$2\"; env >> \"$2\"",
    );
    let text = "a; $(touch x) \"ä\"\nsecond";
    let argv = ["/bin/sh", path.to_str().unwrap(), "$HOME; x", out.to_str().unwrap()];
    deliver(&argv, LIMIT, text).unwrap();
    let got = std::fs::read_to_string(&out).unwrap();
    assert!(
        got.starts_with("{\"key\":\"drop-1-down\",\"thread\":\"drop-1-down\",\"event\":\"down\"")
    );
    assert!(got.contains(&format!("$HOME; x down {text}\n")), "{got}");
    assert!(got.contains("LINKMON_TITLE=Down since 11:00:00\n"), "{got}");
    assert!(got.contains("LINKMON_LATE_S=0.0\n") && !got.contains("LINKMON_PLACE="), "{got}");
    // Cargo sets it, and it is none of those that are passed on.
    assert!(!got.contains("CARGO_MANIFEST_DIR"), "{got}");
}

#[test]
fn exit_codes_say_whether_to_try_again() {
    check("exit 0", Ok(()));
    check("echo no net >&2; exit 75", Err("failed with exit code 75: no net"));
    check("exit 1", Err("failed with exit code 1"));
    check("exit 69", Err("failed with exit code 69"));
    check("echo 'no such  user'; exit 67", Err("refused it with exit code 67: no such user"));
    check("kill -9 $$", Err("was ended by signal 9"));
    let folder = tempfile::tempdir().unwrap();
    for (code, refused) in
        [(64, false), (65, true), (66, false), (68, false), (70, true), (78, false)]
    {
        let path = script(folder.path(), &format!("exit {code}"));
        let got = deliver(&["/bin/sh", path.to_str().unwrap()], LIMIT, "").unwrap_err();
        assert_eq!(matches!(got, DeliveryError::Refused { .. }), refused, "{code}");
    }
    let missing = deliver(&["/nonexistent/tell"], LIMIT, "").unwrap_err();
    assert!(matches!(&missing, DeliveryError::Later { .. }));
    assert!(missing.to_string().contains("/nonexistent/tell: No such file"), "{missing}");
}

#[test]
fn one_that_takes_too_long_is_killed_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let path = script(folder.path(), "sleep 1000 & echo $! > \"$1\"; echo working; wait");
    let limit = Duration::from_secs(3);
    let got = deliver(&["/bin/sh", path.to_str().unwrap(), pids.to_str().unwrap()], limit, "")
        .unwrap_err();
    assert!(got.to_string().contains("not done within 3 s and was killed: working"), "{got}");
    let child = std::fs::read_to_string(&pids).unwrap();
    // Gone, or dead and not yet taken note of by whoever inherited it; a busy machine takes its time.
    let is_gone = || {
        let state = std::fs::read_to_string(format!("/proc/{}/stat", child.trim()));
        state.map_or(true, |stat| stat.contains(") Z "))
    };
    let patient = (0..3_000).any(|_| {
        let gone = is_gone();
        if !gone {
            std::thread::sleep(Duration::from_millis(10));
        }
        gone
    });
    assert!(patient, "{child}");
}

#[test]
fn neither_a_flood_of_output_nor_an_input_that_nobody_reads_blocks() {
    check("head -c 20000000 /dev/zero | tr '\\0' x; exit 75", Err("exit code 75: xxxxx"));
    let folder = tempfile::tempdir().unwrap();
    let path = script(folder.path(), "exec 0<&-; exit 0");
    deliver(&["/bin/sh", path.to_str().unwrap()], LIMIT, &"x".repeat(1_000_000)).unwrap();
    // One that leaves a process behind which keeps its pipes open.
    check("sleep 5 & exit 0", Ok(()));
}

#[test]
fn what_can_be_started_is_known_without_starting_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = script(folder.path(), "touch \"$0.started\"");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let tried = |path: &Path| {
        let argv = vec![path.to_str().unwrap().to_owned()];
        CommandChannel { argv, limit: LIMIT }.try_out()
    };
    assert!(tried(&path).unwrap().ends_with("tell can be started"));
    assert!(!folder.path().join("tell.started").exists());
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert!(tried(&path).unwrap_err().contains("Permission denied"));
    assert!(tried(folder.path()).unwrap_err().contains("is not a program"));
    assert!(tried(Path::new("/nonexistent/tell")).unwrap_err().contains("No such file"));
}
