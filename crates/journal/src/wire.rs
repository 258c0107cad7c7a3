//! Little-endian fields of fixed places, read without any chance of a panic and written only into headers
//! whose size is known. Absent: anything of variable length.

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

pub(crate) fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..)?.first_chunk::<N>().copied()
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    array_at(bytes, at).map(u16::from_le_bytes)
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    array_at(bytes, at).map(u32::from_le_bytes)
}

pub(crate) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    array_at(bytes, at).map(u64::from_le_bytes)
}

pub(crate) fn i64_at(bytes: &[u8], at: usize) -> Option<i64> {
    array_at(bytes, at).map(i64::from_le_bytes)
}

/// Writes a field of a header; headers are arrays, so a field outside one is a bug of the encoder.
pub(crate) fn put(header: &mut [u8], at: usize, field: &[u8]) {
    let place = header
        .get_mut(at..)
        .and_then(|tail| tail.get_mut(..field.len()))
        .expect("invariant: header fields lie inside their header");
    place.copy_from_slice(field);
}

/// Where the first byte that is not zero stands.
pub(crate) fn first_nonzero(bytes: &[u8]) -> Option<usize> {
    let (blocks, _) = bytes.as_chunks::<64>();
    let clear = blocks.iter().take_while(|block| block.iter().fold(0, |all, byte| all | byte) == 0).count();
    let start = clear.saturating_mul(64);
    let rest = bytes.get(start..)?;
    rest.iter().position(|byte| *byte != 0).map(|at| start.saturating_add(at))
}

pub(crate) fn all_zero(bytes: &[u8]) -> bool {
    first_nonzero(bytes).is_none()
}
