/// Moves a stage by 2 mm and then by another 2 mm, at 2 mm/s.
pub fn align() -> skyspan::harness::Outcome {
    use skyspan::prelude::*;
    let lab = Harness::new();
    let stage = lab.add(SimMotor::new("stage").velocity(2.0).acceleration_time_s(0.0));
    lab.run(plan(async move |p| {
        p.trace("align", async |p| {
            p.mv(&stage, 2).await?;
            p.mv(&stage, 4).await
        })
        .await
    }))
}
