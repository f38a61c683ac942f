//! Generalised assignment.
