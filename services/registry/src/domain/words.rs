//! Enumerations whose values people write in Chinese.

/// Defines an enumeration with the word that lists and files use for each value.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $zh:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$value_doc])* $value,)+ }

        impl $name {
            /// Every value, in the order of the contract.
            pub const ALL: &'static [Self] = &[$(Self::$value),+];

            /// The word that lists and files use.
            pub fn zh(self) -> &'static str {
                match self { $(Self::$value => $zh,)+ }
            }

            /// Reads the word, without regard to spaces around it.
            pub fn from_zh(word: &str) -> Option<Self> {
                match word.trim() { $($zh => Some(Self::$value),)+ _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.zh())
            }
        }
    };
}
