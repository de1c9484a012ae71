//! Operator classes and families that users have made.

use crate::Writer;
use crate::error::DumpError;
use crate::order::schema_name;
use catalog::name::quote_identifier;
use catalog::object::{FamilyMember, MemberKind, OperatorClass, OperatorFamily};
use catalog::operator_class;
use types::catalog::type_name;

impl Writer<'_> {
    pub(crate) fn operator_family(&mut self, made: &OperatorFamily) -> Result<String, DumpError> {
        let name = self.full_name(made.schema, &made.name);
        let method = made.method.name();
        let mut text = format!("CREATE OPERATOR FAMILY {name} USING {method};");
        if !made.members.is_empty() {
            let members = self.members(&made.members)?;
            text.push_str(&format!("\nALTER OPERATOR FAMILY {name} USING {method} ADD\n    "));
            text.push_str(&members.join(",\n    "));
            text.push(';');
        }
        Ok(text)
    }

    pub(crate) fn operator_class(&mut self, made: &OperatorClass) -> Result<String, DumpError> {
        let name = self.full_name(made.schema, &made.name);
        let default = if made.is_default { "DEFAULT " } else { "" };
        let family = self.family_name(made.family);
        let mut members = self.members(&made.members)?;
        if members.is_empty() {
            members.push(format!("STORAGE {}", type_name(&self.scope, made.of, None)));
        }
        Ok(format!(
            "CREATE OPERATOR CLASS {name}\n    {default}FOR TYPE {} USING {} FAMILY {family} AS\n    {};",
            type_name(&self.scope, made.of, None),
            made.method.name(),
            members.join(",\n    ")
        ))
    }

    /// A family's name with its schema.
    fn family_name(&self, family: u32) -> String {
        match self.scope.object(family) {
            Some(catalog::Object::OperatorFamily(family)) => self.full_name(family.schema, &family.name),
            _ => {
                let known = operator_class::family_of(&self.scope, family);
                format!("pg_catalog.{}", known.map_or("".into(), |(_, name)| name))
            }
        }
    }

    fn members(&mut self, members: &[FamilyMember]) -> Result<Vec<String>, DumpError> {
        members.iter().map(|member| self.member(member)).collect()
    }

    fn member(&mut self, member: &FamilyMember) -> Result<String, DumpError> {
        let of = |of: u32| type_name(&self.scope, of, None);
        let (number, sides) = (member.number, format!("({},{})", of(member.left), of(member.right)));
        match member.what {
            MemberKind::Operator(operator) | MemberKind::OrderBy(operator, _) => {
                let own = self.scope.operator(operator).map(|made| {
                    let schema = schema_name(&self.scope, made.schema);
                    format!("OPERATOR({}.{})", quote_identifier(&schema), made.name)
                });
                let name = own.or_else(|| self.scope.full_operator_name(operator)).unwrap_or_default();
                // Here an operator is named without the word.
                let name = name.trim_start_matches("OPERATOR(").trim_end_matches(')');
                let ordered = match member.what {
                    MemberKind::OrderBy(_, family) => format!(" FOR ORDER BY {}", self.family_name(family)),
                    MemberKind::Operator(_) | MemberKind::Function(_) | MemberKind::Kept(_) => String::new(),
                };
                Ok(format!("OPERATOR {number} {name}{sides}{ordered}"))
            }
            MemberKind::Function(function) => {
                let signature = self.value(&format!("SELECT {function}::pg_catalog.regprocedure"))?;
                Ok(format!("FUNCTION {number} {sides} {signature}"))
            }
            MemberKind::Kept(kept) => Ok(format!("STORAGE {}", of(kept))),
        }
    }
}
