//! Where a table's rows come from: from itself, from a query, from a server.

use super::Oid;
use super::foreign::ForeignOption;
use bincode::de::Decoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{Decode, Encode};

/// What stands before an origin. A table that is no materialized view began with the first before there were foreign tables, and
/// one that is with the second.
const OWN: u8 = 0;
const MATERIALIZED: u8 = 1;
const FOREIGN: u8 = 2;

/// Where a table's rows come from.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Origin {
    /// They are its own.
    #[default]
    Own,
    /// They are made by a query: it is a materialized view.
    Materialized(Materialized),
    /// They are on a server, and never asked for: it is a foreign table, whose tree stays empty.
    Foreign(ForeignTable),
}

impl Encode for Origin {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        match self {
            Origin::Own => OWN.encode(encoder),
            Origin::Materialized(view) => {
                MATERIALIZED.encode(encoder)?;
                view.encode(encoder)
            }
            Origin::Foreign(foreign) => {
                FOREIGN.encode(encoder)?;
                foreign.encode(encoder)
            }
        }
    }
}

impl<C> Decode<C> for Origin {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Origin, DecodeError> {
        match u8::decode(decoder)? {
            OWN => Ok(Origin::Own),
            MATERIALIZED => Ok(Origin::Materialized(Materialized::decode(decoder)?)),
            FOREIGN => Ok(Origin::Foreign(ForeignTable::decode(decoder)?)),
            other => Err(DecodeError::OtherString(format!("no origin of rows is {other}"))),
        }
    }
}

bincode::impl_borrow_decode!(Origin);

/// What makes a table a materialized view.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Materialized {
    /// Its query.
    pub query: String,
    /// Whether its rows are there: not after `WITH NO DATA`.
    pub populated: bool,
}

/// What makes a table a foreign table.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct ForeignTable {
    /// The server that has its rows.
    pub server: Oid,
    /// Its options, in the order in which they were given.
    pub options: Vec<ForeignOption>,
    /// The options of its columns that have some, by their places.
    pub columns: Vec<(u16, Vec<ForeignOption>)>,
}

impl ForeignTable {
    /// The options of the column at a place.
    pub fn column_options(&self, place: u16) -> &[ForeignOption] {
        let found = self.columns.iter().find(|(of, _)| *of == place);
        found.map_or(&[], |(_, options)| options)
    }

    /// Gives a column its options.
    pub fn set_column_options(&mut self, place: u16, options: Vec<ForeignOption>) {
        self.columns.retain(|(of, _)| *of != place);
        if !options.is_empty() {
            self.columns.push((place, options));
        }
    }
}
