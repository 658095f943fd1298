//! The words of the live page, and of the one that asks for the token.

/// Each with its English, as it is in `dashboards/page.html` and `dashboards/page.*.js`: texts, and templates with `{name}`.
pub(crate) type PageWords = [(&'static str, &'static str); 294];

/// Of the page that asks for the token.
#[derive(Debug)]
pub(crate) struct LoginWords {
    pub(crate) title: &'static str,
    /// The name of the field.
    pub(crate) token: &'static str,
    /// On the button.
    pub(crate) enter: &'static str,
    pub(crate) refused: &'static str,
    pub(crate) where_it_is: &'static str,
}
