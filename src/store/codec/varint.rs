//! LEB128 and zigzag: small numbers to few bytes, and bounded reading of them.

use std::time::Duration;

use super::error::SamplesError;

/// The longest delay that is kept, in microseconds.
const LONGEST_US: u64 = 1 << 53;

/// Appends LEB128.
pub(in crate::store) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(low_bits(value) | 0x80);
        value >>= 7;
    }
    out.push(low_bits(value));
}

/// Appends a signed number as LEB128 of its zigzag.
pub(in crate::store) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put_varint(out, zigzag(value));
}

/// Appends a delay in microseconds.
pub(in crate::store) fn put_duration(out: &mut Vec<u8>, d: Duration) {
    put_varint(out, micros(d));
}

/// A delay in microseconds, capped.
pub(in crate::store) fn micros_signed(d: Duration) -> i64 {
    i64::try_from(micros(d)).expect("at most 2^53")
}

fn micros(d: Duration) -> u64 {
    u64::try_from(d.as_micros()).unwrap_or(LONGEST_US).min(LONGEST_US)
}

fn low_bits(value: u64) -> u8 {
    u8::try_from(value & 0x7f).expect("seven bits")
}

/// 0, -1, 1, -2 to 0, 1, 2, 3.
pub(in crate::store) fn zigzag(value: i64) -> u64 {
    (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned()
}

/// The delay that was written as `us` microseconds.
pub(in crate::store) fn delay(us: u64) -> Result<Duration, SamplesError> {
    if us > LONGEST_US { Err(SamplesError::Malformed) } else { Ok(Duration::from_micros(us)) }
}

/// The reverse.
pub(in crate::store) fn unzigzag(value: u64) -> i64 {
    (value >> 1).cast_signed() ^ -(value & 1).cast_signed()
}

/// What is still to be read.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Input<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Input<'a> {
    /// All of `bytes`.
    pub(in crate::store) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// How many bytes are left.
    pub(in crate::store) fn remaining(&self) -> u64 {
        (self.bytes.len() - self.at) as u64
    }

    /// The next byte.
    #[inline]
    pub(in crate::store) fn byte(&mut self) -> Result<u8, SamplesError> {
        let byte = *self.bytes.get(self.at).ok_or(SamplesError::Malformed)?;
        self.at += 1;
        Ok(byte)
    }

    /// The next number.
    #[inline]
    pub(in crate::store) fn varint(&mut self) -> Result<u64, SamplesError> {
        let first = self.byte()?;
        if first < 0x80 {
            return Ok(u64::from(first));
        }
        let mut value = u64::from(first & 0x7f);
        for shift in (7..63).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(SamplesError::Malformed)
    }

    /// The next signed number.
    #[inline]
    pub(in crate::store) fn signed(&mut self) -> Result<i64, SamplesError> {
        self.varint().map(unzigzag)
    }

    /// The next number, as one to calculate with signed numbers.
    pub(in crate::store) fn signed_size(&mut self) -> Result<i64, SamplesError> {
        self.varint()?.try_into().map_err(|_| SamplesError::Malformed)
    }

    /// The next delay. One that [`put_duration`] would have capped is malformed.
    pub(in crate::store) fn duration(&mut self) -> Result<Duration, SamplesError> {
        delay(self.varint()?)
    }

    /// The next `length` bytes.
    pub(in crate::store) fn take(&mut self, length: u64) -> Result<&'a [u8], SamplesError> {
        let length = usize::try_from(length).map_err(|_| SamplesError::Malformed)?;
        let end = self.at.checked_add(length).ok_or(SamplesError::Malformed)?;
        let taken = self.bytes.get(self.at..end).ok_or(SamplesError::Malformed)?;
        self.at = end;
        Ok(taken)
    }

    /// The next bytes as an array.
    pub(in crate::store) fn array<const N: usize>(&mut self) -> Result<[u8; N], SamplesError> {
        self.take(N as u64)?.try_into().map_err(|_| SamplesError::Malformed)
    }
}
