//! Enumerations whose values people write in Chinese.

/// An enumeration that [`words!`](crate::words!) has made.
pub trait Word: Copy + Eq + 'static {
    /// Every value, in the order of the contract, whose numbers count from 1.
    const ALL: &'static [Self];

    /// The word that lists and documents use.
    fn zh(self) -> &'static str;

    /// The number of the value in the contract.
    fn number(self) -> i32 {
        Self::ALL
            .iter()
            .position(|one| *one == self)
            .map_or(0, |at| at as i32 + 1)
    }

    /// The value of a number of the contract; none for 0 and for what the contract doesn't know.
    fn of_number(number: i32) -> Option<Self> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        Self::ALL.get(at).copied()
    }
}

/// Defines an enumeration with the word that lists, files and documents use for each value, in the order of the contract.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $zh:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$value_doc])* $value,)+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The word that lists and documents use.
            pub fn zh(self) -> &'static str {
                match self { $(Self::$value => $zh,)+ }
            }

            /// Reads the word, without regard to spaces around it.
            pub fn from_zh(word: &str) -> Option<Self> {
                match word.trim() { $($zh => Some(Self::$value),)+ _ => None }
            }
        }

        impl $crate::Word for $name {
            const ALL: &'static [Self] = Self::ALL;

            fn zh(self) -> &'static str {
                Self::zh(self)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.zh())
            }
        }
    };
}
