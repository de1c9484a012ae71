//! Conversions between encodings, by their names and by what they do.

use super::{Scope, Snapshot};
use crate::object::{Conversion, FIXED_CONVERSIONS, Oid, PG_CATALOG};
use std::sync::Arc;

impl Snapshot {
    /// The number of the conversion called `name` in a schema; those that come with the program are in `pg_catalog`.
    pub fn conversion_in(&self, schema: Oid, name: &str) -> Option<Oid> {
        let made = self.conversions.get(&schema).and_then(|names| names.get(name)).copied();
        let fixed = || FIXED_CONVERSIONS.iter().find(|fixed| fixed.name == name).map(|fixed| fixed.oid);
        if schema == PG_CATALOG { made.or_else(fixed) } else { made }
    }

    /// The schema and the name of a conversion.
    pub fn conversion_known(&self, oid: Oid) -> Option<(Oid, &str)> {
        let fixed = FIXED_CONVERSIONS.iter().find(|fixed| fixed.oid == oid);
        let made = || self.conversion(oid).map(|made| (made.schema, made.name.as_str()));
        fixed.map(|fixed| (PG_CATALOG, fixed.name)).or_else(made)
    }

    /// Those that users have made in a schema.
    pub fn conversions_of(&self, schema: Oid) -> impl Iterator<Item = &Arc<Conversion>> {
        let names = self.conversions.get(&schema);
        names.into_iter().flat_map(|names| names.values()).filter_map(|oid| self.conversion(*oid))
    }
}

impl Scope {
    /// The number of the conversion called `name`, in `schema` or along the path.
    pub fn look_for_conversion(&self, schema: Option<&str>, name: &str) -> Option<Oid> {
        match schema {
            Some(schema) => self.conversion_in(self.find_schema(schema).ok()?, name),
            None => self.path().schemas().find_map(|schema| self.conversion_in(schema, name)),
        }
    }

    /// Whether a conversion's name alone finds it.
    pub fn is_conversion_visible(&self, schema: Oid, name: &str) -> bool {
        self.path().schemas().find(|schema| self.conversion_in(*schema, name).is_some()) == Some(schema)
    }

    /// A conversion as messages call it: with its schema where its name alone does not find it.
    pub fn conversion_name(&self, conversion: &Conversion) -> String {
        if self.is_conversion_visible(conversion.schema, &conversion.name) {
            return crate::name::quote_identifier(&conversion.name);
        }
        let schema = self.schema(conversion.schema).map_or("", |schema| schema.name.as_str());
        crate::name::qualified(schema, &conversion.name)
    }
}
