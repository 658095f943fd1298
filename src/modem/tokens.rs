//! The tokens of a page by a conforming tokenizer, made in one place: each other form of it would take
//! 100 kB of program.

use html5gum::{DefaultEmitter, Token, Tokenizer};

/// The tokens of `text`, with the places of their bytes; scripts are read as scripts.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<usize>> {
    let mut emitter = DefaultEmitter::<usize>::new_with_span();
    emitter.naively_switch_states(true);
    Tokenizer::new_with_emitter(text, emitter).map(|token| {
        let Ok(token) = token;
        token
    })
}
