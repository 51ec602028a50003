//! [`LinearFit`]: linear least squares of a few coefficients, with their errors.

/// A pivot below this part of the largest makes a system one without a solution.
const SINGULAR: f64 = 1e-11;

/// The coefficients with which the sums of rows come closest to values.
#[derive(Clone, Debug)]
pub(super) struct LinearFit {
    pub(super) coefficients: Vec<f64>,
    /// Half the width of the interval in which each coefficient is with 95 %; nothing where there are no more values than
    /// coefficients.
    pub(super) errors: Option<Vec<f64>>,
}

impl LinearFit {
    /// Of rows that all have as many columns; nothing where they do not tell the coefficients.
    pub(super) fn of(rows: &[Vec<f64>], values: &[f64]) -> Option<Self> {
        let inverse = normal_inverse(rows)?;
        let columns = inverse.len();
        let right: Vec<f64> =
            (0..columns).map(|column| rows.iter().zip(values).map(|(row, value)| row[column] * value).sum()).collect();
        let coefficients: Vec<f64> = inverse.iter().map(|row| dot(row, &right)).collect();
        let rest: f64 = rows.iter().zip(values).map(|(row, value)| (value - dot(row, &coefficients)).powi(2)).sum();
        let errors = errors(&inverse, rest, rows.len());
        Some(Self { coefficients, errors })
    }
}

/// The inverse of what the rows give times their transpose; nothing where it has none.
pub(super) fn normal_inverse(rows: &[Vec<f64>]) -> Option<Vec<Vec<f64>>> {
    let columns = rows.first()?.len();
    if rows.len() < columns || columns == 0 {
        return None;
    }
    // Columns of one size keep what is left of the digits.
    let largest = |column: usize| rows.iter().map(|row| row[column].abs()).fold(0.0, f64::max);
    let scales: Vec<f64> = (0..columns).map(largest).collect();
    if scales.iter().any(|scale| *scale <= 0.0 || !scale.is_finite()) {
        return None;
    }
    let entry = |a: usize, b: usize| rows.iter().map(|row| row[a] / scales[a] * row[b] / scales[b]).sum::<f64>();
    let matrix: Vec<Vec<f64>> = (0..columns).map(|a| (0..columns).map(|b| entry(a, b)).collect()).collect();
    let mut inverse = inverted(matrix)?;
    for (a, row) in inverse.iter_mut().enumerate() {
        for (b, value) in row.iter_mut().enumerate() {
            *value /= scales[a] * scales[b];
        }
    }
    Some(inverse)
}

/// The errors of coefficients, from the inverse of their normal matrix and the sum of the squares of what is left of so many values.
pub(super) fn errors(inverse: &[Vec<f64>], rest: f64, values: usize) -> Option<Vec<f64>> {
    let free = values.checked_sub(inverse.len()).filter(|free| *free > 0)?;
    let width = t_width(free);
    #[expect(clippy::cast_precision_loss, reason = "a number of values")]
    let variance = rest / free as f64;
    Some((0..inverse.len()).map(|at| width * (variance * inverse[at][at]).max(0.0).sqrt()).collect())
}

/// By Gauss and Jordan.
fn inverted(mut matrix: Vec<Vec<f64>>) -> Option<Vec<Vec<f64>>> {
    let size = matrix.len();
    for (at, row) in matrix.iter_mut().enumerate() {
        row.extend((0..size).map(|column| f64::from(u8::from(column == at))));
    }
    let largest = matrix.iter().flat_map(|row| &row[..size]).fold(0.0_f64, |largest, value| largest.max(value.abs()));
    for at in 0..size {
        let pivot = (at..size).max_by(|a, b| matrix[*a][at].abs().total_cmp(&matrix[*b][at].abs()))?;
        let found = matrix[pivot][at].abs();
        if found.is_nan() || found < SINGULAR * largest || largest == 0.0 {
            return None;
        }
        matrix.swap(at, pivot);
        let by = matrix[at][at];
        matrix[at].iter_mut().for_each(|value| *value /= by);
        let row = matrix[at].clone();
        for other in (0..size).filter(|other| *other != at) {
            let by = matrix[other][at];
            matrix[other].iter_mut().zip(&row).for_each(|(value, of_row)| *value -= by * of_row);
        }
    }
    Some(matrix.into_iter().map(|row| row[size..].to_vec()).collect())
}

fn dot(row: &[f64], coefficients: &[f64]) -> f64 {
    row.iter().zip(coefficients).map(|(value, coefficient)| value * coefficient).sum()
}

/// Within how many standard errors something is with 95 %, of so many degrees of freedom: Student's t (Abramowitz and Stegun,
/// 26.7.5, to 1 % from 3 degrees on).
pub(super) fn t_width(free: usize) -> f64 {
    match free {
        0 => f64::INFINITY,
        1 => 12.706,
        2 => 4.303,
        _ => {
            #[expect(clippy::cast_precision_loss, reason = "a number of values")]
            let (z, free) = (1.959_964_f64, free as f64);
            let first = (z.powi(3) + z) / 4.0;
            let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
            let third = (3.0 * z.powi(7) + 19.0 * z.powi(5) + 17.0 * z.powi(3) - 15.0 * z) / 384.0;
            z + first / free + second / free.powi(2) + third / free.powi(3)
        }
    }
}
