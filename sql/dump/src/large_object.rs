//! Large objects: made by their numbers, and filled piece by piece.

use crate::Writer;
use crate::error::DumpError;
use crate::objects::quote_text;
use crate::select::{Told, run};
use catalog::Address;
use catalog::object::class;

/// How many bytes a statement has of one.
const PIECE: u64 = 16 << 10;

impl Writer<'_> {
    /// All of them, by number.
    pub(crate) fn large_objects(&mut self) -> Result<(), DumpError> {
        let mut numbers = Vec::new();
        let query = "SELECT oid FROM pg_catalog.pg_largeobject_metadata ORDER BY oid";
        run(self.session, query, &mut |told| {
            if let Told::Row([Some(number)]) = told {
                numbers.push(number.clone());
            }
            Ok(())
        })?;
        for number in numbers {
            self.text(&format!("\nSELECT pg_catalog.lo_create({number});\n"))?;
            let mut place = 0;
            loop {
                let piece = self.value(&format!("SELECT pg_catalog.lo_get({number}, {place}, {PIECE})"))?;
                if piece == "\\x" {
                    break;
                }
                self.text(&format!("SELECT pg_catalog.lo_put({number}, {place}, '{piece}');\n"))?;
                place += PIECE;
            }
            let address = Address::of(number.parse().unwrap_or(0));
            if let Some(comment) = self.scope.comment(class::LARGE_OBJECT, address) {
                let text = format!("COMMENT ON LARGE OBJECT {number} IS {};\n", quote_text(comment));
                self.text(&text)?;
            }
        }
        Ok(())
    }
}
