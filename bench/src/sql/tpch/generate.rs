//! The rows: each is made of its number alone, so that any of them can be made again.

use crate::measure::Keys;
use crate::sql::database::Cell;

const REGIONS: [&str; 5] = ["AFRICA", "AMERICA", "ASIA", "EUROPE", "MIDDLE EAST"];
const NATIONS: [(&str, i64); 25] = [
    ("ALGERIA", 0),
    ("ARGENTINA", 1),
    ("BRAZIL", 1),
    ("CANADA", 1),
    ("EGYPT", 4),
    ("ETHIOPIA", 0),
    ("FRANCE", 3),
    ("GERMANY", 3),
    ("INDIA", 2),
    ("INDONESIA", 2),
    ("IRAN", 4),
    ("IRAQ", 4),
    ("JAPAN", 2),
    ("JORDAN", 4),
    ("KENYA", 0),
    ("MOROCCO", 0),
    ("MOZAMBIQUE", 0),
    ("PERU", 1),
    ("CHINA", 2),
    ("ROMANIA", 3),
    ("SAUDI ARABIA", 4),
    ("VIETNAM", 2),
    ("RUSSIA", 3),
    ("UNITED KINGDOM", 3),
    ("UNITED STATES", 1),
];
const SEGMENTS: [&str; 5] = ["AUTOMOBILE", "BUILDING", "FURNITURE", "MACHINERY", "HOUSEHOLD"];
const PRIORITIES: [&str; 5] = ["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"];
const MODES: [&str; 7] = ["REG AIR", "AIR", "RAIL", "SHIP", "TRUCK", "MAIL", "FOB"];
const INSTRUCTIONS: [&str; 4] = ["DELIVER IN PERSON", "COLLECT COD", "NONE", "TAKE BACK RETURN"];
const COLOURS: [&str; 24] = [
    "almond",
    "azure",
    "beige",
    "blush",
    "brown",
    "chocolate",
    "coral",
    "cyan",
    "forest",
    "ghost",
    "green",
    "honeydew",
    "indian",
    "ivory",
    "khaki",
    "lace",
    "lemon",
    "linen",
    "magenta",
    "navy",
    "olive",
    "plum",
    "rosy",
    "sienna",
];
const TYPES: [&[&str]; 3] = [
    &["STANDARD", "SMALL", "MEDIUM", "LARGE", "ECONOMY", "PROMO"],
    &["ANODIZED", "BURNISHED", "PLATED", "POLISHED", "BRUSHED"],
    &["TIN", "NICKEL", "BRASS", "STEEL", "COPPER"],
];
const CONTAINERS: [&[&str]; 2] =
    [&["SM", "LG", "MED", "JUMBO", "WRAP"], &["CASE", "BOX", "BAG", "JAR", "PKG", "PACK", "CAN", "DRUM"]];
const WORDS: [&str; 20] = [
    "accounts",
    "after",
    "among",
    "asymptotes",
    "carefully",
    "deposits",
    "even",
    "final",
    "furiously",
    "ideas",
    "packages",
    "pending",
    "quickly",
    "regular",
    "silent",
    "slyly",
    "the",
    "theodolites",
    "unusual",
    "wake",
];
/// 1992-01-01, 1998-08-02 and 1995-06-17 as days.
const FIRST_DAY: i32 = 8035;
const LAST_DAY: i32 = 10_440;
const TODAY: i32 = 9298;

/// A source of choices for one row of one table.
struct Choices(Keys);

impl Choices {
    fn of(table: u64, number: u64) -> Choices {
        Choices(Keys::new(table << 40 | number, u64::MAX))
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.0.number() % bound
    }

    fn between(&mut self, least: i64, greatest: i64) -> i64 {
        least + self.below((greatest - least + 1).unsigned_abs()) as i64
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len() as u64) as usize]
    }

    fn words(&mut self, count: u64) -> String {
        let words: Vec<&str> = (0..count).map(|_| self.one(&WORDS)).collect();
        words.join(" ")
    }

    /// A text, which now and then has two words with others between them.
    fn comment(&mut self, words: u64, rare: Option<(&str, &str, u64)>) -> Cell {
        let text = self.words(words);
        match rare {
            Some((first, second, every)) if self.below(every) == 0 => {
                Cell::Text(format!("{first} {} {second}", self.words(1)))
            }
            _ => Cell::Text(text),
        }
    }

    fn phone(&mut self, nation: i64) -> Cell {
        let (a, b, c) = (self.between(100, 999), self.between(100, 999), self.between(1000, 9999));
        Cell::Text(format!("{}-{a}-{b}-{c}", nation + 10))
    }
}

fn text(text: &str) -> Cell {
    Cell::Text(text.to_owned())
}

/// How many rows there are.
#[derive(Clone, Copy)]
pub struct Generator {
    pub suppliers: u64,
    pub customers: u64,
    pub parts: u64,
    pub orders: u64,
}

pub fn region(key: u64) -> Vec<Cell> {
    vec![Cell::Int(key as i64), text(REGIONS[key as usize]), Choices::of(1, key).comment(8, None)]
}

pub fn nation(key: u64) -> Vec<Cell> {
    let (name, region) = NATIONS[key as usize];
    vec![Cell::Int(key as i64), text(name), Cell::Int(region), Choices::of(2, key).comment(8, None)]
}

pub fn supplier(key: u64) -> Vec<Cell> {
    let mut choices = Choices::of(3, key);
    let nation = choices.between(0, 24);
    vec![
        Cell::Int(key as i64),
        Cell::Text(format!("Supplier#{key:09}")),
        choices.comment(2, None),
        Cell::Int(nation),
        choices.phone(nation),
        Cell::Cents(choices.between(-99_999, 999_999)),
        choices.comment(8, Some(("Customer", "Complaints", 200))),
    ]
}

pub fn customer(key: u64) -> Vec<Cell> {
    let mut choices = Choices::of(4, key);
    let nation = choices.between(0, 24);
    vec![
        Cell::Int(key as i64),
        Cell::Text(format!("Customer#{key:09}")),
        choices.comment(2, None),
        Cell::Int(nation),
        choices.phone(nation),
        Cell::Cents(choices.between(-99_999, 999_999)),
        text(choices.one(&SEGMENTS)),
        choices.comment(10, None),
    ]
}

fn retail_price(part: u64) -> i64 {
    (90_000 + (part / 10) % 20_001 + 100 * (part % 1000)) as i64
}

pub fn part(key: u64) -> Vec<Cell> {
    let mut choices = Choices::of(5, key);
    let name: Vec<&str> = (0..5).map(|_| choices.one(&COLOURS)).collect();
    let maker = choices.between(1, 5);
    let brand = maker * 10 + choices.between(1, 5);
    let of: Vec<&str> = TYPES.iter().map(|syllables| choices.one(syllables)).collect();
    let container: Vec<&str> = CONTAINERS.iter().map(|syllables| choices.one(syllables)).collect();
    vec![
        Cell::Int(key as i64),
        Cell::Text(name.join(" ")),
        Cell::Text(format!("Manufacturer#{maker}")),
        Cell::Text(format!("Brand#{brand}")),
        Cell::Text(of.join(" ")),
        Cell::Int(choices.between(1, 50)),
        Cell::Text(container.join(" ")),
        Cell::Cents(retail_price(key)),
        choices.comment(3, None),
    ]
}

/// A line of an order.
struct Line {
    cells: Vec<Cell>,
    total: i64,
    shipped: bool,
}

impl Generator {
    /// Of a scale.
    pub fn new(scale: f64) -> Generator {
        let scaled = |rows: f64| (rows * scale).max(10.0) as u64;
        Generator {
            suppliers: scaled(10_000.0),
            customers: scaled(150_000.0),
            parts: scaled(200_000.0),
            orders: scaled(1_500_000.0),
        }
    }

    /// Who is the `at`th to supply a part.
    fn supplier_of(&self, part: u64, at: u64) -> u64 {
        (part + at * (self.suppliers / 4 + (part - 1) / self.suppliers)) % self.suppliers + 1
    }

    pub fn part_supplier(&self, part: u64, at: u64) -> Vec<Cell> {
        let mut choices = Choices::of(6, part * 4 + at);
        vec![
            Cell::Int(part as i64),
            Cell::Int(self.supplier_of(part, at) as i64),
            Cell::Int(choices.between(1, 9999)),
            Cell::Cents(choices.between(100, 100_000)),
            choices.comment(12, None),
        ]
    }

    /// The key of an order: of 32 numbers only eight are used.
    fn order_key(number: u64) -> i64 {
        (number / 8 * 32 + number % 8) as i64
    }

    fn order_day(choices: &mut Choices) -> i32 {
        choices.between(i64::from(FIRST_DAY), i64::from(LAST_DAY)) as i32
    }

    pub fn order(&self, number: u64) -> Vec<Cell> {
        let mut choices = Choices::of(7, number);
        let day = Self::order_day(&mut choices);
        // A third of the customers never orders.
        let customer = match choices.below(self.customers) + 1 {
            customer if customer % 3 == 0 && customer > 1 => customer - 1,
            customer => customer,
        };
        let lines = self.made_lines(number);
        let shipped = lines.iter().filter(|line| line.shipped).count();
        let status = match shipped {
            0 => "O",
            shipped if shipped == lines.len() => "F",
            _ => "P",
        };
        vec![
            Cell::Int(Self::order_key(number)),
            Cell::Int(customer as i64),
            text(status),
            Cell::Cents(lines.iter().map(|line| line.total).sum()),
            Cell::Date(day),
            text(choices.one(&PRIORITIES)),
            Cell::Text(format!("Clerk#{:09}", choices.below(1000) + 1)),
            Cell::Int(0),
            choices.comment(7, Some(("special", "requests", 80))),
        ]
    }

    pub fn lines(&self, number: u64) -> impl Iterator<Item = Vec<Cell>> + use<> {
        self.made_lines(number).into_iter().map(|line| line.cells)
    }

    fn made_lines(&self, number: u64) -> Vec<Line> {
        let ordered = Self::order_day(&mut Choices::of(7, number));
        let mut choices = Choices::of(8, number);
        let count = choices.between(1, 7);
        (1..=count).map(|line| self.line(&mut choices, number, line, ordered)).collect()
    }

    fn line(&self, choices: &mut Choices, number: u64, line: i64, ordered: i32) -> Line {
        let part = choices.below(self.parts) + 1;
        let supplier = self.supplier_of(part, choices.below(4));
        let quantity = choices.between(1, 50);
        let (discount, tax) = (choices.between(0, 10), choices.between(0, 8));
        let price = quantity * retail_price(part);
        let shipped = ordered + choices.between(1, 121) as i32;
        let committed = ordered + choices.between(30, 90) as i32;
        let received = shipped + choices.between(1, 30) as i32;
        let returned = match received <= TODAY {
            true => choices.one(&["R", "A"]),
            false => "N",
        };
        let cells = vec![
            Cell::Int(Self::order_key(number)),
            Cell::Int(part as i64),
            Cell::Int(supplier as i64),
            Cell::Int(line),
            Cell::Cents(quantity * 100),
            Cell::Cents(price),
            Cell::Cents(discount),
            Cell::Cents(tax),
            text(returned),
            text(if shipped > TODAY { "O" } else { "F" }),
            Cell::Date(shipped),
            Cell::Date(committed),
            Cell::Date(received),
            text(choices.one(&INSTRUCTIONS)),
            text(choices.one(&MODES)),
            choices.comment(4, None),
        ];
        let total = price * (100 - discount) * (100 + tax) / 10_000;
        Line { cells, total, shipped: shipped <= TODAY }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sql::database::cents;

    #[test]
    fn parts_have_four_suppliers_that_exist() {
        let made = Generator::new(0.01);
        for part in 1..=made.parts {
            let mut of: Vec<u64> = (0..4).map(|at| made.supplier_of(part, at)).collect();
            assert!(of.iter().all(|supplier| (1..=made.suppliers).contains(supplier)));
            of.sort_unstable();
            of.dedup();
            assert_eq!(of.len(), 4, "part {part}");
        }
    }

    #[test]
    fn the_same_order_has_the_same_lines() {
        let made = Generator::new(0.01);
        let lines: Vec<Vec<Cell>> = made.lines(17).collect();
        assert_eq!(lines, made.lines(17).collect::<Vec<_>>());
        assert_eq!(cents(retail_price(1)), "901.00");
    }
}
