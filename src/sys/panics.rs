//! What a panic, which is a defect of linkmon, may cost.
//!
//! Where measuring and storing are concerned the process ends at once, so that what supervises it
//! starts it again, and the record shows the gap: half a daemon that looks alive would be worse.
//! What only shows the record ([`expendable`]) costs its own answer and nothing else.

use std::cell::Cell;

thread_local! {
    static EXPENDABLE: Cell<bool> = const { Cell::new(false) };
}

/// Does work whose panic is no reason to stop measuring. The panic unwinds as any other.
pub(crate) fn expendable<T>(work: impl FnOnce() -> T) -> T {
    /// Puts back what was, also on the way out of a panic.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            EXPENDABLE.set(self.0);
        }
    }
    let _before = Before(EXPENDABLE.replace(true));
    work()
}

/// From now on a panic, once it was printed, ends the process, except in [`expendable`] work.
pub(crate) fn end_the_process() {
    let print = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        print(info);
        if !EXPENDABLE.get() {
            std::process::abort();
        }
    }));
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    /// Not a test of its own: the child of the one below.
    #[test]
    #[ignore = "ends the process; run by the test below"]
    fn child_that_panics() {
        end_the_process();
        let shown = std::thread::spawn(|| expendable(|| panic!("in a drawing")));
        assert!(shown.join().is_err());
        println!("measuring goes on");
        let caught = std::panic::catch_unwind(|| {
            assert!(std::panic::catch_unwind(|| expendable(|| panic!("in a drawing"))).is_err());
            panic!("in the store")
        });
        println!("never reached: {caught:?}");
    }

    #[test]
    fn a_panic_of_what_only_shows_costs_nothing_else_and_any_other_ends_the_process() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "sys::panics::tests::child_that_panics", "--ignored", "--nocapture"])
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("measuring goes on"), "{text}");
        assert!(!text.contains("never reached"), "{text}");
        assert_eq!(output.status.signal(), Some(nix::libc::SIGABRT));
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains("in a drawing") && printed.contains("in the store"), "{printed}");
    }
}
