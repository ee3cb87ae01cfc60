//! The list of exports in a WebAssembly module: taking entries out of it, so that wasm-opt may remove what only they
//! kept alive. Everything else in the module stays byte for byte.

use std::collections::BTreeSet;

use crate::shell::{Outcome, fail};

/// `\0asm` and the version.
const HEADER_BYTES: usize = 8;

/// The section that lists exports.
const EXPORT_SECTION: u8 = 7;

/// The module with only those exports whose names are in `keep`.
pub(crate) fn only(module: &[u8], keep: &BTreeSet<&str>) -> Outcome<Vec<u8>> {
    match rewrite(module, keep) {
        Some(less) => Ok(less),
        None => fail("wasm-bindgen wrote something that is not a WebAssembly module"),
    }
}

fn rewrite(module: &[u8], keep: &BTreeSet<&str>) -> Option<Vec<u8>> {
    let (header, mut rest) = module.split_at_checked(HEADER_BYTES)?;
    let mut out = header.to_vec();
    while let Some((&id, after_id)) = rest.split_first() {
        let (length, after_length) = read_number(after_id)?;
        let (body, next) = after_length.split_at_checked(length)?;
        let filtered = if id == EXPORT_SECTION { filter(body, keep)? } else { body.to_vec() };
        out.push(id);
        write_number(&mut out, filtered.len());
        out.extend(filtered);
        rest = next;
    }
    Some(out)
}

/// A section's body: a count, then for each export its name with the length before it, one byte for the kind of thing
/// and the number of the thing.
fn filter(body: &[u8], keep: &BTreeSet<&str>) -> Option<Vec<u8>> {
    let (count, mut rest) = read_number(body)?;
    let (mut kept, mut entries) = (0, Vec::<u8>::new());
    for _ in 0..count {
        let (length, after_length) = read_number(rest)?;
        let (name, after_name) = after_length.split_at_checked(length)?;
        let (_kind, after_kind) = after_name.split_first()?;
        let (_index, next) = read_number(after_kind)?;
        if std::str::from_utf8(name).is_ok_and(|name| keep.contains(name)) {
            kept += 1;
            entries.extend(&rest[..rest.len() - next.len()]);
        }
        rest = next;
    }
    let mut out = Vec::new();
    write_number(&mut out, kept);
    out.extend(entries);
    Some(out)
}

/// A number in LEB128, seven bits to a byte, and what follows it.
fn read_number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    /// 32 bits need no more; a longer one is no module.
    const BYTES_MAX: usize = 5;
    let mut number = 0_usize;
    for (index, byte) in bytes.iter().take(BYTES_MAX).enumerate() {
        number |= usize::from(byte & 0x7f).checked_shl(7 * u32::try_from(index).ok()?)?;
        if byte & 0x80 == 0 {
            return Some((number, &bytes[index + 1..]));
        }
    }
    None
}

fn write_number(out: &mut Vec<u8>, mut number: usize) {
    loop {
        let low = number.to_le_bytes()[0] & 0x7f;
        number >>= 7;
        if number == 0 {
            out.push(low);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module with a custom section of 200 bytes and the exports `a` and `bc`.
    fn module() -> Vec<u8> {
        let mut module = b"\0asm\x01\0\0\0".to_vec();
        module.extend([0, 0xc8, 0x01]);
        module.extend([7; 200]);
        module.extend([EXPORT_SECTION, 10, 2, 1, b'a', 0, 5, 2, b'b', b'c', 2, 0]);
        module
    }

    #[test]
    fn only_the_named_exports_stay() {
        let less = only(&module(), &BTreeSet::from(["bc"])).expect("a module");
        assert!(less.ends_with(&[EXPORT_SECTION, 6, 1, 2, b'b', b'c', 2, 0]));
        assert_eq!(less[..211], module()[..211], "other sections stay as they are");
        assert_eq!(only(&module(), &BTreeSet::from(["a", "bc"])).expect("a module"), module());
    }

    #[test]
    fn a_cut_module_is_an_error() {
        let whole = module();
        for length in (9..whole.len()).filter(|length| *length != 211) {
            assert!(only(&whole[..length], &BTreeSet::new()).is_err(), "{length} bytes");
        }
    }
}
