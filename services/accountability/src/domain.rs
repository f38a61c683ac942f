//! What the accountability knows, and the rules about it: pure, without I/O.
