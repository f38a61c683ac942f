//! Capacitated p-median.
