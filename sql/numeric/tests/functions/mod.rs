//! The functions of the files by name.

use numeric::float::{self, Float, Pairs, Single};
use numeric::integer::Integer;
use numeric::template::Template;
use numeric::{Modifier, Moments, Numeric, NumericResult, Sum, width_bucket};

type Answer = NumericResult<String>;

fn shown(value: Option<impl std::fmt::Display>) -> String {
    value.map_or_else(|| "NULL".to_owned(), |value| value.to_string())
}

fn float8(value: f64) -> String {
    let mut text = String::new();
    float::write_float8(value, 1, &mut text);
    text
}

fn float4(value: f32) -> String {
    let mut text = String::new();
    float::write_float4(value, 1, &mut text);
    text
}

fn modifier(text: &str) -> NumericResult<Modifier> {
    let list: Vec<i64> = text.split(',').map(|number| number.parse().unwrap()).collect();
    Modifier::from_list(&list)
}

/// What PostgreSQL answers to a call.
pub fn call(function: &str, arguments: &[&str]) -> Answer {
    let (family, name) = function.split_once('.').unwrap_or(("numeric", function));
    match family {
        "numeric" => numeric_call(name, arguments),
        "int2" => integer_call::<i16>(name, arguments),
        "int4" => integer_call::<i32>(name, arguments),
        "int8" => integer_call::<i64>(name, arguments),
        "float4" => float4_call(name, arguments),
        "float8" => float8_call(name, arguments),
        "aggregate" => aggregate_call(name, arguments),
        "long" => numeric_call(name, arguments).map(|text| ends(&text)),
        "to_char" => to_char(name, arguments),
        "pairs" => pairs_call(name, arguments),
        _ => panic!("no family {family}"),
    }
}

/// Length, beginning and end of a text that is too long to keep.
fn ends(text: &str) -> String {
    let shown = text.len().min(40);
    format!("{} {} {}", text.len(), &text[..shown], &text[text.len() - shown..])
}

fn numeric_call(name: &str, arguments: &[&str]) -> Answer {
    let number = |index: usize| arguments[index].parse::<Numeric>();
    let integer = |index: usize| arguments[index].parse::<i32>().unwrap();
    let first = || number(0);
    Ok(match name {
        "in" => first()?.to_string(),
        "fit" => modifier(arguments[1])?.fit(&first()?)?.to_string(),
        "copy" => Numeric::parse(arguments[0], Some(modifier(arguments[1])?))?.to_string(),
        "+" => first()?.add(&number(1)?)?.to_string(),
        "-" => first()?.subtract(&number(1)?)?.to_string(),
        "*" => first()?.multiply(&number(1)?)?.to_string(),
        "/" => first()?.divide(&number(1)?)?.to_string(),
        "%" => first()?.modulo(&number(1)?)?.to_string(),
        "div" => first()?.divide_whole(&number(1)?)?.to_string(),
        "cmp" => (first()?.cmp(&number(1)?) as i32).to_string(),
        "negate" => first()?.negate().to_string(),
        "abs" => first()?.abs().to_string(),
        "sign" => first()?.sign().to_string(),
        "power" => first()?.power(&number(1)?)?.to_string(),
        "sqrt" => first()?.sqrt()?.to_string(),
        "exp" => first()?.exp()?.to_string(),
        "ln" => first()?.ln()?.to_string(),
        "log" => number(1)?.log(&first()?)?.to_string(),
        "round" => first()?.round(integer(1))?.to_string(),
        "trunc" => first()?.truncate(integer(1))?.to_string(),
        "scale_of_round" => shown(first()?.round(integer(1))?.scale()),
        "scale_of_trunc" => shown(first()?.truncate(integer(1))?.scale()),
        "sign_of_round" => first()?.round(integer(1))?.sign().to_string(),
        "sign_of_trunc" => first()?.truncate(integer(1))?.sign().to_string(),
        "ceil" => first()?.ceiling()?.to_string(),
        "floor" => first()?.floor()?.to_string(),
        "scale" => shown(first()?.scale()),
        "min_scale" => shown(first()?.min_scale()),
        "trim_scale" => first()?.trim_scale().to_string(),
        "factorial" => Numeric::factorial(arguments[0].parse().unwrap())?.to_string(),
        "gcd" => first()?.gcd(&number(1)?)?.to_string(),
        "lcm" => first()?.lcm(&number(1)?)?.to_string(),
        "width_bucket" => width_bucket(&first()?, &number(1)?, &number(2)?, integer(3))?.to_string(),
        "int2" => first()?.to_int2()?.to_string(),
        "int4" => first()?.to_int4()?.to_string(),
        "int8" => first()?.to_int8()?.to_string(),
        "float8" => float8(first()?.to_float8()?),
        "float4" => float4(first()?.to_float4()?),
        "to_number" => shown(Template::parse(arguments[1])?.read(arguments[0])?),
        "send" => {
            let mut bytes = Vec::new();
            first()?.send(&mut bytes);
            bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}"))
        }
        _ => panic!("no function {name}"),
    })
}

/// `name` is the value's type.
fn to_char(name: &str, arguments: &[&str]) -> Answer {
    let value = arguments[0];
    match name {
        "numeric" => {
            let value: Numeric = value.parse()?;
            Template::parse(arguments[1])?.numeric(&value)
        }
        "int4" => Template::parse(arguments[1])?.int4(i32::parse(value)?),
        "int8" => Template::parse(arguments[1])?.int8(i64::parse(value)?),
        "float4" => Template::parse(arguments[1])?.float4(float::parse_float4(value)?),
        "float8" => Template::parse(arguments[1])?.float8(float::parse_float8(value)?),
        _ => panic!("no type {name}"),
    }
}

fn integer_call<I: Integer>(name: &str, arguments: &[&str]) -> Answer {
    let first = || I::parse(arguments[0]);
    let second = || I::parse(arguments[1]);
    let by = || arguments[1].parse::<i32>().unwrap();
    Ok(match name {
        "in" => first()?.to_string(),
        "+" => first()?.plus(second()?)?.to_string(),
        "-" => first()?.minus(second()?)?.to_string(),
        "*" => first()?.times(second()?)?.to_string(),
        "/" => first()?.over(second()?)?.to_string(),
        "%" => first()?.modulo(second()?)?.to_string(),
        "gcd" => first()?.gcd(second()?)?.to_string(),
        "lcm" => first()?.lcm(second()?)?.to_string(),
        "negate" => first()?.negated()?.to_string(),
        "abs" => first()?.absolute()?.to_string(),
        "<<" => first()?.shifted_left(by()).to_string(),
        ">>" => first()?.shifted_right(by()).to_string(),
        _ => panic!("no function {name}"),
    })
}

fn float4_call(name: &str, arguments: &[&str]) -> Answer {
    let first = || float::parse_float4(arguments[0]);
    let second = || float::parse_float4(arguments[1]);
    Ok(match name {
        "in" => float4(first()?),
        "text" => {
            let mut text = String::new();
            float::write_float4(first()?, arguments[1].parse().unwrap(), &mut text);
            text
        }
        "+" => float4(first()?.plus(second()?)?),
        "-" => float4(first()?.minus(second()?)?),
        "*" => float4(first()?.times(second()?)?),
        "/" => float4(first()?.over(second()?)?),
        "int2" => first()?.to_int2()?.to_string(),
        "int4" => first()?.to_int4()?.to_string(),
        "int8" => first()?.to_int8()?.to_string(),
        "float8" => float8(f64::from(first()?)),
        "numeric" => Numeric::from_float4(first()?)?.to_string(),
        _ => panic!("no function {name}"),
    })
}

fn float8_call(name: &str, arguments: &[&str]) -> Answer {
    let first = || float::parse_float8(arguments[0]);
    let second = || float::parse_float8(arguments[1]);
    let result = match name {
        "in" => first()?,
        "text" => {
            let mut text = String::new();
            float::write_float8(first()?, arguments[1].parse().unwrap(), &mut text);
            return Ok(text);
        }
        "+" => first()?.plus(second()?)?,
        "-" => first()?.minus(second()?)?,
        "*" => first()?.times(second()?)?,
        "/" => first()?.over(second()?)?,
        "cmp" => return Ok((float::compare(first()?, second()?) as i32).to_string()),
        "int2" => return Ok(first()?.to_int2()?.to_string()),
        "int4" => return Ok(first()?.to_int4()?.to_string()),
        "int8" => return Ok(first()?.to_int8()?.to_string()),
        "float4" => return Ok(float4(float::to_float4(first()?)?)),
        "numeric" => return Ok(Numeric::from_float8(first()?)?.to_string()),
        "width_bucket" => {
            let high = float::parse_float8(arguments[2])?;
            let count = arguments[3].parse().unwrap();
            return Ok(float::width_bucket(first()?, second()?, high, count)?.to_string());
        }
        "power" => float::power(first()?, second()?)?,
        "atan2" => float::atan2(first()?, second()?),
        "atan2d" => float::atan2d(first()?, second()?),
        _ => float8_function(name, first()?)?,
    };
    Ok(float8(result))
}

fn float8_function(name: &str, number: f64) -> NumericResult<f64> {
    match name {
        "exp" => float::exp(number),
        "ln" => float::ln(number),
        "log10" => float::log10(number),
        "sqrt" => float::sqrt(number),
        "cbrt" => Ok(float::cbrt(number)),
        "degrees" => float::degrees(number),
        "radians" => float::radians(number),
        "sign" => Ok(float::sign(number)),
        "round" => Ok(float::round(number)),
        "sin" => float::sin(number),
        "cos" => float::cos(number),
        "tan" => float::tan(number),
        "cot" => float::cot(number),
        "asin" => float::asin(number),
        "acos" => float::acos(number),
        "atan" => Ok(float::atan(number)),
        "sinh" => Ok(float::sinh(number)),
        "cosh" => Ok(float::cosh(number)),
        "tanh" => Ok(float::tanh(number)),
        "asinh" => Ok(float::asinh(number)),
        "acosh" => float::acosh(number),
        "atanh" => float::atanh(number),
        "sind" => float::sind(number),
        "cosd" => float::cosd(number),
        "tand" => float::tand(number),
        "cotd" => float::cotd(number),
        "asind" => float::asind(number),
        "acosd" => float::acosd(number),
        "atand" => Ok(float::atand(number)),
        _ => panic!("no function {name}"),
    }
}

/// `name` is an aggregate and the type of its values, which are separated by spaces.
fn aggregate_call(name: &str, arguments: &[&str]) -> Answer {
    let (aggregate, number) = name.split_once('_').unwrap();
    let values = arguments[0].split_whitespace();
    if number == "float8" {
        let mut all = Single::default();
        for value in values {
            all.add(float::parse_float8(value)?)?;
        }
        let result = match aggregate {
            "avg" => all.average(),
            "varpop" => all.variance(false),
            "varsamp" => all.variance(true),
            "stddevpop" => all.deviation(false),
            "stddevsamp" => all.deviation(true),
            _ => panic!("no aggregate {aggregate}"),
        };
        return Ok(result.map_or_else(|| "NULL".to_owned(), float8));
    }
    let (mut sum, mut moments) = (Sum::default(), Moments::default());
    for value in values {
        if number == "int8" {
            let integer = i64::parse(value)?;
            sum.add_integer(integer);
            moments.add_integer(integer);
        } else {
            let value: Numeric = value.parse()?;
            sum.add(&value);
            moments.add(&value);
        }
    }
    Ok(shown(match aggregate {
        "sum" => sum.sum()?,
        "avg" => sum.average()?,
        "varpop" => moments.variance(false)?,
        "varsamp" => moments.variance(true)?,
        "stddevpop" => moments.deviation(false)?,
        "stddevsamp" => moments.deviation(true)?,
        _ => panic!("no aggregate {aggregate}"),
    }))
}

/// Pairs are separated by spaces, their numbers by colons: `y:x`.
fn pairs_call(name: &str, arguments: &[&str]) -> Answer {
    let mut all = Pairs::default();
    for pair in arguments[0].split_whitespace() {
        let (y, x) = pair.split_once(':').unwrap();
        all.add(float::parse_float8(y)?, float::parse_float8(x)?)?;
    }
    let result = match name {
        "regr_sxx" => all.sum_of_squares_x(),
        "regr_syy" => all.sum_of_squares_y(),
        "regr_sxy" => all.sum_of_products(),
        "regr_avgx" => all.average_x(),
        "regr_avgy" => all.average_y(),
        "covar_pop" => all.covariance(false),
        "covar_samp" => all.covariance(true),
        "corr" => all.correlation(),
        "regr_r2" => all.determination(),
        "regr_slope" => all.slope(),
        "regr_intercept" => all.intercept(),
        _ => panic!("no aggregate {name}"),
    };
    Ok(result.map_or_else(|| "NULL".to_owned(), float8))
}
