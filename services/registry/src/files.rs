//! Files as people keep them: read into tables of text, and written as templates to fill in.

mod read;
mod template;

pub use read::{MAX_BYTES, Unreadable, read};
pub use template::template;
