{
use skyspan::value::Value;
let lab = Harness::new();
skyspan::property::again::furnish(&lab, |lab| {
    lab.add(SynAxis::new("stage").delay_s(0.2));
});
let stage = lab.device("stage");
let run = lab.run(plan(async move |p| {
    p.abs_set(&stage, 0).await?;
    p.wait(Value::Null).await?;
    Ok(())
}).named("messages"));
(lab, run)
}
