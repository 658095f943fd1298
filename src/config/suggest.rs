//! "did you mean": the known word nearest to an unknown one.

/// The candidate that takes the fewest edits, if these are few enough for a typing error.
pub(super) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if word.len() > LONGEST {
        return None;
    }
    candidates
        .iter()
        .map(|candidate| (strsim::levenshtein(word, candidate), *candidate))
        .filter(|(edits, candidate)| *edits <= (candidate.chars().count() / 3).max(1))
        .min_by_key(|(edits, _)| *edits)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typing_error_finds_its_word_and_an_unrelated_word_none() {
        let words = ["interval", "service-interval", "engine"];
        assert_eq!(nearest("intervall", &words), Some("interval"));
        assert_eq!(nearest("service_interval", &words), Some("service-interval"));
        assert_eq!(nearest("engin", &words), Some("engine"));
        assert_eq!(nearest("colour", &words), None);
        assert_eq!(nearest("", &words), None);
        assert_eq!(nearest(&"x".repeat(100), &words), None);
    }
}
