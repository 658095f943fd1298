//! Hardware addresses in texts.

use std::ops::Range;

/// The text in which of each hardware address only the first three bytes are left, which name its
/// maker: `00:00:5e:..`. Addresses that the modem has cut count, too.
pub(super) fn masked_addresses(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for range in hardware_addresses(text) {
        masked.push_str(&text[copied..range.start]);
        masked.push_str(&kept(&text[range.clone()]));
        copied = range.end;
    }
    masked.push_str(&text[copied..]);
    masked
}

/// Where hardware addresses stand in the text.
pub(in crate::modem) fn hardware_addresses(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let starts = bytes[at].is_ascii_hexdigit()
            && (at == 0 || !(bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b':'));
        match starts.then(|| address_end(bytes, at)).flatten() {
            Some(end) => {
                found.push(at..end);
                at = end;
            }
            None => at += 1,
        }
    }
    found
}

/// The first three bytes of an address in any of its forms.
fn kept(address: &str) -> String {
    let mark = if address.contains('-') { "-" } else { ":" };
    let digits: Vec<char> = address.chars().filter(char::is_ascii_hexdigit).take(6).collect();
    let pairs: Vec<String> = digits.chunks(2).map(|pair| pair.iter().collect()).collect();
    format!("{}{mark}..", pairs.join(mark))
}

/// Where an address that starts here ends: four pairs or more joined by `:` or `-`, twelve digits, or
/// three groups of four joined by a dot.
fn address_end(bytes: &[u8], start: usize) -> Option<usize> {
    let run =
        |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    match run(start) {
        2 => {
            let mark = *bytes.get(start + 2).filter(|mark| matches!(mark, b':' | b'-'))?;
            let (mut end, mut pairs) = (start + 2, 1);
            while bytes.get(end) == Some(&mark) && run(end + 1) == 2 {
                end += 3;
                pairs += 1;
            }
            // A last digit of one that was cut.
            if bytes.get(end) == Some(&mark) && run(end + 1) == 1 && pairs >= 3 {
                end += 2;
                pairs += 1;
            }
            (pairs >= 4).then_some(end)
        }
        12 => {
            let end = start + 12;
            let is_word = bytes.get(end).is_some_and(u8::is_ascii_alphanumeric);
            // Twelve decimal digits are rather a number.
            let has_letter = bytes[start..end].iter().any(u8::is_ascii_alphabetic);
            let is_named = start >= 4 && bytes[start - 4..start].eq_ignore_ascii_case(b"MAC=");
            (!is_word && (has_letter || is_named)).then_some(end)
        }
        4 => {
            let dotted = |at: usize| bytes.get(at) == Some(&b'.') && run(at + 1) == 4;
            (dotted(start + 4) && dotted(start + 9)).then_some(start + 14)
        }
        _ => None,
    }
}
