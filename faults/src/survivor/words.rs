//! Words for the choices of [`Concern::Survivor`](crate::Concern::Survivor), so that a scenario says "lost" and not 1.
//!
//! Invariants
//!
//! 1. The tables follow the options as [`draw`](super::draw) asks for them; the default, option 0, needs no word.
//! 2. A word and its part lead back to one number of options and one option.

use crate::decisions::Part;

/// The words of one kind of choice, for the options from 1 on.
struct Table {
    part: Part,
    words: &'static [&'static str],
}

const TABLES: &[Table] = &[
    Table {
        part: Part::Whole,
        words: &["nothing", "prefix", "prefix-by-file", "any-writes", "any-sectors", "torn-last"],
    },
    Table { part: Part::Write, words: &["lost", "length-with-zeros", "length-with-garbage", "torn"] },
    Table { part: Part::Write, words: &["length-lost"] },
    Table { part: Part::Sector, words: &["lost", "garbage", "cut", "collateral"] },
    Table { part: Part::Entry, words: &["lost", "doubled"] },
];

impl Table {
    fn options(&self) -> u32 {
        self.words.len() as u32 + 1
    }
}

/// The word for an option of a survivor choice; `None` for the default and for plain numbers.
pub fn word(part: Part, options: u32, chosen: u32) -> Option<&'static str> {
    let table = TABLES.iter().find(|table| table.part == part && table.options() == options)?;
    table.words.get((chosen as usize).checked_sub(1)?).copied()
}

/// The number of options and the option that a word stands for.
pub fn meaning(part: Part, word: &str) -> Option<(u32, u32)> {
    TABLES.iter().filter(|table| table.part == part).find_map(|table| {
        let position = table.words.iter().position(|candidate| *candidate == word)?;
        Some((table.options(), position as u32 + 1))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Call;
    use crate::decisions::{Concern, Decisions};
    use crate::ledger::Ledger;
    use crate::survivor::{Change, Device, Strategy, Unsynced, draw};
    use std::collections::BTreeSet;

    env::labels! { CRASH: "test.crash", Sync, "a label for tests"; }

    #[test]
    fn every_word_leads_back_to_its_option() {
        for table in TABLES {
            for (position, text) in table.words.iter().enumerate() {
                let option = (table.options(), position as u32 + 1);
                assert_eq!(meaning(table.part, text), Some(option));
                assert_eq!(word(table.part, option.0, option.1), Some(*text));
            }
        }
        assert_eq!(word(Part::Whole, Strategy::ALL.len() as u32, 0), None);
        assert_eq!(meaning(Part::Sector, "torn"), None);
    }

    #[test]
    fn the_words_are_for_the_choices_that_a_crash_makes() {
        let changes = [
            Unsynced { object: 1, change: Change::Write { offset: 0, length: 1500, grows: true } },
            Unsynced { object: 1, change: Change::Length },
            Unsynced { object: 0, change: Change::Entry { rename: true } },
        ];
        let mut said = BTreeSet::new();
        for seed in 0..300 {
            let mut decisions = Decisions::seeded(seed);
            let task = decisions.task("main");
            let mut ledger = Ledger::new();
            let mut call =
                Call { decisions: &mut decisions, ledger: &mut ledger, task, label: &CRASH, step: 1 };
            draw(&changes, Device { sector: 512, atomic: false }, &mut call);
            for decision in decisions.deviations() {
                assert_eq!(decision.concern, Concern::Survivor);
                let plain = matches!(decision.part, Part::Cut | Part::Length);
                let text = word(decision.part, decision.options, decision.chosen);
                assert_eq!(text.is_none(), plain, "{decision:?}");
                said.extend(text.map(|text| (decision.part, text)));
            }
        }
        assert_eq!(said.len(), TABLES.iter().map(|table| table.words.len()).sum::<usize>());
    }
}
