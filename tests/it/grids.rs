//! Grids and spirals: where the motors go, how long it takes, and what the start document says.

use skyspan::plan::patterns::{GridAxis, cycler, outer_product, snake_cyclers, spiral_square_pattern};
use skyspan::prelude::*;
use skyspan::value::Value;

/// What was set where.
pub(super) fn moves(run: &Outcome) -> Vec<String> {
    let sets = run.messages().iter().filter(|msg| msg.command() == "set");
    sets.map(|msg| format!("{} {}", msg.obj().map_or_else(String::new, |obj| obj.to_string()), msg.args_value()))
        .collect()
}

/// The start document.
pub(super) fn start(run: &Outcome) -> Map {
    run.documents().first().map(Document::to_map).unwrap_or_default()
}

#[test]
fn a_grid_goes_row_by_row_and_back_again_where_it_snakes() {
    let lab = Harness::new();
    let (slow, fast) = (lab.device("motor1"), lab.device("motor2"));
    let grid = || plans::grid_scan(&lab.device("det"), &slow, 0, 1, 2).with(&fast, 5, 7, 3);
    let run = lab.run(grid());
    assert_eq!(
        moves(&run),
        [
            "motor1 [0.0]",
            "motor2 [5.0]",
            "motor2 [6.0]",
            "motor2 [7.0]",
            "motor1 [1.0]",
            "motor2 [5.0]",
            "motor2 [6.0]",
            "motor2 [7.0]",
        ]
    );
    let run = lab.run(grid().snake_axes(true));
    assert_eq!(
        moves(&run),
        [
            "motor1 [0.0]",
            "motor2 [5.0]",
            "motor2 [6.0]",
            "motor2 [7.0]",
            "motor1 [1.0]",
            "motor2 [6.0]",
            "motor2 [5.0]"
        ]
    );
    let md = start(&run);
    for (key, json) in [
        ("shape", "[2, 3]"),
        ("extents", "[[0, 1], [5, 7]]"),
        ("snaking", "[false, true]"),
        ("num_points", "6"),
        ("num_intervals", "5"),
        ("motors", "[\"motor1\", \"motor2\"]"),
        ("plan_pattern", "\"outer_product\""),
        ("hints", r#"{"gridding": "rectilinear", "dimensions": [[["motor1"], "primary"], [["motor2"], "primary"]]}"#),
    ] {
        assert_eq!(md.get(key).map(ToString::to_string).as_deref(), Some(json), "{key}");
    }
}

#[test]
fn ten_thousand_points_take_as_long_as_the_moves_among_them() {
    let lab = Harness::new();
    let slow = lab.add(SynAxis::new("slow").delay_s(0.5));
    let fast = lab.add(SynAxis::new("fast").delay_s(0.1));
    let grid = || plans::grid_scan(Vec::new(), &slow, 0, 99, 100).with(&fast, 0, 99, 100);
    // Both move at each of the 100 beginnings of a row, the fast one alone at the 99 other points of each.
    let run = lab.run(grid());
    run.assert_success();
    assert_eq!(run.events().count(), 10_000);
    assert_eq!(run.duration(), ms(100 * 500 + 100 * 99 * 100));
    // Where the fast one snakes, it stays where it is at the beginnings of rows but the first, which are 0.5 s all the same.
    let run = lab.run(grid().snake_axes(true));
    assert_eq!(run.duration(), ms(100 * 500 + 100 * 99 * 100));
    assert_eq!(moves(&run).len(), 100 + 1 + 100 * 99);
}

#[test]
fn a_grid_of_many_millions_is_made_point_by_point() -> Result<(), PlanError> {
    let lab = Harness::new();
    let axis = |name: &str, num| GridAxis { motor: lab.device(name), start: 0.0, stop: 1.0, num, snake: true };
    let grid = outer_product([axis("motor1", 1 << 20), axis("motor2", 1 << 20), axis("motor3", 3)])?;
    assert_eq!(grid.len(), 3 << 40);
    let last: Vec<Value> = grid.at(grid.len() - 1).into_iter().flatten().map(|(_, position)| position).collect();
    // Of as many rows an even number has gone by.
    assert_eq!(last, [1.0, 0.0, 0.0].map(Value::from));
    assert_eq!(grid.at(grid.len()), None);
    let too_many = outer_product([axis("motor1", u64::MAX), axis("motor2", 2)]);
    assert_eq!(too_many.map(|grid| grid.len()).map_err(|error| error.name()), Err("ValueError".into()));
    Ok(())
}

#[test]
fn all_axes_snake_through_a_mesh_without_a_jump() -> Result<(), PlanError> {
    let lab = Harness::new();
    let axes = ["motor1", "motor2", "motor3"].map(|name| (cycler(&lab.device(name), [0, 1, 2]), true));
    let mesh = snake_cyclers(axes)?;
    let steps: Vec<Vec<i64>> =
        mesh.steps().map(|step| step.iter().filter_map(|(_, at)| at.as_i64()).collect()).collect();
    assert_eq!(steps.len(), 27);
    for pair in steps.windows(2) {
        let way: i64 = pair[0].iter().zip(&pair[1]).map(|(from, to)| (from - to).abs()).sum();
        assert_eq!(way, 1, "{pair:?}");
    }
    Ok(())
}

#[test]
fn a_square_spiral_reaches_each_point_of_its_grid_once() -> Result<(), PlanError> {
    let lab = Harness::new();
    let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    for (x_num, y_num) in [(3, 3), (4, 4), (5, 5), (6, 6), (3, 5), (2, 2)] {
        let square = spiral_square_pattern((&x, &y), (0.0, 0.0), (1.0, 2.0), (x_num, y_num))?;
        let mut steps: Vec<String> =
            square.steps().map(|step| format!("{:.6?} {:.6?}", step[0].1, step[1].1)).collect();
        steps.sort();
        steps.dedup();
        assert_eq!(steps.len() as u64, x_num * y_num, "{x_num} x {y_num}");
    }
    Ok(())
}

/// As numpy 2.4.6 has them, but for a last bit of sines and cosines.
#[test]
fn a_spiral_has_the_points_of_bluesky() -> Result<(), PlanError> {
    use skyspan::plan::patterns::{spiral, spiral_fermat};
    #[track_caller]
    fn same(found: &skyspan::plan::patterns::Cycler, expected: &str) {
        let expected = expected.split_whitespace().map(|pair| {
            let of = |text: &str| text.parse().unwrap_or(f64::NAN);
            pair.split_once(',').map_or((f64::NAN, f64::NAN), |(x, y)| (of(x), of(y)))
        });
        let expected: Vec<(f64, f64)> = expected.collect();
        assert_eq!(found.len(), expected.len() as u64);
        for (step, (x, y)) in found.steps().zip(expected) {
            for (at, expected) in [x, y].into_iter().enumerate() {
                let found = step[at].1.as_f64().unwrap_or(f64::NAN);
                assert!((found - expected).abs() < 1e-15, "{found} for {expected}");
            }
        }
    }
    let lab = Harness::new();
    let (x, y) = (lab.device("motor1"), lab.device("motor2"));
    same(&spiral((&x, &y), (0.0, 1.0), (1.0, 1.0), 0.3, 5.0, Some(0.4), 0.2)?, SPIRAL);
    same(&spiral_fermat((&x, &y), (0.0, 1.0), (1.0, 1.0), 0.3, 1.5, Some(0.4), 0.2)?, FERMAT);
    Ok(())
}

const SPIRAL: &str = "\
    0.3,1.0 0.09270509831248423,1.3804226065180614 \
    -0.24270509831248419,1.2351141009169893 -0.24270509831248427,0.7648858990830107 \
    0.09270509831248416,0.6195773934819385 -0.48541019662496837,1.4702282018339785 \
    0.48541019662496837,0.5297717981660213 \
";

const FERMAT: &str = "\
    -0.14747433196223075,1.1801299353851424 0.2107660077463314,1.3665519577629668 \
    -0.3938842463937954,0.9070943088188231 0.3773437814202296,0.679967583243386 \
";
