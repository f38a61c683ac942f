//! Model Y: the year's rounds.
