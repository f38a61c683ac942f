//! What the inspection knows, and the rules about it: pure, without I/O.
