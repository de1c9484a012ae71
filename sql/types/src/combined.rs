//! Values of `pg_mcv_list`: the most common combinations of several columns' values, as texts.
//!
//! | bytes | what |
//! |---|---|
//! | 4 | how many columns |
//! | for each combination: 8, 8 | which part of the rows has it, and would have it if the columns had nothing to do with one another |
//! | for each of its columns: 4, n | the length of the text, and the text; 2^32 - 1 for null |

/// A combination.
#[derive(Debug, Clone, PartialEq)]
pub struct CombinedItem {
    /// The texts of its values; none for null.
    pub values: Vec<Option<String>>,
    /// Which part of the rows has it.
    pub frequency: f64,
    /// Which part would have it if the columns had nothing to do with one another.
    pub base: f64,
}

/// A list of combinations, the most common first.
#[derive(Debug, Clone, PartialEq)]
pub struct CombinedItems(pub Vec<CombinedItem>);

/// The length that stands for null.
const NULL: u32 = u32::MAX;

impl CombinedItems {
    /// As bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        let width = self.0.first().map_or(0, |item| item.values.len());
        let mut bytes = (width as u32).to_be_bytes().to_vec();
        for item in &self.0 {
            bytes.extend_from_slice(&item.frequency.to_be_bytes());
            bytes.extend_from_slice(&item.base.to_be_bytes());
            for value in &item.values {
                let length = value.as_ref().map_or(NULL, |text| text.len() as u32);
                bytes.extend_from_slice(&length.to_be_bytes());
                bytes.extend_from_slice(value.as_deref().unwrap_or_default().as_bytes());
            }
        }
        bytes
    }

    /// From bytes; none if they are no list.
    pub fn from_bytes(bytes: &[u8]) -> Option<CombinedItems> {
        let (width, mut rest) = bytes.split_first_chunk::<4>()?;
        let width = u32::from_be_bytes(*width);
        let mut items = Vec::new();
        while !rest.is_empty() {
            let (frequency, after) = rest.split_first_chunk::<8>()?;
            let (base, after) = after.split_first_chunk::<8>()?;
            rest = after;
            let mut values = Vec::new();
            for _ in 0..width {
                let (length, after) = rest.split_first_chunk::<4>()?;
                let length = u32::from_be_bytes(*length);
                rest = after;
                if length == NULL {
                    values.push(None);
                    continue;
                }
                let (text, after) = rest.split_at_checked(length as usize)?;
                values.push(Some(std::str::from_utf8(text).ok()?.to_owned()));
                rest = after;
            }
            let (frequency, base) = (f64::from_be_bytes(*frequency), f64::from_be_bytes(*base));
            items.push(CombinedItem { values, frequency, base });
        }
        Some(CombinedItems(items))
    }
}
