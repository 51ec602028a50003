{
let lab = Harness::new();
let case: (i64, u64) = (
    0,
    3,
);
skyspan::property::again::check_case(&lab, &case, |lab, &(to, points)| {
    let run = lab.run(plans::scan(&lab.device("det"), &lab.device("motor"), 0, to, points));
    (run.events().count() < 3).or_fail(format!("{points} events"))
}).unwrap();
}
