//! Columns of a terminal: a Chinese character takes two, a combining accent none.

use unicode_width::UnicodeWidthStr as _;

/// Columns that the text takes on a terminal.
pub fn width(text: &str) -> usize {
    text.width()
}

/// The text with blanks after it up to `width` columns; a wider text stays as it is.
pub fn left(text: &str, width: usize) -> String {
    format!("{text}{}", blanks(text, width))
}

/// The text with blanks before it up to `width` columns; a wider text stays as it is.
pub fn right(text: &str, width: usize) -> String {
    format!("{}{text}", blanks(text, width))
}

/// The blanks that fill the text up to `width` columns.
pub fn blanks(text: &str, width: usize) -> String {
    " ".repeat(width.saturating_sub(text.width()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_of_any_script_end_in_the_same_column() {
        for (text, columns) in [("", 0), ("mail", 4), ("Büro", 4), ("Bu\u{308}ro", 4), ("東京", 4)]
        {
            assert_eq!(width(text), columns, "{text}");
            assert_eq!(width(&left(text, 6)), 6, "{text}");
            assert_eq!(width(&right(text, 6)), 6, "{text}");
        }
        assert_eq!((left("東京", 6), right("東京", 6)), ("東京  ".to_owned(), "  東京".to_owned()));
        assert_eq!(left("longer", 2), "longer");
    }
}
