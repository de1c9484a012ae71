//! Numbers within a field, read as C reads them: as far as they go.

use super::Problem;

/// The end of the longest prefix of spaces, a sign and digits; 0 if it has no digit.
fn integer_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = bytes.iter().take_while(|byte| super::lex::is_space(**byte)).count();
    if matches!(bytes.get(at), Some(b'+' | b'-')) {
        at += 1;
    }
    let digits = bytes[at..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    if digits == 0 { 0 } else { at + digits }
}

/// The integer at the beginning, which is 0 if there is none, and what follows; `None` if it does not fit.
pub fn integer64(text: &str) -> Option<(i64, &str)> {
    let end = integer_end(text);
    if end == 0 {
        return Some((0, text));
    }
    let digits = text[..end].trim_start_matches(|c: char| c.is_ascii() && super::lex::is_space(c as u8));
    Some((digits.parse().ok()?, &text[end..]))
}

/// The same for 32 bits.
pub fn integer32(text: &str) -> Option<(i64, &str)> {
    integer64(text).filter(|(value, _)| i32::try_from(*value).is_ok())
}

/// C's `atoi`: what does not fit is cut.
pub fn atoi(text: &str) -> i64 {
    let end = integer_end(text);
    let digits = text[..end].trim_start_matches(|c: char| c.is_ascii() && super::lex::is_space(c as u8));
    let clamped = if digits.starts_with('-') { i64::MIN } else { i64::MAX };
    let value = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(clamped) };
    i64::from(value as i32)
}

/// A fraction that begins with its point and is all of the text.
pub fn fraction(text: &str) -> Result<f64, Problem> {
    let digits = &text[1..];
    if digits.is_empty() {
        return Ok(0.0);
    }
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Problem::BadFormat);
    }
    let value: f64 = text.parse().map_err(|_| Problem::BadFormat)?;
    let has_value = digits.bytes().any(|byte| byte != b'0');
    // C's strtod calls a denormal result out of range.
    if has_value && value < f64::MIN_POSITIVE { Err(Problem::BadFormat) } else { Ok(value) }
}

/// A fraction of a second in microseconds.
pub fn fractional_second(text: &str) -> Result<i64, Problem> {
    Ok((fraction(text)? * 1e6).round_ties_even() as i64)
}

/// C's `strtod`: the number at the beginning and what follows; `None` if there is none, or none that fits.
pub fn float(text: &str) -> Option<(f64, &str)> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    for word in ["infinity", "inf", "nan"] {
        if unsigned.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)) {
            let value = if word == "nan" { f64::NAN } else { f64::INFINITY };
            return Some((sign * value, &unsigned[word.len()..]));
        }
    }
    if let Some(found) = hexadecimal(unsigned) {
        return Some((sign * found.0, found.1));
    }
    let bytes = unsigned.as_bytes();
    let digits = |from: usize| bytes[from..].iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = digits(0);
    let mut end = whole;
    if bytes.get(end) == Some(&b'.') {
        let fraction = digits(end + 1);
        if whole + fraction == 0 {
            return None;
        }
        end += 1 + fraction;
    } else if whole == 0 {
        return None;
    }
    let mantissa_end = end;
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = bytes.get(end + 1 + sign..).map_or(0, |_| digits(end + 1 + sign));
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let value: f64 = unsigned[..end].parse().ok()?;
    let has_value = bytes[..mantissa_end].iter().any(|byte| matches!(byte, b'1'..=b'9'));
    if value.is_infinite() || (has_value && value < f64::MIN_POSITIVE) {
        return None;
    }
    Some((sign * value, &unsigned[end..]))
}

/// `0x` and digits, with a fraction and a power of two.
fn hexadecimal(text: &str) -> Option<(f64, &str)> {
    let rest = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X"))?;
    let (mut value, mut scale, mut seen_point, mut digits, mut end) = (0.0, 1.0, false, 0, 0);
    for byte in rest.bytes() {
        match char::from(byte).to_digit(16) {
            Some(digit) => {
                value = value * 16.0 + f64::from(digit);
                scale *= if seen_point { 16.0 } else { 1.0 };
                digits += 1;
            }
            None if byte == b'.' && !seen_point => seen_point = true,
            None => break,
        }
        end += 1;
    }
    if digits == 0 {
        return None;
    }
    let mut rest = &rest[end..];
    let mut power = 0;
    if let Some(exponent) = rest.strip_prefix(['p', 'P']) {
        let end = integer_end(exponent);
        if end > 0 && !super::lex::is_space(exponent.as_bytes()[0]) {
            power = exponent[..end].parse().unwrap_or(i32::MAX).clamp(-5000, 5000);
            rest = &exponent[end..];
        }
    }
    let value = value / scale * 2f64.powi(power);
    value.is_finite().then_some((value, rest))
}
