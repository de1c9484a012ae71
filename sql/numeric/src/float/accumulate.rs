//! Aggregates of floats: averages and variances, of one number or of pairs.
//!
//! Sums of squares are of differences from the average so far (Youngs and Cramer), so that they do not lose their digits when
//! the values are large and close together.

use crate::error::{NumericError, NumericResult};

/// What `avg`, `variance`, `stddev` and their kin need of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Single {
    count: f64,
    sum: f64,
    squares: f64,
}

impl Single {
    /// What it was when it was taken apart: how many values, their sum, the squares.
    pub fn of_parts([count, sum, squares]: [f64; 3]) -> Single {
        Single { count, sum, squares }
    }

    /// Its parts.
    pub fn parts(&self) -> [f64; 3] {
        [self.count, self.sum, self.squares]
    }

    /// Takes in a value.
    pub fn add(&mut self, value: f64) -> NumericResult<()> {
        let before = *self;
        self.count += 1.0;
        self.sum += value;
        if before.count == 0.0 {
            self.squares = if value.is_finite() { 0.0 } else { f64::NAN };
            return Ok(());
        }
        let distance = value * self.count - self.sum;
        self.squares += distance * distance / (self.count * before.count);
        if self.sum.is_infinite() || self.squares.is_infinite() {
            if !before.sum.is_infinite() && !value.is_infinite() {
                return Err(NumericError::FloatOverflow);
            }
            self.squares = f64::NAN;
        }
        Ok(())
    }

    /// Takes in what another part of the column came to.
    pub fn merge(&mut self, other: &Single) -> NumericResult<()> {
        if other.count == 0.0 {
            return Ok(());
        }
        let before = *self;
        if before.count == 0.0 {
            *self = *other;
            return Ok(());
        }
        let apart = before.sum / before.count - other.sum / other.count;
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares + before.count * other.count * apart * apart / self.count;
        let finite = |value: f64| !value.is_infinite();
        if finite(before.sum) && finite(other.sum) && !(finite(self.sum) && finite(self.squares)) {
            return Err(NumericError::FloatOverflow);
        }
        Ok(())
    }

    /// How many values there are.
    pub fn count(&self) -> u64 {
        self.count as u64
    }

    /// `avg`.
    pub fn average(&self) -> Option<f64> {
        (self.count > 0.0).then(|| self.sum / self.count)
    }

    /// `var_pop`, or `var_samp` of a sample.
    pub fn variance(&self, sample: bool) -> Option<f64> {
        let divisor = self.count - if sample { 1.0 } else { 0.0 };
        (divisor > 0.0).then(|| self.squares / divisor)
    }

    /// `stddev_pop`, or `stddev_samp` of a sample.
    pub fn deviation(&self, sample: bool) -> Option<f64> {
        self.variance(sample).map(f64::sqrt)
    }
}

/// What `corr`, `covar_pop`, `covar_samp` and the family of `regr_` need of two columns.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Pairs {
    count: f64,
    sum_x: f64,
    squares_x: f64,
    sum_y: f64,
    squares_y: f64,
    products: f64,
}

impl Pairs {
    /// What it was when it was taken apart.
    pub fn of_parts([count, sum_x, squares_x, sum_y, squares_y, products]: [f64; 6]) -> Pairs {
        Pairs { count, sum_x, squares_x, sum_y, squares_y, products }
    }

    /// How many pairs, then sum and squares of each side, then the products.
    pub fn parts(&self) -> [f64; 6] {
        [self.count, self.sum_x, self.squares_x, self.sum_y, self.squares_y, self.products]
    }

    /// Takes in a pair; the functions' first argument is `y`.
    pub fn add(&mut self, y: f64, x: f64) -> NumericResult<()> {
        let before = *self;
        self.count += 1.0;
        self.sum_x += x;
        self.sum_y += y;
        if before.count == 0.0 {
            let square = |value: f64| if value.is_finite() { 0.0 } else { f64::NAN };
            self.squares_x = square(x);
            self.squares_y = square(y);
            self.products = square(if x.is_finite() { y } else { x });
            return Ok(());
        }
        let distance_x = x * self.count - self.sum_x;
        let distance_y = y * self.count - self.sum_y;
        let scale = 1.0 / (self.count * before.count);
        self.squares_x += distance_x * distance_x * scale;
        self.squares_y += distance_y * distance_y * scale;
        self.products += distance_x * distance_y * scale;
        self.check(&before, y, x)
    }

    /// Infinite sums are an overflow unless something infinite came in; then squares say nothing.
    fn check(&mut self, before: &Pairs, y: f64, x: f64) -> NumericResult<()> {
        let infinite_x = before.sum_x.is_infinite() || x.is_infinite();
        let infinite_y = before.sum_y.is_infinite() || y.is_infinite();
        let sums = [self.sum_x, self.squares_x, self.sum_y, self.squares_y, self.products];
        if sums.iter().all(|sum| !sum.is_infinite()) {
            return Ok(());
        }
        let overflow_x = (self.sum_x.is_infinite() || self.squares_x.is_infinite()) && !infinite_x;
        let overflow_y = (self.sum_y.is_infinite() || self.squares_y.is_infinite()) && !infinite_y;
        let overflow_products = self.products.is_infinite() && !infinite_x && !infinite_y;
        if overflow_x || overflow_y || overflow_products {
            return Err(NumericError::FloatOverflow);
        }
        for square in [&mut self.squares_x, &mut self.squares_y, &mut self.products] {
            if square.is_infinite() {
                *square = f64::NAN;
            }
        }
        Ok(())
    }

    /// Takes in what another part of the columns came to.
    pub fn merge(&mut self, other: &Pairs) -> NumericResult<()> {
        if other.count == 0.0 {
            return Ok(());
        }
        let before = *self;
        if before.count == 0.0 {
            *self = *other;
            return Ok(());
        }
        let apart_x = before.sum_x / before.count - other.sum_x / other.count;
        let apart_y = before.sum_y / before.count - other.sum_y / other.count;
        self.count += other.count;
        let weight = before.count * other.count / self.count;
        self.sum_x += other.sum_x;
        self.sum_y += other.sum_y;
        self.squares_x += other.squares_x + weight * apart_x * apart_x;
        self.squares_y += other.squares_y + weight * apart_y * apart_y;
        self.products += other.products + weight * apart_x * apart_y;
        self.check(&before, other.sum_y, other.sum_x)
    }

    fn any(&self, value: f64) -> Option<f64> {
        (self.count >= 1.0).then_some(value)
    }

    /// How many pairs there are. `regr_count` is no more than a count: it must not fail where a sum overflows.
    pub fn count(&self) -> u64 {
        self.count as u64
    }

    /// `regr_sxx`.
    pub fn sum_of_squares_x(&self) -> Option<f64> {
        self.any(self.squares_x)
    }

    /// `regr_syy`.
    pub fn sum_of_squares_y(&self) -> Option<f64> {
        self.any(self.squares_y)
    }

    /// `regr_sxy`.
    pub fn sum_of_products(&self) -> Option<f64> {
        self.any(self.products)
    }

    /// `regr_avgx`.
    pub fn average_x(&self) -> Option<f64> {
        self.any(self.sum_x / self.count)
    }

    /// `regr_avgy`.
    pub fn average_y(&self) -> Option<f64> {
        self.any(self.sum_y / self.count)
    }

    /// `covar_pop`, or `covar_samp` of a sample.
    pub fn covariance(&self, sample: bool) -> Option<f64> {
        let divisor = self.count - if sample { 1.0 } else { 0.0 };
        (divisor > 0.0).then(|| self.products / divisor)
    }

    /// `corr`.
    pub fn correlation(&self) -> Option<f64> {
        let defined = self.count >= 1.0 && self.squares_x != 0.0 && self.squares_y != 0.0;
        defined.then(|| self.products / (self.squares_x * self.squares_y).sqrt())
    }

    /// `regr_r2`.
    pub fn determination(&self) -> Option<f64> {
        if self.count < 1.0 || self.squares_x == 0.0 {
            return None;
        }
        if self.squares_y == 0.0 {
            return Some(1.0);
        }
        Some(self.products * self.products / (self.squares_x * self.squares_y))
    }

    /// `regr_slope`.
    pub fn slope(&self) -> Option<f64> {
        (self.count >= 1.0 && self.squares_x != 0.0).then(|| self.products / self.squares_x)
    }

    /// `regr_intercept`.
    pub fn intercept(&self) -> Option<f64> {
        (self.count >= 1.0 && self.squares_x != 0.0)
            .then(|| (self.sum_y - self.sum_x * self.products / self.squares_x) / self.count)
    }
}
