//! Fuzzing with a plain loop on stable Rust: damaged copies of valid inputs go to every parser that
//! is fed from outside, and each target asserts more than that nothing panics.
//!
//! `cargo test` runs all targets for a few seconds. Rounds are counted and random numbers start from
//! the name of the target, so that a run can be repeated; `LINKMON_FUZZ_ROUNDS` makes it longer and
//! `LINKMON_FUZZ_SEED` takes other numbers (CONTRIBUTING.md). A target is a file here and a
//! module `fuzz` of the file that it tests, which is how it reaches private functions.

use fastrand::Rng;

/// Inputs per target, unless the environment asks for more.
const ROUNDS: u32 = 20_000;
/// No parser here takes a longer input to reach any of its code.
const LONGEST: usize = 4_096;
/// Accepted inputs that are kept, to be damaged further.
const POOL: usize = 200;

/// Numbers at which lengths, counts and signs change their meaning.
const BOUNDARIES: [u64; 14] = [
    0,
    1,
    2,
    3,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    i64::MAX.cast_unsigned(),
    u64::MAX,
];

/// One fuzz target.
pub(crate) struct Fuzz {
    name: &'static str,
    rounds: u32,
    pool: Vec<Vec<u8>>,
    /// Words of the format, put in anywhere.
    words: Vec<Vec<u8>>,
    rng: Rng,
}

impl Fuzz {
    /// A target by its name, and valid inputs for it.
    pub(crate) fn new(name: &'static str, valid: impl IntoIterator<Item = Vec<u8>>) -> Self {
        let number = |variable: &str| {
            std::env::var(variable).ok().map(|text| text.parse::<u32>().expect("a whole number"))
        };
        let seed = u64::from(number("LINKMON_FUZZ_SEED").unwrap_or(0));
        let seed = u64::from(crc32fast::hash(name.as_bytes())) << 32 | seed;
        let pool: Vec<_> = valid.into_iter().collect();
        assert!(!pool.is_empty(), "{name} begins with valid inputs");
        let rounds = number("LINKMON_FUZZ_ROUNDS").unwrap_or(ROUNDS);
        Self { name, rounds, pool, words: Vec::new(), rng: Rng::with_seed(seed) }
    }

    /// With words of the format.
    pub(crate) fn words(mut self, words: &[&str]) -> Self {
        self.words.extend(words.iter().map(|word| word.as_bytes().to_vec()));
        self
    }

    /// With fewer rounds, for a target each of whose rounds costs as much as `times` others.
    pub(crate) fn costing(mut self, times: u32) -> Self {
        self.rounds = (self.rounds / times).max(1);
        self
    }

    /// Gives the valid inputs and then damaged ones to `accepts`, which says whether the input was
    /// accepted and panics where something is wrong.
    pub(crate) fn bytes(mut self, accepts: impl Fn(&[u8]) -> bool) {
        for input in &self.pool {
            let shown = Shown { name: self.name, round: 0, input };
            assert!(accepts(input), "a valid input was refused");
            shown.passed();
        }
        for round in 1..=self.rounds {
            let input = self.damaged();
            let shown = Shown { name: self.name, round, input: &input };
            let accepted = accepts(&input);
            shown.passed();
            if accepted && self.pool.len() < POOL {
                self.pool.push(input);
            }
        }
    }

    /// The same for a parser of text.
    pub(crate) fn text(self, accepts: impl Fn(&str) -> bool) {
        self.bytes(|input| accepts(&String::from_utf8_lossy(input)));
    }

    fn damaged(&mut self) -> Vec<u8> {
        let mut input = self.any_of_pool();
        for _ in 0..self.rng.u32(1..=4) {
            self.damage(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    fn any_of_pool(&mut self) -> Vec<u8> {
        self.pool[self.rng.usize(..self.pool.len())].clone()
    }

    fn damage(&mut self, input: &mut Vec<u8>) {
        let length = input.len();
        let at = self.rng.usize(..=length);
        match self.rng.u8(..10) {
            0 | 1 if at < length => input[at] ^= 1 << self.rng.u8(..8),
            2 if at < length => input[at] = self.rng.u8(..),
            3 => input.truncate(at),
            4 => drop(input.drain(at..self.rng.usize(at..=length))),
            5 => {
                let again = input[at..self.rng.usize(at..=length)].to_vec();
                input.splice(at..at, again);
            }
            6 => {
                let other = self.any_of_pool();
                let from = self.rng.usize(..=other.len());
                input.truncate(at);
                input.extend_from_slice(&other[from..]);
            }
            7 if !self.words.is_empty() => {
                let word = self.words[self.rng.usize(..self.words.len())].clone();
                // In place of as much, or in between.
                let end = if self.rng.bool() { (at + word.len()).min(length) } else { at };
                input.splice(at..end, word);
            }
            _ => {
                let number = BOUNDARIES[self.rng.usize(..BOUNDARIES.len())];
                let width = 1 << self.rng.u8(..4);
                let octets = number.to_le_bytes();
                let mut octets = octets[..width].to_vec();
                if self.rng.bool() {
                    octets.reverse();
                }
                let end = if self.rng.bool() { (at + width).min(length) } else { at };
                input.splice(at..end, octets);
            }
        }
    }
}

/// Shows the input when the target panics on it.
struct Shown<'a> {
    name: &'a str,
    round: u32,
    input: &'a [u8],
}

impl Shown<'_> {
    fn passed(self) {
        std::mem::forget(self);
    }
}

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        println!("{}, round {}: b\"{}\"", self.name, self.round, self.input.escape_ascii());
    }
}
