//! What domains demand, bound once a statement.

use crate::binder::{Binder, internal};
use crate::clause::Clause;
use crate::error::BindResult;
use crate::parse::parsed_expression;
use catalog::object::Rule;
use plan::expression::DomainRules;
use std::sync::Arc;
use types::Type;

impl Binder<'_> {
    /// What a domain over `base` demands; not what domains that it is made of do.
    pub fn domain_rules(&mut self, domain: u32, base: Type) -> BindResult<Arc<DomainRules>> {
        if let Some(known) = self.domains.get(&domain) {
            return known.clone().ok_or_else(|| internal("a domain's check casts to the domain itself"));
        }
        let Some(object) = self.scope().domain(domain).cloned() else {
            return Err(internal("a domain is not in the catalog"));
        };
        self.domains.insert(domain, None);
        let mut texts: Vec<(String, String)> = self
            .scope()
            .constraints_of(domain)
            .filter_map(|constraint| match &constraint.rule {
                Rule::Check(text) => Some((constraint.name.clone(), text.clone())),
                Rule::Unique(_) | Rule::PrimaryKey(_) | Rule::ForeignKey { .. } => None,
            })
            .collect();
        texts.sort();
        let mut checks = Vec::with_capacity(texts.len());
        for (name, text) in texts {
            let limit = self.context.depth_limit;
            let condition = self.apart(|binder| {
                binder.level().domain_value = Some(base);
                binder.level().clause = Clause::DomainCheck;
                parsed_expression(&text, limit, |tree| binder.condition(tree, "CHECK"))
            })?;
            checks.push((name, condition));
        }
        let rules = Arc::new(DomainRules { name: object.name.clone(), not_null: object.not_null, checks });
        self.domains.insert(domain, Some(rules.clone()));
        Ok(rules)
    }
}
