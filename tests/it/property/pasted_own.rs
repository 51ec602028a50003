{
let lab = Harness::new();
let case: (i64, u64) = (
    0,
    3,
);
let run = lab.run(skyspan::property::again::plan_of_case(&lab, &case, |lab, &(to, points)| plans::scan(&lab.device("det"), &lab.device("motor"), 0, to, points)));
(lab, run)
}
