//! The rules that come with the program: what Unicode says of characters that are made of others, and what stands for those that are
//! not.

use std::collections::BTreeMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Marks that are left out.
const MARKS: [(u32, u32); 3] = [(0x300, 0x362), (0x20dd, 0x20e0), (0x20e2, 0x20e4)];

/// Where characters are written with others that mean the same: ligatures, fractions, numbers in parentheses, wide forms.
#[rustfmt::skip]
const WRITTEN_OTHERWISE: &[(u32, u32)] = &[
    (0xbc, 0xbe), (0x132, 0x133), (0x13f, 0x149), (0x17f, 0x17f), (0x1c4, 0x1cc), (0x1f1, 0x1f3), (0x1e9a, 0x1e9a),
    (0x2024, 0x2026), (0x203c, 0x203c), (0x2047, 0x2049), (0x2100, 0x211f), (0x2121, 0x2121), (0x2124, 0x2124),
    (0x2128, 0x2128), (0x212c, 0x2134), (0x2139, 0x213b), (0x2145, 0x2149), (0x2150, 0x2189), (0x2474, 0x24b5),
    (0x2a74, 0x2a76), (0x3371, 0x3377), (0x337a, 0x33df), (0xfb00, 0xfb06), (0xfe10, 0xfe32), (0xfe35, 0xfe48),
    (0xfe50, 0xfe6b), (0xff01, 0xff60), (0x1f100, 0x1f129),
];
/// Litres: their letter is a sign of its own.
const LITRES: (u32, u32) = (0x3396, 0x3398);
/// Squared words, among which powers are left as they are.
const SQUARED: (u32, u32) = (0x3300, 0x33ff);

/// Letters that are of others by their names and do not decompose: what stands for them, and they.
#[rustfmt::skip]
const LETTERS: &[(&str, &str)] = &[
    ("A", "Ⱥᴀ"), ("B", "ƁƂɃʙᴃ"), ("C", "ƇȻᴄꞒ"), ("D", "ÐĐƉƊƋᴅᴆꝹ"), ("E", "ƐɆᴇ"), ("F", "ƑꜰꝻ"), ("G", "ƓǤɢʛꞠ"),
    ("H", "ĦʜⱧꞪ"), ("I", "ƖƗɪᵻ"), ("J", "Ɉᴊ"), ("K", "ƘᴋⱩꝀꝂꝄꞢ"), ("L", "ĿŁȽʟᴌⱠⱢꝆꝈ"), ("M", "ᴍⱮ"), ("N", "ŊƝɴꞐꞤ"),
    ("O", "ØᴏꝊꝌ"), ("P", "ƤᴘⱣꝐꝒꝔ"), ("Q", "ꝖꝘ"), ("R", "ɌʀⱤꝶꞦ"), ("S", "ⱾꜱꞨ"), ("T", "ŦƬƮȾᴛꞆ"), ("U", "Ʉᴜᵾ"),
    ("V", "ƲᴠỼꝞ"), ("W", "ᴡⱲ"), ("Y", "ƳɎʏỾ"), ("Z", "ƵȤᴢⱫⱿ"), ("a", "ᶏẚⱥ"), ("b", "ƀƃɓᵬᶀ"), ("c", "ƈȼɕꞓ"),
    ("d", "ðđƌȡɖɗᵭᶁᶑꝱꝺ"), ("e", "ɇɛᶒᶓⱸ"), ("f", "ƒᵮᶂꝼ"), ("g", "ǥɠɡᶃꞡ"), ("h", "ħɦɧⱨ"), ("i", "ıɨᶖ"), ("j", "ȷɉɟʝ"),
    ("k", "ƙᶄⱪꝁꝃꝅꞣ"), ("l", "ŀłƚȴɫɬɭᶅⱡꝇꝉꝲ"), ("m", "ɱᵯᶆꝳ"), ("n", "ŋƞȵɲɳᵰᶇꝴꞑꞥ"), ("o", "øⱺꝋꝍ"), ("p", "ƥᵱᵽᶈꝑꝓꝕ"),
    ("q", "ĸʠꝗꝙ"), ("r", "ɍɼɽɾᵲᵳᶉꝵꞧ"), ("s", "ȿʂᵴᶊẜẝꞩ"), ("t", "ŧƫƭȶʈᵵⱦꝷꞇ"), ("u", "ʉᶙ"), ("v", "ʋᶌỽⱱⱴꝟ"), ("w", "ⱳ"),
    ("x", "ᶍ"), ("y", "ƴɏỿ"), ("z", "ƶȥɀʐʑᵶᶎⱬ"), ("AA", "Ꜳ"), ("AE", "Æᴁ"), ("AO", "Ꜵ"), ("AU", "Ꜷ"), ("AV", "ꜸꜺ"),
    ("AY", "Ꜽ"), ("LL", "Ỻ"), ("OE", "Œɶ"), ("OI", "Ƣ"), ("OO", "Ꝏ"), ("SS", "ẞ"), ("TH", "ÞꝤꝦ"), ("VY", "Ꝡ"),
    ("aa", "ꜳ"), ("ae", "æ"), ("ao", "ꜵ"), ("au", "ꜷ"), ("av", "ꜹꜻ"), ("ay", "ꜽ"), ("db", "ȸ"), ("dz", "ʣʥ"),
    ("hv", "ƕ"), ("ll", "ỻ"), ("ls", "ʪ"), ("lz", "ʫ"), ("oe", "œ"), ("oi", "ƣ"), ("oo", "ꝏ"), ("qp", "ȹ"),
    ("ss", "ß"), ("th", "þᵺꝥꝧ"), ("ts", "ʦ"), ("ue", "ᵫ"), ("vy", "ꝡ"),
];

/// Signs, and what is written in their place where there is ASCII alone.
#[rustfmt::skip]
const SIGNS: &[(&str, &str)] = &[
    ("!", "¡"), ("\"", "ʺ“”‟″〝〞"), ("'", "ʹʻʼʽˈ‘’‛′"), ("*", "×⁎"), ("+", "˖"), (",", "‚、︑﹑､"),
    ("-", "\u{ad}˗‐\u{2011}‒–—―−︱︲﹘"), (".", "。︒｡"), ("/", "÷⁄∕"), ("0", "〇"), (":", "ː"), ("<", "˂‹〈︿"),
    (">", "˃›〉﹀"), ("?", "¿"), ("P", "℘"), ("[", "⁅〔〘〚︹﹝"), ("\\", "∖"), ("]", "⁆〕〙〛︺﹞"), ("^", "˄ˆ"), ("`", "ˋ"),
    ("x", "ℌ"), ("|", "∣"), ("~", "˜"), ("'n", "ŉ"), ("((", "⦅｟"), ("))", "⦆｠"), (",,", "„"), ("->", "￫"),
    ("<-", "￩"), ("<<", "«≪《︽"), (">>", "»≫》︾"), ("CE", "₠"), ("Cr", "₢"), ("L.", "₤"), ("Rs", "₹"), ("Rx", "℞"),
    ("TL", "₺"), ("pH", "㏗"), ("||", "‖∥"), ("°C", "℃"), ("°F", "℉"), ("(C)", "©"), ("(P)", "℗"), ("(R)", "®"),
    ("+/-", "±"), ("Fr.", "₣"), ("Pts", "₧"),
];

/// What is replaced, and by what.
pub(super) fn rules() -> BTreeMap<String, String> {
    let mut rules = BTreeMap::new();
    for (first, last) in BLOCKS {
        for character in first..=last {
            if let Some(made) = decomposed(character) {
                rules.insert(character.to_string(), made);
            }
        }
    }
    for (made, characters) in LETTERS.iter().chain(SIGNS) {
        rules.extend(characters.chars().map(|character| (character.to_string(), (*made).to_owned())));
    }
    rules
}

/// Where there are characters that decompose.
const BLOCKS: [(char, char); 5] = [
    ('\u{a0}', '\u{45f}'),
    ('\u{1d00}', '\u{2bff}'),
    ('\u{3000}', '\u{33ff}'),
    ('\u{fb00}', '\u{ffef}'),
    ('\u{1f100}', '\u{1f129}'),
];

fn is_within(character: char, range: (u32, u32)) -> bool {
    (range.0..=range.1).contains(&u32::from(character))
}

/// A letter that stands for those that are made of it with marks.
fn is_plain(letter: char) -> bool {
    letter.is_ascii_alphabetic() || matches!(letter, 'Α'..='Ω' | 'α'..='ω')
}

/// What stands for a character that is made of others.
fn decomposed(character: char) -> Option<String> {
    if MARKS.iter().any(|range| is_within(character, *range)) {
        return Some(String::new());
    }
    let mut parts = std::iter::once(character).nfd();
    let base = parts.next()?;
    let marks: String = parts.collect();
    // What is another character altogether is not composed again.
    let composed = std::iter::once(character).nfc().eq(std::iter::once(character));
    if composed && !marks.is_empty() && marks.chars().all(is_combining_mark) {
        let of_cyrillic = matches!(base, 'Е' | 'е') && marks == "\u{308}";
        if is_plain(base) || of_cyrillic {
            return Some(base.to_string());
        }
    }
    let is_written = WRITTEN_OTHERWISE.iter().any(|range| is_within(character, *range));
    if !is_written || is_within(character, LITRES) {
        return None;
    }
    let slash = |part: char| if matches!(part, '\u{2044}' | '\u{2215}') { '/' } else { part };
    let parts = std::iter::once(character).nfkd().map(slash);
    let made: String = parts.filter(|part| !is_within(*part, MARKS[0])).collect();
    let power = is_within(character, SQUARED) && made.bytes().any(|byte| byte.is_ascii_digit());
    (made.is_ascii() && !power && !character.is_ascii()).then_some(made)
}
