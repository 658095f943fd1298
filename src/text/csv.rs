//! CSV as RFC 4180 has it, with lines that end in `\n`: fields are quoted where they must be.

use std::io::{self, Write};

/// A writer of lines of CSV. It holds a few kilobytes back: flush it at the end.
pub fn writer<W: Write>(out: W) -> csv::Writer<W> {
    csv::WriterBuilder::new().terminator(csv::Terminator::Any(b'\n')).from_writer(out)
}

/// What the system said, where writing failed for it.
pub fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

/// Appends a number in decimal digits.
pub fn push_number(mut n: u64, out: &mut Vec<u8>) {
    let mut digits = [0; 20];
    let mut from = digits.len();
    loop {
        from -= 1;
        digits[from] = b'0' + u8::try_from(n % 10).unwrap_or_default();
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[from..]);
}

/// Appends a number of thousandths with its three decimals.
pub fn push_thousandths(n: u64, out: &mut Vec<u8>) {
    push_number(n / 1_000, out);
    let digit = |n: u64| b'0' + u8::try_from(n % 10).unwrap_or_default();
    out.extend_from_slice(&[b'.', digit(n / 100), digit(n / 10), digit(n)]);
}

#[cfg(test)]
mod tests {
    use super::writer;

    #[test]
    fn a_field_is_quoted_where_it_must_be() {
        let mut lines = writer(Vec::new());
        lines
            .write_record(["plain", "", "a,b", "say \"hi\"", "two\nlines", "cr\r", " x", "#1"])
            .unwrap();
        lines.write_record(["1", "2.5", "", "", "", "", "", ""]).unwrap();
        let text = String::from_utf8(lines.into_inner().unwrap()).unwrap();
        assert_eq!(
            text,
            "plain,,\"a,b\",\"say \"\"hi\"\"\",\"two\nlines\",\"cr\r\", x,#1\n1,2.5,,,,,,\n"
        );
    }
}
