//! A password in memory.

/// A password. Neither its `Debug` form nor anything else shows it but [`Secret::reveal`].
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Keeps a password out of sight.
    pub const fn new(password: String) -> Self {
        Self(password)
    }

    /// The password itself, for the answer to a challenge only.
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_shown() {
        assert_eq!(format!("{:?}", Some(Secret::new("pa55".to_owned()))), "Some(Secret(hidden))");
    }
}
