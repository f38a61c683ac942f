//! Model Z: responsibility zones.
