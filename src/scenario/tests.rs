use super::*;

#[test]
fn t() {
    let _ = Scenario::parse("", "x");
}
