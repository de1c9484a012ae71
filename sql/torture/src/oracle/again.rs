//! The same query again and again, while its tables change: results that are kept and plans of prepared statements.
//!
//! A client has a few queries that it has prepared. One of them is asked again, as it stands or by its name, as long as its
//! columns are what they were. Their results are kept, however little they cost.

use crate::client::Client;
use crate::labels;
use crate::model::contents::Contents;
use crate::query::Query;
use crate::value::Kind;
use torture::workload::Ended;

/// How many queries a client asks again.
const KEPT: usize = 3;

/// That results are kept, and that they are only where that saves something.
const KEEPS: [&str; 2] = [
    "SET LOCAL hornbeam.result_cache_above_cost = 0",
    "SET LOCAL hornbeam.result_cache_above_cost TO DEFAULT",
];

/// A query with the tables that it is over, as they were.
struct Prepared {
    /// It is called `q` and this.
    number: u64,
    query: Query,
    tables: Vec<(String, Vec<(String, Kind)>)>,
}

/// The queries of a client.
#[derive(Default)]
pub struct Asked {
    queries: [Option<Prepared>; 2 * KEPT],
    count: u64,
    /// Whether it is one over the tables of a crowd that is asked next: those have places of their own.
    pub is_of_crowd: bool,
}

impl Prepared {
    /// Whether its tables have the columns that they had.
    fn is_over(&self, view: &Contents) -> bool {
        let has = |(name, columns): &(String, Vec<(String, Kind)>)| {
            let table = view.tables.get(name).map(|table| table.typed());
            table.is_some_and(|own| columns.iter().all(|column| own.contains(column)))
        };
        self.tables.iter().all(has)
    }
}

impl Client<'_> {
    /// Asks a query again, or another one for the first time.
    ///
    /// # Errors
    /// When a promise is broken, or a statement was refused.
    pub fn again(&mut self, view: &Contents) -> Result<(), Ended> {
        let place = self.place_of_asked();
        if self.choose(&labels::VARIANT, 8) == 7 {
            return self.ask_first(view, place);
        }
        self.ask_again(view, place)
    }

    /// A place where a query is kept.
    pub fn place_of_asked(&self) -> usize {
        let first = if self.asked.is_of_crowd { KEPT } else { 0 };
        first + self.choose(&labels::MODE, KEPT)
    }

    /// Asks the query at a place, which is another one if its tables are not there any more.
    ///
    /// # Errors
    /// When a promise is broken, or a statement was refused.
    pub fn ask_again(&mut self, view: &Contents, place: usize) -> Result<(), Ended> {
        match &self.asked.queries[place] {
            Some(prepared) if prepared.is_over(view) => {
                let (query, name) = (prepared.query.clone(), format!("EXECUTE q{}", prepared.number));
                let by_name = self.choose(&labels::VARIANT, 2) == 1;
                self.ask_keeping(view, &query, by_name.then_some(name))
            }
            Some(_) | None => self.ask_first(view, place),
        }
    }

    fn ask_first(&mut self, view: &Contents, place: usize) -> Result<(), Ended> {
        let Some(query) = self.whole_query(view) else { return Ok(()) };
        self.ask_keeping(view, &query, None)?;
        if let Some(old) = self.asked.queries[place].take() {
            self.simply(&format!("DEALLOCATE q{}", old.number))?;
        }
        let number = self.asked.count;
        self.asked.count += 1;
        self.simply(&format!("PREPARE q{number} AS {}", query.sql()))?;
        let tables = query.tables().into_iter();
        let typed = |name: String| view.tables.get(&name).map(|table| (name, table.typed()));
        let tables = tables.filter_map(typed).collect();
        self.asked.queries[place] = Some(Prepared { number, query, tables });
        Ok(())
    }

    /// Asks a query, as it stands or by its name; its result is kept.
    fn ask_keeping(&mut self, view: &Contents, query: &Query, name: Option<String>) -> Result<(), Ended> {
        let (text, is_ordered) = (query.sql(), query.is_ordered());
        self.simply(KEEPS[0])?;
        let found = self.rows_of(name.as_ref().unwrap_or(&text), is_ordered)?;
        self.hold(&text, &query.evaluate(view), &found)?;
        self.kept.with(|kept| kept.model.read_verified());
        self.simply(KEEPS[1])
    }
}
