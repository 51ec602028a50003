//! The plans that programs know, in one table: those of `bluesky.plans`, 1.15.1.

use super::named::{Drawn, NamedPlan, named};
use super::rust_plans as rust;
use super::{adaptive, flying, grids, moving, scans, spirals};
use crate::plan::plans;
use crate::program::parameter::{Parameter, Takes, optional, required, rest};

const DETECTORS: Parameter = required("detectors", Takes::Detectors, "what is read at each point");
const FIRST_DETECTORS: Parameter = DETECTORS.by_position();
const MOTOR: Parameter = required("motor", Takes::Motor, "what is moved");
const X: Parameter = required("x_motor", Takes::Motor, "what is moved along x");
const Y: Parameter = required("y_motor", Takes::Motor, "what is moved along y");
const START: Parameter = required("start", Takes::Number, "where the scan starts");
const STOP: Parameter = required("stop", Takes::Number, "where the scan stops");
const NUM: Parameter = required("num", Takes::Count, "how many points there are");
const MD: Parameter = optional("md", Takes::MapOrNull, "null", "metadata for the start document").by_keyword();
const PER_STEP: Parameter =
    optional("per_step", Takes::StepsOrNull, "null", "what is done at each point instead of an event").by_keyword();
const SNAKE_AXES: Parameter = optional("snake_axes", Takes::Snake, "null", "which axes go to and fro").by_keyword();
const X_START: Parameter = required("x_start", Takes::Number, "the middle along x");
const Y_START: Parameter = required("y_start", Takes::Number, "the middle along y");
const X_CENTER: Parameter = required("x_center", Takes::Number, "the middle along x");
const Y_CENTER: Parameter = required("y_center", Takes::Number, "the middle along y");
const X_RANGE: Parameter = required("x_range", Takes::Number, "how far it goes along x");
const Y_RANGE: Parameter = required("y_range", Takes::Number, "how far it goes along y");
const DR: Parameter = required("dr", Takes::Number, "how far the rings are apart");
const NTH: Parameter = required("nth", Takes::Number, "how many points the first ring has");
const FACTOR: Parameter = required("factor", Takes::Number, "by what the radius is divided");
const DR_Y: Parameter =
    optional("dr_y", Takes::NumberOrNull, "null", "how far the rings are apart along y").by_keyword();
const TILT: Parameter =
    optional("tilt", Takes::NumberOrNull, "0", "by which angle it is turned, in radians").by_keyword();
const X_NUM: Parameter = required("x_num", Takes::Count, "how many points there are along x");
const Y_NUM: Parameter = required("y_num", Takes::Count, "how many points there are along y");

const LINE: &[Parameter] = &[
    FIRST_DETECTORS,
    rest("args", Takes::LinesThenCount, "the axes; then the number of points, unless it is given by name"),
    optional("num", Takes::CountOrNull, "null", "how many points there are").by_keyword(),
    PER_STEP,
    MD,
];
const NUM_LINE: &[Parameter] =
    &[FIRST_DETECTORS, NUM.by_position(), rest("args", Takes::Lines, "the axes"), PER_STEP, MD];
const LOG: &[Parameter] = &[DETECTORS, MOTOR, START, STOP, NUM, PER_STEP, MD];
const LISTS: &[Parameter] = &[FIRST_DETECTORS, rest("args", Takes::Lists, "the axes"), PER_STEP, MD];
const GRID: &[Parameter] = &[FIRST_DETECTORS, rest("args", Takes::Grid, "the axes"), SNAKE_AXES, PER_STEP, MD];
const LIST_GRID: &[Parameter] = &[FIRST_DETECTORS, rest("args", Takes::Lists, "the axes"), SNAKE_AXES, PER_STEP, MD];
const ADAPTIVE: &[Parameter] = &[
    DETECTORS,
    required("target_field", Takes::Key, "the data key whose change is looked at"),
    MOTOR,
    START,
    STOP,
    required("min_step", Takes::Number, "the smallest step"),
    required("max_step", Takes::Number, "the largest step"),
    required("target_delta", Takes::Number, "how much the reading should change at a step"),
    required("backstep", Takes::Bool, "whether it goes back where a step was too large"),
    optional("threshold", Takes::NumberOrNull, "0.8", "from which part of a step on it goes back"),
    MD,
];
const SPIRAL: &[Parameter] = &[DETECTORS, X, Y, X_START, Y_START, X_RANGE, Y_RANGE, DR, NTH, DR_Y, TILT, PER_STEP, MD];
const FERMAT: &[Parameter] =
    &[DETECTORS, X, Y, X_START, Y_START, X_RANGE, Y_RANGE, DR, FACTOR, DR_Y, TILT, PER_STEP, MD];
const REL_SPIRAL: &[Parameter] = &[DETECTORS, X, Y, X_RANGE, Y_RANGE, DR, NTH, DR_Y, TILT, PER_STEP, MD];
const REL_FERMAT: &[Parameter] = &[DETECTORS, X, Y, X_RANGE, Y_RANGE, DR, FACTOR, DR_Y, TILT, PER_STEP, MD];
const SQUARE: &[Parameter] = &[DETECTORS, X, Y, X_CENTER, Y_CENTER, X_RANGE, Y_RANGE, X_NUM, Y_NUM, PER_STEP, MD];
const REL_SQUARE: &[Parameter] = &[DETECTORS, X, Y, X_RANGE, Y_RANGE, X_NUM, Y_NUM, PER_STEP, MD];
const COUNT: &[Parameter] = &[
    required("detectors", Takes::Detectors, "what is read"),
    optional("num", Takes::CountOrNull, "1", "how many readings are taken"),
    optional("delay", Takes::Delay, "0.0", "how long it is from one reading to the next"),
    optional("per_shot", Takes::StepsOrNull, "null", "what is done for each reading instead of an event").by_keyword(),
    MD,
];
const X2X: &[Parameter] = &[
    DETECTORS,
    required("motor1", Takes::Motor, "what is moved"),
    required("motor2", Takes::Motor, "what is moved half as far"),
    START,
    STOP,
    NUM,
    PER_STEP,
    MD,
];
const SCAN_ND: &[Parameter] = &[DETECTORS, required("cycler", Takes::Cycler, "the points"), PER_STEP, MD];
const TUNE: &[Parameter] = &[
    DETECTORS,
    required("signal", Takes::Key, "the data key of the peak"),
    MOTOR,
    START,
    STOP,
    required("min_step", Takes::Number, "the step at which it ends"),
    optional("num", Takes::Count, "10", "how many points a pass has"),
    optional("step_factor", Takes::Number, "3.0", "by what the range is divided after each pass"),
    optional("snake", Takes::Bool, "false", "whether every other pass goes back"),
    MD,
];
const TWEAK: &[Parameter] = &[
    required("detector", Takes::Device, "what is read"),
    required("target_field", Takes::Key, "the data key that is shown"),
    MOTOR,
    required("step", Takes::Number, "the first step"),
    MD,
];
const RAMP: &[Parameter] = &[
    required("go_plan", Takes::StepOrSteps, "a node that begins the ramp and gives its status"),
    required("monitor_sig", Takes::Device, "what is monitored"),
    required("inner_plan_func", Takes::Steps, "what is done again and again during the ramp"),
    optional("take_pre_data", Takes::Bool, "true", "whether it is done once before the ramp"),
    optional("timeout", Takes::SecondsOrNull, "null", "how long the ramp may take"),
    optional("period", Takes::SecondsOrNull, "null", "how long a round takes at least"),
    optional("md", Takes::MapOrNull, "null", "metadata for the start document"),
];
const FLY: &[Parameter] = &[required("flyers", Takes::Flyers, "what flies"), MD];

/// The plans, by name.
pub(crate) const PLANS: &[NamedPlan] = &[
    named(
        "adaptive_scan",
        ADAPTIVE,
        Drawn::Run,
        "a scan whose steps are small where the reading changes much",
        |call| adaptive::adaptive_scan(call, plans::adaptive_scan),
        |of| rust::adaptive(of, "adaptive_scan"),
    ),
    named("count", COUNT, Drawn::Run, "takes readings", moving::count, rust::count),
    named("fly", FLY, Drawn::Run, "lets flyers fly, and collects what they have", flying::fly, rust::fly),
    named(
        "grid_scan",
        GRID,
        Drawn::Run,
        "a scan over a mesh",
        |call| grids::grid_scan(call, plans::grid_scan),
        |of| rust::grid(of, "grid_scan"),
    ),
    named(
        "inner_product_scan",
        NUM_LINE,
        Drawn::Run,
        "`scan` with the number of points first",
        scans::inner_product_scan,
        |of| rust::num_line(of, "inner_product_scan"),
    ),
    named(
        "list_grid_scan",
        LIST_GRID,
        Drawn::Run,
        "a scan over the mesh of lists of points",
        |call| grids::list_grid_scan(call, plans::list_grid_scan),
        |of| rust::lists(of, "list_grid_scan"),
    ),
    named(
        "list_scan",
        LISTS,
        Drawn::Run,
        "a scan over lists of points",
        |call| scans::list_scan(call, plans::list_scan),
        |of| rust::lists(of, "list_scan"),
    ),
    named(
        "log_scan",
        LOG,
        Drawn::Run,
        "a scan over powers of ten",
        |call| scans::log_scan(call, plans::log_scan),
        |of| rust::log(of, "log_scan"),
    ),
    named(
        "outer_product_scan",
        GRID,
        Drawn::Run,
        "`grid_scan` by its former name",
        |call| grids::grid_scan(call, plans::grid_scan),
        |of| rust::grid(of, "outer_product_scan"),
    ),
    named(
        "ramp_plan",
        RAMP,
        Drawn::Run,
        "does something again and again while a ramp is on",
        adaptive::ramp_plan,
        rust::ramp,
    ),
    named(
        "rel_adaptive_scan",
        ADAPTIVE,
        Drawn::Run,
        "`adaptive_scan` from where the motor is, and back",
        |call| adaptive::adaptive_scan(call, plans::rel_adaptive_scan),
        |of| rust::adaptive(of, "rel_adaptive_scan"),
    ),
    named(
        "rel_grid_scan",
        GRID,
        Drawn::Run,
        "`grid_scan` from where the motors are, and back",
        |call| grids::grid_scan(call, plans::rel_grid_scan),
        |of| rust::grid(of, "rel_grid_scan"),
    ),
    named(
        "rel_list_grid_scan",
        LIST_GRID,
        Drawn::Run,
        "`list_grid_scan` from where the motors are, and back",
        |call| grids::list_grid_scan(call, plans::rel_list_grid_scan),
        |of| rust::lists(of, "rel_list_grid_scan"),
    ),
    named(
        "rel_list_scan",
        LISTS,
        Drawn::Run,
        "`list_scan` from where the motors are, and back",
        |call| scans::list_scan(call, plans::rel_list_scan),
        |of| rust::lists(of, "rel_list_scan"),
    ),
    named(
        "rel_log_scan",
        LOG,
        Drawn::Run,
        "`log_scan` from where the motor is, and back",
        |call| scans::log_scan(call, plans::rel_log_scan),
        |of| rust::log(of, "rel_log_scan"),
    ),
    named("rel_scan", LINE, Drawn::Run, "`scan` from where the motors are, and back", scans::rel_scan, |of| {
        rust::line(of, "rel_scan")
    }),
    named(
        "rel_spiral",
        REL_SPIRAL,
        Drawn::Run,
        "`spiral` around where the motors are, and back",
        |call| spirals::rel_spiral(call, "nth"),
        |of| rust::rel_spiral(of, "rel_spiral", "nth"),
    ),
    named(
        "rel_spiral_fermat",
        REL_FERMAT,
        Drawn::Run,
        "`spiral_fermat` around where the motors are, and back",
        |call| spirals::rel_spiral(call, "factor"),
        |of| rust::rel_spiral(of, "rel_spiral_fermat", "factor"),
    ),
    named(
        "rel_spiral_square",
        REL_SQUARE,
        Drawn::Run,
        "`spiral_square` around where the motors are, and back",
        spirals::rel_spiral_square,
        rust::rel_square,
    ),
    named(
        "relative_adaptive_scan",
        ADAPTIVE,
        Drawn::Run,
        "`rel_adaptive_scan` by its former name",
        |call| adaptive::adaptive_scan(call, plans::rel_adaptive_scan),
        |of| rust::adaptive(of, "relative_adaptive_scan"),
    ),
    named(
        "relative_inner_product_scan",
        NUM_LINE,
        Drawn::Run,
        "`rel_scan` with the number of points first",
        scans::relative_inner_product_scan,
        |of| rust::num_line(of, "relative_inner_product_scan"),
    ),
    named(
        "relative_list_scan",
        LISTS,
        Drawn::Run,
        "`rel_list_scan` by its former name",
        |call| scans::list_scan(call, plans::rel_list_scan),
        |of| rust::lists(of, "relative_list_scan"),
    ),
    named(
        "relative_log_scan",
        LOG,
        Drawn::Run,
        "`rel_log_scan` by its former name",
        |call| scans::log_scan(call, plans::rel_log_scan),
        |of| rust::log(of, "relative_log_scan"),
    ),
    named(
        "relative_outer_product_scan",
        GRID,
        Drawn::Run,
        "`rel_grid_scan` by its former name",
        |call| grids::grid_scan(call, plans::rel_grid_scan),
        |of| rust::grid(of, "relative_outer_product_scan"),
    ),
    named("relative_scan", LINE, Drawn::Run, "`rel_scan` by its former name", scans::rel_scan, |of| {
        rust::line(of, "relative_scan")
    }),
    named(
        "relative_spiral",
        REL_SPIRAL,
        Drawn::Run,
        "`rel_spiral` by its former name",
        |call| spirals::rel_spiral(call, "nth"),
        |of| rust::rel_spiral(of, "relative_spiral", "nth"),
    ),
    named(
        "relative_spiral_fermat",
        REL_FERMAT,
        Drawn::Run,
        "`rel_spiral_fermat` by its former name",
        |call| spirals::rel_spiral(call, "factor"),
        |of| rust::rel_spiral(of, "relative_spiral_fermat", "factor"),
    ),
    named("scan", LINE, Drawn::Run, "a scan along a line", scans::scan, |of| rust::line(of, "scan")),
    named("scan_nd", SCAN_ND, Drawn::Run, "a scan over points of any kind", scans::scan_nd, rust::scan_nd),
    named(
        "spiral",
        SPIRAL,
        Drawn::Run,
        "a scan along a spiral",
        |call| spirals::spiral(call, "nth"),
        |of| rust::spiral(of, "spiral", "nth"),
    ),
    named(
        "spiral_fermat",
        FERMAT,
        Drawn::Run,
        "a scan along a spiral of Fermat",
        |call| spirals::spiral(call, "factor"),
        |of| rust::spiral(of, "spiral_fermat", "factor"),
    ),
    named("spiral_square", SQUARE, Drawn::Run, "a scan along a square spiral", spirals::spiral_square, rust::square),
    named(
        "tune_centroid",
        TUNE,
        Drawn::Run,
        "finds the middle of a peak, pass after pass",
        adaptive::tune_centroid,
        rust::tune,
    ),
    named("tweak", TWEAK, Drawn::Run, "moves a motor as a person asks it to", adaptive::tweak, rust::tweak),
    named(
        "x2x_scan",
        X2X,
        Drawn::Run,
        "a scan of two motors, one half as far as the other",
        scans::x2x_scan,
        rust::x2x,
    ),
];
