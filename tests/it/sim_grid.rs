//! Ten thousand points with realistic motors and detectors: how long they take follows from a formula.

use skyspan::hardware::{SimCamera, gaussian_peak};
use skyspan::prelude::*;

const ROWS: u32 = 100;
const COLUMNS: u32 = 100;

// A column is 0.05 mm on: at 2 mm/s in 0.1 s a triangle of 2 √(0.05 · 0.1 / 2) s.
const COLUMN: Duration = ms(100);
// The way back over 99 columns: 4.95 / 2 + 0.1 s. The step of the row, 2 √(0.1 · 0.1 / 5) s, is over before.
const WAY_BACK: Duration = ms(2575);
// Of both detectors the camera takes longer: 2 × 0.02 + 0.001 + 0.004 s.
const EXPOSURE: Duration = ms(45);

#[test]
fn a_grid_of_ten_thousand_points_takes_the_time_of_the_formula() {
    let lab = Harness::new();
    let slow = lab.add(SimMotor::new("slow").velocity(5.0).acceleration_time_s(0.1).backlash(0.01));
    let fast = lab.add(SimMotor::new("fast").velocity(2.0).acceleration_time_s(0.1).limits(-1.0, 10.0));
    let diode = SimDetector::new("diode").exposure_s(0.04).rate(1e5).looks_at(&fast, gaussian_peak(2.5, 0.5));
    let diode = lab.add(diode);
    let camera = SimCamera::new("camera").exposure_s(0.02).dead_time_s(0.001).readout_s(0.004).frames(2);
    let camera = lab.add(camera);
    // Rows of 0.1 mm, columns of 0.05 mm.
    let (rows, columns) = (f64::from(ROWS - 1) * 0.1, f64::from(COLUMNS - 1) * 0.05);
    let grid = plans::grid_scan([&diode, &camera], &slow, 0.0, rows, u64::from(ROWS));
    let run = lab.run(grid.with(&fast, 0.0, columns, u64::from(COLUMNS)));
    run.assert_success();
    assert_eq!(run.events().count(), 10_000);
    let columns = COLUMN * ROWS * (COLUMNS - 1);
    assert_eq!(run.duration(), columns + WAY_BACK * (ROWS - 1) + EXPOSURE * ROWS * COLUMNS);
}
