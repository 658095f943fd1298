//! Scripts written from the right to the left, in the order and the forms in which they are seen. It
//! is enough for names: words of such letters, with words and numbers of others between them.

/// A text as its characters stand from the left to the right.
pub(super) fn visual(text: &str) -> String {
    if !text.chars().any(is_from_the_right) {
        return text.to_owned();
    }
    let letters: Vec<char> = joined(&text.chars().collect::<Vec<_>>());
    let mut out = Vec::with_capacity(letters.len());
    let mut at = 0;
    while at < letters.len() {
        if !is_from_the_right(letters[at]) {
            out.push(letters[at]);
            at += 1;
            continue;
        }
        // Up to the last letter from the right that only signs and spaces part from this.
        let mut end = at;
        for (n, c) in letters.iter().enumerate().skip(at) {
            if is_from_the_right(*c) {
                end = n + 1;
            } else if c.is_alphanumeric() {
                break;
            }
        }
        out.extend(letters[at..end].iter().rev());
        at = end;
    }
    out.into_iter().collect()
}

/// Hebrew, Arabic, Syriac, Thaana, N'Ko and what is next to them (Unicode, blocks).
fn is_from_the_right(c: char) -> bool {
    matches!(c, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
}

/// How an Arabic letter joins others: the first of its forms (Unicode, Arabic Presentation
/// Forms-B), and how many there are: alone; at an end; at a start and in the middle.
fn forms(c: char) -> Option<(u32, u32)> {
    const FIRST: [u32; 26] =
        [1, 2, 2, 2, 2, 4, 2, 4, 2, 4, 4, 4, 4, 4, 2, 2, 2, 2, 4, 4, 4, 4, 4, 4, 4, 4];
    const SECOND: [u32; 10] = [4, 4, 4, 4, 4, 4, 4, 2, 2, 4];
    let at = |forms: &[u32], n: usize, base: u32| {
        Some((base + forms[..n].iter().sum::<u32>(), forms[n]))
    };
    match u32::from(c) {
        code @ 0x621..=0x63a => at(&FIRST, (code - 0x621) as usize, 0xfe80),
        code @ 0x641..=0x64a => at(&SECOND, (code - 0x641) as usize, 0xfed1),
        _ => None,
    }
}

/// Marks above and below letters, which part none.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{64b}'..='\u{65f}' | '\u{670}')
}

/// Arabic letters in the forms in which they join.
fn joined(letters: &[char]) -> Vec<char> {
    let mut out = Vec::with_capacity(letters.len());
    let mut skip = false;
    for (n, c) in letters.iter().enumerate() {
        if std::mem::take(&mut skip) {
            continue;
        }
        let Some((first, many)) = forms(*c) else {
            out.push(*c);
            continue;
        };
        let before = letters[..n].iter().rev().find(|c| !is_mark(**c));
        let after = letters[n + 1..].iter().find(|c| !is_mark(**c));
        let to_before = many > 1 && before.and_then(|c| forms(*c)).is_some_and(|(_, n)| n == 4);
        let to_after = many == 4 && after.and_then(|c| forms(*c)).is_some_and(|(_, n)| n > 1);
        // Lam and alef are one.
        let alef = letters.get(n + 1).filter(|_| *c == '\u{644}').and_then(|next| match next {
            '\u{622}' => Some(0xfef5),
            '\u{623}' => Some(0xfef7),
            '\u{625}' => Some(0xfef9),
            '\u{627}' => Some(0xfefb),
            _ => None,
        });
        let form = match alef {
            Some(both) => {
                skip = true;
                both + u32::from(to_before)
            }
            None => first + u32::from(to_before) + if to_after { 2 } else { 0 },
        };
        out.push(char::from_u32(form).unwrap_or(*c));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hebrew_is_reversed_and_what_is_around_it_is_not() {
        assert_eq!(visual("ISP בזק בינלאומי, line 4"), "ISP ימואלניב קזב, line 4");
        assert_eq!(visual("Käthe 12"), "Käthe 12");
    }

    #[test]
    fn arabic_letters_join_and_lam_and_alef_are_one() {
        // Beit: at a start, in the middle, at an end, from the right.
        assert_eq!(visual("بيت"), "\u{fe96}\u{fef4}\u{fe91}");
        // Alef joins nothing after it.
        assert_eq!(visual("دار"), "\u{fead}\u{fe8d}\u{fea9}");
        assert_eq!(visual("سلا"), "\u{fefc}\u{feb3}");
        assert_eq!(visual("لا"), "\u{fefb}");
    }
}
