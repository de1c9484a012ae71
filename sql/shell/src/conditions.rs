//! `\if`, `\elif`, `\else`, `\endif`.

/// A branch that is open.
#[derive(Debug, Clone, Copy)]
struct Branch {
    /// Whether what stands in it is run.
    active: bool,
    /// Whether a branch of the same condition was run, or none can be.
    done: bool,
    /// Whether `\else` was said.
    last: bool,
}

/// Branches that are open, the innermost last.
#[derive(Debug, Default)]
pub struct Conditions {
    branches: Vec<Branch>,
}

impl Conditions {
    /// Whether what is said now is run.
    pub fn is_active(&self) -> bool {
        self.branches.last().is_none_or(|branch| branch.active)
    }

    /// How many branches are open.
    pub fn depth(&self) -> usize {
        self.branches.len()
    }

    /// Closes all but so many.
    pub fn cut(&mut self, depth: usize) {
        self.branches.truncate(depth);
    }

    /// `\if`; the condition is not asked within a branch that is not run.
    pub fn begin(&mut self, condition: impl FnOnce() -> bool) {
        let outer = self.is_active();
        let active = outer && condition();
        self.branches.push(Branch { active, done: active || !outer, last: false });
    }

    /// `\elif`
    ///
    /// # Errors
    /// What is wrong with its place.
    pub fn other(&mut self, condition: impl FnOnce() -> bool) -> Result<(), &'static str> {
        let branch = self.branches.last_mut().ok_or("\\elif: no matching \\if")?;
        if branch.last {
            return Err("\\elif: cannot occur after \\else");
        }
        branch.active = !branch.done && condition();
        branch.done |= branch.active;
        Ok(())
    }

    /// `\else`
    ///
    /// # Errors
    /// What is wrong with its place.
    pub fn otherwise(&mut self) -> Result<(), &'static str> {
        let branch = self.branches.last_mut().ok_or("\\else: no matching \\if")?;
        if branch.last {
            return Err("\\else: cannot occur after \\else");
        }
        *branch = Branch { active: !branch.done, done: true, last: true };
        Ok(())
    }

    /// `\endif`
    ///
    /// # Errors
    /// When nothing is open.
    pub fn end(&mut self) -> Result<(), &'static str> {
        self.branches.pop().map(drop).ok_or("\\endif: no matching \\if")
    }
}
