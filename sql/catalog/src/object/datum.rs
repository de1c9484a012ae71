//! A value that the catalog keeps.

use bincode::de::Decoder;
use bincode::enc::Encoder;
use bincode::error::{DecodeError, EncodeError};
use bincode::{Decode, Encode};
use types::kind::Kind;
use types::stored;
use types::value::{Item, Value};

/// A value with its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Datum(pub Value);

impl Encode for Datum {
    fn encode<E: Encoder>(&self, encoder: &mut E) -> Result<(), EncodeError> {
        let mut bytes = Vec::new();
        stored::append(&Item::from(&self.0), &mut bytes);
        self.0.kind().map(Kind::code).encode(encoder)?;
        bytes.encode(encoder)
    }
}

impl<C> Decode<C> for Datum {
    fn decode<D: Decoder<Context = C>>(decoder: &mut D) -> Result<Datum, DecodeError> {
        let code = Option::<u8>::decode(decoder)?;
        let bytes = Vec::<u8>::decode(decoder)?;
        let Some(code) = code else { return Ok(Datum(Value::Null)) };
        let kind = Kind::from_code(code)
            .ok_or_else(|| DecodeError::OtherString(format!("no kind of values is {code}")))?;
        let item = stored::read(kind, &bytes)
            .ok_or_else(|| DecodeError::OtherString(format!("these bytes are no {kind:?}")))?;
        Ok(Datum(item.to_value()))
    }
}

bincode::impl_borrow_decode!(Datum);
