//! Bytes as people compare them.

use std::fmt::Write as _;

/// Two digits in lower case for each byte.
pub fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
            // Writing to a text can't fail.
            write!(text, "{byte:02x}").unwrap_or_default();
            text
        })
}
