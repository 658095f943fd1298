//! Bytes of a file to UTF-8: unpacks gzip, and reads UTF-16 as PowerShell writes it.

use std::io::{self, BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// What a file is that cannot be read as text, and what to do about it.
pub(super) struct NotText {
    pub(super) what: &'static str,
    pub(super) hint: &'static str,
}

/// A file as UTF-8, as far as its first bytes show what it is. Other code pages stay as they are:
/// what counts in them is ASCII.
pub(super) fn decoded<'a>(
    mut text: Box<dyn BufRead + 'a>,
) -> io::Result<Result<Box<dyn BufRead + 'a>, NotText>> {
    let head = text.fill_buf()?;
    if head.starts_with(&[0x1f, 0x8b]) {
        let unpacked = BufReader::with_capacity(1 << 16, MultiGzDecoder::new(text));
        return Ok(Ok(as_utf8(Box::new(unpacked))?));
    }
    let binary: [(&[u8], &str, &str); 6] = [
        (b"\x28\xb5\x2f\xfd", "is packed by zstd", "`zstd -dc FILE | linkmon import -`"),
        (b"\xfd7zXZ", "is packed by xz", "`xz -dc FILE | linkmon import -`"),
        (b"BZh", "is packed by bzip2", "`bzip2 -dc FILE | linkmon import -`"),
        (b"PK\x03\x04", "is a zip archive", "`unzip -p FILE | linkmon import -`"),
        (
            b"SQLite format 3\0",
            "is an SQLite database",
            "`linkmon merge FILE` takes over that of another linkmon; export others as CSV and name \
             the columns with --columns",
        ),
        (b"%PDF", "is a PDF", "import the log or the table that it was made from"),
    ];
    for (magic, what, hint) in binary {
        if head.starts_with(magic) {
            return Ok(Err(NotText { what, hint }));
        }
    }
    Ok(Ok(as_utf8(text)?))
}

fn as_utf8<'a>(mut text: Box<dyn BufRead + 'a>) -> io::Result<Box<dyn BufRead + 'a>> {
    // An archive that is cut off within its first block has no bytes to look at.
    let head = match text.fill_buf() {
        Ok(head) => head,
        Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => &[],
        Err(e) => return Err(e),
    };
    let is_big = match head {
        [0xff, 0xfe, ..] => false,
        [0xfe, 0xff, ..] => true,
        // Two characters of ASCII, without a mark before them.
        [a, 0, b, 0, ..] if *a > 0 && *b > 0 => false,
        [0, a, 0, b, ..] if *a > 0 && *b > 0 => true,
        _ => return Ok(text),
    };
    let order = if is_big { u16::from_be_bytes } else { u16::from_le_bytes };
    Ok(Box::new(BufReader::new(Utf16 {
        text,
        order,
        byte: None,
        high: None,
        out: Vec::new(),
        at: 0,
    })))
}

/// UTF-16 as UTF-8; what is no character is replaced.
struct Utf16<'a> {
    text: Box<dyn BufRead + 'a>,
    order: fn([u8; 2]) -> u16,
    /// The first byte of a unit whose second has not come.
    byte: Option<u8>,
    /// The first unit of a pair whose second has not come.
    high: Option<u16>,
    out: Vec<u8>,
    at: usize,
}

impl Utf16<'_> {
    /// Decodes more; nothing is added at the end.
    fn fill(&mut self) -> io::Result<()> {
        (self.at, self.out) = (0, Vec::with_capacity(1 << 14));
        while self.out.is_empty() {
            let bytes = self.text.fill_buf()?;
            if bytes.is_empty() {
                let is_rest = self.byte.take().is_some() | self.high.take().is_some();
                if is_rest {
                    self.out.extend_from_slice("\u{fffd}".as_bytes());
                }
                return Ok(());
            }
            let used = bytes.len().min(1 << 12);
            let carried = self.byte.take().into_iter().chain(bytes[..used].iter().copied());
            let all: Vec<u8> = carried.collect();
            self.text.consume(used);
            let pairs = all.chunks_exact(2);
            self.byte = pairs.remainder().first().copied();
            let units = pairs.map(|pair| (self.order)([pair[0], pair[1]]));
            let mut units: Vec<u16> = self.high.take().into_iter().chain(units).collect();
            self.high = units.pop_if(|last| (0xd800..0xdc00).contains(last));
            let mut place = [0; 4];
            for decoded in char::decode_utf16(units) {
                let one = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
                self.out.extend_from_slice(one.encode_utf8(&mut place).as_bytes());
            }
        }
        Ok(())
    }
}

impl Read for Utf16<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.at == self.out.len() {
            self.fill()?;
        }
        let n = into.len().min(self.out.len() - self.at);
        into[..n].copy_from_slice(&self.out[self.at..self.at + n]);
        self.at += n;
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use super::decoded;

    #[test]
    fn utf_16_in_both_orders_with_and_without_a_mark_and_in_any_pieces() {
        let text = "PING \u{e9}\u{1f600}, ende\r\n".repeat(3_000);
        for mark in [true, false] {
            for order in [u16::to_le_bytes, u16::to_be_bytes] {
                let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
                let bytes: Vec<u8> = units.flat_map(order).collect();
                for piece in [1, 3, 4_096] {
                    let pieces = std::io::BufReader::with_capacity(piece.max(4), &bytes[..]);
                    let mut read = String::new();
                    let out = decoded(Box::new(pieces)).unwrap();
                    let Ok(mut out) = out else { panic!("it is text") };
                    out.read_to_string(&mut read).unwrap();
                    assert_eq!(read.trim_start_matches('\u{feff}'), text);
                }
            }
        }
    }
}
