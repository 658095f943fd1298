//! The wire format of protocol buffers, and the frames of gRPC-Web around it.

/// The message of the data frames. `None` where the frames are damaged or there is none.
pub(super) fn message_of_frames(body: &[u8]) -> Option<Vec<u8>> {
    let mut message = Vec::new();
    let mut rest = body;
    while let Some((&[kind, a, b, c, d], after)) = rest.split_first_chunk::<5>() {
        let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
        let (content, after) = after.split_at_checked(length)?;
        match kind {
            0 => message.extend_from_slice(content),
            // The trailers.
            0x80 => {}
            _ => return None,
        }
        rest = after;
    }
    (rest.is_empty() && !message.is_empty()).then_some(message)
}

/// A message: fields one after another, each with its number and kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct WireMessage<'a>(pub(super) &'a [u8]);

#[derive(Debug, Clone, Copy)]
enum WireField<'a> {
    Number(u64),
    Bytes(&'a [u8]),
    Fixed4([u8; 4]),
    Fixed8,
}

impl<'a> WireMessage<'a> {
    /// The fields up to the first that is damaged.
    fn fields(self) -> impl Iterator<Item = (u32, WireField<'a>)> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let key = varint(&mut rest)?;
            let number = u32::try_from(key >> 3).ok()?;
            let field = match key & 7 {
                0 => WireField::Number(varint(&mut rest)?),
                1 => {
                    rest = rest.split_at_checked(8)?.1;
                    WireField::Fixed8
                }
                2 => {
                    let length = usize::try_from(varint(&mut rest)?).ok()?;
                    let (bytes, after) = rest.split_at_checked(length)?;
                    rest = after;
                    WireField::Bytes(bytes)
                }
                5 => {
                    let (bytes, after) = rest.split_first_chunk::<4>()?;
                    rest = after;
                    WireField::Fixed4(*bytes)
                }
                _ => return None,
            };
            Some((number, field))
        })
    }

    fn last(self, number: u32) -> Option<WireField<'a>> {
        self.fields().filter(|(n, _)| *n == number).last().map(|(_, field)| field)
    }

    /// A message in it.
    pub(super) fn message(self, number: u32) -> Option<WireMessage<'a>> {
        match self.last(number)? {
            WireField::Bytes(bytes) => Some(WireMessage(bytes)),
            _ => None,
        }
    }

    /// All messages of a repeated field.
    pub(super) fn messages(self, number: u32) -> Vec<WireMessage<'a>> {
        let of_field = self.fields().filter(|(n, _)| *n == number);
        of_field
            .filter_map(|(_, field)| match field {
                WireField::Bytes(bytes) => Some(WireMessage(bytes)),
                _ => None,
            })
            .collect()
    }

    /// A whole number or a truth.
    pub(super) fn number(self, number: u32) -> Option<u64> {
        match self.last(number)? {
            WireField::Number(value) => Some(value),
            _ => None,
        }
    }

    /// All whole numbers and truths with the numbers of their fields.
    pub(super) fn numbers(self) -> impl Iterator<Item = (u32, u64)> {
        self.fields().filter_map(|(number, field)| match field {
            WireField::Number(value) => Some((number, value)),
            _ => None,
        })
    }

    /// A number of 32 bits with a point, if it is finite.
    pub(super) fn float(self, number: u32) -> Option<f64> {
        match self.last(number)? {
            WireField::Fixed4(bytes) => Some(plain(f32::from_le_bytes(bytes))),
            _ => None,
        }
        .filter(|value| value.is_finite())
    }

    /// All such numbers of a repeated field, packed or not.
    pub(super) fn floats(self, number: u32) -> Vec<f64> {
        let mut floats = Vec::new();
        for (_, field) in self.fields().filter(|(n, _)| *n == number) {
            match field {
                WireField::Fixed4(bytes) => floats.push(plain(f32::from_le_bytes(bytes))),
                WireField::Bytes(bytes) => {
                    let numbers = bytes.as_chunks::<4>().0.iter();
                    floats.extend(numbers.map(|bytes| plain(f32::from_le_bytes(*bytes))));
                }
                _ => {}
            }
        }
        floats
    }

    /// A text.
    pub(super) fn text(self, number: u32) -> Option<String> {
        match self.last(number)? {
            WireField::Bytes(bytes) => Some(String::from_utf8_lossy(bytes).into_owned()),
            _ => None,
        }
    }
}

/// The number as it is written with the fewest digits: 0.05 and not 0.05000000074505806.
fn plain(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, after) = rest.split_first()?;
        *rest = after;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
