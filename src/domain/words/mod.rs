//! The fixed vocabularies of the design, each value with its one stable name.
//!
//! The name is what the database, the events and the figures say. Labels for people belong to the faces.

/// A vocabulary: what a stable name can be read into.
pub trait Word: Sized {
    /// The value of a stable name.
    fn parse(text: &str) -> Option<Self>;
}

/// Reads a stable name into whatever vocabulary is expected.
pub fn read<W: Word>(text: &str) -> Option<W> {
    W::parse(text)
}

/// Declares an enum whose values have stable upper-case names.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$vmeta:meta])* $value:ident = $text:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vmeta])* #[serde(rename = $text)] $value,)+ }

        impl $name {
            /// Every value, in order.
            pub const ALL: &'static [Self] = &[$(Self::$value,)+];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$value => $text,)+ }
            }

            /// The value of a stable name; `None` for anything else.
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$value),)+ _ => None }
            }
        }

        impl $crate::domain::words::Word for $name {
            fn parse(text: &str) -> Option<Self> {
                Self::parse(text)
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use words;

mod office;
mod petition;
mod record;
mod routing;

pub use self::{office::*, petition::*, record::*, routing::*};
